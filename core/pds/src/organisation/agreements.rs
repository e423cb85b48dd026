//! What people agreed to, with what they gave.

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_consent::{Agreement, AgreementState, FieldRef, Rights};
use kist_identity::{ClaimPath, Issuer, PathElement, VerifiedPresentation};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sent::{self, SentMessage};
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result};

const COLLECTION: &str = "agreements";

/// An agreement as the organisation keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// The relationship's name in the store.
    pub(super) relationship: String,
    /// What was agreed.
    pub(super) agreement: Agreement,
    /// What the person gave, as it was last heard.
    pub(super) received: Vec<ReceivedField>,
    /// What the person has no value for any more.
    #[serde(default)]
    pub(super) gone: Vec<GoneField>,
}

impl Kept {
    /// The agreement's name.
    pub(super) fn id(&self) -> String {
        self.agreement.id().to_string()
    }

    pub(super) fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COLLECTION, &self.id(), &to_json(self)?)?)
    }
}

/// An agreement by its name, where there is one.
pub(super) fn find(changes: &Transaction<'_>, id: &str) -> Result<Option<Kept>> {
    changes.kept(COLLECTION, id)?.map(|bytes| from_json(&bytes)).transpose()
}

/// The agreements of a relationship.
pub(super) fn of_relationship(changes: &Transaction<'_>, relationship: &str) -> Result<Vec<Kept>> {
    /// Read first: to read an agreement is to verify its signatures.
    #[derive(Deserialize)]
    struct Whose {
        relationship: String,
    }
    let mut found = Vec::new();
    for (_, bytes) in changes.all_kept(COLLECTION)? {
        if from_json::<Whose>(&bytes)?.relationship == relationship {
            found.push(from_json(&bytes)?);
        }
    }
    Ok(found)
}

/// An agreement by its name.
pub(super) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Kept> {
    find(changes, id)?.ok_or_else(missing)
}

/// An agreement as it was last stored.
pub(super) fn read(home: &Home, id: &str) -> Result<Kept> {
    home.kept(COLLECTION, id)?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "agreement")
}

/// One field that was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedField {
    /// The field.
    pub field: FieldRef,
    /// The type of the credential that it came in.
    pub schema: String,
    /// Its value; an array where the field's path leads to several.
    pub value: Value,
    /// Who signed it.
    pub issuer: FieldIssuer,
    /// The day on which the person said that it is so, by standing access: its first second, Unix time. None for what came
    /// with the answer itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    /// The number of the message that brought it; 0 for what came with the answer itself. A message that a relay kept back
    /// changes nothing that a later one said.
    #[serde(default)]
    pub number: u64,
}

/// Who signed a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldIssuer {
    /// The person says so themselves.
    SelfAsserted,
    /// An organisation that is believed.
    Organisation {
        /// Its stable id.
        id: String,
        /// Its legal name.
        name: String,
    },
}

impl From<&Issuer> for FieldIssuer {
    fn from(issuer: &Issuer) -> Self {
        match issuer {
            Issuer::SelfAsserted => FieldIssuer::SelfAsserted,
            Issuer::Organisation { id, name } => FieldIssuer::Organisation {
                id: id.clone(),
                name: name.clone(),
            },
        }
    }
}

/// The value at a path of what was shown; an array where the path leads to several.
pub(super) fn value(presentation: &VerifiedPresentation, path: &ClaimPath) -> Option<Value> {
    let claims = presentation.claims();
    let mut values = path
        .select(claims)
        .into_iter()
        .filter_map(|path| path.value_in(claims).cloned());
    match path.elements().contains(&PathElement::All) {
        true => Some(values.collect()),
        false => values.next(),
    }
}

/// A field that a person has no value for any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneField {
    /// The field.
    pub field: FieldRef,
    /// The type of the credential that it came in.
    pub schema: String,
    /// The day on which that was so: its first second, Unix time.
    pub as_of: i64,
    /// The number of the message that said so.
    pub number: u64,
}

/// Where an agreement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgAgreementSummary {
    /// Its name.
    pub id: String,
    /// The relationship that it was made in: the same for all agreements with one person.
    pub relationship: String,
    /// The intended use of the registration that it falls under.
    pub use_id: String,
    /// Why, by language.
    pub purpose: BTreeMap<String, String>,
    /// The fields that the person gave and has not taken out since.
    pub fields: Vec<FieldRef>,
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrgAgreement {
    /// As in the list.
    pub summary: OrgAgreementSummary,
    /// What the organisation may do.
    pub rights: Rights,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What was given, and who signed each. Without what was taken out since, and empty after a withdrawal or when another
    /// agreement has taken its place, unless the agreement says that data is kept then.
    pub received: Vec<ReceivedField>,
    /// What was given and the person has no value for any more.
    pub gone: Vec<GoneField>,
    /// The receipt: a JSON-LD document.
    pub receipt: Option<Map<String, Value>>,
    /// Every message under this agreement, the oldest first.
    pub messages: Vec<SentMessage>,
}

/// The agreements of a store.
#[derive(Clone)]
pub struct OrgAgreements {
    pub(super) home: Arc<Home>,
}

impl OrgAgreements {
    /// Every agreement, the newest first.
    pub async fn list(&self) -> Result<Vec<OrgAgreementSummary>> {
        self.home
            .blocking(|home| {
                let now = home.platform.now();
                let all = home.all_kept::<Kept>(COLLECTION)?;
                let mut all: Vec<_> = all.iter().map(|(_, kept)| summary(kept, now)).collect();
                all.sort_by(|one, other| other.agreed_at.cmp(&one.agreed_at).then(one.id.cmp(&other.id)));
                Ok(all)
            })
            .await
    }

    /// One agreement with everything that was agreed and given.
    ///
    /// Errors: `NotFound`.
    pub async fn get(&self, id: &str) -> Result<OrgAgreement> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let kept = read(home, &id)?;
                let mut messages = sent::all(home, &kept.relationship)?;
                messages.retain(|message| message.agreement == id);
                let offer = kept.agreement.offer();
                Ok(OrgAgreement {
                    summary: summary(&kept, home.platform.now()),
                    rights: offer.rights,
                    retention: offer.retention.as_str().to_owned(),
                    receipt: kept.agreement.receipt().map(|receipt| receipt.document().clone()),
                    received: kept.received,
                    gone: kept.gone,
                    messages,
                })
            })
            .await
    }
}

fn summary(kept: &Kept, now: i64) -> OrgAgreementSummary {
    let agreement = &kept.agreement;
    let offer = agreement.offer();
    let (state, withdrawn_at, acknowledged_at) = match agreement.state(now) {
        AgreementState::Withdrawn { at, acknowledged_at } => (OrgAgreementState::Withdrawn, Some(at), acknowledged_at),
        AgreementState::Expired { .. } => (OrgAgreementState::Expired, None, None),
        AgreementState::Replaced { .. } => (OrgAgreementState::Replaced, None, None),
        _ => (OrgAgreementState::InForce, None, None),
    };
    OrgAgreementSummary {
        id: kept.id(),
        relationship: kept.relationship.clone(),
        use_id: offer.intended_use.clone(),
        purpose: offer.purpose.text.clone().into(),
        fields: agreement.fields(),
        state,
        agreed_at: agreement.acceptance().accepted_at,
        expires_at: agreement.ends_at(),
        withdrawn_at,
        acknowledged_at,
    }
}
