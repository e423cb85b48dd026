//! Messages to people and from them, as they cross the bridge.

use std::sync::Arc;

use super::{DeliverySpec, Organisation, SentMessageState};
use crate::error::Result;
use crate::{CancelHandle, DataRight, task};

/// What became of a delivery so far.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeliveryReport {
    /// Under which agreement.
    pub agreement: String,
    /// The message's number in the relationship.
    pub number: u64,
    /// What became of it. Waiting, it is sent with the next refresh of the inbox.
    pub state: SentMessageState,
}

/// What happened since the inbox was last refreshed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
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
        /// Which right.
        right: DataRight,
        /// The last second in which an answer is in time, Unix seconds.
        due_at: i64,
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
    /// A person's relay refused a message, since the person took back what allowed sending.
    NotTaken {
        /// Under which agreement it was sent.
        agreement: String,
        /// Its number in the relationship.
        number: u64,
        /// What it was: `receipt`, `delivery`, `acknowledgement` or `note`.
        kind: String,
    },
    /// Something was dropped that couldn't be verified, or that this build doesn't know.
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
    /// A mailbox couldn't be read to its end this time.
    Unread {
        /// Whose messages wait.
        relationship: String,
        /// Why: a code.
        code: String,
    },
    /// A person has changed what they gave; the agreement has the new values.
    Updated {
        /// Under which agreement.
        agreement: String,
        /// What has another value now.
        fields: Vec<String>,
        /// What the person has no value for any more.
        gone: Vec<String>,
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
        chunk: Option<u32>,
    },
}

#[uniffi::export]
impl Organisation {
    /// Signs the claims as a credential that is bound to this relationship alone, and sends it to the person.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`, `NotFound`, `OrganisationNotTrusted`, `Malformed`,
    /// `TooLarge`. Where the relay can't be reached, the report says so.
    pub async fn deliver(
        &self,
        agreement: String,
        spec: DeliverySpec,
        cancel: Arc<CancelHandle>,
    ) -> Result<DeliveryReport> {
        let deliveries = self.store.get()?.deliveries();
        let spec = spec.into_core()?;
        task::run(&cancel, async move {
            Ok(deliveries.deliver(&agreement, spec).await?.into())
        })
        .await
    }

    /// Sends words to read.
    pub async fn send_note(
        &self,
        agreement: String,
        text: String,
        cancel: Arc<CancelHandle>,
    ) -> Result<DeliveryReport> {
        let deliveries = self.store.get()?.deliveries();
        task::run(
            &cancel,
            async move { Ok(deliveries.note(&agreement, &text).await?.into()) },
        )
        .await
    }

    /// Sends what waits to be sent, takes in everything that came, and acknowledges withdrawals.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays, and is told by the next refresh.
    pub async fn refresh_inbox(&self, cancel: Arc<CancelHandle>) -> Result<Vec<OrgEvent>> {
        let inbox = self.store.get()?.inbox();
        task::run(&cancel, async move {
            Ok(inbox.refresh().await?.into_iter().map(OrgEvent::from).collect())
        })
        .await
    }
}

impl From<kist_pds::DeliveryReport> for DeliveryReport {
    fn from(report: kist_pds::DeliveryReport) -> Self {
        DeliveryReport {
            agreement: report.agreement,
            number: report.number,
            state: report.state.into(),
        }
    }
}

impl From<kist_pds::OrgEvent> for OrgEvent {
    fn from(event: kist_pds::OrgEvent) -> Self {
        use kist_pds::OrgEvent as E;
        match event {
            E::Knocked {
                relationship,
                use_id,
                request,
                invitation,
            } => Self::Knocked {
                relationship,
                use_id,
                request,
                invitation,
            },
            E::Withdrawn { agreement, at } => Self::Withdrawn { agreement, at },
            E::Amended {
                agreement,
                fields,
                ends_at,
                at,
            } => Self::Amended {
                agreement,
                fields,
                ends_at,
                at,
            },
            E::Replaced { agreement, by } => Self::Replaced { agreement, by },
            E::Note { relationship, text } => Self::Note { relationship, text },
            E::RightsRequested {
                request,
                relationship,
                right,
                due_at,
            } => Self::RightsRequested {
                request,
                relationship,
                right: right.into(),
                due_at,
            },
            E::NotTaken {
                agreement,
                number,
                kind,
            } => Self::NotTaken {
                agreement,
                number,
                kind,
            },
            E::Dropped { relationship, code } => Self::Dropped { relationship, code },
            E::Missing { relationship, count } => Self::Missing { relationship, count },
            E::Unread { relationship, code } => Self::Unread { relationship, code },
            E::Updated {
                agreement,
                fields,
                gone,
                as_of,
            } => Self::Updated {
                agreement,
                fields: fields.iter().map(ToString::to_string).collect(),
                gone: gone.iter().map(ToString::to_string).collect(),
                as_of,
            },
            E::ReadAnswered { agreement, read, as_of } => Self::ReadAnswered { agreement, read, as_of },
            E::ReadRefused { agreement, read, code } => Self::ReadRefused { agreement, read, code },
            E::FileArrived {
                agreement,
                transfer,
                name,
            } => Self::FileArrived {
                agreement,
                transfer,
                name,
            },
            E::FileReceived {
                agreement,
                transfer,
                name,
            } => Self::FileReceived {
                agreement,
                transfer,
                name,
            },
            E::FileRefused {
                agreement,
                transfer,
                name,
                code,
                chunk,
            } => Self::FileRefused {
                agreement,
                transfer,
                name,
                code,
                chunk,
            },
        }
    }
}
