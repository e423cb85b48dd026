//! The operator's log: what it did, in a chain of hashes that each published list carries the head of.

use std::sync::Arc;

use serde_json::Value;

use super::Framework;
use crate::error::Result;
use crate::{CancelHandle, KistError, json, task};

/// Something that the operator did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FrameworkLogEntry {
    /// Its number; 1 is the first.
    pub sequence: u64,
    /// When it was done, Unix seconds.
    pub at: i64,
    /// What was done, in a word: `founded`, `admitted`, `suspended`, `reinstated`, `expelled`, `published`,
    /// `terms_published`, `directory_changed`, `registrar_changed`, `root_changed` or one that this build doesn't know.
    pub kind: String,
    /// The member that it is about, by its stable id.
    pub organisation_id: Option<String>,
    /// Why, in the operator's words.
    pub note: Option<String>,
    /// All that is known of it: a JSON object.
    pub act: String,
    /// The hash of the entry before, base64url; empty in the first.
    pub previous: String,
}

#[uniffi::export]
impl Framework {
    /// What the operator did, first entry first, verified against the state.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed.
    pub async fn log(&self, cancel: Arc<CancelHandle>) -> Result<Vec<FrameworkLogEntry>> {
        let store = self.store.get()?;
        task::run(&cancel, async move {
            store.log().await?.into_iter().map(FrameworkLogEntry::of).collect()
        })
        .await
    }
}

impl FrameworkLogEntry {
    fn of(entry: kist_pds::LogEntry) -> Result<Self> {
        let act: Value = json::reshape(&entry.act)?;
        let text = |member: &str| act[member].as_str().map(str::to_owned);
        Ok(FrameworkLogEntry {
            sequence: entry.sequence,
            at: entry.at,
            kind: text("type").ok_or(KistError::Internal)?,
            organisation_id: text("organisation"),
            note: text("note"),
            act: json::text(&act)?,
            previous: entry.previous,
        })
    }
}
