//! The organisation asks: a request object in two steps, and what it keeps to open the one answer (OpenID4VP 1.0, section 5).

use kist_consent::{Offer, Signed};
use kist_crypto::es256::SigningKey;
use kist_crypto::{CryptoRng, base64url, jws};
use kist_identity::dcql::{CredentialQuery, Format, Query};
use kist_trust::x509_hash;
use serde_json::{Map, Value};

use crate::address::allowed_origin;
use crate::pending::{Kept, PendingRequest};
use crate::wire::{AUDIENCE, ClientMetadata, RESPONSE_MODE, RESPONSE_TYPE, RequestObject, TYPE, VerifierInfo, x5c};
use crate::{CONNECTION, Error, Result, TransportPolicy, transaction};

/// A request before it is signed.
#[derive(Debug, Clone, Copy)]
pub struct RequestDraft<'a> {
    /// The organisation's access certificate and what leads to the anchor, DER, leaf first, without the anchor.
    pub certificates: &'a [Vec<u8>],
    /// Its registration, as the framework signed it.
    pub registration: &'a str,
    /// What is asked. [`crate::query`] makes one.
    pub query: &'a Query,
    /// The offer of an agreement, signed; none for a single sharing that any conforming wallet answers.
    pub offer: Option<&'a Signed<Offer>>,
    /// Where the answer goes: of the relay that holds the request.
    pub response_uri: &'a str,
    /// Now, Unix seconds.
    pub issued_at: i64,
    /// When the request ends, Unix seconds.
    pub expires_at: i64,
    /// Which addresses are allowed.
    pub policy: TransportPolicy,
}

/// A request that waits for the signature of the access certificate's key.
pub struct UnsignedRequest {
    jwt: jws::Unsigned,
    pending: PendingRequest,
}

impl RequestDraft<'_> {
    /// The first step: fresh nonce, state and encryption key.
    ///
    /// Errors: `AddressRefused`; `Malformed` for no certificate, an end before the beginning, and an offer without a
    /// query for the return address; `Unsupported` for another format than `dc+sd-jwt` or no key binding.
    pub fn prepare<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Result<UnsignedRequest> {
        self.check()?;
        let key = SigningKey::generate(rng);
        let leaf = self.certificates.first().ok_or(Error::Malformed { what: "x5c" })?;
        let kept = Kept {
            client_id: x509_hash(leaf),
            nonce: random_text(rng),
            state: random_text(rng),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            query: self.query.to_value(),
            transaction_data: self
                .offer
                .map(|offer| transaction::encode(offer.compact()))
                .into_iter()
                .collect(),
            offer: self.offer.cloned(),
            answered: false,
        };
        let payload = self.payload(&kept, &key)?;
        let header = Map::from_iter([
            ("typ".to_owned(), Value::from(TYPE)),
            ("x5c".to_owned(), x5c(self.certificates)),
        ]);
        let jwt = jws::Unsigned::new(header, &payload);
        Ok(UnsignedRequest {
            jwt,
            pending: PendingRequest::new(key, kept)?,
        })
    }

    fn check(&self) -> Result<()> {
        allowed_origin(self.response_uri, self.policy)?;
        if self.expires_at <= self.issued_at {
            return Err(Error::Malformed { what: "expiry" });
        }
        if self.offer.is_some() && self.query.credential(CONNECTION).is_none() {
            return Err(Error::Malformed {
                what: "query of an agreement",
            });
        }
        let bound = |query: &CredentialQuery| {
            query.meta.format() == Format::SdJwtVc && query.require_cryptographic_holder_binding
        };
        match self.query.credentials().iter().all(bound) {
            true => Ok(()),
            false => Err(Error::Unsupported {
                what: "credential format",
            }),
        }
    }

    fn payload(&self, kept: &Kept, key: &SigningKey) -> Result<Vec<u8>> {
        let public = key.public();
        let object = RequestObject {
            client_id: kept.client_id.clone(),
            response_type: RESPONSE_TYPE.to_owned(),
            response_mode: RESPONSE_MODE.to_owned(),
            response_uri: self.response_uri.to_owned(),
            nonce: kept.nonce.clone(),
            state: Some(kept.state.clone()),
            dcql_query: kept.query.clone(),
            client_metadata: ClientMetadata::new(&public, &public.thumbprint()),
            transaction_data: (!kept.transaction_data.is_empty()).then(|| kept.transaction_data.clone()),
            verifier_info: vec![VerifierInfo::registration(self.registration)],
            aud: AUDIENCE.to_owned(),
            iat: self.issued_at,
            exp: self.expires_at,
            redirect_uri: None,
            scope: None,
        };
        serde_json::to_vec(&object).map_err(|_| Error::Malformed { what: "request" })
    }
}

impl UnsignedRequest {
    /// The bytes to sign with the access certificate's key, ES256.
    pub fn signing_input(&self) -> &[u8] {
        self.jwt.signing_input()
    }

    /// The second step: the request object for the slot, and what opens the answer, to be kept before the request is shown.
    pub fn complete(self, signature: &[u8; 64]) -> (String, PendingRequest) {
        (self.jwt.complete(signature), self.pending)
    }

    /// The second step where the key is at hand.
    pub fn sign(self, key: &SigningKey) -> (String, PendingRequest) {
        let signature = key.sign(self.signing_input());
        self.complete(&signature)
    }
}

impl std::fmt::Debug for UnsignedRequest {
    /// What it leads to alone: the offer carries a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnsignedRequest({:?})", self.pending)
    }
}

/// 256 random bits in URL-safe symbols, for nonce and state.
fn random_text<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    base64url(bytes)
}
