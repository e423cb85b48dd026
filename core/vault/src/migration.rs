//! The tables, version by version. A migration that was released never changes; a new one is added below it.

use rusqlite::{Connection, TransactionBehavior};

use crate::curation::derive;
use crate::records::text;
use crate::{Error, Result};

/// What takes a store from version n to n + 1, by n. What follows from records and schemas is not made here, but by
/// [`derive::again`], for whatever version comes last.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001.sql"),
    include_str!("../migrations/0002.sql"),
];

/// The version from which on there is the index that [`text`] makes; before, there was another.
const SEARCHED_IN_PARTS: u32 = 2;

/// Refuses a store that this build must not open, before anything is written: one of a later build, and one with a
/// smaller generation than the caller knows of.
///
/// Errors: `UnsupportedVersion`, `RolledBack`.
pub(crate) fn examine(connection: &Connection, known: u64) -> Result<()> {
    let version = version(connection)?;
    if version as usize > MIGRATIONS.len() {
        return Err(Error::UnsupportedVersion { found: version });
    }
    let found = if version == 0 { 0 } else { generation(connection)? };
    if found < known {
        return Err(Error::RolledBack { known, found });
    }
    Ok(())
}

/// Brings a store up to this build's version and schemas, in one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    let version = version(connection)?;
    if version as usize == MIGRATIONS.len() && derive::is_up_to_date(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    steps(&transaction, version)?;
    transaction.commit()?;
    Ok(())
}

/// Everything from a version up to this build's, in a transaction, and in the memory of a few records.
pub(crate) fn steps(transaction: &Connection, version: u32) -> Result<()> {
    for migration in MIGRATIONS.get(version as usize..).unwrap_or_default() {
        transaction.execute_batch(migration)?;
    }
    if version < SEARCHED_IN_PARTS {
        text::index_all(transaction)?;
    }
    derive::again(transaction)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as u32)?;
    Ok(())
}

fn version(connection: &Connection) -> Result<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// How many transactions were committed.
pub(crate) fn generation(connection: &Connection) -> Result<u64> {
    let count: i64 = connection
        .prepare_cached("SELECT generation FROM store")?
        .query_row([], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::MIGRATIONS;

    #[test]
    fn each_version_of_the_tables_is_frozen_as_a_store() {
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vault");
        for version in 1..=MIGRATIONS.len() {
            let store = frozen.join(format!("v{version}/store.kist"));
            assert!(store.is_file(), "{store:?}: see tests/vectors/vault/README.md");
        }
    }
}
