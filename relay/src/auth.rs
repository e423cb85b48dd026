//! Who asks: bearer tokens, and the signatures of logins.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use kist_wire::{DeviceId, Digest, ErrorCode, Nonce, PublicKey, Signature, Token, VaultId};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{self, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::state::Relay;
use crate::store::Outcome;

/// SHA-256: of tokens as they are stored, of heads for their tags, of messages to know a repeat.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    <[u8; 32]>::from(Sha256::digest(bytes)).into()
}

/// The digest of the bearer token that a request shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearer(pub(crate) Digest);

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let value = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = value
            .and_then(|value| Token::from_bearer(value).ok())
            .ok_or(ErrorCode::Unauthenticated)?;
        Ok(Self(digest(token.expose())))
    }
}

impl Bearer {
    /// The device whose session of `vault` this is.
    pub(crate) async fn device(self, relay: &Relay, vault: VaultId) -> Outcome<DeviceId> {
        relay.run(move |store, now| store.session(&self.0, &vault, now)).await
    }
}

/// Verifies an ES256 signature.
pub(crate) fn verify(key: &PublicKey, statement: &[u8], signature: &Signature) -> Outcome<()> {
    let verified = || {
        let key = VerifyingKey::from_sec1_bytes(key.as_bytes())?;
        key.verify(statement, &ecdsa::Signature::from_slice(signature.as_bytes())?)
    };
    verified().map_err(|_: ecdsa::Error| ErrorCode::LoginRefused.into())
}

/// A public key is one that can verify: a point of the curve.
pub(crate) fn check_key(key: &PublicKey) -> Outcome<()> {
    VerifyingKey::from_sec1_bytes(key.as_bytes())
        .map(|_| ())
        .map_err(|_| ErrorCode::InvalidRequest.into())
}

/// A fresh nonce.
pub(crate) fn new_nonce() -> Outcome<Nonce> {
    random().map(Nonce::from)
}

/// A fresh token.
pub(crate) fn new_token() -> Outcome<Token> {
    random().map(Token::from)
}

fn random() -> Outcome<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::from)?;
    Ok(bytes)
}
