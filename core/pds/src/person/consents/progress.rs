//! How far a withdrawal has come: sent, acknowledged, or met with silence.

use kist_vault::Transaction;

use super::summary::{ConsentSummary, WithdrawalProgress, WithdrawalState};
use crate::Result;
use crate::home::{Home, from_json, to_json};
use crate::mail::Departure;
use crate::person::relationships::sending::{Departures, Sending, sent_at};

/// The messages of withdrawals, by consent.
const COLLECTION: &str = "withdrawals";
/// An organisation whose acknowledgement hasn't come for so many seconds since the withdrawal left is silent: a week.
/// A program acknowledges by itself as soon as it runs, and one that runs in office hours has been on by then, over a
/// weekend and a holiday too.
const SILENT_AFTER: i64 = 7 * 24 * 60 * 60;

/// The message that tells of a withdrawal; one that was sent before messages were noted has none.
pub(in crate::person) fn sending(changes: &Transaction<'_>, consent: &str) -> Result<Option<Sending>> {
    changes
        .kept(COLLECTION, consent)?
        .map(|bytes| from_json(&bytes))
        .transpose()
}

pub(in crate::person) fn keep(changes: &Transaction<'_>, consent: &str, sending: &Sending) -> Result<()> {
    Ok(changes.keep(COLLECTION, consent, &to_json(sending)?)?)
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
