//! A file for each blob, under a random name: it shows nothing of the blob's id, and never changes once its row stands.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The name of a blob's file, as its row keeps it.
pub(crate) type FileName = [u8; 16];

/// Bytes compared at a time.
const COMPARE: usize = 256 * 1024;

/// The folder of blob files.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("blobs");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Begins a file. Unless it is kept, it is removed when the value is dropped.
    pub(crate) fn create(&self) -> io::Result<Incoming> {
        let mut name = FileName::default();
        getrandom::fill(&mut name)?;
        let path = self.path(&name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Incoming {
            file,
            path,
            name,
            size: 0,
            kept: false,
        })
    }

    pub(super) fn read(&self, name: &FileName) -> io::Result<File> {
        File::open(self.path(name))
    }

    /// Whether two files hold the same bytes.
    pub(super) fn equal(&self, one: &FileName, other: &FileName) -> io::Result<bool> {
        let (mut one, mut other) = (self.read(one)?, self.read(other)?);
        if one.metadata()?.len() != other.metadata()?.len() {
            return Ok(false);
        }
        let (mut left, mut right) = (vec![0; COMPARE], vec![0; COMPARE]);
        loop {
            let length = one.read(&mut left)?;
            if length == 0 {
                return Ok(true);
            }
            let (left, right) = (&left[..length], &mut right[..length]);
            other.read_exact(right)?;
            if left != right {
                return Ok(false);
            }
        }
    }

    /// Removes a file whose row is gone. What fails here is removed when the storage is next opened.
    pub(super) fn remove(&self, name: &FileName) {
        if let Err(error) = fs::remove_file(self.path(name)) {
            tracing::warn!(%error, "a blob's file could not be removed");
        }
    }

    /// Removes the files that `wanted` doesn't name.
    pub(super) fn sweep(&self, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(&wanted) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn path(&self, name: &FileName) -> PathBuf {
        self.folder.join(text(name))
    }
}

/// A file's name as it is written: hexadecimal, for file systems that don't tell upper case from lower.
pub(super) fn text(name: &FileName) -> String {
    name.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a folder's entries durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A blob on its way in.
#[derive(Debug)]
pub(crate) struct Incoming {
    file: File,
    path: PathBuf,
    name: FileName,
    size: u64,
    kept: bool,
}

impl Incoming {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn name(&self) -> &FileName {
        &self.name
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Returns once bytes and name are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()?;
        self.path.parent().map_or(Ok(()), sync_folder)
    }

    /// The row that names the file stands.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            // What fails here is removed when the storage is next opened.
            let _ = fs::remove_file(&self.path);
        }
    }
}
