//! A person's requests of rights to organisations (GDPR articles 15 to 18, 20 and 21), each followed to its end. They rest
//! on the relationship, so that they can be made after a consent has ended.

mod reports;
mod request_report;

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_channel::MessageKind;
use kist_consent::history::{DisclosedField, Event};
use kist_consent::{
    DataRight, FieldRef, ObjectHash, Party, RightsCase, RightsRequest, RightsState, RightsSubject, Signed, answer_due,
};
use kist_crypto::OsRandom;
use kist_identity::{ClaimPath, CredentialDraft, IssuedBy, PathElement, RelationshipKey, start_of_day};
use kist_trust::Authority;
use kist_vault::{RecordId, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::relationships::sending::{Departures, Sending, sent_at};
use super::relationships::{self, settling};
use crate::agreements::{self, Kept as Agreed};
use crate::bodies::RightsBody;
use crate::home::{Home, from_json, to_json};
use crate::mail::Departure;
use crate::rights::{RightsReply, reply};
use crate::{Error, Result, history};

pub use self::reports::{Report, ReportSubject};

/// Requests with what was answered, by name.
pub(in crate::person) const COLLECTION: &str = "rights";
/// Who supervises an organisation, as its registration named them when the person agreed; by relationship.
const AUTHORITIES: &str = "authorities";

/// What the person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsSpec {
    /// The right.
    pub right: DataRight,
    /// The consent that it is about; it may have ended.
    pub consent: String,
    /// About everything that its organisation has of the person, and not about this consent alone.
    #[serde(default)]
    pub everything: bool,
    /// The fields that it is about; none means all.
    #[serde(default)]
    pub fields: Vec<FieldRef>,
    /// For a rectification: what is right. Only these fields leave, each said anew by the person.
    #[serde(default)]
    pub corrections: Vec<CorrectedField>,
    /// Why, in the person's words, 4096 bytes at most.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A field that is wrong with the organisation, and the record that has it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectedField {
    /// The field, as it was given.
    pub field: FieldRef,
    /// The record, of the schema that the field was asked of.
    pub record: RecordId,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightsStage {
    /// It waits here for the network.
    Waiting,
    /// No relay will take it: the organisation has given its address up.
    NotTaken,
    /// The organisation has it, and time to answer.
    Sent,
    /// It said in time that it needs longer.
    Extended,
    /// Its time is over.
    Overdue,
    /// It has answered.
    Answered,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RightsSummary {
    /// Its name.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// What was asked for.
    pub right: DataRight,
    /// The consent that it is about; none for everything.
    pub consent: Option<String>,
    /// The fields that it is about; none for all.
    pub fields: Vec<FieldRef>,
    /// Where it stands.
    pub stage: RightsStage,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// When it left this phone, Unix seconds.
    pub sent_at: Option<i64>,
    /// Until when the organisation has to answer, or had to, Unix seconds; none before it was sent.
    pub due_at: Option<i64>,
    /// When the organisation was last asked again, Unix seconds.
    pub reminded_at: Option<i64>,
    /// When it answered, by its own word, Unix seconds.
    pub answered_at: Option<i64>,
}

/// A request with everything that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RightsDetail {
    /// As in the list.
    pub summary: RightsSummary,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// By what the organisation asked for more time.
    pub extension: Option<RightsReply>,
    /// What it answered.
    pub answer: Option<RightsReply>,
    /// The records that came with the answer.
    pub records: Vec<RecordId>,
    /// How many credentials of the answer wait for a newer trust list.
    pub waiting: usize,
    /// Who supervises the organisation.
    pub authority: Option<Authority>,
}

/// A request as it is kept.
#[derive(Serialize, Deserialize)]
pub(in crate::person) struct Kept {
    /// The relationship's name in the store.
    pub(in crate::person) relationship: String,
    pub(in crate::person) case: RightsCase,
    sending: Sending,
    /// The credentials that went along, to send them again.
    credentials: Vec<String>,
    /// The records that came with the answer.
    pub(in crate::person) received: Vec<RecordId>,
    /// Credentials of the answer that can't be decided for want of a newer trust list.
    pub(in crate::person) waiting: Vec<String>,
}

impl Kept {
    /// Its name.
    pub(in crate::person) fn id(&self) -> String {
        self.case.id().to_string()
    }

    /// The agreement that it is about, where it is about one.
    pub(in crate::person) fn agreement(&self) -> Option<ObjectHash> {
        match self.case.request().subject {
            RightsSubject::Agreement { acceptance } => Some(acceptance),
            RightsSubject::Relationship => None,
        }
    }

    pub(in crate::person) fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COLLECTION, &self.id(), &to_json(self)?)?)
    }

    fn body(&self) -> Result<Vec<u8>> {
        to_json(&RightsBody {
            request: self.case.request().compact().to_owned(),
            credentials: self.credentials.clone(),
        })
    }
}

/// The requests of a store.
#[derive(Clone)]
pub struct DataRights {
    pub(crate) home: Arc<Home>,
}

impl DataRights {
    /// Asks an organisation for a right, signed with the relationship's key. It is stored and stands in the history first;
    /// sending is tried now and at every refresh of the inbox.
    ///
    /// Errors: `NotFound`; `FieldNotOffered` for a field that was never given; `Malformed` for a rectification that says
    /// nothing, or fields beside `everything`; `TooLarge`.
    pub async fn ask(&self, spec: RightsSpec) -> Result<RightsSummary> {
        let id = self
            .home
            .blocking(move |home| home.transaction(|changes| ask(home, changes, spec)))
            .await?;
        self.send_and_read(id).await
    }

    /// Every request, the newest first.
    pub async fn list(&self) -> Result<Vec<RightsSummary>> {
        self.home.blocking(all).await
    }

    /// One request with everything that was said.
    ///
    /// Errors: `NotFound`.
    pub async fn get(&self, id: &str) -> Result<RightsDetail> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let kept = read(home, &id)?;
                Ok(RightsDetail {
                    summary: summary(&kept, &Departures::read(home)?, home.platform.now()),
                    reason: kept.case.request().reason.clone(),
                    extension: kept.case.extension().map(|answer| reply(answer)),
                    answer: kept.case.answer().map(|answer| reply(answer)),
                    authority: authority(home, &kept.relationship)?,
                    records: kept.received,
                    waiting: kept.waiting.len(),
                })
            })
            .await
    }

    /// Asks the organisation again, once in a day at most. Where it has answered, or the request still waits here, nothing
    /// is sent.
    ///
    /// Errors: `NotFound`; `TooSoon` with the moment from which on it can be asked.
    pub async fn remind(&self, id: &str) -> Result<RightsSummary> {
        let name = id.to_owned();
        self.home
            .blocking(move |home| home.transaction(|changes| remind(home, changes, &name)))
            .await?;
        self.send_and_read(id.to_owned()).await
    }

    async fn send_and_read(&self, id: String) -> Result<RightsSummary> {
        // It is stored: what fails here is tried at the next refresh, which says so.
        let _ = settling::settle(&self.home).await;
        self.home
            .blocking(move |home| {
                Ok(summary(
                    &read(home, &id)?,
                    &Departures::read(home)?,
                    home.platform.now(),
                ))
            })
            .await
    }
}

/// Notes who supervises the organisation of a relationship; the newest registration counts.
pub(in crate::person) fn note_authority(
    changes: &Transaction<'_>,
    relationship: &str,
    authority: &Authority,
) -> Result<()> {
    Ok(changes.keep(AUTHORITIES, relationship, &to_json(authority)?)?)
}

/// Who supervises the organisation of a relationship; none where the person agreed before this was noted.
pub(in crate::person) fn authority(home: &Home, relationship: &str) -> Result<Option<Authority>> {
    home.kept(AUTHORITIES, relationship)
}

fn ask(home: &Home, changes: &Transaction<'_>, spec: RightsSpec) -> Result<String> {
    let agreed = agreements::by_id(changes, &spec.consent)?;
    let key = relationships::by_id(changes, &agreed.relationship)?.key()?;
    let fields = fields(&agreed, &spec)?;
    let (credentials, disclosed) = corrected(home, &spec.corrections, &key)?;
    let agreement = (!spec.everything).then(|| agreed.agreement.id());
    let organisation = agreements::party(&agreed.agreement);
    let now = home.platform.now();
    let request = RightsRequest {
        organisation: organisation.clone(),
        right: spec.right,
        subject: match agreement {
            Some(acceptance) => RightsSubject::Agreement { acceptance },
            None => RightsSubject::Relationship,
        },
        fields,
        corrected: credentials.iter().map(|compact| ObjectHash::of(compact)).collect(),
        reason: spec.reason,
        made_at: now,
    };
    let unsigned = Signed::prepare(&request)?;
    let signature = key.sign(unsigned.signing_input());
    let case = RightsCase::new(Signed::verify(&unsigned.complete(&signature), &key.public())?);
    let mut kept = Kept {
        relationship: agreed.relationship,
        case,
        sending: Sending::default(),
        credentials,
        received: Vec::new(),
        waiting: Vec::new(),
    };
    let id = kept.id();
    // The same words in the same second are the same request.
    if changes.kept(COLLECTION, &id)?.is_some() {
        return Ok(id);
    }
    let body = kept.body()?;
    kept.sending = Sending::post(home, changes, &kept.relationship, &MessageKind::Rights, &body)?;
    kept.keep(changes)?;
    let event = Event::RightsRequested {
        organisation: organisation.clone(),
        request: id.clone(),
        right: term(request.right),
        agreement,
        due_at: Some(answer_due(now)),
    };
    history::append(changes, event, home.platform.now_ms())?;
    if !disclosed.is_empty() {
        let event = Event::Disclosed {
            organisation,
            request: None,
            agreement,
            fields: disclosed,
        };
        history::append(changes, event, home.platform.now_ms())?;
    }
    Ok(id)
}

/// The fields that a request is about, each of which was given once.
fn fields(agreed: &Agreed, spec: &RightsSpec) -> Result<Vec<FieldRef>> {
    let mut fields = spec.fields.clone();
    fields.extend(spec.corrections.iter().map(|correction| correction.field.clone()));
    fields.sort();
    fields.dedup();
    match fields.iter().find(|field| !agreed.agreement.fields().contains(field)) {
        Some(field) => Err(Error::new("FieldNotOffered").with("field", field.to_string())),
        None => Ok(fields),
    }
}

/// What the person says is right: from each record a credential of their own with the corrected fields and nothing else.
fn corrected(
    home: &Home,
    corrections: &[CorrectedField],
    key: &RelationshipKey,
) -> Result<(Vec<String>, Vec<DisclosedField>)> {
    let mut by_record: BTreeMap<RecordId, Vec<&ClaimPath>> = BTreeMap::new();
    for correction in corrections {
        by_record
            .entry(correction.record)
            .or_default()
            .push(&correction.field.path);
    }
    let (mut credentials, mut disclosed) = (Vec::new(), Vec::new());
    for (id, paths) in by_record {
        let record = home.vault.record(&id)?;
        let record = record.ok_or_else(|| Error::new("NotFound").with("what", "record"))?;
        let mut claims = Map::new();
        for path in paths {
            copy(&record.body, path, &mut claims)?;
            disclosed.push(DisclosedField {
                credential_type: record.schema.clone(),
                path: path.clone(),
            });
        }
        let day = start_of_day(home.platform.now());
        let draft = CredentialDraft::new(record.schema, claims, key.public(), IssuedBy::Holder, day);
        let unsigned = draft.prepare(&mut OsRandom)?;
        let signature = key.sign(unsigned.signing_input());
        credentials.push(unsigned.complete(&signature));
    }
    Ok((credentials, disclosed))
}

/// Copies the one value at a path of names.
fn copy(body: &Value, path: &ClaimPath, into: &mut Map<String, Value>) -> Result<()> {
    let absent = || Error::new("NotFound").with("what", "field");
    let (mut from, mut into) = (body, into);
    let Some((last, parents)) = path.elements().split_last() else {
        return Err(absent());
    };
    for element in parents {
        let PathElement::Name(name) = element else {
            return Err(Error::new("Unsupported").with("what", "field"));
        };
        from = from.get(name).ok_or_else(absent)?;
        let inner = into.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        into = inner.as_object_mut().ok_or_else(absent)?;
    }
    let PathElement::Name(name) = last else {
        return Err(Error::new("Unsupported").with("what", "field"));
    };
    into.insert(name.clone(), from.get(name).ok_or_else(absent)?.clone());
    Ok(())
}

fn remind(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<()> {
    let mut kept = by_id(changes, id)?;
    if kept.case.answer().is_some() {
        return Ok(());
    }
    let body = kept.body()?;
    kept.sending
        .again(home, changes, &kept.relationship, &MessageKind::Rights, &body)?;
    kept.keep(changes)
}

/// A request by its name, to change it.
pub(in crate::person) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Kept> {
    found(changes.kept(COLLECTION, id)?)
}

/// A request by its name, to look at.
pub(in crate::person) fn read(home: &Home, id: &str) -> Result<Kept> {
    found(home.vault.kept(COLLECTION, id)?)
}

fn found(bytes: Option<Vec<u8>>) -> Result<Kept> {
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "rights request"))?;
    from_json(&bytes)
}

/// Every request as it stands now, the newest first.
pub(in crate::person) fn all(home: &Home) -> Result<Vec<RightsSummary>> {
    let (departures, now) = (Departures::read(home)?, home.platform.now());
    let kept = home.all_kept::<Kept>(COLLECTION)?;
    let mut all: Vec<RightsSummary> = kept.iter().map(|(_, kept)| summary(kept, &departures, now)).collect();
    all.sort_by(|one, other| other.made_at.cmp(&one.made_at).then(one.id.cmp(&other.id)));
    Ok(all)
}

/// A request as it stands at `now`.
pub(in crate::person) fn summary(kept: &Kept, departures: &Departures, now: i64) -> RightsSummary {
    let request = kept.case.request();
    let departure = departures.of_sending(&kept.sending);
    let sent_at = sent_at(departure);
    // An answer came all the same where it isn't known that the request left.
    let state = kept.case.state(sent_at.unwrap_or(request.made_at), now);
    let (stage, due_at) = match (state, departure) {
        (RightsState::Answered { .. }, _) => (RightsStage::Answered, sent_at.map(answer_due)),
        (_, Some(Departure::Refused { .. })) => (RightsStage::NotTaken, None),
        (_, Some(Departure::Waiting) | None) => (RightsStage::Waiting, None),
        (RightsState::Sent { due }, _) => (RightsStage::Sent, Some(due)),
        (RightsState::Extended { due }, _) => (RightsStage::Extended, Some(due)),
        (RightsState::Overdue { since }, _) => (RightsStage::Overdue, Some(since)),
    };
    RightsSummary {
        id: kept.id(),
        organisation: request.organisation.name.clone(),
        organisation_id: request.organisation.id.clone(),
        right: request.right,
        consent: kept.agreement().map(|agreement| agreement.to_string()),
        fields: request.fields.clone(),
        stage,
        made_at: request.made_at,
        sent_at,
        due_at,
        reminded_at: kept.sending.reminded_at,
        answered_at: kept.case.answer().map(|answer| answer.answered_at),
    }
}

/// DPV's term for a right, as the history has it.
pub(crate) fn term(right: DataRight) -> String {
    format!("eu-gdpr:A{}", right.article())
}

/// Whom a request was made to.
pub(in crate::person) fn party(kept: &Kept) -> Party {
    kept.case.request().organisation.clone()
}
