//! A file's manifest: everything of it but the chunks themselves, as it travels.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::meta::{check_media_type, clean_name};
use super::{FileRef, MAX_CHUNK, MAX_FILE, MIN_CHUNK, Thumbnail, media_type};
use crate::record::MAX_NAME;
use crate::{ChunkId, Digest, Error, FileId, HybridTime, Result};

/// The most chunks of a file: one of the largest size in chunks of the smallest.
pub(super) const MAX_CHUNKS: usize = (MAX_FILE / MIN_CHUNK as u64) as usize + 1;

/// What a file is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The file.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub digest: Digest,
    /// When it was attached: milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Its chunks in order, each with the length of its plaintext in bytes.
    pub chunks: Vec<(ChunkId, u32)>,
    /// When it was last changed before it was attached, where that is known: milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_ms: Option<i64>,
    /// Its thumbnail, and when it was set: of two, the one set later stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<(HybridTime, Thumbnail)>,
}

impl Manifest {
    /// The file without the list of its chunks.
    pub fn file_ref(&self) -> FileRef {
        FileRef {
            id: self.id,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            digest: self.digest,
            chunks: self.chunks.len() as u32,
            modified_ms: self.modified_ms,
            has_thumbnail: self.thumbnail.is_some(),
        }
    }

    /// Refuses what no vault wrote.
    pub(crate) fn check(&self) -> Result<()> {
        for (what, text) in [("file name", &self.name), ("media type", &self.media_type)] {
            if text.len() > MAX_NAME {
                return Err(Error::TooLarge { what, limit: MAX_NAME });
            }
        }
        let size: u64 = self.chunks.iter().map(|(_, size)| u64::from(*size)).sum();
        let sizes_fit = self
            .chunks
            .iter()
            .all(|(_, size)| (1..=MAX_CHUNK as u32).contains(size));
        if self.chunks.len() > MAX_CHUNKS || size > MAX_FILE || size != self.size || !sizes_fit {
            return Err(Error::Malformed { what: "file manifest" });
        }
        self.thumbnail
            .as_ref()
            .map_or(Ok(()), |(_, thumbnail)| thumbnail.check())
    }

    /// With a name and a media type as [`super::FileMeta::check`] lets them through: what comes from elsewhere may have others.
    pub(crate) fn cleaned(&self) -> Cow<'_, Self> {
        let name = clean_name(&self.name);
        let is_type = check_media_type(&self.media_type).is_ok();
        if name == self.name && is_type {
            return Cow::Borrowed(self);
        }
        let mut clean = self.clone();
        clean.name = name;
        if !is_type {
            clean.media_type = media_type::UNKNOWN.to_owned();
        }
        Cow::Owned(clean)
    }

    /// About how many bytes the encoding has; never far below.
    pub(crate) fn approximate_size(&self) -> usize {
        let thumbnail = self.thumbnail.as_ref().map_or(0, |(_, thumbnail)| {
            64 + thumbnail.media_type.len() + thumbnail.bytes.len()
        });
        256 + self.name.len() + self.media_type.len() + 40 * self.chunks.len() + thumbnail
    }
}
