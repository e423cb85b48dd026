//! From one page to 4 GiB: large values, large stores, and the page that SQLite leaves out.
#![allow(unsafe_code)] // The byte that SQLite locks is moved by a call that rusqlite does not have.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use kist_crypto::page::PAGE;
use rusqlite::{Connection, MAIN_DB, ffi};

use super::super::header::HEADER;
use super::super::reseal;
use super::oracle;
use super::store::{Scratch, assert_whole};
use super::workload::{Dice, Journal};
use super::{process, store_key};

/// Bytes that follow from a number.
fn content(number: u64, length: usize) -> Vec<u8> {
    let mut dice = Dice(number);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&dice.roll(u64::MAX).to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn table(journal: Journal) -> (Scratch, Connection) {
    let scratch = Scratch::new();
    drop(scratch.create());
    let connection = scratch.connect();
    journal.configure(&connection, 20).unwrap();
    connection
        .execute_batch("CREATE TABLE large(id INTEGER PRIMARY KEY, content BLOB)")
        .unwrap();
    (scratch, connection)
}

#[test]
fn a_store_of_one_page_is_a_store() {
    let scratch = Scratch::new();
    drop(scratch.create());
    let size = || fs::metadata(scratch.path()).unwrap().len();
    assert_eq!(size(), (HEADER + PAGE) as u64);
    reseal(&scratch.path(), &store_key(1), &mut |_| ControlFlow::Continue(())).unwrap();
    let connection = scratch.open();
    connection.execute_batch("VACUUM").unwrap();
    assert_whole(&connection);
    drop(connection);
    assert_eq!(size(), (HEADER + PAGE) as u64);
}

#[test]
fn values_of_many_mebibytes_are_written_and_read_in_parts_and_whole() {
    const LENGTH: usize = 12 << 20;
    for journal in [Journal::Wal, Journal::Delete] {
        let (scratch, connection) = table(journal);
        let (first, second) = (content(1, LENGTH), content(2, LENGTH));
        connection
            .execute_batch(&format!(
                "INSERT INTO large VALUES(1, zeroblob({LENGTH})), (2, zeroblob({LENGTH}))"
            ))
            .unwrap();
        connection.execute_batch("BEGIN").unwrap();
        let mut blob = connection.blob_open(MAIN_DB, "large", "content", 1, false).unwrap();
        for part in first.chunks(100_000) {
            blob.write_all(part).unwrap();
        }
        drop(blob);
        connection
            .execute("UPDATE large SET content = ?1 WHERE id = 2", [&second])
            .unwrap();
        connection
            .execute_batch("COMMIT; BEGIN; DELETE FROM large; ROLLBACK")
            .unwrap();
        drop(connection);

        let connection = scratch.connect();
        journal.configure(&connection, 20).unwrap();
        let mut blob = connection.blob_open(MAIN_DB, "large", "content", 2, true).unwrap();
        let mut part = vec![0; 70_000];
        blob.seek(SeekFrom::Start(5_000_001)).unwrap();
        blob.read_exact(&mut part).unwrap();
        assert!(part == second[5_000_001..5_070_001]);
        drop(blob);
        let whole: Vec<u8> = connection
            .query_row("SELECT content FROM large WHERE id = 1", [], |row| row.get(0))
            .unwrap();
        assert!(whole == first, "{journal:?}");
        assert_whole(&connection);
    }
}

#[test]
fn the_page_with_the_bytes_that_sqlite_locks_is_left_out() {
    process::of_its_own(
        "vfs::tests::blobs::the_page_with_the_bytes_that_sqlite_locks_is_left_out",
        || {
            // At 1 GiB in a store as it is.
            const LOCKED: u32 = 20 * PAGE as u32;
            // SAFETY: no database is open in this process yet.
            unsafe { ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_PENDING_BYTE, LOCKED) };
            for journal in Journal::ALL {
                oracle::compare(journal, 5, 25);
            }
        },
    );
}

#[test]
fn a_store_of_4_gib_is_written_and_read() {
    const PARTS: u64 = 64;
    let long = std::env::var_os("KIST_LONG").is_some();
    let part = if long { 64 << 20 } else { 256 << 10 }; // 4 GiB, or 16 MiB
    let (scratch, connection) = table(Journal::Wal);
    connection.execute_batch("PRAGMA cache_size = -8192").unwrap();
    for number in 0..PARTS {
        connection
            .execute(
                "INSERT INTO large VALUES(?1, ?2)",
                (number as i64, content(number, part)),
            )
            .unwrap();
    }
    drop(connection);
    let size = fs::metadata(scratch.path()).unwrap().len();
    assert!(size > PARTS * part as u64, "{size} bytes");
    let whole = |when: &str| {
        let connection = scratch.open();
        for number in (0..PARTS).step_by(7) {
            let read: Vec<u8> = connection
                .query_row("SELECT content FROM large WHERE id = ?1", [number as i64], |row| {
                    row.get(0)
                })
                .unwrap();
            assert!(read == content(number, part), "{number}, {when}");
        }
        assert_whole(&connection);
    };
    whole("as written");
    reseal(&scratch.path(), &store_key(1), &mut |_| ControlFlow::Continue(())).unwrap();
    whole("sealed anew");
    let connection = scratch.open();
    connection.execute_batch("DELETE FROM large WHERE id > 0").unwrap();
    assert_whole(&connection);
}
