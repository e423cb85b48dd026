//! Backup: what the relay holds for the person, which it can neither read nor link; and the recovery code that brings it
//! back.

mod restore;

use std::str::FromStr;
use std::sync::Arc;

use kist_crypto::es256::PublicKey;
use kist_crypto::{OsRandom, RecoveryCode, Secret};
use kist_exchange::CodePurpose;
use kist_sync::{
    Backup as Run, BackupReport, BackupState, Device, DeviceList, DeviceRole, Freshness, Recovered, Restored, Signer,
    restore as fetch,
};
use kist_vault::{Transaction, Vault};
use kist_wire::{DeviceId, VaultId};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot};

use crate::device::{self, Setup, new_device, setup};
use crate::home::Home;
use crate::relay::{Relay, VaultLogin, VaultSession, random};
use crate::{Error, ProgressFn, Result, blocking, disk};

pub(in crate::person) use self::restore::restore;
pub use self::restore::{RecoveryInput, RestoreReport};

/// What a person writes down or prints. Shown once; nothing here is kept.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryKit {
    /// Seven groups of five symbols.
    pub code: String,
    /// The relay that holds the backup.
    pub relay: String,
    /// All of it, for the kit's QR.
    pub uri: String,
}

impl std::fmt::Debug for RecoveryKit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecoveryKit({}, …)", self.relay)
    }
}

/// Where the backup stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupStatus {
    /// The relay, where backup is set up.
    pub relay: Option<String>,
    /// When the last backup was complete, Unix seconds.
    pub last_backup_at: Option<i64>,
    /// The sequence of the last head; 0 before the first.
    pub sequence: u64,
    /// Something is in no head that stood on the relay, whether or not it was uploaded.
    pub pending_changes: bool,
}

/// What a rehearsal of the restore found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RehearsalReport {
    /// The sequence of the head that was restored.
    pub sequence: u64,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// Records that came back.
    pub records: u64,
    /// Bytes that were downloaded.
    pub bytes_received: u64,
}

/// A device of the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceInfo {
    /// Its id.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// Whether it is this one.
    pub this: bool,
}

/// Names a mistyped group of a recovery code before anything is fetched.
pub fn check_recovery_code(text: &str) -> Result<()> {
    Ok(RecoveryCode::from_str(text).map(drop)?)
}

/// The backup of a store.
#[derive(Clone)]
pub struct Backup {
    pub(crate) home: Arc<Home>,
}

impl Backup {
    /// Makes a vault on the relay and a recovery kit. Run again after it was interrupted, it makes both anew.
    ///
    /// Errors: `AlreadyExists` when backup is set up, `AddressRefused`, `Unreachable`.
    pub async fn set_up(&self, relay: &str) -> Result<RecoveryKit> {
        if self.home.blocking(setup).await?.is_some() {
            return Err(Error::new("AlreadyExists"));
        }
        let relay = Relay::new(self.home.backup.clone(), relay)?;
        let code = RecoveryCode::generate(&mut OsRandom);
        let (vault, device, recovery_device): (VaultId, [u8; 16], [u8; 16]) = (
            random(&mut OsRandom),
            *Secret::generate(&mut OsRandom).expose(),
            *Secret::generate(&mut OsRandom).expose(),
        );
        let (device, recovery_device) = (DeviceId::from(device), DeviceId::from(recovery_device));
        let origin = relay.origin().to_string();
        let home = Arc::clone(&self.home);
        let (setup, key) = blocking::run(move || new_device(&home, &origin, vault, device, None)).await?;
        let session = session(&self.home, relay.clone(), &setup)?;
        session.create(&key).await?;
        session.register(&recovery_device, &code.login_key().public()).await?;
        let recovered = Recovered {
            root: self.home.root.clone(),
            vault,
            recovery_device,
            identity: key,
        };
        let blob = recovered.seal(&code, &mut OsRandom);
        session
            .store_recovery(code.locator(), &code.login_key().public(), blob)
            .await?;
        let login = code.login_key().public();
        let (home, signed) = (Arc::clone(&self.home), setup.clone());
        let devices = blocking::run(move || begin_devices(&home, &signed, &key, recovery_device, &login)).await?;
        let state = BackupState::new(vault, device, devices);
        // Nothing is waited for from here on: a set-up backup whose code nobody was shown would be of no use.
        self.home.transaction(|changes| keep(changes, &setup, &state))?;
        Ok(kit(&code, relay.origin().as_str()))
    }

    /// Brings the backup up to date: what changed since the last time and nothing else. Dropping the future stops it; the
    /// next run goes on where it was.
    ///
    /// Errors: `NoBackup` before it is set up, `RollbackDetected`, `ForkDetected`, `HeadMoved`, `Unreachable`.
    pub async fn run(&self, progress: ProgressFn) -> Result<BackupReport> {
        let (line, home) = (self.line().await?, Arc::clone(&self.home));
        driven(async move {
            let Line { session, setup } = &*line;
            let (sign, identity) = (device::signer(&home, setup)?, identity(setup)?);
            let run = Run {
                vault: &home.vault,
                remote: session,
                root: &home.root,
                identity: &identity,
                device_name: &home.platform.device_name,
                sign: &*sign,
                progress: &*progress,
            };
            let report = run.run(home.platform.now(), &mut OsRandom).await?;
            home.note_generation()?;
            Ok(report)
        })
        .await
    }

    /// The line to the relay. Until it is dropped nobody else backs up.
    async fn line(&self) -> Result<OwnedMappedMutexGuard<Option<Line>, Line>> {
        let mut line = self.home.memory::<Mutex<Option<Line>>>().lock_owned().await;
        if line.is_none() {
            let setup = self.home.blocking(setup).await?.ok_or_else(|| Error::new("NoBackup"))?;
            let session = session(&self.home, Relay::new(self.home.backup.clone(), &setup.relay)?, &setup)?;
            *line = Some(Line { session, setup });
        }
        OwnedMutexGuard::try_map(line, Option::as_mut).map_err(|_| Error::new("Internal"))
    }

    /// Where the backup stands, without asking the relay.
    pub async fn status(&self) -> Result<BackupStatus> {
        self.home
            .blocking(|home| {
                let Some(setup) = setup(home)? else {
                    return Ok(BackupStatus {
                        relay: None,
                        last_backup_at: None,
                        sequence: 0,
                        pending_changes: true,
                    });
                };
                let state = state(home)?;
                Ok(BackupStatus {
                    relay: Some(setup.relay),
                    last_backup_at: state.backed_up_at(),
                    sequence: state.sequence(),
                    pending_changes: !state.is_complete(&home.vault)?,
                })
            })
            .await
    }

    /// Restores the backup into a folder apart, looks at it and throws it away: proof that it can be restored.
    ///
    /// Errors: as those of [`Person::restore`](crate::Person::restore).
    pub async fn rehearse(&self, progress: ProgressFn) -> Result<RehearsalReport> {
        let (line, home) = (self.line().await?, Arc::clone(&self.home));
        driven(async move {
            let Line { session, setup } = &*line;
            let state = state(&home)?;
            let recovered = Recovered {
                root: home.root.clone(),
                vault: setup.vault,
                recovery_device: setup.device,
                identity: identity(setup)?,
            };
            let scratch = Scratch::new(home.scratch("rehearsal"))?;
            let vault = Vault::create(&scratch.0, &home.root)?;
            let known = Freshness::AtLeast(state.sequence());
            let Restored { head, bytes_received } = fetch(session, &recovered, known, &vault, &*progress).await?;
            Ok(RehearsalReport {
                sequence: head.head.sequence,
                made_at: head.head.made_at,
                records: vault.list(&kist_vault::Filter::default())?.len() as u64,
                bytes_received,
            })
        })
        .await
    }

    /// The devices that may write to the backup.
    pub async fn devices(&self) -> Result<Vec<DeviceInfo>> {
        self.home
            .blocking(|home| {
                let setup = setup(home)?.ok_or_else(|| Error::new("NoBackup"))?;
                let state = state(home)?;
                let devices = state
                    .devices
                    .all_active()
                    .into_iter()
                    .filter(|device| device.role == DeviceRole::Device);
                let info = |device: &Device| DeviceInfo {
                    id: device.id.to_string(),
                    name: device.name.clone(),
                    this: device.id == setup.device,
                };
                Ok(devices.map(info).collect())
            })
            .await
    }
}

/// How an open store reaches its backup. The session with the relay is kept, so that a backup with nothing to do costs one
/// request. Held by whoever backs up or rehearses: one at a time.
struct Line {
    session: VaultSession,
    setup: Setup,
}

/// Runs what waits for the network and blocks on the disk by turns, on a thread of its own. When the future is dropped,
/// the work is dropped where it next waits.
pub(super) async fn driven<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (_wanted, unwanted) = oneshot::channel::<()>();
    let runtime = Handle::current();
    let driven = tokio::task::spawn_blocking(move || {
        runtime.block_on(async move {
            tokio::select! {
                biased;
                _ = unwanted => Err(Error::new("Cancelled")),
                done = work => done,
            }
        })
    });
    driven.await.unwrap_or_else(|_| Err(Error::new("Internal")))
}

/// A folder that is gone when this is.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(path: std::path::PathBuf) -> Result<Self> {
        if path.exists() {
            std::fs::remove_dir_all(&path).map_err(|error| disk::from_io(&error))?;
        }
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is sealed, and the next rehearsal clears it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn kit(code: &RecoveryCode, relay: &str) -> RecoveryKit {
    let code = code.reveal();
    let uri = format!("kist-recovery:{code}#{relay}");
    RecoveryKit {
        code,
        relay: relay.to_owned(),
        uri,
    }
}

/// Code and relay of a kit, from its QR or as typed.
///
/// Errors: `WrongPurpose` for the link of a request, or another code that is no kit.
pub(super) fn read_kit(text: &str) -> Result<(&str, Option<&str>)> {
    match (text.trim().strip_prefix("kist-recovery:"), CodePurpose::of(text)) {
        (Some(kit), _) => Ok(kit
            .split_once('#')
            .map_or((kit, None), |(code, relay)| (code, Some(relay)))),
        (None, Some(found)) => Err(kist_exchange::Error::WrongPurpose { found }.into()),
        (None, None) => Ok((text.trim(), None)),
    }
}

fn state(home: &Home) -> Result<BackupState> {
    BackupState::load(&home.vault)?.ok_or_else(|| Error::new("NoBackup"))
}

/// Keeps how this device reaches its backup, and where it stands.
pub(super) fn keep(changes: &Transaction<'_>, setup: &Setup, state: &BackupState) -> Result<()> {
    device::keep(changes, setup)?;
    Ok(state.keep(changes)?)
}

pub(super) fn session(home: &Home, relay: Relay, setup: &Setup) -> Result<VaultSession> {
    let login = VaultLogin {
        vault: setup.vault,
        device: setup.device,
        sign: device::signer(home, setup)?,
    };
    Ok(VaultSession::new(relay, login))
}

fn identity(setup: &Setup) -> Result<PublicKey> {
    Ok(PublicKey::from_sec1(setup.identity.as_bytes())?)
}

fn begin_devices(
    home: &Home,
    setup: &Setup,
    key: &PublicKey,
    recovery_device: DeviceId,
    recovery_key: &PublicKey,
) -> Result<DeviceList> {
    let (now, sign) = (home.platform.now(), device::signer(home, setup)?);
    let sign: Signer<'_> = &*sign;
    let this = device_entry(home, setup.device, key);
    let mut devices = DeviceList::begin(&setup.vault, this, now, sign)?;
    let recovery = Device::new(recovery_device, recovery_key, DeviceRole::Recovery, "recovery");
    devices.add(&setup.vault, recovery, now, setup.device, sign)?;
    Ok(devices)
}

/// This device as the list names it.
pub(super) fn device_entry(home: &Home, id: DeviceId, key: &PublicKey) -> Device {
    Device::new(id, key, DeviceRole::Device, &home.platform.device_name)
}

#[cfg(test)]
#[path = "backup_test.rs"]
mod backup_test;
