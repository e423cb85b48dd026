//! The same random work on a sealed store and on SQLite alone gives the same content, whatever is committed, rolled
//! back, checkpointed, reopened or vacuumed between.

use rusqlite::Connection;

use super::store::{Scratch, copy_as_after_a_crash};
use super::workload::{Dice, Journal, SCHEMA, digest, faults, statement};

/// A connection whose cache is so small that transactions spill.
fn open(scratch: &Scratch, journal: Journal) -> Connection {
    let connection = scratch.connect();
    journal.configure(&connection, 20).unwrap();
    connection
}

/// Does the same work on both.
pub(super) fn compare(journal: Journal, seed: u64, steps: usize) {
    let mut dice = Dice(seed);
    let scratch = Scratch::new();
    let plain = Connection::open_in_memory().unwrap();
    for connection in [&plain, &scratch.create()] {
        connection.execute_batch(SCHEMA).unwrap();
    }
    // Two connections, so that one meets logs and journals that the other has begun.
    let mut pair = [open(&scratch, journal), open(&scratch, journal)];

    for step in 0..steps {
        let mut script = String::from("BEGIN IMMEDIATE;");
        for _ in 0..1 + dice.roll(6) {
            script += &statement(&mut dice);
            script += ";";
            if dice.chance(20) {
                script += &format!("SAVEPOINT s; {}; ROLLBACK TO s; RELEASE s;", statement(&mut dice));
            }
        }
        script += if dice.chance(20) { "ROLLBACK" } else { "COMMIT" };
        plain.execute_batch(&script).unwrap();
        let index = dice.roll(2) as usize;
        let sealed = &pair[index];
        sealed
            .execute_batch(&script)
            .unwrap_or_else(|error| panic!("{journal:?}, seed {seed}, step {step}: {error}"));

        match dice.roll(12) {
            0 => checkpoint(sealed, "PASSIVE"),
            1 => checkpoint(sealed, "RESTART"),
            2 => checkpoint(sealed, "TRUNCATE"),
            3 => pair[index] = open(&scratch, journal),
            4 => sealed.execute_batch("VACUUM").unwrap(),
            5 => {
                let copy = copy_as_after_a_crash(&scratch);
                assert_eq!(digest(&copy.open()).unwrap(), digest(&plain).unwrap());
            }
            _ => {}
        }
        let expected = digest(&plain).unwrap();
        for sealed in &pair {
            assert_eq!(
                digest(sealed).unwrap(),
                expected,
                "{journal:?}, seed {seed}, step {step}"
            );
        }
    }
    drop(pair);
    let sealed = scratch.open();
    assert_eq!(digest(&sealed).unwrap(), digest(&plain).unwrap());
    assert_eq!(faults(&sealed).unwrap(), None);
}

fn checkpoint(connection: &Connection, mode: &str) {
    connection
        .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
        .unwrap();
}

#[test]
fn the_same_work_gives_the_same_content_as_sqlite_alone() {
    let long = std::env::var_os("KIST_LONG").is_some();
    for journal in Journal::ALL {
        let (seeds, steps) = match journal {
            Journal::Wal if long => (30, 300),
            _ if long => (12, 300),
            Journal::Wal => (4, 40), // What vaults use.
            _ => (2, 40),
        };
        for seed in 1..seeds {
            compare(journal, seed, steps);
        }
    }
}
