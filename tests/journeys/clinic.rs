//! J2, at a clinic's desk: scan, consent, share; receive the result; withdraw later.

use kist_pds::{
    ConsentState, Decision, FieldIssuer, Filter, InboxEvent, OrgAgreementState, OrgEvent, Person, Requests, Source,
    Verification, qr,
};

use crate::world::{CANARIES, World, assert_nothing_readable, vaccination};

#[tokio::test(flavor = "multi_thread")]
async fn j2_scan_consent_share_receive_withdraw() {
    let world = World::new().await;
    world.fill().await;
    let agreement = shares_what_she_chose(&world).await;
    let alice = receives_while_closed(&world, &agreement).await;
    withdraws(&world, &alice, &agreement).await;
    assert_nothing_readable(&world.path("relay"));
    assert_nothing_readable(&world.path("alice"));
}

/// A QR as a picture, the request it leads to, and an answer without the optional field.
async fn shares_what_she_chose(world: &World) -> String {
    let request = world.request().await;
    let picture = qr::draw(&request.uri).unwrap().to_luma(4);
    let link = Requests::read_qr(&picture.pixels, picture.side, picture.side).unwrap();
    let open = world.alice.requests().open(&link).await.unwrap();
    let evaluation = &open.evaluation;
    assert_eq!(evaluation.asker.organisation.name, "Riverside Clinic");
    assert!(evaluation.answerable, "{:?}", evaluation.warnings);
    let optional: Vec<_> = evaluation.fields.iter().filter(|field| !field.required).collect();
    assert_eq!(optional.len(), 1);
    assert!(
        !optional[0].chosen_by_default,
        "K3: nothing optional is chosen by itself"
    );
    assert!(evaluation.fields.iter().all(|field| field.over_asking.is_empty()));

    let decision = Decision::required(&open);
    let consent = world
        .alice
        .requests()
        .answer(&open.id, decision)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(consent.state, ConsentState::AwaitingReceipt);
    let answer = world.clinic.requests().collect(&request.id, 5).await.unwrap().unwrap();
    let values = serde_json::to_string(&answer.fields).unwrap();
    assert!(values.contains("Canarywood") && values.contains("Wrenfield") && values.contains("1984-03-21"));
    assert!(
        !values.contains(CANARIES[2]),
        "A19: the telephone number was not chosen"
    );
    assert!(
        answer
            .fields
            .iter()
            .all(|field| field.issuer == FieldIssuer::SelfAsserted)
    );
    let again = world.clinic.requests().collect(&request.id, 0).await.unwrap().unwrap();
    assert_eq!(again, answer, "collecting again changes nothing");

    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(matches!(&events[..], [InboxEvent::ReceiptStored { .. }]), "{events:?}");
    let detail = world.alice.consents().get(&consent.id).await.unwrap();
    assert_eq!(detail.summary.state, ConsentState::InForce);
    assert!(detail.receipt.is_some());
    assert_eq!(
        answer.agreement.as_deref(),
        Some(consent.id.as_str()),
        "both sides know it by one name"
    );
    consent.id
}

/// C1, C2: the clinic delivers while Alice's side is closed; when she opens it, it is there, verified, and found.
async fn receives_while_closed(world: &World, agreement: &str) -> Person {
    world.alice.clone().close().await.unwrap();
    world
        .clinic
        .deliveries()
        .deliver(agreement, vaccination())
        .await
        .unwrap();
    let alice = world.alice.clone();
    let events = alice.inbox().refresh().await.unwrap();
    let [InboxEvent::Delivered { record, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    let record = alice.records().get(*record).await.unwrap();
    assert!(matches!(&record.provenance.source, Source::Delivered { by, .. } if by == "Riverside Clinic"));
    assert!(
        matches!(&record.provenance.verification, Verification::Signature { issuer } if issuer == "Riverside Clinic")
    );
    let hits = alice.records().search("comirn", Filter::default(), 10).await.unwrap();
    assert_eq!(hits.len(), 1);
    assert!(alice.inbox().refresh().await.unwrap().is_empty(), "C2: once");
    alice
}

/// K4: withdrawal cuts access at once, is told, and is acknowledged.
async fn withdraws(world: &World, alice: &Person, agreement: &str) {
    let consent = alice.consents().withdraw(agreement).await.unwrap();
    assert_eq!(consent.state, ConsentState::Withdrawn);
    let late = world.clinic.deliveries().deliver(agreement, vaccination()).await;
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        events.iter().any(|event| matches!(event, OrgEvent::Withdrawn { .. })),
        "{events:?}"
    );
    let refused = world
        .clinic
        .deliveries()
        .deliver(agreement, vaccination())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "ConsentWithdrawn", "A20");
    let known = world.clinic.agreements().get(agreement).await.unwrap();
    assert_eq!(known.summary.state, OrgAgreementState::Withdrawn);

    let events = alice.inbox().refresh().await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, InboxEvent::Acknowledged { .. })),
        "{events:?}"
    );
    let delivered = events.iter().any(|event| matches!(event, InboxEvent::Delivered { .. }));
    assert!(
        !delivered,
        "A20: what was sent after the withdrawal is not taken in: {late:?}"
    );
    let consents = alice.consents().list().await.unwrap();
    assert_eq!(consents[0].state, ConsentState::WithdrawalAcknowledged);
    let report = alice.history().verify().await.unwrap();
    assert!(
        report.entries >= 6,
        "K5: seen, agreed, disclosed, receipt, delivered, withdrawn, acknowledged"
    );
    let again = alice.consents().withdraw(agreement).await.unwrap_err();
    assert_eq!(again.code(), "ConsentWithdrawn");
}

/// C2: what no agreement covers waits apart.
#[tokio::test(flavor = "multi_thread")]
async fn c2_words_after_a_withdrawal_wait_apart() {
    let world = World::new().await;
    world.fill().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    world
        .clinic
        .deliveries()
        .note(&agreement, "Please ring us")
        .await
        .unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        events.iter().any(|event| matches!(
            event,
            InboxEvent::Waiting {
                outside_agreement: true,
                ..
            }
        )),
        "{events:?}"
    );
    let items = world.alice.inbox().list().await.unwrap();
    assert_eq!(items[0].text.as_deref(), Some("Please ring us"));
    world.alice.inbox().dismiss(&items[0].id).await.unwrap();
    assert!(world.alice.inbox().list().await.unwrap().is_empty());
}

/// H1, I3: a second visit is one more agreement in the same relationship.
#[tokio::test(flavor = "multi_thread")]
async fn h1_a_second_request_reuses_the_relationship() {
    let world = World::new().await;
    world.fill().await;
    let first = world.agree().await;
    let second = world.agree().await;
    assert_ne!(first, second);
    let agreements = world.clinic.agreements().list().await.unwrap();
    assert_eq!(agreements[0].relationship, agreements[1].relationship);
    world.clinic.deliveries().deliver(&second, vaccination()).await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let receipts = events
        .iter()
        .filter(|event| matches!(event, InboxEvent::ReceiptStored { .. }))
        .count();
    let delivered = events
        .iter()
        .filter(|event| matches!(event, InboxEvent::Delivered { .. }))
        .count();
    assert_eq!((receipts, delivered), (2, 1), "{events:?}");
}

/// K4: whichever of two answers the clinic reads first, and if it never reads one, a withdrawal reaches it.
#[tokio::test(flavor = "multi_thread")]
async fn k4_a_withdrawal_reaches_a_clinic_that_read_another_answer_first() {
    for collected in [&[1][..], &[0], &[0, 1], &[1, 0]] {
        let world = World::new().await;
        world.fill().await;
        let mut requests = Vec::new();
        for _ in 0..2 {
            let request = world.request().await;
            let open = world.alice.requests().open(&request.uri).await.unwrap();
            let consent = world
                .alice
                .requests()
                .answer(&open.id, Decision::required(&open))
                .await
                .unwrap()
                .unwrap();
            requests.push((request.id, consent.id));
        }
        for index in collected {
            world
                .clinic
                .requests()
                .collect(&requests[*index].0, 5)
                .await
                .unwrap()
                .unwrap();
        }
        world.alice.inbox().refresh().await.unwrap();
        let (_, consent) = &requests[collected[0]];
        world.alice.consents().withdraw(consent).await.unwrap();
        let events = world.clinic.inbox().refresh().await.unwrap();
        let heard = events
            .iter()
            .any(|event| matches!(event, OrgEvent::Withdrawn { agreement, .. } if agreement == consent));
        assert!(heard, "{collected:?}: {events:?}");
        let events = world.alice.inbox().refresh().await.unwrap();
        let known = events
            .iter()
            .any(|event| matches!(event, InboxEvent::Acknowledged { .. }));
        assert!(known, "{collected:?}: {events:?}");
    }
}
