//! What there is to answer with, and what this organisation has seen before: the caller's side of an evaluation.

use std::collections::{BTreeMap, BTreeSet};

use kist_identity::dcql::Candidate;
use kist_identity::{ClaimPath, Issuer};
use serde::Serialize;

use crate::ObjectHash;
use crate::history::{DisclosedField, Event, HistoryEntry};

/// The credentials that the person holds, and those that they could issue themselves from what they noted.
pub trait Candidates {
    /// All that have one of these types, in any order that stays the same.
    fn of_types(&self, types: &[&str]) -> Vec<HeldCredential<'_>>;

    /// What is known of a claim of this type; of the credential as a whole, where no claim is named. Of a type that
    /// nobody has described, nothing is.
    fn marks(&self, credential_type: &str, path: Option<&ClaimPath>) -> FieldMarks;
}

/// What a schema says of a claim, or of something that is within it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldMarks {
    /// It is of the special categories of GDPR, article 9.
    pub sensitive: bool,
    /// Its value tells anybody who the person is.
    pub links: bool,
}

/// One credential that could answer.
#[derive(Debug, Clone)]
pub struct HeldCredential<'a> {
    /// The caller's id for it, by which the evaluation refers to it.
    pub id: String,
    /// What a query sees of it.
    pub candidate: Candidate<'a>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Who vouches for it: an organisation whose signature was verified, or nobody but the person.
    pub issuer: Issuer,
    /// Since when it is known to be so, Unix seconds: the day of issue, or when the person noted it.
    pub as_of: i64,
    /// Until when its issuer vouches for it, Unix seconds.
    pub expires_at: Option<i64>,
}

impl Provenance {
    pub(super) fn freshness(&self, now: i64) -> Freshness {
        let age = now.saturating_sub(self.as_of).max(0) / 86_400;
        Freshness {
            age_days: u32::try_from(age).unwrap_or(u32::MAX),
            expired: self.expires_at.is_some_and(|expires_at| now >= expires_at),
        }
    }
}

/// How old a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// Whole days since it was known to be so.
    pub age_days: u32,
    /// Whether its issuer no longer vouches for it.
    pub expired: bool,
}

/// What one organisation was shown before and when last, and what it asked for when the person agreed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedBefore {
    shown: BTreeMap<DisclosedField, i64>,
    /// By intended use.
    asked: BTreeMap<String, BTreeSet<DisclosedField>>,
    /// What requests asked for that nobody has agreed to or refused, by their ids.
    open: BTreeMap<String, Vec<DisclosedField>>,
    /// The intended use of each agreement.
    uses: BTreeMap<ObjectHash, String>,
}

impl SharedBefore {
    /// From the history, for the organisation of this id.
    pub fn from_history<'a>(history: impl IntoIterator<Item = &'a HistoryEntry>, organisation_id: &str) -> Self {
        let mut before = SharedBefore::default();
        let is_of = |entry: &&HistoryEntry| {
            entry
                .event
                .organisation()
                .is_some_and(|party| party.id == organisation_id)
        };
        history.into_iter().filter(is_of).for_each(|entry| before.learn(entry));
        before
    }

    /// Takes in the next entry of the history that is about this organisation.
    pub fn learn(&mut self, entry: &HistoryEntry) {
        match &entry.event {
            Event::RequestSeen { request, fields, .. } => {
                self.open.insert(request.clone(), fields.clone());
            }
            Event::Refused { request, .. } => {
                self.open.remove(request);
            }
            Event::Agreed {
                request,
                agreement,
                intended_use: Some(intended_use),
                ..
            } => {
                let asked = self.open.remove(request).unwrap_or_default();
                self.ask(intended_use, &asked);
                self.uses.insert(*agreement, intended_use.clone());
            }
            Event::Disclosed { agreement, fields, .. } => {
                let times = fields.iter().map(|field| (field.clone(), entry.time_ms));
                self.shown.extend(times);
                if let Some(intended_use) = agreement.and_then(|agreement| self.uses.get(&agreement)).cloned() {
                    self.ask(&intended_use, fields);
                }
            }
            Event::ReadAnswered { fields, .. } | Event::UpdateSent { fields, .. } => {
                let times = fields.iter().map(|field| (field.clone(), entry.time_ms));
                self.shown.extend(times);
            }
            _ => {}
        }
    }

    fn ask(&mut self, intended_use: &str, fields: &[DisclosedField]) {
        let asked = self.asked.entry(intended_use.to_owned()).or_default();
        asked.extend(fields.iter().cloned());
    }

    /// When this field was shown last, Unix milliseconds.
    pub fn last(&self, field: &DisclosedField) -> Option<i64> {
        self.shown.get(field).copied()
    }

    /// Whether this goes beyond everything that was asked under agreements of this intended use. Before the first of
    /// them, nothing does.
    pub(super) fn is_more(&self, intended_use: &str, types: &[&str], path: &ClaimPath) -> bool {
        let Some(asked) = self.asked.get(intended_use) else {
            return false;
        };
        let covers =
            |asked: &DisclosedField| types.contains(&asked.credential_type.as_str()) && asked.path.contains(path);
        !asked.iter().any(covers)
    }
}
