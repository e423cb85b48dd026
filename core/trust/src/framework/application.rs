//! An organisation's application to a framework, signed by the key that its access certificate shall have.

use kist_crypto::{Jwk, es256::PublicKey, jws};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::registration::{MAX_REGISTRATION, Versioned, check_version};
use crate::{Authority, Error, IntendedUse, Result, Subject, Supplier, Terms, json, signed};

/// The `typ` of an application.
const TYP: &str = "kist-application+jwt";
const VERSION: u64 = 1;
const MALFORMED: Error = Error::Malformed { what: "application" };

/// What an organisation applies for. The operator checks it, outside this code, and may change it before admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Who applies.
    pub organisation: Subject,
    /// The key of its access certificate.
    pub key: Jwk,
    /// A DNS name for the access certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// Where a person reaches it: URIs.
    pub contacts: Vec<String>,
    /// Who supervises how it uses personal data.
    pub supervisory_authority: Authority,
    /// Its privacy policy's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_policy: Option<String>,
    /// What it wants to ask for, and why.
    pub intended_uses: Vec<IntendedUse>,
    /// The types (`vct`) of the credentials that it wants to issue.
    #[serde(default)]
    pub issues: Vec<String>,
    /// Who may ask in its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<Supplier>,
    /// The framework's terms that it accepts.
    pub terms: Terms,
}

impl Application {
    /// The JWS to be signed by the key that it names, which proves possession of it.
    pub fn unsigned(&self) -> Result<jws::Unsigned> {
        let mut header = Map::new();
        header.insert("typ".into(), TYP.into());
        let payload = serde_json::to_vec(&Versioned::new(VERSION, self)).map_err(|_| MALFORMED)?;
        Ok(jws::Unsigned::new(header, &payload))
    }

    /// Reads an application that the key which it names signed. Nothing else in it is verified.
    pub fn verify(compact: &str) -> Result<Self> {
        if compact.len() > MAX_REGISTRATION {
            return Err(Error::TooLarge {
                what: "application",
                limit: MAX_REGISTRATION,
            });
        }
        let parsed = signed::parse(compact).map_err(|_| MALFORMED)?;
        if parsed.header_str("typ") != Some(TYP) {
            return Err(MALFORMED);
        }
        let payload = json::read(&parsed.payload).ok_or(MALFORMED)?;
        check_version(&payload, VERSION, MALFORMED)?;
        let application: Application = serde_json::from_value(payload).map_err(|_| MALFORMED)?;
        parsed
            .verify(&application.public_key()?)
            .map_err(|_| Error::SignatureInvalid)?;
        Ok(application)
    }

    pub(crate) fn public_key(&self) -> Result<PublicKey> {
        PublicKey::from_jwk(&self.key).map_err(|_| MALFORMED)
    }
}
