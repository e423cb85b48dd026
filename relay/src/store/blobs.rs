//! Blobs: created once, never changed.

use std::collections::HashSet;
use std::fs::File;
use std::io;

use kist_wire::{BlobEntry, BlobId, BlobList, ErrorCode, VaultId};
use rusqlite::{OptionalExtension as _, params};

use super::{Done, Incoming, OrNotFound as _, Outcome, Store, files};
use crate::{Error, Result};

impl Store {
    /// Makes what came in a blob of the vault. The same bytes again are no error, others under the same id a conflict.
    ///
    /// The file is on the disk before its row, so that a row never names bytes that aren't there.
    pub(crate) fn put_blob(&self, vault: &VaultId, blob: &BlobId, incoming: Incoming) -> Outcome<Done> {
        incoming.sync()?;
        let existing = self.write(|db| {
            let existing: Option<files::FileName> = db
                .prepare_cached("SELECT file FROM blobs WHERE vault = ?1 AND blob = ?2")?
                .query_row([vault.as_bytes(), blob.as_bytes()], |row| row.get(0))
                .optional()?;
            if existing.is_none() {
                self.take_room(db, vault, incoming.size())?;
                db.prepare_cached("INSERT INTO blobs (vault, blob, size, file) VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![
                        vault.as_bytes(),
                        blob.as_bytes(),
                        incoming.size(),
                        incoming.name()
                    ])?;
            }
            Ok(existing)
        })?;
        match existing {
            None => {
                incoming.keep();
                Ok(Done::Now)
            }
            Some(name) if self.files.equal(&name, incoming.name())? => Ok(Done::Before),
            Some(_) => Err(ErrorCode::Conflict.into()),
        }
    }

    /// A blob's size.
    pub(crate) fn blob_size(&self, vault: &VaultId, blob: &BlobId) -> Outcome<u64> {
        self.blob_row(vault, blob).map(|(_, size)| size)
    }

    /// A blob's file, opened, and its size.
    pub(crate) fn open_blob(&self, vault: &VaultId, blob: &BlobId) -> Outcome<(File, u64)> {
        let (name, size) = self.blob_row(vault, blob)?;
        match self.files.read(&name) {
            Ok(file) => Ok((file, size)),
            // Deleted since its row was read; anything else is damage, and told apart in the log.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.blob_row(vault, blob).is_err() => {
                Err(ErrorCode::NotFound.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a blob; its id may be used again.
    pub(crate) fn delete_blob(&self, vault: &VaultId, blob: &BlobId) -> Outcome<()> {
        let name = self.write(|db| {
            let (name, size): (files::FileName, u64) = db
                .prepare_cached("DELETE FROM blobs WHERE vault = ?1 AND blob = ?2 RETURNING file, size")?
                .query_row([vault.as_bytes(), blob.as_bytes()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .or_not_found()?;
            db.prepare_cached("UPDATE vaults SET bytes = bytes - ?2 WHERE vault = ?1")?
                .execute(params![vault.as_bytes(), size])?;
            Ok(name)
        })?;
        self.files.remove(&name);
        Ok(())
    }

    /// Up to `limit` blobs whose ids follow `after`.
    pub(crate) fn blobs(&self, vault: &VaultId, after: Option<&BlobId>, limit: u64) -> Outcome<BlobList> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT blob, size FROM blobs WHERE vault = ?1 AND blob > ?2 ORDER BY blob LIMIT ?3 + 1",
            )?;
            let after = after.map_or(&[][..], |id| id.as_bytes());
            let rows = query.query_map(params![vault.as_bytes(), after, limit], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))
            })?;
            let mut blobs = Vec::new();
            for row in rows {
                let (id, size) = row?;
                if blobs.len() as u64 == limit {
                    let next = blobs.last().map(|last: &BlobEntry| last.id);
                    return Ok(BlobList { blobs, next });
                }
                blobs.push(BlobEntry {
                    id: BlobId::from_bytes(&id)?,
                    size,
                });
            }
            Ok(BlobList { blobs, next: None })
        })
    }

    fn blob_row(&self, vault: &VaultId, blob: &BlobId) -> Outcome<(files::FileName, u64)> {
        self.read(|db| {
            db.prepare_cached("SELECT file, size FROM blobs WHERE vault = ?1 AND blob = ?2")?
                .query_row([vault.as_bytes(), blob.as_bytes()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .or_not_found()
        })
    }

    /// Removes files without a row: uploads that never were acknowledged, and blobs deleted just before a crash.
    pub(super) fn sweep_files(&self) -> Result<()> {
        let wanted = self.read(|db| {
            let mut query = db.prepare("SELECT file FROM blobs")?;
            let rows = query.query_map([], |row| Ok(files::text(&row.get::<_, files::FileName>(0)?)))?;
            Ok(rows.collect::<rusqlite::Result<HashSet<_>>>()?)
        });
        let wanted = wanted.map_err(|_| Error::DataDamaged)?;
        self.files
            .sweep(|name| wanted.contains(name))
            .map_err(Error::DataFolder)
    }
}
