//! Several changes that happen together or not at all.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use kist_crypto::CryptoRng;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use crate::changes::{Change, MAX_PARENTS, Revision};
use crate::curation::marks;
use crate::log::{self, Kind};
use crate::record::{Correction, MAX_BODY, Record, RecordDraft};
use crate::records::{read, write};
use crate::time::Clock;
use crate::{
    Error, FileId, FileRef, Filter, HybridTime, Manifest, Marks, RecordId, RecordSummary, Result, Thumbnail, deferred,
    files, kept, schema,
};

/// Changes being made; see [`crate::Vault::transaction`]. What is read through it includes them.
pub struct Transaction<'a> {
    sql: rusqlite::Transaction<'a>,
    now_ms: i64,
    clock: RefCell<Clock>,
    changed: Cell<bool>,
    purged: Cell<bool>,
}

/// What is left to do on the disk after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Committed {
    /// Content was deleted: it is to leave the write-ahead log, and its chunks the disk.
    pub(crate) purged: bool,
}

impl<'a> Transaction<'a> {
    pub(crate) fn begin(connection: &'a mut Connection, now_ms: i64) -> Result<Self> {
        let sql = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let clock = Clock::load(&sql)?;
        Ok(Transaction {
            sql,
            now_ms,
            clock: RefCell::new(clock),
            changed: Cell::new(false),
            purged: Cell::new(false),
        })
    }

    /// Commits, durably; a transaction that changed nothing writes nothing.
    pub(crate) fn commit(self) -> Result<Committed> {
        if self.changed.get() {
            self.clock.borrow().store(&self.sql)?;
            self.sql.commit()?;
        }
        Ok(Committed {
            purged: self.purged.get(),
        })
    }

    pub(crate) fn sql(&self) -> &Connection {
        &self.sql
    }

    /// The time of all changes of this transaction.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Something is changed that has no time of its own.
    pub(crate) fn touch(&self) {
        self.changed.set(true);
    }

    /// The time of the next change.
    pub(crate) fn tick(&self) -> HybridTime {
        self.changed.set(true);
        self.clock.borrow_mut().tick(self.now_ms)
    }

    /// As [`crate::Vault::put`].
    pub fn put<R: CryptoRng + ?Sized>(&self, draft: RecordDraft, rng: &mut R) -> Result<Record> {
        let revision = Revision {
            id: RecordId::new(self.now_ms, rng),
            created_ms: self.now_ms,
            revision: 1,
            time: self.tick(),
            parents: Vec::new(),
            schema: draft.schema,
            area: draft.area,
            tags: draft.tags,
            provenance: draft.provenance,
            body: String::new(),
            files: draft.files,
            origins: BTreeMap::new(),
        };
        self.write(revision, draft.body, draft.keep_violations, &[])
    }

    /// As [`crate::Vault::correct`].
    pub fn correct(&self, id: &RecordId, correction: Correction) -> Result<Record> {
        let current = self.record(id)?.ok_or(Error::NotFound { what: "record" })?;
        let files = read::file_ids_of(&self.sql, id, current.time)?;
        let replaced = if correction.settles {
            read::versions(&self.sql, id)?
        } else {
            vec![current.clone()]
        };
        let mut known = Vec::new();
        for version in &replaced {
            known.extend(read::file_ids_of(&self.sql, id, version.time)?);
        }
        let mut parents: Vec<_> = replaced.iter().map(|version| version.time).collect();
        // More than one revision can settle at once stay in conflict.
        let first = parents.len().saturating_sub(MAX_PARENTS);
        parents.drain(..first);
        let revision = Revision {
            id: *id,
            created_ms: current.created_ms,
            revision: replaced
                .iter()
                .map(|version| version.revision)
                .max()
                .unwrap_or(0)
                .saturating_add(1),
            time: self.tick(),
            parents,
            schema: current.schema,
            area: correction.area.unwrap_or(current.area),
            tags: correction.tags.unwrap_or(current.tags),
            provenance: correction.provenance,
            body: String::new(),
            files: correction.files.unwrap_or(files),
            origins: correction.origins,
        };
        Ok(Record {
            favourite: current.favourite,
            trashed: current.trashed,
            replaced: current.replaced,
            ..self.write(revision, correction.body, correction.keep_violations, &known)?
        })
    }

    /// Checks and writes a revision of this vault; `known` are the files that the revisions before it have.
    fn write(&self, mut revision: Revision, body: Value, keep_violations: bool, known: &[FileId]) -> Result<Record> {
        revision.check_record(&body)?;
        if !keep_violations {
            schema::validate_in(&self.sql, &revision.schema, &body)?;
        }
        revision.body = body.to_string();
        if revision.body.len() > MAX_BODY {
            return Err(Error::TooLarge {
                what: "body",
                limit: MAX_BODY,
            });
        }
        let mut file_refs = Vec::with_capacity(revision.files.len());
        let mut newly_bound = Vec::new();
        for id in &revision.files {
            match files::table::seq(&self.sql, id)? {
                Some(file) => {
                    file_refs.push(files::table::file_ref(&self.sql, file)?);
                    if !known.contains(id) {
                        newly_bound.push(file);
                    }
                }
                None if known.contains(id) => {} // It has not arrived yet.
                None => return Err(Error::NotFound { what: "file" }),
            }
        }
        for file in newly_bound {
            files::table::bind(&self.sql, file)?;
            log::append(&self.sql, Kind::File, file)?;
        }
        let seq = write::insert(&self.sql, &revision, &body)?.ok_or(Error::NotFound { what: "record" })?;
        log::append(&self.sql, Kind::Revision, seq)?;
        let conflict = revision.revision > 1 && read::versions(&self.sql, &revision.id)?.len() > 1;
        Ok(Record {
            id: revision.id,
            schema: revision.schema,
            body,
            provenance: revision.provenance,
            area: revision.area,
            tags: revision.tags,
            revision: revision.revision,
            time: revision.time,
            parents: revision.parents,
            created_ms: revision.created_ms,
            files: file_refs,
            origins: revision.origins,
            conflict,
            favourite: false,
            trashed: false,
            replaced: false,
        })
    }

    /// As [`crate::Vault::delete`].
    pub fn delete(&self, id: &RecordId) -> Result<()> {
        if read::seq(&self.sql, id)?.is_none() {
            return Err(Error::NotFound { what: "record" });
        }
        if let Some(tombstone) = write::delete(&self.sql, id, self.tick())? {
            log::append(&self.sql, Kind::Tombstone, tombstone)?;
        }
        self.purged.set(true);
        Ok(())
    }

    /// As [`crate::Vault::record`].
    pub fn record(&self, id: &RecordId) -> Result<Option<Record>> {
        read::current(&self.sql, id)
    }

    /// As [`crate::Vault::revisions`].
    pub fn revisions(&self, id: &RecordId) -> Result<Vec<Record>> {
        read::revisions(&self.sql, id)
    }

    /// As [`crate::Vault::list_page`], from the beginning.
    pub fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<RecordSummary>> {
        read::list(&self.sql, filter, None, Some(limit))
    }

    /// As [`crate::Vault::marks`].
    pub fn marks(&self, id: &RecordId) -> Result<Marks> {
        marks::summary(&self.sql, id)
    }

    /// As [`crate::Vault::keep`].
    pub fn keep(&self, collection: &str, key: &str, value: &[u8]) -> Result<()> {
        kept::check(collection, key, value)?;
        kept::set(&self.sql, collection, key, Some(value), self.tick())?;
        schema::follow(&self.sql, collection, key)
    }

    /// As [`crate::Vault::forget`].
    pub fn forget(&self, collection: &str, key: &str) -> Result<()> {
        if self.kept(collection, key)?.is_none() {
            return Err(Error::NotFound { what: "kept item" });
        }
        self.purged.set(true);
        kept::set(&self.sql, collection, key, None, self.tick())?;
        schema::follow(&self.sql, collection, key)
    }

    /// As [`crate::Vault::kept`].
    pub fn kept(&self, collection: &str, key: &str) -> Result<Option<Vec<u8>>> {
        kept::get(&self.sql, collection, key)
    }

    /// Whether an item was ever kept here, forgotten since or not.
    pub fn was_kept(&self, collection: &str, key: &str) -> Result<bool> {
        kept::is_known(&self.sql, collection, key)
    }

    /// As [`crate::Vault::kept_keys`].
    pub fn kept_keys(&self, collection: &str) -> Result<Vec<String>> {
        kept::keys(&self.sql, collection)
    }

    /// The first key of a collection's items that is not before `from`.
    pub fn first_kept_key(&self, collection: &str, from: &str) -> Result<Option<String>> {
        kept::first_key(&self.sql, collection, from)
    }

    /// As [`crate::Vault::all_kept`].
    pub fn all_kept(&self, collection: &str) -> Result<Vec<(String, Vec<u8>)>> {
        kept::all(&self.sql, collection)
    }

    /// As [`crate::Vault::apply`].
    pub fn apply(&self, changes: &[Change]) -> Result<()> {
        changes.iter().try_for_each(|change| self.apply_one(change).map(drop))
    }

    /// As [`crate::Vault::adopt`].
    pub fn adopt(&self, changes: &[Change]) -> Result<()> {
        for change in changes {
            if let Some((kind, object)) = self.apply_one(change)? {
                if let Change::Revision(revision) = change {
                    self.bind(&revision.files)?;
                }
                log::append(&self.sql, kind, object)?;
            }
        }
        Ok(())
    }

    /// Gives files to a record, where they are here, and logs them before it.
    fn bind(&self, files: &[FileId]) -> Result<()> {
        for id in files {
            if let Some(file) = files::table::seq(&self.sql, id)? {
                files::table::bind(&self.sql, file)?;
                log::append(&self.sql, Kind::File, file)?;
            }
        }
        Ok(())
    }

    /// Takes in a change, and gives what it wrote; `None` where it changed nothing.
    fn apply_one(&self, change: &Change) -> Result<Option<(Kind, i64)>> {
        let taken = match change {
            Change::Revision(revision) => {
                let body = revision.checked_body()?;
                let taken = write::insert(&self.sql, revision, &body)?;
                if taken.is_some() {
                    marks::record_came(&self.sql, &revision.id)?;
                } else if write::purge_files(&self.sql, &revision.files)? {
                    // They had come for a record deleted here.
                    self.changed.set(true);
                    self.purged.set(true);
                }
                taken.map(|seq| (Kind::Revision, seq, revision.time))
            }
            Change::Deleted { id, time } => {
                let deleted = write::delete(&self.sql, id, *time)?;
                self.purged.set(self.purged.get() || deleted.is_some());
                deleted.map(|seq| (Kind::Tombstone, seq, *time))
            }
            Change::Kept {
                collection,
                key,
                value,
                time,
            } => self.take_in(collection, key, Some(value), *time)?,
            Change::Forgotten { collection, key, time } => {
                let taken = self.take_in(collection, key, None, *time)?;
                self.purged.set(self.purged.get() || taken.is_some());
                taken
            }
            Change::File(manifest) => self.apply_file(manifest)?,
            Change::Unknown(unknown) => {
                if deferred::keep(&self.sql, unknown.record.as_ref(), &unknown.encoded)? {
                    self.changed.set(true);
                }
                None
            }
            Change::Mark(mark) => self.apply_mark(mark)?.map(|seq| (Kind::Mark, seq, mark.time)),
        };
        Ok(taken.map(|(kind, object, time)| {
            self.changed.set(true);
            self.clock.borrow_mut().observe(time);
            (kind, object)
        }))
    }

    fn take_in(
        &self,
        collection: &str,
        key: &str,
        value: Option<&[u8]>,
        time: HybridTime,
    ) -> Result<Option<(Kind, i64, HybridTime)>> {
        kept::check(collection, key, value.unwrap_or_default())?;
        if collection.starts_with(kept::LOCAL) {
            return Err(Error::Malformed { what: "change" });
        }
        let taken = kept::take_in(&self.sql, collection, key, value, time)?;
        if taken.is_some() {
            schema::follow(&self.sql, collection, key)?;
        }
        Ok(taken.map(|seq| (Kind::Kept, seq, time)))
    }

    /// Takes in a file, or a thumbnail that was set later than the one that is here.
    fn apply_file(&self, manifest: &Manifest) -> Result<Option<(Kind, i64, HybridTime)>> {
        manifest.check()?;
        let Some(file) = files::table::seq(&self.sql, &manifest.id)? else {
            let file = files::table::insert(&self.sql, &manifest.cleaned(), true)?;
            self.changed.set(true);
            return Ok(manifest.thumbnail.as_ref().map(|(time, _)| (Kind::File, file, *time)));
        };
        let Some((time, thumbnail)) = &manifest.thumbnail else {
            return Ok(None);
        };
        let taken = files::table::set_thumbnail(&self.sql, file, *time, thumbnail)?;
        Ok(taken.then_some((Kind::File, file, *time)))
    }

    /// Writes the manifest of a file just attached.
    pub(crate) fn insert_file(&self, mut manifest: Manifest, thumbnail: Option<Thumbnail>) -> Result<FileRef> {
        self.changed.set(true);
        manifest.thumbnail = thumbnail.map(|thumbnail| (self.tick(), thumbnail));
        files::table::insert(&self.sql, &manifest, false)?;
        Ok(manifest.file_ref())
    }

    /// As [`crate::Vault::set_thumbnail`].
    pub fn set_thumbnail(&self, id: &FileId, thumbnail: &Thumbnail) -> Result<()> {
        thumbnail.check()?;
        let file = files::table::seq(&self.sql, id)?.ok_or(Error::NotFound { what: "file" })?;
        files::table::set_thumbnail(&self.sql, file, self.tick(), thumbnail)?;
        if files::table::is_bound(&self.sql, file)? {
            log::append(&self.sql, Kind::File, file)?;
        }
        Ok(())
    }

    /// As [`crate::Vault::give_up_file`].
    pub(crate) fn give_up_file(&self, id: &FileId) -> Result<()> {
        if files::table::purge_if_unbound(&self.sql, id)? {
            self.changed.set(true);
            self.purged.set(true);
        }
        Ok(())
    }

    /// Removes files that no record was given; they are no change that another device ever saw.
    pub(crate) fn purge_unbound(&self) -> Result<()> {
        self.changed.set(true);
        self.purged.set(true);
        files::table::purge_unbound(&self.sql)
    }

    /// Forgets which chunks were to be removed: they are.
    pub(crate) fn clear_garbage(&self) -> Result<()> {
        self.changed.set(true);
        self.sql.prepare_cached("DELETE FROM garbage")?.execute(params![])?;
        Ok(())
    }
}
