//! Attached files: streamed in and out, sealed in chunks.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use kist_crypto::OsRandom;
use kist_vault::{FileId, FileMeta, LifeArea, Provenance, Record, RecordDraft};
use serde_json::json;
use tokio::sync::watch;

use crate::home::Home;
use crate::{Error, Progress, ProgressFn, Result, disk};

/// The schema of a record that a file is attached to.
const DOCUMENT: &str = "urn:kist:schema:document:1";
/// The largest file that is given whole, in bytes.
const MAX_WHOLE: u64 = 16 << 20;

/// The files of a store.
#[derive(Clone)]
pub struct Files {
    pub(crate) home: Arc<Home>,
}

impl Files {
    /// Takes in a file as a document. The media type follows from the name where none is given. Dropping the future stops
    /// it, and nothing is kept.
    ///
    /// Errors: `NotFound`, `Malformed` for what is no plain file, `TooLarge`, `Cancelled`, `StorageFull`, `Storage`.
    pub async fn attach(&self, path: &Path, media_type: Option<String>, progress: ProgressFn) -> Result<Record> {
        let path = path.to_owned();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| {
                let metadata = std::fs::metadata(&path).map_err(|error| disk::from_io(&error))?;
                if !metadata.is_file() {
                    return Err(Error::new("Malformed").with("what", "file"));
                }
                let file = File::open(&path).map_err(|error| disk::from_io(&error))?;
                let total = metadata.len();
                let report = |done| {
                    progress(Progress { done, total });
                    keep_going(&stopped)
                };
                attach(home, &name, media_type, file, report)
            })
            .await
    }

    /// Takes in bytes as a document.
    pub async fn attach_bytes(&self, name: &str, media_type: Option<String>, bytes: Vec<u8>) -> Result<Record> {
        let name = name.to_owned();
        let keep = |_| ControlFlow::Continue(());
        self.home
            .blocking(move |home| attach(home, &name, media_type, bytes.as_slice(), keep))
            .await
    }

    /// Writes a file to disk: whole and verified, or not at all.
    ///
    /// Errors: `NotFound`, `Corrupt` for a damaged chunk, `StorageFull`, `Storage`.
    pub async fn save(&self, file: FileId, to: &Path, progress: ProgressFn) -> Result<()> {
        let to = to.to_owned();
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| {
                let reader = home.vault.read_file(&file)?;
                let total = reader.file().size;
                let staged = disk::staged(&to);
                let written = write_out(reader, &staged, |done| {
                    progress(Progress { done, total });
                    keep_going(&stopped)
                });
                match written {
                    Ok(()) => std::fs::rename(&staged, &to).map_err(|error| disk::from_io(&error)),
                    Err(error) => {
                        // What is left of it is no use to anyone; that it can't be removed changes nothing.
                        let _ = std::fs::remove_file(&staged);
                        Err(error)
                    }
                }
            })
            .await
    }

    /// A small file's bytes. `TooLarge` above 16 MiB: save it instead.
    pub async fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.home
            .blocking(move |home| {
                let mut reader = home.vault.read_file(&file)?;
                if reader.file().size > MAX_WHOLE {
                    return Err(Error::new("TooLarge").with("what", "file").with("limit", MAX_WHOLE));
                }
                let mut bytes = Vec::new();
                while let Some(chunk) = reader.next_chunk()? {
                    bytes.extend_from_slice(chunk.expose());
                }
                Ok(bytes)
            })
            .await
    }
}

fn attach(
    home: &Home,
    name: &str,
    media_type: Option<String>,
    reader: impl Read,
    mut report: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Record> {
    let media_type = media_type.unwrap_or_else(|| media_type_of(name).to_owned());
    let now = home.platform.now_ms();
    let meta = FileMeta {
        name: name.to_owned(),
        media_type,
    };
    let file = home.vault.attach(reader, meta, now, &mut OsRandom, &mut report)?;
    let provenance = Provenance::imported("file", now);
    let mut draft = RecordDraft::new(DOCUMENT, LifeArea::OTHER, json!({ "title": name }), provenance);
    draft.files = vec![file.id];
    Ok(home.vault.put(draft, now, &mut OsRandom)?)
}

fn write_out(
    mut reader: kist_vault::FileReader,
    to: &Path,
    mut report: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<()> {
    let from_io = |error: io::Error| disk::from_io(&error);
    let mut file = File::create(to).map_err(from_io)?;
    let mut done = 0;
    while let Some(chunk) = reader.next_chunk()? {
        file.write_all(chunk.expose()).map_err(from_io)?;
        done += chunk.expose().len() as u64;
        if report(done).is_break() {
            return Err(Error::new("Cancelled"));
        }
    }
    file.sync_all().map_err(from_io)
}

/// A guard whose drop tells the blocking work that nobody waits for it any more.
pub(crate) fn stop_on_drop() -> (watch::Sender<()>, watch::Receiver<()>) {
    watch::channel(())
}

pub(crate) fn keep_going(stopped: &watch::Receiver<()>) -> ControlFlow<()> {
    match stopped.has_changed() {
        Ok(_) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

/// What a file's name says of its type; enough for photos and papers.
fn media_type_of(name: &str) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("pdf") => "application/pdf",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("heic") => "image/heic",
        Some("txt") => "text/plain",
        Some("html") => "text/html",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("vcf") => "text/vcard",
        Some("ics") => "text/calendar",
        Some("zip") => "application/zip",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}
