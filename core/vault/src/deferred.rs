//! Changes of kinds that this build does not know: kept as they came, for a later build that does.

use kist_crypto::sha256;
use rusqlite::{Connection, params};

use crate::records::read;
use crate::{Change, RecordId, Result, Transaction};

/// Keeps a change; says whether it is new here. What is about a deleted record is dropped.
pub(crate) fn keep(connection: &Connection, record: Option<&RecordId>, encoded: &[u8]) -> Result<bool> {
    if let Some(record) = record
        && read::is_deleted(connection, record)?
    {
        return Ok(false);
    }
    let kept = connection
        .prepare_cached("INSERT OR IGNORE INTO deferred (digest, record, encoded) VALUES (?1, ?2, ?3)")?
        .execute(params![sha256(&[encoded]), record, encoded])?;
    Ok(kept > 0)
}

/// Drops what is about a record that is deleted.
pub(crate) fn record_went(connection: &Connection, id: &RecordId) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM deferred WHERE record = ?1")?
        .execute([id])?;
    Ok(())
}

/// The digests of what this build does know: an earlier one kept it.
pub(crate) fn known(connection: &Connection) -> Result<Vec<[u8; 32]>> {
    let mut statement = connection.prepare("SELECT digest, encoded FROM deferred")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let encoded = row.get_ref(1)?.as_blob().map_err(|_| crate::Error::STORE_CORRUPT)?;
        if !matches!(Change::decode(encoded), Ok(Change::Unknown(_))) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

impl Transaction<'_> {
    /// Takes in a change that an earlier build kept. One that turns out to be none is dropped.
    pub(crate) fn take_in_deferred(&self, digest: &[u8; 32]) -> Result<()> {
        let encoded: Vec<u8> =
            self.sql()
                .query_row("SELECT encoded FROM deferred WHERE digest = ?1", [digest], |row| {
                    row.get(0)
                })?;
        self.sql().execute("DELETE FROM deferred WHERE digest = ?1", [digest])?;
        self.touch();
        match Change::decode(&encoded) {
            Ok(change) => match self.apply(&[change]) {
                Err(crate::Error::Malformed { .. } | crate::Error::TooLarge { .. }) => Ok(()),
                applied => applied,
            },
            Err(_) => Ok(()),
        }
    }
}
