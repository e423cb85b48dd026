//! Organisations that stand elsewhere in their framework than the person was last told.

use kist_trust::StatusChange;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::agreements::standing::MemberState;
use crate::home::{Home, from_json, to_json};

/// Until the person has been told: by label and id.
const CHANGES: &str = "trust-changes";

/// An organisation that stands elsewhere in its framework than it did: what the person has to be told, since agreements
/// may rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationChange {
    /// The framework.
    pub label: String,
    /// Its id there.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// `active`, `suspended`, `expelled` or `unlisted`: what the person knew.
    pub from: MemberState,
    /// Where it stands now.
    pub to: MemberState,
    /// Since when, Unix seconds.
    pub since: i64,
}

impl OrganisationChange {
    /// Whether what rests on the organisation has to pause.
    pub fn ends_trust(&self) -> bool {
        self.from == MemberState::Active && self.to != MemberState::Active
    }
}

/// What the person was not told yet.
pub(super) fn untold(home: &Home) -> Result<Vec<OrganisationChange>> {
    Ok(home.all_kept(CHANGES)?.into_iter().map(|(_, change)| change).collect())
}

/// Notes that the person was told of these. One that has gone further since stays to be told.
pub(super) fn told(changes: &Transaction<'_>, told: &[OrganisationChange]) -> Result<()> {
    for change in told {
        let key = change_key(&change.label, &change.organisation_id);
        match kept_change(changes, &key)? {
            Some(kept) if kept == *change => changes.forget(CHANGES, &key)?,
            Some(kept) => {
                let further = OrganisationChange {
                    from: change.to,
                    ..kept
                };
                changes.keep(CHANGES, &key, &to_json(&further)?)?;
            }
            None => {}
        }
    }
    Ok(())
}

/// Keeps a change until the person was told of it; one that leads back to what the person knows is none.
pub(super) fn note(changes: &Transaction<'_>, label: &str, change: StatusChange) -> Result<()> {
    let key = change_key(label, &change.organisation_id);
    let known = kept_change(changes, &key)?;
    let change = OrganisationChange {
        label: label.to_owned(),
        organisation_id: change.organisation_id,
        legal_name: change.legal_name,
        from: known.as_ref().map_or(change.from.into(), |known| known.from),
        to: change.to.into(),
        since: change.since,
    };
    // That an organisation has joined is nothing to be told.
    let matters = change.from != change.to && change.from != MemberState::Unlisted;
    match (matters, known) {
        (true, _) => Ok(changes.keep(CHANGES, &key, &to_json(&change)?)?),
        (false, Some(_)) => Ok(changes.forget(CHANGES, &key)?),
        (false, None) => Ok(()),
    }
}

fn kept_change(changes: &Transaction<'_>, key: &str) -> Result<Option<OrganisationChange>> {
    changes.kept(CHANGES, key)?.map(|bytes| from_json(&bytes)).transpose()
}

fn change_key(label: &str, organisation_id: &str) -> String {
    format!("{label}/{organisation_id}")
}
