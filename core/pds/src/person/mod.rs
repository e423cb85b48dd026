//! A person's side: one store, and the sub-clients that work on it.

mod answers;
mod backup;
mod clusters;
mod connections;
mod consents;
mod contacts;
mod dashboard;
mod decision;
mod events;
mod inbox;
mod mailbox;
mod people;
mod push;
mod records;
mod relationships;
mod reminders;
mod requests;
mod rights;
mod rules;
mod settings;
pub(crate) mod standing_access;
mod transfers;
mod withdrawals;

use std::path::Path;
use std::sync::Arc;

use crate::files::Files;
use crate::home::{Home, Unlock};
use crate::{Freshness, History, Platform, ProgressFn, Result, Trust, blocking, evidence};

pub use answers::EffortSaved;
pub use backup::{
    Backup, BackupStatus, DeviceInfo, RecoveryInput, RecoveryKit, RehearsalReport, RestoreReport, check_recovery_code,
};
pub use clusters::{ClusterMemberView, ClusterView, Clusters, MemberStanding};
pub use connections::{ConnectionState, ConnectionSummary, Connections};
pub use consents::{
    ConsentDetail, ConsentState, ConsentSummary, Consents, GivenField, Narrowing, NarrowingInfo, WithdrawalProgress,
    WithdrawalState,
};
pub use contacts::notes::Origin as ConnectionOrigin;
pub use contacts::{Contact, ContactUse, Directory, Introduction};
pub use dashboard::{ConsentAct, ConsentFilter, ConsentOutcome};
pub use decision::{Choice, Decision, OpenRequest};
pub use events::InboxEvent;
pub use inbox::Inbox;
pub use mailbox::InboxItem;
pub use people::{KnownPerson, People, PersonLink, PersonState, Share, ShareDirection, ShareSpec, ShareState};
pub use push::{Push, PushReport, PushSubscriptions};
pub use records::{Records, SchemaInfo, schemas};
pub use reminders::{Due, Reminders};
#[cfg(feature = "bench")]
pub(crate) use requests::timed;
pub use requests::{RefusedRequest, Requests};
pub use rights::{
    CorrectedField, DataRights, Report, ReportSubject, RightsDetail, RightsSpec, RightsStage, RightsSummary,
};
pub use rules::{RuleList, Rules};
pub use standing_access::{ReadInfo, ReadState};

/// An open store of a person. Cheap to clone; the keys are wiped when the last clone is gone.
#[derive(Clone)]
pub struct Person {
    pub(crate) home: Arc<Home>,
}

impl Person {
    /// Whether there is a store in the folder.
    pub fn exists(dir: &Path) -> bool {
        Home::exists(dir)
    }

    /// Makes a store with a fresh root key, under a passphrase.
    ///
    /// Errors: `AlreadyExists`, `StorageFull`, `Storage`, `PlatformKey`.
    pub async fn create(dir: &Path, platform: Platform, passphrase: &str) -> Result<Person> {
        let (dir, passphrase) = (dir.to_owned(), passphrase.to_owned());
        let home = blocking::run(move || Home::create(&dir, platform, &passphrase)).await?;
        Ok(Person { home: Arc::new(home) })
    }

    /// Opens a store with its passphrase.
    ///
    /// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
    pub async fn open(dir: &Path, platform: Platform, passphrase: &str) -> Result<Person> {
        let (dir, passphrase) = (dir.to_owned(), passphrase.to_owned());
        let open = move || Home::open(&dir, platform, &Unlock::Passphrase(&passphrase));
        Ok(Person {
            home: Arc::new(blocking::run(open).await?),
        })
    }

    /// Opens a store by the platform's key store; see [`Person::enable_device_unlock`].
    pub async fn open_with_device(dir: &Path, platform: Platform) -> Result<Person> {
        let dir = dir.to_owned();
        let open = move || Home::open(&dir, platform, &Unlock::Device);
        Ok(Person {
            home: Arc::new(blocking::run(open).await?),
        })
    }

    /// Restores a backup into a folder without a store, as a new device under a passphrase of its own. Everything is
    /// verified before there is a store; after an error, or when the future is dropped, there is none.
    ///
    /// A fresh device can't know whether the relay shows the newest backup: with [`Freshness::Unknown`] this stops with
    /// `FreshnessUnproven` and says date and device, for the person to confirm.
    ///
    /// Errors: `RecoveryCodeMistyped` with the group, `KeyMismatch`, `NoBackup`, `FreshnessUnproven`, `RollbackDetected`,
    /// `ManifestMismatch`, `UnknownAuthor`, `AuthenticationFailed`, `AlreadyExists`, `Unreachable` …
    pub async fn restore(
        dir: &Path,
        platform: Platform,
        input: &RecoveryInput,
        passphrase: &str,
        freshness: Freshness,
        progress: ProgressFn,
    ) -> Result<(Person, RestoreReport)> {
        let (home, report) = backup::restore(dir, platform, input, passphrase, freshness, progress).await?;
        Ok((Person { home }, report))
    }

    /// Lets the platform's key store open the store (screen lock, biometrics).
    pub async fn enable_device_unlock(&self) -> Result<()> {
        self.home.blocking(Home::enable_device_unlock).await
    }

    /// Replaces the passphrase.
    pub async fn change_passphrase(&self, passphrase: &str) -> Result<()> {
        let passphrase = passphrase.to_owned();
        self.home
            .blocking(move |home| home.change_passphrase(&passphrase))
            .await
    }

    /// Notes the store's generation where the platform protects it, and lets go of the store.
    pub async fn close(self) -> Result<()> {
        self.home.blocking(evidence::sign_if_due).await?;
        self.home.blocking(Home::note_generation).await
    }

    /// The relay that this person's mailboxes and backup are made on, where one is set.
    pub async fn relay(&self) -> Result<Option<String>> {
        self.home.blocking(settings::relay).await
    }

    /// Sets the relay for what is made from now on.
    pub async fn set_relay(&self, relay: &str) -> Result<()> {
        let relay = relay.to_owned();
        self.home.blocking(move |home| settings::set_relay(home, &relay)).await
    }

    /// What the person keeps.
    pub fn records(&self) -> Records {
        Records {
            home: Arc::clone(&self.home),
        }
    }

    /// Attached files.
    pub fn files(&self) -> Files {
        Files {
            home: Arc::clone(&self.home),
        }
    }

    /// Whom the person believes.
    pub fn trust(&self) -> Trust {
        Trust {
            home: Arc::clone(&self.home),
        }
    }

    /// Requests of organisations.
    pub fn requests(&self) -> Requests {
        Requests {
            home: Arc::clone(&self.home),
        }
    }

    /// Messages of organisations.
    pub fn inbox(&self) -> Inbox {
        Inbox {
            home: Arc::clone(&self.home),
        }
    }

    /// What the person decided beforehand.
    pub fn rules(&self) -> Rules {
        Rules {
            home: Arc::clone(&self.home),
        }
    }

    /// With whom the person stands in contact, and whom they can contact.
    pub fn connections(&self) -> Connections {
        Connections {
            home: Arc::clone(&self.home),
        }
    }

    /// Organisations that serve the same people together, decided on in one place.
    pub fn clusters(&self) -> Clusters {
        Clusters {
            home: Arc::clone(&self.home),
        }
    }

    /// Other people, and what is shared with them.
    pub fn people(&self) -> People {
        People {
            home: Arc::clone(&self.home),
        }
    }

    /// Subscriptions of a push service, which is told without content that something has come.
    pub fn push(&self) -> PushSubscriptions {
        PushSubscriptions {
            home: Arc::clone(&self.home),
        }
    }

    /// What was agreed.
    pub fn consents(&self) -> Consents {
        Consents {
            home: Arc::clone(&self.home),
        }
    }

    /// Requests of rights over the person's data, and reports.
    pub fn rights(&self) -> DataRights {
        DataRights {
            home: Arc::clone(&self.home),
        }
    }

    /// What the person is to be reminded of.
    pub fn reminders(&self) -> Reminders {
        Reminders {
            home: Arc::clone(&self.home),
        }
    }

    /// What happened.
    pub fn history(&self) -> History {
        History {
            home: Arc::clone(&self.home),
        }
    }

    /// Backup and recovery.
    pub fn backup(&self) -> Backup {
        Backup {
            home: Arc::clone(&self.home),
        }
    }
}
