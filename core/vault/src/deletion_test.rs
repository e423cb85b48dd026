//! D1: what was deleted is in no page of the store and in no file of the folder, seen with the key.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use serde_json::json;

use crate::{Correction, Error, FileMeta, Filter, LifeArea, Part, Provenance, RecordDraft, Thumbnail, Vault};

const NOW: i64 = 1_793_491_200_000;

/// The database's pages as they are once opened, free ones and the slack of used ones included.
fn opened_pages(vault: &Vault) -> Vec<u8> {
    vault.connect().unwrap().serialize("main").unwrap().to_ascii_lowercase()
}

/// How often a word is in the pages. The search index keeps a word behind the letters that it shares with the one
/// before, so the words looked for begin with letters that no other word begins with.
fn count(pages: &[u8], word: &str) -> usize {
    pages
        .windows(word.len())
        .filter(|window| *window == word.as_bytes())
        .count()
}

fn draft(word: &str) -> RecordDraft {
    let body = json!({ "title": word, "text": format!("{word} {}", "filler ".repeat(30)), "more": { "deep": word } });
    RecordDraft::new(format!("x:{word}"), word, body, Provenance::imported(word, NOW))
}

#[test]
fn d1_deleted_content_is_in_no_page_and_no_file() {
    let mut rng = SeededRandom::new(1);
    let root = RootKey::generate(1, &mut rng);
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &root).unwrap();
    for number in 0..60 {
        vault.put(draft(&format!("neighbour{number}")), NOW, &mut rng).unwrap();
    }
    let meta = FileMeta {
        name: "qqcanary.pdf".into(),
        media_type: Some("x/qqcanary".into()),
        modified_ms: None,
        thumbnail: Some(Thumbnail {
            media_type: "x/qqcanary".into(),
            bytes: b"qqcanary".repeat(600),
        }),
    };
    let content = b"qqcanary in a file";
    let file = vault
        .attach(&content[..], meta, NOW, &mut rng, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let chunk = vault.chunk_ids().unwrap()[0].id;
    let mut canary = draft("qqcanary");
    canary.tags = vec!["qqcanary".into()];
    canary.files = vec![file.id];
    let put = vault.put(canary, NOW, &mut rng).unwrap();
    let corrected = Correction::new(json!({ "title": "qqcanary again" }), Provenance::self_asserted(NOW));
    vault.correct(&put.id, corrected, NOW).unwrap();
    vault.keep("items", "key", b"qqcanary kept", NOW).unwrap();
    for number in 60..120 {
        vault.put(draft(&format!("neighbour{number}")), NOW, &mut rng).unwrap();
    }
    let before = opened_pages(&vault);
    assert!(count(&before, "qqcanary") > 8, "the search can find what is there");

    vault.set_note(&put.id, "qqcanary noted", NOW).unwrap();
    vault.trash(&put.id, NOW).unwrap();
    assert_eq!(vault.empty_trash(NOW), Ok(1));
    vault.forget("items", "key", NOW).unwrap();
    let after = opened_pages(&vault);
    for trace in ["qqcanary", "qcanary"] {
        assert_eq!(count(&after, trace), 0, "{trace}");
    }
    assert_eq!(
        vault
            .list(&Filter {
                area: Some(LifeArea::new("neighbour7")),
                ..Filter::default()
            })
            .unwrap()
            .len(),
        1
    );
    let log = folder.path().join("store.kist-wal");
    assert_eq!(
        log.metadata().map_or(0, |log| log.len()),
        0,
        "older pages are in no log"
    );
    assert_eq!(
        vault.sealed_chunk(&chunk),
        Err(Error::Corrupt { part: Part::Chunk }),
        "its file is gone"
    );
}
