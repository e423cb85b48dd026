//! Requests of people's rights, the organisation's side, as they cross the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::Organisation;
use super::requests::{ReceivedField, received};
use crate::error::Result;
use crate::{CancelHandle, DataRight, KistError, RefusalGround, RightsReply, json, task};

/// A person's request of a right.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct OrgRightsRequest {
    /// Its id.
    pub id: String,
    /// The relationship that it was made in.
    pub relationship: String,
    /// What is asked for.
    pub right: DataRight,
    /// The agreement that it is about; none for everything about this person.
    pub agreement: Option<String>,
    /// The fields that it is about; none for all.
    pub fields: Vec<String>,
    /// For a rectification: what the person says is right, verified.
    pub corrected: Vec<ReceivedField>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// When it was made, Unix seconds by the person's clock.
    pub made_at: i64,
    /// When it came, Unix seconds.
    pub received_at: i64,
    /// The last second in which an answer is in time, Unix seconds.
    pub due_at: i64,
    /// Where it stands.
    pub state: OrgRightsState,
    /// By what more time was asked for.
    pub extension: Option<RightsReply>,
    /// What was answered.
    pub answer: Option<RightsReply>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum OrgRightsState {
    /// It waits for an answer.
    Open,
    /// It waits for an answer, with more time.
    Extended,
    /// It should have been answered.
    Overdue,
    /// It was answered.
    Answered,
}

/// Data to deliver.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeliverySpec {
    /// The type of the credential.
    pub schema: String,
    /// The claims, a JSON object.
    pub claims: String,
    /// At the end of whose day it ceases to be valid, Unix seconds.
    #[uniffi(default)]
    pub expires_at: Option<i64>,
}

impl std::fmt::Debug for DeliverySpec {
    /// Without the claims.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeliverySpec({}, …)", self.schema)
    }
}

/// An answer to a request of a right. Words are by language.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum RightsAnswer {
    /// It was done, with data where that is what was asked for.
    Done {
        /// Data that goes along: each becomes a credential that is bound to this relationship alone.
        deliver: Vec<DeliverySpec>,
        /// Words.
        text: HashMap<String, String>,
    },
    /// It is refused.
    Refused {
        /// On what ground.
        ground: RefusalGround,
        /// Why.
        text: HashMap<String, String>,
    },
    /// More time is needed.
    Extended {
        /// Until when, Unix seconds; none for the two months that the law allows.
        until: Option<i64>,
        /// Why.
        text: HashMap<String, String>,
    },
}

#[uniffi::export]
impl Organisation {
    /// Every request of rights: those that wait first, the first due first; then those that were answered, the newest first.
    pub async fn rights_requests(&self, cancel: Arc<CancelHandle>) -> Result<Vec<OrgRightsRequest>> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move {
            rights.list().await?.into_iter().map(OrgRightsRequest::of).collect()
        })
        .await
    }

    /// Answers a request of rights, once. An erasure takes the fields out of this store, a rectification puts the corrected
    /// ones in; what stands in other systems of the organisation is for it to do before it says so.
    ///
    /// Errors: `NotFound`; `AlreadyAnswered` with something else; `RequestExpired` for more time after the first month;
    /// `OrganisationNotTrusted` for a type that the organisation may not issue; `TooLarge`, `Malformed`.
    pub async fn answer_rights(
        &self,
        id: String,
        answer: RightsAnswer,
        cancel: Arc<CancelHandle>,
    ) -> Result<OrgRightsRequest> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move {
            let request = match answer {
                RightsAnswer::Done { deliver, text } => {
                    let deliver = deliver.into_iter().map(DeliverySpec::into_core);
                    let done = kist_pds::RightsFulfilment {
                        deliver: deliver.collect::<Result<_>>()?,
                        text: text.into_iter().collect(),
                    };
                    rights.answer(&id, done).await?
                }
                RightsAnswer::Refused { ground, text } => {
                    let ground = json::reshape(&ground)?;
                    rights.refuse(&id, ground, text.into_iter().collect()).await?
                }
                RightsAnswer::Extended { until, text } => rights.extend(&id, until, text.into_iter().collect()).await?,
            };
            OrgRightsRequest::of(request)
        })
        .await
    }
}

impl DeliverySpec {
    pub(super) fn into_core(self) -> Result<kist_pds::DeliverySpec> {
        let Value::Object(claims) = json::read(&self.claims)? else {
            return Err(KistError::malformed("claims"));
        };
        Ok(kist_pds::DeliverySpec {
            schema: self.schema,
            claims,
            expires_at: self.expires_at,
        })
    }
}

impl OrgRightsRequest {
    fn of(request: kist_pds::OrgRightsRequest) -> Result<Self> {
        use kist_pds::OrgRightsState as S;
        Ok(OrgRightsRequest {
            id: request.id,
            relationship: request.relationship,
            right: request.right.into(),
            agreement: request.agreement,
            fields: request.fields.iter().map(ToString::to_string).collect(),
            corrected: received(request.corrected)?,
            reason: request.reason,
            made_at: request.made_at,
            received_at: request.received_at,
            due_at: request.due_at,
            state: match request.state {
                S::Open => OrgRightsState::Open,
                S::Extended => OrgRightsState::Extended,
                S::Overdue => OrgRightsState::Overdue,
                S::Answered => OrgRightsState::Answered,
            },
            extension: request.extension.map(RightsReply::of).transpose()?,
            answer: request.answer.map(RightsReply::of).transpose()?,
        })
    }
}
