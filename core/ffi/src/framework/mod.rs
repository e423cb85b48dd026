//! The operator of a trust framework, as it crosses the bridge. What is handed from one role to another is JSON or a JWS.

mod log;
mod status;
mod terms;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kist_pds::Status;

use crate::error::Result;
use crate::handle::Handle;
use crate::{CancelHandle, Platform, json, task};

pub use log::FrameworkLogEntry;
pub use status::{CertificateStatus, FrameworkNotice, FrameworkStatus, ListStatus};
pub use terms::{TermsDraft, TermsNotice};

/// Who operates a framework.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FrameworkProfile {
    /// What the framework is called on a phone.
    pub label: String,
    /// The operator's legal name.
    pub legal_name: String,
    /// The operator's registration number, such as `GB-COH-01234567`.
    pub organisation_id: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where the list is published.
    #[uniffi(default)]
    pub list_url: Option<String>,
}

/// A member of a framework.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MemberInfo {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// `active`, `suspended` or `expelled`.
    pub status: String,
    /// Since when, Unix seconds.
    pub since: i64,
}

/// A framework, as its operator holds it.
#[derive(uniffi::Object)]
pub struct Framework {
    store: Handle<kist_pds::Framework>,
}

/// Whether there is a framework in the folder.
#[uniffi::export]
pub fn framework_exists(folder: String) -> Result<bool> {
    Ok(kist_pds::Framework::exists(Path::new(&folder)))
}

/// Founds a framework: makes the root's and the registrar's keys and certificates.
#[uniffi::export]
pub async fn create_framework(
    folder: String,
    platform: Platform,
    passphrase: String,
    profile: FrameworkProfile,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Framework>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    let profile = kist_pds::FrameworkProfile {
        label: profile.label,
        legal_name: profile.legal_name,
        organisation_id: profile.organisation_id,
        country: profile.country,
        list_url: profile.list_url,
    };
    task::run(&cancel, async move {
        let store = kist_pds::Framework::create(&folder, platform, &passphrase, profile).await?;
        Ok(Framework::of(store))
    })
    .await
}

/// Opens a framework with its passphrase.
#[uniffi::export]
pub async fn open_framework(
    folder: String,
    platform: Platform,
    passphrase: String,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Framework>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    task::run(&cancel, async move {
        let store = kist_pds::Framework::open(&folder, platform, &passphrase).await?;
        Ok(Framework::of(store))
    })
    .await
}

/// What an organisation applies for, as JSON, so that the operator can check it before [`Framework::admit`].
///
/// Errors: `SignatureInvalid`, `Malformed`, `TooLarge`.
#[uniffi::export]
pub fn read_application(application: String) -> Result<String> {
    json::text(&kist_pds::Framework::read_application(&application)?)
}

/// A directory of these invitations and statements of clusters, each a compact JWS, as JSON to publish: phones believe each
/// for its own signature.
#[uniffi::export]
pub fn directory_of(entries: Vec<String>) -> Result<String> {
    json::text(&kist_pds::Directory::of(entries))
}

impl Framework {
    fn of(store: kist_pds::Framework) -> Arc<Self> {
        Arc::new(Framework {
            store: Handle::new(store),
        })
    }

    async fn set_status(
        &self,
        organisation_id: String,
        to: Status,
        note: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move {
            Ok(store.set_status(&organisation_id, to, note).await?)
        })
        .await
    }
}

#[uniffi::export]
impl Framework {
    /// Admits an applicant, or renews a member's certificate and registration, for a year. Gives the admission, JSON.
    ///
    /// Errors: `SignatureInvalid`, `Malformed`, `StatusChangeRefused` for a member that is suspended or expelled.
    pub async fn admit(&self, application: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let store = self.store.get()?;
        task::run(&cancel, async move { json::text(&store.admit(&application).await?) }).await
    }

    /// Suspends a member, with the next list; `note` says why, in the operator's log.
    ///
    /// Errors: `NotFound`, `StatusChangeRefused`, `TooLarge` for a note of more than 1 KiB.
    pub async fn suspend(
        &self,
        organisation_id: String,
        note: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<()> {
        self.set_status(organisation_id, Status::Suspended, note, cancel).await
    }

    /// Makes a suspended member active again, with the next list. As [`Framework::suspend`].
    pub async fn reinstate(
        &self,
        organisation_id: String,
        note: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<()> {
        self.set_status(organisation_id, Status::Active, note, cancel).await
    }

    /// Expels a member for good, with the next list. As [`Framework::suspend`].
    pub async fn expel(&self, organisation_id: String, note: Option<String>, cancel: Arc<CancelHandle>) -> Result<()> {
        self.set_status(organisation_id, Status::Expelled, note, cancel).await
    }

    /// Says where the framework's directory of organisations lies, with the next list, so that phones find it by themselves;
    /// without an address, takes that back.
    ///
    /// Errors: `AddressRefused` for an address that no phone would ask.
    pub async fn set_directory(&self, url: Option<String>, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.set_directory(url.as_deref()).await?) }).await
    }

    /// Publishes the next list; its successor is due within `valid_days`. Gives what a phone believes from then on, JSON.
    pub async fn publish(&self, valid_days: u16, cancel: Arc<CancelHandle>) -> Result<String> {
        let store = self.store.get()?;
        task::run(&cancel, async move { json::text(&store.publish(valid_days).await?) }).await
    }

    /// The members, whatever their status.
    pub async fn members(&self, cancel: Arc<CancelHandle>) -> Result<Vec<MemberInfo>> {
        let store = self.store.get()?;
        let info = |member: kist_pds::MemberInfo| MemberInfo {
            organisation_id: member.organisation_id,
            legal_name: member.legal_name,
            status: member.status.to_owned(),
            since: member.since,
        };
        task::run(&cancel, async move {
            Ok(store.members().await?.into_iter().map(info).collect())
        })
        .await
    }

    /// Lets go of the store. Calls after this fail with `NotFound`; closing again does nothing.
    pub async fn close_store(&self) -> Result<()> {
        let store = self.store.take();
        // The last handle of a store writes as it goes.
        let cancel = CancelHandle::new()?;
        task::run(&cancel, async move {
            drop(store);
            Ok(())
        })
        .await
    }
}
