//! D1: what a person changes about a record by hand, its labels and files included; D3: what was delivered stays what it was.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW, note};
use kist_vault::{
    Change, Date, Difference, Edit, Error, FileId, Filter, LifeArea, Provenance, RecordDraft, Settlement, SideId,
    Source, SourceFilter, Vault, Verification, schema,
};
use serde_json::json;

fn tags(tags: &[&str]) -> Option<Vec<String>> {
    Some(tags.iter().map(|tag| (*tag).to_owned()).collect())
}

fn delivered(files: Vec<FileId>) -> RecordDraft {
    let provenance = Provenance {
        source: Source::Delivered {
            by: "Riverside Clinic".into(),
            organisation_id: "GB-123".into(),
            credential: "c1".into(),
        },
        verification: Verification::Signature {
            issuer: "Riverside Clinic".into(),
        },
        collected_ms: NOW,
    };
    let body = json!({"vaccine": "Influenza", "date": "2026-10-02"});
    RecordDraft {
        files,
        ..RecordDraft::new(schema::VACCINATION, "health", body, provenance)
    }
}

#[test]
fn d1_fields_labels_and_files_change_in_one_revision_and_the_history_says_so() {
    let mut home = Home::new();
    let vault = home.create();
    let [photo, bill] = ["photo.png", "bill.pdf"].map(|name| home.attach(&vault, name, name.as_bytes()));
    let mut draft = note("Boiler", "leaks");
    (draft.tags, draft.files) = (vec!["house".into(), "winter".into()], vec![photo.id]);
    let first = vault.put(draft, NOW, &mut home.rng).unwrap();

    let edit = Edit {
        body: Some(json!({"title": "Boiler", "text": "mended"})),
        area: Some(LifeArea::new("home")),
        tags: tags(&["house", "Dai"]),
        attach: vec![bill.id, bill.id],
        detach: vec![photo.id],
        ..Edit::default()
    };
    let edited = vault.edit(&first.id, edit, NOW + 1).unwrap();
    assert_eq!((edited.revision, edited.area.as_str()), (2, "home"));
    assert_eq!(
        (&edited.tags, &edited.files),
        (&tags(&["house", "Dai"]).unwrap(), &vec![bill.clone()])
    );
    assert_eq!(vault.record(&first.id).unwrap(), Some(edited));
    assert_eq!(
        vault.search("bill", &Filter::default(), 9).unwrap().len(),
        1,
        "found by its file"
    );

    let history = vault.history(&first.id).unwrap();
    let [begun, changed] = history.as_slice() else {
        panic!("two revisions");
    };
    assert_eq!(
        (
            begun.area_before.clone(),
            begun.tags.added.len(),
            begun.files.added.len()
        ),
        (None, 2, 1)
    );
    let members: Vec<&str> = changed.changes.iter().map(|change| change.member.as_str()).collect();
    assert_eq!(members, ["/text"]);
    assert_eq!(changed.area_before, Some(LifeArea::new(LifeArea::OTHER)));
    let words = Difference {
        added: vec!["Dai".to_owned()],
        removed: vec!["winter".to_owned()],
    };
    assert_eq!(changed.tags, words);
    let files = Difference {
        added: vec![bill],
        removed: vec![photo.clone()],
    };
    assert_eq!(changed.files, files);
    let mut reader = vault.read_file(&photo.id).unwrap();
    assert!(
        reader.next_chunk().unwrap().is_some(),
        "an earlier revision keeps what was taken away"
    );
}

#[test]
fn d1_an_edit_that_changes_nothing_writes_nothing() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "photo.png", b"photo");
    let mut draft = note("Boiler", "leaks");
    (draft.tags, draft.files) = (vec!["house".into()], vec![file.id]);
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    let generation = vault.generation().unwrap();
    let same = Edit {
        area: Some(put.area.clone()),
        tags: tags(&["house"]),
        attach: vec![file.id],
        detach: vec![FileId::from_bytes([9; 16])],
        ..Edit::default()
    };
    assert_eq!(vault.edit(&put.id, same, NOW + 1).unwrap(), put);
    assert_eq!(vault.edit(&put.id, Edit::default(), NOW + 1).unwrap(), put);
    assert_eq!(vault.generation().unwrap(), generation);

    let unknown = Edit {
        attach: vec![FileId::from_bytes([9; 16])],
        ..Edit::default()
    };
    assert_eq!(
        vault.edit(&put.id, unknown, NOW + 1),
        Err(Error::NotFound { what: "file" })
    );
    let empty = Edit {
        tags: tags(&[""]),
        ..Edit::default()
    };
    assert_eq!(
        vault.edit(&put.id, empty, NOW + 1),
        Err(Error::Malformed { what: "tag" })
    );
}

#[test]
fn d2_labels_leave_what_a_record_says_and_whose_word_that_is() {
    let mut home = Home::new();
    let vault = home.create();
    let mut broken = note("Bike", "red");
    (broken.body, broken.keep_violations) = (json!({"title": "no text"}), true);
    broken.provenance = Provenance::imported("json", NOW);
    for draft in [delivered(Vec::new()), broken] {
        let put = vault.put(draft, NOW, &mut home.rng).unwrap();
        let labelled = Edit {
            tags: tags(&["arm"]),
            area: Some(LifeArea::new("wellbeing")),
            ..Edit::default()
        };
        let before = vault.fields(&put.id, Date::from_ms(NOW)).unwrap();
        let edited = vault.edit(&put.id, labelled, NOW + 1_000).unwrap();
        assert_eq!(
            (edited.revision, &edited.provenance, &edited.body),
            (2, &put.provenance, &put.body)
        );
        assert_eq!(vault.fields(&put.id, Date::from_ms(NOW)).unwrap(), before);
    }
    let clinic = Filter {
        source: Some(SourceFilter::DeliveredBy("GB-123".into())),
        tag: Some("arm".into()),
        ..Filter::default()
    };
    assert_eq!(vault.list(&clinic).unwrap().len(), 1);
    assert_eq!(vault.facets().unwrap().organisations[0].records, 1);
}

#[test]
fn d2_labels_keep_the_sources_of_members_that_were_taken_from_another_record() {
    let mut home = Home::new();
    let vault = home.create();
    let mut put = |street: &str, provenance: Provenance| {
        let body = json!({"street_address": street, "locality": "Cardiff", "kind": "home"});
        let draft = RecordDraft::new(schema::ADDRESS, "identity", body, provenance);
        vault.put(draft, NOW, &mut home.rng).unwrap()
    };
    let own = put("12 Bute Street", Provenance::self_asserted(NOW));
    let read = put("3 Castle Street", Provenance::imported("vcard", NOW));
    let sides = [&own, &read].map(|record| SideId {
        record: record.id,
        time: record.time,
    });
    let choice = Settlement::Merge {
        into: sides[0],
        members: vec![("/street_address".into(), sides[1])],
    };
    vault.settle(&sides, &choice, NOW + 1).unwrap();
    let before = vault.fields(&own.id, Date::from_ms(NOW)).unwrap();
    assert!(before.iter().any(|field| field.provenance == read.provenance));
    let labelled = Edit {
        tags: tags(&["old"]),
        ..Edit::default()
    };
    vault.edit(&own.id, labelled, NOW + 2).unwrap();
    assert_eq!(vault.fields(&own.id, Date::from_ms(NOW)).unwrap(), before);
}

#[test]
fn d3_the_files_of_a_delivered_record_stay_until_the_person_says_something_else_in_its_place() {
    let mut home = Home::new();
    let vault = home.create();
    let [letter, photo] = ["letter.pdf", "photo.png"].map(|name| home.attach(&vault, name, name.as_bytes()));
    let put = vault.put(delivered(vec![letter.id]), NOW, &mut home.rng).unwrap();
    let corrected = json!({"vaccine": "Measles", "date": "2026-10-02"});
    let attach = |body: Option<serde_json::Value>| Edit {
        body,
        attach: vec![photo.id],
        ..Edit::default()
    };
    let detach = Edit {
        tags: tags(&["arm"]),
        detach: vec![letter.id],
        ..Edit::default()
    };
    for refused in [attach(None), attach(Some(corrected.clone())), detach] {
        assert_eq!(vault.edit(&put.id, refused, NOW + 1), Err(Error::DeliveredFiles));
    }
    assert_eq!(
        vault.record(&put.id).unwrap(),
        Some(put.clone()),
        "nothing of it was written"
    );

    vault.edit(&put.id, Edit::of_body(corrected), NOW + 2).unwrap();
    let own = vault.edit(&put.id, attach(None), NOW + 3).unwrap();
    assert_eq!((own.provenance.source, own.files.len()), (Source::SelfAsserted, 2));
    assert_eq!(
        vault.revisions(&put.id).unwrap()[0],
        put,
        "what was delivered is in the history"
    );
}

/// Brings what one vault wrote into another, without the content of files.
fn bring(from: &Vault, to: &Vault) {
    let changes: Vec<Change> = from.changes_after(0, usize::MAX).unwrap().changes;
    to.apply(&changes).unwrap();
}

#[test]
fn z4_labels_given_on_one_device_and_words_on_another_are_settled_with_nothing_lost() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault.put(note("Boiler", "leaks"), NOW, &mut home.rng).unwrap();
    let second = home.second();
    let other = second.create();
    bring(&vault, &other);
    let photo = home.attach(&vault, "photo.png", b"photo");
    let here = Edit {
        tags: tags(&["house"]),
        attach: vec![photo.id],
        ..Edit::default()
    };
    let here = vault.edit(&put.id, here, NOW + 1).unwrap();
    let there = Edit::of_body(json!({"title": "Boiler", "text": "mended"}));
    other.edit(&put.id, there, NOW + 2).unwrap();
    bring(&vault, &other);
    bring(&other, &vault);
    for device in [&vault, &other] {
        assert_eq!(device.conflicts().unwrap().len(), 1);
        assert_eq!(device.versions(&put.id).unwrap().len(), 2);
    }

    let conflict = vault.conflicts().unwrap().remove(0);
    let shown: Vec<(usize, usize)> = conflict
        .sides
        .iter()
        .map(|side| (side.tags.len(), side.files.len()))
        .collect();
    assert_eq!(shown, [(1, 1), (0, 0)], "the person sees what each side has");
    let sides: Vec<SideId> = conflict.sides.iter().map(|side| side.id).collect();
    let labelled = *sides.iter().find(|side| side.time == here.time).unwrap();
    let worded = *sides.iter().find(|side| side.time != here.time).unwrap();
    let choice = Settlement::Merge {
        into: labelled,
        members: vec![("/text".into(), worded)],
    };
    vault.settle(&sides, &choice, NOW + 3).unwrap();
    bring(&vault, &other);
    for device in [&vault, &other] {
        let settled = device.record(&put.id).unwrap().unwrap();
        assert_eq!(
            (settled.body["text"].as_str(), &settled.tags),
            (Some("mended"), &here.tags)
        );
        assert_eq!((settled.files.len(), settled.conflict), (1, false));
    }
}

#[test]
fn d1_a_file_that_has_not_arrived_stays_with_its_record() {
    let mut home = Home::new();
    let vault = home.create();
    let late = home.attach(&vault, "late.pdf", b"late");
    let mut draft = note("Boiler", "leaks");
    draft.files = vec![late.id];
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    let mut second = home.second();
    let other = second.create();
    let revision = |change: &Change| matches!(change, Change::Revision(_));
    let mut changes: Vec<Change> = vault.changes_after(0, usize::MAX).unwrap().changes;
    let files: Vec<Change> = changes.extract_if(.., |change| !revision(change)).collect();
    other.apply(&changes).unwrap();
    assert_eq!(other.record(&put.id).unwrap().unwrap().files, [], "it hasn't arrived");

    let own = second.attach(&other, "photo.png", b"photo");
    let edit = Edit {
        tags: tags(&["house"]),
        attach: vec![own.id],
        ..Edit::default()
    };
    other.edit(&put.id, edit, NOW + 1).unwrap();
    other.apply(&files).unwrap();
    let names: Vec<String> = other
        .record(&put.id)
        .unwrap()
        .unwrap()
        .files
        .into_iter()
        .map(|file| file.name)
        .collect();
    assert_eq!(names, ["late.pdf", "photo.png"]);
}
