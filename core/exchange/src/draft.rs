//! The organisation asks: a request object in two steps, and what it keeps to open the one answer (OpenID4VP 1.0, section 5).

use std::ops::Range;

use kist_consent::{Offer, Signed};
use kist_crypto::es256::SigningKey;
use kist_crypto::{CryptoRng, base64url, jws};
use kist_identity::dcql::{CredentialQuery, Format, Query};
use kist_trust::x509_hash;
use serde_json::{Map, Value};

use crate::address::allowed_origin;
use crate::pending::{Kept, PendingRequest};
use crate::wire::{AUDIENCE, ClientMetadata, RESPONSE_MODE, RESPONSE_TYPE, RequestObject, TYPE, VerifierInfo, x5c};
use crate::{CONNECTION, Commission, Error, MixUp, Result, Session, TransportPolicy, transaction};

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
    /// The session of a browser that the answer is given out to, where one is at stake.
    pub session: Option<&'a Session>,
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
        allowed_origin(self.response_uri, self.policy)?;
        check_query(self.query, self.offer.is_some(), self.issued_at..self.expires_at)?;
        self.session.map_or(Ok(()), |session| session.check(self.policy))?;
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
            session: self.session.is_some(),
            wrong_codes: 0,
            answered: false,
        };
        let payload = self.payload(&kept, &key)?;
        let jwt = jws::Unsigned::new(header(TYPE, self.certificates)?, &payload);
        Ok(UnsignedRequest {
            jwt,
            pending: PendingRequest::new(key, kept)?,
        })
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
            client_metadata: ClientMetadata {
                kist_session: self.session.cloned(),
                ..ClientMetadata::new(&public, &public.thumbprint())
            },
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

/// A request that a supplier makes of an organisation's commission. The answer to it opens to the organisation alone.
#[derive(Debug, Clone, Copy)]
pub struct CarriedDraft<'a> {
    /// The supplier's access certificate and what leads to the anchor, DER, leaf first, without the anchor.
    pub certificates: &'a [Vec<u8>],
    /// The supplier's registration, as the framework signed it.
    pub registration: &'a str,
    /// What the organisation lets it ask.
    pub commission: &'a Commission,
    /// The organisation's registration, as the framework signed it.
    pub principal_registration: &'a str,
    /// Where the answer goes: of the relay that holds the request.
    pub response_uri: &'a str,
    /// Now, Unix seconds.
    pub issued_at: i64,
    /// When the request ends, Unix seconds; no later than the commission.
    pub expires_at: i64,
    /// Which addresses are allowed.
    pub policy: TransportPolicy,
}

impl CarriedDraft<'_> {
    /// The first step: what is to be signed by the supplier's access certificate's key.
    ///
    /// Errors: `AddressRefused`; `MixUpRefused` for another supplier's commission; `RequestExpired` for one that ends
    /// before the request; `Malformed`.
    pub fn prepare(&self) -> Result<jws::Unsigned> {
        allowed_origin(self.response_uri, self.policy)?;
        let leaf = self.certificates.first().ok_or(Error::Malformed { what: "x5c" })?;
        if x509_hash(leaf) != self.commission.supplier() {
            return Err(Error::MixUpRefused {
                part: MixUp::Commission,
            });
        }
        if self.issued_at >= self.expires_at || self.expires_at > self.commission.expires_at() {
            return Err(Error::RequestExpired);
        }
        let object = self.commission.object(self)?;
        let payload = serde_json::to_vec(&object).map_err(|_| Error::Malformed { what: "request" })?;
        Ok(jws::Unsigned::new(header(TYPE, self.certificates)?, &payload))
    }
}

/// That a query can be asked in this profile, and for so long.
pub(crate) fn check_query(query: &Query, agreement: bool, lifetime: Range<i64>) -> Result<()> {
    if lifetime.is_empty() {
        return Err(Error::Malformed { what: "expiry" });
    }
    if agreement && query.credential(CONNECTION).is_none() {
        return Err(Error::Malformed {
            what: "query of an agreement",
        });
    }
    let bound =
        |query: &CredentialQuery| query.meta.format() == Format::SdJwtVc && query.require_cryptographic_holder_binding;
    match query.credentials().iter().all(bound) {
        true => Ok(()),
        false => Err(Error::Unsupported {
            what: "credential format",
        }),
    }
}

/// The header of what an access certificate's key signs.
pub(crate) fn header(typ: &str, certificates: &[Vec<u8>]) -> Result<Map<String, Value>> {
    match certificates {
        [] => Err(Error::Malformed { what: "x5c" }),
        _ => Ok(Map::from_iter([
            ("typ".to_owned(), Value::from(typ)),
            ("x5c".to_owned(), x5c(certificates)),
        ])),
    }
}

/// 256 random bits in URL-safe symbols, for nonce and state.
pub(crate) fn random_text<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    base64url(bytes)
}
