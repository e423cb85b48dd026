//! The messages that were sent to people, without what they carried, and what became of each.

use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, to_json};
use crate::{Error, Result};

/// Begins the name of the collection of every message of a relationship.
const SENT: &str = "sent/";

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits here: the relay has not been reached yet.
    Waiting,
    /// The person's relay has it.
    Taken,
    /// The person's relay will not take it: mostly, they took back what allowed sending.
    NotTaken,
    /// It was refused, and sent again as a later message when the person had given a new token.
    SentAgain,
}

/// A message to a person, without what it carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// Its number in the relationship.
    pub number: u64,
    /// Under which agreement.
    pub agreement: String,
    /// `receipt`, `delivery`, `acknowledgement`, `amended` or `note`.
    pub kind: String,
    /// The type of the credential that a delivery carries.
    pub schema: Option<String>,
    /// When it was stored to be sent, Unix seconds.
    pub posted_at: i64,
    /// What became of it.
    pub state: MessageState,
}

/// Every message of a relationship, the oldest first.
pub(super) fn all(home: &Home, relationship: &str) -> Result<Vec<SentMessage>> {
    let all = home.all_kept(&format!("{SENT}{relationship}"))?;
    Ok(all.into_iter().map(|(_, sent)| sent).collect())
}

/// One message of a relationship.
pub(super) fn message(home: &Home, relationship: &str, number: u64) -> Result<SentMessage> {
    let sent = home.kept(&format!("{SENT}{relationship}"), &log_key(number))?;
    sent.ok_or_else(|| Error::new("Corrupt").with("part", "message"))
}

/// Notes a message.
pub(super) fn log(changes: &Transaction<'_>, relationship: &str, sent: &SentMessage) -> Result<()> {
    let collection = format!("{SENT}{relationship}");
    Ok(changes.keep(&collection, &log_key(sent.number), &to_json(sent)?)?)
}

/// Notes what became of a message.
pub(super) fn set_state(changes: &Transaction<'_>, relationship: &str, number: u64, state: MessageState) -> Result<()> {
    let collection = format!("{SENT}{relationship}");
    let bytes = changes.kept(&collection, &log_key(number))?;
    let bytes = bytes.ok_or_else(|| Error::new("Corrupt").with("part", "message"))?;
    let sent = SentMessage {
        state,
        ..from_json(&bytes)?
    };
    log(changes, relationship, &sent)
}

/// Sorts as the number does.
fn log_key(number: u64) -> String {
    format!("{number:020}")
}
