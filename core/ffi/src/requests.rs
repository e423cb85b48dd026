//! The handshake, the person's side, as it crosses the bridge.

use std::sync::Arc;

use kist_pds::{Choice, Decision, FieldRef};
use serde_json::json;

use crate::error::Result;
use crate::rights::Authority;
use crate::{CancelHandle, ConsentSummary, Evaluation, KistError, Person, json, task};

/// A request that waits for the person.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct OpenRequest {
    /// Its id in the store.
    pub id: String,
    /// What it comes to.
    pub evaluation: Evaluation,
    /// What the request needs and no more, each from what would answer best: nothing optional, nothing over-asked.
    pub required: Vec<FieldChoice>,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
    /// The session of a browser that the answer is given out to. The person should have begun it.
    pub session: Option<BrowserSession>,
}

/// A request that was refused, and about which a report can be made.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RefusedRequest {
    /// Its id in the store.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// Who supervises it.
    pub authority: Authority,
    /// Whether it asked for anything beyond what it registered.
    pub over_asking: bool,
    /// When it was refused, Unix seconds.
    pub refused_at: i64,
    /// Until when a report can be made, Unix seconds.
    pub kept_until: i64,
}

/// The session of a browser that a request belongs to, as a sign-in does. The answer is given out there alone, to whom
/// brings the code that the person's phone shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum BrowserSession {
    /// The browser is on the phone that answers.
    SameDevice {
        /// Where the phone sends the browser, with `response_code` in the query: https, of the organisation.
        return_uri: String,
    },
    /// The browser is on another device: the person types six digits there.
    AcrossDevices,
}

/// What the person brings to the session that they began. Whoever has it gets the answer out.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum SessionCode {
    /// An address to open in the phone's browser.
    Open {
        /// The address, with the code in it.
        uri: String,
    },
    /// Six digits to type where the session was begun.
    Type {
        /// The digits.
        digits: String,
    },
}

impl std::fmt::Debug for SessionCode {
    /// Without the code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionCode(…)")
    }
}

/// One field that is given, and from what.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldChoice {
    /// The field, by the id that the evaluation gave it.
    pub field: String,
    /// The candidate, by the id that the evaluation gave it.
    pub candidate: String,
}

/// One of several things that the organisation takes, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct OptionChoice {
    /// Which of the evaluation's alternatives, counted from 0.
    pub place: u32,
    /// Which of their options, counted from 0.
    pub option: u32,
}

#[uniffi::export]
impl Person {
    /// Fetches a request, verifies it, and says what it comes to. That it was seen stands in the history.
    ///
    /// Errors: `NotARequest`, `AddressRefused`, `MixUpRefused`, `OrganisationNotTrusted` with the reason,
    /// `TrustListMissing`, `TrustListExpired`, `RequestExpired`, `Unreachable` …
    pub async fn open_request(&self, link: String, cancel: Arc<CancelHandle>) -> Result<OpenRequest> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { OpenRequest::of(requests.open(&link).await?) }).await
    }

    /// Requests that were opened and not decided, as they stand now.
    pub async fn pending_requests(&self, cancel: Arc<CancelHandle>) -> Result<Vec<OpenRequest>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            requests.pending().await?.into_iter().map(OpenRequest::of).collect()
        })
        .await
    }

    /// A request that was opened before, as it stands now.
    pub async fn pending_request(&self, id: String, cancel: Arc<CancelHandle>) -> Result<OpenRequest> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { OpenRequest::of(requests.get(&id).await?) }).await
    }

    /// Answers with what the person chose; `language` is the one in which they read the purpose. When this returns, the
    /// decision is stored; where the relay couldn't be reached, it is sent later, and the state says so. The result is none
    /// for a single sharing without an agreement.
    /// Until `remember_until`, Unix seconds, the same question gets the same answer by [`Person::answer_remembered`].
    ///
    /// Errors: `RequiredFieldMissing`, `FieldNotOffered`, `QueryNotSatisfied`, `RequestExpired`, `ReplayRejected`,
    /// `ConsentPaused` while everything is paused, `KeptBack` for a field that a rule keeps back, `NotRememberable` …
    pub async fn answer_request(
        &self,
        id: String,
        fields: Vec<FieldChoice>,
        language: Option<String>,
        remember_until: Option<i64>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Option<ConsentSummary>> {
        let requests = self.store.get()?.requests();
        let fields = fields.into_iter().map(FieldChoice::into_core).collect::<Result<_>>()?;
        let decision = Decision {
            fields,
            language,
            remember_until,
        };
        task::run(&cancel, async move {
            Ok(requests.answer(&id, decision).await?.map(ConsentSummary::from))
        })
        .await
    }

    /// Answers as the person told the store to. The history says that it was by a rule.
    ///
    /// Errors: as [`Person::answer_request`]; `NothingRemembered` where no remembered answer fits now.
    pub async fn answer_remembered(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Option<ConsentSummary>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            Ok(requests.answer_remembered(&id).await?.map(ConsentSummary::from))
        })
        .await
    }

    /// What the request needs, with what a profile of the person's covers of the rest, and with these options where the
    /// organisation takes one of several things.
    ///
    /// Errors: `NotFound` where there is no such profile or option.
    pub async fn request_choices(
        &self,
        id: String,
        profile: Option<String>,
        options: Vec<OptionChoice>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Vec<FieldChoice>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            let request = requests.get(&id).await?;
            let mut decision = match profile {
                Some(name) => requests.by_profile(&request, &name).await?,
                None => Decision::required(&request),
            };
            for OptionChoice { place, option } in options {
                decision = decision.instead(&request, place as usize, option as usize)?;
            }
            Ok(decision.fields.into_iter().map(FieldChoice::from).collect())
        })
        .await
    }

    /// What the person has to bring to the session that a request of theirs belongs to, from when they have answered until
    /// the request ends.
    pub async fn session_code(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Option<SessionCode>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            Ok(requests.session_code(&id).await?.map(SessionCode::from))
        })
        .await
    }

    /// Refuses. The organisation is told nothing; the history knows.
    pub async fn refuse_request(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { Ok(requests.refuse(&id).await?) }).await
    }

    /// Requests that were refused, the newest first: those about which a report can still be made.
    pub async fn refused_requests(&self, cancel: Arc<CancelHandle>) -> Result<Vec<RefusedRequest>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            requests.refused().await?.into_iter().map(RefusedRequest::of).collect()
        })
        .await
    }

    /// Sends answers whose sending was interrupted.
    pub async fn resume_answers(&self, cancel: Arc<CancelHandle>) -> Result<()> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { Ok(requests.resume().await?) }).await
    }
}

impl OpenRequest {
    pub(crate) fn of(request: kist_pds::OpenRequest) -> Result<Self> {
        let required = Decision::required(&request).fields;
        Ok(OpenRequest {
            evaluation: Evaluation::of(request.evaluation)?,
            id: request.id,
            required: required.into_iter().map(FieldChoice::from).collect(),
            expires_at: request.expires_at,
            session: request.session.map(BrowserSession::from),
        })
    }
}

impl RefusedRequest {
    fn of(refused: kist_pds::RefusedRequest) -> Result<Self> {
        Ok(RefusedRequest {
            id: refused.id,
            organisation: refused.organisation,
            organisation_id: refused.organisation_id,
            authority: json::reshape(&refused.authority)?,
            over_asking: refused.over_asking,
            refused_at: refused.refused_at,
            kept_until: refused.kept_until,
        })
    }
}

impl From<kist_pds::Session> for BrowserSession {
    fn from(session: kist_pds::Session) -> Self {
        match session {
            kist_pds::Session::SameDevice { return_uri } => Self::SameDevice { return_uri },
            kist_pds::Session::AcrossDevices => Self::AcrossDevices,
        }
    }
}

impl From<kist_pds::SessionCode> for SessionCode {
    fn from(code: kist_pds::SessionCode) -> Self {
        match code {
            kist_pds::SessionCode::Open { uri } => Self::Open { uri },
            kist_pds::SessionCode::Type { code } => Self::Type { digits: code },
        }
    }
}

impl From<Choice> for FieldChoice {
    fn from(choice: Choice) -> Self {
        FieldChoice {
            field: choice.field.to_string(),
            candidate: choice.candidate,
        }
    }
}

impl FieldChoice {
    pub(crate) fn into_core(self) -> Result<Choice> {
        Ok(Choice {
            field: field_of(&self.field)?,
            candidate: self.candidate,
        })
    }
}

/// A field from its id, `credential:["path"]`; no id of a credential query has a colon (OpenID4VP 1.0, section 6.1).
pub(crate) fn field_of(id: &str) -> Result<FieldRef> {
    let malformed = || KistError::malformed("field");
    let (credential, path) = id.split_once(':').ok_or_else(malformed)?;
    let path = json::read(path).map_err(|_| malformed())?;
    let field = json!({ "credential": credential, "path": path });
    serde_json::from_value(field).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k2_a_field_is_named_by_the_text_that_the_evaluation_gave() {
        for id in [r#"name:["given_name"]"#, r#"a-b_2:["nationalities",null,0,"a:b"]"#] {
            let field = field_of(id).map(|field| field.to_string());
            assert_eq!(field.as_deref(), Ok(id));
        }
    }

    #[test]
    fn k2_a_text_that_names_no_field_is_refused() {
        for id in [
            "",
            "name",
            "name:",
            "name:given_name",
            "name:[]",
            "name:[1.5]",
            r#"name:{"a":1}"#,
        ] {
            assert_eq!(field_of(id).err(), Some(KistError::malformed("field")), "{id}");
        }
    }
}
