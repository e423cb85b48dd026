//! Who issued a credential: the person themselves, or an organisation that someone else vouches for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::es256::PublicKey;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The most certificates that an `x5c` header may carry.
const MAX_CHAIN: usize = 8;

/// Who signed a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Issuer {
    /// The holder of the credential: its `cnf` key signs it, nobody vouches for it.
    SelfAsserted,
    /// An organisation.
    Organisation {
        /// Its stable id in the trust framework.
        id: String,
        /// Its legal name.
        name: String,
    },
}

/// What a credential shows of its issuer. Not verified, but for the fact that the key which the [`IssuerTrust`] returns
/// will have to verify the credential's signature.
#[derive(Debug)]
pub struct IssuerEvidence<'a> {
    /// The `x5c` header: certificates in DER, leaf first; empty where there is none.
    pub certificates: &'a [Vec<u8>],
    /// The `iss` claim.
    pub iss: Option<&'a str>,
    /// Every type that the credential says it is of, `vct` first, then `aka_vcts`. The issuer must be allowed all of
    /// them: a query is satisfied by any.
    pub types: Vec<&'a str>,
    /// The whole protected header.
    pub header: &'a Map<String, Value>,
}

/// An organisation that may issue a credential, and the key that it signs with.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// Its stable id in the trust framework.
    pub id: String,
    /// Its legal name.
    pub name: String,
    /// The key of its certificate.
    pub key: PublicKey,
}

/// Decides which organisations are believed as issuers. The trust room's certificates and lists stand behind it.
pub trait IssuerTrust {
    /// The issuer that `evidence` proves, at `now` (Unix seconds), if it may issue credentials of these
    /// types; otherwise [`Error::IssuerNotTrusted`] with the reason.
    fn issuer_key(&self, evidence: &IssuerEvidence<'_>, now: i64) -> Result<TrustedIssuer>;
}

/// Believes no organisation: only self-asserted credentials verify.
#[derive(Debug, Clone, Copy, Default)]
pub struct SelfAssertedOnly;

impl IssuerTrust for SelfAssertedOnly {
    fn issuer_key(&self, _: &IssuerEvidence<'_>, _: i64) -> Result<TrustedIssuer> {
        Err(Error::IssuerNotTrusted {
            reason: "UnknownIssuer",
        })
    }
}

/// The certificates of an `x5c` header (RFC 7515, section 4.1.6), leaf first; none where there is no such header.
pub(crate) fn certificates(header: &Map<String, Value>) -> Result<Vec<Vec<u8>>> {
    const MALFORMED: Error = Error::Malformed { what: "x5c" };
    let Some(chain) = header.get("x5c") else {
        return Ok(Vec::new());
    };
    let chain = chain.as_array().ok_or(MALFORMED)?;
    if chain.is_empty() {
        return Err(MALFORMED);
    }
    if chain.len() > MAX_CHAIN {
        return Err(Error::TooLarge {
            what: "x5c",
            limit: MAX_CHAIN,
        });
    }
    let certificate = |value: &Value| {
        BASE64_STANDARD
            .decode(value.as_str().ok_or(MALFORMED)?)
            .map_err(|_| MALFORMED)
    };
    chain.iter().map(certificate).collect()
}

/// The `x5c` header of certificates in DER, leaf first.
pub(crate) fn x5c(chain: &[Vec<u8>]) -> Value {
    chain.iter().map(|der| BASE64_STANDARD.encode(der)).collect()
}
