//! Who is believed: certificate, list and registration taken together.

use kist_crypto::es256::PublicKey;

use crate::certificate::{Anchor, AnchorKind, Ground, Usage, Validated, validate};
use crate::{Entry, Freshness, Reason, Registration, Result, Status, TrustList};

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
    /// What that anchor is the root of.
    pub anchor_kind: AnchorKind,
    /// How fresh the list is that vouches for it.
    pub freshness: Freshness,
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
    let listed = listed(chain, lists, anchors, Usage::Requests, now)?;
    let (leaf, anchor) = (listed.path.leaf, listed.path.anchor);
    let ground = ground(anchor, lists);
    let registration = Registration::verify_on(registration, &ground, now)?;
    if registration.organisation_id != leaf.subject.organisation_id
        || registration.legal_name != leaf.subject.legal_name
        || registration.country != leaf.subject.country
    {
        return Err(Reason::RegistrationMismatch.into());
    }
    if registration.issued < listed.entry.registered {
        return Err(Reason::RegistrationSuperseded.into());
    }
    Ok(TrustedParty {
        organisation_id: leaf.subject.organisation_id,
        legal_name: leaf.subject.legal_name,
        country: leaf.subject.country,
        anchor_label: leaf.anchor_label,
        anchor_kind: anchor.kind,
        freshness: listed.freshness,
        active_since: listed.entry.since,
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
    let Listed { path, entry, .. } = listed(chain, lists, anchors, Usage::Credentials, now)?;
    if !entry.may_issue(vct) {
        return Err(Reason::MayNotIssue.into());
    }
    Ok(TrustedIssuer {
        organisation_id: path.leaf.subject.organisation_id,
        legal_name: path.leaf.subject.legal_name,
        anchor_label: path.leaf.anchor_label,
        key: path.leaf.key,
    })
}

/// A valid path, and the active entry that the list of the same anchor has for its leaf.
struct Listed<'a> {
    path: Validated<'a>,
    entry: &'a Entry,
    freshness: Freshness,
}

fn listed<'a>(
    chain: &[Vec<u8>],
    lists: &'a [TrustList],
    anchors: &'a [Anchor],
    usage: Usage,
    now: i64,
) -> Result<Listed<'a>> {
    let grounds: Vec<Ground<'_>> = anchors.iter().map(|anchor| ground(anchor, lists)).collect();
    let path = validate(chain, &grounds, usage, now)?;
    let list = list_of(path.anchor, lists).ok_or(Reason::NotListed)?;
    let freshness = list.freshness(now)?;
    let entry = list
        .entry(&path.leaf.subject.organisation_id)
        .ok_or(Reason::NotListed)?;
    match entry.status {
        Status::Active if entry.certificates.contains(&path.leaf.sha256) => Ok(Listed { path, entry, freshness }),
        Status::Active => Err(Reason::CertificateNotListed.into()),
        Status::Suspended => Err(Reason::Suspended.into()),
        Status::Expelled => Err(Reason::Expelled.into()),
    }
}

fn list_of<'a>(anchor: &Anchor, lists: &'a [TrustList]) -> Option<&'a TrustList> {
    lists.iter().find(|list| list.anchor_label == anchor.label)
}

/// An anchor with what its list says of the framework's other roots.
fn ground<'a>(anchor: &'a Anchor, lists: &'a [TrustList]) -> Ground<'a> {
    Ground {
        anchor,
        links: list_of(anchor, lists).map_or(&[], TrustList::links),
    }
}
