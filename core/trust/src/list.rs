//! The signed list of a framework's organisations: who is in it, with which certificates, and what they may issue.

use std::collections::BTreeMap;

use kist_crypto::jws;
use serde::{Deserialize, Serialize};

use crate::certificate::{Anchor, Ground};
use crate::lote::{self, Lote};
use crate::signed::{self, CLOCK_SKEW, Opened};
use crate::{Certificate, Error, Result, TermsNotice};

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

/// The newest list that was seen of an anchor: what a phone remembers to notice an older one, or another of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its sequence number.
    pub sequence: u64,
    /// SHA-256 of its content: [`TrustList::sha256`]. `None` where only the number was kept.
    pub sha256: Option<[u8; 32]>,
}

/// How fresh a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Its successor is not due yet.
    Current,
    /// Its successor was due, and it may be used for a while yet by who can't fetch that one.
    Overdue {
        /// When the successor was due, in Unix seconds.
        due: i64,
        /// The last second at which this list is used.
        usable_until: i64,
    },
}

impl Freshness {
    /// The stable code of the warning, where there is one.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Freshness::Current => None,
            Freshness::Overdue { .. } => Some("TrustListOverdue"),
        }
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
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
    /// The terms of the framework that are in force, where it has published some.
    pub terms: Option<TermsNotice>,
    /// The hash of the operator's log when the list was made: what it did before can't be told otherwise later.
    pub log_head: Option<[u8; 32]>,
    /// Where the framework's directory of organisations lies, if it has one. An address that was not held to any rule of
    /// transport: who fetches it does that.
    pub directory: Option<String>,
    successor: Option<Vec<u8>>,
    links: Vec<Certificate>,
    usable_until: i64,
    entries: BTreeMap<String, Entry>,
}

impl TrustList {
    /// Verifies a list that the registrar of `anchor` signed, at `now` (Unix seconds).
    ///
    /// `seen` is the newest list known of this anchor: an older one is `RollbackDetected`, another one of the same number
    /// `ForkDetected`, the same one is accepted. `grace` is for how many seconds after its next update it may still be
    /// used, for a phone that was offline; after that it is `TrustListExpired`. Keep the compact form and verify it again
    /// when it is read.
    pub fn verify(compact: &str, anchor: &Anchor, seen: Option<Seen>, grace: u32, now: i64) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "trust list" };
        if compact.len() > jws::MAX_JWS {
            return Err(Error::TooLarge {
                what: "trust list",
                limit: jws::MAX_JWS,
            });
        }
        let ground = Ground { anchor, links: &[] };
        let opened =
            signed::open(compact, lote::TYP, &ground, now).map_err(|reason| Error::TrustListNotTrusted { reason })?;
        let Opened {
            payload,
            signer,
            sha256,
        } = opened;
        let list = Lote::read(payload.ok_or(MALFORMED)?)?;
        check_seen(&list, &sha256, seen)?;
        if list.issued > now.saturating_add(CLOCK_SKEW) {
            return Err(Error::TrustListNotYetValid { issued: list.issued });
        }
        let mut entries = BTreeMap::new();
        for entry in list.entries {
            if entries.insert(entry.organisation_id.clone(), entry).is_some() {
                return Err(MALFORMED);
            }
        }
        let root = list.root.map(|der| Certificate::from_der(&der)).transpose();
        let root = root.map_err(|_| MALFORMED)?;
        let successor = root.filter(|root| root.der() != anchor.certificate && root.is_root_of(&signer.issuer));
        let list = TrustList {
            sequence: list.sequence,
            issued: list.issued,
            next_update: list.next_update,
            operator: list.operator,
            anchor_label: anchor.label.clone(),
            sha256,
            terms: list.terms,
            log_head: list.log_head,
            directory: list.directory,
            successor: successor.map(|root| root.der().to_vec()),
            links: list
                .links
                .iter()
                .map(|der| Certificate::from_der(der).map_err(|_| MALFORMED))
                .collect::<Result<_>>()?,
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

    /// What to remember of it, for [`TrustList::verify`] of the next one.
    pub fn seen(&self) -> Seen {
        Seen {
            sequence: self.sequence,
            sha256: Some(self.sha256),
        }
    }

    /// The root that has taken over from the anchor that the list was verified with, DER: to be pinned in its place. The
    /// anchor's own key has vouched for it.
    pub fn successor(&self) -> Option<&[u8]> {
        self.successor.as_deref()
    }

    /// Until when it can be gone by, Unix seconds: its next update is due before, and the grace period ends then.
    pub fn usable_until(&self) -> i64 {
        self.usable_until
    }

    /// How fresh it is at `now` (Unix seconds); `TrustListExpired` where it is too old to be used.
    pub fn freshness(&self, now: i64) -> Result<Freshness> {
        self.check_usable(now)?;
        if now <= self.next_update {
            return Ok(Freshness::Current);
        }
        Ok(Freshness::Overdue {
            due: self.next_update,
            usable_until: self.usable_until,
        })
    }

    /// The certificates by which the framework's roots vouch for each other.
    pub(crate) fn links(&self) -> &[Certificate] {
        &self.links
    }

    /// That its time is not over, since a verified list may be held for long.
    fn check_usable(&self, now: i64) -> Result<()> {
        if now > self.usable_until {
            return Err(Error::TrustListExpired {
                expired: self.usable_until,
            });
        }
        Ok(())
    }
}

fn check_seen(list: &Lote, sha256: &[u8; 32], seen: Option<Seen>) -> Result<()> {
    let Some(seen) = seen else { return Ok(()) };
    if list.sequence < seen.sequence {
        return Err(Error::RollbackDetected {
            seen: seen.sequence,
            found: list.sequence,
        });
    }
    if list.sequence == seen.sequence && seen.sha256.is_some_and(|known| known != *sha256) {
        return Err(Error::ForkDetected {
            sequence: seen.sequence,
        });
    }
    Ok(())
}
