//! A file read back: chunk by chunk, in order, checked against what was written; or a range of it.

use std::io::{self, Read};
use std::sync::Arc;

use kist_crypto::{SecretBytes, Sha256Stream};

use super::{ChunkStore, FileRef};
use crate::{ChunkId, Digest, Error, Part, Result};

/// Reads an attached file, never more than a chunk of it in memory.
///
/// Each chunk is authenticated before a byte of it is given out; the length and digest of the whole are checked at its
/// end, so only a stream that was read to its end is known to be the whole file. As a [`Read`] it gives an
/// [`Error`] inside the `io::Error`.
pub struct FileReader {
    store: Arc<ChunkStore>,
    file: FileRef,
    /// The file's chunks in order, each with the length of its plaintext.
    chunks: Vec<(ChunkId, u32)>,
    /// The chunk that comes next.
    next: usize,
    digest: Sha256Stream,
    size: u64,
    finished: bool,
    buffer: SecretBytes,
    used: usize,
    /// The chunk that the last range ended in, with its number: ranges are mostly read one after the other.
    last: Option<(usize, SecretBytes)>,
}

impl FileReader {
    pub(crate) fn new(store: Arc<ChunkStore>, file: FileRef, chunks: Vec<(ChunkId, u32)>) -> Self {
        FileReader {
            store,
            file,
            chunks,
            next: 0,
            digest: Sha256Stream::new(),
            size: 0,
            finished: false,
            buffer: SecretBytes::new(Vec::new()),
            used: 0,
            last: None,
        }
    }

    /// Which file this is.
    pub fn file(&self) -> &FileRef {
        &self.file
    }

    /// The next chunk's plaintext; `None` once the whole file was given out and found to be what was attached.
    ///
    /// Errors: `AuthenticationFailed` for a chunk that was changed, `Corrupt` for one that is missing or where the
    /// whole is not the file.
    pub fn next_chunk(&mut self) -> Result<Option<SecretBytes>> {
        let Some(chunk) = self.chunks.get(self.next) else {
            return self.check_whole().map(|()| None);
        };
        let plain = self.open(chunk)?;
        self.next += 1;
        self.digest.update(plain.expose());
        self.size += plain.expose().len() as u64;
        Ok(Some(plain))
    }

    /// The bytes from `offset` on, `length` of them or as many as there are to the end of the file: none beyond it.
    /// Only the chunks that they lie in are read. It does not move what [`FileReader::next_chunk`] and [`Read`] give.
    ///
    /// What is given out is authenticated, in its place; whether the rest of the file is sound isn't looked at.
    ///
    /// Errors: as [`FileReader::next_chunk`].
    pub fn read_at(&mut self, offset: u64, length: usize) -> Result<SecretBytes> {
        let end = self.file.size.min(offset.saturating_add(length as u64));
        let wanted = end.saturating_sub(offset) as usize;
        let mut bytes = Vec::with_capacity(wanted); // Never grown, so that no copy of it stays behind.
        let mut start = 0;
        for number in 0..self.chunks.len() {
            if bytes.len() == wanted {
                break;
            }
            let (chunk, size) = self.chunks.get(number).ok_or(DAMAGED)?;
            let (chunk, size) = ((*chunk, *size), u64::from(*size));
            if start + size > offset {
                let from = offset.saturating_sub(start) as usize;
                let to = size.min(end - start) as usize;
                let plain = self.numbered(number, &chunk)?.expose();
                bytes.extend_from_slice(plain.get(from..to).ok_or(DAMAGED)?);
            }
            start += size;
        }
        let bytes = SecretBytes::new(bytes);
        if bytes.expose().len() == wanted {
            Ok(bytes)
        } else {
            Err(Error::Corrupt { part: Part::File })
        }
    }

    /// A chunk for a range: kept until another is asked for.
    fn numbered(&mut self, number: usize, chunk: &(ChunkId, u32)) -> Result<&SecretBytes> {
        let plain = match self.last.take() {
            Some((last, plain)) if last == number => plain,
            _ => self.open(chunk)?,
        };
        Ok(&self.last.insert((number, plain)).1)
    }

    fn open(&self, (id, size): &(ChunkId, u32)) -> Result<SecretBytes> {
        let plain = self.store.read(id)?;
        if plain.expose().len() == *size as usize {
            Ok(plain)
        } else {
            Err(DAMAGED)
        }
    }

    fn check_whole(&mut self) -> Result<()> {
        if self.finished {
            return Ok(());
        }
        let digest = Digest::from_bytes(std::mem::take(&mut self.digest).finish());
        if self.size != self.file.size || digest != self.file.digest {
            return Err(Error::Corrupt { part: Part::File });
        }
        self.finished = true;
        Ok(())
    }
}

const DAMAGED: Error = Error::Corrupt { part: Part::Chunk };

impl Read for FileReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let rest = self.buffer.expose().get(self.used..).unwrap_or_default();
            if !rest.is_empty() {
                let count = rest.len().min(out.len());
                out[..count].copy_from_slice(&rest[..count]);
                self.used += count;
                return Ok(count);
            }
            match self.next_chunk().map_err(io::Error::other)? {
                Some(chunk) => (self.buffer, self.used) = (chunk, 0),
                None => return Ok(0),
            }
        }
    }
}
