//! The rollback journal: what SQLite writes, piece by piece, each sealed where it is appended. Nothing that was written
//! is ever written over while the journal is in use, so that no torn write damages what was synced before.
//!
//! SQLite reads and rewrites any part of its journal; an index in memory says which piece has a byte now. After a
//! crash the pieces are read again, up to the first that does not authenticate: those behind it were not synced.

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_crypto::page::{JournalPlace, NonceSource, PAGE, RESERVED};
use rusqlite::ffi;
use zeroize::Zeroize;

use super::below::{BelowFile, Filled};
use super::code::{Code, IoResult};
use super::pages::OpenStore;

/// What a journal in use begins with: what it is, and its format's version.
const PREFIX: [u8; 8] = *b"KistJrn\x01";
/// Bytes of what says that it is in use: prefix, journal id. They lie in one sector, and no piece does.
const START: usize = PREFIX.len() + size_of::<JournalId>();
/// Where the first piece lies.
const PIECES: u64 = 512;
/// Bytes of a piece's head: the offset that SQLite wrote at, the length.
const HEAD: usize = 12;
const SEALED_HEAD: usize = HEAD + RESERVED;
/// The most that SQLite writes to a journal at once, in bytes.
const MAX_PIECE: usize = 16 * PAGE;

type JournalId = [u8; 16];

/// A rollback journal.
pub(super) struct JournalFile {
    file: BelowFile,
    store: Arc<OpenStore>,
    nonces: NonceSource,
    /// `None` while the journal is empty, whatever lies in the file.
    journal: Option<JournalId>,
    /// It is only read: what SQLite writes next begins another. So it is with one that a crash left, else what was torn
    /// off behind its end could be taken for the end of what is written there; and where emptying it failed half-way.
    read_only: bool,
    /// Where the next piece goes.
    end: u64,
    /// What SQLite sees, by its offset; none overlaps another.
    extents: BTreeMap<u64, Extent>,
}

/// Bytes that SQLite sees, and which part of which piece has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    length: u64,
    piece: u64,
    skip: u64,
}

/// A piece opened.
struct Piece {
    offset: u64,
    /// The bytes that SQLite wrote, then tag and nonce.
    body: Vec<u8>,
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

impl JournalFile {
    /// The journal of an open store, with what a crash left in it.
    ///
    /// Errors: `CORRUPT` for a journal of a later format: to take it for empty would damage the store.
    pub(super) fn new(file: BelowFile, store: Arc<OpenStore>) -> IoResult<Self> {
        let mut journal = JournalFile {
            file,
            store,
            nonces: NonceSource::new(),
            journal: None,
            read_only: false,
            end: PIECES,
            extents: BTreeMap::new(),
        };
        let mut start = [0; START];
        journal.file.read(&mut start, 0)?;
        let (prefix, id) = start.split_at(PREFIX.len());
        if prefix == PREFIX {
            journal.journal = id.try_into().ok();
            journal.read_only = true;
            journal.recover()?;
        } else if prefix.starts_with(&PREFIX[..7]) {
            return Err(Code::CORRUPT);
        }
        Ok(journal)
    }

    /// The file below.
    pub(super) fn below(&mut self) -> &mut BelowFile {
        &mut self.file
    }

    /// Indexes the pieces in the file.
    fn recover(&mut self) -> IoResult<()> {
        while let Some(piece) = self.piece(self.end)? {
            self.index(piece.offset, piece.written().len());
        }
        Ok(())
    }

    /// Reads what SQLite wrote; gaps between are zeros.
    pub(super) fn read(&mut self, buffer: &mut [u8], offset: u64) -> IoResult<()> {
        let end = offset.checked_add(buffer.len() as u64).ok_or(Code::READ)?;
        buffer.fill(0);
        let found: Vec<_> = self.overlapping(offset, end).collect();
        for (start, extent) in found {
            let piece = self.piece(extent.piece)?.ok_or(Code::CORRUPT)?;
            let (from, to) = (start.max(offset), (start + extent.length).min(end));
            let within = extent.skip + (from - start);
            let bytes = piece
                .written()
                .get(within as usize..(within + (to - from)) as usize)
                .ok_or(Code::CORRUPT)?;
            buffer[(from - offset) as usize..(to - offset) as usize].copy_from_slice(bytes);
        }
        if end > self.size() {
            Err(Code::SHORT_READ)
        } else {
            Ok(())
        }
    }

    /// Appends a piece. Zeros at the beginning are how SQLite says that the journal is done with.
    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) -> IoResult<()> {
        if bytes.len() > MAX_PIECE || offset.checked_add(bytes.len() as u64).is_none() {
            return Err(Code::WRITE);
        }
        if offset == 0 && bytes.iter().all(|&byte| byte == 0) {
            return self.clear();
        }
        let journal = match self.journal {
            Some(journal) if !self.read_only => journal,
            _ => self.begin()?,
        };
        let mut sealed = vec![0; SEALED_HEAD + bytes.len() + RESERVED];
        let (head, body) = sealed.split_at_mut(SEALED_HEAD);
        head[..8].copy_from_slice(&offset.to_be_bytes());
        head[8..HEAD].copy_from_slice(&(bytes.len() as u32).to_be_bytes());
        body[..bytes.len()].copy_from_slice(bytes);
        let place = head_place(journal, self.end);
        let head_tag = self.store.sealer.seal_journal(&place, &self.nonces.draw(), head);
        let place = JournalPlace { head_tag, ..place };
        self.store.sealer.seal_journal(&place, &self.nonces.draw(), body);
        self.file.write(&sealed, self.end)?;
        self.index(offset, bytes.len());
        Ok(())
    }

    /// Empties the journal; SQLite cuts it in no other way while it is in use.
    pub(super) fn truncate(&mut self, size: u64) -> IoResult<()> {
        if self.journal.is_some() {
            if size != 0 {
                return Err(Code::WRITE);
            }
            // The disk may forget the end of the file before its beginning, and half a journal would be played back.
            self.clear()?;
            self.file.sync(ffi::SQLITE_SYNC_FULL)?;
        }
        self.file.truncate(0)
    }

    /// The size as SQLite counts it.
    pub(super) fn size(&self) -> u64 {
        let last = self.extents.last_key_value();
        last.map_or(0, |(start, extent)| start + extent.length)
    }

    /// Begins a journal in the file, over what lies there.
    fn begin(&mut self) -> IoResult<JournalId> {
        let mut journal = JournalId::default();
        journal.copy_from_slice(&self.nonces.draw()[..size_of::<JournalId>()]);
        let mut start = [0; START];
        start[..PREFIX.len()].copy_from_slice(&PREFIX);
        start[PREFIX.len()..].copy_from_slice(&journal);
        self.file.write(&start, 0)?;
        self.reset(Some(journal));
        Ok(journal)
    }

    /// Takes back that the journal is in use, in one sector.
    fn clear(&mut self) -> IoResult<()> {
        if self.journal.is_some() {
            self.read_only = true;
            self.file.write(&[0; START], 0)?;
            self.reset(None);
        }
        Ok(())
    }

    fn reset(&mut self, journal: Option<JournalId>) {
        self.journal = journal;
        self.read_only = false;
        self.end = PIECES;
        self.extents.clear();
    }

    /// The piece that lies here, or `None` where none authenticates.
    fn piece(&mut self, position: u64) -> IoResult<Option<Piece>> {
        let Some(journal) = self.journal else { return Ok(None) };
        let mut head = [0; SEALED_HEAD];
        if self.file.read(&mut head, position)? == Filled::Short {
            return Ok(None);
        }
        let place = head_place(journal, position);
        let Ok(head_tag) = self.store.sealer.open_journal(&place, &mut head) else {
            return Ok(None);
        };
        let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = head;
        let offset = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let length = u32::from_be_bytes([i, j, k, l]) as usize;
        let mut piece = Piece {
            offset,
            body: vec![0; length.min(MAX_PIECE) + RESERVED],
        };
        let whole = self.file.read(&mut piece.body, position + SEALED_HEAD as u64)? == Filled::Whole;
        let place = JournalPlace { head_tag, ..place };
        let opened = whole && self.store.sealer.open_journal(&place, &mut piece.body).is_ok();
        Ok(opened.then_some(piece))
    }

    /// Notes that a piece of these bytes lies at the end.
    fn index(&mut self, offset: u64, length: usize) {
        let piece = self.end;
        self.end += (SEALED_HEAD + length + RESERVED) as u64;
        let length = length as u64;
        let end = offset.saturating_add(length);
        let replaced: Vec<_> = self.overlapping(offset, end).collect();
        for (start, old) in replaced {
            self.extents.remove(&start);
            if start < offset {
                let length = offset - start;
                self.extents.insert(start, Extent { length, ..old });
            }
            let cut = end - start;
            if cut < old.length {
                let rest = Extent {
                    length: old.length - cut,
                    skip: old.skip + cut,
                    ..old
                };
                self.extents.insert(end, rest);
            }
        }
        if length > 0 {
            self.extents.insert(offset, Extent { length, piece, skip: 0 });
        }
    }

    /// The extents that have bytes of this range.
    fn overlapping(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, Extent)> + use<'_> {
        let first = self
            .extents
            .range(..=from)
            .next_back()
            .map_or(from, |(start, _)| *start);
        self.extents
            .range(first..to.max(first))
            .map(|(start, extent)| (*start, *extent))
            .filter(move |(start, extent)| start + extent.length > from)
    }
}

impl Piece {
    fn written(&self) -> &[u8] {
        &self.body[..self.body.len().saturating_sub(RESERVED)]
    }
}

fn head_place(journal: JournalId, position: u64) -> JournalPlace {
    JournalPlace {
        journal,
        position,
        head_tag: [0; 16],
    }
}
