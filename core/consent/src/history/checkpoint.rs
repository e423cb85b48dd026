//! Checkpoints: a signature over the head of a history, by which a whole new history can be told from the one that was.

use kist_crypto::es256::{Jwk, PublicKey};
use kist_crypto::jws;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Head;
use crate::signed::SignedContent;
use crate::terms::is_time;
use crate::{Error, ObjectHash, Result, Signed};

const MALFORMED: Error = Error::Malformed { what: "checkpoint" };

/// That a history had this head at this time; signed by a key of its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The last entry's sequence, at least 1.
    pub sequence: u64,
    /// The last entry's hash.
    pub hash: ObjectHash,
    /// The key that signs this.
    pub key: Jwk,
    /// When, Unix seconds.
    pub signed_at: i64,
}

impl Checkpoint {
    /// The head that it vouches for.
    pub fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            hash: self.hash,
        }
    }
}

impl Signed<Checkpoint> {
    /// Verifies a checkpoint with the key that it names itself: whose key that is has to be known from elsewhere.
    ///
    /// Errors: as [`Signed::verify`].
    pub fn verify_by_own_key(compact: &str) -> Result<Self> {
        let payload: Value = serde_json::from_slice(&jws::parse(compact)?.payload).map_err(|_| MALFORMED)?;
        let jwk: Jwk =
            serde_json::from_value(payload.get("key").cloned().unwrap_or_default()).map_err(|_| MALFORMED)?;
        Self::verify(compact, &PublicKey::from_jwk(&jwk)?)
    }
}

impl SignedContent for Checkpoint {
    const TYPE: &'static str = "kist-history-checkpoint+jwt";
    const NAME: &'static str = "checkpoint";

    fn check(&self) -> Result<()> {
        match self.sequence > 0 && is_time(self.signed_at) {
            true => Ok(()),
            false => Err(MALFORMED),
        }
    }
}

/// Holds checkpoints, in the order of their sequences, against a history that was read.
///
/// Errors: `HistoryBroken` with the first entry that no checkpoint before it vouches for, where one says anything else than
/// the history does: everything before that entry is whole.
pub fn check(history: &[super::HistoryEntry], checkpoints: &[Signed<Checkpoint>]) -> Result<()> {
    let mut whole = 0;
    for checkpoint in checkpoints {
        let entry = usize::try_from(checkpoint.sequence)
            .ok()
            .and_then(|sequence| history.get(sequence.checked_sub(1)?));
        if entry.map(|entry| entry.hash) != Some(checkpoint.hash) {
            return Err(Error::HistoryBroken { sequence: whole + 1 });
        }
        whole = checkpoint.sequence;
    }
    Ok(())
}
