//! The change log: the order in which this vault wrote, and the changes read back from it.
//!
//! The log holds what was changed, not its content, so that deleting something leaves nothing here. Something changed
//! again moves to the end.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::changes::{Change, ChangeSet};
use crate::curation::marks;
use crate::{Result, files, records};

/// What an entry of the log is about: the number that the store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Revision = 1,
    Tombstone = 2,
    Kept = 3,
    File = 4,
    Mark = 5,
}

/// Writes that `object` (a `seq` in the table of its kind) was changed here, now.
pub(crate) fn append(connection: &Connection, kind: Kind, object: i64) -> Result<()> {
    connection
        .prepare_cached("REPLACE INTO changes (kind, object) VALUES (?1, ?2)")?
        .execute(params![kind as u8, object])?;
    Ok(())
}

/// Takes an object out of the log: it is gone, or another device's change replaced it.
pub(crate) fn remove(connection: &Connection, kind: Kind, object: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM changes WHERE kind = ?1 AND object = ?2")?
        .execute(params![kind as u8, object])?;
    Ok(())
}

/// Changes after a position, at least one if there are any, and about `max_bytes` of them encoded.
pub(crate) fn changes_after(connection: &Connection, position: u64, max_bytes: usize) -> Result<ChangeSet> {
    let mut set = ChangeSet {
        changes: Vec::new(),
        upto: position,
        more: false,
    };
    let mut bytes = 0;
    let mut statement = connection
        .prepare_cached("SELECT position, kind, object FROM changes WHERE position > ?1 ORDER BY position")?;
    let mut rows = statement.query([position_to_sql(position)])?;
    while let Some(row) = rows.next()? {
        let change = read(connection, row)?;
        let size = change.approximate_size();
        if bytes > 0 && bytes + size > max_bytes {
            set.more = true;
            break;
        }
        bytes += size;
        set.upto = row.get::<_, i64>(0)?.cast_unsigned();
        set.changes.push(change);
    }
    Ok(set)
}

/// The position of the last change; 0 where nothing was ever written.
pub(crate) fn last_position(connection: &Connection) -> Result<u64> {
    let position: Option<i64> = connection
        .prepare_cached("SELECT max(position) FROM changes")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(position.unwrap_or(0).cast_unsigned())
}

/// A position as SQLite has them; no position is above `i64::MAX`.
pub(crate) fn position_to_sql(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

fn read(connection: &Connection, row: &Row<'_>) -> Result<Change> {
    let object: i64 = row.get(2)?;
    match row.get::<_, u8>(1)? {
        1 => Ok(Change::Revision(Box::new(records::read::revision(connection, object)?))),
        2 => Ok(connection
            .prepare_cached("SELECT id, time FROM tombstones WHERE seq = ?1")?
            .query_row([object], |row| {
                Ok(Change::Deleted {
                    id: row.get(0)?,
                    time: row.get(1)?,
                })
            })?),
        3 => Ok(connection
            .prepare_cached("SELECT collection, key, value, time FROM kept WHERE seq = ?1")?
            .query_row([object], |row| {
                let (collection, key, time) = (row.get(0)?, row.get(1)?, row.get(3)?);
                Ok(match row.get(2)? {
                    Some(value) => Change::Kept {
                        collection,
                        key,
                        value,
                        time,
                    },
                    None => Change::Forgotten { collection, key, time },
                })
            })?),
        5 => Ok(Change::Mark(Box::new(marks::get(connection, object)?))),
        _ => Ok(Change::File(files::table::manifest(connection, object)?)),
    }
}
