//! Ids and digests: fixed bytes that print as text, are text in JSON and bytes in CBOR.

use std::fmt;
use std::str::FromStr;

use kist_crypto::CryptoRng;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::{Error, Result};

/// Defines a type over `[u8; $length]` that is stored as a blob; `$show` prints the bytes, `$read` is its inverse.
macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal, $what:literal, $show:expr, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Takes the bytes.
            pub fn from_bytes(bytes: [u8; $length]) -> Self {
                $name(bytes)
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $show(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                $read(text).map($name).ok_or(Error::Malformed { what: $what })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                } else {
                    deserializer.deserialize_bytes(FixedBytes::<$length>).map($name)
                }
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <[u8; $length]>::column_result(value).map($name)
            }
        }
    };
}

fixed_bytes!(
    /// A record's id: a UUIDv7 (RFC 9562), never used again after deletion.
    RecordId, 16, "record id", show_uuid, read_uuid
);
fixed_bytes!(
    /// An attached file's id: a UUIDv7 (RFC 9562).
    FileId, 16, "file id", show_uuid, read_uuid
);
fixed_bytes!(
    /// A chunk's id: the MAC of its plaintext under the chunk-id key, so that equal chunks are kept once and the id
    /// tells nothing to who lacks the key.
    ChunkId, 32, "chunk id", show_hex, read_hex
);
fixed_bytes!(
    /// The SHA-256 of a whole file.
    Digest, 32, "digest", show_hex, read_hex
);

impl RecordId {
    pub(crate) fn new<R: CryptoRng + ?Sized>(now_ms: i64, rng: &mut R) -> Self {
        RecordId(uuid_v7(now_ms, rng))
    }
}

impl FileId {
    pub(crate) fn new<R: CryptoRng + ?Sized>(now_ms: i64, rng: &mut R) -> Self {
        FileId(uuid_v7(now_ms, rng))
    }
}

fn uuid_v7<R: CryptoRng + ?Sized>(now_ms: i64, rng: &mut R) -> [u8; 16] {
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    let millis = u64::try_from(now_ms).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .into_bytes()
}

fn show_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}", Uuid::from_bytes(*bytes))
}

fn read_uuid(text: &str) -> Option<[u8; 16]> {
    Uuid::try_parse(text).ok().map(Uuid::into_bytes)
}

pub(crate) fn show_hex<const N: usize>(bytes: &[u8; N], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

pub(crate) fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Reads a byte string of exactly `N` bytes.
pub(crate) struct FixedBytes<const N: usize>;

impl<const N: usize> de::Visitor<'_> for FixedBytes<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}
