//! Sealed messages in and out of the store: what is to be sent is stored before it leaves, and the relay forgets a
//! message only when what it brought about is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_channel::{Address, Connection, Message, MessageKind, Opened, OwnMailbox};
use kist_crypto::{OsRandom, hpke};
use kist_identity::RelationshipKey;
use kist_vault::Transaction;
use kist_wire::{MailboxId, Token};
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, let_go, to_json};
use crate::relay::{Relay, random};
use crate::{Category, Error, Result, Retry};

pub(crate) const CONNECTIONS: &str = "connections";
pub(crate) const OUTBOX: &str = "outbox";
/// What became of watched messages, by the key that they had in the outbox.
pub(crate) const DEPARTURES: &str = "departures";

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

/// A fresh mailbox on a relay, with the receiving key that goes with it.
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
pub(crate) fn post(
    changes: &Transaction<'_>,
    relationship: &str,
    sign: &dyn Fn(&[u8]) -> [u8; 64],
    kind: MessageKind,
    body: Vec<u8>,
    now: i64,
) -> Result<()> {
    let peer = connection(changes, relationship)?.peer().cloned();
    let peer = peer.ok_or_else(|| Error::new("NotFound").with("what", "address"))?;
    post_at(changes, &Author { relationship, sign }, peer, kind, body, now).map(drop)
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
    let mut connection = connection(changes, author.relationship)?;
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

/// What became of the messages that waited to be sent, by relationship.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Whose relay will never take a message: the address is gone, or the other side took it back. It was let go of.
    pub(crate) refused: Vec<String>,
    /// Whose messages still wait, and why.
    pub(crate) waiting: Vec<(String, Error)>,
}

/// Sends everything in the outbox, each relationship's messages in order; one relay that is down keeps back nobody else's.
/// A message leaves the outbox when the relay has it, or will never take it.
///
/// Errors: the store's own.
pub(crate) async fn flush(home: &Arc<Home>) -> Result<Flushed> {
    flush_except(home, &BTreeSet::new()).await
}

/// As [`flush`], with the messages of some relationships kept back.
pub(crate) async fn flush_except(home: &Arc<Home>, kept_back: &BTreeSet<String>) -> Result<Flushed> {
    let _alone = home.outbox.lock().await;
    let all = home.blocking(|home| Ok(home.vault.all_kept(OUTBOX)?)).await?;
    let (mut flushed, mut stopped, mut down) = (Flushed::default(), kept_back.clone(), BTreeSet::new());
    for (key, bytes) in all {
        let relationship = key.split('/').next().unwrap_or_default().to_owned();
        if stopped.contains(&relationship) {
            continue;
        }
        let at = home.platform.now();
        let departure = match send(home, &relationship, &bytes, &mut down).await {
            Ok(()) => Departure::Taken { at },
            Err(error) if may_pass(&error) => {
                stopped.insert(relationship.clone());
                flushed.waiting.push((relationship, error));
                continue;
            }
            Err(_) => {
                flushed.refused.push(relationship);
                Departure::Refused { at }
            }
        };
        home.blocking(move |home| home.transaction(|changes| depart(changes, &key, departure)))
            .await?;
    }
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

/// Whether what could not be sent may be sent another time: an error that the relay's own word doesn't make final is
/// waited out, since a proxy before it may have spoken.
pub(crate) fn may_pass(error: &Error) -> bool {
    error.retry() == Retry::Later || error.code() == "RelayRefused"
}

/// Sends one message, unless its relay is among those found `down`.
async fn send(home: &Arc<Home>, relationship: &str, bytes: &[u8], down: &mut BTreeSet<String>) -> Result<()> {
    let corrupt = || Error::new("Corrupt").with("part", "outbox");
    let outgoing: Outgoing = from_json(bytes)?;
    let sealed = BASE64_STANDARD.decode(&outgoing.sealed).map_err(|_| corrupt())?;
    if down.contains(&outgoing.relay) {
        return Err(Error::new("Unreachable"));
    }
    let name = relationship.to_owned();
    let connection = home.blocking(move |home| read_connection(home, &name)).await?;
    // The token may have been replaced since the message was written.
    let send_token = match connection.peer() {
        Some(peer) if peer.mailbox == outgoing.mailbox => peer.send_token.clone(),
        _ => outgoing.send_token,
    };
    let relay = Relay::new(home.mail.clone(), &outgoing.relay)?;
    let sent = relay.send_message(&outgoing.mailbox, &send_token, sealed).await;
    if matches!(&sent, Err(error) if error.code() == "Unreachable") {
        down.insert(outgoing.relay);
    }
    sent
}

/// What reading a mailbox came to.
pub(crate) enum Arrival<T> {
    /// What the owner made of a message.
    Event(T),
    /// Bytes that are no message of this connection, or a message that can't be taken in: dropped, with the reason's code.
    Dropped(&'static str),
    /// Messages that a relay lost.
    Missing(u64),
    /// The relay could not be read any further: what still waits there comes another time.
    Stopped(Error),
}

/// Replies that are read from one mailbox at a time, at most; the rest is for the next time.
const MAX_REPLIES: usize = 64;

/// Reads what waits for one relationship.
///
/// `handle` runs in the transaction that also stores the connection, so that a message is taken in once, or not at all.
/// When it fails because of the message, all that it did is undone and the message is dropped, so that it blocks no
/// later one; when the store fails, or with `ConsentPaused`, the message stays with the relay.
///
/// Errors: the store's own. A relay that fails is an [`Arrival::Stopped`], so that it keeps nobody from reading others.
pub(crate) async fn receive<T, F>(home: &Arc<Home>, relationship: &str, handle: F) -> Result<Vec<Arrival<T>>>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let mut arrivals = Vec::new();
    match read_mailbox(home, relationship, &Arc::new(handle), &mut arrivals).await {
        Err(error) if is_own(&error) => Err(error),
        Err(error) => {
            arrivals.push(Arrival::Stopped(error));
            Ok(arrivals)
        }
        Ok(()) => Ok(arrivals),
    }
}

async fn read_mailbox<T, F>(
    home: &Arc<Home>,
    relationship: &str,
    handle: &Arc<F>,
    arrivals: &mut Vec<Arrival<T>>,
) -> Result<()>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let name = relationship.to_owned();
    let own = home
        .blocking(move |home| Ok(read_connection(home, &name)?.own().clone()))
        .await?;
    let relay = Relay::new(home.mail.clone(), &own.relay)?;
    let mut after = 0;
    for _ in 0..MAX_REPLIES {
        let frames = relay.messages(&own.mailbox, &own.receive_token, after).await?;
        if frames.is_empty() {
            break;
        }
        for frame in frames {
            if frame.number <= after {
                return Err(Error::new("Malformed").with("what", "frames"));
            }
            after = frame.number;
            arrivals.extend(take_in(home, relationship, frame.body, handle).await?);
        }
        relay.acknowledge(&own.mailbox, &own.receive_token, after).await?;
    }
    Ok(())
}

/// Opens one sealed message and hands it over.
async fn take_in<T, F>(
    home: &Arc<Home>,
    relationship: &str,
    sealed: Vec<u8>,
    handle: &Arc<F>,
) -> Result<Vec<Arrival<T>>>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let (handle, name, bytes) = (Arc::clone(handle), relationship.to_owned(), sealed.clone());
    let taken = home.blocking(move |home| {
        home.transaction(|changes| match open(changes, &name, &bytes)? {
            Unsealed::Message(message, missing) => {
                let event = handle(home, changes, &name, message)?;
                Ok(with_missing(missing, Arrival::Event(event)))
            }
            Unsealed::Duplicate => Ok(Vec::new()),
            Unsealed::Refused(code) => Ok(vec![Arrival::Dropped(code)]),
        })
    });
    match taken.await {
        // It stays with the relay, and what follows it too: the order is kept.
        Err(error) if error.code() == "ConsentPaused" => Err(error),
        Err(error) if !is_own(&error) => pass_over(home, relationship, sealed, error.code()).await,
        taken => taken,
    }
}

/// Counts a message as received, and nothing else.
async fn pass_over<T: Send + 'static>(
    home: &Arc<Home>,
    relationship: &str,
    sealed: Vec<u8>,
    code: &'static str,
) -> Result<Vec<Arrival<T>>> {
    let name = relationship.to_owned();
    let passed = move |home: &Home| {
        home.transaction(|changes| match open(changes, &name, &sealed)? {
            Unsealed::Message(_, missing) => Ok(with_missing(missing, Arrival::Dropped(code))),
            Unsealed::Duplicate | Unsealed::Refused(_) => Ok(Vec::new()),
        })
    };
    home.blocking(passed).await
}

/// Whether it is this store that failed, and not a message or a relay.
pub(crate) fn is_own(error: &Error) -> bool {
    error.category() == Category::Storage || matches!(error.code(), "Corrupt" | "HistoryBroken" | "InUse")
}

enum Unsealed {
    Message(Message, u64),
    Duplicate,
    Refused(&'static str),
}

fn open(changes: &Transaction<'_>, relationship: &str, sealed: &[u8]) -> Result<Unsealed> {
    let mut connection = connection(changes, relationship)?;
    match connection.open(sealed) {
        Ok(Opened::Message { message, missing }) => {
            keep_connection(changes, relationship, &connection)?;
            Ok(Unsealed::Message(message, missing))
        }
        Ok(Opened::Duplicate) => Ok(Unsealed::Duplicate),
        Err(error) => Ok(Unsealed::Refused(error.code())),
    }
}

fn with_missing<T>(missing: u64, arrival: Arrival<T>) -> Vec<Arrival<T>> {
    match missing {
        0 => vec![arrival],
        missing => vec![Arrival::Missing(missing), arrival],
    }
}

/// A closure that signs with a relationship's key.
pub(crate) fn signer(key: &RelationshipKey) -> impl Fn(&[u8]) -> [u8; 64] + '_ {
    |message| key.sign(message)
}

#[cfg(test)]
#[path = "mail_test.rs"]
mod mail_test;
