//! The handshake, the organisation's side: a request in a slot of a relay, and the one answer to it.
//!
//! What opens the answer is stored before the request can be seen, and the answer is stored with everything that it means
//! before the slot is closed: whatever interrupts, nothing is lost and nothing happens twice.

mod answers;
mod commissions;
mod stored;

use std::sync::Arc;

use kist_consent::{Offer, Party, Signed};
use kist_crypto::OsRandom;
use kist_exchange::{CLOCK_SKEW, MAX_REQUEST, PendingRequest, RequestDraft, RequestLink, query};
use kist_identity::dcql::Query;
use kist_wire::{Origin, SlotId, Token, limits, path};
use serde::Serialize;

use self::stored::{COLLECTION, Slot, State, Stored, by_id, forget, read};
use super::membership::Membership;
use super::offer::{RequestSpec, offer};
use super::outgoing::Sender;
use super::profile::{self, OrganisationProfile, profile, sign};
use super::relationships::OfferedMailbox;
use crate::home::Home;
use crate::mail::{FreshMailbox, fresh_mailbox};
use crate::relay::{Relay, random};
use crate::{Error, Result, Retry};

pub use self::answers::ReceivedAnswer;
pub(in crate::organisation) use self::commissions::supplier_card;
pub use self::commissions::{CarriedAnswer, Commission, SupplierCard};
pub use self::stored::{HostedRequestState, HostedRequestSummary};

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

/// The requests of a store.
#[derive(Clone)]
pub struct OrgRequests {
    pub(in crate::organisation) home: Arc<Home>,
    pub(in crate::organisation) sender: Sender,
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
    pub(in crate::organisation) async fn create_in(
        &self,
        spec: RequestSpec,
        mailbox: Option<FreshMailbox>,
    ) -> Result<HostedRequest> {
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
    async fn lay_into(&self, relay: &Relay, hosted: HostedRequest, jwt: &str, slot: &NewSlot) -> Result<HostedRequest> {
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
    pub(in crate::organisation) async fn relay(&self) -> Result<Relay> {
        let relay = self.home.blocking(profile::relay).await?;
        Relay::new(self.home.mail.clone(), &relay.ok_or_else(|| Error::new("NoRelay"))?)
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

/// A slot that isn't opened yet.
struct NewSlot {
    id: SlotId,
    owner: Token,
    made_at: i64,
}

impl NewSlot {
    fn fresh(now: i64) -> NewSlot {
        NewSlot {
            id: random(&mut OsRandom),
            owner: random(&mut OsRandom),
            made_at: now,
        }
    }

    fn on(&self, relay: &Origin) -> Slot {
        Slot {
            relay: relay.to_string(),
            id: self.id,
            owner: self.owner.clone(),
            closed: false,
        }
    }
}

impl Plan {
    fn of(home: &Home, spec: RequestSpec) -> Result<Plan> {
        let relay = profile::relay(home)?;
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
    fn offer(
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
fn check_size(jwt: &str) -> Result<()> {
    let limit = MAX_REQUEST.min(limits::SLOT_REQUEST_BYTES as usize);
    match jwt.len() <= limit {
        true => Ok(()),
        false => Err(Error::new("TooLarge").with("what", "request").with("limit", limit)),
    }
}
