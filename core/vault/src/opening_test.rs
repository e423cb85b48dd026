//! A36 and more: a store is migrated whole or not at all, and one that is refused is left as it is.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kist_crypto::testing::SeededRandom;
use kist_crypto::{RootKey, Secret};
use serde_json::json;

use crate::{Change, Error, Filter, LifeArea, Provenance, RecordDraft, Vault, deferred, migration, vfs};

const NOW: i64 = 1_793_491_200_000;

/// The key of the frozen stores.
fn root() -> RootKey {
    RootKey::from_parts(1, Secret::new([7; 32]))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn version_1(to: &Path) {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vault/v1");
    copy(&vectors, to);
}

/// The files of a folder but the log's index, which a reader makes anew, and the empty lock.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !name.ends_with("-shm") && name != "lock" {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

fn note(vault: &Vault, text: &str) {
    let body = json!({ "text": text });
    let draft = RecordDraft::new(
        crate::schema::NOTE,
        LifeArea::OTHER,
        body,
        Provenance::self_asserted(NOW),
    );
    vault.put(draft, NOW, &mut SeededRandom::new(5)).unwrap();
}

#[test]
fn a_store_of_a_later_build_is_refused_and_left_as_it_is_byte_for_byte() {
    for crashed in [false, true] {
        let (made, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault = Vault::create(made.path(), &root()).unwrap();
        note(&vault, "from the future");
        let later = vfs::open(&made.path().join("store.kist"), &root().store_key()).unwrap();
        later.pragma_update(None, "user_version", 99).unwrap();
        if crashed {
            copy(made.path(), folder.path());
            drop((later, vault));
        } else {
            drop((later, vault));
            copy(made.path(), folder.path());
        }
        let before = bytes(folder.path());
        assert_eq!(before.contains_key("store.kist-wal"), crashed);
        let refused = Vault::open(folder.path(), &root()).err();
        assert_eq!(refused, Some(Error::UnsupportedVersion { found: 99 }));
        assert!(bytes(folder.path()) == before, "crashed: {crashed}");
    }
}

#[test]
fn a26_an_older_copy_is_refused_before_anything_is_written_to_it() {
    let folder = tempfile::tempdir().unwrap();
    version_1(folder.path());
    let before = bytes(folder.path());
    let refused = Vault::open_not_before(folder.path(), &root(), 1_000).err();
    assert!(matches!(refused, Some(Error::RolledBack { known: 1_000, found }) if found < 1_000));
    assert!(bytes(folder.path()) == before);
    let vault = Vault::open(folder.path(), &root()).unwrap();
    let generation = vault.generation().unwrap();
    drop(vault);
    assert!(Vault::open_not_before(folder.path(), &root(), generation).is_ok());
    assert!(Vault::open_not_before(folder.path(), &root(), generation + 1).is_err());
}

#[test]
fn a36_a_migration_that_is_cut_off_leaves_the_old_store() {
    let (folder, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    version_1(folder.path());
    let mut connection = vfs::open(&folder.path().join("store.kist"), &root().store_key()).unwrap();
    connection.pragma_update(None, "cache_size", 10).unwrap(); // So that much of it is in the log before the end.
    let transaction = connection.transaction().unwrap();
    migration::steps(&transaction, 1).unwrap();
    transaction
        .execute("INSERT INTO garbage SELECT randomblob(60000)", [])
        .unwrap();
    transaction
        .execute("INSERT INTO garbage SELECT randomblob(60000)", [])
        .unwrap();
    copy(folder.path(), killed.path());
    assert!(fs::metadata(killed.path().join("store.kist-wal")).unwrap().len() > 60_000);
    let old = vfs::open(&killed.path().join("store.kist"), &root().store_key()).unwrap();
    assert_eq!(old.pragma_query_value(None, "user_version", |row| row.get(0)), Ok(1));
    drop(old);
    let vault = Vault::open(killed.path(), &root()).unwrap();
    assert_eq!(vault.search("tenancy", &Filter::default(), 9).unwrap().len(), 1);
}

#[test]
fn a_store_derived_with_other_schemas_is_derived_anew() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &root()).unwrap();
    let body = json!({"title": "Permit", "expires": "2026-11-20"});
    let draft = RecordDraft::new(crate::schema::DOCUMENT, "home", body, Provenance::self_asserted(NOW));
    let id = vault.put(draft, NOW, &mut SeededRandom::new(5)).unwrap().id;
    drop(vault);
    let connection = vfs::open(&folder.path().join("store.kist"), &root().store_key()).unwrap();
    connection
        .execute_batch(
            "DELETE FROM record_dates; UPDATE revisions SET title = 'old'; UPDATE store SET derived_with = x'00'",
        )
        .unwrap();
    drop(connection);
    let vault = Vault::open(folder.path(), &root()).unwrap();
    let today = crate::Date::from_ms(NOW);
    assert_eq!(vault.reminders(today, today).unwrap()[0].record, id);
    assert_eq!(vault.list(&Filter::default()).unwrap()[0].title, "Permit");
    assert_eq!(vault.search("permit", &Filter::default(), 9).unwrap().len(), 1);
}

#[test]
fn a_change_that_was_kept_for_a_later_build_is_taken_in_by_it() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault::create(folder.path(), &root()).unwrap();
    let elsewhere = Vault::create(other.path(), &root()).unwrap();
    note(&elsewhere, "kept");
    let change = elsewhere.changes_after(0, 1 << 20).unwrap().changes.remove(0);
    vault
        .transaction(NOW, |changes| {
            changes.touch();
            deferred::keep(changes.sql(), None, &change.encode())?;
            deferred::keep(changes.sql(), None, &[1, 0xa1, 0x61, b'X', 0xa0])
        })
        .unwrap();
    drop(vault);
    let vault = Vault::open(folder.path(), &root()).unwrap();
    assert_eq!(vault.search("kept", &Filter::default(), 9).unwrap().len(), 1);
    let left: i64 = vault
        .read(|sql| Ok(sql.query_row("SELECT count(*) FROM deferred", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(left, 1, "what is still not known stays");
}

#[test]
fn a_change_of_an_unknown_kind_is_kept_once_and_goes_with_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &root()).unwrap();
    note(&vault, "n");
    let id = vault.list(&Filter::default()).unwrap()[0].id;
    // {"Later": {"id": record, "more": [1, {"x": "quokka"}]}}
    let mut encoded = b"\x01\xa1\x65Later\xa2\x62id\x50".to_vec();
    encoded.extend_from_slice(id.as_bytes());
    encoded.extend_from_slice(b"\x64more\x82\x01\xa1\x61x\x66quokka");
    let change = Change::decode(&encoded).unwrap();
    assert!(matches!(&change, Change::Unknown(unknown) if unknown.record == Some(id)));
    assert_eq!(change.encode(), encoded);
    for length in 0..encoded.len() {
        assert!(Change::decode(&encoded[..length]).is_err());
    }
    let count = || {
        let count =
            |sql: &rusqlite::Connection| Ok(sql.query_row("SELECT count(*) FROM deferred", [], |row| row.get(0))?);
        vault.read(count).unwrap()
    };
    vault.apply(std::slice::from_ref(&change)).unwrap();
    let generation = vault.generation().unwrap();
    vault.apply(std::slice::from_ref(&change)).unwrap();
    assert_eq!((vault.generation().unwrap(), count()), (generation, 1_i64));
    vault.delete(&id, NOW).unwrap();
    vault.apply(&[change]).unwrap();
    assert_eq!(count(), 0);

    for malformed in [
        &b"\x01\xa0"[..],
        b"\x01\xa1\x67Deleted\xa0",
        b"\x01\xa2\x61A\xa0\x61B\xa0",
        b"\x01\x61A",
    ] {
        assert_eq!(Change::decode(malformed), Err(Error::Malformed { what: "change" }));
    }
}
