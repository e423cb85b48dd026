//! Other people: connections without a framework, by keys that both compare.
//!
//! One shows an invitation, the other answers it with a hello. Who the other is, nobody vouches for: what both see is a
//! code that follows from both keys, and whether they said that they compared it.

mod shares;
mod sharing;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_channel::{Address, Connection, OwnMailbox};
use kist_crypto::es256::PublicKey;
use kist_crypto::{Jwk, OsRandom, Secret, base64url, from_base64url, hpke};
use kist_exchange::{Hello, PersonInvitation, ReturnAddress, TO_A_PERSON};
use kist_identity::RelationshipKey;
use kist_vault::Transaction;
use kist_wire::Frame;
use serde::{Deserialize, Serialize};

use super::events::InboxEvent;
use super::relationships::{PEOPLE as COLLECTION, settling};
use super::settings;
use crate::home::{Home, from_json, to_json};
use crate::mail::{self, Arrival, FreshMailbox, fresh_mailbox};
use crate::relay::Relay;
use crate::{Error, Result};

pub use self::shares::{Share, ShareDirection, ShareSpec, ShareState};

/// The longest name that a person gives another, in bytes.
const MAX_NAME: usize = 256;

/// Another person, as this one knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownPerson {
    /// The connection's name.
    pub id: String,
    /// What this person calls them.
    pub name: String,
    /// Whether this person said that both read the same code.
    pub verified: bool,
    /// What both compare; none until the invitation was answered.
    pub check_code: Option<String>,
    /// Since when, Unix seconds.
    pub since: i64,
    /// Where the connection stands.
    pub state: PersonState,
}

/// Where a connection with another person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// They were invited and have not answered.
    Invited,
    /// Both can write to each other.
    Connected,
    /// This person ended it.
    Ended,
}

/// An invitation to show to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonLink {
    /// The connection that it will be.
    pub id: String,
    /// The link, for a QR. It serves once, and is shown to nobody else.
    pub link: String,
}

/// What is kept of another person, beside the connection.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) name: String,
    key: String,
    /// The link that both began with.
    link: String,
    /// Who answered it: the other, once they did, or this person.
    answered_with: Option<Jwk>,
    /// The other's key.
    pub(super) peer: Option<Jwk>,
    /// The mailbox of an invitation that waits.
    door: Option<Door>,
    /// A hello that waits to be sent, base64.
    hello: Option<String>,
    pub(super) verified: bool,
    since: i64,
    ended: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct Door {
    own: OwnMailbox,
    receiving: String,
}

impl Stored {
    pub(super) fn key(&self) -> Result<RelationshipKey> {
        Ok(RelationshipKey::from_bytes(&from_base64url(&self.key)?)?)
    }

    pub(super) fn peer_key(&self) -> Result<PublicKey> {
        let jwk = self.peer.as_ref().ok_or_else(missing)?;
        Ok(PublicKey::from_jwk(jwk)?)
    }

    fn keep(&self, changes: &Transaction<'_>, id: &str) -> Result<()> {
        Ok(changes.keep(COLLECTION, id, &to_json(self)?)?)
    }

    fn invitation(&self, home: &Home) -> Result<PersonInvitation> {
        Ok(PersonInvitation::parse(&self.link, home.platform.transport)?)
    }

    fn known(&self, home: &Home, id: String) -> Result<KnownPerson> {
        let code = match &self.answered_with {
            Some(key) => Some(self.invitation(home)?.check_code(&PublicKey::from_jwk(key)?)),
            None => None,
        };
        Ok(KnownPerson {
            id,
            name: self.name.clone(),
            verified: self.verified,
            check_code: code,
            since: self.since,
            state: match (self.ended, &self.peer) {
                (true, _) => PersonState::Ended,
                (false, Some(_)) => PersonState::Connected,
                (false, None) => PersonState::Invited,
            },
        })
    }
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "person")
}

/// Somebody who is known, to change what is kept.
pub(super) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Stored> {
    from_json(&changes.kept(COLLECTION, id)?.ok_or_else(missing)?)
}

/// Somebody who is known, to look at.
pub(super) fn read(home: &Home, id: &str) -> Result<Stored> {
    home.kept(COLLECTION, id)?.ok_or_else(missing)
}

/// The other people that a person knows.
#[derive(Clone)]
pub struct People {
    pub(crate) home: Arc<Home>,
}

impl People {
    /// Makes an invitation for one person, whom this one will call `name`.
    ///
    /// Errors: `NoRelay`, `Malformed`, `Unreachable`, `RelayBusy`.
    pub async fn invite(&self, name: &str) -> Result<PersonLink> {
        let name = checked(name)?;
        let fresh = self.mailbox(None).await?;
        self.home
            .blocking(move |home| {
                let key = RelationshipKey::generate(&mut OsRandom);
                let invitation = PersonInvitation {
                    address: return_address(&fresh.address())?,
                    key: key.public(),
                };
                let door = Door {
                    receiving: base64url(fresh.receiving.secret().expose()),
                    own: fresh.own,
                };
                let stored = Stored {
                    door: Some(door),
                    ..Stored::new(home, name, &key, invitation.to_uri())
                };
                let id = key.id().to_string();
                home.transaction(|changes| stored.keep(changes, &id))?;
                Ok(PersonLink { id, link: stored.link })
            })
            .await
    }

    /// Answers somebody's invitation, whom this person will call `name`.
    ///
    /// Errors: `WrongPurpose` for another kind of link, `NotARequest`, `AddressRefused`, `AlreadyExists` for one that was
    /// answered here or made here, `Unreachable`; a hello that could not leave is sent by the next refresh.
    pub async fn accept(&self, link: &str, name: &str) -> Result<KnownPerson> {
        let (name, policy) = (checked(name)?, self.home.platform.transport);
        let invitation = PersonInvitation::parse(link, policy)?;
        let uri = invitation.to_uri();
        let known = self.home.blocking(|home| home.all_kept::<Stored>(COLLECTION)).await?;
        if known.iter().any(|(_, stored)| stored.link == uri) {
            return Err(Error::new("AlreadyExists"));
        }
        let fresh = self.mailbox(Some(&invitation.address.relay)).await?;
        let id = self
            .home
            .blocking(move |home| begin(home, name, &invitation, fresh))
            .await?;
        match send_hello(&self.home, &id).await {
            Err(error) if !mail::may_pass(&error) => Err(error),
            _ => self.get(&id).await,
        }
    }

    /// Everybody who is known or invited, by name.
    pub async fn list(&self) -> Result<Vec<KnownPerson>> {
        self.home
            .blocking(|home| {
                let all = home.all_kept::<Stored>(COLLECTION)?.into_iter();
                let mut all: Vec<_> = all.map(|(id, stored)| stored.known(home, id)).collect::<Result<_>>()?;
                all.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
                Ok(all)
            })
            .await
    }

    /// One of them.
    ///
    /// Errors: `NotFound`.
    pub async fn get(&self, id: &str) -> Result<KnownPerson> {
        let id = id.to_owned();
        self.home.blocking(move |home| read(home, &id)?.known(home, id)).await
    }

    /// Notes whether both read the same code to each other.
    ///
    /// Errors: `NotFound` for nobody who has answered.
    pub async fn set_verified(&self, id: &str, verified: bool) -> Result<KnownPerson> {
        self.change(id, move |stored| {
            stored.peer_key()?;
            stored.verified = verified;
            Ok(())
        })
        .await
    }

    /// Calls somebody by another name. Only this person sees it.
    pub async fn rename(&self, id: &str, name: &str) -> Result<KnownPerson> {
        let name = checked(name)?;
        self.change(id, move |stored| {
            stored.name.clone_from(&name);
            Ok(())
        })
        .await
    }

    /// Ends a connection: withdraws what this person shares in it, and reads nothing more once that was acknowledged.
    pub async fn end(&self, id: &str) -> Result<KnownPerson> {
        sharing::withdraw_all(&self.home, id).await?;
        self.change(id, |stored| {
            stored.ended = true;
            Ok(())
        })
        .await
    }

    async fn change(
        &self,
        id: &str,
        change: impl Fn(&mut Stored) -> Result<()> + Send + 'static,
    ) -> Result<KnownPerson> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let mut stored = by_id(changes, &id)?;
                    change(&mut stored)?;
                    stored.keep(changes, &id)?;
                    stored.known(home, id.clone())
                })
            })
            .await
    }

    async fn mailbox(&self, otherwise: Option<&str>) -> Result<FreshMailbox> {
        let relay = self.home.blocking(settings::relay).await?;
        let relay = relay.or_else(|| otherwise.map(str::to_owned));
        let relay = Relay::new(self.home.mail.clone(), &relay.ok_or_else(|| Error::new("NoRelay"))?)?;
        fresh_mailbox(&relay).await
    }
}

impl Stored {
    fn new(home: &Home, name: String, key: &RelationshipKey, link: String) -> Stored {
        Stored {
            name,
            key: base64url(key.to_bytes().expose()),
            link,
            answered_with: None,
            peer: None,
            door: None,
            hello: None,
            verified: false,
            since: home.platform.now(),
            ended: false,
        }
    }
}

fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    match (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control) {
        true => Ok(name.to_owned()),
        false => Err(Error::new("Malformed").with("what", "name")),
    }
}

fn return_address(address: &Address) -> Result<ReturnAddress> {
    Ok(ReturnAddress {
        relay: address.relay.clone(),
        mailbox: address.mailbox.to_string(),
        send_token: base64url(address.send_token.expose()),
        receiving_key: hpke::PublicKey::from_bytes(&from_base64url(&address.receiving_key)?)?,
    })
}

fn address(presented: &ReturnAddress) -> Result<Address> {
    let malformed = |_| Error::new("Malformed").with("what", "address");
    Ok(Address {
        relay: presented.relay.clone(),
        mailbox: presented.mailbox.parse().map_err(malformed)?,
        send_token: presented.send_token.parse().map_err(malformed)?,
        receiving_key: base64url(presented.receiving_key.to_bytes()),
    })
}

/// Stores the connection that an answer begins, with the hello that is to be sent.
fn begin(home: &Home, name: String, invitation: &PersonInvitation, fresh: FreshMailbox) -> Result<String> {
    let key = RelationshipKey::generate(&mut OsRandom);
    let hello = Hello {
        intended_use: TO_A_PERSON.to_owned(),
        address: return_address(&fresh.address())?,
        key: key.public(),
        letter: None,
        invitation: invitation.hash(),
        id: base64url(Secret::<16>::generate(&mut OsRandom).expose()),
    };
    let unsigned = hello.prepare(home.platform.now())?;
    let signature = key.sign(unsigned.signing_input());
    let sealed = Hello::seal(&unsigned.complete(&signature), &invitation.address, &mut OsRandom)?;
    let stored = Stored {
        answered_with: Some(key.public().jwk()),
        peer: Some(invitation.key.jwk()),
        hello: Some(BASE64_STANDARD.encode(sealed)),
        ..Stored::new(home, name, &key, invitation.to_uri())
    };
    let mut connection = Connection::new(fresh.own, invitation.key, fresh.receiving);
    connection.set_peer(address(&invitation.address)?)?;
    let id = key.id().to_string();
    home.transaction(|changes| {
        stored.keep(changes, &id)?;
        mail::keep_connection(changes, &id, &connection)
    })?;
    Ok(id)
}

/// Sends a hello that waits. Until it has left, nothing else is sent in the connection.
async fn send_hello(home: &Arc<Home>, id: &str) -> Result<()> {
    let name = id.to_owned();
    let (stored, to) = home
        .blocking(move |home| {
            let stored = read(home, &name)?;
            let to = address(&stored.invitation(home)?.address)?;
            Ok((stored, to))
        })
        .await?;
    let Some(hello) = stored.hello else { return Ok(()) };
    let sealed = BASE64_STANDARD
        .decode(&hello)
        .map_err(|_| Error::new("Corrupt").with("part", "hello"))?;
    let relay = Relay::new(home.mail.clone(), &to.relay)?;
    relay.send_message(&to.mailbox, &to.send_token, sealed).await?;
    let name = id.to_owned();
    home.blocking(move |home| {
        home.transaction(|changes| {
            let mut stored = by_id(changes, &name)?;
            stored.hello = None;
            stored.keep(changes, &name)
        })
    })
    .await
}

/// Sends hellos that wait, and takes in what other people sent. What can't be reached is told of, and holds nobody up.
pub(super) async fn refresh(home: &Arc<Home>) -> Result<Vec<InboxEvent>> {
    let mut events = Vec::new();
    let all: Vec<(String, Stored)> = home.blocking(|home| home.all_kept(COLLECTION)).await?;
    let nobody = all.is_empty();
    for (id, stored) in all {
        if stored.ended && !sharing::is_waiting(home, &id).await? {
            continue;
        }
        match refresh_one(home, &id, &stored).await {
            Ok(taken) => events.extend(taken),
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(error) => events.push(InboxEvent::Unreachable {
                organisation: stored.name.clone(),
                code: error.code().to_owned(),
            }),
        }
    }
    if !nobody {
        // What was taken in may have been answered; what can't leave goes with the next refresh.
        settling::settle(home).await?;
    }
    Ok(events)
}

async fn refresh_one(home: &Arc<Home>, id: &str, stored: &Stored) -> Result<Vec<InboxEvent>> {
    let mut events = Vec::new();
    if stored.hello.is_some() {
        send_hello(home, id).await?;
    }
    if let Some(door) = &stored.door {
        if !take_hello(home, id, door).await? {
            return Ok(events);
        }
        let name = id.to_owned();
        let code = home
            .blocking(move |home| read(home, &name)?.known(home, name))
            .await?
            .check_code;
        events.push(InboxEvent::PersonAnswered {
            person: id.to_owned(),
            name: stored.name.clone(),
            check_code: code.unwrap_or_default(),
        });
    }
    let name = id.to_owned();
    events.extend(home.blocking(move |home| sharing::go_on(home, &name)).await?);
    for arrival in mail::receive(home, id, sharing::take_in).await? {
        let organisation = stored.name.clone();
        match arrival {
            Arrival::Event(taken) => events.extend(taken),
            Arrival::Missing(count) => events.push(InboxEvent::Missing { organisation, count }),
            Arrival::Dropped(code) => events.push(InboxEvent::Dropped {
                organisation,
                code: code.to_owned(),
            }),
            Arrival::Stopped(error) => return Err(error),
        }
    }
    Ok(events)
}

/// Replies that are read of an invitation's mailbox at a time, at most; the rest is for the next time.
const MAX_REPLIES: usize = 64;

/// Looks whether an invitation was answered. The first hello that is one counts; what is none is dropped.
async fn take_hello(home: &Arc<Home>, id: &str, door: &Door) -> Result<bool> {
    let relay = Relay::new(home.mail.clone(), &door.own.relay)?;
    let own = &door.own;
    let mut after = 0;
    for _ in 0..MAX_REPLIES {
        let frames = relay.messages(&own.mailbox, &own.receive_token, after).await?;
        if frames.is_empty() {
            break;
        }
        let mut met = false;
        for Frame { number, body } in frames {
            if number <= after {
                return Err(Error::new("Malformed").with("what", "frames"));
            }
            after = number;
            let name = id.to_owned();
            met = match home.blocking(move |home| meet(home, &name, &body)).await {
                Err(error) if mail::is_own(&error) => return Err(error),
                met => met.is_ok(),
            };
            if met {
                break;
            }
        }
        relay.acknowledge(&own.mailbox, &own.receive_token, after).await?;
        if met {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Begins the connection with whoever answered.
fn meet(home: &Home, id: &str, sealed: &[u8]) -> Result<()> {
    home.transaction(|changes| {
        let corrupt = || Error::new("Corrupt").with("part", "person");
        let stored = by_id(changes, id)?;
        let Some(door) = &stored.door else { return Ok(()) };
        let secret = Secret::from_slice(&from_base64url(&door.receiving)?).ok_or_else(corrupt)?;
        let receiving = hpke::PrivateKey::from_secret(secret)?;
        let (now, policy) = (home.platform.now(), home.platform.transport);
        let hello = Hello::open(sealed, &receiving, &door.own.mailbox.to_string(), now, policy)?;
        if hello.invitation != stored.invitation(home)?.hash() || hello.intended_use != TO_A_PERSON {
            return Err(Error::new("AudienceMismatch"));
        }
        let mut connection = Connection::new(door.own.clone(), hello.key, receiving);
        connection.set_peer(address(&hello.address)?)?;
        let stored = Stored {
            answered_with: Some(hello.key.jwk()),
            peer: Some(hello.key.jwk()),
            door: None,
            ..stored
        };
        stored.keep(changes, id)?;
        mail::keep_connection(changes, id, &connection)
    })
}
