//! Attaching where something fails half-way: nothing of it stays, and it can be tried again at once.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use tempfile::TempDir;

use super::attach::Coming;
use super::{FileMeta, FileRef};
use crate::{Error, FileId, Filter, LifeArea, Provenance, RecordDraft, Result, Vault, schema};

const NOW: i64 = 1_793_491_200_000;

/// A disk on which there is room for so many calls yet.
#[derive(Debug)]
pub(super) struct Faults(AtomicU32);

impl Default for Faults {
    fn default() -> Self {
        Faults(AtomicU32::new(u32::MAX))
    }
}

impl Faults {
    pub(super) fn next(&self) -> io::Result<()> {
        let left = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
                0 => None,
                u32::MAX => Some(u32::MAX),
                left => Some(left - 1),
            });
        left.map(drop).map_err(|_| io::ErrorKind::StorageFull.into())
    }
}

struct Home {
    folder: TempDir,
    root: RootKey,
    rng: SeededRandom,
    vault: Vault,
}

impl Home {
    fn new() -> Self {
        let mut rng = SeededRandom::new(1);
        let root = RootKey::generate(1, &mut rng);
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(folder.path(), &root).unwrap();
        Home {
            folder,
            root,
            rng,
            vault,
        }
    }

    fn attach(&mut self, max_size: u64, bytes: &[u8], stop_at: u64) -> Result<FileRef> {
        let mut stop = |done| match done < stop_at {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        };
        let meta = FileMeta::named("f");
        let coming = Coming {
            id: FileId::new(NOW, &mut self.rng),
            created_ms: NOW,
            max_size,
        };
        self.vault.take_in(coming, bytes, meta, &mut self.rng, &mut stop)
    }

    /// Attaches a file and gives it to a record.
    fn keep(&mut self, bytes: &[u8]) -> FileRef {
        let file = self.attach(u64::MAX, bytes, u64::MAX).unwrap();
        let body = serde_json::json!({ "title": "holder" });
        let mut draft = RecordDraft::new(
            schema::DOCUMENT,
            LifeArea::OTHER,
            body,
            Provenance::imported("file", NOW),
        );
        draft.files = vec![file.id];
        self.vault.put(draft, NOW, &mut self.rng).unwrap();
        file
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.folder.path().join("files"), &mut found);
        found.sort();
        found
    }

    fn full_after(&self, calls: u32) {
        self.vault.chunks().faults.0.store(calls, Ordering::Relaxed);
    }

    fn read(&self, file: &FileRef) -> Vec<u8> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut self.vault.read_file(&file.id).unwrap(), &mut bytes).unwrap();
        bytes
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found)
        } else {
            found.push(path)
        }
    }
}

/// Bytes that do not repeat.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(length.div_ceil(8)).flatten().take(length).collect()
}

#[test]
fn a35_a_disk_that_fills_up_at_any_call_leaves_nothing_and_the_retry_works() {
    let mut home = Home::new();
    let shared = noise(1, 700_000);
    let kept = home.keep(&shared);
    let before = home.files();
    let larger = [&shared[..], &noise(2, 900_000)].concat();
    let mut calls = 0;
    loop {
        home.full_after(calls);
        let attached = home.attach(u64::MAX, &larger, u64::MAX);
        home.full_after(u32::MAX);
        if let Ok(file) = attached {
            assert!(home.read(&file) == larger);
            break;
        }
        assert_eq!(attached, Err(Error::DiskFull), "call {calls}");
        assert_eq!(home.files(), before, "call {calls}");
        calls += 1;
    }
    assert!(calls > 12, "{calls} calls could fail");
    assert!(home.read(&kept) == shared);
}

#[test]
fn a_stream_that_turns_out_too_large_leaves_nothing() {
    let mut home = Home::new();
    let bytes = noise(3, 20 << 20);
    let fits = home.attach(20 << 20, &bytes, u64::MAX).unwrap();
    assert_eq!(fits.size, 20 << 20);
    let before = home.files();
    let other = noise(4, 20 << 20);
    let limit = (20 << 20) - 1;
    let too_large = Error::TooLarge { what: "file", limit };
    assert_eq!(home.attach(limit as u64, &other, u64::MAX), Err(too_large));
    assert_eq!(home.files(), before);
}

#[test]
fn what_is_stopped_after_much_was_written_leaves_nothing_but_what_others_have() {
    let mut home = Home::new();
    let shared = noise(5, 4 << 20);
    let kept = home.keep(&shared);
    let before = home.files();
    let larger = [&shared[..], &noise(6, 40 << 20)].concat();
    assert_eq!(home.attach(u64::MAX, &larger, 40 << 20), Err(Error::Cancelled));
    assert_eq!(home.files(), before);
    assert!(home.read(&kept) == shared);
}

#[test]
fn d1_a_chunk_that_is_deleted_while_another_file_counts_on_it_goes_when_that_is_given_up() {
    let mut home = Home::new();
    let plain = noise(8, 50_000);
    home.keep(&plain);
    let record = home.vault.list(&Filter::default()).unwrap().remove(0).id;
    let chunks = home.vault.chunk_store().unwrap();
    let mut batch = chunks.batch().unwrap();
    let id = batch.put_plain(&plain, &mut home.rng).unwrap();
    home.vault.delete(&record, NOW).unwrap();
    assert!(chunks.has(&id), "the file under way counts on it");
    batch.discard(|_| Ok(false)).unwrap();
    assert!(!chunks.has(&id));
    assert_eq!(home.files(), <[PathBuf; 0]>::default());
}

#[test]
fn a_chunk_that_a_second_file_under_way_counts_on_outlives_the_first_that_is_given_up() {
    let mut home = Home::new();
    let (plain, chunks) = (noise(7, 100_000), home.vault.chunk_store().unwrap());
    let mut first = chunks.batch().unwrap();
    let id = first.put_plain(&plain, &mut home.rng).unwrap();
    first.flush().unwrap();
    let mut second = chunks.batch().unwrap();
    assert_eq!(second.put_plain(&plain, &mut home.rng).unwrap(), id);
    first.discard(|_| Ok(false)).unwrap();
    assert!(chunks.has(&id));
    second.discard(|_| Ok(false)).unwrap();
    drop(chunks);

    let Home {
        folder, root, vault, ..
    } = home;
    vault.lock().unwrap();
    let vault = Vault::open(folder.path(), &root).unwrap();
    assert!(!vault.chunks().has(&id), "swept once nobody counts on it");
}
