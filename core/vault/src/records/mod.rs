//! Records in the store: read, written and found.

pub(crate) mod condition;
mod parts;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod text;
pub(crate) mod write;
