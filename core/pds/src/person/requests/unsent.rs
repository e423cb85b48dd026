//! Answers that were given and have not left: each is sent until the relay has it, or will never take it.

use std::collections::BTreeSet;
use std::sync::Arc;

use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::agreements::standing::{Pause, Standing};
use crate::home::{Home, from_json, let_go, to_json};
use crate::relay::post_answer;
use crate::{Error, Result, agreements, mail};

/// Answers that wait to be sent, by request.
const COLLECTION: &str = "answers";

/// An answer on its way.
#[derive(Serialize, Deserialize)]
pub(in crate::person) struct Unsent {
    pub(in crate::person) organisation: String,
    pub(in crate::person) response_uri: String,
    pub(in crate::person) body: String,
    pub(in crate::person) agreement: Option<String>,
    /// When the request ends, Unix seconds.
    pub(in crate::person) expires_at: i64,
}

impl Unsent {
    pub(in crate::person) fn keep(&self, changes: &Transaction<'_>, id: &str) -> Result<()> {
        Ok(changes.keep(COLLECTION, id, &to_json(self)?)?)
    }
}

/// The agreements whose answer has not left yet.
pub(in crate::person) fn agreements(changes: &Transaction<'_>) -> Result<BTreeSet<String>> {
    let mut agreements = BTreeSet::new();
    for (_, bytes) in changes.all_kept(COLLECTION)? {
        agreements.extend(from_json::<Unsent>(&bytes)?.agreement);
    }
    Ok(agreements)
}

/// Keeps the answer that made an agreement from being sent, if it has not left yet.
pub(in crate::person) fn call_back(changes: &Transaction<'_>, agreement: &str) -> Result<()> {
    for (id, bytes) in changes.all_kept(COLLECTION)? {
        let unsent: Unsent = from_json(&bytes)?;
        if unsent.agreement.as_deref() == Some(agreement) {
            changes.forget(COLLECTION, &id)?;
        }
    }
    Ok(())
}

/// Whether the person has paused what an answer belongs to since they gave it, or the framework doesn't vouch for whom it is
/// for: it waits. What was given in spite of a pause goes.
fn stands_still(home: &Home, unsent: &Unsent) -> Result<bool> {
    let standing = Standing::read(home)?;
    let Some(agreement) = &unsent.agreement else {
        return Ok(standing.everything()?.is_some());
    };
    let kept = agreements::read(home, agreement)?;
    let given_at = kept.agreement.acceptance().accepted_at;
    Ok(match standing.pause(&kept.relationship, agreement)? {
        Some(Pause::Person { since }) => since >= given_at,
        pause => pause.is_some(),
    })
}

/// Sends the answer to a request, if it waits and nothing is paused. An answer that the relay will never take, or that comes
/// too late, is let go of; the consent stays in the list, since a relay's word is no proof that nobody has read it.
pub(in crate::person) async fn send(home: &Arc<Home>, id: &str) -> Result<()> {
    let name = id.to_owned();
    let waiting = home.blocking(move |home| {
        let waiting: Option<Unsent> = home.kept(COLLECTION, &name)?;
        let stands_still = waiting
            .as_ref()
            .map_or(Ok(false), |unsent| stands_still(home, unsent))?;
        Ok(waiting.map(|unsent| (unsent, stands_still)))
    });
    let Some((unsent, stands_still)) = waiting.await? else {
        return Ok(());
    };
    let sent = match home.platform.now() > unsent.expires_at {
        true => Err(Error::new("RequestExpired")),
        false if stands_still => return Ok(()),
        false => post_answer(&home.mail, &unsent.response_uri, unsent.body).await,
    };
    if matches!(&sent, Err(error) if mail::may_pass(error)) {
        return sent;
    }
    let name = id.to_owned();
    home.blocking(move |home| home.transaction(|changes| let_go(changes, COLLECTION, &name)))
        .await?;
    sent
}

/// Sends every answer that waits; gives the organisations whose answer could not be sent, and why.
pub(in crate::person) async fn send_all(home: &Arc<Home>) -> Result<Vec<(String, Error)>> {
    let waiting: Vec<(String, Unsent)> = home.blocking(|home| home.all_kept(COLLECTION)).await?;
    let mut failed = Vec::new();
    for (id, unsent) in waiting {
        if let Err(error) = send(home, &id).await {
            failed.push((unsent.organisation, error));
        }
    }
    Ok(failed)
}
