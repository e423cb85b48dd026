//! The handshake, the organisation's side: a request in a slot of a relay, and the one answer to it.
//!
//! What opens the answer is stored before the request can be seen, and the answer is stored with everything that it means
//! before the slot is closed: whatever interrupts, nothing is lost and nothing happens twice.

use std::sync::Arc;

use kist_consent::{Offer, Party, Signed};
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

    fn summary(self, id: String, now: i64) -> HostedRequestSummary {
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
        self.create_in(spec, None).await
    }

    /// As [`OrgRequests::create`], with the mailbox of a relationship that there is already.
    pub(super) async fn create_in(&self, spec: RequestSpec, mailbox: Option<FreshMailbox>) -> Result<HostedRequest> {
        let plan = self.home.blocking(move |home| Plan::of(home, spec)).await?;
        let relay = Relay::new(self.home.mail.clone(), &plan.relay)?;
        let mailbox = match (plan.spec.plain, mailbox) {
            (true, _) => None,
            (false, Some(mailbox)) => Some(mailbox),
            (false, None) => Some(fresh_mailbox(&relay).await?),
        };
        let origin = relay.origin().clone();
        let made = self
            .home
            .blocking(move |home| plan.make(home, &origin, mailbox))
            .await?;
        let Made { hosted, jwt, slot } = made;
        self.lay_into(&relay, hosted, &jwt, &slot).await
    }

    /// Lays a request that is stored into its slot.
    pub(super) async fn lay_into(
        &self,
        relay: &Relay,
        hosted: HostedRequest,
        jwt: &str,
        slot: &NewSlot,
    ) -> Result<HostedRequest> {
        let opened = relay.open_slot(&slot.id, jwt, &slot.owner, slot_end(hosted.expires_at, slot.made_at));
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
    /// Errors: `Declined`, `RequestExpired`; `SessionCodeMissing` for a request of a session, once the answer is there;
    /// `NotFound`; what [`PendingRequest::open_answer`] finds wrong with an answer:
    /// its slot takes no other, so close it and ask again; `Unreachable`, `RelayBusy`.
    pub async fn collect(&self, id: &str, wait_seconds: u64) -> Result<Option<ReceivedAnswer>> {
        self.collect_with(id, wait_seconds, None).await
    }

    /// As [`OrgRequests::collect`], for a request of a session: `code` is what was typed into the session that began the
    /// request, or what its browser came back with (`response_code`). Call it with the request of that session alone, and
    /// give the answer to that session alone.
    ///
    /// Errors: `SessionMismatch` with the tries that are left; after the fifth wrong code the request is over.
    pub async fn collect_in_session(&self, id: &str, wait_seconds: u64, code: &str) -> Result<Option<ReceivedAnswer>> {
        self.collect_with(id, wait_seconds, Some(code.to_owned())).await
    }

    async fn collect_with(&self, id: &str, wait_seconds: u64, code: Option<String>) -> Result<Option<ReceivedAnswer>> {
        let name = id.to_owned();
        let stored = self.home.blocking(move |home| read(home, &name)).await?;
        if let (State::Open { .. }, Some(slot)) = (&stored.state, &stored.slot) {
            let Some(body) = self.wait(slot, wait_seconds).await? else {
                return Ok(None);
            };
            let name = id.to_owned();
            let taken = self
                .home
                .blocking(move |home| answers::take(home, &name, &body, code.as_deref()));
            if let Err(error) = taken.await {
                if self.is_over(id).await? {
                    self.close_slot(id).await?;
                }
                return Err(error);
            }
        }
        self.sender.send().await?;
        self.close_slot(id).await?;
        let name = id.to_owned();
        self.home.blocking(move |home| answers::stored(home, &name)).await
    }

    /// Whether too many wrong codes have ended a request.
    async fn is_over(&self, id: &str) -> Result<bool> {
        let name = id.to_owned();
        let stored = self.home.blocking(move |home| read(home, &name)).await?;
        Ok(matches!(stored.state, State::Mismatched))
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

    /// The relay that requests and mailboxes are made on.
    ///
    /// Errors: `NoRelay`.
    pub(super) async fn relay(&self) -> Result<Relay> {
        let relay: Option<String> = self.home.blocking(|home| home.kept(SETTINGS, RELAY)).await?;
        Relay::new(self.home.mail.clone(), &relay.ok_or_else(|| Error::new("NoRelay"))?)
    }

    pub(super) async fn wait(&self, slot: &Slot, wait_seconds: u64) -> Result<Option<String>> {
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
        let Some(slot) = slot.filter(|slot| !slot.closed) else {
            return Ok(());
        };
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
                    if let Some(slot) = &mut stored.slot {
                        slot.closed = true;
                    }
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
pub(super) struct Plan {
    pub(super) spec: RequestSpec,
    pub(super) relay: String,
    profile: OrganisationProfile,
    pub(super) membership: Membership,
    pub(super) query: Query,
}

/// A request that is stored and lies in no slot yet.
struct Made {
    hosted: HostedRequest,
    jwt: String,
    slot: NewSlot,
}

/// A slot that isn't opened yet.
pub(super) struct NewSlot {
    pub(super) id: SlotId,
    owner: Token,
    made_at: i64,
}

impl NewSlot {
    pub(super) fn fresh(now: i64) -> NewSlot {
        NewSlot {
            id: random(&mut OsRandom),
            owner: random(&mut OsRandom),
            made_at: now,
        }
    }

    pub(super) fn on(&self, relay: &Origin) -> Slot {
        Slot {
            relay: relay.to_string(),
            id: self.id,
            owner: self.owner.clone(),
            closed: false,
        }
    }
}

impl Plan {
    pub(super) fn of(home: &Home, spec: RequestSpec) -> Result<Plan> {
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
        let slot = NewSlot::fresh(now);
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
            slot: Some(slot.on(relay)),
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
        let offered = self.offer(mailbox.as_ref(), None, now)?;
        let session = self.spec.session.asked();
        let draft = RequestDraft {
            certificates: &self.membership.chain,
            registration: &self.membership.statement,
            query: &self.query,
            offer: offered.as_ref(),
            session: session.as_ref(),
            response_uri,
            issued_at: now,
            expires_at: now.saturating_add(self.spec.lifetime()?),
            policy: home.platform.transport,
        };
        let (jwt, pending) = draft.prepare(&mut OsRandom)?.sign(&self.membership.key);
        check_size(&jwt)?;
        Ok((jwt, pending))
    }

    /// The offer of an agreement, signed: where there is a mailbox for it.
    pub(super) fn offer(
        &self,
        mailbox: Option<&FreshMailbox>,
        supplier: Option<Party>,
        now: i64,
    ) -> Result<Option<Signed<Offer>>> {
        let Some(mailbox) = mailbox else { return Ok(None) };
        let offer = offer(&self.spec, &self.profile, &self.membership, mailbox.address(), now)?;
        sign(&Offer { supplier, ..offer }, &self.membership.key).map(Some)
    }
}

/// That a relay's slot has room for a request.
pub(super) fn check_size(jwt: &str) -> Result<()> {
    let limit = MAX_REQUEST.min(limits::SLOT_REQUEST_BYTES as usize);
    match jwt.len() <= limit {
        true => Ok(()),
        false => Err(Error::new("TooLarge").with("what", "request").with("limit", limit)),
    }
}
