//! The signed list of a framework's organisations: who is in it, with which certificates, and what they may issue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lote::{self, Lote};
use crate::signed::{self, CLOCK_SKEW};
use crate::{Anchor, Error, Result};

/// Where an organisation stands in its framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It may ask, deliver and issue.
    #[serde(rename = "urn:kist:status:active")]
    Active,
    /// It may not, for now.
    #[serde(rename = "urn:kist:status:suspended")]
    Suspended,
    /// It may not, and will not again.
    #[serde(rename = "urn:kist:status:expelled")]
    Expelled,
}

/// One organisation of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// Where it is reached: URIs.
    pub contacts: Vec<String>,
    /// Where it stands.
    pub status: Status,
    /// Since when, in Unix seconds.
    pub since: i64,
    /// When its current registration was issued, in Unix seconds; older ones don't count any more.
    pub registered: i64,
    /// SHA-256 of each of its access certificates.
    pub certificates: Vec<[u8; 32]>,
    /// The types (`vct`) of the credentials that it may issue.
    pub issues: Vec<String>,
}

impl Entry {
    /// Whether it may issue credentials of this type.
    pub fn may_issue(&self, vct: &str) -> bool {
        self.issues.iter().any(|issued| issued == vct)
    }
}

/// A list that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustList {
    /// Which list of its scheme: 1 is the first.
    pub sequence: u64,
    /// When it was issued, in Unix seconds.
    pub issued: i64,
    /// When the next one is due at the latest, in Unix seconds.
    pub next_update: i64,
    /// The name of the scheme's operator.
    pub operator: String,
    /// The label of the anchor that it was verified with.
    pub anchor_label: String,
    usable_until: i64,
    entries: BTreeMap<String, Entry>,
}

impl TrustList {
    /// Verifies a list that the registrar of `anchor` signed, at `now` (Unix seconds).
    ///
    /// `last_sequence` is the highest sequence number seen of this anchor: an older list is `RollbackDetected`, the same
    /// one is accepted. `grace` is for how many seconds after its next update it may still be used, for a phone that was
    /// offline; after that it is `TrustListExpired`. Keep the compact form and verify it again when it is read.
    pub fn verify(compact: &str, anchor: &Anchor, last_sequence: Option<u64>, grace: u32, now: i64) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "trust list" };
        let payload: Option<Value> =
            signed::open(compact, lote::TYP, anchor, now).map_err(|reason| Error::TrustListNotTrusted { reason })?;
        let list = Lote::read(payload.ok_or(MALFORMED)?)?;
        if let Some(seen) = last_sequence.filter(|seen| list.sequence < *seen) {
            return Err(Error::RollbackDetected {
                seen,
                found: list.sequence,
            });
        }
        if list.issued > now.saturating_add(CLOCK_SKEW) {
            return Err(Error::TrustListNotYetValid { issued: list.issued });
        }
        let mut entries = BTreeMap::new();
        for entry in list.entries {
            if entries.insert(entry.organisation_id.clone(), entry).is_some() {
                return Err(MALFORMED);
            }
        }
        let list = TrustList {
            sequence: list.sequence,
            issued: list.issued,
            next_update: list.next_update,
            operator: list.operator,
            anchor_label: anchor.label.clone(),
            usable_until: list.next_update.saturating_add(i64::from(grace)),
            entries,
        };
        list.check_usable(now)?;
        Ok(list)
    }

    /// The organisation of this id.
    pub fn entry(&self, organisation_id: &str) -> Option<&Entry> {
        self.entries.get(organisation_id)
    }

    /// All organisations, ordered by id.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// That its time is not over, since a verified list may be held for long.
    pub(crate) fn check_usable(&self, now: i64) -> Result<()> {
        if now > self.usable_until {
            return Err(Error::TrustListExpired {
                expired: self.usable_until,
            });
        }
        Ok(())
    }
}
