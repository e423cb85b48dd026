//! The operator's log: what it did, in a chain of hashes. Each list carries the head, so that a log that was published once
//! can't be told otherwise later.

use kist_crypto::{Context, base64url, from_base64url, sha256};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Separates the log's hashes from all others.
const LABEL: &str = "kist/2026-11/framework-log";
const VERSION: u8 = 1;
/// The largest entry that is read, in bytes.
const MAX_ENTRY: usize = 4 << 10;
/// The longest note that the operator may add, in bytes.
pub(super) const MAX_NOTE: usize = 1 << 10;

/// Something that the operator did. Ids, hashes and the operator's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// The framework was founded.
    Founded {
        /// SHA-256 of the root's certificate, base64url.
        root: String,
    },
    /// An organisation was admitted, or its certificate and registration were renewed.
    Admitted {
        /// Its id.
        organisation: String,
        /// SHA-256 of its access certificate, base64url.
        certificate: String,
        /// SHA-256 of its registration, base64url.
        registration: String,
    },
    /// A member was suspended.
    Suspended {
        /// Its id.
        organisation: String,
        /// Why, in the operator's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A suspended member was made active again.
    Reinstated {
        /// Its id.
        organisation: String,
        /// Why, in the operator's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A member was expelled.
    Expelled {
        /// Its id.
        organisation: String,
        /// Why, in the operator's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A list was published.
    Published {
        /// Its sequence number.
        sequence: u64,
        /// SHA-256 of its content, base64url.
        list: String,
    },
    /// Terms were published.
    TermsPublished {
        /// Their version.
        version: String,
        /// SHA-256 of what was signed of them, base64url.
        terms: String,
    },
    /// The framework's directory lies elsewhere.
    DirectoryChanged {
        /// Where; nowhere any more, where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// The registrar has another certificate.
    RegistrarChanged {
        /// SHA-256 of it, base64url.
        certificate: String,
    },
    /// The framework has another root.
    RootChanged {
        /// SHA-256 of the new root's certificate, base64url.
        root: String,
        /// When the one before retires, in Unix seconds.
        retires: i64,
    },
}

/// Where the log stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogHead {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one, base64url; empty where there is none.
    pub hash: String,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its number; 1 is the first.
    pub sequence: u64,
    /// When it was done, in Unix seconds.
    pub at: i64,
    /// What was done.
    pub act: Act,
    /// The hash of the entry before, base64url; empty in the first.
    pub previous: String,
}

impl LogHead {
    /// The entry that follows, and where the log stands then.
    pub(super) fn append(&self, act: Act, at: i64) -> Result<(LogEntry, LogHead)> {
        let entry = LogEntry {
            sequence: self.entries.saturating_add(1),
            at,
            act,
            previous: self.hash.clone(),
        };
        let head = LogHead {
            entries: entry.sequence,
            hash: base64url(hash(&entry.to_bytes()?)),
        };
        Ok((entry, head))
    }

    /// The hash as bytes, where there is an entry.
    pub(super) fn bytes(&self) -> Option<[u8; 32]> {
        from_base64url(&self.hash).ok()?.try_into().ok()
    }
}

impl LogEntry {
    /// What is stored, and hashed: JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes = serde_json::to_vec(self).map_err(|_| MALFORMED)?;
        if bytes.len() > MAX_ENTRY {
            return Err(Error::TooLarge {
                what: "log entry",
                limit: MAX_ENTRY,
            });
        }
        Ok(bytes)
    }

    /// Reads a whole log, first entry first, and holds it to `head`. `LogBroken` names the first entry that doesn't follow
    /// from those before it.
    pub fn read_all<'a>(stored: impl IntoIterator<Item = &'a [u8]>, head: &LogHead) -> Result<Vec<LogEntry>> {
        let (mut entries, mut reached) = (Vec::new(), LogHead::default());
        for bytes in stored {
            let sequence = reached.entries.saturating_add(1);
            let broken = Error::LogBroken { sequence };
            let small = Some(bytes).filter(|bytes| bytes.len() <= MAX_ENTRY);
            let entry: Option<LogEntry> = small.and_then(|bytes| serde_json::from_slice(bytes).ok());
            let entry = entry.filter(|entry| entry.sequence == sequence && entry.previous == reached.hash);
            entries.push(entry.ok_or(broken)?);
            reached = LogHead {
                entries: sequence,
                hash: base64url(hash(bytes)),
            };
        }
        if reached == *head {
            Ok(entries)
        } else {
            let sequence = reached.entries.min(head.entries);
            Err(Error::LogBroken {
                sequence: sequence.max(1),
            })
        }
    }
}

const MALFORMED: Error = Error::Malformed { what: "log entry" };

fn hash(entry: &[u8]) -> [u8; 32] {
    let context = Context {
        label: LABEL,
        version: VERSION,
        fields: &[entry],
    };
    sha256(&[&context.encode()])
}
