//! The trash: records out of sight that can be restored, until they are deleted.

use rusqlite::Connection;

use super::marks::{self, kind};
use crate::{Error, RecordId, Result, Transaction, Vault};

/// How many days a record usually lies in the trash before it is deleted.
pub const TRASH_DAYS: u32 = 30;

/// The records in the trash that have been there since `until_ms` or longer.
fn trashed(connection: &Connection, until_ms: i64) -> Result<Vec<RecordId>> {
    let mut statement = connection.prepare_cached("SELECT id FROM records WHERE hidden <> 0 AND hidden & 1")?;
    let mut ids: Vec<RecordId> = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut error = None;
    ids.retain(|id| match marks::value::<i64>(connection, id, kind::TRASHED, "") {
        Ok(since) => since.is_some_and(|since| since <= until_ms),
        Err(failed) => {
            error = Some(failed);
            false
        }
    });
    error.map_or(Ok(ids), Err)
}

impl Transaction<'_> {
    /// As [`Vault::trash`].
    pub fn trash(&self, id: &RecordId) -> Result<()> {
        if marks::value::<i64>(self.sql(), id, kind::TRASHED, "")?.is_some() {
            return Ok(());
        }
        self.mark(id, kind::TRASHED, "", None, Some(self.now_ms()))
    }

    /// As [`Vault::replace`].
    pub fn replace(&self, id: &RecordId, by: &RecordId) -> Result<()> {
        if id == by || self.record(by)?.is_none() {
            return Err(Error::NotFound { what: "record" });
        }
        self.mark(id, kind::REPLACED_BY, "", Some(*by), Some(true))
    }

    /// As [`Vault::restore`].
    pub fn restore(&self, id: &RecordId) -> Result<()> {
        self.mark::<i64>(id, kind::TRASHED, "", None, None)?;
        self.mark::<bool>(id, kind::REPLACED_BY, "", None, None)
    }

    /// The records that have been in the trash since `until_ms` or longer; `i64::MAX` for all.
    pub fn trashed(&self, until_ms: i64) -> Result<Vec<RecordId>> {
        trashed(self.sql(), until_ms)
    }
}

impl Vault {
    /// Puts a record into the trash: lists and searches leave it out. It is kept, and [`Vault::restore`] brings it back.
    ///
    /// Errors: `NotFound`.
    pub fn trash(&self, id: &RecordId, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.trash(id))
    }

    /// Puts another record in place of this one: lists and searches leave this one out while there is the other. It is
    /// kept, and [`Vault::restore`] brings it back.
    ///
    /// Errors: `NotFound` for either, and where they are the same.
    pub fn replace(&self, id: &RecordId, by: &RecordId, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.replace(id, by))
    }

    /// Brings a record back into lists and searches, whether it is in the trash, replaced by another, or both.
    ///
    /// Errors: `NotFound`.
    pub fn restore(&self, id: &RecordId, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.restore(id))
    }

    /// Deletes everything in the trash, as [`Vault::delete`] does; gives how many records that were.
    pub fn empty_trash(&self, now_ms: i64) -> Result<usize> {
        self.delete_trashed(i64::MAX, now_ms)
    }

    /// Deletes what has been in the trash for so many days or longer, as [`Vault::delete`] does; gives how many records
    /// that were. [`TRASH_DAYS`] are usual.
    pub fn purge_trash(&self, days: u32, now_ms: i64) -> Result<usize> {
        self.delete_trashed(now_ms.saturating_sub(i64::from(days) * DAY_MS), now_ms)
    }

    fn delete_trashed(&self, until_ms: i64, now_ms: i64) -> Result<usize> {
        self.transaction(now_ms, |changes| {
            let ids = changes.trashed(until_ms)?;
            ids.iter().try_for_each(|id| changes.delete(id))?;
            Ok(ids.len())
        })
    }
}

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3600 * 1000;
