//! D2: every field shows its source, date, verification and freshness; revisions show what they changed; what breaks a
//! schema is told, and kept if the person wants it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW};
use kist_vault::schema::{self, Violation};
use kist_vault::{
    Correction, Date, Error, FieldView, Freshness, LifeArea, Provenance, Record, RecordDraft, Rule, Source, Vault,
    Verification,
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600 * 1000;

fn delivered(by: &str, at_ms: i64) -> Provenance {
    Provenance {
        source: Source::Delivered {
            by: by.into(),
            organisation_id: "GB-1".into(),
            credential: "c1".into(),
        },
        verification: Verification::Signature { issuer: by.into() },
        collected_ms: at_ms,
    }
}

fn put(vault: &Vault, home: &mut Home, uri: &str, body: Value, provenance: Provenance) -> Record {
    let at_ms = provenance.collected_ms;
    let draft = RecordDraft::new(uri, LifeArea::OTHER, body, provenance);
    vault.put(draft, at_ms, &mut home.rng).unwrap()
}

fn field(fields: &[FieldView], member: &str) -> FieldView {
    fields.iter().find(|field| field.member == member).unwrap().clone()
}

fn day(days: i64) -> Date {
    Date::from_ms(NOW + days * DAY)
}

#[test]
fn d2_correcting_one_field_leaves_the_others_to_who_delivered_them() {
    let mut home = Home::new();
    let vault = home.create();
    let body = json!({"street_address": "12 Bute Street", "locality": "Cardiff", "extra": {"floor": 2}});
    let put = put(&vault, &mut home, schema::ADDRESS, body, delivered("Council", NOW));
    let body = json!({"street_address": "14 Bute Street", "locality": "Cardiff", "extra": {"floor": 2}});
    let own = Provenance::self_asserted(NOW + DAY);
    vault
        .correct(&put.id, Correction::new(body.clone(), own.clone()), NOW + DAY)
        .unwrap();

    let fields = vault.fields(&put.id, day(2)).unwrap();
    let names: Vec<_> = fields.iter().map(|field| field.member.as_str()).collect();
    assert_eq!(names, ["/extra/floor", "/locality", "/street_address"]);
    let street = field(&fields, "/street_address");
    assert_eq!((street.provenance, street.since_ms), (own, NOW + DAY));
    for member in ["/locality", "/extra/floor"] {
        let kept = field(&fields, member);
        assert_eq!((kept.provenance, kept.since_ms), (delivered("Council", NOW), NOW));
    }

    // The bank says the same: its word now, and as old as it is.
    vault
        .correct(
            &put.id,
            Correction::new(body, delivered("Bank", NOW + 2 * DAY)),
            NOW + 2 * DAY,
        )
        .unwrap();
    let street = field(&vault.fields(&put.id, day(2)).unwrap(), "/street_address");
    assert_eq!(
        (street.provenance, street.since_ms),
        (delivered("Bank", NOW + 2 * DAY), NOW + DAY)
    );
}

#[test]
fn d2_a_value_grows_stale_until_the_person_says_that_it_is_still_right() {
    let mut home = Home::new();
    let vault = home.create();
    let body = json!({"email": "alice@example.org", "kind": "home"});
    let put = put(&vault, &mut home, schema::EMAIL, body, Provenance::self_asserted(NOW));
    let freshness = |days| field(&vault.fields(&put.id, day(days)).unwrap(), "/email").freshness;
    assert_eq!(freshness(364), Freshness::Fresh);
    assert_eq!(freshness(365), Freshness::Stale(day(365)));
    assert_eq!(vault.stale(day(364), 9).unwrap(), []);
    let stale = vault.stale(day(400), 9).unwrap();
    assert_eq!((stale.len(), stale[0].0.id, stale[0].1), (1, put.id, day(365)));

    vault.confirm(&put.id, Some("/email"), NOW + 400 * DAY).unwrap();
    let fields = vault.fields(&put.id, day(401)).unwrap();
    let email = field(&fields, "/email");
    assert_eq!(
        (email.freshness, email.confirmed_ms),
        (Freshness::Fresh, Some(NOW + 400 * DAY))
    );
    assert_eq!(
        (email.since_ms, vault.record(&put.id).unwrap().unwrap().revision),
        (NOW, 1)
    );
    assert_eq!(
        field(&fields, "/kind").freshness,
        Freshness::Stale(day(365)),
        "nobody said so of this"
    );
    vault.confirm(&put.id, None, NOW + 401 * DAY).unwrap();
    assert_eq!(vault.stale(day(402), 9).unwrap(), []);
    assert_eq!(
        vault.confirm(&put.id, Some("/nothing"), NOW),
        Err(Error::NotFound { what: "member" })
    );

    // What was confirmed was the value, not the field.
    let body = json!({"email": "alice@example.com", "kind": "home"});
    vault
        .correct(
            &put.id,
            Correction::new(body, Provenance::self_asserted(NOW)),
            NOW + 402 * DAY,
        )
        .unwrap();
    let fields = vault.fields(&put.id, day(402)).unwrap();
    assert_eq!(field(&fields, "/email").confirmed_ms, None);
    assert_eq!(field(&fields, "/kind").freshness, Freshness::Fresh);
}

#[test]
fn d2_a_date_that_has_passed_is_expired() {
    let mut home = Home::new();
    let vault = home.create();
    let body = json!({"title": "Permit", "expires": day(10).to_string()});
    let put = put(
        &vault,
        &mut home,
        schema::DOCUMENT,
        body,
        Provenance::self_asserted(NOW),
    );
    let freshness = |days| field(&vault.fields(&put.id, day(days)).unwrap(), "/expires").freshness;
    assert_eq!(
        (freshness(10), freshness(11)),
        (Freshness::Fresh, Freshness::Expired(day(10)))
    );
}

#[test]
fn d2_the_history_tells_what_each_revision_changed() {
    let mut home = Home::new();
    let vault = home.create();
    let put = put(
        &vault,
        &mut home,
        "x:y",
        json!({"a": 1, "b": {"c": 2}}),
        Provenance::self_asserted(NOW),
    );
    let corrected = Correction::new(json!({"b": {"c": 3}, "d": [4]}), Provenance::self_asserted(NOW));
    let corrected = vault.correct(&put.id, corrected, NOW).unwrap();
    let history = vault.history(&put.id).unwrap();
    let told = |index: usize| -> Vec<_> {
        let changes = history[index].changes.iter();
        changes
            .map(|change| (change.member.as_str(), change.before.clone(), change.after.clone()))
            .collect()
    };
    assert_eq!(told(0), [("/a", None, Some(json!(1))), ("/b/c", None, Some(json!(2)))]);
    assert_eq!(
        told(1),
        [
            ("/a", Some(json!(1)), None),
            ("/b/c", Some(json!(2)), Some(json!(3))),
            ("/d", None, Some(json!([4])))
        ]
    );
    let back = vault.diff(&put.id, corrected.time, put.time).unwrap();
    assert_eq!((back.len(), back[0].before.clone()), (3, None));
    let unknown = vault.record(&put.id).unwrap().unwrap();
    assert_eq!(vault.diff(&put.id, unknown.time, unknown.time).unwrap(), []);
}

#[test]
fn d4_what_breaks_its_schema_is_refused_with_every_place_unless_the_person_keeps_it() {
    let mut home = Home::new();
    let vault = home.create();
    let body = json!({"vaccine": 7, "date": "soon", "note": "x"});
    let mut draft = RecordDraft::new(schema::VACCINATION, "health", body, Provenance::self_asserted(NOW));
    let broken = |field: &str, rule| Violation {
        field: field.into(),
        rule,
    };
    let all = vec![broken("/date", Rule::Format), broken("/vaccine", Rule::Type)];
    let refused = vault.put(draft.clone(), NOW, &mut home.rng).unwrap_err();
    assert_eq!(
        refused,
        Error::RecordInvalid {
            violations: all.clone()
        }
    );
    draft.keep_violations = true;
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    assert_eq!(vault.violations(&put.id).unwrap(), all);
    let fields = vault.fields(&put.id, day(0)).unwrap();
    assert_eq!(field(&fields, "/vaccine").violations, [broken("/vaccine", Rule::Type)]);
    assert_eq!(field(&fields, "/note").violations, []);

    let mut correction = Correction::new(json!({"vaccine": "Influenza"}), Provenance::self_asserted(NOW));
    assert!(vault.correct(&put.id, correction.clone(), NOW).is_err());
    correction.keep_violations = true;
    vault.correct(&put.id, correction, NOW).unwrap();
    assert_eq!(vault.violations(&put.id).unwrap(), [broken("/date", Rule::Required)]);
}
