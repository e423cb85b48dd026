//! Path validation (RFC 5280, section 6.1) from a pinned anchor down to a leaf.
//!
//! Stricter than the RFC: names match byte for byte, an anchor's own validity, usage, path length and name constraints
//! count, key usage has to be there, and an intermediate authority with extended key usages passes on only those. The
//! shortest part of a presented chain that reaches an anchor is the path; what follows it may lead to another anchor.

use kist_crypto::es256::PublicKey;

use super::names::Constraints;
use super::{Anchor, Certificate, MAX_CHAIN, Subject, Usage};
use crate::{Reason, Result};

/// The leaf of a path that leads from an anchor.
#[derive(Debug, Clone)]
pub struct ValidatedLeaf {
    /// Who it names.
    pub subject: Subject,
    /// Its key.
    pub key: PublicKey,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
    /// The DNS names of its subject, in small letters.
    pub dns_names: Vec<String>,
    /// The label of the anchor above it.
    pub anchor_label: String,
}

/// An anchor, and the certificates by which its framework's roots vouch for each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) anchor: &'a Anchor,
    pub(crate) links: &'a [Certificate],
}

/// A path that leads from an anchor, as this room needs it.
pub(crate) struct Validated<'a> {
    pub(crate) leaf: ValidatedLeaf,
    pub(crate) anchor: &'a Anchor,
    /// The certificate that stands directly above the leaf: the anchor's, or an authority's beneath it.
    pub(crate) issuer: Certificate,
}

/// Validates a path of certificates in DER, leaf first, with or without the anchor at its end, for `usage` at `now`
/// (Unix seconds). Fails with `OrganisationNotTrusted`.
pub fn validate_path(chain: &[Vec<u8>], anchors: &[Anchor], usage: Usage, now: i64) -> Result<ValidatedLeaf> {
    let grounds: Vec<Ground<'_>> = anchors.iter().map(|anchor| Ground { anchor, links: &[] }).collect();
    Ok(validate(chain, &grounds, usage, now)?.leaf)
}

pub(crate) fn validate<'a>(
    chain: &[Vec<u8>],
    grounds: &[Ground<'a>],
    usage: Usage,
    now: i64,
) -> std::result::Result<Validated<'a>, Reason> {
    // One more than a path: the anchor may stand at its end.
    if chain.len() > MAX_CHAIN + 1 {
        return Err(Reason::ChainBroken);
    }
    let presented: Vec<Certificate> = chain
        .iter()
        .map(|der| Certificate::read(der))
        .collect::<std::result::Result<_, _>>()?;
    let connected = connected(&presented);
    let Some(leaf) = presented.first() else {
        return Err(Reason::ChainBroken);
    };
    let mut search = Search {
        usage,
        now,
        reason: match connected == presented.len() {
            true => Reason::UnknownAnchor,
            false => Reason::ChainBroken,
        },
    };
    for ground in grounds {
        let root = Certificate::read(&ground.anchor.certificate)?;
        if root.der() == leaf.der() {
            return Err(Reason::ChainBroken);
        }
        let below_root = presented
            .iter()
            .take(connected)
            .take_while(|one| one.der() != root.der());
        let mut path: Vec<&Certificate> = Vec::new();
        for certificate in below_root.take(MAX_CHAIN) {
            path.push(certificate);
            if let Some(found) = search.reach(&root, &path, ground.links) {
                return Ok(Validated {
                    leaf: ValidatedLeaf {
                        subject: leaf.subject().map_err(|_| Reason::CertificateMalformed)?,
                        key: leaf.key,
                        sha256: leaf.sha256(),
                        dns_names: leaf.dns_names().to_vec(),
                        anchor_label: ground.anchor.label.clone(),
                    },
                    anchor: ground.anchor,
                    issuer: found.get(1).map_or(&root, |issuer| *issuer).clone(),
                });
            }
        }
    }
    Err(search.reason)
}

/// How many certificates follow each other by name, from the leaf on.
fn connected(presented: &[Certificate]) -> usize {
    let pairs = presented.iter().zip(presented.iter().skip(1));
    let links = pairs.take_while(|(below, above)| below.issuer() == above.name());
    presented.len().min(1 + links.count())
}

/// A search for a path that is valid.
struct Search {
    usage: Usage,
    now: i64,
    /// Why none was found so far.
    reason: Reason,
}

impl Search {
    /// The path as it is, or lengthened by links, where it is valid beneath `root`.
    fn reach<'c>(
        &mut self,
        root: &Certificate,
        path: &[&'c Certificate],
        links: &'c [Certificate],
    ) -> Option<Vec<&'c Certificate>> {
        let top = path.last()?;
        if top.issuer() == root.name() {
            match check_path(root, path, self.usage, self.now) {
                Ok(()) => return Some(path.to_vec()),
                Err(found) => self.note(found),
            }
        }
        if path.len() >= MAX_CHAIN {
            return None;
        }
        for link in links.iter().filter(|link| link.name() == top.issuer()) {
            let used = path.iter().any(|one| one.der() == link.der());
            if !used && top.signed_by(link) {
                let longer: Vec<&Certificate> = path.iter().copied().chain([link]).collect();
                if let Some(found) = self.reach(root, &longer, links) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// Keeps the reason that says most: that one candidate's signature is another's says little.
    fn note(&mut self, found: Reason) {
        if matches!(self.reason, Reason::UnknownAnchor | Reason::ChainBroken) {
            self.reason = found;
        }
    }
}

fn check_path(root: &Certificate, path: &[&Certificate], usage: Usage, now: i64) -> std::result::Result<(), Reason> {
    let mut issuer = root;
    let mut below = path;
    let mut constraints: Vec<&Constraints> = Vec::new();
    check_validity(root, now)?;
    while let Some((certificate, rest)) = below.split_last() {
        check_authority(issuer, below)?;
        if certificate.issuer() != issuer.name() || !certificate.signed_by(issuer) {
            return Err(Reason::ChainBroken);
        }
        check_validity(certificate, now)?;
        check_extended_usage(certificate, usage)?;
        constraints.extend(&issuer.extensions.name_constraints);
        // RFC 5280, section 6.1.3 (b) and (c): a certificate of a rollover is passed over, unless it is the last.
        if rest.is_empty() || !is_self_issued(certificate) {
            constraints
                .iter()
                .try_for_each(|constraints| constraints.check(certificate))?;
        }
        issuer = certificate;
        below = rest;
    }
    check_leaf(issuer, usage)
}

fn check_validity(certificate: &Certificate, now: i64) -> std::result::Result<(), Reason> {
    if now < certificate.not_before() {
        return Err(Reason::CertificateNotYetValid);
    }
    if now > certificate.not_after() {
        return Err(Reason::CertificateExpired);
    }
    Ok(())
}

/// That a certificate may sign the topmost certificate of `below`, the path beneath it, leaf first.
fn check_authority(certificate: &Certificate, below: &[&Certificate]) -> std::result::Result<(), Reason> {
    let Some(constraints) = certificate
        .extensions
        .authority
        .as_ref()
        .filter(|constraints| constraints.ca)
    else {
        return Err(Reason::WrongUsage);
    };
    if !certificate
        .extensions
        .key_usage
        .is_some_and(|usage| usage.key_cert_sign())
    {
        return Err(Reason::WrongUsage);
    }
    // A subject without a name cannot be named as an issuer.
    if certificate.name().is_empty() {
        return Err(Reason::ChainBroken);
    }
    let authorities = below
        .iter()
        .skip(1)
        .filter(|certificate| !is_self_issued(certificate))
        .count();
    match constraints.path_len_constraint {
        Some(limit) if authorities > usize::from(limit) => Err(Reason::PathTooLong),
        _ => Ok(()),
    }
}

fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.name() == certificate.issuer()
}

fn check_extended_usage(certificate: &Certificate, usage: Usage) -> std::result::Result<(), Reason> {
    match &certificate.extensions.extended {
        Some(extended) if !extended.0.contains(&usage.oid()) => Err(Reason::WrongUsage),
        _ => Ok(()),
    }
}

fn check_leaf(leaf: &Certificate, usage: Usage) -> std::result::Result<(), Reason> {
    let extensions = &leaf.extensions;
    let signs = extensions
        .key_usage
        .is_some_and(|usage| usage.digital_signature() && !usage.key_cert_sign());
    let named = extensions.extended.is_some() || usage != Usage::Registrar;
    if extensions.is_authority() || !signs || !named {
        return Err(Reason::WrongUsage);
    }
    Ok(())
}
