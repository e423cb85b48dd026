//! The recovery code: 128 random bits that bring a store back, written so that a mistyped symbol is found at once.
//!
//! Seven groups of five symbols, as [`crate::symbols`] writes them. The 28 data symbols hold the code (128 bits) and the
//! first 12 bits of its SHA-256.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;

use crate::es256::SigningKey;
use crate::root::derive;
use crate::slots::WrappingKey;
use crate::{Error, Result, Secret, sha256, symbols};

const GROUPS: usize = 7;
const SYMBOLS: usize = 28;

/// A recovery code. Prints as `…` in debug output; [`RecoveryCode::reveal`] gives the text, once, for the kit.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Secret<16>);

impl RecoveryCode {
    /// A fresh random code.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        RecoveryCode(Secret::generate(rng))
    }

    /// The text of the kit: seven groups with hyphens.
    pub fn reveal(&self) -> String {
        symbols::write(&data_of(self.0.expose()))
    }

    /// Where the wrapped root lies on the relay. Tells nothing of the code.
    pub fn locator(&self) -> [u8; 32] {
        *derive(self.0.expose(), "kist/2026-11/recovery/locator").expose()
    }

    /// Proves to the relay the right to fetch what lies there.
    pub fn login_key(&self) -> SigningKey {
        SigningKey::derive(self.0.expose(), "kist/2026-11/recovery/login")
    }

    /// Wraps the root key. 128 random bits need no slow derivation.
    pub fn wrapping_key(&self) -> WrappingKey {
        WrappingKey::new(derive(self.0.expose(), "kist/2026-11/recovery/wrap"))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl FromStr for RecoveryCode {
    type Err = Error;

    /// Reads a code as people type it: any case, `O` for `0`, `I` or `L` for `1`, spaces and hyphens anywhere.
    fn from_str(text: &str) -> Result<Self> {
        let data = symbols::read(text, GROUPS).map_err(|group| Error::RecoveryCodeMistyped { group: Some(group) })?;
        let code = symbols::to_bits(&data);
        if data_of(&code) != data {
            return Err(Error::RecoveryCodeMistyped { group: None });
        }
        Ok(RecoveryCode(Secret::new(code)))
    }
}

/// The 28 data symbols: 128 bits of code, then 12 bits of its hash.
fn data_of(code: &[u8; 16]) -> Vec<u8> {
    let mut bits = [0; 18];
    bits[..16].copy_from_slice(code);
    bits[16..].copy_from_slice(&sha256(&[code])[..2]);
    symbols::of_bits(&bits, SYMBOLS)
}
