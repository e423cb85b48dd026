//! Registrations: what an organisation may ask for and why, signed by the framework's registrar.
//!
//! Member names follow ETSI TS 119 475, clause 5.2.4, where it has the thing; unlike there, one registration names all
//! intended uses, and each says its purpose code, legal basis and retention.

use std::collections::BTreeSet;

use kist_crypto::jws;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::certificate::{Anchor, Ground};
use crate::signed::{self, CLOCK_SKEW};
use crate::text::{is_line, is_shown};
use crate::{Error, Localised, Reason, Result, Terms, json};

/// The `typ` of a registration.
const TYP: &str = "kist-registration+jwt";
/// The largest registration that is read, in bytes of its compact form; it bounds all lists within.
pub(crate) const MAX_REGISTRATION: usize = 64 << 10;
const VERSION: u64 = 1;
/// Base64url of 32 bytes.
const HASH_LENGTH: usize = 43;

/// What an organisation registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Its stable id; the same as in its access certificate.
    #[serde(rename = "sub")]
    pub organisation_id: String,
    /// Its legal name; the same as in its access certificate.
    #[serde(rename = "sub_ln")]
    pub legal_name: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Where a person reaches it: URIs (`mailto:`, `tel:`, `https:`), the first one first.
    pub contacts: Vec<String>,
    /// Who supervises how it uses personal data.
    pub supervisory_authority: Authority,
    /// Its privacy policy's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_policy: Option<String>,
    /// What it asks for, and why. Ids are unique.
    pub intended_uses: Vec<IntendedUse>,
    /// Who may ask in its name. Each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<Supplier>,
    /// The framework's terms that it accepted.
    pub terms: Terms,
    /// When it was issued, in Unix seconds.
    #[serde(rename = "iat")]
    pub issued: i64,
    /// The last second at which it is valid, in Unix seconds.
    #[serde(rename = "exp")]
    pub expires: i64,
}

/// An authority that a person can turn to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Where it is reached: a URI.
    pub uri: String,
}

/// An organisation of the same framework that may act for this one: for a processor, what GDPR, article 28, has a contract
/// for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplier {
    /// Its stable id.
    #[serde(rename = "sub")]
    pub organisation_id: String,
    /// Its legal name.
    #[serde(rename = "sub_ln")]
    pub legal_name: String,
    /// What it is to the organisation, as a term of W3C DPV: `dpv:DataProcessor`.
    pub role: String,
    /// The intended uses of the organisation for which it may ask, by id. At least one.
    pub intended_uses: Vec<String>,
    /// Whom data is sealed to.
    #[serde(default)]
    pub sealed_to: SealedTo,
    /// The first second of its mandate, in Unix seconds.
    #[serde(rename = "nbf")]
    pub from: i64,
    /// The last second of its mandate, in Unix seconds.
    #[serde(rename = "exp")]
    pub until: i64,
}

/// Whom data is sealed to, where a supplier asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealedTo {
    /// The organisation itself: the supplier carries what it can't read.
    #[default]
    Organisation,
    /// The supplier, which works with the data. An agreement has to say so.
    Supplier,
}

/// One purpose, and what may be asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntendedUse {
    /// Its id, unique in the registration.
    #[serde(rename = "intended_use_id")]
    pub id: String,
    /// The purpose in words, by language.
    pub purpose: Localised,
    /// The purpose as a term of W3C DPV, as `dpv:ServiceProvision`.
    pub purpose_code: String,
    /// The legal basis as a term of W3C DPV, as `eu-gdpr:A6-1-a`.
    pub legal_basis: String,
    /// What may be asked for.
    pub credentials: Vec<CredentialUse>,
    /// How long it is kept, ISO 8601 duration, as `P2Y`.
    pub retention: String,
    /// What has to be kept after consent is withdrawn, and why, by language. Nothing, where absent.
    #[serde(default, skip_serializing_if = "Localised::is_empty")]
    pub kept_after_withdrawal: Localised,
}

/// A credential type, and the claims that may be asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialUse {
    /// The credential's type.
    pub vct: String,
    /// Claim paths of OpenID4VP, section 7: names, indexes from 0, and null for every element. A path covers all that is
    /// beneath it.
    pub claims: Vec<Vec<Value>>,
}

/// A JSON object with its format's version first.
#[derive(Serialize)]
pub(crate) struct Versioned<'a, T> {
    version: u64,
    #[serde(flatten)]
    body: &'a T,
}

impl<'a, T> Versioned<'a, T> {
    pub(crate) fn new(version: u64, body: &'a T) -> Self {
        Versioned { version, body }
    }
}

impl Registration {
    /// The JWS to be signed by the registrar whose certificates are `chain`, its own first.
    pub(crate) fn unsigned(&self, chain: &[Vec<u8>]) -> Result<jws::Unsigned> {
        self.check().map_err(|what| Error::Malformed { what })?;
        Ok(signed::unsigned(TYP, chain, &Versioned::new(VERSION, self))?.0)
    }

    /// Reads a registration that the registrar of `anchor` signed, valid at `now` (Unix seconds). Fails with
    /// `OrganisationNotTrusted` (`RegistrationInvalid`, `RegistrationExpired`) or `UnsupportedVersion`.
    pub fn verify(compact: &str, anchor: &Anchor, now: i64) -> Result<Self> {
        Self::verify_on(compact, &Ground { anchor, links: &[] }, now)
    }

    pub(crate) fn verify_on(compact: &str, ground: &Ground<'_>, now: i64) -> Result<Self> {
        const INVALID: Error = Error::OrganisationNotTrusted {
            reason: Reason::RegistrationInvalid,
        };
        if compact.len() > MAX_REGISTRATION {
            return Err(INVALID);
        }
        let opened = signed::open(compact, TYP, ground, now).map_err(|_| INVALID)?;
        let payload = opened.payload.ok_or(INVALID)?;
        check_version(&payload, VERSION, INVALID)?;
        let registration: Registration = serde_json::from_value(payload).map_err(|_| INVALID)?;
        registration.check().map_err(|_| INVALID)?;
        if registration.issued > now.saturating_add(CLOCK_SKEW) || registration.expires < now {
            return Err(Reason::RegistrationExpired.into());
        }
        Ok(registration)
    }

    /// What somebody says to have registered; nobody has vouched for it.
    pub(crate) fn unverified(payload: &[u8]) -> Option<Self> {
        let registration: Registration = serde_json::from_value(json::read(payload)?).ok()?;
        registration.check().ok().map(|()| registration)
    }

    /// The intended use of this id.
    pub fn intended_use(&self, id: &str) -> Option<&IntendedUse> {
        self.intended_uses.iter().find(|intended| intended.id == id)
    }

    /// Whether a request for this use may ask this claim of a credential of this type. An empty path asks for the
    /// credential alone, with none of its selectively disclosed claims.
    pub fn permits(&self, use_id: &str, vct: &str, path: &[Value]) -> bool {
        let Some(intended) = self.intended_use(use_id) else {
            return false;
        };
        let mut credentials = intended.credentials.iter().filter(|credential| credential.vct == vct);
        credentials.any(|credential| path.is_empty() || credential.claims.iter().any(|claim| covers(claim, path)))
    }

    /// The mandate of this organisation, where it has or had one.
    pub fn supplier(&self, organisation_id: &str) -> Option<&Supplier> {
        let mut suppliers = self.suppliers.iter();
        suppliers.find(|supplier| supplier.organisation_id == organisation_id)
    }

    /// What serde cannot say. Gives what is wrong by its member's name.
    fn check(&self) -> std::result::Result<(), &'static str> {
        let rules = [
            ("sub", is_line(&self.organisation_id)),
            ("sub_ln", is_line(&self.legal_name)),
            ("country", is_country(&self.country)),
            ("contacts", self.contacts.iter().all(|uri| is_uri(uri))),
            (
                "supervisory_authority",
                is_line(&self.supervisory_authority.name) && is_uri(&self.supervisory_authority.uri),
            ),
            ("privacy_policy", self.privacy_policy.as_deref().is_none_or(is_uri)),
            ("terms", self.terms.check()),
            ("exp", self.issued <= self.expires),
        ];
        if let Some((what, _)) = rules.into_iter().find(|(_, holds)| !holds) {
            return Err(what);
        }
        let mut ids = BTreeSet::new();
        for intended in &self.intended_uses {
            if !ids.insert(intended.id.as_str()) {
                return Err("intended_use_id");
            }
            intended.check()?;
        }
        let mut acting = BTreeSet::from([self.organisation_id.as_str()]);
        for supplier in &self.suppliers {
            let known = supplier.intended_uses.iter().all(|id| ids.contains(id.as_str()));
            if !acting.insert(&supplier.organisation_id) || !known || !supplier.check() {
                return Err("suppliers");
            }
        }
        Ok(())
    }
}

impl IntendedUse {
    fn check(&self) -> std::result::Result<(), &'static str> {
        let texts = |texts: &Localised| {
            texts
                .0
                .iter()
                .all(|(language, text)| is_language(language) && is_shown(text))
        };
        let claims = self.credentials.iter().flat_map(|credential| &credential.claims);
        let path = |path: &Vec<Value>| !path.is_empty() && path.iter().all(is_path_element);
        let rules = [
            ("intended_use_id", is_line(&self.id)),
            ("purpose", !self.purpose.is_empty() && texts(&self.purpose)),
            ("purpose_code", is_term(&self.purpose_code)),
            ("legal_basis", is_term(&self.legal_basis)),
            ("claims", claims.into_iter().all(path)),
            ("retention", is_duration(&self.retention)),
            ("kept_after_withdrawal", texts(&self.kept_after_withdrawal)),
        ];
        match rules.into_iter().find(|(_, holds)| !holds) {
            Some((what, _)) => Err(what),
            None => Ok(()),
        }
    }
}

impl Supplier {
    fn check(&self) -> bool {
        let named = is_line(&self.organisation_id) && is_line(&self.legal_name) && is_term(&self.role);
        named && !self.intended_uses.is_empty() && self.from <= self.until
    }
}

impl Terms {
    fn check(&self) -> bool {
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        is_line(&self.version) && self.sha256.len() == HASH_LENGTH && self.sha256.bytes().all(base64url)
    }
}

/// That a format has the version that is read here.
pub(crate) fn check_version(payload: &Value, version: u64, malformed: Error) -> Result<()> {
    match payload.get("version").and_then(Value::as_u64) {
        Some(found) if found == version => Ok(()),
        Some(found) => Err(Error::UnsupportedVersion { found }),
        None => Err(malformed),
    }
}

/// Two capital letters, as ISO 3166-1 alpha-2 has.
fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A scheme, a colon and something without spaces (RFC 3986, section 3), in one line that may be shown.
fn is_uri(text: &str) -> bool {
    let scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    };
    let parts = text.split_once(':');
    is_line(text) && !text.contains(' ') && parts.is_some_and(|(before, after)| scheme(before) && !after.is_empty())
}

/// A term of a vocabulary: prefix, colon, name.
fn is_term(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.split_once(':')
        .is_some_and(|(prefix, name)| word(prefix) && word(name))
}

/// The shape of a BCP 47 tag.
fn is_language(tag: &str) -> bool {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.split('-').all(part)
}

/// An ISO 8601 duration of whole numbers: `P8Y`, `P1Y6M`, `PT24H`.
fn is_duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P') else {
        return false;
    };
    let (days, hours) = match text.split_once('T') {
        Some((_, "")) => return false,
        Some((days, hours)) => (days, hours),
        None => (text, ""),
    };
    !text.is_empty() && is_part_of_duration(days, "YMWD") && is_part_of_duration(hours, "HMS")
}

/// Numbers, each with one of `units`, which come in their order and once.
fn is_part_of_duration(mut text: &str, mut units: &str) -> bool {
    while !text.is_empty() {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let mut rest = text.chars().skip(digits);
        let unit = rest.next().and_then(|unit| units.split_once(unit));
        match unit {
            Some((_, later)) if (1..=9).contains(&digits) => units = later,
            _ => return false,
        }
        text = text.get(digits + 1..).unwrap_or_default();
    }
    true
}

fn is_path_element(element: &Value) -> bool {
    element.is_string() || element.is_u64() || element.is_null()
}

/// Whether `registered` is `asked`, or above it. Every element covers each one.
fn covers(registered: &[Value], asked: &[Value]) -> bool {
    let element =
        |(registered, asked): (&Value, &Value)| registered == asked || (registered.is_null() && asked.is_u64());
    registered.len() <= asked.len() && registered.iter().zip(asked).all(element)
}
