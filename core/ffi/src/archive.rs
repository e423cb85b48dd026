//! Leaving with everything and coming back, as it crosses the bridge.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use kist_pds::PageWords;

use crate::error::Result;
use crate::progress::told;
use crate::{CancelHandle, Person, ProgressListener, task};

/// How everything is to leave the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct ExportOptions {
    /// The words of the archive's pages, by key: the catalogues' section `archive`, and names of areas, kinds and fields as
    /// `area.…`, `kind.…` and `field.…`. What isn't there is shown by its plain name.
    pub words: HashMap<String, String>,
    /// With what only a Kist can use (keys of relationships, agreements, history), sealed under a code that the report tells.
    pub sealed_state: bool,
}

/// What was exported.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct ExportReport {
    /// Records, each with all its revisions.
    pub records: u64,
    /// Files.
    pub files: u64,
    /// Credentials of organisations.
    pub credentials: u64,
    /// Agreements, each with its receipt where it came.
    pub agreements: u64,
    /// Entries of the history.
    pub history: u64,
    /// Ids of files that are damaged or not here, and so not in the archive.
    pub missing_files: Vec<String>,
    /// What opens the sealed part: seven groups of five symbols. It is kept nowhere else.
    pub code: Option<String>,
}

impl std::fmt::Debug for ExportReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportReport({} records, {} files, …)", self.records, self.files)
    }
}

/// How an archive is to be taken in.
#[derive(Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct ArchiveOptions {
    /// What opens the sealed part. Without it, records and files are taken, and of their sources only what is proven.
    #[uniffi(default)]
    pub code: Option<String>,
    /// Takes what is sound of a damaged archive; else a damaged one is refused.
    pub sound_only: bool,
}

/// An entry of an archive that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ArchiveDamage {
    /// The entry's name, which can have the title of a record in it; empty where the name itself is damaged.
    pub entry: String,
    /// Why: the code of an error. `NotFound` for one that is missing.
    pub code: String,
}

/// What an import of an archive took.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ArchiveReport {
    /// Records that were not here.
    pub records: u64,
    /// Records that were here, with whatever revisions of them the archive added.
    pub known: u64,
    /// Records that were deleted here, and stay so.
    pub deleted: u64,
    /// Files that were added.
    pub files: u64,
    /// Credentials that were added without the sealed part.
    pub credentials: u64,
    /// Revisions whose source nobody could prove: they are marked as imported.
    pub unproven: u64,
    /// Whether the sealed part was opened and taken in.
    pub state: bool,
    /// Whether the history goes on from the archive's; false where this store has another of its own.
    pub history: bool,
    /// What was left out as damaged.
    pub damaged: Vec<ArchiveDamage>,
}

/// What is to be known of an archive before it is imported.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ArchiveReview {
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// Records.
    pub records: u64,
    /// Files.
    pub files: u64,
    /// Credentials of organisations.
    pub credentials: u64,
    /// Agreements.
    pub agreements: u64,
    /// Entries of the history.
    pub history: u64,
    /// Whether there is a sealed part, which a code opens.
    pub sealed_state: bool,
    /// What can't be taken.
    pub damaged: Vec<ArchiveDamage>,
    /// Entries that were added by another program, and are passed over.
    pub unlisted: u64,
}

fn damaged(found: Vec<kist_pds::ArchiveDamage>) -> Vec<ArchiveDamage> {
    found
        .into_iter()
        .map(|kist_pds::ArchiveDamage { entry, code }| ArchiveDamage { entry, code })
        .collect()
}

#[uniffi::export]
impl Person {
    /// Writes everything into a zip file that must not exist; it appears when it is complete. It is in the clear.
    ///
    /// Errors: `AlreadyExists`, `StorageFull`, `Storage`.
    pub async fn export_all(
        &self,
        archive: String,
        options: ExportOptions,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<ExportReport> {
        let (store, archive) = (self.store.get()?, PathBuf::from(archive));
        let options = kist_pds::ExportOptions {
            words: PageWords(options.words.into_iter().collect()),
            sealed_state: options.sealed_state,
        };
        task::run(&cancel, async move {
            let report = store.export(&archive, options, told(listener)).await?;
            Ok(ExportReport {
                records: report.records,
                files: report.files,
                credentials: report.credentials,
                agreements: report.agreements,
                history: report.history,
                missing_files: report.missing_files.iter().map(ToString::to_string).collect(),
                code: report.code,
            })
        })
        .await
    }

    /// Takes in an archive: what isn't here is added, what is here stays, what was deleted here stays deleted.
    ///
    /// Errors: `NotFound`, `Corrupt` with the first entry that is damaged, `Malformed`, `DowngradeRefused`,
    /// `RecoveryCodeMistyped`, `KeyMismatch` for the code of another archive, `AuthenticationFailed`, `StorageFull`,
    /// `Storage`.
    pub async fn import_archive(
        &self,
        archive: String,
        options: ArchiveOptions,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<ArchiveReport> {
        let (store, archive) = (self.store.get()?, PathBuf::from(archive));
        let options = kist_pds::ImportOptions {
            code: options.code,
            sound_only: options.sound_only,
        };
        task::run(&cancel, async move {
            let report = store.import_archive(&archive, options, told(listener)).await?;
            Ok(ArchiveReport {
                records: report.records,
                known: report.known,
                deleted: report.deleted,
                files: report.files,
                credentials: report.credentials,
                unproven: report.unproven,
                state: report.state,
                history: report.history,
                damaged: damaged(report.damaged),
            })
        })
        .await
    }
}

/// Looks through an archive without a store: every hash, every record, every credential.
///
/// Errors: `Corrupt`, `Malformed`, `DowngradeRefused`, `NotFound`, `Storage`.
#[uniffi::export]
pub async fn review_archive(
    archive: String,
    listener: Option<Arc<dyn ProgressListener>>,
    cancel: Arc<CancelHandle>,
) -> Result<ArchiveReview> {
    let archive = PathBuf::from(archive);
    task::run(&cancel, async move {
        let review = kist_pds::ArchiveReview::of(&archive, told(listener)).await?;
        let contains = review.about.contains;
        Ok(ArchiveReview {
            made_at: review.about.made_at,
            records: contains.records,
            files: contains.files,
            credentials: contains.credentials,
            agreements: contains.agreements,
            history: contains.history,
            sealed_state: review.about.sealed_state,
            damaged: damaged(review.damaged),
            unlisted: review.unlisted,
        })
    })
    .await
}
