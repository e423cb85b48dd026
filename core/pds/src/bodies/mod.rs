//! What messages carry: JSON, the same for both sides. A receipt and an acknowledgement are the compact JWS itself.

pub(crate) mod standing_access;

use kist_channel::Address;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The longest words, in bytes.
const MAX_NOTE: usize = 16 * 1024;

/// Data that an organisation delivers.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeliveryBody {
    /// The agreement's name.
    pub(crate) agreement: String,
    /// Credentials, compact.
    pub(crate) credentials: Vec<String>,
}

/// Words to read.
#[derive(Serialize, Deserialize)]
pub(crate) struct NoteBody {
    pub(crate) text: String,
}

impl NoteBody {
    /// That the words are no longer than what is kept; asked by both sides.
    pub(crate) fn check(self) -> Result<Self> {
        match self.text.len() <= MAX_NOTE {
            true => Ok(self),
            false => Err(Error::new("TooLarge").with("what", "note").with("limit", MAX_NOTE)),
        }
    }
}

/// A person's withdrawal.
#[derive(Serialize, Deserialize)]
pub(crate) struct WithdrawalBody {
    /// The signed withdrawal, a compact JWS.
    pub(crate) withdrawal: String,
    /// What allows sending from now on, in place of what was taken back: for the acknowledgement, and for what
    /// waits apart.
    pub(crate) send_token: Token,
}

/// A person's request of a right.
#[derive(Serialize, Deserialize)]
pub(crate) struct RightsBody {
    /// The signed request, a compact JWS.
    pub(crate) request: String,
    /// The credentials that it names, compact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) credentials: Vec<String>,
}

/// An organisation's answer to it.
#[derive(Serialize, Deserialize)]
pub(crate) struct RightsAnswerBody {
    /// The signed answer, a compact JWS.
    pub(crate) answer: String,
    /// The credentials that it names, compact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) credentials: Vec<String>,
}

/// An organisation's answer to a hello.
#[derive(Serialize, Deserialize)]
pub(crate) struct RequestBody {
    /// The link to its request.
    pub(crate) link: String,
    /// The intended use that it was asked for.
    #[serde(rename = "use")]
    pub(crate) intended_use: String,
    /// Where the organisation is reached, in a relationship that begins with this message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address>,
}
