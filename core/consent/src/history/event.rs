//! What can happen. Ids, names and hashes only.

use kist_identity::ClaimPath;
use serde::{Deserialize, Serialize};

use crate::{FieldRef, ObjectHash, Party};

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
    /// The person wasn't asked: a rule of theirs gave the answer that they had told to remember.
    DecidedByRule {
        /// Who had asked.
        organisation: Party,
        /// The request's local id.
        request: String,
        /// The rule's local id.
        rule: String,
    },
    /// The person accepted an offer.
    Agreed {
        /// With whom.
        organisation: Party,
        /// The request's local id.
        request: String,
        /// The agreement's name.
        agreement: ObjectHash,
        /// The agreement that it takes the place of, where it renews one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<ObjectHash>,
        /// The intended use of the organisation's registration. Older entries don't say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intended_use: Option<String>,
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
    /// The person paused one consent, or everything.
    Paused {
        /// With whom; none for everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organisation: Option<Party>,
        /// What; none for everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agreement: Option<ObjectHash>,
    },
    /// The person let one consent, or everything, go on.
    Resumed {
        /// With whom; none for everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organisation: Option<Party>,
        /// What; none for everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agreement: Option<ObjectHash>,
    },
    /// The person narrowed an agreement.
    Amended {
        /// With whom.
        organisation: Party,
        /// Which.
        agreement: ObjectHash,
        /// The amendment's hash.
        amendment: ObjectHash,
        /// The fields that were taken out.
        fields: Vec<FieldRef>,
        /// The earlier end, Unix seconds, where it sets one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends_at: Option<i64>,
    },
    /// The organisation acknowledged an amendment.
    AmendmentAcknowledged {
        /// Who.
        organisation: Party,
        /// Of which agreement.
        agreement: ObjectHash,
        /// The acknowledgement's hash.
        acknowledgement: ObjectHash,
    },
    /// A read by standing access was answered, or refused.
    ReadAnswered {
        /// Who read.
        organisation: Party,
        /// Under what.
        agreement: ObjectHash,
        /// The read's id.
        read: String,
        /// What was given; empty where it was refused.
        fields: Vec<DisclosedField>,
        /// Why it was refused: a code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// A change was sent by standing access.
    UpdateSent {
        /// To whom.
        organisation: Party,
        /// Under what.
        agreement: ObjectHash,
        /// What changed.
        fields: Vec<DisclosedField>,
        /// What was said to be gone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<DisclosedField>,
    },
    /// The person made a request of rights: access, rectification, erasure, restriction, portability, objection; or a report
    /// to the supervisory authority.
    RightsRequested {
        /// Of whom, or about whom.
        organisation: Party,
        /// The request's id.
        request: String,
        /// The right, as the term of DPV such as `eu-gdpr:A17`.
        right: String,
        /// The agreement that it is about, where it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agreement: Option<ObjectHash>,
        /// Until when it is to be answered, Unix seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<i64>,
    },
    /// The organisation answered a request of rights.
    RightsAnswered {
        /// Who.
        organisation: Party,
        /// The request's id.
        request: String,
        /// The right that was asked for.
        right: String,
        /// What came of it, in a word.
        outcome: String,
    },
    /// A framework says that an organisation stands elsewhere than before.
    OrganisationStanding {
        /// Which.
        organisation: Party,
        /// The framework, by its label.
        framework: String,
        /// Where it stands now: `Active`, `Suspended`, `Expelled` or `NotListed`.
        state: String,
    },
    /// A connection was made: with an organisation, or with another person.
    Connected {
        /// With whom.
        with: Party,
        /// What they are.
        kind: PeerKind,
        /// The connection's id.
        connection: String,
    },
    /// The person paused a connection.
    ConnectionPaused {
        /// With whom.
        organisation: Party,
    },
    /// The person went on with a connection.
    ConnectionResumed {
        /// With whom.
        organisation: Party,
    },
    /// The person ended a connection.
    ConnectionEnded {
        /// With whom.
        organisation: Party,
    },
    /// The store was restored from a backup.
    Restored {
        /// The sequence of the backup's head.
        backup: u64,
        /// Whether it was proven to be the newest.
        freshness_proven: bool,
    },
    /// What was seen is of somebody whom no framework vouches for: a developer's mode let it through.
    NobodyVouched {
        /// Who they say they are.
        organisation: Party,
        /// The request's local id.
        request: String,
        /// Why they are not believed, as the trust room's code.
        reason: String,
    },
    /// The developer's mode was switched.
    DeveloperMode {
        /// Whether it is on from here.
        on: bool,
    },
    /// Data left the store by the person's own hand.
    Exported {
        /// In what form.
        kind: ExportKind,
    },
}

/// What the other side of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PeerKind {
    /// An organisation of a framework.
    Organisation,
    /// Another person.
    Person,
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
            | Event::DecidedByRule { organisation, .. }
            | Event::Agreed { organisation, .. }
            | Event::Disclosed { organisation, .. }
            | Event::ReceiptStored { organisation, .. }
            | Event::Delivered { organisation, .. }
            | Event::MessageReceived { organisation, .. }
            | Event::Withdrawn { organisation, .. }
            | Event::WithdrawalAcknowledged { organisation, .. }
            | Event::Amended { organisation, .. }
            | Event::AmendmentAcknowledged { organisation, .. }
            | Event::ReadAnswered { organisation, .. }
            | Event::UpdateSent { organisation, .. }
            | Event::RightsRequested { organisation, .. }
            | Event::RightsAnswered { organisation, .. }
            | Event::NobodyVouched { organisation, .. }
            | Event::ConnectionPaused { organisation }
            | Event::ConnectionResumed { organisation }
            | Event::ConnectionEnded { organisation }
            | Event::OrganisationStanding { organisation, .. } => Some(organisation),
            Event::Paused { organisation, .. } | Event::Resumed { organisation, .. } => organisation.as_ref(),
            Event::Connected { with, kind, .. } => (*kind == PeerKind::Organisation).then_some(with),
            Event::Restored { .. } | Event::Exported { .. } | Event::DeveloperMode { .. } => None,
        }
    }
}
