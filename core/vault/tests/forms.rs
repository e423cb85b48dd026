//! D5, O5: forms are filled from the store, from records that belong together, and what needed no typing is counted.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{Home, NOW};
use kist_vault::{Date, FilledForm, Filter, Form, FormField, Provenance, RecordDraft, RecordId, Vault, schema};
use serde_json::{Value, json};

fn form(fields: &[(&str, bool, &str)]) -> Form {
    let field = |(name, required, wants): &(&str, bool, &str)| FormField {
        name: (*name).into(),
        required: *required,
        wants: wants.to_string().into(),
    };
    Form {
        fields: fields.iter().map(field).collect(),
    }
}

fn put(vault: &Vault, home: &mut Home, uri: &str, body: Value, provenance: Provenance) -> RecordId {
    let area = schema::area(uri).unwrap();
    vault
        .put(RecordDraft::new(uri, area, body, provenance), NOW, &mut home.rng)
        .unwrap()
        .id
}

fn values(filled: &FilledForm) -> Vec<(&str, Value)> {
    let fields = filled.fields.iter();
    fields
        .filter_map(|field| Some((field.name.as_str(), field.value.as_ref()?.field.value.clone())))
        .collect()
}

fn today() -> Date {
    Date::from_ms(NOW)
}

const TENANCY: [(&str, bool, &str); 6] = [
    ("first name", true, "oidc:given_name"),
    ("e-mail", true, "oidc:email"),
    ("street", true, "urn:kist:schema:address:1#/street_address"),
    ("postcode", true, "schema:postalCode"),
    ("county", false, "oidc:address.region"),
    ("shoe size", true, "nobody:knows"),
];

#[test]
fn o5_a_form_is_filled_and_what_needed_no_typing_is_counted() {
    let mut home = Home::new();
    let vault = home.create();
    let own = || Provenance::self_asserted(NOW);
    put(
        &vault,
        &mut home,
        schema::NAME,
        json!({"given_name": "Alice", "family_name": "Morgan"}),
        own(),
    );
    put(&vault, &mut home, schema::EMAIL, json!({"email": "a@b.example"}), own());
    let whole = json!({"street_address": "12 Bute Street", "locality": "Cardiff", "postal_code": "CF10 5AN"});
    let whole = put(&vault, &mut home, schema::ADDRESS, whole, own());
    let part = json!({"street_address": "3 Quay Street", "locality": "Swansea", "region": "Glamorgan", "kind": "work"});
    let part = put(&vault, &mut home, schema::ADDRESS, part, own());
    let friend = json!({"full_name": "Dai Jones", "given_name": "Dai"});
    put(&vault, &mut home, schema::CONTACT, friend, own());

    let filled = vault.fill(&form(&TENANCY), today()).unwrap();
    assert_eq!(
        values(&filled),
        [
            ("first name", json!("Alice")),
            ("e-mail", json!("a@b.example")),
            ("street", json!("12 Bute Street")),
            ("postcode", json!("CF10 5AN")),
        ],
        "the county of the other address does not belong here"
    );
    assert_eq!((filled.filled, filled.keystrokes), (4, 5 + 11 + 14 + 8));
    assert_eq!(filled.missing, ["shoe size"]);
    let streets: Vec<_> = filled.fields[2]
        .candidates
        .iter()
        .map(|candidate| candidate.record)
        .collect();
    assert_eq!(streets, [whole, part], "best first");
    assert_eq!(filled.fields[4].candidates.len(), 1, "it can be chosen all the same");
    assert_eq!(filled.fields[0].candidates[0].field.provenance, own());

    vault.trash(&whole, NOW).unwrap();
    let filled = vault.fill(&form(&TENANCY), today()).unwrap();
    assert_eq!(filled.fields[2].value.as_ref().unwrap().record, part);
    assert_eq!(filled.missing, ["postcode", "shoe size"]);
}

#[test]
fn d5_answers_are_kept_where_the_store_did_not_have_them() {
    let mut home = Home::new();
    let vault = home.create();
    let own = || Provenance::self_asserted(NOW);
    let name = put(&vault, &mut home, schema::NAME, json!({"given_name": "Alice"}), own());
    let old = json!({"street_address": "12 Bute Street", "locality": "Cardiff"});
    let old = put(&vault, &mut home, schema::ADDRESS, old, own());
    let form = form(&[
        ("first", true, "oidc:given_name"),
        ("last", true, "oidc:family_name"),
        ("street", true, "urn:kist:schema:address:1#/street_address"),
        ("town", true, "urn:kist:schema:address:1#/locality"),
        ("e-mail", true, "oidc:email"),
        ("remarks", false, "nobody:knows"),
    ]);
    let answers = |street: &str| -> BTreeMap<String, Value> {
        let said = [
            ("first", "Alice"),
            ("last", "Morgan"),
            ("street", street),
            ("town", "Cardiff"),
            ("e-mail", "no address"),
            ("remarks", "none"),
            ("not in the form", "x"),
        ];
        said.map(|(name, value)| (name.to_owned(), value.into())).into()
    };
    let written = vault
        .keep_answers(&form, &answers("3 Quay Street"), NOW + 1, &mut home.rng)
        .unwrap();
    assert_eq!(written.len(), 3);
    assert_eq!(
        vault.record(&name).unwrap().unwrap().body,
        json!({"given_name": "Alice", "family_name": "Morgan"})
    );
    assert_eq!(vault.revisions(&old).unwrap().len(), 1, "nothing is overwritten");
    let addresses = vault.list(&Filter::of_schema(schema::ADDRESS)).unwrap();
    assert_eq!(addresses.len(), 2);
    assert_eq!(
        vault.conflicts().unwrap().len(),
        1,
        "and the person is asked which is right"
    );
    let email = vault.list(&Filter::of_schema(schema::EMAIL)).unwrap()[0].id;
    assert_eq!(vault.violations(&email).unwrap().len(), 1);
    assert_eq!(vault.fill(&form, today()).unwrap().filled, 5);
    let again = vault
        .keep_answers(&form, &answers("3 Quay Street"), NOW + 2, &mut home.rng)
        .unwrap();
    assert_eq!(again, [], "it is all there");
}

#[test]
fn o5_a_form_with_too_many_fields_is_refused() {
    let vault = Home::new().create();
    let fields = vec![("x", false, "oidc:email"); 257];
    assert_eq!(vault.fill(&form(&fields), today()).unwrap_err().code(), "TooLarge");
}
