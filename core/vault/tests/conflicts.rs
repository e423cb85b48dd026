//! D2: duplicates and conflicts are found, shown side by side, settled by choice, and nothing is lost.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::Instant;

use common::{Home, NOW};
use kist_vault::{
    ComparedMember, Conflict, ConflictKind, Correction, Date, Error, Filter, LifeArea, Provenance, Record, RecordDraft,
    RecordId, Settlement, SideId, Source, Vault, Verification, schema,
};
use serde_json::{Value, json};

fn delivered(by: &str) -> Provenance {
    Provenance {
        source: Source::Delivered {
            by: by.into(),
            organisation_id: by.into(),
            credential: by.into(),
        },
        verification: Verification::Signature { issuer: by.into() },
        collected_ms: NOW,
    }
}

fn address(vault: &Vault, home: &mut Home, by: &str, street: &str, postcode: Option<&str>) -> Record {
    let mut body = json!({"street_address": street, "locality": "Cardiff", "kind": "home"});
    if let Some(postcode) = postcode {
        body["postal_code"] = postcode.into();
    }
    let draft = RecordDraft::new(schema::ADDRESS, "identity", body, delivered(by));
    vault.put(draft, NOW, &mut home.rng).unwrap()
}

fn side(record: &Record) -> SideId {
    SideId {
        record: record.id,
        time: record.time,
    }
}

fn sides(conflict: &Conflict) -> Vec<SideId> {
    conflict.sides.iter().map(|side| side.id).collect()
}

fn in_sight(vault: &Vault) -> Vec<RecordId> {
    let list = vault.list(&Filter::default()).unwrap();
    list.iter().map(|found| found.id).collect()
}

fn today() -> Date {
    Date::from_ms(NOW)
}

#[test]
fn d2_two_addresses_of_two_providers_stand_side_by_side_and_one_is_taken() {
    let mut home = Home::new();
    let vault = home.create();
    let old = address(&vault, &mut home, "Council", "12 Bute Street", None);
    assert_eq!(vault.conflicts().unwrap(), []);
    let new = address(&vault, &mut home, "Bank", "3 Quay Street", Some("CF10 5AN"));
    let mut elsewhere = home.second();
    let other = elsewhere.create();
    address(&other, &mut elsewhere, "Bank", "elsewhere", None);
    assert_eq!(other.conflicts().unwrap(), []);

    let found = vault.conflicts().unwrap();
    assert_eq!(
        (found.len(), found[0].kind, sides(&found[0])),
        (1, ConflictKind::Differing, vec![side(&old), side(&new)])
    );
    let rows = vault.compare(&sides(&found[0]), today()).unwrap();
    let row = |member: &str| -> ComparedMember { rows.iter().find(|row| row.member == member).unwrap().clone() };
    assert!(row("/locality").same && !row("/street_address").same);
    assert_eq!(row("/postal_code").fields[0], None);
    let streets = row("/street_address").fields;
    assert_eq!(streets[1].as_ref().unwrap().value, "3 Quay Street");
    assert_eq!(streets[1].as_ref().unwrap().provenance, delivered("Bank"));

    vault
        .settle(&sides(&found[0]), &Settlement::Take(side(&new)), NOW)
        .unwrap();
    assert_eq!((in_sight(&vault), vault.conflicts().unwrap()), (vec![new.id], vec![]));
    assert_eq!(vault.marks(&old.id).unwrap().replaced_by, Some(new.id));
    assert_eq!(vault.revisions(&old.id).unwrap().len(), 1, "it is kept");
    vault.restore(&old.id, NOW).unwrap();
    assert_eq!(vault.conflicts().unwrap().len(), 1, "and the choice can be taken back");
    vault
        .settle(&sides(&found[0]), &Settlement::Take(side(&new)), NOW)
        .unwrap();
    address(&vault, &mut home, "Clinic", "12 Bute Street", None);
    assert_eq!(vault.conflicts().unwrap().len(), 1, "a later delivery raises it again");
}

#[test]
fn d2_a_merge_takes_each_member_with_its_source() {
    let mut home = Home::new();
    let vault = home.create();
    let into = address(&vault, &mut home, "Council", "12 Bute Street", None);
    let from = address(&vault, &mut home, "Bank", "3 Quay Street", Some("CF10 5AN"));
    let merge = Settlement::Merge {
        into: side(&into),
        members: vec![("/postal_code".into(), side(&from))],
    };
    vault.settle(&[side(&into), side(&from)], &merge, NOW + 5).unwrap();
    assert_eq!(in_sight(&vault), [into.id]);
    let merged = vault.record(&into.id).unwrap().unwrap();
    assert_eq!((merged.revision, &merged.body["postal_code"]), (2, &json!("CF10 5AN")));
    assert_eq!(merged.body["street_address"], "12 Bute Street");
    let by: Vec<_> = vault
        .fields(&into.id, today())
        .unwrap()
        .into_iter()
        .map(|field| (field.member, field.provenance))
        .collect();
    for (member, provenance) in by {
        let expected = if member == "/postal_code" { "Bank" } else { "Council" };
        assert_eq!(provenance, delivered(expected), "{member}");
    }

    // On another device it is the same.
    let other = home.second().create();
    other
        .apply(&vault.changes_after(0, usize::MAX).unwrap().changes)
        .unwrap();
    assert_eq!(other.fields(&into.id, today()), vault.fields(&into.id, today()));
    assert_eq!(other.conflicts().unwrap(), []);
    assert_eq!(in_sight(&other), [into.id]);
}

#[test]
fn d2_what_is_right_on_both_sides_is_not_asked_again_until_one_of_them_changes() {
    let mut home = Home::new();
    let vault = home.create();
    let first = address(&vault, &mut home, "Council", "12 Bute Street", None);
    let second = address(&vault, &mut home, "Bank", "3 Quay Street", None);
    let both = [side(&first), side(&second)];
    vault.settle(&both, &Settlement::AllRight, NOW).unwrap();
    assert_eq!((vault.conflicts().unwrap(), in_sight(&vault).len()), (vec![], 2));
    let tagged = Correction {
        tags: Some(vec!["post".into()]),
        ..Correction::new(first.body.clone(), first.provenance.clone())
    };
    vault.correct(&first.id, tagged, NOW + 1).unwrap();
    assert_eq!(vault.conflicts().unwrap(), [], "it still says the same");

    address(&vault, &mut home, "Clinic", "5 Mill Lane", None);
    let raised = vault.conflicts().unwrap();
    assert_eq!((raised.len(), raised[0].sides.len()), (1, 3));
    vault
        .settle(&sides(&raised[0]), &Settlement::AllRight, NOW + 2)
        .unwrap();
    assert_eq!(vault.conflicts().unwrap(), []);
    let mut body = second.body.clone();
    body["street_address"] = "4 Quay Street".into();
    vault
        .correct(
            &second.id,
            Correction::new(body, Provenance::self_asserted(NOW)),
            NOW + 3,
        )
        .unwrap();
    assert_eq!(vault.conflicts().unwrap().len(), 1);
    vault.trash(&second.id, NOW + 4).unwrap();
    assert_eq!(
        vault.conflicts().unwrap(),
        [],
        "what is in the trash is not asked about"
    );
}

#[test]
fn d2_the_same_but_for_case_and_spaces_is_a_duplicate() {
    let mut home = Home::new();
    let vault = home.create();
    let mut put = |uri: &str, body: Value| {
        let draft = RecordDraft::new(uri, LifeArea::OTHER, body, Provenance::imported("vcard", NOW));
        vault.put(draft, NOW, &mut home.rng).unwrap()
    };
    put(schema::CONTACT, json!({"full_name": "Dai  Jones "}));
    put(schema::CONTACT, json!({"full_name": "dai jones"}));
    put(schema::CONTACT, json!({"full_name": "Nia Jones"}));
    put(schema::NOTE, json!({"text": "the same"}));
    put(schema::NOTE, json!({"text": "the same"}));
    put("x:unknown", json!({"full_name": "dai jones"}));
    // Without what tells events apart, they are compared as a whole.
    let event = "urn:kist:schema:event:1";
    put(event, json!({"title": "Fair", "date": "2026-05-01"}));
    put(event, json!({"title": "Rugby", "date": "2026-05-02"}));
    put(event, json!({"title": "rugby", "date": "2026-05-02"}));
    let found = vault.conflicts().unwrap();
    let mut told: Vec<_> = found
        .iter()
        .map(|conflict| (conflict.kind, conflict.sides.len(), conflict.sides[0].title.as_str()))
        .collect();
    told.sort_by_key(|(.., title)| *title);
    assert_eq!(
        told,
        [
            (ConflictKind::Duplicates, 2, "Dai Jones"),
            (ConflictKind::Duplicates, 2, "Rugby 2026-05-02")
        ]
    );
}

#[test]
fn d2_revisions_of_two_devices_are_settled_in_the_same_list() {
    let mut home = Home::new();
    let vault = home.create();
    let put = address(&vault, &mut home, "Council", "12 Bute Street", None);
    let other = home.second().create();
    let exchange = |from: &Vault, to: &Vault| to.apply(&from.changes_after(0, usize::MAX).unwrap().changes).unwrap();
    exchange(&vault, &other);
    let corrected = |street: &str, locality: &str| {
        let body = json!({"street_address": street, "locality": locality, "kind": "home"});
        Correction::new(body, Provenance::self_asserted(NOW))
    };
    let here = vault
        .correct(&put.id, corrected("13 Bute Street", "Cardiff"), NOW + 1)
        .unwrap();
    let there = other
        .correct(&put.id, corrected("12 Bute Street", "Caerdydd"), NOW + 2)
        .unwrap();
    exchange(&other, &vault);
    let found = vault.conflicts().unwrap();
    assert_eq!((found.len(), found[0].kind), (1, ConflictKind::Versions));
    assert_eq!(sides(&found[0]), [side(&here), side(&there)]);
    assert_eq!(
        vault.settle(&sides(&found[0]), &Settlement::AllRight, NOW),
        Err(Error::Malformed { what: "settlement" })
    );
    let merge = Settlement::Merge {
        into: side(&here),
        members: vec![("/locality".into(), side(&there))],
    };
    vault.settle(&sides(&found[0]), &merge, NOW + 3).unwrap();
    let merged = vault.record(&put.id).unwrap().unwrap();
    assert_eq!(
        (
            &merged.body["street_address"],
            &merged.body["locality"],
            merged.conflict
        ),
        (&json!("13 Bute Street"), &json!("Caerdydd"), false)
    );
    assert_eq!(vault.conflicts().unwrap(), []);
    exchange(&vault, &other);
    assert_eq!(other.conflicts().unwrap(), []);
}

#[test]
fn d2_nobody_settles_what_they_have_not_seen() {
    let mut home = Home::new();
    let vault = home.create();
    let first = address(&vault, &mut home, "Council", "12 Bute Street", None);
    let second = address(&vault, &mut home, "Bank", "3 Quay Street", None);
    let both = [side(&first), side(&second)];
    let body = json!({"street_address": "x", "locality": "y"});
    vault
        .correct(
            &first.id,
            Correction::new(body, Provenance::self_asserted(NOW)),
            NOW + 1,
        )
        .unwrap();
    for choice in [Settlement::Take(side(&second)), Settlement::AllRight] {
        let refused = vault.settle(&both, &choice, NOW + 2);
        assert_eq!(refused, Err(Error::NotFound { what: "revision" }));
    }
    assert!(
        vault
            .settle(&[side(&second)], &Settlement::Take(side(&second)), NOW)
            .is_err()
    );
    assert!(vault.settle(&[], &Settlement::AllRight, NOW).is_err());
    let current = side(&vault.record(&first.id).unwrap().unwrap());
    let absent = Settlement::Take(side(&first));
    assert!(vault.settle(&[current, side(&second)], &absent, NOW).is_err());
    assert_eq!(in_sight(&vault).len(), 2);
}

#[test]
fn d2_conflicts_among_ten_thousand_records_are_found_at_once() {
    let mut home = Home::new();
    let vault = home.create();
    let drafts = (0..10_000).map(|number| {
        let body = json!({"full_name": format!("Person {}", number % 9_990), "note": format!("n{number}")});
        RecordDraft::new(schema::CONTACT, "contacts", body, Provenance::imported("vcard", NOW))
    });
    vault.put_many(drafts, NOW, &mut home.rng).unwrap();
    let begun = Instant::now();
    let found = vault.conflicts().unwrap();
    let taken = begun.elapsed();
    assert_eq!(found.len(), 10);
    assert!(
        found
            .iter()
            .all(|conflict| conflict.kind == ConflictKind::Differing && conflict.sides.len() == 2)
    );
    assert!(taken.as_millis() < 2_000, "{taken:?}");
}
