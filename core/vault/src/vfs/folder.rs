//! Names in a store's folder: what SQLite's own VFS does not do. Tests put a disk of their own in its place.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};

/// A folder with a store's files.
pub(super) trait Folder: Sync {
    /// Whether there is a file of this name.
    fn exists(&self, path: &Path) -> bool;

    /// Removes a file, where there is one.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, in place of the file that has it, durably: after a crash one or the other has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
}

/// The platform's.
pub(super) struct SystemFolder;

impl Folder for SystemFolder {
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        // Where the platform has folders that can be synced.
        if cfg!(unix)
            && let Some(folder) = path::absolute(to)?.parent()
        {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// The names that SQLite makes of a store's.
pub(super) const SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(OsStr::new(suffix));
    name.into()
}
