//! Sending what waits in the person's mailboxes; before that, mailboxes are closed to tokens that were taken back.

use std::collections::BTreeSet;
use std::sync::Arc;

use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use super::{COLLECTION, PEOPLE, by_id, read, recall};
use crate::home::{Home, let_go, to_json};
use crate::relay::{Relay, random};
use crate::{Error, Result, mail};

/// Mailboxes that still have to be closed to the organisation's old token, by relationship.
const REVOCATIONS: &str = "revocations";
/// For so many seconds an organisation isn't told of a withdrawal while the mailbox is still open to its old token. A relay
/// that is gone for longer may never come back, and the organisation has to know.
const TELL_AFTER: i64 = 24 * 60 * 60;

/// The token to set is the relationship's own: several withdrawals come to one.
#[derive(Serialize, Deserialize)]
struct Revocation {
    since: i64,
}

/// Takes back what allows sending to the mailbox of a relationship, and gives what does from now on. The relay is told by
/// [`settle`].
pub(in crate::person) fn revoke(changes: &Transaction<'_>, id: &str, now: i64) -> Result<Token> {
    let mut relationship = by_id(changes, id)?;
    let send_token: Token = random(&mut kist_crypto::OsRandom);
    relationship.send_token = send_token.clone();
    changes.keep(COLLECTION, id, &to_json(&relationship)?)?;
    changes.keep(REVOCATIONS, id, &to_json(&Revocation { since: now })?)?;
    Ok(send_token)
}

/// Closes the mailboxes of withdrawn consents to the old tokens, then sends what waits: access is cut before the
/// organisation hears of it, and its acknowledgement finds its token in force. Gives the relationships that a relay kept
/// from it, and why.
///
/// Errors: the store's own.
pub(in crate::person) async fn settle(home: &Arc<Home>) -> Result<Vec<(String, Error)>> {
    let (mut failed, mut kept_back) = (Vec::new(), BTreeSet::new());
    for (relationship, revocation) in home.blocking(|home| home.all_kept::<Revocation>(REVOCATIONS)).await? {
        if let Err(error) = close_to_old_token(home, &relationship).await {
            let waited = home.platform.now().saturating_sub(revocation.since);
            if mail::may_pass(&error) && waited < TELL_AFTER {
                kept_back.insert(relationship.clone());
            }
            failed.push((relationship, error));
        }
    }
    kept_back.extend(home.blocking(held_back).await?);
    home.blocking(|home| home.transaction(|changes| recall::call_back(home, changes)))
        .await?;
    let flushed = mail::flush_except(home, &kept_back).await?;
    failed.extend(flushed.waiting);
    Ok(failed)
}

async fn close_to_old_token(home: &Arc<Home>, relationship: &str) -> Result<()> {
    let _alone = home.outbox.lock().await;
    let name = relationship.to_owned();
    let (own, send_token) = home
        .blocking(move |home| {
            let relationship = read(home, &name)?;
            Ok((
                mail::read_connection(home, &name)?.own().clone(),
                relationship.send_token,
            ))
        })
        .await?;
    let relay = Relay::new(home.mail.clone(), &own.relay)?;
    let replaced = relay.replace_send_token(&own.mailbox, &own.receive_token, &send_token);
    match replaced.await {
        // A mailbox that is gone is closed.
        Err(error) if error.code() != "NotFound" => return Err(error),
        _ => {}
    }
    let name = relationship.to_owned();
    home.blocking(move |home| {
        home.transaction(|changes| {
            // Another withdrawal may have come between.
            if by_id(changes, &name)?.send_token == send_token {
                let_go(changes, REVOCATIONS, &name)?;
            }
            Ok(())
        })
    })
    .await
}

/// The connections with other people in which a hello has to leave before anything else.
fn held_back(home: &Home) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Begun {
        hello: Option<String>,
    }
    let all = home.all_kept::<Begun>(PEOPLE)?.into_iter();
    Ok(all
        .filter(|(_, begun)| begun.hello.is_some())
        .map(|(id, _)| id)
        .collect())
}
