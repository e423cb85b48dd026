//! a5, a6, a23: what lies on disk shows nothing, and what was altered there is found.

use std::fs;
use std::path::Path;

use kist_crypto::page::PAGE;
use rusqlite::Connection;

use super::super::header::HEADER;
use super::super::{Error, create, with_suffix};
use super::disk::{Disk, Files};
use super::store::Scratch;
use super::store_key;
use super::workload::{Dice, Journal, SCHEMA, digest, faults, statement};

const STORE: &str = "/store.kist";
const LOG: &str = "/store.kist-wal";

/// A closed store on a disk of its own, and its content.
fn closed_store(seed: u64) -> (Disk, Files, [u8; 32]) {
    let (disk, _, digests) = open_store(seed);
    let connection = disk.vfs.open(Path::new(STORE), &store_key(1)).unwrap();
    connection.close().unwrap();
    let files = disk.files();
    assert!(!files.contains_key(LOG));
    (disk, files, *digests.last().unwrap())
}

/// A store as a killed process leaves it, its log full, and its content after each transaction that is in the log.
fn open_store(seed: u64) -> (Disk, Files, Vec<[u8; 32]>) {
    let disk = Disk::new();
    let store = Path::new(STORE);
    let connection = disk.vfs.create_in_place(store, [7; 16], &store_key(1)).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let mut dice = Dice(seed);
    for _ in 0..10 {
        connection.execute_batch(&statement(&mut dice)).unwrap();
    }
    connection.close().unwrap();
    let connection = disk.vfs.open(store, &store_key(1)).unwrap();
    let mut digests = vec![digest(&connection).unwrap()];
    for _ in 0..4 {
        connection
            .execute_batch(&format!("BEGIN; {}; COMMIT", statement(&mut dice)))
            .unwrap();
        digests.push(digest(&connection).unwrap());
    }
    let files = disk.files();
    drop(connection);
    disk.load(files.clone());
    (disk, files, digests)
}

/// Everything that a store gives, or that it is damaged. Any other error fails the test.
fn read_all(disk: Disk, files: Files) -> Option<[u8; 32]> {
    disk.load(files);
    let read = || -> Result<Option<[u8; 32]>, Error> {
        let connection = disk.vfs.open(Path::new(STORE), &store_key(1))?;
        let content = digest(&connection)?;
        Ok(faults(&connection)?.is_none().then_some(content))
    };
    match read() {
        Ok(content) => content,
        Err(Error::Corrupt | Error::UnsupportedVersion { .. }) => None,
        Err(other) => panic!("{other}"),
    }
}

fn altered(files: &Files, name: &str, alter: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = files.clone();
    alter(files.get_mut(name).unwrap());
    files
}

#[test]
fn a6_every_flipped_byte_of_the_header_is_found_or_harmless() {
    let (disk, files, content) = closed_store(1);
    let empty_slot = 1024..1024 + 145;
    for at in 0..HEADER {
        let read = read_all(disk, altered(&files, STORE, |bytes| bytes[at] ^= 0x01));
        // Bytes in the slot that is not in use look like a slot whose writing was cut off.
        let expected = empty_slot.contains(&at).then_some(content);
        assert_eq!(read, expected, "byte {at}");
    }
}

#[test]
fn a6_flipped_bytes_of_every_page_are_found() {
    let (disk, files, content) = closed_store(2);
    assert_eq!(read_all(disk, files.clone()), Some(content));
    let size = files[STORE].len();
    assert_eq!(size % PAGE, 0);
    for page in (HEADER..size).step_by(PAGE) {
        // In the text, in the tag, in the nonce.
        for at in [0, 1, 777, 2048, PAGE - 41, PAGE - 40, PAGE - 25, PAGE - 24, PAGE - 1] {
            let read = read_all(disk, altered(&files, STORE, |bytes| bytes[page + at] ^= 0x80));
            assert_eq!(read, None, "byte {at} of the page at {page}");
        }
    }
}

#[test]
fn a6_a_flipped_byte_of_the_log_ends_it_at_a_transaction() {
    let (disk, files, digests) = open_store(3);
    assert_eq!(read_all(disk, files.clone()), digests.last().copied());
    for at in (0..200).chain((200..files[LOG].len()).step_by(61)) {
        let read = read_all(disk, altered(&files, LOG, |bytes| bytes[at] ^= 0x10));
        let read = read.unwrap_or_else(|| panic!("byte {at}: damaged"));
        assert!(digests[..digests.len() - 1].contains(&read), "byte {at}");
    }
}

#[test]
fn a4_a_store_that_is_cut_short_is_damaged() {
    let (disk, files, _) = closed_store(4);
    let size = files[STORE].len();
    for left in (0..size).step_by(512).chain([HEADER + 1, HEADER + PAGE - 1, size - 1]) {
        assert_eq!(
            read_all(disk, altered(&files, STORE, |bytes| bytes.truncate(left))),
            None,
            "{left} bytes left"
        );
    }
    // The log names more pages than there are.
    let (disk, files, _) = open_store(4);
    let files = altered(&files, STORE, |bytes| bytes.truncate(HEADER + PAGE));
    assert_eq!(read_all(disk, files), None);
}

#[test]
fn a5_pages_in_each_others_place_are_damaged() {
    let (disk, files, _) = closed_store(5);
    let pages = (files[STORE].len() - HEADER) / PAGE;
    for first in 0..pages {
        let second = (first + 1) % pages;
        let swapped = altered(&files, STORE, |bytes| {
            let [first, second] = [first, second].map(|page| HEADER + page * PAGE);
            let page = bytes[first..first + PAGE].to_vec();
            bytes.copy_within(second..second + PAGE, first);
            bytes[second..second + PAGE].copy_from_slice(&page);
        });
        assert_eq!(read_all(disk, swapped), None, "pages {first} and {second}");
    }
}

#[test]
fn a5_pages_and_headers_of_another_store_are_damaged() {
    let (disk, files, content) = closed_store(6);
    let (_, others, _) = closed_store(6);
    for page in 0..(files[STORE].len() - HEADER) / PAGE {
        let at = HEADER + page * PAGE;
        let taken = altered(&files, STORE, |bytes| {
            bytes[at..at + PAGE].copy_from_slice(&others[STORE][at..at + PAGE]);
        });
        assert_eq!(read_all(disk, taken), None, "page {page}");
    }
    let header = altered(&files, STORE, |bytes| {
        bytes[..HEADER].copy_from_slice(&others[STORE][..HEADER]);
    });
    assert_eq!(read_all(disk, header), None);
    // A log of another store is no log of this one.
    let (_, with_log, _) = open_store(6);
    let mut log = files.clone();
    log.insert(LOG.to_owned(), with_log[LOG].clone());
    assert_eq!(read_all(disk, log), Some(content));
}

#[test]
fn a5_frames_in_each_others_place_end_the_log() {
    let (disk, files, digests) = open_store(7);
    const START: usize = 80;
    const FRAME: usize = 64 + PAGE;
    let frames = (files[LOG].len() - START) / FRAME;
    assert!(frames > 4);
    for first in 0..frames - 1 {
        let swapped = altered(&files, LOG, |bytes| {
            let at = START + first * FRAME;
            bytes[at..at + 2 * FRAME].rotate_left(FRAME);
        });
        let read = read_all(disk, swapped).unwrap();
        assert!(
            digests[..digests.len() - 1].contains(&read),
            "frames {first} and the next"
        );
    }
}

/// Words that must not be seen: in names, in text, in the index, in what SQLite writes by itself.
const CANARIES: [&str; 6] = [
    "canaryname",
    "canarytext",
    "canaryterm",
    "CREATE TABLE",
    "sqlite_",
    "SQLite format",
];

fn look_for_canaries(scratch: &Scratch, when: &str) {
    let directory = scratch.path();
    for entry in fs::read_dir(directory.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let bytes = fs::read(entry.path()).unwrap();
        for canary in CANARIES {
            assert!(
                !bytes.windows(canary.len()).any(|window| window == canary.as_bytes()),
                "{canary} in {:?} {when}",
                entry.file_name()
            );
        }
    }
}

#[test]
fn a23_no_file_of_a_store_shows_a_name_or_a_word_of_it() {
    for journal in Journal::ALL {
        let scratch = Scratch::new();
        drop(scratch.create());
        look_for_canaries(&scratch, "when it is new");
        let connection = scratch.connect();
        journal.configure(&connection, 10).unwrap();
        work_and_look(&scratch, &connection, journal);
        drop(connection);
        look_for_canaries(&scratch, "when it is closed");
    }
}

fn work_and_look(scratch: &Scratch, connection: &Connection, journal: Journal) {
    connection
        .execute_batch(
            "CREATE TABLE canaryname(canarycolumn TEXT);
             CREATE INDEX canaryname_index ON canaryname(canarycolumn);
             CREATE VIRTUAL TABLE found USING fts5(body);
             BEGIN",
        )
        .unwrap();
    fill(connection);
    look_for_canaries(scratch, "while a transaction spills");
    connection.execute_batch("COMMIT; BEGIN; SAVEPOINT s").unwrap();
    connection
        .execute_batch("UPDATE canaryname SET canarycolumn = canarycolumn || ' canarytext'")
        .unwrap();
    let beside = if journal == Journal::Wal { "-wal" } else { "-journal" };
    let size = fs::metadata(with_suffix(&scratch.path(), beside)).unwrap().len();
    assert!(
        size > 100_000,
        "{journal:?}: what is replaced lies in a file of {size} bytes"
    );
    look_for_canaries(scratch, "while a statement can be taken back");
    connection.execute_batch("ROLLBACK TO s; COMMIT").unwrap();
    look_for_canaries(scratch, "with what the transaction left");
    let sorted = "SELECT count(*) FROM (SELECT DISTINCT a.canarycolumn || b.rowid FROM canaryname a, canaryname b
                  WHERE b.rowid < 30 ORDER BY 1)";
    connection.query_row(sorted, [], |_| Ok(())).unwrap();
    connection.execute_batch("VACUUM").unwrap();
    look_for_canaries(scratch, "after a vacuum");
}

#[test]
fn a23_what_would_go_to_a_temporary_file_is_refused() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    connection
        .execute_batch("CREATE TABLE canaryname(canarycolumn TEXT); CREATE TABLE found(body)")
        .unwrap();
    fill(&connection);
    let sorted = "SELECT count(*) FROM (SELECT DISTINCT a.canarycolumn || b.rowid FROM canaryname a, canaryname b
                  WHERE b.rowid < 60 ORDER BY 1)";
    connection.query_row(sorted, [], |_| Ok(())).unwrap();
    // No connection of ours is set so.
    connection
        .execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = 10")
        .unwrap();
    assert!(connection.query_row(sorted, [], |_| Ok(())).is_err());
    look_for_canaries(&scratch, "after what was refused");
}

fn fill(connection: &Connection) {
    for number in 0..400 {
        let text = format!("canarytext {number} {}", "canarytext ".repeat(30));
        connection
            .execute("INSERT INTO canaryname VALUES(?1)", [&text])
            .unwrap();
        connection
            .execute("INSERT INTO found VALUES(?1)", [format!("canaryterm{number}")])
            .unwrap();
    }
}

#[test]
fn a23_equal_pages_are_not_equal_on_disk() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    for (path, key) in [(scratch.path(), 1), (other.path(), 2)] {
        let connection = create(&path, &store_key(key)).unwrap();
        connection
            .execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(100000))")
            .unwrap();
    }
    let mut blocks: Vec<_> = [scratch.path(), other.path()]
        .iter()
        .flat_map(|path| {
            let bytes = fs::read(path).unwrap();
            let pages: Vec<_> = bytes[HEADER..].chunks(32).map(<[u8]>::to_vec).collect();
            pages
        })
        .collect();
    let count = blocks.len();
    blocks.sort();
    blocks.dedup();
    assert_eq!(blocks.len(), count);
}
