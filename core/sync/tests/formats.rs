//! What lies on a relay, pinned: a whole small backup that every later version must restore, and that this one writes
//! byte for byte. tests/vectors/backup/README.md says what lies there.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use ciborium::Value;
use common::relay::{Relay, Stored};
use common::{NOW, NOW_MS, Phone, restore_into};
use kist_crypto::slots::KdfCost;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{Context, RecoveryCode, RootKey, sha256};
use kist_sync::{Entry, FORMAT, Freshness, Head, LogPosition, PackRef, Recovered, manifest as manifest_of};
use kist_vault::{
    Change, ChunkId, Digest, FileId, Filter, HybridTime, LifeArea, Manifest, Provenance, RecordId, Revision, Vault,
    schema,
};
use kist_wire::DeviceId;
use serde_json::json;

fn path() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/backup/backup.json"
    ))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &serde_json::Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn time(counter: u8) -> HybridTime {
    let mut bytes = [0; HybridTime::LENGTH];
    bytes[..8].copy_from_slice(&NOW_MS.to_be_bytes());
    bytes[11] = counter;
    bytes[19] = 7;
    HybridTime::from_bytes(&bytes).unwrap()
}

fn revision(id: u8, title: &str, files: Vec<FileId>, at: HybridTime) -> Change {
    Change::Revision(Box::new(Revision {
        id: RecordId::from_bytes([id; 16]),
        created_ms: NOW_MS,
        revision: 1,
        time: at,
        parents: Vec::new(),
        schema: schema::NOTE.to_owned(),
        area: LifeArea::new(LifeArea::OTHER),
        tags: Vec::new(),
        provenance: Provenance::self_asserted(NOW_MS),
        body: json!({ "title": title }).to_string(),
        files,
        origins: Default::default(),
    }))
}

/// A chunk sealed as a vault does, in a pack of its own, and a file of it.
fn file(root: &RootKey, plain: &[u8], rng: &mut SeededRandom) -> (Manifest, PackRef, Vec<u8>) {
    let id = root.chunk_id_key().mac(&[plain]);
    let context = Context {
        label: "kist/2026-11/chunk",
        version: 1,
        fields: &[&id],
    };
    let sealed = root.file_key().seal(&context, plain, rng);
    let pack = [&[1], &sealed[..]].concat();
    let manifest = Manifest {
        id: FileId::from_bytes([9; 16]),
        name: "ticket.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size: plain.len() as u64,
        digest: Digest::from_bytes(sha256(&[plain])),
        created_ms: NOW_MS,
        chunks: vec![(ChunkId::from_bytes(id), plain.len() as u32)],
        modified_ms: None,
        thumbnail: None,
    };
    let reference = PackRef {
        digest: sha256(&[&pack]),
        chunks: vec![(ChunkId::from_bytes(id), sealed.len() as u32)],
    };
    (manifest, reference, pack)
}

/// An entry with a part of a change, as docs/formats/backup.md has it.
fn part(upto: u64, offset: usize, total: usize, bytes: &[u8]) -> Entry {
    let entry = Value::serialized(&json!({ "upto": upto, "changes": [], "packs": [] })).unwrap();
    let mut part = Value::serialized(&json!({ "offset": offset, "total": total })).unwrap();
    let field = |name: &str, value: Value| (Value::Text(name.to_owned()), value);
    part.as_map_mut()
        .unwrap()
        .push(field("bytes", Value::Bytes(bytes.to_vec())));
    let mut entry = entry;
    entry.as_map_mut().unwrap().push(field("part", part));
    entry.deserialized().unwrap()
}

/// A backup written object by object: two notes, one with a file; a kept item in two parts; a head over it.
fn made() -> serde_json::Value {
    let phone = Phone::new(20_261_101);
    let (root, mut rng) = (phone.root.clone(), SeededRandom::new(1));
    let recovery = phone.recovered().seal(&phone.code, &mut rng);
    let (manifest, pack, blob) = file(&root, b"one child, one adult", &mut rng);
    let first = [
        revision(1, "Barry Island", Vec::new(), time(1)),
        Change::File(manifest.clone()),
        revision(2, "Ticket", vec![manifest.id], time(2)),
    ];
    let kept = Change::Kept {
        collection: "items".to_owned(),
        key: "a".to_owned(),
        value: b"kept".to_vec(),
        time: time(3),
    };
    let kept = kept.encode();
    let entries = [
        Entry::new(3, &first, vec![pack.clone()]),
        part(3, 0, kept.len(), &kept[..10]),
        part(4, 10, kept.len(), &kept[10..]),
    ];
    let sign = |message: &[u8]| Ok(phone.key.sign(message));
    let (mut at, mut log) = (LogPosition::START, Vec::new());
    for entry in entries {
        let bytes = entry
            .seal(&phone.vault_id, &phone.device, at, &root, &sign, &mut rng)
            .unwrap();
        at = at.after(&bytes);
        log.push(hex(&bytes));
    }
    let head = Head {
        sequence: 2,
        previous: [5; 32],
        logs: vec![(phone.device, at)],
        manifest: manifest_of([pack.digest]),
        devices: phone.first_list(),
        min_format: FORMAT,
        kdf_floor: KdfCost::FLOOR,
        made_at: NOW,
        device_name: "first phone".to_owned(),
    };
    let head = head
        .seal(&phone.vault_id, &phone.device, &root, &sign, &mut rng)
        .unwrap();
    json!({
        "code": phone.code.reveal(),
        "recovery": hex(&recovery),
        "device": phone.device.to_string(),
        "head": hex(&head),
        "log": log,
        "blobs": { pack.blob().to_string(): hex(&blob) },
    })
}

fn pinned() -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn z2_a_backup_is_written_as_it_was() {
    assert_eq!(made(), pinned());
}

#[test]
fn z3_a_backup_of_version_1_is_restored_from_its_code() {
    let vector = pinned();
    let code: RecoveryCode = vector["code"].as_str().unwrap().parse().unwrap();
    let recovered = Recovered::open(&code, &bytes(&vector["recovery"])).unwrap();
    let device: DeviceId = vector["device"].as_str().unwrap().parse().unwrap();
    let log = vector["log"].as_array().unwrap().iter().map(bytes).collect();
    let blobs = vector["blobs"].as_object().unwrap();
    let relay = Relay::new();
    relay.put_back(Stored {
        head: Some(bytes(&vector["head"])),
        logs: [(device, log)].into(),
        blobs: blobs
            .iter()
            .map(|(id, blob)| (id.parse().unwrap(), bytes(blob)))
            .collect(),
    });
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &recovered.root).unwrap();
    let restored = restore_into(&vault, &recovered, &relay, Freshness::Confirmed(2)).unwrap();
    assert_eq!(restored.head.head.device_name, "first phone");
    let found = vault.search("ticket", &Filter::default(), 9).unwrap();
    let record = vault.record(&found[0].record.id).unwrap().unwrap();
    let mut file = String::new();
    let mut reader = vault.read_file(&record.files[0].id).unwrap();
    reader.read_to_string(&mut file).unwrap();
    assert_eq!(file, "one child, one adult");
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 2);
    assert_eq!(vault.kept("items", "a").unwrap().unwrap(), b"kept");
}

#[test]
#[ignore = "writes the vectors of a new version"]
fn write_vectors() {
    let text = serde_json::to_string_pretty(&made()).unwrap();
    fs::write(path(), text + "\n").unwrap();
}
