//! D1: what a person typed finds what they have, whatever they typed.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW, note};
use kist_vault::{
    Correction, Filter, LifeArea, Provenance, RecordDraft, Shown, Source, SourceFilter, Vault, Verification, schema,
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
        "home",
        json!({"title": "Agreement"}),
        Provenance::imported("file", NOW),
    );
    tenancy.files = vec![file.id];
    tenancy.tags = vec!["Bute Street".into()];
    vault.put(tenancy, NOW, &mut home.rng).unwrap();
    let jab = RecordDraft::new(
        "https://example.org/jab",
        "health",
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
        area: Some(LifeArea::new("home")),
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
fn d1_words_in_quotes_are_found_side_by_side_while_they_are_typed() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    assert_eq!(titles(&vault, "\"every week\""), ["Boiler"]);
    assert_eq!(titles(&vault, "\"week every\""), [""; 0]);
    assert_eq!(titles(&vault, "\"every we"), ["Boiler"], "the phrase is being typed");
    assert_eq!(
        titles(&vault, "\"every we\""),
        [""; 0],
        "it is ended, so the word is whole"
    );
    assert_eq!(titles(&vault, "\"drops every week\" gar"), ["Boiler"]);
    assert_eq!(titles(&vault, "\"brulee"), ["Crème brûlée"]);
}

#[test]
fn d1_every_letter_that_is_typed_narrows_what_was_found() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    let mut before = usize::MAX;
    for end in 1..="gareth mends".len() {
        let found = titles(&vault, &"gareth mends"[..end]);
        assert!(found.contains(&"Boiler".to_owned()), "{end}");
        assert!(found.len() <= before);
        before = found.len();
    }
    assert_eq!(before, 1);
}

#[test]
fn d1_titles_go_before_labels_and_labels_before_text_then_whole_words_then_the_newest() {
    let mut home = Home::new();
    let vault = home.create();
    let mut put = |title: &str, text: &str, tag: Option<&str>| {
        let mut draft = note(title, text);
        draft.tags = tag.map(str::to_owned).into_iter().collect();
        vault.put(draft, NOW, &mut home.rng).unwrap();
    };
    put("rent, paid", "", None);
    put("rents", "", None);
    put("flat", "", Some("rent"));
    put("old", "the rent", None);
    put("new", "the rent", None);
    put("newest", "all rents", None);
    assert_eq!(
        titles(&vault, "rent"),
        ["rent, paid", "rents", "flat", "new", "old", "newest"]
    );
    put("paid", "rent", None);
    assert_eq!(
        titles(&vault, "rent paid"),
        ["rent, paid", "paid"],
        "both words in the title before one"
    );
}

#[test]
fn d1_a_search_keeps_to_area_schema_source_tag_and_dates_together() {
    let mut home = Home::new();
    let vault = home.create();
    let delivered = |organisation: &str| Provenance {
        source: Source::Delivered {
            by: "Somebody".into(),
            organisation_id: organisation.into(),
            credential: "c".into(),
        },
        verification: Verification::None,
        collected_ms: NOW,
    };
    let sources = [
        Provenance::self_asserted(NOW),
        Provenance::imported("vcard", NOW),
        delivered("GB-1"),
        delivered("GB-2"),
    ];
    for (day, source) in sources.into_iter().enumerate() {
        for (schema, area) in [("x:one", "Home"), ("x:two", "home"), ("x:two", "häme")] {
            let body = json!({ "title": format!("boiler {schema} {area} {day}") });
            let mut draft = RecordDraft::new(schema, area, body, source.clone());
            draft.tags = vec![format!("tag {day}"), "Ünder".into()];
            vault.put(draft, NOW + day as i64, &mut home.rng).unwrap();
        }
    }
    let found = |filter: Filter| vault.search("boil", &filter, 50).unwrap().len();
    let any = Filter::default;
    assert_eq!(found(any()), 12);
    let area = |name: &str| Some(LifeArea::new(name));
    assert_eq!(
        found(Filter {
            area: area("home"),
            ..any()
        }),
        4,
        "an area is its name to the letter"
    );
    assert_eq!(
        found(Filter {
            schemas: vec!["x:two".into()],
            ..any()
        }),
        8
    );
    assert_eq!(
        found(Filter {
            schemas: vec!["x:two".into(), "x:one".into(), "x:3".into()],
            ..any()
        }),
        12
    );
    assert_eq!(
        found(Filter {
            source: Some(SourceFilter::Delivered),
            ..any()
        }),
        6
    );
    assert_eq!(
        found(Filter {
            source: Some(SourceFilter::Imported),
            ..any()
        }),
        3
    );
    assert_eq!(
        found(Filter {
            source: Some(SourceFilter::DeliveredBy("GB-2".into())),
            ..any()
        }),
        3
    );
    assert_eq!(
        found(Filter {
            tag: Some("tag 3".into()),
            ..any()
        }),
        3
    );
    assert_eq!(
        found(Filter {
            tag: Some("tag".into()),
            ..any()
        }),
        0
    );
    assert_eq!(
        found(Filter {
            from_ms: Some(NOW + 1),
            until_ms: Some(NOW + 3),
            ..any()
        }),
        6
    );
    assert_eq!(
        found(Filter {
            from_ms: Some(NOW + 9),
            ..any()
        }),
        0
    );
    let together = Filter {
        schemas: vec!["x:two".into()],
        area: area("häme"),
        source: Some(SourceFilter::Delivered),
        tag: Some("Ünder".into()),
        from_ms: Some(NOW + 3),
        ..any()
    };
    assert_eq!(found(together), 1);
}

#[test]
fn d1_what_filters_go_by_is_no_word_that_a_text_or_a_search_can_have() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    assert_eq!(titles(&vault, "\u{e000}a"), titles(&vault, "a"));
    assert_eq!(titles(&vault, "a").len(), 2);
    assert_eq!(titles(&vault, "\u{e000}"), [""; 0]);
    vault.put(note("qa\u{e000}qb", "x"), NOW, &mut home.rng).unwrap();
    assert_eq!(titles(&vault, "qa\u{e000}qb").len(), 1, "it parts words in both");
}

#[test]
fn d1_in_many_records_the_newest_are_ranked_and_the_oldest_are_found() {
    let mut home = Home::new();
    let vault = home.create();
    let mut put = |drafts: Vec<RecordDraft>, at| vault.put_many(drafts, NOW + at, &mut home.rng).unwrap();
    let first = put(vec![note("common heirloom", "first of all")], 0).remove(0);
    for batch in 0..33 {
        put(
            (0..500)
                .map(|number| note(&format!("n{batch}-{number}"), "common"))
                .collect(),
            1 + batch,
        );
    }
    put(vec![note("last", "common heirloom")], 99);
    assert_eq!(titles(&vault, "heirl"), ["common heirloom", "last"]);
    let common = titles(&vault, "common");
    assert_eq!(
        common[..2],
        ["last", "n32-499"],
        "an old title does not outweigh thousands that are newer"
    );
    assert_eq!(common.len(), 50);
    let old = Filter {
        until_ms: Some(NOW + 1),
        ..Filter::default()
    };
    assert_eq!(vault.search("common", &old, 50).unwrap().len(), 1);
    let mended = Correction::new(json!({ "title": "mended", "text": "" }), Provenance::self_asserted(NOW));
    vault.correct(&first.id, mended, NOW + 200).unwrap();
    let new = Filter {
        from_ms: Some(NOW + 100),
        ..Filter::default()
    };
    assert_eq!(
        vault.search("mend", &new, 50).unwrap().len(),
        1,
        "its date is that of its correction"
    );
    assert_eq!(titles(&vault, "heirl"), ["last"]);
    vault.delete(&first.id, NOW + 300).unwrap();
    assert_eq!(titles(&vault, "mend"), [""; 0]);
}

#[test]
fn d1_what_is_in_the_trash_is_found_there_alone() {
    let mut home = Home::new();
    let vault = filled(&mut home);
    let id = vault.search("yolks", &Filter::default(), 1).unwrap()[0].record.id;
    vault.trash(&id, NOW).unwrap();
    assert_eq!(titles(&vault, "yolks"), [""; 0]);
    let trashed = Filter {
        shown: Shown::Trashed,
        ..Filter::default()
    };
    assert_eq!(vault.search("yol", &trashed, 5).unwrap().len(), 1);
    assert_eq!(vault.search("boiler", &trashed, 5).unwrap().len(), 0);
    vault.restore(&id, NOW).unwrap();
    assert_eq!(titles(&vault, "yolks"), ["Crème brûlée"]);
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
