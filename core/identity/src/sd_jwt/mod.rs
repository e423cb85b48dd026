//! SD-JWT (RFC 9901): an issuer-signed JWT with digests in place of claims, and the disclosures that open them.
//!
//! This layer knows no issuer, type or key: [`conceal`] makes payload and disclosures of claims, [`SdJwt`] is the compact
//! form, [`Processed`] is what the digests and disclosures amount to. SHA-256 is the only `_sd_alg`.

mod conceal;
mod disclosure;
mod process;

use std::fmt;

use kist_crypto::{base64url, sha256};

pub use conceal::{Concealed, Disclosable, conceal};
pub use disclosure::{Content, Disclosure, MAX_NAME};
pub use process::{Node, Processed, process};

use crate::{Error, Result};

/// The largest SD-JWT that is read, in bytes, with its disclosures and key binding.
pub const MAX_SD_JWT: usize = 1 << 20;
/// The most disclosures of one SD-JWT.
pub const MAX_DISCLOSURES: usize = 4096;

/// The one hash algorithm, by its name in the IANA registry of named information hashes.
pub(crate) const HASH_NAME: &str = "sha-256";

/// An SD-JWT or SD-JWT+KB, taken apart and not yet believed.
#[derive(Clone, PartialEq, Eq)]
pub struct SdJwt {
    issuer_jwt: String,
    disclosures: Vec<Disclosure>,
    key_binding: Option<String>,
}

impl SdJwt {
    /// Puts together an SD-JWT without key binding.
    pub fn new(issuer_jwt: String, disclosures: Vec<Disclosure>) -> Self {
        SdJwt {
            issuer_jwt,
            disclosures,
            key_binding: None,
        }
    }

    /// Reads the compact form: `jwt~disclosure~…~` or, with a key binding, `jwt~disclosure~…~kb-jwt`.
    pub fn parse(compact: &str) -> Result<Self> {
        if compact.len() > MAX_SD_JWT {
            return Err(Error::TooLarge {
                what: "SD-JWT",
                limit: MAX_SD_JWT,
            });
        }
        if compact.bytes().filter(|byte| *byte == b'~').count() > MAX_DISCLOSURES + 1 {
            return Err(Error::TooLarge {
                what: "disclosures",
                limit: MAX_DISCLOSURES,
            });
        }
        let (without_binding, key_binding) = compact.rsplit_once('~').ok_or(Error::Malformed { what: "SD-JWT" })?;
        let mut parts = without_binding.split('~');
        let issuer_jwt = parts.next().unwrap_or_default().to_owned();
        let disclosures = parts.map(Disclosure::parse).collect::<Result<_>>()?;
        let key_binding = (!key_binding.is_empty()).then(|| key_binding.to_owned());
        Ok(SdJwt {
            issuer_jwt,
            disclosures,
            key_binding,
        })
    }

    /// The issuer-signed JWT, compact.
    pub fn issuer_jwt(&self) -> &str {
        &self.issuer_jwt
    }

    /// The disclosures in their order.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// The key binding JWT, compact, where there is one.
    pub fn key_binding(&self) -> Option<&str> {
        self.key_binding.as_deref()
    }

    /// The same JWT with the disclosures that `keep` picks by their place, and without key binding.
    pub(crate) fn reduced(&self, keep: impl Fn(usize) -> bool) -> SdJwt {
        let kept = self.disclosures.iter().enumerate().filter(|(place, _)| keep(*place));
        SdJwt::new(
            self.issuer_jwt.clone(),
            kept.map(|(_, disclosure)| disclosure.clone()).collect(),
        )
    }

    /// The compact form without key binding: it ends in `~`.
    pub fn without_key_binding(&self) -> String {
        let mut text = format!("{}~", self.issuer_jwt);
        for disclosure in &self.disclosures {
            text.push_str(disclosure.encoded());
            text.push('~');
        }
        text
    }

    /// The digest that a key binding commits to (RFC 9901, section 4.3.1), base64url.
    pub fn sd_hash(&self) -> String {
        base64url(sha256(&[self.without_key_binding().as_bytes()]))
    }
}

impl fmt::Display for SdJwt {
    /// The compact form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            self.without_key_binding(),
            self.key_binding.as_deref().unwrap_or_default()
        )
    }
}

impl fmt::Debug for SdJwt {
    /// Counts alone: the rest is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SdJwt({} disclosures, key binding: {})",
            self.disclosures.len(),
            self.key_binding.is_some()
        )
    }
}
