//! a35: the disk fails, or is full, at each call in turn. The caller gets a clean error, and the same work succeeds on
//! the same connection once the disk works again.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, ffi};

use super::disk::{Disk, Fault, Files};
use super::store_key;
use super::workload::{Dice, SCHEMA, digest, faults, statement};

const STORE: &str = "/store.kist";

/// A transaction that spills, another in a new log, and checkpoints. Done twice it gives the same.
///
/// FTS5 gets no `INSERT OR REPLACE`: when reading what is replaced fails, its index stays wrong on that connection even
/// after a rollback, over every VFS (seen with SQLite 3.54.1 on its own).
fn work(connection: &Connection) -> rusqlite::Result<()> {
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    connection.execute_batch(
        "BEGIN;
         DELETE FROM note;
         INSERT INTO note WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
             SELECT i, 'kind' || i % 5, printf('%0700d', i) FROM n;
         UPDATE note SET body = printf('%01400d', id) WHERE id % 3 = 0;
         DELETE FROM note WHERE id % 7 = 0;
         DELETE FROM word WHERE rowid = 1;
         INSERT INTO word(rowid, body) VALUES(1, 'one and more');
         COMMIT",
    )?;
    connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
    connection.execute_batch("INSERT OR REPLACE INTO note VALUES(100, 'last', 'last')")?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

fn store_with_work(seed: u64) -> Files {
    let disk = Disk::new();
    let connection = disk
        .vfs
        .create_in_place(Path::new(STORE), [7; 16], &store_key(1))
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let mut dice = Dice(seed);
    for _ in 0..20 {
        connection.execute_batch(&statement(&mut dice)).unwrap();
    }
    // Not closed: what is left has a log to recover.
    disk.files()
}

fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DiskFull | ErrorCode::CannotOpen)
    )
}

/// Lets each call in turn fail. Gives how many calls there were.
fn fail_at_every_call(before: &Files, fault: Fault) -> usize {
    let disk = Disk::new();
    let store = Path::new(STORE);
    let open = || -> rusqlite::Result<Connection> {
        let connection = disk.vfs.open(store, &store_key(1)).map_err(|error| match error {
            super::super::Error::Sqlite(error) => error,
            other => panic!("{fault:?}: {other}"),
        })?;
        connection.execute_batch("PRAGMA cache_size = 10")?;
        Ok(connection)
    };

    disk.load(before.clone());
    let connection = open().unwrap();
    work(&connection).unwrap();
    let expected = digest(&connection).unwrap();
    drop(connection);

    for after in 0.. {
        disk.load(before.clone());
        disk.set_fault(Some(Fault { after, ..fault }));
        let mut connection = None;
        let mut attempt = || -> rusqlite::Result<()> {
            let connection = connection.insert(open()?);
            work(connection)?;
            digest(connection).map(|_| ())
        };
        if let Err(error) = attempt() {
            assert!(is_of_the_disk(&error), "{fault:?} at call {after}: {error}");
        }
        let failed = disk.has_failed();

        disk.set_fault(None);
        let connection = connection.unwrap_or_else(|| open().unwrap());
        work(&connection).unwrap_or_else(|error| panic!("{fault:?} at call {after}, retry: {error}"));
        assert_eq!(digest(&connection).unwrap(), expected, "{fault:?} at call {after}");
        assert_eq!(faults(&connection).unwrap(), None, "{fault:?} at call {after}");
        drop(connection);
        let connection = open().unwrap();
        assert_eq!(digest(&connection).unwrap(), expected, "{fault:?} at call {after}");
        if !failed {
            return after;
        }
    }
    0
}

#[test]
fn a35_an_io_error_at_any_call_is_clean_and_the_retry_works() {
    let before = store_with_work(1);
    let once = Fault {
        after: 0,
        writes_only: false,
        lasting: false,
        code: ffi::SQLITE_IOERR,
    };
    let calls = fail_at_every_call(&before, once);
    assert!(calls > 100, "only {calls} calls");
}

#[test]
fn a35_a_disk_that_dies_at_any_call_is_an_error_until_it_works_again() {
    let before = store_with_work(2);
    let lasting = Fault {
        after: 0,
        writes_only: false,
        lasting: true,
        code: ffi::SQLITE_IOERR,
    };
    fail_at_every_call(&before, lasting);
}

#[test]
fn a35_a_full_disk_is_an_error_until_there_is_room() {
    let before = store_with_work(3);
    let full = Fault {
        after: 0,
        writes_only: true,
        lasting: true,
        code: ffi::SQLITE_FULL,
    };
    fail_at_every_call(&before, full);
}
