//! Requests of people's rights: the queue with its deadlines, and the answers.
//!
//! Each request is answered once; the answer is sent again when the person asks again. What this store itself holds of the
//! person follows the answer: erased fields are erased, corrected ones are replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kist_channel::MessageKind;
use kist_consent::{
    DataRight, FieldRef, ObjectHash, RefusalGround, RightsAnswer, RightsCase, RightsOutcome, RightsRequest,
    RightsState, RightsSubject, Signed, Texts, answer_due, extended_due,
};
use kist_crypto::es256::PublicKey;
use kist_identity::{Credential, Issuer};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::agreements::{self, FieldIssuer, Kept as Agreed, ReceivedField};
use super::deliveries::{DeliverySpec, check_may_issue, issue};
use super::events::{self, OrgEvent};
use super::membership::Membership;
use super::outgoing::{self, Outgoing, Sender};
use super::profile::{profile, sign, signing_key};
use crate::bodies::{RightsAnswerBody, RightsBody};
use crate::home::{Home, from_json, to_json};
use crate::rights::{RightsReply, reply};
use crate::trust::issuers::Issuers;
use crate::{Error, Result, mail};

const COLLECTION: &str = "rights";
/// The most requests of one person that wait for an answer.
const MAX_OPEN: usize = 64;
/// A request counts from when it was made if it came within so many seconds after, otherwise from when it came: a clock may
/// be wrong, and a relay may have been down.
const BELIEVED: i64 = 7 * 24 * 60 * 60;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// A person's request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrgRightsRequest {
    /// Its name.
    pub id: String,
    /// The relationship that it was made in.
    pub relationship: String,
    /// What is asked for.
    pub right: DataRight,
    /// The agreement that it is about; none for everything about this person.
    pub agreement: Option<String>,
    /// The fields that it is about; none for all.
    pub fields: Vec<FieldRef>,
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

/// An answer that does what was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsFulfilment {
    /// Data that goes along, for a copy: each becomes a credential that is bound to this relationship alone.
    #[serde(default)]
    pub deliver: Vec<DeliverySpec>,
    /// Words, by language.
    #[serde(default)]
    pub text: BTreeMap<String, String>,
}

/// A request as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    relationship: String,
    /// The agreement that messages about it go under: its own, or another of this person where it is about everything.
    agreement: String,
    case: RightsCase,
    received_at: i64,
    corrected: Vec<ReceivedField>,
    /// The last answer as it was sent, to send it again.
    reply: Option<RightsAnswerBody>,
}

impl Kept {
    fn id(&self) -> String {
        self.case.id().to_string()
    }

    fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COLLECTION, &self.id(), &to_json(self)?)?)
    }

    fn request(&self) -> &RightsRequest {
        self.case.request()
    }

    /// From when the time to answer counts.
    fn counts_from(&self) -> i64 {
        let made_at = self.request().made_at;
        match (self.received_at.saturating_sub(BELIEVED)..=self.received_at).contains(&made_at) {
            true => made_at,
            false => self.received_at,
        }
    }

    fn shown(&self, now: i64) -> OrgRightsRequest {
        let request = self.request();
        let from = self.counts_from();
        let (state, due_at) = match self.case.state(from, now) {
            RightsState::Sent { due } => (OrgRightsState::Open, due),
            RightsState::Extended { due } => (OrgRightsState::Extended, due),
            RightsState::Overdue { since } => (OrgRightsState::Overdue, since),
            RightsState::Answered { .. } => (OrgRightsState::Answered, answer_due(from)),
        };
        OrgRightsRequest {
            id: self.id(),
            relationship: self.relationship.clone(),
            right: request.right,
            agreement: match request.subject {
                RightsSubject::Agreement { acceptance } => Some(acceptance.to_string()),
                RightsSubject::Relationship => None,
            },
            fields: request.fields.clone(),
            corrected: self.corrected.clone(),
            reason: request.reason.clone(),
            made_at: request.made_at,
            received_at: self.received_at,
            due_at,
            state,
            extension: self.case.extension().map(|answer| reply(answer)),
            answer: self.case.answer().map(|answer| reply(answer)),
        }
    }
}

/// The requests of a store.
#[derive(Clone)]
pub struct OrgRights {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

impl OrgRights {
    /// Every request: those that wait first, the first due first; then those that were answered, the newest first.
    pub async fn list(&self) -> Result<Vec<OrgRightsRequest>> {
        self.home
            .blocking(|home| {
                let now = home.platform.now();
                let all = home.all_kept::<Kept>(COLLECTION)?;
                let mut all: Vec<_> = all.iter().map(|(_, kept)| kept.shown(now)).collect();
                let order = |request: &OrgRightsRequest| match &request.answer {
                    None => (false, request.due_at),
                    Some(answer) => (true, -answer.answered_at),
                };
                all.sort_by(|one, other| order(one).cmp(&order(other)).then(one.id.cmp(&other.id)));
                Ok(all)
            })
            .await
    }

    /// One request.
    ///
    /// Errors: `NotFound`.
    pub async fn get(&self, id: &str) -> Result<OrgRightsRequest> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let kept: Option<Kept> = home.kept(COLLECTION, &id)?;
                Ok(kept.ok_or_else(missing)?.shown(home.platform.now()))
            })
            .await
    }

    /// Says that it was done, with data where that is what was asked for. An erasure takes the fields out of this store,
    /// a rectification puts the corrected ones in; whatever stands in other systems of the organisation is for it to do
    /// before it says so. Done a second time it changes nothing and sends nothing.
    ///
    /// Errors: `NotFound`; `AlreadyAnswered` for one that was refused; `OrganisationNotTrusted` for a type that a framework
    /// believed here doesn't let the organisation issue; `TooLarge` for more than a message holds; `Malformed`.
    pub async fn answer(&self, id: &str, fulfilment: RightsFulfilment) -> Result<OrgRightsRequest> {
        self.reply(id, move |home, kept| done(home, kept, fulfilment)).await
    }

    /// Refuses, with the ground and the reasons by language.
    ///
    /// Errors: as [`OrgRights::answer`]; `AlreadyAnswered` for one that was done.
    pub async fn refuse(
        &self,
        id: &str,
        ground: RefusalGround,
        text: BTreeMap<String, String>,
    ) -> Result<OrgRightsRequest> {
        self.reply(id, move |_, _| {
            let text = Texts::try_from(text)?;
            Ok((RightsOutcome::Refused { ground, text }, Vec::new()))
        })
        .await
    }

    /// Tells the person that more time is needed, and why: until `until`, or for the two months that the law allows. It
    /// counts only where the first month isn't over.
    ///
    /// Errors: as [`OrgRights::answer`]; `RequestExpired` where the first month is over; `Malformed` for a moment that has
    /// passed.
    pub async fn extend(
        &self,
        id: &str,
        until: Option<i64>,
        text: BTreeMap<String, String>,
    ) -> Result<OrgRightsRequest> {
        self.reply(id, move |home, kept| {
            let (now, from) = (home.platform.now(), kept.counts_from());
            if now > answer_due(from) {
                return Err(Error::new("RequestExpired").with("at", answer_due(from)));
            }
            let latest = extended_due(from);
            let until = until.unwrap_or(latest).min(latest);
            let text = Texts::try_from(text)?;
            Ok((RightsOutcome::Extended { until, text }, Vec::new()))
        })
        .await
    }

    async fn reply(
        &self,
        id: &str,
        make: impl FnOnce(&Home, &Kept) -> Result<(RightsOutcome, Vec<String>)> + Send + 'static,
    ) -> Result<OrgRightsRequest> {
        let name = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let mut kept = by_id(changes, &name)?;
                    let (outcome, credentials) = make(home, &kept)?;
                    match was_said(&kept, &outcome)? {
                        true => Ok(()),
                        false => post(home, changes, &mut kept, outcome, credentials),
                    }
                })
            })
            .await?;
        self.sender.send().await?;
        self.get(id).await
    }
}

/// Whether this was answered already.
///
/// Errors: `AlreadyAnswered` where something else was.
fn was_said(kept: &Kept, outcome: &RightsOutcome) -> Result<bool> {
    let said = kept
        .case
        .answer()
        .or(kept.case.extension().filter(|_| is_extension(outcome)));
    match said {
        None => Ok(false),
        Some(said) if std::mem::discriminant(&said.outcome) == std::mem::discriminant(outcome) => Ok(true),
        Some(said) => Err(Error::new("AlreadyAnswered").with("at", said.answered_at)),
    }
}

fn is_extension(outcome: &RightsOutcome) -> bool {
    matches!(outcome, RightsOutcome::Extended { .. })
}

fn done(home: &Home, kept: &Kept, fulfilment: RightsFulfilment) -> Result<(RightsOutcome, Vec<String>)> {
    let now = home.platform.now();
    let mut credentials = Vec::new();
    // Said before: what would be made anew now isn't sent.
    if !fulfilment.deliver.is_empty() && kept.case.answer().is_none() {
        let membership = Membership::of(home)?;
        for spec in fulfilment.deliver {
            check_may_issue(home, &membership, &spec.schema, now)?;
            credentials.push(issue(&membership, spec, kept.case.request().key(), now)?);
        }
    }
    let text = match fulfilment.text.is_empty() {
        true => None,
        false => Some(Texts::try_from(fulfilment.text)?),
    };
    let outcome = RightsOutcome::Done {
        credentials: credentials.iter().map(|compact| ObjectHash::of(compact)).collect(),
        text,
    };
    Ok((outcome, credentials))
}

/// Signs an answer, stores it to be sent, and lets what this store holds follow it.
fn post(
    home: &Home,
    changes: &Transaction<'_>,
    kept: &mut Kept,
    outcome: RightsOutcome,
    credentials: Vec<String>,
) -> Result<()> {
    let is_done = matches!(outcome, RightsOutcome::Done { .. });
    let answer = RightsAnswer {
        request: kept.case.id(),
        outcome,
        answered_at: home.platform.now(),
    };
    let answer = sign(&answer, &signing_key(home)?)?;
    kept.reply = Some(RightsAnswerBody {
        answer: answer.compact().to_owned(),
        credentials,
    });
    kept.case.add(answer)?;
    if is_done {
        follow(changes, kept)?;
    }
    send(home, changes, kept)?;
    kept.keep(changes)
}

fn send(home: &Home, changes: &Transaction<'_>, kept: &Kept) -> Result<()> {
    let Some(reply) = &kept.reply else { return Ok(()) };
    let message = Outgoing {
        agreement: kept.agreement.clone(),
        kind: MessageKind::RightsAnswer,
        schema: None,
        body: to_json(reply)?,
    };
    outgoing::post(home, changes, &kept.relationship, &signing_key(home)?, message).map(drop)
}

/// Erases, or corrects, what this store received under the agreements that a request is about.
fn follow(changes: &Transaction<'_>, kept: &Kept) -> Result<()> {
    let request = kept.request();
    let is_about = |field: &FieldRef| request.fields.is_empty() || request.fields.contains(field);
    for mut agreed in about(changes, kept)? {
        match request.right {
            DataRight::Erasure => agreed.received.retain(|given| !is_about(&given.field)),
            DataRight::Rectification => {
                for given in &mut agreed.received {
                    if let Some(right) = kept.corrected.iter().find(|right| right.field == given.field) {
                        *given = right.clone();
                    }
                }
            }
            _ => return Ok(()),
        }
        agreed.keep(changes)?;
    }
    Ok(())
}

/// The agreements that a request is about.
fn about(changes: &Transaction<'_>, kept: &Kept) -> Result<Vec<Agreed>> {
    match kept.request().subject {
        RightsSubject::Agreement { acceptance } => {
            let named = agreements::find(changes, &acceptance.to_string())?;
            Ok(named
                .into_iter()
                .filter(|agreed| agreed.relationship == kept.relationship)
                .collect())
        }
        RightsSubject::Relationship => agreements::of_relationship(changes, &kept.relationship),
    }
}

/// Takes in a person's request; one that came before is answered again, if it was answered.
pub(super) fn take(home: &Home, changes: &Transaction<'_>, relationship: &str, body: &[u8]) -> Result<()> {
    let person = *mail::connection(changes, relationship)?.peer_key();
    let RightsBody { request, credentials } = serde_json::from_slice(body)?;
    let request = Signed::<RightsRequest>::verify(&request, &person)?;
    if let Some(bytes) = changes.kept(COLLECTION, &request.hash().to_string())? {
        return send(home, changes, &from_json(&bytes)?);
    }
    if request.organisation.id != profile(home)?.organisation_id {
        return Err(Error::new("AudienceMismatch"));
    }
    check_room(changes, relationship)?;
    let corrected = corrected(home, changes, &person, &request, &credentials)?;
    let kept = Kept {
        relationship: relationship.to_owned(),
        agreement: goes_under(changes, relationship, &request)?,
        case: RightsCase::new(request),
        received_at: home.platform.now(),
        corrected,
        reply: None,
    };
    kept.keep(changes)?;
    let shown = kept.shown(kept.received_at);
    events::tell(
        changes,
        &OrgEvent::RightsRequested {
            request: shown.id,
            relationship: shown.relationship,
            right: shown.right,
            due_at: shown.due_at,
        },
    )
}

fn check_room(changes: &Transaction<'_>, relationship: &str) -> Result<()> {
    let mut open = 0;
    for (_, bytes) in changes.all_kept(COLLECTION)? {
        let kept: Kept = from_json(&bytes)?;
        open += usize::from(kept.relationship == relationship && kept.case.answer().is_none());
    }
    match open < MAX_OPEN {
        true => Ok(()),
        false => Err(Error::new("TooLarge").with("what", "requests").with("limit", MAX_OPEN)),
    }
}

/// The agreement that an answer is sent under: the one that the request is about where it is known, else any of this
/// person.
fn goes_under(changes: &Transaction<'_>, relationship: &str, request: &RightsRequest) -> Result<String> {
    let all = agreements::of_relationship(changes, relationship)?;
    let named = all.iter().find(|agreed| match request.subject {
        RightsSubject::Agreement { acceptance } => agreed.agreement.id() == acceptance,
        RightsSubject::Relationship => false,
    });
    let any = named.or_else(|| all.first());
    any.map(Agreed::id).ok_or_else(|| Error::new("NotCovered"))
}

/// What the person says is right, from the credentials that came along: each bound by the request and to the person's key.
fn corrected(
    home: &Home,
    changes: &Transaction<'_>,
    person: &PublicKey,
    request: &RightsRequest,
    compact: &[String],
) -> Result<Vec<ReceivedField>> {
    let named: BTreeSet<&ObjectHash> = request.corrected.iter().collect();
    let came: Vec<ObjectHash> = compact.iter().map(|compact| ObjectHash::of(compact)).collect();
    if came.len() != named.len() || came.iter().collect::<BTreeSet<_>>() != named {
        return Err(Error::new("Malformed").with("what", "rights request"));
    }
    let (issuers, now) = (Issuers::of(home)?, home.platform.now());
    let mut credentials: Vec<(Credential, Issuer)> = Vec::new();
    for compact in compact {
        let (credential, issuer) = Credential::parse_and_verify(compact, &issuers, now)?;
        if credential.holder() != Some(person) {
            return Err(Error::new("SignatureInvalid"));
        }
        credentials.push((credential, issuer));
    }
    let given = match request.subject {
        RightsSubject::Agreement { acceptance } => agreements::find(changes, &acceptance.to_string())?,
        RightsSubject::Relationship => None,
    };
    let given = given.map(|agreed| agreed.received).unwrap_or_default();
    let mut corrected = Vec::new();
    for field in &request.fields {
        // Of the type that the field was given in, where this store still knows.
        let schema = given
            .iter()
            .find(|given| given.field == *field)
            .map(|given| given.schema.as_str());
        let fits = |credential: &Credential| schema.is_none_or(|schema| schema == credential.vct());
        let found = credentials.iter().find_map(|(credential, issuer)| {
            let value = field.path.value_in(credential.claims()).filter(|_| fits(credential))?;
            Some(ReceivedField {
                field: field.clone(),
                schema: credential.vct().to_owned(),
                value: value.clone(),
                issuer: FieldIssuer::from(issuer),
                as_of: None,
                number: 0,
            })
        });
        corrected.extend(found);
    }
    Ok(corrected)
}

fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Kept> {
    let bytes = changes.kept(COLLECTION, id)?.ok_or_else(missing)?;
    from_json(&bytes)
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "rights request")
}
