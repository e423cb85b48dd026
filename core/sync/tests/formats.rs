//! What lies on a relay, pinned: a whole small backup that every later version must restore, and that this one writes
//! byte for byte. tests/vectors/backup/README.md says what lies there.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::PathBuf;

use common::relay::{Relay, Stored};
use common::{NOW_MS, Phone, content, restore_into};
use kist_crypto::RecoveryCode;
use kist_sync::{Freshness, Recovered};
use kist_vault::{Filter, Vault};
use kist_wire::DeviceId;
use serde_json::{Value, json};

fn path() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/backup/backup.json"
    ))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

/// A phone with a corrected note, a file and kept items, and its backup: two heads, the second over two entries.
fn made() -> (Phone, Relay, Value) {
    let (mut phone, relay) = (Phone::new(20_261_101), Relay::new());
    let recovery = phone.recovered().seal(&phone.code, &mut phone.rng);
    let note = phone.note("Barry Island", "first");
    phone.attach("ticket.txt", b"one child, one adult");
    phone.backup(&relay).unwrap();
    phone.correct(&note, "second");
    phone.vault.keep("items", "a", b"1", NOW_MS).unwrap();
    phone.backup(&relay).unwrap();
    let stored = relay.stored();
    let blobs = stored
        .blobs
        .iter()
        .map(|(id, bytes)| (id.to_string(), hex(bytes).into()));
    let vector = json!({
        "code": phone.code.reveal(),
        "recovery": hex(&recovery),
        "device": phone.device.to_string(),
        "head": hex(&stored.head.unwrap()),
        "log": stored.logs[&phone.device].iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
        "blobs": blobs.collect::<serde_json::Map<String, Value>>(),
    });
    (phone, relay, vector)
}

fn pinned() -> Value {
    serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn z2_a_backup_is_written_as_it_was() {
    assert_eq!(made().2, pinned());
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
    assert_eq!(content(&vault), content(&made().0.vault));
    assert_eq!(vault.search("barry second", &Filter::default(), 9).unwrap().len(), 1);
}

#[test]
#[ignore = "writes the vectors of a new version"]
fn write_vectors() {
    let text = serde_json::to_string_pretty(&made().2).unwrap();
    fs::write(path(), text + "\n").unwrap();
}
