//! Small files beside the vault, replaced as a whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use kist_crypto::{OsRandom, Secret};

use crate::{Error, Result};

/// The largest small file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Replaces a file: after a power cut it has the old bytes or the new ones. Durable when this returns.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        let staged = path.with_extension("new");
        let mut file = File::create(&staged)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&staged, path)?;
        sync_parent(path)
    };
    write().map_err(|error| from_io(&error))
}

/// Makes what was renamed or created in a folder durable.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// A path beside another, for what is not whole yet: nothing that stands there is touched.
pub(crate) fn staged(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let random = Secret::<8>::generate(&mut OsRandom);
    name.push(format!(".{:016x}.part", u64::from_be_bytes(*random.expose())));
    path.with_file_name(name)
}

/// A file's bytes; `None` where there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_FILE => Err(Error::new("Corrupt").with("part", "file")),
        Ok(_) => fs::read(path).map(Some).map_err(|error| from_io(&error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(from_io(&error)),
    }
}

/// When a file was last changed, where the system says so.
pub(crate) fn modified_ms(metadata: &Metadata) -> Option<i64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// The system's reason, without a path.
pub(crate) fn from_io(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::new("StorageFull"),
        io::ErrorKind::NotFound => Error::new("NotFound").with("what", "file"),
        kind => Error::new("Storage").with("reason", format!("{kind:?}")),
    }
}
