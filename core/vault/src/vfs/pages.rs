//! The database file: our header, then SQLite's pages, each sealed in its place.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kist_crypto::page::{NonceSource, PAGE, Page, PageKey, PageSealer, RESERVED};
use kist_crypto::{OsRandom, SealingKey};
use rusqlite::ffi;
use zeroize::Zeroize;

use super::Refusal;
use super::below::{BelowFile, Filled};
use super::code::{Code, IoResult};
use super::handover::Intent;
use super::header::{HEADER, Header};
use super::scrub::{MAX_PAGES, scrubbed};

/// What `sqlite3BtreeOpen` reads of page 1 before it holds any lock.
const FILE_HEADER: usize = 100;
/// Where page 1 says whether the database has `auto_vacuum`.
const LARGEST_ROOT: usize = 52;
/// How often page 1 is read before it counts as damaged: until the log is open, a reader of page 1 can meet a
/// checkpoint that is just writing it.
const READS_OF_PAGE_ONE: usize = 8;

/// What the files of one connection to a store share.
pub(super) struct OpenStore {
    /// The store's id.
    pub(super) id: [u8; 16],
    /// What seals its pages and log headers.
    pub(super) sealer: PageSealer,
    checkpoint: Mutex<Checkpoint>,
}

/// A checkpoint, during which pages go from the log to the database as they are sealed: SQLite looks at none of them.
#[derive(Default)]
struct Checkpoint {
    running: bool,
    /// The page last read from the log: its number, tag and nonce.
    page: Option<(u32, [u8; RESERVED])>,
}

impl OpenStore {
    /// The store of this id and page key.
    pub(super) fn new(id: [u8; 16], key: &PageKey) -> Self {
        OpenStore {
            id,
            sealer: key.sealer(&id),
            checkpoint: Mutex::default(),
        }
    }

    fn checkpoint(&self) -> MutexGuard<'_, Checkpoint> {
        self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SQLite begins or ends a checkpoint on this connection.
    pub(super) fn set_checkpoint(&self, running: bool) {
        *self.checkpoint() = Checkpoint { running, page: None };
    }

    /// Whether pages of the log are read for a checkpoint, which writes each next: then SQLite is given them as they are
    /// sealed.
    pub(super) fn is_copying(&self) -> bool {
        self.checkpoint().running
    }

    /// SQLite was given a page of the log as it is sealed. Its frame's header has been opened, so that it is of this place
    /// and of this store.
    pub(super) fn copies(&self, number: u32, sealed: &Page) {
        self.checkpoint().page = sealed.last_chunk().map(|end| (number, *end));
    }

    /// Whether this is the page that was just read for a checkpoint; `None` when none is running.
    fn is_copied(&self, number: u32, page: &Page) -> Option<bool> {
        let checkpoint = self.checkpoint();
        let is_it = |(copied, end): &(u32, [u8; RESERVED])| *copied == number && page.ends_with(end);
        checkpoint.running.then(|| checkpoint.page.as_ref().is_some_and(is_it))
    }
}

/// A change of the store key.
pub(super) enum KeyChange {
    /// Another key is to open the store as well as the one held.
    Add {
        /// A key that opens the store.
        held: SealingKey,
        /// The key to be added.
        added: SealingKey,
    },
    /// The key held, if it was added last, is to be the only one.
    Settle {
        /// A key that opens the store.
        held: SealingKey,
    },
}

/// A store's database file.
pub(super) struct PageFile {
    file: BelowFile,
    header: Header,
    key: PageKey,
    store: Arc<OpenStore>,
    nonces: NonceSource,
}

impl PageFile {
    /// Makes or opens a store in a file just opened. The key is checked here: with a wrong one the log would look
    /// empty, and SQLite would delete it.
    pub(super) fn new(mut file: BelowFile, intent: Intent) -> IoResult<Result<Self, Refusal>> {
        let opened = match intent {
            Intent::Create { store, store_key } => Ok(create(&mut file, store, &store_key)?),
            Intent::Open { store_key } => open(&mut file, &store_key)?,
        };
        Ok(opened.map(|(header, key)| {
            let store = Arc::new(OpenStore::new(header.store(), &key));
            PageFile {
                file,
                header,
                key,
                store,
                nonces: NonceSource::new(),
            }
        }))
    }

    /// What the log of this connection needs.
    pub(super) fn store(&self) -> &Arc<OpenStore> {
        &self.store
    }

    /// The file below.
    pub(super) fn below(&mut self) -> &mut BelowFile {
        &mut self.file
    }

    /// Does to the header what a change of the store key asks for, and makes that durable.
    pub(super) fn change_key(&mut self, change: &KeyChange) -> IoResult<()> {
        let mut bytes = [0; HEADER];
        if self.file.read(&mut bytes, 0)? == Filled::Short {
            return Err(Code::CORRUPT);
        }
        // Another connection may have changed it since this one was opened.
        self.header = Header::decode(&bytes).map_err(|_| Code::CORRUPT)?;
        let (write, sync_anyway) = match change {
            // The added wrap may be there from an attempt that was cut off before it was synced.
            KeyChange::Add { held, added } => (self.header.add(&self.key, held, added, &mut OsRandom), true),
            KeyChange::Settle { held } => (Ok(self.header.settle(&self.key, held, &mut OsRandom)), false),
        };
        let write = write.map_err(|_| Code::AUTH)?;
        if let Some(slot) = &write {
            self.file.write(&slot.bytes, slot.offset)?;
        }
        if sync_anyway || write.is_some() {
            self.file.sync(ffi::SQLITE_SYNC_FULL)?;
        }
        Ok(())
    }

    /// Reads a page, or a part of one.
    pub(super) fn read(&mut self, buffer: &mut [u8], offset: u64) -> IoResult<()> {
        if offset == 0 && buffer.len() == FILE_HEADER {
            file_header(buffer);
            return Ok(());
        }
        let (number, within) = place(offset).ok_or(Code::READ)?;
        if let (0, Ok(page)) = (within, <&mut Page>::try_from(&mut *buffer)) {
            return self.read_page(number, page);
        }
        let part = within..within.checked_add(buffer.len()).ok_or(Code::READ)?;
        if part.end > PAGE {
            return Err(Code::READ);
        }
        if self.size()? <= offset {
            buffer.fill(0);
            return Err(Code::SHORT_READ);
        }
        let mut page = [0; PAGE];
        self.read_page(number, &mut page)?;
        buffer.copy_from_slice(&page[part]);
        page.zeroize();
        Ok(())
    }

    fn read_page(&mut self, number: u32, page: &mut Page) -> IoResult<()> {
        let reads = if number == 1 { READS_OF_PAGE_ONE } else { 1 };
        for _ in 0..reads {
            let filled = self.file.read(page, place_below(number))?;
            if filled == Filled::Whole && self.store.sealer.open_page(number, page).is_ok() {
                return Ok(());
            }
        }
        // A short read would become a page of zeros in SQLite; no page that it asks for may be missing.
        page.fill(0);
        Err(Code::CORRUPT)
    }

    /// Writes a page.
    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) -> IoResult<()> {
        let (number, within) = place(offset).ok_or(Code::WRITE)?;
        let page = <&Page>::try_from(bytes).map_err(|_| Code::WRITE)?;
        if within != 0 {
            return Err(Code::WRITE);
        }
        match self.store.is_copied(number, page) {
            Some(true) => {
                self.fill_up_to(number)?;
                self.file.write(page, place_below(number))
            }
            Some(false) => Err(Code::WRITE),
            None => {
                check_sealable(number, page)?;
                self.fill_up_to(number)?;
                self.seal(number, scrubbed(number, page).unwrap_or(*page))
            }
        }
    }

    /// Seals zeros into the pages that the file lacks before `number`, which SQLite would leave as a hole.
    fn fill_up_to(&mut self, number: u32) -> IoResult<()> {
        let present = self.size()? / PAGE as u64;
        for missing in present + 1..u64::from(number) {
            let missing = u32::try_from(missing).map_err(|_| Code::WRITE)?;
            self.seal(missing, [0; PAGE])?;
        }
        Ok(())
    }

    fn seal(&mut self, number: u32, mut page: Page) -> IoResult<()> {
        self.store.sealer.seal_page(number, &self.nonces.draw(), &mut page);
        self.file.write(&page, place_below(number))
    }

    /// Cuts the database, or grows it by sealed zeros.
    pub(super) fn truncate(&mut self, size: u64) -> IoResult<()> {
        let (next, within) = place(size).ok_or(Code::WRITE)?;
        if within != 0 {
            return Err(Code::WRITE);
        }
        self.fill_up_to(next)?;
        self.file.truncate(HEADER as u64 + size)
    }

    /// The database's size, without our header.
    pub(super) fn size(&mut self) -> IoResult<u64> {
        Ok(self.file.size()?.saturating_sub(HEADER as u64))
    }
}

fn create(file: &mut BelowFile, store: [u8; 16], store_key: &SealingKey) -> IoResult<(Header, PageKey)> {
    if file.size()? != 0 {
        return Err(Code::CANT_OPEN);
    }
    let key = PageKey::generate(&mut OsRandom);
    let header = Header::new(store, &key, store_key, &mut OsRandom);
    file.write(&header.encode(), 0)?;
    file.sync(ffi::SQLITE_SYNC_FULL)?;
    Ok((header, key))
}

fn open(file: &mut BelowFile, store_key: &SealingKey) -> IoResult<Result<(Header, PageKey), Refusal>> {
    let mut bytes = [0; HEADER];
    // Without its first page SQLite would take the store for an empty one, and delete its log.
    if file.read(&mut bytes, 0)? == Filled::Short || file.size()? < (HEADER + PAGE) as u64 {
        return Ok(Err(Refusal::Corrupt));
    }
    Ok(Header::decode(&bytes).and_then(|header| {
        let key = header.unlock(store_key)?;
        Ok((header, key))
    }))
}

/// What SQLite learns of the database before it locks it: page size and reserved bytes. It reads everything again
/// once it holds a lock; page 1 itself could be half written, and its newest version may lie in the log.
fn file_header(buffer: &mut [u8]) {
    buffer.fill(0);
    buffer[..16].copy_from_slice(b"SQLite format 3\0");
    buffer[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    buffer[18..24].copy_from_slice(&[2, 2, RESERVED as u8, 64, 32, 32]);
}

/// Refuses a page that sealing would damage: one that uses the reserved bytes, such as comes from a database that is
/// not sealed, and a database with `auto_vacuum`, whose pages could be mistaken for others ([`super::scrub`]).
pub(super) fn check_sealable(number: u32, page: &Page) -> IoResult<()> {
    if number > MAX_PAGES {
        return Err(Code::FULL);
    }
    let reserved_unused = page[PAGE - RESERVED..].iter().all(|&byte| byte == 0);
    let reserves = number != 1 || usize::from(page[20]) == RESERVED;
    let auto_vacuum = number == 1 && page[LARGEST_ROOT..LARGEST_ROOT + 4] != [0; 4];
    if reserved_unused && reserves && !auto_vacuum {
        Ok(())
    } else {
        Err(Code::WRITE)
    }
}

/// The number of the page that holds this byte, and the byte's place in it.
fn place(offset: u64) -> Option<(u32, usize)> {
    let page = PAGE as u64;
    let number = u32::try_from(offset / page).ok()?.checked_add(1)?;
    Some((number, usize::try_from(offset % page).ok()?))
}

/// Where a page lies in the file below.
fn place_below(number: u32) -> u64 {
    HEADER as u64 + u64::from(number.saturating_sub(1)) * PAGE as u64
}
