//! What the person agreed to, as the store keeps it: each agreement with the relationship that it was made in.

pub(crate) mod standing;

use std::collections::BTreeMap;

use kist_consent::{Agreement, AgreementState, Party, Right};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use self::standing::Standing;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result};

pub(crate) const COLLECTION: &str = "agreements";
/// The relationships that agreements are made in.
pub(crate) const RELATIONSHIPS: &str = "relationships";

/// An agreement as the person keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The relationship's name in the store.
    pub(crate) relationship: String,
    /// What was agreed.
    pub(crate) agreement: Agreement,
    /// The type of the credential that answered each query; empty where it was made by a version that didn't keep them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) types: BTreeMap<String, String>,
}

impl Kept {
    /// The agreement's name.
    pub(crate) fn id(&self) -> String {
        self.agreement.id().to_string()
    }

    /// Whether standing access, a delivery or an update is allowed now: the one place that says so.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `ConsentPaused` while the person has paused it, or
    /// everything; `OrganisationNotTrusted` while its framework doesn't vouch for the organisation; `TrustListExpired` where
    /// the framework hasn't said so for too long.
    pub(crate) fn check_use(&self, changes: &Transaction<'_>, right: Right, now: i64) -> Result<()> {
        self.agreement.check_use(right, now)?;
        let standing = Standing::of(changes)?;
        match standing.pause(&self.relationship, &self.id())? {
            Some(pause) => Err(pause.error()),
            None => standing.check_list(changes, &self.relationship, now),
        }
    }

    /// That it isn't over, for what the person still decides about it.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`.
    pub(crate) fn check_holds(&self, now: i64) -> Result<()> {
        match self.agreement.state(now) {
            AgreementState::Withdrawn { at, .. } => Err(Error::new("ConsentWithdrawn").with("at", at)),
            AgreementState::Expired { at } | AgreementState::Replaced { at, .. } => {
                Err(Error::new("ConsentExpired").with("at", at))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COLLECTION, &self.id(), &to_json(self)?)?)
    }
}

/// An agreement by its name, to change it.
pub(crate) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Kept> {
    found(changes.kept(COLLECTION, id)?)
}

/// An agreement by its name, to look at.
pub(crate) fn read(home: &Home, id: &str) -> Result<Kept> {
    found(home.vault.kept(COLLECTION, id)?)
}

fn found(bytes: Option<Vec<u8>>) -> Result<Kept> {
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "agreement"))?;
    from_json(&bytes)
}

/// The agreements of a relationship.
pub(crate) fn of_relationship(changes: &Transaction<'_>, relationship: &str) -> Result<Vec<Kept>> {
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

/// Every agreement, to look at.
pub(crate) fn all(home: &Home) -> Result<Vec<Kept>> {
    Ok(home.all_kept(COLLECTION)?.into_iter().map(|(_, kept)| kept).collect())
}

/// Every agreement, within a transaction.
pub(crate) fn all_within(changes: &Transaction<'_>) -> Result<Vec<Kept>> {
    changes
        .all_kept(COLLECTION)?
        .iter()
        .map(|(_, bytes)| from_json(bytes))
        .collect()
}

/// Ends the agreement that a new one takes the place of, where both are with the same organisation in the same
/// relationship. Gives whether there was one.
pub(crate) fn replace(changes: &Transaction<'_>, newer: &Agreement) -> Result<bool> {
    let Some(replaced) = newer.offer().replaces else {
        return Ok(false);
    };
    let Some(bytes) = changes.kept(COLLECTION, &replaced.to_string())? else {
        return Ok(false);
    };
    let mut kept: Kept = from_json(&bytes)?;
    if kept.agreement.signed_withdrawal().is_some() || kept.agreement.replace(newer).is_err() {
        return Ok(false);
    }
    kept.keep(changes)?;
    standing::hand_over(changes, &kept.id(), &newer.id().to_string())?;
    Ok(true)
}

/// The organisation of an agreement.
pub(crate) fn party(agreement: &Agreement) -> Party {
    let organisation = &agreement.offer().organisation;
    Party {
        id: organisation.id.clone(),
        name: organisation.name.clone(),
    }
}
