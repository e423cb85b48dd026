//! The handshake, the organisation's side, as it crosses the bridge.

use std::sync::Arc;

use super::Organisation;
use crate::error::Result;
use crate::{BrowserSession, CancelHandle, FieldIssuer, Rights, Validity, json, task};

/// A request to make. Purpose, legal basis, retention and what is kept after a withdrawal come from the registration.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestSpec {
    /// The intended use of the registration that it falls under.
    pub use_id: String,
    /// What is asked for.
    pub fields: Vec<FieldSpec>,
    /// How long the agreement holds.
    pub validity: Validity,
    /// What the organisation may do.
    pub rights: Rights,
    /// For how many seconds the request can be answered; a day at most.
    pub request_seconds: i64,
    /// The language that the organisation speaks; the registered purpose has a text in it.
    pub language: String,
    /// A single sharing that any conforming wallet answers, without an agreement: `validity` and `rights` say nothing then.
    #[uniffi(default)]
    pub plain: bool,
    /// The session of a browser that the answer is given out to, as a sign-in needs it; none where it opens no door.
    #[uniffi(default)]
    pub session: Option<BrowserSession>,
    /// The agreement, by its id, that the new one would take the place of: to renew or to widen it.
    #[uniffi(default)]
    pub replaces: Option<String>,
}

/// Claims of one credential that are given together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldSpec {
    /// A name within the request: letters, digits, `_`, `-`.
    pub id: String,
    /// The type of credential that answers.
    pub schema: String,
    /// The claims, at least one, each a path of names.
    pub claims: Vec<Vec<String>>,
    /// Whether there is no answer without it.
    pub required: bool,
}

/// A request that people can answer now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HostedRequest {
    /// Its id in the store.
    pub id: String,
    /// The link to show as a QR, or to open on the same device.
    pub uri: String,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HostedRequestSummary {
    /// Its id in the store.
    pub id: String,
    /// The link; empty where a supplier makes the request.
    pub uri: String,
    /// The organisation whose request it is, where this one is its supplier.
    pub organisation: Option<String>,
    /// The intended use of the registration that it falls under; empty where the request is another organisation's.
    pub use_id: String,
    /// When it was made, Unix seconds.
    pub created_at: i64,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
    /// Where it stands.
    pub state: HostedRequestState,
    /// The agreement that was made.
    pub agreement: Option<String>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HostedRequestState {
    /// It can be answered, or was answered and not collected.
    Open,
    /// The answer was collected.
    Answered,
    /// The person said no.
    Declined,
    /// Its time is over.
    Expired,
}

/// What a person gave, verified.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ReceivedAnswer {
    /// The request that was answered.
    pub request: String,
    /// The agreement that was made; none for a single sharing.
    pub agreement: Option<String>,
    /// What was given.
    pub fields: Vec<ReceivedField>,
    /// Whether the person's relay has the receipt. Otherwise it is sent with the next refresh of the inbox.
    pub receipt_sent: bool,
}

/// One field that was given.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ReceivedField {
    /// The field, `credential:["path"]`.
    pub field: String,
    /// The type of the credential that it came in.
    pub schema: String,
    /// Its value, as JSON; an array where the field's path leads to several.
    pub value: String,
    /// Who signed it.
    pub issuer: FieldIssuer,
    /// The day on which the person said that it is so, by standing access: its first second, Unix time. None for what came
    /// with the answer itself.
    pub as_of: Option<i64>,
}

impl std::fmt::Debug for ReceivedField {
    /// Without the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReceivedField({}, …)", self.field)
    }
}

#[uniffi::export]
impl Organisation {
    /// Makes a request, signs it, and lays it into a slot of the relay.
    ///
    /// Errors: `NoRelay`; `NotFound` for no admission or an intended use that isn't registered; `Malformed` and `TooLarge`
    /// with the part that can't stand in a request; `Unreachable`, `RelayBusy`, `RelayRefused`.
    pub async fn create_request(&self, spec: RequestSpec, cancel: Arc<CancelHandle>) -> Result<HostedRequest> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { Ok(requests.create(spec.into()).await?.into()) }).await
    }

    /// Waits at most `wait_seconds` for the answer, verifies it and stores what it leads to. None while there is none; one
    /// that was collected before is given again.
    ///
    /// A request of a session is collected with the `code` that was typed into it, or that its browser came back with, and
    /// its answer goes to that session alone.
    ///
    /// Errors: `Declined`, `RequestExpired`, `NotFound`, `Unreachable`, `RelayBusy`, and what is wrong with the answer;
    /// `SessionCodeMissing`, `SessionMismatch` with the tries that are left.
    pub async fn collect_answer(
        &self,
        id: String,
        wait_seconds: u64,
        code: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Option<ReceivedAnswer>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            let answer = match code {
                Some(code) => requests.collect_in_session(&id, wait_seconds, &code).await?,
                None => requests.collect(&id, wait_seconds).await?,
            };
            answer.map(ReceivedAnswer::of).transpose()
        })
        .await
    }

    /// Every request, the newest first.
    pub async fn list_requests(&self, cancel: Arc<CancelHandle>) -> Result<Vec<HostedRequestSummary>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            Ok(requests
                .list()
                .await?
                .into_iter()
                .map(HostedRequestSummary::from)
                .collect())
        })
        .await
    }

    /// Takes a request back, with an answer that wasn't collected. An agreement that was made stays.
    pub async fn close_request(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { Ok(requests.close(&id).await?) }).await
    }
}

impl From<RequestSpec> for kist_pds::RequestSpec {
    fn from(spec: RequestSpec) -> Self {
        let field = |field: FieldSpec| kist_pds::FieldSpec {
            id: field.id,
            schema: field.schema,
            claims: field.claims,
            required: field.required,
        };
        kist_pds::RequestSpec {
            use_id: spec.use_id,
            fields: spec.fields.into_iter().map(field).collect(),
            validity: spec.validity.into(),
            rights: spec.rights.into(),
            request_seconds: spec.request_seconds,
            language: spec.language,
            replaces: spec.replaces,
            plain: spec.plain,
            session: match spec.session {
                Some(BrowserSession::SameDevice { return_uri }) => kist_pds::SessionSpec::SameDevice { return_uri },
                Some(BrowserSession::AcrossDevices) => kist_pds::SessionSpec::AcrossDevices,
                None => kist_pds::SessionSpec::None,
            },
        }
    }
}

impl From<kist_pds::HostedRequest> for HostedRequest {
    fn from(hosted: kist_pds::HostedRequest) -> Self {
        HostedRequest {
            id: hosted.id,
            uri: hosted.uri,
            expires_at: hosted.expires_at,
        }
    }
}

impl From<kist_pds::HostedRequestSummary> for HostedRequestSummary {
    fn from(request: kist_pds::HostedRequestSummary) -> Self {
        use kist_pds::HostedRequestState as S;
        HostedRequestSummary {
            id: request.id,
            uri: request.uri,
            organisation: request.organisation,
            use_id: request.use_id,
            created_at: request.created_at,
            expires_at: request.expires_at,
            state: match request.state {
                S::Open => HostedRequestState::Open,
                S::Answered => HostedRequestState::Answered,
                S::Declined => HostedRequestState::Declined,
                S::Expired => HostedRequestState::Expired,
            },
            agreement: request.agreement,
        }
    }
}

impl ReceivedAnswer {
    pub(super) fn of(answer: kist_pds::ReceivedAnswer) -> Result<Self> {
        Ok(ReceivedAnswer {
            request: answer.request,
            agreement: answer.agreement,
            fields: received(answer.fields)?,
            receipt_sent: answer.receipt_sent,
        })
    }
}

pub(super) fn received(fields: Vec<kist_pds::ReceivedField>) -> Result<Vec<ReceivedField>> {
    let field = |field: kist_pds::ReceivedField| {
        Ok(ReceivedField {
            field: field.field.to_string(),
            schema: field.schema,
            value: json::text(&field.value)?,
            issuer: field.issuer.into(),
            as_of: field.as_of,
        })
    };
    fields.into_iter().map(field).collect()
}
