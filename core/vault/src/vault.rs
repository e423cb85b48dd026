//! The vault: a folder with a sealed database and sealed chunks of files, and everything one does with it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use kist_crypto::{CryptoRng, RootKey, SealingKey};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::changes::{Change, ChangeSet};
use crate::files::{self, ChunkInfo, ChunkKeys, ChunkStore};
use crate::record::{Content, Correction, Filter, Record, RecordDraft, RecordSummary};
use crate::records::facets::{self, Facets};
use crate::records::read;
use crate::records::search::{self, Hit};
use crate::transaction::Transaction;
use crate::{ChunkId, Error, HybridTime, RecordId, Result, deferred, kept, log, migration, vfs};

/// The sealed database's name in the vault's folder.
pub(crate) const STORE: &str = "store.kist";
/// The folder of sealed chunks.
const FILES: &str = "files";
/// An empty file that an open vault holds a lock on.
const LOCK: &str = "lock";
/// How often the lock is tried for, and how long is waited after each: a second in all.
const LOCK_TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// How long SQLite waits for another connection. None of a vault's keeps another waiting for long.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 96;

/// An open vault. Calls block; threads may share it: reading does not wait for writing, writes wait for each other.
///
/// The folder holds `store.kist` (with `-wal` while open), `files/` and `lock`. One `Vault` has it open at a time, among
/// all processes.
pub struct Vault {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    chunks: Arc<ChunkStore>,
    /// What opens further connections.
    store_key: Mutex<SealingKey>,
    /// Held by whoever replaces the root key.
    pub(crate) rekeying: Mutex<()>,
    folder: PathBuf,
    store_id: [u8; 16],
    _lock: File,
}

impl Vault {
    /// Makes a vault in a folder, which is made too where it is missing.
    ///
    /// Errors: `AlreadyExists`, `InUse`, `DiskFull`, `Io`.
    pub fn create(folder: &Path, root: &RootKey) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = lock(folder)?;
        let store_key = root.store_key();
        let connection = vfs::create(&folder.join(STORE), &store_key)?;
        Self::start(folder, root, store_key, connection, lock)
    }

    /// Opens the vault in a folder, bringing it up to this build's version, and clears away what a crash left.
    ///
    /// Where [`Vault::rekey`] was cut off, the root key before and the new one may both open it. Opening it with the new
    /// one ends what was cut off: the one before opens it no more.
    ///
    /// Errors: `NotFound`, `KeyMismatch` for another vault's key, `Corrupt`, `UnsupportedVersion` for a vault of a later
    /// build, `InUse`, `DiskFull`, `Io`.
    pub fn open(folder: &Path, root: &RootKey) -> Result<Self> {
        Self::open_not_before(folder, root, 0)
    }

    /// As [`Vault::open`], but refuses a store whose [`Vault::generation`] is smaller than the one known: an older copy
    /// that was put back.
    ///
    /// Errors: `RolledBack`, and as [`Vault::open`]. A store that is refused is left as it is, byte for byte.
    pub fn open_not_before(folder: &Path, root: &RootKey, generation: u64) -> Result<Self> {
        let store = folder.join(STORE);
        if !store.is_file() {
            return Err(Error::NotFound { what: "vault" });
        }
        let lock = lock(folder)?;
        let store_key = root.store_key();
        let had_log = vfs::has_log(&store);
        let connection = vfs::open(&store, &store_key)?;
        if let Err(refused) = migration::examine(&connection, generation) {
            vfs::close_untouched(connection, &store, had_log)?;
            return Err(refused);
        }
        vfs::clear_away(&store)?;
        Self::start(folder, root, store_key, connection, lock)
    }

    fn start(folder: &Path, root: &RootKey, store_key: SealingKey, mut writer: Connection, lock: File) -> Result<Self> {
        vfs::settle_key(&writer, &store_key)?;
        migration::migrate(&mut writer)?;
        let reader = vfs::open(&folder.join(STORE), &store_key)?;
        for connection in [&writer, &reader] {
            connection.execute_batch("PRAGMA trusted_schema = OFF")?;
            // Else a bound value can make SQLite parse and plan a cached statement again at each use.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
        }
        reader.execute_batch("PRAGMA query_only = ON")?;
        let store_id = vfs::store_id(&writer)?;
        let chunk_keys = ChunkKeys::load(root, &writer)?;
        let chunks = Arc::new(ChunkStore::new(folder.join(FILES), chunk_keys));
        let vault = Vault {
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            chunks,
            store_key: Mutex::new(store_key),
            rekeying: Mutex::default(),
            folder: folder.to_owned(),
            store_id,
            _lock: lock,
        };
        vault.clear_away()?;
        Ok(vault)
    }

    /// Removes what a crash left: files that no record was given, chunks that nothing refers to.
    fn clear_away(&self) -> Result<()> {
        if self.read(files::table::has_unbound)? {
            self.transaction(0, |changes| changes.purge_unbound())?;
        }
        for known in self.read(deferred::known)? {
            self.transaction(0, |changes| changes.take_in_deferred(&known))?;
        }
        self.remove_garbage(&mut self.write_lock())?;
        if self.chunks.was_interrupted()? {
            let reader = self.read_lock();
            self.chunks.sweep(|id| files::table::is_wanted(&reader, id))?;
        }
        Ok(())
    }

    /// Closes the vault: the write-ahead log is folded in, keys are wiped. Dropping it does the same, in silence.
    pub fn lock(self) -> Result<()> {
        self.checkpoint(&self.write_lock())
    }

    /// The random id of this store; another device's vault of the same person has another.
    pub fn store_id(&self) -> [u8; 16] {
        self.store_id
    }

    /// How many transactions were committed: greater after every change. An older copy put back has a smaller one.
    pub fn generation(&self) -> Result<u64> {
        self.read(migration::generation)
    }

    /// Makes several changes together: all when `changes` returns `Ok`, else none.
    ///
    /// `now_ms` is the time of all of them: milliseconds since 1970 UTC. Inside, use the transaction alone: a change
    /// made through the vault itself would wait for this one to end.
    pub fn transaction<T, E: From<Error>>(
        &self,
        now_ms: i64,
        changes: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.write_lock();
        let transaction = Transaction::begin(&mut writer, now_ms)?;
        let value = changes(&transaction)?;
        let committed = transaction.commit()?;
        if committed.purged {
            // It is committed, so it did not fail; what cannot be cleared now is cleared later.
            let _ = self.remove_garbage(&mut writer).and_then(|()| self.checkpoint(&writer));
        }
        Ok(value)
    }

    /// Puts a new record, under a new id.
    ///
    /// Errors: `RecordInvalid` where the body breaks a schema known here, unless the draft keeps that (other schemas are
    /// taken as they are), `NotFound` for
    /// a file, `TooLarge`, `Malformed` for an empty schema, area or tag.
    pub fn put<R: CryptoRng + ?Sized>(&self, draft: RecordDraft, now_ms: i64, rng: &mut R) -> Result<Record> {
        self.transaction(now_ms, |changes| changes.put(draft, rng))
    }

    /// Puts many records at once: all or none, and much quicker than one by one.
    pub fn put_many<R: CryptoRng + ?Sized>(
        &self,
        drafts: impl IntoIterator<Item = RecordDraft>,
        now_ms: i64,
        rng: &mut R,
    ) -> Result<Vec<Record>> {
        self.transaction(now_ms, |changes| {
            drafts.into_iter().map(|draft| changes.put(draft, rng)).collect()
        })
    }

    /// Writes a new revision of a record; earlier ones are kept.
    ///
    /// Errors: as [`Vault::put`], and `NotFound` for the record.
    pub fn correct(&self, id: &RecordId, correction: Correction, now_ms: i64) -> Result<Record> {
        self.transaction(now_ms, |changes| changes.correct(id, correction))
    }

    /// Deletes a record with all its revisions, and its files that no other record has. Only the id stays, so that
    /// other devices delete it too; no content stays in any file of the folder (in the sealed log, until an export
    /// that is under way ends and the next deletion or closing empties it).
    ///
    /// Errors: `NotFound`.
    pub fn delete(&self, id: &RecordId, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.delete(id))
    }

    /// The record at its current revision.
    pub fn record(&self, id: &RecordId) -> Result<Option<Record>> {
        self.read(|sql| read::current(sql, id))
    }

    /// All revisions of a record, oldest first; none where there is no such record.
    pub fn revisions(&self, id: &RecordId) -> Result<Vec<Record>> {
        self.read(|sql| read::revisions(sql, id))
    }

    /// The revisions that no other replaced, oldest first: more than one where devices wrote in ignorance of each
    /// other. The last is the current one. A correction that `settles` ends the conflict.
    pub fn versions(&self, id: &RecordId) -> Result<Vec<Record>> {
        self.read(|sql| read::versions(sql, id))
    }

    /// All records that the filter lets through, the last written first.
    pub fn list(&self, filter: &Filter) -> Result<Vec<RecordSummary>> {
        self.read(|sql| read::list(sql, filter, None, None))
    }

    /// One page of [`Vault::list`]: at most `limit`, of those written before a time (the last page's last).
    pub fn list_page(&self, filter: &Filter, before: Option<HybridTime>, limit: u32) -> Result<Vec<RecordSummary>> {
        self.read(|sql| read::list(sql, filter, before, Some(limit)))
    }

    /// How many records in sight there are of each part of life, schema, tag and source.
    pub fn facets(&self) -> Result<Facets> {
        self.snapshot(facets::count)
    }

    /// What records in sight of a schema say, the newest first: at most `limit`, of those written before a time.
    pub fn newest(&self, schema: &str, before: Option<HybridTime>, limit: u32) -> Result<Vec<Content>> {
        self.read(|sql| read::newest(sql, schema, before, limit))
    }

    /// Finds records that have every word of `text`, the last as the beginning of a word, and every phrase in double
    /// quotes; letters match without their accents and in either case. Best first, at most `limit`, of the newest 2,000
    /// that match: what has the words in its title, then in its labels, then in its text; whole words, then beginnings;
    /// then the newer. Any text is a valid search.
    pub fn search(&self, text: &str, filter: &Filter, limit: u32) -> Result<Vec<Hit>> {
        self.snapshot(|sql| search::search(sql, text, filter, limit))
    }

    /// Keeps an item of another layer, in place of the one with the same collection and key. Collections that begin
    /// with [`crate::LOCAL`] stay on this device.
    pub fn keep(&self, collection: &str, key: &str, value: &[u8], now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.keep(collection, key, value))
    }

    /// A kept item.
    pub fn kept(&self, collection: &str, key: &str) -> Result<Option<Vec<u8>>> {
        self.read(|sql| kept::get(sql, collection, key))
    }

    /// The keys of a collection's items, in order; without their values, which may be large.
    pub fn kept_keys(&self, collection: &str) -> Result<Vec<String>> {
        self.read(|sql| kept::keys(sql, collection))
    }

    /// A collection's items with their keys, ordered by key.
    pub fn all_kept(&self, collection: &str) -> Result<Vec<(String, Vec<u8>)>> {
        self.read(|sql| kept::all(sql, collection))
    }

    /// Removes a kept item; `NotFound` where there is none.
    pub fn forget(&self, collection: &str, key: &str, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.forget(collection, key))
    }

    /// What this vault wrote after a position (0: from the first), in order: about `max_bytes` of it encoded, and at
    /// least one change where there is any. What was changed again since comes once, as it is now.
    pub fn changes_after(&self, position: u64, max_bytes: usize) -> Result<ChangeSet> {
        self.snapshot(|sql| log::changes_after(sql, position, max_bytes))
    }

    /// The position of the last change; 0 before the first.
    pub fn last_position(&self) -> Result<u64> {
        self.read(log::last_position)
    }

    /// Takes in changes of another vault, all or none. Doing it again changes nothing, and what is taken in is no
    /// change of this vault. The newer of two kept items stays; revisions written in ignorance of each other all stay,
    /// the newest being current; a deletion is final.
    ///
    /// Errors: `Malformed` and `TooLarge` for what no vault wrote.
    pub fn apply(&self, changes: &[Change]) -> Result<()> {
        self.transaction(0, |transaction| transaction.apply(changes))
    }

    /// Takes in changes of another store of the person, all or none, as changes of this vault: unlike those of
    /// [`Vault::apply`] they are in its log, so that its backup and its other devices get them. Files come before, by
    /// [`Vault::attach_again`].
    ///
    /// Errors: as [`Vault::apply`].
    pub fn adopt(&self, changes: &[Change]) -> Result<()> {
        self.transaction(0, |transaction| transaction.adopt(changes))
    }

    /// Whether a record was deleted here, or on another device.
    pub fn is_deleted(&self, id: &RecordId) -> Result<bool> {
        self.read(|sql| read::is_deleted(sql, id))
    }

    /// Every chunk that a file has, each once.
    pub fn chunk_ids(&self) -> Result<Vec<ChunkInfo>> {
        self.read(files::table::chunks)
    }

    /// The chunks of files that came into the change log after a position, each once, in their files' order.
    pub fn chunk_ids_after(&self, position: u64) -> Result<Vec<ChunkInfo>> {
        self.read(|sql| files::table::chunks_after(sql, position))
    }

    /// The chunks of [`Vault::chunk_ids`] that are not on the disk: what a restore still has to fetch.
    pub fn missing_chunks(&self) -> Result<Vec<ChunkInfo>> {
        let mut chunks = self.chunk_ids()?;
        chunks.retain(|chunk| !self.chunks.has(&chunk.id));
        Ok(chunks)
    }

    /// A chunk as it lies on the disk, which is how it lies on the relay. It is not authenticated here.
    ///
    /// Errors: `Corrupt` where it is missing.
    pub fn sealed_chunk(&self, id: &ChunkId) -> Result<Vec<u8>> {
        self.chunks.read_sealed(id)
    }

    /// Puts a chunk that another device sealed; see [`Vault::put_sealed_chunks`].
    pub fn put_sealed_chunk(&self, id: &ChunkId, sealed: &[u8]) -> Result<()> {
        self.put_sealed_chunks([(*id, sealed)])
    }

    /// Puts chunks that another device sealed, durably, each authenticated first. Many at once are much quicker than
    /// one by one. Take in the change with the file first: a chunk that no file has is swept at the next opening.
    ///
    /// Errors: `AuthenticationFailed` where the bytes are not the chunk of that id.
    pub fn put_sealed_chunks<B: AsRef<[u8]>>(&self, chunks: impl IntoIterator<Item = (ChunkId, B)>) -> Result<()> {
        let chunk_store = self.chunk_store()?;
        let mut batch = chunk_store.batch()?;
        let mut all_wanted = true;
        for (id, sealed) in chunks {
            batch.put_sealed(&id, sealed.as_ref())?;
            all_wanted = all_wanted && self.read(|sql| files::table::is_wanted(sql, &id))?;
        }
        batch.flush()?;
        if all_wanted {
            batch.settle();
        }
        Ok(())
    }

    /// A further connection to the store, for reading a whole state of it while others write.
    pub(crate) fn connect(&self) -> Result<Connection> {
        let connection = vfs::open(&self.folder.join(STORE), &self.store_key())?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        Ok(connection)
    }

    /// The chunks, with every key that the vault knows of: earlier ones can come from another device.
    pub(crate) fn chunk_store(&self) -> Result<Arc<ChunkStore>> {
        if let Some(keys) = self.read(|sql| self.chunks.keys().renewed(sql))? {
            self.chunks.set_keys(keys);
        }
        Ok(self.chunks.clone())
    }

    pub(crate) fn store_key(&self) -> MutexGuard<'_, SealingKey> {
        self.store_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(crate) fn chunks(&self) -> &ChunkStore {
        &self.chunks
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        read(&self.read_lock())
    }

    /// Several reads of one state.
    pub(crate) fn snapshot<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut reader = self.read_lock();
        let state = reader.transaction()?;
        read(&state)
    }

    /// Removes chunks from the disk that nothing refers to. Holding the writer keeps a file from being given one.
    fn remove_garbage(&self, writer: &mut Connection) -> Result<()> {
        let garbage = files::table::garbage(writer)?;
        if garbage.is_empty() {
            return Ok(());
        }
        self.chunks.remove(&garbage)?;
        let transaction = Transaction::begin(writer, 0)?;
        transaction.clear_garbage()?;
        transaction.commit()?;
        Ok(())
    }

    /// Folds the write-ahead log into the database and empties it, once no call reads. An export under way prevents it,
    /// and is not waited for; then the next deletion or closing does it.
    fn checkpoint(&self, writer: &Connection) -> Result<()> {
        let _reader = self.read_lock();
        writer.busy_timeout(Duration::ZERO)?;
        let done = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        writer.busy_timeout(BUSY)?;
        Ok(done?)
    }

    // A panic in a caller's closure rolls its transaction back, so a poisoned lock guards a sound connection.

    pub(crate) fn write_lock(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_lock(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds the folder against other vaults, until the file is dropped. A vault that was let go of may still be at its last
/// transaction, as where an app locks and is opened at once: that is waited for, a moment.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Err(Error::InUse)
}
