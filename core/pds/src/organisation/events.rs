//! What happened to an organisation, kept until a refresh of the inbox tells of it, once.

use kist_consent::{DataRight, FieldRef};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::home::{Home, from_json, to_json};

/// Events that nobody was told yet.
const EVENTS: &str = "events";

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
    /// Messages of a person that never came: a relay lost them, or the person called back what had not left.
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

/// Keeps an event until the next refresh tells of it.
pub(super) fn tell(changes: &Transaction<'_>, event: &OrgEvent) -> Result<()> {
    let last = changes.all_kept(EVENTS)?.pop();
    let last = last.and_then(|(key, _)| key.parse::<u64>().ok()).unwrap_or(0);
    Ok(changes.keep(EVENTS, &format!("{:020}", last + 1), &to_json(event)?)?)
}

/// Every event that nobody was told yet; they are told by this.
pub(super) fn drain(home: &Home) -> Result<Vec<OrgEvent>> {
    home.transaction(|changes| {
        let mut events = Vec::new();
        for (key, bytes) in changes.all_kept(EVENTS)? {
            events.push(from_json(&bytes)?);
            changes.forget(EVENTS, &key)?;
        }
        Ok(events)
    })
}
