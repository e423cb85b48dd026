//! The recovery code: 128 random bits that bring a store back, written so that a mistyped symbol is found at once.
//!
//! Seven groups of five symbols of Crockford's base32: four that carry data and one that checks the group. The 28 data
//! symbols hold the code (128 bits) and the first 12 bits of its SHA-256. A group's check symbol is
//! `g + α·v₁ + α²·v₂ + α³·v₃ + α⁴·v₄` in GF(32), `g` the group's number: it finds any one wrong symbol and any two
//! neighbours exchanged, and groups in the wrong order.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;

use crate::es256::SigningKey;
use crate::root::derive;
use crate::slots::WrappingKey;
use crate::{Error, Result, Secret, sha256};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS: usize = 7;
const DATA: usize = 4;

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
        let groups: Vec<String> = symbols(self.0.expose())
            .chunks(DATA)
            .enumerate()
            .map(|(number, data)| {
                let all = data.iter().copied().chain([check_symbol(number, data)]);
                all.map(|value| char::from(ALPHABET[usize::from(value)])).collect()
            })
            .collect();
        groups.join("-")
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
        let mut values = Vec::with_capacity(GROUPS * (DATA + 1));
        for symbol in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let group = values.len() / (DATA + 1);
            if group == GROUPS {
                return Err(mistyped(group - 1));
            }
            values.push(value_of(symbol).ok_or_else(|| mistyped(group))?);
        }
        for (number, group) in values.chunks(DATA + 1).enumerate() {
            let fits = group.len() == DATA + 1 && check_symbol(number, &group[..DATA]) == group[DATA];
            if !fits {
                return Err(mistyped(number));
            }
        }
        if values.len() != GROUPS * (DATA + 1) {
            return Err(mistyped(values.len() / (DATA + 1)));
        }
        let data: Vec<u8> = values
            .chunks(DATA + 1)
            .flat_map(|group| group[..DATA].to_vec())
            .collect();
        let code = code_of(&data);
        if symbols(&code) != data {
            return Err(Error::RecoveryCodeMistyped { group: None });
        }
        Ok(RecoveryCode(Secret::new(code)))
    }
}

fn mistyped(group: usize) -> Error {
    Error::RecoveryCodeMistyped {
        group: Some(group as u8 + 1),
    }
}

fn value_of(symbol: char) -> Option<u8> {
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|&a| char::from(a) == symbol)
        .map(|value| value as u8)
}

/// The 28 data symbols: 128 bits of code, then 12 bits of its hash.
fn symbols(code: &[u8; 16]) -> Vec<u8> {
    let mut bits = [0; 18];
    bits[..16].copy_from_slice(code);
    bits[16..].copy_from_slice(&sha256(&[code])[..2]);
    (0..GROUPS * DATA)
        .map(|index| (0..5).fold(0, |value, bit| value << 1 | bit_at(&bits, index * 5 + bit)))
        .collect()
}

fn bit_at(bytes: &[u8], index: usize) -> u8 {
    bytes[index / 8] >> (7 - index % 8) & 1
}

fn code_of(data: &[u8]) -> [u8; 16] {
    let mut code = [0; 16];
    for (index, byte) in code.iter_mut().enumerate() {
        for bit in index * 8..index * 8 + 8 {
            *byte = *byte << 1 | (data[bit / 5] >> (4 - bit % 5) & 1);
        }
    }
    code
}

/// Horner's rule in GF(32) = GF(2)[x]/(x⁵+x²+1), from the last symbol to the first, times α once more; plus the group.
fn check_symbol(group: usize, data: &[u8]) -> u8 {
    group as u8 ^ data.iter().rev().fold(0, |sum, value| times_alpha(sum ^ value))
}

fn times_alpha(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0x20 == 0 {
        shifted
    } else {
        (shifted ^ 0b10_0101) & 0x1f
    }
}
