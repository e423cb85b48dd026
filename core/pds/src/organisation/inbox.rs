//! Messages of people: withdrawals above all, which hold from the moment they were signed.

use std::sync::Arc;

use kist_channel::{Message, MessageKind};
use kist_consent::{Signed, Withdrawal};
use kist_crypto::es256::{PublicKey, SigningKey};
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use super::agreements::{self, Kept};
use super::bodies::{NoteBody, WithdrawalBody};
use super::outgoing::{self, Outgoing};
use super::{relationships, sign, signing_key};
use crate::home::{Home, from_json, to_json};
use crate::mail::{self, Arrival};
use crate::{Error, Result};

/// Events that nobody was told yet.
const EVENTS: &str = "events";
/// Begins the name of a collection: a relationship's withdrawals of agreements that were not collected yet.
const EARLY: &str = "early-withdrawals/";
/// The most of them in one relationship.
const MAX_EARLY: usize = 64;

/// What happened since the inbox was last refreshed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum OrgEvent {
    /// A person withdrew. The signed acknowledgement is on its way to them.
    Withdrawn {
        /// From which agreement.
        agreement: String,
        /// When, Unix seconds by the person's clock.
        at: i64,
    },
    /// A person wrote.
    Note {
        /// In which relationship.
        relationship: String,
        /// What.
        text: String,
    },
    /// A person's relay refused a message, since the person took back what allowed sending.
    NotTaken {
        /// Under which agreement it was sent.
        agreement: String,
        /// Its number in the relationship.
        number: u64,
        /// What it was: `receipt`, `delivery`, `acknowledgement` or `note`.
        kind: String,
    },
    /// Something was dropped that could not be verified, or that this build doesn't know.
    Dropped {
        /// In which relationship's mailbox.
        relationship: String,
        /// Why: a code.
        code: String,
    },
    /// Messages of a person that never came: a relay lost them.
    Missing {
        /// In which relationship.
        relationship: String,
        /// How many.
        count: u64,
    },
}

/// The inbox of a store.
#[derive(Clone)]
pub struct OrgInbox {
    pub(super) home: Arc<Home>,
}

impl OrgInbox {
    /// Sends what waits to be sent, takes in everything that came, and acknowledges withdrawals. Each message is taken in
    /// once, however often this is stopped and run again; each event is told once, and kept until it is.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays, and is told by the next refresh.
    pub async fn refresh(&self) -> Result<Vec<OrgEvent>> {
        outgoing::send(&self.home).await?;
        for name in self.home.blocking(relationships::names).await? {
            let arrivals = mail::receive(&self.home, &name, take_in).await?;
            self.home.blocking(move |home| tell_all(home, &name, arrivals)).await?;
        }
        outgoing::send(&self.home).await?;
        self.home.blocking(drain).await
    }
}

/// Keeps an event until the next refresh tells of it.
pub(super) fn tell(changes: &Transaction<'_>, event: &OrgEvent) -> Result<()> {
    let last = changes.all_kept(EVENTS)?.pop();
    let last = last.and_then(|(key, _)| key.parse::<u64>().ok()).unwrap_or(0);
    Ok(changes.keep(EVENTS, &format!("{:020}", last + 1), &to_json(event)?)?)
}

/// Tells of what came that was no message to take in.
fn tell_all(home: &Home, relationship: &str, arrivals: Vec<Arrival<()>>) -> Result<()> {
    home.transaction(|changes| {
        for arrival in arrivals {
            let relationship = relationship.to_owned();
            match arrival {
                Arrival::Event(()) => {}
                Arrival::Missing(count) => tell(changes, &OrgEvent::Missing { relationship, count })?,
                Arrival::Dropped(code) => tell(changes, &dropped(relationship, code))?,
            }
        }
        Ok(())
    })
}

fn drain(home: &Home) -> Result<Vec<OrgEvent>> {
    home.transaction(|changes| {
        let mut events = Vec::new();
        for (key, bytes) in changes.all_kept(EVENTS)? {
            events.push(from_json(&bytes)?);
            changes.forget(EVENTS, &key)?;
        }
        Ok(events)
    })
}

fn dropped(relationship: String, code: &str) -> OrgEvent {
    OrgEvent::Dropped {
        relationship,
        code: code.to_owned(),
    }
}

/// Takes in one message of a relationship. What a message says wrongly is dropped with its code; what the store itself
/// can't do is an error, and the message stays with the relay.
fn take_in(home: &Home, changes: &Transaction<'_>, relationship: &str, message: Message) -> Result<()> {
    let person = *mail::connection(changes, relationship)?.peer_key();
    let read = match message.kind {
        MessageKind::Withdrawal => read_withdrawal(&message.body, &person),
        MessageKind::Note => read_note(&message.body),
        _ => Err(Error::new("Unsupported")),
    };
    match read {
        Ok(Read::Withdrawal(withdrawal, token)) => take_withdrawal(home, changes, relationship, *withdrawal, token),
        Ok(Read::Note(text)) => {
            let relationship = relationship.to_owned();
            tell(changes, &OrgEvent::Note { relationship, text })
        }
        Err(error) => tell(changes, &dropped(relationship.to_owned(), error.code())),
    }
}

/// A message that was read and verified; nothing is stored of it yet.
enum Read {
    Withdrawal(Box<Signed<Withdrawal>>, Token),
    Note(String),
}

fn read_withdrawal(body: &[u8], person: &PublicKey) -> Result<Read> {
    let body: WithdrawalBody = serde_json::from_slice(body)?;
    let withdrawal = Signed::<Withdrawal>::verify(&body.withdrawal, person)?;
    Ok(Read::Withdrawal(Box::new(withdrawal), body.send_token))
}

fn read_note(body: &[u8]) -> Result<Read> {
    let body: NoteBody = serde_json::from_slice(body)?;
    Ok(Read::Note(body.text))
}

/// Ends the agreement, takes the token that came in place of the one taken back, and stores the acknowledgement to be
/// sent. Where the agreement's own answer was not collected yet, the withdrawal waits for it.
fn take_withdrawal(
    home: &Home,
    changes: &Transaction<'_>,
    relationship: &str,
    withdrawal: Signed<Withdrawal>,
    token: Token,
) -> Result<()> {
    relationships::renew_token(changes, relationship, token, withdrawal.withdrawn_at)?;
    let agreement = withdrawal.acceptance.to_string();
    match agreements::find(changes, &agreement)? {
        Some(mut kept) if kept.relationship == relationship => {
            end(home, changes, &signing_key(home)?, &mut kept, withdrawal)?;
            kept.keep(changes)
        }
        Some(_) => tell(changes, &dropped(relationship.to_owned(), "UntrustedKey")),
        None => keep_early(changes, relationship, &agreement, &withdrawal),
    }
}

fn keep_early(
    changes: &Transaction<'_>,
    relationship: &str,
    agreement: &str,
    withdrawal: &Signed<Withdrawal>,
) -> Result<()> {
    let collection = format!("{EARLY}{relationship}");
    match changes.all_kept(&collection)?.len() < MAX_EARLY {
        true => Ok(changes.keep(&collection, agreement, &to_json(withdrawal)?)?),
        false => tell(changes, &dropped(relationship.to_owned(), "TooLarge")),
    }
}

/// Applies a withdrawal that came before the agreement itself.
pub(super) fn apply_early(home: &Home, changes: &Transaction<'_>, key: &SigningKey, kept: &mut Kept) -> Result<()> {
    let collection = format!("{EARLY}{}", kept.relationship);
    let Some(bytes) = changes.kept(&collection, &kept.id())? else {
        return Ok(());
    };
    changes.forget(&collection, &kept.id())?;
    end(home, changes, key, kept, from_json(&bytes)?)
}

/// Ends an agreement, and stores the signed acknowledgement to be sent. What the offer doesn't say is kept is let go of.
/// A withdrawal that comes a second time, such as from another device, is acknowledged as the first was.
fn end(
    home: &Home,
    changes: &Transaction<'_>,
    key: &SigningKey,
    kept: &mut Kept,
    withdrawal: Signed<Withdrawal>,
) -> Result<()> {
    let (id, at) = (kept.id(), withdrawal.withdrawn_at);
    let is_first = kept.agreement.signed_withdrawal().is_none();
    kept.agreement.withdraw(withdrawal)?;
    if let Some(acknowledgement) = kept.agreement.acknowledgement(home.platform.now())
        && is_first
    {
        kept.agreement.acknowledge(sign(&acknowledgement, key)?)?;
        if kept.agreement.offer().kept_after_withdrawal.is_empty() {
            kept.received.clear();
        }
        let agreement = id.clone();
        tell(changes, &OrgEvent::Withdrawn { agreement, at })?;
    }
    let Some(acknowledgement) = kept.agreement.signed_acknowledgement() else {
        return Ok(());
    };
    let message = Outgoing::text(id, MessageKind::Acknowledgement, acknowledgement.compact());
    outgoing::post(home, changes, &kept.relationship, key, message).map(drop)
}
