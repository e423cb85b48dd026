//! A stream taken in as a file: cut, named, sealed, counted.

use std::io::{self, Read};
use std::ops::ControlFlow;

use fastcdc::v2020::{Error as CutError, Normalization, StreamCDC};
use kist_crypto::{CryptoRng, Sha256Stream};

use super::chunk_store::{Batch, ChunkStore};
use super::{AVERAGE_CHUNK, FileMeta, MAX_CHUNK, MIN_CHUNK};
use crate::changes::{MAX_CHANGE, Manifest};
use crate::record::MAX_NAME;
use crate::{Digest, Error, FileId, Result};

/// The most chunks of a file: as many as a change can name.
pub(crate) const MAX_CHUNKS: usize = (MAX_CHANGE - 4096) / 40;

/// Reads a file to its end; its chunks are durable when this returns, and nothing refers to them yet.
///
/// `progress` gets the bytes taken in so far, after each chunk.
pub(crate) fn attach<'a, R: CryptoRng + ?Sized>(
    store: &'a ChunkStore,
    reader: impl Read,
    meta: FileMeta,
    now_ms: i64,
    rng: &mut R,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(Manifest, Batch<'a>)> {
    for (what, text) in [("file name", &meta.name), ("media type", &meta.media_type)] {
        if text.len() > MAX_NAME {
            return Err(Error::TooLarge { what, limit: MAX_NAME });
        }
    }
    let id = FileId::new(now_ms, rng);
    let mut batch = store.batch()?;
    let mut chunks = Vec::new();
    let mut size = 0;
    let mut digest = Sha256Stream::new();
    let seed = store.keys().boundaries();
    let cut = StreamCDC::with_level_and_seed(reader, MIN_CHUNK, AVERAGE_CHUNK, MAX_CHUNK, Normalization::Level1, seed);
    for chunk in cut {
        let plain = chunk.map_err(read_error)?.data;
        if chunks.len() == MAX_CHUNKS {
            return Err(Error::TooLarge {
                what: "file, in chunks",
                limit: MAX_CHUNKS,
            });
        }
        digest.update(&plain);
        chunks.push((batch.put_plain(&plain, rng)?, plain.len() as u32));
        size += plain.len() as u64;
        if progress(size).is_break() {
            return Err(Error::Cancelled);
        }
    }
    batch.flush()?;
    let digest = Digest::from_bytes(digest.finish());
    let FileMeta { name, media_type } = meta;
    Ok((
        Manifest {
            id,
            name,
            media_type,
            size,
            digest,
            created_ms: now_ms,
            chunks,
        },
        batch,
    ))
}

fn read_error(error: CutError) -> Error {
    match error {
        CutError::IoError(error) => error.into(),
        _ => Error::Io {
            kind: io::ErrorKind::Other,
        },
    }
}
