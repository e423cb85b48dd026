//! Signed objects: a JWS over canonical JSON, with a type and a version of its own, named by its hash.

use std::fmt;
use std::ops::Deref;

use kist_crypto::es256::{Jwk, PublicKey};
use kist_crypto::{base64url, from_base64url, jws, sha256};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Error, Result, canonical};

/// The largest signed object that is made or read, in bytes of its compact JWS.
pub const MAX_OBJECT: usize = 512 * 1024;
const VERSION: u64 = 1;

/// The SHA-256 of a compact JWS's ASCII bytes: the name by which the next object refers to it. base64url as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectHash([u8; 32]);

impl ObjectHash {
    /// The hash of a compact JWS.
    pub fn of(compact: &str) -> Self {
        ObjectHash(sha256(&[compact.as_bytes()]))
    }

    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        ObjectHash(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From its text: 43 characters of base64url.
    pub fn parse(text: &str) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "hash" };
        if text.len() != 43 {
            return Err(MALFORMED);
        }
        let bytes = from_base64url(text).map_err(|_| MALFORMED)?;
        bytes.try_into().map(ObjectHash).map_err(|_| MALFORMED)
    }
}

impl fmt::Display for ObjectHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url(self.0))
    }
}

impl fmt::Debug for ObjectHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectHash({self})")
    }
}

impl Serialize for ObjectHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        ObjectHash::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Offer {}
    impl Sealed for crate::Acceptance {}
    impl Sealed for crate::Receipt {}
    impl Sealed for crate::Withdrawal {}
    impl Sealed for crate::Acknowledgement {}
    impl Sealed for crate::RightsRequest {}
    impl Sealed for crate::RightsAnswer {}
    impl Sealed for crate::Amendment {}
    impl Sealed for crate::AmendmentAcknowledgement {}
    impl Sealed for crate::history::Checkpoint {}
}

/// What a signed object says. The types that this room names are such, and no other.
pub trait SignedContent: sealed::Sealed + Serialize + DeserializeOwned {
    /// The `typ` of the JWS header (RFC 8725, section 3.11).
    const TYPE: &'static str;
    /// The object's name in errors.
    const NAME: &'static str;

    /// That the contents are within their bounds and don't contradict each other.
    fn check(&self) -> Result<()>;
}

/// An object whose signature was verified with the key that is kept beside it, and whose contents were checked. It can be
/// had in no other way; reading it from JSON verifies it anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<T> {
    compact: String,
    key: PublicKey,
    content: T,
}

impl<T: SignedContent> Signed<T> {
    /// The first step of signing: complete it with the signature over its `signing_input`.
    pub fn prepare(content: &T) -> Result<jws::Unsigned> {
        content.check()?;
        let payload = canonical::encode(&with_version(content)?, T::NAME)?;
        // base64url makes four characters of three bytes; header and signature take less than 256.
        if payload.len() / 3 * 4 + 256 > MAX_OBJECT {
            return Err(Error::TooLarge {
                what: T::NAME,
                limit: MAX_OBJECT,
            });
        }
        let header = Map::from_iter([("typ".to_owned(), Value::from(T::TYPE))]);
        Ok(jws::Unsigned::new(header, &payload))
    }

    /// Verifies a compact JWS with `key`, which the caller has from someone it trusts.
    ///
    /// Errors: `SignatureInvalid`; `Malformed` for another type, a header that says more than type and algorithm, contents
    /// that aren't canonical or break their rules; `UnsupportedVersion`; `TooLarge`.
    pub fn verify(compact: &str, key: &PublicKey) -> Result<Self> {
        const fn malformed<T: SignedContent>() -> Error {
            Error::Malformed { what: T::NAME }
        }
        if compact.len() > MAX_OBJECT {
            return Err(Error::TooLarge {
                what: T::NAME,
                limit: MAX_OBJECT,
            });
        }
        let parsed = jws::parse(compact)?;
        if parsed.header_str("typ") != Some(T::TYPE) || parsed.header.len() != 2 {
            return Err(malformed::<T>());
        }
        parsed.verify(key)?;
        let Value::Object(mut members) = canonical::decode(&parsed.payload, MAX_OBJECT, T::NAME)? else {
            return Err(malformed::<T>());
        };
        match members.remove("version").as_ref().and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(found) => return Err(Error::UnsupportedVersion { what: T::NAME, found }),
            None => return Err(malformed::<T>()),
        }
        let content: T = serde_json::from_value(Value::Object(members)).map_err(|_| malformed::<T>())?;
        content.check()?;
        Ok(Signed {
            compact: compact.to_owned(),
            key: *key,
            content,
        })
    }

    /// The object as it was signed.
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// The name by which the next object refers to this one.
    pub fn hash(&self) -> ObjectHash {
        ObjectHash::of(&self.compact)
    }

    /// The key that signed it.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What it says.
    pub fn content(&self) -> &T {
        &self.content
    }
}

fn with_version<T: SignedContent>(content: &T) -> Result<Value> {
    match serde_json::to_value(content) {
        Ok(Value::Object(mut members)) => {
            members.insert("version".to_owned(), VERSION.into());
            Ok(Value::Object(members))
        }
        _ => Err(Error::Malformed { what: T::NAME }),
    }
}

impl<T> Deref for Signed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

impl<T: fmt::Debug> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signed").field(&self.content).field(&self.key).finish()
    }
}

/// How a signed object is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    jws: String,
    key: Jwk,
}

impl<T> Serialize for Signed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Kept {
            jws: self.compact.clone(),
            key: self.key.jwk(),
        }
        .serialize(serializer)
    }
}

impl<'de, T: SignedContent> Deserialize<'de> for Signed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let kept = Kept::deserialize(deserializer)?;
        let key = PublicKey::from_jwk(&kept.key).map_err(D::Error::custom)?;
        Signed::verify(&kept.jws, &key).map_err(D::Error::custom)
    }
}
