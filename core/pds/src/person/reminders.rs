//! Everything that the person is to be reminded of, in one list: dates in records, and organisations that owe an answer.

use std::sync::Arc;

use kist_consent::DataRight;
use kist_vault::{Date, Reminder};
use serde::Serialize;

use super::consents;
use super::rights::{self, RightsStage, RightsSummary};
use crate::Result;
use crate::home::Home;

/// Something to be reminded of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Due {
    /// A record has a date that comes or has passed; [`crate::Records::snooze`] puts it off.
    Record(Reminder),
    /// An organisation hasn't acknowledged a withdrawal; [`crate::Consents::remind`] asks it again.
    SilentWithdrawal {
        /// Which consent was withdrawn.
        consent: String,
        /// Whose silence it is.
        organisation: String,
        /// Since when, Unix seconds.
        silent_since: i64,
        /// When it was last asked again, Unix seconds.
        reminded_at: Option<i64>,
    },
    /// An organisation should have answered a request of rights; [`crate::DataRights::remind`] asks it again, and
    /// [`crate::DataRights::report`] makes a report to its authority.
    OverdueRights {
        /// The request.
        request: String,
        /// Whose answer is due.
        organisation: String,
        /// What was asked for.
        right: DataRight,
        /// Until when it had to answer, Unix seconds.
        due_at: i64,
        /// When it was last asked again, Unix seconds.
        reminded_at: Option<i64>,
    },
}

/// The reminders of a store.
#[derive(Clone)]
pub struct Reminders {
    pub(crate) home: Arc<Home>,
}

impl Reminders {
    /// What is due now, and what of records will be so many days from now: those first, the first due first; then
    /// organisations that owe an answer.
    pub async fn list(&self, days_ahead: u32) -> Result<Vec<Due>> {
        self.home
            .blocking(move |home| {
                let today = Date::from_ms(home.platform.now_ms());
                let records = home.vault.reminders(today, today.plus_days(days_ahead))?;
                let mut due: Vec<Due> = records.into_iter().map(Due::Record).collect();
                due.extend(consents::all(home)?.into_iter().filter_map(silent));
                due.extend(rights::all(home)?.into_iter().filter_map(overdue));
                Ok(due)
            })
            .await
    }
}

fn silent(consent: consents::ConsentSummary) -> Option<Due> {
    let withdrawal = consent.withdrawal?;
    Some(Due::SilentWithdrawal {
        silent_since: withdrawal.silent_since?,
        reminded_at: withdrawal.reminded_at,
        consent: consent.id,
        organisation: consent.organisation,
    })
}

fn overdue(request: RightsSummary) -> Option<Due> {
    let due_at = request.due_at.filter(|_| request.stage == RightsStage::Overdue)?;
    Some(Due::OverdueRights {
        request: request.id,
        organisation: request.organisation,
        right: request.right,
        due_at,
        reminded_at: request.reminded_at,
    })
}
