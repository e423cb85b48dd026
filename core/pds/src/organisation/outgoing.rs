//! Messages to people, from the moment they are stored until it is known what became of them.
//!
//! A person who withdraws takes back the token by which the organisation reached them, and sends a new one with the
//! withdrawal. What was refused meanwhile waits for that token, and is then sent again if it may still be sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use kist_channel::MessageKind;
use kist_consent::Right;
use kist_crypto::es256::SigningKey;
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use super::agreements;
use super::events::{self, OrgEvent};
use super::profile::signing_key;
use super::sent::{self, MessageState, SentMessage};
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, mail};

/// Messages of which it is not known whether the relay took them, or that it refused; by the key that they have in the
/// outbox.
const UNSETTLED: &str = "unsettled";
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
        format!("{}/{:020}", self.relationship, self.number)
    }
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
    Ok(number)
}

/// Sends what is stored to be sent.
#[derive(Clone)]
pub(super) struct Sender {
    home: Arc<Home>,
    /// Held from sending until it is noted what became of it, so that nobody notes it without knowing.
    alone: Arc<tokio::sync::Mutex<()>>,
}

impl Sender {
    pub(super) fn new(home: Arc<Home>) -> Self {
        Sender {
            home,
            alone: Arc::default(),
        }
    }

    /// Sends everything that waits and notes what became of it. What could not be sent for now waits on, which is no
    /// error.
    pub(super) async fn send(&self) -> Result<()> {
        let _alone = self.alone.lock().await;
        loop {
            let refused = mail::flush(&self.home).await?.refused.into_iter().collect();
            if !self.home.blocking(move |home| settle(home, &refused)).await? {
                return Ok(());
            }
        }
    }
}

/// Notes what became of the messages that have left the outbox. Gives whether some were stored to be sent again.
fn settle(home: &Home, refused: &BTreeSet<String>) -> Result<bool> {
    let key = signing_key(home)?;
    home.transaction(|changes| {
        let mut again = false;
        for (name, bytes) in changes.all_kept(UNSETTLED)? {
            let mut unsettled: Unsettled = from_json(&bytes)?;
            if changes.kept(mail::OUTBOX, &name)?.is_some() {
                continue;
            }
            if !unsettled.refused && !refused.contains(&unsettled.relationship) {
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
