//! What an organisation was given is told to it anew when it changes.
//!
//! For each agreement that gives a standing right to read, a *watch* remembers which record answers each field, and the
//! hash of the value that the organisation was last told. What changes records calls [`tell`] in the same transaction: it
//! holds watches against the store, and seals what differs. What may not be told now (the organisation wasn't heard yet,
//! sharing is paused, too much waits to be sent) differs still at the next change or refresh, and is told then.

use kist_channel::{MAX_BODY, MessageKind};
use kist_consent::history::{DisclosedField, Event};
use kist_consent::{Agreement, FieldRef, Right, Validity};
use kist_crypto::{base64url, sha256};
use kist_exchange::shows_only;
use kist_identity::{
    ClaimPath, Credential, CredentialDraft, IssuedBy, KeyBinding, PathElement, RelationshipKey, UnsignedPresentation,
    start_of_day,
};
use kist_vault::{Filter, Record, RecordId, Source, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reads;
use crate::agreements::{self, Kept};
use crate::bodies::standing_access::{Shown, ShownBody, nonce};
use crate::credentials::{CREDENTIALS, assert};
use crate::home::{Home, from_json, let_go, to_json};
use crate::mail::{self, Departure};
use crate::person::events::InboxEvent;
use crate::person::relationships;
use crate::person::relationships::recall::{self, Shows};
use crate::person::requests::candidates::Item;
use crate::person::rules;
use crate::{Error, Result, history};

/// Watches, by agreement.
const WATCHES: &str = "watches";
/// In the place of a hash: it isn't known what the organisation was told last. No value has it.
const UNKNOWN: &str = "";
/// What was refused is told again after so many seconds: the organisation may be gone for good.
const TELL_AGAIN_AFTER: i64 = 24 * 60 * 60;
/// The most records looked through for one that takes the place of one that is gone.
const MAX_LOOKED_AT: u32 = 50;

/// What answers a standing agreement.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Watch(Vec<Part>);

/// The fields of one credential query, which one record answers.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::person) struct Part {
    /// The query's id.
    query: String,
    /// The type of the credential.
    vct: String,
    /// The record that answers.
    record: RecordId,
    /// Since when it is out of sight, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_ms: Option<i64>,
    fields: Vec<Field>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Field {
    path: ClaimPath,
    /// SHA-256 of the value last told, base64url; none where it was told to be gone.
    told: Option<String>,
}

impl Part {
    /// What a person gives of a record.
    pub(in crate::person) fn new(query: &str, item: &Item, paths: &[ClaimPath]) -> Self {
        let field = |path: &ClaimPath| Field {
            path: path.clone(),
            told: hash(item.claims(), path),
        };
        Part {
            query: query.to_owned(),
            vct: item.vct().to_owned(),
            record: item.record,
            gone_ms: None,
            fields: paths.iter().map(field).collect(),
        }
    }

    /// The record that answers now: the one that was chosen while it is in sight; the one that the person settled on in its
    /// place; otherwise one of its type that the person has added since it went.
    fn resolve(&mut self, changes: &Transaction<'_>) -> Result<Option<Record>> {
        let mut record = changes.record(&self.record)?;
        if record.as_ref().is_some_and(|record| record.replaced)
            && let Some(by) = changes.marks(&self.record)?.replaced_by
        {
            record = changes.record(&by)?.filter(|by| by.schema == self.vct);
        }
        let mut record = record.filter(|record| !record.trashed && !record.replaced);
        if record.is_none() {
            let since = *self.gone_ms.get_or_insert(changes.now_ms());
            record = added_since(changes, &self.vct, since)?;
        }
        if let Some(record) = &record {
            (self.record, self.gone_ms) = (record.id, None);
        }
        Ok(record)
    }

    fn name(&self, path: &ClaimPath) -> FieldRef {
        FieldRef {
            credential: self.query.clone(),
            path: path.clone(),
        }
    }

    fn disclosed(&self, path: &ClaimPath) -> DisclosedField {
        DisclosedField {
            credential_type: self.vct.clone(),
            path: path.clone(),
        }
    }
}

/// The newest record of a type that was added at this time or later. One that somebody delivered isn't taken: it is bound to
/// another key.
fn added_since(changes: &Transaction<'_>, vct: &str, since_ms: i64) -> Result<Option<Record>> {
    let added = changes.list(&Filter::of_schema(vct), MAX_LOOKED_AT)?.into_iter();
    let own = |source: &Source| !matches!(source, Source::Delivered { .. });
    let newest = added
        .filter(|summary| summary.created_ms >= since_ms && own(&summary.provenance.source))
        .max_by_key(|summary| (summary.created_ms, summary.time));
    newest.map_or(Ok(None), |summary| Ok(changes.record(&summary.id)?))
}

/// The hash of what a record has for a field now.
fn value_now(record: Option<&Record>, path: &ClaimPath) -> Option<String> {
    hash(record?.body.as_object()?, path)
}

/// The hash of what claims have for a field; none where they have nothing.
fn hash(claims: &Map<String, Value>, path: &ClaimPath) -> Option<String> {
    let selected = path.select(claims);
    let values: Vec<&Value> = selected.iter().filter_map(|path| path.value_in(claims)).collect();
    let several = path.elements().contains(&PathElement::All);
    let text = serde_json::to_string(&values).ok()?;
    (!values.is_empty()).then(|| base64url(sha256(&[&[u8::from(several)], text.as_bytes()])))
}

/// Begins to watch what a person gave under an agreement with a standing right to read.
pub(in crate::person) fn watch(changes: &Transaction<'_>, agreement: &Agreement, parts: Vec<Part>) -> Result<()> {
    let offer = agreement.offer();
    if !offer.rights.grants(Right::Read) || offer.validity == Validity::Once || parts.is_empty() {
        return Ok(());
    }
    keep(changes, &agreement.id().to_string(), &Watch(parts))
}

fn keep(changes: &Transaction<'_>, agreement: &str, watch: &Watch) -> Result<()> {
    Ok(changes.keep(WATCHES, agreement, &to_json(watch)?)?)
}

/// Runs what changes records, and seals what organisations are to be told of it, in one transaction.
pub(crate) fn transaction<T>(home: &Home, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    home.transaction(|changes| {
        let done = work(changes)?;
        tell(home, changes)?;
        Ok(done)
    })
}

/// Seals what differs from what organisations were told.
///
/// Errors: the store's own. An agreement under which nothing can be told now keeps nothing from the others, nor from the
/// person's own change.
pub(in crate::person) fn tell(home: &Home, changes: &Transaction<'_>) -> Result<()> {
    note_called_back(changes)?;
    for (agreement, bytes) in changes.all_kept(WATCHES)? {
        match tell_one(home, changes, &agreement, from_json(&bytes)?) {
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(error) if matches!(error.code(), "ConsentWithdrawn" | "ConsentExpired") => {
                let_go(changes, WATCHES, &agreement)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn tell_one(home: &Home, changes: &Transaction<'_>, agreement: &str, mut watch: Watch) -> Result<()> {
    let known = watch.clone();
    let records = look(changes, &mut watch)?;
    if watch != known {
        keep(changes, agreement, &watch)?;
    }
    let mut changed = Vec::new();
    for (part, record) in watch.0.iter().zip(&records) {
        let differs = |field: &&Field| field.told != value_now(record.as_ref(), &field.path);
        let differing = part.fields.iter().filter(differs);
        changed.extend(differing.map(|field| part.name(&field.path)));
    }
    if changed.is_empty() {
        return Ok(());
    }
    let kept = agreements::by_id(changes, agreement)?;
    let may_go = allowed(changes, &kept, &watch)?;
    changed.retain(|field| may_go.contains(field));
    if changed.is_empty() {
        return Ok(());
    }
    kept.check_use(changes, Right::Read, home.platform.now())?;
    // Until the organisation was heard it isn't known which of several mailboxes it reads.
    if mail::connection(changes, &kept.relationship)?.received() == 0 {
        return Ok(());
    }
    let sent = show(home, changes, &kept, watch, records, &Showing::Update(changed))?;
    let event = Event::UpdateSent {
        organisation: agreements::party(&kept.agreement),
        agreement: kept.agreement.id(),
        fields: sent.fields,
        gone: sent.gone,
    };
    history::append(changes, event, home.platform.now_ms())
}

/// What may be shown of what the person chose: what none of their rules keeps back.
fn allowed(changes: &Transaction<'_>, kept: &Kept, watch: &Watch) -> Result<Vec<FieldRef>> {
    let (rules, to) = (rules::of(changes)?, [kept.agreement.offer().organisation.id.clone()]);
    let mut fields = kept.agreement.fields();
    fields.retain(|field| {
        let types = watch.0.iter().filter(|part| part.query == field.credential);
        let types: Vec<String> = types.map(|part| part.vct.clone()).collect();
        rules.withholds(&to, &types, Some(&field.path)).is_none()
    });
    Ok(fields)
}

fn look(changes: &Transaction<'_>, watch: &mut Watch) -> Result<Vec<Option<Record>>> {
    watch.0.iter_mut().map(|part| part.resolve(changes)).collect()
}

/// Why something is shown, and what of the agreement's fields.
enum Showing {
    /// These have changed.
    Update(Vec<FieldRef>),
    /// The organisation asked for these.
    Answer { read: String, fields: Vec<FieldRef> },
}

/// What a message said, for the history.
#[derive(Default)]
pub(in crate::person) struct Sent {
    pub(in crate::person) fields: Vec<DisclosedField>,
    pub(in crate::person) gone: Vec<DisclosedField>,
}

/// Answers a question: shows what the store has now for some of the agreement's fields.
///
/// Errors: `NotFound` where nothing is watched under the agreement; `FieldNotOffered` where nothing of it may be shown.
pub(in crate::person) fn answer(
    home: &Home,
    changes: &Transaction<'_>,
    kept: &Kept,
    read: &str,
    mut fields: Vec<FieldRef>,
) -> Result<Sent> {
    let bytes = changes.kept(WATCHES, &kept.id())?;
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "agreement"))?;
    let mut watch: Watch = from_json(&bytes)?;
    let records = look(changes, &mut watch)?;
    let may_go = allowed(changes, kept, &watch)?;
    fields.retain(|field| may_go.contains(field));
    if fields.is_empty() {
        return Err(Error::new("FieldNotOffered"));
    }
    let read = read.to_owned();
    show(home, changes, kept, watch, records, &Showing::Answer { read, fields })
}

/// Seals a message that shows what the records have for some fields, and remembers what it told.
fn show(
    home: &Home,
    changes: &Transaction<'_>,
    kept: &Kept,
    mut watch: Watch,
    records: Vec<Option<Record>>,
    showing: &Showing,
) -> Result<Sent> {
    let (agreement, now) = (kept.id(), home.platform.now());
    let number = mail::connection(changes, &kept.relationship)?.sent().0 + 1;
    let presenter = Presenter {
        changes,
        key: relationships::by_id(changes, &kept.relationship)?.key()?,
        audience: &kept.agreement.offer().organisation.id,
        nonce: nonce(&agreement, number),
        // What is shown may not say when exactly the person changed it: another organisation is told at the same time.
        day: start_of_day(now),
    };
    let (kind, wanted, read, sent_at) = match showing {
        Showing::Update(fields) => (MessageKind::Update, fields, None, presenter.day),
        Showing::Answer { read, fields } => (MessageKind::Answer, fields, Some(read.clone()), now),
    };
    let mut body = ShownBody {
        agreement: agreement.clone(),
        read,
        as_of: presenter.day,
        shown: Vec::new(),
        gone: Vec::new(),
        refused: None,
    };
    let (mut sent, mut room) = (Sent::default(), MAX_BODY / 4 * 3);
    for (part, record) in watch.0.iter_mut().zip(records) {
        let (mut paths, query) = (Vec::new(), part.query.clone());
        for at in 0..part.fields.len() {
            let path = part.fields[at].path.clone();
            if !wanted.contains(&part.name(&path)) {
                continue;
            }
            part.fields[at].told = value_now(record.as_ref(), &path);
            match part.fields[at].told {
                Some(_) => paths.push(path),
                None => body.gone.push(part.name(&path)),
            }
        }
        let presentation = match &record {
            Some(record) if !paths.is_empty() => Some(presenter.present(record, &paths)?),
            _ => None,
        };
        match presentation {
            // What no message can carry is as good as gone for who reads it.
            Some(presentation) if presentation.len() > room => {
                body.gone.extend(paths.iter().map(|path| part.name(path)))
            }
            Some(presentation) => {
                room -= presentation.len();
                sent.fields.extend(paths.iter().map(|path| part.disclosed(path)));
                body.shown.push(Shown { query, presentation });
            }
            None => {}
        }
        let gone = body.gone.iter().filter(|field| field.credential == part.query);
        sent.gone.extend(gone.map(|field| part.disclosed(&field.path)));
    }
    let author = mail::Author {
        relationship: &kept.relationship,
        sign: &mail::signer(&presenter.key),
    };
    let message = mail::post_named(changes, &author, kind, to_json(&body)?, sent_at)?;
    let shows = Shows {
        agreement: agreement.clone(),
        fields: wanted.clone(),
        read: body.read.map(|read| reads::key(&kept.relationship, &read)),
        called_back: false,
        refusal_told: false,
    };
    recall::note(changes, &message, &shows)?;
    keep(changes, &agreement, &watch)?;
    Ok(sent)
}

/// Notes that what was called back was not told after all, and that the questions which it answered wait again.
pub(super) fn note_called_back(changes: &Transaction<'_>) -> Result<()> {
    for shows in recall::take(changes)? {
        untold(changes, &shows.agreement, &shows.fields)?;
        if let Some(read) = &shows.read {
            reads::unanswered(changes, read)?;
        }
    }
    Ok(())
}

/// Fields that were not told differ from what the organisation knows, whatever they are.
fn untold(changes: &Transaction<'_>, agreement: &str, fields: &[FieldRef]) -> Result<()> {
    let Some(bytes) = changes.kept(WATCHES, agreement)? else {
        return Ok(());
    };
    let mut watch: Watch = from_json(&bytes)?;
    for part in &mut watch.0 {
        for at in 0..part.fields.len() {
            if fields.contains(&part.name(&part.fields[at].path)) {
                part.fields[at].told = Some(UNKNOWN.to_owned());
            }
        }
    }
    keep(changes, agreement, &watch)
}

/// Makes the presentations of one message.
struct Presenter<'a> {
    changes: &'a Transaction<'a>,
    key: RelationshipKey,
    audience: &'a str,
    nonce: String,
    day: i64,
}

impl Presenter<'_> {
    /// Shows some claims of a record, and nothing else.
    fn present(&self, record: &Record, paths: &[ClaimPath]) -> Result<String> {
        let binding = KeyBinding {
            nonce: &self.nonce,
            audience: self.audience,
            issued_at: self.day,
            transaction_data: &[],
        };
        let unsigned = UnsignedPresentation::prepare(&self.credential(record)?, paths, &binding)?;
        let signature = self.key.sign(unsigned.signing_input());
        let presentation = unsigned.complete(&signature);
        shows_only(&presentation, paths)?;
        Ok(presentation)
    }

    /// The credential that a record was delivered in, where it is bound to the relationship's key. Everything else is the
    /// person's own word: a credential that is bound to another key would tell that relationship (A21).
    fn credential(&self, record: &Record) -> Result<Credential> {
        let malformed = || Error::new("Malformed").with("what", "record");
        if let Source::Delivered { credential, .. } = &record.provenance.source
            && let Some(bytes) = self.changes.kept(CREDENTIALS, credential)?
        {
            let credential = Credential::from_bytes(&bytes)?;
            if credential.holder() == Some(&self.key.public()) {
                return Ok(credential);
            }
        }
        let claims = record.body.as_object().ok_or_else(malformed)?.clone();
        let (holder, issuer) = (self.key.public(), IssuedBy::Holder);
        let draft = CredentialDraft::new(record.schema.as_str(), claims, holder, issuer, self.day);
        assert(draft, &self.key)
    }
}

/// Looks what became of what was shown. Gives the organisations whose relay refused it.
pub(in crate::person) fn look_after(home: &Home, changes: &Transaction<'_>) -> Result<Vec<InboxEvent>> {
    note_called_back(changes)?;
    let (mut events, now) = (Vec::new(), home.platform.now());
    for (message, mut shows) in recall::all(changes)? {
        match mail::departure(changes, &message)? {
            Some(Departure::Waiting) => continue,
            Some(Departure::Refused { at }) if now < at.saturating_add(TELL_AGAIN_AFTER) => {
                if !shows.refusal_told {
                    let event = event(changes, &shows.agreement)?;
                    if !events.contains(&event) {
                        events.push(event);
                    }
                    shows.refusal_told = true;
                    recall::keep(changes, &message, &shows)?;
                }
                continue;
            }
            Some(Departure::Refused { .. }) => untold(changes, &shows.agreement, &shows.fields)?,
            Some(Departure::Taken { .. }) | None => {}
        }
        recall::forget(changes, &message)?;
    }
    Ok(events)
}

fn event(changes: &Transaction<'_>, agreement: &str) -> Result<InboxEvent> {
    Ok(InboxEvent::Unreachable {
        organisation: agreements::party(&agreements::by_id(changes, agreement)?.agreement).name,
        code: "NotFound".to_owned(),
    })
}
