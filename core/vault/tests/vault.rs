//! The folder: made, opened, locked, damaged; what lies in it tells nothing.

#![allow(clippy::unwrap_used)]

mod common;

#[cfg(target_os = "linux")]
use std::path::Path;
use std::{fs, thread};

use common::{Home, NOW, all_files, contains, noise, note};
use kist_crypto::RootKey;
use kist_vault::{Error, Filter, Part, Vault};

#[test]
fn a_vault_is_made_once_and_opened_by_one_at_a_time() {
    let home = Home::new();
    let none = Vault::open(home.path(), &home.root).err();
    assert_eq!(none, Some(Error::NotFound { what: "vault" }));
    let vault = home.create();
    assert_eq!(Vault::open(home.path(), &home.root).err(), Some(Error::InUse));
    assert_eq!(Vault::create(home.path(), &home.root).err(), Some(Error::InUse));
    let id = vault.store_id();
    vault.lock().unwrap();
    assert_eq!(Vault::create(home.path(), &home.root).err(), Some(Error::AlreadyExists));
    assert_eq!(home.open().store_id(), id);
}

/// How often this process has a file open.
#[cfg(target_os = "linux")]
fn handles_of(file: &Path) -> usize {
    let handles = fs::read_dir("/proc/self/fd").unwrap();
    handles
        .filter(|handle| fs::read_link(handle.as_ref().unwrap().path()).is_ok_and(|target| target == file))
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn a_vault_that_is_being_let_go_of_is_waited_for() {
    let home = Home::new();
    let vault = home.create();
    let (root, path) = (&home.root, home.path());
    thread::scope(|scope| {
        let opening = scope.spawn(|| Vault::open(path, root).map(|vault| vault.store_id()));
        let id = vault.store_id();
        // Not before the other is at the lock, which it holds open as this one does.
        while handles_of(&path.join("lock")) < 2 && !opening.is_finished() {
            thread::yield_now();
        }
        vault.lock().unwrap();
        assert_eq!(opening.join().unwrap().unwrap(), id);
    });
}

#[test]
fn z2_another_key_opens_nothing_and_leaves_everything() {
    let mut home = Home::new();
    let vault = home.create();
    vault.put(note("a", "b"), NOW, &mut home.rng).unwrap();
    drop(vault);
    let other = RootKey::generate(1, &mut home.rng);
    assert_eq!(Vault::open(home.path(), &other).err(), Some(Error::KeyMismatch));
    assert_eq!(home.open().list(&Filter::default()).unwrap().len(), 1);
}

#[test]
fn a6_a_damaged_store_is_corrupt_and_no_panic() {
    let mut home = Home::new();
    let vault = home.create();
    vault
        .put_many((0..200).map(|n| note(&n.to_string(), "text")), NOW, &mut home.rng)
        .unwrap();
    vault.lock().unwrap();
    let path = home.path().join("store.kist");
    let sound = fs::read(&path).unwrap();
    for place in (5000..sound.len()).step_by(sound.len() / 40) {
        let mut damaged = sound.clone();
        damaged[place] ^= 0x10;
        fs::write(&path, damaged).unwrap();
        let found = Vault::open(home.path(), &home.root).and_then(|vault| {
            let list = vault.list(&Filter::default())?;
            list.iter().try_for_each(|found| vault.record(&found.id).map(|_| ()))?;
            vault.search("text", &Filter::default(), 500).map(|hits| hits.len())
        });
        assert!(
            matches!(found, Ok(200) | Err(Error::Corrupt { part: Part::Store })),
            "byte {place}: {found:?}"
        );
    }
}

#[test]
fn the_generation_counts_commits_and_reading_does_not() {
    let mut home = Home::new();
    let vault = home.create();
    let before = vault.generation().unwrap();
    vault.put(note("a", "b"), NOW, &mut home.rng).unwrap();
    vault.keep("items", "a", b"1", NOW).unwrap();
    vault.list(&Filter::default()).unwrap();
    vault.transaction(NOW, |_| Ok::<_, Error>(())).unwrap();
    assert_eq!(vault.generation().unwrap(), before + 2);
}

#[test]
fn threads_read_while_another_writes() {
    let mut home = Home::new();
    let vault = home.create();
    vault.put(note("first", "text"), NOW, &mut home.rng).unwrap();
    thread::scope(|scope| {
        vault
            .transaction(NOW, |changes| {
                changes.put(note("second", "text"), &mut home.rng)?;
                let seen = scope
                    .spawn(|| vault.list(&Filter::default()).unwrap().len())
                    .join()
                    .unwrap();
                assert_eq!(seen, 1, "the second is not committed yet");
                Ok::<_, Error>(())
            })
            .unwrap();
    });
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 2);
}

#[test]
fn a23_nothing_in_the_folder_is_readable_open_or_locked() {
    let mut home = Home::new();
    let vault = home.create();
    let canary = "Quokkacanary";
    let mut bytes = noise(1, 300_000);
    bytes.extend_from_slice(canary.as_bytes());
    let file = home.attach(&vault, canary, &bytes);
    let mut draft = note(canary, &format!("{canary} {canary}"));
    draft.files = vec![file.id];
    draft.tags = vec![canary.into()];
    draft.schema = format!("x:{canary}");
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    vault.keep(canary, canary, canary.as_bytes(), NOW).unwrap();
    let scan = |when: &str| {
        for (path, bytes) in all_files(home.path()) {
            let lower = bytes.to_ascii_lowercase();
            for word in [
                canary.to_lowercase().as_str(),
                "revisions",
                "create table",
                "sqlite",
                &put.id.to_string(),
            ] {
                assert!(!contains(&lower, word.as_bytes()), "{word} in {path:?}, {when}");
            }
            assert!(!contains(&bytes, put.id.as_bytes()), "an id in {path:?}, {when}");
        }
    };
    scan("open");
    vault.lock().unwrap();
    scan("locked");
}

#[test]
fn a23_the_index_of_an_open_vaults_log_is_in_no_file() {
    let mut home = Home::new();
    let vault = home.create();
    vault.put(note("Boiler", "leaks"), NOW, &mut home.rng).unwrap();
    vault.search("boiler", &Filter::default(), 1).unwrap();
    let mut names: Vec<_> = all_files(home.path())
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["lock", "store.kist", "store.kist-wal"]);
}
