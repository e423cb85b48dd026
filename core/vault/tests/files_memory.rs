//! However large a file is, attaching and reading it holds a few chunks. 64 MiB here; 4 GiB with `KIST_LONG=1`.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../../tests/support/held.rs"]
mod held;

use std::io::{self, Read};
use std::ops::ControlFlow;

use common::{Home, NOW, note};
use held::most_held;
use kist_vault::{Error, FileMeta, MAX_FILE};

/// A stream whose length nobody knows before its end: bytes that don't repeat.
struct Generated {
    word: u64,
    position: u64,
    length: u64,
}

impl Generated {
    fn new(length: u64) -> Self {
        Generated {
            word: 0,
            position: 0,
            length,
        }
    }
}

impl Read for Generated {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.position).unwrap_or(usize::MAX);
        let count = out.len().min(left);
        for byte in &mut out[..count] {
            if self.position.is_multiple_of(8) {
                let mixed = (self.position + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                self.word = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            }
            *byte = self.word.to_le_bytes()[(self.position % 8) as usize];
            self.position += 1;
        }
        Ok(count)
    }
}

#[test]
fn d1_a_file_of_any_size_is_attached_and_read_in_under_16_mib() {
    const BOUND: usize = 16 << 20;
    let long = std::env::var("KIST_LONG").is_ok_and(|long| long == "1");
    let size = if long { MAX_FILE } else { 64 << 20 };
    let mut home = Home::new();
    let vault = home.create();
    let mut go_on = |_| ControlFlow::Continue(());
    let (held, file) = most_held(|| {
        let meta = FileMeta::named("film.bin");
        vault.attach(Generated::new(size), meta, NOW, &mut home.rng, &mut go_on)
    });
    let file = file.unwrap();
    assert_eq!(file.size, size);
    assert!(held < BOUND, "{held} bytes held to attach");
    let mut draft = note("holder", "of a film");
    draft.files = vec![file.id];
    vault.put(draft, NOW, &mut home.rng).unwrap();

    let (held, read) = most_held(|| {
        let (mut reader, mut expected, mut read) = (vault.read_file(&file.id).unwrap(), Generated::new(size), 0);
        let mut generated = Vec::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            generated.resize(chunk.expose().len(), 0);
            expected.read_exact(&mut generated).unwrap();
            assert!(chunk.expose() == generated, "after {read} bytes");
            read += generated.len() as u64;
        }
        read
    });
    assert_eq!(read, size);
    assert!(held < BOUND, "{held} bytes held to read");

    let (held, end) = most_held(|| vault.read_file(&file.id).unwrap().read_at(size - 9, 100).unwrap());
    assert_eq!(end.expose().len(), 9);
    assert!(held < BOUND, "{held} bytes held to read a range");

    if long {
        let larger = vault.attach(
            Generated::new(MAX_FILE + 1),
            FileMeta::named("f"),
            NOW,
            &mut home.rng,
            &mut go_on,
        );
        assert_eq!(
            larger,
            Err(Error::TooLarge {
                what: "file",
                limit: MAX_FILE as usize
            })
        );
        assert_eq!(vault.file_space().unwrap().bytes, MAX_FILE);
    }
}
