//! Backup: what the relay holds for the person, which it can neither read nor link; and the recovery code that brings it
//! back.

use std::str::FromStr;
use std::sync::Arc;

use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{OsRandom, RecoveryCode, Secret, base64url, from_base64url};
use kist_sync::{
    Backup as Run, BackupReport, BackupState, Device, DeviceList, DeviceRole, Freshness, Progress, Recovered, Signer,
    restore,
};
use kist_vault::Vault;
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::home::{Home, to_json};
use crate::relay::{Relay, VaultLogin, VaultSession, random};
use crate::{Error, ProgressFn, Result, disk};

/// What belongs to this device alone: it is in no backup.
const COLLECTION: &str = "local/backup";
const SETUP: &str = "setup";
const STATE: &str = "state";
/// The name of the device's key in the platform's key store.
const KEY_NAME: &str = "kist-device";

/// How this device reaches its backup.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) relay: String,
    pub(super) vault: VaultId,
    pub(super) device: DeviceId,
    pub(super) identity: kist_wire::PublicKey,
    /// The device's key, base64url, where the platform has no key store that holds it.
    pub(super) key: Option<String>,
}

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
    /// Something was changed since.
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
        let (setup, key) = crate::blocking(move || new_device(&home, &origin, vault, device, None)).await?;
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
        self.home
            .blocking(move |home| {
                let devices = begin_devices(home, &setup, &key, recovery_device, &login)?;
                let state = BackupState::new(vault, device, devices);
                home.transaction(|changes| {
                    changes.keep(COLLECTION, SETUP, &to_json(&setup)?)?;
                    Ok(changes.keep(COLLECTION, STATE, &state.to_bytes())?)
                })
            })
            .await?;
        Ok(kit(&code, relay.origin().as_str()))
    }

    /// Brings the backup up to date: what changed since the last time and nothing else. Dropping the future stops it; the
    /// next run goes on where it was.
    ///
    /// Errors: `NoBackup` before it is set up, `RollbackDetected`, `ForkDetected`, `HeadMoved`, `Unreachable`.
    pub async fn run(&self, progress: ProgressFn) -> Result<BackupReport> {
        let (setup, mut state) = self.home.blocking(loaded).await?;
        let session = session(&self.home, Relay::new(self.home.backup.clone(), &setup.relay)?, &setup)?;
        let sign = device_signer(&self.home, &setup)?;
        let identity = identity(&setup)?;
        let home = Arc::clone(&self.home);
        let now = home.platform.now_ms();
        let save = move |state: &BackupState| Ok(home.vault.keep(COLLECTION, STATE, &state.to_bytes(), now)?);
        let report = |at: Progress| progress(at);
        let run = Run {
            vault: &self.home.vault,
            remote: &session,
            root: &self.home.root,
            identity: &identity,
            device_name: &self.home.platform.device_name,
            sign: &*sign,
            save: &save,
            progress: &report,
        };
        let report = run.run(&mut state, self.home.platform.now(), &mut OsRandom).await?;
        self.home.blocking(Home::note_generation).await?;
        Ok(report)
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
                let (_, state) = loaded(home)?;
                Ok(BackupStatus {
                    relay: Some(setup.relay),
                    last_backup_at: state.backed_up_at,
                    sequence: state.sequence(),
                    pending_changes: home.vault.last_position()? > state.position(),
                })
            })
            .await
    }

    /// Restores the backup into a folder apart, looks at it and throws it away: proof that it can be restored.
    pub async fn rehearse(&self, progress: ProgressFn) -> Result<RehearsalReport> {
        let (setup, state) = self.home.blocking(loaded).await?;
        let session = session(&self.home, Relay::new(self.home.backup.clone(), &setup.relay)?, &setup)?;
        let recovered = Recovered {
            root: self.home.root.clone(),
            vault: setup.vault,
            recovery_device: setup.device,
            identity: identity(&setup)?,
        };
        let scratch = Scratch::new(self.home.scratch("rehearsal"))?;
        let (dir, root) = (scratch.0.clone(), self.home.root.clone());
        let vault = crate::blocking(move || Ok(Vault::create(&dir, &root)?)).await?;
        let report = move |at: Progress| progress(at);
        let restored = restore(
            &session,
            &recovered,
            Freshness::AtLeast(state.sequence()),
            &vault,
            &report,
        )
        .await?;
        let records = vault.list(&kist_vault::Filter::default())?.len() as u64;
        Ok(RehearsalReport {
            sequence: restored.head.head.sequence,
            made_at: restored.head.head.made_at,
            records,
            bytes_received: restored.bytes_received,
        })
    }

    /// The devices that may write to the backup.
    pub async fn devices(&self) -> Result<Vec<DeviceInfo>> {
        self.home
            .blocking(|home| {
                let (setup, state) = loaded(home)?;
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
pub(super) fn read_kit(text: &str) -> (&str, Option<&str>) {
    match text.trim().strip_prefix("kist-recovery:") {
        Some(kit) => kit
            .split_once('#')
            .map_or((kit, None), |(code, relay)| (code, Some(relay))),
        None => (text.trim(), None),
    }
}

pub(super) fn setup(home: &Home) -> Result<Option<Setup>> {
    home.kept(COLLECTION, SETUP)
}

fn loaded(home: &Home) -> Result<(Setup, BackupState)> {
    let setup = setup(home)?.ok_or_else(|| Error::new("NoBackup"))?;
    let state = home
        .vault
        .kept(COLLECTION, STATE)?
        .ok_or_else(|| Error::new("NoBackup"))?;
    Ok((setup, BackupState::from_bytes(&state)?))
}

/// Stores how a restored device reaches its backup.
pub(super) fn keep(home: &Home, setup: &Setup, state: &BackupState) -> Result<()> {
    home.transaction(|changes| {
        changes.keep(COLLECTION, SETUP, &to_json(setup)?)?;
        Ok(changes.keep(COLLECTION, STATE, &state.to_bytes())?)
    })
}

/// A device's key: in the platform's key store where there is one, else in the vault.
pub(super) fn new_device(
    home: &Home,
    relay: &str,
    vault: VaultId,
    device: DeviceId,
    identity: Option<PublicKey>,
) -> Result<(Setup, PublicKey)> {
    let (key, public) = match &home.platform.secure_area {
        Some(area) => (None, area.signing_key(KEY_NAME)?),
        None => {
            let key = SigningKey::generate(&mut OsRandom);
            (Some(base64url(key.to_secret().expose())), key.public())
        }
    };
    let identity = identity.unwrap_or(public).to_sec1().into();
    Ok((
        Setup {
            relay: relay.to_owned(),
            vault,
            device,
            identity,
            key,
        },
        public,
    ))
}

type SharedSigner = Arc<dyn Fn(&[u8]) -> kist_crypto::Result<[u8; 64]> + Send + Sync>;

/// Signs with this device's key.
pub(super) fn device_signer(home: &Home, setup: &Setup) -> Result<SharedSigner> {
    match (&setup.key, &home.platform.secure_area) {
        (Some(key), _) => {
            let secret =
                Secret::from_slice(&from_base64url(key)?).ok_or_else(|| Error::new("Corrupt").with("part", "item"))?;
            let key = SigningKey::from_secret(&secret)?;
            Ok(Arc::new(move |message| Ok(key.sign(message))))
        }
        (None, Some(area)) => {
            let area = Arc::clone(area);
            Ok(Arc::new(move |message| area.sign(KEY_NAME, message)))
        }
        (None, None) => Err(Error::new("PlatformKey").with("state", "Unavailable")),
    }
}

pub(super) fn session(home: &Home, relay: Relay, setup: &Setup) -> Result<VaultSession> {
    let login = VaultLogin {
        vault: setup.vault,
        device: setup.device,
        sign: device_signer(home, setup)?,
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
    let (now, sign) = (home.platform.now(), device_signer(home, setup)?);
    let sign: Signer<'_> = &*sign;
    let this = device_entry(home, setup.device, key);
    let mut devices = DeviceList::begin(&setup.vault, this, now, sign)?;
    let recovery = Device {
        id: recovery_device,
        key: recovery_key.to_sec1().into(),
        role: DeviceRole::Recovery,
        name: "recovery".to_owned(),
    };
    devices.add(&setup.vault, recovery, now, setup.device, sign)?;
    Ok(devices)
}

/// This device as the list names it.
pub(super) fn device_entry(home: &Home, id: DeviceId, key: &PublicKey) -> Device {
    let name = home.platform.device_name.clone();
    Device {
        id,
        key: key.to_sec1().into(),
        role: DeviceRole::Device,
        name,
    }
}
