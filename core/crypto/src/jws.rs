//! JWS in compact form with ES256 alone (RFC 7515), signed in two steps: what is to be signed, then the signature.

use serde_json::{Map, Value};

use crate::es256::{PublicKey, SigningKey};
use crate::{Error, Result, base64url, from_base64url};

/// The largest compact JWS that is read, in bytes.
pub const MAX_JWS: usize = 1 << 20;

/// A JWS that waits for its signature.
#[derive(Debug, Clone)]
pub struct Unsigned {
    signing_input: String,
}

impl Unsigned {
    /// Header members beside `alg`, which is set here, and the payload's bytes.
    pub fn new(mut header: Map<String, Value>, payload: &[u8]) -> Self {
        header.insert("alg".into(), "ES256".into());
        let signing_input = format!(
            "{}.{}",
            base64url(Value::Object(header).to_string()),
            base64url(payload)
        );
        Unsigned { signing_input }
    }

    /// The bytes to sign.
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The compact JWS.
    pub fn complete(self, signature: &[u8; 64]) -> String {
        format!("{}.{}", self.signing_input, base64url(signature))
    }

    /// Both steps at once, where the key is at hand.
    pub fn sign(self, key: &SigningKey) -> String {
        let signature = key.sign(self.signing_input());
        self.complete(&signature)
    }
}

/// A JWS that was read, and not yet believed.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The payload's bytes.
    pub payload: Vec<u8>,
    signing_input: String,
    signature: Vec<u8>,
}

/// Reads a compact JWS. Refuses any `alg` but ES256, a `crit` header, and more than [`MAX_JWS`] bytes.
pub fn parse(compact: &str) -> Result<Parsed> {
    const MALFORMED: Error = Error::Malformed { what: "JWS" };
    if compact.len() > MAX_JWS {
        return Err(Error::TooLarge {
            what: "JWS",
            limit: MAX_JWS,
        });
    }
    let (signing_input, signature) = compact.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, payload) = signing_input.split_once('.').ok_or(MALFORMED)?;
    let header: Map<String, Value> = serde_json::from_slice(&from_base64url(header)?).map_err(|_| MALFORMED)?;
    if header.get("alg").and_then(Value::as_str) != Some("ES256") || header.contains_key("crit") {
        return Err(Error::UnsupportedAlgorithm);
    }
    Ok(Parsed {
        header,
        payload: from_base64url(payload)?,
        signing_input: signing_input.to_owned(),
        signature: from_base64url(signature)?,
    })
}

impl Parsed {
    /// A member of the header that is a string.
    pub fn header_str(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// Verifies the signature.
    pub fn verify(&self, key: &PublicKey) -> Result<()> {
        key.verify(self.signing_input.as_bytes(), &self.signature)
    }
}
