//! A message, and its bytes before sealing: signed, then padded so that its size tells little.

use kist_crypto::{Context, es256, hpke, sha256};
use kist_wire::MailboxId;
use kist_wire::limits::MESSAGE_BYTES;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

const VERSION: u8 = 1;
/// The smallest sealed message; each further size is twice the one before.
const SMALLEST: usize = 1024;
/// The largest sealed message.
const LARGEST: usize = MESSAGE_BYTES as usize;
/// version ‖ signature ‖ length of content.
const FRAME: usize = 1 + 64 + 4;
/// number ‖ sent at ‖ received ‖ next key ‖ length of kind.
const FIXED: usize = 8 + 8 + 8 + 65 + 1;
const MAX_KIND: usize = 64;

/// Bytes of a body, at most.
pub const MAX_BODY: usize = LARGEST - hpke::OVERHEAD - FRAME - FIXED - MAX_KIND;

/// What a message is. Kinds that this build does not know are kept by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MessageKind {
    /// An organisation's countersigned receipt for an agreement.
    Receipt,
    /// Data that an organisation delivers: credentials.
    Delivery,
    /// A person's withdrawal of an agreement.
    Withdrawal,
    /// An organisation's signed acknowledgement of a withdrawal.
    Acknowledgement,
    /// Words to read.
    Note,
    /// A person's request of a right over their data.
    Rights,
    /// An organisation's answer to one.
    RightsAnswer,
    /// A person's word that a chosen field has changed, under standing access.
    Update,
    /// An organisation's wish to read chosen fields now.
    Read,
    /// A person's answer to a wish to read.
    Answer,
    /// A step of a transfer of a file, in either direction.
    File,
    /// Nothing but the next receiving key, and how far the sender has received.
    Key,
    /// An organisation's link to a request, where the person opened the connection.
    Request,
    /// A person's amendment of an agreement.
    Amendment,
    /// An organisation's signed acknowledgement of an amendment.
    Amended,
    /// A kind of a later version.
    Other(String),
}

impl MessageKind {
    /// The kind's name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            MessageKind::Receipt => "receipt",
            MessageKind::Delivery => "delivery",
            MessageKind::Withdrawal => "withdrawal",
            MessageKind::Acknowledgement => "acknowledgement",
            MessageKind::Note => "note",
            MessageKind::Rights => "rights",
            MessageKind::RightsAnswer => "rights-answer",
            MessageKind::Update => "update",
            MessageKind::Read => "read",
            MessageKind::Answer => "answer",
            MessageKind::File => "file",
            MessageKind::Key => "key",
            MessageKind::Request => "request",
            MessageKind::Amendment => "amendment",
            MessageKind::Amended => "amended",
            MessageKind::Other(name) => name,
        }
    }
}

impl From<String> for MessageKind {
    fn from(name: String) -> Self {
        match name.as_str() {
            "receipt" => MessageKind::Receipt,
            "delivery" => MessageKind::Delivery,
            "withdrawal" => MessageKind::Withdrawal,
            "acknowledgement" => MessageKind::Acknowledgement,
            "note" => MessageKind::Note,
            "rights" => MessageKind::Rights,
            "rights-answer" => MessageKind::RightsAnswer,
            "update" => MessageKind::Update,
            "read" => MessageKind::Read,
            "answer" => MessageKind::Answer,
            "file" => MessageKind::File,
            "key" => MessageKind::Key,
            "request" => MessageKind::Request,
            "amendment" => MessageKind::Amendment,
            "amended" => MessageKind::Amended,
            _ => MessageKind::Other(name),
        }
    }
}

impl From<MessageKind> for String {
    fn from(kind: MessageKind) -> Self {
        kind.as_str().to_owned()
    }
}

/// A message between the two sides of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Counts from 1 in each direction.
    pub number: u64,
    /// What it is.
    pub kind: MessageKind,
    /// When its sender wrote it: Unix seconds UTC, by the sender's clock.
    pub sent_at: i64,
    /// What it carries; the kind says how to read it.
    pub body: Vec<u8>,
}

/// A message with what the connection itself needs.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) message: Message,
    /// The highest number that the sender has received.
    pub(crate) received: u64,
    /// The key to which the sender wants the next message sealed.
    pub(crate) next_key: [u8; 65],
}

impl Content {
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let kind = self.message.kind.as_str().as_bytes();
        if kind.len() > MAX_KIND || self.message.body.len() > MAX_BODY {
            return Err(Error::TooLarge { limit: MAX_BODY });
        }
        let mut bytes = Vec::with_capacity(FIXED + kind.len() + self.message.body.len());
        bytes.extend_from_slice(&self.message.number.to_be_bytes());
        bytes.extend_from_slice(&self.message.sent_at.to_be_bytes());
        bytes.extend_from_slice(&self.received.to_be_bytes());
        bytes.extend_from_slice(&self.next_key);
        bytes.push(kind.len() as u8);
        bytes.extend_from_slice(kind);
        bytes.extend_from_slice(&self.message.body);
        Ok(bytes)
    }

    fn decode(bytes: &[u8]) -> Option<Content> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (sent_at, rest) = rest.split_first_chunk()?;
        let (received, rest) = rest.split_first_chunk()?;
        let (next_key, rest) = rest.split_first_chunk()?;
        let (&length, rest) = rest.split_first()?;
        let (kind, body) = rest.split_at_checked(usize::from(length))?;
        let kind = String::from_utf8(kind.to_vec()).ok()?.into();
        let message = Message {
            number: u64::from_be_bytes(*number),
            kind,
            sent_at: i64::from_be_bytes(*sent_at),
            body: body.to_vec(),
        };
        Some(Content {
            message,
            received: u64::from_be_bytes(*received),
            next_key: *next_key,
        })
    }
}

/// What the sender signs: the content, and whom it is for.
pub(crate) fn signing_input(content: &[u8], recipient: &hpke::PublicKey, mailbox: &MailboxId) -> Vec<u8> {
    let fields: [&[u8]; 3] = [&recipient.to_bytes(), mailbox.as_bytes(), &sha256(&[content])];
    Context {
        label: "kist/2026-11/message-signature",
        version: VERSION,
        fields: &fields,
    }
    .encode()
}

/// HPKE's `info`: the purpose, and the mailbox.
pub(crate) fn info(mailbox: &MailboxId) -> Vec<u8> {
    Context {
        label: "kist/2026-11/message",
        version: VERSION,
        fields: &[mailbox.as_bytes()],
    }
    .encode()
}

/// version ‖ signature ‖ length ‖ content ‖ zeros, so that the sealed message fills its bucket.
pub(crate) fn frame(content: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let length = FRAME + content.len() + hpke::OVERHEAD;
    let bucket = length.next_power_of_two().max(SMALLEST);
    let mut bytes = Vec::with_capacity(bucket - hpke::OVERHEAD);
    bytes.push(VERSION);
    bytes.extend_from_slice(signature);
    bytes.extend_from_slice(&(content.len() as u32).to_be_bytes());
    bytes.extend_from_slice(content);
    bytes.resize(bucket - hpke::OVERHEAD, 0);
    bytes
}

/// Takes a frame apart and verifies its signature by `author`.
pub(crate) fn unframe(
    bytes: &[u8],
    author: &es256::PublicKey,
    recipient: &hpke::PublicKey,
    mailbox: &MailboxId,
) -> Result<Content> {
    let (&version, rest) = bytes.split_first().ok_or(Error::AuthenticationFailed)?;
    if version != VERSION {
        return Err(Error::UnsupportedVersion { found: version });
    }
    let parts = || {
        let (signature, rest) = rest.split_first_chunk::<64>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (content, _padding) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some((signature, content))
    };
    let (signature, content) = parts().ok_or(Error::AuthenticationFailed)?;
    author
        .verify(&signing_input(content, recipient, mailbox), signature)
        .map_err(|_| Error::UnknownAuthor)?;
    Content::decode(content).ok_or(Error::AuthenticationFailed)
}
