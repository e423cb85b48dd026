//! Who is believed: certificate, list and registration taken together.

use kist_crypto::es256::PublicKey;

use crate::certificate::{Anchor, Usage, ValidatedLeaf, validate_path};
use crate::{Entry, Reason, Registration, Result, Status, TrustList};

/// An organisation that may ask: its certificate leads to an anchor, the anchor's list names it as active with that
/// certificate, and the registration is its own.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedParty {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The label of the anchor that vouches for it.
    pub anchor_label: String,
    /// Since when it has been an active member, in Unix seconds.
    pub active_since: i64,
    /// What it registered.
    pub registration: Registration,
    /// The key of its access certificate.
    pub key: PublicKey,
    /// SHA-256 of its access certificate.
    pub certificate_sha256: [u8; 32],
    /// The DNS names of its access certificate.
    pub dns_names: Vec<String>,
}

/// An organisation that may issue a type of credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// The label of the anchor that vouches for it.
    pub anchor_label: String,
    /// The key that it signs credentials with.
    pub key: PublicKey,
}

/// Decides whether an organisation may ask, at `now` (Unix seconds).
///
/// `chain` is its access certificate and what stands between that and the anchor, leaf first; `registration` the JWS that
/// came with its request; `lists` one verified list of each anchor. Fails with `OrganisationNotTrusted` and the first
/// reason, with `TrustListExpired` where the list is too old to decide, or with `UnsupportedVersion`.
pub fn verify_organisation(
    chain: &[Vec<u8>],
    registration: &str,
    lists: &[TrustList],
    anchors: &[Anchor],
    now: i64,
) -> Result<TrustedParty> {
    let (leaf, entry) = listed(chain, lists, anchors, Usage::Requests, now)?;
    let anchor = anchors
        .iter()
        .find(|anchor| anchor.label == leaf.anchor_label)
        .ok_or(Reason::UnknownAnchor)?;
    let registration = Registration::verify(registration, anchor, now)?;
    if registration.organisation_id != leaf.subject.organisation_id
        || registration.legal_name != leaf.subject.legal_name
        || registration.country != leaf.subject.country
    {
        return Err(Reason::RegistrationMismatch.into());
    }
    if registration.issued < entry.registered {
        return Err(Reason::RegistrationSuperseded.into());
    }
    Ok(TrustedParty {
        organisation_id: leaf.subject.organisation_id,
        legal_name: leaf.subject.legal_name,
        country: leaf.subject.country,
        anchor_label: leaf.anchor_label,
        active_since: entry.since,
        registration,
        key: leaf.key,
        certificate_sha256: leaf.sha256,
        dns_names: leaf.dns_names,
    })
}

/// Decides whether the organisation of this certificate path may issue credentials of type `vct`, at `now` (Unix
/// seconds). Fails as [`verify_organisation`] does.
pub fn verify_issuer(
    chain: &[Vec<u8>],
    vct: &str,
    lists: &[TrustList],
    anchors: &[Anchor],
    now: i64,
) -> Result<TrustedIssuer> {
    let (leaf, entry) = listed(chain, lists, anchors, Usage::Credentials, now)?;
    if !entry.may_issue(vct) {
        return Err(Reason::MayNotIssue.into());
    }
    Ok(TrustedIssuer {
        organisation_id: leaf.subject.organisation_id,
        legal_name: leaf.subject.legal_name,
        anchor_label: leaf.anchor_label,
        key: leaf.key,
    })
}

/// The leaf of a valid path, and the active entry that the list of the same anchor has for it.
fn listed<'a>(
    chain: &[Vec<u8>],
    lists: &'a [TrustList],
    anchors: &[Anchor],
    usage: Usage,
    now: i64,
) -> Result<(ValidatedLeaf, &'a Entry)> {
    let leaf = validate_path(chain, anchors, usage, now)?;
    let list = lists
        .iter()
        .find(|list| list.anchor_label == leaf.anchor_label)
        .ok_or(Reason::NotListed)?;
    list.check_usable(now)?;
    let entry = list.entry(&leaf.subject.organisation_id).ok_or(Reason::NotListed)?;
    match entry.status {
        Status::Active if entry.certificates.contains(&leaf.sha256) => Ok((leaf, entry)),
        Status::Active => Err(Reason::CertificateNotListed.into()),
        Status::Suspended => Err(Reason::Suspended.into()),
        Status::Expelled => Err(Reason::Expelled.into()),
    }
}
