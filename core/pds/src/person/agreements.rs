//! Agreements in the store, each with the relationship that it was made in.

use kist_consent::{Agreement, Right};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::standing::Standing;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result};

pub(crate) const COLLECTION: &str = "agreements";

/// An agreement as the person keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The relationship's name in the store.
    pub(crate) relationship: String,
    /// What was agreed.
    pub(crate) agreement: Agreement,
}

impl Kept {
    /// The agreement's name.
    pub(super) fn id(&self) -> String {
        self.agreement.id().to_string()
    }

    /// Whether standing access, a delivery or an update is allowed now: the one place that says so.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `ConsentPaused` while the person has paused it, or
    /// everything; `OrganisationNotTrusted` while its framework doesn't vouch for the organisation.
    pub(crate) fn check_use(&self, changes: &Transaction<'_>, right: Right, now: i64) -> Result<()> {
        self.agreement.check_use(right, now)?;
        match Standing::of(changes)?.pause(&self.relationship, &self.id())? {
            Some(pause) => Err(pause.error()),
            None => Ok(()),
        }
    }

    pub(super) fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COLLECTION, &self.id(), &to_json(self)?)?)
    }
}

/// An agreement by its name, to change it.
pub(super) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Kept> {
    found(changes.kept(COLLECTION, id)?)
}

/// An agreement by its name, to look at.
pub(super) fn read(home: &Home, id: &str) -> Result<Kept> {
    found(home.vault.kept(COLLECTION, id)?)
}

fn found(bytes: Option<Vec<u8>>) -> Result<Kept> {
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "agreement"))?;
    from_json(&bytes)
}

/// The agreements of a relationship.
pub(super) fn of_relationship(changes: &Transaction<'_>, relationship: &str) -> Result<Vec<Kept>> {
    /// Read first: to read an agreement is to verify its signatures.
    #[derive(Deserialize)]
    struct Whose {
        relationship: String,
    }
    let mut found = Vec::new();
    for (_, bytes) in changes.all_kept(COLLECTION)? {
        if from_json::<Whose>(&bytes)?.relationship == relationship {
            found.push(from_json(&bytes)?);
        }
    }
    Ok(found)
}

/// Every agreement.
pub(super) fn all(home: &Home) -> Result<Vec<Kept>> {
    Ok(home.all_kept(COLLECTION)?.into_iter().map(|(_, kept)| kept).collect())
}
