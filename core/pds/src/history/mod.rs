//! The history in the store: an append-only hash chain, written in the same transaction as what it tells of.

pub(crate) mod checkpoints;

use std::sync::Arc;

use kist_consent::history::{Event, Head, HistoryEntry, check_checkpoints, read, read_after};
use kist_vault::Transaction;
use serde::Serialize;

pub use self::checkpoints::CheckpointInfo;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result};

pub(crate) const ENTRIES: &str = "history";
pub(crate) const HEAD: &str = "history-head";
const HEAD_KEY: &str = "head";

/// What a verified history comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryReport {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last, which stands for all of them.
    pub head: String,
    /// The newest signature over it, where there is one.
    pub checkpoint: Option<CheckpointInfo>,
}

/// An entry of the history as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryItem {
    /// Its place, counted from 1.
    pub sequence: u64,
    /// Unix milliseconds.
    pub time_ms: i64,
    /// What happened.
    pub event: Event,
}

/// The history of a store.
#[derive(Clone)]
pub struct History {
    pub(crate) home: Arc<Home>,
}

impl History {
    /// Every entry, oldest first, verified.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing.
    pub async fn entries(&self) -> Result<Vec<HistoryItem>> {
        let entries = self.home.blocking(entries).await?;
        let item = |entry: HistoryEntry| HistoryItem {
            sequence: entry.sequence,
            time_ms: entry.time_ms,
            event: entry.event,
        };
        Ok(entries.into_iter().map(item).collect())
    }

    /// Verifies the whole chain, and every signature over it.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed or is missing, or that no signature before it vouches
    /// for where one says anything else.
    pub async fn verify(&self) -> Result<HistoryReport> {
        self.home
            .blocking(|home| {
                let entries = entries(home)?;
                let checkpoints = checkpoints::all(home)?;
                check_checkpoints(&entries, &checkpoints)?;
                let head = entries.last().map_or_else(Head::empty, HistoryEntry::head);
                Ok(HistoryReport {
                    entries: head.sequence,
                    head: head.hash.to_string(),
                    checkpoint: checkpoints.last().map(checkpoints::info),
                })
            })
            .await
    }
}

/// Every entry, verified against the head.
pub(crate) fn entries(home: &Home) -> Result<Vec<HistoryEntry>> {
    // One transaction: between two reads an entry may be appended.
    let (head, bytes) = home.transaction(|changes| Ok((head(changes)?, changes.all_kept(ENTRIES)?)))?;
    Ok(read(bytes.iter().map(|(_, bytes)| bytes.as_slice()), &head)?)
}

/// The entries after a head up to which the history was verified before.
///
/// Errors: `HistoryBroken` where this isn't the history that was read before.
pub(crate) fn entries_after(home: &Home, known: &Head) -> Result<Vec<HistoryEntry>> {
    let now: Head = home.kept(HEAD, HEAD_KEY)?.unwrap_or_else(Head::empty);
    let mut bytes = Vec::new();
    for sequence in known.sequence.saturating_add(1)..=now.sequence {
        let entry = home.vault.kept(ENTRIES, &key(sequence))?;
        bytes.push(entry.ok_or_else(|| Error::new("HistoryBroken").with("sequence", sequence))?);
    }
    Ok(read_after(known, bytes.iter().map(Vec::as_slice), &now)?)
}

fn key(sequence: u64) -> String {
    format!("{sequence:020}")
}

/// Appends an event; it is there when the transaction is.
pub(crate) fn append(changes: &Transaction<'_>, event: Event, now_ms: i64) -> Result<()> {
    let entry = head(changes)?.append(event, now_ms)?;
    changes.keep(ENTRIES, &key(entry.sequence), &entry.to_bytes()?)?;
    Ok(changes.keep(HEAD, HEAD_KEY, &to_json(&entry.head())?)?)
}

/// Appends entries that follow on the last one, as they were written elsewhere.
pub(crate) fn extend(changes: &Transaction<'_>, entries: &[HistoryEntry]) -> Result<()> {
    for entry in entries {
        changes.keep(ENTRIES, &key(entry.sequence), &entry.to_bytes()?)?;
    }
    match entries.last() {
        Some(last) => Ok(changes.keep(HEAD, HEAD_KEY, &to_json(&last.head())?)?),
        None => Ok(()),
    }
}

/// The head, in a transaction.
pub(crate) fn head(changes: &Transaction<'_>) -> Result<Head> {
    match changes.kept(HEAD, HEAD_KEY)? {
        Some(bytes) => from_json(&bytes),
        None => Ok(Head::empty()),
    }
}
