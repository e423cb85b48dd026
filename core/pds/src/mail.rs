//! Sealed messages in and out of the store: what is to be sent is stored before it leaves, and the relay forgets a
//! message only when what it brought about is stored.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_channel::{Address, Connection, Message, MessageKind, Opened, OwnMailbox};
use kist_crypto::{OsRandom, hpke};
use kist_identity::RelationshipKey;
use kist_vault::Transaction;
use kist_wire::{MailboxId, Token};
use serde::{Deserialize, Serialize};

use crate::home::{Home, to_json};
use crate::relay::{Relay, random};
use crate::{Error, Result};

pub(crate) const CONNECTIONS: &str = "connections";
pub(crate) const OUTBOX: &str = "outbox";

/// A message on its way out.
#[derive(Serialize, Deserialize)]
struct Outgoing {
    relay: String,
    mailbox: MailboxId,
    send_token: Token,
    sealed: String,
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

/// The connection of a relationship.
pub(crate) fn connection(changes: &Transaction<'_>, relationship: &str) -> Result<Connection> {
    let bytes = changes.kept(CONNECTIONS, relationship)?;
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "connection"))?;
    Ok(Connection::from_bytes(&bytes)?)
}

/// Stores a connection.
pub(crate) fn keep_connection(changes: &Transaction<'_>, relationship: &str, connection: &Connection) -> Result<()> {
    Ok(changes.keep(CONNECTIONS, relationship, &connection.to_bytes())?)
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
    let mut connection = connection(changes, relationship)?;
    let peer = connection
        .peer()
        .ok_or_else(|| Error::new("NotFound").with("what", "address"))?
        .clone();
    let draft = connection.draft(kind, body, now, &mut OsRandom)?;
    let signature = sign(&draft.signing_input());
    let sealed = connection.finish(draft, &signature, &mut OsRandom);
    keep_connection(changes, relationship, &connection)?;
    let outgoing = Outgoing {
        relay: peer.relay,
        mailbox: peer.mailbox,
        send_token: peer.send_token,
        sealed: BASE64_STANDARD.encode(sealed),
    };
    let key = format!("{relationship}/{:020}", connection.sent().0);
    Ok(changes.keep(OUTBOX, &key, &to_json(&outgoing)?)?)
}

/// What became of the messages that waited to be sent.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Relationships whose address is gone: the other side took it back.
    pub(crate) refused: Vec<String>,
}

/// Sends everything in the outbox, each relationship's messages in order. A message leaves the outbox when the relay has
/// it, or when the other side no longer takes messages at that address.
pub(crate) async fn flush(home: &Arc<Home>) -> Result<Flushed> {
    let waiting: Vec<(String, Outgoing)> = home.blocking(|home| home.all_kept(OUTBOX)).await?;
    let mut flushed = Flushed::default();
    for (key, outgoing) in waiting {
        let sealed = BASE64_STANDARD
            .decode(&outgoing.sealed)
            .map_err(|_| Error::new("Corrupt").with("part", "outbox"))?;
        let relay = Relay::new(home.mail.clone(), &outgoing.relay)?;
        match relay
            .send_message(&outgoing.mailbox, &outgoing.send_token, sealed)
            .await
        {
            Ok(()) => {}
            Err(error) if error.code() == "NotFound" => {
                flushed
                    .refused
                    .push(key.split('/').next().unwrap_or_default().to_owned());
            }
            Err(error) => return Err(error),
        }
        home.blocking(move |home| home.transaction(|changes| Ok(changes.forget(OUTBOX, &key)?)))
            .await?;
    }
    Ok(flushed)
}

/// What reading a mailbox came to.
pub(crate) enum Arrival<T> {
    /// What the owner made of a message.
    Event(T),
    /// Bytes that are no message of this connection: dropped, with the reason's code.
    Dropped(&'static str),
    /// Messages that a relay lost.
    Missing(u64),
}

/// Reads everything that waits for one relationship. `handle` runs in the transaction that also stores the connection, so
/// that a message is taken in once, or not at all.
pub(crate) async fn receive<T, F>(home: &Arc<Home>, relationship: &str, handle: F) -> Result<Vec<Arrival<T>>>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let handle = Arc::new(handle);
    let name = relationship.to_owned();
    let own = home
        .blocking(move |home| home.transaction(|changes| Ok(connection(changes, &name)?.own().clone())))
        .await?;
    let relay = Relay::new(home.mail.clone(), &own.relay)?;
    let mut arrivals = Vec::new();
    loop {
        let frames = relay.messages(&own.mailbox, &own.receive_token, 0).await?;
        let Some(last) = frames.last().map(|frame| frame.number) else {
            return Ok(arrivals);
        };
        for frame in frames {
            let (handle, name) = (Arc::clone(&handle), relationship.to_owned());
            arrivals.extend(
                home.blocking(move |home| take_in(home, &name, &frame.body, &*handle))
                    .await?,
            );
        }
        relay.acknowledge(&own.mailbox, &own.receive_token, last).await?;
    }
}

fn take_in<T>(
    home: &Home,
    relationship: &str,
    sealed: &[u8],
    handle: &(dyn Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync),
) -> Result<Vec<Arrival<T>>> {
    home.transaction(|changes| {
        let mut connection = connection(changes, relationship)?;
        let mut arrivals = Vec::new();
        match connection.open(sealed) {
            Ok(Opened::Message { message, missing }) => {
                if missing > 0 {
                    arrivals.push(Arrival::Missing(missing));
                }
                keep_connection(changes, relationship, &connection)?;
                arrivals.push(Arrival::Event(handle(home, changes, relationship, message)?));
            }
            Ok(Opened::Duplicate) => {}
            Err(error) => arrivals.push(Arrival::Dropped(error.code())),
        }
        Ok(arrivals)
    })
}

/// A closure that signs with a relationship's key.
pub(crate) fn signer(key: &RelationshipKey) -> impl Fn(&[u8]) -> [u8; 64] + '_ {
    |message| key.sign(message)
}
