//! Leaving and coming back: everything in one zip file that anybody can read without Kist, and that a store takes in again.
//!
//! docs/formats/archive.md describes it. The records, files, credentials, agreements, receipts and the history are in the
//! clear, with pages to read them in a browser. What would let a finder act for the person is in a sealed part alone, which
//! also proves that the rest is what the person wrote.

mod check;
mod export;
mod import;
mod layout;
mod page;
mod proof;
mod record;
mod state;
mod zip;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use export::{ExportOptions, ExportReport};
pub use import::{ArchiveReport, ImportOptions};

use crate::blocking::{self, keep_going, stop_on_drop};
use crate::{Clock, Error, Progress, ProgressFn, Result, SystemClock, disk};

/// The version of the archive; 1 was a folder.
const FORMAT: u8 = 2;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveAbout {
    /// The version of the format.
    pub kist_export: u8,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// What is in it.
    pub contains: ArchiveContents,
    /// SHA-256 of the list of hashes, in hexadecimal digits.
    pub sums: String,
    /// Whether there is a sealed part.
    pub sealed_state: bool,
}

/// How much an archive holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveContents {
    /// Records, each with all its revisions.
    pub records: u64,
    /// Files.
    pub files: u64,
    /// Credentials of organisations.
    pub credentials: u64,
    /// Agreements.
    pub agreements: u64,
    /// Entries of the history.
    pub history: u64,
}

impl ArchiveContents {
    fn of(report: &ExportReport) -> Self {
        ArchiveContents {
            records: report.records,
            files: report.files,
            credentials: report.credentials,
            agreements: report.agreements,
            history: report.history,
        }
    }
}

/// An entry of an archive that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchiveDamage {
    /// The entry's name, which can have the title of a record in it; empty where the name itself is damaged.
    pub entry: String,
    /// Why: the code of an error. `NotFound` for one that is missing.
    pub code: String,
}

/// What is to be known of an archive before it is imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchiveReview {
    /// What it says of itself.
    pub about: ArchiveAbout,
    /// What can't be taken.
    pub damaged: Vec<ArchiveDamage>,
    /// Entries that the archive's own list doesn't have: added by another program, and passed over.
    pub unlisted: u64,
}

impl ArchiveReview {
    /// Looks through an archive without a store; see [`review_archive`].
    ///
    /// Errors: those of [`review_archive`], and `NotFound`.
    pub async fn of(archive: &Path, progress: ProgressFn) -> Result<ArchiveReview> {
        let archive = archive.to_owned();
        let (_guard, stopped) = stop_on_drop();
        blocking::run(move || {
            review_archive(File::open(&archive)?, SystemClock.now_ms(), &mut |done, total| {
                progress(Progress { done, total });
                keep_going(&stopped)
            })
        })
        .await
    }
}

/// Looks through an archive: every hash, every record, every credential. `now_ms` is the time, `progress` gets bytes done
/// and in all and can stop it.
///
/// Errors: `Corrupt` for what is no whole zip file or has no list of hashes, `Malformed`, `DowngradeRefused`, `Cancelled`,
/// `Storage`.
pub fn review_archive(
    archive: impl Read + Seek,
    now_ms: i64,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<ArchiveReview> {
    let checked = check::check(archive, now_ms, progress)?;
    Ok(ArchiveReview {
        about: checked.about,
        damaged: checked.damaged,
        unlisted: checked.unlisted,
    })
}

/// An entry that isn't what it should be; named by an id or by a name that says nothing of the person.
fn damaged(name: &str) -> Error {
    Error::new("Corrupt")
        .with("part", "archive")
        .with("entry", layout::public_name(name))
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if zip::is_damage(&error) {
            return Error::new("Corrupt").with("part", "archive");
        }
        disk::from_io(&error)
    }
}
