//! Records in the store: read, written and found.

pub(crate) mod condition;
pub(crate) mod facets;
mod parts;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod text;
pub(crate) mod write;
