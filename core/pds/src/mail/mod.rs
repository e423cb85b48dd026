//! Sealed messages in and out of the store: what is to be sent is stored before it leaves, and the relay forgets a
//! message only when what it brought about is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_channel::{Address, Connection, MessageKind, OwnMailbox};
use kist_crypto::{OsRandom, hpke};
use kist_identity::RelationshipKey;
use kist_vault::Transaction;
use kist_wire::{MailboxId, Token, limits};
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, let_go, to_json};
use crate::relay::{Relay, random};
use crate::{Category, Error, Result, Retry};

mod patience;
mod reading;

use self::patience::{Patience, Standing};
pub(crate) use reading::{Arrival, receive};

pub(crate) const CONNECTIONS: &str = "connections";
pub(crate) const OUTBOX: &str = "outbox";
/// What became of watched messages, by the key that they had in the outbox.
pub(crate) const DEPARTURES: &str = "departures";
/// The most messages of one relationship that wait to be sent: as many as a relay keeps of them.
const MAX_OUTGOING: u64 = limits::MAILBOX_MESSAGES;
/// What was sent is taken out of the outbox so many messages at a time.
const SENT_AT_ONCE: usize = 32;

/// A message on its way out.
#[derive(Serialize, Deserialize)]
struct Outgoing {
    relay: String,
    mailbox: MailboxId,
    send_token: Token,
    sealed: String,
}

/// What became of a message that is watched; the better sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Departure {
    /// The other side's relay has it.
    Taken {
        /// Since when, Unix seconds.
        at: i64,
    },
    /// It is in the outbox.
    Waiting,
    /// No relay will take it.
    Refused {
        /// As it said then, Unix seconds.
        at: i64,
    },
}

/// Has it noted what becomes of a message in the outbox.
pub(crate) fn watch(changes: &Transaction<'_>, key: &str) -> Result<()> {
    Ok(changes.keep(DEPARTURES, key, &to_json(&Departure::Waiting)?)?)
}

/// What became of a message, where somebody watches.
pub(crate) fn departure(changes: &Transaction<'_>, key: &str) -> Result<Option<Departure>> {
    changes
        .kept(DEPARTURES, key)?
        .map(|bytes| from_json(&bytes))
        .transpose()
}

/// A fresh mailbox on a relay, with the receiving key that goes with it.
#[derive(Clone)]
pub(crate) struct FreshMailbox {
    pub(crate) own: OwnMailbox,
    pub(crate) send_token: Token,
    pub(crate) receiving: hpke::PrivateKey,
}

/// Makes a mailbox for one relationship.
pub(crate) async fn fresh_mailbox(relay: &Relay) -> Result<FreshMailbox> {
    let mailbox: MailboxId = random(&mut OsRandom);
    let (send_token, receive_token): (Token, Token) = (random(&mut OsRandom), random(&mut OsRandom));
    relay.create_mailbox(&mailbox, &send_token, &receive_token).await?;
    let own = OwnMailbox {
        relay: relay.origin().to_string(),
        mailbox,
        receive_token,
    };
    Ok(FreshMailbox {
        own,
        send_token,
        receiving: hpke::PrivateKey::generate(&mut OsRandom),
    })
}

impl FreshMailbox {
    /// The address to give to the other side.
    pub(crate) fn address(&self) -> Address {
        Address {
            relay: self.own.relay.clone(),
            mailbox: self.own.mailbox,
            send_token: self.send_token.clone(),
            receiving_key: kist_crypto::base64url(self.receiving.public().to_bytes()),
        }
    }
}

/// The connection of a relationship, to change it.
pub(crate) fn connection(changes: &Transaction<'_>, relationship: &str) -> Result<Connection> {
    stored(changes.kept(CONNECTIONS, relationship)?)
}

/// The connection of a relationship, to look at.
pub(crate) fn read_connection(home: &Home, relationship: &str) -> Result<Connection> {
    stored(home.vault.kept(CONNECTIONS, relationship)?)
}

fn stored(bytes: Option<Vec<u8>>) -> Result<Connection> {
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "connection"))?;
    Connection::from_bytes(&bytes).map_err(|_| Error::new("Corrupt").with("part", "connection"))
}

/// Stores a connection.
pub(crate) fn keep_connection(changes: &Transaction<'_>, relationship: &str, connection: &Connection) -> Result<()> {
    Ok(changes.keep(CONNECTIONS, relationship, &connection.to_bytes())?)
}

/// What seals and signs a message of a relationship.
pub(crate) struct Author<'a> {
    pub(crate) relationship: &'a str,
    pub(crate) sign: &'a dyn Fn(&[u8]) -> [u8; 64],
}

/// Seals a message and puts it into the outbox, in the transaction of what it tells of. [`flush`] sends it.
///
/// Errors: `TooLarge` for a body that no message holds, and where too many messages wait to be sent already.
pub(crate) fn post(
    changes: &Transaction<'_>,
    relationship: &str,
    sign: &dyn Fn(&[u8]) -> [u8; 64],
    kind: MessageKind,
    body: Vec<u8>,
    now: i64,
) -> Result<()> {
    let author = Author { relationship, sign };
    post_named(changes, &author, kind, body, now).map(drop)
}

/// As [`post`]. Gives the message's key in the outbox.
pub(crate) fn post_named(
    changes: &Transaction<'_>,
    author: &Author<'_>,
    kind: MessageKind,
    body: Vec<u8>,
    now: i64,
) -> Result<String> {
    let connection = connection(changes, author.relationship)?;
    let peer = connection.peer().cloned();
    let peer = peer.ok_or_else(|| Error::new("NotFound").with("what", "address"))?;
    seal(changes, author, connection, peer, (kind, body, now))
}

/// As [`post`], to an address that may be another than the one that the connection goes on with. Gives the message's key in
/// the outbox.
pub(crate) fn post_at(
    changes: &Transaction<'_>,
    author: &Author<'_>,
    address: Address,
    kind: MessageKind,
    body: Vec<u8>,
    now: i64,
) -> Result<String> {
    let connection = connection(changes, author.relationship)?;
    seal(changes, author, connection, address, (kind, body, now))
}

fn seal(
    changes: &Transaction<'_>,
    author: &Author<'_>,
    mut connection: Connection,
    address: Address,
    (kind, body, now): (MessageKind, Vec<u8>, i64),
) -> Result<String> {
    if may_fill(&kind) {
        check_room(changes, author.relationship, connection.sent().0)?;
    }
    let peer = connection.peer().cloned();
    connection.set_peer(address.clone())?;
    let draft = connection.draft(kind, body, now, &mut OsRandom)?;
    let signature = (author.sign)(&draft.signing_input());
    let sealed = connection.finish(draft, &signature, &mut OsRandom);
    connection.set_peer(peer.unwrap_or_else(|| address.clone()))?;
    keep_connection(changes, author.relationship, &connection)?;
    let outgoing = Outgoing {
        relay: address.relay,
        mailbox: address.mailbox,
        send_token: address.send_token,
        sealed: BASE64_STANDARD.encode(sealed),
    };
    let key = format!("{}/{:020}", author.relationship, connection.sent().0);
    changes.keep(OUTBOX, &key, &to_json(&outgoing)?)?;
    Ok(key)
}

/// Whether so many messages of a kind may be written that there must be a bound. What a person does once, such as a
/// withdrawal, always has room.
fn may_fill(kind: &MessageKind) -> bool {
    use MessageKind::{Answer, Delivery, File, Key, Note, Read, Update};
    matches!(kind, Delivery | Note | Update | Read | Answer | File | Key)
}

/// That no more messages wait to be sent than the other side's relay keeps.
fn check_room(changes: &Transaction<'_>, relationship: &str, sent: u64) -> Result<()> {
    let first = changes.first_kept_key(OUTBOX, &format!("{relationship}/"))?;
    let first = first
        .as_deref()
        .and_then(|key| key.strip_prefix(relationship)?.strip_prefix('/')?.parse::<u64>().ok());
    match first.is_some_and(|first| sent.saturating_sub(first) + 1 >= MAX_OUTGOING) {
        true => Err(Error::new("TooLarge")
            .with("what", "outbox")
            .with("limit", MAX_OUTGOING)),
        false => Ok(()),
    }
}

/// Whether a message still waits to be sent.
pub(crate) fn is_outgoing(changes: &Transaction<'_>, key: &str) -> Result<bool> {
    Ok(changes.first_kept_key(OUTBOX, key)?.as_deref() == Some(key))
}

/// How many messages wait to be sent.
pub(crate) fn outgoing(home: &Home) -> Result<usize> {
    Ok(home.vault.kept_keys(OUTBOX)?.len())
}

/// What became of the messages that waited to be sent, by relationship.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Whose relay will never take a message: the address is gone, or the other side took it back. It was let go of.
    pub(crate) refused: Vec<String>,
    /// Whose messages still wait, and why.
    pub(crate) waiting: Vec<(String, Error)>,
}

/// Sends everything in the outbox, each relationship's messages in order; one relay that is down keeps back nobody else's.
/// A message leaves the outbox when the relay has it, or will never take it. Relays that are slow, which anybody may have
/// named, cost little: see [`patience`].
///
/// Errors: the store's own.
pub(crate) async fn flush(home: &Arc<Home>) -> Result<Flushed> {
    flush_with(home, &BTreeSet::new(), Patience::bounded()).await
}

/// As [`flush`], with the messages of some relationships kept back, and however long a relay takes: whom a person writes to
/// they chose.
pub(crate) async fn flush_except(home: &Arc<Home>, kept_back: &BTreeSet<String>) -> Result<Flushed> {
    flush_with(home, kept_back, Patience::endless()).await
}

async fn flush_with(home: &Arc<Home>, kept_back: &BTreeSet<String>, mut patience: Patience) -> Result<Flushed> {
    let _alone = home.outbox.lock().await;
    let keys = home.blocking(|home| Ok(home.vault.kept_keys(OUTBOX)?)).await?;
    let (mut flushed, mut stopped) = (Flushed::default(), kept_back.clone());
    let mut done = Vec::new();
    for key in keys {
        let relationship = key.split('/').next().unwrap_or_default().to_owned();
        if stopped.contains(&relationship) {
            continue;
        }
        let at = home.platform.now();
        let departure = match send(home, &relationship, &key, &mut patience).await {
            Ok(()) => Departure::Taken { at },
            Err(error) if may_pass(&error) => {
                stopped.insert(relationship.clone());
                flushed.waiting.push((relationship, error));
                continue;
            }
            Err(error) if is_own(&error) => return Err(error),
            Err(_) => {
                flushed.refused.push(relationship);
                Departure::Refused { at }
            }
        };
        done.push((key, departure));
        if done.len() == SENT_AT_ONCE {
            take_out(home, std::mem::take(&mut done)).await?;
        }
    }
    take_out(home, done).await?;
    Ok(flushed)
}

/// Lets go of a message in the outbox, and notes what became of it where somebody watches.
fn depart(changes: &Transaction<'_>, key: &str, departure: Departure) -> Result<()> {
    let_go(changes, OUTBOX, key)?;
    match changes.kept(DEPARTURES, key)? {
        Some(_) => Ok(changes.keep(DEPARTURES, key, &to_json(&departure)?)?),
        None => Ok(()),
    }
}

/// Takes what has left out of the outbox. What is sent twice because this never came about is one message at the relay.
async fn take_out(home: &Arc<Home>, done: Vec<(String, Departure)>) -> Result<()> {
    home.blocking(move |home| {
        home.transaction(|changes| {
            done.into_iter()
                .try_for_each(|(key, departure)| depart(changes, &key, departure))
        })
    })
    .await
}

/// Whether what could not be sent may be sent another time: an error that the relay's own word doesn't make final is
/// waited out, since a proxy before it may have spoken.
pub(crate) fn may_pass(error: &Error) -> bool {
    error.retry() == Retry::Later || error.code() == "RelayRefused"
}

/// Sends one message, unless it is not its relay's turn.
async fn send(home: &Arc<Home>, relationship: &str, key: &str, patience: &mut Patience) -> Result<()> {
    let corrupt = || Error::new("Corrupt").with("part", "outbox");
    let (name, key) = (relationship.to_owned(), key.to_owned());
    let read = home.blocking(move |home| {
        let Some(outgoing) = home.kept::<Outgoing>(OUTBOX, &key)? else {
            return Ok(None);
        };
        let standing = Standing::of(home, &outgoing.relay)?;
        Ok(Some((outgoing, read_connection(home, &name)?, standing)))
    });
    let Some((outgoing, connection, standing)) = read.await? else {
        return Ok(()); // It was taken back meanwhile.
    };
    let sealed = BASE64_STANDARD.decode(&outgoing.sealed).map_err(|_| corrupt())?;
    let began = home.platform.now();
    if !patience.allows(&outgoing.relay, &standing, began) {
        return Err(Error::new("Unreachable"));
    }
    // The token may have been replaced since the message was written.
    let send_token = match connection.peer() {
        Some(peer) if peer.mailbox == outgoing.mailbox => peer.send_token.clone(),
        _ => outgoing.send_token,
    };
    let relay = Relay::new(home.mail.clone(), &outgoing.relay)?;
    let sent = relay.send_message(&outgoing.mailbox, &send_token, sealed).await;
    patience.note(home, outgoing.relay, standing, began, &sent).await?;
    sent
}

/// Posts a key where the own one has served long enough, so that a side which only listens doesn't keep one for ever. It
/// says too how far the other side was heard.
pub(crate) fn renew_key(
    changes: &Transaction<'_>,
    relationship: &str,
    sign: &dyn Fn(&[u8]) -> [u8; 64],
    now: i64,
) -> Result<()> {
    match connection(changes, relationship)?.wants_new_key(now) {
        true => post(changes, relationship, sign, MessageKind::Key, Vec::new(), now),
        false => Ok(()),
    }
}

/// Whether it is this store that failed, and not a message or a relay.
pub(crate) fn is_own(error: &Error) -> bool {
    error.category() == Category::Storage || matches!(error.code(), "Corrupt" | "HistoryBroken" | "InUse")
}

/// A closure that signs with a relationship's key.
pub(crate) fn signer(key: &RelationshipKey) -> impl Fn(&[u8]) -> [u8; 64] + '_ {
    |message| key.sign(message)
}

#[cfg(test)]
#[path = "mail_test.rs"]
mod mail_test;
