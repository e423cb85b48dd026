//! Another root key for a vault: everything stays readable, the old key opens nothing, a kill anywhere locks nobody out.
//! Another page key too, where it is sealed anew.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::ops::ControlFlow;

use common::{Home, NOW, noise, note};
use kist_crypto::RootKey;
use kist_vault::{Change, Error, FileId, Filter, Part, Vault};

fn read(vault: &Vault, file: &FileId) -> Vec<u8> {
    let mut reader = vault.read_file(file).unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        bytes.extend_from_slice(chunk.expose());
    }
    bytes
}

/// A vault with a record that has a file of a few chunks.
fn with_a_file(home: &mut Home, bytes: &[u8]) -> (Vault, FileId) {
    let vault = home.create();
    let file = home.attach(&vault, "letter", bytes).id;
    let mut draft = note("Letter", "text");
    draft.files = vec![file];
    vault.put(draft, NOW, &mut home.rng).unwrap();
    (vault, file)
}

fn next(home: &mut Home) -> RootKey {
    RootKey::generate(home.root.generation() + 1, &mut home.rng)
}

fn keep_nothing() -> Result<(), Error> {
    Ok(())
}

#[test]
fn z2_after_a_new_root_key_everything_is_readable_and_the_old_one_opens_nothing() {
    let mut home = Home::new();
    let bytes = noise(1, 900_000);
    let (vault, file) = with_a_file(&mut home, &bytes);
    let first = home.root.clone();
    for _ in 0..3 {
        let new = next(&mut home);
        let kept = vault.rekey(&new, || Ok::<_, Error>("the caller's own")).unwrap();
        assert_eq!(kept, "the caller's own");
        home.root = new;
        assert!(read(&vault, &file) == bytes);
    }
    // The vault was open all the time, and is not the worse for it.
    let later = home.attach(&vault, "later", &bytes).id;
    let mut draft = note("Later", "text");
    draft.files = vec![later];
    vault.put(draft, NOW, &mut home.rng).unwrap();
    vault.lock().unwrap();

    assert_eq!(Vault::open(home.path(), &first).err(), Some(Error::KeyMismatch));
    let vault = home.open();
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 2);
    assert!(read(&vault, &file) == bytes);
    assert!(read(&vault, &later) == bytes);
}

#[test]
fn a27_what_is_written_under_the_new_root_key_the_old_one_does_not_open() {
    let mut home = Home::new();
    let bytes = noise(2, 300_000);
    let (vault, _) = with_a_file(&mut home, &bytes);
    let before = vault.chunk_ids().unwrap();
    let mut old_device = home.second();
    let new = next(&mut home);
    vault.rekey(&new, keep_nothing).unwrap();
    home.attach(&vault, "the same again", &bytes);
    let after: Vec<_> = vault
        .chunk_ids()
        .unwrap()
        .into_iter()
        .filter(|chunk| !before.contains(chunk))
        .collect();
    assert_eq!(after.len(), before.len(), "the same content has other names");

    let (old_vault, _) = with_a_file(&mut old_device, b"its own");
    for chunk in after {
        let sealed = vault.sealed_chunk(&chunk.id).unwrap();
        let refused = old_vault.put_sealed_chunk(&chunk.id, &sealed);
        assert_eq!(refused, Err(Error::AuthenticationFailed));
    }
}

#[test]
fn a36_a_kill_while_the_root_key_is_replaced_locks_nobody_out() {
    let mut home = Home::new();
    let bytes = noise(3, 200_000);
    let (vault, file) = with_a_file(&mut home, &bytes);
    let (old, new) = (home.root.clone(), next(&mut home));

    // The new key could not be kept: the old one goes on, and opens the vault again.
    let failed = vault.rekey(&new, || Err::<(), _>(Error::DiskFull));
    assert_eq!(failed, Err(Error::DiskFull));
    home.attach(&vault, "meanwhile", &bytes);
    drop(vault);
    let vault = Vault::open(home.path(), &old).unwrap();
    assert!(read(&vault, &file) == bytes);

    // Killed after the new key was kept, and before the old one was put away.
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        vault.rekey(&new, || -> Result<(), Error> {
            std::panic::resume_unwind(Box::new("killed"))
        })
    }));
    assert!(killed.is_err());
    drop(vault);
    let vault = Vault::open(home.path(), &new).unwrap();
    assert!(read(&vault, &file) == bytes);
    drop(vault);
    assert_eq!(Vault::open(home.path(), &old).err(), Some(Error::KeyMismatch));

    // Asked for again, it is as it was.
    let vault = Vault::open(home.path(), &new).unwrap();
    vault.rekey(&new, keep_nothing).unwrap();
    assert!(read(&vault, &file) == bytes);
}

#[test]
fn a36_another_new_key_can_follow_one_that_was_given_up() {
    let mut home = Home::new();
    let (vault, _) = with_a_file(&mut home, b"file");
    let (old, given_up, new) = (home.root.clone(), next(&mut home), next(&mut home));
    vault.rekey(&given_up, || Err::<(), _>(Error::DiskFull)).unwrap_err();
    vault.rekey(&new, keep_nothing).unwrap();
    drop(vault);
    for gone in [&old, &given_up] {
        assert_eq!(Vault::open(home.path(), gone).err(), Some(Error::KeyMismatch));
    }
    Vault::open(home.path(), &new).unwrap();
}

#[test]
fn a_root_key_follows_one_of_an_earlier_generation() {
    let mut home = Home::new();
    let (vault, _) = with_a_file(&mut home, b"file");
    for generation in [0, home.root.generation()] {
        let another = RootKey::generate(generation, &mut home.rng);
        let refused = vault.rekey(&another, || -> Result<(), Error> { panic!("kept") });
        assert_eq!(
            refused,
            Err(Error::Malformed {
                what: "root key generation"
            })
        );
    }
    drop(vault);
    home.open();
}

#[test]
fn d3_another_device_under_the_new_root_key_reads_files_of_the_old() {
    let mut home = Home::new();
    let bytes = noise(4, 500_000);
    let (vault, file) = with_a_file(&mut home, &bytes);
    let new = next(&mut home);
    vault.rekey(&new, keep_nothing).unwrap();

    let mut second = home.second();
    second.root = new;
    let other = second.create();
    let mut changes: Vec<Change> = vault.changes_after(0, usize::MAX).unwrap().changes;
    changes.reverse();
    other.apply(&changes).unwrap();
    for chunk in other.missing_chunks().unwrap() {
        let sealed = vault.sealed_chunk(&chunk.id).unwrap();
        other.put_sealed_chunk(&chunk.id, &sealed).unwrap();
        let mut forged = sealed;
        forged[40] ^= 1;
        assert_eq!(
            other.put_sealed_chunk(&chunk.id, &forged),
            Err(Error::AuthenticationFailed)
        );
    }
    assert!(read(&other, &file) == bytes);
    other.lock().unwrap();
    assert!(read(&second.open(), &file) == bytes);
}

#[test]
fn files_go_on_being_attached_while_the_root_key_is_replaced() {
    let mut home = Home::new();
    let (vault, first) = with_a_file(&mut home, &noise(5, 100_000));
    let bytes = noise(6, 2_000_000);
    let new = next(&mut home);
    let meta = kist_vault::FileMeta::named("f");
    let mut rekeyed = false;
    let file = vault
        .attach(&bytes[..], meta, NOW, &mut home.rng, &mut |_| {
            if !std::mem::replace(&mut rekeyed, true) {
                vault.rekey(&new, keep_nothing).unwrap();
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(read(&vault, &file.id) == bytes);
    assert_eq!(read(&vault, &first).len(), 100_000);
}

#[test]
fn z2_a_resealed_vault_is_the_same_and_its_old_file_of_no_use() {
    let mut home = Home::new();
    let bytes = noise(7, 300_000);
    let (vault, file) = with_a_file(&mut home, &bytes);
    let (old, id, generation) = (home.root.clone(), vault.store_id(), vault.generation().unwrap());
    let path = home.path().join("store.kist");
    let go_on = &mut |_, _| ControlFlow::Continue(());
    assert_eq!(Vault::reseal(home.path(), &old, go_on), Err(Error::InUse));
    vault.lock().unwrap();
    let header = fs::read(&path).unwrap()[..4096].to_vec();

    // Whoever had the old root key and a copy of the header goes on reading after a new root key alone.
    home.root = next(&mut home);
    let vault = Vault::open(home.path(), &old).unwrap();
    vault.rekey(&home.root, keep_nothing).unwrap();
    vault.lock().unwrap();
    let reads = |with: &RootKey| {
        let copy = tempfile::tempdir().unwrap();
        let mut store = fs::read(&path).unwrap();
        store[..4096].copy_from_slice(&header);
        fs::write(copy.path().join("store.kist"), store).unwrap();
        Vault::open(copy.path(), with).map(|_| ())
    };
    assert_eq!(reads(&old), Ok(()));

    assert_eq!(Vault::reseal(home.path(), &old, go_on), Err(Error::KeyMismatch));
    let stopped = Vault::reseal(home.path(), &home.root, &mut |_, _| ControlFlow::Break(()));
    assert_eq!(stopped, Err(Error::Cancelled));
    let mut sealed = 0;
    Vault::reseal(home.path(), &home.root, &mut |done, all| {
        assert!(done <= all);
        sealed = done;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(sealed, fs::metadata(&path).unwrap().len() - 4096);
    assert_eq!(reads(&old), Err(Error::Corrupt { part: Part::Store }));

    // What an attempt that was cut off leaves is gone when the vault is opened.
    fs::write(home.path().join("store.kist.new"), "half a store").unwrap();
    let vault = home.open();
    assert!(!home.path().join("store.kist.new").exists());
    assert_eq!(vault.store_id(), id);
    assert!(vault.generation().unwrap() > generation, "it only counts up");
    assert!(read(&vault, &file) == bytes);
    assert_eq!(vault.search("Letter", &Filter::default(), 5).unwrap().len(), 1);
}
