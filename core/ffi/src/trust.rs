//! Whom a person or an organisation believes.

use std::collections::HashMap;
use std::sync::Arc;

use kist_pds::{AnchorBundle, ListFreshness, Trust};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::{CancelHandle, Person, json, task};

/// A framework that is believed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AnchorInfo {
    /// What it is called.
    pub label: String,
    /// Who operates it.
    pub operator: String,
    /// The sequence number of the list in use.
    pub list_sequence: u64,
    /// When that list's successor is due, Unix seconds.
    pub next_update: i64,
    /// How fresh that list is.
    pub list_state: ListState,
    /// Until when it is used all the same, Unix seconds, where its successor is overdue.
    pub usable_until: Option<i64>,
    /// The organisations on the list.
    pub organisations: u64,
    /// Where the framework's directory of organisations lies, as that list says while it is used.
    #[uniffi(default)]
    pub directory: Option<String>,
}

/// How fresh a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ListState {
    /// Its successor isn't due yet.
    Current,
    /// Its successor was due; it is used for a while yet.
    Overdue,
    /// It is too old to be used: its organisations are refused.
    Expired,
}

/// The terms of a framework that is believed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TermsInfo {
    /// Their version.
    pub version: String,
    /// SHA-256 of what the framework signed of them, base64url.
    pub sha256: String,
    /// From when on they hold, Unix seconds.
    pub effective: i64,
    /// What they come to in plain words, by language; empty where the terms themselves haven't come yet.
    pub summary: HashMap<String, String>,
    /// The terms, by language.
    pub text: HashMap<String, String>,
    /// When the owner of the store accepted them, Unix seconds.
    pub accepted_at: Option<i64>,
}

/// Where an organisation stands in a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It may ask, deliver and issue.
    Active,
    /// It may not, for now.
    Suspended,
    /// It may not, and will not again.
    Expelled,
    /// The framework doesn't name it.
    Unlisted,
}

/// An organisation that stands elsewhere in its framework than it did. What was agreed with one that isn't active stands
/// still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct OrganisationChange {
    /// The framework's label.
    pub label: String,
    /// The organisation's id there.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// What the person knew.
    pub from: MemberState,
    /// Where it stands now.
    pub to: MemberState,
    /// Since when, Unix seconds.
    pub since: i64,
}

#[uniffi::export]
impl Person {
    /// Believes a framework from now on: `bundle` is the JSON that its operator hands out. Its root is pinned.
    ///
    /// Errors: `AlreadyExists`, `Malformed`, `TrustListNotTrusted`, `TrustListExpired`, `RollbackDetected`.
    pub async fn add_anchor(&self, bundle: String, cancel: Arc<CancelHandle>) -> Result<AnchorInfo> {
        add_anchor(self.store.get()?.trust(), bundle, cancel).await
    }

    /// Takes a newer list, a compact JWS, of a framework that is believed.
    pub async fn update_trust_list(
        &self,
        label: String,
        list: String,
        cancel: Arc<CancelHandle>,
    ) -> Result<AnchorInfo> {
        update_trust_list(self.store.get()?.trust(), label, list, cancel).await
    }

    /// Fetches the newest list from where the framework publishes it.
    pub async fn refresh_trust_list(&self, label: String, cancel: Arc<CancelHandle>) -> Result<AnchorInfo> {
        refresh_trust_list(self.store.get()?.trust(), label, cancel).await
    }

    /// The frameworks that are believed.
    pub async fn anchors(&self, cancel: Arc<CancelHandle>) -> Result<Vec<AnchorInfo>> {
        anchors(self.store.get()?.trust(), cancel).await
    }

    /// Believes a framework no longer.
    pub async fn remove_anchor(&self, label: String, cancel: Arc<CancelHandle>) -> Result<()> {
        remove_anchor(self.store.get()?.trust(), label, cancel).await
    }

    /// The terms of a framework that is believed, as its newest list has them; none where it has published none.
    ///
    /// Errors: `NotFound`.
    pub async fn framework_terms(&self, label: String, cancel: Arc<CancelHandle>) -> Result<Option<TermsInfo>> {
        framework_terms(self.store.get()?.trust(), label, cancel).await
    }

    /// Accepts the terms of this hash, which are to be the ones in force and to have been shown.
    ///
    /// Errors: `NotFound` where there are no such terms, or where they haven't come yet.
    pub async fn accept_terms(&self, label: String, sha256: String, cancel: Arc<CancelHandle>) -> Result<TermsInfo> {
        accept_terms(self.store.get()?.trust(), label, sha256, cancel).await
    }

    /// The organisations that stand elsewhere than the person was last told.
    pub async fn organisation_changes(&self, cancel: Arc<CancelHandle>) -> Result<Vec<OrganisationChange>> {
        let trust = self.store.get()?.trust();
        task::run(&cancel, async move { json::reshape(&trust.changes().await?) }).await
    }

    /// Notes that the person was told of these changes.
    pub async fn organisation_changes_told(
        &self,
        told: Vec<OrganisationChange>,
        cancel: Arc<CancelHandle>,
    ) -> Result<()> {
        let trust = self.store.get()?.trust();
        let told = json::text(&told)?;
        let told: Vec<kist_pds::OrganisationChange> = json::read_as(&told, "change")?;
        task::run(&cancel, async move { Ok(trust.told(told).await?) }).await
    }

    /// Whether requests of organisations that no framework vouches for are shown, and said to be such: for who develops an
    /// organisation's side. Off, unless it was switched on; on this device alone.
    pub async fn developer_mode(&self, cancel: Arc<CancelHandle>) -> Result<bool> {
        let trust = self.store.get()?.trust();
        task::run(&cancel, async move { Ok(trust.developer_mode().await?) }).await
    }

    /// Switches the developer's mode. That it was switched stands in the history.
    pub async fn set_developer_mode(&self, on: bool, cancel: Arc<CancelHandle>) -> Result<()> {
        let trust = self.store.get()?.trust();
        task::run(&cancel, async move { Ok(trust.set_developer_mode(on).await?) }).await
    }
}

impl From<kist_pds::MemberState> for MemberState {
    fn from(state: kist_pds::MemberState) -> Self {
        match state {
            kist_pds::MemberState::Active => Self::Active,
            kist_pds::MemberState::Suspended => Self::Suspended,
            kist_pds::MemberState::Expelled => Self::Expelled,
            kist_pds::MemberState::Unlisted => Self::Unlisted,
        }
    }
}

pub(crate) async fn add_anchor(trust: Trust, bundle: String, cancel: Arc<CancelHandle>) -> Result<AnchorInfo> {
    let bundle: AnchorBundle = json::read_as(&bundle, "anchor")?;
    task::run(&cancel, async move { Ok(trust.add_anchor(bundle).await?.into()) }).await
}

pub(crate) async fn update_trust_list(
    trust: Trust,
    label: String,
    list: String,
    cancel: Arc<CancelHandle>,
) -> Result<AnchorInfo> {
    task::run(&cancel, async move {
        Ok(trust.update_list(&label, list.trim()).await?.into())
    })
    .await
}

pub(crate) async fn refresh_trust_list(trust: Trust, label: String, cancel: Arc<CancelHandle>) -> Result<AnchorInfo> {
    task::run(&cancel, async move { Ok(trust.refresh(&label).await?.into()) }).await
}

pub(crate) async fn anchors(trust: Trust, cancel: Arc<CancelHandle>) -> Result<Vec<AnchorInfo>> {
    task::run(&cancel, async move {
        Ok(trust.anchors().await?.into_iter().map(AnchorInfo::from).collect())
    })
    .await
}

pub(crate) async fn remove_anchor(trust: Trust, label: String, cancel: Arc<CancelHandle>) -> Result<()> {
    task::run(&cancel, async move { Ok(trust.remove_anchor(&label).await?) }).await
}

pub(crate) async fn framework_terms(
    trust: Trust,
    label: String,
    cancel: Arc<CancelHandle>,
) -> Result<Option<TermsInfo>> {
    task::run(
        &cancel,
        async move { Ok(trust.terms(&label).await?.map(TermsInfo::from)) },
    )
    .await
}

pub(crate) async fn accept_terms(
    trust: Trust,
    label: String,
    sha256: String,
    cancel: Arc<CancelHandle>,
) -> Result<TermsInfo> {
    task::run(
        &cancel,
        async move { Ok(trust.accept_terms(&label, &sha256).await?.into()) },
    )
    .await
}

impl From<kist_pds::TermsInfo> for TermsInfo {
    fn from(terms: kist_pds::TermsInfo) -> Self {
        TermsInfo {
            version: terms.version,
            sha256: terms.sha256,
            effective: terms.effective,
            summary: terms.summary.0.into_iter().collect(),
            text: terms.text.0.into_iter().collect(),
            accepted_at: terms.accepted_at,
        }
    }
}

impl From<kist_pds::AnchorInfo> for AnchorInfo {
    fn from(anchor: kist_pds::AnchorInfo) -> Self {
        let (list_state, usable_until) = match anchor.freshness {
            ListFreshness::Current => (ListState::Current, None),
            ListFreshness::Overdue { usable_until } => (ListState::Overdue, Some(usable_until)),
            ListFreshness::Expired => (ListState::Expired, None),
        };
        AnchorInfo {
            list_state,
            usable_until,
            label: anchor.label,
            operator: anchor.operator,
            list_sequence: anchor.list_sequence,
            next_update: anchor.next_update,
            organisations: anchor.organisations,
            directory: anchor.directory,
        }
    }
}
