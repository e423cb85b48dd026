//! Messages of organisations, as they cross the bridge.

use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, Person, RightsOutcome, task};

/// What a refresh of the inbox came to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum InboxEvent {
    /// An organisation's receipt came.
    ReceiptStored {
        /// For which consent.
        consent: String,
        /// Whose.
        organisation: String,
    },
    /// A record was delivered, verified, and is in the store.
    Delivered {
        /// Under which consent.
        consent: String,
        /// By whom.
        organisation: String,
        /// The record.
        record: String,
    },
    /// An organisation that the person contacted sent its request, which waits to be decided.
    RequestCame {
        /// Whose.
        organisation: String,
        /// The request.
        request: String,
    },
    /// Another person answered an invitation: both compare the code now.
    PersonAnswered {
        /// Which connection.
        person: String,
        /// What this person calls them.
        name: String,
        /// What both compare.
        check_code: String,
    },
    /// Another person withdrew what they shared; it was deleted here.
    ShareWithdrawn {
        /// Which share.
        share: String,
        /// What this person calls them.
        name: String,
    },
    /// A withdrawal was acknowledged.
    Acknowledged {
        /// Of which consent.
        consent: String,
        /// By whom.
        organisation: String,
    },
    /// An organisation answered a request of rights.
    RightsAnswered {
        /// Which request.
        request: String,
        /// Who.
        organisation: String,
        /// What came of it.
        outcome: RightsOutcome,
        /// The records that came with it.
        records: Vec<String>,
    },
    /// A narrowing was acknowledged.
    NarrowingAcknowledged {
        /// Of which consent.
        consent: String,
        /// By whom.
        organisation: String,
    },
    /// Something waits to be read.
    Waiting {
        /// The item.
        item: String,
        /// From whom.
        organisation: String,
        /// No agreement covers it.
        outside_agreement: bool,
    },
    /// Something was dropped that nobody vouches for, or that couldn't be verified.
    Dropped {
        /// In whose mailbox.
        organisation: String,
        /// Why: a code.
        code: String,
    },
    /// A relay lost messages.
    Missing {
        /// From whom.
        organisation: String,
        /// How many.
        count: u64,
    },
    /// What goes to or comes from an organisation still waits; the next refresh tries again.
    Unreachable {
        /// Which organisation.
        organisation: String,
        /// Why: a code.
        code: String,
    },
    /// An organisation asked to read by standing access, and was answered.
    ReadAnswered {
        /// Under which consent.
        consent: String,
        /// Who asked.
        organisation: String,
        /// The id of its question.
        read: String,
    },
    /// An organisation asked to read what it may not, and was told so.
    ReadRefused {
        /// Under which consent.
        consent: String,
        /// Who asked.
        organisation: String,
        /// The id of its question.
        read: String,
        /// Why: a code.
        code: String,
    },
    /// An organisation has a file that was sent to it.
    FileArrived {
        /// Under which consent.
        consent: String,
        /// Whom it was sent to.
        organisation: String,
        /// The file's name.
        name: String,
    },
    /// A file won't come, or wasn't taken.
    FileRefused {
        /// Under which consent.
        consent: String,
        /// Who sent it, or whom it was sent to.
        organisation: String,
        /// The file's name.
        name: String,
        /// Why: a code.
        code: String,
        /// Which chunk was not what the credential says, counted from 0.
        chunk: Option<u32>,
    },
}

/// Something that waits to be read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct InboxItem {
    /// Its id.
    pub id: String,
    /// From whom.
    pub organisation: String,
    /// Their stable id.
    pub organisation_id: String,
    /// When it came, Unix milliseconds.
    pub received_ms: i64,
    /// What it is: `note`, `delivery` or a kind that this build doesn't know.
    pub kind: String,
    /// Words to read.
    pub text: Option<String>,
    /// No agreement covers it.
    pub outside_agreement: bool,
}

#[uniffi::export]
impl Person {
    /// Sends what waits to be sent, and takes in everything that came.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays.
    pub async fn refresh_inbox(&self, cancel: Arc<CancelHandle>) -> Result<Vec<InboxEvent>> {
        let inbox = self.store.get()?.inbox();
        task::run(&cancel, async move {
            Ok(inbox.refresh().await?.into_iter().map(InboxEvent::from).collect())
        })
        .await
    }

    /// What waits to be read, the newest first.
    pub async fn inbox_items(&self, cancel: Arc<CancelHandle>) -> Result<Vec<InboxItem>> {
        let inbox = self.store.get()?.inbox();
        task::run(&cancel, async move {
            Ok(inbox.list().await?.into_iter().map(InboxItem::from).collect())
        })
        .await
    }

    /// Takes an item away.
    pub async fn dismiss_inbox_item(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let inbox = self.store.get()?.inbox();
        task::run(&cancel, async move { Ok(inbox.dismiss(&id).await?) }).await
    }
}

impl From<kist_pds::InboxEvent> for InboxEvent {
    fn from(event: kist_pds::InboxEvent) -> Self {
        use kist_pds::InboxEvent as E;
        match event {
            E::ReceiptStored { consent, organisation } => Self::ReceiptStored { consent, organisation },
            E::Delivered {
                consent,
                organisation,
                record,
            } => Self::Delivered {
                consent,
                organisation,
                record: record.to_string(),
            },
            E::RequestCame { organisation, request } => Self::RequestCame { organisation, request },
            E::PersonAnswered {
                person,
                name,
                check_code,
            } => Self::PersonAnswered {
                person,
                name,
                check_code,
            },
            E::ShareWithdrawn { share, name } => Self::ShareWithdrawn { share, name },
            E::Acknowledged { consent, organisation } => Self::Acknowledged { consent, organisation },
            E::RightsAnswered {
                request,
                organisation,
                outcome,
                records,
            } => Self::RightsAnswered {
                request,
                organisation,
                outcome: RightsOutcome::of(&outcome),
                records: records.iter().map(ToString::to_string).collect(),
            },
            E::NarrowingAcknowledged { consent, organisation } => Self::NarrowingAcknowledged { consent, organisation },
            E::Waiting {
                item,
                organisation,
                outside_agreement,
            } => Self::Waiting {
                item,
                organisation,
                outside_agreement,
            },
            E::Dropped { organisation, code } => Self::Dropped { organisation, code },
            E::Missing { organisation, count } => Self::Missing { organisation, count },
            E::Unreachable { organisation, code } => Self::Unreachable { organisation, code },
            E::FileArrived {
                consent,
                organisation,
                name,
            } => Self::FileArrived {
                consent,
                organisation,
                name,
            },
            E::FileRefused {
                consent,
                organisation,
                name,
                code,
                chunk,
            } => Self::FileRefused {
                consent,
                organisation,
                name,
                code,
                chunk,
            },
            E::ReadAnswered {
                consent,
                organisation,
                read,
            } => Self::ReadAnswered {
                consent,
                organisation,
                read,
            },
            E::ReadRefused {
                consent,
                organisation,
                read,
                code,
            } => Self::ReadRefused {
                consent,
                organisation,
                read,
                code,
            },
        }
    }
}

impl From<kist_pds::InboxItem> for InboxItem {
    fn from(item: kist_pds::InboxItem) -> Self {
        InboxItem {
            id: item.id,
            organisation: item.organisation,
            organisation_id: item.organisation_id,
            received_ms: item.received_ms,
            kind: item.kind,
            text: item.text,
            outside_agreement: item.outside_agreement,
        }
    }
}
