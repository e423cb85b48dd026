//! The published schemas, which docs/schemas/README.md lists, and schemas of the person's own beside them.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use common::{Home, NOW};
use kist_crypto::testing::SeededRandom;
use kist_vault::schema::{self, Schema};
use kist_vault::{Correction, Filter, Provenance, RecordDraft, Vault};
use serde_json::{Value, json};

/// The line of the page above which it is written by hand.
const WRITTEN_BELOW: &str = "<!-- Below is written by core/vault/tests/schemas.rs with KIST_BLESS=1. -->\n";

/// Every type by its part of life.
fn list() -> String {
    let mut areas: BTreeMap<&str, Vec<&Schema>> = BTreeMap::new();
    for schema in schema::known().filter_map(schema::schema) {
        areas.entry(schema.area().unwrap()).or_default().push(schema);
    }
    let mut page = String::new();
    for (area, schemas) in areas {
        write!(
            page,
            "\n### {area}\n| type | URI | members | terms |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        schemas.into_iter().for_each(|schema| page += &row(schema));
    }
    page
}

fn row(schema: &Schema) -> String {
    let file = schema.uri().split(':').nth(3).unwrap();
    let required = schema.required();
    let member = |name: &str| match required.contains(&name) {
        true => format!("**{name}**"),
        false => name.to_owned(),
    };
    let members: Vec<String> = schema.members().into_iter().map(member).collect();
    let terms: Vec<String> = schema.maps("").iter().map(|term| format!("`{term}`")).collect();
    format!(
        "| [{}](../../core/vault/schemas/{file}.json) | `{}` | {} | {} |\n",
        schema.title(),
        schema.uri(),
        members.join(", "),
        terms.join(", "),
    )
}

#[test]
fn d4_the_published_list_is_the_library() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (by_hand, _) = page.split_once(WRITTEN_BELOW).unwrap();
    let expected = format!("{by_hand}{WRITTEN_BELOW}{}", list());
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert!(
            page == expected,
            "docs/schemas/README.md is stale: run this with KIST_BLESS=1"
        );
    }
}

const SONG: &str = "https://choir.example/schemas/song:1";

fn song_schema() -> Value {
    json!({
        "$id": SONG,
        "title": "Song",
        "type": "object",
        "x-kist-area": "community",
        "x-kist-title": ["incipit"],
        "x-kist-key": ["incipit"],
        "required": ["incipit"],
        "properties": {
            "incipit": { "type": "string" },
            "sung": { "type": "string", "format": "date", "x-kist-remind": 7 },
        },
    })
}

fn song(body: Value) -> RecordDraft {
    RecordDraft::new(SONG, "community", body, Provenance::self_asserted(NOW))
}

fn titles(vault: &Vault) -> Vec<String> {
    let list = vault.list(&Filter::default()).unwrap();
    list.into_iter().map(|record| record.title).collect()
}

/// How many records a search finds.
fn found(vault: &Vault, word: &str) -> usize {
    vault.search(word, &Filter::default(), 10).unwrap().len()
}

/// Takes in what another vault wrote.
fn sync(from: &Vault, to: &Vault) {
    to.apply(&from.changes_after(0, 1 << 20).unwrap().changes).unwrap();
}

#[test]
fn d4_a_schema_of_the_persons_own_works_as_a_built_in_one() {
    let home = Home::new();
    let vault = home.create();
    let mut rng = SeededRandom::new(1);
    let early = json!({ "composer": "Joseph Parry", "incipit": "Beth sydd imi yn y byd" });
    let early = vault.put(song(early), NOW, &mut rng).unwrap();
    assert_eq!(titles(&vault), ["Joseph Parry"]);

    vault.add_schema(&song_schema(), NOW).unwrap();
    assert_eq!(
        titles(&vault),
        ["Beth sydd imi yn y byd"],
        "those already there are named by it"
    );
    assert_eq!(found(&vault, "beth sydd"), 1);
    let schemas = vault.schemas().unwrap();
    let schema = schemas.get(SONG).unwrap();
    assert_eq!((schema.title(), schema.area()), ("Song", Some("community")));
    assert_eq!(schema.key(), Some(vec!["incipit"]));
    assert_eq!(schema.reminders(), [("sung", 7)]);
    assert_eq!(schemas.own().count(), 1);
    assert_eq!(schemas.iter().count(), schema::known().count() + 1);

    let wrong = vault.put(song(json!({ "sung": "yesterday" })), NOW, &mut rng);
    assert_eq!(wrong.unwrap_err().code(), "RecordInvalid");
    let later = json!({ "incipit": "Calon lân", "sung": "2026-03-01", "in": { "key": "F" } });
    vault.put(song(later), NOW, &mut rng).unwrap();
    assert_eq!(titles(&vault), ["Calon lân", "Beth sydd imi yn y byd"]);

    vault.remove_schema(SONG, NOW).unwrap();
    assert_eq!(vault.schemas().unwrap().get(SONG), None);
    assert_eq!(vault.record(&early.id).unwrap().unwrap().body, early.body);
    assert_eq!(vault.remove_schema(SONG, NOW).unwrap_err().code(), "NotFound");
}

#[test]
fn d4_a_schema_of_the_persons_own_reaches_their_other_devices_in_any_order() {
    let (phone, laptop) = (Home::new(), Home::new());
    let (phone, laptop) = (phone.create(), laptop.create());
    let mut rng = SeededRandom::new(2);
    let body = json!({ "composer": "Joseph Parry", "incipit": "Beth sydd imi yn y byd" });
    phone.put(song(body), NOW, &mut rng).unwrap();
    phone.add_schema(&song_schema(), NOW).unwrap();
    let mut changes = phone.changes_after(0, 1 << 20).unwrap().changes;
    laptop.apply(&changes).unwrap();
    assert_eq!(titles(&laptop), ["Beth sydd imi yn y byd"]);
    assert_eq!(laptop.schemas().unwrap().get(SONG), phone.schemas().unwrap().get(SONG));

    let tablet = Home::new();
    let tablet = tablet.create();
    changes.reverse();
    tablet.apply(&changes).unwrap();
    assert_eq!(titles(&tablet), ["Beth sydd imi yn y byd"]);

    phone.remove_schema(SONG, NOW + 1).unwrap();
    sync(&phone, &laptop);
    assert_eq!(titles(&laptop), titles(&phone));
    assert_eq!(laptop.schemas().unwrap().get(SONG), None);
}

#[test]
fn d4_a_kept_schema_of_a_later_build_is_passed_over_and_kept() {
    let home = Home::new();
    let vault = home.create();
    let later = br#"{ "$id": "https://choir.example/schemas/song:1", "title": "Song", "type": "object", "allOf": [] }"#;
    vault.keep(schema::COLLECTION, SONG, later, NOW).unwrap();
    assert_eq!(vault.schemas().unwrap().own().count(), 0);
    vault
        .put(song(json!({ "sung": "yesterday" })), NOW, &mut SeededRandom::new(3))
        .unwrap();
    assert_eq!(vault.kept(schema::COLLECTION, SONG).unwrap().unwrap(), later);
}

#[test]
fn d4_unknown_types_and_members_survive_writing_correcting_syncing_and_leaving() {
    let (phone, laptop) = (Home::new(), Home::new());
    let (phone, laptop) = (phone.create(), laptop.create());
    let mut rng = SeededRandom::new(4);
    let unknown = json!({ "z": [1, 2.5, null, { "ŵ": "ŷ" }], "a": true, "x-kist-title": 7 });
    let known = json!({ "email": "alice@example.org", "verified_by": { "whom": "nobody", "when": [2026] } });
    for (uri, body) in [("https://example.org/of/nobody#1", &unknown), (schema::EMAIL, &known)] {
        let draft = RecordDraft::new(uri, "other", body.clone(), Provenance::self_asserted(NOW));
        let record = phone.put(draft, NOW, &mut rng).unwrap();
        let mut corrected = body.clone();
        corrected["more"] = json!({ "of": "it" });
        phone
            .correct(
                &record.id,
                Correction::new(corrected.clone(), Provenance::self_asserted(NOW)),
                NOW,
            )
            .unwrap();
        sync(&phone, &laptop);
        for vault in [&phone, &laptop] {
            let bodies: Vec<Value> = vault
                .revisions(&record.id)
                .unwrap()
                .into_iter()
                .map(|r| r.body)
                .collect();
            assert_eq!(bodies, [body.clone(), corrected.clone()]);
            let (_, left) = vault.take_snapshot().unwrap().current(&record.id).unwrap().unwrap();
            assert_eq!(
                (left.schema.as_str(), left.checked_body().unwrap()),
                (uri, corrected.clone())
            );
        }
    }
}
