//! A store is made, opened, refused, read and written as SQLite's own database is.

use std::fs;

use rusqlite::Connection;

use super::super::*;
use super::store_key;

/// A store in a directory of its own.
pub(super) struct Scratch {
    directory: tempfile::TempDir,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Scratch {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("store.kist")
    }

    pub(super) fn create(&self) -> Connection {
        create(&self.path(), &store_key(1)).unwrap()
    }

    pub(super) fn open(&self) -> Connection {
        open(&self.path(), &store_key(1)).unwrap()
    }

    /// A connection as SQLite makes it.
    pub(super) fn connect(&self) -> Connection {
        let vfs = Vfs::system().unwrap();
        vfs.connect_existing(&self.path(), &store_key(1)).unwrap()
    }
}

pub(super) fn assert_whole(connection: &Connection) {
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

#[test]
fn d1_what_is_written_is_read_again_after_closing() {
    let scratch = Scratch::new();
    let first = scratch.create();
    first
        .execute_batch("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'one'), (2, 'two')")
        .unwrap();
    let id = store_id(&first).unwrap();
    drop(first);

    let second = scratch.open();
    assert_eq!(store_id(&second).unwrap(), id);
    let text: String = second
        .query_row("SELECT b FROM t WHERE a = 2", [], |row| row.get(0))
        .unwrap();
    assert_eq!(text, "two");
    assert_whole(&second);
}

#[test]
fn a_connection_is_configured_for_a_store() {
    let scratch = Scratch::new();
    for connection in [scratch.create(), scratch.open()] {
        let pragma = |name: &str| -> String {
            let value: rusqlite::types::Value = connection
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
                .unwrap();
            format!("{value:?}")
        };
        assert_eq!(pragma("journal_mode"), r#"Text("wal")"#);
        assert_eq!(pragma("foreign_keys"), "Integer(1)");
        assert_eq!(pragma("synchronous"), "Integer(2)");
        assert_eq!(pragma("fullfsync"), "Integer(1)");
        assert_eq!(pragma("secure_delete"), "Integer(1)");
        assert_eq!(pragma("temp_store"), "Integer(2)");
        assert_eq!(pragma("cache_size"), "Integer(-8192)");
        assert_eq!(pragma("page_size"), "Integer(4096)");
    }
}

#[test]
fn a7_another_key_is_a_mismatch_and_changes_nothing() {
    let scratch = Scratch::new();
    let writer = scratch.create();
    writer
        .execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        .unwrap();
    // The log is full: with the wrong key it would look empty.
    for _ in 0..3 {
        assert!(matches!(open(&scratch.path(), &store_key(2)), Err(Error::KeyMismatch)));
    }
    drop(writer);
    assert!(matches!(open(&scratch.path(), &store_key(2)), Err(Error::KeyMismatch)));
    let count: i64 = scratch
        .open()
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_store_is_made_once_and_found_by_its_path() {
    let scratch = Scratch::new();
    assert!(matches!(open(&scratch.path(), &store_key(1)), Err(Error::NotFound)));
    drop(scratch.create());
    assert!(matches!(
        create(&scratch.path(), &store_key(1)),
        Err(Error::AlreadyExists)
    ));
    let left: Vec<_> = fs::read_dir(scratch.path().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["store.kist"]);
}

#[test]
fn a_creation_that_was_cut_short_is_begun_anew() {
    let scratch = Scratch::new();
    for suffix in [".new", ".new-wal", ".new-shm"] {
        fs::write(with_suffix(&scratch.path(), suffix), b"half of a store").unwrap();
    }
    assert_whole(&scratch.create());
}

#[test]
fn a_file_that_is_no_store_is_corrupt() {
    let scratch = Scratch::new();
    for bytes in [&b""[..], b"SQLite format 3\0", &[0; 4096], &[7; 20_000]] {
        fs::write(scratch.path(), bytes).unwrap();
        assert!(matches!(open(&scratch.path(), &store_key(1)), Err(Error::Corrupt)));
    }
}

#[test]
fn without_a_key_from_the_caller_no_store_opens() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    assert!(Connection::open_with_flags_and_vfs(scratch.path(), flags, c"kist").is_err());
    let attach = format!("ATTACH '{}' AS other", scratch.path().display());
    assert!(connection.execute_batch(&attach).is_err());
    assert!(connection.execute_batch("VACUUM INTO 'plain.db'").is_err());
}

#[test]
fn two_connections_see_what_the_other_committed() {
    let scratch = Scratch::new();
    let writer = scratch.create();
    let reader = scratch.open();
    writer.execute_batch("CREATE TABLE t(a)").unwrap();
    let count = |of: &Connection| -> i64 { of.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap() };

    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count(&reader), 0);
    for round in 1..=50 {
        writer.execute_batch("INSERT INTO t VALUES(zeroblob(3000))").unwrap();
        if round % 10 == 0 {
            writer
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                .unwrap();
        }
    }
    assert_eq!(count(&reader), 0, "a reader keeps its snapshot");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(&reader), 50);

    // A new log in the same file: the reader must notice it.
    writer
        .query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))
        .unwrap();
    writer.execute_batch("DELETE FROM t WHERE rowid > 10").unwrap();
    assert_eq!(count(&reader), 10);
    reader.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(count(&writer), 11);
    assert_whole(&reader);
}

#[test]
fn readers_in_other_threads_never_meet_a_damaged_page() {
    let scratch = Scratch::new();
    let writer = scratch.create();
    writer
        .execute_batch("CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
        .unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut rounds = 0;
                    while rounds == 0 || !done.load(std::sync::atomic::Ordering::Relaxed) {
                        let reader = scratch.open();
                        let (count, sum): (i64, i64) = reader
                            .query_row("SELECT count(*), coalesce(sum(length(b)), 0) FROM t", [], |row| {
                                Ok((row.get(0)?, row.get(1)?))
                            })
                            .unwrap();
                        assert_eq!(sum, count * 500);
                        rounds += 1;
                    }
                })
            })
            .collect();
        for number in 0..300 {
            writer
                .execute("INSERT INTO t VALUES(?1, zeroblob(500))", [number])
                .unwrap();
            if number % 7 == 0 {
                writer
                    .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                    .unwrap();
            }
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_whole(&writer);
}

#[test]
fn a_transaction_larger_than_the_cache_commits_and_rolls_back() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    connection
        .execute_batch("PRAGMA cache_size = 20; CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
        .unwrap();
    let insert = "INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                  SELECT printf('%0200d', i) FROM n";
    let sum = |of: &Connection| -> i64 {
        of.query_row("SELECT coalesce(sum(cast(b AS INTEGER)), 0) FROM t", [], |row| {
            row.get(0)
        })
        .unwrap()
    };
    // Pages are spilled to the log, and written there again in the same transaction.
    connection
        .execute_batch(&format!(
            "BEGIN; {insert}; UPDATE t SET b = printf('%0200d', a + 1); UPDATE t SET b = printf('%0200d', a + 2);
             SAVEPOINT s; DELETE FROM t WHERE a % 3 = 0; ROLLBACK TO s; COMMIT"
        ))
        .unwrap();
    let expected = (1..=2000).map(|i| i + 2).sum::<i64>();
    assert_eq!(sum(&connection), expected);
    connection
        .execute_batch("BEGIN; UPDATE t SET b = 'gone'; DELETE FROM t WHERE a > 100; ROLLBACK")
        .unwrap();
    assert_eq!(sum(&connection), expected);
    // The next transaction writes over the frames of the one rolled back.
    connection
        .execute_batch("UPDATE t SET b = printf('%0200d', a) WHERE a < 1000")
        .unwrap();
    let expected = (1..=2000).map(|i| if i < 1000 { i } else { i + 2 }).sum::<i64>();
    let copy = copy_as_after_a_crash(&scratch);
    assert_eq!(sum(&copy.open()), expected, "the log is recovered from disk");
    drop(connection);
    let again = scratch.open();
    assert_eq!(sum(&again), expected);
    assert_whole(&again);
}

/// The files as they lie on disk now, in another directory, as a killed process leaves them.
pub(super) fn copy_as_after_a_crash(scratch: &Scratch) -> Scratch {
    let copy = Scratch::new();
    for suffix in ["", "-wal", "-journal"] {
        let _ = fs::copy(with_suffix(&scratch.path(), suffix), with_suffix(&copy.path(), suffix));
    }
    copy
}

#[test]
fn vacuum_gives_space_back() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    connection
        .execute_batch("CREATE TABLE t(a); INSERT INTO t SELECT randomblob(100000) FROM (VALUES(1),(2),(3),(4),(5))")
        .unwrap();
    connection
        .execute_batch("DELETE FROM t WHERE rowid > 1; VACUUM")
        .unwrap();
    let length: i64 = connection
        .query_row("SELECT length(a) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(length, 100_000);
    assert_whole(&connection);
    drop(connection);
    assert!(fs::metadata(scratch.path()).unwrap().len() < 200_000);
    assert_whole(&scratch.open());
}

#[test]
fn a_backup_goes_from_store_to_store_and_never_from_a_plain_file() {
    let (scratch, target) = (Scratch::new(), Scratch::new());
    let connection = scratch.create();
    connection
        .execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(50000)), ('kept')")
        .unwrap();
    let mut other = create(&target.path(), &store_key(9)).unwrap();
    let copy = |from: &Connection, to: &mut Connection| {
        rusqlite::backup::Backup::new(from, to)
            .and_then(|backup| backup.run_to_completion(1000, Default::default(), None))
    };
    copy(&connection, &mut other).unwrap();
    let kept: String = other
        .query_row("SELECT a FROM t WHERE rowid = 2", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "kept");
    assert_ne!(store_id(&connection).unwrap(), store_id(&other).unwrap());
    drop(other);
    let mut other = open(&target.path(), &store_key(9)).unwrap();
    assert_whole(&other);

    let plain = Connection::open_in_memory().unwrap();
    plain
        .execute_batch("CREATE TABLE p(a); INSERT INTO p VALUES(randomblob(20000))")
        .unwrap();
    assert!(copy(&plain, &mut other).is_err());
    drop(other);
    let other = open(&target.path(), &store_key(9)).unwrap();
    assert_whole(&other);
    assert!(other.query_row("SELECT a FROM t", [], |_| Ok(())).is_ok());
}

#[test]
fn full_text_search_finds_what_was_written() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    connection
        .execute_batch("CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f(f, rank) VALUES('secure-delete', 1)")
        .unwrap();
    for number in 0..300 {
        connection
            .execute("INSERT INTO f VALUES('the word' || ?1 || ' of many')", [number])
            .unwrap();
    }
    connection.execute("DELETE FROM f WHERE f MATCH 'word17'", []).unwrap();
    let hits = |of: &Connection, query: &str| -> i64 {
        of.query_row("SELECT count(*) FROM f WHERE f MATCH ?1", [query], |row| row.get(0))
            .unwrap()
    };
    drop(connection);
    let again = scratch.open();
    assert_eq!(
        (hits(&again, "word18"), hits(&again, "word17"), hits(&again, "many")),
        (1, 0, 299)
    );
    again
        .execute_batch("INSERT INTO f(f) VALUES('integrity-check')")
        .unwrap();
}

/// Which of three keys open a store.
fn that_open(scratch: &Scratch) -> Vec<u8> {
    let opens = |key: &u8| match open(&scratch.path(), &store_key(*key)) {
        Ok(_) => true,
        Err(Error::KeyMismatch) => false,
        Err(other) => panic!("{other}"),
    };
    [1, 2, 3].into_iter().filter(opens).collect()
}

#[test]
fn a36_an_added_key_opens_beside_the_one_held_until_it_is_settled() {
    let scratch = Scratch::new();
    let (connection, other) = (scratch.create(), scratch.open());
    connection
        .execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
        .unwrap();
    let [one, two, three] = [1, 2, 3].map(store_key);
    assert_eq!(that_open(&scratch), [1]);
    settle_key(&connection, &one).unwrap();
    add_key(&connection, &one, &two).unwrap();
    assert_eq!(that_open(&scratch), [1, 2]);
    // Whoever still holds the first key begins anew, with the same key or with another.
    settle_key(&connection, &one).unwrap();
    add_key(&other, &one, &two).unwrap();
    assert_eq!(that_open(&scratch), [1, 2]);
    add_key(&other, &one, &three).unwrap();
    assert_eq!(that_open(&scratch), [1, 3]);
    assert!(matches!(add_key(&connection, &two, &one), Err(Error::KeyMismatch)));

    settle_key(&connection, &three).unwrap();
    assert_eq!(that_open(&scratch), [3]);
    settle_key(&connection, &three).unwrap();
    add_key(&connection, &three, &one).unwrap();
    settle_key(&other, &one).unwrap();
    assert_eq!(that_open(&scratch), [1]);
    for connection in [connection, other, scratch.open()] {
        connection.execute_batch("INSERT INTO t VALUES(2)").unwrap();
        assert_whole(&connection);
    }
}
