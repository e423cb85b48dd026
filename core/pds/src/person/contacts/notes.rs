//! What is kept of a connection beside its keys: who opened it, who was knocked at, whether it was paused or ended.

use std::collections::BTreeMap;

use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::home::{Home, from_json, to_json};

pub(in crate::person) const NOTES: &str = "connection-notes";

/// Who opened a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The person.
    Person,
    /// The organisation, by a request.
    Organisation,
}

/// What is kept of a connection beside its keys. One that an organisation's request opened has none until it is paused or
/// ended.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct Note {
    pub(in crate::person) opened_at: i64,
    pub(in crate::person) opened_by: Origin,
    /// The intended uses for which the person knocked and was not answered, each with when.
    #[serde(default)]
    pub(in crate::person) knocked: BTreeMap<String, i64>,
    /// The requests that came for them.
    #[serde(default)]
    pub(in crate::person) requests: BTreeMap<String, String>,
    pub(in crate::person) paused_at: Option<i64>,
    pub(in crate::person) ended_at: Option<i64>,
    /// The mailbox is gone.
    #[serde(default)]
    pub(in crate::person) closed: bool,
}

impl Note {
    pub(in crate::person) fn new(opened_at: i64, opened_by: Origin) -> Note {
        Note {
            opened_at,
            opened_by,
            knocked: BTreeMap::new(),
            requests: BTreeMap::new(),
            paused_at: None,
            ended_at: None,
            closed: false,
        }
    }

    /// What is kept of a relationship.
    pub(in crate::person) fn of(changes: &Transaction<'_>, id: &str) -> Result<Option<Note>> {
        changes.kept(NOTES, id)?.map(|bytes| from_json(&bytes)).transpose()
    }

    pub(in crate::person) fn keep(&self, changes: &Transaction<'_>, id: &str) -> Result<()> {
        Ok(changes.keep(NOTES, id, &to_json(self)?)?)
    }

    /// Notes that the person knocked.
    pub(in crate::person) fn knocked(&mut self, intended_use: &str, now: i64) {
        self.knocked.insert(intended_use.to_owned(), now);
        self.requests.remove(intended_use);
    }

    /// Notes that the organisation answered; gives false where nobody had knocked for this.
    pub(in crate::person) fn answered(&mut self, intended_use: &str) -> bool {
        self.knocked.remove(intended_use).is_some()
    }

    /// Notes that the organisation's relay takes no hello any more.
    pub(in crate::person) fn refused(&mut self) {
        self.knocked.clear();
    }

    /// Whether a request for this use is still to come.
    pub(in crate::person) fn is_waiting_for(&self, intended_use: &str) -> bool {
        self.knocked.contains_key(intended_use)
    }

    /// Whether its mailbox is left alone.
    fn is_silent(&self) -> bool {
        self.closed || (self.paused_at.is_some() && self.ended_at.is_none())
    }
}

/// The relationships whose mailboxes are not read now.
pub(in crate::person) fn silent(home: &Home) -> Result<Vec<String>> {
    let notes = home.all_kept::<Note>(NOTES)?;
    Ok(notes
        .into_iter()
        .filter(|(_, note)| note.is_silent())
        .map(|(id, _)| id)
        .collect())
}
