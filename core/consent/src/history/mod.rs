//! The history: an append-only chain of what was asked, decided, shown and received, refusals included.
//!
//! Every entry carries the hash of the one before it. [`Head`] names the last: kept apart from the entries (and in the
//! signed heads of backups), it shows that none was cut off the end. The history holds names of organisations, types and
//! hashes; never a value of the person's data.

mod chain;
mod event;

pub use chain::{Head, HistoryEntry, MAX_ENTRY, read, read_after};
pub use event::{DisclosedField, Event, ExportKind, PeerKind};
