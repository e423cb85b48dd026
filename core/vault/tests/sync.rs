//! Z4 at small scope: what one vault wrote, another takes in; both end with the same content.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW, noise, note};
use kist_vault::{
    Change, Correction, Date, Error, FieldView, Filter, Marks, Provenance, Record, RecordId, Shown, Vault,
};
use proptest::prelude::*;
use serde_json::json;

fn changes(vault: &Vault, position: u64) -> Vec<Change> {
    vault.changes_after(position, usize::MAX).unwrap().changes
}

fn text(words: &str) -> Correction {
    Correction::new(json!({ "text": words }), Provenance::self_asserted(NOW))
}

fn ids(vault: &Vault, shown: Shown) -> Vec<RecordId> {
    let filter = Filter {
        shown,
        ..Filter::default()
    };
    vault.list(&filter).unwrap().iter().map(|found| found.id).collect()
}

/// Everything a vault holds but for its own id and its log.
#[derive(Debug, PartialEq)]
struct Content {
    current: Vec<Record>,
    revisions: Vec<Vec<Record>>,
    marks: Vec<Marks>,
    fields: Vec<Vec<FieldView>>,
    kept: Vec<(String, Vec<u8>)>,
}

fn content(vault: &Vault) -> Content {
    let mut ids = ids(vault, Shown::Anywhere);
    ids.sort();
    Content {
        current: ids.iter().map(|id| vault.record(id).unwrap().unwrap()).collect(),
        revisions: ids.iter().map(|id| vault.revisions(id).unwrap()).collect(),
        marks: ids.iter().map(|id| vault.marks(id).unwrap()).collect(),
        fields: ids
            .iter()
            .map(|id| vault.fields(id, Date::from_ms(NOW)).unwrap())
            .collect(),
        kept: vault.all_kept("items").unwrap(),
    }
}

/// Takes in all changes through their encoding, and fetches the chunks that are missing.
fn take_in(from: &Vault, to: &Vault) {
    let encoded: Vec<Vec<u8>> = changes(from, 0).iter().map(Change::encode).collect();
    let decoded: Vec<Change> = encoded.iter().map(|bytes| Change::decode(bytes).unwrap()).collect();
    to.apply(&decoded).unwrap();
    let missing = to.missing_chunks().unwrap();
    to.put_sealed_chunks(
        missing
            .iter()
            .map(|chunk| (chunk.id, from.sealed_chunk(&chunk.id).unwrap())),
    )
    .unwrap();
}

#[test]
fn a_fresh_vault_takes_in_everything_and_taking_it_in_again_changes_nothing() {
    let mut home = Home::new();
    let vault = home.create();
    let bytes = noise(1, 700_000);
    let file = home.attach(&vault, "photo.jpg", &bytes);
    let mut draft = note("Photo", "Barry Island");
    draft.files = vec![file.id];
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    vault.correct(&put.id, text("Barry Island, 1994"), NOW).unwrap();
    let gone = vault.put(note("gone", "soon"), NOW, &mut home.rng).unwrap();
    vault.delete(&gone.id, NOW).unwrap();
    vault.keep("items", "a", b"1", NOW).unwrap();
    vault.keep("items", "b", b"2", NOW).unwrap();
    vault.forget("items", "b", NOW).unwrap();
    vault.keep("local/position", "x", b"9", NOW).unwrap();

    let second = home.second();
    let other = second.create();
    take_in(&vault, &other);
    assert_eq!(content(&other), content(&vault));
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut other.read_file(&file.id).unwrap(), &mut read).unwrap();
    assert!(read == bytes);
    assert_eq!(other.search("barry", &Filter::default(), 5).unwrap().len(), 1);
    assert_eq!(other.kept("local/position", "x").unwrap(), None);
    assert_eq!(changes(&other, 0), [], "what was taken in is no change of its own");

    let generation = other.generation().unwrap();
    take_in(&vault, &other);
    assert_eq!(
        (other.generation().unwrap(), content(&other)),
        (generation, content(&vault))
    );
    drop(other);
    assert_eq!(
        content(&second.open()),
        content(&vault),
        "the files stay at the next opening"
    );
}

#[test]
fn changes_come_in_order_in_portions_and_a_deletion_takes_its_history_along() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault
        .put_many((0..20).map(|n| note(&n.to_string(), "x")), NOW, &mut home.rng)
        .unwrap();
    let mut position = 0;
    let mut seen = Vec::new();
    loop {
        let set = vault.changes_after(position, 2500).unwrap();
        assert!((1..=5).contains(&set.changes.len()));
        assert!(set.upto > position);
        position = set.upto;
        seen.extend(set.changes);
        if !set.more {
            break;
        }
    }
    assert_eq!((seen.len(), position), (20, vault.last_position().unwrap()));
    let order: Vec<RecordId> = seen
        .iter()
        .map(|change| match change {
            Change::Revision(revision) => revision.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(order, put.iter().map(|record| record.id).collect::<Vec<_>>());
    let set = vault.changes_after(position, 1).unwrap();
    assert_eq!((set.changes.len(), set.upto, set.more), (0, position, false));

    vault.delete(&put[3].id, NOW).unwrap();
    let after = changes(&vault, position);
    assert!(matches!(after[..], [Change::Deleted { id, .. }] if id == put[3].id));
    assert_eq!(changes(&vault, 0).len(), 20, "its revision is in the log no more");
}

#[test]
fn only_chunks_of_files_given_to_a_record_since_a_position_are_listed() {
    let mut home = Home::new();
    let vault = home.create();
    let first = home.attach(&vault, "a", &noise(1, 600_000));
    let mut draft = note("a", "a");
    draft.files = vec![first.id];
    vault.put(draft, NOW, &mut home.rng).unwrap();
    let position = vault.last_position().unwrap();
    assert_eq!(vault.chunk_ids_after(0).unwrap(), vault.chunk_ids().unwrap());
    assert_eq!(vault.chunk_ids_after(position).unwrap(), []);
    let second = home.attach(&vault, "b", &noise(2, 10));
    assert_eq!(vault.chunk_ids_after(position).unwrap(), []);
    let mut draft = note("b", "b");
    draft.files = vec![second.id];
    vault.put(draft, NOW, &mut home.rng).unwrap();
    let after = vault.chunk_ids_after(position).unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!(
        after[0].sealed_size,
        vault.sealed_chunk(&after[0].id).unwrap().len() as u64
    );
}

#[test]
fn d2_revisions_written_apart_are_both_kept_the_same_one_is_current_and_the_person_settles() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault.put(note("Boiler", "?"), NOW, &mut home.rng).unwrap();
    let other = home.second().create();
    take_in(&vault, &other);
    let here = vault.correct(&put.id, text("here"), NOW + 10).unwrap();
    let there = other.correct(&put.id, text("there"), NOW + 20).unwrap();
    take_in(&vault, &other);
    take_in(&other, &vault);
    assert_eq!(content(&vault), content(&other));
    let current = vault.record(&put.id).unwrap().unwrap();
    assert_eq!((current.time, current.conflict), (there.time, true));
    let versions: Vec<_> = vault
        .versions(&put.id)
        .unwrap()
        .iter()
        .map(|version| version.time)
        .collect();
    assert_eq!(versions, [here.time, there.time]);
    assert_eq!(vault.search("there", &Filter::default(), 5).unwrap().len(), 1);
    assert_eq!(vault.search("here", &Filter::default(), 5).unwrap().len(), 0);

    let unsettled = vault.correct(&put.id, text("more"), NOW + 30).unwrap();
    assert!(unsettled.conflict, "a correction made without looking settles nothing");
    let mut settle = text("both");
    settle.settles = true;
    let settled = vault.correct(&put.id, settle, NOW + 40).unwrap();
    assert_eq!(
        (settled.conflict, settled.revision, settled.parents.len()),
        (false, 4, 2)
    );
    take_in(&vault, &other);
    assert_eq!(content(&vault), content(&other));
    assert!(!other.record(&put.id).unwrap().unwrap().conflict);
}

#[test]
fn a_deletion_is_final_also_for_what_was_written_elsewhere_meanwhile() {
    let mut home = Home::new();
    let vault = home.create();
    let second = home.second();
    let other = second.create();
    let put = vault.put(note("Boiler", "?"), NOW, &mut home.rng).unwrap();
    take_in(&vault, &other);
    let file = home.attach(&vault, "late.pdf", &noise(3, 100_000));
    let mut late = text("late");
    late.files = Some(vec![file.id]);
    vault.correct(&put.id, late, NOW + 99).unwrap();
    other.delete(&put.id, NOW + 1).unwrap();
    take_in(&vault, &other);
    assert_eq!(other.record(&put.id).unwrap(), None);
    assert_eq!(other.file(&file.id).unwrap(), None, "a file that came for it goes too");
    take_in(&other, &vault);
    assert_eq!(content(&vault), content(&other));
    assert_eq!(vault.chunk_ids().unwrap(), []);
}

#[test]
fn d1_a_file_that_came_by_itself_for_a_record_deleted_here_goes_with_the_revision() {
    let mut home = Home::new();
    let vault = home.create();
    let other = home.second().create();
    let put = vault.put(note("Boiler", "?"), NOW, &mut home.rng).unwrap();
    take_in(&vault, &other);
    let position = vault.last_position().unwrap();
    let file = home.attach(&vault, "late.pdf", &noise(3, 100_000));
    let mut late = text("late");
    late.files = Some(vec![file.id]);
    vault.correct(&put.id, late, NOW + 99).unwrap();
    other.delete(&put.id, NOW + 1).unwrap();
    // Each by itself, as a restore that goes entry by entry may have it.
    for change in changes(&vault, position) {
        other.apply(&[change]).unwrap();
    }
    assert_eq!(other.file(&file.id).unwrap(), None);
    assert_eq!(other.file_space().unwrap().bytes, 0);
}

#[test]
fn a31_the_name_and_type_of_a_file_from_elsewhere_are_made_fit_to_be_shown() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "a.pdf", &noise(3, 1000));
    let mut draft = note("a", "a");
    draft.files = vec![file.id];
    vault.put(draft, NOW, &mut home.rng).unwrap();
    let mut all = changes(&vault, 0);
    for change in &mut all {
        if let Change::File(manifest) = change {
            manifest.name = "../cod\u{202e}fdp.exe".into();
            manifest.media_type = "no type\n".into();
        }
    }
    let other = home.second().create();
    other.apply(&all).unwrap();
    let shown = other.file(&file.id).unwrap().unwrap();
    assert_eq!(
        (&*shown.name, &*shown.media_type),
        ("codfdp.exe", "application/octet-stream")
    );
}

#[test]
fn a_file_deleted_here_and_given_to_a_record_elsewhere_comes_back() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "f", &noise(4, 100_000));
    let mut draft = note("first", "a");
    draft.files = vec![file.id];
    let first = vault.put(draft, NOW, &mut home.rng).unwrap();
    let mut second = home.second();
    let other = second.create();
    take_in(&vault, &other);
    let mut draft = note("second", "b");
    draft.files = vec![file.id];
    let later = other.put(draft, NOW, &mut second.rng).unwrap();
    vault.delete(&first.id, NOW).unwrap();
    take_in(&other, &vault);
    assert_eq!(vault.record(&later.id).unwrap().unwrap().files, [file]);
    assert_eq!(vault.missing_chunks().unwrap(), []);
}

#[test]
fn a31_what_no_vault_wrote_is_refused_whole() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault.put(note("a", "b"), NOW, &mut home.rng).unwrap();
    let good = changes(&vault, 0).remove(0);
    let Change::Revision(revision) = &good else {
        panic!("{good:?}")
    };
    let broken = |change: &dyn Fn(&mut kist_vault::Revision)| {
        let mut broken = revision.clone();
        change(&mut broken);
        Change::Revision(broken)
    };
    let file = kist_vault::Manifest {
        id: kist_vault::FileId::from_bytes([1; 16]),
        name: "f".into(),
        media_type: "x/y".into(),
        size: 10,
        digest: kist_vault::Digest::from_bytes([0; 32]),
        created_ms: NOW,
        chunks: vec![(kist_vault::ChunkId::from_bytes([2; 32]), 11)],
        modified_ms: None,
        thumbnail: None,
    };
    let other = home.second().create();
    for bad in [
        broken(&|revision| revision.body = "[]".into()),
        broken(&|revision| revision.body = "{".into()),
        broken(&|revision| revision.parents = vec![revision.time]),
        broken(&|revision| revision.tags = vec![String::new()]),
        Change::File(file),
        Change::Kept {
            collection: "local/x".into(),
            key: "k".into(),
            value: vec![],
            time: put.time,
        },
    ] {
        assert_eq!(other.apply(&[good.clone(), bad]).unwrap_err().code(), "Malformed");
    }
    assert!(other.list(&Filter::default()).unwrap().is_empty());

    let encoded = good.encode();
    assert_eq!(Change::decode(&[]), Err(Error::Malformed { what: "change" }));
    assert_eq!(Change::decode(&[2, 0]), Err(Error::UnsupportedVersion { found: 2 }));
    assert_eq!(
        Change::decode(&[&encoded[..], &[0]].concat()),
        Err(Error::Malformed { what: "change" })
    );
    for length in 1..encoded.len() {
        assert!(Change::decode(&encoded[..length]).is_err());
    }
    proptest!(ProptestConfig::with_cases(400), |(index in 0..encoded.len(), byte: u8)| {
        let mut mutated = encoded.clone();
        mutated[index] = byte;
        let _ = Change::decode(&mutated).map(|change| other.apply(&[change]));
    });
}

/// What a person does on one of two devices.
#[derive(Debug, Clone)]
enum Act {
    Put,
    Correct(usize, bool),
    Delete(usize),
    Favour(usize, bool),
    Annotate(usize),
    Trash(usize),
    Restore(usize),
    Confirm(usize),
    Replace(usize, usize),
    Keep(u8, Vec<u8>),
    Forget(u8),
    Exchange,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Put),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(which, settles)| Act::Correct(which, settles)),
        1 => any::<usize>().prop_map(Act::Delete),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, favourite)| Act::Favour(which, favourite)),
        1 => any::<usize>().prop_map(Act::Annotate),
        1 => any::<usize>().prop_map(Act::Trash),
        1 => any::<usize>().prop_map(Act::Restore),
        1 => any::<usize>().prop_map(Act::Confirm),
        4 => (any::<usize>(), any::<usize>()).prop_map(|(which, by)| Act::Replace(which, by)),
        3 => (0..4u8, proptest::collection::vec(any::<u8>(), 0..9)).prop_map(|(key, value)| Act::Keep(key, value)),
        1 => (0..4u8).prop_map(Act::Forget),
        1 => Just(Act::Exchange),
    ]
}

fn perform(vault: &Vault, home: &mut Home, act: &Act, number: usize, clock: i64) {
    let ids = ids(vault, Shown::Anywhere);
    let pick = |which: &usize| ids.get(which % ids.len().max(1));
    match act {
        Act::Put => {
            vault
                .put(note(&format!("n{number}"), "text"), clock, &mut home.rng)
                .unwrap();
        }
        Act::Correct(which, settles) => {
            if let Some(id) = pick(which) {
                let mut correction = text(&format!("c{number}"));
                correction.settles = *settles;
                vault.correct(id, correction, clock).unwrap();
            }
        }
        Act::Delete(which) => {
            if let Some(id) = pick(which) {
                vault.delete(id, clock).unwrap();
            }
        }
        Act::Favour(which, favourite) => {
            if let Some(id) = pick(which) {
                vault.set_favourite(id, *favourite, clock).unwrap();
            }
        }
        Act::Annotate(which) => {
            if let Some(id) = pick(which) {
                vault.set_note(id, &format!("m{number}"), clock).unwrap();
            }
        }
        Act::Trash(which) => {
            if let Some(id) = pick(which) {
                vault.trash(id, clock).unwrap();
            }
        }
        Act::Restore(which) => {
            if let Some(id) = pick(which) {
                vault.restore(id, clock).unwrap();
            }
        }
        Act::Confirm(which) => {
            if let Some(id) = pick(which) {
                vault.confirm(id, Some("/text"), clock).unwrap();
            }
        }
        Act::Replace(which, by) => {
            if let Some((id, by)) = pick(which).zip(pick(by)) {
                let _ = vault.replace(id, by, clock);
            }
        }
        Act::Keep(key, value) => vault.keep("items", &key.to_string(), value, clock).unwrap(),
        Act::Forget(key) => {
            let _ = vault.forget("items", &key.to_string(), clock);
        }
        Act::Exchange => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Two devices whose clocks are a year apart, and a third that takes in both logs in any order.
    #[test]
    fn a37_whatever_two_devices_do_they_converge(
        acts in proptest::collection::vec((any::<bool>(), act()), 1..40),
        order in proptest::collection::vec(any::<u32>(), 200),
    ) {
        let year = 365 * 24 * 3600 * 1000;
        let mut homes = [Home::new(), Home::new().second(), Home::new().second()];
        let vaults = [homes[0].create(), homes[1].create(), homes[2].create()];
        for (number, (first, act)) in acts.iter().enumerate() {
            let device = usize::from(!*first);
            if let Act::Exchange = act {
                take_in(&vaults[device], &vaults[1 - device]);
            } else {
                let clock = NOW + number as i64 + if *first { year } else { 0 };
                perform(&vaults[device], &mut homes[device], act, number, clock);
            }
        }
        take_in(&vaults[0], &vaults[1]);
        take_in(&vaults[1], &vaults[0]);
        let mut both = [changes(&vaults[0], 0), changes(&vaults[1], 0)].concat();
        let mut places = order.iter().cycle();
        both.sort_by_cached_key(|_| *places.next().unwrap());
        vaults[2].apply(&both).unwrap();
        prop_assert_eq!(content(&vaults[0]), content(&vaults[1]));
        prop_assert_eq!(content(&vaults[0]), content(&vaults[2]));
        // Whatever was replaced by what, each chain of replacements ends at a record that is not replaced.
        for (record, marks) in content(&vaults[0]).current.iter().zip(content(&vaults[0]).marks) {
            prop_assert_eq!(record.replaced, marks.replaced_by.is_some());
            prop_assert_eq!(record.trashed, marks.trashed_ms.is_some());
            let mut steps = 0;
            let mut at = marks.replaced_by;
            while let Some(next) = at {
                at = vaults[0].marks(&next).unwrap().replaced_by;
                steps += 1;
                prop_assert!(steps < 40);
            }
        }
        for record in content(&vaults[0]).current.into_iter().filter(|record| !record.trashed && !record.replaced) {
            let found = vaults[0].search(record.body["text"].as_str().unwrap(), &Filter::default(), 99).unwrap();
            prop_assert!(found.iter().any(|hit| hit.record.id == record.id));
        }
    }
}
