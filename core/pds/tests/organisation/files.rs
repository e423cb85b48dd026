//! Files under an agreement, in both directions: whole, once, however often they are stopped; and nothing else.

use std::path::PathBuf;

use kist_pds::*;
use serde_json::json;

use crate::world::*;

/// Bytes that don't repeat.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 7u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}

fn written(world: &World, name: &str, bytes: &[u8]) -> PathBuf {
    let path = world.folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn agreed(world: &World) -> String {
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    agreement
}

/// Both sides refresh until the file is through; gives how often.
async fn carry(world: &World, mut done: impl AsyncFnMut() -> bool) -> usize {
    for round in 1..200 {
        world.alice.inbox().refresh().await.unwrap();
        world.clinic.inbox().refresh().await.unwrap();
        if done().await {
            return round;
        }
    }
    panic!("it never ends")
}

async fn state_at_clinic(world: &World) -> FileTransfer {
    world.clinic.files().transfers().await.unwrap().pop().unwrap()
}

async fn deliver_and_compare(world: &World, length: usize) -> usize {
    let agreement = agreed(world).await;
    let content = bytes(length);
    let path = written(world, "scan.pdf", &content);
    let sent = world.clinic.files().deliver(&agreement, &path).await.unwrap();
    assert_eq!((sent.name.as_str(), sent.size), ("scan.pdf", length as u64));
    let rounds = carry(world, async || {
        state_at_clinic(world).await.state == TransferState::Done
    })
    .await;
    let came = world.alice.files().transfers().await.unwrap().pop().unwrap();
    assert_eq!((&came.state, came.done), (&TransferState::Done, length as u64));
    let record = world.alice.records().get(came.record.unwrap()).await.unwrap();
    assert_eq!(record.body["title"], "scan.pdf");
    let clinic = Verification::Signature {
        issuer: "Riverside Clinic".into(),
    };
    assert_eq!(record.provenance.verification, clinic);
    let saved = world.folder.path().join("saved");
    let files = world.alice.files();
    files.save(record.files[0].id, &saved, no_progress()).await.unwrap();
    assert!(std::fs::read(&saved).unwrap() == content);
    rounds
}

#[tokio::test(flavor = "multi_thread")]
async fn d9_a_file_of_8_mib_is_delivered_within_the_quota_of_its_mailbox() {
    let world = World::new().await;
    // More than a window: it takes more than one round.
    assert!(deliver_and_compare(&world, 8 << 20).await > 1);
}

/// Takes minutes: only with KIST_LONG.
#[tokio::test(flavor = "multi_thread")]
async fn d9_a_file_of_100_mib_is_delivered() {
    if std::env::var_os("KIST_LONG").is_some() {
        let world = World::new().await;
        deliver_and_compare(&world, 100 << 20).await;
    }
}

#[tokio::test]
async fn d9_an_empty_file_and_one_of_a_byte_arrive_too() {
    for length in [0, 1, 240 << 10] {
        let world = World::new().await;
        deliver_and_compare(&world, length).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d9_a_transfer_that_is_killed_at_any_step_goes_on() {
    let mut world = World::new().await;
    let agreement = agreed(&world).await;
    let content = bytes(3 * (240 << 10) + 5);
    let path = written(&world, "letter.txt", &content);
    let polls = 40;
    cut_after(polls, world.clinic.files().deliver(&agreement, &path)).await;
    world.restart_clinic().await;
    if world.clinic.files().transfers().await.unwrap().is_empty() {
        world.clinic.files().deliver(&agreement, &path).await.unwrap();
    }
    for polls in 1..60 {
        cut_after(polls, world.alice.inbox().refresh()).await;
        cut_after(polls, world.clinic.inbox().refresh()).await;
        if polls % 20 == 0 {
            world.restart_clinic().await;
            world.relay.stop().await;
            world.relay.start_again().await;
        }
    }
    carry(&world, async || {
        state_at_clinic(&world).await.state == TransferState::Done
    })
    .await;
    let documents = Filter::of_schema("urn:kist:schema:document:1");
    let documents = world.alice.records().list(documents).await.unwrap();
    assert_eq!(documents.len(), 1, "it came once");
    let record = world.alice.records().get(documents[0].id).await.unwrap();
    assert!(world.alice.files().read(record.files[0].id).await.unwrap() == content);
}

#[tokio::test]
async fn d9_a_person_sends_a_file_under_an_agreement_and_it_goes_with_the_withdrawal() {
    let world = World::new().await;
    let agreement = agreed(&world).await;
    let content = bytes(300_000);
    let record = world.alice.files();
    let record = record
        .attach_bytes(content.clone(), FileMeta::named("wound.jpg"))
        .await
        .unwrap();
    let sent = world.alice.files().send(&agreement, record.files[0].id).await.unwrap();
    assert_eq!(sent.direction, TransferDirection::Sending);
    let history = world.alice.history().entries().await.unwrap();
    let event = json!(history.last().unwrap().event);
    assert_eq!(
        (&event["type"], &event["fields"][0]["credential_type"]),
        (&json!("Disclosed"), &json!(FILE))
    );
    let mut events = Vec::new();
    while !events
        .iter()
        .any(|event| matches!(event, OrgEvent::FileReceived { name, .. } if name == "wound.jpg"))
    {
        world.alice.inbox().refresh().await.unwrap();
        events.extend(world.clinic.inbox().refresh().await.unwrap());
        assert!(events.len() < 20, "{events:?}");
    }
    let told = world.alice.inbox().refresh().await.unwrap();
    assert!(matches!(told.as_slice(), [InboxEvent::FileArrived { .. }]), "{told:?}");
    let came = state_at_clinic(&world).await;
    let saved = world.folder.path().join("saved");
    world.clinic.files().save(&came.id, &saved).await.unwrap();
    assert!(std::fs::read(&saved).unwrap() == content);

    world.alice.consents().withdraw(&agreement).await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(code(world.clinic.files().save(&came.id, &saved).await), "NotFound");
    let again = world.alice.files().send(&agreement, record.files[0].id).await;
    assert_eq!(code(again), "ConsentWithdrawn");
}

#[tokio::test]
async fn a20_a_file_that_no_agreement_covers_is_neither_sent_nor_taken() {
    let world = World::new().await;
    let read = RequestSpec {
        rights: Rights {
            read: true,
            deliver: false,
            update: false,
        },
        ..request()
    };
    let hosted = world.clinic.requests().create(read).await.unwrap();
    world.answer(&hosted).await;
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let path = written(&world, "letter.txt", b"words");
    let refused = world.clinic.files().deliver(&answer.agreement.unwrap(), &path).await;
    assert_eq!(code(refused), "RightNotGranted");

    // Withdrawn while it is on its way: no chunk of it is kept.
    let agreement = agreed(&world).await;
    let path = written(&world, "long.bin", &bytes(40 * (240 << 10)));
    world.clinic.files().deliver(&agreement, &path).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    carry(&world, async || {
        matches!(state_at_clinic(&world).await.state, TransferState::Refused { .. })
    })
    .await;
    let documents = Filter::of_schema("urn:kist:schema:document:1");
    assert_eq!(world.alice.records().list(documents).await.unwrap(), []);
}
