//! Where messages go: the address that one side gives the other, and the mailbox behind it.

use kist_crypto::{base64url, from_base64url, hpke};
use kist_wire::{MailboxId, Origin, Token};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What one side gives the other so that it can be written to. Made for one relationship, and secret: whoever has it
/// can put bytes into the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The relay's origin, such as `https://relay.example`.
    pub relay: String,
    /// The mailbox on it.
    pub mailbox: MailboxId,
    /// What allows sending to it.
    pub send_token: Token,
    /// The HPKE key that the first message is sealed to: base64url of 65 bytes.
    pub receiving_key: String,
}

impl Address {
    /// Where the relay is reached.
    ///
    /// Errors: `Malformed` when it is no origin.
    pub fn origin(&self) -> Result<Origin> {
        Origin::of_url(&self.relay).map_err(|_| Error::Malformed { what: "Address" })
    }

    pub(crate) fn key(&self) -> Result<hpke::PublicKey> {
        from_base64url(&self.receiving_key)
            .and_then(|bytes| hpke::PublicKey::from_bytes(&bytes))
            .map_err(|_| Error::Malformed { what: "Address" })
    }
}

/// The mailbox that this side reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnMailbox {
    /// The relay's origin.
    pub relay: String,
    /// The mailbox on it.
    pub mailbox: MailboxId,
    /// What allows reading it and changing its send token.
    pub receive_token: Token,
}

impl OwnMailbox {
    pub(crate) fn address(&self, send_token: Token, key: &hpke::PublicKey) -> Address {
        let receiving_key = base64url(key.to_bytes());
        Address {
            relay: self.relay.clone(),
            mailbox: self.mailbox,
            send_token,
            receiving_key,
        }
    }
}
