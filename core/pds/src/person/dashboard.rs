//! The dashboard: consents found by what a person asks about, and changed several at once.

use kist_identity::{ClaimPath, PathElement};
use serde::{Deserialize, Serialize};

use super::consents::{self, ConsentState, ConsentSummary, Consents, Narrowing};
use crate::{Error, Result, mail};

/// Which consents to show: those that fit every member that says something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsentFilter {
    /// With this organisation: its id, or a part of its name.
    pub organisation: Option<String>,
    /// That give something of this part of life.
    pub area: Option<String>,
    /// That give something of a credential of this type.
    pub credential_type: Option<String>,
    /// That give a claim at this path of names, below it, or around it: with a type, of that type.
    pub claim: Option<Vec<String>>,
    /// That stand in one of these states; empty for any.
    pub states: Vec<ConsentState>,
    /// That end by themselves before this moment, Unix seconds, and aren't over yet.
    pub ends_before: Option<i64>,
}

/// What to do with several consents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentAct {
    /// Withdraw.
    Withdraw,
    /// Pause.
    Pause,
    /// Let go on.
    Resume,
    /// Narrow.
    Narrow(Narrowing),
}

/// What came of it for one consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentOutcome {
    /// The consent.
    pub id: String,
    /// As it stands now, where it was done.
    pub consent: Option<ConsentSummary>,
    /// Why it wasn't done: a code.
    pub error: Option<String>,
}

impl ConsentFilter {
    /// Whether a consent fits.
    pub fn fits(&self, consent: &ConsentSummary) -> bool {
        let is_with = |wanted: &String| {
            *wanted == consent.organisation_id || consent.organisation.to_lowercase().contains(&wanted.to_lowercase())
        };
        let ends = |before: i64| consent.state.holds() && consent.expires_at.is_some_and(|at| at < before);
        self.organisation.as_ref().is_none_or(is_with)
            && self.area.as_ref().is_none_or(|area| consent.areas.contains(area))
            && (self.states.is_empty() || self.states.contains(&consent.state))
            && self.ends_before.is_none_or(ends)
            && self.gives(consent)
    }

    fn gives(&self, consent: &ConsentSummary) -> bool {
        if self.credential_type.is_none() && self.claim.is_none() {
            return true;
        }
        consent.given.iter().any(|given| {
            let is_of = |wanted: &String| given.credential_type.as_ref() == Some(wanted);
            // One leads to the other: who has the whole address has its town.
            let is_at = |wanted: &Vec<String>| names(&given.path).zip(wanted).all(|(name, wanted)| name == wanted);
            self.credential_type.as_ref().is_none_or(is_of) && self.claim.as_ref().is_none_or(is_at)
        })
    }
}

fn names(path: &ClaimPath) -> impl Iterator<Item = &str> {
    path.elements().iter().filter_map(|element| match element {
        PathElement::Name(name) => Some(name.as_str()),
        _ => None,
    })
}

impl Consents {
    /// The consents that fit a filter, the newest first. "Who has my address?" is one by type, or by claim.
    pub async fn find(&self, filter: ConsentFilter) -> Result<Vec<ConsentSummary>> {
        self.home
            .blocking(move |home| {
                let mut all = consents::all(home)?;
                all.retain(|consent| filter.fits(consent));
                Ok(all)
            })
            .await
    }

    /// Does the same with several consents, one after the other. What can't be done with one keeps it from no other.
    ///
    /// Errors: the store's own; what was done before stays.
    pub async fn apply(&self, ids: &[String], act: &ConsentAct) -> Result<Vec<ConsentOutcome>> {
        let mut outcomes = Vec::new();
        for id in ids {
            let done = match act {
                ConsentAct::Withdraw => self.withdraw(id).await,
                ConsentAct::Pause => self.pause(id).await,
                ConsentAct::Resume => self.resume(id).await,
                ConsentAct::Narrow(narrowing) => self.narrow(id, narrowing.clone()).await,
            };
            outcomes.push(outcome(id, done)?);
        }
        Ok(outcomes)
    }
}

fn outcome(id: &str, done: Result<ConsentSummary>) -> Result<ConsentOutcome> {
    let (consent, error) = match done {
        Ok(consent) => (Some(consent), None),
        Err(error) if mail::is_own(&error) && error.code() != "InUse" => return Err(error),
        Err(error) => (None, Some(code(&error))),
    };
    Ok(ConsentOutcome {
        id: id.to_owned(),
        consent,
        error,
    })
}

fn code(error: &Error) -> String {
    error.code().to_owned()
}
