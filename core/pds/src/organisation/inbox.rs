//! Messages of people: withdrawals above all, which hold from the moment they were signed.

use std::sync::Arc;

use kist_channel::{Message, MessageKind};
use kist_consent::{DataRight, FieldRef, Signed, Withdrawal};
use kist_crypto::es256::SigningKey;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::agreements::{self, Kept};
use super::outgoing::{self, Outgoing, Sender};
use super::requests::OrgRequests;
use super::{amendments, hellos, reads, relationships, rights, sign, signing_key, transfers};
use crate::bodies::{NoteBody, WithdrawalBody};
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
    /// A person narrowed an agreement. The signed acknowledgement is on its way to them.
    Amended {
        /// Which agreement.
        agreement: String,
        /// The fields that were taken out: nothing of them may be used any more.
        fields: Vec<String>,
        /// The earlier end, Unix seconds.
        ends_at: Option<i64>,
        /// When, Unix seconds by the person's clock.
        at: i64,
    },
    /// A new agreement took the place of one, which is over.
    Replaced {
        /// The agreement that is over.
        agreement: String,
        /// The new one.
        by: String,
    },
    /// A person wrote.
    Note {
        /// In which relationship.
        relationship: String,
        /// What.
        text: String,
    },
    /// A person asks for a right over their data.
    RightsRequested {
        /// The request.
        request: String,
        /// In which relationship.
        relationship: String,
        /// What is asked for.
        right: DataRight,
        /// The last second in which an answer is in time, Unix seconds.
        due_at: i64,
    },
    /// A person has changed what they gave; the agreement has the new values.
    Updated {
        /// Under which agreement.
        agreement: String,
        /// What has another value now.
        fields: Vec<FieldRef>,
        /// What the person has no value for any more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<FieldRef>,
        /// The day on which that was so: its first second, Unix time.
        as_of: i64,
    },
    /// A person's phone has answered a question; the agreement has the values.
    ReadAnswered {
        /// Under which agreement.
        agreement: String,
        /// Which question.
        read: String,
        /// The day on which what it says was so: its first second, Unix time.
        as_of: i64,
    },
    /// A person's phone won't answer a question.
    ReadRefused {
        /// Under which agreement.
        agreement: String,
        /// Which question.
        read: String,
        /// Why: a code.
        code: String,
    },
    /// A person has a file that was sent to them.
    FileArrived {
        /// Under which agreement.
        agreement: String,
        /// The transfer.
        transfer: String,
        /// The file's name.
        name: String,
    },
    /// A file of a person has come, whole.
    FileReceived {
        /// Under which agreement.
        agreement: String,
        /// The transfer.
        transfer: String,
        /// The file's name.
        name: String,
    },
    /// A file won't come, or wasn't taken.
    FileRefused {
        /// Under which agreement.
        agreement: String,
        /// The transfer.
        transfer: String,
        /// The file's name.
        name: String,
        /// Why: a code.
        code: String,
        /// Which chunk was not what the credential says, counted from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
    },
    /// Somebody knocked at an invitation; the link to a request is on its way to them.
    Knocked {
        /// The relationship that begins, or stands.
        relationship: String,
        /// What they want: an intended use.
        use_id: String,
        /// The request that was made for them, to be collected as any other.
        request: String,
        /// At which invitation.
        invitation: String,
    },
    /// A person's relay will not take a message: mostly, the person took back what allowed sending.
    NotTaken {
        /// Under which agreement it was sent.
        agreement: String,
        /// Its number in the relationship.
        number: u64,
        /// What it was: `receipt`, `delivery`, `acknowledgement`, `amended` or `note`.
        kind: String,
    },
    /// Something was dropped that could not be verified, or that this build doesn't know.
    Dropped {
        /// In which relationship's mailbox, or an invitation's.
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
    /// A mailbox could not be read to its end this time.
    Unread {
        /// Whose messages wait; or who knocks, at an invitation.
        relationship: String,
        /// Why: a code.
        code: String,
    },
}

/// The inbox of a store.
#[derive(Clone)]
pub struct OrgInbox {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

impl OrgInbox {
    /// Sends what waits to be sent, takes in everything that came, and acknowledges withdrawals. Each message is taken in
    /// once, however often this is stopped and run again; each event is kept until it is told, once.
    ///
    /// Errors: `Unreachable`, `RelayBusy` where no mailbox at all could be read.
    pub async fn refresh(&self) -> Result<Vec<OrgEvent>> {
        self.sender.send().await?;
        let names = self.home.blocking(relationships::names).await?;
        let (mut read, mut unread) = (0, None);
        for name in names {
            let arrivals = mail::receive(&self.home, &name, take_in).await?;
            match arrivals.last() {
                Some(Arrival::Stopped(error)) => unread = Some(error.clone()),
                _ => read += 1,
            }
            let noted = move |home: &Home| {
                note_arrivals(home, &name, arrivals)?;
                renew_key(home, &name)
            };
            self.home.blocking(noted).await?;
        }
        self.home.blocking(transfers::go_on).await?;
        let requests = OrgRequests {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        };
        hellos::take_all(&self.home, &requests).await?;
        self.sender.send().await?;
        match unread {
            Some(error) if read == 0 => Err(error),
            _ => self.home.blocking(drain).await,
        }
    }
}

/// Keeps an event until the next refresh tells of it.
pub(super) fn tell(changes: &Transaction<'_>, event: &OrgEvent) -> Result<()> {
    let last = changes.all_kept(EVENTS)?.pop();
    let last = last.and_then(|(key, _)| key.parse::<u64>().ok()).unwrap_or(0);
    Ok(changes.keep(EVENTS, &format!("{:020}", last + 1), &to_json(event)?)?)
}

/// Posts a new receiving key where the one in use has served long enough.
fn renew_key(home: &Home, name: &str) -> Result<()> {
    let now = home.platform.now();
    if mail::read_connection(home, name)?.wants_new_key(now) {
        let key = signing_key(home)?;
        home.transaction(|changes| mail::renew_key(changes, name, &|input| key.sign(input), now))?;
    }
    Ok(())
}

/// Tells of what came that was no message to take in, and of what stopped the reading.
fn note_arrivals(home: &Home, name: &str, arrivals: Vec<Arrival<()>>) -> Result<()> {
    home.transaction(|changes| {
        for arrival in arrivals {
            let relationship = name.to_owned();
            let event = match arrival {
                Arrival::Event(()) => continue,
                Arrival::Missing(count) => OrgEvent::Missing { relationship, count },
                Arrival::Dropped(code) => OrgEvent::Dropped {
                    relationship,
                    code: code.to_owned(),
                },
                Arrival::Stopped(error) => OrgEvent::Unread {
                    relationship,
                    code: error.code().to_owned(),
                },
            };
            tell(changes, &event)?;
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

/// Takes in one message of a relationship. What a message says wrongly is an error that drops it, and undoes all of it.
fn take_in(home: &Home, changes: &Transaction<'_>, relationship: &str, message: Message) -> Result<()> {
    match message.kind {
        MessageKind::Withdrawal => take_withdrawal(home, changes, relationship, &message.body),
        MessageKind::Amendment => amendments::take(home, changes, relationship, &message.body),
        MessageKind::Note => {
            let NoteBody { text } = serde_json::from_slice::<NoteBody>(&message.body)?.check()?;
            let relationship = relationship.to_owned();
            tell(changes, &OrgEvent::Note { relationship, text })
        }
        MessageKind::Rights => rights::take(home, changes, relationship, &message.body),
        MessageKind::Update | MessageKind::Answer => reads::take_shown(home, changes, relationship, &message),
        MessageKind::File => transfers::take_in(home, changes, relationship, &message),
        MessageKind::Key => Ok(()),
        _ => Err(Error::new("Unsupported").with("what", "message")),
    }
}

/// Ends the agreement, takes the token that came in place of the one taken back, and stores the acknowledgement to be
/// sent. Where the agreement's own answer was not collected yet, the withdrawal waits for it.
fn take_withdrawal(home: &Home, changes: &Transaction<'_>, relationship: &str, body: &[u8]) -> Result<()> {
    let person = *mail::connection(changes, relationship)?.peer_key();
    let WithdrawalBody { withdrawal, send_token } = serde_json::from_slice(body)?;
    let withdrawal = Signed::<Withdrawal>::verify(&withdrawal, &person)?;
    relationships::renew_token(changes, relationship, send_token, withdrawal.withdrawn_at)?;
    let agreement = withdrawal.acceptance.to_string();
    match agreements::find(changes, &agreement)? {
        Some(mut kept) => {
            end(home, changes, &signing_key(home)?, &mut kept, withdrawal)?;
            kept.keep(changes)
        }
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
        false => Err(Error::new("TooLarge")
            .with("what", "withdrawals")
            .with("limit", MAX_EARLY)),
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
            kept.gone.clear();
            crate::transfer::forget_received(changes, &id)?;
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
