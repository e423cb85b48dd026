//! Whatever a store holds comes back as it was, out and in again.
#![allow(clippy::unwrap_used)] // tests

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use kist_crypto::OsRandom;
use kist_crypto::slots::KdfCost;
use kist_vault::{
    Change, Correction, FileId, FileMeta, LifeArea, Manifest, Mark, Provenance, RecordDraft, RecordId, Revision,
    Thumbnail,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::export::{self, ExportOptions, ExportReport};
use super::import::{self, ArchiveReport, ImportOptions};
use super::review_archive;
use crate::Platform;
use crate::home::Home;

const NOW: i64 = 1_793_491_200_000;

/// Something that happens to a store; a number picks one of the records that there are.
#[derive(Debug, Clone)]
enum Step {
    Put {
        area: &'static str,
        schema: &'static str,
        body: Value,
        tags: Vec<String>,
        file: Option<Vec<u8>>,
    },
    Correct(usize, Value),
    Conflict(usize, Value),
    Favourite(usize),
    Note(usize, String),
    Trash(usize),
    Restore(usize),
    Replace(usize, usize),
    Delete(usize),
    Keep(String, Vec<u8>),
    Forget(String),
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        Just("<script>\u{202e}..\\/\0 \n".to_owned()),
        Just("ŵ".repeat(100))
    ]
}

fn body() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from)
    ];
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        number,
        Just(Value::Null),
        any::<bool>().prop_map(Value::from)
    ];
    let nested = leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    (text(), nested).prop_map(|(title, value)| json!({ "title": title, "value": value }))
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0_usize..8;
    let key = "[a-c]{1}";
    let put = (
        prop::sample::select(vec!["health", "Health", "con", "ein/Bereich \u{202e}", "other"]),
        prop::sample::select(vec![
            "urn:kist:schema:any:1",
            "https://example.org/of my own#1",
            "urn:x",
        ]),
        body(),
        prop::collection::vec("\\PC{1,8}", 0..3),
        prop::option::of(prop::collection::vec(any::<u8>(), 0..5000)),
    );
    prop_oneof![
        4 => put.prop_map(|(area, schema, body, tags, file)| Step::Put { area, schema, body, tags, file }),
        2 => (place.clone(), body()).prop_map(|(at, body)| Step::Correct(at, body)),
        1 => (place.clone(), body()).prop_map(|(at, body)| Step::Conflict(at, body)),
        1 => place.clone().prop_map(Step::Favourite),
        1 => (place.clone(), text()).prop_map(|(at, text)| Step::Note(at, text)),
        1 => place.clone().prop_map(Step::Trash),
        1 => place.clone().prop_map(Step::Restore),
        1 => (place.clone(), place.clone()).prop_map(|(at, by)| Step::Replace(at, by)),
        1 => place.prop_map(Step::Delete),
        1 => (key, prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(key, value)| Step::Keep(key, value)),
        1 => key.prop_map(Step::Forget),
    ]
}

fn store(folder: &Path) -> Home {
    let platform = Platform {
        kdf_cost: KdfCost::FLOOR,
        ..Platform::desktop("test")
    };
    Home::create(folder, platform, "a passphrase of some length").unwrap()
}

fn carry_out(home: &Home, steps: &[Step]) {
    let (vault, mut ids) = (&home.vault, Vec::<RecordId>::new());
    let correction = |body: &Value| Correction::new(body.clone(), Provenance::imported("test", NOW));
    for (number, step) in steps.iter().enumerate() {
        let now = NOW + number as i64;
        let at = |place: &usize| ids.get(*place).copied();
        match step {
            Step::Put {
                area,
                schema,
                body,
                tags,
                file,
            } => {
                let files = file.as_ref().map(|bytes| attach(home, bytes, now));
                let draft = RecordDraft {
                    tags: tags.clone(),
                    files: files.into_iter().collect(),
                    ..RecordDraft::new(*schema, *area, body.clone(), Provenance::self_asserted(now))
                };
                ids.push(vault.put(draft, now, &mut OsRandom).unwrap().id);
            }
            Step::Correct(place, body) => {
                let _ = at(place).map(|id| vault.correct(&id, correction(body), now));
            }
            Step::Conflict(place, body) => {
                // Another device wrote the same revision as the current one does, in ignorance of it.
                let Some(current) = at(place).and_then(|id| vault.record(&id).unwrap()) else {
                    continue;
                };
                let mut time = current.time.to_bytes();
                time[19] ^= 1;
                let revision = Revision {
                    time: kist_vault::HybridTime::from_bytes(&time).unwrap(),
                    body: body.to_string(),
                    ..as_revision(current)
                };
                vault.apply(&[Change::Revision(Box::new(revision))]).unwrap();
            }
            // What is not there any more can't be marked: that is as good a store as any.
            Step::Favourite(place) => drop(at(place).map(|id| vault.set_favourite(&id, true, now))),
            Step::Note(place, note) => drop(at(place).map(|id| vault.set_note(&id, note, now))),
            Step::Trash(place) => drop(at(place).map(|id| vault.trash(&id, now))),
            Step::Restore(place) => drop(at(place).map(|id| vault.restore(&id, now))),
            Step::Replace(place, by) => drop(at(place).zip(at(by)).map(|(id, by)| vault.replace(&id, &by, now))),
            Step::Delete(place) => drop(at(place).map(|id| vault.delete(&id, now))),
            Step::Keep(key, value) => vault.keep("settings", key, value, now).unwrap(),
            Step::Forget(key) => drop(vault.forget("settings", key, now)),
        }
    }
    vault.keep("local/device", "key", b"stays here", NOW).unwrap();
    vault.keep("vault/other", "key", b"and this", NOW).unwrap();
}

fn attach(home: &Home, bytes: &[u8], now: i64) -> FileId {
    let thumbnail = bytes.first().map(|_| Thumbnail {
        media_type: "image/jpeg".to_owned(),
        bytes: bytes.to_vec(),
    });
    let meta = FileMeta {
        name: "a file.of: mine.txt".to_owned(),
        media_type: Some("text/plain".to_owned()),
        modified_ms: bytes.first().map(|byte| i64::from(*byte)),
        thumbnail,
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    home.vault.attach(bytes, meta, now, &mut OsRandom, go_on).unwrap().id
}

fn as_revision(record: kist_vault::Record) -> Revision {
    Revision {
        id: record.id,
        created_ms: record.created_ms,
        revision: record.revision,
        time: record.time,
        parents: record.parents,
        schema: record.schema,
        area: record.area,
        tags: record.tags,
        provenance: record.provenance,
        body: record.body.to_string(),
        files: record.files.into_iter().map(|file| file.id).collect(),
        origins: record.origins,
    }
}

/// A record: its life area, id and title, all its revisions, all its marks.
type Whole = (LifeArea, RecordId, String, Vec<Revision>, Vec<Mark>);

/// What a store holds, whoever's key it is under.
#[derive(Debug, PartialEq)]
struct Content {
    records: Vec<Whole>,
    files: Vec<(Manifest, Vec<u8>)>,
    kept: Vec<Change>,
}

fn content(home: &Home) -> Content {
    let snapshot = home.vault.take_snapshot().unwrap();
    let (mut records, mut files, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (area, count) in snapshot.areas().unwrap() {
        let ids = snapshot.records(&area).unwrap();
        assert_eq!(ids.len() as u64, count);
        for id in ids {
            let mut revisions = Vec::new();
            snapshot
                .revisions(&id, |revision| {
                    revisions.push(revision);
                    Ok::<_, crate::Error>(())
                })
                .unwrap();
            let (title, _) = snapshot.current(&id).unwrap().unwrap();
            records.push((area.clone(), id, title, revisions, snapshot.marks(&id).unwrap()));
        }
    }
    records.sort_by_key(|record| record.1);
    for id in snapshot.files().unwrap() {
        let manifest = snapshot.manifest(&id).unwrap().unwrap();
        let mut bytes = Vec::new();
        snapshot.read_file(manifest.clone()).read_to_end(&mut bytes).unwrap();
        let chunks = Vec::new(); // Where it is cut, and what the pieces are called, hangs on the store's key.
        files.push((Manifest { chunks, ..manifest }, bytes));
    }
    files.sort_by_key(|file| file.0.id);
    snapshot
        .kept(|change| {
            kept.push(change);
            Ok::<_, crate::Error>(ControlFlow::Continue(()))
        })
        .unwrap();
    Content { records, files, kept }
}

fn out(home: &Home, path: &Path) -> ExportReport {
    let options = ExportOptions {
        sealed_state: true,
        ..ExportOptions::default()
    };
    export::write(home, path, &options, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

fn back(home: &Home, path: &Path, code: Option<String>) -> ArchiveReport {
    let options = ImportOptions {
        code,
        sound_only: false,
    };
    let file = File::open(path).unwrap();
    import::take_in(home, file, &options, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn d7_any_store_comes_back_equal_and_taking_it_in_twice_changes_nothing(
        steps in prop::collection::vec(step(), 0..30)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let first = store(&path("first"));
        carry_out(&first, &steps);
        let before = content(&first);
        let report = out(&first, &path("first.zip"));
        prop_assert_eq!(report.records, before.records.len() as u64);
        prop_assert_eq!(&report.missing_files, &Vec::<FileId>::new());

        let second = store(&path("second"));
        let taken = back(&second, &path("first.zip"), report.code.clone());
        prop_assert_eq!((taken.records, taken.known), (report.records, 0));
        prop_assert_eq!(&content(&second), &before);
        let generation = second.vault.generation().unwrap();
        back(&second, &path("first.zip"), report.code);
        prop_assert_eq!(second.vault.generation().unwrap(), generation);
        drop(second);

        let third = store(&path("third"));
        back(&third, &path("first.zip"), None);
        let open = content(&third);
        prop_assert_eq!((&open.records, &open.files), (&before.records, &before.files));
        prop_assert_eq!(open.kept, Vec::new());
    }
}

#[test]
fn d7_a_record_with_more_revisions_than_a_batch_and_a_damaged_file_leave_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(&folder.path().join("first"));
    let file = attach(&first, b"whole", NOW);
    let mut draft = RecordDraft::new("urn:x", "other", json!({ "n": 0 }), Provenance::self_asserted(NOW));
    draft.files = vec![file];
    let id = first.vault.put(draft, NOW, &mut OsRandom).unwrap().id;
    for n in 1..600 {
        let correction = Correction::new(json!({ "n": n }), Provenance::self_asserted(NOW));
        first.vault.correct(&id, correction, NOW + n).unwrap();
    }
    let before = content(&first);
    let path = folder.path().join("a.zip");
    let report = out(&first, &path);
    let second = store(&folder.path().join("second"));
    back(&second, &path, report.code);
    assert_eq!(content(&second), before);

    let chunk = first.vault.chunk_ids().unwrap()[0].id.to_string();
    let chunk = folder.path().join("first/vault/files").join(&chunk[..2]).join(chunk);
    std::fs::write(&chunk, b"not what was sealed").unwrap();
    let path = folder.path().join("b.zip");
    let report = out(&first, &path);
    assert_eq!(
        (report.records, report.files, &report.missing_files),
        (1, 0, &vec![file])
    );
    let seen = review_archive(File::open(&path).unwrap(), NOW, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(seen.damaged, []);
    let third = store(&folder.path().join("third"));
    back(&third, &path, report.code);
    assert_eq!(content(&third).records, before.records);
}
