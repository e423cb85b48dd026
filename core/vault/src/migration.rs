//! The tables, version by version. A migration that was released never changes; a new one is added below it.

use rusqlite::{Connection, TransactionBehavior};

use crate::records::text;
use crate::{Error, Result};

/// What takes a store from version n to n + 1, by n.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001.sql"),
    include_str!("../migrations/0002.sql"),
];

/// The version from which on there is the index that [`text`] makes; before, there was another.
const SEARCHED_IN_PARTS: u32 = 2;

/// Brings a store up to this build's version, in one transaction.
///
/// Errors: `UnsupportedVersion` for a store that a later build wrote.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let pending = usize::try_from(version)
        .ok()
        .and_then(|done| MIGRATIONS.get(done..))
        .ok_or(Error::UnsupportedVersion { found: version })?;
    if pending.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in pending {
        transaction.execute_batch(migration)?;
    }
    if version < SEARCHED_IN_PARTS {
        text::index_all(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as u32)?;
    transaction.commit()?;
    Ok(())
}
