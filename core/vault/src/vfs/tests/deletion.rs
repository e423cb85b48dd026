//! d1: what was deleted is in no page of the database, free ones and the slack of used ones included, seen with the key.

use std::collections::BTreeSet;
use std::fs;

use rusqlite::{Connection, params};

use super::super::with_suffix;
use super::store::{Scratch, assert_whole};
use super::workload::{Dice, Journal};

/// A word that is nowhere else: a search index keeps a word without the letters that it shares with the one before.
fn word(number: u64) -> String {
    let letters = |mut number: u64, count: usize| -> String {
        let mut text = String::new();
        for _ in 0..count {
            text.push(char::from(b'a' + (number % 26) as u8));
            number /= 26;
        }
        text
    };
    letters(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8, 10) + &letters(number, 4)
}

/// Which of the words' ends are in the pages as they lie on disk, opened by a connection that has none in its cache.
fn found(scratch: &Scratch, numbers: u64) -> BTreeSet<u64> {
    let mut connection = scratch.connect();
    let pages = connection.serialize("main").unwrap();
    let seen: BTreeSet<&[u8]> = pages.windows(8).collect();
    (0..numbers)
        .filter(|number| seen.contains(&word(*number).as_bytes()[4..12]))
        .collect()
}

fn put(connection: &Connection, number: u64, dice: &mut Dice) {
    // Some fill a page's slack, some several pages of overflow.
    let body = vec![word(number); [1, 20, 900][dice.roll(3) as usize]].join(" ");
    connection
        .execute(
            "INSERT INTO note VALUES(?1, ?2, ?3)",
            params![number as i64, word(number), body],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO found(rowid, body) VALUES(?1, ?2)",
            params![number as i64, body],
        )
        .unwrap();
}

fn delete(connection: &Connection, number: u64) {
    for sql in ["DELETE FROM note WHERE id = ?1", "DELETE FROM found WHERE rowid = ?1"] {
        connection.execute(sql, [number as i64]).unwrap();
    }
}

fn delete_and_look(journal: Journal) {
    let scratch = Scratch::new();
    drop(scratch.create());
    let connection = scratch.connect();
    journal.configure(&connection, 20).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE note(id INTEGER PRIMARY KEY, name TEXT UNIQUE, body TEXT);
             CREATE VIRTUAL TABLE found USING fts5(body);
             INSERT INTO found(found, rank) VALUES('secure-delete', 1)",
        )
        .unwrap();
    let mut dice = Dice(9);
    let (mut numbers, mut there) = (0, BTreeSet::new());
    for _ in 0..6 {
        connection.execute_batch("BEGIN").unwrap();
        for _ in 0..60 {
            put(&connection, numbers, &mut dice);
            there.insert(numbers);
            numbers += 1;
        }
        connection.execute_batch("COMMIT").unwrap();
        assert!(
            found(&scratch, numbers).is_superset(&there),
            "the search finds what is there"
        );
        connection.execute_batch("BEGIN").unwrap();
        for number in there.clone() {
            if dice.chance(60) {
                delete(&connection, number);
                there.remove(&number);
            }
        }
        connection.execute_batch("COMMIT").unwrap();
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        assert_eq!(found(&scratch, numbers), there, "{journal:?}");
        for suffix in ["-wal", "-journal"] {
            let beside = fs::metadata(with_suffix(&scratch.path(), suffix));
            assert_eq!(
                beside.map_or(0, |beside| beside.len()),
                0,
                "{journal:?}: older pages in {suffix}"
            );
        }
    }
    let free: i64 = connection
        .query_row("PRAGMA freelist_count", [], |row| row.get(0))
        .unwrap();
    assert!(free > 0, "there are free pages to look into");
    assert_whole(&connection);
}

#[test]
fn d1_what_was_deleted_is_in_no_page_no_index_and_no_free_page() {
    for journal in [Journal::Wal, Journal::Delete, Journal::Truncate] {
        delete_and_look(journal);
    }
}

#[test]
fn a_database_whose_pages_could_be_mistaken_for_others_is_no_store() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    let tried = connection.execute_batch("PRAGMA auto_vacuum = FULL; VACUUM");
    assert!(tried.is_err(), "auto_vacuum");
    drop(connection);
    let connection = scratch.open();
    connection
        .execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        .unwrap();
    let mode: i64 = connection
        .query_row("PRAGMA auto_vacuum", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, 0);
    assert_whole(&connection);
}
