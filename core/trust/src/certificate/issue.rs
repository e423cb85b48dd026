//! Making certificates: the root, the registrar's, and access certificates. Each is signed in two steps.

use der::asn1::{Any, BitString, Ia5String, OctetString, PrintableStringRef, Utf8StringRef};
use der::oid::AssociatedOid;
use der::{Decode, Encode, Sequence};
use kist_crypto::es256::{PublicKey, SigningKey, signature_to_der};
use kist_crypto::{CryptoRng, sha256};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::{RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time;
use x509_cert::{AlgorithmIdentifier, SubjectPublicKeyInfo, Version};

use super::{COMMON_NAME, COUNTRY, Certificate, ORGANIZATION, ORGANIZATION_IDENTIFIER, Subject, Usage, es256};
use crate::encoding::date_time;
use crate::{Error, Result};

const UNFIT: Error = Error::Malformed {
    what: "certificate's content",
};
/// RFC 5280, appendix A: `ub-organization-name` and `ub-common-name`.
const MAX_LEGAL_NAME: usize = 64;
const MAX_ID: usize = 64;
/// RFC 1035, section 2.3.4, less the length bytes at both ends.
const MAX_DNS_NAME: usize = 253;
/// The common name of a root, which tells its name from the registrar's.
const ROOT: &str = "Root";

/// From when until when a certificate is valid, both included, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: i64,
    /// The last second.
    pub not_after: i64,
}

/// A certificate that waits for its issuer's signature.
#[derive(Debug, Clone)]
pub struct Unsigned {
    tbs: Vec<u8>,
}

/// `TBSCertificate` of RFC 5280, section 4.1.
#[derive(Sequence)]
struct TbsCertificate {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifier,
    issuer: RdnSequence,
    validity: time::Validity,
    subject: RdnSequence,
    subject_public_key_info: SubjectPublicKeyInfo,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Extensions,
}

/// `Certificate` of RFC 5280, section 4.1, around what was signed.
#[derive(Sequence)]
struct Signed {
    tbs: Any,
    algorithm: AlgorithmIdentifier,
    signature: BitString,
}

impl Unsigned {
    /// The bytes that the issuer signs with ES256.
    pub fn to_sign(&self) -> &[u8] {
        &self.tbs
    }

    /// The certificate, after checking that `issuer` signed it.
    pub fn complete(self, signature: &[u8; 64], issuer: &PublicKey) -> Result<Certificate> {
        issuer
            .verify(&self.tbs, signature)
            .map_err(|_| Error::SignatureInvalid)?;
        let signature = signature_to_der(signature).map_err(|_| Error::SignatureInvalid)?;
        let signed = Signed {
            tbs: Any::from_der(&self.tbs).map_err(unfit)?,
            algorithm: es256(),
            signature: BitString::from_bytes(&signature).map_err(unfit)?,
        };
        Certificate::from_der(&signed.to_der().map_err(unfit)?)
    }

    /// Both steps at once, where the issuer's key is at hand.
    pub fn sign(self, issuer: &SigningKey) -> Result<Certificate> {
        let signature = issuer.sign(&self.tbs);
        self.complete(&signature, &issuer.public())
    }
}

/// A framework's root: signs itself, and certificates of leaves alone.
pub fn root<R: CryptoRng + ?Sized>(
    subject: &Subject,
    key: &PublicKey,
    validity: Validity,
    rng: &mut R,
) -> Result<Unsigned> {
    let name = name(subject, ROOT)?;
    unsigned(name.clone(), name, key, validity, authority_extensions(key)?, rng)
}

/// One root of a framework under another's key, as `NewWithOld` and `OldWithNew` of RFC 9810, section 4.4: `key` is that
/// of the root that is vouched for, the issuer's that of the root that vouches. Both have the operator's name, so that
/// path lengths don't count it.
pub fn link<R: CryptoRng + ?Sized>(
    issuer: &Issuer<'_>,
    key: &PublicKey,
    validity: Validity,
    rng: &mut R,
) -> Result<Unsigned> {
    let name = name(issuer.subject, ROOT)?;
    let mut extensions = authority_extensions(key)?;
    extensions.push(extension(false, &authority_key_identifier(issuer.key)?)?);
    unsigned(name.clone(), name, key, validity, extensions, rng)
}

fn authority_extensions(key: &PublicKey) -> Result<Extensions> {
    let constraints = BasicConstraints {
        ca: true,
        path_len_constraint: Some(0),
    };
    Ok(vec![
        extension(true, &constraints)?,
        extension(true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
        extension(false, &key_identifier(key)?)?,
    ])
}

/// The registrar's certificate: signs registrations and lists.
pub fn registrar<R: CryptoRng + ?Sized>(
    issuer: &Issuer<'_>,
    key: &PublicKey,
    validity: Validity,
    rng: &mut R,
) -> Result<Unsigned> {
    let name = name(issuer.subject, "Registrar")?;
    leaf(issuer, name, key, &[Usage::Registrar], None, validity, rng)
}

/// An organisation's access certificate: signs its requests, agreements and credentials.
pub fn access<R: CryptoRng + ?Sized>(
    issuer: &Issuer<'_>,
    subject: &Subject,
    dns_name: Option<&str>,
    key: &PublicKey,
    validity: Validity,
    rng: &mut R,
) -> Result<Unsigned> {
    let usages = [Usage::Requests, Usage::Credentials];
    let name = name(subject, &subject.legal_name)?;
    leaf(issuer, name, key, &usages, dns_name, validity, rng)
}

/// The root that issues.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    /// Its name.
    pub subject: &'a Subject,
    /// Its key.
    pub key: &'a PublicKey,
}

fn leaf<R: CryptoRng + ?Sized>(
    issuer: &Issuer<'_>,
    subject: RdnSequence,
    key: &PublicKey,
    usages: &[Usage],
    dns_name: Option<&str>,
    validity: Validity,
    rng: &mut R,
) -> Result<Unsigned> {
    let mut extensions = vec![
        extension(true, &KeyUsage(KeyUsages::DigitalSignature.into()))?,
        extension(
            false,
            &ExtendedKeyUsage(usages.iter().map(|usage| usage.oid()).collect()),
        )?,
        extension(false, &key_identifier(key)?)?,
        extension(false, &authority_key_identifier(issuer.key)?)?,
    ];
    if let Some(dns_name) = dns_name {
        let dns_name = GeneralName::DnsName(checked_dns_name(dns_name)?);
        extensions.push(extension(false, &SubjectAltName(vec![dns_name]))?);
    }
    unsigned(name(issuer.subject, ROOT)?, subject, key, validity, extensions, rng)
}

fn unsigned<R: CryptoRng + ?Sized>(
    issuer: RdnSequence,
    subject: RdnSequence,
    key: &PublicKey,
    validity: Validity,
    extensions: Extensions,
    rng: &mut R,
) -> Result<Unsigned> {
    if validity.not_after < validity.not_before {
        return Err(UNFIT);
    }
    // RFC 5280, section 4.1.2.2: positive, at most 20 octets; 126 random bits.
    let mut serial = [0; 16];
    rng.fill_bytes(&mut serial);
    serial[0] = serial[0] & 0x3f | 0x40;
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&serial).map_err(unfit)?,
        signature: es256(),
        issuer,
        validity: time::Validity::new(
            date_time(validity.not_before)?.into(),
            date_time(validity.not_after)?.into(),
        ),
        subject,
        subject_public_key_info: SubjectPublicKeyInfo::from_der(&key.to_spki_der()).map_err(unfit)?,
        extensions,
    };
    Ok(Unsigned {
        tbs: tbs.to_der().map_err(unfit)?,
    })
}

fn name(subject: &Subject, common_name: &str) -> Result<RdnSequence> {
    let country = subject.country.as_str();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(UNFIT);
    }
    let country = Any::encode_from(&PrintableStringRef::new(country).map_err(unfit)?).map_err(unfit)?;
    let attributes = [
        (COUNTRY, country),
        (ORGANIZATION, text(&subject.legal_name, MAX_LEGAL_NAME)?),
        (ORGANIZATION_IDENTIFIER, text(&subject.organisation_id, MAX_ID)?),
        (COMMON_NAME, text(common_name, MAX_LEGAL_NAME)?),
    ];
    let mut name = RdnSequence::default();
    for (oid, value) in attributes {
        let attribute = vec![AttributeTypeAndValue { oid, value }];
        name.push(RelativeDistinguishedName::try_from(attribute).map_err(unfit)?);
    }
    Ok(name)
}

fn text(value: &str, limit: usize) -> Result<Any> {
    if value.is_empty() || value.chars().count() > limit || value.chars().any(char::is_control) {
        return Err(UNFIT);
    }
    Any::encode_from(&Utf8StringRef::new(value).map_err(unfit)?).map_err(unfit)
}

fn checked_dns_name(name: &str) -> Result<Ia5String> {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if name.len() > MAX_DNS_NAME || !name.split('.').all(label) {
        return Err(UNFIT);
    }
    Ia5String::new(name).map_err(unfit)
}

/// RFC 7093, section 2, method 1: 160 bits of the key's SHA-256.
fn key_identifier(key: &PublicKey) -> Result<SubjectKeyIdentifier> {
    let digest = sha256(&[&key.to_sec1()]);
    let (identifier, _) = digest.split_at(20);
    Ok(SubjectKeyIdentifier(OctetString::new(identifier).map_err(unfit)?))
}

fn authority_key_identifier(key: &PublicKey) -> Result<AuthorityKeyIdentifier> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(key_identifier(key)?.0),
        ..Default::default()
    })
}

fn extension<T: AssociatedOid + Encode>(critical: bool, value: &T) -> Result<Extension> {
    Ok(Extension {
        extn_id: T::OID,
        critical,
        extn_value: OctetString::new(value.to_der().map_err(unfit)?).map_err(unfit)?,
    })
}

fn unfit(_: der::Error) -> Error {
    UNFIT
}
