//! A verifier believes a presentation: issuer, holder, request, time, and every byte in between.

use std::collections::BTreeSet;

use kist_crypto::es256::PublicKey;
use kist_crypto::jws;
use serde_json::{Map, Value};

use crate::credential::{CLOCK_SKEW, Checked, time};
use crate::dcql::Candidate;
use crate::issuer::{Issuer, IssuerTrust};
use crate::presentation::{TYPE, transaction_data_hash};
use crate::sd_jwt::{HASH_NAME, SdJwt};
use crate::{BindingFault, Error, Result};

/// Seconds for which a presentation is fresh, unless the verifier says otherwise.
pub const MAX_AGE: i64 = 300;

/// What a verifier expects of a presentation.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The nonce of the verifier's request.
    pub nonce: &'a str,
    /// The verifier's own client id, with its prefix.
    pub audience: &'a str,
    /// Those strings of the request's `transaction_data` that name this credential. The presentation has to be bound to
    /// exactly these, in any order.
    pub transaction_data: &'a [String],
    /// How old the key binding may be, in seconds: [`MAX_AGE`], or the request's lifetime where answers wait in a slot.
    pub max_age: i64,
    /// Whether the holder's key must be proved: the query's `require_cryptographic_holder_binding`. A proof that is
    /// there is verified in any case.
    pub require_holder_binding: bool,
}

/// What was proved by a presentation.
#[derive(Clone)]
pub struct VerifiedPresentation {
    checked: Checked,
    issuer: Issuer,
    holder: Option<PublicKey>,
}

impl VerifiedPresentation {
    /// The credential's type.
    pub fn vct(&self) -> &str {
        &self.checked.vct
    }

    /// Who signed the credential. Where it is the holder, its claims are the holder's word and no more.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The disclosed claims, with the registered ones. Elements of an array that were kept back leave no gap.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.checked.claims
    }

    /// The holder's key, whose possession was proved; none where the presentation was accepted without key binding.
    pub fn holder(&self) -> Option<&PublicKey> {
        self.holder.as_ref()
    }

    /// What [`crate::dcql::Query::check_answer`] looks at.
    pub fn candidate(&self) -> Candidate<'_> {
        Candidate {
            holder_binding: self.holder.is_some(),
            ..self.checked.candidate()
        }
    }
}

impl std::fmt::Debug for VerifiedPresentation {
    /// Type and issuer alone: the rest is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifiedPresentation({}, {:?}, …)", self.vct(), self.issuer)
    }
}

/// Verifies a presentation of an SD-JWT VC at `now` (Unix seconds). That a nonce is used once is for the caller to see to.
///
/// Errors: [`Error::Malformed`], [`Error::TooLarge`], [`Error::UnsupportedAlgorithm`], [`Error::UnknownDisclosure`],
/// [`Error::DuplicateDigest`] by form; [`Error::IssuerNotTrusted`], [`Error::SignatureInvalid`],
/// [`Error::CredentialExpired`], [`Error::NotYetValid`] of the credential; [`Error::HolderBindingMissing`],
/// [`Error::HolderBindingInvalid`], [`Error::AudienceMismatch`], [`Error::NonceMismatch`],
/// [`Error::TransactionDataMismatch`] of the key binding.
pub fn verify_presentation(
    compact: &str,
    expected: &Expected<'_>,
    trust: &dyn IssuerTrust,
    now: i64,
) -> Result<VerifiedPresentation> {
    let sd_jwt = SdJwt::parse(compact)?;
    let checked = Checked::new(&sd_jwt)?;
    let issuer = checked.verify(trust, now)?;
    let holder = match sd_jwt.key_binding() {
        Some(binding) => {
            let holder = checked.holder.ok_or(Error::HolderBindingMissing)?;
            verify_binding(binding, &holder, &sd_jwt.sd_hash(), expected, now)?;
            Some(holder)
        }
        None if expected.require_holder_binding => return Err(Error::HolderBindingMissing),
        None if !expected.transaction_data.is_empty() => return Err(Error::TransactionDataMismatch),
        None => None,
    };
    Ok(VerifiedPresentation {
        checked,
        issuer,
        holder,
    })
}

/// RFC 9901, section 7.3, step 5.
fn verify_binding(jwt: &str, holder: &PublicKey, sd_hash: &str, expected: &Expected<'_>, now: i64) -> Result<()> {
    const FORM: Error = Error::HolderBindingInvalid {
        fault: BindingFault::Form,
    };
    let jwt = jws::parse(jwt).map_err(|_| FORM)?;
    if jwt.header_str("typ") != Some(TYPE) {
        return Err(FORM);
    }
    jwt.verify(holder).map_err(|_| Error::HolderBindingInvalid {
        fault: BindingFault::Signature,
    })?;
    let payload: Map<String, Value> = serde_json::from_slice(&jwt.payload).map_err(|_| FORM)?;
    let text = |name: &str| payload.get(name).and_then(Value::as_str).ok_or(FORM);
    if text("aud")? != expected.audience {
        return Err(Error::AudienceMismatch);
    }
    if text("nonce")? != expected.nonce {
        return Err(Error::NonceMismatch);
    }
    if text("sd_hash")? != sd_hash {
        return Err(Error::HolderBindingInvalid {
            fault: BindingFault::Hash,
        });
    }
    let issued_at = time(&payload, "iat").ok().flatten().ok_or(FORM)?;
    let expires = time(&payload, "exp").map_err(|_| FORM)?.unwrap_or(i64::MAX);
    let oldest = now.saturating_sub(expected.max_age).saturating_sub(CLOCK_SKEW);
    if issued_at < oldest || issued_at > now.saturating_add(CLOCK_SKEW) || now >= expires.saturating_add(CLOCK_SKEW) {
        return Err(Error::HolderBindingInvalid {
            fault: BindingFault::Time,
        });
    }
    verify_transaction_data(&payload, expected.transaction_data)
}

fn verify_transaction_data(payload: &Map<String, Value>, expected: &[String]) -> Result<()> {
    const MISMATCH: Error = Error::TransactionDataMismatch;
    if payload
        .get("transaction_data_hashes_alg")
        .is_some_and(|name| name != HASH_NAME)
    {
        return Err(MISMATCH);
    }
    let bound: BTreeSet<&str> = match payload.get("transaction_data_hashes") {
        None => BTreeSet::new(),
        Some(Value::Array(hashes)) if hashes.len() == expected.len() => hashes
            .iter()
            .map(|hash| hash.as_str().ok_or(MISMATCH))
            .collect::<Result<_>>()?,
        Some(_) => return Err(MISMATCH),
    };
    let expected: Vec<String> = expected.iter().map(|data| transaction_data_hash(data)).collect();
    match bound == expected.iter().map(String::as_str).collect() {
        true => Ok(()),
        false => Err(MISMATCH),
    }
}
