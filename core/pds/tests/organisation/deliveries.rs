//! What is sent to a person, and what may be.

use kist_pds::*;
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn h1_a_relay_that_is_down_delays_the_receipt_and_loses_nothing() {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.relay.stop().await;
    let report = world.deliver(&agreement).await;
    assert_eq!(report.state, MessageState::Waiting);
    assert_eq!(code(world.clinic.requests().create(request()).await), "Unreachable");
    world.restart_clinic().await;
    world.relay.start_again().await;
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    let messages = world.clinic.agreements().get(&agreement).await.unwrap().messages;
    let states: Vec<_> = messages
        .iter()
        .map(|message| (message.kind.as_str(), message.state))
        .collect();
    assert_eq!(
        states,
        [("receipt", MessageState::Taken), ("delivery", MessageState::Taken)]
    );
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Delivered { .. }]),
        "{events:?}"
    );
}

#[tokio::test]
async fn c1_of_two_messages_only_the_one_that_was_refused_is_said_to_be() {
    let world = World::new().await;
    let mut hers = RunningRelay::start(world.folder.path().join("hers"), world.clock.clone()).await;
    world.alice.set_relay(&hers.url).await.unwrap();
    let agreement = world.agree().await;
    hers.stop().await;
    for text in ["Hello", "Goodbye"] {
        let report = world.clinic.deliveries().note(&agreement, text).await.unwrap();
        assert_eq!(report.state, MessageState::Waiting);
    }
    let mut replies = vec![
        "404 Not Found\r\ncontent-length: 19\r\n\r\n{\"code\":\"NotFound\"}",
        "201 Created\r\ncontent-length: 0\r\n\r\n",
    ];
    answer_at(&hers.url, move || {
        let reply = replies.pop().unwrap_or("503 Busy\r\ncontent-length: 0\r\n\r\n");
        format!("HTTP/1.1 {reply}")
    })
    .await;
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [OrgEvent::NotTaken { number: 3, .. }]),
        "{events:?}"
    );
    let messages = world.clinic.agreements().get(&agreement).await.unwrap().messages;
    let states: Vec<_> = messages.iter().map(|message| message.state).collect();
    assert_eq!(
        states,
        [MessageState::Taken, MessageState::Taken, MessageState::NotTaken]
    );
}

#[tokio::test]
async fn c1_a_delivery_is_a_verified_record_of_alices() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let report = world.deliver(&agreement).await;
    assert_eq!(report.state, MessageState::Taken);
    let events = world.alice.inbox().refresh().await.unwrap();
    let [InboxEvent::ReceiptStored { .. }, InboxEvent::Delivered { record, .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    let record = world.alice.records().get(*record).await.unwrap();
    assert_eq!(record.body["vaccine"], "Tetanus toxoid");
    assert_eq!(
        record.provenance.verification,
        Verification::Signature {
            issuer: "Riverside Clinic".into()
        }
    );
    let found = world
        .alice
        .records()
        .search("tetanus", Filter::default(), 10)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn c1_what_the_framework_does_not_let_it_issue_is_not_sent() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let anchor = world.framework.publish(30).await.unwrap();
    world.clinic.trust().add_anchor(anchor).await.unwrap();
    let diploma = DeliverySpec {
        schema: "urn:example:diploma:1".into(),
        ..vaccination()
    };
    let refused = world
        .clinic
        .deliveries()
        .deliver(&agreement, diploma)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "OrganisationNotTrusted");
    assert_eq!(
        refused.parameter("reason"),
        Some(&Parameter::Word("MayNotIssue".into()))
    );
}

#[tokio::test]
async fn c1_what_is_too_long_for_a_message_is_not_sent() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let text = "x".repeat(16 * 1024 + 1);
    assert_eq!(
        code(world.clinic.deliveries().note(&agreement, &text).await),
        "TooLarge"
    );
    let claims = object(json!({ "vaccine": "x".repeat(300_000), "date": "2026-11-23" }));
    let large = DeliverySpec {
        claims,
        ..vaccination()
    };
    assert_eq!(
        code(world.clinic.deliveries().deliver(&agreement, large).await),
        "TooLarge"
    );
    // Nothing of it is left behind: the next message follows the receipt.
    let report = world.clinic.deliveries().note(&agreement, "Hello").await.unwrap();
    assert_eq!((report.number, report.state), (2, MessageState::Taken));
}

#[tokio::test]
async fn d3_a_delivered_record_is_as_proven_under_other_labels_and_its_files_stay() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.deliver(&agreement).await;
    world.alice.inbox().refresh().await.unwrap();
    let records = world.alice.records();
    let delivered = records.list(Filter::of_schema(VACCINATION)).await.unwrap().remove(0);
    let labelled = Edit {
        tags: Some(vec!["arm".into()]),
        ..Edit::default()
    };
    let record = records.edit(delivered.id, labelled).await.unwrap();
    assert_eq!((record.revision, &record.provenance), (2, &delivered.provenance));
    let organisations = records.facets().await.unwrap().organisations;
    assert_eq!(
        (
            organisations.len(),
            organisations[0].name.as_str(),
            organisations[0].records
        ),
        (1, "Riverside Clinic", 1)
    );

    let meta = FileMeta {
        name: "arm.png".into(),
        ..FileMeta::default()
    };
    let photo = world.alice.files().attach_bytes(b"photo".to_vec(), meta).await.unwrap();
    let attached = Edit {
        attach: vec![photo.files[0].id],
        ..Edit::default()
    };
    assert_eq!(code(records.edit(delivered.id, attached).await), "DeliveredFiles");
}

#[tokio::test]
async fn a20_only_what_was_agreed_may_be_delivered_and_only_while_it_holds() {
    let world = World::new().await;
    let agree = async |spec: RequestSpec| {
        let hosted = world.clinic.requests().create(spec).await.unwrap();
        world.answer(&hosted).await;
        let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
        answer.agreement.unwrap()
    };
    let deliver = async |agreement: &str| code(world.clinic.deliveries().deliver(agreement, vaccination()).await);
    let read = Rights {
        read: true,
        deliver: false,
        update: false,
    };
    let reading = agree(RequestSpec {
        rights: read,
        ..request()
    })
    .await;
    assert_eq!(deliver(&reading).await, "RightNotGranted");
    let once = agree(RequestSpec {
        rights: read,
        validity: Validity::Once,
        ..request()
    })
    .await;
    assert_eq!(deliver(&once).await, "ConsentExpired");
    let until = Validity::Until { at: NOW + 3600 };
    let short = agree(RequestSpec {
        validity: until,
        ..request()
    })
    .await;
    world.clock.forward(3600);
    assert_eq!(deliver(&short).await, "ConsentExpired");
    let state = world.clinic.agreements().get(&short).await.unwrap().summary.state;
    assert_eq!(state, OrgAgreementState::Expired);
    assert_eq!(deliver("nothing").await, "NotFound");
}

#[tokio::test]
async fn c1_what_was_refused_for_another_withdrawal_is_sent_again() {
    let world = World::new().await;
    let (kept, ended) = (world.agree().await, world.agree().await);
    world.alice.consents().withdraw(&ended).await.unwrap();
    let report = world.deliver(&kept).await;
    assert_eq!(report.state, MessageState::NotTaken);
    world.clinic.inbox().refresh().await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let delivered = events
        .iter()
        .filter(|event| matches!(event, InboxEvent::Delivered { .. }));
    assert_eq!(delivered.count(), 1, "{events:?}");
}

#[tokio::test]
async fn c2_messages_come_once_and_in_order_whatever_is_stopped() {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    let mut said = 0;
    for polls in 1..40 {
        said += 1;
        let words = format!("{said:03}");
        cut_after(polls, async {
            world.clinic.deliveries().note(&agreement, &words).await
        })
        .await;
        cut_after(polls, world.clinic.inbox().refresh()).await;
        cut_after(polls, world.alice.inbox().refresh()).await;
        if polls % 10 == 0 {
            world.restart_clinic().await;
            world.relay.stop().await;
            world.relay.start_again().await;
        }
    }
    world.clinic.inbox().refresh().await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let lost = |event: &InboxEvent| matches!(event, InboxEvent::Missing { .. } | InboxEvent::Dropped { .. });
    assert!(!events.iter().any(lost), "{events:?}");
    let messages = world.clinic.agreements().get(&agreement).await.unwrap().messages;
    let stored = messages.iter().filter(|message| message.kind == "note").count();
    let mut items = world.alice.inbox().list().await.unwrap();
    items.reverse();
    let mut texts: Vec<String> = items.into_iter().filter_map(|item| item.text).collect();
    assert_eq!(texts.len(), stored, "each came once");
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), stored, "none twice");
    assert!(stored > 20, "most were stored before they were stopped");
    let received = |messages: Vec<SentMessage>| messages.iter().all(|message| message.state == MessageState::Taken);
    assert!(received(messages));
}
