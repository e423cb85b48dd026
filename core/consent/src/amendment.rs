//! Amendments: what a person takes out of an agreement that stands, and the acknowledgement that the organisation owes.
//!
//! An amendment only ever narrows: it takes fields out, or sets an earlier end. So the order of several doesn't matter,
//! one that comes twice changes nothing, and two devices that narrow apart come to the same agreement.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::signed::SignedContent;
use crate::terms::{is_time, is_word};
use crate::{Error, FieldRef, MAX_FIELDS, ObjectHash, Result, Signed};

const NAME: &str = "amendment";
const MALFORMED: Error = Error::Malformed { what: NAME };

/// Narrows an agreement; signed with the relationship's key. It holds from the moment it is signed, whether or not it
/// reaches the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// The acceptance, which is the agreement's name.
    pub acceptance: ObjectHash,
    /// The fields that are taken out, none twice: optional ones alone. To take a required one out is to withdraw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<FieldRef>,
    /// The first second at which the agreement holds no more, Unix time, where it ends earlier than it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<i64>,
    /// When, Unix seconds.
    pub amended_at: i64,
}

/// The organisation's word that it follows an amendment; signed with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendmentAcknowledgement {
    /// The amendment.
    pub amendment: ObjectHash,
    /// When, Unix seconds.
    pub acknowledged_at: i64,
}

/// An amendment as an agreement keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amended {
    /// What the person signed.
    pub amendment: Signed<Amendment>,
    /// The organisation's acknowledgement, once it has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<Signed<AmendmentAcknowledgement>>,
}

impl Signed<Amendment> {
    /// What the organisation signs to acknowledge this, at `now` (Unix seconds).
    pub fn acknowledgement(&self, now: i64) -> AmendmentAcknowledgement {
        AmendmentAcknowledgement {
            amendment: self.hash(),
            acknowledged_at: now,
        }
    }
}

impl SignedContent for Amendment {
    const TYPE: &'static str = "kist-amendment+jwt";
    const NAME: &'static str = NAME;

    fn check(&self) -> Result<()> {
        if self.removed.len() > MAX_FIELDS {
            return Err(Error::TooLarge {
                what: NAME,
                limit: MAX_FIELDS,
            });
        }
        let once: BTreeSet<&FieldRef> = self.removed.iter().collect();
        let sound = once.len() == self.removed.len()
            && self.removed.iter().all(|field| is_word(&field.credential))
            && (!self.removed.is_empty() || self.ends_at.is_some())
            && self.ends_at.is_none_or(|at| is_time(at) && at >= self.amended_at)
            && is_time(self.amended_at);
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}

impl SignedContent for AmendmentAcknowledgement {
    const TYPE: &'static str = "kist-amendment-acknowledgement+jwt";
    const NAME: &'static str = "acknowledgement";

    fn check(&self) -> Result<()> {
        match is_time(self.acknowledged_at) {
            true => Ok(()),
            false => Err(Error::Malformed { what: Self::NAME }),
        }
    }
}
