//! Leaving: everything out, as a folder that anybody can read without Kist.

use std::fs::{self, File};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use kist_consent::Agreement;
use kist_consent::history::{Event, ExportKind};
use kist_identity::Credential;
use kist_vault::ExportItem;
use serde::Serialize;
use serde_json::{Value, json};

use super::agreements::{self, Kept};
use super::files::{keep_going, stop_on_drop};
use super::messages::CREDENTIALS;
use crate::home::{Home, from_json};
use crate::{Error, Person, Progress, ProgressFn, Result, disk, history};

/// What the folder says of itself, to whoever opens it.
const ABOUT: &str = "kist-export.json";
const FORMAT: u8 = 1;

/// What was exported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// Records, each with all its revisions.
    pub records: u64,
    /// Files.
    pub files: u64,
    /// Credentials of organisations.
    pub credentials: u64,
    /// Agreements, each with its receipt.
    pub agreements: u64,
    /// Entries of the history.
    pub history: u64,
}

impl Person {
    /// Writes everything into a folder that must not exist: `records.json`, `files/`, `credentials/`, `agreements/`,
    /// `history.json`. The folder appears when it is complete.
    ///
    /// Errors: `AlreadyExists`, `StorageFull`, `Storage`, `Cancelled`.
    pub async fn export(&self, to: &Path, progress: ProgressFn) -> Result<ExportReport> {
        let to = to.to_owned();
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| {
                if to.exists() {
                    return Err(Error::new("AlreadyExists"));
                }
                let event = Event::Exported {
                    kind: ExportKind::Everything,
                };
                home.transaction(|changes| history::append(changes, event, home.platform.now_ms()))?;
                let staged = disk::staged(&to);
                let report = write(home, &staged, &mut |done| {
                    progress(Progress { done, total: 0 });
                    keep_going(&stopped)
                });
                match report {
                    Ok(report) => {
                        fs::rename(&staged, &to).map_err(|error| disk::from_io(&error))?;
                        Ok(report)
                    }
                    Err(error) => {
                        // Half an export is of no use; that it can't be removed changes nothing.
                        let _ = fs::remove_dir_all(&staged);
                        Err(error)
                    }
                }
            })
            .await
    }
}

type Report<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

fn write(home: &Home, dir: &Path, progress: Report<'_>) -> Result<ExportReport> {
    for folder in ["files", "credentials", "agreements"] {
        // With those above it: whoever names a new folder in a new folder means both.
        fs::create_dir_all(dir.join(folder)).map_err(|error| disk::from_io(&error))?;
    }
    let (mut report, mut records, mut done) = (ExportReport::default(), Vec::new(), 0);
    home.vault.export(
        &[CREDENTIALS, agreements::COLLECTION],
        |item| -> Result<ControlFlow<()>> {
            match item {
                ExportItem::Record { current, revisions } => {
                    records.push(json!({ "current": current, "revisions": revisions }));
                    report.records += 1;
                }
                ExportItem::File(mut reader) => {
                    let name = format!("{}-{}", reader.file().id, safe_name(&reader.file().name));
                    let mut file = create(&dir.join("files").join(name))?;
                    while let Some(chunk) = reader.next_chunk()? {
                        file.write_all(chunk.expose()).map_err(|error| disk::from_io(&error))?;
                        done += chunk.expose().len() as u64;
                        if progress(done).is_break() {
                            return Err(Error::new("Cancelled"));
                        }
                    }
                    report.files += 1;
                }
                ExportItem::Kept { collection, key, value } if collection == CREDENTIALS => {
                    let credential = Credential::from_bytes(&value)?;
                    let path = dir.join("credentials").join(format!("{key}.sd-jwt"));
                    put(&path, credential.compact().as_bytes())?;
                    report.credentials += 1;
                }
                ExportItem::Kept { key, value, .. } => {
                    let kept: Kept = from_json(&value)?;
                    put_json(
                        &dir.join("agreements").join(format!("{key}.json")),
                        &signed_parts(&kept.agreement),
                    )?;
                    report.agreements += 1;
                }
            }
            Ok(progress(done))
        },
    )?;
    put_json(&dir.join("records.json"), &Value::Array(records))?;
    let entries = history::entries(home)?;
    report.history = entries.len() as u64;
    let entries = entries.into_iter().map(|entry| {
        json!({ "sequence": entry.sequence, "time_ms": entry.time_ms, "previous": entry.previous, "event": entry.event,
                "hash": entry.hash })
    });
    put_json(&dir.join("history.json"), &Value::Array(entries.collect()))?;
    put_json(
        &dir.join(ABOUT),
        &json!({ "kist_export": FORMAT, "made_at": home.platform.now(), "contains": report }),
    )?;
    Ok(report)
}

/// What both sides signed, as compact JWS that any library verifies.
fn signed_parts(agreement: &Agreement) -> Value {
    json!({
        "offer": agreement.offer().compact(),
        "acceptance": agreement.acceptance().compact(),
        "receipt": agreement.receipt().map(|signed| signed.compact()),
        "withdrawal": agreement.signed_withdrawal().map(|signed| signed.compact()),
        "acknowledgement": agreement.signed_acknowledgement().map(|signed| signed.compact()),
        "organisation_key": agreement.offer().key().jwk(),
    })
}

/// A file's name without what a file system reads as a path.
fn safe_name(name: &str) -> String {
    let plain = |symbol: char| symbol.is_alphanumeric() || matches!(symbol, '.' | '-' | '_' | ' ');
    name.chars()
        .map(|symbol| if plain(symbol) { symbol } else { '_' })
        .take(120)
        .collect()
}

fn put_json(path: &Path, value: &Value) -> Result<()> {
    put(path, serde_json::to_string_pretty(value)?.as_bytes())
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes).map_err(|error| disk::from_io(&error))
}

fn create(path: &Path) -> Result<File> {
    File::create(path).map_err(|error| disk::from_io(&error))
}
