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
}

#[uniffi::export]
impl Person {
    /// Every entry of the history, oldest first, verified.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing.
    pub async fn history(&self, cancel: Arc<CancelHandle>) -> Result<Vec<HistoryEntry>> {
        entries(self.store.get()?.history(), cancel).await
    }

    /// Verifies the whole chain of the history.
    pub async fn verify_history(&self, cancel: Arc<CancelHandle>) -> Result<HistoryReport> {
        verify(self.store.get()?.history(), cancel).await
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
        })
    })
    .await
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
