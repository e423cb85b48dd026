//! Files in the store's tables: manifests, and which chunks are still referred to.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{ChunkInfo, FileRef, FileSpace, FileUse, Manifest, Thumbnail};
use crate::log::{Kind, position_to_sql};
use crate::{ChunkId, FileId, HybridTime, RecordId, Result};
use kist_crypto::SealingKey;

/// Whether a file with this id is here.
pub(crate) fn seq(connection: &Connection, id: &FileId) -> Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT seq FROM files WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// Writes a manifest and gives its `seq`; `bound` says that a record has the file already.
pub(crate) fn insert(connection: &Connection, manifest: &Manifest, bound: bool) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO files (id, name, media_type, size, digest, created_ms, bound, modified_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            manifest.id,
            manifest.name,
            manifest.media_type,
            manifest.size.cast_signed(),
            manifest.digest,
            manifest.created_ms,
            bound,
            manifest.modified_ms,
        ])?;
    let file = connection.last_insert_rowid();
    if let Some((time, thumbnail)) = &manifest.thumbnail {
        set_thumbnail(connection, file, *time, thumbnail)?;
    }
    let mut insert_chunk = connection.prepare_cached("INSERT OR IGNORE INTO chunks (id, size) VALUES (?1, ?2)")?;
    let mut refer = connection.prepare_cached(
        "INSERT INTO file_chunks (file, ordinal, chunk) SELECT ?1, ?2, seq FROM chunks WHERE id = ?3",
    )?;
    let mut keep = connection.prepare_cached("DELETE FROM garbage WHERE id = ?1")?;
    for (ordinal, (id, size)) in manifest.chunks.iter().enumerate() {
        if insert_chunk.execute(params![id, size])? == 1 {
            keep.execute([id])?;
        }
        refer.execute(params![file, ordinal as i64, id])?;
    }
    Ok(file)
}

/// Marks a file as a record's, so that it is not swept.
pub(crate) fn bind(connection: &Connection, file: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE files SET bound = 1 WHERE seq = ?1 AND bound = 0")?
        .execute([file])?;
    Ok(())
}

/// Whether a record has had the file.
pub(crate) fn is_bound(connection: &Connection, file: i64) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM files WHERE seq = ?1 AND bound = 1")?
        .exists([file])?)
}

/// Sets a file's thumbnail, unless the one that it has was set later; says whether it did.
pub(crate) fn set_thumbnail(
    connection: &Connection,
    file: i64,
    time: HybridTime,
    thumbnail: &Thumbnail,
) -> Result<bool> {
    let changed = connection
        .prepare_cached(
            "INSERT INTO thumbnails (file, time, media_type, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (file) DO UPDATE SET time = excluded.time, media_type = excluded.media_type,
                 bytes = excluded.bytes WHERE excluded.time > thumbnails.time",
        )?
        .execute(params![file, time, thumbnail.media_type, thumbnail.bytes])?;
    Ok(changed == 1)
}

/// A file's thumbnail, and when it was set.
pub(crate) fn thumbnail(connection: &Connection, file: i64) -> Result<Option<(HybridTime, Thumbnail)>> {
    Ok(connection
        .prepare_cached("SELECT time, media_type, bytes FROM thumbnails WHERE file = ?1")?
        .query_row([file], |row| {
            let (media_type, bytes) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, Thumbnail { media_type, bytes }))
        })
        .optional()?)
}

/// A file without the list of its chunks.
pub(crate) fn file_ref(connection: &Connection, seq: i64) -> Result<FileRef> {
    Ok(connection
        .prepare_cached(
            "SELECT id, name, media_type, size, digest, (SELECT count(*) FROM file_chunks WHERE file = seq), modified_ms,
                 EXISTS (SELECT 1 FROM thumbnails WHERE file = seq)
             FROM files WHERE seq = ?1",
        )?
        .query_row([seq], |row| {
            Ok(FileRef {
                id: row.get(0)?,
                name: row.get(1)?,
                media_type: row.get(2)?,
                size: row.get::<_, i64>(3)?.cast_unsigned(),
                digest: row.get(4)?,
                chunks: row.get(5)?,
                modified_ms: row.get(6)?,
                has_thumbnail: row.get(7)?,
            })
        })?)
}

/// A file's chunks in order, each with the length of its plaintext.
pub(crate) fn chunks_of(connection: &Connection, seq: i64) -> Result<Vec<(ChunkId, u32)>> {
    let mut statement = connection.prepare_cached(
        "SELECT c.id, c.size FROM file_chunks f JOIN chunks c ON c.seq = f.chunk WHERE f.file = ?1 ORDER BY f.ordinal",
    )?;
    let chunks = statement
        .query_map([seq], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(chunks)
}

/// When a file was attached.
fn created_ms(connection: &Connection, seq: i64) -> Result<i64> {
    Ok(connection
        .prepare_cached("SELECT created_ms FROM files WHERE seq = ?1")?
        .query_row([seq], |row| row.get(0))?)
}

/// A file with all its chunks and its thumbnail.
pub(crate) fn manifest(connection: &Connection, seq: i64) -> Result<Manifest> {
    let file = file_ref(connection, seq)?;
    Ok(Manifest {
        id: file.id,
        name: file.name,
        media_type: file.media_type,
        size: file.size,
        digest: file.digest,
        created_ms: created_ms(connection, seq)?,
        chunks: chunks_of(connection, seq)?,
        modified_ms: file.modified_ms,
        thumbnail: thumbnail(connection, seq)?,
    })
}

/// Every file that any revision of a record has, in the order in which they came.
pub(crate) fn in_use(connection: &Connection) -> Result<Vec<FileUse>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT f.seq, r.id FROM revision_files b JOIN files f ON f.id = b.file
         JOIN revisions v ON v.seq = b.revision JOIN records r ON r.seq = v.record ORDER BY f.seq, r.seq",
    )?;
    let mut rows = statement.query([])?;
    let mut found: Vec<FileUse> = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (seq, record): (i64, RecordId) = (row.get(0)?, row.get(1)?);
        match found.last_mut().filter(|_| last == Some(seq)) {
            Some(same) => same.records.push(record),
            None => found.push(FileUse {
                file: file_ref(connection, seq)?,
                created_ms: created_ms(connection, seq)?,
                records: vec![record],
            }),
        }
        last = Some(seq);
    }
    Ok(found)
}

/// What the files of records take.
pub(crate) fn space(connection: &Connection) -> Result<FileSpace> {
    let two = |sql| -> Result<(u64, u64)> {
        let mut statement = connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (count, sum) = statement.query_row([], read)?;
        Ok((count.cast_unsigned(), sum.cast_unsigned()))
    };
    let (files, bytes) = two("SELECT count(*), coalesce(sum(size), 0) FROM files WHERE bound = 1")?;
    let (chunks, plain) = two("SELECT count(*), coalesce(sum(size), 0) FROM chunks")?;
    Ok(FileSpace {
        files,
        bytes,
        stored: plain + chunks * SealingKey::OVERHEAD as u64,
    })
}

/// The files that any revision of a record has.
pub(crate) fn of_record(connection: &Connection, record: i64) -> Result<Vec<FileId>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT b.file FROM revisions v JOIN revision_files b ON b.revision = v.seq WHERE v.record = ?1",
    )?;
    let files = statement
        .query_map([record], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(files)
}

/// Removes a file that no revision has any more, and gives the `seq` that it had; its chunks that no other file has
/// become garbage.
pub(crate) fn purge_unless_used(connection: &Connection, id: &FileId) -> Result<Option<i64>> {
    let used = connection
        .prepare_cached("SELECT 1 FROM revision_files WHERE file = ?1")?
        .exists([id])?;
    let Some(file) = seq(connection, id)?.filter(|_| !used) else {
        return Ok(None);
    };
    purge(connection, file)?;
    Ok(Some(file))
}

/// Whether there is a file that was attached and never given to a record.
pub(crate) fn has_unbound(connection: &Connection) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM files WHERE bound = 0")?
        .exists([])?)
}

/// Removes the files that were attached and never given to a record.
pub(crate) fn purge_unbound(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare_cached("SELECT seq FROM files WHERE bound = 0")?;
    let files: Vec<i64> = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    files.into_iter().try_for_each(|file| purge(connection, file))
}

/// Removes a file that was never given to a record.
pub(crate) fn purge_if_unbound(connection: &Connection, id: &FileId) -> Result<bool> {
    match seq(connection, id)? {
        Some(file) if !is_bound(connection, file)? => purge(connection, file).map(|()| true),
        _ => Ok(false),
    }
}

fn purge(connection: &Connection, file: i64) -> Result<()> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT chunk FROM file_chunks WHERE file = ?1")?;
    let chunks: Vec<i64> = statement
        .query_map([file], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    connection
        .prepare_cached("DELETE FROM files WHERE seq = ?1")?
        .execute([file])?;
    let mut to_garbage = connection.prepare_cached(
        "INSERT OR IGNORE INTO garbage SELECT id FROM chunks
         WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM file_chunks WHERE chunk = ?1)",
    )?;
    let mut delete = connection.prepare_cached(
        "DELETE FROM chunks WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM file_chunks WHERE chunk = ?1)",
    )?;
    for chunk in chunks {
        to_garbage.execute([chunk])?;
        delete.execute([chunk])?;
    }
    Ok(())
}

/// Chunks that are to be removed from the disk.
pub(crate) fn garbage(connection: &Connection) -> Result<Vec<ChunkId>> {
    let mut statement = connection.prepare_cached("SELECT id FROM garbage")?;
    let ids = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ids)
}

/// Whether a file has this chunk.
pub(crate) fn is_wanted(connection: &Connection, id: &ChunkId) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM chunks WHERE id = ?1")?
        .exists([id])?)
}

/// Every chunk that a file has, once.
pub(crate) fn chunks(connection: &Connection) -> Result<Vec<ChunkInfo>> {
    let mut statement = connection.prepare_cached("SELECT id, size FROM chunks ORDER BY seq")?;
    let chunks = statement.query_map([], chunk_info)?.collect::<rusqlite::Result<_>>()?;
    Ok(chunks)
}

/// The chunks, each once, of the files that this vault attached or gave to another record after a position.
pub(crate) fn chunks_after(connection: &Connection, position: u64) -> Result<Vec<ChunkInfo>> {
    let mut statement = connection.prepare_cached(
        "SELECT c.id, c.size FROM changes l JOIN file_chunks f ON f.file = l.object JOIN chunks c ON c.seq = f.chunk
         WHERE l.position > ?1 AND l.kind = ?2 GROUP BY c.seq ORDER BY min(l.position), min(f.ordinal)",
    )?;
    let chunks = statement
        .query_map(params![position_to_sql(position), Kind::File as u8], chunk_info)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(chunks)
}

fn chunk_info(row: &Row<'_>) -> rusqlite::Result<ChunkInfo> {
    let size: u32 = row.get(1)?;
    Ok(ChunkInfo {
        id: row.get(0)?,
        sealed_size: u64::from(size) + SealingKey::OVERHEAD as u64,
    })
}
