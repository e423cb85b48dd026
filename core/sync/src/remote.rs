//! The relay as this room sees it: a vault that a device is logged in to.

use std::future::Future;

use kist_wire::{BlobId, DeviceId, Frame};

/// What became of an attempt to swap the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// The new head stands.
    Done,
    /// The head was no longer the one named.
    Moved,
}

/// What became of an attempt to append to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Append {
    /// The entry stands.
    Done,
    /// Other bytes stand at that index.
    Taken,
}

/// How far long work has come, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all, as far as is known now.
    pub total: u64,
}

/// A vault on a relay. An acknowledged call is durable. Any future here may be dropped at any moment, and what it asked
/// for may happen all the same, also later. Several blobs are under way at once.
pub trait Remote: Send + Sync {
    /// What goes wrong on the way, beside what this room finds wrong.
    type Error: From<crate::Error> + Send;

    /// The head's bytes; `None` before the first.
    fn head(&self) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;

    /// Puts a head if the one that stands has the hash `previous` (`None`: if there is none).
    fn swap_head(
        &self,
        previous: Option<[u8; 32]>,
        head: Vec<u8>,
    ) -> impl Future<Output = Result<Swap, Self::Error>> + Send;

    /// Appends to the log of the device that is logged in. Appending the same bytes at the same index again is no error.
    fn append(&self, index: u64, entry: Vec<u8>) -> impl Future<Output = Result<Append, Self::Error>> + Send;

    /// Entries of a log from `from` on, as many as fit one reply; none at its end.
    fn log(&self, device: &DeviceId, from: u64) -> impl Future<Output = Result<Vec<Frame>, Self::Error>> + Send;

    /// Stores a blob. Storing the same bytes under the same id again is no error.
    fn put_blob(&self, id: &BlobId, bytes: Vec<u8>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Fetches a blob; `None` where there is none.
    fn blob(&self, id: &BlobId) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;
}
