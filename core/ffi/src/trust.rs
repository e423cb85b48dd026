//! Whom a person or an organisation believes.

use std::sync::Arc;

use kist_pds::{AnchorBundle, Trust};

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
    /// The organisations on the list.
    pub organisations: u64,
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

impl From<kist_pds::AnchorInfo> for AnchorInfo {
    fn from(anchor: kist_pds::AnchorInfo) -> Self {
        AnchorInfo {
            label: anchor.label,
            operator: anchor.operator,
            list_sequence: anchor.list_sequence,
            next_update: anchor.next_update,
            organisations: anchor.organisations,
        }
    }
}
