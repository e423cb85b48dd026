//! Standing access (C4): what a person agreed that an organisation may read on is told to it when it changes, and when it
//! asks.

pub(in crate::person) mod reads;
pub(crate) mod updates;

pub use self::reads::{ReadInfo, ReadState};
