//! The person's own rules: what never goes to whom, when to be asked, which answer is given again, what goes together.
//!
//! A rule only ever narrows: what the rules leave to go by default is part of what goes without them, and an answer is
//! remembered as it was given, never more. [`Rules::judge`] says what they come to for one request, as a [`Verdict`];
//! nothing is sent by a rule alone.

mod judge;
mod quiet;
mod remembered;

use kist_identity::{ClaimPath, PathElement};
use serde::{Deserialize, Serialize};

pub use judge::{Moment, Verdict};
pub use quiet::QuietHours;
pub use remembered::{AskedField, GivenField, Remembered};

use crate::terms::{is_time, is_word};
use crate::{Error, MAX_FIELDS, MAX_OBJECT, Result};

/// The most rules of a person.
pub const MAX_RULES: usize = 1_000;
const VERSION: u64 = 1;
const WHAT: &str = "rule";
const MALFORMED: Error = Error::Malformed { what: WHAT };

/// One rule of the person's. In JSON `kind` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Rule {
    /// No answer is given from memory to this organisation, or to any.
    AlwaysAsk {
        /// The organisation's stable id; none for any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organisation: Option<String>,
    },
    /// What is named never goes to this organisation, or to any.
    Never {
        /// The organisation's stable id; none for any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organisation: Option<String>,
        /// What. With an organisation it may name everything.
        #[serde(default, skip_serializing_if = "Pattern::is_everything")]
        what: Pattern,
    },
    /// A request that asks no more than this one did is answered in the same way, where the app says so each time.
    Remember(Box<Remembered>),
    /// Requests wait for the end of these hours.
    QuietHours(QuietHours),
    /// A named set of fields that the person gives together.
    Profile {
        /// What the person calls it.
        name: String,
        /// Its fields.
        fields: Vec<Pattern>,
    },
}

/// Names fields of credentials: of one type or of any, one claim with all that is within it, or all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The credential's type; none for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_type: Option<String>,
    /// The claim; none for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<ClaimPath>,
}

impl Pattern {
    /// Whether it names every field of every credential.
    pub fn is_everything(&self) -> bool {
        self.credential_type.is_none() && self.path.is_none()
    }

    /// Whether it names a field of one of these types, or something within the field, or something that the field is
    /// within: what must not go by a rule doesn't go as part of something else either.
    fn touches(&self, types: &[String], path: Option<&ClaimPath>) -> bool {
        let of_type = |wanted: &String| types.contains(wanted);
        let meets = match (&self.path, path) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(named), Some(path)) => meet(named, path),
        };
        self.credential_type.as_ref().is_none_or(of_type) && meets
    }

    /// Whether all of a field is named, whichever of these types it comes from.
    fn covers(&self, types: &[String], path: &ClaimPath) -> bool {
        let of_type = |wanted: &String| types.iter().all(|known| known == wanted);
        self.credential_type.as_ref().is_none_or(of_type) && self.path.as_ref().is_none_or(|named| named.contains(path))
    }

    fn check(&self) -> bool {
        self.credential_type.as_deref().is_none_or(is_word)
    }
}

/// Whether one of two paths leads into the other.
fn meet(one: &ClaimPath, other: &ClaimPath) -> bool {
    use PathElement::{All, Index};
    let same = |pair: (&PathElement, &PathElement)| match pair {
        (All, Index(_)) | (Index(_), All) => true,
        (one, other) => one == other,
    };
    one.elements().iter().zip(other.elements()).all(same)
}

/// A rule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptRule {
    /// Its name, which the caller chose.
    pub id: String,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// The rule.
    pub rule: Rule,
}

/// A rule's bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<R> {
    version: u64,
    made_at: i64,
    rule: R,
}

impl KeptRule {
    /// The bytes to keep: JSON.
    ///
    /// Errors: `Malformed`, `TooLarge`.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.rule.check()?;
        let body = Body {
            version: VERSION,
            made_at: self.made_at,
            rule: &self.rule,
        };
        let bytes = serde_json::to_vec(&body).map_err(|_| MALFORMED)?;
        bounded(&bytes)?;
        Ok(bytes)
    }

    /// From the bytes that were kept under `id`.
    ///
    /// Errors: `Malformed`, `TooLarge`, `UnsupportedVersion`: a rule of a later build, which [`Rules`] counts as unread.
    pub fn from_bytes(id: &str, bytes: &[u8]) -> Result<Self> {
        /// Read first, so that a later version is told from a broken one.
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        bounded(bytes)?;
        let Version { version } = serde_json::from_slice(bytes).map_err(|_| MALFORMED)?;
        if version != VERSION {
            return Err(Error::UnsupportedVersion {
                what: WHAT,
                found: version,
            });
        }
        let body: Body<Rule> = serde_json::from_slice(bytes).map_err(|_| MALFORMED)?;
        body.rule.check()?;
        Ok(KeptRule {
            id: id.to_owned(),
            made_at: body.made_at,
            rule: body.rule,
        })
    }
}

fn bounded(bytes: &[u8]) -> Result<()> {
    match bytes.len() > MAX_OBJECT {
        true => Err(Error::TooLarge {
            what: WHAT,
            limit: MAX_OBJECT,
        }),
        false => Ok(()),
    }
}

impl Rule {
    /// Whether it says something that can be followed.
    ///
    /// Errors: `Malformed`; `TooLarge` for a profile of more than [`MAX_FIELDS`] fields.
    pub fn check(&self) -> Result<()> {
        let is_id = |organisation: &Option<String>| organisation.as_deref().is_none_or(is_word);
        let sound = match self {
            Rule::AlwaysAsk { organisation } => is_id(organisation),
            // Nothing at all to anybody is a pause, and has its own place.
            Rule::Never { organisation, what } => {
                is_id(organisation) && what.check() && (organisation.is_some() || !what.is_everything())
            }
            Rule::Remember(remembered) => return remembered.check(),
            Rule::QuietHours(hours) => hours.check(),
            Rule::Profile { fields, .. } if fields.len() > MAX_FIELDS => {
                return Err(Error::TooLarge {
                    what: WHAT,
                    limit: MAX_FIELDS,
                });
            }
            Rule::Profile { name, fields } => {
                let named = |field: &Pattern| field.check() && !field.is_everything();
                is_word(name) && !fields.is_empty() && fields.iter().all(named)
            }
        };
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}

/// All rules of a person, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    kept: Vec<KeptRule>,
    unread: bool,
}

impl Rules {
    /// From what was kept, each with its name. Of rules that this build can't read it is known that they are there: then
    /// nothing is answered from memory.
    pub fn read<'a>(kept: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut rules = Rules::default();
        for (id, bytes) in kept {
            match KeptRule::from_bytes(id, bytes) {
                Ok(rule) => rules.kept.push(rule),
                Err(_) => rules.unread = true,
            }
        }
        rules.kept.sort_by(|one, other| one.id.cmp(&other.id));
        rules
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = &KeptRule> {
        self.kept.iter()
    }

    /// Whether there is a rule that this build can't read.
    pub fn has_unread(&self) -> bool {
        self.unread
    }

    /// The fields of the profile of this name.
    pub fn profile(&self, name: &str) -> Option<&[Pattern]> {
        self.kept.iter().find_map(|kept| match &kept.rule {
            Rule::Profile { name: known, fields } if known == name => Some(fields.as_slice()),
            _ => None,
        })
    }
}

/// Whether a time is one that can be written, and after another.
fn is_after(time: i64, before: i64) -> bool {
    is_time(time) && time > before
}
