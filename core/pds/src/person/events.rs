//! What happens in the person's mailboxes, as a refresh of the inbox tells it.

use kist_vault::RecordId;
use serde::Serialize;

/// What a refresh of the inbox came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
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
        record: RecordId,
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
    /// An organisation answered a request of rights, or what came with its answer is in the store by now.
    RightsAnswered {
        /// Which request.
        request: String,
        /// Who.
        organisation: String,
        /// What came of it: `done`, `refused` or `extended`.
        outcome: String,
        /// The records that came with it.
        records: Vec<RecordId>,
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
    /// Something was dropped that nobody vouches for, or that could not be verified.
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
    },
    /// What goes to or comes from an organisation still waits; the next refresh tries again.
    Unreachable {
        /// Which organisation.
        organisation: String,
        /// Why: a code.
        code: String,
    },
}
