//! D1: what a person changes about a record by hand.

use crate::record::{Correction, Edit, Provenance, Source};
use crate::records::read;
use crate::{Error, FileId, Record, RecordId, Result, Transaction, Vault};

impl Transaction<'_> {
    /// As [`Vault::edit`].
    pub fn edit(&self, id: &RecordId, edit: Edit) -> Result<Record> {
        let current = self.record(id)?.ok_or(Error::NotFound { what: "record" })?;
        let files = self.other_files(&current, &edit)?;
        let area = edit.area.filter(|area| *area != current.area);
        let tags = edit.tags.filter(|tags| *tags != current.tags);
        if edit.body.is_none() && files.is_none() && area.is_none() && tags.is_none() {
            return Ok(current);
        }
        let correction = match edit.body {
            Some(body) => Correction {
                keep_violations: edit.keep_violations,
                ..Correction::new(body, Provenance::self_asserted(self.now_ms()))
            },
            // What it says is still the word of whoever said it.
            None => Correction {
                keep_violations: true,
                origins: current.origins,
                ..Correction::new(current.body, current.provenance)
            },
        };
        let correction = Correction {
            area,
            tags,
            files,
            ..correction
        };
        self.correct(id, correction)
    }

    /// The files that a record is to have, where they are other than it has.
    fn other_files(&self, current: &Record, edit: &Edit) -> Result<Option<Vec<FileId>>> {
        let had = read::file_ids_of(self.sql(), &current.id, current.time)?;
        let mut files = had.clone();
        files.retain(|file| !edit.detach.contains(file));
        for file in &edit.attach {
            if !files.contains(file) {
                files.push(*file);
            }
        }
        if files == had {
            return Ok(None);
        }
        match current.provenance.source {
            Source::Delivered { .. } => Err(Error::DeliveredFiles),
            _ => Ok(Some(files)),
        }
    }
}

impl Vault {
    /// Writes what the person changed about a record as one new revision; one that changes nothing writes none. A new
    /// body is the person's own word; labels and files leave the body and its source as they are.
    ///
    /// Errors: as [`Vault::put`]; `NotFound` for the record; `DeliveredFiles` where somebody delivered the record, and
    /// its files would be others than came with it.
    pub fn edit(&self, id: &RecordId, edit: Edit, now_ms: i64) -> Result<Record> {
        self.transaction(now_ms, |changes| changes.edit(id, edit))
    }
}
