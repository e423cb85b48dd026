//! Records written to the store: revisions taken into their chains, records purged.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::{read, text};
use crate::changes::Revision;
use crate::curation::{derive, marks};
use crate::log::{self, Kind};
use crate::{Error, FileId, HybridTime, RecordId, Result, deferred, files, schema};

/// A revision's place in its chain: the number that the store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Another revision was made from it.
    Superseded = 0,
    /// No other was made from it, and one written later is current.
    Contending = 1,
    /// The newest that no other was made from.
    Current = 2,
}

/// Takes in a revision, whichever device wrote it, and gives its `seq`; `None` when it is known already, or its record
/// was deleted.
///
/// The current revision is the newest (by hybrid time) of those that no other was made from, so every device that has
/// the same revisions shows the same one.
pub(crate) fn insert(connection: &Connection, revision: &Revision, body: &Value) -> Result<Option<i64>> {
    if read::is_deleted(connection, &revision.id)? {
        return Ok(None);
    }
    let Some(record) = read::seq(connection, &revision.id)? else {
        connection
            .prepare_cached("INSERT INTO records (id, created_ms) VALUES (?1, ?2)")?
            .execute(params![revision.id, revision.created_ms])?;
        let record = connection.last_insert_rowid();
        let seq = insert_row(connection, record, revision, body, State::Current)?;
        text::index(connection, record, revision, body)?;
        derive::insert(connection, record, &revision.schema, body)?;
        return Ok(Some(seq));
    };
    if has_revision(connection, record, revision.time)? {
        return Ok(None);
    }
    let superseded = is_superseded(connection, record, revision.time)?;
    for parent in &revision.parents {
        connection
            .prepare_cached("UPDATE revisions SET state = 0 WHERE record = ?1 AND time = ?2")?
            .execute(params![record, parent])?;
    }
    let state = if superseded {
        State::Superseded
    } else {
        State::Contending
    };
    let seq = insert_row(connection, record, revision, body, state)?;
    choose_current(connection, record)?;
    Ok(Some(seq))
}

fn insert_row(connection: &Connection, record: i64, revision: &Revision, body: &Value, state: State) -> Result<i64> {
    let parents: Vec<u8> = revision.parents.iter().flat_map(|parent| parent.to_bytes()).collect();
    let source = &revision.provenance.source;
    connection
        .prepare_cached(
            "INSERT INTO revisions (record, state, revision, time, parents, schema, area, source, organisation, title,
                 tags, provenance, body, origins) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            record,
            state as u8,
            revision.revision,
            revision.time,
            parents,
            revision.schema,
            revision.area.as_str(),
            source.number(),
            source.organisation(),
            schema::title(schema::find(connection, &revision.schema)?.as_deref(), body),
            to_json(&revision.tags)?,
            to_json(&revision.provenance)?,
            revision.body,
            (!revision.origins.is_empty())
                .then(|| to_json(&revision.origins))
                .transpose()?,
        ])?;
    let seq = connection.last_insert_rowid();
    for (ordinal, file) in revision.files.iter().enumerate() {
        connection
            .prepare_cached("INSERT INTO revision_files (revision, ordinal, file) VALUES (?1, ?2, ?3)")?
            .execute(params![seq, ordinal as i64, file])?;
    }
    Ok(seq)
}

fn has_revision(connection: &Connection, record: i64, time: HybridTime) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM revisions WHERE record = ?1 AND time = ?2")?
        .exists(params![record, time])?)
}

/// Whether a revision that came before was made from the one at `time`: only a later one can be.
fn is_superseded(connection: &Connection, record: i64, time: HybridTime) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT parents FROM revisions WHERE record = ?1 AND time > ?2")?;
    let mut rows = statement.query(params![record, time])?;
    while let Some(row) = rows.next()? {
        let parents = row.get_ref(0)?.as_blob().map_err(|_| Error::STORE_CORRUPT)?;
        if read::times(parents)?.contains(&time) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the newest revision that is not superseded the current one, and the one that search finds.
fn choose_current(connection: &Connection, record: i64) -> Result<()> {
    let newest = |state: State| -> Result<Option<(i64, HybridTime)>> {
        let sql = match state {
            State::Current => "SELECT seq, time FROM revisions WHERE record = ?1 AND state = 2",
            _ => "SELECT seq, time FROM revisions WHERE record = ?1 AND state = 1 ORDER BY time DESC LIMIT 1",
        };
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([record], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    };
    let current = newest(State::Current)?;
    let Some((contender, time)) = newest(State::Contending)? else {
        return Ok(());
    };
    if current.is_some_and(|(_, current)| current > time) {
        return Ok(());
    }
    let mut set_state = connection.prepare_cached("UPDATE revisions SET state = ?2 WHERE seq = ?1")?;
    if let Some((current, _)) = current {
        set_state.execute(params![current, State::Contending as u8])?;
    }
    set_state.execute(params![contender, State::Current as u8])?;
    let revision = read::revision(connection, contender)?;
    let body = serde_json::from_str(&revision.body).map_err(|_| Error::STORE_CORRUPT)?;
    text::unindex(connection, record)?;
    text::index(connection, record, &revision, &body)?;
    derive::replace(connection, record, &revision.schema, &body)
}

/// Deletes a record: a tombstone stays, and no content in any table. Gives the tombstone's `seq`, or `None` when the
/// record was deleted before.
pub(crate) fn delete(connection: &Connection, id: &RecordId, time: HybridTime) -> Result<Option<i64>> {
    if read::is_deleted(connection, id)? {
        return Ok(None);
    }
    if let Some(record) = read::seq(connection, id)? {
        purge(connection, record)?;
    }
    marks::record_went(connection, id)?;
    deferred::record_went(connection, id)?;
    connection
        .prepare_cached("INSERT INTO tombstones (id, time) VALUES (?1, ?2)")?
        .execute(params![id, time])?;
    Ok(Some(connection.last_insert_rowid()))
}

fn purge(connection: &Connection, record: i64) -> Result<()> {
    let files = files::table::of_record(connection, record)?;
    connection
        .prepare_cached(
            "DELETE FROM changes WHERE kind = ?2 AND object IN (SELECT seq FROM revisions WHERE record = ?1)",
        )?
        .execute(params![record, Kind::Revision as u8])?;
    text::unindex(connection, record)?;
    connection
        .prepare_cached("DELETE FROM records WHERE seq = ?1")?
        .execute([record])?;
    purge_files(connection, &files)?;
    Ok(())
}

/// Removes those files that no revision has; says whether there were any.
pub(crate) fn purge_files(connection: &Connection, files: &[FileId]) -> Result<bool> {
    let mut purged = false;
    for file in files {
        if let Some(seq) = files::table::purge_unless_used(connection, file)? {
            log::remove(connection, Kind::File, seq)?;
            purged = true;
        }
    }
    Ok(purged)
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Malformed { what: "record" })
}
