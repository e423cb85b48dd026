//! What is written reads back; what nobody should write is refused.
#![allow(clippy::unwrap_used)] // tests

use std::fs::File;
use std::io::{self, Cursor, Read};

use super::write::hex;
use super::*;

const STAMP: DosTime = DosTime {
    date: 47 << 9 | 11 << 5 | 24,
    time: 0,
};

fn put(zip: &mut ZipWriter, name: &str, method: Method, content: &[u8]) -> io::Result<Digest> {
    zip.entry(name, method, content.len() as u64, |out| out.write_all(content))
}

/// A zip file with these entries, and one that failed half-way.
fn written(entries: &[(&str, Method, &[u8])]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let mut zip = ZipWriter::create(&path, STAMP).unwrap();
    for (number, (name, method, content)) in entries.iter().enumerate() {
        let digest = put(&mut zip, name, *method, content).unwrap();
        assert_eq!(digest, kist_crypto::sha256(&[content]));
        if number == 0 {
            let failed = zip.entry("failed", Method::Deflated, 0, |out| {
                out.write_all(&[7; 200_000])?;
                Err(io::Error::other("half-way"))
            });
            assert!(failed.is_err());
        }
    }
    zip.finish().unwrap();
    std::fs::read(path).unwrap()
}

fn contents(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    ZipReader::open(Cursor::new(bytes))?.each(|zip, _, entry| {
        let mut content = Vec::new();
        zip.content(&entry)?.read_to_end(&mut content)?;
        found.push((entry.name.ok_or(io::ErrorKind::InvalidData)?, content));
        Ok::<_, io::Error>(())
    })?;
    Ok(found)
}

fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn d7_entries_of_every_kind_and_size_read_back_and_one_that_failed_is_not_there() {
    let (noise, zeros) = (noise(300_000), vec![0; 1 << 20]);
    let entries: [(&str, Method, &[u8]); 6] = [
        ("empty", Method::Stored, b""),
        ("empty and deflated", Method::Deflated, b""),
        ("folder/ŵyneb.txt", Method::Deflated, "Llanfairpwll".as_bytes()),
        ("noise", Method::Stored, &noise),
        ("noise, deflated", Method::Deflated, &noise),
        ("zeros", Method::Deflated, &zeros),
    ];
    let bytes = written(&entries);
    assert!(bytes.len() < 700_000, "{}", bytes.len());
    let expected: Vec<_> = entries
        .iter()
        .map(|(name, _, content)| ((*name).to_owned(), content.to_vec()))
        .collect();
    assert!(contents(&bytes).unwrap() == expected);
}

#[test]
fn a31_a_changed_byte_anywhere_is_damage_or_changes_nothing_that_is_read() {
    let entries: [(&str, Method, &[u8]); 3] = [
        ("one", Method::Stored, b"the first content"),
        ("two", Method::Deflated, b"the second, the second, the second"),
        ("three", Method::Stored, b""),
    ];
    let bytes = written(&entries);
    let expected = contents(&bytes).unwrap();
    for place in 0..bytes.len() {
        for bit in [0, 3, 7] {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            if let Ok(found) = contents(&changed) {
                for (name, content) in found {
                    let same = expected.iter().any(|(_, other)| *other == content);
                    assert!(same, "{name} changed at {place}");
                }
            }
        }
        assert!(contents(&bytes[..place]).is_err());
    }
}

#[test]
fn a31_a_small_file_that_would_become_enormous_is_refused() {
    let zeros = vec![0; 100 << 20];
    let bomb = written(&[("bomb", Method::Deflated, &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(contents(&bomb).unwrap_err().kind(), io::ErrorKind::InvalidData);

    // Ten entries of the directory for one entry of the file: more in all than the file has.
    let one = written(&[("entry", Method::Stored, &noise(10_000))]);
    let start = one
        .windows(4)
        .position(|at| at == signature::CENTRAL.to_le_bytes())
        .unwrap();
    let (file, rest) = one.split_at(start);
    let (directory, end) = rest.split_at(rest.len() - END);
    let mut many = file.to_vec();
    for _ in 0..10 {
        many.extend(directory);
    }
    let mut end = end.to_vec();
    end[8..10].copy_from_slice(&10_u16.to_le_bytes());
    end[10..12].copy_from_slice(&10_u16.to_le_bytes());
    end[12..16].copy_from_slice(&(10 * directory.len() as u32).to_le_bytes());
    many.extend(end);
    assert_eq!(contents(&many).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a31_names_that_leave_their_folder_and_entries_that_are_no_plain_files_are_not_opened() {
    for name in [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "C:a",
        "a\\b",
        "a//b",
        ".",
        "",
        "a\0b",
    ] {
        let bytes = written(&[(name, Method::Stored, b"x")]);
        assert!(contents(&bytes).is_err(), "{name}");
    }
    let bytes = written(&[("link", Method::Stored, b"/etc/passwd")]);
    let start = bytes
        .windows(4)
        .position(|at| at == signature::CENTRAL.to_le_bytes())
        .unwrap();
    let mut link = bytes;
    link[start + 38..start + 42].copy_from_slice(&(0o120_777_u32 << 16).to_le_bytes());
    assert!(contents(&link).is_err());
}

#[test]
fn d7_more_entries_than_the_first_zip_knew_are_counted_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.zip");
    let mut zip = ZipWriter::create(&path, STAMP).unwrap();
    let count = 70_000;
    for number in 0..count {
        put(&mut zip, &format!("{number}"), Method::Stored, b"").unwrap();
    }
    zip.list_digests("list").unwrap();
    zip.finish().unwrap();
    let mut reader = ZipReader::open(File::open(&path).unwrap()).unwrap();
    assert_eq!(reader.entries(), count + 1);
    let mut list = String::new();
    reader
        .each(|zip, number, entry| {
            if number == count {
                zip.content(&entry)?.read_to_string(&mut list)?;
            }
            Ok::<_, io::Error>(())
        })
        .unwrap();
    assert_eq!(list.lines().count() as u64, count);
    let empty = hex(&kist_crypto::sha256(&[]));
    assert_eq!(list.lines().last(), Some(format!("{empty}  {}", count - 1).as_str()));
}
