//! The sealed envelope: how everything but a database page is sealed.

use rand_core::CryptoRng;

use crate::xchacha::{self, NONCE, TAG};
use crate::{Context, Error, Result, Secret, SecretBytes};

/// The envelope's version: `1 ‖ nonce (24) ‖ ciphertext ‖ tag (16)`, XChaCha20-Poly1305.
const VERSION: u8 = 1;

/// A key that seals envelopes. It has one purpose; nonces are random, so it may seal without counting.
#[derive(Clone, Debug)]
pub struct SealingKey(Secret<32>);

impl SealingKey {
    /// Bytes that sealing adds.
    pub const OVERHEAD: usize = 1 + NONCE + TAG;

    /// Takes the key.
    pub fn new(key: Secret<32>) -> Self {
        SealingKey(key)
    }

    /// Seals `plain`, bound to `context` (which is not in the output).
    pub fn seal<R: CryptoRng + ?Sized>(&self, context: &Context<'_>, plain: &[u8], rng: &mut R) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let mut out = Vec::with_capacity(plain.len() + Self::OVERHEAD);
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = xchacha::seal(self.0.expose(), &nonce, &context.encode(), &mut out[1 + NONCE..]);
        out.extend_from_slice(&tag);
        out
    }

    /// Opens what [`SealingKey::seal`] made under the same key and context.
    ///
    /// Errors: `UnsupportedVersion`, and `AuthenticationFailed` for everything else, also for what is too short.
    pub fn open(&self, context: &Context<'_>, sealed: &[u8]) -> Result<SecretBytes> {
        let (&version, rest) = sealed.split_first().ok_or(Error::AuthenticationFailed)?;
        if version != VERSION {
            return Err(Error::UnsupportedVersion { found: version });
        }
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(Error::AuthenticationFailed)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(Error::AuthenticationFailed)?;
        let mut plain = ciphertext.to_vec();
        xchacha::open(self.0.expose(), nonce, &context.encode(), &mut plain, tag)?;
        Ok(SecretBytes::new(plain))
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}
