//! Signatures over the history, as they are kept.

use kist_consent::Signed;
use kist_consent::history::Checkpoint;
use kist_vault::Transaction;
use serde::Serialize;

use crate::home::Home;
use crate::{Error, Result};

/// By the sequence that they cover.
pub(crate) const CHECKPOINTS: &str = "history-checkpoints";

/// A signature over the history up to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointInfo {
    /// The last entry that it covers.
    pub sequence: u64,
    /// When it was made, Unix seconds.
    pub signed_at: i64,
    /// The key that signed, by its thumbprint (RFC 7638).
    pub key: String,
}

/// The sequence of the last checkpoint; 0 where there is none.
pub(crate) fn last(changes: &Transaction<'_>) -> Result<u64> {
    let last = changes.all_kept(CHECKPOINTS)?.pop();
    Ok(last.and_then(|(name, _)| name.parse().ok()).unwrap_or(0))
}

/// Every checkpoint, verified, in the order of what they cover.
///
/// Errors: `HistoryBroken` with the entry whose checkpoint isn't what was signed.
pub(crate) fn all(home: &Home) -> Result<Vec<Signed<Checkpoint>>> {
    let mut checkpoints = Vec::new();
    for (name, compact) in home.vault.all_kept(CHECKPOINTS)? {
        let compact = String::from_utf8_lossy(&compact);
        let broken = |_| Error::new("HistoryBroken").with("sequence", name.parse().unwrap_or(0_u64));
        checkpoints.push(Signed::<Checkpoint>::verify_by_own_key(&compact).map_err(broken)?);
    }
    Ok(checkpoints)
}

/// A checkpoint as it is shown.
pub(crate) fn info(checkpoint: &Signed<Checkpoint>) -> CheckpointInfo {
    CheckpointInfo {
        sequence: checkpoint.sequence,
        signed_at: checkpoint.signed_at,
        key: checkpoint.key().thumbprint(),
    }
}
