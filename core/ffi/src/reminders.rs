//! Everything that the person is to be reminded of, in one list, as it crosses the bridge.

use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, DataRight, Person, Reminder, task};

/// Something to be reminded of.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Due {
    /// A record has a date that comes or has passed.
    Record {
        /// Which, and when.
        reminder: Reminder,
    },
    /// An organisation hasn't acknowledged a withdrawal; [`Person::remind_of_withdrawal`] asks it again.
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
    /// An organisation should have answered a request of rights; [`Person::remind_of_rights`] asks it again,
    /// [`Person::make_report`] makes a report to its authority.
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

#[uniffi::export]
impl Person {
    /// What is due now, and what of records will be so many days from now: those first, the first due first; then
    /// organisations that owe an answer.
    pub async fn reminders(&self, days_ahead: u32, cancel: Arc<CancelHandle>) -> Result<Vec<Due>> {
        let reminders = self.store.get()?.reminders();
        task::run(&cancel, async move {
            Ok(reminders.list(days_ahead).await?.into_iter().map(Due::from).collect())
        })
        .await
    }
}

impl From<kist_pds::Due> for Due {
    fn from(due: kist_pds::Due) -> Self {
        use kist_pds::Due as D;
        match due {
            D::Record(reminder) => Self::Record {
                reminder: reminder.into(),
            },
            D::SilentWithdrawal {
                consent,
                organisation,
                silent_since,
                reminded_at,
            } => Self::SilentWithdrawal {
                consent,
                organisation,
                silent_since,
                reminded_at,
            },
            D::OverdueRights {
                request,
                organisation,
                right,
                due_at,
                reminded_at,
            } => Self::OverdueRights {
                request,
                organisation,
                right: right.into(),
                due_at,
                reminded_at,
            },
        }
    }
}
