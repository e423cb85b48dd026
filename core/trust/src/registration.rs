//! Registrations: what an organisation may ask for and why, signed by the framework's registrar.
//!
//! Member names follow ETSI TS 119 475, clause 5.2.4, where it has the thing; unlike there, one registration names all
//! intended uses, and each says its purpose code, legal basis and retention.

use std::collections::BTreeSet;

use kist_crypto::jws;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::signed::{self, CLOCK_SKEW};
use crate::{Anchor, Error, Localised, Reason, Result};

/// The `typ` of a registration.
const TYP: &str = "kist-registration+jwt";
/// The largest registration that is read, in bytes of its compact form; it bounds all lists within.
pub(crate) const MAX_REGISTRATION: usize = 64 << 10;
const VERSION: u64 = 1;

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

/// The terms of the framework in the version that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Their version.
    pub version: String,
    /// SHA-256 of their text, base64url.
    pub sha256: String,
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
    /// The JWS to be signed by the registrar whose certificate is `registrar`.
    pub(crate) fn unsigned(&self, registrar: &[u8]) -> Result<jws::Unsigned> {
        self.check().ok_or(Error::Malformed { what: "registration" })?;
        signed::unsigned(TYP, registrar, &Versioned::new(VERSION, self))
    }

    /// Reads a registration that the registrar of `anchor` signed, valid at `now` (Unix seconds). Fails with
    /// `OrganisationNotTrusted` (`RegistrationInvalid`, `RegistrationExpired`) or `UnsupportedVersion`.
    pub fn verify(compact: &str, anchor: &Anchor, now: i64) -> Result<Self> {
        if compact.len() > MAX_REGISTRATION {
            return Err(Reason::RegistrationInvalid.into());
        }
        let payload: Option<Value> =
            signed::open(compact, TYP, anchor, now).map_err(|_| Reason::RegistrationInvalid)?;
        let payload = payload.ok_or(Reason::RegistrationInvalid)?;
        match payload.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(found) => return Err(Error::UnsupportedVersion { found }),
            None => return Err(Reason::RegistrationInvalid.into()),
        }
        let registration: Registration = serde_json::from_value(payload).map_err(|_| Reason::RegistrationInvalid)?;
        registration.check().ok_or(Reason::RegistrationInvalid)?;
        if registration.issued > now.saturating_add(CLOCK_SKEW) || registration.expires < now {
            return Err(Reason::RegistrationExpired.into());
        }
        Ok(registration)
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

    /// What serde cannot say: ids once, purposes in words, paths of the right elements.
    fn check(&self) -> Option<()> {
        let mut ids = BTreeSet::new();
        let path = |path: &Vec<Value>| !path.is_empty() && path.iter().all(is_path_element);
        let uses = self.intended_uses.iter().all(|intended| {
            ids.insert(&intended.id)
                && !intended.purpose.is_empty()
                && intended
                    .credentials
                    .iter()
                    .flat_map(|credential| &credential.claims)
                    .all(path)
        });
        uses.then_some(())
    }
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
