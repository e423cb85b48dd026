//! The acceptance: the person's choice, signed with the key of the relationship.

use std::collections::BTreeSet;

use kist_crypto::es256::{Jwk, PublicKey};
use kist_crypto::jws;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::signed::SignedContent;
use crate::terms::{is_language, is_time, is_word};
use crate::{Error, FieldRef, MAX_FIELDS, ObjectHash, Offer, Result, Signed};

const MALFORMED: Error = Error::Malformed { what: "acceptance" };

/// What a person agreed to, of an offer that is named by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The offer.
    pub offer: ObjectHash,
    /// The fields that the person gives, none twice.
    pub chosen: Vec<FieldRef>,
    /// The language in which the person read the purpose.
    pub language: String,
    /// The key of the relationship, which signs this.
    pub relationship: Jwk,
    /// When, Unix seconds.
    pub accepted_at: i64,
}

impl Acceptance {
    /// The acceptance of `offer` with the `chosen` fields, for the relationship's key to sign. The fields come into the
    /// offer's order.
    ///
    /// Errors: `FieldNotOffered`, `RequiredFieldMissing`, `OfferExpired`.
    pub fn of(
        offer: &Signed<Offer>,
        chosen: &[FieldRef],
        language: &str,
        relationship: &PublicKey,
        accepted_at: i64,
    ) -> Result<Self> {
        check_choice(offer, chosen)?;
        check_time(offer, accepted_at)?;
        let chosen: BTreeSet<&FieldRef> = chosen.iter().collect();
        let fields = offer.fields.iter().map(|offered| offered.field());
        Ok(Acceptance {
            offer: offer.hash(),
            chosen: fields.filter(|field| chosen.contains(field)).collect(),
            language: language.to_owned(),
            relationship: relationship.jwk(),
            accepted_at,
        })
    }
}

impl Signed<Acceptance> {
    /// Verifies an acceptance with the key that it names itself: whose key that is has to be known from elsewhere.
    pub(crate) fn verify_self_signed(compact: &str) -> Result<Self> {
        let payload: Value = serde_json::from_slice(&jws::parse(compact)?.payload).map_err(|_| MALFORMED)?;
        let jwk = payload.get("relationship").cloned().unwrap_or_default();
        let jwk: Jwk = serde_json::from_value(jwk).map_err(|_| MALFORMED)?;
        Self::verify(compact, &PublicKey::from_jwk(&jwk)?)
    }

    /// That this accepts `offer`, chooses what the offer allows, in the offer's time, and is signed by the key it names.
    pub(crate) fn check_against(&self, offer: &Signed<Offer>) -> Result<()> {
        if self.offer != offer.hash() {
            return Err(Error::HashMismatch { what: "acceptance" });
        }
        if PublicKey::from_jwk(&self.relationship)? != *self.key() {
            return Err(Error::UntrustedKey { what: "acceptance" });
        }
        check_choice(offer, &self.chosen)?;
        check_time(offer, self.accepted_at)
    }
}

fn check_choice(offer: &Offer, chosen: &[FieldRef]) -> Result<()> {
    if let Some(field) = chosen.iter().find(|field| offer.field(field).is_none()) {
        return Err(Error::FieldNotOffered { field: field.clone() });
    }
    let mut required = offer
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.field());
    match required.find(|field| !chosen.contains(field)) {
        Some(field) => Err(Error::RequiredFieldMissing { field }),
        None => Ok(()),
    }
}

/// That an offer was open. A minute is left for clocks that don't agree.
fn check_time(offer: &Offer, accepted_at: i64) -> Result<()> {
    const CLOCK_SKEW: i64 = 60;
    let open = offer.issued_at.saturating_sub(CLOCK_SKEW)..=offer.expires_at.saturating_add(CLOCK_SKEW);
    match open.contains(&accepted_at) {
        true => Ok(()),
        false => Err(Error::OfferExpired { at: offer.expires_at }),
    }
}

impl SignedContent for Acceptance {
    const TYPE: &'static str = "kist-acceptance+jwt";
    const NAME: &'static str = "acceptance";

    fn check(&self) -> Result<()> {
        if self.chosen.len() > MAX_FIELDS {
            return Err(Error::TooLarge {
                what: "acceptance",
                limit: MAX_FIELDS,
            });
        }
        let once: BTreeSet<&FieldRef> = self.chosen.iter().collect();
        let sound = once.len() == self.chosen.len()
            && self.chosen.iter().all(|field| is_word(&field.credential))
            && is_language(&self.language)
            && is_time(self.accepted_at);
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}
