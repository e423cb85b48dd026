//! Requests of a person's rights (GDPR articles 15 to 18, 20 and 21) and an organisation's answers, signed by each, and
//! the case that they come to.
//!
//! A request is named by its hash. It rests on the relationship, not on an agreement that still holds: rights outlive
//! consent.

mod deadline;

use serde::{Deserialize, Serialize};

use crate::signed::SignedContent;
use crate::terms::{MAX_LIST, MAX_TEXT, is_time, is_word};
use crate::{Error, FieldRef, MAX_FIELDS, ObjectHash, Party, Result, Signed, Texts};

pub use deadline::{answer_due, extended_due};

const REQUEST: Error = Error::Malformed { what: "rights request" };
const ANSWER: Error = Error::Malformed { what: "rights answer" };

/// A right of a person over data about them; in JSON the term of DPV's `eu-gdpr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DataRight {
    /// To have a copy, article 15.
    #[serde(rename = "eu-gdpr:A15")]
    Access,
    /// To have wrong data put right, article 16.
    #[serde(rename = "eu-gdpr:A16")]
    Rectification,
    /// To have data erased, article 17.
    #[serde(rename = "eu-gdpr:A17")]
    Erasure,
    /// To have data kept and not used, article 18.
    #[serde(rename = "eu-gdpr:A18")]
    Restriction,
    /// To have what one gave in a form that machines read, article 20.
    #[serde(rename = "eu-gdpr:A20")]
    Portability,
    /// To object to a use, article 21.
    #[serde(rename = "eu-gdpr:A21")]
    Objection,
}

impl DataRight {
    /// Every right.
    pub const ALL: [DataRight; 6] = [
        DataRight::Access,
        DataRight::Rectification,
        DataRight::Erasure,
        DataRight::Restriction,
        DataRight::Portability,
        DataRight::Objection,
    ];

    /// The article of the GDPR.
    pub fn article(self) -> u8 {
        match self {
            DataRight::Access => 15,
            DataRight::Rectification => 16,
            DataRight::Erasure => 17,
            DataRight::Restriction => 18,
            DataRight::Portability => 20,
            DataRight::Objection => 21,
        }
    }
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum RightsSubject {
    /// What was given under one agreement, which may have ended.
    Agreement {
        /// Its name: the hash of its acceptance.
        acceptance: ObjectHash,
    },
    /// Everything that the organisation has about the holder of the relationship's key.
    Relationship,
}

/// A person asks for a right; signed with the relationship's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsRequest {
    /// Whom it is addressed to.
    pub organisation: Party,
    /// The right.
    pub right: DataRight,
    /// What it is about.
    pub subject: RightsSubject,
    /// The fields of the agreement that it is about; none means all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldRef>,
    /// For [`DataRight::Rectification`]: the SHA-256 of each credential that goes along, in which the person says what is
    /// right. Values stand nowhere else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<ObjectHash>,
    /// Why, in the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, Unix seconds.
    pub made_at: i64,
}

impl SignedContent for RightsRequest {
    const TYPE: &'static str = "kist-rights-request+jwt";
    const NAME: &'static str = "rights request";

    fn check(&self) -> Result<()> {
        if self.fields.len() > MAX_FIELDS || self.corrected.len() > MAX_LIST {
            return Err(Error::TooLarge {
                what: Self::NAME,
                limit: if self.fields.len() > MAX_FIELDS {
                    MAX_FIELDS
                } else {
                    MAX_LIST
                },
            });
        }
        let reason = self.reason.as_ref();
        let whole = self.subject == RightsSubject::Relationship;
        let is_correction = self.right == DataRight::Rectification;
        // What is wrong has to be said, one way or the other.
        let says_what = !self.corrected.is_empty() || reason.is_some();
        let sound = is_word(&self.organisation.id)
            && is_word(&self.organisation.name)
            && (self.fields.is_empty() || !whole)
            && is_once(&self.fields)
            && self.fields.iter().all(|field| is_word(&field.credential))
            && is_once(&self.corrected)
            && (if is_correction {
                says_what
            } else {
                self.corrected.is_empty()
            })
            && reason.is_none_or(|text| !text.trim().is_empty() && text.len() <= MAX_TEXT)
            && is_time(self.made_at);
        if sound { Ok(()) } else { Err(REQUEST) }
    }
}

/// On what ground an organisation refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalGround {
    /// The request is manifestly unfounded, article 12(5)(b).
    ManifestlyUnfounded,
    /// The request is excessive, such as one made again and again, article 12(5)(b).
    Excessive,
    /// The organisation can't tell whose data it is, articles 11(2) and 12(2).
    NotIdentified,
    /// It would harm the rights of others, articles 15(4) and 20(4).
    RightsOfOthers,
    /// A law asks to keep the data, article 17(3)(b).
    LegalObligation,
    /// It serves public health, archives or research, article 17(3)(c) and (d).
    PublicInterest,
    /// It is needed for legal claims, articles 17(3)(e) and 21(1).
    LegalClaims,
    /// It serves freedom of expression and information, article 17(3)(a).
    FreedomOfExpression,
    /// The conditions of the right are not met: there is no such data, or another basis for its use.
    ConditionsNotMet,
}

/// What an organisation answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum RightsOutcome {
    /// It did what was asked.
    Done {
        /// The SHA-256 of each credential that goes along.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        credentials: Vec<ObjectHash>,
        /// Its words, by language.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Texts>,
    },
    /// It will not do it.
    Refused {
        /// On what ground.
        ground: RefusalGround,
        /// Why, by language: article 12(4) asks for the reasons.
        text: Texts,
    },
    /// It needs more time, article 12(3).
    Extended {
        /// Until when, Unix seconds; never later than [`extended_due`].
        until: i64,
        /// Why, by language.
        text: Texts,
    },
}

/// An organisation's answer to a request; signed with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsAnswer {
    /// The request.
    pub request: ObjectHash,
    /// What it answers.
    pub outcome: RightsOutcome,
    /// When, Unix seconds.
    pub answered_at: i64,
}

impl SignedContent for RightsAnswer {
    const TYPE: &'static str = "kist-rights-answer+jwt";
    const NAME: &'static str = "rights answer";

    fn check(&self) -> Result<()> {
        let sound = match &self.outcome {
            RightsOutcome::Done { credentials, .. } if credentials.len() > MAX_LIST => {
                return Err(Error::TooLarge {
                    what: Self::NAME,
                    limit: MAX_LIST,
                });
            }
            RightsOutcome::Done { credentials, .. } => is_once(credentials),
            RightsOutcome::Refused { .. } => true,
            RightsOutcome::Extended { until, .. } => is_time(*until) && *until > self.answered_at,
        };
        if sound && is_time(self.answered_at) {
            Ok(())
        } else {
            Err(ANSWER)
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RightsState {
    /// The organisation has time to answer.
    Sent {
        /// The last second of it, Unix seconds.
        due: i64,
    },
    /// It said in time that it needs longer.
    Extended {
        /// The last second of that, Unix seconds.
        due: i64,
    },
    /// It did or refused what was asked.
    Answered {
        /// When, by its own word, Unix seconds.
        at: i64,
    },
    /// Its time is over.
    Overdue {
        /// When it ended, Unix seconds.
        since: i64,
    },
}

/// A request with what was answered so far. Both sides keep the same one.
///
/// As JSON it carries its parts as they were signed; reading it verifies them all anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct RightsCase {
    request: Signed<RightsRequest>,
    extension: Option<Signed<RightsAnswer>>,
    answer: Option<Signed<RightsAnswer>>,
}

impl RightsCase {
    /// A case that begins. Who may sign the request, the key of which relationship, is for the caller to have checked.
    pub fn new(request: Signed<RightsRequest>) -> Self {
        RightsCase {
            request,
            extension: None,
            answer: None,
        }
    }

    /// The case's name: the hash of its request.
    pub fn id(&self) -> ObjectHash {
        self.request.hash()
    }

    /// Adds an answer, verified with a key of the organisation; gives whether it changed anything. The same one again, and
    /// an extension after the answer, change nothing. What its date says decides nothing here, since a clock may be wrong
    /// and an answer is an answer.
    ///
    /// Errors: `HashMismatch` for an answer to another request, and for a second that says something else than the first.
    pub fn add(&mut self, answer: Signed<RightsAnswer>) -> Result<bool> {
        let mismatch = Err(Error::HashMismatch {
            what: RightsAnswer::NAME,
        });
        if answer.request != self.id() {
            return mismatch;
        }
        let is_extension = matches!(answer.outcome, RightsOutcome::Extended { .. });
        if is_extension && self.answer.is_some() {
            return Ok(false);
        }
        let place = if is_extension {
            &mut self.extension
        } else {
            &mut self.answer
        };
        match place {
            Some(first) if first.hash() == answer.hash() => Ok(false),
            Some(_) => mismatch,
            None => {
                *place = Some(answer);
                Ok(true)
            }
        }
    }

    /// Where it stands at `now` for a request that was received at `received_at` (Unix seconds). An extension counts only
    /// where it was made in time, and for two months more at most.
    pub fn state(&self, received_at: i64, now: i64) -> RightsState {
        if let Some(answer) = &self.answer {
            return RightsState::Answered { at: answer.answered_at };
        }
        let due = answer_due(received_at);
        let (due, extended) = match self.extension.as_deref() {
            Some(RightsAnswer {
                outcome: RightsOutcome::Extended { until, .. },
                answered_at,
                ..
            }) if *answered_at <= due => ((*until).min(extended_due(received_at)).max(due), true),
            _ => (due, false),
        };
        match (now > due, extended) {
            (true, _) => RightsState::Overdue { since: due },
            (false, true) => RightsState::Extended { due },
            (false, false) => RightsState::Sent { due },
        }
    }

    /// The request.
    pub fn request(&self) -> &Signed<RightsRequest> {
        &self.request
    }

    /// The answer by which the organisation asked for more time.
    pub fn extension(&self) -> Option<&Signed<RightsAnswer>> {
        self.extension.as_ref()
    }

    /// The answer that ended it.
    pub fn answer(&self) -> Option<&Signed<RightsAnswer>> {
        self.answer.as_ref()
    }
}

/// How a case is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u8,
    request: Signed<RightsRequest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extension: Option<Signed<RightsAnswer>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Signed<RightsAnswer>>,
}

const VERSION: u8 = 1;

impl TryFrom<Kept> for RightsCase {
    type Error = Error;

    fn try_from(kept: Kept) -> Result<Self> {
        if kept.version != VERSION {
            return Err(Error::UnsupportedVersion {
                what: "rights case",
                found: kept.version.into(),
            });
        }
        let mut case = RightsCase::new(kept.request);
        for answer in kept.extension.into_iter().chain(kept.answer) {
            case.add(answer)?;
        }
        Ok(case)
    }
}

impl From<RightsCase> for Kept {
    fn from(case: RightsCase) -> Self {
        Kept {
            version: VERSION,
            request: case.request,
            extension: case.extension,
            answer: case.answer,
        }
    }
}

fn is_once<T: Ord>(items: &[T]) -> bool {
    let mut sorted: Vec<&T> = items.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}
