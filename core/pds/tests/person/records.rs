//! What a person keeps: added, imported, found, corrected, deleted, taken away.

use kist_pds::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{BIRTH, NAME, PASSPHRASE, PHONE, code};

const CARD: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Archer\r\nN:Archer;Alice;Mary;;\r\nBDAY:19900401\r\n\
    TEL;TYPE=cell:+44 7700 900123\r\nEMAIL:alice@example.org\r\nEMAIL:not-an-address\r\n\
    ADR;TYPE=home:;;12 Bute Street;Cardiff;;CF10 5AN;Wales\r\nURL:https://alice.example\r\nX-SHOE:39\r\nEND:VCARD\r\n";

pub async fn person() -> (TempDir, Person) {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform {
        kdf_cost: KdfCost::FLOOR,
        ..Platform::desktop("test")
    };
    let person = Person::create(&folder.path().join("alice"), platform, PASSPHRASE)
        .await
        .unwrap();
    (folder, person)
}

/// Imports bytes; gives what was added, and the fields that were left out.
async fn import(person: &Person, bytes: impl Into<Vec<u8>>, options: ReadOptions) -> (Vec<RecordId>, Vec<String>) {
    let source = ImportSource::Bytes {
        name: None,
        bytes: bytes.into(),
    };
    let report = person.import().all(source, options).await.unwrap();
    let left_out = report.left_out.into_iter().map(|remark| remark.field);
    (report.added, left_out.collect())
}

fn of_schema(schema: &str) -> ReadOptions {
    ReadOptions {
        format: Some(Format::Json),
        schema: Some(schema.to_owned()),
        ..ReadOptions::default()
    }
}

fn cards_of(owner: CardOwner) -> ReadOptions {
    ReadOptions {
        format: Some(Format::VCard),
        owner,
        ..ReadOptions::default()
    }
}

async fn bodies(person: &Person, schema: &str) -> Vec<Value> {
    let filter = Filter::of_schema(schema);
    let mut bodies = Vec::new();
    for summary in person.records().list(filter).await.unwrap() {
        bodies.push(person.records().get(summary.id).await.unwrap().body);
    }
    bodies
}

#[tokio::test]
async fn d1_a_record_is_added_corrected_found_and_deleted() {
    let (_folder, person) = person().await;
    let records = person.records();
    let body = json!({"given_name": "Alice", "family_name": "Archer"});
    let added = records.add_self_asserted(NAME, body).await.unwrap();
    assert_eq!(added.provenance.source, Source::SelfAsserted);
    let married = json!({"given_name": "Alice", "family_name": "Baker"});
    let corrected = records.correct(added.id, married.clone()).await.unwrap();
    assert_eq!(corrected.body, married);
    let revisions = records.revisions(added.id).await.unwrap();
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[0].body["family_name"], "Archer");
    let found = async |text| records.search(text, Filter::default(), 10).await.unwrap().len();
    assert_eq!(
        (found("bak").await, found("archer").await, found("nobody").await),
        (1, 0, 0)
    );

    let wrong = records
        .add_self_asserted(BIRTH, json!({"birthdate": "yesterday"}))
        .await;
    let wrong = wrong.unwrap_err();
    assert_eq!((wrong.code(), wrong.category()), ("RecordInvalid", Category::Input));
    assert!(wrong.parameter("field").is_some() && wrong.parameter("rule").is_some());

    records.delete(added.id).await.unwrap();
    assert_eq!(code(records.get(added.id).await), "NotFound");
    assert_eq!(code(records.delete(added.id).await), "NotFound");
    assert_eq!(found("baker").await, 0);
}

#[tokio::test]
async fn d1_unknown_types_and_members_survive_a_round_trip() {
    let (_folder, person) = person().await;
    let boat = json!({"name": "Wren", "draught_m": 1.25, "nested": {"a": [1, null, "ü", {"b": false}]}});
    let text = serde_json::to_vec(&json!([boat, {"name": "Sula"}])).unwrap();
    let schema = "urn:example:boat:7".to_owned();
    let (added, _) = import(&person, text, of_schema(&schema)).await;
    assert_eq!(added.len(), 2);
    assert_eq!(person.records().get(added[0]).await.unwrap().body, boat);
    let name = json!({"given_name": "Alice", "x-tribe": "north"});
    let record = person.records().add_self_asserted(NAME, name.clone()).await.unwrap();
    assert_eq!(person.records().get(record.id).await.unwrap().body, name);
    assert_eq!(bodies(&person, &schema).await.len(), 2);
}

#[tokio::test]
async fn d1_what_is_malformed_is_named_and_adds_nothing() {
    let (_folder, person) = person().await;
    for bytes in [&b"{"[..], b"\xff\xfe{\0", b"[{\"birthdate\": 7}]"] {
        let (added, left_out) = import(&person, bytes, of_schema(BIRTH)).await;
        assert_eq!((added.len(), left_out.len()), (0, 1), "{bytes:?}");
    }
    for bytes in [&b"BEGIN:VCARD"[..], b"\x00\x01"] {
        let (added, left_out) = import(&person, bytes, cards_of(CardOwner::Mine)).await;
        assert_eq!((added.len(), left_out.len()), (0, 1), "{bytes:?}");
    }
    assert_eq!(person.records().list(Filter::default()).await.unwrap(), []);
}

#[tokio::test]
async fn d1_my_own_card_becomes_records_that_can_be_asked_for_one_by_one() {
    let (_folder, person) = person().await;
    let (added, left_out) = import(&person, CARD, cards_of(CardOwner::Mine)).await;
    assert_eq!(added.len(), 6, "name, birth, telephone, mail, address, web address");
    assert_eq!(left_out, ["X-SHOE", "email"]);
    assert_eq!(bodies(&person, BIRTH).await, [json!({"birthdate": "1990-04-01"})]);
    assert_eq!(
        bodies(&person, PHONE).await,
        [json!({"phone_number": "+44 7700 900123", "kind": "mobile"})]
    );
    let name = &bodies(&person, NAME).await[0];
    assert_eq!(
        (&name["given_name"], &name["family_name"]),
        (&json!("Alice"), &json!("Archer"))
    );
    // A country that is no code isn't lost.
    let address = &bodies(&person, "urn:kist:schema:address:1").await[0];
    assert_eq!(address["formatted"], "12 Bute Street\nCardiff\nCF10 5AN\nWales");
    let record = person.records().get(added[0]).await.unwrap();
    assert!(matches!(record.provenance.source, Source::Imported { .. }));
}

#[tokio::test]
async fn d1_another_ones_card_becomes_one_contact() {
    let (_folder, person) = person().await;
    let nameless = "BEGIN:VCARD\r\nVERSION:4.0\r\nTEL:+44 20 7946 0000\r\nEND:VCARD\r\n";
    let empty = "BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n";
    let cards = format!("{CARD}{nameless}{empty}");
    let (added, left_out) = import(&person, cards, cards_of(CardOwner::Contact)).await;
    assert_eq!(added.len(), 2);
    assert_eq!(left_out, ["X-SHOE", "full_name"]);
    let contacts = bodies(&person, "urn:kist:schema:contact:1").await;
    assert!(contacts.iter().any(|contact| contact["full_name"] == "Alice Archer"));
    assert!(
        contacts
            .iter()
            .any(|contact| contact["full_name"] == "+44 20 7946 0000")
    );
    assert_eq!(bodies(&person, NAME).await, [] as [Value; 0]);
}

#[tokio::test]
async fn d4_an_app_adds_a_type_of_its_own_beside_those_of_every_build() {
    let (_folder, person) = person().await;
    let records = person.records();
    let uri = "https://choir.example/schemas/song:1";
    let song = json!({
        "$id": uri, "title": "Song", "type": "object", "x-kist-area": "community", "x-kist-title": ["incipit"],
        "required": ["incipit"], "properties": { "incipit": { "type": "string" } },
    });
    records.add_schema(song.clone()).await.unwrap();
    let known = records.schemas().unwrap();
    assert_eq!(known.len(), schemas().len() + 1);
    assert_eq!(
        known.last().map(|info| (info.uri.as_str(), info.title.as_str())),
        Some((uri, "Song"))
    );

    let body = json!({ "composer": "Joseph Parry", "incipit": "Beth sydd imi" });
    let added = records.add_self_asserted(uri, body).await.unwrap();
    assert_eq!(added.area.as_str(), "community");
    assert_eq!(
        records.list(Filter::of_schema(uri)).await.unwrap()[0].title,
        "Beth sydd imi"
    );
    assert_eq!(code(records.add_self_asserted(uri, json!({})).await), "RecordInvalid");

    let mut unchecked = song;
    unchecked["properties"]["incipit"]["pattern"] = json!("^B");
    let refused = records.add_schema(unchecked).await.unwrap_err();
    assert_eq!(refused.code(), "SchemaInvalid");
    assert_eq!(
        refused.parameter("field").unwrap().to_string(),
        "/properties/incipit/pattern"
    );

    records.remove_schema(uri).await.unwrap();
    assert_eq!(records.schemas().unwrap().len(), schemas().len());
}
