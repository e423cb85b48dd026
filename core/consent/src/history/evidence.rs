//! Evidence: a history with the agreements that it names, under a signature, for whoever has to be shown what happened.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Checkpoint, Event, HistoryEntry, read};
use crate::{Agreement, Error, ObjectHash, Result, Signed};

/// The largest evidence that is made or read, in bytes.
pub const MAX_EVIDENCE: usize = 64 << 20;
const VERSION: u64 = 1;
const WHAT: &str = "evidence";
const MALFORMED: Error = Error::Malformed { what: WHAT };

/// A history that was verified: every entry in its place, its end signed, and each agreement named in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Every entry from the first to the one that the checkpoint names.
    pub entries: Vec<HistoryEntry>,
    /// The signature over the last entry, and with it over all of them.
    pub checkpoint: Signed<Checkpoint>,
    /// Agreements that the history names, with what followed.
    pub agreements: Vec<Agreement>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u64,
    /// Each entry's canonical bytes, as text.
    entries: Vec<String>,
    checkpoint: String,
    agreements: Vec<Agreement>,
}

impl Evidence {
    /// Writes evidence as JSON: entries in their canonical bytes, the checkpoint that signs the last of them, agreements.
    ///
    /// Errors: as [`Evidence::read`], so that nothing is written that doesn't verify.
    pub fn write(
        entries: &[HistoryEntry],
        checkpoint: &Signed<Checkpoint>,
        agreements: Vec<Agreement>,
    ) -> Result<Vec<u8>> {
        let mut texts = Vec::with_capacity(entries.len());
        for entry in entries {
            texts.push(String::from_utf8(entry.to_bytes()?).map_err(|_| MALFORMED)?);
        }
        let written = Written {
            version: VERSION,
            entries: texts,
            checkpoint: checkpoint.compact().to_owned(),
            agreements,
        };
        let bytes = serde_json::to_vec_pretty(&written).map_err(|_| MALFORMED)?;
        Evidence::read(&bytes)?;
        Ok(bytes)
    }

    /// Reads and verifies evidence, as anyone can. Whose key signed the checkpoint has to be known from elsewhere.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed, is missing or was moved, also at the end that the
    /// checkpoint names; `HashMismatch` for an agreement, a receipt, a withdrawal or an amendment that the history doesn't
    /// name; those of signatures; `Malformed`, `TooLarge`, `UnsupportedVersion`.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_EVIDENCE {
            return Err(Error::TooLarge {
                what: WHAT,
                limit: MAX_EVIDENCE,
            });
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|_| MALFORMED)?;
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(found) => return Err(Error::UnsupportedVersion { what: WHAT, found }),
            None => return Err(MALFORMED),
        }
        let written: Written = serde_json::from_value(value).map_err(|_| MALFORMED)?;
        let checkpoint = Signed::<Checkpoint>::verify_by_own_key(&written.checkpoint)?;
        let entries = read(written.entries.iter().map(String::as_bytes), &checkpoint.head())?;
        for agreement in &written.agreements {
            check_named(agreement, &entries)?;
        }
        Ok(Evidence {
            entries,
            checkpoint,
            agreements: written.agreements,
        })
    }
}

/// That the history tells of an agreement and of each thing that followed it.
fn check_named(agreement: &Agreement, entries: &[HistoryEntry]) -> Result<()> {
    let id = agreement.id();
    let named = |tells: &dyn Fn(&Event) -> bool| entries.iter().any(|entry| tells(&entry.event));
    let agreed = named(&|event| matches!(event, Event::Agreed { agreement, .. } if *agreement == id));
    let receipt = agreement.receipt().is_none_or(|receipt| {
        let hash = receipt.hash();
        named(&|event| matches!(event, Event::ReceiptStored { agreement, receipt, .. } if (*agreement, *receipt) == (id, hash)))
    });
    let withdrawn = agreement.signed_withdrawal().is_none_or(|signed| {
        let hash = signed.hash();
        named(&|event| matches!(event, Event::Withdrawn { agreement, withdrawal, .. } if (*agreement, *withdrawal) == (id, hash)))
    });
    let amendments: Vec<ObjectHash> = agreement.amendments().map(|amended| amended.amendment.hash()).collect();
    let amended = amendments.iter().all(|hash| {
        named(&|event| matches!(event, Event::Amended { agreement, amendment, .. } if (*agreement, *amendment) == (id, *hash)))
    });
    match agreed && receipt && withdrawn && amended {
        true => Ok(()),
        false => Err(Error::HashMismatch { what: WHAT }),
    }
}
