//! Packs: the sealed chunks of files, put together so that a backup is few large blobs.

use kist_crypto::{SealingKey, sha256};
use kist_vault::{ChunkId, MAX_CHUNK};
use kist_wire::BlobId;
use serde::{Deserialize, Serialize};

use crate::encoding::hash;
use crate::{Error, Result};

/// A pack is closed when it has this many bytes or more; it is at most one chunk longer.
pub const PACK_BYTES: usize = 8 << 20;
const VERSION: u8 = 1;

/// A pack as the entry that brought it names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackRef {
    /// SHA-256 of its bytes, under which it lies on the relay: a pack that is sent twice lies there once.
    #[serde(with = "hash")]
    pub digest: [u8; 32],
    /// The chunks in it, in order, with their sealed lengths.
    pub chunks: Vec<(ChunkId, u32)>,
}

/// A pack that is being filled.
#[derive(Debug)]
pub(crate) struct PackBuilder {
    bytes: Vec<u8>,
    chunks: Vec<(ChunkId, u32)>,
}

impl PackBuilder {
    /// An empty pack, for chunks of `expected` bytes in all or for as many as fit.
    pub(crate) fn new(expected: u64) -> Self {
        let room = (PACK_BYTES + MAX_CHUNK + SealingKey::OVERHEAD) as u64;
        let mut bytes = Vec::with_capacity(1 + expected.min(room) as usize);
        bytes.push(VERSION);
        PackBuilder {
            bytes,
            chunks: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, id: ChunkId, sealed: &[u8]) {
        self.bytes.extend_from_slice(sealed);
        self.chunks.push((id, sealed.len() as u32));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= PACK_BYTES
    }

    /// How an entry names the pack, and its bytes.
    pub(crate) fn finish(self) -> (PackRef, Vec<u8>) {
        let reference = PackRef {
            digest: sha256(&[&self.bytes]),
            chunks: self.chunks,
        };
        (reference, self.bytes)
    }
}

impl PackRef {
    /// Its blob on the relay.
    pub fn blob(&self) -> BlobId {
        self.digest.into()
    }

    /// Its length in bytes.
    pub(crate) fn size(&self) -> u64 {
        1 + self.chunks.iter().map(|(_, length)| u64::from(*length)).sum::<u64>()
    }

    /// The chunks in the pack's bytes, which must be exactly those that were uploaded.
    pub(crate) fn split<'a>(&self, bytes: &'a [u8]) -> Result<Vec<(ChunkId, &'a [u8])>> {
        const MISMATCH: Error = Error::ManifestMismatch { what: "pack" };
        if sha256(&[bytes]) != self.digest {
            return Err(MISMATCH);
        }
        let (&version, mut rest) = bytes.split_first().ok_or(MISMATCH)?;
        if version != VERSION {
            return Err(Error::DowngradeRefused { found: version });
        }
        let mut chunks = Vec::with_capacity(self.chunks.len());
        for (id, length) in &self.chunks {
            let (chunk, after) = rest.split_at_checked(*length as usize).ok_or(MISMATCH)?;
            chunks.push((*id, chunk));
            rest = after;
        }
        if rest.is_empty() { Ok(chunks) } else { Err(MISMATCH) }
    }
}

/// One hash over all packs in use: SHA-256 of their digests in ascending order.
pub fn manifest(packs: impl IntoIterator<Item = [u8; 32]>) -> [u8; 32] {
    let mut digests: Vec<[u8; 32]> = packs.into_iter().collect();
    digests.sort_unstable();
    digests.dedup();
    sha256(&[digests.as_flattened()])
}
