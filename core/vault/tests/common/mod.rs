//! A vault in a folder that goes when the test ends, with a key and randomness that are the same each time.

#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use kist_vault::{FileMeta, FileRef, LifeArea, Provenance, RecordDraft, Vault, schema};
use serde_json::json;
use tempfile::TempDir;

/// 2026-11-01 in milliseconds.
pub const NOW: i64 = 1_793_491_200_000;

pub struct Home {
    pub folder: TempDir,
    pub root: RootKey,
    pub rng: SeededRandom,
}

impl Home {
    pub fn new() -> Self {
        let mut rng = SeededRandom::new(1);
        let root = RootKey::generate(1, &mut rng);
        Home {
            folder: tempfile::tempdir().unwrap(),
            root,
            rng,
        }
    }

    /// Another device of the same person.
    pub fn second(&self) -> Self {
        Home {
            folder: tempfile::tempdir().unwrap(),
            root: self.root.clone(),
            rng: SeededRandom::new(2),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn create(&self) -> Vault {
        Vault::create(self.path(), &self.root).unwrap()
    }

    pub fn open(&self) -> Vault {
        Vault::open(self.path(), &self.root).unwrap()
    }

    pub fn attach(&mut self, vault: &Vault, name: &str, bytes: &[u8]) -> FileRef {
        let meta = FileMeta {
            name: name.into(),
            media_type: Some("application/octet-stream".into()),
            ..FileMeta::default()
        };
        vault
            .attach(bytes, meta, NOW, &mut self.rng, &mut |_| ControlFlow::Continue(()))
            .unwrap()
    }
}

pub fn note(title: &str, text: &str) -> RecordDraft {
    RecordDraft::new(
        schema::NOTE,
        LifeArea::OTHER,
        json!({ "title": title, "text": text }),
        Provenance::self_asserted(NOW),
    )
}

/// Every file under a folder, with its bytes.
pub fn all_files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Bytes that do not repeat.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}
