//! SQLite's journal modes over sealed files: transactions that spill, are rolled back, and are cut off by a kill.

use std::ffi::{CStr, CString};
use std::fs;
use std::sync::Arc;

use kist_crypto::Secret;
use kist_crypto::page::PageKey;
use rusqlite::{Connection, ffi};

use super::super::below::BelowVfs;
use super::super::code::Code;
use super::super::journal::JournalFile;
use super::super::pages::OpenStore;
use super::super::{Vfs, with_suffix};
use super::disk::{Disk, Fault};
use super::store::{Scratch, assert_whole, copy_as_after_a_crash};
use super::store_key;
use super::workload::{Dice, Journal};

const ROLLBACK: [Journal; 3] = [Journal::Delete, Journal::Truncate, Journal::Persist];

fn open(scratch: &Scratch, journal: Journal) -> Connection {
    let connection = scratch.connect();
    journal.configure(&connection, 10).unwrap();
    connection
}

fn with_rows(journal: Journal) -> Scratch {
    let scratch = Scratch::new();
    drop(scratch.create());
    open(&scratch, journal)
        .execute_batch(
            "CREATE TABLE t(a INTEGER PRIMARY KEY, b);
             INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
                 SELECT i, printf('%0500d', i) FROM n",
        )
        .unwrap();
    scratch
}

fn sum(connection: &Connection) -> i64 {
    connection
        .query_row("SELECT sum(cast(b AS INTEGER)) FROM t", [], |row| row.get(0))
        .unwrap()
}

const SUM: i64 = 400 * 401 / 2;
/// Changes every page of the table, many times what the cache holds.
const SPILL: &str = "UPDATE t SET b = printf('%0500d', a + 1)";

#[test]
fn a_store_works_in_every_journal_mode_and_between_them() {
    let scratch = with_rows(Journal::Wal);
    let mut expected = SUM;
    for journal in [
        Journal::Wal,
        Journal::Delete,
        Journal::Persist,
        Journal::Truncate,
        Journal::Wal,
    ] {
        let connection = open(&scratch, journal);
        let mode: String = connection
            .query_row("PRAGMA journal_mode", [], |row| row.get(0))
            .unwrap();
        assert_eq!(mode, format!("{journal:?}").to_lowercase());
        connection
            .execute_batch(&format!("BEGIN; {SPILL}; DELETE FROM t WHERE a > 9; ROLLBACK"))
            .unwrap();
        assert_eq!(sum(&connection), expected);
        connection
            .execute_batch("UPDATE t SET b = cast(b AS INTEGER) + 1")
            .unwrap();
        expected += 400;
        assert_eq!(sum(&connection), expected);
        connection.execute_batch("VACUUM").unwrap();
        assert_whole(&connection);
    }
    assert_eq!(sum(&scratch.open()), expected);
}

#[test]
fn a34_what_a_killed_process_left_half_done_is_rolled_back() {
    for journal in ROLLBACK {
        let scratch = with_rows(journal);
        let connection = open(&scratch, journal);
        connection.execute_batch(&format!("BEGIN; {SPILL}")).unwrap();
        let left = copy_as_after_a_crash(&scratch);
        let [before, after] =
            [&scratch, &left].map(|of| fs::metadata(with_suffix(&of.path(), "-journal")).unwrap().len());
        assert!(
            before > 100_000 && before == after,
            "{journal:?}: a journal of {before} bytes"
        );
        for again in [open(&left, journal), left.open()] {
            assert_eq!(sum(&again), SUM, "{journal:?}");
            assert_whole(&again);
        }
        connection.execute_batch("COMMIT").unwrap();
        assert_eq!(sum(&connection), SUM + 400);
        drop(connection);
        assert_eq!(sum(&open(&scratch, journal)), SUM + 400, "{journal:?}");
    }
}

#[test]
fn two_connections_share_a_store_with_a_rollback_journal() {
    for journal in ROLLBACK {
        let scratch = with_rows(journal);
        let (one, other) = (open(&scratch, journal), open(&scratch, journal));
        one.execute_batch(&format!("BEGIN; {SPILL}; ROLLBACK")).unwrap();
        assert_eq!(sum(&other), SUM);
        other.execute_batch(SPILL).unwrap();
        assert_eq!(sum(&one), SUM + 400);
        other
            .execute_batch("BEGIN IMMEDIATE; DELETE FROM t WHERE a = 1")
            .unwrap();
        one.busy_timeout(std::time::Duration::ZERO).unwrap();
        assert!(one.execute_batch("DELETE FROM t").is_err(), "one writer at a time");
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(sum(&one), SUM + 400 - 2);
        assert_whole(&one);
    }
}

/// What is at a journal's name when a store is opened.
fn opens_with_journal(bytes: &[u8]) -> bool {
    let scratch = with_rows(Journal::Wal);
    fs::write(with_suffix(&scratch.path(), "-journal"), bytes).unwrap();
    let connection = Vfs::system().unwrap().open(&scratch.path(), &store_key(1));
    connection.is_ok_and(|connection| {
        connection.execute_batch(SPILL).unwrap();
        assert_whole(&connection);
        sum(&connection) == SUM + 400
    })
}

/// The journal of a store of its own, as a killed process left it.
fn hot_journal() -> Vec<u8> {
    let scratch = with_rows(Journal::Delete);
    let connection = open(&scratch, Journal::Delete);
    connection.execute_batch(&format!("BEGIN; {SPILL}")).unwrap();
    fs::read(with_suffix(&scratch.path(), "-journal")).unwrap()
}

#[test]
fn a5_a_journal_that_is_not_this_stores_is_never_played_back() {
    const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let plain = [&MAGIC[..], &[1; 8000]].concat();
    for bytes in [&[][..], &plain, &[7; 4], &hot_journal()] {
        assert!(opens_with_journal(bytes));
    }
}

#[test]
fn a_journal_of_a_later_format_is_not_taken_for_an_empty_one() {
    let mut journal = hot_journal();
    assert_eq!(journal[..8], *b"KistJrn\x01");
    journal[7] = 2;
    assert!(!opens_with_journal(&journal));
}

/// A journal on a disk, and what SQLite should see in it.
struct Compared {
    disk: Disk,
    name: CString,
    store: Arc<OpenStore>,
    journal: JournalFile,
    expected: Vec<u8>,
}

impl Compared {
    fn new() -> Self {
        let disk = Disk::new();
        let key = PageKey::new(Secret::new([3; 32]));
        let store = Arc::new(OpenStore::new([7; 16], &key));
        let name = CString::new("/store.kist-journal").unwrap();
        Compared {
            disk,
            journal: open_journal(disk, &name, &store),
            name,
            store,
            expected: Vec::new(),
        }
    }

    fn reopen(&mut self) {
        self.journal = open_journal(self.disk, &self.name, &self.store);
    }

    fn write(&mut self, bytes: &[u8], offset: usize) {
        self.journal.write(bytes, offset as u64).unwrap();
        let end = offset + bytes.len();
        self.expected.resize(self.expected.len().max(end), 0);
        self.expected[offset..end].copy_from_slice(bytes);
    }

    fn empty(&mut self, how: impl FnOnce(&mut JournalFile)) {
        how(&mut self.journal);
        self.expected.clear();
    }

    fn check(&mut self, dice: &mut Dice) {
        assert_eq!(self.journal.size(), self.expected.len() as u64);
        let offset = dice.roll(self.expected.len() as u64 + 10) as usize;
        let mut read = vec![9; dice.roll(900) as usize];
        let result = self.journal.read(&mut read, offset as u64);
        let there = self.expected.get(offset..).unwrap_or_default();
        let mut expected = there[..there.len().min(read.len())].to_vec();
        assert_eq!(
            result,
            if expected.len() == read.len() {
                Ok(())
            } else {
                Err(Code::SHORT_READ)
            }
        );
        expected.resize(read.len(), 0);
        assert_eq!(read, expected);
    }
}

/// A rollback journal on a disk.
#[allow(unsafe_code)] // The VFS below is a C interface.
pub(super) fn open_journal(disk: Disk, name: &CStr, store: &Arc<OpenStore>) -> JournalFile {
    let below = BelowVfs::find(Some(disk.below)).unwrap();
    let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_MAIN_JOURNAL;
    // SAFETY: the disk reads the name alone.
    let (file, _) = unsafe { below.open(name.as_ptr(), flags) }.unwrap();
    JournalFile::new(file, Arc::clone(store)).unwrap()
}

#[test]
fn a_journal_reads_as_it_was_written_whatever_is_written_over() {
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let mut compared = Compared::new();
        for _ in 0..300 {
            match dice.roll(40) {
                0 => compared.empty(|journal| journal.truncate(0).unwrap()),
                1 => compared.empty(|journal| journal.write(&[0; 28], 0).unwrap()),
                2 => {
                    compared.reopen();
                    compared.check(&mut dice);
                    // A new transaction begins where a crash ended one.
                    compared.expected.clear();
                    compared.write(b"begin", 0);
                }
                _ => {
                    let length = 1 + dice.roll(400) as usize;
                    let byte = 1 + dice.roll(255) as u8;
                    let offset = dice.roll(compared.expected.len() as u64 + 50) as usize;
                    compared.write(&vec![byte; length], offset);
                }
            }
            compared.check(&mut dice);
        }
        compared.reopen();
        compared.check(&mut dice);
    }
}

#[test]
fn a34_a_torn_piece_ends_a_journal_and_what_was_behind_it_never_comes_back() {
    let mut compared = Compared::new();
    for piece in 0..3 {
        compared.write(&[piece + 1; 100], usize::from(piece) * 100);
    }
    let mut files = compared.disk.files();
    let journal = files.get_mut("/store.kist-journal").unwrap();
    let piece = (12 + 40) + (100 + 40);
    assert_eq!(journal.len(), 512 + 3 * piece);
    journal[512 + piece + 60] ^= 1;
    compared.disk.load(files);
    compared.reopen();
    assert_eq!(compared.journal.size(), 100);
    // As long as the first two were: what lies behind is the third, whole.
    compared.expected.clear();
    compared.write(&[8; 100], 0);
    compared.write(&[9; 100], 100);
    compared.reopen();
    assert_eq!(compared.journal.size(), 200);
    compared.check(&mut Dice(1));
}

#[test]
fn a35_a_piece_that_could_not_be_written_leaves_what_was_before() {
    let mut compared = Compared::new();
    compared.write(&[1; 100], 0);
    let full = Fault {
        after: 0,
        writes_only: true,
        lasting: true,
        code: ffi::SQLITE_FULL,
    };
    compared.disk.set_fault(Some(full));
    assert_eq!(compared.journal.write(&[2; 300], 50), Err(Code(ffi::SQLITE_FULL)));
    compared.disk.set_fault(None);
    compared.check(&mut Dice(1));
    compared.write(&[3; 20], 100);
    compared.reopen();
    compared.check(&mut Dice(2));

    // Emptying it fails half-way: what is written then is a journal all the same.
    compared.disk.set_fault(Some(full));
    assert!(compared.journal.truncate(0).is_err());
    compared.disk.set_fault(None);
    compared.expected.clear();
    compared.write(&[4; 50], 0);
    compared.reopen();
    compared.check(&mut Dice(3));
}
