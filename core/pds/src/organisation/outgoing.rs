//! Messages to people, from the moment they are stored until it is known what became of them.
//!
//! A person who withdraws takes back the token by which the organisation reached them, and sends a new one with the
//! withdrawal. What was refused meanwhile waits for that token, and is then sent again if it may still be sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use kist_channel::{MessageKind, OwnMailbox};
use kist_consent::Right;
use kist_crypto::es256::SigningKey;
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use super::agreements;
use super::events::{self, OrgEvent};
use super::profile::signing_key;
use super::relationships;
use super::sent::{self, MessageState, SentMessage};
use crate::bodies::RequestBody;
use crate::home::{Home, from_json, let_go, to_json};
use crate::mail::{self, Departure};
use crate::relay::Relay;
use crate::{Error, Result};

/// Messages of which it is not known whether the relay took them, or that it refused; by the key that they have in the
/// outbox.
const UNSETTLED: &str = "unsettled";
/// Until when a message is of use that isn't for ever, Unix seconds, by the key that it has in the outbox.
const USEFUL: &str = "useful-until";

/// A message to send.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Outgoing {
    pub(super) agreement: String,
    pub(super) kind: MessageKind,
    pub(super) schema: Option<String>,
    #[serde(with = "body")]
    pub(super) body: Vec<u8>,
}

impl Outgoing {
    /// A message that carries a signed object or other text.
    pub(super) fn text(agreement: String, kind: MessageKind, text: &str) -> Self {
        Outgoing {
            agreement,
            kind,
            schema: None,
            body: text.as_bytes().to_vec(),
        }
    }
}

/// A message whose end is not known.
#[derive(Serialize, Deserialize)]
struct Unsettled {
    relationship: String,
    number: u64,
    message: Outgoing,
    /// The token that reached the person when it was written.
    token: Token,
    /// The relay refused it.
    refused: bool,
}

impl Unsettled {
    fn key(&self) -> String {
        outbox_key(&self.relationship, self.number)
    }
}

fn outbox_key(relationship: &str, number: u64) -> String {
    format!("{relationship}/{number:020}")
}

/// Seals a message and stores it to be sent, in the transaction of what it tells of. Gives its number.
pub(super) fn post(
    home: &Home,
    changes: &Transaction<'_>,
    relationship: &str,
    key: &SigningKey,
    message: Outgoing,
) -> Result<u64> {
    let now = home.platform.now();
    let sign = |input: &[u8]| key.sign(input);
    mail::post(
        changes,
        relationship,
        &sign,
        message.kind.clone(),
        message.body.clone(),
        now,
    )?;
    let connection = mail::connection(changes, relationship)?;
    let token = token(&connection)?;
    let number = connection.sent().0;
    let sent = SentMessage {
        number,
        agreement: message.agreement.clone(),
        kind: message.kind.as_str().to_owned(),
        schema: message.schema.clone(),
        posted_at: now,
        state: MessageState::Waiting,
    };
    sent::log(changes, relationship, &sent)?;
    let unsettled = Unsettled {
        relationship: relationship.to_owned(),
        number,
        message,
        token,
        refused: false,
    };
    changes.keep(UNSETTLED, &unsettled.key(), &to_json(&unsettled)?)?;
    mail::watch(changes, &unsettled.key())?;
    Ok(number)
}

/// Seals a request to somebody who knocked and stores it to be sent, until the request is over.
pub(super) fn post_request(
    home: &Home,
    changes: &Transaction<'_>,
    relationship: &str,
    body: &RequestBody,
    expires_at: i64,
) -> Result<()> {
    let (key, now) = (signing_key(home)?, home.platform.now());
    let sign = |input: &[u8]| key.sign(input);
    mail::post(changes, relationship, &sign, MessageKind::Request, to_json(body)?, now)?;
    let number = mail::connection(changes, relationship)?.sent().0;
    Ok(changes.keep(USEFUL, &outbox_key(relationship, number), &to_json(&expires_at)?)?)
}

/// Sends what is stored to be sent.
#[derive(Clone)]
pub(super) struct Sender {
    home: Arc<Home>,
    /// Held from sending until it is noted what became of it.
    alone: Arc<tokio::sync::Mutex<()>>,
}

impl Sender {
    pub(super) fn new(home: Arc<Home>) -> Self {
        Sender {
            home,
            alone: Arc::default(),
        }
    }

    /// Lets go of requests to people who knocked that are over and never left. For whoever reads the mailboxes: some of them
    /// are gone then.
    pub(super) async fn give_up(&self) -> Result<()> {
        let _alone = self.alone.lock().await;
        for own in self.home.blocking(give_up).await? {
            // One that stays with the relay holds nothing.
            let relay = Relay::new(self.home.mail.clone(), &own.relay)?;
            let _ = relay.delete_mailbox(&own.mailbox, &own.receive_token).await;
        }
        Ok(())
    }

    /// Sends everything that waits and notes what became of it. What could not be sent for now waits on, which is no
    /// error.
    pub(super) async fn send(&self) -> Result<()> {
        let _alone = self.alone.lock().await;
        loop {
            mail::flush(&self.home).await?;
            if !self.home.blocking(settle).await? {
                return Ok(());
            }
        }
    }
}

/// Lets go of requests that are over and never left, so that an address where nobody is costs nothing for ever. With the
/// first message of a relationship goes the relationship, since nobody knows of it; unless more than requests waits
/// behind. Gives the mailboxes that serve nobody then.
fn give_up(home: &Home) -> Result<Vec<OwnMailbox>> {
    if home.vault.kept_keys(USEFUL)?.is_empty() {
        return Ok(Vec::new());
    }
    let now = home.platform.now();
    home.transaction(|changes| {
        let waiting: BTreeSet<String> = changes.kept_keys(mail::OUTBOX)?.into_iter().collect();
        let mut over = BTreeSet::new();
        for (name, until) in changes.all_kept(USEFUL)? {
            if now > from_json::<i64>(&until)? || !waiting.contains(&name) {
                over.insert(name);
            }
        }
        let mut unused = Vec::new();
        for name in &over {
            let relationship = name.split('/').next().unwrap_or_default();
            if waiting.contains(name) && *name == outbox_key(relationship, 1) {
                let all = waiting.range(name.clone()..=outbox_key(relationship, u64::MAX));
                if !all.into_iter().all(|waits| over.contains(waits)) {
                    continue;
                }
                unused.push(relationships::forget(changes, relationship)?);
            }
            let_go(changes, mail::OUTBOX, name)?;
            let_go(changes, USEFUL, name)?;
        }
        Ok(unused)
    })
}

/// Notes what became of the messages that have left the outbox. Gives whether some were stored to be sent again.
fn settle(home: &Home) -> Result<bool> {
    let key = signing_key(home)?;
    home.transaction(|changes| {
        let mut again = false;
        for (name, bytes) in changes.all_kept(UNSETTLED)? {
            let mut unsettled: Unsettled = from_json(&bytes)?;
            if changes.kept(mail::OUTBOX, &name)?.is_some() {
                continue;
            }
            let departure = mail::departure(changes, &name)?;
            if !unsettled.refused && !matches!(departure, Some(Departure::Refused { .. })) {
                finish(changes, &unsettled, MessageState::Taken)?;
                continue;
            }
            if !unsettled.refused {
                unsettled.refused = true;
                note_refusal(changes, &unsettled)?;
            }
            again |= send_again(home, changes, &key, unsettled)?;
        }
        Ok(again)
    })
}

/// That a message was refused, for whoever refreshes the inbox.
fn note_refusal(changes: &Transaction<'_>, unsettled: &Unsettled) -> Result<()> {
    changes.keep(UNSETTLED, &unsettled.key(), &to_json(unsettled)?)?;
    sent::set_state(
        changes,
        &unsettled.relationship,
        unsettled.number,
        MessageState::NotTaken,
    )?;
    events::tell(
        changes,
        &OrgEvent::NotTaken {
            agreement: unsettled.message.agreement.clone(),
            number: unsettled.number,
            kind: unsettled.message.kind.as_str().to_owned(),
        },
    )
}

/// Stores a refused message anew once the person has given another token; a delivery or a question only while its agreement allows it.
fn send_again(home: &Home, changes: &Transaction<'_>, key: &SigningKey, unsettled: Unsettled) -> Result<bool> {
    let connection = mail::connection(changes, &unsettled.relationship)?;
    let kept = agreements::by_id(changes, &unsettled.message.agreement)?;
    let now = home.platform.now();
    let right = match unsettled.message.kind {
        MessageKind::Delivery => Some(Right::Deliver),
        MessageKind::Read => Some(Right::Read),
        _ => None,
    };
    if right.is_some_and(|right| kept.agreement.check_use(right, now).is_err()) {
        finish(changes, &unsettled, MessageState::NotTaken)?;
        return Ok(false);
    }
    if token(&connection)? == unsettled.token {
        return Ok(false);
    }
    finish(changes, &unsettled, MessageState::SentAgain)?;
    post(home, changes, &unsettled.relationship, key, unsettled.message)?;
    Ok(true)
}

fn finish(changes: &Transaction<'_>, unsettled: &Unsettled, state: MessageState) -> Result<()> {
    sent::set_state(changes, &unsettled.relationship, unsettled.number, state)?;
    let_go(changes, mail::DEPARTURES, &unsettled.key())?;
    Ok(changes.forget(UNSETTLED, &unsettled.key())?)
}

/// The token that reaches the person now.
fn token(connection: &kist_channel::Connection) -> Result<Token> {
    let peer = connection.peer();
    let peer = peer.ok_or_else(|| Error::new("NotFound").with("what", "address"))?;
    Ok(peer.send_token.clone())
}

/// A body as base64.
mod body {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(body))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map_err(D::Error::custom)
    }
}
