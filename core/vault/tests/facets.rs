//! D1: how many records there are of each part of life, kind, label and source, as a person filters by.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Home, NOW, note};
use kist_vault::{
    Correction, Facets, Filter, LifeArea, OrganisationFacet, Provenance, RecordDraft, RecordId, Source, SourceFilter,
    Vault, Verification,
};
use serde_json::json;

const AREAS: [&str; 4] = ["health", "home", "money", "Späße & so"];
const TAGS: [&str; 5] = ["house", "Gareth", "gareth", "two words", "ärzte"];
const ORGANISATIONS: [(&str, &str); 2] = [("GB-1", "Riverside Clinic"), ("GB-2", "Cardiff Council")];

/// Counts all that is listed, one by one.
fn counted(vault: &Vault) -> Facets {
    let (mut areas, mut schemas, mut tags) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut organisations: BTreeMap<String, (String, u64)> = BTreeMap::new();
    let mut facets = Facets::default();
    for record in vault.list(&Filter::default()).unwrap() {
        *areas.entry(record.area).or_default() += 1;
        *schemas.entry(record.schema).or_default() += 1;
        for tag in BTreeSet::from_iter(record.tags) {
            *tags.entry(tag).or_default() += 1;
        }
        match record.provenance.source {
            Source::SelfAsserted => facets.self_asserted += 1,
            Source::Imported { .. } => facets.imported += 1,
            Source::Delivered {
                by, organisation_id, ..
            } => {
                organisations.entry(organisation_id).or_insert((by, 0)).1 += 1;
            }
        }
    }
    facets.areas = most_first(areas);
    facets.schemas = most_first(schemas);
    facets.tags = most_first(tags);
    let organisation = |(id, (name, records))| OrganisationFacet { id, name, records };
    facets.organisations = organisations.into_iter().map(organisation).collect();
    facets.organisations.sort_by_key(|one| std::cmp::Reverse(one.records));
    facets
}

fn most_first<T: Ord>(counts: BTreeMap<T, u64>) -> Vec<(T, u64)> {
    let mut counts = Vec::from_iter(counts);
    counts.sort_by_key(|(_, records)| std::cmp::Reverse(*records));
    counts
}

fn draft(number: usize) -> RecordDraft {
    let (id, name) = ORGANISATIONS[number / 3 % 2];
    let provenance = match number % 3 {
        0 => Provenance::self_asserted(NOW),
        1 => Provenance::imported("json", NOW),
        _ => Provenance {
            source: Source::Delivered {
                by: name.into(),
                organisation_id: id.into(),
                credential: format!("c{number}"),
            },
            verification: Verification::Signature { issuer: name.into() },
            collected_ms: NOW,
        },
    };
    let schema = format!("urn:example:kind:{}", number % 7);
    let mut draft = RecordDraft::new(
        schema,
        AREAS[number % 4],
        json!({ "text": TAGS[number % 5] }),
        provenance,
    );
    draft.tags = TAGS[..number % 6].iter().map(|tag| (*tag).into()).collect();
    draft
}

#[test]
fn d1_what_a_filter_can_ask_for_is_counted_as_a_list_would() {
    let mut home = Home::new();
    let vault = home.create();
    assert_eq!(vault.facets().unwrap(), Facets::default());
    let put = vault.put_many((0..60).map(draft), NOW, &mut home.rng).unwrap();
    let ids: Vec<RecordId> = put.iter().map(|record| record.id).collect();
    assert_eq!(vault.facets().unwrap(), counted(&vault));
    assert_eq!(vault.facets().unwrap().areas.iter().map(|area| area.1).sum::<u64>(), 60);

    for (step, id) in ids.iter().enumerate() {
        let now = NOW + 1 + step as i64;
        match step % 5 {
            0 => vault.trash(id, now).unwrap(),
            1 => vault.delete(id, now).unwrap(),
            2 => {
                let correction = Correction {
                    area: Some(LifeArea::new(format!("area {step}"))),
                    tags: Some(vec![format!("tag {}", step % 4), "twice".into(), "twice".into()]),
                    ..Correction::new(json!({ "text": "mended" }), Provenance::self_asserted(now))
                };
                vault.correct(id, correction, now).map(drop).unwrap();
            }
            3 => vault.set_favourite(id, true, now).unwrap(),
            _ => {}
        }
        assert_eq!(vault.facets().unwrap(), counted(&vault), "after step {step}");
    }
    vault.restore(&ids[0], NOW + 100).unwrap();
    vault.purge_trash(0, NOW + 101).map(drop).unwrap();
    assert_eq!(vault.facets().unwrap(), counted(&vault));
    vault
        .put(
            note("the reader reads on, and the writer writes", ""),
            NOW + 102,
            &mut home.rng,
        )
        .unwrap();
    vault.lock().unwrap();

    let vault = home.open();
    let facets = vault.facets().unwrap();
    assert_eq!(facets, counted(&vault));
    for organisation in facets.organisations {
        let delivered = Filter {
            source: Some(SourceFilter::DeliveredBy(organisation.id)),
            ..Filter::default()
        };
        assert_eq!(vault.list(&delivered).unwrap().len() as u64, organisation.records);
    }
}

#[test]
fn d1_what_another_device_wrote_is_counted_too() {
    let mut home = Home::new();
    let (vault, second) = (home.create(), home.second());
    let other = second.create();
    let put = vault.put_many((0..9).map(draft), NOW, &mut home.rng).unwrap();
    let changes = vault.changes_after(0, usize::MAX).unwrap().changes;
    other.apply(&changes).unwrap();
    assert_eq!(other.facets().unwrap(), vault.facets().unwrap());

    let retagged = Correction {
        tags: Some(vec!["elsewhere".into()]),
        ..Correction::new(json!({ "text": "there" }), Provenance::self_asserted(NOW + 1))
    };
    let position = other.last_position().unwrap();
    other.correct(&put[0].id, retagged, NOW + 1).unwrap();
    other.delete(&put[1].id, NOW + 2).unwrap();
    other.trash(&put[2].id, NOW + 3).unwrap();
    vault
        .apply(&other.changes_after(position, usize::MAX).unwrap().changes)
        .unwrap();
    assert_eq!(vault.facets().unwrap(), other.facets().unwrap());
    assert_eq!(vault.facets().unwrap(), counted(&vault));
}
