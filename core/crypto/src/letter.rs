//! The code of a letter: 80 random bits on paper that find one invitation on a relay and open it.
//!
//! Four groups of five symbols, as [`crate::symbols`] writes them. The relay sees where the invitation lies, which tells
//! nothing of the code, and can't open it.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;

use crate::root::derive;
use crate::{Error, Result, SealingKey, Secret, symbols};

const GROUPS: usize = 4;
const SYMBOLS: usize = 16;

/// A letter's code. Prints as `…` in debug output; [`LetterCode::reveal`] gives the text for the letter.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterCode(Secret<10>);

impl LetterCode {
    /// A fresh random code.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        LetterCode(Secret::generate(rng))
    }

    /// The text of the letter: four groups with hyphens.
    pub fn reveal(&self) -> String {
        symbols::write(&symbols::of_bits(self.0.expose(), SYMBOLS))
    }

    /// The relay's slot where the invitation lies.
    pub fn slot(&self) -> [u8; 32] {
        *derive(self.0.expose(), "kist/2026-11/letter/slot").expose()
    }

    /// Seals the invitation. 80 random bits need no slow derivation.
    pub fn sealing_key(&self) -> SealingKey {
        SealingKey::new(derive(self.0.expose(), "kist/2026-11/letter/seal"))
    }
}

impl fmt::Debug for LetterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LetterCode(…)")
    }
}

impl FromStr for LetterCode {
    type Err = Error;

    /// Reads a code as people type it. Fails with `LetterCodeMistyped` and the first wrong group.
    fn from_str(text: &str) -> Result<Self> {
        let data = symbols::read(text, GROUPS).map_err(|group| Error::LetterCodeMistyped { group })?;
        Ok(LetterCode(Secret::new(symbols::to_bits(&data))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRandom;

    #[test]
    fn h2_a_code_reads_back_as_people_type_it_and_names_the_group_that_is_wrong() {
        for seed in 0..50 {
            let code = LetterCode::generate(&mut SeededRandom::new(seed));
            let text = code.reveal();
            assert_eq!(text.len(), 23);
            let typed = text
                .to_lowercase()
                .replace('-', " ")
                .replace('0', "o")
                .replace('1', "l");
            assert_eq!(typed.parse::<LetterCode>(), Ok(code.clone()));
            let mut wrong = text.clone().into_bytes();
            wrong[13] = if wrong[13] == b'7' { b'8' } else { b'7' };
            let wrong = String::from_utf8(wrong).unwrap_or_default();
            assert_eq!(wrong.parse::<LetterCode>(), Err(Error::LetterCodeMistyped { group: 3 }));
            assert!(text[..17].parse::<LetterCode>().is_err());
            assert!(format!("{text}0").parse::<LetterCode>().is_err());
        }
    }

    #[test]
    fn h2_what_a_code_leads_to_is_pinned() {
        let code: LetterCode = "0000-0-0000-1-0000-2-0000-3".parse().expect("a code");
        assert_eq!(code.0.expose(), &[0; 10]);
        assert_eq!(crate::base64url(code.slot()), SLOT_OF_ZEROS);
    }

    const SLOT_OF_ZEROS: &str = "FUD-P9DUsIH8coSRSL9UJLAySuMdEq01dC0cf9pVvbQ";
}
