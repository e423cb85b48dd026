//! Invitations: where people whom the organisation doesn't know yet knock, in public or by a letter to one of them.
//!
//! A *door* is a mailbox with the key that hellos are sealed to. A published invitation has one of its own; all letters
//! share one, so that one look finds who answered. What a hello at a door leads to stands in `hellos.rs`.

pub(in crate::organisation) mod hellos;

use std::collections::BTreeSet;
use std::sync::Arc;

use kist_channel::OwnMailbox;
use kist_crypto::{LetterCode, OsRandom, base64url, from_base64url, hpke};
use kist_exchange::{ClusterName, ContactLink, InvitationDraft, LETTER, ReturnAddress, invitation_hash};
use kist_identity::DAY;
use kist_vault::Transaction;
use kist_wire::{SlotId, Token, limits};
use serde::{Deserialize, Serialize};

use super::membership::Membership;
use super::offer::RequestSpec;
use super::profile::random_name;
use super::requests::OrgRequests;
use crate::home::{Home, from_json, let_go, to_json};
use crate::mail::{FreshMailbox, fresh_mailbox};
use crate::relay::{Relay, random};
use crate::{Error, Result, Retry};

const COLLECTION: &str = "invitations";
const DOORS: &str = "doors";
/// The door of all letters.
const LETTERS: &str = "letters";
/// For so many days an invitation may be published, at most.
const MAX_DAYS: u32 = 400;
/// The most intended uses that one invitation offers.
const MAX_USES: usize = 64;

/// What people are invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationSpec {
    /// The request that each intended use leads to, each use once.
    pub requests: Vec<RequestSpec>,
    /// For how many days it holds: a letter 60 at most, any other 400.
    pub days: u32,
    /// The clusters in which the organisation takes part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<ClusterName>,
}

/// An invitation in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgInvitation {
    /// Its name.
    pub id: String,
    /// What is published, a compact JWS; for a letter, what its code opens.
    pub invitation: String,
    /// The intended uses that it offers.
    pub uses: Vec<String>,
    /// Whom it is for.
    pub audience: InvitationAudience,
    /// The last second at which it holds, Unix seconds.
    pub expires_at: i64,
}

/// Whom an invitation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationAudience {
    /// Anybody.
    Everybody,
    /// The reader of a letter, who hasn't knocked yet.
    Letter,
    /// The reader of a letter, who has knocked: it serves no other time.
    LetterUsed,
}

/// A letter to write: the code stands here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The invitation's name.
    pub id: String,
    /// What is printed: four groups of five symbols.
    pub code: String,
    /// The relay that holds the invitation; printed too.
    pub relay: String,
    /// Both as a link, for a QR beside them.
    pub link: String,
    /// The last second at which it holds, Unix seconds.
    pub expires_at: i64,
}

/// A mailbox where people knock.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::organisation) struct Door {
    pub(in crate::organisation) own: OwnMailbox,
    send_token: Token,
    /// The receiving key, base64url of its 32 bytes.
    receiving: String,
}

impl Door {
    fn of(fresh: FreshMailbox) -> Self {
        Door {
            receiving: base64url(fresh.receiving.secret().expose()),
            send_token: fresh.send_token,
            own: fresh.own,
        }
    }

    /// The key that hellos are sealed to.
    pub(in crate::organisation) fn key(&self) -> Result<hpke::PrivateKey> {
        let corrupt = || Error::new("Corrupt").with("part", "invitation");
        let secret = kist_crypto::Secret::from_slice(&from_base64url(&self.receiving)?).ok_or_else(corrupt)?;
        Ok(hpke::PrivateKey::from_secret(secret)?)
    }

    fn address(&self) -> Result<ReturnAddress> {
        Ok(ReturnAddress {
            relay: self.own.relay.clone(),
            mailbox: self.own.mailbox.to_string(),
            send_token: base64url(self.send_token.expose()),
            receiving_key: self.key()?.public(),
        })
    }
}

/// An invitation as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::organisation) struct Stored {
    invitation: String,
    pub(in crate::organisation) door: String,
    pub(in crate::organisation) requests: Vec<RequestSpec>,
    pub(in crate::organisation) expires_at: i64,
    pub(in crate::organisation) letter: Option<StoredLetter>,
}

/// What is kept of a letter.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::organisation) struct StoredLetter {
    /// What its hello has to say.
    pub(in crate::organisation) secret: String,
    pub(in crate::organisation) used: bool,
    relay: String,
    slot: SlotId,
    owner: Token,
}

impl Stored {
    pub(in crate::organisation) fn keep(&self, changes: &Transaction<'_>, id: &str) -> Result<()> {
        Ok(changes.keep(COLLECTION, id, &to_json(self)?)?)
    }

    fn info(self, id: String) -> OrgInvitation {
        let audience = match &self.letter {
            None => InvitationAudience::Everybody,
            Some(letter) if letter.used => InvitationAudience::LetterUsed,
            Some(_) => InvitationAudience::Letter,
        };
        OrgInvitation {
            id,
            uses: self.requests.into_iter().map(|request| request.use_id).collect(),
            invitation: self.invitation,
            audience,
            expires_at: self.expires_at,
        }
    }
}

/// An invitation by its name, where there is one.
pub(in crate::organisation) fn find(changes: &Transaction<'_>, id: &str) -> Result<Option<Stored>> {
    changes.kept(COLLECTION, id)?.map(|bytes| from_json(&bytes)).transpose()
}

/// The doors where people may be knocking.
pub(in crate::organisation) fn doors(home: &Home) -> Result<Vec<(String, Door)>> {
    home.all_kept(DOORS)
}

/// The invitations of a store.
#[derive(Clone)]
pub struct OrgInvitations {
    pub(in crate::organisation) home: Arc<Home>,
    pub(in crate::organisation) requests: OrgRequests,
}

impl OrgInvitations {
    /// Makes an invitation for everybody: give it to the framework's directory, or publish it and link to it.
    ///
    /// Errors: `NoRelay`; `NotFound` for no admission or an intended use that is not registered; `Malformed` and `TooLarge`
    /// with the part that can't stand in a request; `Unreachable`, `RelayBusy`.
    pub async fn publish(&self, spec: InvitationSpec) -> Result<OrgInvitation> {
        let relay = self.check(&spec, MAX_DAYS).await?;
        let door = Door::of(fresh_mailbox(&relay).await?);
        self.home
            .blocking(move |home| {
                let (door_id, plan) = (random_name(), Plan::of(home, spec, None)?);
                let (id, stored) = plan.sign(&door, &door_id, None)?;
                home.transaction(|changes| {
                    changes.keep(DOORS, &door_id, &to_json(&door)?)?;
                    stored.keep(changes, &id)
                })?;
                Ok(stored.info(id))
            })
            .await
    }

    /// Makes an invitation for one person, to whom the code goes on paper. Who redeems the code first is the one: that the
    /// letter reached the person is what it proves.
    ///
    /// Errors: as [`OrgInvitations::publish`].
    pub async fn letter(&self, spec: InvitationSpec) -> Result<Letter> {
        let relay = self
            .check(&spec, (limits::SLOT_SECONDS / DAY.unsigned_abs()) as u32)
            .await?;
        let door = self.letters_door(&relay).await?;
        let (origin, code) = (relay.origin().to_string(), LetterCode::generate(&mut OsRandom));
        let letter = StoredLetter {
            secret: random_name(),
            used: false,
            relay: origin.clone(),
            slot: code.slot().into(),
            owner: random(&mut OsRandom),
        };
        let (slot, owner) = (letter.slot, letter.owner.clone());
        let sealing = code.sealing_key();
        let (id, sealed, expires_at) = self
            .home
            .blocking(move |home| {
                let plan = Plan::of(home, spec, Some(letter.secret.clone()))?;
                let (id, stored) = plan.sign(&door, LETTERS, Some(letter))?;
                let sealed = base64url(sealing.seal(&LETTER, stored.invitation.as_bytes(), &mut OsRandom));
                if sealed.len() > limits::SLOT_REQUEST_BYTES as usize {
                    return Err(Error::new("TooLarge")
                        .with("what", "invitation")
                        .with("limit", limits::SLOT_REQUEST_BYTES));
                }
                home.transaction(|changes| stored.keep(changes, &id))?;
                Ok((id, sealed, stored.expires_at))
            })
            .await?;
        if let Err(error) = relay.open_slot(&slot, &sealed, &owner, expires_at).await {
            // Nobody has the code.
            self.forget(&id).await?;
            return Err(error);
        }
        let link = ContactLink::Letter {
            code: code.reveal(),
            relay: origin.clone(),
        };
        Ok(Letter {
            id,
            code: code.reveal(),
            relay: origin,
            link: link.to_uri(),
            expires_at,
        })
    }

    /// Every invitation that was not closed.
    pub async fn list(&self) -> Result<Vec<OrgInvitation>> {
        self.home
            .blocking(|home| {
                let all = home.all_kept::<Stored>(COLLECTION)?;
                let mut all: Vec<_> = all.into_iter().map(|(id, stored)| stored.info(id)).collect();
                all.sort_by(|one, other| (one.expires_at, &one.id).cmp(&(other.expires_at, &other.id)));
                Ok(all)
            })
            .await
    }

    /// The link to an invitation that lies at `address`, for a QR or a page.
    ///
    /// Errors: `NotFound`, `AddressRefused`.
    pub async fn link(&self, id: &str, address: &str) -> Result<String> {
        self.home.mail.check(address)?;
        let (id, invitation_uri) = (id.to_owned(), address.to_owned());
        self.home
            .blocking(move |home| {
                let stored = home.kept::<Stored>(COLLECTION, &id)?;
                stored.ok_or_else(missing)?;
                let client_id = Membership::of(home)?.client_id()?;
                Ok(ContactLink::Invitation {
                    client_id,
                    invitation_uri,
                }
                .to_uri())
            })
            .await
    }

    /// Takes an invitation back: nobody knocks by it any more. Connections that it led to stay.
    ///
    /// Errors: `NotFound`, `Unreachable`, `RelayBusy`.
    pub async fn close(&self, id: &str) -> Result<()> {
        let name = id.to_owned();
        let (stored, door) = self
            .home
            .blocking(move |home| {
                let stored: Stored = home.kept(COLLECTION, &name)?.ok_or_else(missing)?;
                let door: Option<Door> = home.kept(DOORS, &stored.door)?;
                Ok((stored, door))
            })
            .await?;
        let closed = match (&stored.letter, door) {
            (Some(letter), _) => self.close_slot(letter).await,
            (None, Some(door)) => {
                let relay = Relay::new(self.home.mail.clone(), &door.own.relay)?;
                relay.delete_mailbox(&door.own.mailbox, &door.own.receive_token).await
            }
            (None, None) => Ok(()),
        };
        match closed {
            Err(error) if error.code() != "NotFound" && error.code() != "RequestExpired" => return Err(error),
            _ => {}
        }
        self.forget(id).await
    }

    /// Closes the slot of a letter that has served; where the relay can't be reached, it goes by its expiry.
    pub(in crate::organisation) async fn close_slot(&self, letter: &StoredLetter) -> Result<()> {
        let relay = Relay::new(self.home.mail.clone(), &letter.relay)?;
        match relay.close_slot(&letter.slot, &letter.owner).await {
            Err(error) if error.retry() == Retry::Later && letter.used => Ok(()),
            closed => closed,
        }
    }

    /// That the invitation can be made, before the relay hears of it. Gives the relay.
    async fn check(&self, spec: &InvitationSpec, max_days: u32) -> Result<Relay> {
        let malformed = |what: &'static str| Error::new("Malformed").with("what", what);
        let uses: BTreeSet<_> = spec.requests.iter().map(|request| &request.use_id).collect();
        if spec.requests.is_empty() || spec.requests.len() > MAX_USES || uses.len() != spec.requests.len() {
            return Err(malformed("intended uses"));
        }
        // A relationship begins with the agreement that a request offers.
        if spec.requests.iter().any(|request| request.plain) {
            return Err(malformed("request"));
        }
        if !(1..=max_days).contains(&spec.days) {
            return Err(malformed("days"));
        }
        let requests = spec.requests.clone();
        self.home
            .blocking(move |home| {
                let membership = Membership::of(home)?;
                for request in &requests {
                    membership.intended_use(&request.use_id)?;
                    request.lifetime()?;
                    kist_exchange::query(&request.asks()?, true)?;
                }
                Ok(())
            })
            .await?;
        self.requests.relay().await
    }

    async fn letters_door(&self, relay: &Relay) -> Result<Door> {
        let known: Option<Door> = self.home.blocking(|home| home.kept(DOORS, LETTERS)).await?;
        if let Some(door) = known {
            return Ok(door);
        }
        let door = Door::of(fresh_mailbox(relay).await?);
        self.home
            .blocking(move |home| {
                home.transaction(|changes| match changes.kept(DOORS, LETTERS)? {
                    // Another letter made it meanwhile.
                    Some(bytes) => from_json(&bytes),
                    None => {
                        changes.keep(DOORS, LETTERS, &to_json(&door)?)?;
                        Ok(door)
                    }
                })
            })
            .await
    }

    async fn forget(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    if let Some(stored) = find(changes, &id)?
                        && stored.door != LETTERS
                    {
                        let_go(changes, DOORS, &stored.door)?;
                    }
                    let_go(changes, COLLECTION, &id)
                })
            })
            .await
    }
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "invitation")
}

/// An invitation that can be signed.
struct Plan {
    spec: InvitationSpec,
    membership: Membership,
    secret: Option<String>,
    address_policy: kist_exchange::TransportPolicy,
    now: i64,
}

impl Plan {
    fn of(home: &Home, spec: InvitationSpec, secret: Option<String>) -> Result<Plan> {
        Ok(Plan {
            spec,
            membership: Membership::of(home)?,
            secret,
            address_policy: home.platform.transport,
            now: home.platform.now(),
        })
    }

    /// Gives the invitation's name, and what is kept of it.
    fn sign(self, door: &Door, door_id: &str, letter: Option<StoredLetter>) -> Result<(String, Stored)> {
        let expires_at = self.now.saturating_add(i64::from(self.spec.days) * DAY);
        let uses: Vec<String> = self
            .spec
            .requests
            .iter()
            .map(|request| request.use_id.clone())
            .collect();
        let draft = InvitationDraft {
            certificates: &self.membership.chain,
            registration: &self.membership.statement,
            address: &door.address()?,
            uses: &uses,
            clusters: &self.spec.clusters,
            letter: self.secret.as_deref(),
            issued_at: self.now,
            expires_at,
            policy: self.address_policy,
        };
        let invitation = draft.prepare()?.sign(&self.membership.key);
        let id = invitation_hash(&invitation);
        let stored = Stored {
            invitation,
            door: door_id.to_owned(),
            requests: self.spec.requests,
            expires_at,
            letter,
        };
        Ok((id, stored))
    }
}
