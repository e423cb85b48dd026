//! Attached files: read back as they were, kept once, and a change of any byte is noticed.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use common::{Home, NOW, all_files, noise, note};
use kist_vault::{ChunkId, Error, FileMeta, FileRef, MAX_CHUNK, Part, Vault};

fn read(vault: &Vault, file: &FileRef) -> Result<Vec<u8>, Error> {
    let mut reader = vault.read_file(&file.id)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next_chunk()? {
        bytes.extend_from_slice(chunk.expose());
    }
    Ok(bytes)
}

fn chunk_path(home: &Home, id: &ChunkId) -> PathBuf {
    let name = id.to_string();
    home.path().join("files").join(&name[..2]).join(name)
}

/// Puts a record that has the file.
fn give(home: &mut Home, vault: &Vault, files: &[&FileRef]) -> kist_vault::RecordId {
    let mut draft = note("holder", "of files");
    draft.files = files.iter().map(|file| file.id).collect();
    vault.put(draft, NOW, &mut home.rng).unwrap().id
}

#[test]
fn d1_files_of_every_size_come_back_as_they_were() {
    let mut home = Home::new();
    let vault = home.create();
    for size in [0, 1, 65_536, 65_537, MAX_CHUNK, 5 << 20] {
        let bytes = noise(size as u64, size);
        let file = home.attach(&vault, "f", &bytes);
        assert_eq!(
            (file.size, file.digest.as_bytes()),
            (size as u64, &kist_crypto::sha256(&[&bytes]))
        );
        assert!(read(&vault, &file).unwrap() == bytes);
        let mut streamed = Vec::new();
        vault.read_file(&file.id).unwrap().read_to_end(&mut streamed).unwrap();
        assert!(streamed == bytes);
        assert_eq!(file.chunks == 0, size == 0);
    }
}

#[test]
fn d1_a_records_files_are_there_after_reopening_and_others_are_cleared_away() {
    let mut home = Home::new();
    let vault = home.create();
    let given = home.attach(&vault, "given", &noise(1, 300_000));
    let forgotten = home.attach(&vault, "forgotten", &noise(2, 300_000));
    let record = give(&mut home, &vault, &[&given]);
    vault.lock().unwrap();
    let vault = home.open();
    assert_eq!(
        vault.record(&record).unwrap().unwrap().files,
        std::slice::from_ref(&given)
    );
    assert!(read(&vault, &given).unwrap() == noise(1, 300_000));
    assert_eq!(vault.file(&forgotten.id).unwrap(), None);
    assert_eq!(vault.chunk_ids().unwrap().len(), given.chunks as usize);
    assert_eq!(all_files(&home.path().join("files")).len(), given.chunks as usize);
}

#[test]
fn equal_content_is_kept_once_and_an_inserted_byte_changes_few_chunks() {
    let mut home = Home::new();
    let vault = home.create();
    let mut bytes = noise(3, 5 << 20);
    home.attach(&vault, "one", &bytes);
    let before = vault.chunk_ids().unwrap().len();
    assert!(before >= 10, "{before} chunks");
    home.attach(&vault, "two", &bytes);
    assert_eq!(vault.chunk_ids().unwrap().len(), before);
    bytes.insert(2 << 20, 7);
    home.attach(&vault, "three", &bytes);
    let added = vault.chunk_ids().unwrap().len() - before;
    assert!((1..=3).contains(&added), "{added} new chunks");
    let zeros = home.attach(&vault, "zeros", &vec![0; 8 << 20]);
    assert_eq!(
        (zeros.chunks, vault.chunk_ids().unwrap().len()),
        (8, before + added + 1)
    );
}

#[test]
fn chunks_of_two_people_are_cut_and_named_apart() {
    let mut home = Home::new();
    let mut other = home.second();
    other.root = kist_crypto::RootKey::generate(1, &mut other.rng);
    let (vault, others) = (home.create(), other.create());
    let bytes = noise(4, 3 << 20);
    home.attach(&vault, "f", &bytes);
    other.attach(&others, "f", &bytes);
    let (ours, theirs) = (vault.chunk_ids().unwrap(), others.chunk_ids().unwrap());
    assert!(ours.iter().all(|chunk| theirs.iter().all(|other| other.id != chunk.id)));
    assert_ne!(ours[0].sealed_size, theirs[0].sealed_size);
}

#[test]
fn a6_each_flipped_byte_of_a_chunk_is_noticed_and_none_of_it_given_out() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "small", b"canary in a small file");
    let path = chunk_path(&home, &vault.chunk_ids().unwrap()[0].id);
    let sealed = fs::read(&path).unwrap();
    for index in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[index] ^= 1;
        fs::write(&path, flipped).unwrap();
        let expected = if index == 0 {
            Error::UnsupportedVersion { found: 0 }
        } else {
            Error::AuthenticationFailed
        };
        assert_eq!(read(&vault, &file), Err(expected), "byte {index}");
    }
    for length in [0, 1, sealed.len() - 1] {
        fs::write(&path, &sealed[..length]).unwrap();
        assert_eq!(read(&vault, &file), Err(Error::AuthenticationFailed));
    }
    fs::write(&path, vec![1; MAX_CHUNK + 100]).unwrap();
    assert_eq!(read(&vault, &file), Err(Error::Corrupt { part: Part::Chunk }));
    let error = vault.read_file(&file.id).unwrap().read(&mut [0; 9]).unwrap_err();
    assert!(error.get_ref().unwrap().is::<Error>());
}

#[test]
fn a5_a_chunk_under_anothers_name_is_refused_and_a_missing_one_named() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "f", &noise(5, 3 << 20));
    let chunks = vault.chunk_ids().unwrap();
    let (first, second) = (chunk_path(&home, &chunks[0].id), chunk_path(&home, &chunks[1].id));
    let kept = fs::read(&first).unwrap();
    fs::copy(&second, &first).unwrap();
    assert_eq!(read(&vault, &file), Err(Error::AuthenticationFailed));
    fs::remove_file(&first).unwrap();
    assert_eq!(read(&vault, &file), Err(Error::Corrupt { part: Part::Chunk }));
    assert_eq!(
        vault.sealed_chunk(&chunks[0].id),
        Err(Error::Corrupt { part: Part::Chunk })
    );
    assert_eq!(vault.missing_chunks().unwrap(), [chunks[0]]);
    assert_eq!(
        vault.put_sealed_chunk(&chunks[0].id, &vault.sealed_chunk(&chunks[1].id).unwrap()),
        Err(Error::AuthenticationFailed)
    );
    vault.put_sealed_chunk(&chunks[0].id, &kept).unwrap();
    assert!(read(&vault, &file).unwrap() == noise(5, 3 << 20));
}

#[test]
fn attaching_tells_how_far_it_is_and_stops_when_asked_leaving_nothing() {
    let mut home = Home::new();
    let vault = home.create();
    let bytes = noise(6, 3 << 20);
    let meta = || FileMeta::named("f");
    let mut seen = Vec::new();
    let mut watch = |done| {
        seen.push(done);
        ControlFlow::Continue(())
    };
    vault
        .attach(&bytes[..], meta(), NOW, &mut home.rng, &mut watch)
        .unwrap();
    assert!(seen.is_sorted_by(|a, b| a < b) && seen.last() == Some(&(3 << 20)));
    let chunks = vault.chunk_ids().unwrap();

    let other = noise(7, 3 << 20);
    let mut stop = |done| {
        if done > 1 << 20 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let stopped = vault.attach(&other[..], meta(), NOW, &mut home.rng, &mut stop);
    assert_eq!(stopped, Err(Error::Cancelled));
    let failing = Read::chain(&other[..2 << 20], Broken);
    let broken = vault.attach(failing, meta(), NOW, &mut home.rng, &mut |_| ControlFlow::Continue(()));
    assert_eq!(
        broken,
        Err(Error::Io {
            kind: io::ErrorKind::TimedOut
        })
    );
    assert_eq!(vault.chunk_ids().unwrap(), chunks);
    vault.lock().unwrap();
    home.open();
    assert_eq!(
        all_files(&home.path().join("files")).len(),
        0,
        "not even the first was given to a record"
    );
}

/// A source that fails.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::TimedOut.into())
    }
}

#[test]
fn deleting_a_record_removes_the_files_that_no_other_record_has() {
    let mut home = Home::new();
    let vault = home.create();
    let shared = home.attach(&vault, "shared", &noise(8, 400_000));
    let alone = home.attach(&vault, "alone", &noise(9, 400_000));
    let first = give(&mut home, &vault, &[&shared, &alone]);
    let second = give(&mut home, &vault, &[&shared]);
    vault.delete(&first, NOW).unwrap();
    assert_eq!(read(&vault, &alone), Err(Error::NotFound { what: "file" }));
    assert!(read(&vault, &shared).unwrap() == noise(8, 400_000));
    assert_eq!(all_files(&home.path().join("files")).len(), shared.chunks as usize);
    vault.delete(&second, NOW).unwrap();
    assert_eq!(all_files(&home.path().join("files")).len(), 0);
    let again = home.attach(&vault, "again", &noise(9, 400_000));
    assert!(read(&vault, &again).unwrap() == noise(9, 400_000));
    let unknown = give_unknown(&mut home, &vault, &alone);
    assert_eq!(unknown, Error::NotFound { what: "file" });
}

fn give_unknown(home: &mut Home, vault: &Vault, file: &FileRef) -> Error {
    let mut draft = note("holder", "of nothing");
    draft.files = vec![file.id];
    vault.put(draft, NOW, &mut home.rng).unwrap_err()
}

#[test]
fn what_a_crash_left_among_the_chunks_is_swept_at_the_next_opening() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "f", &noise(10, 200_000));
    give(&mut home, &vault, &[&file]);
    vault.lock().unwrap();
    let files = home.path().join("files");
    let orphan = files.join("ab").join("ab".repeat(32));
    fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    fs::write(&orphan, b"sealed once, and no row was written").unwrap();
    fs::create_dir_all(files.join("new")).unwrap();
    fs::write(files.join("new").join("0.batch"), b"").unwrap();
    fs::write(files.join("new").join("1"), b"half").unwrap();
    let vault = home.open();
    assert!(!orphan.exists());
    assert_eq!(all_files(&files).len(), file.chunks as usize);
    assert!(read(&vault, &file).unwrap() == noise(10, 200_000));
}
