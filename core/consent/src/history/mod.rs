//! The history: an append-only chain of what was asked, decided, shown and received, refusals included.
//!
//! Every entry carries the hash of the one before it. [`Head`] names the last: kept apart from the entries (and in the
//! signed heads of backups), it shows that none was cut off the end. A [`Checkpoint`] signs a head, and [`Evidence`] hands a
//! history to others. The history holds names of organisations, types and
//! hashes; never a value of the person's data.

mod chain;
mod checkpoint;
mod event;
mod evidence;

pub use chain::{Head, HistoryEntry, MAX_ENTRY, read, read_after};
pub use checkpoint::{Checkpoint, check as check_checkpoints};
pub use event::{DisclosedField, Event, ExportKind, PeerKind};
pub use evidence::{Evidence, MAX_EVIDENCE};
