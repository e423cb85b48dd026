//! What the history says that a request is evaluated with, read on from where it was read before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use kist_consent::evaluation::SharedBefore;
use kist_consent::history::{Event, Head, HistoryEntry};

use crate::home::Home;
use crate::{Result, history};

/// What the history says, up to a head. Kept in memory, so that a request needs only what is new of it.
#[derive(Clone, Default)]
pub(super) struct Past {
    /// The last entry; none where there is no entry or nothing was read.
    head: Option<Head>,
    /// The requests that were answered.
    answered: BTreeSet<String>,
    /// By the organisation's id.
    shared: BTreeMap<String, SharedBefore>,
}

impl Past {
    /// As the history says now. Entries are verified when they are first read; where the history isn't the one that was
    /// read on from, such as after an import, all of it is read anew.
    ///
    /// Errors: `HistoryBroken`.
    pub(super) fn read(home: &Home) -> Result<Arc<Past>> {
        let known = home.memory::<Mutex<Arc<Past>>>();
        let mut kept = known.lock().unwrap_or_else(PoisonError::into_inner);
        let next = match &kept.head {
            Some(head) => history::entries_after(home, head).ok(),
            None => None,
        };
        match next {
            Some(entries) if entries.is_empty() => {}
            Some(entries) => Arc::make_mut(&mut kept).learn(&entries),
            None => {
                let mut past = Past::default();
                past.learn(&history::entries(home)?);
                *kept = Arc::new(past);
            }
        }
        Ok(Arc::clone(&kept))
    }

    fn learn(&mut self, entries: &[HistoryEntry]) {
        for entry in entries {
            if let Event::Disclosed {
                request: Some(request), ..
            } = &entry.event
            {
                self.answered.insert(request.clone());
            }
            if let Some(party) = entry.event.organisation() {
                self.shared.entry(party.id.clone()).or_default().learn(entry);
            }
            self.head = Some(entry.head());
        }
    }

    /// Whether a request of this id was answered.
    pub(super) fn was_answered(&self, id: &str) -> bool {
        self.answered.contains(id)
    }

    /// What an organisation was shown and asked for before.
    pub(super) fn shared(&self, organisation_id: &str) -> SharedBefore {
        self.shared.get(organisation_id).cloned().unwrap_or_default()
    }
}
