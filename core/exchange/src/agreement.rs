//! Offer and acceptance held against the request and the answer that carry them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use kist_consent::{Acceptance, Agreement, FieldRef, Offer, Signed};
use kist_crypto::es256::PublicKey;
use kist_identity::ClaimPath;
use kist_identity::dcql::{Candidate, CredentialQuery, Query};
use kist_trust::TrustedParty;

use crate::disclosed::covers;
use crate::wire::CLOCK_SKEW;
use crate::{Binding, CONNECTION, Error, MixUp, Result};

/// An offer that the party made itself whose request it is, that names the supplier which asks for it, if one does, that is
/// open at `now`, and that names what the query asks.
pub(crate) fn verify_offer(
    compact: &str,
    query: &Query,
    party: &TrustedParty,
    supplier: Option<&TrustedParty>,
    now: i64,
) -> Result<Signed<Offer>> {
    const OF_ANOTHER: Error = Error::MixUpRefused { part: MixUp::Offer };
    let offer = Signed::<Offer>::verify(compact, &party.key).map_err(|error| match error {
        kist_consent::Error::Crypto(kist_crypto::Error::SignatureInvalid) => OF_ANOTHER,
        other => other.into(),
    })?;
    if offer.organisation.id != party.organisation_id || offer.organisation.name != party.legal_name {
        return Err(OF_ANOTHER);
    }
    let asks = supplier.map(|supplier| (&supplier.organisation_id, &supplier.legal_name));
    if offer.supplier.as_ref().map(|named| (&named.id, &named.name)) != asks {
        return Err(OF_ANOTHER);
    }
    if now > offer.expires_at {
        return Err(Error::RequestExpired);
    }
    match names_what_is_asked(&offer, query) && optional_can_be_left_out(&offer, query) {
        true => Ok(offer),
        false => Err(Error::InvalidTransactionData),
    }
}

/// Every claim that the query asks for is a field of the offer, and the other way round; no credential is asked for
/// itself alone. The return address is known to both sides without being named.
fn names_what_is_asked(offer: &Offer, query: &Query) -> bool {
    let asked: Vec<&CredentialQuery> = asked(query).collect();
    let claims = asked
        .iter()
        .flat_map(|credential| credential.claims.iter().map(|claim| (&credential.id, &claim.path)));
    let named = offer.fields.iter().map(|field| (&field.credential, &field.path));
    let named: BTreeSet<_> = named.collect();
    asked.iter().all(|credential| !credential.claims.is_empty()) && claims.collect::<BTreeSet<_>>() == named
}

/// What the offer calls optional, the query lets the person leave out. Where the query lists combinations of claims, they
/// decide.
fn optional_can_be_left_out(offer: &Offer, query: &Query) -> bool {
    asked(query)
        .filter(|credential| credential.claim_sets.is_empty())
        .all(|credential| {
            let mut fields = offer.fields.iter().filter(|field| field.credential == credential.id);
            fields.clone().all(|field| field.required)
                || (!fields.any(|field| field.required) && is_satisfied_without(query, &credential.id))
        })
}

fn asked(query: &Query) -> impl Iterator<Item = &CredentialQuery> {
    query
        .credentials()
        .iter()
        .filter(|credential| credential.id != CONNECTION)
}

fn is_satisfied_without(query: &Query, id: &str) -> bool {
    let mut required = query.credential_sets().iter().filter(|set| set.required);
    !query.credential_sets().is_empty()
        && required.all(|set| set.options.iter().any(|option| option.iter().all(|other| other != id)))
}

/// What was presented, and what of it could have been kept back.
#[derive(Debug, Default)]
pub(crate) struct Presented<'a> {
    /// The presentations by the id of the credential query.
    pub(crate) candidates: BTreeMap<&'a str, Vec<Candidate<'a>>>,
    /// The values that were disclosed, by the same id.
    pub(crate) disclosed: Vec<(String, ClaimPath)>,
}

/// The agreement that an acceptance of `offer` makes: signed by the relationship's key, given within the request's life,
/// its chosen fields what was presented, no value more, no field less.
pub(crate) fn verify_acceptance(
    compact: &str,
    offer: &Signed<Offer>,
    relationship: &PublicKey,
    lifetime: RangeInclusive<i64>,
    presented: &Presented<'_>,
) -> Result<Agreement> {
    let mismatch = |rule| Err(Error::AcceptanceMismatch { rule });
    let acceptance = match Signed::<Acceptance>::verify(compact, relationship) {
        Err(kist_consent::Error::Crypto(kist_crypto::Error::SignatureInvalid)) => {
            return mismatch(Binding::RelationshipKey);
        }
        other => other?,
    };
    let (from, until) = (
        lifetime.start().saturating_sub(CLOCK_SKEW),
        lifetime.end().saturating_add(CLOCK_SKEW),
    );
    if !(from..=until).contains(&acceptance.accepted_at) {
        return mismatch(Binding::Time);
    }
    if !presented.stays_within(&acceptance.chosen) {
        return Err(Error::BeyondConsent);
    }
    if !acceptance.chosen.iter().all(|field| presented.has(field)) {
        return mismatch(Binding::Fields);
    }
    match Agreement::new(offer.clone(), acceptance) {
        Err(kist_consent::Error::HashMismatch { .. }) => mismatch(Binding::Offer),
        Err(kist_consent::Error::UntrustedKey { .. }) => mismatch(Binding::RelationshipKey),
        other => Ok(other?),
    }
}

impl Presented<'_> {
    /// That every credential and every value which could have been kept back was chosen.
    fn stays_within(&self, chosen: &[FieldRef]) -> bool {
        let credential = |id: &str| id == CONNECTION || chosen.iter().any(|field| field.credential == id);
        let value = |(id, path): &(String, ClaimPath)| {
            chosen
                .iter()
                .any(|field| field.credential == *id && covers(&field.path, path))
        };
        self.candidates.keys().all(|id| credential(id)) && self.disclosed.iter().all(value)
    }

    fn has(&self, field: &FieldRef) -> bool {
        let mut shown = self.candidates.get(field.credential.as_str()).into_iter().flatten();
        shown.any(|candidate| !field.path.select(candidate.claims).is_empty())
    }
}
