//! a34: no later write touches a byte of what was committed, whatever spills, is rolled back or begins anew.

use std::path::Path;

use super::disk::{Disk, Event};
use super::store_key;
use super::workload::{Dice, Journal, SCHEMA, SMALL, statement_of};

const STORE: &str = "/store.kist";

/// Works on a store, with a mark after each commit, and gives what happened on the disk.
fn events(journal: Journal, seed: u64) -> Vec<Event> {
    let disk = Disk::new();
    let store = Path::new(STORE);
    drop(disk.vfs.create_in_place(store, [7; 16], &store_key(1)).unwrap());
    let connection = disk.vfs.connect_existing(store, &store_key(1)).unwrap();
    journal.configure(&connection, 10).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let mut dice = Dice(seed);
    disk.record();
    for _ in 0..60 {
        let work: Vec<_> = (0..4).map(|_| statement_of(&mut dice, SMALL)).collect();
        let work = work.join(";");
        if dice.chance(30) {
            connection.execute_batch(&format!("BEGIN; {work}; ROLLBACK")).unwrap();
        } else {
            connection.execute_batch(&format!("BEGIN; {work}; COMMIT")).unwrap();
            disk.mark(1);
        }
        if dice.chance(10) {
            let mode = ["PASSIVE", "RESTART"][dice.roll(2) as usize];
            let done = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
            done.unwrap();
        }
    }
    disk.recorded()
}

#[test]
fn a34_no_write_touches_a_committed_frame_of_the_log() {
    let (mut logs, mut frames) = (0, 0);
    for seed in 0..10 {
        // Ends of what is committed, and of what was written since.
        let (mut committed, mut written) = (80, 80);
        for event in events(Journal::Wal, seed) {
            match event {
                // A new log begins when all that the one before has is in the database, and synced there.
                Event::Write { file, offset: 0, bytes } if file.ends_with("-wal") => {
                    assert_eq!(bytes.len(), 80, "the log's header alone");
                    (committed, written) = (80, 80);
                    logs += 1;
                }
                Event::Write { file, offset, bytes } if file.ends_with("-wal") => {
                    assert!(
                        offset >= committed,
                        "a write at {offset}, where {committed} bytes are committed"
                    );
                    written = offset + bytes.len();
                    frames += 1;
                }
                Event::Mark { .. } => committed = committed.max(written),
                _ => {}
            }
        }
    }
    assert!(logs > 10 && frames > 1000, "{logs} logs, {frames} writes");
}

#[test]
fn a34_no_write_touches_a_piece_of_a_journal_in_use() {
    for journal in [Journal::Delete, Journal::Truncate, Journal::Persist] {
        let (mut end, mut pieces) = (512, 0);
        for event in events(journal, 1) {
            match event {
                Event::Write { file, offset: 0, bytes } if file.ends_with("-journal") => {
                    assert_eq!(bytes.len(), 24, "what says that it is in use, or is not");
                    end = 512;
                }
                Event::Write { file, offset, bytes } if file.ends_with("-journal") => {
                    assert_eq!(offset, end, "{journal:?}: pieces are appended");
                    end += bytes.len();
                    pieces += 1;
                }
                _ => {}
            }
        }
        assert!(pieces > 500, "{journal:?}: {pieces} pieces");
    }
}
