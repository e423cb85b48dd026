//! The published schemas as others see them: the list in docs/schemas/README.md is the library's.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use kist_vault::schema::{self, Schema};

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
