//! The formats are those of docs/formats/store.md: as written down by a program that shares no code, and as a store of
//! format 1 has them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kist_crypto::page::{FramePlace, PageKey};
use kist_crypto::{SealingKey, Secret, from_base64url};
use serde_json::Value;

use super::super::header::Header;
use super::super::pages::OpenStore;
use super::super::{open, with_suffix};
use super::disk::{Disk, Files};
use super::journals::open_journal;
use super::store::Scratch;
use super::store_key;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/store");

struct Vectors(Value);

impl Vectors {
    fn read() -> Self {
        let text = fs::read_to_string(Path::new(FOLDER).join("vectors.json")).unwrap();
        Vectors(serde_json::from_str(&text).unwrap())
    }

    fn bytes<const N: usize>(&self, pointer: &str) -> [u8; N] {
        let text = self.0.pointer(pointer).unwrap().as_str().unwrap();
        from_base64url(text).unwrap().try_into().unwrap()
    }

    fn number(&self, pointer: &str) -> u32 {
        self.0.pointer(pointer).unwrap().as_u64().unwrap() as u32
    }

    fn page_key(&self) -> PageKey {
        PageKey::new(Secret::new(self.bytes("/page_key")))
    }
}

#[test]
fn the_header_is_as_documented() {
    let vectors = Vectors::read();
    let bytes = vectors.bytes("/header");
    let header = Header::decode(&bytes).unwrap();
    let store_key = SealingKey::new(Secret::new(vectors.bytes("/store_key")));
    assert_eq!(header.store(), vectors.bytes("/store"));
    assert_eq!(header.unlock(&store_key), Ok(vectors.page_key()));
    assert_eq!(header.encode(), bytes);
}

#[test]
fn pages_and_log_headers_are_as_documented() {
    let vectors = Vectors::read();
    let sealer = vectors.page_key().sealer(&vectors.bytes("/store"));

    let mut page = [0; 4096];
    page[..4056].copy_from_slice(&vectors.bytes::<4056>("/page/plain"));
    let plain = page;
    let number = vectors.number("/page/number");
    sealer.seal_page(number, &vectors.bytes("/page/nonce"), &mut page);
    assert_eq!(page, vectors.bytes("/page/sealed"));
    sealer.open_page(number, &mut page).unwrap();
    assert_eq!(page, plain);

    let plain = vectors.bytes("/log_header/plain");
    let sealed = sealer.seal_log_header(&vectors.bytes("/log_header/nonce"), &plain);
    assert_eq!(sealed, vectors.bytes("/log_header/sealed"));
    assert_eq!(sealer.open_log_header(&sealed), Ok(plain));

    let place = FramePlace {
        salts: vectors.bytes("/frame_header/salts"),
        number: vectors.number("/frame_header/number"),
        page_tag: vectors.bytes("/frame_header/page_tag"),
    };
    let plain = vectors.bytes("/frame_header/plain");
    let sealed = sealer.seal_frame_header(&place, &vectors.bytes("/frame_header/nonce"), &plain);
    assert_eq!(sealed, vectors.bytes("/frame_header/sealed"));
    assert_eq!(sealer.open_frame_header(&place, &sealed), Ok(plain));
}

#[test]
fn a_rollback_journal_is_as_documented() {
    let vectors = Vectors::read();
    let store = Arc::new(OpenStore::new(vectors.bytes("/store"), &vectors.page_key()));
    let (disk, name) = (Disk::new(), c"/store.kist-journal");
    let file = vectors.0.pointer("/journal/file").unwrap().as_str().unwrap();
    let written = vectors.bytes::<33>("/journal/written");
    let content = from_base64url(file).unwrap();
    disk.load(Files::from([(name.to_str().unwrap().to_owned(), content)]));
    let mut journal = open_journal(disk, name, &store);
    let offset = u64::from(vectors.number("/journal/offset"));
    assert_eq!(journal.size(), offset + written.len() as u64);
    let mut read = [1; 34];
    journal.read(&mut read, offset - 1).unwrap();
    assert_eq!((read[0], &read[1..]), (0, &written[..]));
}

#[test]
fn a_store_of_format_1_opens() {
    let scratch = Scratch::new();
    for suffix in ["", "-wal"] {
        fs::copy(
            with_suffix(&Path::new(FOLDER).join("v1.kist"), suffix),
            with_suffix(&scratch.path(), suffix),
        )
        .unwrap();
    }
    let store = open(&scratch.path(), &store_key(1)).unwrap();
    let mut rows = store
        .prepare("SELECT number, text FROM sample ORDER BY number")
        .unwrap();
    let rows: Vec<(i64, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows, [(1, "in the database".to_owned()), (2, "in the log".to_owned())]);
}
