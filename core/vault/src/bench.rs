//! The sealed store without records, for benches that compare it with other databases. Behind the feature `bench`.

use std::path::Path;

use kist_crypto::RootKey;
use rusqlite::Connection;

use crate::{Result, vfs};

/// Makes a sealed database, configured as a vault's.
///
/// Errors: `AlreadyExists`, `DiskFull`, `Io`.
pub fn create(path: &Path, root: &RootKey) -> Result<Connection> {
    Ok(vfs::create(path, &root.store_key())?)
}
