//! The handshake, the person's side, as it crosses the bridge.

use std::sync::Arc;

use kist_pds::{Choice, Decision, FieldRef};
use serde_json::json;

use crate::error::Result;
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
}

/// One field that is given, and from what.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldChoice {
    /// The field, by the id that the evaluation gave it.
    pub field: String,
    /// The candidate, by the id that the evaluation gave it.
    pub candidate: String,
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
    ///
    /// Errors: `RequiredFieldMissing`, `FieldNotOffered`, `QueryNotSatisfied`, `RequestExpired`, `ReplayRejected` …
    pub async fn answer_request(
        &self,
        id: String,
        fields: Vec<FieldChoice>,
        language: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Option<ConsentSummary>> {
        let requests = self.store.get()?.requests();
        let fields = fields.into_iter().map(FieldChoice::into_core).collect::<Result<_>>()?;
        let decision = Decision {
            fields,
            language,
            remember_until: None,
        };
        task::run(&cancel, async move {
            Ok(requests.answer(&id, decision).await?.map(ConsentSummary::from))
        })
        .await
    }

    /// Refuses. The organisation is told nothing; the history knows.
    pub async fn refuse_request(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { Ok(requests.refuse(&id).await?) }).await
    }

    /// Sends answers whose sending was interrupted.
    pub async fn resume_answers(&self, cancel: Arc<CancelHandle>) -> Result<()> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move { Ok(requests.resume().await?) }).await
    }
}

impl OpenRequest {
    fn of(request: kist_pds::OpenRequest) -> Result<Self> {
        let required = Decision::required(&request).fields;
        Ok(OpenRequest {
            evaluation: Evaluation::of(request.evaluation)?,
            id: request.id,
            required: required.into_iter().map(FieldChoice::from).collect(),
            expires_at: request.expires_at,
        })
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
    fn into_core(self) -> Result<Choice> {
        Ok(Choice {
            field: field_of(&self.field)?,
            candidate: self.candidate,
        })
    }
}

/// A field from its id, `credential:["path"]`; no id of a credential query has a colon (OpenID4VP 1.0, section 6.1).
fn field_of(id: &str) -> Result<FieldRef> {
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
