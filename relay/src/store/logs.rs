//! Append-only logs, one for each device of a vault.

use kist_wire::{DeviceId, ErrorCode, FrameWriter, VaultId, limits::REPLY_BYTES};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Done, Outcome, Store};
use crate::failure::Failure;

impl Store {
    /// Appends an entry at the next free index. The same bytes at a taken index are no error, others a conflict that
    /// names the free one.
    pub(crate) fn append(&self, vault: &VaultId, device: &DeviceId, index: u64, body: &[u8]) -> Outcome<Done> {
        self.write(|db| {
            let next = next_index(db, vault, device)?;
            if index == next {
                self.take_room(db, vault, body.len() as u64)?;
                db.prepare_cached("INSERT INTO log_entries (vault, device, number, body) VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![vault.as_bytes(), device.as_bytes(), index, body])?;
                return Ok(Done::Now);
            }
            if index < next {
                let same: Option<bool> = db
                    .prepare_cached(
                        "SELECT body = ?4 FROM log_entries WHERE vault = ?1 AND device = ?2 AND number = ?3",
                    )?
                    .query_row(params![vault.as_bytes(), device.as_bytes(), index, body], |row| {
                        row.get(0)
                    })
                    .optional()?;
                if same == Some(true) {
                    return Ok(Done::Before);
                }
            }
            Err(Failure::LogTaken { next })
        })
    }

    /// Entries from `from` on, as frames; as many as a reply holds.
    pub(crate) fn log(&self, vault: &VaultId, device: &DeviceId, from: u64) -> Outcome<FrameWriter> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT number, body FROM log_entries WHERE vault = ?1 AND device = ?2 AND number >= ?3
                 ORDER BY number",
            )?;
            let rows = query.query(params![vault.as_bytes(), device.as_bytes(), bounded(from)?])?;
            frames(rows)
        })
    }
}

fn next_index(db: &Connection, vault: &VaultId, device: &DeviceId) -> Outcome<u64> {
    Ok(db
        .prepare_cached("SELECT coalesce(max(number) + 1, 0) FROM log_entries WHERE vault = ?1 AND device = ?2")?
        .query_row([vault.as_bytes(), device.as_bytes()], |row| row.get(0))?)
}

/// Collects rows of (number, body) into frames, at least one if there is any, until the reply is full.
pub(super) fn frames(mut rows: rusqlite::Rows<'_>) -> Outcome<FrameWriter> {
    let mut writer = FrameWriter::default();
    while let Some(row) = rows.next()? {
        let number: u64 = row.get(0)?;
        let body = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        if !writer.is_empty() && (writer.len() + body.len()) as u64 > REPLY_BYTES {
            break;
        }
        writer.push(number, body)?;
    }
    Ok(writer)
}

/// A client's number as SQLite can hold it.
pub(super) fn bounded(number: u64) -> Outcome<i64> {
    i64::try_from(number).map_err(|_| ErrorCode::InvalidRequest.into())
}
