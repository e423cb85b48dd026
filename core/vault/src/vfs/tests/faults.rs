//! a35: the disk fails, or is full, at each call in turn. The caller gets a clean error, and the same work succeeds on
//! the same connection once the disk works again.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, ffi};

use super::super::{add_key, settle_key};
use super::disk::{Disk, Fault, Files};
use super::store_key;
use super::workload::{Dice, Journal, SCHEMA, digest, faults, statement};

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

/// Work on a store, broken off by something that fails.
pub(super) struct Trial {
    pub(super) disk: Disk,
    journal: Journal,
    before: Files,
    /// The content when the work is done.
    expected: [u8; 32],
}

impl Trial {
    pub(super) fn new(journal: Journal, seed: u64) -> Self {
        let mut trial = Trial {
            disk: Disk::new(),
            journal,
            before: store_with_work(seed),
            expected: [0; 32],
        };
        trial.disk.load(trial.before.clone());
        let connection = trial.open().unwrap();
        work(&connection).unwrap();
        trial.expected = digest(&connection).unwrap();
        trial
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let opened = self.disk.vfs.connect_existing(Path::new(STORE), &store_key(1));
        let connection = opened.map_err(|error| match error {
            super::super::Error::Sqlite(error) => error,
            other => panic!("{other}"),
        })?;
        self.journal.configure(&connection, 10)?;
        Ok(connection)
    }

    /// Works while something fails from now on, which gives no error but those that are `clean`; then, once `mend` was
    /// called, again on the same connection, if there is one.
    pub(super) fn survive(&self, what: &str, clean: &[ErrorCode], fail: impl FnOnce(), mend: impl FnOnce()) {
        self.disk.load(self.before.clone());
        fail();
        let mut connection = None;
        let mut attempt = || -> rusqlite::Result<()> {
            let connection = connection.insert(self.open()?);
            work(connection)?;
            digest(connection).map(|_| ())
        };
        let tried = attempt();
        mend();
        if let Err(error) = tried {
            let code = error.sqlite_error_code();
            assert!(code.is_some_and(|code| clean.contains(&code)), "{what}: {error}");
        }
        let connection = connection.unwrap_or_else(|| self.open().unwrap());
        work(&connection).unwrap_or_else(|error| panic!("{what}, retry: {error}"));
        assert_eq!(digest(&connection).unwrap(), self.expected, "{what}");
        assert_eq!(faults(&connection).unwrap(), None, "{what}");
        drop(connection);
        let connection = self.open().unwrap();
        assert_eq!(digest(&connection).unwrap(), self.expected, "{what}");
    }
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

/// Lets each call in turn fail, in each journal mode. Gives how many calls there were.
fn fail_at_every_call(fault: Fault) -> usize {
    const OF_THE_DISK: [ErrorCode; 3] = [ErrorCode::SystemIoFailure, ErrorCode::DiskFull, ErrorCode::CannotOpen];
    let mut calls = 0;
    for (seed, journal) in (1..).zip(Journal::ALL) {
        let trial = Trial::new(journal, seed);
        for after in 0.. {
            let mut failed = true;
            trial.survive(
                &format!("{journal:?}, {fault:?} at call {after}"),
                &OF_THE_DISK,
                || trial.disk.set_fault(Some(Fault { after, ..fault })),
                || {
                    failed = trial.disk.has_failed();
                    trial.disk.set_fault(None);
                },
            );
            if !failed {
                calls += after;
                break;
            }
        }
    }
    calls
}

#[test]
fn a35_an_io_error_at_any_call_is_clean_and_the_retry_works() {
    let calls = fail_at_every_call(Fault {
        after: 0,
        writes_only: false,
        lasting: false,
        code: ffi::SQLITE_IOERR,
    });
    println!("{calls} calls failed");
    assert!(calls > 1000, "only {calls} calls");
}

#[test]
fn a35_a_disk_that_dies_at_any_call_is_an_error_until_it_works_again() {
    fail_at_every_call(Fault {
        after: 0,
        writes_only: false,
        lasting: true,
        code: ffi::SQLITE_IOERR,
    });
}

#[test]
fn a35_a_full_disk_is_an_error_until_there_is_room() {
    fail_at_every_call(Fault {
        after: 0,
        writes_only: true,
        lasting: true,
        code: ffi::SQLITE_FULL,
    });
}

#[test]
fn a35_a_change_of_the_key_that_fails_can_be_tried_again() {
    let before = store_with_work(4);
    let (disk, copy, store) = (Disk::new(), Disk::new(), Path::new(STORE));
    let [one, two] = [1, 2].map(store_key);
    let that_open = || {
        copy.load(disk.files());
        [&one, &two].map(|key| copy.vfs.open(store, key).is_ok())
    };
    for after in 0.. {
        disk.load(before.clone());
        let connection = disk.vfs.open(store, &one).unwrap();
        let mut failed = 0;
        // Each step fails once, and is made again as the caller would.
        let mut until_it_works = |step: &dyn Fn() -> super::super::Result<()>| {
            disk.set_fault(Some(Fault {
                after,
                writes_only: false,
                lasting: true,
                code: ffi::SQLITE_IOERR,
            }));
            let tried = step();
            failed += usize::from(disk.has_failed());
            disk.set_fault(None);
            if tried.is_err() {
                step().unwrap();
            }
        };
        until_it_works(&|| add_key(&connection, &one, &two));
        assert_eq!(that_open(), [true, true], "call {after}");
        until_it_works(&|| settle_key(&connection, &two));
        assert_eq!(that_open(), [false, true], "call {after}");
        connection.execute_batch("DELETE FROM note").unwrap();
        assert_eq!(faults(&connection).unwrap(), None);
        if failed == 0 {
            assert!(after > 2, "only {after} calls");
            break;
        }
    }
}
