//! The handshake, the organisation's side: a request in a slot of a relay, and the one answer to it.
//!
//! What opens the answer is stored before the request can be seen, and the answer is stored with everything that it means
//! before the slot is closed: whatever interrupts, nothing is lost and nothing happens twice.

use std::sync::Arc;

use kist_crypto::OsRandom;
use kist_exchange::{CLOCK_SKEW, MAX_REQUEST, PendingRequest, RequestDraft, RequestLink, query};
use kist_identity::dcql::Query;
use kist_vault::Transaction;
use kist_wire::{Origin, SlotId, Token, limits, path};
use serde::{Deserialize, Serialize};

use super::answers::{self, ReceivedAnswer, ReceivedField};
use super::membership::Membership;
use super::offer::{FieldSpec, RequestSpec, offer};
use super::outgoing::Sender;
use super::relationships::OfferedMailbox;
use super::{COLLECTION as SETTINGS, OrganisationProfile, RELAY, profile, sign};
use crate::home::{Home, from_json, let_go, to_json};
use crate::mail::{FreshMailbox, fresh_mailbox};
use crate::relay::{Relay, random};
use crate::{Error, Result, Retry};

const COLLECTION: &str = "requests";

/// A request that people can answer now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostedRequest {
    /// Its name in the store.
    pub id: String,
    /// The link to show as a QR, or to open on the same device: `openid4vp://…`.
    pub uri: String,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostedRequestSummary {
    /// Its name in the store.
    pub id: String,
    /// The link.
    pub uri: String,
    /// The intended use of the registration that it falls under.
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
    /// Its time is over.
    Expired,
}

/// A request as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    use_id: String,
    pub(super) fields: Vec<FieldSpec>,
    uri: String,
    created_at: i64,
    expires_at: i64,
    slot: Slot,
    pub(super) state: State,
}

/// Where the request lies, and what opens it to its owner.
#[derive(Clone, Serialize, Deserialize)]
struct Slot {
    relay: String,
    id: SlotId,
    owner: Token,
    closed: bool,
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
}

impl Stored {
    pub(super) fn keep(&self, changes: &Transaction<'_>, id: &str) -> Result<()> {
        Ok(changes.keep(COLLECTION, id, &to_json(self)?)?)
    }

    fn summary(self, id: String, now: i64) -> HostedRequestSummary {
        let (state, agreement) = match self.state {
            State::Open { .. } if now > self.expires_at.saturating_add(CLOCK_SKEW) => {
                (HostedRequestState::Expired, None)
            }
            State::Open { .. } => (HostedRequestState::Open, None),
            State::Agreed { agreement, .. } => (HostedRequestState::Answered, Some(agreement)),
            State::Shared { .. } => (HostedRequestState::Answered, None),
            State::Declined => (HostedRequestState::Declined, None),
        };
        HostedRequestSummary {
            id,
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

/// The requests of a store.
#[derive(Clone)]
pub struct OrgRequests {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

impl OrgRequests {
    /// Makes a request, signs it, and lays it into a slot of the relay.
    ///
    /// Errors: `NoRelay`; `NotFound` for no admission or an intended use that is not registered; `Malformed` and
    /// `TooLarge` with the part that can't stand in a request; `OrganisationNotTrusted` for an admission that has run out;
    /// `Unreachable`, `RelayBusy`, `RelayRefused`.
    pub async fn create(&self, spec: RequestSpec) -> Result<HostedRequest> {
        let plan = self.home.blocking(move |home| Plan::of(home, spec)).await?;
        let relay = Relay::new(self.home.mail.clone(), &plan.relay)?;
        let mailbox = match plan.spec.plain {
            true => None,
            false => Some(fresh_mailbox(&relay).await?),
        };
        let origin = relay.origin().clone();
        let made = self
            .home
            .blocking(move |home| plan.make(home, &origin, mailbox))
            .await?;
        let Made { hosted, jwt, slot } = made;
        let opened = relay.open_slot(&slot.id, &jwt, &slot.owner, slot_end(hosted.expires_at, slot.made_at));
        if let Err(error) = opened.await {
            // Nobody has seen the link.
            let id = hosted.id;
            self.home.blocking(move |home| forget(home, &id)).await?;
            return Err(error);
        }
        Ok(hosted)
    }

    /// Waits at most `wait_seconds` for the answer, verifies it, and stores agreement, relationship and fields with the
    /// receipt on its way to the person. None while there is no answer. A request that was collected before gives the same
    /// again, and what was left undone is done.
    ///
    /// Errors: `Declined`, `RequestExpired`; `NotFound`; what [`PendingRequest::open_answer`] finds wrong with an answer:
    /// its slot takes no other, so close it and ask again; `Unreachable`, `RelayBusy`.
    pub async fn collect(&self, id: &str, wait_seconds: u64) -> Result<Option<ReceivedAnswer>> {
        let name = id.to_owned();
        let stored = self.home.blocking(move |home| read(home, &name)).await?;
        if let State::Open { .. } = stored.state {
            let Some(body) = self.wait(&stored.slot, wait_seconds).await? else {
                return Ok(None);
            };
            let name = id.to_owned();
            self.home
                .blocking(move |home| answers::take(home, &name, &body))
                .await?;
        }
        self.sender.send().await?;
        self.close_slot(id).await?;
        let name = id.to_owned();
        self.home.blocking(move |home| answers::stored(home, &name)).await
    }

    /// Every request, the newest first.
    pub async fn list(&self) -> Result<Vec<HostedRequestSummary>> {
        self.home
            .blocking(|home| {
                let now = home.platform.now();
                let all = home.all_kept::<Stored>(COLLECTION)?;
                let mut all: Vec<_> = all.into_iter().map(|(id, stored)| stored.summary(id, now)).collect();
                all.sort_by(|one, other| other.created_at.cmp(&one.created_at).then(one.id.cmp(&other.id)));
                Ok(all)
            })
            .await
    }

    /// Takes a request back, with an answer that was not collected. An agreement that was made stays.
    pub async fn close(&self, id: &str) -> Result<()> {
        self.close_slot(id).await?;
        let id = id.to_owned();
        self.home.blocking(move |home| forget(home, &id)).await
    }

    async fn wait(&self, slot: &Slot, wait_seconds: u64) -> Result<Option<String>> {
        let relay = Relay::new(self.home.mail.clone(), &slot.relay)?;
        let mut left = wait_seconds;
        loop {
            let turn = left.min(limits::WAIT_SECONDS);
            let answer = relay.slot_answer(&slot.id, &slot.owner, turn).await?;
            left -= turn;
            if answer.is_some() || left == 0 {
                return Ok(answer);
            }
        }
    }

    /// Closes the slot; where the relay can't be reached, it goes by its expiry.
    async fn close_slot(&self, id: &str) -> Result<()> {
        let name = id.to_owned();
        let slot = self.home.blocking(move |home| Ok(read(home, &name)?.slot)).await?;
        if slot.closed {
            return Ok(());
        }
        let relay = Relay::new(self.home.mail.clone(), &slot.relay)?;
        match relay.close_slot(&slot.id, &slot.owner).await {
            Err(error) if error.retry() == Retry::Later => return Ok(()),
            Err(error) if error.code() != "NotFound" => return Err(error),
            _ => {}
        }
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let mut stored = by_id(changes, &id)?;
                    stored.slot.closed = true;
                    stored.keep(changes, &id)
                })
            })
            .await
    }
}

fn forget(home: &Home, id: &str) -> Result<()> {
    home.transaction(|changes| let_go(changes, COLLECTION, id))
}

/// When a slot ends: late enough to collect what was answered in the last second, within what a relay accepts.
fn slot_end(expires_at: i64, made_at: i64) -> i64 {
    let latest = made_at.saturating_add_unsigned(limits::SLOT_SECONDS);
    expires_at.saturating_add(CLOCK_SKEW).min(latest)
}

/// A request that can be made: everything that could be wrong with it is looked at before the relay hears of it.
struct Plan {
    spec: RequestSpec,
    relay: String,
    profile: OrganisationProfile,
    membership: Membership,
    query: Query,
}

/// A request that is stored and lies in no slot yet.
struct Made {
    hosted: HostedRequest,
    jwt: String,
    slot: NewSlot,
}

struct NewSlot {
    id: SlotId,
    owner: Token,
    made_at: i64,
}

impl Plan {
    fn of(home: &Home, spec: RequestSpec) -> Result<Plan> {
        let relay: Option<String> = home.kept(SETTINGS, RELAY)?;
        let membership = Membership::of(home)?;
        membership.intended_use(&spec.use_id)?;
        spec.lifetime()?;
        Ok(Plan {
            relay: relay.ok_or_else(|| Error::new("NoRelay"))?,
            profile: profile(home)?,
            membership,
            query: query(&spec.asks()?, !spec.plain)?,
            spec,
        })
    }

    /// Signs the request and stores what opens its answer.
    fn make(self, home: &Home, relay: &Origin, mailbox: Option<FreshMailbox>) -> Result<Made> {
        let now = home.platform.now();
        let expires_at = now.saturating_add(self.spec.lifetime()?);
        let slot = NewSlot {
            id: random(&mut OsRandom),
            owner: random(&mut OsRandom),
            made_at: now,
        };
        let (jwt, pending) = self.sign(home, &relay.url(&path::slot_response(&slot.id)), &mailbox, now)?;
        let request_uri = relay.url(&path::slot_request(&slot.id));
        let link = RequestLink::new(pending.client_id(), &request_uri, home.platform.transport)?;
        let hosted = HostedRequest {
            id: slot.id.to_string(),
            uri: link.to_uri(),
            expires_at,
        };
        let stored = Stored {
            use_id: self.spec.use_id,
            fields: self.spec.fields,
            uri: hosted.uri.clone(),
            created_at: now,
            expires_at,
            slot: Slot {
                relay: relay.to_string(),
                id: slot.id,
                owner: slot.owner.clone(),
                closed: false,
            },
            state: State::Open {
                pending: kist_crypto::base64url(pending.to_bytes().expose()),
                mailbox: mailbox.map(OfferedMailbox::from),
            },
        };
        home.transaction(|changes| stored.keep(changes, &hosted.id))?;
        Ok(Made { hosted, jwt, slot })
    }

    fn sign(
        &self,
        home: &Home,
        response_uri: &str,
        mailbox: &Option<FreshMailbox>,
        now: i64,
    ) -> Result<(String, PendingRequest)> {
        let offered = match mailbox {
            Some(mailbox) => {
                let offer = offer(&self.spec, &self.profile, &self.membership, mailbox.address(), now)?;
                Some(sign(&offer, &self.membership.key)?)
            }
            None => None,
        };
        let draft = RequestDraft {
            certificates: &self.membership.chain,
            registration: &self.membership.statement,
            query: &self.query,
            offer: offered.as_ref(),
            response_uri,
            issued_at: now,
            expires_at: now.saturating_add(self.spec.lifetime()?),
            policy: home.platform.transport,
        };
        let (jwt, pending) = draft.prepare(&mut OsRandom)?.sign(&self.membership.key);
        let limit = MAX_REQUEST.min(limits::SLOT_REQUEST_BYTES as usize);
        match jwt.len() <= limit {
            true => Ok((jwt, pending)),
            false => Err(Error::new("TooLarge").with("what", "request").with("limit", limit)),
        }
    }
}
