//! What a vault does with files.

use std::io::Read;
use std::ops::ControlFlow;

use kist_crypto::CryptoRng;

use super::attach::Coming;
use super::chunk_store::Batch;
use super::{FileMeta, FileReader, FileRef, FileSpace, FileUse, MAX_FILE, Thumbnail, attach, table};
use crate::{Error, FileId, Result, Vault};

const NOT_FOUND: Error = Error::NotFound { what: "file" };

impl Vault {
    /// Takes in a file as a stream, durably, never more than two chunks of it in memory. `progress` gets the bytes so far
    /// and can stop it (`Cancelled`). After an error nothing of it is kept.
    ///
    /// A file lives in records: give its id to one before the vault is closed, or the next opening removes it.
    ///
    /// Errors: `TooLarge` above [`MAX_FILE`] and for a thumbnail above [`crate::MAX_THUMBNAIL`], `Malformed` for a media
    /// type that is none, `Cancelled`, `DiskFull`, `Io`.
    pub fn attach<R: CryptoRng + ?Sized>(
        &self,
        reader: impl Read,
        meta: FileMeta,
        now_ms: i64,
        rng: &mut R,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<FileRef> {
        let coming = Coming {
            id: FileId::new(now_ms, rng),
            created_ms: now_ms,
            max_size: MAX_FILE,
        };
        self.take_in(coming, reader, meta, rng, progress)
    }

    /// Takes in a file that was in another store of the person, under the id and the time that it had there. A file that
    /// is here already is left as it is.
    ///
    /// Errors: as [`Vault::attach`].
    pub fn attach_again<R: CryptoRng + ?Sized>(
        &self,
        id: FileId,
        reader: impl Read,
        meta: FileMeta,
        created_ms: i64,
        rng: &mut R,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<FileRef> {
        if let Some(known) = self.file(&id)? {
            return Ok(known);
        }
        let coming = Coming {
            id,
            created_ms,
            max_size: MAX_FILE,
        };
        self.take_in(coming, reader, meta, rng, progress)
    }

    pub(super) fn take_in<R: CryptoRng + ?Sized>(
        &self,
        coming: Coming,
        reader: impl Read,
        meta: FileMeta,
        rng: &mut R,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<FileRef> {
        let chunks = self.chunk_store()?;
        let mut batch = chunks.batch()?;
        let attached = attach::attach(&mut batch, coming, reader, meta, rng, progress).and_then(|(file, thumbnail)| {
            self.transaction(coming.created_ms, |changes| changes.insert_file(file, thumbnail))
        });
        match &attached {
            Ok(_) => batch.settle(),
            Err(_) => self.discard(batch),
        }
        attached
    }

    /// Removes what a batch wrote for nothing. Holding the writer keeps a row from coming to refer to it meanwhile.
    fn discard(&self, batch: Batch<'_>) {
        let writer = self.write_lock();
        // What can't be removed now is swept at the next opening.
        let _ = batch.discard(|id| table::is_wanted(&writer, id));
    }

    /// Removes a file that was attached and that no record was given; one of a record stays.
    pub fn give_up_file(&self, id: &FileId) -> Result<()> {
        self.transaction(0, |changes| changes.give_up_file(id))
    }

    /// What is known of a file.
    pub fn file(&self, id: &FileId) -> Result<Option<FileRef>> {
        self.read(|sql| match table::seq(sql, id)? {
            Some(file) => table::file_ref(sql, file).map(Some),
            None => Ok(None),
        })
    }

    /// Every file that a record has or had in an earlier revision, in the order in which they came.
    pub fn files(&self) -> Result<Vec<FileUse>> {
        self.read(table::in_use)
    }

    /// What the files of records take.
    pub fn file_space(&self) -> Result<FileSpace> {
        self.snapshot(table::space)
    }

    /// Reads a file as a stream or by ranges; see [`FileReader`] for its errors. `NotFound` where there is no such file.
    pub fn read_file(&self, id: &FileId) -> Result<FileReader> {
        let (file, chunks) = self.snapshot(|sql| {
            let file = table::seq(sql, id)?.ok_or(NOT_FOUND)?;
            Ok((table::file_ref(sql, file)?, table::chunks_of(sql, file)?))
        })?;
        Ok(FileReader::new(self.chunk_store()?, file, chunks))
    }

    /// The small picture of a file, where it has one. `NotFound` where there is no such file.
    pub fn thumbnail(&self, id: &FileId) -> Result<Option<Thumbnail>> {
        self.snapshot(|sql| {
            let file = table::seq(sql, id)?.ok_or(NOT_FOUND)?;
            Ok(table::thumbnail(sql, file)?.map(|(_, thumbnail)| thumbnail))
        })
    }

    /// Sets the small picture of a file, in place of the one that it has.
    ///
    /// Errors: `NotFound`, `TooLarge` above [`crate::MAX_THUMBNAIL`], `Malformed` for an empty one or a media type that is
    /// none.
    pub fn set_thumbnail(&self, id: &FileId, thumbnail: Thumbnail, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.set_thumbnail(id, &thumbnail))
    }
}
