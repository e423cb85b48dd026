//! What can happen. Ids, names and hashes only.

use kist_identity::ClaimPath;
use serde::{Deserialize, Serialize};

use crate::{ObjectHash, Party};

/// Something that happened, as the history tells it. Variants and members keep their names for ever; a build that meets
/// a variant it doesn't know is too old for the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
#[non_exhaustive]
pub enum Event {
    /// A verified request was shown to the person.
    RequestSeen {
        /// Who asked.
        organisation: Party,
        /// The request's local id.
        request: String,
        /// The offer's hash, where it offered an agreement.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<ObjectHash>,
        /// What was asked for.
        fields: Vec<DisclosedField>,
    },
    /// The person refused.
    Refused {
        /// Who had asked.
        organisation: Party,
        /// The request's local id.
        request: String,
    },
    /// The person accepted an offer.
    Agreed {
        /// With whom.
        organisation: Party,
        /// The request's local id.
        request: String,
        /// The agreement's name.
        agreement: ObjectHash,
    },
    /// Fields were sent: with an answer, or by standing access.
    Disclosed {
        /// To whom.
        organisation: Party,
        /// The request's local id, where this answered one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<String>,
        /// The agreement, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agreement: Option<ObjectHash>,
        /// What.
        fields: Vec<DisclosedField>,
    },
    /// The organisation's receipt came.
    ReceiptStored {
        /// Whose.
        organisation: Party,
        /// For what.
        agreement: ObjectHash,
        /// The receipt's hash.
        receipt: ObjectHash,
    },
    /// A credential was delivered.
    Delivered {
        /// By whom.
        organisation: Party,
        /// Under what.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agreement: Option<ObjectHash>,
        /// The type of the credential.
        credential_type: String,
        /// The id under which it is kept.
        credential: String,
    },
    /// Any other message came.
    MessageReceived {
        /// From whom.
        organisation: Party,
        /// Its kind.
        kind: String,
        /// Its number in the connection.
        number: u64,
    },
    /// The person withdrew.
    Withdrawn {
        /// From whom.
        organisation: Party,
        /// What.
        agreement: ObjectHash,
        /// The withdrawal's hash.
        withdrawal: ObjectHash,
    },
    /// The organisation acknowledged a withdrawal.
    WithdrawalAcknowledged {
        /// Who.
        organisation: Party,
        /// Of what.
        agreement: ObjectHash,
        /// The acknowledgement's hash.
        acknowledgement: ObjectHash,
    },
    /// The store was restored from a backup.
    Restored {
        /// The sequence of the backup's head.
        backup: u64,
        /// Whether it was proven to be the newest.
        freshness_proven: bool,
    },
    /// Data left the store by the person's own hand.
    Exported {
        /// In what form.
        kind: ExportKind,
    },
}

/// In what form data was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ExportKind {
    /// Everything.
    Everything,
    /// Chosen records.
    Records,
    /// The history and its receipts, as evidence.
    Evidence,
}

/// One field by the type of the credential that carries it, so that it can be found again in another request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosedField {
    /// The credential's type.
    pub credential_type: String,
    /// Where in the credential.
    pub path: ClaimPath,
}

impl Event {
    /// The organisation that this is about, where it is about one.
    pub fn organisation(&self) -> Option<&Party> {
        match self {
            Event::RequestSeen { organisation, .. }
            | Event::Refused { organisation, .. }
            | Event::Agreed { organisation, .. }
            | Event::Disclosed { organisation, .. }
            | Event::ReceiptStored { organisation, .. }
            | Event::Delivered { organisation, .. }
            | Event::MessageReceived { organisation, .. }
            | Event::Withdrawn { organisation, .. }
            | Event::WithdrawalAcknowledged { organisation, .. } => Some(organisation),
            Event::Restored { .. } | Event::Exported { .. } => None,
        }
    }
}
