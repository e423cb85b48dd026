//! Standing access (C4), as the organisation uses it: it asks, the person's phone answers when it is next on, and tells what
//! changes by itself. What an agreement has is what was last heard.

use std::sync::Arc;

use kist_channel::{Message, MessageKind};
use kist_consent::{FieldRef, Right};
use kist_identity::{Expected, Issuer, VerifiedPresentation, verify_presentation};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::agreements::{self, GoneField, Kept, ReceivedField, value};
use super::events::{self, OrgEvent};
use super::outgoing::{self, Outgoing, Sender};
use super::profile::{random_name, signing_key};
use crate::bodies::standing_access::{MAX_AGE, ReadBody, Shown, ShownBody, nonce};
use crate::home::{Home, from_json, to_json};
use crate::trust::issuers::Issuers;
use crate::{Error, Result};

/// Questions, by their ids.
const READS: &str = "reads";
/// The most questions under one agreement that wait: a phone answers them all at once, so that more tell nothing more.
const MAX_WAITING: usize = 16;

/// Where a question stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OrgReadState {
    /// The phone has not answered yet.
    Pending,
    /// The phone has answered.
    Answered {
        /// When the answer was written, Unix seconds by the phone's clock.
        at: i64,
        /// The day on which what it says was so: its first second, Unix time.
        as_of: i64,
    },
    /// The phone won't answer.
    Refused {
        /// When that was written, Unix seconds by the phone's clock.
        at: i64,
        /// Why: a code.
        code: String,
    },
}

/// A question to a person's phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgRead {
    /// Its id, random.
    pub id: String,
    /// Under which agreement.
    pub agreement: String,
    /// What is asked; empty for all that was given.
    pub fields: Vec<FieldRef>,
    /// Since when it is pending, Unix seconds.
    pub asked_at: i64,
    /// Where it stands.
    pub state: OrgReadState,
}

/// Questions of a store.
#[derive(Clone)]
pub struct OrgReads {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

impl OrgReads {
    /// Asks a person's phone for fields as they are now; for all that was given where none is named. The phone answers when
    /// it is next refreshed; until then the question is pending.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `FieldNotOffered` for what the person
    /// didn't choose; `TooLarge` where too many questions wait.
    pub async fn ask(&self, agreement: &str, fields: Vec<FieldRef>) -> Result<OrgRead> {
        let agreement = agreement.to_owned();
        let read = self.home.blocking(move |home| ask(home, agreement, fields)).await?;
        self.sender.send().await?;
        Ok(read)
    }

    /// Questions, the newest first: under one agreement, or under all.
    pub async fn list(&self, agreement: Option<&str>) -> Result<Vec<OrgRead>> {
        let agreement = agreement.map(str::to_owned);
        self.home
            .blocking(move |home| {
                let all = home.all_kept::<OrgRead>(READS)?.into_iter().map(|(_, read)| read);
                let wanted = |read: &OrgRead| agreement.as_ref().is_none_or(|wanted| *wanted == read.agreement);
                let mut reads: Vec<OrgRead> = all.filter(wanted).collect();
                reads.sort_by(|one, other| other.asked_at.cmp(&one.asked_at).then(one.id.cmp(&other.id)));
                Ok(reads)
            })
            .await
    }
}

fn ask(home: &Home, agreement: String, fields: Vec<FieldRef>) -> Result<OrgRead> {
    let (key, now) = (signing_key(home)?, home.platform.now());
    home.transaction(|changes| {
        let kept = agreements::by_id(changes, &agreement)?;
        kept.agreement.check_use(Right::Read, now)?;
        if fields.iter().any(|field| !kept.agreement.fields().contains(field)) {
            return Err(Error::new("FieldNotOffered"));
        }
        let mut waiting = 0;
        for (_, bytes) in changes.all_kept(READS)? {
            let read: OrgRead = from_json(&bytes)?;
            waiting += usize::from(read.agreement == agreement && read.state == OrgReadState::Pending);
        }
        if waiting >= MAX_WAITING {
            return Err(Error::new("TooLarge").with("what", "reads").with("limit", MAX_WAITING));
        }
        let read = OrgRead {
            id: random_name(),
            agreement: agreement.clone(),
            fields,
            asked_at: now,
            state: OrgReadState::Pending,
        };
        let body = ReadBody {
            id: read.id.clone(),
            agreement: agreement.clone(),
            fields: read.fields.clone(),
        };
        let message = Outgoing {
            agreement,
            kind: MessageKind::Read,
            schema: None,
            body: to_json(&body)?,
        };
        outgoing::post(home, changes, &kept.relationship, &key, message)?;
        changes.keep(READS, &read.id, &to_json(&read)?)?;
        Ok(read)
    })
}

/// Takes in what a person's phone shows: a change, or an answer. What was agreed bounds it, and what it shows is proved by
/// the relationship's key for this message alone.
pub(super) fn take_shown(home: &Home, changes: &Transaction<'_>, relationship: &str, message: &Message) -> Result<()> {
    let body = serde_json::from_slice::<ShownBody>(&message.body)?.check()?;
    let mut kept = agreements::by_id(changes, &body.agreement)?;
    if kept.relationship != relationship {
        return Err(Error::new("NotFound").with("what", "agreement"));
    }
    let read = match (&message.kind, &body.read) {
        (MessageKind::Answer, Some(id)) => Some(pending(changes, id, &body.agreement)?),
        (MessageKind::Update, None) if body.refused.is_none() => None,
        _ => return Err(Error::new("Malformed").with("what", "answer")),
    };
    if let (Some(mut read), Some(code)) = (read.clone(), body.refused.clone()) {
        let (id, agreement) = (read.id.clone(), body.agreement);
        read.state = OrgReadState::Refused {
            at: message.sent_at,
            code: code.clone(),
        };
        changes.keep(READS, &id, &to_json(&read)?)?;
        return events::tell(
            changes,
            &OrgEvent::ReadRefused {
                agreement,
                read: id,
                code,
            },
        );
    }
    kept.agreement.check_use(Right::Read, home.platform.now())?;
    let fields = verify(home, &kept, &body, message.number)?;
    let gone: Vec<FieldRef> = body
        .gone
        .iter()
        .filter(|field| is_chosen(&kept, field))
        .cloned()
        .collect();
    let named = fields.iter().map(|received| received.field.clone()).collect();
    kept.hear(fields, &gone, body.as_of, message.number);
    kept.keep(changes)?;
    let (agreement, as_of) = (body.agreement, body.as_of);
    let Some(mut read) = read else {
        return events::tell(
            changes,
            &OrgEvent::Updated {
                agreement,
                fields: named,
                gone,
                as_of,
            },
        );
    };
    read.state = OrgReadState::Answered {
        at: message.sent_at,
        as_of,
    };
    changes.keep(READS, &read.id, &to_json(&read)?)?;
    let read = read.id;
    events::tell(changes, &OrgEvent::ReadAnswered { agreement, read, as_of })
}

/// The question that is answered.
///
/// Errors: `NotFound` for none, or one under another agreement; `ReplayRejected` for one that was answered before.
fn pending(changes: &Transaction<'_>, id: &str, agreement: &str) -> Result<OrgRead> {
    let missing = || Error::new("NotFound").with("what", "read");
    let read: OrgRead = from_json(&changes.kept(READS, id)?.ok_or_else(missing)?)?;
    match read.state {
        _ if read.agreement != agreement => Err(missing()),
        OrgReadState::Pending => Ok(read),
        _ => Err(Error::new("ReplayRejected")),
    }
}

fn is_chosen(kept: &Kept, field: &FieldRef) -> bool {
    kept.agreement.fields().contains(field)
}

/// The values that a message shows of what was chosen.
fn verify(home: &Home, kept: &Kept, body: &ShownBody, number: u64) -> Result<Vec<ReceivedField>> {
    let issuers = Issuers::of(home)?;
    let nonce = nonce(&body.agreement, number);
    let expected = Expected {
        nonce: &nonce,
        audience: &kept.agreement.offer().organisation.id,
        transaction_data: &[],
        max_age: MAX_AGE,
        require_holder_binding: true,
    };
    let mut fields = Vec::new();
    for Shown { query, presentation } in &body.shown {
        let verified = verify_presentation(presentation, &expected, &issuers, home.platform.now())?;
        if verified.holder() != Some(kept.agreement.relationship()) {
            return Err(Error::new("UntrustedKey"));
        }
        let agreed = kept.agreement.fields();
        let of_query = agreed.iter().filter(|field| field.credential == *query);
        let shown = of_query.filter_map(|field| received(kept, field, &verified, body.as_of, number));
        fields.extend(shown.collect::<Result<Vec<_>>>()?);
    }
    Ok(fields)
}

/// A field that a presentation shows; none where it doesn't.
fn received(
    kept: &Kept,
    field: &FieldRef,
    verified: &VerifiedPresentation,
    as_of: i64,
    number: u64,
) -> Option<Result<ReceivedField>> {
    let value = value(verified, &field.path)?;
    // What answers must be what was asked for: of the type that the field first came in.
    if kept.schema(field).is_some_and(|schema| schema != verified.vct()) {
        return Some(Err(Error::new("QueryNotSatisfied")));
    }
    let issuer: &Issuer = verified.issuer();
    Some(Ok(ReceivedField {
        field: field.clone(),
        schema: verified.vct().to_owned(),
        value,
        issuer: issuer.into(),
        as_of: Some(as_of),
        number,
    }))
}

impl Kept {
    /// The type of credential that a field came in.
    fn schema(&self, field: &FieldRef) -> Option<&str> {
        let received = self.received.iter().find(|known| known.field == *field);
        let gone = self.gone.iter().find(|known| known.field == *field);
        received
            .map(|known| known.schema.as_str())
            .or(gone.map(|known| known.schema.as_str()))
    }

    /// Whether something newer is known of a field than what this message says.
    fn knows_newer(&self, field: &FieldRef, number: u64) -> bool {
        let received = self.received.iter().map(|known| (&known.field, known.number));
        let gone = self.gone.iter().map(|known| (&known.field, known.number));
        received
            .chain(gone)
            .any(|(known, heard)| known == field && heard > number)
    }

    /// Takes what was heard in place of what was known before.
    fn hear(&mut self, fields: Vec<ReceivedField>, gone: &[FieldRef], as_of: i64, number: u64) {
        for field in fields {
            if !self.knows_newer(&field.field, number) {
                self.gone.retain(|known| known.field != field.field);
                match self.received.iter_mut().find(|known| known.field == field.field) {
                    Some(known) => *known = field,
                    None => self.received.push(field),
                }
            }
        }
        for field in gone {
            if let Some(schema) = self.schema(field).map(str::to_owned)
                && !self.knows_newer(field, number)
            {
                self.received.retain(|known| known.field != *field);
                self.gone.retain(|known| known.field != *field);
                self.gone.push(GoneField {
                    field: field.clone(),
                    schema,
                    as_of,
                    number,
                });
            }
        }
    }
}
