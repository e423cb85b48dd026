//! Items that other layers keep in the vault: opaque values by collection and key.

use rusqlite::{Connection, OptionalExtension, params};

use crate::changes::MAX_KEPT;
use crate::log::{self, Kind};
use crate::record::MAX_NAME;
use crate::{Error, HybridTime, Result};

/// Collections whose names begin with this stay on the device: they are in no change.
pub const LOCAL: &str = "local/";

/// Collections whose names begin with this are the vault's own, for devices under the same root key.
pub const OWN: &str = "vault/";

/// Refuses names and values that are too long.
pub(crate) fn check(collection: &str, key: &str, value: &[u8]) -> Result<()> {
    for (what, name) in [("collection", collection), ("key", key)] {
        if name.len() > MAX_NAME {
            return Err(Error::TooLarge { what, limit: MAX_NAME });
        }
    }
    if value.len() > MAX_KEPT {
        return Err(Error::TooLarge {
            what: "kept value",
            limit: MAX_KEPT,
        });
    }
    Ok(())
}

/// An item's value.
pub(crate) fn get(connection: &Connection, collection: &str, key: &str) -> Result<Option<Vec<u8>>> {
    Ok(connection
        .prepare_cached("SELECT value FROM kept WHERE collection = ?1 AND key = ?2")?
        .query_row([collection, key], |row| row.get(0))
        .optional()?
        .flatten())
}

/// Whether an item was ever here, forgotten since or not.
pub(crate) fn is_known(connection: &Connection, collection: &str, key: &str) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM kept WHERE collection = ?1 AND key = ?2")?
        .exists([collection, key])?)
}

/// A collection's items, ordered by key.
pub(crate) fn all(connection: &Connection, collection: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut statement = connection
        .prepare_cached("SELECT key, value FROM kept WHERE collection = ?1 AND value IS NOT NULL ORDER BY key")?;
    let items = statement
        .query_map([collection], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(items)
}

/// The keys of a collection's items, in order.
pub(crate) fn keys(connection: &Connection, collection: &str) -> Result<Vec<String>> {
    let mut statement =
        connection.prepare_cached("SELECT key FROM kept WHERE collection = ?1 AND value IS NOT NULL ORDER BY key")?;
    let keys = statement.query_map([collection], |row| row.get(0))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// The first key of a collection's items that is not before `from`.
pub(crate) fn first_key(connection: &Connection, collection: &str, from: &str) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached(
            "SELECT key FROM kept WHERE collection = ?1 AND key >= ?2 AND value IS NOT NULL ORDER BY key LIMIT 1",
        )?
        .query_row([collection, from], |row| row.get(0))
        .optional()?)
}

/// How many items a collection has.
pub(crate) fn count(connection: &Connection, collection: &str) -> Result<usize> {
    let count: u32 = connection
        .prepare_cached("SELECT count(*) FROM kept WHERE collection = ?1 AND value IS NOT NULL")?
        .query_row([collection], |row| row.get(0))?;
    Ok(count as usize)
}

/// Sets an item, or forgets it where there is no value, as this vault's own change.
pub(crate) fn set(
    connection: &Connection,
    collection: &str,
    key: &str,
    value: Option<&[u8]>,
    time: HybridTime,
) -> Result<()> {
    if collection.starts_with(LOCAL) && value.is_none() {
        connection
            .prepare_cached("DELETE FROM kept WHERE collection = ?1 AND key = ?2")?
            .execute([collection, key])?;
        return Ok(());
    }
    let seq = write(connection, collection, key, value, time)?;
    if collection.starts_with(LOCAL) {
        Ok(())
    } else {
        log::append(connection, Kind::Kept, seq)
    }
}

/// Takes in another vault's change, unless what is here is as new; gives the `seq` of what it took.
pub(crate) fn take_in(
    connection: &Connection,
    collection: &str,
    key: &str,
    value: Option<&[u8]>,
    time: HybridTime,
) -> Result<Option<i64>> {
    let known: Option<HybridTime> = connection
        .prepare_cached("SELECT time FROM kept WHERE collection = ?1 AND key = ?2")?
        .query_row([collection, key], |row| row.get(0))
        .optional()?;
    if known.is_some_and(|known| known >= time) {
        return Ok(None);
    }
    let seq = write(connection, collection, key, value, time)?;
    log::remove(connection, Kind::Kept, seq)?;
    Ok(Some(seq))
}

fn write(connection: &Connection, collection: &str, key: &str, value: Option<&[u8]>, time: HybridTime) -> Result<i64> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO kept (collection, key, value, time) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value, time = excluded.time RETURNING seq",
        )?
        .query_row(params![collection, key, value, time], |row| row.get(0))?)
}
