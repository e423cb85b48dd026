//! Sealed chunks on the disk: `files/<first two hex digits>/<chunk id>`, written aside, synced and renamed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;

use kist_crypto::{CryptoRng, SealingKey, SecretBytes};

use super::{ChunkKeys, MAX_CHUNK};
use crate::{ChunkId, Error, Part, Result};

/// The largest sealed chunk, in bytes.
const MAX_SEALED: usize = MAX_CHUNK + SealingKey::OVERHEAD;
/// How many chunks are synced at once: as many files are open meanwhile, and iOS allows a process 256.
const BATCH: usize = 64;
/// Syncs wait for the disk, not for a processor: several at a time are as quick as one.
const SYNCING_THREADS: usize = 8;

/// The folder of chunks.
pub(crate) struct ChunkStore {
    folder: PathBuf,
    keys: RwLock<Arc<ChunkKeys>>,
    /// Chunks that a file being attached counts on: not to be removed, though no row refers to them yet.
    pinned: Mutex<HashMap<ChunkId, usize>>,
    /// Folders with names that are not durable yet. Held while chunks get their names and these are made durable: whoever
    /// holds it after finds none half done, but for what failed, which the next one makes durable too.
    naming: Mutex<BTreeSet<PathBuf>>,
    next_aside: AtomicU64,
    #[cfg(test)]
    pub(super) faults: super::attach_test::Faults,
}

impl ChunkStore {
    pub(crate) fn new(folder: PathBuf, keys: ChunkKeys) -> Self {
        ChunkStore {
            folder,
            keys: RwLock::new(Arc::new(keys)),
            pinned: Mutex::default(),
            naming: Mutex::default(),
            next_aside: AtomicU64::new(0),
            #[cfg(test)]
            faults: Default::default(),
        }
    }

    /// The keys as they are now.
    pub(crate) fn keys(&self) -> Arc<ChunkKeys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with other keys.
    pub(crate) fn set_keys(&self, keys: ChunkKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// Asks the disk for something that needs room. Tests have it fail.
    fn ask<T>(&self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        #[cfg(test)]
        self.faults.next()?;
        call()
    }

    /// Where files are written before they get their names.
    fn aside(&self) -> PathBuf {
        self.folder.join("new")
    }

    fn path(&self, id: &ChunkId) -> PathBuf {
        let name = id.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    fn pins(&self) -> MutexGuard<'_, HashMap<ChunkId, usize>> {
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts writing chunks. Until the batch is dropped nothing removes them.
    pub(crate) fn batch(&self) -> Result<Batch<'_>> {
        self.make_folders()?;
        let marker = self.next_path(".batch");
        self.ask(|| File::create(&marker))?;
        Ok(Batch {
            store: self,
            marker,
            marked: false,
            pinned: HashSet::new(),
            staged: Vec::new(),
            settled: false,
        })
    }

    fn make_folders(&self) -> io::Result<()> {
        let mut owed = self.naming();
        if !self.aside().is_dir() {
            owed.extend(self.folder.parent().map(Path::to_owned));
            owed.insert(self.folder.clone());
            self.ask(|| fs::create_dir_all(self.aside()))?;
        }
        self.make_durable(&mut owed)
    }

    fn naming(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.naming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_durable(&self, owed: &mut BTreeSet<PathBuf>) -> io::Result<()> {
        let folders: Vec<&PathBuf> = owed.iter().collect();
        side_by_side(&folders, |folder| self.ask(|| sync_folder(folder)))?;
        owed.clear();
        Ok(())
    }

    /// A path for what is written aside, used by nothing else.
    fn next_path(&self, suffix: &str) -> PathBuf {
        let number = self.next_aside.fetch_add(1, Ordering::Relaxed);
        self.aside().join(format!("{number}{suffix}"))
    }

    /// The sealed bytes of a chunk; `Corrupt` where it is missing or larger than any chunk.
    pub(crate) fn read_sealed(&self, id: &ChunkId) -> Result<Vec<u8>> {
        let missing = Error::Corrupt { part: Part::Chunk };
        let file = match File::open(self.path(id)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing),
            Err(error) => return Err(error.into()),
        };
        let mut sealed = Vec::with_capacity(MAX_SEALED.min(file.metadata()?.len() as usize + 1));
        file.take(MAX_SEALED as u64 + 1).read_to_end(&mut sealed)?;
        if sealed.len() > MAX_SEALED {
            Err(missing)
        } else {
            Ok(sealed)
        }
    }

    /// The plaintext of a chunk.
    pub(super) fn read(&self, id: &ChunkId) -> Result<SecretBytes> {
        self.keys().open(id, &self.read_sealed(id)?)
    }

    pub(crate) fn has(&self, id: &ChunkId) -> bool {
        self.path(id).is_file()
    }

    /// Removes chunks that no row refers to, durably, but for those that a batch counts on.
    pub(crate) fn remove(&self, ids: &[ChunkId]) -> Result<()> {
        let mut folders = BTreeSet::new();
        for id in ids {
            let pins = self.pins();
            if !pins.contains_key(id) {
                folders.extend(remove(&self.path(id))?);
            }
        }
        folders.iter().try_for_each(|folder| Ok(sync_folder(folder)?))
    }

    /// Whether a batch was cut off by a crash, so that chunks may lie there that nothing refers to.
    pub(crate) fn was_interrupted(&self) -> Result<bool> {
        match fs::read_dir(self.aside()) {
            Ok(mut entries) => Ok(entries.next().is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes every file that is not a wanted chunk. Nothing else may use the store meanwhile.
    pub(crate) fn sweep(&self, wanted: impl Fn(&ChunkId) -> Result<bool>) -> Result<()> {
        for folder in fs::read_dir(&self.folder)? {
            let folder = folder?.path();
            if !folder.is_dir() || folder == self.aside() {
                continue;
            }
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
                if !matches!(id, Some(id) if wanted(&id)?) {
                    fs::remove_file(entry.path())?;
                }
            }
            sync_folder(&folder)?; // While what has a sweep done is still there.
        }
        fs::remove_dir_all(self.aside())?;
        Ok(())
    }
}

/// Chunks being written. Once flushed they are in place and durable. Dropped before it is settled, it leaves a marker
/// that has the next opening sweep what nothing refers to.
pub(crate) struct Batch<'a> {
    store: &'a ChunkStore,
    marker: PathBuf,
    /// The marker would be found after a power cut.
    marked: bool,
    /// The chunks counted on.
    pinned: HashSet<ChunkId>,
    staged: Vec<Staged>,
    settled: bool,
}

/// A chunk written aside.
struct Staged {
    file: File,
    aside: PathBuf,
    place: PathBuf,
}

impl Batch<'_> {
    /// The seed of the boundaries at which files are cut.
    pub(super) fn boundaries(&self) -> u64 {
        self.store.keys().boundaries()
    }

    /// Names, seals and writes a chunk, unless it is there.
    pub(super) fn put_plain<R: CryptoRng + ?Sized>(&mut self, plain: &[u8], rng: &mut R) -> Result<ChunkId> {
        let keys = self.store.keys();
        let id = keys.id(plain);
        if self.is_new(&id) {
            self.stage(&id, &keys.seal(&id, plain, rng))?;
        }
        Ok(id)
    }

    /// Writes a chunk that another device sealed, unless it is there.
    ///
    /// Errors: `AuthenticationFailed` where the bytes are not the chunk of this id.
    pub(crate) fn put_sealed(&mut self, id: &ChunkId, sealed: &[u8]) -> Result<()> {
        if sealed.len() > MAX_SEALED {
            return Err(Error::TooLarge {
                what: "chunk",
                limit: MAX_SEALED,
            });
        }
        self.store.keys().check(id, sealed)?;
        if self.is_new(id) {
            self.stage(id, sealed)?;
        }
        Ok(())
    }

    /// Pins the chunk, and says whether it has to be written.
    fn is_new(&mut self, id: &ChunkId) -> bool {
        if !self.pinned.insert(*id) {
            return false;
        }
        *self.store.pins().entry(*id).or_default() += 1;
        !self.store.has(id)
    }

    fn stage(&mut self, id: &ChunkId, sealed: &[u8]) -> Result<()> {
        let aside = self.store.next_path("");
        let mut file = self.store.ask(|| File::create(&aside))?;
        let written = self.store.ask(|| file.write_all(sealed));
        self.staged.push(Staged {
            file,
            aside,
            place: self.store.path(id),
        });
        written?;
        if self.staged.len() == BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Rows refer to the chunks now: nothing is left to sweep.
    pub(crate) fn settle(mut self) {
        self.settled = true;
    }

    /// Removes the chunks that this batch counted on, but for those that are `wanted`: also those that were there before,
    /// since what was deleted meanwhile was left for it. What another batch counts on stays too, and is looked at when the
    /// vault is next opened.
    pub(super) fn discard(mut self, wanted: impl Fn(&ChunkId) -> Result<bool>) -> Result<()> {
        let (mut all_gone, mut folders) = (true, BTreeSet::new());
        for id in self.pinned.iter().copied().collect::<Vec<_>>() {
            // Counted on no more in the same moment, so that a deletion from here on removes it itself.
            let mut pins = self.store.pins();
            self.pinned.remove(&id);
            if unpin(&mut pins, &id) {
                all_gone = false;
            } else if !wanted(&id)? {
                folders.extend(remove(&self.store.path(&id))?);
            }
        }
        for folder in folders {
            sync_folder(&folder)?;
        }
        self.settled = all_gone;
        Ok(())
    }

    /// Makes durable what was written so far, and what other batches wrote that this one counts on.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let store = self.store;
        side_by_side(&self.staged, |staged| store.ask(|| staged.file.sync_all()))?;
        let mut owed = store.naming();
        if !self.marked {
            store.ask(|| sync_folder(&store.aside()))?;
            self.marked = true;
        }
        while let Some(staged) = self.staged.pop() {
            staged.name(store, &mut owed)?;
        }
        Ok(store.make_durable(&mut owed)?)
    }
}

impl Staged {
    /// Gives a synced chunk its name; the folders that have to be synced for it are owed.
    fn name(self, store: &ChunkStore, owed: &mut BTreeSet<PathBuf>) -> Result<()> {
        let Staged { file, aside, place } = self;
        drop(file);
        let mut rename = || {
            if let Some(folder) = place.parent() {
                if !folder.is_dir() {
                    owed.insert(store.folder.clone());
                    store.ask(|| fs::create_dir_all(folder))?;
                }
                owed.insert(folder.to_owned());
            }
            store.ask(|| fs::rename(&aside, &place))
        };
        let renamed = rename();
        if renamed.is_err() {
            let _ = fs::remove_file(&aside); // What stays is swept at the next opening.
        }
        Ok(renamed?)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        for staged in self.staged.drain(..) {
            let _ = fs::remove_file(staged.aside); // What stays is swept at the next opening.
        }
        let mut pins = self.store.pins();
        for id in &self.pinned {
            unpin(&mut pins, id);
        }
        if self.settled {
            let _ = fs::remove_file(&self.marker);
        }
    }
}

/// One batch fewer counts on a chunk; says whether another still does.
fn unpin(pins: &mut HashMap<ChunkId, usize>, id: &ChunkId) -> bool {
    let Some(count) = pins.get_mut(id) else { return false };
    *count -= 1;
    if *count > 0 {
        return true;
    }
    pins.remove(id);
    false
}

/// Removes a file that may be gone already; gives its folder where it was there.
fn remove(path: &Path) -> Result<Option<PathBuf>> {
    match fs::remove_file(path) {
        Ok(()) => Ok(path.parent().map(Path::to_owned)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Does to each item what waits for the disk, several at a time.
fn side_by_side<T: Sync>(items: &[T], sync: impl Fn(&T) -> io::Result<()> + Sync) -> io::Result<()> {
    let share = items.len().div_ceil(SYNCING_THREADS);
    if share <= 1 {
        return items.iter().try_for_each(&sync);
    }
    thread::scope(|scope| {
        let sync = &sync;
        let parts: Vec<_> = items
            .chunks(share)
            .map(|part| thread::Builder::new().spawn_scoped(scope, move || part.iter().try_for_each(sync)))
            .collect();
        let join = |part: thread::ScopedJoinHandle<'_, io::Result<()>>| part.join();
        parts
            .into_iter()
            .try_for_each(|part| join(part?).unwrap_or_else(|_| Err(io::ErrorKind::Other.into())))
    })
}

/// Makes new names in a folder durable, where the platform has folders that can be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
