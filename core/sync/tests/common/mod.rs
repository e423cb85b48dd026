//! A phone with a real store, and a relay in memory that can be made to fail, to forget and to lie.

#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

pub mod relay;

use std::fs;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::Path;

use futures_util::FutureExt as _;
use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::testing::SeededRandom;
use kist_crypto::{RecoveryCode, RootKey, Secret};
use kist_sync::{
    Backup, BackupReport, BackupState, Device, DeviceList, DeviceRole, Freshness, Progress, Recovered, Restored,
    restore,
};
use kist_vault::{
    Correction, FileId, FileMeta, Filter, LifeArea, Provenance, Record, RecordDraft, RecordId, Vault, schema,
};
use kist_wire::{DeviceId, VaultId};
use relay::{Failure, Relay};
use serde_json::json;
use tempfile::TempDir;

/// 2026-11-01, Unix seconds.
pub const NOW: i64 = 1_793_491_200;
pub const NOW_MS: i64 = NOW * 1000;
pub const CANARY: &str = "Canarywood-QX7";

/// A device of a person, with its store.
pub struct Phone {
    pub folder: TempDir,
    pub vault: Vault,
    pub root: RootKey,
    pub device: DeviceId,
    pub key: SigningKey,
    pub identity: PublicKey,
    pub name: &'static str,
    pub rng: SeededRandom,
    pub code: RecoveryCode,
    pub vault_id: VaultId,
    pub recovery_device: DeviceId,
}

fn device_id(rng: &mut SeededRandom) -> DeviceId {
    DeviceId::from(*Secret::<16>::generate(rng).expose())
}

impl Phone {
    /// A phone with an empty store and backup set up.
    pub fn new(seed: u64) -> Self {
        let mut rng = SeededRandom::new(seed);
        let root = RootKey::generate(1, &mut rng);
        let key = SigningKey::generate(&mut rng);
        let code = RecoveryCode::generate(&mut rng);
        let folder = tempfile::tempdir().unwrap();
        let phone = Phone {
            vault: Vault::create(folder.path(), &root).unwrap(),
            folder,
            root,
            device: device_id(&mut rng),
            identity: key.public(),
            key,
            name: "first phone",
            code,
            vault_id: VaultId::from(*Secret::<32>::generate(&mut rng).expose()),
            recovery_device: device_id(&mut rng),
            rng,
        };
        let state = BackupState::new(phone.vault_id, phone.device, phone.first_list());
        phone.keep(&state);
        phone
    }

    /// The list with this phone and the recovery code.
    pub fn first_list(&self) -> DeviceList {
        let sign = |message: &[u8]| Ok(self.key.sign(message));
        let this = Device::new(self.device, &self.key.public(), DeviceRole::Device, self.name);
        let mut list = DeviceList::begin(&self.vault_id, this, NOW, &sign).unwrap();
        let login = self.code.login_key().public();
        let code = Device::new(self.recovery_device, &login, DeviceRole::Recovery, "recovery");
        list.add(&self.vault_id, code, NOW, self.device, &sign).unwrap();
        list
    }

    pub fn keep(&self, state: &BackupState) {
        self.vault
            .transaction(NOW_MS, |transaction| state.keep(transaction))
            .unwrap();
    }

    pub fn state(&self) -> BackupState {
        BackupState::load(&self.vault).unwrap().unwrap()
    }

    pub fn is_complete(&self) -> bool {
        self.state().is_complete(&self.vault).unwrap()
    }

    /// Backs up; `None` when the relay never answered and the future was dropped.
    pub fn try_backup(&mut self, relay: &Relay) -> Option<Result<BackupReport, Failure>> {
        let key = self.key.clone();
        let sign = move |message: &[u8]| Ok(key.sign(message));
        let backup = Backup {
            vault: &self.vault,
            remote: &relay.login(self.device),
            root: &self.root,
            identity: &self.identity,
            device_name: self.name,
            sign: &sign,
            progress: &|_: Progress| {},
        };
        backup.run(NOW, &mut self.rng).now_or_never()
    }

    pub fn backup(&mut self, relay: &Relay) -> Result<BackupReport, Failure> {
        self.try_backup(relay).unwrap()
    }

    /// The code of the error that a backup ends with.
    pub fn backup_fails(&mut self, relay: &Relay) -> &'static str {
        self.backup(relay).unwrap_err().code()
    }

    pub fn recovered(&self) -> Recovered {
        Recovered {
            root: self.root.clone(),
            vault: self.vault_id,
            recovery_device: self.recovery_device,
            identity: self.identity,
        }
    }

    /// A new phone with everything from the backup, on the list by the recovery code.
    pub fn replaced(&self, relay: &Relay, freshness: Freshness) -> Result<Phone, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(folder.path(), &self.root).unwrap();
        let restored = restore_into(&vault, &self.recovered(), relay, freshness)?;
        let seed = self.device.as_bytes().iter().map(|byte| u64::from(*byte)).sum::<u64>() + 1000;
        let mut rng = SeededRandom::new(seed + relay.calls() as u64);
        let (key, device) = (SigningKey::generate(&mut rng), device_id(&mut rng));
        let mut state = restored.into_state(&self.recovered(), device, vault.last_position().unwrap());
        let entry = Device::new(device, &key.public(), DeviceRole::Device, "second phone");
        let sign = |message: &[u8]| Ok(self.code.login_key().sign(message));
        state
            .devices
            .add(&self.vault_id, entry, NOW, self.recovery_device, &sign)
            .unwrap();
        let phone = Phone {
            folder,
            vault,
            device,
            key,
            name: "second phone",
            rng,
            root: self.root.clone(),
            code: self.code.clone(),
            ..*self
        };
        phone.keep(&state);
        Ok(phone)
    }

    /// The code of the error that a restore ends with.
    pub fn restore_fails(&self, relay: &Relay) -> &'static str {
        match self.replaced(relay, Freshness::AtLeast(0)) {
            Err(error) => error.code(),
            Ok(_) => panic!("the restore went through"),
        }
    }

    /// The store in another folder, as a copy made while it was closed.
    pub fn copied(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(self.folder.path(), folder.path());
        folder
    }

    /// Puts a copy of the store in the place of this phone's.
    pub fn put_back(&mut self, folder: TempDir) {
        let spare = tempfile::tempdir().unwrap();
        let closed = std::mem::replace(&mut self.vault, Vault::create(spare.path(), &self.root).unwrap());
        drop(closed);
        self.vault = Vault::open(folder.path(), &self.root).unwrap();
        self.folder = folder;
    }

    pub fn note(&mut self, title: &str, text: &str) -> RecordId {
        self.vault.put(note(title, text), NOW_MS, &mut self.rng).unwrap().id
    }

    pub fn correct(&mut self, id: &RecordId, text: &str) {
        let correction = Correction::new(json!({ "text": text }), Provenance::self_asserted(NOW_MS));
        self.vault.correct(id, correction, NOW_MS).unwrap();
    }

    /// A note with a file.
    pub fn attach(&mut self, name: &str, bytes: &[u8]) -> (RecordId, FileId) {
        let meta = FileMeta {
            name: name.into(),
            media_type: Some("application/octet-stream".into()),
            ..FileMeta::default()
        };
        let file = self
            .vault
            .attach(bytes, meta, NOW_MS, &mut self.rng, &mut |_| ControlFlow::Continue(()))
            .unwrap();
        let mut draft = note(name, "with a file");
        draft.files = vec![file.id];
        (self.vault.put(draft, NOW_MS, &mut self.rng).unwrap().id, file.id)
    }

    /// A little of everything that a store can hold.
    pub fn fill(&mut self) {
        let ids: Vec<RecordId> = (0..20)
            .map(|number| self.note(&format!("note {number}"), CANARY))
            .collect();
        self.correct(&ids[3], "corrected");
        self.correct(&ids[3], "corrected again");
        self.vault.delete(&ids[4], NOW_MS).unwrap();
        self.attach("small.txt", CANARY.as_bytes());
        self.attach("large.bin", &noise(1, 1_500_000));
        self.vault.keep("items", "a", CANARY.as_bytes(), NOW_MS).unwrap();
        self.vault.keep("items", "b", b"2", NOW_MS).unwrap();
        self.vault.forget("items", "b", NOW_MS).unwrap();
        self.vault.keep("local/items", "c", b"3", NOW_MS).unwrap();
    }
}

/// Restores into a store, without making it a phone's.
pub fn restore_into(
    vault: &Vault,
    recovered: &Recovered,
    relay: &Relay,
    freshness: Freshness,
) -> Result<Restored, Failure> {
    let remote = relay.login(recovered.recovery_device);
    restore(&remote, recovered, freshness, vault, &|_| {})
        .now_or_never()
        .unwrap()
}

pub fn note(title: &str, text: &str) -> RecordDraft {
    let body = json!({ "title": title, "text": text });
    RecordDraft::new(schema::NOTE, LifeArea::OTHER, body, Provenance::self_asserted(NOW_MS))
}

/// Everything that a person can see of a store.
#[derive(Debug, PartialEq)]
pub struct Content {
    records: Vec<Vec<Record>>,
    kept: Vec<(String, Vec<u8>)>,
    files: Vec<(FileId, Vec<u8>)>,
}

pub fn content(vault: &Vault) -> Content {
    let mut ids: Vec<RecordId> = vault
        .list(&Filter::default())
        .unwrap()
        .iter()
        .map(|found| found.id)
        .collect();
    ids.sort();
    let records: Vec<Vec<Record>> = ids.iter().map(|id| vault.revisions(id).unwrap()).collect();
    let mut files: Vec<FileId> = records.iter().flatten().flat_map(|r| &r.files).map(|f| f.id).collect();
    files.sort();
    files.dedup();
    let read = |id: FileId| {
        let mut bytes = Vec::new();
        vault.read_file(&id).unwrap().read_to_end(&mut bytes).unwrap();
        (id, bytes)
    };
    Content {
        records,
        kept: vault.all_kept("items").unwrap(),
        files: files.into_iter().map(read).collect(),
    }
}

/// Bytes that don't compress and don't repeat.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(length);
    bytes
}

pub fn copy(from: &Path, to: &Path) {
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

/// A phone whose backup has three heads, and what lay on the relay at each.
pub fn three_heads() -> (Phone, Relay, Vec<relay::Stored>) {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    let mut seen = Vec::new();
    for round in 0..3 {
        phone.note("round", &round.to_string());
        phone.attach("file.bin", &noise(round, 200_000));
        phone.backup(&relay).unwrap();
        seen.push(relay.stored());
    }
    (phone, relay, seen)
}
