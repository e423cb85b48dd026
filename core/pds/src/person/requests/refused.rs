//! Requests that were refused, for as long as a report can be made about one.

use kist_identity::DAY;
use kist_trust::Authority;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::stated::Stated;
use super::{Requests, Stored};
use crate::home::{Home, from_json, let_go, to_json};
use crate::{Error, Result};

const COLLECTION: &str = "local/refused";
/// The most that are kept, the newest.
const MAX_REFUSED: usize = 100;
/// How long each is kept.
const KEPT_DAYS: i64 = 90;

/// A request that was refused, and about which a report can be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRequest {
    /// Its name in the store.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// Who supervises it.
    pub authority: Authority,
    /// Whether it asked for anything beyond what it registered.
    pub over_asking: bool,
    /// When it was refused, Unix seconds.
    pub refused_at: i64,
    /// Until when a report can be made, Unix seconds.
    pub kept_until: i64,
}

/// It as it is kept.
#[derive(Serialize, Deserialize)]
struct Refused {
    request: String,
    expires_at: i64,
    stated: Stated,
    refused_at: i64,
}

/// What a report about a request is made from.
pub(in crate::person) struct Reportable {
    /// The signed request.
    pub(in crate::person) request: String,
    pub(in crate::person) expires_at: i64,
    pub(in crate::person) stated: Stated,
    /// None while it waits for the person.
    pub(in crate::person) refused_at: Option<i64>,
}

impl Requests {
    /// Requests that were refused, the newest first: those about which a report can still be made.
    pub async fn refused(&self) -> Result<Vec<RefusedRequest>> {
        self.home
            .blocking(|home| {
                let (all, now) = (home.all_kept::<Refused>(COLLECTION)?, home.platform.now());
                let kept = all.into_iter().filter(|(_, refused)| refused.kept_until() >= now);
                let mut all: Vec<RefusedRequest> = kept.map(|(id, refused)| refused.summary(id)).collect();
                all.sort_by(|one, other| other.refused_at.cmp(&one.refused_at).then(one.id.cmp(&other.id)));
                Ok(all)
            })
            .await
    }
}

impl Refused {
    fn kept_until(&self) -> i64 {
        self.refused_at.saturating_add(KEPT_DAYS * DAY)
    }

    fn summary(self, id: String) -> RefusedRequest {
        RefusedRequest {
            id,
            over_asking: self.stated.is_over_asking(),
            refused_at: self.refused_at,
            kept_until: self.kept_until(),
            organisation: self.stated.organisation.name,
            organisation_id: self.stated.organisation.id,
            authority: self.stated.authority,
        }
    }
}

/// Keeps what a report needs of a request that is refused now; of too many, the oldest goes.
pub(super) fn keep(changes: &Transaction<'_>, id: &str, stored: Stored, now: i64) -> Result<()> {
    let Some(stated) = stored.stated else { return Ok(()) };
    let refused = Refused {
        request: stored.request,
        expires_at: stored.expires_at,
        stated,
        refused_at: now,
    };
    changes.keep(COLLECTION, id, &to_json(&refused)?)?;
    let all = changes.all_kept(COLLECTION)?.into_iter();
    let dated = all.map(|(id, bytes)| Ok((from_json::<Refused>(&bytes)?.refused_at, id)));
    let mut dated = dated.collect::<Result<Vec<_>>>()?;
    dated.sort();
    for (_, oldest) in dated.iter().rev().skip(MAX_REFUSED) {
        changes.forget(COLLECTION, oldest)?;
    }
    Ok(())
}

/// Clears away those whose time is over.
pub(super) fn clear_away(home: &Home) -> Result<()> {
    for (id, refused) in home.all_kept::<Refused>(COLLECTION)? {
        if refused.kept_until() < home.platform.now() {
            home.transaction(|changes| let_go(changes, COLLECTION, &id))?;
        }
    }
    Ok(())
}

/// A request that waits or was refused, to report on.
///
/// Errors: `NotFound`, also where its time is over.
pub(in crate::person) fn reportable(home: &Home, id: &str) -> Result<Reportable> {
    let missing = || Error::new("NotFound").with("what", "request");
    let refused = home.kept::<Refused>(COLLECTION, id)?;
    if let Some(refused) = refused.filter(|refused| refused.kept_until() >= home.platform.now()) {
        return Ok(Reportable {
            request: refused.request,
            expires_at: refused.expires_at,
            stated: refused.stated,
            refused_at: Some(refused.refused_at),
        });
    }
    let stored = super::stored(home, id)?;
    Ok(Reportable {
        request: stored.request,
        expires_at: stored.expires_at,
        stated: stored.stated.ok_or_else(missing)?,
        refused_at: None,
    })
}
