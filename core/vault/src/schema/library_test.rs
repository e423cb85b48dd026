//! The published schemas are what they promise to be.

use std::collections::BTreeSet;

use serde_json::Value;

use super::validate::CHECKED;
use super::{formats, schema};
use crate::schema::{known, title, violations};

/// Annotations anywhere, of a schema as a whole, and of a member.
const ANYWHERE: [&str; 3] = ["description", "x-kist-maps", "x-kist-sensitive"];
const OF_SCHEMAS: [&str; 9] = [
    "$schema",
    "$id",
    "title",
    "examples",
    "x-kist-area",
    "x-kist-title",
    "x-kist-key",
    "x-kist-fresh-days",
    "x-kist-order",
];
const OF_MEMBERS: [&str; 2] = ["x-kist-remind", "x-kist-links"];
/// The vocabularies that terms are from.
const VOCABULARIES: [&str; 5] = ["schema", "fhir", "oidc", "vcard", "ical"];

/// Every schema inside a schema with its place, itself included, and the names of its members.
fn inside<'a>(place: &str, json: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    found.push((place.to_owned(), json));
    for (name, member) in json["properties"].as_object().into_iter().flatten() {
        inside(&format!("{place}/{name}"), member, found);
    }
    if let Some(items) = json.get("items") {
        inside(&format!("{place}/0"), items, found);
    }
}

fn all_places() -> Vec<(String, &'static Value)> {
    let mut found = Vec::new();
    for uri in known() {
        inside(uri, schema(uri).unwrap().json(), &mut found);
    }
    found
}

#[test]
fn d4_every_schema_is_described_and_uses_only_what_is_checked() {
    for (place, json) in all_places() {
        let whole = !place.contains('/');
        for keyword in json.as_object().unwrap().keys().map(String::as_str) {
            let of_place: &[&str] = if whole { &OF_SCHEMAS } else { &OF_MEMBERS };
            let known = CHECKED.contains(&keyword) || ANYWHERE.contains(&keyword) || of_place.contains(&keyword);
            assert!(known, "{place} {keyword}");
        }
        let is_item = place.ends_with("/0");
        assert!(
            is_item || json["description"].as_str().is_some_and(|text| text.ends_with('.')),
            "{place} is not described"
        );
        if let Some(format) = json["format"].as_str() {
            assert!(formats::CHECKED.contains(&format), "{place} {format}");
        }
    }
    for uri in known() {
        let schema = schema(uri).unwrap();
        assert_eq!(schema.uri(), uri);
        assert!(!schema.title().is_empty() && schema.area().is_some(), "{uri}");
        assert_eq!(schema.json()["type"], "object", "{uri}");
    }
}

#[test]
fn d4_every_example_is_valid_and_has_a_title() {
    for uri in known() {
        let examples = schema(uri).unwrap().json()["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{uri}");
        for example in examples {
            assert_eq!(violations(uri, example), [], "{uri}");
            assert!(!title(schema(uri), example).is_empty(), "{uri}");
        }
    }
}

#[test]
fn d4_annotations_name_members_that_are_there() {
    for uri in known() {
        let schema = schema(uri).unwrap();
        let members = schema.json()["properties"].as_object().unwrap();
        let required = schema.json()["required"].as_array().into_iter().flatten();
        let named = required.filter_map(Value::as_str);
        for name in named
            .chain(schema.title_members())
            .chain(schema.key().unwrap_or_default())
        {
            assert!(members.contains_key(name), "{uri} {name}");
        }
        assert!(!schema.title_members().is_empty(), "{uri}");
        for (member, _) in schema.reminders() {
            assert_eq!(members[member]["format"], "date", "{uri} {member}");
        }
    }
    for (place, json) in all_places() {
        let in_a_member = place.matches('/').count() > 1;
        assert!(json.get("x-kist-remind").is_none() || !in_a_member, "{place}");
    }
}

#[test]
fn d4_a_form_has_all_members_in_the_order_of_the_schema() {
    use crate::schema::{ADDRESS, NAME};
    assert_eq!(
        schema(NAME).unwrap().members()[..3],
        ["given_name", "middle_name", "family_name"]
    );
    assert_eq!(schema(ADDRESS).unwrap().required(), ["street_address", "locality"]);
    for uri in known() {
        let schema = schema(uri).unwrap();
        let members: BTreeSet<&str> = schema.members().into_iter().collect();
        let properties = schema.json()["properties"].as_object().unwrap();
        assert_eq!(members, properties.keys().map(String::as_str).collect(), "{uri}");
    }
}

#[test]
fn d4_terms_are_of_vocabularies_that_are_documented() {
    for (place, json) in all_places() {
        let Some(terms) = json.get("x-kist-maps") else { continue };
        let terms: Vec<&str> = terms
            .as_array()
            .unwrap()
            .iter()
            .map(|term| term.as_str().unwrap())
            .collect();
        assert!(!terms.is_empty(), "{place}");
        assert_eq!(terms.iter().collect::<BTreeSet<_>>().len(), terms.len(), "{place}");
        for term in terms {
            let (vocabulary, name) = term.split_once(':').unwrap();
            assert!(VOCABULARIES.contains(&vocabulary) && !name.is_empty(), "{place} {term}");
        }
    }
}

#[test]
fn d4_places_of_a_body_are_found_in_its_schema() {
    use crate::schema::{ADDRESS, CONTACT, EMAIL, VACCINATION, links, sensitive};
    let maps = |pointer| schema(ADDRESS).unwrap().maps(pointer);
    assert!(maps("").contains(&"schema:PostalAddress"));
    assert!(maps("/postal_code").contains(&"oidc:address.postal_code"));
    assert_eq!(maps("/turret"), Vec::<&str>::new());
    assert_eq!(maps("/turret/postal_code"), Vec::<&str>::new());
    assert!(sensitive(VACCINATION, "") && sensitive(VACCINATION, "/lot") && sensitive(VACCINATION, "/unknown"));
    assert!(!sensitive(CONTACT, "/phones/0/value") && !sensitive("urn:example:other", ""));
    assert!(links(EMAIL, "/email") && !links(EMAIL, "/kind") && !links(EMAIL, ""));
}

#[test]
fn d4_many_types_of_many_areas_of_life_are_published() {
    let areas: BTreeSet<&str> = known().filter_map(|uri| schema(uri)?.area()).collect();
    assert!(areas.len() >= 15, "{areas:?}");
    assert!(known().count() >= 60);
    let size: usize = known().map(|uri| schema(uri).unwrap().json().to_string().len()).sum();
    assert!(size < 250_000, "they are in every app: {size} bytes");
}

#[test]
fn d4_every_file_of_the_folder_is_in_the_program() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")).unwrap();
    let files: BTreeSet<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| format!("urn:kist:schema:{}:1", file.strip_suffix(".json").unwrap()))
        .collect();
    assert_eq!(files, known().map(str::to_owned).collect());
}
