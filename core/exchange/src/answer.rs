//! The person answers: presentations of what they chose, bound to this request, with the acceptance of what was offered,
//! encrypted to the request's own key (OpenID4VP 1.0, sections 8.1 and 8.3).

use std::collections::BTreeMap;

use kist_crypto::es256::PublicKey;
use kist_crypto::{CryptoRng, jwe};
use kist_identity::sd_jwt::SdJwt;
use kist_identity::{ClaimPath, Credential, KeyBinding, UnsignedPresentation};

use crate::address::percent_encode;
use crate::agreement::{Presented, verify_acceptance};
use crate::disclosed::{covers, disclosed};
use crate::wire::ResponseObject;
use crate::{Binding, CONNECTION, Error, Result, SessionCode, VerifiedRequest};

/// An answer in the making. Each presentation is signed by the key that its credential is bound to.
pub struct AnswerDraft<'a> {
    request: &'a VerifiedRequest,
    now: i64,
    pieces: Vec<Piece>,
    acceptance: Option<String>,
}

struct Piece {
    query: String,
    chosen: Vec<ClaimPath>,
    holder: PublicKey,
    unsigned: UnsignedPresentation,
}

impl std::fmt::Debug for AnswerDraft<'_> {
    /// Counts alone: the rest is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnswerDraft({} presentations, …)", self.pieces.len())
    }
}

/// An answer as it is sent: POST `body` to `response_uri` as [`crate::ANSWER_MEDIA_TYPE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAnswer {
    /// The address that the request signed.
    pub response_uri: String,
    /// The form. Its length shows the answer's, and nothing else does.
    pub body: String,
    /// What the person brings back to the session that the request belongs to.
    pub session: Option<SessionCode>,
}

impl VerifiedRequest {
    /// Begins an answer at `now` (Unix seconds), or finds that it is too late.
    pub fn answer(&self, now: i64) -> Result<AnswerDraft<'_>> {
        match now > self.expires_at() {
            true => Err(Error::RequestExpired),
            false => Ok(AnswerDraft {
                request: self,
                now,
                pieces: Vec::new(),
                acceptance: None,
            }),
        }
    }

    /// Says no, and nothing else (`access_denied`). That nothing is sent at all is just as good an answer.
    pub fn decline<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Result<SealedAnswer> {
        let response = ResponseObject {
            vp_token: None,
            state: self.state.clone(),
            kist_acceptance: None,
            kist_session_code: None,
            error: Some("access_denied".to_owned()),
        };
        self.seal(&response, None, rng)
    }

    fn seal<R: CryptoRng + ?Sized>(
        &self,
        response: &ResponseObject,
        session: Option<SessionCode>,
        rng: &mut R,
    ) -> Result<SealedAnswer> {
        let plain = serde_json::to_vec(response).map_err(|_| Error::Malformed { what: "answer" })?;
        let encryption = &self.encryption;
        let parameters = jwe::Parameters {
            enc: encryption.enc,
            kid: Some(&encryption.kid),
            apu: b"",
            apv: b"",
        };
        let jwe = jwe::encrypt(&encryption.key, &parameters, &plain, rng);
        Ok(SealedAnswer {
            response_uri: self.response_uri.clone(),
            body: format!("response={}", percent_encode(&jwe)),
            session,
        })
    }
}

impl AnswerDraft<'_> {
    /// Presents the `chosen` claims of a credential for the credential query `query`.
    ///
    /// `QueryNotSatisfied` for an id that was not asked; identity's for a path that selects nothing.
    pub fn present(&mut self, query: &str, credential: &Credential, chosen: &[ClaimPath]) -> Result<()> {
        self.request.query().credential(query).ok_or(Error::QueryNotSatisfied)?;
        let binding = KeyBinding {
            nonce: &self.request.nonce,
            audience: &self.request.client_id,
            issued_at: self.now,
            transaction_data: &self.request.transaction_data,
        };
        let unsigned = UnsignedPresentation::prepare(credential, chosen, &binding)?;
        let holder = *credential.holder().ok_or(kist_identity::Error::HolderBindingMissing)?;
        self.pieces.push(Piece {
            query: query.to_owned(),
            chosen: chosen.to_vec(),
            holder,
            unsigned,
        });
        Ok(())
    }

    /// Accepts the agreement that was offered: the acceptance, signed by the relationship's key.
    pub fn accept(&mut self, acceptance_jws: String) {
        self.acceptance = Some(acceptance_jws);
    }

    /// What is to be signed, in order, each with the public half of the key that signs it.
    pub fn to_sign(&self) -> impl Iterator<Item = (&PublicKey, &[u8])> {
        self.pieces
            .iter()
            .map(|piece| (&piece.holder, piece.unsigned.signing_input()))
    }

    /// Puts the answer together and seals it, having checked it as the organisation will: a wrong answer never leaves.
    ///
    /// Errors: `QueryNotSatisfied` where something required is missing or is not what was asked; `BeyondConsent` where a
    /// credential can't show what was chosen without showing more; `AcceptanceMismatch`; crypto's `SignatureInvalid`
    /// where a signature is missing or by another key.
    pub fn complete<R: CryptoRng + ?Sized>(self, signatures: &[[u8; 64]], rng: &mut R) -> Result<SealedAnswer> {
        let (request, acceptance) = (self.request, self.acceptance);
        if signatures.len() != self.pieces.len() {
            return Err(kist_crypto::Error::SignatureInvalid.into());
        }
        let mut vp_token: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut shown = Vec::new();
        for (piece, signature) in self.pieces.into_iter().zip(signatures) {
            piece.holder.verify(piece.unsigned.signing_input(), signature)?;
            let compact = piece.unsigned.complete(signature);
            let paths = disclosed(&compact)?;
            if !paths
                .iter()
                .all(|path| piece.chosen.iter().any(|chosen| covers(chosen, path)))
            {
                return Err(Error::BeyondConsent);
            }
            shown.extend(paths.into_iter().map(|path| (piece.query.clone(), path)));
            vp_token.entry(piece.query).or_default().push(compact);
        }
        check(request, &vp_token, acceptance.as_deref(), shown)?;
        let (code, session) = request.session().map(|session| session.code(rng)).unzip();
        let response = ResponseObject {
            vp_token: Some(vp_token),
            state: request.state.clone(),
            kist_acceptance: acceptance,
            kist_session_code: code,
            error: None,
        };
        request.seal(&response, session, rng)
    }
}

/// What the organisation will check of the answer as a whole.
fn check(
    request: &VerifiedRequest,
    vp_token: &BTreeMap<String, Vec<String>>,
    acceptance: Option<&str>,
    disclosed: Vec<(String, ClaimPath)>,
) -> Result<()> {
    let mut credentials: BTreeMap<&str, Vec<Credential>> = BTreeMap::new();
    for (id, compacts) in vp_token {
        let read = |compact: &String| Credential::parse(&SdJwt::parse(compact)?.without_key_binding());
        credentials.insert(id, compacts.iter().map(read).collect::<std::result::Result<_, _>>()?);
    }
    let candidates = credentials
        .iter()
        .map(|(id, all)| (*id, all.iter().map(Credential::candidate).collect()));
    let presented = Presented {
        candidates: candidates.collect(),
        disclosed,
    };
    request.query().check_answer(&presented.candidates)?;
    match (request.offer(), acceptance) {
        (None, None) => Ok(()),
        (Some(offer), Some(acceptance)) => {
            let connection = credentials.get(CONNECTION).and_then(|all| all.first());
            let relationship = connection
                .and_then(Credential::holder)
                .ok_or(Error::QueryNotSatisfied)?;
            let own = |credential: &&Credential| credential.is_self_asserted();
            if credentials
                .values()
                .flatten()
                .filter(own)
                .any(|one| one.holder() != Some(relationship))
            {
                return Err(Error::AcceptanceMismatch {
                    rule: Binding::RelationshipKey,
                });
            }
            let lifetime = request.issued_at()..=request.expires_at();
            verify_acceptance(acceptance, offer, relationship, lifetime, &presented)?;
            Ok(())
        }
        _ => Err(Error::AcceptanceMismatch {
            rule: Binding::Presence,
        }),
    }
}
