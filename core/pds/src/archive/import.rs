//! An archive taken into a store: what isn't there is added, what is there stays, what was deleted here stays deleted.
//!
//! Everything is looked through before anything is written. Records come with their files in transactions of a few
//! hundred; interrupted, it is run again and goes on.

use std::fs::File;
use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;
use std::str::FromStr;

use kist_consent::history::{Head, HistoryEntry, read};
use kist_crypto::{OsRandom, RecoveryCode};
use kist_vault::{Change, FileId, Manifest, OWN, RecordId, Thumbnail};
use serde::Serialize;

use super::check::{Checked, Report, check, read_credential};
use super::record::{self, FileAbout, Heading, MarkEntry, Part, RevisionEntry};
use super::zip::{Entry, ZipReader};
use super::{ArchiveDamage, damaged, layout, proof, state};
use crate::blocking::{keep_going, stop_on_drop};
use crate::credentials::{self, CREDENTIALS};
use crate::history::checkpoints::CHECKPOINTS;
use crate::home::{Home, from_json};
use crate::trust::issuers::Issuers;
use crate::{Error, Person, Progress, ProgressFn, Result, disk, history};

/// A batch is full at so many revisions, or at so many bytes of their bodies. Each can have a small picture beside it.
const BATCH: usize = 128;
const BATCH_BYTES: usize = 4 << 20;

/// How an archive is to be taken in.
#[derive(Clone, Default)]
pub struct ImportOptions {
    /// What opens the sealed part. With it, the archive is known to be the person's own and is believed whole; without it,
    /// records and files are taken, and of their sources only what their credentials prove.
    pub code: Option<String>,
    /// Takes what is sound of a damaged archive; else a damaged one is refused.
    pub sound_only: bool,
}

/// What an import took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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

impl Person {
    /// Takes in an archive; see [`Person::export`]. Into a store that has nothing yet this gives back the store that was
    /// exported, with the code even its relationships.
    ///
    /// Errors: `NotFound`, `Corrupt` with the first entry that is damaged, `Malformed`, `DowngradeRefused`,
    /// `RecoveryCodeMistyped`, `KeyMismatch` for the code of another archive, `AuthenticationFailed` where the archive was
    /// changed since, `Cancelled`, `StorageFull`, `Storage`.
    pub async fn import_archive(
        &self,
        from: &Path,
        options: ImportOptions,
        progress: ProgressFn,
    ) -> Result<ArchiveReport> {
        let from = from.to_owned();
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| {
                let file = File::open(&from).map_err(|error| disk::from_io(&error))?;
                take_in(home, file, &options, &mut |done, total| {
                    progress(Progress { done, total });
                    keep_going(&stopped)
                })
            })
            .await
    }
}

pub(super) fn take_in(
    home: &Home,
    archive: impl Read + Seek,
    options: &ImportOptions,
    report: Report<'_>,
) -> Result<ArchiveReport> {
    let code = options.code.as_deref().map(RecoveryCode::from_str).transpose()?;
    let mut checked = check(archive, home.platform.now_ms(), report)?;
    if let (Some(first), false) = (checked.damaged.first(), options.sound_only) {
        return Err(damaged(&first.entry));
    }
    let mut taken = ArchiveReport {
        damaged: std::mem::take(&mut checked.damaged),
        ..ArchiveReport::default()
    };
    if let Some(code) = &code {
        take_state(home, &mut checked, code, &mut taken)?;
    }
    let issuers = match code {
        Some(_) => None,
        None => Some(Issuers::of(home)?),
    };
    if let Some(issuers) = &issuers {
        take_credentials(home, &mut checked, issuers, &mut taken)?;
    }
    take_records(home, &mut checked, issuers.as_ref(), &mut taken, report)?;
    Ok(taken)
}

/// Opens the sealed part, all of it before any of it is taken.
fn take_state<R: Read + Seek>(
    home: &Home,
    checked: &mut Checked<R>,
    code: &RecoveryCode,
    taken: &mut ArchiveReport,
) -> Result<()> {
    let sums = checked.sums;
    let entry = checked.state.clone();
    let entry = entry.ok_or_else(|| Error::new("NotFound").with("what", "archive state"))?;
    state::open(&mut checked.zip.content(&entry)?, code, &sums, |_| Ok(()))?;
    let mut theirs = History::default();
    state::open(&mut checked.zip.content(&entry)?, code, &sums, |changes| {
        let others = theirs.take_from(changes);
        Ok(home.vault.adopt(&others)?)
    })?;
    taken.history = theirs.continue_own(home)?;
    taken.state = true;
    Ok(())
}

/// The history of an archive, which is taken as a whole or not at all.
#[derive(Default)]
struct History {
    entries: Vec<Vec<u8>>,
    head: Option<Vec<u8>>,
    /// Signatures over it, by key.
    checkpoints: Vec<(String, Vec<u8>)>,
}

impl History {
    /// Takes the history out of changes, and gives the others back.
    fn take_from(&mut self, changes: Vec<Change>) -> Vec<Change> {
        let mut others = Vec::with_capacity(changes.len());
        for change in changes {
            match change {
                Change::Kept { collection, value, .. } if collection == history::ENTRIES => self.entries.push(value),
                Change::Kept { collection, value, .. } if collection == history::HEAD => self.head = Some(value),
                Change::Kept {
                    collection, key, value, ..
                } if collection == CHECKPOINTS => self.checkpoints.push((key, value)),
                // No archive of ours has it; of somebody else's it would shut this store's files.
                Change::Kept { collection, .. } if collection.starts_with(OWN) => {}
                other => others.push(other),
            }
        }
        others
    }

    /// Takes the history's place where this store's own is its beginning. Two chains can't be made into one.
    fn continue_own(self, home: &Home) -> Result<bool> {
        let Some(head) = self.head else { return Ok(true) };
        let head: Head = from_json(&head)?;
        let theirs = read(self.entries.iter().map(Vec::as_slice), &head)?;
        let own = history::entries(home)?;
        let is_beginning =
            own.len() <= theirs.len() && own.iter().zip(&theirs).all(|(one, other)| one.hash == other.hash);
        if is_beginning {
            let added = theirs.into_iter().skip(own.len()).collect::<Vec<HistoryEntry>>();
            home.transaction(|changes| {
                for (key, checkpoint) in &self.checkpoints {
                    changes.keep(CHECKPOINTS, key, checkpoint)?;
                }
                history::extend(changes, &added)
            })?;
        }
        Ok(is_beginning)
    }
}

/// Credentials that the frameworks of this store vouch for. One that was let go of here doesn't come back.
fn take_credentials<R: Read + Seek>(
    home: &Home,
    checked: &mut Checked<R>,
    issuers: &Issuers,
    taken: &mut ArchiveReport,
) -> Result<()> {
    checked.each_sound(|zip, name, entry| {
        let Some(key) = layout::credential_key(name) else {
            return Ok(());
        };
        let credential = read_credential(&mut zip.content(entry)?, entry.size)?;
        let is_vouched_for = proof::issuer(issuers, &credential, home.platform.now()).is_some();
        if credentials::key(&credential) == key && is_vouched_for {
            home.transaction(|changes| {
                if !changes.was_kept(CREDENTIALS, key)? {
                    changes.keep(CREDENTIALS, key, &credential.to_bytes())?;
                    taken.credentials += 1;
                }
                Ok(())
            })?;
        }
        Ok(())
    })
}

fn take_records<R: Read + Seek>(
    home: &Home,
    checked: &mut Checked<R>,
    issuers: Option<&Issuers>,
    taken: &mut ArchiveReport,
    report: Report<'_>,
) -> Result<()> {
    let (mut files, mut thumbnails) = (Vec::new(), Vec::new());
    checked.each_sound(|_, name, entry| {
        if let Some(id) = layout::file_id(name) {
            files.push((id, entry.without_name()));
        } else if let Some(id) = layout::thumbnail_id(name) {
            thumbnails.push((id, entry.without_name()));
        }
        Ok(())
    })?;
    files.sort_unstable_by_key(|(id, _)| *id);
    thumbnails.sort_unstable_by_key(|(id, _)| *id);
    let total = checked.total;
    let mut import = Import {
        home,
        issuers,
        files,
        thumbnails,
        taken,
        batch: Batch::default(),
        done: total,
        total: total.saturating_mul(2),
        report,
    };
    checked.each_sound(|zip, name, entry| {
        if name.starts_with(layout::RECORDS) {
            import.record(zip, entry)?;
        }
        Ok(())
    })?;
    import.flush(&mut checked.zip)
}

/// Records on their way into the store.
struct Import<'a> {
    home: &'a Home,
    /// Whose word on credentials counts; `None` where the archive as a whole is believed.
    issuers: Option<&'a Issuers>,
    /// The archive's files by id: about 80 bytes of memory each.
    files: Vec<(FileId, Entry)>,
    thumbnails: Vec<(FileId, Entry)>,
    taken: &'a mut ArchiveReport,
    batch: Batch,
    done: u64,
    total: u64,
    report: Report<'a>,
}

/// What is written in one transaction.
#[derive(Default)]
struct Batch {
    changes: Vec<Change>,
    files: Vec<(FileId, FileAbout)>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.changes.len() >= BATCH || self.bytes >= BATCH_BYTES
    }
}

impl Import<'_> {
    /// Takes a record. The archive can't be read in two places at once, so that where the batch is full half-way through a
    /// record, the record is read again from its beginning once the batch is written.
    fn record<R: Read + Seek>(&mut self, zip: &mut ZipReader<R>, entry: &Entry) -> Result<()> {
        let (mut known, mut batched) = (None, 0);
        loop {
            let (mut place, mut is_whole) = (0, true);
            let read = record::read(&mut zip.content(entry)?, |heading, part| {
                place += 1;
                if place <= batched {
                    return Ok(());
                }
                if self.batch.is_full() {
                    is_whole = false;
                    return Err(Error::new("Cancelled"));
                }
                let known = match &mut known {
                    Some(known) => known,
                    known => known.insert(self.known(&heading.id)?),
                };
                batched += 1;
                match part {
                    Part::Marks(marks) => self.marks(known, heading, marks),
                    Part::Revision(revision) => self.revision(known, heading, *revision),
                }
            });
            if is_whole {
                read?;
                break;
            }
            self.flush(zip)?;
        }
        if self.batch.is_full() {
            self.flush(zip)?;
        }
        self.advance(entry.size)
    }

    /// What this store has of a record, counted.
    fn known(&mut self, id: &RecordId) -> Result<Known> {
        let vault = &self.home.vault;
        if vault.is_deleted(id)? {
            self.taken.deleted += 1;
            return Ok(Known::Deleted);
        }
        let times: Vec<_> = vault.revisions(id)?.into_iter().map(|revision| revision.time).collect();
        match times.is_empty() {
            true => self.taken.records += 1,
            false => self.taken.known += 1,
        }
        Ok(Known::Revisions(times))
    }

    /// Of a mark made here and one in the archive the later one stays.
    fn marks(&mut self, known: &Known, heading: Heading, marks: Vec<MarkEntry>) -> Result<()> {
        if !matches!(known, Known::Deleted) {
            let marks = marks
                .into_iter()
                .map(|mark| Change::Mark(Box::new(mark.into_mark(heading.id))));
            self.batch.changes.extend(marks);
        }
        Ok(())
    }

    fn revision(&mut self, known: &Known, heading: Heading, mut revision: RevisionEntry) -> Result<()> {
        match known {
            Known::Deleted => return Ok(()),
            Known::Revisions(times) if times.contains(&revision.time) => return Ok(()),
            Known::Revisions(_) => {}
        }
        if let Some(issuers) = self.issuers {
            let believed = proof::believed(self.home, issuers, &revision)?;
            self.taken.unproven += u64::from(believed != revision.provenance);
            revision.provenance = believed;
        }
        for file in &revision.files {
            if let Some(about) = &file.about {
                self.batch.files.push((file.id, about.clone()));
            }
        }
        let revision = revision.into_revision(heading.id, heading.created_ms);
        self.batch.bytes += revision.body.len();
        self.batch.changes.push(Change::Revision(Box::new(revision)));
        Ok(())
    }

    /// Writes the batch: its files, then its records.
    fn flush<R: Read + Seek>(&mut self, zip: &mut ZipReader<R>) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let mut changes = Vec::new();
        for (id, about) in batch.files {
            changes.extend(self.file(zip, id, about)?);
        }
        changes.extend(batch.changes);
        Ok(self.home.vault.adopt(&changes)?)
    }

    /// Takes in a file that isn't here. Its small picture is a change that is made with the records.
    fn file<R: Read + Seek>(&mut self, zip: &mut ZipReader<R>, id: FileId, about: FileAbout) -> Result<Option<Change>> {
        let vault = &self.home.vault;
        let (Some(entry), None) = (find(&self.files, &id), vault.file(&id)?) else {
            return Ok(None);
        };
        let (done, total, report) = (self.done, self.total, &mut *self.report);
        let mut progress = |bytes: u64| report(done.saturating_add(bytes).min(total), total);
        let (content, meta) = (zip.content(entry)?, about.meta());
        let added = vault.attach_again(id, content, meta, about.created_ms, &mut OsRandom, &mut progress)?;
        if added.digest != about.sha256 {
            return Err(damaged(&about.entry)); // It was changed while it was read.
        }
        self.taken.files += 1;
        self.advance(added.size)?;
        let (Some(picture), Some(entry)) = (about.thumbnail, find(&self.thumbnails, &id)) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        zip.content(entry)?.read_to_end(&mut bytes)?;
        let media_type = picture.media_type;
        let manifest = self.home.vault.take_snapshot()?.manifest(&id)?;
        Ok(manifest.map(|manifest| {
            Change::File(Manifest {
                thumbnail: Some((picture.time, Thumbnail { media_type, bytes })),
                ..manifest
            })
        }))
    }

    fn advance(&mut self, bytes: u64) -> Result<()> {
        self.done = self.done.saturating_add(bytes).min(self.total);
        match (self.report)(self.done, self.total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::new("Cancelled")),
        }
    }
}

fn find<'a>(entries: &'a [(FileId, Entry)], id: &FileId) -> Option<&'a Entry> {
    let place = entries.binary_search_by_key(id, |(id, _)| *id).ok()?;
    entries.get(place).map(|(_, entry)| entry)
}

/// What this store has of a record.
enum Known {
    Deleted,
    /// The times of its revisions; none where it is new.
    Revisions(Vec<kist_vault::HybridTime>),
}
