//! The sealed store under SQLite: a VFS that seals each page of the database, each frame of its write-ahead log and each
//! piece of its rollback journal, so that nothing is readable on disk, and what is read is what was written there.
//! docs/formats/store.md has the bytes.
//!
//! [`create`] and [`open`] give connections that are configured for a store, with a write-ahead log; several can be open
//! at once, one of them writing at a time. Temporary files never reach the disk: they are kept in memory, and the VFS
//! refuses to open any.

mod below;
mod code;
mod folder;
mod handover;
mod header;
mod journal;
mod log;
mod pages;
mod reseal;
mod scrub;
mod shim;
#[cfg(test)]
mod tests;

use std::ffi::{CStr, c_int, c_void};
use std::io;
use std::ops::ControlFlow;
use std::path::{self, Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

use kist_crypto::{OsRandom, SealingKey, Secret};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

use folder::{Folder, SUFFIXES, SystemFolder, with_suffix};
use handover::{Intent, Refusal};
use pages::KeyChange;
pub(crate) use reseal::Progress;

/// Why a store was not made or opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The store key is not the one of this store.
    #[error("the key is not the one of this store")]
    KeyMismatch,
    /// The file is damaged, cut short or no store.
    #[error("the store is damaged")]
    Corrupt,
    /// The store's format is one that this build does not read.
    #[error("unsupported store format {found}")]
    UnsupportedVersion {
        /// The version found.
        found: u32,
    },
    /// There is a file at the new store's path.
    #[error("there is a store already")]
    AlreadyExists,
    /// There is no file at the store's path.
    #[error("there is no store")]
    NotFound,
    /// A connection to the store is open.
    #[error("the store is in use")]
    InUse,
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// SQLite could not do it: disk full, busy, no permission.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
    /// The file system could not do it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{AuthorizationForStatementDenied, DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Error::Corrupt,
            Some(AuthorizationForStatementDenied) => Error::KeyMismatch,
            _ => Error::Sqlite(error),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::KeyMismatch => Error::KeyMismatch,
            Refusal::Corrupt => Error::Corrupt,
            Refusal::UnsupportedVersion { found } => Error::UnsupportedVersion { found },
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Makes a store at `path`, with a fresh id, whose page key `store_key` wraps, and opens it. It is at `path` whole, and
/// durable, or not at all.
///
/// Errors: `AlreadyExists`; `Io` and `Sqlite` when the disk fails.
pub(crate) fn create(path: &Path, store_key: &SealingKey) -> Result<Connection> {
    Vfs::system()?.create(path, store_key)
}

/// Opens the store at `path`. Call it again for each further connection.
///
/// Errors: `NotFound`; `KeyMismatch` for the key of another store; `Corrupt`; `UnsupportedVersion`; `Sqlite` when the
/// disk fails.
pub(crate) fn open(path: &Path, store_key: &SealingKey) -> Result<Connection> {
    Vfs::system()?.open(path, store_key)
}

/// Seals the store at `path` anew, under a new page key. The caller sees to it that no connection to it is open. Whatever
/// is cut off, the store is the old one or the new one, whole; what is left beside it the next call removes, and
/// [`clear_away`].
///
/// Errors: as [`open`]; `Cancelled`; `InUse`.
pub(crate) fn reseal(
    path: &Path,
    store_key: &SealingKey,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    Vfs::system()?.reseal(path, store_key, progress)
}

/// Removes what a creation or a [`reseal`] that was cut off left beside the store. Neither may be under way.
pub(crate) fn clear_away(path: &Path) -> Result<()> {
    Vfs::system()?.clear_fresh(path).map(|_| ())
}

/// Whether the store at `path` was left with a write-ahead log.
pub(crate) fn has_log(path: &Path) -> bool {
    with_suffix(path, "-wal").exists()
}

/// Closes the only connection to a store without folding in the log. Where there was none before, the empty one and its
/// index are removed.
pub(crate) fn close_untouched(connection: Connection, path: &Path, had_log: bool) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.close().map_err(|(_, error)| error)?;
    if !had_log {
        for suffix in ["-wal", "-shm"] {
            match std::fs::remove_file(with_suffix(path, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The id of the store that this connection is to.
pub(crate) fn store_id(connection: &Connection) -> Result<[u8; 16]> {
    let mut store = [0; 16];
    control(connection, shim::CONTROL_STORE_ID, (&raw mut store).cast())?;
    Ok(store)
}

/// Lets `added` open the store as well as `held`, durably; whatever was added before and is not held opens it no more.
/// A crash leaves a store that `held` opens, and `added` perhaps. Connections stay open.
///
/// Errors: `KeyMismatch` when `held` does not open the store; `Sqlite` when the disk fails.
pub(crate) fn add_key(connection: &Connection, held: &SealingKey, added: &SealingKey) -> Result<()> {
    let (held, added) = (held.clone(), added.clone());
    change_key(connection, &KeyChange::Add { held, added })
}

/// Makes `held`, if it is the key that was added last, the only one that opens the store, durably. A crash leaves a
/// store that `held` opens.
pub(crate) fn settle_key(connection: &Connection, held: &SealingKey) -> Result<()> {
    change_key(connection, &KeyChange::Settle { held: held.clone() })
}

fn change_key(connection: &Connection, change: &KeyChange) -> Result<()> {
    // SQLite's write lock keeps two connections from choosing the same slot.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let changed = control(
        connection,
        shim::CONTROL_CHANGE_KEY,
        ptr::from_ref(change).cast_mut().cast(),
    );
    connection.execute_batch("ROLLBACK")?;
    changed
}

/// Passes a control of our own to the database file of a connection.
#[allow(unsafe_code)] // rusqlite has no call for file controls.
fn control(connection: &Connection, operation: c_int, argument: *mut c_void) -> Result<()> {
    // SAFETY: the connection is open, and each caller gives what `shim::file_control` reads for its operation. To the
    // files of another VFS these operations are unknown.
    let code = unsafe { ffi::sqlite3_file_control(connection.handle(), c"main".as_ptr(), operation, argument) };
    code::Code::check(code).map_err(|code| rusqlite::Error::SqliteFailure(ffi::Error::new(code.0), None).into())
}

/// A sealing VFS, registered with SQLite, and the folders of its files.
#[derive(Clone, Copy)]
struct Vfs {
    name: &'static CStr,
    folder: &'static dyn Folder,
}

impl Vfs {
    /// The one over the platform's files.
    fn system() -> Result<Self> {
        static REGISTERED: OnceLock<std::result::Result<(), code::Code>> = OnceLock::new();
        let name = c"kist";
        // A store is of one process, so its connections share their locks and the index of the log in memory: no file
        // for them is on disk, and reading takes no system call for them.
        let below = cfg!(unix).then_some(c"unix-excl");
        let registered = *REGISTERED.get_or_init(|| shim::register(name, below));
        registered.map_err(|code| rusqlite::Error::SqliteFailure(ffi::Error::new(code.0), None))?;
        let folder = &SystemFolder;
        Ok(Vfs { name, folder })
    }

    fn create(self, path: &Path, store_key: &SealingKey) -> Result<Connection> {
        if self.folder.exists(path) {
            return Err(Error::AlreadyExists);
        }
        let fresh = self.clear_fresh(path)?;
        let id = Secret::<16>::generate(&mut OsRandom);
        self.create_in_place(&fresh, *id.expose(), store_key)?
            .close()
            .map_err(|(_, error)| error)?;
        self.folder.rename(&fresh, path)?;
        self.open(path, store_key)
    }

    /// Removes what is at the name that a store is made under, and gives the name.
    fn clear_fresh(self, path: &Path) -> Result<PathBuf> {
        let fresh = with_suffix(path, ".new");
        self.folder.remove(&fresh)?;
        for suffix in SUFFIXES {
            self.folder.remove(&with_suffix(&fresh, suffix))?;
        }
        Ok(fresh)
    }

    /// Makes a store in an empty file, or in none. A crash can leave half of it.
    fn create_in_place(self, path: &Path, store: [u8; 16], store_key: &SealingKey) -> Result<Connection> {
        let connection = self.connect_fresh(path, store, store_key)?;
        // Nothing to roll back to until the log is there.
        connection.execute_batch("PRAGMA journal_mode = MEMORY")?;
        configure(&connection)?;
        Ok(connection)
    }

    /// The first connection to a store in an empty file, or in none.
    fn connect_fresh(self, path: &Path, store: [u8; 16], store_key: &SealingKey) -> Result<Connection> {
        let intent = Intent::Create {
            store,
            store_key: store_key.clone(),
        };
        self.connect(path, OpenFlags::SQLITE_OPEN_CREATE, intent)
    }

    fn open(self, path: &Path, store_key: &SealingKey) -> Result<Connection> {
        let connection = self.connect_existing(path, store_key)?;
        configure(&connection)?;
        Ok(connection)
    }

    /// A connection as SQLite makes it, in whatever journal mode the store is.
    fn connect_existing(self, path: &Path, store_key: &SealingKey) -> Result<Connection> {
        if !self.folder.exists(path) {
            return Err(Error::NotFound);
        }
        let intent = Intent::Open {
            store_key: store_key.clone(),
        };
        self.connect(path, OpenFlags::empty(), intent)
    }

    fn connect(self, path: &Path, flags: OpenFlags, intent: Intent) -> Result<Connection> {
        let path = path::absolute(path)?; // Never taken for a URI.
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (connection, refusal) =
            handover::during(intent, || Connection::open_with_flags_and_vfs(&path, flags, self.name));
        match refusal {
            Some(refusal) => Err(refusal.into()),
            None => Ok(connection?),
        }
    }
}

/// Sets what every connection to a store needs.
fn configure(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(CONFIGURATION)?)
}

const CONFIGURATION: &str = "PRAGMA temp_store = MEMORY;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON; -- On Apple's systems a plain fsync does not reach the disk.
    PRAGMA journal_mode = WAL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -8192; -- KiB";
