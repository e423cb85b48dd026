//! Data and words to people, sealed, under what they agreed to.

use std::sync::Arc;

use kist_channel::MessageKind;
use kist_consent::Right;
use kist_crypto::OsRandom;
use kist_crypto::es256::PublicKey;
use kist_identity::{CredentialDraft, IssuedBy, end_of_day, start_of_day};
use kist_trust::{Reason, verify_issuer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::agreements;
use super::membership::Membership;
use super::outgoing::{self, Outgoing, Sender};
use super::profile::signing_key;
use super::sent::{self, MessageState};
use crate::bodies::{DeliveryBody, NoteBody};
use crate::home::{Home, to_json};
use crate::trust::trusted;
use crate::{Error, Result};

/// The longest words, in bytes: a person's side keeps no longer ones.
const MAX_NOTE: usize = 16 * 1024;

/// Data to deliver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverySpec {
    /// The type of the credential that it becomes; one that the framework lets the organisation issue.
    pub schema: String,
    /// The claims about the person.
    pub claims: Map<String, Value>,
    /// When it ceases to be valid, Unix seconds; the credential says the end of that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// What became of a delivery so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryReport {
    /// Under which agreement.
    pub agreement: String,
    /// The message's number in the relationship.
    pub number: u64,
    /// What became of it. Waiting, it is sent with the next refresh of the inbox.
    pub state: MessageState,
}

/// Deliveries of a store.
#[derive(Clone)]
pub struct Deliveries {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

impl Deliveries {
    /// Signs data as a credential that is bound to this relationship alone, and sends it to the person.
    ///
    /// Errors: `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `NotFound`; `OrganisationNotTrusted` for an
    /// admission that has run out, and for a type that a framework believed here doesn't let the organisation issue;
    /// `Malformed`, `TooLarge`. Where the relay can't be reached, the report says so.
    pub async fn deliver(&self, agreement: &str, spec: DeliverySpec) -> Result<DeliveryReport> {
        let id = agreement.to_owned();
        self.send(move |home| deliver(home, id, spec)).await
    }

    /// Sends words to read, 16 KiB at most. They reach the person after a withdrawal too, and wait apart there.
    ///
    /// Errors: `NotFound`, `TooLarge`.
    pub async fn note(&self, agreement: &str, text: &str) -> Result<DeliveryReport> {
        let (id, text) = (agreement.to_owned(), text.to_owned());
        self.send(move |home| note(home, id, text)).await
    }

    async fn send(&self, post: impl FnOnce(&Home) -> Result<Posted> + Send + 'static) -> Result<DeliveryReport> {
        let posted = self.home.blocking(post).await?;
        self.sender.send().await?;
        self.home
            .blocking(move |home| {
                let sent = sent::message(home, &posted.relationship, posted.number)?;
                Ok(DeliveryReport {
                    agreement: sent.agreement,
                    number: sent.number,
                    state: sent.state,
                })
            })
            .await
    }
}

/// A message that is stored to be sent.
struct Posted {
    relationship: String,
    number: u64,
}

fn deliver(home: &Home, agreement: String, spec: DeliverySpec) -> Result<Posted> {
    let (membership, now) = (Membership::of(home)?, home.platform.now());
    check_may_issue(home, &membership, &spec.schema, now)?;
    home.transaction(|changes| {
        let kept = agreements::by_id(changes, &agreement)?;
        kept.agreement.check_use(Right::Deliver, now)?;
        let schema = Some(spec.schema.clone());
        let credential = issue(&membership, spec, kept.agreement.relationship(), now)?;
        let body = DeliveryBody {
            agreement: agreement.clone(),
            credentials: vec![credential],
        };
        let message = Outgoing {
            agreement,
            kind: MessageKind::Delivery,
            schema,
            body: to_json(&body)?,
        };
        let number = outgoing::post(home, changes, &kept.relationship, &membership.key, message)?;
        Ok(Posted {
            relationship: kept.relationship,
            number,
        })
    })
}

fn note(home: &Home, agreement: String, text: String) -> Result<Posted> {
    if text.len() > MAX_NOTE {
        return Err(Error::new("TooLarge").with("what", "note").with("limit", MAX_NOTE));
    }
    let (key, body) = (signing_key(home)?, NoteBody { text }.check()?);
    home.transaction(|changes| {
        let kept = agreements::by_id(changes, &agreement)?;
        let message = Outgoing {
            agreement,
            kind: MessageKind::Note,
            schema: None,
            body: to_json(&body)?,
        };
        let number = outgoing::post(home, changes, &kept.relationship, &key, message)?;
        Ok(Posted {
            relationship: kept.relationship,
            number,
        })
    })
}

/// A credential under the access certificate, bound to the person's key of this relationship.
pub(super) fn issue(membership: &Membership, spec: DeliverySpec, person: &PublicKey, now: i64) -> Result<String> {
    let issuer = IssuedBy::Certificates(membership.chain.clone());
    let draft = CredentialDraft {
        expires: spec.expires_at.map(end_of_day),
        ..CredentialDraft::new(spec.schema, spec.claims, *person, issuer, start_of_day(now))
    };
    Ok(draft.prepare(&mut OsRandom)?.sign(&membership.key))
}

/// That the framework lets the organisation issue this type, where its list is known here; phones drop what it doesn't.
pub(super) fn check_may_issue(home: &Home, membership: &Membership, vct: &str, now: i64) -> Result<()> {
    let Ok(believed) = trusted(home) else { return Ok(()) };
    match verify_issuer(&membership.chain, vct, &believed.lists, &believed.anchors, now) {
        Err(
            error @ kist_trust::Error::OrganisationNotTrusted {
                reason: Reason::MayNotIssue,
            },
        ) => Err(Error::from(error)),
        _ => Ok(()),
    }
}
