//! D1: what a person typed finds what they have, whatever they typed.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW, note};
use kist_vault::{
    Correction, Filter, LifeArea, Provenance, RecordDraft, Source, SourceFilter, Vault, Verification, schema,
};
use proptest::prelude::*;
use serde_json::json;

fn titles(vault: &Vault, text: &str) -> Vec<String> {
    vault
        .search(text, &Filter::default(), 50)
        .unwrap()
        .into_iter()
        .map(|hit| hit.record.title)
        .collect()
}

fn filled(home: &mut Home) -> Vault {
    let vault = home.create();
    for (title, text) in [
        ("Boiler", "Pressure drops every week; Gareth mends it."),
        ("Crème brûlée", "Six yolks, half a litre of cream, vanilla."),
        ("Siân's number", "ring before noon"),
        ("Letter to Gareth", "The boiler again."),
    ] {
        vault.put(note(title, text), NOW, &mut home.rng).unwrap();
    }
    vault
}

#[test]
fn d1_search_finds_words_the_last_by_its_beginning_without_accents_or_case() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    assert_eq!(
        titles(&vault, "boiler"),
        ["Boiler", "Letter to Gareth"],
        "a title counts more"
    );
    assert_eq!(titles(&vault, "GARETH pres"), ["Boiler"]);
    assert_eq!(
        titles(&vault, "pres gareth"),
        [""; 0],
        "only the last word may be a beginning"
    );
    assert_eq!(titles(&vault, "creme brulee"), ["Crème brûlée"]);
    assert_eq!(titles(&vault, "sian"), ["Siân's number"]);
    assert_eq!(
        titles(&vault, "sia\u{302}n's"),
        ["Siân's number"],
        "a combining accent is one too"
    );
    assert_eq!(titles(&vault, "van"), ["Crème brûlée"]);
    assert_eq!(titles(&vault, "nowhere"), [""; 0]);
}

#[test]
fn d1_search_finds_tags_files_organisations_and_members_of_unknown_schemas() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "tenancy-2021.pdf", b"%PDF");
    let mut tenancy = RecordDraft::new(
        schema::DOCUMENT,
        LifeArea::HOME,
        json!({"title": "Agreement"}),
        Provenance::imported("file", NOW),
    );
    tenancy.files = vec![file.id];
    tenancy.tags = vec!["Bute Street".into()];
    vault.put(tenancy, NOW, &mut home.rng).unwrap();
    let jab = RecordDraft::new(
        "https://example.org/jab",
        LifeArea::HEALTH,
        json!({"what": {"names": ["Influenza"]}, "lot": 2291}),
        Provenance {
            source: Source::Delivered {
                by: "Riverside Clinic".into(),
                organisation_id: "GB-1".into(),
                credential: "c".into(),
            },
            verification: Verification::None,
            collected_ms: NOW,
        },
    );
    vault.put(jab, NOW, &mut home.rng).unwrap();
    for (text, found) in [
        ("tenancy", 1),
        ("bute", 1),
        ("riverside", 1),
        ("influenza", 1),
        ("2291", 1),
        ("names", 0),
    ] {
        assert_eq!(
            vault.search(text, &Filter::default(), 9).unwrap().len(),
            found,
            "{text}"
        );
    }
    let clinic = Filter {
        source: Some(SourceFilter::DeliveredBy("GB-1".into())),
        ..Filter::default()
    };
    assert_eq!(vault.search("influenza", &clinic, 9).unwrap().len(), 1);
    let home_only = Filter {
        area: Some(LifeArea::new(LifeArea::HOME)),
        ..Filter::default()
    };
    assert_eq!(vault.search("influenza", &home_only, 9).unwrap().len(), 0);
    let documents = Filter::of_schema(schema::DOCUMENT);
    assert_eq!(vault.search("agree", &documents, 9).unwrap().len(), 1);
}

#[test]
fn d1_a_hit_shows_where_it_was_found_and_how_well() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    let hits = vault.search("pressure", &Filter::default(), 1).unwrap();
    let matched: Vec<_> = hits[0]
        .snippet
        .iter()
        .filter(|part| part.matched)
        .map(|part| part.text.as_str())
        .collect();
    assert_eq!(matched, ["Pressure"]);
    let whole: String = hits[0].snippet.iter().map(|part| part.text.as_str()).collect();
    assert!(whole.contains("Pressure drops every week"));
    let both = vault.search("boiler", &Filter::default(), 5).unwrap();
    assert!(both[0].score > both[1].score);
    assert_eq!(vault.search("boiler", &Filter::default(), 1).unwrap().len(), 1);
}

#[test]
fn d1_search_follows_corrections_and_deletions() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault.put(note("Boiler", "leaking"), NOW, &mut home.rng).unwrap();
    let mended = Correction::new(
        json!({"title": "Boiler", "text": "mended"}),
        Provenance::self_asserted(NOW),
    );
    vault.correct(&put.id, mended, NOW).unwrap();
    assert_eq!(
        (titles(&vault, "leaking").len(), titles(&vault, "mended").len()),
        (0, 1)
    );
    vault.delete(&put.id, NOW).unwrap();
    assert_eq!(titles(&vault, "mended").len(), 0);
}

#[test]
fn text_without_a_word_finds_nothing() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    for text in ["", " ", "\"", "!?", "*", "\u{0}", "😀"] {
        assert_eq!(titles(&vault, text), [""; 0], "{text:?}");
    }
}

#[test]
fn any_text_is_a_valid_search() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    for text in [
        "boiler AND",
        "NOT boiler",
        "title:boiler",
        "boiler*",
        "^boiler",
        "NEAR(a b)",
        "(boiler",
        "\"boiler",
        "bo\"iler",
        "boiler\0gareth",
        "a+b",
        "{title}:x",
        "-boiler",
        "²",
        "ª",
        "\u{301}",
        "a\u{0}",
        "\u{e000}x",
    ] {
        vault.search(text, &Filter::default(), 5).unwrap();
    }
    assert_eq!(titles(&vault, "\"boiler\" (gareth)").len(), 2, "signs are passed over");
    assert_eq!(titles(&vault, &"boiler ".repeat(500)).len(), 2);
    proptest!(ProptestConfig::with_cases(400), |(text in any::<String>())| {
        vault.search(&text, &Filter::default(), 5).unwrap();
    });
}
