//! What there is to answer with, and what this organisation has seen before: the caller's side of an evaluation.

use std::collections::BTreeMap;

use kist_identity::Issuer;
use kist_identity::dcql::Candidate;
use serde::Serialize;

use crate::history::{DisclosedField, Event, HistoryEntry};

/// The credentials that the person holds, and those that they could issue themselves from what they noted.
pub trait Candidates {
    /// All that have one of these types, in any order that stays the same.
    fn of_types(&self, types: &[&str]) -> Vec<HeldCredential<'_>>;
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

/// What one organisation was shown before, and when last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedBefore(BTreeMap<DisclosedField, i64>);

impl SharedBefore {
    /// From the history, for the organisation of this id.
    pub fn from_history<'a>(history: impl IntoIterator<Item = &'a HistoryEntry>, organisation_id: &str) -> Self {
        let mut last = BTreeMap::new();
        for entry in history {
            let Event::Disclosed {
                organisation, fields, ..
            } = &entry.event
            else {
                continue;
            };
            if organisation.id == organisation_id {
                last.extend(fields.iter().map(|field| (field.clone(), entry.time_ms)));
            }
        }
        SharedBefore(last)
    }

    /// When this field was shown last, Unix milliseconds.
    pub fn last(&self, field: &DisclosedField) -> Option<i64> {
        self.0.get(field).copied()
    }
}
