//! Everything out, into one file that is there when it is whole.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kist_consent::history::{Event, ExportKind, HistoryEntry};
use kist_crypto::{OsRandom, RecoveryCode};
use kist_identity::Credential;
use kist_vault::{Change, FileId, Manifest, RecordId, Revision, Snapshot};
use serde::Serialize;
use serde_json::{Value, json};

use super::page::{AgreementLine, ArchivePage};
use super::record::{self, FileAbout, FileEntry, MarkEntry, RevisionEntry, ThumbnailAbout};
use super::zip::{Digest, DosTime, Method, ZipWriter, hex};
use super::{FORMAT, layout, state};
use crate::agreements::{self, Kept};
use crate::blocking::{keep_going, stop_on_drop};
use crate::credentials::CREDENTIALS;
use crate::home::{Home, from_json};
use crate::pages::PageWords;
use crate::{Error, Person, Progress, ProgressFn, Result, disk, history};

/// What a record counts for in the progress, in bytes: files count as many as they have.
const RECORD_SHARE: u64 = 1024;

/// How everything is to leave the store.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// The words of the pages.
    pub words: PageWords,
    /// With what only a Kist can use, sealed under a code that the report tells: keys of relationships, agreements as they
    /// stand, the history. Without it, what is imported again are records and files.
    pub sealed_state: bool,
}

/// What was exported.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
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
    /// Files that are damaged or not here, and so not in the archive.
    pub missing_files: Vec<FileId>,
    /// What opens the sealed part, where one was asked for. It is kept nowhere else.
    #[serde(skip)]
    pub code: Option<String>,
}

impl std::fmt::Debug for ExportReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportReport({} records, {} files, …)", self.records, self.files)
    }
}

impl Person {
    /// Writes everything into a zip file that must not exist; docs/formats/archive.md says what is in it. The file appears
    /// when it is complete. It is in the clear: whoever has it reads it.
    ///
    /// Errors: `AlreadyExists`, `StorageFull`, `Storage`, `Cancelled`.
    pub async fn export(&self, to: &Path, options: ExportOptions, progress: ProgressFn) -> Result<ExportReport> {
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
                let written = write(home, &staged, &options, &mut |done, total| {
                    progress(Progress { done, total });
                    keep_going(&stopped)
                });
                let in_place = written.and_then(|report| {
                    fs::rename(&staged, &to).and_then(|()| disk::sync_parent(&to))?;
                    Ok(report)
                });
                if in_place.is_err() {
                    // Half an archive is of no use; that it can't be removed changes nothing.
                    let _ = fs::remove_file(&staged);
                }
                in_place
            })
            .await
    }
}

pub(super) fn write(
    home: &Home,
    path: &Path,
    options: &ExportOptions,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<ExportReport> {
    let snapshot = home.vault.take_snapshot()?;
    let counts = snapshot.counts()?;
    let now_ms = home.platform.now_ms();
    let export = Export {
        zip: ZipWriter::create(path, dos_time(now_ms))?,
        total: counts
            .file_bytes
            .saturating_add(counts.records.saturating_mul(RECORD_SHARE)),
        snapshot,
        options,
        now_ms,
        report: ExportReport::default(),
        done: 0,
        progress,
    };
    export.run()
}

/// An archive being written.
struct Export<'a> {
    zip: ZipWriter,
    snapshot: Snapshot,
    options: &'a ExportOptions,
    now_ms: i64,
    report: ExportReport,
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>,
}

impl Export<'_> {
    fn run(mut self) -> Result<ExportReport> {
        self.records()?;
        self.files()?;
        self.kept()?;
        self.index()?;
        let sums = self.zip.list_digests(layout::SUMS)?;
        self.state(sums)?;
        self.manifest(sums)?;
        self.zip.finish()?;
        Ok(self.report)
    }

    fn advance(&mut self, bytes: u64) -> Result<()> {
        self.done = self.done.saturating_add(bytes);
        match (self.progress)(self.done.min(self.total), self.total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::new("Cancelled")),
        }
    }

    fn put(&mut self, name: &str, content: &[u8]) -> Result<()> {
        self.zip
            .entry(name, Method::Deflated, content.len() as u64, |out| -> Result<()> {
                Ok(out.write_all(content)?)
            })?;
        Ok(())
    }

    /// Records, area by area, and a page for each.
    fn records(&mut self) -> Result<()> {
        for (area, _) in self.snapshot.areas()? {
            let ids = self.snapshot.records(&area)?;
            for id in &ids {
                self.record(id)?;
            }
            let (snapshot, words) = (&self.snapshot, &self.options.words);
            let heading = words.area(area.as_str());
            self.zip
                .entry(&layout::area_page(&area), Method::Deflated, 0, |out| -> Result<()> {
                    let mut page = ArchivePage::begin(out, words, 1, heading)?;
                    for id in &ids {
                        let Some((title, revision)) = snapshot.current(id)? else {
                            continue;
                        };
                        let entry = layout::record(&revision.area, &title, id);
                        let revision = revision_entry(snapshot, revision)?;
                        page.record(&title, &entry, &revision, &mark_entries(snapshot, id)?)?;
                    }
                    Ok(page.end()?)
                })?;
        }
        Ok(())
    }

    fn record(&mut self, id: &RecordId) -> Result<()> {
        let snapshot = &self.snapshot;
        let (title, current) = snapshot.current(id)?.ok_or_else(|| Error::new("Internal"))?;
        let name = layout::record(&current.area, &title, id);
        self.zip.entry(&name, Method::Deflated, 0, |out| -> Result<()> {
            let heading = json!({
                "kist_record": record::VERSION, "id": id, "title": title, "created_ms": current.created_ms,
            });
            // Members in this order: what stands before the revisions has to be read before them.
            write!(out, "{{\n  \"kist_record\": {},\n", heading["kist_record"])?;
            for member in ["id", "title", "created_ms"] {
                writeln!(out, "  \"{member}\": {},", heading[member])?;
            }
            let marks = serde_json::to_string(&mark_entries(snapshot, id)?)?;
            writeln!(out, "  \"marks\": {marks},")?;
            write!(out, "  \"revisions\": [")?;
            let mut separator = "\n";
            snapshot.revisions(id, |revision| -> Result<()> {
                out.write_all(separator.as_bytes())?;
                separator = ",\n";
                Ok(out.write_all(&revision_entry(snapshot, revision)?.to_json()?)?)
            })?;
            Ok(out.write_all(b"\n]}\n")?)
        })?;
        self.report.records += 1;
        self.advance(RECORD_SHARE)
    }

    fn files(&mut self) -> Result<()> {
        for id in self.snapshot.files()? {
            let Some(manifest) = self.snapshot.manifest(&id)? else {
                continue;
            };
            if let Some((_, thumbnail)) = &manifest.thumbnail {
                let name = layout::thumbnail(&thumbnail.media_type, &id);
                self.zip
                    .entry(&name, Method::Stored, 0, |out| out.write_all(&thumbnail.bytes))?;
            }
            match self.file(manifest)? {
                true => self.report.files += 1,
                false => self.report.missing_files.push(id),
            }
        }
        Ok(())
    }

    /// Whether the file could be read to its end; one that could not has no entry, and the rest leaves all the same.
    fn file(&mut self, manifest: Manifest) -> Result<bool> {
        let (name, size) = (layout::file(&manifest.name, &manifest.id), manifest.size);
        let mut reader = self.snapshot.read_file(manifest);
        let (progress, total) = (&mut *self.progress, self.total);
        let (mut done, mut is_readable) = (self.done, true);
        let written = self.zip.entry(&name, Method::Stored, size, |out| -> Result<()> {
            while let Some(chunk) = reader.next_chunk().inspect_err(|_| is_readable = false)? {
                out.write_all(chunk.expose())?;
                done = done.saturating_add(chunk.expose().len() as u64);
                if progress(done.min(total), total).is_break() {
                    return Err(Error::new("Cancelled"));
                }
            }
            Ok(())
        });
        if is_readable {
            written?;
            self.done = done;
        }
        Ok(is_readable)
    }

    /// Credentials, agreements and receipts, each an entry of its own; the history as one.
    fn kept(&mut self) -> Result<()> {
        let (zip, report) = (&mut self.zip, &mut self.report);
        let mut put = |name: &str, content: &[u8]| {
            zip.entry(name, Method::Deflated, 0, |out| -> Result<()> {
                Ok(out.write_all(content)?)
            })
        };
        each_kept(&self.snapshot, |collection, key, value| {
            match collection {
                CREDENTIALS => {
                    let credential = Credential::from_bytes(value)?;
                    put(&layout::credential(key), credential.compact().as_bytes())?;
                    report.credentials += 1;
                }
                agreements::COLLECTION => {
                    let kept: Kept = from_json(value)?;
                    put(&layout::agreement(key), &serde_json::to_vec_pretty(&kept.agreement)?)?;
                    if let Some(receipt) = kept.agreement.receipt() {
                        put(&layout::receipt(key), &serde_json::to_vec_pretty(receipt.document())?)?;
                    }
                    report.agreements += 1;
                }
                _ => {}
            }
            Ok(())
        })?;
        self.history()
    }

    /// As it stands, also where its chain is broken: whoever reads it can tell.
    fn history(&mut self) -> Result<()> {
        let (snapshot, mut count) = (&self.snapshot, 0);
        self.zip
            .entry(layout::HISTORY, Method::Deflated, 0, |out| -> Result<()> {
                write!(out, "[")?;
                each_kept(snapshot, |collection, _, value| {
                    if collection == history::ENTRIES {
                        let entry: Value = from_json(value)?;
                        let separator = if count == 0 { "\n" } else { ",\n" };
                        write!(out, "{separator}{entry}")?;
                        count += 1;
                    }
                    Ok(())
                })?;
                Ok(out.write_all(b"\n]\n")?)
            })?;
        self.report.history = count;
        Ok(())
    }

    fn index(&mut self) -> Result<()> {
        let (snapshot, words, now_ms) = (&self.snapshot, &self.options.words, self.now_ms);
        self.zip
            .entry(layout::INDEX, Method::Deflated, 0, |out| -> Result<()> {
                let mut page = ArchivePage::begin(out, words, 0, words.title())?;
                page.made_at(now_ms)?;
                page.heading("areas")?;
                for (area, records) in snapshot.areas()? {
                    page.area(area.as_str(), &layout::area_page(&area), records)?;
                }
                page.heading("agreements")?;
                each_kept(snapshot, |collection, key, value| match collection {
                    agreements::COLLECTION => agreement_line(&mut page, key, value),
                    _ => Ok(()),
                })?;
                page.heading("credentials")?;
                each_kept(snapshot, |collection, key, value| {
                    if collection == CREDENTIALS {
                        page.credential(Credential::from_bytes(value)?.vct(), &layout::credential(key))?;
                    }
                    Ok(())
                })?;
                page.heading("history")?;
                page.entry(layout::HISTORY, layout::HISTORY)?;
                each_kept(snapshot, |collection, _, value| {
                    if collection == history::ENTRIES {
                        let entry = HistoryEntry::from_bytes(value)?;
                        let kind = serde_json::to_value(&entry.event)?;
                        let kind = kind["type"].as_str().unwrap_or_default().to_owned();
                        let organisation = entry.event.organisation().map(|party| party.name.as_str());
                        page.event(entry.time_ms, &kind, organisation)?;
                    }
                    Ok(())
                })?;
                Ok(page.end()?)
            })?;
        Ok(())
    }

    fn state(&mut self, sums: Digest) -> Result<()> {
        if !self.options.sealed_state {
            return Ok(());
        }
        let (snapshot, code) = (&self.snapshot, RecoveryCode::generate(&mut OsRandom));
        self.zip.entry(layout::STATE, Method::Stored, 0, |out| {
            state::seal(snapshot, &code, sums, out)
        })?;
        self.report.code = Some(code.reveal());
        Ok(())
    }

    fn manifest(&mut self, sums: Digest) -> Result<()> {
        let manifest = super::ArchiveAbout {
            kist_export: FORMAT,
            made_at: self.now_ms.div_euclid(1000),
            contains: super::ArchiveContents::of(&self.report),
            sums: hex(&sums),
            sealed_state: self.options.sealed_state,
        };
        self.put(layout::MANIFEST, &serde_json::to_vec_pretty(&manifest)?)
    }
}

fn agreement_line(page: &mut ArchivePage<'_>, key: &str, value: &[u8]) -> Result<()> {
    let kept: Kept = from_json(value)?;
    let offer = kept.agreement.offer();
    let purpose = offer.purpose.text.iter().next().map_or("", |(_, text)| text);
    let receipt = kept.agreement.receipt().map(|_| layout::receipt(key));
    page.agreement(&AgreementLine {
        organisation: &offer.organisation.name,
        purpose,
        agreed_at: kept.agreement.acceptance().accepted_at,
        entry: &layout::agreement(key),
        receipt: receipt.as_deref(),
    })?;
    Ok(())
}

/// Visits every kept item: collection, key, value.
fn each_kept(snapshot: &Snapshot, mut visit: impl FnMut(&str, &str, &[u8]) -> Result<()>) -> Result<()> {
    snapshot.kept(|change| {
        if let Change::Kept {
            collection, key, value, ..
        } = &change
        {
            visit(collection, key, value)?;
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn mark_entries(snapshot: &Snapshot, id: &RecordId) -> Result<Vec<MarkEntry>> {
    snapshot.marks(id)?.into_iter().map(MarkEntry::of).collect()
}

fn revision_entry(snapshot: &Snapshot, revision: Revision) -> Result<RevisionEntry> {
    let mut files = Vec::with_capacity(revision.files.len());
    for id in revision.files {
        let about = snapshot.manifest(&id)?.map(|manifest| FileAbout {
            entry: layout::file(&manifest.name, &id),
            name: manifest.name,
            media_type: manifest.media_type,
            size: manifest.size,
            sha256: manifest.digest,
            created_ms: manifest.created_ms,
            modified_ms: manifest.modified_ms,
            thumbnail: manifest.thumbnail.map(|(time, thumbnail)| ThumbnailAbout {
                entry: layout::thumbnail(&thumbnail.media_type, &id),
                media_type: thumbnail.media_type,
                time,
            }),
        });
        files.push(FileEntry { id, about });
    }
    Ok(RevisionEntry {
        revision: revision.revision,
        written_at: Timestamp::from_millisecond(revision.time.wall_ms())
            .map_or_else(|_| String::new(), |at| at.to_string()),
        time: revision.time,
        parents: revision.parents,
        schema: revision.schema,
        area: revision.area,
        tags: revision.tags,
        provenance: revision.provenance,
        body: from_json(revision.body.as_bytes())?,
        files,
        origins: revision.origins,
    })
}

fn dos_time(now_ms: i64) -> DosTime {
    let now = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(now_ms).unwrap_or_default());
    let year = u16::try_from(now.year()).unwrap_or(0).clamp(1980, 2107) - 1980;
    let part = |number: i8| number.unsigned_abs().into();
    let (month, day): (u16, u16) = (part(now.month()), part(now.day()));
    let (hour, minute, second): (u16, u16, u16) = (part(now.hour()), part(now.minute()), part(now.second()));
    DosTime {
        date: year << 9 | month << 5 | day,
        time: hour << 11 | minute << 5 | (second / 2),
    }
}
