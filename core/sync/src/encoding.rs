//! CBOR (RFC 8949) as this room writes it: structures as maps in the order of their fields, bytes as byte strings.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

pub(crate) fn to_cbor<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    #[allow(clippy::expect_used)]
    ciborium::into_writer(value, &mut bytes).expect("a vector takes every byte");
    bytes
}

/// Reads one value and nothing after it. What it allocates is bounded by the bytes given.
pub(crate) fn from_cbor<T: DeserializeOwned>(mut bytes: &[u8], what: &'static str) -> Result<T> {
    match ciborium::from_reader(&mut bytes) {
        Ok(value) if bytes.is_empty() => Ok(value),
        _ => Err(Error::AuthenticationFailed { what }),
    }
}

/// A byte string that serde would make an array of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a byte string")
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> std::result::Result<Bytes, E> {
                Ok(Bytes(bytes))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> std::result::Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }

        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// The same for hashes, as `#[serde(with = "hash")]`.
pub(crate) mod hash {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(hash)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let super::Bytes(bytes) = super::Bytes::deserialize(deserializer)?;
        bytes.try_into().map_err(|_| D::Error::custom("a hash of 32 bytes"))
    }
}
