//! The chain: entries in canonical bytes, each bound to the one before it.

use kist_crypto::{Context, sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Event;
use crate::{Error, ObjectHash, Result, canonical};

/// The largest entry, in bytes.
pub const MAX_ENTRY: usize = 256 * 1024;
const VERSION: u8 = 1;
const LABEL: &str = "kist/2026-11/history-entry";
const WHAT: &str = "history entry";

/// Names the last entry of a history: how many entries there are, and the last one's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The last entry's sequence; 0 where there is none.
    pub sequence: u64,
    /// The last entry's hash; zeros where there is none.
    pub hash: ObjectHash,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its place, counted from 1.
    pub sequence: u64,
    /// When it was written by the device's clock, Unix milliseconds. It may go back where the clock did.
    pub time_ms: i64,
    /// The hash of the entry before it; zeros for the first.
    pub previous: ObjectHash,
    /// What happened.
    pub event: Event,
    /// SHA-256 over label, version and all of the above.
    pub hash: ObjectHash,
}

/// What an entry's hash covers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    version: u8,
    sequence: u64,
    time_ms: i64,
    previous: ObjectHash,
    event: Event,
}

impl Head {
    /// The head of an empty history.
    pub fn empty() -> Self {
        Head {
            sequence: 0,
            hash: ObjectHash::from_bytes([0; 32]),
        }
    }

    /// The next entry. Keep its bytes and its head in one transaction with what the entry tells of.
    ///
    /// Errors: `TooLarge` above [`MAX_ENTRY`]; `Malformed` for a time beyond ±2⁵³ milliseconds.
    pub fn append(&self, event: Event, time_ms: i64) -> Result<HistoryEntry> {
        let sequence = self.sequence.checked_add(1).ok_or(Error::Malformed { what: WHAT })?;
        let body = Body {
            version: VERSION,
            sequence,
            time_ms,
            previous: self.hash,
            event,
        };
        HistoryEntry::from_body(body)
    }
}

impl HistoryEntry {
    /// The head that this entry makes.
    pub fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            hash: self.hash,
        }
    }

    /// The bytes to keep: canonical JSON, hash included.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut value = body_value(&Body {
            version: VERSION,
            sequence: self.sequence,
            time_ms: self.time_ms,
            previous: self.previous,
            event: self.event.clone(),
        })?;
        value["hash"] = self.hash.to_string().into();
        canonical::encode(&value, WHAT)
    }

    /// From the bytes that were kept. Whether it belongs to a chain is for [`read`] to say.
    ///
    /// Errors: `Malformed`, `TooLarge`, `UnsupportedVersion`; `HashMismatch` where the hash isn't that of the contents.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: WHAT };
        let mut value = canonical::decode(bytes, MAX_ENTRY, WHAT)?;
        let members = value.as_object_mut().ok_or(MALFORMED)?;
        let hash = members.remove("hash").ok_or(MALFORMED)?;
        match members.get("version").and_then(Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(found) => return Err(Error::UnsupportedVersion { what: WHAT, found }),
            None => return Err(MALFORMED),
        }
        let entry = HistoryEntry::from_body(serde_json::from_value(value).map_err(|_| MALFORMED)?)?;
        match hash.as_str() == Some(&entry.hash.to_string()) {
            true => Ok(entry),
            false => Err(Error::HashMismatch { what: WHAT }),
        }
    }

    fn from_body(body: Body) -> Result<Self> {
        let bytes = canonical::encode(&body_value(&body)?, WHAT)?;
        if bytes.len() > MAX_ENTRY - 64 {
            return Err(Error::TooLarge {
                what: WHAT,
                limit: MAX_ENTRY,
            });
        }
        let hash = sha256(&[&Context {
            label: LABEL,
            version: VERSION,
            fields: &[&bytes],
        }
        .encode()]);
        let Body {
            sequence,
            time_ms,
            previous,
            event,
            ..
        } = body;
        Ok(HistoryEntry {
            sequence,
            time_ms,
            previous,
            event,
            hash: ObjectHash::from_bytes(hash),
        })
    }
}

fn body_value(body: &Body) -> Result<Value> {
    serde_json::to_value(body).map_err(|_| Error::Malformed { what: WHAT })
}

/// Reads a whole history from its first entry and verifies it against its head.
///
/// Errors: `HistoryBroken` with the first entry that was changed, is missing or stands in another's place. Where somebody
/// made a whole new end with hashes that fit, that is the entry that the head names: the head alone shows it.
pub fn read<'a>(entries: impl IntoIterator<Item = &'a [u8]>, head: &Head) -> Result<Vec<HistoryEntry>> {
    read_after(&Head::empty(), entries, head)
}

/// As [`read`], for what comes after a head up to which the history was read before.
pub fn read_after<'a>(
    known: &Head,
    entries: impl IntoIterator<Item = &'a [u8]>,
    head: &Head,
) -> Result<Vec<HistoryEntry>> {
    let mut at = *known;
    let mut history = Vec::new();
    for bytes in entries {
        let sequence = at.sequence.saturating_add(1);
        let broken = Error::HistoryBroken { sequence };
        let Ok(entry) = HistoryEntry::from_bytes(bytes) else {
            return Err(broken);
        };
        if at == *head || entry.previous != at.hash || entry.sequence != sequence {
            return Err(broken);
        }
        at = entry.head();
        history.push(entry);
    }
    if at == *head {
        return Ok(history);
    }
    let sequence = at.sequence.saturating_add(1).min(head.sequence).max(1);
    Err(Error::HistoryBroken { sequence })
}
