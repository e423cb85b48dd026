//! One state of the vault, read piece by piece while others go on writing: what an archive is made of.

use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::changes::{Change, Revision};
use crate::curation::marks;
use crate::files::{self, ChunkStore, FileReader};
use crate::record::LifeArea;
use crate::records::read;
use crate::{Error, FileId, LOCAL, Manifest, Mark, OWN, RecordId, Result, Vault};

/// A state of the vault, from when it was taken until it is dropped. Nothing of it is kept in memory.
pub struct Snapshot {
    connection: Connection,
    chunks: Arc<ChunkStore>,
}

/// How much a [`Snapshot`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Records.
    pub records: u64,
    /// Files that a record has.
    pub files: u64,
    /// What those files come to, in bytes.
    pub file_bytes: u64,
}

impl Vault {
    /// Takes a snapshot. While it lives, deleted content can stay in the sealed write-ahead log.
    pub fn take_snapshot(&self) -> Result<Snapshot> {
        let connection = self.connect()?;
        // A read transaction begins with its first reading.
        connection.execute_batch("BEGIN; SELECT count(*) FROM store")?;
        Ok(Snapshot {
            connection,
            chunks: self.chunk_store()?,
        })
    }
}

impl Snapshot {
    /// How much there is.
    pub fn counts(&self) -> Result<Counts> {
        let count = |sql: &str| -> Result<u64> {
            let count: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        };
        Ok(Counts {
            records: count("SELECT count(*) FROM records")?,
            files: count("SELECT count(*) FROM files WHERE bound = 1")?,
            file_bytes: count("SELECT coalesce(sum(size), 0) FROM files WHERE bound = 1")?,
        })
    }

    /// The life areas that records are in, each with how many.
    pub fn areas(&self) -> Result<Vec<(LifeArea, u64)>> {
        let mut statement = self
            .connection
            .prepare("SELECT area, count(*) FROM revisions WHERE state = 2 GROUP BY area ORDER BY area")?;
        let areas = statement
            .query_map([], |row| {
                let (area, count): (String, i64) = (row.get(0)?, row.get(1)?);
                Ok((LifeArea::new(area), count.cast_unsigned()))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(areas)
    }

    /// The records whose current revision is in an area, by schema and title: 16 bytes of memory for each.
    pub fn records(&self, area: &LifeArea) -> Result<Vec<RecordId>> {
        let mut statement = self.connection.prepare(
            "SELECT r.id FROM revisions v JOIN records r ON r.seq = v.record
             WHERE v.state = 2 AND v.area = ?1 ORDER BY v.schema, v.title, r.seq",
        )?;
        let ids = statement
            .query_map([area.as_str()], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// A record's title and current revision.
    pub fn current(&self, id: &RecordId) -> Result<Option<(String, Revision)>> {
        let found: Option<(i64, String)> = self
            .connection
            .prepare_cached(
                "SELECT v.seq, v.title FROM revisions v JOIN records r ON r.seq = v.record
                 WHERE r.id = ?1 AND v.state = 2",
            )?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found
            .map(|(seq, title)| Ok((title, read::revision(&self.connection, seq)?)))
            .transpose()
    }

    /// Hands out every revision of a record, oldest first.
    pub fn revisions<E: From<Error>>(
        &self,
        id: &RecordId,
        mut visit: impl FnMut(Revision) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT v.seq FROM revisions v JOIN records r ON r.seq = v.record WHERE r.id = ?1 ORDER BY v.time",
            )
            .map_err(Error::from)?;
        let mut rows = statement.query([id]).map_err(Error::from)?;
        while let Some(row) = rows.next().map_err(Error::from)? {
            let seq = row.get(0).map_err(Error::from)?;
            visit(read::revision(&self.connection, seq)?)?;
        }
        Ok(())
    }

    /// The marks on a record that were not taken back.
    pub fn marks(&self, id: &RecordId) -> Result<Vec<Mark>> {
        let mut marks = marks::of_record(&self.connection, id)?;
        marks.retain(|mark| mark.value.is_some());
        Ok(marks)
    }

    /// The files that a record has, or had, in the order in which they came; 16 bytes of memory for each.
    pub fn files(&self) -> Result<Vec<FileId>> {
        let mut statement = self
            .connection
            .prepare("SELECT id FROM files WHERE bound = 1 ORDER BY seq")?;
        let ids = statement
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// What a file is made of; `None` where it has not arrived.
    pub fn manifest(&self, id: &FileId) -> Result<Option<Manifest>> {
        let seq = files::table::seq(&self.connection, id)?;
        seq.map(|seq| files::table::manifest(&self.connection, seq)).transpose()
    }

    /// Reads a file. One whose record is deleted meanwhile fails when it is read.
    pub fn read_file(&self, manifest: Manifest) -> FileReader {
        FileReader::new(Arc::clone(&self.chunks), manifest.file_ref(), manifest.chunks)
    }

    /// Hands out every kept item as the change that another vault can take in, by collection and key; but for those that
    /// stay on the device, and the vault's own ([`OWN`]), which open nothing of a vault with another root key.
    pub fn kept<E: From<Error>>(&self, mut visit: impl FnMut(Change) -> Result<ControlFlow<()>, E>) -> Result<(), E> {
        let mut statement = self
            .connection
            .prepare(
                "SELECT collection, key, value, time FROM kept
                 WHERE value IS NOT NULL AND substr(collection, 1, length(?1)) <> ?1
                 AND substr(collection, 1, length(?2)) <> ?2 ORDER BY collection, key",
            )
            .map_err(Error::from)?;
        let mut rows = statement.query([LOCAL, OWN]).map_err(Error::from)?;
        while let Some(row) = rows.next().map_err(Error::from)? {
            let change = (|| {
                Ok::<_, rusqlite::Error>(Change::Kept {
                    collection: row.get(0)?,
                    key: row.get(1)?,
                    value: row.get(2)?,
                    time: row.get(3)?,
                })
            })();
            if visit(change.map_err(Error::from)?)?.is_break() {
                return Err(Error::Cancelled.into());
            }
        }
        Ok(())
    }
}
