//! Ids, tokens, keys and digests: fixed or bounded byte strings, written as base64url without padding.

use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

use crate::{Error, Result};

/// Decodes base64url without padding into exactly the bytes of `out` that it fills; the rest stays zero.
fn decode_into(text: &str, out: &mut [u8]) -> Option<usize> {
    BASE64_URL_SAFE_NO_PAD.decode_slice(text, out).ok()
}

/// Text and serde forms over `from_text(&str) -> Result<Self>` and `as_bytes(&self) -> &[u8]`.
macro_rules! text_forms {
    ($name:ident, $pattern:literal) => {
        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::from_text(text).ok_or(Error::Malformed {
                    what: stringify!($name),
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(self.as_bytes()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some($pattern))
                    .description(Some("base64url without padding (RFC 4648, section 5)"))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

macro_rules! display_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.as_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 16 to 32 bytes, chosen at random by the client, written as base64url without padding.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name {
            bytes: [u8; 32],
            length: u8,
        }

        impl $name {
            /// Takes 16 to 32 bytes.
            ///
            /// Errors: `Malformed` for any other length.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
                let mut padded = [0; 32];
                padded
                    .get_mut(..bytes.len())
                    .filter(|target| target.len() >= 16)
                    .ok_or(Error::Malformed { what: stringify!($name) })?
                    .copy_from_slice(bytes);
                Ok(Self { bytes: padded, length: bytes.len() as u8 })
            }

            /// The id's bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.bytes[..usize::from(self.length)]
            }

            fn from_text(text: &str) -> Option<Self> {
                let mut bytes = [0; 32];
                let length = decode_into(text, &mut bytes).filter(|length| *length >= 16)?;
                Some(Self { bytes, length: length as u8 })
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(bytes: [u8; 16]) -> Self {
                let mut padded = [0; 32];
                padded[..16].copy_from_slice(&bytes);
                Self { bytes: padded, length: 16 }
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self { bytes, length: 32 }
            }
        }

        display_text!($name);
        text_forms!($name, "^[A-Za-z0-9_-]{22,43}$");
    };
}

id! {
    /// Names a vault: one person's backup.
    VaultId
}
id! {
    /// Names a device of a vault.
    DeviceId
}
id! {
    /// Names a blob within its vault.
    BlobId
}
id! {
    /// Where a wrapped root key lies; derived from the recovery code.
    Locator
}
id! {
    /// Names a mailbox.
    MailboxId
}
id! {
    /// Names a handshake slot.
    SlotId
}
id! {
    /// Marks one send, so that a repeat of it after a lost reply isn't a second message.
    IdempotencyKey
}

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $length:literal, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            fn from_text(text: &str) -> Option<Self> {
                let mut bytes = [0; $length];
                (decode_into(text, &mut bytes)? == $length).then_some(Self(bytes))
            }
        }

        impl From<[u8; $length]> for $name {
            fn from(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }
        }

        display_text!($name);
        text_forms!($name, $pattern);
    };
}

fixed! {
    /// A number that the relay issues for one login: 32 bytes, used once.
    Nonce, 32, "^[A-Za-z0-9_-]{43}$"
}
fixed! {
    /// A digest of 32 bytes. Of a [`Token`] it is the digest of the token's 32 bytes, not of its text.
    Digest, 32, "^[A-Za-z0-9_-]{43}$"
}
fixed! {
    /// A public key as an uncompressed point of 65 bytes (SEC 1, section 2.3.3).
    PublicKey, 65, "^[A-Za-z0-9_-]{87}$"
}
fixed! {
    /// A signature of 64 bytes: r ‖ s, as in a JWS (RFC 7518, section 3.4).
    Signature, 64, "^[A-Za-z0-9_-]{86}$"
}

/// A bearer token: 32 random bytes that open what they were made for. Wiped when dropped, printed as `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// The secret bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The value of an `Authorization` header (RFC 6750, section 2.1).
    pub fn to_bearer(&self) -> String {
        format!("Bearer {}", BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }

    /// Reads the value of an `Authorization` header.
    ///
    /// Errors: `Malformed` when it is no bearer token of this API.
    pub fn from_bearer(value: &str) -> Result<Self> {
        value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .and_then(|(_, text)| Self::from_text(text))
            .ok_or(Error::Malformed { what: "Token" })
    }

    fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut token = Self([0; 32]);
        (decode_into(text, &mut token.0)? == 32).then_some(token)
    }
}

impl From<[u8; 32]> for Token {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

text_forms!(Token, "^[A-Za-z0-9_-]{43}$");

/// Bytes that a JSON body carries and the relay doesn't read. The endpoint bounds their length.
#[derive(Clone, PartialEq, Eq)]
pub struct Opaque(pub Vec<u8>);

impl Opaque {
    fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn from_text(text: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(text).ok().map(Self)
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opaque({} bytes)", self.0.len())
    }
}

text_forms!(Opaque, "^[A-Za-z0-9_-]*$");
