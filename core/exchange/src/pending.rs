//! The organisation waits: what it keeps of a request, and the one answer that it opens with it (OpenID4VP 1.0, section 8).

use std::collections::BTreeMap;

use kist_consent::{Agreement, Offer, Signed};
use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{Secret, SecretBytes, jwe, sha256};
use kist_identity::dcql::Query;
use kist_identity::{Expected, Issuer, IssuerTrust, VerifiedPresentation, verify_presentation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::form_pairs;
use crate::agreement::{Presented, verify_acceptance};
use crate::disclosed::disclosed;
use crate::wire::{CLOCK_SKEW, ResponseObject};
use crate::{Binding, CONNECTION, Error, Result, ReturnAddress, SESSION_TRIES};

const VERSION: u8 = 1;
/// The most presentations in an answer.
const MAX_PRESENTATIONS: usize = 256;
const MAX_FORM_PAIRS: usize = 8;

/// A request that was made and not yet answered: its ephemeral key and what its answer is held against. A secret of the
/// organisation, for its vault.
#[derive(Clone)]
pub struct PendingRequest {
    key: SigningKey,
    kept: Kept,
    query: Query,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) client_id: String,
    pub(crate) nonce: String,
    pub(crate) state: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) query: Value,
    pub(crate) transaction_data: Vec<String>,
    pub(crate) offer: Option<Signed<Offer>>,
    /// Whether the answer is given out to a session alone.
    #[serde(default)]
    pub(crate) session: bool,
    /// How many wrong codes were brought.
    #[serde(default)]
    pub(crate) wrong_codes: u8,
    pub(crate) answered: bool,
}

/// An answer of which every part was verified and belongs to this request.
#[derive(Debug, Clone)]
pub struct VerifiedAnswer {
    /// What was presented, by the id of the credential query: type, issuer, disclosed claims and holder's key of each.
    pub presentations: BTreeMap<String, Vec<VerifiedPresentation>>,
    /// The agreement that was accepted, where one was offered.
    pub agreement: Option<NewAgreement>,
}

/// An agreement that waits for its receipt, and where the person is reached.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// Offer and acceptance.
    pub agreement: Agreement,
    /// Where sealed messages go.
    pub return_address: ReturnAddress,
}

impl PendingRequest {
    pub(crate) fn new(key: SigningKey, kept: Kept) -> Result<Self> {
        Ok(PendingRequest {
            key,
            query: Query::from_value(&kept.query)?,
            kept,
        })
    }

    /// The request's client identifier, for the link.
    pub fn client_id(&self) -> &str {
        &self.kept.client_id
    }

    /// When the request ends, Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.kept.expires_at
    }

    /// Whether an answer was opened with it, or too many wrong codes have ended it.
    pub fn is_answered(&self) -> bool {
        self.kept.answered
    }

    /// The bytes to keep: version 1, the ephemeral key's scalar (32), the rest as JSON.
    pub fn to_bytes(&self) -> SecretBytes {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.key.to_secret().expose());
        #[allow(clippy::expect_used)]
        bytes.extend(serde_json::to_vec(&self.kept).expect("strings and numbers serialise"));
        SecretBytes::new(bytes)
    }

    /// From the bytes that were kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed {
            what: "pending request",
        };
        let (&version, rest) = bytes.split_first().ok_or(MALFORMED)?;
        let (scalar, json) = rest.split_at_checked(32).ok_or(MALFORMED)?;
        if version != VERSION {
            return Err(kist_crypto::Error::UnsupportedVersion { found: version }.into());
        }
        let key = SigningKey::from_secret(&Secret::from_slice(scalar).ok_or(MALFORMED)?)?;
        Self::new(key, serde_json::from_slice(json).map_err(|_| MALFORMED)?)
    }

    /// Opens the answer that came to `response_uri`: the form's body, at `now` (Unix seconds).
    ///
    /// It opens one answer and no other: keep the request again with what the answer leads to, in one transaction. An
    /// error leaves it open, so that a damaged or forged answer can't use it up; a refusal by the person ends it.
    ///
    /// Errors: `ReplayRejected`, `RequestExpired`, `Declined`; `SessionCodeMissing` where
    /// [`PendingRequest::open_answer_in_session`] is what opens it; `AuthenticationFailed` for an answer to another request's
    /// key; `AudienceMismatch`, `QueryNotSatisfied`, `AcceptanceMismatch`, `BeyondConsent`; identity's for a credential
    /// or key binding that doesn't verify; `Malformed`, `TooLarge`.
    pub fn open_answer(&mut self, body: &str, trust: &dyn IssuerTrust, now: i64) -> Result<VerifiedAnswer> {
        self.open(body, None, trust, now)
    }

    /// Opens the answer for the session which brings this code: what the person typed there, or what their browser came
    /// back with (`response_code`). Give the answer to that session and to nobody else.
    ///
    /// Errors: `SessionMismatch` for another code: keep the request again, since it counts them, and the last one ends it;
    /// otherwise those of [`PendingRequest::open_answer`].
    pub fn open_answer_in_session(
        &mut self,
        body: &str,
        code: &str,
        trust: &dyn IssuerTrust,
        now: i64,
    ) -> Result<VerifiedAnswer> {
        self.open(body, Some(code), trust, now)
    }

    fn open(&mut self, body: &str, code: Option<&str>, trust: &dyn IssuerTrust, now: i64) -> Result<VerifiedAnswer> {
        if self.kept.answered {
            return Err(Error::ReplayRejected);
        }
        if now > self.kept.expires_at.saturating_add(CLOCK_SKEW) {
            return Err(Error::RequestExpired);
        }
        let response = self.decrypt(body)?;
        if response.state.as_deref() != Some(&self.kept.state) {
            return Err(Error::ReplayRejected);
        }
        if response.error.is_some() {
            self.kept.answered = true;
            return Err(Error::Declined);
        }
        let sent = response.kist_session_code.clone();
        let answer = self.verify(response, trust, now)?;
        if self.kept.session {
            self.check_code(code, sent.as_deref())?;
        }
        self.kept.answered = true;
        Ok(answer)
    }

    /// Whether the code that was brought is the one that was sent; a wrong one counts.
    fn check_code(&mut self, brought: Option<&str>, sent: Option<&str>) -> Result<()> {
        let brought = brought.ok_or(Error::SessionCodeMissing)?;
        let hash = |code: &str| Secret::new(sha256(&[code.trim().as_bytes()]));
        if sent.is_some_and(|sent| hash(sent) == hash(brought)) {
            return Ok(());
        }
        self.kept.wrong_codes = self.kept.wrong_codes.saturating_add(1);
        let left = SESSION_TRIES.saturating_sub(self.kept.wrong_codes);
        self.kept.answered = left == 0;
        Err(Error::SessionMismatch { left })
    }

    fn decrypt(&self, body: &str) -> Result<ResponseObject> {
        const MALFORMED: Error = Error::Malformed { what: "answer" };
        if body.len() > jwe::MAX_JWE {
            return Err(Error::TooLarge {
                what: "answer",
                limit: jwe::MAX_JWE,
            });
        }
        let pairs = form_pairs(body, MAX_FORM_PAIRS).ok_or(MALFORMED)?;
        let mut responses = pairs.iter().filter(|(name, _)| name == "response");
        let (Some((_, jwe)), None) = (responses.next(), responses.next()) else {
            return Err(MALFORMED);
        };
        let (_, plain) = jwe::decrypt(&self.key, jwe)?;
        serde_json::from_slice(plain.expose()).map_err(|_| MALFORMED)
    }

    fn verify(&self, response: ResponseObject, trust: &dyn IssuerTrust, now: i64) -> Result<VerifiedAnswer> {
        let vp_token = response.vp_token.ok_or(Error::Malformed { what: "vp_token" })?;
        if vp_token.values().map(Vec::len).sum::<usize>() > MAX_PRESENTATIONS {
            return Err(Error::TooLarge {
                what: "vp_token",
                limit: MAX_PRESENTATIONS,
            });
        }
        let expected = Expected {
            nonce: &self.kept.nonce,
            audience: &self.kept.client_id,
            transaction_data: &self.kept.transaction_data,
            max_age: self.kept.expires_at.saturating_sub(self.kept.issued_at),
            require_holder_binding: true,
        };
        let mut presentations = BTreeMap::new();
        let mut values = Vec::new();
        for (id, compacts) in vp_token {
            let mut verified = Vec::with_capacity(compacts.len());
            for compact in &compacts {
                verified.push(verify_presentation(compact, &expected, trust, now)?);
                values.extend(disclosed(compact)?.into_iter().map(|path| (id.clone(), path)));
            }
            presentations.insert(id, verified);
        }
        let candidates = presentations.iter().map(|(id, verified)| {
            (
                id.as_str(),
                verified.iter().map(VerifiedPresentation::candidate).collect(),
            )
        });
        let presented = Presented {
            candidates: candidates.collect(),
            disclosed: values,
        };
        self.query.check_answer(&presented.candidates)?;
        let agreement = self.verify_agreement(&presentations, &presented, response.kist_acceptance)?;
        Ok(VerifiedAnswer {
            presentations,
            agreement,
        })
    }

    /// That offer and acceptance are both there or both not, and bind everything that was presented.
    fn verify_agreement(
        &self,
        presentations: &BTreeMap<String, Vec<VerifiedPresentation>>,
        presented: &Presented<'_>,
        acceptance: Option<String>,
    ) -> Result<Option<NewAgreement>> {
        const MISSING: Error = Error::AcceptanceMismatch {
            rule: Binding::Presence,
        };
        let (offer, acceptance) = match (&self.kept.offer, acceptance) {
            (None, None) => return Ok(None),
            (Some(offer), Some(acceptance)) => (offer, acceptance),
            _ => return Err(MISSING),
        };
        let connection = presentations
            .get(CONNECTION)
            .and_then(|all| all.first())
            .ok_or(MISSING)?;
        let relationship = *connection.holder().ok_or(MISSING)?;
        check_one_relationship(&relationship, connection, presentations)?;
        let lifetime = self.kept.issued_at..=self.kept.expires_at;
        let agreement = verify_acceptance(&acceptance, offer, &relationship, lifetime, presented)?;
        let return_address = ReturnAddress::from_claims(connection.claims())?;
        Ok(Some(NewAgreement {
            agreement,
            return_address,
        }))
    }
}

impl std::fmt::Debug for PendingRequest {
    /// Without the key, and without what is asked.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PendingRequest({}, answered: {}, …)",
            self.kept.client_id, self.kept.answered
        )
    }
}

/// That what the person says of themselves is all said with the relationship's key.
fn check_one_relationship(
    relationship: &PublicKey,
    connection: &VerifiedPresentation,
    presentations: &BTreeMap<String, Vec<VerifiedPresentation>>,
) -> Result<()> {
    let own = |presented: &&VerifiedPresentation| *presented.issuer() == Issuer::SelfAsserted;
    let mut all = presentations.values().flatten().filter(own);
    let same = all.all(|presented| presented.holder() == Some(relationship));
    match same && own(&connection) {
        true => Ok(()),
        false => Err(Error::AcceptanceMismatch {
            rule: Binding::RelationshipKey,
        }),
    }
}
