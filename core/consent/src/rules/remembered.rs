//! An answer that the person would give again: what was asked then, what was given, on what terms, until when.

use std::ops::Range;

use kist_crypto::sha256;
use kist_identity::ClaimPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MALFORMED, is_after};
use crate::evaluation::{Evaluation, FieldEvaluation, Verified, Warning};
use crate::terms::{MAX_LIST, is_language, is_time, is_word};
use crate::{Error, FieldRef, MAX_FIELDS, ObjectHash, Offer, Result, Validity, canonical};

/// A remembered answer. It holds for the same organisation of the same framework, the same intended use and the same terms, where nothing is
/// asked that wasn't asked then, nothing is over-asked, and nothing is warned of that wasn't then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// The organisation's stable id.
    pub organisation: String,
    /// The label of the anchor that vouched for it: ids are unique within a framework only.
    pub framework: String,
    /// The intended use of its registration.
    pub intended_use: String,
    /// What was asked.
    pub asked: Vec<AskedField>,
    /// What was given.
    pub given: Vec<GivenField>,
    /// SHA-256 over the terms: the offer in canonical JSON without what is new in each (id, connection, times, validity,
    /// fields).
    pub terms: ObjectHash,
    /// How long the agreement was to hold.
    pub validity: Validity,
    /// The language in which the person read the purpose.
    pub language: String,
    /// The codes of what was warned of.
    pub warnings: Vec<String>,
    /// When the person said so, Unix seconds.
    pub since: i64,
    /// The first second at which it holds no more, Unix seconds.
    pub until: i64,
}

/// A field that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedField {
    /// The types of credential that would have answered.
    pub types: Vec<String>,
    /// The claim; none for a credential as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<ClaimPath>,
    /// SHA-256 over why, in canonical JSON, where the offer said why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<ObjectHash>,
}

/// A field that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenField {
    /// The types of credential that would have answered.
    pub types: Vec<String>,
    /// The claim.
    pub path: ClaimPath,
    /// What answered, by the id that the candidates gave it.
    pub candidate: String,
}

impl Remembered {
    /// Remembers that the person answered `evaluation`, of a request with `offer`, with these fields, each from this
    /// candidate, having read the purpose in `language`: from now until when, Unix seconds.
    ///
    /// Errors: `NotRememberable` where something is over-asked or isn't what was registered, and where a field isn't of the
    /// request or has no such candidate; `Malformed` where the end is not ahead.
    pub fn of(
        evaluation: &Evaluation,
        offer: &Offer,
        given: &[(FieldRef, String)],
        language: &str,
        holds: Range<i64>,
    ) -> Result<Self> {
        if evaluation.fields.iter().any(|field| !field.over_asking.is_empty())
            || evaluation.warnings.iter().any(is_grave)
        {
            return Err(Error::NotRememberable);
        }
        let given = given.iter().map(|(name, candidate)| {
            let field = evaluation.field(name).ok_or(Error::NotRememberable)?;
            let has = field.matches.iter().any(|found| found.candidate == *candidate);
            let given = || GivenField {
                types: field.types.clone(),
                path: name.path.clone(),
                candidate: candidate.clone(),
            };
            has.then(given).ok_or(Error::NotRememberable)
        });
        let remembered = Remembered {
            organisation: offer.organisation.id.clone(),
            framework: framework(evaluation).ok_or(Error::NotRememberable)?.to_owned(),
            intended_use: offer.intended_use.clone(),
            asked: evaluation.fields.iter().map(asked).collect::<Result<_>>()?,
            given: given.collect::<Result<_>>()?,
            terms: terms(offer)?,
            validity: length(offer),
            language: language.to_owned(),
            warnings: codes(evaluation),
            since: holds.start,
            until: holds.end,
        };
        remembered.check().map(|()| remembered)
    }

    /// The answer to this request, where it is the same question: each field with its candidate.
    pub(super) fn answers(&self, evaluation: &Evaluation, offer: &Offer, now: i64) -> Option<Vec<(FieldRef, String)>> {
        let same = self.organisation == offer.organisation.id
            && framework(evaluation) == Some(self.framework.as_str())
            && self.intended_use == offer.intended_use
            && (self.since..self.until).contains(&now)
            && is_within(length(offer), self.validity)
            && terms(offer).is_ok_and(|terms| terms == self.terms)
            && codes(evaluation).iter().all(|code| self.warnings.contains(code))
            && !evaluation.warnings.iter().any(is_grave);
        let sound = |field: &FieldEvaluation| field.over_asking.is_empty() && self.was_asked(field);
        if !same || !evaluation.fields.iter().all(sound) {
            return None;
        }
        let given: Vec<(FieldRef, String)> = evaluation.fields.iter().filter_map(|field| self.gives(field)).collect();
        // All that was given then can be given now, or the person had better look.
        let whole = given.len()
            == self
                .given
                .iter()
                .filter(|given| self.is_asked(given, evaluation))
                .count();
        let complete = |field: &FieldEvaluation| {
            !field.required || given.iter().any(|(name, _)| Some(name) == field.field().as_ref())
        };
        (whole && evaluation.fields.iter().all(complete)).then_some(given)
    }

    fn was_asked(&self, field: &FieldEvaluation) -> bool {
        let Ok(now) = asked(field) else { return false };
        let covers = |then: &AskedField| {
            then.path == now.path && then.purpose == now.purpose && now.types.iter().all(|vct| then.types.contains(vct))
        };
        self.asked.iter().any(covers)
    }

    fn gives(&self, field: &FieldEvaluation) -> Option<(FieldRef, String)> {
        let name = field.field().filter(|_| field.withheld_by.is_none())?;
        let given = self.given.iter().find(|given| is_of(given, field))?;
        let has = field.matches.iter().any(|found| found.candidate == given.candidate);
        has.then(|| (name, given.candidate.clone()))
    }

    fn is_asked(&self, given: &GivenField, evaluation: &Evaluation) -> bool {
        evaluation.fields.iter().any(|field| is_of(given, field))
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.asked.len() > MAX_FIELDS || self.given.len() > MAX_FIELDS {
            return Err(Error::TooLarge {
                what: "rule",
                limit: MAX_FIELDS,
            });
        }
        let types = self.asked.iter().map(|asked| &asked.types);
        let types = types.chain(self.given.iter().map(|given| &given.types));
        let sound = is_word(&self.organisation)
            && is_word(&self.framework)
            && is_word(&self.intended_use)
            && is_language(&self.language)
            && types.into_iter().all(|types| types.len() <= MAX_LIST)
            && self.given.iter().all(|given| is_word(&given.candidate))
            && self.warnings.len() <= MAX_FIELDS
            && is_time(self.since)
            && is_after(self.until, self.since);
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}

fn is_of(given: &GivenField, field: &FieldEvaluation) -> bool {
    field.path.as_ref() == Some(&given.path) && field.types == given.types
}

fn asked(field: &FieldEvaluation) -> Result<AskedField> {
    let purpose = field.purpose.as_ref();
    Ok(AskedField {
        types: field.types.clone(),
        path: field.path.clone(),
        purpose: purpose
            .map(|texts| hash(&serde_json::to_value(texts).map_err(|_| MALFORMED)?))
            .transpose()?,
    })
}

/// The label of the anchor that vouches for who asks.
fn framework(evaluation: &Evaluation) -> Option<&str> {
    match &evaluation.asker.verified {
        Verified::Framework { anchor, .. } => Some(anchor),
        Verified::Nobody { .. } => None,
    }
}

/// What a person would have to be asked about each time.
fn is_grave(warning: &Warning) -> bool {
    matches!(
        warning,
        Warning::NobodyVouches { .. }
            | Warning::TrustListOverdue { .. }
            | Warning::OverAsking { .. }
            | Warning::MoreThanLastTime { .. }
            | Warning::PurposeNotRegistered { .. }
            | Warning::PurposeDiffers { .. }
            | Warning::LegalBasisDiffers { .. }
            | Warning::RetentionDiffers { .. }
            | Warning::KeptAfterWithdrawalNotRegistered
            | Warning::NothingToAnswer { .. }
            | Warning::OnlyExpired { .. }
    )
}

fn codes(evaluation: &Evaluation) -> Vec<String> {
    let mut codes: Vec<String> = evaluation
        .warnings
        .iter()
        .map(|warning| warning.code().to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

/// How long an offer holds, counted from when it was made.
fn length(offer: &Offer) -> Validity {
    match offer.validity {
        Validity::Until { at } => Validity::Until {
            at: at.saturating_sub(offer.issued_at),
        },
        other => other,
    }
}

/// Whether one agreement holds no longer than another.
fn is_within(now: Validity, then: Validity) -> bool {
    match (now, then) {
        (Validity::Until { at: now }, Validity::Until { at: then }) => now <= then,
        (now, then) => now == then,
    }
}

fn terms(offer: &Offer) -> Result<ObjectHash> {
    let mut value = serde_json::to_value(offer).map_err(|_| MALFORMED)?;
    let members = value.as_object_mut().ok_or(MALFORMED)?;
    for of_each in ["id", "connection", "issued_at", "expires_at", "validity", "fields"] {
        members.remove(of_each);
    }
    hash(&value)
}

fn hash(value: &Value) -> Result<ObjectHash> {
    Ok(ObjectHash::from_bytes(sha256(&[&canonical::encode(value, "rule")?])))
}
