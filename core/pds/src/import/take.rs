//! What was chosen of a plan, put into the store.
//!
//! Records go in by batches, each a transaction with its entry in the journal. The files of a batch are attached before it
//! and bound by it: what an interruption leaves unbound is swept when the vault is next opened.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;

use kist_crypto::OsRandom;
use kist_vault::{FileId, FileMeta, LifeArea, Provenance, RecordDraft, RecordId, schema};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::journal::{self, Digest};
use super::plan::{Attachment, Format, ImportPlan, Known, Place, Planned, Reason, Remark, without_violations};
use crate::blocking::keep_going;
use crate::home::Home;
use crate::{Error, Progress, ProgressFn, Result, disk};

/// The most records of one transaction.
pub(super) const BATCH: usize = 1_000;
/// How much of attached files goes into one batch, in bytes; a larger file has one of its own.
const BATCH_FILES: u64 = 256 << 20;

/// What to take of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The records to leave, by their place in the plan's list.
    pub without: BTreeSet<usize>,
    /// Take records too that the store has already.
    pub again: bool,
    /// Keep what breaks its schema, as a warning. Else such members are left out, or the whole record where it can't do
    /// without them.
    pub keep_violations: bool,
}

/// What an import took, and what it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The records that were added.
    pub added: Vec<RecordId>,
    /// How many of them have files.
    pub with_files: usize,
    /// How many records of the plan the store had already.
    pub already_there: usize,
    /// What was left out, and why.
    pub left_out: Vec<Remark>,
    /// What was taken and is to be looked at.
    pub warnings: Vec<Remark>,
    /// How many more remarks there are than are listed.
    pub more_remarks: usize,
}

/// A record that is ready to go in.
struct Ready {
    draft: RecordDraft,
    digest: Option<Digest>,
    attachments: Vec<Attachment>,
    weight: u64,
    place: Place,
}

pub(super) fn take(
    home: &Home,
    plan: ImportPlan,
    selection: &Selection,
    progress: &ProgressFn,
    stopped: &watch::Receiver<()>,
) -> Result<ImportReport> {
    let now = home.platform.now_ms();
    let mut report = ImportReport {
        added: Vec::new(),
        with_files: 0,
        already_there: 0,
        left_out: plan.left_out,
        warnings: plan.warnings,
        more_remarks: plan.more_remarks,
    };
    let (format, name, columns) = (plan.format, plan.name, plan.columns);
    let imported = journal::imported(home)?;
    let digests = journal::digests(&plan.records);
    let mut ready = Vec::new();
    for (index, (planned, digest)) in plan.records.into_iter().zip(digests).enumerate() {
        if selection.without.contains(&index) {
            continue;
        }
        let there = matches!(planned.known, Known::There(_)) || is_there(home, &imported, &digest)?;
        if there && !selection.again {
            report.already_there += 1;
            continue;
        }
        let body = match selection.keep_violations {
            true => Some(kept_anyway(&planned, &mut report)),
            false => without_what_breaks(&planned, &mut report),
        };
        let Some(body) = body else { continue };
        let mut one = self::ready(planned, body, digest, name.as_deref(), now);
        one.draft.keep_violations = selection.keep_violations;
        ready.push(one);
    }
    let original = plan.original.filter(|_| !ready.is_empty());
    ready.extend(original.map(|file| original_of(file, format, name.as_deref(), now)));
    let total = ready.iter().map(|ready| ready.weight).sum();
    let mut work = Work {
        home,
        now,
        done: 0,
        total,
        progress,
        stopped,
    };
    let mut ready = ready.into_iter().peekable();
    let mut first = true;
    while ready.peek().is_some() {
        let (mut batch, mut weight) = (Vec::new(), 0);
        while let Some(next) =
            ready.next_if(|next| batch.len() < BATCH && (batch.is_empty() || weight + next.weight <= BATCH_FILES))
        {
            weight += next.weight;
            batch.push(next);
        }
        let columns = columns.as_ref().filter(|_| std::mem::take(&mut first));
        let with_files = batch.iter().filter(|ready| !ready.attachments.is_empty()).count();
        let (added, refused) = work.batch(batch, format, name.as_deref(), columns)?;
        report.added.extend(added);
        report.left_out.extend(refused);
        report.with_files += with_files;
    }
    Ok(report)
}

fn is_there(home: &Home, imported: &HashMap<Digest, RecordId>, digest: &Digest) -> Result<bool> {
    match imported.get(digest) {
        Some(id) => Ok(home.vault.record(id)?.is_some_and(|record| !record.trashed)),
        None => Ok(false),
    }
}

/// The body as it is. The report warns of each place that breaks the schema.
fn kept_anyway(planned: &Planned, report: &mut ImportReport) -> Value {
    let fields = planned.violations.iter().map(|violation| violation.field.as_str());
    report.warnings.extend(fields.map(|field| broken(planned, field)));
    planned.body.clone()
}

/// The body without what breaks its schema, which the report names; `None` where it can't do without.
fn without_what_breaks(planned: &Planned, report: &mut ImportReport) -> Option<Value> {
    if planned.violations.is_empty() {
        return Some(planned.body.clone());
    }
    let (body, gone) = without_violations(planned);
    let fields = match &body {
        Some(_) => gone,
        None => planned
            .violations
            .iter()
            .map(|violation| violation.field.clone())
            .collect(),
    };
    report
        .left_out
        .extend(fields.iter().map(|field| broken(planned, field)));
    body
}

fn broken(planned: &Planned, pointer: &str) -> Remark {
    Remark {
        place: planned.place.clone(),
        field: pointer.trim_start_matches('/').to_owned(),
        reason: Reason::BreaksRule,
    }
}

/// A record as it goes in, with this body.
fn ready(planned: Planned, body: Value, digest: Digest, name: Option<&str>, now: i64) -> Ready {
    let file = planned.place.file.as_deref().or(name);
    let provenance = Provenance::imported(from(planned.format, file), now);
    let mut draft = RecordDraft::new(planned.schema, planned.area, body, provenance);
    draft.tags = planned.tags;
    draft.tags.truncate(kist_vault::MAX_LABELS);
    draft
        .tags
        .retain(|tag| !tag.is_empty() && tag.len() <= kist_vault::MAX_NAME);
    draft.tags.dedup();
    let weight = weight(&draft.body, &planned.attachments);
    Ready {
        draft,
        digest: Some(digest),
        attachments: planned.attachments,
        weight,
        place: planned.place,
    }
}

fn weight(body: &Value, attachments: &[Attachment]) -> u64 {
    attachments.iter().map(Attachment::size).sum::<u64>() + body.to_string().len() as u64
}

/// The file that all came from, as a document.
fn original_of(file: Attachment, format: Format, name: Option<&str>, now: i64) -> Ready {
    let body = json!({ "title": file.name() });
    let provenance = Provenance::imported(from(format, name), now);
    Ready {
        weight: weight(&body, std::slice::from_ref(&file)),
        draft: RecordDraft::new(schema::DOCUMENT, LifeArea::OTHER, body, provenance),
        digest: None,
        attachments: vec![file],
        place: Place::default(),
    }
}

/// Where a record came from: its file and format, as in `contacts.vcf (vcard)`.
fn from(format: Format, file: Option<&str>) -> String {
    match file {
        Some(file) => format!("{file} ({})", format.code()),
        None => format.code().to_owned(),
    }
}

/// Why the vault doesn't take a record: it checks before it writes, so that the rest goes in. Any other error ends the import.
fn refusal(error: kist_vault::Error, place: Place) -> Result<Remark> {
    use kist_vault::Error as E;
    let reason = match &error {
        E::RecordInvalid { .. } | E::Malformed { .. } => Reason::BreaksRule,
        E::TooLarge { .. } => Reason::TooLarge,
        _ => return Err(error.into()),
    };
    Ok(Remark {
        place,
        field: String::new(),
        reason,
    })
}

/// Why a file can't be attached: it is gone or unreadable since it was looked at. Any other error ends the import.
fn missing(error: Error, place: Place) -> Result<Remark> {
    let reason = match error.code() {
        "TooLarge" => Reason::TooLarge,
        "NotFound" | "Storage" => Reason::Unreadable,
        _ => return Err(error),
    };
    Ok(Remark {
        place,
        field: String::new(),
        reason,
    })
}

/// An import under way.
struct Work<'a> {
    home: &'a Home,
    now: i64,
    done: u64,
    total: u64,
    progress: &'a ProgressFn,
    stopped: &'a watch::Receiver<()>,
}

impl Work<'_> {
    fn batch(
        &mut self,
        batch: Vec<Ready>,
        format: Format,
        name: Option<&str>,
        columns: Option<&super::Columns>,
    ) -> Result<(Vec<RecordId>, Vec<Remark>)> {
        let mut refused = Vec::new();
        let mut drafts = Vec::with_capacity(batch.len());
        for ready in batch {
            let mut draft = ready.draft;
            match self.attach_all(&ready.attachments) {
                Ok(files) => {
                    draft.files = files;
                    drafts.push((draft, ready.digest, ready.place));
                }
                Err(error) => refused.push(missing(error, ready.place)?),
            }
        }
        let (now, stopped) = (self.now, self.stopped);
        let mut done = self.done;
        let (progress, total) = (self.progress, self.total);
        let taken = crate::person::standing_access::updates::transaction(self.home, |changes| {
            let mut added = Vec::with_capacity(drafts.len());
            let mut noted = Vec::with_capacity(drafts.len());
            for (draft, digest, place) in drafts {
                if keep_going(stopped).is_break() {
                    return Err(Error::new("Cancelled"));
                }
                done += draft.body.to_string().len() as u64;
                let record = match changes.put(draft, &mut OsRandom) {
                    Ok(record) => record,
                    Err(error) => {
                        refused.push(refusal(error, place)?);
                        continue;
                    }
                };
                progress(Progress { done, total });
                noted.extend(digest.map(|digest| (digest, record.id)));
                added.push(record.id);
            }
            journal::note(changes, format.code(), name, now, &noted)?;
            if let Some(columns) = columns {
                journal::remember(changes, columns)?;
            }
            Ok(added)
        })?;
        self.done = done;
        Ok((taken, refused))
    }

    fn attach_all(&mut self, files: &[Attachment]) -> Result<Vec<FileId>> {
        files.iter().map(|file| self.attach(file)).collect()
    }

    fn attach(&mut self, file: &Attachment) -> Result<FileId> {
        let mut meta = FileMeta::named(file.name());
        match file {
            Attachment::Bytes { bytes, .. } => self.attach_reader(meta, &**bytes),
            Attachment::Path { path, .. } => {
                let opened = File::open(path).map_err(|error| disk::from_io(&error))?;
                meta.modified_ms = opened.metadata().ok().as_ref().and_then(disk::modified_ms);
                self.attach_reader(meta, opened)
            }
        }
    }

    fn attach_reader(&mut self, meta: FileMeta, reader: impl Read) -> Result<FileId> {
        let (before, total, progress, stopped) = (self.done, self.total, self.progress, self.stopped);
        let mut size = 0;
        let attached = self
            .home
            .vault
            .attach(reader, meta, self.now, &mut OsRandom, &mut |bytes| {
                size = bytes;
                let done = before.saturating_add(bytes);
                progress(Progress { done, total });
                keep_going(stopped)
            });
        self.done = before.saturating_add(size);
        Ok(attached?.id)
    }
}
