//! A disclosure: salt, perhaps a name, and a value, whose digest the issuer signed (RFC 9901, section 4.2).

use std::fmt;

use kist_crypto::{CryptoRng, base64url, from_base64url, sha256};
use serde_json::{Value, json};

use crate::{Error, Result};

/// Names that stand for digests, and can't be claims (RFC 9901, section 4.2.1; `_sd_alg`: section 4.1.1).
const RESERVED: [&str; 3] = ["_sd", "...", "_sd_alg"];

/// The longest name of a claim, in bytes: paths repeat names, so their length is what bounds them.
pub const MAX_NAME: usize = 256;

/// Salts have 128 random bits, as RFC 9901, section 9.3, recommends.
const SALT_BYTES: usize = 16;

/// What a disclosure opens.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// A member of an object.
    Member {
        /// Its name.
        name: String,
        /// Its value, which may hold digests again.
        value: Value,
    },
    /// An element of an array, which may hold digests again.
    Element(Value),
}

/// One disclosure in the bytes that its issuer chose.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosure {
    encoded: String,
    digest: String,
    content: Content,
}

impl Disclosure {
    /// A member of an object under a fresh salt.
    pub fn member<R: CryptoRng + ?Sized>(name: &str, value: Value, rng: &mut R) -> Result<Self> {
        check_name(name)?;
        let array = json!([salt(rng), name, value]);
        Ok(Self::encode(
            array,
            Content::Member {
                name: name.to_owned(),
                value,
            },
        ))
    }

    /// An element of an array under a fresh salt.
    pub fn element<R: CryptoRng + ?Sized>(value: Value, rng: &mut R) -> Self {
        let array = json!([salt(rng), value]);
        Self::encode(array, Content::Element(value))
    }

    fn encode(array: Value, content: Content) -> Self {
        let encoded = base64url(array.to_string());
        Disclosure {
            digest: digest(&encoded),
            encoded,
            content,
        }
    }

    /// Reads one disclosure: base64url of a JSON array of two or three elements.
    pub fn parse(encoded: &str) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "disclosure" };
        let array: Vec<Value> = serde_json::from_slice(&from_base64url(encoded)?).map_err(|_| MALFORMED)?;
        let mut array = array.into_iter();
        let content = match (array.next(), array.next(), array.next(), array.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
                check_name(&name)?;
                Content::Member { name, value }
            }
            (Some(Value::String(_)), Some(value), None, None) => Content::Element(value),
            _ => return Err(MALFORMED),
        };
        Ok(Disclosure {
            digest: digest(encoded),
            encoded: encoded.to_owned(),
            content,
        })
    }

    /// The disclosure as it stands in the compact form.
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// Its SHA-256 digest over the encoded text, base64url (RFC 9901, section 4.2.3).
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it opens.
    pub fn content(&self) -> &Content {
        &self.content
    }
}

impl Content {
    /// The value, of either kind.
    pub fn value(&self) -> &Value {
        match self {
            Content::Member { value, .. } | Content::Element(value) => value,
        }
    }
}

impl fmt::Debug for Disclosure {
    /// The digest alone: the rest is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disclosure({})", self.digest)
    }
}

/// A digest that no disclosure has (RFC 9901, section 4.2.5).
pub(crate) fn decoy<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    base64url(sha256(&[&bytes]))
}

fn digest(encoded: &str) -> String {
    base64url(sha256(&[encoded.as_bytes()]))
}

fn salt<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    let mut bytes = [0; SALT_BYTES];
    rng.fill_bytes(&mut bytes);
    base64url(bytes)
}

/// Whether a claim may have this name.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.len() > MAX_NAME {
        return Err(Error::TooLarge {
            what: "claim name",
            limit: MAX_NAME,
        });
    }
    if RESERVED.contains(&name) {
        return Err(Error::Malformed { what: "claim name" });
    }
    Ok(())
}
