//! D1, D2, D4: records are put, corrected, listed and deleted, with where they came from, and nothing of them is lost.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW, note};
use kist_vault::{
    Correction, Error, Filter, LifeArea, Provenance, RecordDraft, RecordId, Rule, Source, SourceFilter, Verification,
    schema::{self, Violation},
};
use serde_json::json;

#[test]
fn d1_a_record_survives_closing_and_reopening() {
    let mut home = Home::new();
    let vault = home.create();
    let mut draft = note("Boiler", "Pressure drops every week.");
    draft.tags = vec!["house".into(), "gareth".into()];
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    assert_eq!((put.revision, put.created_ms, put.conflict), (1, NOW, false));
    vault.lock().unwrap();
    assert_eq!(home.open().record(&put.id).unwrap(), Some(put));
}

#[test]
fn d1_unknown_schemas_and_unknown_members_are_kept_as_they_are() {
    let mut home = Home::new();
    let vault = home.create();
    let body = json!({
        "späße": [1, 2.5, null, true, {"deep": {"er": []}}],
        "": "empty name",
        "big": 18_446_744_073_709_551_615_u64,
        "text": "line\nbreak \u{1}\u{2}\u{fffd} 😀",
    });
    for uri in ["https://example.org/of/nobody#1", schema::NOTE] {
        let draft = RecordDraft::new(uri, "wellbeing", body.clone(), Provenance::self_asserted(NOW));
        let put = vault.put(draft, NOW, &mut home.rng).unwrap();
        let read = vault.record(&put.id).unwrap().unwrap();
        assert_eq!(
            (read.schema.as_str(), &read.body, read.area.as_str()),
            (uri, &body, "wellbeing")
        );
    }
}

#[test]
fn d1_a_correction_is_a_new_revision_and_the_old_one_stays() {
    let mut home = Home::new();
    let vault = home.create();
    let first = vault
        .put(note("Boiler", "Pressure drops."), NOW, &mut home.rng)
        .unwrap();
    let mut correction = Correction::new(json!({"text": "Mended."}), Provenance::imported("json", NOW + 5));
    correction.tags = Some(vec!["done".into()]);
    let second = vault.correct(&first.id, correction, NOW + 5).unwrap();
    assert_eq!(
        (second.revision, second.created_ms, &second.parents),
        (2, NOW, &vec![first.time])
    );
    assert_eq!(
        (second.schema.as_str(), second.area.as_str()),
        (schema::NOTE, LifeArea::OTHER)
    );
    assert!(second.time > first.time);
    assert_eq!(vault.record(&first.id).unwrap(), Some(second.clone()));
    assert_eq!(vault.revisions(&first.id).unwrap(), [first, second.clone()]);
    assert_eq!(vault.versions(&second.id).unwrap(), [second]);
}

#[test]
fn d1_a_deleted_record_is_gone_with_its_revisions_and_stays_gone() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault
        .put(note("Boiler", "Pressure drops."), NOW, &mut home.rng)
        .unwrap();
    vault
        .correct(
            &put.id,
            Correction::new(json!({"text": "x"}), Provenance::self_asserted(NOW)),
            NOW,
        )
        .unwrap();
    vault.delete(&put.id, NOW).unwrap();
    let gone = Error::NotFound { what: "record" };
    assert_eq!(vault.record(&put.id).unwrap(), None);
    assert!(vault.revisions(&put.id).unwrap().is_empty());
    assert!(vault.list(&Filter::default()).unwrap().is_empty());
    assert_eq!(vault.delete(&put.id, NOW), Err(gone.clone()));
    let again = Correction::new(json!({"text": "x"}), Provenance::self_asserted(NOW));
    assert_eq!(vault.correct(&put.id, again, NOW), Err(gone));
}

#[test]
fn d2_provenance_says_who_how_and_when_and_lists_can_ask_for_it() {
    let mut home = Home::new();
    let vault = home.create();
    let delivered = Provenance {
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
    let draft = RecordDraft::new(schema::VACCINATION, "health", body, delivered.clone());
    let jab = vault.put(draft, NOW, &mut home.rng).unwrap();
    let mut typed = note("Locker", "14");
    typed.tags = vec!["gym".into()];
    let typed = vault.put(typed, NOW + 1, &mut home.rng).unwrap();
    let mut read = note("Cash", "none");
    read.provenance = Provenance::imported("vcard", NOW);
    let read = vault.put(read, NOW + 2, &mut home.rng).unwrap();

    assert_eq!(vault.record(&jab.id).unwrap().unwrap().provenance, delivered);
    let ids = |filter: Filter| -> Vec<RecordId> { vault.list(&filter).unwrap().iter().map(|found| found.id).collect() };
    let of = |source| {
        ids(Filter {
            source: Some(source),
            ..Filter::default()
        })
    };
    assert_eq!(ids(Filter::default()), [read.id, typed.id, jab.id], "newest first");
    assert_eq!(of(SourceFilter::SelfAsserted), [typed.id]);
    assert_eq!(of(SourceFilter::Imported), [read.id]);
    assert_eq!(of(SourceFilter::Delivered), [jab.id]);
    assert_eq!(of(SourceFilter::DeliveredBy("GB-123".into())), [jab.id]);
    assert!(of(SourceFilter::DeliveredBy("GB-9".into())).is_empty());
    assert_eq!(
        ids(Filter {
            area: Some(LifeArea::new("health")),
            ..Filter::default()
        }),
        [jab.id]
    );
    assert_eq!(ids(Filter::of_schema(schema::NOTE)), [read.id, typed.id]);
    assert_eq!(
        ids(Filter {
            tag: Some("gym".into()),
            ..Filter::default()
        }),
        [typed.id]
    );

    let first = vault.list_page(&Filter::default(), None, 2).unwrap();
    let rest = vault.list_page(&Filter::default(), Some(first[1].time), 2).unwrap();
    assert_eq!((first.len(), rest.len(), rest[0].id), (2, 1, jab.id));
    assert_eq!(
        (rest[0].title.as_str(), first[1].title.as_str()),
        ("Influenza", "Locker")
    );
}

#[test]
fn d4_a_body_that_breaks_its_schema_is_refused_with_the_place() {
    let mut home = Home::new();
    let vault = home.create();
    let cases = [
        (schema::NOTE, json!([]), "", Rule::Type),
        (schema::NOTE, json!({"title": "no text"}), "/text", Rule::Required),
        (
            schema::BIRTH,
            json!({"birthdate": "1987-02-30"}),
            "/birthdate",
            Rule::Format,
        ),
        (schema::BIRTH, json!({"birthdate": 1987}), "/birthdate", Rule::Type),
        (
            schema::ADDRESS,
            json!({"street_address": "1", "locality": "x", "country": "GBR"}),
            "/country",
            Rule::Length,
        ),
        (
            schema::PHONE,
            json!({"phone_number": "+44123", "kind": "pager"}),
            "/kind",
            Rule::Enum,
        ),
        (schema::EMAIL, json!({"email": "nobody"}), "/email", Rule::Format),
        (
            schema::CONTACT,
            json!({"full_name": "A", "phones": [{"value": "1"}, {}]}),
            "/phones/1/value",
            Rule::Required,
        ),
        (
            schema::VACCINATION,
            json!({"vaccine": "x", "date": "2026-01-01", "dose": 0}),
            "/dose",
            Rule::Range,
        ),
        (
            schema::VACCINATION,
            json!({"vaccine": "x", "date": "2026-01-01", "dose": 1.5}),
            "/dose",
            Rule::Type,
        ),
    ];
    for (uri, body, field, rule) in cases {
        let draft = RecordDraft::new(uri, LifeArea::OTHER, body, Provenance::self_asserted(NOW));
        let refused = vault.put(draft, NOW, &mut home.rng).unwrap_err();
        assert_eq!(
            refused,
            Error::RecordInvalid {
                violations: vec![Violation {
                    field: field.into(),
                    rule
                }]
            }
        );
    }
    assert_eq!(vault.generation().unwrap(), 0, "nothing was written");
}

#[test]
fn names_and_sizes_have_bounds() {
    let mut home = Home::new();
    let vault = home.create();
    let mut put = |change: &dyn Fn(&mut RecordDraft)| {
        let mut draft = note("a", "b");
        change(&mut draft);
        vault.put(draft, NOW, &mut home.rng).unwrap_err().code()
    };
    assert_eq!(put(&|draft| draft.schema.clear()), "Malformed");
    assert_eq!(put(&|draft| draft.area = LifeArea::new("x".repeat(600))), "TooLarge");
    assert_eq!(put(&|draft| draft.tags = vec![String::new()]), "Malformed");
    assert_eq!(put(&|draft| draft.tags = vec!["t".into(); 300]), "TooLarge");
    assert_eq!(put(&|draft| draft.schema = "x:y".repeat(600)), "TooLarge");
    let large = json!({"text": "x".repeat(2 << 20)});
    assert_eq!(
        put(&|draft| (draft.schema, draft.body) = ("x:y".into(), large.clone())),
        "TooLarge"
    );
}

#[test]
fn many_records_are_put_together_or_not_at_all() {
    let mut home = Home::new();
    let vault = home.create();
    let good = (0..100).map(|number| note(&format!("n{number}"), "text"));
    assert_eq!(vault.put_many(good.clone(), NOW, &mut home.rng).unwrap().len(), 100);
    assert_eq!(vault.generation().unwrap(), 1);
    let mut bad = note("bad", "");
    bad.body = json!({});
    assert!(vault.put_many(good.chain([bad]), NOW, &mut home.rng).is_err());
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 100);
}

#[test]
fn what_a_transaction_does_happens_whole_or_not_at_all() {
    let mut home = Home::new();
    let vault = home.create();
    let failed: Result<(), Error> = vault.transaction(NOW, |changes| {
        let put = changes.put(note("a", "b"), &mut home.rng)?;
        changes.keep("history", "1", b"put")?;
        assert_eq!(changes.record(&put.id)?.unwrap().id, put.id);
        assert_eq!(changes.kept("history", "1")?.unwrap(), b"put");
        Err(Error::Cancelled)
    });
    assert_eq!(failed, Err(Error::Cancelled));
    assert!(vault.list(&Filter::default()).unwrap().is_empty());
    assert_eq!(vault.kept("history", "1").unwrap(), None);
    assert_eq!(vault.changes_after(0, 1000).unwrap().changes, []);
}

#[test]
fn kept_items_come_back_by_collection_in_order_of_their_keys() {
    let home = Home::new();
    let vault = home.create();
    for (collection, key, value) in [("inbox", "b", "2"), ("inbox", "a", "1"), ("agreements", "a", "3")] {
        vault.keep(collection, key, value.as_bytes(), NOW).unwrap();
    }
    vault.keep("inbox", "b", b"", NOW).unwrap();
    assert_eq!(vault.kept("inbox", "a").unwrap(), Some(b"1".to_vec()));
    assert_eq!(
        vault.all_kept("inbox").unwrap(),
        [("a".into(), b"1".to_vec()), ("b".into(), vec![])]
    );
    vault.forget("inbox", "a", NOW).unwrap();
    assert_eq!(
        vault.forget("inbox", "a", NOW),
        Err(Error::NotFound { what: "kept item" })
    );
    assert_eq!(vault.all_kept("inbox").unwrap().len(), 1);
    assert_eq!(
        vault.keep("inbox", "c", &vec![0; 5 << 20], NOW).unwrap_err().code(),
        "TooLarge"
    );
}
