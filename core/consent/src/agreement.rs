//! The agreement: what offer, acceptance, receipt, amendments, withdrawal and acknowledgements come to.
//!
//! It is made of verified parts alone, each of which names the one before it, so that there is no agreement whose parts
//! don't belong together. The organisation and the person keep the same one.

use std::collections::{BTreeMap, BTreeSet};

use kist_crypto::es256::PublicKey;
use serde::{Deserialize, Serialize};

use crate::signed::SignedContent as _;
use crate::{
    Acceptance, Acknowledgement, Amended, Amendment, AmendmentAcknowledgement, Error, FieldRef, ObjectHash, Offer,
    Receipt, Result, Right, Signed, Validity, Withdrawal,
};

/// The most amendments of an agreement.
pub const MAX_AMENDMENTS: usize = 64;
const VERSION: u8 = 1;

/// An offer that was accepted, and what followed.
///
/// As JSON it carries its parts as they were signed, each with the key that signed it; reading it verifies them all anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Agreement {
    offer: Signed<Offer>,
    acceptance: Signed<Acceptance>,
    receipt: Option<Signed<Receipt>>,
    /// By their hashes: their order says nothing.
    amendments: BTreeMap<ObjectHash, Amended>,
    replaced: Option<Box<Successor>>,
    withdrawn: Option<Withdrawn>,
}

/// The offer that names an agreement as the one that it replaces, and its acceptance by the same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Successor {
    offer: Signed<Offer>,
    acceptance: Signed<Acceptance>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Withdrawn {
    withdrawal: Signed<Withdrawal>,
    acknowledgement: Option<Signed<Acknowledgement>>,
}

/// Where an agreement stands. An offer that nobody accepted is no agreement: it is a `Signed<Offer>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgreementState {
    /// Both sides have signed, offer and acceptance; the receipt has not come yet.
    Accepted,
    /// The receipt is there.
    InForce,
    /// It came to its end.
    Expired {
        /// When, Unix seconds.
        at: i64,
    },
    /// Another agreement has taken its place; nothing may be used under this one any more.
    Replaced {
        /// When that one was accepted, Unix seconds.
        at: i64,
        /// That one's name.
        by: ObjectHash,
    },
    /// The person ended it; nothing may be used any more, acknowledged or not.
    Withdrawn {
        /// When the person did, Unix seconds.
        at: i64,
        /// When the organisation acknowledged it; none while it is silent.
        acknowledged_at: Option<i64>,
    },
}

impl Agreement {
    /// The agreement that an acceptance makes of an offer.
    ///
    /// Errors: `HashMismatch` for the acceptance of another offer; `UntrustedKey` where it isn't signed by the
    /// relationship that it names; `FieldNotOffered`, `RequiredFieldMissing`, `OfferExpired`.
    pub fn new(offer: Signed<Offer>, acceptance: Signed<Acceptance>) -> Result<Self> {
        acceptance.check_against(&offer)?;
        Ok(Agreement {
            offer,
            acceptance,
            receipt: None,
            amendments: BTreeMap::new(),
            replaced: None,
            withdrawn: None,
        })
    }

    /// Adds the receipt. It is kept after a withdrawal too: the two may cross on their way. The first one
    /// stays; a later one changes nothing.
    ///
    /// The receipt must have been verified with a key of this organisation; which keys those are is for the trust layer
    /// to say, since certificates are renewed while an agreement stands.
    ///
    /// Errors: `HashMismatch` where it says anything else than what was agreed.
    pub fn countersign(&mut self, receipt: Signed<Receipt>) -> Result<()> {
        receipt.check_against(&self.offer, &self.acceptance)?;
        self.receipt.get_or_insert(receipt);
        Ok(())
    }

    /// What the person signs to narrow the agreement, at `now` (Unix seconds): fields to take out, an earlier end, or both.
    ///
    /// Errors: `FieldNotOffered` for a field that isn't in the agreement; `RequiredFieldMissing` for one without which
    /// there is none; `Malformed` where nothing would be narrower, or the end is past; `TooLarge` above
    /// [`MAX_AMENDMENTS`].
    pub fn amendment(&self, removed: &[FieldRef], ends_at: Option<i64>, now: i64) -> Result<Amendment> {
        let (current, amended_at) = (self.fields(), now.max(self.acceptance.accepted_at));
        if let Some(field) = removed.iter().find(|field| !current.contains(field)) {
            return Err(Error::FieldNotOffered { field: field.clone() });
        }
        let amendment = Amendment {
            acceptance: self.id(),
            removed: current.into_iter().filter(|field| removed.contains(field)).collect(),
            ends_at,
            amended_at,
        };
        let later = |ends_at: i64| self.ends_at().is_some_and(|end| ends_at >= end);
        if ends_at.is_some_and(later) {
            return Err(Error::Malformed { what: "amendment" });
        }
        amendment.check()?;
        self.check_amendment(&amendment)?;
        Ok(amendment)
    }

    /// Narrows the agreement. One that was taken in before, or takes out what is out already, changes nothing.
    ///
    /// Errors: `HashMismatch` for the amendment of another agreement; `UntrustedKey` where it isn't signed by this
    /// relationship; `FieldNotOffered`, `RequiredFieldMissing`; `TooLarge` above [`MAX_AMENDMENTS`].
    pub fn amend(&mut self, amendment: Signed<Amendment>) -> Result<()> {
        if amendment.acceptance != self.id() {
            return Err(Error::HashMismatch { what: "amendment" });
        }
        if amendment.key() != self.relationship() {
            return Err(Error::UntrustedKey { what: "amendment" });
        }
        if self.amendments.contains_key(&amendment.hash()) {
            return Ok(());
        }
        self.check_amendment(&amendment)?;
        let amended = Amended {
            amendment,
            acknowledgement: None,
        };
        self.amendments.insert(amended.amendment.hash(), amended);
        Ok(())
    }

    fn check_amendment(&self, amendment: &Amendment) -> Result<()> {
        if self.amendments.len() >= MAX_AMENDMENTS {
            return Err(Error::TooLarge {
                what: "amendment",
                limit: MAX_AMENDMENTS,
            });
        }
        for field in &amendment.removed {
            if !self.acceptance.chosen.contains(field) {
                return Err(Error::FieldNotOffered { field: field.clone() });
            }
            if self.offer.field(field).is_some_and(|offered| offered.required) {
                return Err(Error::RequiredFieldMissing { field: field.clone() });
            }
        }
        Ok(())
    }

    /// Adds the organisation's acknowledgement of an amendment, verified as [`Agreement::countersign`] asks. The first one
    /// stays.
    ///
    /// Errors: `HashMismatch` where it acknowledges no amendment of this agreement.
    pub fn acknowledge_amendment(&mut self, acknowledgement: Signed<AmendmentAcknowledgement>) -> Result<()> {
        let amended = self.amendments.get_mut(&acknowledgement.amendment);
        let amended = amended.ok_or(Error::HashMismatch {
            what: "acknowledgement",
        })?;
        amended.acknowledgement.get_or_insert(acknowledgement);
        Ok(())
    }

    /// Ends the agreement by the one that takes its place. The first one that does stays.
    ///
    /// Errors: `HashMismatch` where the newer one's offer doesn't name this agreement; `UntrustedKey` where it is another
    /// organisation's, or was accepted in another relationship.
    pub fn replace(&mut self, newer: &Agreement) -> Result<()> {
        self.replace_by(Successor {
            offer: newer.offer.clone(),
            acceptance: newer.acceptance.clone(),
        })
    }

    fn replace_by(&mut self, successor: Successor) -> Result<()> {
        successor.acceptance.check_against(&successor.offer)?;
        if successor.offer.replaces != Some(self.id()) {
            return Err(Error::HashMismatch { what: "offer" });
        }
        let same = successor.offer.organisation.id == self.offer.organisation.id
            && successor.acceptance.key() == self.relationship();
        if !same {
            return Err(Error::UntrustedKey { what: "offer" });
        }
        self.replaced.get_or_insert_with(|| Box::new(successor));
        Ok(())
    }

    /// What the person signs to withdraw, at `now` (Unix seconds). The date is never before the acceptance, whatever the
    /// clock says.
    pub fn withdrawal(&self, now: i64) -> Withdrawal {
        Withdrawal {
            acceptance: self.id(),
            withdrawn_at: now.max(self.acceptance.accepted_at),
        }
    }

    /// Ends the agreement. The first withdrawal stays; a later one, such as another device's, changes nothing.
    ///
    /// Errors: `HashMismatch` for the withdrawal of another agreement; `UntrustedKey` where it isn't signed by this
    /// relationship.
    pub fn withdraw(&mut self, withdrawal: Signed<Withdrawal>) -> Result<()> {
        if withdrawal.acceptance != self.id() {
            return Err(Error::HashMismatch { what: "withdrawal" });
        }
        if withdrawal.key() != self.relationship() {
            return Err(Error::UntrustedKey { what: "withdrawal" });
        }
        self.withdrawn.get_or_insert(Withdrawn {
            withdrawal,
            acknowledgement: None,
        });
        Ok(())
    }

    /// What the organisation signs to acknowledge the withdrawal, at `now`; none where there is no withdrawal.
    pub fn acknowledgement(&self, now: i64) -> Option<Acknowledgement> {
        let withdrawal = self.withdrawn.as_ref()?.withdrawal.hash();
        Some(Acknowledgement {
            withdrawal,
            acknowledged_at: now,
        })
    }

    /// Adds the organisation's acknowledgement, verified as [`Agreement::countersign`] asks. The first one stays.
    ///
    /// Errors: `HashMismatch` where there is no withdrawal, or it acknowledges another.
    pub fn acknowledge(&mut self, acknowledgement: Signed<Acknowledgement>) -> Result<()> {
        match &mut self.withdrawn {
            Some(withdrawn) if acknowledgement.withdrawal == withdrawn.withdrawal.hash() => {
                withdrawn.acknowledgement.get_or_insert(acknowledgement);
                Ok(())
            }
            _ => Err(Error::HashMismatch {
                what: "acknowledgement",
            }),
        }
    }

    /// Where it stands at `now` (Unix seconds).
    pub fn state(&self, now: i64) -> AgreementState {
        if let Some(Withdrawn {
            withdrawal,
            acknowledgement,
        }) = &self.withdrawn
        {
            let acknowledged_at = acknowledgement.as_ref().map(|signed| signed.acknowledged_at);
            return AgreementState::Withdrawn {
                at: withdrawal.withdrawn_at,
                acknowledged_at,
            };
        }
        if let Some(successor) = &self.replaced {
            return AgreementState::Replaced {
                at: successor.acceptance.accepted_at,
                by: successor.acceptance.hash(),
            };
        }
        match (self.ends_at(), &self.receipt) {
            (Some(at), _) if now >= at => AgreementState::Expired { at },
            (_, Some(_)) => AgreementState::InForce,
            (_, None) => AgreementState::Accepted,
        }
    }

    /// Whether the organisation may use this right at `now`, in standing access. The answer to the request itself, made
    /// with the acceptance, is no standing access and isn't asked about.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`.
    pub fn check_use(&self, right: Right, now: i64) -> Result<()> {
        match self.state(now) {
            AgreementState::Withdrawn { at, .. } => Err(Error::ConsentWithdrawn { at }),
            AgreementState::Expired { at } | AgreementState::Replaced { at, .. } => Err(Error::ConsentExpired { at }),
            _ if !self.offer.rights.grants(right) => Err(Error::RightNotGranted { right }),
            _ => Ok(()),
        }
    }

    /// The moment at which it ends by itself, Unix seconds; none where only a withdrawal ends it.
    pub fn ends_at(&self) -> Option<i64> {
        let agreed = match self.offer.validity {
            Validity::Once => Some(self.acceptance.accepted_at),
            Validity::Until { at } => Some(at),
            Validity::Standing => None,
        };
        let amended = self.amendments().filter_map(|amended| amended.amendment.ends_at);
        agreed.into_iter().chain(amended).min()
    }

    /// The agreement's name: the hash of its acceptance.
    pub fn id(&self) -> ObjectHash {
        self.acceptance.hash()
    }

    /// The fields that the person gave and has not taken out since, in the offer's order.
    pub fn fields(&self) -> Vec<FieldRef> {
        let removed: BTreeSet<&FieldRef> = self
            .amendments()
            .flat_map(|amended| &amended.amendment.removed)
            .collect();
        let chosen = self.acceptance.chosen.iter();
        chosen.filter(|field| !removed.contains(field)).cloned().collect()
    }

    /// Every amendment, in an order that says nothing.
    pub fn amendments(&self) -> impl Iterator<Item = &Amended> {
        self.amendments.values()
    }

    /// The key of the relationship.
    pub fn relationship(&self) -> &PublicKey {
        self.acceptance.key()
    }

    /// The offer.
    pub fn offer(&self) -> &Signed<Offer> {
        &self.offer
    }

    /// The acceptance.
    pub fn acceptance(&self) -> &Signed<Acceptance> {
        &self.acceptance
    }

    /// The receipt, once it has come.
    pub fn receipt(&self) -> Option<&Signed<Receipt>> {
        self.receipt.as_ref()
    }

    /// The withdrawal, where there is one.
    pub fn signed_withdrawal(&self) -> Option<&Signed<Withdrawal>> {
        self.withdrawn.as_ref().map(|withdrawn| &withdrawn.withdrawal)
    }

    /// The acknowledgement of the withdrawal, where there is one.
    pub fn signed_acknowledgement(&self) -> Option<&Signed<Acknowledgement>> {
        self.withdrawn
            .as_ref()
            .and_then(|withdrawn| withdrawn.acknowledgement.as_ref())
    }
}

/// Verifies a receipt as evidence, as anyone can who has the organisation's public key: that it is the organisation's
/// receipt for this acceptance of its own offer, and that the acceptance is signed by the key that the receipt names as the
/// data subject.
///
/// Errors: as [`Signed::verify`], [`Agreement::new`] and [`Agreement::countersign`].
pub fn verify_receipt(receipt: &str, acceptance: &str, offer: &str, organisation: &PublicKey) -> Result<Agreement> {
    let offer = Signed::<Offer>::verify(offer, organisation)?;
    let acceptance = Signed::<Acceptance>::verify_self_signed(acceptance)?;
    let mut agreement = Agreement::new(offer, acceptance)?;
    agreement.countersign(Signed::verify(receipt, organisation)?)?;
    Ok(agreement)
}

/// How an agreement is kept: its parts as they were signed, each with the key that it was verified with.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u8,
    offer: Signed<Offer>,
    acceptance: Signed<Acceptance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<Signed<Receipt>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amendments: Vec<Amended>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced: Option<Box<Successor>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawal: Option<Signed<Withdrawal>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acknowledgement: Option<Signed<Acknowledgement>>,
}

impl TryFrom<Kept> for Agreement {
    type Error = Error;

    /// Puts the agreement together anew, with every check that was made at first.
    fn try_from(kept: Kept) -> Result<Self> {
        if kept.version != VERSION {
            return Err(Error::UnsupportedVersion {
                what: "agreement",
                found: kept.version.into(),
            });
        }
        let mut agreement = Agreement::new(kept.offer, kept.acceptance)?;
        if let Some(receipt) = kept.receipt {
            agreement.countersign(receipt)?;
        }
        for amended in kept.amendments {
            agreement.amend(amended.amendment)?;
            if let Some(acknowledgement) = amended.acknowledgement {
                agreement.acknowledge_amendment(acknowledgement)?;
            }
        }
        if let Some(successor) = kept.replaced {
            agreement.replace_by(*successor)?;
        }
        if let Some(withdrawal) = kept.withdrawal {
            agreement.withdraw(withdrawal)?;
        }
        if let Some(acknowledgement) = kept.acknowledgement {
            agreement.acknowledge(acknowledgement)?;
        }
        Ok(agreement)
    }
}

impl From<Agreement> for Kept {
    fn from(agreement: Agreement) -> Self {
        let (withdrawal, acknowledgement) = match agreement.withdrawn {
            Some(Withdrawn {
                withdrawal,
                acknowledgement,
            }) => (Some(withdrawal), acknowledgement),
            None => (None, None),
        };
        Kept {
            version: VERSION,
            offer: agreement.offer,
            acceptance: agreement.acceptance,
            receipt: agreement.receipt,
            amendments: agreement.amendments.into_values().collect(),
            replaced: agreement.replaced,
            withdrawal,
            acknowledgement,
        }
    }
}
