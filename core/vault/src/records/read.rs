//! Records read from the store.

use std::collections::{BTreeMap, HashSet};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use super::condition::Condition;
use crate::changes::Revision;
use crate::curation::marks;
use crate::record::{Content, Filter, LifeArea, Provenance, Record, RecordSummary};
use crate::{Error, FileId, FileRef, HybridTime, RecordId, Result, files};

/// The columns that [`record`] reads, of `revisions v` and `records r`.
const RECORD: &str = "v.seq, v.record, r.id, r.created_ms, v.revision, v.time, v.parents, v.schema, v.area, v.tags,
    v.provenance, v.body, EXISTS (SELECT 1 FROM revisions c WHERE c.record = v.record AND c.state = 1),
    r.favourite, r.hidden, v.origins";

/// The columns that [`summary`] reads.
const SUMMARY: &str = "r.id, r.created_ms, v.revision, v.time, v.schema, v.area, v.tags, v.provenance, v.title,
    EXISTS (SELECT 1 FROM revisions c WHERE c.record = v.record AND c.state = 1), r.favourite, r.hidden";

/// The record at its current revision.
pub(crate) fn current(connection: &Connection, id: &RecordId) -> Result<Option<Record>> {
    Ok(select(connection, "r.id = ?1 AND v.state = 2", id)?.pop())
}

/// Every revision of a record, oldest first.
pub(crate) fn revisions(connection: &Connection, id: &RecordId) -> Result<Vec<Record>> {
    select(connection, "r.id = ?1", id)
}

/// The revisions that no other replaced, oldest first: one, or more in a conflict.
pub(crate) fn versions(connection: &Connection, id: &RecordId) -> Result<Vec<Record>> {
    select(connection, "r.id = ?1 AND v.state IN (1, 2)", id)
}

fn select(connection: &Connection, condition: &str, id: &RecordId) -> Result<Vec<Record>> {
    let sql = format!(
        "SELECT {RECORD} FROM revisions v JOIN records r ON r.seq = v.record WHERE {condition} ORDER BY v.time"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(record(connection, row)?);
    }
    Ok(found)
}

fn record(connection: &Connection, row: &Row<'_>) -> Result<Record> {
    Ok(Record {
        id: row.get(2)?,
        created_ms: row.get(3)?,
        revision: row.get(4)?,
        time: row.get(5)?,
        parents: times(row.get_ref(6)?.as_blob().map_err(|_| Error::STORE_CORRUPT)?)?,
        schema: row.get(7)?,
        area: LifeArea::new(row.get::<_, String>(8)?),
        tags: json(row, 9)?,
        provenance: json(row, 10)?,
        body: json(row, 11)?,
        conflict: row.get(12)?,
        favourite: row.get(13)?,
        trashed: row.get::<_, u8>(14)? & marks::TRASHED != 0,
        replaced: row.get::<_, u8>(14)? & marks::REPLACED != 0,
        origins: origins(row, 15)?,
        files: file_refs(connection, row.get(0)?)?,
    })
}

/// A revision as it travels.
pub(crate) fn revision(connection: &Connection, seq: i64) -> Result<Revision> {
    let sql = format!("SELECT {RECORD} FROM revisions v JOIN records r ON r.seq = v.record WHERE v.seq = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([seq])?;
    let row = rows.next()?.ok_or(Error::STORE_CORRUPT)?;
    Ok(Revision {
        id: row.get(2)?,
        created_ms: row.get(3)?,
        revision: row.get(4)?,
        time: row.get(5)?,
        parents: times(row.get_ref(6)?.as_blob().map_err(|_| Error::STORE_CORRUPT)?)?,
        schema: row.get(7)?,
        area: LifeArea::new(row.get::<_, String>(8)?),
        tags: json(row, 9)?,
        provenance: json(row, 10)?,
        body: row.get(11)?,
        files: file_ids(connection, seq)?,
        origins: origins(row, 15)?,
    })
}

/// Summaries of current revisions, newest first, of those written before a time.
pub(crate) fn list(
    connection: &Connection,
    filter: &Filter,
    before: Option<HybridTime>,
    limit: Option<u32>,
) -> Result<Vec<RecordSummary>> {
    let mut condition = Condition::of(filter);
    if let Some(before) = before {
        condition.and("v.time < :before", [(":before", before.to_bytes().to_vec().into())]);
    }
    let sql = format!(
        "SELECT {SUMMARY} FROM revisions v JOIN records r ON r.seq = v.record
         WHERE v.state = 2 AND {} ORDER BY v.time DESC LIMIT :limit",
        condition.sql()
    );
    condition.bind(":limit", limit.map_or(-1, i64::from));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(&*condition.parameters())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(summary(row)?);
    }
    Ok(found)
}

/// What records in sight of a schema say, the newest first: at most `limit`, of those written before a time.
pub(crate) fn newest(
    connection: &Connection,
    schema: &str,
    before: Option<HybridTime>,
    limit: u32,
) -> Result<Vec<Content>> {
    let mut statement = connection.prepare_cached(
        "SELECT r.id, v.time, v.provenance, v.body FROM revisions v JOIN records r ON r.seq = v.record
         WHERE v.state = 2 AND v.schema = ?1 AND r.hidden = 0 AND (?2 IS NULL OR v.time < ?2)
         ORDER BY v.time DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![schema, before, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Content {
            id: row.get(0)?,
            time: row.get(1)?,
            schema: schema.to_owned(),
            provenance: json(row, 2)?,
            body: json(row, 3)?,
        });
    }
    Ok(found)
}

/// The `seq` of every record that is out of sight.
pub(crate) fn hidden(connection: &Connection) -> Result<HashSet<i64>> {
    let mut statement = connection.prepare_cached("SELECT seq FROM records WHERE hidden <> 0")?;
    let hidden = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(hidden)
}

/// The summary of a record's current revision, by the record's `seq`.
pub(crate) fn current_summary(connection: &Connection, record: i64) -> Result<Option<RecordSummary>> {
    let sql = format!(
        "SELECT {SUMMARY} FROM revisions v JOIN records r ON r.seq = v.record WHERE v.record = ?1 AND v.state = 2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([record])?;
    rows.next()?.map(summary).transpose()
}

/// Reads the columns of [`SUMMARY`], which come first.
pub(crate) fn summary(row: &Row<'_>) -> Result<RecordSummary> {
    Ok(RecordSummary {
        id: row.get(0)?,
        created_ms: row.get(1)?,
        revision: row.get(2)?,
        time: row.get(3)?,
        schema: row.get(4)?,
        area: LifeArea::new(row.get::<_, String>(5)?),
        tags: json(row, 6)?,
        provenance: json(row, 7)?,
        title: row.get(8)?,
        conflict: row.get(9)?,
        favourite: row.get(10)?,
        trashed: row.get::<_, u8>(11)? & marks::TRASHED != 0,
        replaced: row.get::<_, u8>(11)? & marks::REPLACED != 0,
    })
}

/// The files of a revision that have arrived, in order.
pub(crate) fn file_refs(connection: &Connection, revision: i64) -> Result<Vec<FileRef>> {
    let mut statement = connection.prepare_cached(
        "SELECT f.seq FROM revision_files b JOIN files f ON f.id = b.file WHERE b.revision = ?1 ORDER BY b.ordinal",
    )?;
    let mut rows = statement.query([revision])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(files::table::file_ref(connection, row.get(0)?)?);
    }
    Ok(found)
}

/// The files of a revision, those too that have not arrived.
pub(crate) fn file_ids_of(connection: &Connection, id: &RecordId, time: HybridTime) -> Result<Vec<FileId>> {
    let found = connection
        .prepare_cached(
            "SELECT v.seq FROM revisions v JOIN records r ON r.seq = v.record WHERE r.id = ?1 AND v.time = ?2",
        )?
        .query_row(params![id, time], |row| row.get(0))
        .optional()?;
    found.map_or(Ok(Vec::new()), |seq| file_ids(connection, seq))
}

fn file_ids(connection: &Connection, revision: i64) -> Result<Vec<FileId>> {
    let mut statement =
        connection.prepare_cached("SELECT file FROM revision_files WHERE revision = ?1 ORDER BY ordinal")?;
    let ids = statement
        .query_map([revision], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ids)
}

/// Whether a record was deleted here or elsewhere.
pub(crate) fn is_deleted(connection: &Connection, id: &RecordId) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM tombstones WHERE id = ?1")?
        .exists([id])?)
}

/// A record's `seq`.
pub(crate) fn seq(connection: &Connection, id: &RecordId) -> Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT seq FROM records WHERE id = ?1")?
        .query_row(params![id], |row| row.get(0))
        .optional()?)
}

/// Hybrid times, one after the other.
pub(crate) fn times(bytes: &[u8]) -> Result<Vec<HybridTime>> {
    let (times, rest) = bytes.as_chunks::<{ HybridTime::LENGTH }>();
    if !rest.is_empty() {
        return Err(Error::STORE_CORRUPT);
    }
    times
        .iter()
        .map(|time| HybridTime::from_bytes(time).map_err(|_| Error::STORE_CORRUPT))
        .collect()
}

fn origins(row: &Row<'_>, column: usize) -> Result<BTreeMap<String, Provenance>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(BTreeMap::new()),
        _ => json(row, column),
    }
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| Error::STORE_CORRUPT)?;
    serde_json::from_str(text).map_err(|_| Error::STORE_CORRUPT)
}
