//! An organisation's store: made, opened, admitted, closed. Requests, agreements and messages are in modules of their own.

mod access;
mod agreements;
mod clusters;
mod invitations;
mod messages;
mod requests;
mod rights;
mod suppliers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Result;
use crate::handle::Handle;
use crate::{AnchorInfo, CancelHandle, Platform, TermsInfo, json, task, trust};

pub use access::OrgRead;
pub use agreements::{GoneField, OrgAgreement, OrgAgreementState, OrgAgreementSummary, SentMessage, SentMessageState};
pub use clusters::{Cluster, ClusterMember, ClusterName, ClusterStatement};
pub use invitations::{InvitationAudience, InvitationSpec, Letter, OrgInvitation};
pub use messages::{DeliveryReport, OrgEvent};
pub use requests::{
    FieldSpec, HostedRequest, HostedRequestState, HostedRequestSummary, ReceivedAnswer, ReceivedField, RequestSpec,
};
pub use rights::{DeliverySpec, OrgRightsRequest, OrgRightsState, RightsAnswer};

/// Who an organisation is, and what its offers say of how it treats data.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrganisationProfile {
    /// The legal name.
    pub legal_name: String,
    /// The registration number, such as `GB-COH-01234567`.
    pub organisation_id: String,
    /// The country whose law applies: ISO 3166-1 alpha-2.
    pub country: String,
    /// Where it is reached by post.
    pub address: String,
    /// Where a person asks about their data: a mail address, a telephone number or a URL.
    pub contact: String,
    /// The privacy notice: an https address.
    pub privacy_notice: String,
    /// The terms that people accept.
    pub terms: OrganisationTerms,
    /// The countries where data is stored, ISO 3166-1 alpha-2; at least one.
    pub storage: Vec<String>,
}

/// The terms that people accept: where they stand, and what exactly they are.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrganisationTerms {
    /// An https address.
    pub uri: String,
    /// Their version, in the organisation's own counting.
    pub version: String,
    /// SHA-256 of the document's bytes, base64url; [`organisation_terms`] makes it.
    pub sha256: String,
}

/// An open store of an organisation.
#[derive(uniffi::Object)]
pub struct Organisation {
    store: Handle<kist_pds::Organisation>,
}

/// The terms that stand in `document`.
#[uniffi::export]
pub fn organisation_terms(uri: String, version: String, document: Vec<u8>) -> Result<OrganisationTerms> {
    Ok(kist_pds::OrganisationTerms::of_document(&uri, &version, &document).into())
}

/// Whether there is a store in the folder.
#[uniffi::export]
pub fn organisation_exists(folder: String) -> Result<bool> {
    Ok(kist_pds::Organisation::exists(Path::new(&folder)))
}

/// Makes a store and the organisation's signing key, under a passphrase.
///
/// Errors: `Malformed` with the part of the profile that can't stand in an offer, `AlreadyExists`, `StorageFull` …
#[uniffi::export]
pub async fn create_organisation(
    folder: String,
    platform: Platform,
    passphrase: String,
    profile: OrganisationProfile,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Organisation>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    task::run(&cancel, async move {
        let store = kist_pds::Organisation::create(&folder, platform, &passphrase, profile.into()).await?;
        Ok(Organisation::of(store))
    })
    .await
}

/// Opens a store with its passphrase.
///
/// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
#[uniffi::export]
pub async fn open_organisation(
    folder: String,
    platform: Platform,
    passphrase: String,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Organisation>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    task::run(&cancel, async move {
        let store = kist_pds::Organisation::open(&folder, platform, &passphrase).await?;
        Ok(Organisation::of(store))
    })
    .await
}

impl Organisation {
    fn of(store: kist_pds::Organisation) -> Arc<Self> {
        Arc::new(Organisation {
            store: Handle::new(store),
        })
    }
}

#[uniffi::export]
impl Organisation {
    /// Who the organisation says it is.
    pub async fn profile(&self, cancel: Arc<CancelHandle>) -> Result<OrganisationProfile> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.profile().await?.into()) }).await
    }

    /// What the organisation gives to the operator of a framework: a compact JWS. `spec` is JSON: `contacts`,
    /// `supervisory_authority`, `privacy_policy`, `intended_uses`, `issues`, `terms`, `dns_name`.
    ///
    /// Errors: `Malformed`.
    pub async fn apply(&self, spec: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let store = self.store.get()?;
        let spec: kist_pds::ApplicationSpec = json::read_as(&spec, "application")?;
        task::run(&cancel, async move { Ok(store.apply(spec).await?) }).await
    }

    /// Installs what the operator gave back, which is JSON. A later one replaces it.
    ///
    /// Errors: `UntrustedKey` for another organisation's admission, `Malformed`, `DowngradeRefused`.
    pub async fn install(&self, admission: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        let admission: kist_pds::Admission = json::read_as(&admission, "admission")?;
        task::run(&cancel, async move { Ok(store.install(admission).await?) }).await
    }

    /// The relay that requests and mailboxes are made on, where one is set.
    pub async fn relay(&self, cancel: Arc<CancelHandle>) -> Result<Option<String>> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.relay().await?) }).await
    }

    /// Sets the relay for what is made from now on. `AddressRefused`.
    pub async fn set_relay(&self, relay: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.set_relay(&relay).await?) }).await
    }

    /// Believes a framework from now on: whose credentials are accepted. See [`crate::Person::add_anchor`].
    pub async fn add_anchor(&self, bundle: String, cancel: Arc<CancelHandle>) -> Result<AnchorInfo> {
        trust::add_anchor(self.store.get()?.trust(), bundle, cancel).await
    }

    /// Takes a newer list, a compact JWS, of a framework that is believed.
    pub async fn update_trust_list(
        &self,
        label: String,
        list: String,
        cancel: Arc<CancelHandle>,
    ) -> Result<AnchorInfo> {
        trust::update_trust_list(self.store.get()?.trust(), label, list, cancel).await
    }

    /// Fetches the newest list from where the framework publishes it.
    pub async fn refresh_trust_list(&self, label: String, cancel: Arc<CancelHandle>) -> Result<AnchorInfo> {
        trust::refresh_trust_list(self.store.get()?.trust(), label, cancel).await
    }

    /// The frameworks that are believed.
    pub async fn anchors(&self, cancel: Arc<CancelHandle>) -> Result<Vec<AnchorInfo>> {
        trust::anchors(self.store.get()?.trust(), cancel).await
    }

    /// Believes a framework no longer.
    pub async fn remove_anchor(&self, label: String, cancel: Arc<CancelHandle>) -> Result<()> {
        trust::remove_anchor(self.store.get()?.trust(), label, cancel).await
    }

    /// The terms of a framework that is believed. See [`crate::Person::framework_terms`].
    pub async fn framework_terms(&self, label: String, cancel: Arc<CancelHandle>) -> Result<Option<TermsInfo>> {
        trust::framework_terms(self.store.get()?.trust(), label, cancel).await
    }

    /// Accepts the terms of this hash. See [`crate::Person::accept_terms`]; an application names them for the framework.
    pub async fn accept_terms(&self, label: String, sha256: String, cancel: Arc<CancelHandle>) -> Result<TermsInfo> {
        trust::accept_terms(self.store.get()?.trust(), label, sha256, cancel).await
    }

    /// Notes the store's generation where the platform protects it, and lets go of the store. Calls after this fail with
    /// `NotFound`; closing again does nothing.
    pub async fn close_store(&self) -> Result<()> {
        match self.store.take() {
            Some(store) => {
                let cancel = CancelHandle::new()?;
                task::run(&cancel, async move { Ok(store.close().await?) }).await
            }
            None => Ok(()),
        }
    }
}

impl From<kist_pds::OrganisationProfile> for OrganisationProfile {
    fn from(profile: kist_pds::OrganisationProfile) -> Self {
        OrganisationProfile {
            legal_name: profile.legal_name,
            organisation_id: profile.organisation_id,
            country: profile.country,
            address: profile.address,
            contact: profile.contact,
            privacy_notice: profile.privacy_notice,
            terms: profile.terms.into(),
            storage: profile.storage,
        }
    }
}

impl From<OrganisationProfile> for kist_pds::OrganisationProfile {
    fn from(profile: OrganisationProfile) -> Self {
        kist_pds::OrganisationProfile {
            legal_name: profile.legal_name,
            organisation_id: profile.organisation_id,
            country: profile.country,
            address: profile.address,
            contact: profile.contact,
            privacy_notice: profile.privacy_notice,
            terms: kist_pds::OrganisationTerms {
                uri: profile.terms.uri,
                version: profile.terms.version,
                sha256: profile.terms.sha256,
            },
            storage: profile.storage,
        }
    }
}

impl From<kist_pds::OrganisationTerms> for OrganisationTerms {
    fn from(terms: kist_pds::OrganisationTerms) -> Self {
        OrganisationTerms {
            uri: terms.uri,
            version: terms.version,
            sha256: terms.sha256,
        }
    }
}
