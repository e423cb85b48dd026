//! A stream taken in as a file: cut, named, sealed, counted.

use std::io::{self, Read};
use std::ops::ControlFlow;

use fastcdc::v2020::{Error as CutError, Normalization, StreamCDC};
use kist_crypto::{CryptoRng, Sha256Stream};

use super::chunk_store::Batch;
use super::manifest::{MAX_CHUNKS, Manifest};
use super::{AVERAGE_CHUNK, FileMeta, MAX_CHUNK, MIN_CHUNK, Thumbnail, media_type};
use crate::{Digest, Error, FileId, Result};

/// A file that is to be taken in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coming {
    /// Its id, which no other has.
    pub(super) id: FileId,
    /// When it was attached: milliseconds since 1970 UTC.
    pub(super) created_ms: i64,
    /// The most bytes that it may have.
    pub(super) max_size: u64,
}

/// Reads a file to its end; its chunks are durable when this returns, and nothing refers to them yet. The thumbnail is
/// not in the manifest: it is the caller's to say when it was set. `progress` gets the bytes taken in so far, after each
/// chunk.
pub(super) fn attach<R: CryptoRng + ?Sized>(
    batch: &mut Batch<'_>,
    coming: Coming,
    reader: impl Read,
    meta: FileMeta,
    rng: &mut R,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(Manifest, Option<Thumbnail>)> {
    let Coming {
        id,
        created_ms,
        max_size,
    } = coming;
    let FileMeta {
        name,
        mut media_type,
        modified_ms,
        thumbnail,
    } = meta.check()?;
    let mut chunks = Vec::new();
    let mut size = 0;
    let mut digest = Sha256Stream::new();
    let seed = batch.boundaries();
    let cut = StreamCDC::with_level_and_seed(reader, MIN_CHUNK, AVERAGE_CHUNK, MAX_CHUNK, Normalization::Level1, seed);
    for chunk in cut {
        let plain = chunk.map_err(read_error)?.data;
        size += plain.len() as u64;
        if size > max_size || chunks.len() == MAX_CHUNKS {
            return Err(too_large(max_size));
        }
        media_type.get_or_insert_with(|| media_type::detect(&name, &plain).to_owned());
        digest.update(&plain);
        chunks.push((batch.put_plain(&plain, rng)?, plain.len() as u32));
        if progress(size).is_break() {
            return Err(Error::Cancelled);
        }
    }
    batch.flush()?;
    let manifest = Manifest {
        id,
        media_type: media_type.unwrap_or_else(|| media_type::detect(&name, &[]).to_owned()),
        name,
        size,
        digest: Digest::from_bytes(digest.finish()),
        created_ms,
        chunks,
        modified_ms,
        thumbnail: None,
    };
    Ok((manifest, thumbnail))
}

fn too_large(max_size: u64) -> Error {
    Error::TooLarge {
        what: "file",
        limit: usize::try_from(max_size).unwrap_or(usize::MAX), // A byte less, where addresses have 32 bits.
    }
}

fn read_error(error: CutError) -> Error {
    match error {
        CutError::IoError(error) => error.into(),
        _ => Error::Io {
            kind: io::ErrorKind::Other,
        },
    }
}
