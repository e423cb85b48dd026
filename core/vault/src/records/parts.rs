//! The full-text index, in parts of [`RECORDS`] records each: tables `search_0`, `search_1`, … of FTS5 with all that
//! search finds, and `heads_0`, … with the little that ranks it.
//!
//! What FTS5 does for the beginning of a word is in proportion to all that begins so, whatever the limit; in parts, the
//! newest first, a search ends with the part in which it has found enough. See docs/adr/0019-search-in-parts.md.

use std::fmt;

use kist_crypto::page::RESERVED;
use rusqlite::{Connection, params};

use crate::record::Filter;
use crate::{HybridTime, Result};

/// Records of one part.
const RECORDS: i64 = 1 << 14;
/// What FTS5 makes its pages as large as: 40 bytes less than its default, which fits a page of SQLite without the bytes
/// that sealing takes. Greater ones would take two pages each.
const INDEX_PAGE: usize = 4050 - RESERVED;

/// A part of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part(i64);

/// A table of a part. It prints as its name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Table {
    /// Everything, in `text`, `labels` and `facets`.
    Search(Part),
    /// Titles and labels, in `title` and `labels`.
    Heads(Part),
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Table::Search(Part(number)) => write!(f, "search_{number}"),
            Table::Heads(Part(number)) => write!(f, "heads_{number}"),
        }
    }
}

impl Part {
    /// The part that a record is in, by its `seq`.
    pub(crate) fn of(record: i64) -> Self {
        Part(record / RECORDS)
    }

    /// Makes the part if need be, and notes that it has a record whose current revision was written at `time`.
    pub(crate) fn take_in(self, connection: &Connection, time: HybridTime) -> Result<()> {
        let ms = time.wall_ms();
        let known = connection
            .prepare_cached(
                "UPDATE search_parts SET first_ms = min(first_ms, ?2), last_ms = max(last_ms, ?2) WHERE part = ?1",
            )?
            .execute([self.0, ms])?;
        if known == 0 {
            create(connection, Table::Search(self), "text, labels, facets")?;
            create(connection, Table::Heads(self), "title, labels")?;
            self.merge_the_one_before(connection)?;
            connection
                .prepare_cached("INSERT INTO search_parts (part, first_ms, last_ms) VALUES (?1, ?2, ?2)")?
                .execute([self.0, ms])?;
        }
        Ok(())
    }

    /// Merges the part that is full now, which then takes a few pages to look into.
    fn merge_the_one_before(self, connection: &Connection) -> Result<()> {
        let before = Part(self.0 - 1);
        let known = connection
            .prepare_cached("SELECT 1 FROM search_parts WHERE part = ?1")?
            .exists([before.0])?;
        if known {
            for table in [Table::Search(before), Table::Heads(before)] {
                connection.execute_batch(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"))?;
            }
        }
        Ok(())
    }
}

fn create(connection: &Connection, table: Table, columns: &str) -> Result<()> {
    Ok(connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE {table} USING fts5 ({columns}, prefix = '2 3', columnsize = 0,
             tokenize = 'unicode61 remove_diacritics 2');
         INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1), ('pgsz', {INDEX_PAGE});"
    ))?)
}

/// The parts that can have records of the filter's dates, newest first.
pub(crate) fn newest_first(connection: &Connection, filter: &Filter) -> Result<Vec<Part>> {
    let mut statement = connection.prepare_cached(
        "SELECT part FROM search_parts WHERE (?1 IS NULL OR last_ms >= ?1) AND (?2 IS NULL OR first_ms < ?2)
         ORDER BY part DESC",
    )?;
    let parts = statement
        .query_map(params![filter.from_ms, filter.until_ms], |row| row.get(0).map(Part))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(parts)
}
