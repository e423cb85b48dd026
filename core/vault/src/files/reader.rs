//! A file read back: chunk by chunk, in order, checked against what was written.

use std::io::{self, Read};
use std::sync::Arc;

use kist_crypto::{SecretBytes, Sha256Stream};

use super::{ChunkStore, FileRef};
use crate::changes::Manifest;
use crate::{ChunkId, Digest, Error, Part, Result};

/// Reads an attached file, never more than a chunk of it in memory.
///
/// Each chunk is authenticated before a byte of it is given out; the length and digest of the whole are checked at its
/// end, so only a stream that was read to its end is known to be the whole file. As a [`Read`] it gives an
/// [`Error`] inside the `io::Error`.
pub struct FileReader {
    store: Arc<ChunkStore>,
    file: FileRef,
    chunks: std::vec::IntoIter<(ChunkId, u32)>,
    digest: Sha256Stream,
    size: u64,
    finished: bool,
    buffer: SecretBytes,
    used: usize,
}

impl FileReader {
    pub(crate) fn new(store: Arc<ChunkStore>, manifest: Manifest) -> Self {
        FileReader {
            store,
            file: manifest.file_ref(),
            chunks: manifest.chunks.into_iter(),
            digest: Sha256Stream::new(),
            size: 0,
            finished: false,
            buffer: SecretBytes::new(Vec::new()),
            used: 0,
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
        let Some((id, size)) = self.chunks.next() else {
            return self.check_whole().map(|()| None);
        };
        let plain = self.store.read(&id)?;
        if plain.expose().len() != size as usize {
            return Err(Error::Corrupt { part: Part::Chunk });
        }
        self.digest.update(plain.expose());
        self.size += u64::from(size);
        Ok(Some(plain))
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
