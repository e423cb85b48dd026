//! Zip files (PKWARE APPNOTE 6.3.10), as much as an archive takes: stored and deflated entries, UTF-8 names, Zip64.
//!
//! Written and read as a stream. What is written has no data descriptors: each local header says sizes and checksum, so
//! that the directory is made from them and none of it is kept in memory.

mod crc;
mod read;
mod write;

pub(super) use read::{Entry, EntryReader, ZipReader, is_damage};
pub(super) use write::{Digest, DosTime, ZipWriter, hex};

/// Signatures of the structures, little-endian.
mod signature {
    pub(super) const LOCAL: u32 = 0x0403_4b50;
    pub(super) const CENTRAL: u32 = 0x0201_4b50;
    pub(super) const END: u32 = 0x0605_4b50;
    pub(super) const END_64: u32 = 0x0606_4b50;
    pub(super) const LOCATOR_64: u32 = 0x0706_4b50;
}

/// Bytes of the fixed part of a local header.
const LOCAL_HEADER: usize = 30;
/// Bytes of the fixed part of an entry of the directory.
const CENTRAL_HEADER: usize = 46;
/// Bytes of the end of the directory, without a comment.
const END: usize = 22;
/// Bytes of the Zip64 end of the directory.
const END_64: usize = 56;
/// Bytes of what says where that one is.
const LOCATOR_64: usize = 20;
/// General purpose bit 11: the name is UTF-8.
const UTF_8: u16 = 1 << 11;
/// General purpose bit 0: encrypted by zip's own means.
const ENCRYPTED: u16 = 1;
/// The extra field with sizes and offsets of 64 bits.
const EXTRA_64: u16 = 0x0001;
/// What stands in a field of 32 bits whose value is in that extra field.
const IN_EXTRA: u32 = u32::MAX;
/// The longest name of an entry, in bytes.
pub(super) const MAX_ENTRY_NAME: usize = 1024;

/// How an entry is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// As it is.
    Stored,
    /// By DEFLATE (RFC 1951).
    Deflated,
}

impl Method {
    fn number(self) -> u16 {
        match self {
            Method::Stored => 0,
            Method::Deflated => 8,
        }
    }

    fn from_number(number: u16) -> Option<Self> {
        match number {
            0 => Some(Method::Stored),
            8 => Some(Method::Deflated),
            _ => None,
        }
    }
}

/// Little-endian numbers read off the front of a slice; zero beyond its end, which callers have checked.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((bytes, rest)) => {
                self.0 = rest;
                *bytes
            }
            None => {
                self.0 = &[];
                [0; N]
            }
        }
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests;
