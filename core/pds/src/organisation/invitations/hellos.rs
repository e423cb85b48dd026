//! Hellos: people who knock at an invitation, each answered once by a link to a request, sealed into their own mailbox.
//!
//! Anybody may put bytes into a door's mailbox. So few are taken in at a time, the rest waits with the relay; what is no
//! hello is dropped; and of one hello nothing is kept but that it came.

use std::collections::BTreeSet;
use std::sync::Arc;

use kist_crypto::{base64url, sha256};
use kist_exchange::{HELLO_DAYS, Hello};
use kist_identity::DAY;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::{Door, OrgInvitations, Stored};
use crate::bodies::RequestBody;
use crate::home::{Home, from_json, to_json};
use crate::mail::{self, fresh_mailbox};
use crate::organisation::events::{self, OrgEvent};
use crate::organisation::membership::Membership;
use crate::organisation::offer::RequestSpec;
use crate::organisation::outgoing;
use crate::organisation::relationships::{self, OfferedMailbox};
use crate::organisation::requests::{HostedRequest, OrgRequests};
use crate::relay::Relay;
use crate::{Error, Result};

/// Hellos that came, so that each counts once, by a hash.
const SEEN: &str = "hellos";
const COUNTS: &str = "hello-counts";
const HOUR_KEY: &str = "hour";
/// The most hellos that are answered in one refresh, and in one hour.
const IN_ONE_REFRESH: u32 = 64;
const IN_ONE_HOUR: u32 = 600;
const HOUR: i64 = 60 * 60;
/// An invitation's last second may be on a phone whose mail is slow.
const LATE: i64 = DAY;

/// When a hello came.
#[derive(Serialize, Deserialize)]
struct Seen {
    at: i64,
}

/// How many were answered in an hour.
#[derive(Default, Serialize, Deserialize)]
struct Count {
    hour: i64,
    answered: u32,
}

/// A hello that is to be answered.
struct Knock {
    hello: Hello,
    invitation: String,
    spec: RequestSpec,
    key: String,
    /// The relationship's name.
    name: String,
    is_known: bool,
}

/// Takes in who knocked at the doors. A relay that can't be reached keeps nobody from the other doors.
pub(in crate::organisation) async fn take_all(home: &Arc<Home>, requests: &OrgRequests) -> Result<()> {
    let doors = home.blocking(super::doors).await?;
    for (id, door) in doors {
        let mut dropped = BTreeSet::new();
        let read = take_at(home, requests, &id, &door, &mut dropped).await;
        let stopped = match read {
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(error) => Some(error.code()),
            Ok(()) => None,
        };
        home.blocking(move |home| note(home, &id, dropped, stopped)).await?;
    }
    Ok(())
}

/// Tells of what came that was no hello, each reason once, and of what stopped the reading.
fn note(home: &Home, door: &str, dropped: BTreeSet<&'static str>, stopped: Option<&'static str>) -> Result<()> {
    home.transaction(|changes| {
        for code in dropped {
            let (relationship, code) = (door.to_owned(), code.to_owned());
            events::tell(changes, &OrgEvent::Dropped { relationship, code })?;
        }
        match stopped {
            Some(code) => {
                let (relationship, code) = (door.to_owned(), code.to_owned());
                events::tell(changes, &OrgEvent::Unread { relationship, code })
            }
            None => Ok(()),
        }
    })
}

/// Reads one door until it is empty, or enough were answered. The relay forgets a hello only when it was answered or dropped.
async fn take_at(
    home: &Arc<Home>,
    requests: &OrgRequests,
    id: &str,
    door: &Door,
    dropped: &mut BTreeSet<&'static str>,
) -> Result<()> {
    let relay = Relay::new(home.mail.clone(), &door.own.relay)?;
    let own = &door.own;
    let (mut after, mut answered) = (0, 0);
    while answered < IN_ONE_REFRESH {
        let frames = relay.messages(&own.mailbox, &own.receive_token, after).await?;
        let Some(last) = frames.last().map(|frame| frame.number) else {
            return Ok(());
        };
        let mut taken = Ok(Taken::Waits);
        for frame in frames {
            if answered == IN_ONE_REFRESH {
                break;
            }
            taken = take(home, requests, id, door, frame.body, dropped).await;
            match &taken {
                Ok(Taken::Answered) => answered += 1,
                Ok(Taken::Dropped) => {}
                Ok(Taken::Waits) | Err(_) => break,
            }
            after = frame.number;
        }
        if after > 0 {
            relay.acknowledge(&own.mailbox, &own.receive_token, after).await?;
        }
        taken?;
        if after != last {
            return Ok(());
        }
    }
    Ok(())
}

/// What became of what lay in a door.
enum Taken {
    Answered,
    Dropped,
    /// Enough were answered in this hour.
    Waits,
}

/// Takes in what lay in a door.
async fn take(
    home: &Arc<Home>,
    requests: &OrgRequests,
    door_id: &str,
    door: &Door,
    sealed: Vec<u8>,
    dropped: &mut BTreeSet<&'static str>,
) -> Result<Taken> {
    let (id, door) = (door_id.to_owned(), door.clone());
    let read = home.blocking(move |home| read(home, &id, &door, &sealed)).await;
    let knock = match read {
        Err(error) if mail::is_own(&error) => return Err(error),
        Err(error) => {
            dropped.insert(error.code());
            return Ok(Taken::Dropped);
        }
        Ok(None) => return Ok(Taken::Waits),
        Ok(Some(knock)) => knock,
    };
    // An admission that has run out may be renewed, so that whoever knocks meanwhile waits.
    let membership = home.blocking(Membership::of).await?;
    if let Err(error) = membership.intended_use(&knock.spec.use_id) {
        dropped.insert(error.code());
        return Ok(Taken::Dropped);
    }
    let mailbox = match knock.is_known {
        true => None,
        false => {
            let relay = requests.relay().await?;
            Some(fresh_mailbox(&relay).await?)
        }
    };
    let hosted = requests.create_in(knock.spec.clone(), mailbox.clone()).await?;
    let letter = home
        .blocking(move |home| {
            let body = RequestBody {
                link: hosted.uri.clone(),
                intended_use: knock.spec.use_id.clone(),
                address: mailbox.as_ref().map(mail::FreshMailbox::address),
            };
            let offered = mailbox.map(OfferedMailbox::from);
            home.transaction(|changes| answer(home, changes, &knock, offered.as_ref(), &body, hosted))
        })
        .await?;
    if let Some(letter) = letter.and_then(|stored| stored.letter) {
        let invitations = OrgInvitations {
            home: Arc::clone(home),
            requests: requests.clone(),
        };
        let _ = invitations.close_slot(&letter).await;
    }
    Ok(Taken::Answered)
}

/// Reads a hello and holds it to its invitation. None where too many were answered in this hour.
///
/// Errors: what is wrong with it, so that it is dropped.
fn read(home: &Home, door_id: &str, door: &Door, sealed: &[u8]) -> Result<Option<Knock>> {
    let (now, mailbox) = (home.platform.now(), door.own.mailbox.to_string());
    let hello = Hello::open(sealed, &door.key()?, &mailbox, now, home.platform.transport)?;
    relationships::address(hello.address.clone(), home.platform.transport)?;
    let key = seen_key(&hello);
    home.transaction(|changes| {
        let stored = super::find(changes, &hello.invitation)?;
        let stored = stored.filter(|stored| stored.door == door_id);
        let stored = stored.ok_or_else(|| Error::new("AudienceMismatch"))?;
        check_letter(&stored, &hello)?;
        if now > stored.expires_at.saturating_add(LATE) {
            return Err(Error::new("RequestExpired"));
        }
        if changes.kept(SEEN, &key)?.is_some() {
            return Err(Error::new("ReplayRejected"));
        }
        if count(changes, now)?.answered >= IN_ONE_HOUR {
            return Ok(None);
        }
        let mut requests = stored.requests.into_iter();
        let spec = requests.find(|request| request.use_id == hello.intended_use);
        let spec = spec.ok_or_else(|| Error::new("NotFound").with("what", "intended use"))?;
        let name = hello.key.thumbprint();
        Ok(Some(Knock {
            invitation: hello.invitation.clone(),
            is_known: relationships::is_known(changes, &name)?,
            spec,
            key: key.clone(),
            name,
            hello: hello.clone(),
        }))
    })
}

fn check_letter(stored: &Stored, hello: &Hello) -> Result<()> {
    match (&stored.letter, &hello.letter) {
        (None, None) => Ok(()),
        (Some(letter), Some(_)) if letter.used => Err(Error::new("ReplayRejected")),
        (Some(letter), Some(secret)) if letter.secret == *secret => Ok(()),
        _ => Err(Error::new("AuthenticationFailed")),
    }
}

/// Stores everything that a hello leads to: the relationship, the message with the link, and that it came. Gives the
/// letter's invitation, where one was used.
fn answer(
    home: &Home,
    changes: &Transaction<'_>,
    knock: &Knock,
    offered: Option<&OfferedMailbox>,
    body: &RequestBody,
    hosted: HostedRequest,
) -> Result<Option<Stored>> {
    let now = home.platform.now();
    let mut stored = super::find(changes, &knock.invitation)?;
    let is_used = stored
        .as_ref()
        .and_then(|stored| stored.letter.as_ref())
        .is_some_and(|letter| letter.used);
    if is_used || changes.kept(SEEN, &knock.key)?.is_some() {
        return Ok(None);
    }
    let Hello { key, address, .. } = &knock.hello;
    if let Some(offered) = offered {
        let address = relationships::address(address.clone(), home.platform.transport)?;
        relationships::meet(changes, key, offered, address, now)?;
    }
    outgoing::post_request(home, changes, &knock.name, body, hosted.expires_at)?;
    changes.keep(SEEN, &knock.key, &to_json(&Seen { at: now })?)?;
    let counted = count(changes, now)?;
    let counted = Count {
        answered: counted.answered + 1,
        ..counted
    };
    changes.keep(COUNTS, HOUR_KEY, &to_json(&counted)?)?;
    if let Some(stored) = &mut stored
        && let Some(letter) = &mut stored.letter
    {
        letter.used = true;
        stored.keep(changes, &knock.invitation)?;
    }
    let event = OrgEvent::Knocked {
        relationship: knock.name.clone(),
        use_id: knock.spec.use_id.clone(),
        request: hosted.id,
        invitation: knock.invitation.clone(),
    };
    events::tell(changes, &event)?;
    Ok(stored)
}

/// How many were answered in this hour. With a new hour, what came too long ago to come again is forgotten.
fn count(changes: &Transaction<'_>, now: i64) -> Result<Count> {
    let hour = now.div_euclid(HOUR);
    let known = changes.kept(COUNTS, HOUR_KEY)?;
    let known: Option<Count> = known.map(|bytes| from_json(&bytes)).transpose()?;
    if let Some(count) = known.filter(|count| count.hour == hour) {
        return Ok(count);
    }
    for (key, bytes) in changes.all_kept(SEEN)? {
        if from_json::<Seen>(&bytes)?.at < now.saturating_sub((HELLO_DAYS + 2) * DAY) {
            changes.forget(SEEN, &key)?;
        }
    }
    Ok(Count { hour, answered: 0 })
}

fn seen_key(hello: &Hello) -> String {
    base64url(sha256(&[hello.key.thumbprint().as_bytes(), hello.id.as_bytes()]))
}
