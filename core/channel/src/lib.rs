//! Communications layer: connections and sealed, signed, numbered messages through mailboxes.
//!
//! A [`Connection`] is one side of one relationship: whom it talks to, with which keys, and how far it has got. It turns
//! a [`Message`] into sealed bytes for the other's mailbox and back. It does no I/O: the owner stores the connection's
//! new state in one transaction with whatever the message brought about, and only then lets the mailbox forget it.
//! Formats: `docs/formats/messages.md`.

mod address;
mod connection;
mod error;
mod message;

pub use address::{Address, OwnMailbox};
pub use connection::{Connection, Draft, Opened};
pub use error::{Error, Result};
pub use message::{MAX_BODY, Message, MessageKind};
