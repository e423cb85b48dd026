//! What was sealed under an agreement and still lies in the outbox doesn't leave once the agreement no longer lets it go: the
//! person has withdrawn, narrowed or paused it, it is over, or its framework doesn't vouch for the organisation any more.
//!
//! What is called back was never told: [`take`] gives it to whoever tells it anew, as it is then, when that may be
//! (docs/adr/0032).

use kist_consent::{FieldRef, Right};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::agreements::{self, Kept};
use crate::home::{Home, from_json, let_go, to_json};
use crate::{Error, Result, mail, transfer};

/// What messages show of which it isn't known yet that a relay took them, by the key that they have in the outbox.
const COLLECTION: &str = "shown";

/// A message that shows what the person has.
#[derive(Serialize, Deserialize)]
pub(in crate::person) struct Shows {
    pub(in crate::person) agreement: String,
    pub(in crate::person) fields: Vec<FieldRef>,
    /// The question that it answers, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::person) read: Option<String>,
    /// It is no more in the outbox, and never left.
    pub(in crate::person) called_back: bool,
    /// The person was told that a relay refused it.
    pub(in crate::person) refusal_told: bool,
}

/// Notes what a message in the outbox shows, and has it watched what becomes of it.
pub(in crate::person) fn note(changes: &Transaction<'_>, key: &str, shows: &Shows) -> Result<()> {
    mail::watch(changes, key)?;
    keep(changes, key, shows)
}

pub(in crate::person) fn keep(changes: &Transaction<'_>, key: &str, shows: &Shows) -> Result<()> {
    Ok(changes.keep(COLLECTION, key, &to_json(shows)?)?)
}

/// Lets go of what is known of a message, once that is settled.
pub(in crate::person) fn forget(changes: &Transaction<'_>, key: &str) -> Result<()> {
    let_go(changes, COLLECTION, key)?;
    let_go(changes, mail::DEPARTURES, key)
}

/// Every message of which it isn't settled what became of it.
pub(in crate::person) fn all(changes: &Transaction<'_>) -> Result<Vec<(String, Shows)>> {
    let read = |(key, bytes): (String, Vec<u8>)| Ok((key, from_json(&bytes)?));
    changes.all_kept(COLLECTION)?.into_iter().map(read).collect()
}

/// Calls back what may not leave now.
///
/// Errors: the store's own.
pub(in crate::person) fn call_back(home: &Home, changes: &Transaction<'_>) -> Result<()> {
    let now = home.platform.now();
    for (key, mut shows) in all(changes)? {
        if shows.called_back || !mail::is_outgoing(changes, &key)? {
            continue;
        }
        match agreements::by_id(changes, &shows.agreement)
            .and_then(|kept| may_leave(changes, &kept, &shows.fields, now))
        {
            Ok(()) => continue,
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(_) => {}
        }
        let_go(changes, mail::OUTBOX, &key)?;
        shows.called_back = true;
        keep(changes, &key, &shows)?;
    }
    transfer::call_back(changes, |agreement| {
        agreements::by_id(changes, agreement)?.check_use(changes, Right::Read, now)
    })
}

/// Takes what was called back since it was last taken.
pub(in crate::person) fn take(changes: &Transaction<'_>) -> Result<Vec<Shows>> {
    let mut taken = Vec::new();
    for (key, shows) in all(changes)? {
        if shows.called_back {
            forget(changes, &key)?;
            taken.push(shows);
        }
    }
    Ok(taken)
}

fn may_leave(changes: &Transaction<'_>, kept: &Kept, fields: &[FieldRef], now: i64) -> Result<()> {
    kept.check_use(changes, Right::Read, now)?;
    let chosen = kept.agreement.fields();
    match fields.iter().all(|field| chosen.contains(field)) {
        true => Ok(()),
        false => Err(Error::new("FieldNotOffered")),
    }
}
