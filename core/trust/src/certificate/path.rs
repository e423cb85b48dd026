//! Path validation (RFC 5280, section 6.1) from a pinned anchor down to a leaf.
//!
//! Stricter than the RFC: names match byte for byte, an anchor's own validity, usage and path length count, key usage has
//! to be there, and an intermediate authority with extended key usages passes on only those.

use kist_crypto::es256::PublicKey;

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
    /// The DNS names of its subject.
    pub dns_names: Vec<String>,
    /// The label of the anchor above it.
    pub anchor_label: String,
}

/// Validates a path of certificates in DER, leaf first, with or without the anchor at its end, for `usage` at `now`
/// (Unix seconds). Fails with `OrganisationNotTrusted`.
pub fn validate_path(chain: &[Vec<u8>], anchors: &[Anchor], usage: Usage, now: i64) -> Result<ValidatedLeaf> {
    Ok(validate(chain, anchors, usage, now)?)
}

pub(crate) fn validate(
    chain: &[Vec<u8>],
    anchors: &[Anchor],
    usage: Usage,
    now: i64,
) -> std::result::Result<ValidatedLeaf, Reason> {
    let chain = match chain.split_last() {
        Some((last, rest)) if anchors.iter().any(|anchor| anchor.certificate == *last) => rest,
        _ => chain,
    };
    if chain.len() > MAX_CHAIN {
        return Err(Reason::ChainBroken);
    }
    let path: Vec<Certificate> = chain
        .iter()
        .map(|der| Certificate::read(der))
        .collect::<std::result::Result<_, _>>()?;
    let (Some(leaf), Some(top)) = (path.first(), path.last()) else {
        return Err(Reason::ChainBroken);
    };
    let mut reason = Reason::UnknownAnchor;
    for anchor in anchors {
        let root = Certificate::read(&anchor.certificate)?;
        if root.name() != top.issuer() {
            continue;
        }
        match check_path(&root, &path, usage, now) {
            Ok(()) => {
                return Ok(ValidatedLeaf {
                    subject: leaf.subject().map_err(|_| Reason::CertificateMalformed)?,
                    key: leaf.key,
                    sha256: leaf.sha256(),
                    dns_names: leaf.dns_names().to_vec(),
                    anchor_label: anchor.label.clone(),
                });
            }
            Err(found) => reason = found,
        }
    }
    Err(reason)
}

fn check_path(root: &Certificate, path: &[Certificate], usage: Usage, now: i64) -> std::result::Result<(), Reason> {
    let mut issuer = root;
    let mut below = path;
    check_validity(root, now)?;
    while let Some((certificate, rest)) = below.split_last() {
        check_authority(issuer, below)?;
        if certificate.issuer() != issuer.name() || !certificate.signed_by(issuer) {
            return Err(Reason::ChainBroken);
        }
        check_validity(certificate, now)?;
        check_extended_usage(certificate, usage)?;
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
fn check_authority(certificate: &Certificate, below: &[Certificate]) -> std::result::Result<(), Reason> {
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
    let self_issued = |certificate: &&Certificate| certificate.name() == certificate.issuer();
    let authorities = below
        .iter()
        .skip(1)
        .filter(|certificate| !self_issued(certificate))
        .count();
    match constraints.path_len_constraint {
        Some(limit) if authorities > usize::from(limit) => Err(Reason::ChainBroken),
        _ => Ok(()),
    }
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
