//! What organisations ask to read by standing access (C4): each question waits where the person sees it, and is answered
//! once, after it was checked that the consent still allows it.

use kist_channel::{Message, MessageKind};
use kist_consent::history::Event;
use kist_consent::{FieldRef, Right};
use kist_identity::start_of_day;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::updates;
use crate::agreements::{self, Kept};
use crate::bodies::standing_access::{ReadBody, ShownBody};
use crate::home::{Home, from_json, to_json};
use crate::person::consents::Consents;
use crate::person::events::InboxEvent;
use crate::person::relationships::{self, Relationship};
use crate::{Error, Result, history, mail};

/// Questions, by relationship and id.
const READS: &str = "reads";
/// The most questions of one organisation that wait; more are dropped.
const MAX_WAITING: usize = 64;
/// The most questions of one organisation that are listed; the history has them all.
const MAX_LISTED: usize = 256;

/// A question as it is kept.
#[derive(Serialize, Deserialize)]
struct Stored {
    relationship: String,
    body: ReadBody,
    asked_at: i64,
    received_ms: i64,
    state: ReadState,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReadState {
    /// It waits for the next refresh.
    Pending,
    /// It was answered.
    Answered {
        /// When, Unix seconds.
        at: i64,
    },
    /// The consent didn't allow it, and the organisation was told so.
    Refused {
        /// When, Unix seconds.
        at: i64,
        /// Why: a code.
        code: String,
    },
}

/// A question of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadInfo {
    /// The id that the organisation gave it.
    pub id: String,
    /// Under which consent.
    pub consent: String,
    /// Who asked.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// What it wants to read; empty for all that was given.
    pub fields: Vec<FieldRef>,
    /// When it asked, Unix seconds by its clock: the answer is pending since then.
    pub asked_at: i64,
    /// When the question came here, Unix milliseconds.
    pub received_ms: i64,
    /// What became of it.
    pub state: ReadState,
}

impl Consents {
    /// What organisations asked to read by standing access, the newest first: under one consent, or under all.
    pub async fn reads(&self, consent: Option<&str>) -> Result<Vec<ReadInfo>> {
        let consent = consent.map(str::to_owned);
        self.home
            .blocking(move |home| {
                let mut reads = Vec::new();
                for (_, stored) in home.all_kept::<Stored>(READS)? {
                    if consent.as_ref().is_none_or(|consent| *consent == stored.body.agreement) {
                        reads.push(ReadInfo::of(stored, |id| relationships::read(home, id))?);
                    }
                }
                reads.sort_by_key(|read| std::cmp::Reverse(read.received_ms));
                Ok(reads)
            })
            .await
    }
}

impl ReadInfo {
    fn of(stored: Stored, relationship: impl Fn(&str) -> Result<Relationship>) -> Result<Self> {
        let Relationship {
            organisation,
            organisation_id,
            ..
        } = relationship(&stored.relationship)?;
        Ok(ReadInfo {
            id: stored.body.id,
            consent: stored.body.agreement,
            organisation,
            organisation_id,
            fields: stored.body.fields,
            asked_at: stored.asked_at,
            received_ms: stored.received_ms,
            state: stored.state,
        })
    }
}

/// The key of a question in the store.
pub(super) fn key(relationship: &str, id: &str) -> String {
    format!("{relationship}/{id}")
}

/// Notes that a question wasn't answered after all: it waits again.
pub(super) fn unanswered(changes: &Transaction<'_>, key: &str) -> Result<()> {
    let Some(bytes) = changes.kept(READS, key)? else {
        return Ok(());
    };
    let stored = Stored {
        state: ReadState::Pending,
        ..from_json(&bytes)?
    };
    Ok(changes.keep(READS, key, &to_json(&stored)?)?)
}

/// Keeps a question that came.
///
/// Errors: `NotFound`, `NotCovered` where it names no agreement of this relationship; `ReplayRejected` for one that has the id
/// of another, `TooLarge` where too many wait, `Malformed`.
pub(in crate::person) fn take_in(home: &Home, changes: &Transaction<'_>, id: &str, message: &Message) -> Result<()> {
    let body = serde_json::from_slice::<ReadBody>(&message.body)?.check()?;
    let kept = agreements::by_id(changes, &body.agreement)?;
    if kept.relationship != id {
        return Err(Error::new("NotCovered"));
    }
    let key = key(id, &body.id);
    if changes.was_kept(READS, &key)? {
        return Err(Error::new("ReplayRejected"));
    }
    let mut earlier = Vec::new();
    for (key, bytes) in changes.all_kept(READS)? {
        let stored: Stored = from_json(&bytes)?;
        if stored.relationship == id {
            earlier.push((stored.received_ms, key, stored.state == ReadState::Pending));
        }
    }
    if earlier.iter().filter(|(.., pending)| *pending).count() >= MAX_WAITING {
        return Err(Error::new("TooLarge").with("what", "reads").with("limit", MAX_WAITING));
    }
    earlier.sort();
    let surplus = (earlier.len() + 1).saturating_sub(MAX_LISTED);
    for (_, key, _) in earlier.iter().filter(|(.., pending)| !pending).take(surplus) {
        changes.forget(READS, key)?;
    }
    let stored = Stored {
        relationship: id.to_owned(),
        body,
        // By its clock, which may say anything.
        asked_at: message.sent_at.clamp(0, home.platform.now()),
        received_ms: home.platform.now_ms(),
        state: ReadState::Pending,
    };
    Ok(changes.keep(READS, &key, &to_json(&stored)?)?)
}

/// Answers what waits, each question in a transaction with its answer.
///
/// Errors: the store's own.
pub(in crate::person) fn answer_all(home: &Home) -> Result<Vec<InboxEvent>> {
    home.transaction(updates::note_called_back)?;
    let mut events = Vec::new();
    for (key, stored) in home.all_kept::<Stored>(READS)? {
        if stored.state == ReadState::Pending {
            match home.transaction(|changes| answer(home, changes, &key)) {
                Ok(event) => events.extend(event),
                // It waits on, such as for room in the outbox.
                Err(error) if !mail::is_own(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(events)
}

fn answer(home: &Home, changes: &Transaction<'_>, key: &str) -> Result<Option<InboxEvent>> {
    let Some(bytes) = changes.kept(READS, key)? else {
        return Ok(None);
    };
    let mut stored: Stored = from_json(&bytes)?;
    if stored.state != ReadState::Pending {
        return Ok(None);
    }
    let (at, relationship) = (
        home.platform.now(),
        relationships::by_id(changes, &stored.relationship)?,
    );
    let kept = agreements::by_id(changes, &stored.body.agreement)?;
    let shown = allowed(home, changes, &kept, &stored.body.fields)
        .and_then(|fields| updates::answer(home, changes, &kept, &stored.body.id, fields));
    let (fields, refused) = match shown {
        Ok(sent) => (sent.fields, None),
        // While it is paused, or the framework's list too old, it waits on, and the organisation isn't told why.
        Err(error)
            if matches!(error.code(), "ConsentPaused" | "TrustListExpired" | "TooLarge") || mail::is_own(&error) =>
        {
            return Err(error);
        }
        Err(error) => (Vec::new(), Some(error.code().to_owned())),
    };
    if let Some(code) = &refused {
        refuse(home, changes, &stored, &relationship, code)?;
    }
    stored.state = match refused.clone() {
        None => ReadState::Answered { at },
        Some(code) => ReadState::Refused { at, code },
    };
    changes.keep(READS, key, &to_json(&stored)?)?;
    let event = Event::ReadAnswered {
        organisation: kist_consent::Party {
            id: relationship.organisation_id.clone(),
            name: relationship.organisation.clone(),
        },
        agreement: kept.agreement.id(),
        read: stored.body.id.clone(),
        fields,
        refused: refused.clone(),
    };
    history::append(changes, event, home.platform.now_ms())?;
    let (consent, organisation, read) = (stored.body.agreement, relationship.organisation, stored.body.id);
    Ok(Some(match refused {
        None => InboxEvent::ReadAnswered {
            consent,
            organisation,
            read,
        },
        Some(code) => InboxEvent::ReadRefused {
            consent,
            organisation,
            read,
            code,
        },
    }))
}

/// What may be read now of what was asked for: all that was chosen where nothing is named.
///
/// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `FieldNotOffered` for what the person didn't choose.
fn allowed(home: &Home, changes: &Transaction<'_>, kept: &Kept, fields: &[FieldRef]) -> Result<Vec<FieldRef>> {
    kept.check_use(changes, Right::Read, home.platform.now())?;
    let chosen = kept.agreement.fields();
    match fields {
        [] => Ok(chosen),
        fields if fields.iter().all(|field| chosen.contains(field)) => Ok(fields.to_vec()),
        _ => Err(Error::new("FieldNotOffered")),
    }
}

/// Tells the organisation why it isn't answered.
fn refuse(
    home: &Home,
    changes: &Transaction<'_>,
    stored: &Stored,
    relationship: &Relationship,
    code: &str,
) -> Result<()> {
    let (key, now) = (relationship.key()?, home.platform.now());
    let body = ShownBody {
        agreement: stored.body.agreement.clone(),
        read: Some(stored.body.id.clone()),
        as_of: start_of_day(now),
        shown: Vec::new(),
        gone: Vec::new(),
        refused: Some(code.to_owned()),
    };
    let (name, sign) = (&stored.relationship, mail::signer(&key));
    mail::post(changes, name, &sign, MessageKind::Answer, to_json(&body)?, now)
}
