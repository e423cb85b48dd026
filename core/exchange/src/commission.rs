//! A commission: what an organisation lets a supplier ask in its name, signed by the organisation (docs/formats/handshake.md).
//!
//! It fixes everything that makes the answer the organisation's own: query, offer, nonce, and the key that the answer is
//! sealed to, which the organisation alone has. The supplier signs the request and carries the answer, and can't read it.

use kist_consent::{Offer, Signed};
use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{CryptoRng, Jwk, jws};
use kist_identity::dcql::Query;
use kist_trust::{Certificate, Reason, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::draft::{check_query, header, random_text};
use crate::pending::{Kept, PendingRequest};
use crate::wire::{
    AUDIENCE, CLOCK_SKEW, ClientMetadata, MAX_REQUEST, RESPONSE_MODE, RESPONSE_TYPE, RequestObject, VerifierInfo,
    certificates, is_url_safe,
};
use crate::{CarriedDraft, Error, MixUp, Result, transaction};

const TYPE: &str = "kist-commission+jwt";
const VERSION: u64 = 1;
const MALFORMED: Error = Error::Malformed { what: "commission" };

/// What is signed. Members that the format does not know are refused.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    version: u64,
    /// The client identifier of the supplier's access certificate.
    supplier: String,
    nonce: String,
    state: String,
    dcql_query: Value,
    transaction_data: Vec<String>,
    /// The organisation's key, made for this one answer.
    encryption_key: Jwk,
    iat: i64,
    exp: i64,
}

/// A commission before the organisation signs it.
#[derive(Debug, Clone, Copy)]
pub struct CommissionDraft<'a> {
    /// The organisation's access certificate and what leads to the anchor, DER, leaf first, without the anchor.
    pub certificates: &'a [Vec<u8>],
    /// The client identifier of the supplier.
    pub supplier: &'a str,
    /// What is asked.
    pub query: &'a Query,
    /// The offer of an agreement, signed by the organisation; none for a single sharing.
    pub offer: Option<&'a Signed<Offer>>,
    /// Now, Unix seconds.
    pub issued_at: i64,
    /// When the commission, and every request with it, ends; Unix seconds.
    pub expires_at: i64,
}

/// A commission that waits for the signature of the organisation's access certificate's key.
pub struct UnsignedCommission {
    jwt: jws::Unsigned,
    pending: PendingRequest,
}

/// A commission as it was read: signed by the certificate that it shows, which nobody has vouched for yet.
#[derive(Clone)]
pub struct Commission {
    compact: String,
    order: Order,
    chain: Vec<Vec<u8>>,
    leaf: Certificate,
}

impl CommissionDraft<'_> {
    /// The first step: fresh nonce, state and encryption key.
    ///
    /// Errors: `Malformed` for no certificate, an end before the beginning, and an offer without a query for the return
    /// address; `Unsupported` for another format than `dc+sd-jwt` or no key binding.
    pub fn prepare<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Result<UnsignedCommission> {
        check_query(self.query, self.offer.is_some(), self.issued_at..self.expires_at)?;
        let key = SigningKey::generate(rng);
        let kept = Kept {
            client_id: self.supplier.to_owned(),
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
            session: false,
            wrong_codes: 0,
            answered: false,
        };
        let order = Order {
            version: VERSION,
            supplier: kept.client_id.clone(),
            nonce: kept.nonce.clone(),
            state: kept.state.clone(),
            dcql_query: kept.query.clone(),
            transaction_data: kept.transaction_data.clone(),
            encryption_key: key.public().jwk(),
            iat: self.issued_at,
            exp: self.expires_at,
        };
        let payload = serde_json::to_vec(&order).map_err(|_| MALFORMED)?;
        Ok(UnsignedCommission {
            jwt: jws::Unsigned::new(header(TYPE, self.certificates)?, &payload),
            pending: PendingRequest::new(key, kept)?,
        })
    }
}

impl UnsignedCommission {
    /// The bytes to sign with the access certificate's key, ES256.
    pub fn signing_input(&self) -> &[u8] {
        self.jwt.signing_input()
    }

    /// The second step: the commission for the supplier, and what opens the answer, to be kept before the first is given out.
    pub fn complete(self, signature: &[u8; 64]) -> (String, PendingRequest) {
        (self.jwt.complete(signature), self.pending)
    }

    /// The second step where the key is at hand.
    pub fn sign(self, key: &SigningKey) -> (String, PendingRequest) {
        let signature = key.sign(self.signing_input());
        self.complete(&signature)
    }
}

impl Commission {
    /// Reads a commission that the certificate in it signed. Whether that certificate is believed is decided with the
    /// request that carries it.
    ///
    /// Errors: `Malformed`, `TooLarge`; crypto's `SignatureInvalid`; trust's for a certificate that is none.
    pub fn parse(compact: &str) -> Result<Self> {
        if compact.len() > MAX_REQUEST {
            return Err(Error::TooLarge {
                what: "commission",
                limit: MAX_REQUEST,
            });
        }
        let parsed = jws::parse(compact)?;
        if parsed.header_str("typ") != Some(TYPE) {
            return Err(MALFORMED);
        }
        let chain = certificates(parsed.header.get("x5c"))?;
        let leaf = Certificate::from_der(chain.first().ok_or(kist_trust::Error::from(Reason::Unsigned))?)?;
        parsed.verify(&leaf.key())?;
        let order: Order = serde_json::from_slice(&parsed.payload).map_err(|_| MALFORMED)?;
        let sound = order.version == VERSION && is_url_safe(&order.nonce) && is_url_safe(&order.state);
        if !sound || order.iat >= order.exp {
            return Err(MALFORMED);
        }
        Ok(Commission {
            compact: compact.to_owned(),
            order,
            chain,
            leaf,
        })
    }

    /// The commission as it was signed.
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// Whose commission it is, by its certificate.
    pub fn organisation(&self) -> Result<Subject> {
        Ok(self.leaf.subject()?)
    }

    /// The client identifier of the supplier that may ask.
    pub fn supplier(&self) -> &str {
        &self.order.supplier
    }

    /// When it ends, Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.order.exp
    }

    pub(crate) fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    pub(crate) fn encryption_key(&self) -> Result<PublicKey> {
        Ok(PublicKey::from_jwk(&self.order.encryption_key)?)
    }

    /// The request object of the supplier, with what was ordered in it.
    pub(crate) fn object(&self, draft: &CarriedDraft<'_>) -> Result<RequestObject> {
        let (order, key) = (self.order.clone(), self.encryption_key()?);
        Ok(RequestObject {
            client_id: order.supplier,
            response_type: RESPONSE_TYPE.to_owned(),
            response_mode: RESPONSE_MODE.to_owned(),
            response_uri: draft.response_uri.to_owned(),
            nonce: order.nonce,
            state: Some(order.state),
            dcql_query: order.dcql_query,
            client_metadata: ClientMetadata::new(&key, &key.thumbprint()),
            transaction_data: (!order.transaction_data.is_empty()).then_some(order.transaction_data),
            verifier_info: vec![
                VerifierInfo::registration(draft.registration),
                VerifierInfo::commission(&self.compact, draft.principal_registration),
            ],
            aud: AUDIENCE.to_owned(),
            iat: draft.issued_at,
            exp: draft.expires_at,
            redirect_uri: None,
            scope: None,
        })
    }

    /// That a request is the one which was ordered, in every part that makes the answer the organisation's.
    pub(crate) fn check(&self, object: &RequestObject, key: &PublicKey) -> Result<()> {
        let order = &self.order;
        let data = object.transaction_data.as_deref().unwrap_or_default();
        let same = object.client_id == order.supplier
            && object.nonce == order.nonce
            && object.state.as_ref() == Some(&order.state)
            && object.dcql_query == order.dcql_query
            && data == order.transaction_data
            && *key == self.encryption_key()?;
        let within = object.iat >= order.iat.saturating_sub(CLOCK_SKEW) && object.exp <= order.exp;
        // Whose session it would be nobody has ordered.
        if object.client_metadata.kist_session.is_some() {
            return Err(Error::Unsupported { what: "session" });
        }
        match same && within {
            true => Ok(()),
            false => Err(Error::MixUpRefused {
                part: MixUp::Commission,
            }),
        }
    }
}

impl std::fmt::Debug for Commission {
    /// For whom alone: the offer carries a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Commission({}, …)", self.order.supplier)
    }
}

impl std::fmt::Debug for UnsignedCommission {
    /// What it leads to alone: the offer carries a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnsignedCommission({:?})", self.pending)
    }
}
