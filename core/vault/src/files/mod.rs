//! Attached files: cut into chunks by their content, each sealed and kept once, and read back as a stream.

mod attach;
mod chunk_store;
mod keys;
mod reader;
pub(crate) mod table;

pub(crate) use attach::attach;
pub(crate) use chunk_store::ChunkStore;
pub(crate) use keys::ChunkKeys;
pub use reader::FileReader;

use serde::{Deserialize, Serialize};

use crate::{ChunkId, Digest, FileId};

/// The smallest chunk but a file's last, in bytes.
pub(crate) const MIN_CHUNK: usize = 64 << 10;
/// What chunks come to on average, in bytes.
pub(crate) const AVERAGE_CHUNK: usize = 256 << 10;
/// The largest chunk, in bytes.
pub const MAX_CHUNK: usize = 1 << 20;

/// What the caller says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMeta {
    /// Its name, without folders.
    pub name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its id.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: Digest,
    /// How many chunks it has.
    pub chunks: u32,
}

/// A chunk as it lies on the disk and on the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkInfo {
    /// Its id.
    pub id: ChunkId,
    /// The length of its sealed bytes.
    pub sealed_size: u64,
}
