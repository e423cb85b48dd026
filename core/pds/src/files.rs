//! Attached files: streamed in and out, sealed in chunks.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use kist_crypto::OsRandom;
use kist_vault::{
    FileId, FileMeta, FileSpace, FileUse, LifeArea, MAX_FILE, Provenance, Record, RecordDraft, Thumbnail,
};
use serde_json::json;

use crate::blocking::{keep_going, stop_on_drop};
use crate::disk::{self, modified_ms};
use crate::home::Home;
use crate::{Error, Progress, ProgressFn, Result};

/// The schema of a record that a file is attached to.
pub(crate) const DOCUMENT: &str = "urn:kist:schema:document:1";
/// The most that is given at once, in bytes: a whole file or a range of one.
const MAX_WHOLE: u64 = 16 << 20;

/// The files of a store.
#[derive(Clone)]
pub struct Files {
    pub(crate) home: Arc<Home>,
}

impl Files {
    /// Takes in a file as a document. Where `meta` gives no name or time they are the file's own; where it gives no media
    /// type it is told from the first bytes. Dropping the future stops it, and nothing is kept.
    ///
    /// Errors: `NotFound`, `Malformed` for what is no plain file, `TooLarge` above 4 GiB, `Cancelled`, `StorageFull`,
    /// `Storage`.
    pub async fn attach(&self, path: &Path, mut meta: FileMeta, progress: ProgressFn) -> Result<Record> {
        let path = path.to_owned();
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| {
                let from_io = |error: io::Error| disk::from_io(&error);
                // Before it is opened: a pipe would have it wait for whoever writes.
                let metadata = std::fs::metadata(&path).map_err(from_io)?;
                if !metadata.is_file() {
                    return Err(Error::new("Malformed").with("what", "file"));
                }
                if metadata.len() > MAX_FILE {
                    return Err(too_large(MAX_FILE));
                }
                if meta.name.is_empty() {
                    meta.name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                }
                meta.modified_ms = meta.modified_ms.or_else(|| modified_ms(&metadata));
                let total = metadata.len();
                attach(home, File::open(&path).map_err(from_io)?, meta, |done| {
                    progress(Progress { done, total });
                    keep_going(&stopped)
                })
            })
            .await
    }

    /// Takes in a stream as a document. `total` is its length for the progress, 0 where it isn't known. Otherwise as
    /// [`Files::attach`]; the stream is read on a thread that may block.
    pub async fn attach_stream(
        &self,
        stream: impl Read + Send + 'static,
        total: u64,
        meta: FileMeta,
        progress: ProgressFn,
    ) -> Result<Record> {
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| {
                attach(home, stream, meta, |done| {
                    progress(Progress { done, total });
                    keep_going(&stopped)
                })
            })
            .await
    }

    /// Takes in bytes as a document.
    pub async fn attach_bytes(&self, bytes: Vec<u8>, meta: FileMeta) -> Result<Record> {
        let keep = |_| ControlFlow::Continue(());
        self.home
            .blocking(move |home| attach(home, bytes.as_slice(), meta, keep))
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

    /// A small file's bytes. `TooLarge` above 16 MiB: save it instead, or read ranges.
    pub async fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.home
            .blocking(move |home| {
                let mut reader = home.vault.read_file(&file)?;
                let size = within_bound(reader.file().size)?;
                let mut bytes = Vec::with_capacity(size);
                while let Some(chunk) = reader.next_chunk()? {
                    bytes.extend_from_slice(chunk.expose());
                }
                Ok(bytes)
            })
            .await
    }

    /// A range of a file, each byte of it authenticated: `length` bytes from `offset` on, or as many as there are to its
    /// end. Only the chunks that they lie in are read. `TooLarge` for more than 16 MiB at once.
    pub async fn read_range(&self, file: FileId, offset: u64, length: u64) -> Result<Vec<u8>> {
        self.home
            .blocking(move |home| {
                let length = within_bound(length)?;
                Ok(home.vault.read_file(&file)?.read_at(offset, length)?.into_plain())
            })
            .await
    }

    /// The small picture that an app gave for a file; `None` where there is none.
    pub async fn thumbnail(&self, file: FileId) -> Result<Option<Thumbnail>> {
        self.home.blocking(move |home| Ok(home.vault.thumbnail(&file)?)).await
    }

    /// Sets the small picture of a file, in place of the one that it has. It is backed up with the file's name.
    ///
    /// Errors: `NotFound`, `TooLarge` above 64 KiB, `Malformed` for an empty one or a media type that is none.
    pub async fn set_thumbnail(&self, file: FileId, thumbnail: Thumbnail) -> Result<()> {
        self.home
            .blocking(move |home| Ok(home.vault.set_thumbnail(&file, thumbnail, home.platform.now_ms())?))
            .await
    }

    /// Every file with the records that have it, in the order in which they came.
    pub async fn list(&self) -> Result<Vec<FileUse>> {
        self.home.blocking(|home| Ok(home.vault.files()?)).await
    }

    /// What all files take.
    pub async fn space(&self) -> Result<FileSpace> {
        self.home.blocking(|home| Ok(home.vault.file_space()?)).await
    }
}

fn attach(
    home: &Home,
    stream: impl Read,
    meta: FileMeta,
    mut report: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Record> {
    let now = home.platform.now_ms();
    let file = home.vault.attach(stream, meta, now, &mut OsRandom, &mut report)?;
    let body = json!({ "title": file.name });
    let mut draft = RecordDraft::new(DOCUMENT, LifeArea::OTHER, body, Provenance::imported("file", now));
    draft.files = vec![file.id];
    home.vault.put(draft, now, &mut OsRandom).map_err(|error| {
        // What can't be removed now is removed at the next opening.
        let _ = home.vault.give_up_file(&file.id);
        error.into()
    })
}

fn too_large(limit: u64) -> Error {
    Error::new("TooLarge").with("what", "file").with("limit", limit)
}

/// A length that fits into memory.
fn within_bound(length: u64) -> Result<usize> {
    if length > MAX_WHOLE {
        return Err(too_large(MAX_WHOLE));
    }
    Ok(length as usize)
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
    if let Some(modified) = reader.file().modified_ms.and_then(|ms| u64::try_from(ms).ok())
        && let Some(modified) = UNIX_EPOCH.checked_add(Duration::from_millis(modified))
    {
        let _ = file.set_modified(modified); // Where the file system has no such time, the file is as good without.
    }
    file.sync_all().map_err(from_io)
}
