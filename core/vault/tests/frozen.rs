//! The stores that earlier versions wrote open, are migrated, and hold what was put in them; what is sealed and sent is
//! as it was. tests/vectors/vault/README.md says what lies there.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Home, NOW, noise, note};
use kist_crypto::testing::SeededRandom;
use kist_crypto::{RootKey, Secret};
use kist_vault::{
    Change, ChunkId, Correction, Date, Filter, Provenance, RecordDraft, RecordSummary, Settlement, Shown, SideId,
    Source, Vault, Verification, schema,
};
use serde_json::{Value, json};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vault")
}

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
            copy(&path, &target)
        } else {
            fs::copy(&path, &target).map(|_| ()).unwrap()
        }
    }
}

/// Everything in a vault that another build must find as well.
fn content(vault: &Vault) -> Value {
    let list = vault.list(&Filter::default()).unwrap();
    let records: Vec<Value> = list
        .iter()
        .map(|found| json!({ "current": found, "revisions": vault.revisions(&found.id).unwrap() }))
        .collect();
    let kept = |collection| vault.all_kept(collection).unwrap();
    json!({ "records": records, "items": kept("items"), "local": kept("local/state") })
}

/// What version 2 keeps beside the content: marks, and what follows from records.
fn curated(vault: &Vault) -> Value {
    let anywhere = Filter {
        shown: Shown::Anywhere,
        ..Filter::default()
    };
    let marked = |found: &RecordSummary| json!({ "id": found.id, "marks": vault.marks(&found.id).unwrap() });
    let marks: Vec<Value> = vault.list(&anywhere).unwrap().iter().map(marked).collect();
    let today = Date::from_ms(NOW);
    let origins = |found: &RecordSummary| vault.record(&found.id).unwrap().unwrap().origins;
    json!({
        "content": content(vault),
        "marks": marks,
        "origins": vault.list(&anywhere).unwrap().iter().map(origins).collect::<Vec<_>>(),
        "conflicts": vault.conflicts().unwrap(),
        "reminders": vault.reminders(today, today.plus_days(100)).unwrap(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn read_json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(vectors().join(name)).unwrap()).unwrap()
}

#[test]
fn a_store_of_version_1_opens_with_all_that_was_put_in_it() {
    let folder = tempfile::tempdir().unwrap();
    copy(&vectors().join("v1"), folder.path());
    let vault = Vault::open(folder.path(), &root()).unwrap();
    assert_eq!(content(&vault), read_json("v1.json"));

    let letter = vault
        .search("tenancy", &Filter::default(), 5)
        .unwrap()
        .remove(0)
        .record
        .id;
    let mut file = vault
        .read_file(&vault.record(&letter).unwrap().unwrap().files[0].id)
        .unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    assert!(bytes == noise(1, 100_000));

    let put = vault
        .put(note("new", "in an old store"), NOW, &mut SeededRandom::new(9))
        .unwrap();
    assert!(vault.record(&put.id).unwrap().unwrap().time.wall_ms() >= NOW);
}

#[test]
fn a_store_of_version_2_opens_with_all_that_was_put_in_it() {
    let folder = tempfile::tempdir().unwrap();
    copy(&vectors().join("v2"), folder.path());
    let vault = Vault::open(folder.path(), &root()).unwrap();
    assert_eq!(curated(&vault), read_json("v2.json"));
    assert_eq!(vault.search("tenancy", &Filter::default(), 5).unwrap().len(), 1);
    assert_eq!(vault.search("leaks again", &Filter::default(), 5).unwrap().len(), 1);
}

#[test]
fn changes_are_encoded_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &root()).unwrap();
    let vectors = read_json("changes.json");
    for vector in vectors.as_array().unwrap() {
        let encoded = unhex(&vector["encoded"]);
        let change = Change::decode(&encoded).unwrap();
        assert_eq!(serde_json::to_value(&change).unwrap(), vector["change"]);
        assert_eq!(hex(&change.encode()), hex(&encoded));
        vault.apply(&[change]).unwrap();
    }
    assert_eq!(vectors.as_array().unwrap().len(), 6);
}

#[test]
fn a_chunk_is_named_and_sealed_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &root()).unwrap();
    let vector = read_json("chunk.json");
    let id: ChunkId = vector["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(root().chunk_id_key().mac(&[&unhex(&vector["plain"])]), *id.as_bytes());
    vault.put_sealed_chunk(&id, &unhex(&vector["sealed"])).unwrap();
}

/// Marks of every kind, two records that differ and two that were merged, something to be reminded of.
fn curate(vault: &Vault, home: &mut Home) {
    let put = |uri: &str, body: Value, home: &mut Home| {
        let draft = RecordDraft::new(uri, "identity", body, Provenance::imported("vcard", NOW));
        let put = vault.put(draft, NOW + 7, &mut home.rng).unwrap();
        SideId {
            record: put.id,
            time: put.time,
        }
    };
    let address = |street: &str| json!({"street_address": street, "locality": "Cardiff", "kind": "home"});
    let (first, second) = (
        put(schema::ADDRESS, address("12 Bute Street"), home),
        put(schema::ADDRESS, address("3 Quay Street"), home),
    );
    let merge = Settlement::Merge {
        into: first,
        members: vec![("/street_address".into(), second)],
    };
    vault.settle(&[first, second], &merge, NOW + 8).unwrap();
    let name = |given: &str| json!({ "given_name": given });
    let (alice, alys) = (
        put(schema::NAME, name("Alice"), home),
        put(schema::NAME, name("Alys"), home),
    );
    vault.settle(&[alice, alys], &Settlement::AllRight, NOW + 8).unwrap();
    put(schema::NAME, name("Ali"), home);
    let permit = json!({"title": "Permit", "expires": "2026-12-01"});
    let permit = put(schema::DOCUMENT, permit, home).record;
    vault.set_favourite(&permit, true, NOW + 9).unwrap();
    vault.set_note(&permit, "in the drawer", NOW + 9).unwrap();
    vault.confirm(&permit, Some("/title"), NOW + 9).unwrap();
    let until = "2026-11-20".parse().unwrap();
    vault.snooze(&permit, "/expires", until, NOW + 9).unwrap();
    let old = put(schema::NOTE, json!({"text": "old"}), home).record;
    vault.trash(&old, NOW + 9).unwrap();
}

/// The folder of the store that [`write_vectors`] writes: the version of this build.
const WRITTEN: &str = "v2";

/// Writes the store of this version, once: what is there is frozen, and is never written again.
#[test]
#[ignore = "writes the vectors of a new version"]
fn write_vectors() {
    let out = vectors();
    let (store, holds) = (out.join(WRITTEN), out.join(format!("{WRITTEN}.json")));
    assert!(!store.exists() && !holds.exists(), "{WRITTEN} is frozen");
    let mut home = Home::new();
    home.root = root();
    let vault = home.create();
    let file = home.attach(&vault, "tenancy.pdf", &noise(1, 100_000));
    let mut letter = RecordDraft::new(
        schema::DOCUMENT,
        "home",
        json!({"title": "Tenancy agreement", "issued": "2021-06-01"}),
        Provenance::imported("file", NOW),
    );
    letter.files = vec![file.id];
    letter.tags = vec!["bute street".into()];
    let clinic = Provenance {
        source: Source::Delivered {
            by: "Riverside Clinic".into(),
            organisation_id: "GB-1".into(),
            credential: "c1".into(),
        },
        verification: Verification::Signature {
            issuer: "Riverside Clinic".into(),
        },
        collected_ms: NOW,
    };
    let jab = json!({"vaccine": "Influenza", "date": "2026-10-02", "unknown": {"to": ["us"]}});
    let jab = RecordDraft::new(schema::VACCINATION, "health", jab, clinic);
    vault
        .put_many([letter, jab, note("gone", "gone")], NOW, &mut home.rng)
        .unwrap();
    let boiler = vault.put(note("Boiler", "leaks"), NOW + 1, &mut home.rng).unwrap();
    let gone = vault.search("gone", &Filter::default(), 1).unwrap().remove(0).record.id;
    vault.delete(&gone, NOW + 2).unwrap();
    vault.keep("items", "a", b"1", NOW + 3).unwrap();
    vault.keep("items", "b", b"2", NOW + 3).unwrap();
    vault.forget("items", "b", NOW + 3).unwrap();
    vault.keep("local/state", "position", b"12", NOW + 3).unwrap();

    let mut second = home.second();
    let other = second.create();
    other
        .apply(&vault.changes_after(0, usize::MAX).unwrap().changes)
        .unwrap();
    second.rng = SeededRandom::new(3);
    let text = |text: &str| Correction::new(json!({"title": "Boiler", "text": text}), Provenance::self_asserted(NOW));
    other.correct(&boiler.id, text("mended"), NOW + 5).unwrap();
    vault
        .apply(&other.changes_after(0, usize::MAX).unwrap().changes)
        .unwrap();
    vault.correct(&boiler.id, text("leaks again"), NOW + 6).unwrap();

    curate(&vault, &mut home);

    let write = |path: &Path, value: &Value| {
        fs::write(path, serde_json::to_string_pretty(value).unwrap() + "\n").unwrap();
    };
    write(&holds, &curated(&vault));
    write(&out.join("changes.json"), &with_new_kinds(&vault));
    vault.lock().unwrap();
    copy(home.path(), &store);
    fs::remove_file(store.join("lock")).unwrap();
}

/// The encoded changes that are frozen, and behind them the first of each kind that isn't among them.
fn with_new_kinds(vault: &Vault) -> Value {
    let mut vectors = read_json("changes.json").as_array().unwrap().clone();
    let kind = |change: &Value| change.as_object().unwrap().keys().next().unwrap().clone();
    for change in vault.changes_after(0, usize::MAX).unwrap().changes {
        let (json, encoded) = (serde_json::to_value(&change).unwrap(), hex(&change.encode()));
        if !vectors.iter().any(|frozen| kind(&frozen["change"]) == kind(&json)) {
            vectors.push(json!({ "change": json, "encoded": encoded }));
        }
    }
    Value::Array(vectors)
}
