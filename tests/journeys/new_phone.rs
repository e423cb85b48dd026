//! J5, a new phone: all data, agreements and relationships are back without asking any organisation.

use std::path::{Path, PathBuf};

use kist_pds::{FileMeta, Filter, Freshness, InboxEvent, Person, RecoveryInput, Thumbnail, no_progress};

use crate::world::{PASSPHRASE, RunningRelay, World, assert_nothing_readable, copy, vaccination};

fn input(kit: &kist_pds::RecoveryKit) -> RecoveryInput {
    RecoveryInput {
        code: kit.uri.clone(),
        relay: None,
    }
}

/// Everything that a person can see of their store, as text that can be compared.
async fn everything(person: &Person) -> Vec<String> {
    let mut seen = Vec::new();
    for summary in person.records().list(Filter::default()).await.unwrap() {
        for revision in person.records().revisions(summary.id).await.unwrap() {
            seen.push(serde_json::to_string(&revision).unwrap());
        }
        for file in person.records().get(summary.id).await.unwrap().files {
            let thumbnail = person.files().thumbnail(file.id).await.unwrap();
            let bytes = person.files().read(file.id).await.unwrap();
            seen.push(format!("{file:?} {:?} {bytes:?}", thumbnail.map(|it| it.bytes)));
        }
    }
    for consent in person.consents().list().await.unwrap() {
        seen.push(serde_json::to_string(&person.consents().get(&consent.id).await.unwrap()).unwrap());
    }
    seen.push(serde_json::to_string(&person.inbox().list().await.unwrap()).unwrap());
    seen.sort();
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn j5_a_lost_phone_is_back_from_its_recovery_code() {
    let world = World::new().await;
    world.fill().await;
    let report = vec![7u8; 700_000];
    let scanned = FileMeta {
        modified_ms: Some(1_700_000_000_000),
        thumbnail: Some(Thumbnail {
            media_type: "image/png".into(),
            bytes: vec![8; 900],
        }),
        ..FileMeta::named("report.pdf")
    };
    world.alice.files().attach_bytes(report, scanned).await.unwrap();
    let agreement = world.agree().await;
    world
        .clinic
        .deliveries()
        .deliver(&agreement, vaccination())
        .await
        .unwrap();
    world.alice.inbox().refresh().await.unwrap();

    let kit = world.alice.backup().set_up(&world.relay.url).await.unwrap();
    let first = world.alice.backup().run(no_progress()).await.unwrap();
    assert_eq!(first.sequence, 1);
    let unchanged = world.alice.backup().run(no_progress()).await.unwrap();
    assert_eq!((unchanged.sequence, unchanged.bytes_sent), (1, 0));
    let rehearsal = world.alice.backup().rehearse(no_progress()).await.unwrap();
    assert_eq!(rehearsal.sequence, 1);
    let before = everything(&world.alice).await;
    let history = world.alice.history().entries().await.unwrap();
    assert_nothing_readable(&world.path("relay"));

    let World {
        dir,
        clock,
        relay,
        clinic,
        alice,
        ..
    } = world;
    alice.close().await.unwrap();
    std::fs::remove_dir_all(dir.path().join("alice")).unwrap();

    let platform = || crate::world::platform(&clock, "Alice's new phone");
    let new = dir.path().join("new-phone");
    let unproven = Person::restore(
        &new,
        platform(),
        &input(&kit),
        PASSPHRASE,
        Freshness::Unknown,
        no_progress(),
    )
    .await;
    let unproven = unproven.err().unwrap();
    assert_eq!(unproven.code(), "FreshnessUnproven", "A3");
    assert_eq!(unproven.parameter("device_name").unwrap().to_string(), "Alice's phone");
    assert!(!Person::exists(&new));
    let (alice, report) = Person::restore(
        &new,
        platform(),
        &input(&kit),
        PASSPHRASE,
        Freshness::Confirmed(1),
        no_progress(),
    )
    .await
    .unwrap();
    assert_eq!(report.sequence, 1);
    assert_eq!(everything(&alice).await, before, "byte for byte");
    let restored = alice.history().entries().await.unwrap();
    assert_eq!(&restored[..history.len()], &history[..]);

    clinic
        .deliveries()
        .note(&agreement, "Your next appointment")
        .await
        .unwrap();
    let events = alice.inbox().refresh().await.unwrap();
    assert!(
        events.iter().any(|event| matches!(event, InboxEvent::Waiting { .. })),
        "{events:?}"
    );
    assert_eq!(alice.backup().run(no_progress()).await.unwrap().sequence, 2);
    let (relay, old) = put_aside(relay, &dir.path().join("old-relay")).await;
    let words = serde_json::json!({ "text": "written after the copy was taken" });
    alice
        .records()
        .add_self_asserted("urn:kist:schema:note:1", words)
        .await
        .unwrap();
    assert_eq!(alice.backup().run(no_progress()).await.unwrap().sequence, 3);

    let _relay = put_back(relay, &old).await;
    let refused = alice.backup().run(no_progress()).await.unwrap_err();
    assert_eq!(refused.code(), "RollbackDetected", "A1");
    assert_eq!(
        alice.inbox().list().await.unwrap().len(),
        1,
        "A1: local state untouched"
    );
    let third = dir.path().join("third");
    let told = Person::restore(
        &third,
        platform(),
        &input(&kit),
        PASSPHRASE,
        Freshness::Unknown,
        no_progress(),
    )
    .await;
    assert_eq!(told.err().unwrap().code(), "FreshnessUnproven");
    let known = Freshness::AtLeast(3);
    let older = Person::restore(&third, platform(), &input(&kit), PASSPHRASE, known, no_progress()).await;
    assert_eq!(older.err().unwrap().code(), "RollbackDetected");
    assert!(!Person::exists(&third));
}

/// Copies what the relay holds now.
async fn put_aside(relay: RunningRelay, to: &Path) -> (RunningRelay, PathBuf) {
    let stopped = relay.stop().await;
    copy(&stopped.data, to);
    (stopped.start().await, to.to_owned())
}

/// Puts the relay back to what it held then.
async fn put_back(relay: RunningRelay, old: &Path) -> RunningRelay {
    let stopped = relay.stop().await;
    std::fs::remove_dir_all(&stopped.data).unwrap();
    copy(old, &stopped.data);
    stopped.start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn z3_codes_that_open_nothing_say_why() {
    let world = World::new().await;
    let kit = world.alice.backup().set_up(&world.relay.url).await.unwrap();
    world.alice.backup().run(no_progress()).await.unwrap();
    let other = Person::create(&world.path("other"), world.platform("other"), PASSPHRASE)
        .await
        .unwrap();
    let wrong = other.backup().set_up(&world.relay.url).await.unwrap().code;
    let new = world.path("new");
    for (code, expected) in [
        (kit.code.replacen(&kit.code[7..8], "?", 1), "RecoveryCodeMistyped"),
        (wrong, "NoBackup"),
    ] {
        let input = RecoveryInput {
            code,
            relay: Some(world.relay.url.clone()),
        };
        let failed = Person::restore(
            &new,
            world.platform("new"),
            &input,
            PASSPHRASE,
            Freshness::Unknown,
            no_progress(),
        )
        .await;
        assert_eq!(failed.err().unwrap().code(), expected);
        assert!(!Person::exists(&new));
    }
    let unknown = kist_pds::check_recovery_code(&kit.code);
    assert!(unknown.is_ok());
}
