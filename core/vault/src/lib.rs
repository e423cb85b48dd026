//! Data layer: the encrypted store of records, schemas, files, search and change log.

#[allow(dead_code)] // Until the records above it are there.
mod vfs;
