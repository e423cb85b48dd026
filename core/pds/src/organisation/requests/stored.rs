//! Requests as they are kept, from when they are made until they are taken back.

use kist_exchange::CLOCK_SKEW;
use kist_vault::Transaction;
use kist_wire::{SlotId, Token};
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, let_go, to_json};
use crate::organisation::agreements::ReceivedField;
use crate::organisation::offer::FieldSpec;
use crate::organisation::relationships::OfferedMailbox;
use crate::{Error, Result};

pub(super) const COLLECTION: &str = "requests";

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostedRequestSummary {
    /// Its name in the store.
    pub id: String,
    /// The link; empty where a supplier makes the request.
    pub uri: String,
    /// The organisation whose request it is, where this one is its supplier.
    pub organisation: Option<String>,
    /// The intended use of the registration that it falls under; empty where the request is another organisation's.
    pub use_id: String,
    /// When it was made, Unix seconds.
    pub created_at: i64,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
    /// Where it stands.
    pub state: HostedRequestState,
    /// The agreement that was made.
    pub agreement: Option<String>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostedRequestState {
    /// It can be answered, or was answered and not collected.
    Open,
    /// The answer was collected.
    Answered,
    /// The person said no.
    Declined,
    /// Its time is over, or too many wrong codes have ended it.
    Expired,
}

/// A request as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) use_id: String,
    pub(super) fields: Vec<FieldSpec>,
    pub(super) uri: String,
    pub(super) created_at: i64,
    pub(super) expires_at: i64,
    /// None where a supplier makes the request.
    pub(super) slot: Option<Slot>,
    pub(super) state: State,
}

/// Where the request lies, and what opens it to its owner.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Slot {
    pub(super) relay: String,
    pub(super) id: SlotId,
    pub(super) owner: Token,
    pub(super) closed: bool,
}

/// How far a request has come.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum State {
    /// It waits for its answer.
    Open {
        /// What opens the answer: base64url of a [`PendingRequest`].
        pending: String,
        /// The mailbox that the offer names.
        mailbox: Option<OfferedMailbox>,
    },
    /// An agreement was made.
    Agreed {
        /// Its name.
        agreement: String,
        /// The number of its receipt among the relationship's messages.
        receipt: u64,
    },
    /// It was a single sharing.
    Shared {
        /// What was given.
        received: Vec<ReceivedField>,
    },
    /// The person said no.
    Declined,
    /// Too many wrong codes were brought: its answer is given out to nobody.
    Mismatched,
    /// It is another organisation's, and so is its answer.
    Carried {
        /// Its name in that organisation's store.
        request: String,
        /// That organisation's legal name.
        organisation: String,
    },
}

impl Stored {
    pub(super) fn keep(&self, changes: &Transaction<'_>, id: &str) -> Result<()> {
        Ok(changes.keep(COLLECTION, id, &to_json(self)?)?)
    }

    pub(super) fn summary(self, id: String, now: i64) -> HostedRequestSummary {
        let mut organisation = None;
        let (state, agreement) = match self.state {
            State::Open { .. } | State::Carried { .. } if now > self.expires_at.saturating_add(CLOCK_SKEW) => {
                (HostedRequestState::Expired, None)
            }
            State::Open { .. } => (HostedRequestState::Open, None),
            State::Agreed { agreement, .. } => (HostedRequestState::Answered, Some(agreement)),
            State::Shared { .. } => (HostedRequestState::Answered, None),
            State::Declined => (HostedRequestState::Declined, None),
            State::Mismatched => (HostedRequestState::Expired, None),
            State::Carried {
                organisation: whose, ..
            } => {
                organisation = Some(whose);
                (HostedRequestState::Open, None)
            }
        };
        HostedRequestSummary {
            id,
            organisation,
            uri: self.uri,
            use_id: self.use_id,
            created_at: self.created_at,
            expires_at: self.expires_at,
            state,
            agreement,
        }
    }
}

/// A request by its name, in a transaction.
pub(super) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Stored> {
    let bytes = changes.kept(COLLECTION, id)?.ok_or_else(missing)?;
    from_json(&bytes)
}

/// A request as it was last stored.
pub(super) fn read(home: &Home, id: &str) -> Result<Stored> {
    home.kept(COLLECTION, id)?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "request")
}

/// Lets go of a request.
pub(super) fn forget(home: &Home, id: &str) -> Result<()> {
    home.transaction(|changes| let_go(changes, COLLECTION, id))
}
