//! Reports to the authority that supervises an organisation: what happened, from the record of it, as a document to send and
//! a page to print. Nothing is sent from here; the person sends it, and notes that they did.

use kist_consent::history::{Event, HistoryEntry};
use kist_consent::{ObjectHash, Party, Texts};
use kist_crypto::{OsRandom, Secret, base64url};
use kist_trust::Authority;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{COLLECTION as REQUESTS, DataRights, Kept as Request, RightsSummary, authority, request_report};
use crate::agreements;
use crate::home::{Home, from_json, to_json};
use crate::pages::{Page, PageWords, moment};
use crate::person::consents::{self, ConsentSummary};
use crate::person::relationships::sending::Departures;
use crate::{Error, Result, history};

const COLLECTION: &str = "reports";
/// The most words of the person in a report, in bytes.
const MAX_NOTE: usize = 16 * 1024;
/// The newest entries of the history that a report names.
const MAX_ENTRIES: usize = 1000;
/// The right to complain, GDPR article 77, as DPV names it.
const COMPLAINT: &str = "eu-gdpr:A77";
/// What the page shows of the document, part by part: the part's name, where it stands, its members. Signed objects stand
/// in the document alone.
const SHOWN: [(&str, &str, &[&str]); 11] = [
    ("authority", "/authority", &["name", "uri"]),
    (
        "organisation",
        "/organisation",
        &["name", "id", "address", "contact", "country"],
    ),
    ("supplier", "/request/supplier", &["name", "id"]),
    ("request", "/request", &["id", "seen_at", "refused_at", "ends_at"]),
    (
        "purposes",
        "/request/purposes",
        &["purpose", "legal_basis", "retention"],
    ),
    ("asked", "/request/fields", &["field", "types", "over_asking"]),
    ("signature", "/request/signature", &["digest"]),
    (
        "agreement",
        "/agreement",
        &[
            "id",
            "agreed_at",
            "purpose",
            "legal_basis",
            "fields",
            "retention",
            "ends_at",
            "receipt_hash",
        ],
    ),
    (
        "withdrawal",
        "/withdrawal",
        &[
            "state",
            "withdrawn_at",
            "sent_at",
            "reminded_at",
            "silent_since",
            "acknowledged_at",
            "hash",
        ],
    ),
    (
        "rights",
        "/rights",
        &[
            "right",
            "stage",
            "made_at",
            "sent_at",
            "due_at",
            "reminded_at",
            "answered_at",
            "id",
        ],
    ),
    ("history", "/history", &["sequence", "hash"]),
];

/// A report that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its name.
    pub id: String,
    /// The organisation that it is about: its legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// What it is about.
    #[serde(flatten)]
    pub subject: ReportSubject,
    /// Whom it is for; none where the person agreed before this was noted.
    pub authority: Option<Authority>,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// When the person sent it, by their own word, Unix seconds.
    pub sent_at: Option<i64>,
    /// What they noted then, such as a reference.
    pub sent_note: Option<String>,
}

/// What a report is about: a member of it, named as the variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportSubject {
    /// A consent, by its name.
    Consent(String),
    /// A request that nothing was agreed on, by its name.
    Request(String),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) report: Report,
    pub(super) document: Value,
    /// The signed request that it is about, which the document has the digest of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<String>,
}

impl Report {
    /// A report that is made now, and not sent.
    pub(super) fn new(about: &Party, subject: ReportSubject, authority: Option<Authority>, now: i64) -> Report {
        Report {
            id: base64url(Secret::<16>::generate(&mut OsRandom).expose()),
            organisation: about.name.clone(),
            organisation_id: about.id.clone(),
            subject,
            authority,
            made_at: now,
            sent_at: None,
            sent_note: None,
        }
    }
}

impl DataRights {
    /// Makes a report about an organisation from the record of what happened under a consent: agreement, receipt,
    /// withdrawal, requests of rights with their deadlines, and the history by its hashes. `note` is what the person adds.
    /// It stays here: nothing is sent.
    ///
    /// Errors: `NotFound`, `TooLarge`, `HistoryBroken`.
    pub async fn report(&self, consent: &str, note: Option<String>) -> Result<Report> {
        let consent = consent.to_owned();
        self.make(note, move |home, note, past| make(home, &consent, note, past))
            .await
    }

    /// Makes a report about an organisation from a request of its own that waits or was refused: who asked, why, for what,
    /// what of it was more than it registered, that it was signed, and the history by its hashes. `note` is what the person
    /// adds. It stays here: nothing is sent.
    ///
    /// Errors: `NotFound`, also 90 days after the refusal; `TooLarge`, `HistoryBroken`.
    pub async fn report_request(&self, request: &str, note: Option<String>) -> Result<Report> {
        let request = request.to_owned();
        self.make(note, move |home, note, past| {
            request_report::make(home, &request, note, past)
        })
        .await
    }

    /// Makes a report, keeps it, and notes it in the history.
    async fn make(
        &self,
        note: Option<String>,
        make: impl FnOnce(&Home, Option<String>, &[HistoryEntry]) -> Result<(Kept, Party)> + Send + 'static,
    ) -> Result<Report> {
        self.home
            .blocking(move |home| {
                check_note(&note)?;
                // First, so that the report tells of all that was before it.
                let past = history::entries(home)?;
                let (kept, organisation) = make(home, note, &past)?;
                let agreement = match &kept.report.subject {
                    ReportSubject::Consent(consent) => Some(ObjectHash::parse(consent)?),
                    ReportSubject::Request(_) => None,
                };
                home.transaction(|changes| {
                    keep(changes, &kept)?;
                    let event = Event::RightsRequested {
                        organisation,
                        request: kept.report.id.clone(),
                        right: COMPLAINT.to_owned(),
                        agreement,
                        due_at: None,
                    };
                    history::append(changes, event, home.platform.now_ms())
                })?;
                Ok(kept.report)
            })
            .await
    }

    /// Every report, the newest first.
    pub async fn reports(&self) -> Result<Vec<Report>> {
        self.home
            .blocking(|home| {
                let all = home.all_kept::<Kept>(COLLECTION)?;
                let mut all: Vec<Report> = all.into_iter().map(|(_, kept)| kept.report).collect();
                all.sort_by(|one, other| other.made_at.cmp(&one.made_at).then(one.id.cmp(&other.id)));
                Ok(all)
            })
            .await
    }

    /// A report as JSON, with the signed objects that prove it.
    ///
    /// Errors: `NotFound`.
    pub async fn report_document(&self, id: &str) -> Result<Value> {
        let id = id.to_owned();
        self.home.blocking(move |home| Ok(read(home, &id)?.document)).await
    }

    /// The signed request that a report is about, for an authority that asks for it. It may hold a token that sends to the
    /// organisation, so it is no part of the document.
    ///
    /// Errors: `NotFound`, also for a report about a consent.
    pub async fn reported_request(&self, id: &str) -> Result<String> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let request = read(home, &id)?.request;
                request.ok_or_else(|| Error::new("NotFound").with("what", "request"))
            })
            .await
    }

    /// A report as a page of HTML to read and print. Words: as [`PageWords`], by keys that begin with `report.`.
    ///
    /// Errors: `NotFound`.
    pub async fn report_page(&self, id: &str, words: PageWords) -> Result<String> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let (kept, mut page) = (read(home, &id)?, Vec::new());
                write_page(&kept.document, &words, &mut page).map_err(|_| Error::new("Internal"))?;
                String::from_utf8(page).map_err(|_| Error::new("Internal"))
            })
            .await
    }

    /// Notes that the person has sent a report, and what they want to remember of it, such as a reference.
    ///
    /// Errors: `NotFound`, `TooLarge`.
    pub async fn report_sent(&self, id: &str, note: Option<String>) -> Result<Report> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                check_note(&note)?;
                let mut kept = read(home, &id)?;
                kept.report.sent_at = Some(home.platform.now());
                kept.report.sent_note = note;
                home.transaction(|changes| keep(changes, &kept))?;
                Ok(kept.report)
            })
            .await
    }
}

fn check_note(note: &Option<String>) -> Result<()> {
    match note {
        Some(note) if note.len() > MAX_NOTE => Err(Error::new("TooLarge").with("what", "note").with("limit", MAX_NOTE)),
        _ => Ok(()),
    }
}

fn keep(changes: &Transaction<'_>, kept: &Kept) -> Result<()> {
    Ok(changes.keep(COLLECTION, &kept.report.id, &to_json(kept)?)?)
}

fn read(home: &Home, id: &str) -> Result<Kept> {
    let bytes = home.vault.kept(COLLECTION, id)?;
    from_json(&bytes.ok_or_else(|| Error::new("NotFound").with("what", "report"))?)
}

fn make(home: &Home, consent: &str, note: Option<String>, past: &[HistoryEntry]) -> Result<(Kept, Party)> {
    let agreed = agreements::read(home, consent)?;
    let offer = agreed.agreement.offer();
    let summary = consents::read(home, consent)?;
    let (departures, now) = (Departures::read(home)?, home.platform.now());
    let requests = home.all_kept::<Request>(REQUESTS)?;
    let of_relationship = requests.iter().map(|(_, kept)| kept);
    let requests: Vec<Value> = of_relationship
        .filter(|kept| kept.relationship == agreed.relationship)
        .map(|kept| request(kept, &super::summary(kept, &departures, now)))
        .collect();
    let organisation = agreements::party(&agreed.agreement);
    let subject = ReportSubject::Consent(consent.to_owned());
    let report = Report::new(&organisation, subject, authority(home, &agreed.relationship)?, now);
    let receipt = agreed.agreement.receipt();
    // The offer itself stays here: it holds the token that sends to the organisation. The receipt says the rest of it.
    let about = json!({
        "organisation": offer.organisation,
        "agreement": {
            "id": consent,
            "agreed_at": summary.agreed_at,
            "purpose": summary.purpose,
            "legal_basis": offer.legal_basis,
            "fields": summary.fields,
            "retention": offer.retention,
            "ends_at": summary.expires_at,
            "receipt_hash": receipt.map(|receipt| receipt.hash()),
            "receipt": receipt.map(|receipt| receipt.compact()),
        },
        "withdrawal": withdrawal(&agreed, &summary),
        "rights": requests,
        "history": chain(past, &organisation.id),
        "keys": { "organisation": offer.key().jwk(), "relationship": agreed.agreement.relationship().jwk() },
    });
    let document = document(&report, about, note);
    let kept = Kept {
        report,
        document,
        request: None,
    };
    Ok((kept, organisation))
}

/// The document of a report: what is in every one, and what this one is about.
pub(super) fn document(report: &Report, about: Value, note: Option<String>) -> Value {
    let mut document = json!({
        "version": 1,
        "type": "kist-report",
        "id": report.id,
        "made_at": report.made_at,
        "authority": report.authority,
        "note": note,
    });
    if let (Value::Object(document), Value::Object(about)) = (&mut document, about) {
        document.extend(about);
    }
    document
}

fn withdrawal(agreed: &agreements::Kept, summary: &ConsentSummary) -> Value {
    let (Some(withdrawal), Some(progress)) = (agreed.agreement.signed_withdrawal(), summary.withdrawal) else {
        return Value::Null;
    };
    json!({
        "state": progress.state,
        "withdrawn_at": summary.withdrawn_at,
        "sent_at": progress.sent_at,
        "reminded_at": progress.reminded_at,
        "silent_since": progress.silent_since,
        "acknowledged_at": summary.acknowledged_at,
        "hash": withdrawal.hash(),
        "withdrawal": withdrawal.compact(),
        "acknowledgement": agreed.agreement.signed_acknowledgement().map(|signed| signed.compact()),
    })
}

fn request(kept: &Request, summary: &RightsSummary) -> Value {
    json!({
        "id": summary.id,
        "right": summary.right,
        "consent": summary.consent,
        "stage": summary.stage,
        "made_at": summary.made_at,
        "sent_at": summary.sent_at,
        "due_at": summary.due_at,
        "reminded_at": summary.reminded_at,
        "answered_at": summary.answered_at,
        "request": kept.case.request().compact(),
        "extension": kept.case.extension().map(|signed| signed.compact()),
        "answer": kept.case.answer().map(|signed| signed.compact()),
    })
}

/// The history by its hashes: the head, and the entries about the organisation. What they say stays here.
pub(super) fn chain(past: &[HistoryEntry], organisation: &str) -> Value {
    let about = |entry: &&HistoryEntry| entry.event.organisation().is_some_and(|party| party.id == organisation);
    let mut entries: Vec<Value> = past.iter().rev().filter(about).take(MAX_ENTRIES).map(entry).collect();
    entries.reverse();
    let last = past.last();
    json!({
        "sequence": last.map(|entry| entry.sequence),
        "hash": last.map(|entry| entry.hash),
        "entries": entries,
    })
}

fn entry(entry: &HistoryEntry) -> Value {
    let event = serde_json::to_value(&entry.event).unwrap_or_default();
    json!({ "sequence": entry.sequence, "time_ms": entry.time_ms, "type": event["type"], "hash": entry.hash })
}

fn write_page(document: &Value, words: &PageWords, out: &mut Vec<u8>) -> std::io::Result<()> {
    let word = |name: &'static str| words.word("report.", name);
    let mut page = Page::begin(out, words, word("title"))?;
    page.made_at(document["made_at"].as_i64().unwrap_or_default().saturating_mul(1000))?;
    for (part, place, members) in SHOWN {
        let items = match document.pointer(place) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        };
        for item in items {
            page.part(word(part))?;
            for member in members {
                if let Some(text) = shown(member, &item[*member], words) {
                    page.pair(word(member), &text)?;
                }
            }
            page.end_part()?;
        }
    }
    if let Some(note) = document["note"].as_str() {
        page.part(word("note"))?;
        page.pair(word("note"), note)?;
        page.end_part()?;
    }
    page.end()
}

/// A member as the page shows it; none for what isn't there.
fn shown(member: &str, value: &Value, words: &PageWords) -> Option<String> {
    match value {
        Value::Number(number) if member.ends_with("_at") || member.ends_with("_since") => {
            Some(moment(number.as_i64()?.saturating_mul(1000)))
        }
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(named(member, text, words)),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let items = items.iter().filter_map(Value::as_str);
            Some(
                items
                    .map(|item| named(member, item, words))
                    .collect::<Vec<_>>()
                    .join(", "),
            )
        }
        Value::Object(_) => {
            let texts: Texts = serde_json::from_value(value.clone()).ok()?;
            texts.best(&[words.language()], "en").map(|(_, text)| text.to_owned())
        }
        _ => None,
    }
}

/// A text of a member: codes and names in the person's words, anything else as it is.
fn named(member: &str, text: &str, words: &PageWords) -> String {
    match member {
        "state" | "stage" | "right" | "legal_basis" | "over_asking" => words.word("report.", text).to_owned(),
        "types" => words.kind(text).to_owned(),
        "field" => {
            let path = text.split_once(':').map_or("", |(_, path)| path);
            let path: Vec<Value> = serde_json::from_str(path).unwrap_or_default();
            let name = path.iter().rev().find_map(Value::as_str);
            name.map_or(text, |name| words.field("", name)).to_owned()
        }
        _ => text.to_owned(),
    }
}
