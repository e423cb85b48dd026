//! What becomes of a withdrawal: sent, acknowledged, or met with silence; and asking for the acknowledgement again.

use kist_channel::MessageKind;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::consents::{self, ConsentSummary, Consents};
use super::relationships;
use super::sending::{Departures, Sending, sent_at};
use crate::agreements::{self, Kept};
use crate::bodies::WithdrawalBody;
use crate::home::{Home, from_json, to_json};
use crate::mail::Departure;
use crate::{Error, Result};

/// The messages of withdrawals, by consent.
const COLLECTION: &str = "withdrawals";
/// An organisation whose acknowledgement hasn't come for so many seconds since the withdrawal left is silent: a week.
/// A program acknowledges by itself as soon as it runs, and one that runs in office hours has been on by then, over a
/// weekend and a holiday too.
const SILENT_AFTER: i64 = 7 * 24 * 60 * 60;

/// Where a withdrawal stands. It holds in each of these states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalState {
    /// It waits here for the network.
    Waiting,
    /// The organisation's relay has it.
    Sent,
    /// It was sent, and for a week no acknowledgement has come.
    Silent,
    /// No relay will take it: the organisation has given its address up.
    NotTaken,
    /// The organisation has signed that it received it.
    Acknowledged,
}

/// How far a withdrawal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawalProgress {
    /// Where it stands.
    pub state: WithdrawalState,
    /// When it left this phone, Unix seconds.
    pub sent_at: Option<i64>,
    /// Since when the organisation is silent, Unix seconds; only while it is.
    pub silent_since: Option<i64>,
    /// When it was last asked again for its acknowledgement, Unix seconds.
    pub reminded_at: Option<i64>,
}

impl Consents {
    /// Asks an organisation again to acknowledge a withdrawal, once in a day at most. Where it has, or where the withdrawal
    /// still waits here, nothing is sent.
    ///
    /// Errors: `NotFound` where nothing was withdrawn; `TooSoon` with the moment from which on it can be asked.
    pub async fn remind(&self, id: &str) -> Result<ConsentSummary> {
        let (name, again) = (id.to_owned(), id.to_owned());
        self.home
            .blocking(move |home| home.transaction(|changes| remind(home, changes, &name)))
            .await?;
        // It is stored: what fails here is tried at the next refresh, which says so.
        let _ = consents::settle(&self.home).await;
        self.home.blocking(move |home| consents::read(home, &again)).await
    }
}

/// Stores the message that tells an organisation of a withdrawal.
pub(super) fn tell(home: &Home, changes: &Transaction<'_>, kept: &Kept, body: &WithdrawalBody) -> Result<()> {
    let body = to_json(body)?;
    let sending = Sending::post(home, changes, &kept.relationship, &MessageKind::Withdrawal, &body)?;
    Ok(changes.keep(COLLECTION, &kept.id(), &to_json(&sending)?)?)
}

fn remind(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<()> {
    let kept = agreements::by_id(changes, id)?;
    let Some(withdrawal) = kept.agreement.signed_withdrawal() else {
        return Err(Error::new("NotFound").with("what", "withdrawal"));
    };
    if kept.agreement.signed_acknowledgement().is_some() {
        return Ok(());
    }
    let body = WithdrawalBody {
        withdrawal: withdrawal.compact().to_owned(),
        // The newest: another withdrawal may have replaced the one that went with this.
        send_token: relationships::by_id(changes, &kept.relationship)?.send_token,
    };
    let mut sending: Sending = match changes.kept(COLLECTION, id)? {
        Some(bytes) => from_json(&bytes)?,
        None => Sending::default(),
    };
    let body = to_json(&body)?;
    sending.again(home, changes, &kept.relationship, &MessageKind::Withdrawal, &body)?;
    Ok(changes.keep(COLLECTION, id, &to_json(&sending)?)?)
}

/// Says of each withdrawn consent how far the withdrawal has come.
pub(super) fn note(home: &Home, summaries: &mut [ConsentSummary]) -> Result<()> {
    let (departures, now) = (Departures::read(home)?, home.platform.now());
    for summary in summaries {
        if let Some(withdrawn_at) = summary.withdrawn_at {
            let sending: Option<Sending> = home.kept(COLLECTION, &summary.id)?;
            let departure = match &sending {
                Some(sending) => departures.of_sending(sending),
                // Withdrawn before this was noted.
                None => Some(Departure::Taken { at: withdrawn_at }),
            };
            summary.withdrawal = Some(WithdrawalProgress {
                reminded_at: sending.and_then(|sending| sending.reminded_at),
                ..progress(departure, summary.acknowledged_at.is_some(), now)
            });
        }
    }
    Ok(())
}

fn progress(departure: Option<Departure>, is_acknowledged: bool, now: i64) -> WithdrawalProgress {
    let sent_at = sent_at(departure);
    let is_silent = |at: &i64| now >= at.saturating_add(SILENT_AFTER);
    let silent_since = sent_at.filter(is_silent).filter(|_| !is_acknowledged);
    let state = match departure {
        _ if is_acknowledged => WithdrawalState::Acknowledged,
        Some(Departure::Taken { .. }) if silent_since.is_some() => WithdrawalState::Silent,
        Some(Departure::Taken { .. }) => WithdrawalState::Sent,
        Some(Departure::Refused { .. }) => WithdrawalState::NotTaken,
        Some(Departure::Waiting) | None => WithdrawalState::Waiting,
    };
    WithdrawalProgress {
        state,
        sent_at,
        silent_since,
        reminded_at: None,
    }
}
