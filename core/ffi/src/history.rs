//! What happened, as it crosses the bridge.

use std::sync::Arc;

use kist_pds::{History, HistoryItem};
use serde_json::Value;

use crate::error::Result;
use crate::{CancelHandle, KistError, Person, json, task};

/// An entry of the history.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HistoryEntry {
    /// Its place, counted from 1.
    pub sequence: u64,
    /// Unix milliseconds.
    pub time_ms: i64,
    /// What happened, in a word: a type of event of docs/formats/consent.md, such as `Disclosed`.
    pub kind: String,
    /// The legal name of the organisation that it is about.
    pub organisation: Option<String>,
    /// That organisation's stable id.
    pub organisation_id: Option<String>,
    /// All that is known of it: a JSON object.
    pub event: String,
}

/// What a verified history comes to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HistoryReport {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last, which stands for all of them.
    pub head: String,
    /// The newest signature over it, where there is one.
    pub checkpoint: Option<CheckpointInfo>,
}

/// A signature over the history up to an entry.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CheckpointInfo {
    /// The last entry that it covers.
    pub sequence: u64,
    /// When it was made, Unix seconds.
    pub signed_at: i64,
    /// The key that signed, by its thumbprint (RFC 7638).
    pub key: String,
}

#[uniffi::export]
impl Person {
    /// Every entry of the history, oldest first, verified.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing.
    pub async fn history(&self, cancel: Arc<CancelHandle>) -> Result<Vec<HistoryEntry>> {
        entries(self.store.get()?.history(), cancel).await
    }

    /// Verifies the whole chain of the history, and every signature over it.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing, or that isn't what was signed.
    pub async fn verify_history(&self, cancel: Arc<CancelHandle>) -> Result<HistoryReport> {
        verify(self.store.get()?.history(), cancel).await
    }

    /// Signs the history as it stands, with the device's key where there is one, else with one of the store's own. It happens
    /// by itself after every hundred entries.
    ///
    /// Errors: `NotFound` for an empty history; `PlatformKey`.
    pub async fn sign_history(&self, cancel: Arc<CancelHandle>) -> Result<CheckpointInfo> {
        let history = self.store.get()?.history();
        task::run(&cancel, async move { Ok(history.checkpoint().await?.into()) }).await
    }
}

async fn entries(history: History, cancel: Arc<CancelHandle>) -> Result<Vec<HistoryEntry>> {
    task::run(&cancel, async move {
        history.entries().await?.into_iter().map(HistoryEntry::of).collect()
    })
    .await
}

async fn verify(history: History, cancel: Arc<CancelHandle>) -> Result<HistoryReport> {
    task::run(&cancel, async move {
        let report = history.verify().await?;
        Ok(HistoryReport {
            entries: report.entries,
            head: report.head,
            checkpoint: report.checkpoint.map(CheckpointInfo::from),
        })
    })
    .await
}

impl From<kist_pds::CheckpointInfo> for CheckpointInfo {
    fn from(checkpoint: kist_pds::CheckpointInfo) -> Self {
        CheckpointInfo {
            sequence: checkpoint.sequence,
            signed_at: checkpoint.signed_at,
            key: checkpoint.key,
        }
    }
}

impl HistoryEntry {
    fn of(item: HistoryItem) -> Result<Self> {
        let event: Value = json::reshape(&item.event)?;
        let organisation = item.event.organisation();
        Ok(HistoryEntry {
            sequence: item.sequence,
            time_ms: item.time_ms,
            kind: event["type"].as_str().ok_or(KistError::Internal)?.to_owned(),
            organisation: organisation.map(|party| party.name.clone()),
            organisation_id: organisation.map(|party| party.id.clone()),
            event: json::text(&event)?,
        })
    }
}
