//! A store sealed anew: another page key, the same content; cancelled, refused, cut off and tried again.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use kist_crypto::page::PAGE;
use rusqlite::ffi;

use super::super::header::HEADER;
use super::super::{Error, Progress, open, reseal, store_id, with_suffix};
use super::disk::{Disk, Event, Fault, Files};
use super::replay::{Cut, Replay};
use super::store::{Scratch, assert_whole};
use super::store_key;
use super::workload::{Dice, SCHEMA, digest, faults, statement};

const STORE: &str = "/store.kist";

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Files of a store that a killed process left, a log among them, and its content.
fn left_open() -> (Files, [u8; 32]) {
    let disk = Disk::new();
    let connection = disk
        .vfs
        .create_in_place(Path::new(STORE), [7; 16], &store_key(1))
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let mut dice = Dice(1);
    for _ in 0..12 {
        connection.execute_batch(&statement(&mut dice)).unwrap();
    }
    let content = digest(&connection).unwrap();
    (disk.files(), content)
}

fn opens_with(disk: Disk, content: [u8; 32]) {
    let connection = disk.vfs.open(Path::new(STORE), &store_key(1)).unwrap();
    assert_eq!(digest(&connection).unwrap(), content);
    assert_eq!(faults(&connection).unwrap(), None);
}

#[test]
fn z2_every_page_is_sealed_under_another_key_and_the_content_is_the_same() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    connection.execute_batch(SCHEMA).unwrap();
    let mut dice = Dice(3);
    for _ in 0..60 {
        connection.execute_batch(&statement(&mut dice)).unwrap();
    }
    let (content, id) = (digest(&connection).unwrap(), store_id(&connection).unwrap());
    drop(connection);
    let old = fs::read(scratch.path()).unwrap();

    let mut seen = Vec::new();
    reseal(&scratch.path(), &store_key(1), &mut |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    let total = (old.len() - HEADER) as u64 / PAGE as u64;
    let last = seen.last().unwrap();
    assert_eq!((last.done, last.total), (total, total));
    assert!(seen.windows(2).all(|pair| pair[0].done < pair[1].done));

    let new = fs::read(scratch.path()).unwrap();
    assert_eq!(new.len(), old.len());
    let again = scratch.open();
    assert_eq!((digest(&again).unwrap(), store_id(&again).unwrap()), (content, id));
    assert_whole(&again);
    drop(again);
    let left: Vec<_> = fs::read_dir(scratch.path().parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1);

    // A page of the old file in its own place is of another key.
    for page in (HEADER..old.len()).step_by(PAGE) {
        assert_ne!(old[page..page + PAGE], new[page..page + PAGE]);
    }
    let mut mixed = new;
    mixed[HEADER..HEADER + PAGE].copy_from_slice(&old[HEADER..HEADER + PAGE]);
    fs::write(scratch.path(), mixed).unwrap();
    assert!(matches!(open(&scratch.path(), &store_key(1)), Err(Error::Corrupt)));
}

#[test]
fn a_reseal_that_is_cancelled_or_refused_leaves_the_store_as_it_was() {
    let scratch = Scratch::new();
    let connection = scratch.create();
    connection
        .execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(3000000))")
        .unwrap();
    let in_use = reseal(&scratch.path(), &store_key(1), &mut go_on);
    assert!(matches!(in_use, Err(Error::InUse)));
    drop(connection);
    let before = fs::read(scratch.path()).unwrap();
    let other_key = reseal(&scratch.path(), &store_key(2), &mut go_on);
    assert!(matches!(other_key, Err(Error::KeyMismatch)));
    for calls in 0..3 {
        let mut left = calls;
        let cancelled = reseal(&scratch.path(), &store_key(1), &mut |_| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        });
        assert!(matches!(cancelled, Err(Error::Cancelled)));
        assert!(fs::read(scratch.path()).unwrap() == before);
        assert!(!with_suffix(&scratch.path(), ".new").exists());
    }
    reseal(&scratch.path(), &store_key(1), &mut go_on).unwrap();
    assert!(fs::read(scratch.path()).unwrap() != before);
    assert_whole(&scratch.open());
    let nowhere = reseal(&scratch.path().with_extension("none"), &store_key(1), &mut go_on);
    assert!(matches!(nowhere, Err(Error::NotFound)));
}

#[test]
fn a36_a_store_is_sealed_anew_or_as_it_was() {
    let (before, content) = left_open();
    let disk = Disk::new();
    disk.load(before.clone());
    disk.record();
    disk.vfs.reseal(Path::new(STORE), &store_key(1), &mut go_on).unwrap();
    opens_with(disk, content);

    let (mut replay, mut dice, mut cuts) = (Replay::new(&before), Dice(5), 0);
    let old_header = &before[STORE][..HEADER];
    for event in disk.recorded() {
        replay.play(&event);
        for cut in [Cut::Nothing, Cut::Everything]
            .into_iter()
            .chain([Cut::Sectors(50), Cut::Split].repeat(4))
        {
            cuts += 1;
            let files = replay.cut(cut, &mut dice);
            let resealed = files[STORE][..HEADER] != *old_header;
            assert!(!resealed || matches!(event, Event::Rename { .. } | Event::SyncFolder));
            disk.load(files);
            opens_with(disk, content);
            if dice.chance(5) {
                // It is begun anew, over what is left.
                disk.vfs.reseal(Path::new(STORE), &store_key(1), &mut go_on).unwrap();
                opens_with(disk, content);
            }
        }
        if matches!(event, Event::SyncFolder) {
            break;
        }
    }
    println!("{cuts} power cuts");
    assert!(cuts > 300, "only {cuts} cuts");
}

#[test]
fn a35_a_reseal_on_a_disk_that_fails_at_any_call_is_an_error_and_the_retry_works() {
    let (before, content) = left_open();
    let disk = Disk::new();
    let store = Path::new(STORE);
    for (writes_only, code) in [(false, ffi::SQLITE_IOERR), (true, ffi::SQLITE_FULL)] {
        for after in 0.. {
            disk.load(before.clone());
            disk.set_fault(Some(Fault {
                after,
                writes_only,
                lasting: writes_only,
                code,
            }));
            let tried = disk.vfs.reseal(store, &store_key(1), &mut go_on);
            let failed = disk.has_failed();
            disk.set_fault(None);
            match tried {
                Ok(()) | Err(Error::Sqlite(_) | Error::Io(_) | Error::InUse) => {}
                Err(other) => panic!("call {after}: {other}"),
            }
            opens_with(disk, content);
            disk.vfs.reseal(store, &store_key(1), &mut go_on).unwrap();
            opens_with(disk, content);
            if !failed {
                assert!(after > 40, "only {after} calls");
                break;
            }
        }
    }
}
