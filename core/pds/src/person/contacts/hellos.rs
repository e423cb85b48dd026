//! The person knocks: a hello is stored with the relationship that it begins before it leaves, and sent until the
//! organisation's relay has it. The organisation's link to a request comes as a message, and is opened as any other.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_channel::Message;
use kist_consent::Party;
use kist_consent::history::{Event, PeerKind};
use kist_crypto::{OsRandom, Secret, base64url};
use kist_exchange::{Hello, ReturnAddress, VerifiedInvitation, is_allowed_url};
use kist_vault::Transaction;
use kist_wire::{MailboxId, Token};
use serde::{Deserialize, Serialize};

use super::notes::{Note, Origin};
use crate::bodies::RequestBody;
use crate::home::{Home, from_json, let_go, to_json};
use crate::person::events::InboxEvent;
use crate::person::relationships::{self, Speaking, return_address};
use crate::person::requests::Requests;
use crate::person::settings;
use crate::relay::Relay;
use crate::{Error, Result, history, mail};

/// Hellos that wait to be sent, by relationship.
const UNSENT: &str = "hellos";
/// Links that came and whose requests were not fetched yet, by relationship.
const LINKS: &str = "links";
/// The most links of one relationship that wait.
const MAX_LINKS: usize = 8;

/// A hello on its way.
#[derive(Serialize, Deserialize)]
struct Unsent {
    relay: String,
    mailbox: MailboxId,
    send_token: Token,
    sealed: String,
    organisation: String,
}

/// A link that came.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Link {
    link: String,
    intended_use: String,
}

/// Knocks at an invitation for one of its uses. Gives the relationship's name.
pub(in crate::person) async fn knock(home: &Arc<Home>, contact: &str, intended_use: &str) -> Result<String> {
    let id = contact.to_owned();
    let (invitation, standing, relay) = home
        .blocking(move |home| {
            let invitation = super::by_id(home, &id)?;
            let standing = relationships::with_party(home, invitation.party())?;
            let relay = settings::relay(home)?;
            Ok((invitation, standing, relay))
        })
        .await?;
    let speaking = match standing {
        Some(speaking) => speaking,
        None => {
            let relay = relay.unwrap_or_else(|| invitation.address().relay.clone());
            let relay = Relay::new(home.mail.clone(), &relay)?;
            relationships::begin(&relay, invitation.party()).await?
        }
    };
    let intended_use = intended_use.to_owned();
    let name = home
        .blocking(move |home| store(home, &invitation, &intended_use, speaking))
        .await?;
    match send(home, &name).await {
        Err(error) if !mail::may_pass(&error) => Err(error),
        _ => Ok(name),
    }
}

/// Makes the hello, and stores it with everything that it begins.
fn store(home: &Home, invitation: &VerifiedInvitation, intended_use: &str, speaking: Speaking) -> Result<String> {
    let now = home.platform.now();
    let to = invitation.address();
    let id = base64url(Secret::<16>::generate(&mut OsRandom).expose());
    let address = return_address(&speaking)?;
    let hello = Hello::at(invitation, intended_use, address, speaking.key.public(), id)?;
    let unsigned = hello.prepare(now)?;
    let signature = speaking.key.sign(unsigned.signing_input());
    let sealed = Hello::seal(&unsigned.complete(&signature), to, &mut OsRandom)?;
    let party = Party {
        id: invitation.party().organisation_id.clone(),
        name: invitation.party().legal_name.clone(),
    };
    let unsent = Unsent {
        sealed: BASE64_STANDARD.encode(sealed),
        organisation: party.name.clone(),
        ..Unsent::to(to)?
    };
    let name = speaking.id();
    home.transaction(|changes| {
        speaking.keep_unanswered(changes)?;
        let mut note = Note::of(changes, &name)?.unwrap_or_else(|| Note::new(now, Origin::Person));
        note.knocked(intended_use, now);
        note.keep(changes, &name)?;
        changes.keep(UNSENT, &name, &to_json(&unsent)?)?;
        let event = Event::Connected {
            with: party,
            kind: PeerKind::Organisation,
            connection: name.clone(),
        };
        history::append(changes, event, home.platform.now_ms())
    })?;
    Ok(name)
}

impl Unsent {
    fn to(address: &ReturnAddress) -> Result<Unsent> {
        let malformed = |_| Error::new("Malformed").with("what", "address");
        Ok(Unsent {
            relay: address.relay.clone(),
            mailbox: address.mailbox.parse().map_err(malformed)?,
            send_token: address.send_token.parse().map_err(malformed)?,
            sealed: String::new(),
            organisation: String::new(),
        })
    }
}

/// Sends the hello of a relationship, if it waits. One that the organisation's relay will never take is let go of: the
/// invitation was taken back.
async fn send(home: &Arc<Home>, name: &str) -> Result<()> {
    let key = name.to_owned();
    let waiting: Option<Unsent> = home.blocking(move |home| home.kept(UNSENT, &key)).await?;
    let Some(unsent) = waiting else { return Ok(()) };
    let sealed = BASE64_STANDARD
        .decode(&unsent.sealed)
        .map_err(|_| Error::new("Corrupt").with("part", "hello"))?;
    let relay = Relay::new(home.mail.clone(), &unsent.relay)?;
    let sent = relay.send_message(&unsent.mailbox, &unsent.send_token, sealed).await;
    if matches!(&sent, Err(error) if mail::may_pass(error)) {
        return sent;
    }
    let (key, refused) = (name.to_owned(), sent.is_err());
    home.blocking(move |home| {
        home.transaction(|changes| {
            let_go(changes, UNSENT, &key)?;
            if refused && let Some(mut note) = Note::of(changes, &key)? {
                note.refused();
                note.keep(changes, &key)?;
            }
            Ok(())
        })
    })
    .await?;
    sent
}

/// Sends every hello that waits; gives the organisations whose hello could not be sent, and why.
pub(in crate::person) async fn send_all(home: &Arc<Home>) -> Result<Vec<(String, Error)>> {
    let waiting: Vec<(String, Unsent)> = home.blocking(|home| home.all_kept(UNSENT)).await?;
    let mut failed = Vec::new();
    for (name, unsent) in waiting {
        match send(home, &name).await {
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(error) => failed.push((unsent.organisation, error)),
            Ok(()) => {}
        }
    }
    Ok(failed)
}

/// Takes in the organisation's link. Gives false where nobody knocked: then it is words like others.
pub(in crate::person) fn take_in(home: &Home, changes: &Transaction<'_>, id: &str, message: &Message) -> Result<bool> {
    let Some(mut note) = Note::of(changes, id)? else {
        return Ok(false);
    };
    let RequestBody {
        link,
        intended_use,
        address,
    } = serde_json::from_slice(&message.body)?;
    if !note.answered(&intended_use) {
        return Ok(false);
    }
    if link.len() > kist_exchange::MAX_LINK {
        return Err(Error::new("TooLarge")
            .with("what", "link")
            .with("limit", kist_exchange::MAX_LINK));
    }
    let mut connection = mail::connection(changes, id)?;
    match address {
        // A relationship that begins: the organisation may have read no answer yet, so this is where it looks.
        Some(address) if is_allowed_url(&address.relay, home.platform.transport) => connection.set_peer(address)?,
        Some(_) => return Err(Error::new("AddressRefused")),
        None => {}
    }
    mail::keep_connection(changes, id, &connection)?;
    let known = changes.kept(LINKS, id)?;
    let mut links: Vec<Link> = known.map(|bytes| from_json(&bytes)).transpose()?.unwrap_or_default();
    links.push(Link { link, intended_use });
    if links.len() > MAX_LINKS {
        return Err(Error::new("TooLarge").with("what", "inbox").with("limit", MAX_LINKS));
    }
    changes.keep(LINKS, id, &to_json(&links)?)?;
    note.keep(changes, id)?;
    Ok(true)
}

/// Fetches the requests behind the links that came. One that can't be reached now waits.
pub(in crate::person) async fn fetch(home: &Arc<Home>) -> Result<Vec<InboxEvent>> {
    let waiting: BTreeMap<String, Vec<Link>> = home
        .blocking(|home| Ok(home.all_kept(LINKS)?.into_iter().collect()))
        .await?;
    let mut events = Vec::new();
    for (id, links) in waiting {
        for link in links {
            let event = match open(home, &id, &link.link).await {
                Err(error) if mail::is_own(&error) => return Err(error),
                Err(error) if mail::may_pass(&error) => continue,
                opened => opened,
            };
            let (name, came) = (id.clone(), event.as_ref().ok().cloned());
            let organisation = home.blocking(move |home| done(home, &name, &link, came)).await?;
            events.push(match event {
                Ok(request) => InboxEvent::RequestCame { organisation, request },
                Err(error) => InboxEvent::Dropped {
                    organisation,
                    code: error.code().to_owned(),
                },
            });
        }
    }
    Ok(events)
}

/// Opens the request behind a link, which is to be of the organisation that sent it.
async fn open(home: &Arc<Home>, id: &str, link: &str) -> Result<String> {
    let requests = Requests { home: Arc::clone(home) };
    let request = requests.open(link).await?;
    let name = id.to_owned();
    let expected = home
        .blocking(move |home| Ok(relationships::read(home, &name)?.organisation_id))
        .await?;
    if request.evaluation.asker.organisation.id != expected {
        requests.refuse(&request.id).await?;
        return Err(Error::new("MixUpRefused").with("part", "Organisation"));
    }
    Ok(request.id)
}

/// Lets go of a link whose request came, or never will; gives the organisation's name.
fn done(home: &Home, id: &str, link: &Link, came: Option<String>) -> Result<String> {
    home.transaction(|changes| {
        let known = changes.kept(LINKS, id)?;
        let mut links: Vec<Link> = known.map(|bytes| from_json(&bytes)).transpose()?.unwrap_or_default();
        links.retain(|known| known != link);
        match links.is_empty() {
            true => let_go(changes, LINKS, id)?,
            false => changes.keep(LINKS, id, &to_json(&links)?)?,
        }
        if let (Some(request), Some(mut note)) = (came, Note::of(changes, id)?) {
            note.requests.insert(link.intended_use.clone(), request);
            note.keep(changes, id)?;
        }
        Ok(relationships::by_id(changes, id)?.organisation)
    })
}
