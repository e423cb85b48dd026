//! What is kept of a file besides its bytes, ranges of it, what all take, and one that is killed while it comes in.

#![allow(clippy::unwrap_used)]

mod common;

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Home, NOW, all_files, noise, note};
use kist_vault::{Change, Error, FileMeta, FileRef, MAX_THUMBNAIL, Thumbnail, Vault};
use proptest::prelude::*;

fn picture(bytes: &[u8]) -> Thumbnail {
    Thumbnail {
        media_type: "image/webp".into(),
        bytes: bytes.to_vec(),
    }
}

fn attach(home: &mut Home, vault: &Vault, meta: FileMeta, bytes: &[u8]) -> Result<FileRef, Error> {
    vault.attach(bytes, meta, NOW, &mut home.rng, &mut |_| ControlFlow::Continue(()))
}

fn give(home: &mut Home, vault: &Vault, file: &FileRef) -> kist_vault::RecordId {
    let mut draft = note("holder", "of a file");
    draft.files = vec![file.id];
    vault.put(draft, NOW, &mut home.rng).unwrap().id
}

fn changes(vault: &Vault) -> Vec<Change> {
    vault.changes_after(0, usize::MAX).unwrap().changes
}

#[test]
fn d9_name_type_time_and_thumbnail_are_kept_and_reach_another_device() {
    let mut home = Home::new();
    let vault = home.create();
    let meta = FileMeta {
        name: "DCIM/IMG_0001.JPG".into(),
        media_type: None,
        modified_ms: Some(NOW - 5),
        thumbnail: Some(picture(b"small")),
    };
    let file = attach(&mut home, &vault, meta, b"\xff\xd8\xff\xe0 a photo").unwrap();
    assert_eq!(
        (
            file.name.as_str(),
            file.media_type.as_str(),
            file.modified_ms,
            file.has_thumbnail
        ),
        ("IMG_0001.JPG", "image/jpeg", Some(NOW - 5), true)
    );
    give(&mut home, &vault, &file);
    vault.lock().unwrap();
    let vault = home.open();
    assert_eq!(vault.file(&file.id).unwrap(), Some(file.clone()));
    assert_eq!(vault.thumbnail(&file.id).unwrap(), Some(picture(b"small")));

    let second = home.second();
    let other = second.create();
    let first = changes(&vault);
    other.apply(&first).unwrap();
    assert_eq!(other.file(&file.id).unwrap(), Some(file.clone()));
    assert_eq!(other.thumbnail(&file.id).unwrap(), Some(picture(b"small")));

    other
        .set_thumbnail(&file.id, picture(b"from the other"), NOW + 2)
        .unwrap();
    vault
        .set_thumbnail(&file.id, picture(b"set here first"), NOW + 1)
        .unwrap();
    let (ours, theirs) = (changes(&vault), changes(&other));
    vault.apply(&theirs).unwrap();
    other.apply(&ours).unwrap();
    other.apply(&first).unwrap();
    for store in [&vault, &other] {
        assert_eq!(store.thumbnail(&file.id).unwrap(), Some(picture(b"from the other")));
    }
    for change in ours.iter().chain(&theirs) {
        assert_eq!(&Change::decode(&change.encode()).unwrap(), change);
    }
}

#[test]
fn thumbnails_and_types_that_are_none_are_refused_before_anything_is_read() {
    struct Unread;
    impl Read for Unread {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("it is read")
        }
    }
    let mut home = Home::new();
    let vault = home.create();
    let with = |thumbnail: Thumbnail| FileMeta {
        thumbnail: Some(thumbnail),
        ..FileMeta::named("f")
    };
    let nonsense = FileMeta {
        media_type: Some("nonsense".into()),
        ..FileMeta::named("f")
    };
    for (meta, code) in [
        (with(picture(&[1; MAX_THUMBNAIL + 1])), "TooLarge"),
        (with(picture(b"")), "Malformed"),
        (nonsense, "Malformed"),
    ] {
        let refused = vault.attach(Unread, meta, NOW, &mut home.rng, &mut |_| ControlFlow::Continue(()));
        assert_eq!(refused.unwrap_err().code(), code);
    }
    let file = attach(&mut home, &vault, with(picture(&[1; MAX_THUMBNAIL])), b"x").unwrap();
    let too_large = vault.set_thumbnail(&file.id, picture(&[1; MAX_THUMBNAIL + 1]), NOW);
    assert_eq!(too_large.unwrap_err().code(), "TooLarge");
    vault.give_up_file(&file.id).unwrap();
    assert_eq!(vault.thumbnail(&file.id), Err(Error::NotFound { what: "file" }));
    assert!(all_files(&home.path().join("files")).is_empty());
}

#[test]
fn what_files_take_is_told_and_content_that_several_have_is_counted_once() {
    let mut home = Home::new();
    let vault = home.create();
    let on_disk = |home: &Home| {
        all_files(&home.path().join("files"))
            .iter()
            .map(|(_, bytes)| bytes.len())
            .sum::<usize>()
    };
    let mut bytes = noise(1, 8 << 20);
    let one = attach(&mut home, &vault, FileMeta::named("one"), &bytes).unwrap();
    let first = give(&mut home, &vault, &one);
    let before = on_disk(&home);
    let two = attach(&mut home, &vault, FileMeta::named("two"), &bytes).unwrap();
    let second = give(&mut home, &vault, &two);
    assert_eq!(on_disk(&home), before, "the same content takes no room");
    bytes[4 << 20..][..5].copy_from_slice(b"other");
    let three = attach(&mut home, &vault, FileMeta::named("three"), &bytes).unwrap();
    let third = give(&mut home, &vault, &three);
    let added = on_disk(&home) - before;
    assert!((1..3 << 20).contains(&added), "five bytes changed take {added}");

    let space = vault.file_space().unwrap();
    assert_eq!(
        (space.files, space.bytes, space.stored),
        (3, 24 << 20, on_disk(&home) as u64)
    );
    let listed = vault.files().unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|used| (used.file.clone(), used.records.clone()))
        .collect();
    assert_eq!(
        seen,
        [(one, vec![first]), (two.clone(), vec![second]), (three, vec![third])]
    );
    vault.delete(&first, NOW).unwrap();
    vault.delete(&third, NOW).unwrap();
    assert_eq!(on_disk(&home), before);
    let mut read = Vec::new();
    vault.read_file(&two.id).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == noise(1, 8 << 20));
    vault.delete(&second, NOW).unwrap();
    assert_eq!(on_disk(&home), 0);
    assert_eq!(vault.file_space().unwrap(), kist_vault::FileSpace::default());
}

#[test]
fn any_range_of_a_file_is_what_stands_there() {
    let mut home = Home::new();
    let vault = home.create();
    let bytes = noise(2, 3 << 20);
    let file = attach(&mut home, &vault, FileMeta::named("f"), &bytes).unwrap();
    let reader = RefCell::new(vault.read_file(&file.id).unwrap());
    let size = bytes.len();
    proptest!(ProptestConfig::with_cases(200), |(offset in 0..size + 1000, length in 0..size)| {
        let range = reader.borrow_mut().read_at(offset as u64, length).unwrap();
        let expected = &bytes[offset.min(size)..(offset + length).min(size)];
        prop_assert!(range.expose() == expected);
    });
    let mut reader = reader.into_inner();
    assert!(reader.read_at(u64::MAX, usize::MAX).unwrap().expose().is_empty());
    assert!(reader.read_at(0, usize::MAX).unwrap().expose() == bytes);
}

#[test]
fn a6_a_range_gives_no_byte_of_a_damaged_chunk_and_leaves_the_others_readable() {
    let mut home = Home::new();
    let vault = home.create();
    let bytes = noise(3, 3 << 20);
    let file = attach(&mut home, &vault, FileMeta::named("f"), &bytes).unwrap();
    let chunks = vault.chunk_ids().unwrap();
    let last = chunks.last().unwrap().id.to_string();
    let path = home.path().join("files").join(&last[..2]).join(&last);
    let mut sealed = std::fs::read(&path).unwrap();
    sealed[50] ^= 1;
    std::fs::write(&path, sealed).unwrap();
    let mut reader = vault.read_file(&file.id).unwrap();
    assert!(reader.read_at(0, 1000).unwrap().expose() == &bytes[..1000]);
    assert_eq!(
        reader.read_at((3 << 20) - 1, 1).unwrap_err(),
        Error::AuthenticationFailed
    );
}

/// The child's part of the next test: attaches without end, and tells how far it is.
#[test]
#[ignore = "the next test runs it, and kills it"]
fn a34_child_that_attaches_without_end() {
    let Ok(folder) = std::env::var("KIST_TEST_FOLDER") else {
        return;
    };
    let mut home = Home::new();
    let vault = Vault::open(Path::new(&folder), &home.root).unwrap();
    let endless = std::iter::from_fn({
        let mut seed = 100;
        move || {
            seed += 1;
            Some(noise(seed, 1 << 20))
        }
    });
    struct Endless<I>(I, Vec<u8>);
    impl<I: Iterator<Item = Vec<u8>>> Read for Endless<I> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            if self.1.is_empty() {
                self.1 = self.0.next().unwrap();
            }
            let count = out.len().min(self.1.len());
            out[..count].copy_from_slice(&self.1[..count]);
            self.1.drain(..count);
            Ok(count)
        }
    }
    let mut tell = |done: u64| {
        writeln!(std::io::stdout(), "done {done}").unwrap();
        ControlFlow::Continue(())
    };
    let meta = FileMeta::named("endless");
    let _ = vault.attach(Endless(endless, Vec::new()), meta, NOW, &mut home.rng, &mut tell);
}

#[test]
fn a34_an_attachment_that_is_killed_leaves_nothing_after_the_next_opening() {
    let mut home = Home::new();
    let vault = home.create();
    let bytes = noise(4, 1 << 20);
    let file = attach(&mut home, &vault, FileMeta::named("kept"), &bytes).unwrap();
    give(&mut home, &vault, &file);
    vault.lock().unwrap();
    let files = home.path().join("files");
    let before = all_files(&files);

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "a34_child_that_attaches_without_end",
            "--nocapture",
        ])
        .env("KIST_TEST_FOLDER", home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let told = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let far = told
        .filter_map(|line| line.strip_prefix("done ")?.parse::<u64>().ok())
        .find(|done| *done > 48 << 20);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(far.is_some(), "it came to nothing");
    assert!(all_files(&files).len() > before.len() + 64, "nothing was written");

    let vault = home.open();
    let sorted = |mut files: Vec<_>| {
        files.sort();
        files
    };
    assert!(sorted(all_files(&files)) == sorted(before));
    assert_eq!(vault.file_space().unwrap().files, 1);
    let mut read = Vec::new();
    vault.read_file(&file.id).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == bytes);
}
