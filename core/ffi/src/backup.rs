//! Backup and recovery, as they cross the bridge.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::progress::told;
use crate::{CancelHandle, Person, Platform, ProgressListener, task};

/// What a person writes down or prints. Shown once; nothing of it is kept.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
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

/// What a run of the backup came to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BackupReport {
    /// The sequence of the head that now stands.
    pub sequence: u64,
    /// Bytes that were uploaded.
    pub bytes_sent: u64,
    /// Changes of the store that weren't in the backup before.
    pub changes: u64,
}

/// Where the backup stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
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
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
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

/// A device that may write to the backup.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeviceInfo {
    /// Its id.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// Whether it is this one.
    pub this_device: bool,
}

/// What the person has of their recovery kit.
#[derive(Clone, uniffi::Record)]
pub struct RecoveryInput {
    /// The code as typed, or the text of the kit's QR.
    pub code: String,
    /// The relay, where the code was typed.
    #[uniffi(default)]
    pub relay: Option<String>,
}

/// What is known of the newest backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Freshness {
    /// Nothing: the restore stops with `FreshnessUnproven` and says what it found.
    Unknown,
    /// The person has seen date and device of the head with this sequence, and goes on.
    Confirmed {
        /// The sequence.
        sequence: u64,
    },
    /// This device, or another that can be asked, has seen the head with this sequence.
    AtLeast {
        /// The sequence.
        sequence: u64,
    },
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RestoreReport {
    /// The sequence of the backup's head.
    pub sequence: u64,
    /// When it was made, Unix seconds, by its device's clock.
    pub made_at: i64,
    /// The device that made it.
    pub device_name: String,
    /// Records that came back.
    pub records: u64,
    /// Bytes that were downloaded.
    pub bytes_received: u64,
}

/// A restored store.
#[derive(Clone, uniffi::Record)]
pub struct Restored {
    /// The store, open.
    pub person: Arc<Person>,
    /// What came back.
    pub report: RestoreReport,
}

/// Names a mistyped group of a recovery code before anything is fetched: `RecoveryCodeMistyped`.
#[uniffi::export]
pub fn check_recovery_code(code: String) -> Result<()> {
    Ok(kist_pds::check_recovery_code(&code)?)
}

/// Restores a backup into a folder without a store, as a new device under a passphrase of its own. Everything is verified
/// before there is a store; after an error, or cancelled, there is none.
///
/// Errors: `RecoveryCodeMistyped` with the group, `KeyMismatch`, `NoBackup`, `FreshnessUnproven`, `RollbackDetected`,
/// `ManifestMismatch`, `UnknownAuthor`, `AuthenticationFailed`, `AlreadyExists`, `Unreachable` …
#[uniffi::export]
pub async fn restore_person(
    folder: String,
    platform: Platform,
    input: RecoveryInput,
    passphrase: String,
    freshness: Freshness,
    listener: Option<Arc<dyn ProgressListener>>,
    cancel: Arc<CancelHandle>,
) -> Result<Restored> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    let input = kist_pds::RecoveryInput {
        code: input.code,
        relay: input.relay,
    };
    let freshness = match freshness {
        Freshness::Unknown => kist_pds::Freshness::Unknown,
        Freshness::Confirmed { sequence } => kist_pds::Freshness::Confirmed(sequence),
        Freshness::AtLeast { sequence } => kist_pds::Freshness::AtLeast(sequence),
    };
    task::run(&cancel, async move {
        let (person, report) =
            kist_pds::Person::restore(&folder, platform, &input, &passphrase, freshness, told(listener)).await?;
        Ok(Restored {
            person: Person::of(person),
            report: RestoreReport {
                sequence: report.sequence,
                made_at: report.made_at,
                device_name: report.device_name,
                records: report.records,
                bytes_received: report.bytes_received,
            },
        })
    })
    .await
}

#[uniffi::export]
impl Person {
    /// Makes a vault on the relay and a recovery kit.
    ///
    /// Errors: `AlreadyExists` when backup is set up, `AddressRefused`, `Unreachable`.
    pub async fn set_up_backup(&self, relay: String, cancel: Arc<CancelHandle>) -> Result<RecoveryKit> {
        let backup = self.store.get()?.backup();
        task::run(&cancel, async move {
            let kit = backup.set_up(&relay).await?;
            Ok(RecoveryKit {
                code: kit.code,
                relay: kit.relay,
                uri: kit.uri,
            })
        })
        .await
    }

    /// Brings the backup up to date: what changed since the last time and nothing else. Cancelled, it goes on there the
    /// next time.
    ///
    /// Errors: `NoBackup` before it is set up, `RollbackDetected`, `ForkDetected`, `HeadMoved`, `Unreachable`.
    pub async fn run_backup(
        &self,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<BackupReport> {
        let backup = self.store.get()?.backup();
        task::run(&cancel, async move {
            let report = backup.run(told(listener)).await?;
            Ok(BackupReport {
                sequence: report.sequence,
                bytes_sent: report.bytes_sent,
                changes: report.changes,
            })
        })
        .await
    }

    /// Where the backup stands, without asking the relay.
    pub async fn backup_status(&self, cancel: Arc<CancelHandle>) -> Result<BackupStatus> {
        let backup = self.store.get()?.backup();
        task::run(&cancel, async move {
            let status = backup.status().await?;
            Ok(BackupStatus {
                relay: status.relay,
                last_backup_at: status.last_backup_at,
                sequence: status.sequence,
                pending_changes: status.pending_changes,
            })
        })
        .await
    }

    /// Restores the backup into a folder apart, looks at it and throws it away: proof that it can be restored.
    pub async fn rehearse_restore(
        &self,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<RehearsalReport> {
        let backup = self.store.get()?.backup();
        task::run(&cancel, async move {
            let report = backup.rehearse(told(listener)).await?;
            Ok(RehearsalReport {
                sequence: report.sequence,
                made_at: report.made_at,
                records: report.records,
                bytes_received: report.bytes_received,
            })
        })
        .await
    }

    /// The devices that may write to the backup.
    pub async fn devices(&self, cancel: Arc<CancelHandle>) -> Result<Vec<DeviceInfo>> {
        let backup = self.store.get()?.backup();
        let info = |device: kist_pds::DeviceInfo| DeviceInfo {
            id: device.id,
            name: device.name,
            this_device: device.this,
        };
        task::run(&cancel, async move {
            Ok(backup.devices().await?.into_iter().map(info).collect())
        })
        .await
    }
}
