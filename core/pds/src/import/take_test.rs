//! Imports into a store: cut off, again, with pictures, and with what breaks its schema.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use serde_json::json;

use super::tests::vector;
use super::*;

#[tokio::test]
async fn d1_an_import_that_is_cut_off_leaves_whole_batches_and_goes_on_where_it_stopped() {
    let (_folder, person) = person().await;
    let rows: String = (0..2_500).map(|row| format!("Note {row},text\n")).collect();
    let source = ImportSource::Bytes {
        name: Some("notes.csv".into()),
        bytes: format!("title,text\n{rows}").into_bytes(),
    };
    let options = ReadOptions {
        schema: Some(schema::NOTE.to_owned()),
        ..ReadOptions::default()
    };
    let plan = person.import().plan(source.clone(), options.clone()).await.unwrap();
    // The taker goes away in the middle of the second batch.
    let (sender, receiver) = tokio::sync::watch::channel(());
    let sender = std::sync::Mutex::new(Some(sender));
    let steps = std::sync::atomic::AtomicUsize::new(0);
    let progress: ProgressFn = Arc::new(move |_| {
        if steps.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1_500 {
            drop(sender.lock().unwrap().take());
        }
    });
    let cut = take::take(&person.home, plan, &Selection::default(), &progress, &receiver);
    assert_eq!(cut.unwrap_err().code(), "Cancelled");
    let count = || person.home.vault.list(&kist_vault::Filter::default()).unwrap().len();
    assert_eq!(count(), 1_000, "one batch, and nothing of the next");
    let rest = person.import().all(source.clone(), options.clone()).await.unwrap();
    assert_eq!((rest.added.len(), rest.already_there, count()), (1_500, 1_000, 2_500));
    let again = person.import().all(source, options).await.unwrap();
    assert_eq!((again.added.len(), again.already_there, count()), (0, 2_500, 2_500));
}

#[tokio::test]
async fn d1_two_alike_in_a_file_are_two_and_a_file_again_is_nothing_new() {
    let (_folder, person) = person().await;
    let text = "BEGIN:VCARD\nFN:Nia\nEND:VCARD\n".repeat(2);
    let source = ImportSource::Bytes {
        name: Some("nia.vcf".into()),
        bytes: text.clone().into_bytes(),
    };
    let first = person
        .import()
        .all(source.clone(), ReadOptions::default())
        .await
        .unwrap();
    assert_eq!(first.added.len(), 2);
    let record = person.records().get(first.added[0]).await.unwrap();
    assert_eq!(
        record.provenance.source,
        kist_vault::Source::Imported {
            from: "nia.vcf (vcard)".into()
        }
    );
    // What the person corrected since is still what was imported.
    person
        .records()
        .correct(first.added[0], json!({ "full_name": "Nia Morgan" }))
        .await
        .unwrap();
    let again = person
        .import()
        .all(source.clone(), ReadOptions::default())
        .await
        .unwrap();
    assert_eq!((again.added.len(), again.already_there), (0, 2));
    // What was deleted comes back.
    person.records().delete(first.added[1]).await.unwrap();
    assert_eq!(
        person
            .import()
            .all(source, ReadOptions::default())
            .await
            .unwrap()
            .added
            .len(),
        1
    );
    let more = ImportSource::Bytes {
        name: Some("more.vcf".into()),
        bytes: (text + "BEGIN:VCARD\nFN:Nia Morgan\nNOTE:x\nEND:VCARD\n").into_bytes(),
    };
    let plan = person.import().plan(more, ReadOptions::default()).await.unwrap();
    assert!(matches!(plan.records[0].known, Known::There(_)) && matches!(plan.records[2].known, Known::Similar(_)));
    let without = Selection {
        without: [2].into(),
        again: true,
        ..Selection::default()
    };
    assert_eq!(
        person
            .import()
            .take(plan, without, crate::no_progress())
            .await
            .unwrap()
            .added
            .len(),
        2
    );
}

#[tokio::test]
async fn d1_pictures_and_the_original_file_are_attached() {
    let (_folder, person) = person().await;
    let source = ImportSource::Bytes {
        name: Some("ios.vcf".into()),
        bytes: vector("shapes/ios.vcf"),
    };
    let options = ReadOptions {
        keep_original: true,
        tags: vec!["phone".into()],
        ..ReadOptions::default()
    };
    let report = person.import().all(source, options).await.unwrap();
    assert_eq!((report.added.len(), report.with_files), (3, 2));
    let contact = person.records().get(report.added[0]).await.unwrap();
    assert_eq!(
        (contact.files[0].media_type.as_str(), contact.tags),
        ("image/jpeg", vec!["phone".to_owned()])
    );
    let original = person.records().get(report.added[2]).await.unwrap();
    assert_eq!(
        person.files().read(original.files[0].id).await.unwrap(),
        vector("shapes/ios.vcf")
    );
}

#[tokio::test]
async fn d1_what_breaks_its_schema_is_left_out_by_name_and_the_rest_taken() {
    let (_folder, person) = person().await;
    let options = ReadOptions {
        schema: Some(schema::ADDRESS.to_owned()),
        ..ReadOptions::default()
    };
    let bytes = br#"[{"street_address":"1 A","locality":"B","country":"Wales"},{"locality":"C"}]"#.to_vec();
    let report = person
        .import()
        .all(ImportSource::Bytes { name: None, bytes }, options)
        .await
        .unwrap();
    assert_eq!(report.added.len(), 1);
    let left: Vec<(Option<usize>, &str)> = report
        .left_out
        .iter()
        .map(|remark| (remark.place.index, remark.field.as_str()))
        .collect();
    assert_eq!(left, [(Some(1), "country"), (Some(2), "street_address")]);
}

#[tokio::test]
async fn d4_what_breaks_its_schema_is_a_warning_where_the_person_keeps_it() {
    let (_folder, person) = person().await;
    let options = ReadOptions {
        schema: Some(schema::ADDRESS.to_owned()),
        ..ReadOptions::default()
    };
    let bytes = br#"[{"street_address":"1 A","locality":"B","country":"Wales"},{"locality":"C"},7]"#.to_vec();
    let source = ImportSource::Bytes { name: None, bytes };
    let plan = person.import().plan(source, options).await.unwrap();
    let keep = Selection {
        keep_violations: true,
        ..Selection::default()
    };
    let report = person.import().take(plan, keep, crate::no_progress()).await.unwrap();
    let told = |remarks: &[Remark]| -> Vec<(Option<usize>, String)> {
        let told = remarks.iter().map(|remark| (remark.place.index, remark.field.clone()));
        told.collect()
    };
    let warned = told(&report.warnings);
    assert_eq!(
        warned,
        [(Some(1), "country".into()), (Some(2), "street_address".into())]
    );
    assert_eq!(
        told(&report.left_out),
        [(Some(3), String::new())],
        "what is no record stays out"
    );
    let first = person.records().get(report.added[0]).await.unwrap();
    assert_eq!(first.body["country"], "Wales");
    assert_eq!(report.added.len(), 2);
    for id in report.added {
        assert_eq!(
            person.home.vault.violations(&id).unwrap().len(),
            1,
            "it is shown from then on"
        );
    }
}

#[tokio::test]
async fn d1_a_mapping_is_remembered_for_the_next_table_with_the_same_header() {
    let (_folder, person) = person().await;
    let source = |row: &str| ImportSource::Bytes {
        name: Some("t.csv".into()),
        bytes: format!("Beth,Pryd\n{row}\n").into_bytes(),
    };
    let column = |header: &str, member: &str| Column {
        header: header.into(),
        member: Some(member.into()),
    };
    let options = ReadOptions {
        schema: Some(schema::NOTE.to_owned()),
        columns: vec![column("Beth", "text"), column("Pryd", "date")],
        dates: Some(DateOrder::DayFirst),
        ..ReadOptions::default()
    };
    person.import().all(source("Rhew,03/04/2026"), options).await.unwrap();
    let plan = person
        .import()
        .plan(source("Glaw,05/06/2026"), ReadOptions::default())
        .await
        .unwrap();
    assert_eq!(plan.records[0].body, json!({ "text": "Glaw", "date": "2026-06-05" }));
}

#[tokio::test]
async fn d1_a_record_that_is_too_large_takes_no_other_with_it() {
    let (_folder, person) = person().await;
    let bytes = format!("[{{\"a\":\"{}\"}},{{\"a\":1}}]", "x".repeat(2 << 20)).into_bytes();
    let report = person
        .import()
        .all(ImportSource::Bytes { name: None, bytes }, ReadOptions::default())
        .await
        .unwrap();
    assert_eq!(
        (
            report.added.len(),
            report.left_out[0].reason,
            report.left_out[0].place.index
        ),
        (1, Reason::TooLarge, Some(1))
    );
}

async fn person() -> (tempfile::TempDir, Person) {
    let folder = tempfile::tempdir().unwrap();
    let mut platform = crate::Platform::desktop("test");
    platform.kdf_cost = crate::KdfCost::FLOOR;
    let person = Person::create(&folder.path().join("store"), platform, "harbour lantern mossy quill")
        .await
        .unwrap();
    (folder, person)
}
