//! One side of a relationship: its keys, its counters, and the two steps of sending.
//!
//! Keys advance with each exchange: a message carries the key to which its sender wants the next one sealed, and as soon
//! as a message arrives under that key the one before is deleted. Two receiving keys are held at most, and a third while
//! messages are missing that may be sealed to it.

use std::collections::BTreeSet;
use std::fmt;

use kist_crypto::{CryptoRng, Jwk, Secret, base64url, es256, from_base64url, hpke};
use kist_wire::{MailboxId, Token};
use serde::{Deserialize, Serialize};

use crate::message::{self, Content};
use crate::{Address, Error, Message, MessageKind, OwnMailbox, Result};

/// One side of a relationship. Stored as bytes among the secrets of its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    own: OwnMailbox,
    peer: Option<Address>,
    peer_key: es256::PublicKey,
    /// The key that the other side is known to use, or was first given.
    current: hpke::PrivateKey,
    /// The key that it was told to use next and hasn't used yet.
    next: Option<hpke::PrivateKey>,
    /// The key before the current one, while messages are missing.
    previous: Option<hpke::PrivateKey>,
    sent: u64,
    received: u64,
    /// Numbers below `received` that never came.
    missing: BTreeSet<u64>,
    peer_received: u64,
    /// What came under the current key, other than keys.
    taken: Taken,
}

/// What came under one receiving key: how much, and since when by the other side's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    messages: u32,
    since: i64,
}

/// So many missing numbers are remembered; of more, the oldest count as lost.
const MAX_MISSING: usize = 256;
/// A receiving key is renewed without an occasion after so many messages, or so many seconds after the first.
const RENEW_AFTER_MESSAGES: u32 = 64;
const RENEW_AFTER_SECONDS: i64 = 24 * 60 * 60;

/// A message that waits for its author's signature. Nothing has changed yet: a draft that is dropped never was.
#[derive(Debug)]
pub struct Draft {
    content: Content,
    encoded: Vec<u8>,
    next: hpke::PrivateKey,
    recipient: hpke::PublicKey,
    mailbox: MailboxId,
}

/// What the bytes in a mailbox turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    /// The next message, or a later one: `missing` were numbered before it and never came.
    Message {
        /// The message.
        message: Message,
        /// How many numbers were skipped; more than none means that a relay dropped messages, or keeps them back.
        missing: u64,
    },
    /// A message that others come before, which may be on their way: nothing has changed.
    Early {
        /// How many come before it.
        missing: u64,
    },
    /// A message that was received before. It is to be dropped.
    Duplicate,
}

impl Connection {
    /// A connection that reads `own` and talks to whoever signs with `peer_key`; `receiving` is the key whose public
    /// half the other side is given.
    pub fn new(own: OwnMailbox, peer_key: es256::PublicKey, receiving: hpke::PrivateKey) -> Self {
        Connection {
            own,
            peer: None,
            peer_key,
            current: receiving,
            next: None,
            previous: None,
            sent: 0,
            received: 0,
            missing: BTreeSet::new(),
            peer_received: 0,
            taken: Taken::default(),
        }
    }

    /// Sets or replaces where the other side is reached.
    ///
    /// Errors: `Malformed` when the address cannot be used; the old one stays.
    pub fn set_peer(&mut self, address: Address) -> Result<()> {
        address.key()?;
        address.origin()?;
        self.peer = Some(address);
        Ok(())
    }

    /// Where the other side is reached, once it has said so.
    pub fn peer(&self) -> Option<&Address> {
        self.peer.as_ref()
    }

    /// Replaces what allows sending to the other side, after it has taken the old token back.
    pub fn set_peer_send_token(&mut self, token: Token) -> Result<()> {
        self.peer.as_mut().ok_or(Error::NoAddress)?.send_token = token;
        Ok(())
    }

    /// The mailbox that this side reads.
    pub fn own(&self) -> &OwnMailbox {
        &self.own
    }

    /// The address to give to the other side, with the token that its mailbox was made with.
    pub fn own_address(&self, send_token: Token) -> Address {
        self.own.address(send_token, &self.current.public())
    }

    /// The key that signs what the other side sends.
    pub fn peer_key(&self) -> &es256::PublicKey {
        &self.peer_key
    }

    /// The number of the last message sent, and the number up to which the other side has said that it received.
    pub fn sent(&self) -> (u64, u64) {
        (self.sent, self.peer_received)
    }

    /// The number of the last message received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Begins a message: gives what the author signs.
    ///
    /// Errors: `NoAddress`, `TooLarge`.
    pub fn draft<R: CryptoRng + ?Sized>(
        &self,
        kind: MessageKind,
        body: Vec<u8>,
        now: i64,
        rng: &mut R,
    ) -> Result<Draft> {
        let peer = self.peer.as_ref().ok_or(Error::NoAddress)?;
        let next = self.next.clone().unwrap_or_else(|| hpke::PrivateKey::generate(rng));
        let message = Message {
            number: self.sent + 1,
            kind,
            sent_at: now,
            body,
        };
        let content = Content {
            message,
            received: self.received,
            next_key: next.public().to_bytes(),
        };
        let encoded = content.encode()?;
        Ok(Draft {
            content,
            encoded,
            next,
            recipient: peer.key()?,
            mailbox: peer.mailbox,
        })
    }

    /// Completes a message: gives the bytes for the other side's mailbox. Store the connection before sending them;
    /// sending the same bytes again after a doubt is safe.
    pub fn finish<R: CryptoRng + ?Sized>(&mut self, draft: Draft, signature: &[u8; 64], rng: &mut R) -> Vec<u8> {
        let framed = message::frame(&draft.encoded, signature);
        self.sent = draft.content.message.number;
        self.next = Some(draft.next);
        hpke::seal(&draft.recipient, &message::info(&draft.mailbox), b"", &framed, rng)
    }

    /// Whether the own receiving key has served long enough to be renewed at `now` (Unix seconds), though there is nothing to
    /// say: a message of the kind [`MessageKind::Key`] does it. A side that only listens would keep one key for ever.
    pub fn wants_new_key(&self, now: i64) -> bool {
        let Taken { messages, since } = self.taken;
        let is_old = messages >= RENEW_AFTER_MESSAGES || now.saturating_sub(since) >= RENEW_AFTER_SECONDS;
        self.peer.is_some() && self.next.is_none() && messages > 0 && is_old
    }

    /// Opens bytes from the own mailbox, whatever is missing before them. What is missing is taken when it still comes, as
    /// long as its key is there. The connection changes only when this gives a message.
    ///
    /// Errors: `AuthenticationFailed`, `UnknownAuthor`, `UnsupportedVersion`.
    pub fn open(&mut self, sealed: &[u8]) -> Result<Opened> {
        self.open_after(sealed, u64::MAX)
    }

    /// As [`Connection::open`]; where messages before this one haven't come it is [`Opened::Early`].
    pub fn open_in_order(&mut self, sealed: &[u8]) -> Result<Opened> {
        self.open_after(sealed, 0)
    }

    fn open_after(&mut self, sealed: &[u8], most_missing: u64) -> Result<Opened> {
        let (content, key) = self.unseal(sealed)?;
        let number = content.message.number;
        let missing = match number.checked_sub(self.received) {
            None | Some(0) => return Ok(self.take_late(content)),
            Some(after) => after - 1,
        };
        if key == Key::Previous {
            return Err(Error::AuthenticationFailed);
        }
        if missing > most_missing {
            return Ok(Opened::Early { missing });
        }
        let next_key = hpke::PublicKey::from_bytes(&content.next_key).map_err(|_| Error::AuthenticationFailed)?;
        let from = number - missing.min(MAX_MISSING as u64);
        self.missing.extend(from..number);
        while self.missing.len() > MAX_MISSING {
            self.missing.pop_first();
        }
        self.received = number;
        self.peer_received = content.received.min(self.sent).max(self.peer_received);
        if let Some(peer) = &mut self.peer {
            peer.receiving_key = base64url(next_key.to_bytes());
        }
        if key == Key::Next
            && let Some(next) = self.next.take()
        {
            let before = std::mem::replace(&mut self.current, next);
            self.previous = (!self.missing.is_empty()).then_some(before);
            self.taken = Taken::default();
        }
        if content.message.kind != MessageKind::Key {
            if self.taken.messages == 0 {
                self.taken.since = content.message.sent_at;
            }
            self.taken.messages = self.taken.messages.saturating_add(1);
        }
        Ok(Opened::Message {
            message: content.message,
            missing,
        })
    }

    /// A message with a number that was passed: one that was missing, or a duplicate. What it says of keys and numbers is
    /// older than what is known.
    fn take_late(&mut self, content: Content) -> Opened {
        if !self.missing.remove(&content.message.number) {
            return Opened::Duplicate;
        }
        if self.missing.is_empty() {
            self.previous = None;
        }
        Opened::Message {
            message: content.message,
            missing: 0,
        }
    }

    fn unseal(&self, sealed: &[u8]) -> Result<(Content, Key)> {
        let next = self.next.as_ref().map(|key| (key, Key::Next));
        let previous = self.previous.as_ref().map(|key| (key, Key::Previous));
        for (key, which) in [Some((&self.current, Key::Current)), next, previous]
            .into_iter()
            .flatten()
        {
            if let Ok(framed) = hpke::open(key, &message::info(&self.own.mailbox), b"", sealed) {
                let content = message::unframe(framed.expose(), &self.peer_key, &key.public(), &self.own.mailbox)?;
                return Ok((content, which));
            }
        }
        Err(Error::AuthenticationFailed)
    }

    /// The connection with its secrets, for its owner's store.
    pub fn to_bytes(&self) -> Vec<u8> {
        let secret = |key: &hpke::PrivateKey| base64url(key.secret().expose());
        let stored = Stored {
            version: STORED_VERSION,
            own: self.own.clone(),
            peer: self.peer.clone(),
            peer_key: self.peer_key.jwk(),
            current: secret(&self.current),
            next: self.next.as_ref().map(secret),
            previous: self.previous.as_ref().map(secret),
            sent: self.sent,
            received: self.received,
            missing: self.missing.clone(),
            peer_received: self.peer_received,
            taken: self.taken,
        };
        #[allow(clippy::expect_used)]
        serde_json::to_vec(&stored).expect("strings and numbers serialise")
    }

    /// Reads what [`Connection::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "Connection" };
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| MALFORMED)?;
        if stored.version != STORED_VERSION {
            return Err(Error::UnsupportedVersion { found: stored.version });
        }
        let key = |text: &str| {
            let bytes = from_base64url(text).ok()?;
            hpke::PrivateKey::from_secret(Secret::from_slice(&bytes)?).ok()
        };
        let optional = |text: Option<String>| text.map(|text| key(&text).ok_or(MALFORMED)).transpose();
        Ok(Connection {
            own: stored.own,
            peer: stored.peer,
            peer_key: es256::PublicKey::from_jwk(&stored.peer_key).map_err(|_| MALFORMED)?,
            current: key(&stored.current).ok_or(MALFORMED)?,
            next: optional(stored.next)?,
            previous: optional(stored.previous)?,
            sent: stored.sent,
            received: stored.received,
            missing: stored.missing,
            peer_received: stored.peer_received,
            taken: stored.taken,
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Connection {{ sent: {}, received: {}, … }}",
            self.sent, self.received
        )
    }
}

impl Draft {
    /// The bytes that the author's key signs (ES256).
    pub fn signing_input(&self) -> Vec<u8> {
        message::signing_input(&self.encoded, &self.recipient, &self.mailbox)
    }
}

const STORED_VERSION: u8 = 1;

/// Which receiving key opened a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Current,
    Next,
    Previous,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u8,
    own: OwnMailbox,
    peer: Option<Address>,
    peer_key: Jwk,
    current: String,
    next: Option<String>,
    #[serde(default)]
    previous: Option<String>,
    sent: u64,
    received: u64,
    #[serde(default)]
    missing: BTreeSet<u64>,
    peer_received: u64,
    #[serde(default)]
    taken: Taken,
}
