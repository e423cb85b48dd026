//! The same random work on a sealed store and on SQLite alone gives the same content, whatever is committed, rolled
//! back, checkpointed, reopened or vacuumed between.

use rusqlite::Connection;

use super::store::{Scratch, assert_whole, copy_as_after_a_crash};
use super::workload::{Dice, SCHEMA, digest, faults, statement};

fn compare(seed: u64, steps: usize) {
    let mut dice = Dice(seed);
    let scratch = Scratch::new();
    let plain = Connection::open_in_memory().unwrap();
    let mut sealed = scratch.create();
    for connection in [&plain, &sealed] {
        connection.execute_batch(SCHEMA).unwrap();
    }
    sealed.execute_batch("PRAGMA cache_size = 20").unwrap();

    for step in 0..steps {
        let mut script = String::from("BEGIN;");
        for _ in 0..1 + dice.roll(6) {
            script += &statement(&mut dice);
            script += ";";
            if dice.chance(20) {
                script += &format!("SAVEPOINT s; {}; ROLLBACK TO s; RELEASE s;", statement(&mut dice));
            }
        }
        script += if dice.chance(20) { "ROLLBACK" } else { "COMMIT" };
        plain.execute_batch(&script).unwrap();
        sealed
            .execute_batch(&script)
            .unwrap_or_else(|error| panic!("seed {seed}, step {step}: {error}"));

        match dice.roll(12) {
            0 => sealed
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                .unwrap(),
            1 => sealed
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .unwrap(),
            2 => {
                drop(sealed);
                sealed = scratch.open();
            }
            3 => sealed.execute_batch("VACUUM; PRAGMA cache_size = 20").unwrap(),
            4 => {
                let copy = copy_as_after_a_crash(&scratch);
                assert_eq!(digest(&copy.open()).unwrap(), digest(&plain).unwrap());
            }
            _ => {}
        }
        assert_eq!(
            digest(&sealed).unwrap(),
            digest(&plain).unwrap(),
            "seed {seed}, step {step}"
        );
    }
    assert_eq!(faults(&sealed).unwrap(), None);
    drop(sealed);
    assert_whole(&scratch.open());
}

#[test]
fn the_same_work_gives_the_same_content_as_sqlite_alone() {
    let (seeds, steps) = if std::env::var_os("KIST_LONG").is_some() {
        (1..30, 300)
    } else {
        (1..4, 40)
    };
    for seed in seeds {
        compare(seed, steps);
    }
}
