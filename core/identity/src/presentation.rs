//! A holder shows part of a credential: the chosen disclosures, and proof of the key that the credential is bound to.

use kist_crypto::es256::SigningKey;
use kist_crypto::{base64url, jws, sha256};
use serde_json::{Map, Value, json};

use crate::sd_jwt::{HASH_NAME, SdJwt};
use crate::{ClaimPath, Credential, Error, Result};

/// The `typ` of a key binding JWT.
pub(crate) const TYPE: &str = "kb+jwt";

/// What a presentation is bound to (RFC 9901, section 4.3; OpenID4VP 1.0, appendix B.3).
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding<'a> {
    /// The request's nonce.
    pub nonce: &'a str,
    /// The verifier's whole client id, with its prefix.
    pub audience: &'a str,
    /// Now, Unix seconds.
    pub issued_at: i64,
    /// Those strings of the request's `transaction_data` that name this credential, exactly as they were received.
    pub transaction_data: &'a [String],
}

/// A presentation that waits for the signature of the holder's key.
#[derive(Debug, Clone)]
pub struct UnsignedPresentation {
    shown: SdJwt,
    binding: jws::Unsigned,
}

impl UnsignedPresentation {
    /// The first step: shows `chosen`, and nothing else that can be kept back. Paths may select several claims.
    /// Errors: [`Error::ClaimNotFound`], [`Error::HolderBindingMissing`] for a credential without a key.
    pub fn prepare(credential: &Credential, chosen: &[ClaimPath], to: &KeyBinding<'_>) -> Result<Self> {
        if credential.holder().is_none() {
            return Err(Error::HolderBindingMissing);
        }
        let shown = credential.disclose(chosen)?;
        let header = Map::from_iter([("typ".to_owned(), Value::from(TYPE))]);
        let mut payload = json!({
            "nonce": to.nonce,
            "aud": to.audience,
            "iat": to.issued_at,
            "sd_hash": shown.sd_hash(),
        });
        if !to.transaction_data.is_empty() {
            let hashes: Vec<_> = to
                .transaction_data
                .iter()
                .map(|data| transaction_data_hash(data))
                .collect();
            payload["transaction_data_hashes"] = hashes.into();
            payload["transaction_data_hashes_alg"] = HASH_NAME.into();
        }
        Ok(UnsignedPresentation {
            binding: jws::Unsigned::new(header, payload.to_string().as_bytes()),
            shown,
        })
    }

    /// The bytes to sign with the credential's holder key, ES256.
    pub fn signing_input(&self) -> &[u8] {
        self.binding.signing_input()
    }

    /// The second step: the SD-JWT+KB.
    pub fn complete(self, signature: &[u8; 64]) -> String {
        self.shown.without_key_binding() + &self.binding.complete(signature)
    }

    /// The second step where the key is at hand.
    pub fn sign(self, key: &SigningKey) -> String {
        let signature = key.sign(self.signing_input());
        self.complete(&signature)
    }
}

/// Shows `chosen` without proof of the holder's key, where a query says that it needs none. Anyone who gets it can
/// show it again.
pub fn present_unbound(credential: &Credential, chosen: &[ClaimPath]) -> Result<String> {
    Ok(credential.disclose(chosen)?.without_key_binding())
}

/// The hash of one string of `transaction_data`, as received and not decoded (OpenID4VP 1.0, appendix B.3.3.1).
pub fn transaction_data_hash(encoded: &str) -> String {
    base64url(sha256(&[encoded.as_bytes()]))
}
