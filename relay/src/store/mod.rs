//! The relay's storage: an embedded SQLite database, and a file for each blob.
//!
//! All SQL stands in this folder. Every method that returns `Ok` after a change has put it on the disk: the database
//! runs with a write-ahead log and `synchronous=FULL`, and a blob's file is synced before its row is written.

mod blobs;
mod files;
mod logins;
mod logs;
mod mailboxes;
mod recovery;
mod slots;
mod vaults;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kist_wire::{Digest, ErrorCode, Limits};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::failure::Failure;
use crate::{Error, Result};

pub(crate) use files::{Files, Incoming};
pub(crate) use logins::{NonceUse, Subject};
pub(crate) use vaults::HeadCondition;

/// What the methods below give: a value, or why the request fails.
pub(crate) type Outcome<T> = std::result::Result<T, Failure>;

/// Whether a request that may be repeated changed something or found it done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Now,
    Before,
}

/// Migrations in order: the database's `user_version` counts those applied. A released one never changes.
const MIGRATIONS: [&str; 2] = [include_str!("schema.sql"), include_str!("0002.sql")];

/// Readers kept open beside the one writer.
const IDLE_READERS: usize = 4;

/// The storage of one relay. Methods block: call them where blocking is allowed.
pub(crate) struct Store {
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    database: std::path::PathBuf,
    files: Files,
    limits: Limits,
    _lock: File,
}

impl Store {
    /// Opens the storage in `folder`, creates it where there is none, and removes what an interrupted upload left.
    pub(crate) fn open(folder: &Path, limits: Limits) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Error::DataFolder)?;
        let lock = lock_folder(folder)?;
        let database = folder.join("relay.db");
        let mut writer = connect(&database).map_err(Error::Database)?;
        migrate(&mut writer)?;
        let files = Files::open(folder).map_err(Error::DataFolder)?;
        files::sync_folder(folder).map_err(Error::DataFolder)?;
        let store = Self {
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            database,
            files,
            limits,
            _lock: lock,
        };
        store.sweep_files()?;
        Ok(store)
    }

    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// Whether the database answers.
    pub(crate) fn check(&self) -> Outcome<()> {
        self.read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?))
    }

    /// Removes what has expired.
    pub(crate) fn purge(&self, now: i64) -> Outcome<()> {
        self.write(|db| {
            db.execute("DELETE FROM nonces WHERE expires <= ?1", [now])?;
            db.execute("DELETE FROM sessions WHERE expires <= ?1", [now])?;
            db.execute("DELETE FROM recovery_sessions WHERE expires <= ?1", [now])?;
            db.execute("DELETE FROM sends WHERE expires <= ?1", [now])?;
            slots::purge(db, now)
        })
    }

    /// Runs `work` in the one writing transaction, committed and synced when it succeeds.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Outcome<T>) -> Outcome<T> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Runs `work` on a connection of its own, so that no reader waits for a writer's sync.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
        let idle = lock(&self.readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => connect(&self.database)?,
        };
        let outcome = work(&reader);
        let mut idle = lock(&self.readers);
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
        outcome
    }
}

/// A panic elsewhere leaves the connection usable: its transaction was rolled back when it was dropped.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Two relays on one folder would remove each other's uploads.
fn lock_folder(folder: &Path) -> Result<File> {
    let file = File::create(folder.join("lock")).map_err(Error::DataFolder)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::DataFolderInUse),
        Err(TryLockError::Error(error)) => Err(Error::DataFolder(error)),
    }
}

fn connect(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 10000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn migrate(db: &mut Connection) -> Result<()> {
    let found: usize = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(Error::Database)?;
    let pending = MIGRATIONS.get(found..).ok_or(Error::DataTooNew { found })?;
    for (step, sql) in pending.iter().enumerate() {
        let mut apply = || {
            let transaction = db.transaction()?;
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", found + step + 1)?;
            transaction.commit()
        };
        apply().map_err(Error::Database)?;
    }
    Ok(())
}

/// The single row of a query, where its absence means that there is no such thing.
trait OrNotFound<T> {
    fn or_not_found(self) -> Outcome<T>;
}

impl<T> OrNotFound<T> for rusqlite::Result<T> {
    fn or_not_found(self) -> Outcome<T> {
        self.map_err(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => ErrorCode::NotFound.into(),
            other => other.into(),
        })
    }
}

/// Whether a stored token hash is the one shown.
fn same(stored: &[u8], shown: &Digest) -> bool {
    stored == shown.as_bytes()
}
