//! A request that waits for the person, and what they decide on it: which fields go, and from what.

use kist_consent::{Evaluation, FieldRef};
use kist_exchange::Session;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A request that waits for the person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenRequest {
    /// Its name in the store.
    pub id: String,
    /// What it comes to.
    pub evaluation: Evaluation,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
    /// The session of a browser that it belongs to, begun on another device or on this one. The person should have begun it.
    pub session: Option<Session>,
}

/// What the person gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Each field that is given.
    pub fields: Vec<Choice>,
    /// The language in which the person read the purpose.
    #[serde(default)]
    pub language: Option<String>,
    /// Until when the same question is answered in the same way without asking, Unix seconds; none where it isn't.
    #[serde(default)]
    pub remember_until: Option<i64>,
}

/// One field that is given, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The field.
    pub field: FieldRef,
    /// The candidate, by the id that the evaluation gave it.
    pub candidate: String,
}

impl Decision {
    /// What the request needs and no more, each part from what would answer best: nothing optional, nothing over-asked.
    /// Where the organisation takes one of several things, the evaluation's default option.
    pub fn required(request: &OpenRequest) -> Decision {
        Decision::default().with(request, &request.evaluation.default_choice())
    }

    /// These fields, each from this candidate.
    pub(super) fn of(given: impl Iterator<Item = (FieldRef, String)>, language: Option<String>) -> Decision {
        Decision {
            fields: given.map(|(field, candidate)| Choice { field, candidate }).collect(),
            language,
            remember_until: None,
        }
    }

    /// Gives one more field.
    pub fn and(self, request: &OpenRequest, field: &FieldRef) -> Decision {
        self.with(request, std::slice::from_ref(field))
    }

    /// Gives one of several things that the organisation takes, in place of the others: option `option` of the
    /// evaluation's alternatives at `place`, both counted from 0.
    ///
    /// Errors: `NotFound` where there is no such option.
    pub fn instead(mut self, request: &OpenRequest, place: usize, option: usize) -> Result<Decision> {
        let missing = || Error::new("NotFound").with("what", "option");
        let alternatives = request.evaluation.alternatives.get(place).ok_or_else(missing)?;
        let wanted = alternatives.options.get(option).ok_or_else(missing)?;
        let of_any = |field: &FieldRef| alternatives.options.iter().any(|option| option.fields.contains(field));
        self.fields.retain(|choice| !of_any(&choice.field));
        Ok(self.with(request, &wanted.fields))
    }

    /// Gives more fields, those of one part from one candidate where one has them all.
    pub(super) fn with(mut self, request: &OpenRequest, fields: &[FieldRef]) -> Decision {
        for field in fields {
            let mut given = self
                .fields
                .iter()
                .filter(|choice| choice.field.credential == field.credential);
            let candidate = match given.next() {
                Some(first) => Some(first.candidate.clone()),
                None => best(
                    request,
                    fields.iter().filter(|other| other.credential == field.credential),
                ),
            };
            let is_given = self.fields.iter().any(|choice| choice.field == *field);
            if let Some(candidate) = candidate.filter(|candidate| !is_given && answers(request, field, candidate)) {
                let field = field.clone();
                self.fields.push(Choice { field, candidate });
            }
        }
        self
    }
}

/// The candidate that answers these fields of one part best: the first that has them all.
fn best<'a>(request: &OpenRequest, part: impl Iterator<Item = &'a FieldRef>) -> Option<String> {
    let part: Vec<&FieldRef> = part.collect();
    let first = request.evaluation.field(part.first()?)?;
    let has_all = |candidate: &&String| part.iter().all(|field| answers(request, field, candidate));
    first
        .matches
        .iter()
        .map(|found| &found.candidate)
        .find(has_all)
        .cloned()
}

fn answers(request: &OpenRequest, field: &FieldRef, candidate: &str) -> bool {
    let field = request.evaluation.field(field);
    field.is_some_and(|field| field.matches.iter().any(|found| found.candidate == candidate))
}
