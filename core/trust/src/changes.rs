//! What changed between two lists of one framework: what a person with standing agreements has to be told.

use std::collections::BTreeSet;

use crate::{Status, TrustList};

/// An organisation that stands elsewhere than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// Where it stood; `None` where it was not on the list.
    pub from: Option<Status>,
    /// Where it stands; `None` where it is no longer on the list.
    pub to: Option<Status>,
    /// Since when, in Unix seconds; when the newer list was issued, where it has left.
    pub since: i64,
}

impl StatusChange {
    /// Whether it was believed before and is not now: what rests on it has to pause.
    pub fn ends_trust(&self) -> bool {
        self.from == Some(Status::Active) && self.to != Some(Status::Active)
    }

    /// Whether it is believed again: what rests on it may go on, if the person wants it to.
    pub fn restores_trust(&self) -> bool {
        self.from.is_some_and(|from| from != Status::Active) && self.to == Some(Status::Active)
    }
}

impl TrustList {
    /// The organisations that stand elsewhere in this list than in an older one of the same framework, by id.
    pub fn changes_since(&self, older: &TrustList) -> Vec<StatusChange> {
        let ids: BTreeSet<&str> = older
            .entries()
            .chain(self.entries())
            .map(|entry| entry.organisation_id.as_str())
            .collect();
        ids.into_iter().filter_map(|id| self.change_since(older, id)).collect()
    }

    fn change_since(&self, older: &TrustList, id: &str) -> Option<StatusChange> {
        let (before, after) = (older.entry(id), self.entry(id));
        let (from, to) = (before.map(|entry| entry.status), after.map(|entry| entry.status));
        if from == to {
            return None;
        }
        Some(StatusChange {
            organisation_id: id.to_owned(),
            legal_name: after.or(before)?.legal_name.clone(),
            from,
            to,
            since: after.map_or(self.issued, |entry| entry.since),
        })
    }
}
