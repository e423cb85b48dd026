//! Reports to the authority that supervises an organisation: what happened, from the record of it, as a document to send and
//! a page to print. Nothing is sent from here; the person sends it, and notes that they did.

use kist_consent::history::{Event, HistoryEntry};
use kist_consent::{ObjectHash, Texts};
use kist_crypto::{OsRandom, Secret, base64url};
use kist_trust::Authority;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{COLLECTION as REQUESTS, DataRights, Kept as Request, RightsSummary, authority};
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
/// What the page shows of the document, part by part. Signed objects stand in the document alone.
const SHOWN: [(&str, &[&str]); 6] = [
    ("authority", &["name", "uri"]),
    ("organisation", &["name", "id", "address", "contact", "country"]),
    (
        "agreement",
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
    ("history", &["sequence", "hash"]),
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
    /// The consent that it is about.
    pub consent: String,
    /// Whom it is for; none where the person agreed before this was noted.
    pub authority: Option<Authority>,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// When the person sent it, by their own word, Unix seconds.
    pub sent_at: Option<i64>,
    /// What they noted then, such as a reference.
    pub sent_note: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    report: Report,
    document: Value,
}

impl DataRights {
    /// Makes a report about an organisation from the record of what happened under a consent: agreement, receipt,
    /// withdrawal, requests of rights with their deadlines, and the history by its hashes. `note` is what the person adds.
    /// It stays here: nothing is sent.
    ///
    /// Errors: `NotFound`, `TooLarge`, `HistoryBroken`.
    pub async fn report(&self, consent: &str, note: Option<String>) -> Result<Report> {
        let consent = consent.to_owned();
        self.home
            .blocking(move |home| {
                if note.as_ref().is_some_and(|note| note.len() > MAX_NOTE) {
                    return Err(Error::new("TooLarge").with("what", "note").with("limit", MAX_NOTE));
                }
                // First, so that the report tells of all that was before it.
                let past = history::entries(home)?;
                let kept = make(home, &consent, note, &past)?;
                home.transaction(|changes| {
                    keep(changes, &kept)?;
                    let event = Event::RightsRequested {
                        organisation: agreements::party(&agreements::by_id(changes, &consent)?.agreement),
                        request: kept.report.id.clone(),
                        right: COMPLAINT.to_owned(),
                        agreement: Some(ObjectHash::parse(&consent)?),
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
                if note.as_ref().is_some_and(|note| note.len() > MAX_NOTE) {
                    return Err(Error::new("TooLarge").with("what", "note").with("limit", MAX_NOTE));
                }
                let mut kept = read(home, &id)?;
                kept.report.sent_at = Some(home.platform.now());
                kept.report.sent_note = note;
                home.transaction(|changes| keep(changes, &kept))?;
                Ok(kept.report)
            })
            .await
    }
}

fn keep(changes: &Transaction<'_>, kept: &Kept) -> Result<()> {
    Ok(changes.keep(COLLECTION, &kept.report.id, &to_json(kept)?)?)
}

fn read(home: &Home, id: &str) -> Result<Kept> {
    let bytes = home.vault.kept(COLLECTION, id)?;
    from_json(&bytes.ok_or_else(|| Error::new("NotFound").with("what", "report"))?)
}

fn make(home: &Home, consent: &str, note: Option<String>, past: &[HistoryEntry]) -> Result<Kept> {
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
    let report = Report {
        id: base64url(Secret::<16>::generate(&mut OsRandom).expose()),
        organisation: offer.organisation.name.clone(),
        organisation_id: offer.organisation.id.clone(),
        consent: consent.to_owned(),
        authority: authority(home, &agreed.relationship)?,
        made_at: now,
        sent_at: None,
        sent_note: None,
    };
    let receipt = agreed.agreement.receipt();
    // The offer itself stays here: it holds the token that sends to the organisation. The receipt says the rest of it.
    let document = json!({
        "version": 1,
        "type": "kist-report",
        "id": report.id,
        "made_at": now,
        "authority": report.authority,
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
        "history": chain(past, &report.organisation_id),
        "keys": { "organisation": offer.key().jwk(), "relationship": agreed.agreement.relationship().jwk() },
        "note": note,
    });
    Ok(Kept { report, document })
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
fn chain(past: &[HistoryEntry], organisation: &str) -> Value {
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
    fn named<'a>(words: &'a PageWords, name: &'a str) -> &'a str {
        words.word("report.", name)
    }
    let word = |name: &'static str| named(words, name);
    let mut page = Page::begin(out, words, word("title"))?;
    page.made_at(document["made_at"].as_i64().unwrap_or_default().saturating_mul(1000))?;
    for (part, members) in SHOWN {
        let items = match &document[part] {
            Value::Array(items) => items.iter().collect(),
            Value::Object(_) => vec![&document[part]],
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
        Value::String(text) if matches!(member, "state" | "stage" | "right" | "legal_basis") => {
            Some(words.word("report.", text).to_owned())
        }
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => {
            let texts: Texts = serde_json::from_value(value.clone()).ok()?;
            texts.best(&[words.language()], "en").map(|(_, text)| text.to_owned())
        }
        _ => None,
    }
}
