//! What people agreed to, as it crosses the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use super::Organisation;
use super::requests::{ReceivedField, received};
use crate::error::Result;
use crate::{CancelHandle, Rights, json, task};

/// Where an agreement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum OrgAgreementState {
    /// It holds.
    InForce,
    /// It came to its end.
    Expired,
    /// Another agreement took its place: nothing may be used under this one any more.
    Replaced,
    /// The person withdrew: nothing may be used any more.
    Withdrawn,
}

/// An agreement in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrgAgreementSummary {
    /// Its id.
    pub id: String,
    /// The relationship that it was made in: the same for all agreements with one person.
    pub relationship: String,
    /// The intended use of the registration that it falls under.
    pub use_id: String,
    /// Why, by language.
    pub purpose: HashMap<String, String>,
    /// The fields that the person gave.
    pub fields: Vec<String>,
    /// Where it stands.
    pub state: OrgAgreementState,
    /// When it was agreed, Unix seconds.
    pub agreed_at: i64,
    /// When it ends by itself, Unix seconds; none where only a withdrawal ends it.
    pub expires_at: Option<i64>,
    /// When it was withdrawn, Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// When the withdrawal was acknowledged, Unix seconds.
    pub acknowledged_at: Option<i64>,
}

/// An agreement with everything that was agreed and given.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct OrgAgreement {
    /// As in the list.
    pub summary: OrgAgreementSummary,
    /// What the organisation may do.
    pub rights: Rights,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What was given. Empty after the withdrawal of an agreement by which nothing is kept then.
    pub received: Vec<ReceivedField>,
    /// What was given and the person has no value for any more.
    pub gone: Vec<GoneField>,
    /// The receipt: a JSON-LD document.
    pub receipt: Option<String>,
    /// Every message under this agreement, the oldest first.
    pub messages: Vec<SentMessage>,
}

/// A field that a person has no value for any more.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct GoneField {
    /// The field, by its id.
    pub field: String,
    /// The day on which that was so: its first second, Unix time.
    pub as_of: i64,
}

/// A message to a person, without what it carried.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SentMessage {
    /// Its number in the relationship.
    pub number: u64,
    /// Under which agreement.
    pub agreement: String,
    /// `receipt`, `delivery`, `acknowledgement` or `note`.
    pub kind: String,
    /// The type of the credential that a delivery carries.
    pub schema: Option<String>,
    /// When it was stored to be sent, Unix seconds.
    pub posted_at: i64,
    /// What became of it.
    pub state: SentMessageState,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SentMessageState {
    /// It waits here: the relay hasn't been reached yet.
    Waiting,
    /// The person's relay has it.
    Taken,
    /// The person's relay refused it: they took back what allowed sending.
    NotTaken,
    /// It was refused, and sent again as a later message when the person had given a new token.
    SentAgain,
}

#[uniffi::export]
impl Organisation {
    /// Every agreement, the newest first.
    pub async fn list_agreements(&self, cancel: Arc<CancelHandle>) -> Result<Vec<OrgAgreementSummary>> {
        let agreements = self.store.get()?.agreements();
        task::run(&cancel, async move {
            Ok(agreements
                .list()
                .await?
                .into_iter()
                .map(OrgAgreementSummary::from)
                .collect())
        })
        .await
    }

    /// One agreement with everything that was agreed and given.
    pub async fn agreement(&self, id: String, cancel: Arc<CancelHandle>) -> Result<OrgAgreement> {
        let agreements = self.store.get()?.agreements();
        task::run(&cancel, async move { OrgAgreement::of(agreements.get(&id).await?) }).await
    }
}

impl From<kist_pds::OrgAgreementSummary> for OrgAgreementSummary {
    fn from(agreement: kist_pds::OrgAgreementSummary) -> Self {
        use kist_pds::OrgAgreementState as S;
        OrgAgreementSummary {
            id: agreement.id,
            relationship: agreement.relationship,
            use_id: agreement.use_id,
            purpose: agreement.purpose.into_iter().collect(),
            fields: agreement.fields.iter().map(ToString::to_string).collect(),
            state: match agreement.state {
                S::InForce => OrgAgreementState::InForce,
                S::Expired => OrgAgreementState::Expired,
                S::Replaced => OrgAgreementState::Replaced,
                S::Withdrawn => OrgAgreementState::Withdrawn,
            },
            agreed_at: agreement.agreed_at,
            expires_at: agreement.expires_at,
            withdrawn_at: agreement.withdrawn_at,
            acknowledged_at: agreement.acknowledged_at,
        }
    }
}

impl OrgAgreement {
    fn of(agreement: kist_pds::OrgAgreement) -> Result<Self> {
        Ok(OrgAgreement {
            summary: agreement.summary.into(),
            rights: agreement.rights.into(),
            retention: agreement.retention,
            received: received(agreement.received)?,
            gone: agreement.gone.into_iter().map(GoneField::from).collect(),
            receipt: agreement.receipt.as_ref().map(json::text).transpose()?,
            messages: agreement.messages.into_iter().map(SentMessage::from).collect(),
        })
    }
}

impl From<kist_pds::GoneField> for GoneField {
    fn from(gone: kist_pds::GoneField) -> Self {
        GoneField {
            field: gone.field.to_string(),
            as_of: gone.as_of,
        }
    }
}

impl From<kist_pds::SentMessage> for SentMessage {
    fn from(message: kist_pds::SentMessage) -> Self {
        SentMessage {
            number: message.number,
            agreement: message.agreement,
            kind: message.kind,
            schema: message.schema,
            posted_at: message.posted_at,
            state: message.state.into(),
        }
    }
}

impl From<kist_pds::MessageState> for SentMessageState {
    fn from(state: kist_pds::MessageState) -> Self {
        use kist_pds::MessageState as S;
        match state {
            S::Waiting => Self::Waiting,
            S::Taken => Self::Taken,
            S::NotTaken => Self::NotTaken,
            S::SentAgain => Self::SentAgain,
        }
    }
}
