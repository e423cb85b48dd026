//! That a request was signed, told without what it says.

use kist_crypto::{base64url, jws, sha256};
use serde::Serialize;

use crate::wire::{MAX_REQUEST, RequestObject, VerifierInfo};
use crate::{Error, Result};

/// What proves that a certificate signed a request: whoever has the request can hold it against the digest, and nobody
/// can answer or send by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestSignature {
    /// The protected header as it was signed, base64url: it has the certificates.
    pub header: String,
    /// SHA-256 of what was signed, base64url.
    pub digest: String,
    /// ES256 over it, base64url.
    pub signature: String,
    /// The registrations that came with the request, as their registrars signed them: of who asks, and of whom they ask for.
    pub registrations: Vec<String>,
}

impl RequestSignature {
    /// Takes the signature off a request that was verified before.
    ///
    /// Errors: `Malformed`, `TooLarge`.
    pub fn of(request: &str) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "request" };
        if request.len() > MAX_REQUEST {
            return Err(Error::TooLarge {
                what: "request",
                limit: MAX_REQUEST,
            });
        }
        let object: RequestObject = serde_json::from_slice(&jws::parse(request)?.payload).map_err(|_| MALFORMED)?;
        let (signed, signature) = request.rsplit_once('.').ok_or(MALFORMED)?;
        let (header, _) = signed.split_once('.').ok_or(MALFORMED)?;
        let registration = |info: &VerifierInfo| match info.commissioned() {
            Some((_, registration)) => Some(registration.to_owned()),
            None => info.jwt().map(str::to_owned),
        };
        Ok(RequestSignature {
            header: header.to_owned(),
            digest: base64url(sha256(&[signed.as_bytes()])),
            signature: signature.to_owned(),
            registrations: object.verifier_info.iter().filter_map(registration).collect(),
        })
    }
}
