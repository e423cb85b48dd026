//! Certificates (RFC 5280), in the profile that this framework reads: X.509 version 3, strict DER, P-256 keys, ES256.

mod issue;
mod names;
mod path;

use std::collections::BTreeSet;

use der::asn1::{ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use der::oid::AssociatedOid;
use der::{Decode, Encode, Tag, Tagged};
use kist_crypto::es256::PublicKey;
use kist_crypto::{base64url, sha256};
use serde::{Deserialize, Serialize};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::{AlgorithmIdentifier, Version};

pub use issue::{Issuer, Unsigned, Validity, access, link, registrar, root};
pub(crate) use path::{Ground, Validated, validate};
pub use path::{ValidatedLeaf, validate_path};

use crate::encoding::{der_base64, unix_seconds};
use crate::text::is_line;
use crate::{Reason, Result};

/// The largest certificate that is read, in bytes.
pub const MAX_CERTIFICATE: usize = 8 << 10;
/// The most certificates of a path, without the anchor.
pub const MAX_CHAIN: usize = 6;

/// `organizationIdentifier` of X.520, which ETSI EN 319 412-1 uses for legal persons.
const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// `ecdsa-with-SHA256` (RFC 5758); its parameters are absent.
const ES256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// What an anchor is the root of, as the person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// A framework of its own: a city's, a sector's, a demonstration's.
    #[default]
    Framework,
    /// A list of the European Union or of one of its member states.
    EuropeanList,
    /// A country's own register.
    NationalRegister,
}

/// A root that the person trusts, under a name to show: "National register", "Demo framework".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// What the person calls it. Unique among the anchors of one phone.
    pub label: String,
    /// What it is the root of.
    #[serde(default)]
    pub kind: AnchorKind,
    /// The root's certificate in DER; as JSON, base64.
    #[serde(with = "der_base64")]
    pub certificate: Vec<u8>,
}

/// What a leaf's key signs; each has its extended key usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Requests to people: reader authentication of ISO/IEC 18013-5, annex B.1.7. Any, where the leaf has no extended
    /// key usage.
    Requests,
    /// Credentials: document signing of RFC 9336. Any, where the leaf has no extended key usage.
    Credentials,
    /// Registrations and lists: trust list signing of ETSI TS 119 612, clause 5.7.1. The leaf has to name it.
    Registrar,
}

impl Usage {
    const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Usage::Requests => "1.0.18013.5.1.6",
            Usage::Credentials => "1.3.6.1.5.5.7.3.36",
            Usage::Registrar => "0.4.0.2231.3.0",
        })
    }
}

/// Who a certificate names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The legal name: `organizationName`.
    pub legal_name: String,
    /// The stable id: `organizationIdentifier` in the form of ETSI EN 319 412-1, as `NTRGB-12345678`.
    pub organisation_id: String,
    /// The country, ISO 3166-1 alpha-2: `countryName`.
    pub country: String,
}

/// A certificate that was read, and not yet believed.
#[derive(Debug, Clone)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
    key: PublicKey,
    extensions: Extensions,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// The extensions that are understood.
#[derive(Debug, Clone, Default)]
struct Extensions {
    authority: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    extended: Option<ExtendedKeyUsage>,
    name_constraints: Option<names::Constraints>,
    dns_names: Vec<String>,
    directory_names: Vec<Name>,
}

impl Certificate {
    /// Reads a certificate of at most [`MAX_CERTIFICATE`] bytes. Refused are other encodings than strict DER, versions
    /// before 3, other keys than P-256, other signatures than ES256, an outer algorithm that differs from the signed
    /// one, a serial number that isn't positive, a validity that ends before it begins, extensions that contradict
    /// RFC 5280 or come twice, and critical extensions that are not understood.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        Ok(Self::read(der)?)
    }

    fn read(der: &[u8]) -> std::result::Result<Self, Reason> {
        if der.len() > MAX_CERTIFICATE {
            return Err(Reason::CertificateMalformed);
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| Reason::CertificateMalformed)?;
        // What was signed is encoded anew to be verified, so only the one encoding may come in.
        if parsed.to_der().as_deref() != Ok(der) {
            return Err(Reason::CertificateMalformed);
        }
        let tbs = parsed.tbs_certificate();
        if tbs.version() != Version::V3 || tbs.signature() != parsed.signature_algorithm() {
            return Err(Reason::CertificateMalformed);
        }
        if *tbs.signature() != es256() {
            return Err(Reason::CertificateUnsupported);
        }
        if !is_positive(tbs.serial_number().as_bytes()) {
            return Err(Reason::CertificateMalformed);
        }
        let (first, last) = (tbs.validity().not_before, tbs.validity().not_after);
        if unix_seconds(last.to_date_time()) < unix_seconds(first.to_date_time()) {
            return Err(Reason::CertificateMalformed);
        }
        let key = tbs.subject_public_key_info().to_der();
        let key = PublicKey::from_spki_der(&key.map_err(|_| Reason::CertificateMalformed)?)
            .map_err(|_| Reason::CertificateUnsupported)?;
        let extensions = match tbs.extensions() {
            Some(list) if list.is_empty() => return Err(Reason::CertificateMalformed),
            list => Extensions::read(list.map_or(&[], Vec::as_slice))?,
        };
        Ok(Certificate {
            der: der.to_vec(),
            parsed,
            key,
            extensions,
        })
    }

    /// The bytes that were read.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&[&self.der])
    }

    /// The subject's key.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// The first second of its validity, in Unix seconds.
    pub fn not_before(&self) -> i64 {
        unix_seconds(self.parsed.tbs_certificate().validity().not_before.to_date_time())
    }

    /// The last second of its validity, in Unix seconds.
    pub fn not_after(&self) -> i64 {
        unix_seconds(self.parsed.tbs_certificate().validity().not_after.to_date_time())
    }

    /// The DNS names of its subject.
    pub fn dns_names(&self) -> &[String] {
        &self.extensions.dns_names
    }

    /// Who it names: one legal name, one id, one country, or it is refused.
    pub fn subject(&self) -> Result<Subject> {
        let name = self.name();
        Ok(Subject {
            legal_name: attribute(name, ORGANIZATION)?,
            organisation_id: attribute(name, ORGANIZATION_IDENTIFIER)?,
            country: attribute(name, COUNTRY)?,
        })
    }

    /// Whether this is a root, self-signed, of the authority that `other` is a certificate of: the same name and key.
    pub(crate) fn is_root_of(&self, other: &Certificate) -> bool {
        let is_root = self.extensions.is_authority() && self.issuer() == self.name() && self.signed_by(self);
        is_root && self.name() == other.name() && self.key == other.key
    }

    /// Whether `issuer` has its issuer's name and signed it.
    pub(crate) fn is_signed_by(&self, issuer: &Certificate) -> bool {
        self.issuer() == issuer.name() && self.signed_by(issuer)
    }

    fn name(&self) -> &Name {
        self.parsed.tbs_certificate().subject()
    }

    fn issuer(&self) -> &Name {
        self.parsed.tbs_certificate().issuer()
    }

    /// Whether `issuer`'s key signed it.
    fn signed_by(&self, issuer: &Certificate) -> bool {
        let Ok(signed) = self.parsed.tbs_certificate().to_der() else {
            return false;
        };
        let signature = self.parsed.signature().as_bytes();
        signature.is_some_and(|signature| issuer.key.verify_der(&signed, signature).is_ok())
    }
}

impl Extensions {
    fn read(list: &[Extension]) -> std::result::Result<Self, Reason> {
        let mut read = Extensions::default();
        let mut seen = BTreeSet::new();
        for extension in list {
            if !seen.insert(extension.extn_id) {
                return Err(Reason::CertificateMalformed);
            }
            let value = extension.extn_value.as_bytes();
            match extension.extn_id {
                BasicConstraints::OID => read.authority = Some(basic_constraints(value, extension.critical)?),
                KeyUsage::OID => read.key_usage = Some(decode(value)?),
                ExtendedKeyUsage::OID => read.extended = Some(extended_key_usage(value)?),
                SubjectAltName::OID => {
                    let names: SubjectAltName = decode(value)?;
                    (read.dns_names, read.directory_names) = names::alternatives(&names.0)?;
                }
                NameConstraints::OID => {
                    let constraints: NameConstraints = decode(value)?;
                    read.name_constraints = Some(names::Constraints::read(&constraints)?);
                }
                _ if extension.critical => return Err(Reason::CertificateUnsupported),
                _ => {}
            }
        }
        // RFC 5280, section 4.2.1.10: in a certificate of an authority alone.
        if read.name_constraints.is_some() && !read.is_authority() {
            return Err(Reason::CertificateMalformed);
        }
        Ok(read)
    }

    fn is_authority(&self) -> bool {
        self.authority.as_ref().is_some_and(|constraints| constraints.ca)
    }
}

/// The client identifier that a certificate gives in OpenID4VP: `x509_hash:` and base64url of its SHA-256.
pub fn x509_hash(der: &[u8]) -> String {
    format!("x509_hash:{}", base64url(sha256(&[der])))
}

fn es256() -> AlgorithmIdentifier {
    AlgorithmIdentifier {
        oid: ES256,
        parameters: None,
    }
}

fn decode<'a, T: Decode<'a>>(der: &'a [u8]) -> std::result::Result<T, Reason> {
    T::from_der(der).map_err(|_| Reason::CertificateMalformed)
}

/// RFC 5280, section 4.2.1.9: critical where it makes an authority, and a path length for authorities alone.
fn basic_constraints(value: &[u8], critical: bool) -> std::result::Result<BasicConstraints, Reason> {
    let constraints: BasicConstraints = decode(value)?;
    if constraints.ca && !critical || !constraints.ca && constraints.path_len_constraint.is_some() {
        return Err(Reason::CertificateMalformed);
    }
    Ok(constraints)
}

fn extended_key_usage(value: &[u8]) -> std::result::Result<ExtendedKeyUsage, Reason> {
    let usages: ExtendedKeyUsage = decode(value)?;
    if usages.0.is_empty() {
        return Err(Reason::CertificateMalformed);
    }
    Ok(usages)
}

/// Whether the content of a DER integer is a number above 0.
fn is_positive(integer: &[u8]) -> bool {
    let negative = integer.first().is_none_or(|byte| byte & 0x80 != 0);
    !negative && integer.iter().any(|byte| *byte != 0)
}

/// The one value of an attribute, in a line that may be shown to people.
fn attribute(name: &Name, oid: ObjectIdentifier) -> std::result::Result<String, Reason> {
    let mut values = name.iter().filter(|attribute| attribute.oid == oid);
    let (Some(found), None) = (values.next(), values.next()) else {
        return Err(Reason::CertificateMalformed);
    };
    let value = &found.value;
    let text = match value.tag() {
        Tag::Utf8String => value
            .decode_as::<Utf8StringRef<'_>>()
            .map(|text| text.as_str().to_owned()),
        Tag::PrintableString => value
            .decode_as::<PrintableStringRef<'_>>()
            .map(|text| text.as_str().to_owned()),
        _ => return Err(Reason::CertificateMalformed),
    };
    match text {
        Ok(text) if is_line(&text) => Ok(text),
        _ => Err(Reason::CertificateMalformed),
    }
}
