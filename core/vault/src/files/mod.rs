//! Attached files: cut into chunks by their content, each sealed and kept once, and read back as a stream or by ranges.

mod attach;
#[cfg(test)]
mod attach_test;
mod chunk_store;
mod keys;
mod manifest;
mod media_type;
mod meta;
mod reader;
pub(crate) mod table;
mod vault;

pub(crate) use chunk_store::ChunkStore;
pub(crate) use keys::ChunkKeys;
pub use manifest::Manifest;
pub use media_type::detect as detect_media_type;
pub use meta::{FileMeta, Thumbnail};
pub use reader::FileReader;

use serde::{Deserialize, Serialize};

use crate::{ChunkId, Digest, FileId, RecordId};

/// The smallest chunk but a file's last, in bytes.
pub(crate) const MIN_CHUNK: usize = 64 << 10;
/// What chunks come to on average, in bytes.
pub(crate) const AVERAGE_CHUNK: usize = 256 << 10;
/// The largest chunk, in bytes.
pub const MAX_CHUNK: usize = 1 << 20;
/// The largest file, in bytes: 4 GiB.
pub const MAX_FILE: u64 = 4 << 30;
/// The longest name of a file, in bytes.
pub const MAX_FILE_NAME: usize = 255;
/// The largest thumbnail, in bytes.
pub const MAX_THUMBNAIL: usize = 64 << 10;

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its id.
    pub id: FileId,
    /// Its name, without folders.
    pub name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: Digest,
    /// How many chunks it has.
    pub chunks: u32,
    /// When it was last changed before it was attached, where that is known: milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_ms: Option<i64>,
    /// There is a [`crate::Vault::thumbnail`] of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_thumbnail: bool,
}

/// A file, and the records that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUse {
    /// The file.
    pub file: FileRef,
    /// When it was attached: milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// The records that have it in their current revision or an earlier one; at least one.
    pub records: Vec<RecordId>,
}

/// What the files of a vault take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileSpace {
    /// How many files records have.
    pub files: u64,
    /// Their lengths in all, in bytes.
    pub bytes: u64,
    /// What they take on the disk, in bytes: content that several have lies there once.
    pub stored: u64,
}

/// A chunk as it lies on the disk and on the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkInfo {
    /// Its id.
    pub id: ChunkId,
    /// The length of its sealed bytes.
    pub sealed_size: u64,
}
