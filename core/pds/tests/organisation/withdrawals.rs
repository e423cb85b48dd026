//! Withdrawals: taken in once, acknowledged, and the end of every use.

use kist_pds::*;

use crate::world::*;

#[tokio::test]
async fn k4_taking_in_a_withdrawal_may_be_stopped_at_any_moment() {
    let world = World::new().await;
    for polls in 1.. {
        let agreement = world.agree().await;
        world.alice.consents().withdraw(&agreement).await.unwrap();
        let stopped = cut_after(polls, world.clinic.inbox().refresh()).await;
        world.clinic.inbox().refresh().await.unwrap();
        let ended = world.clinic.agreements().get(&agreement).await.unwrap();
        assert_eq!(ended.summary.state, OrgAgreementState::Withdrawn, "after {polls} polls");
        let sent: Vec<_> = ended
            .messages
            .iter()
            .filter(|message| message.kind == "acknowledgement")
            .collect();
        assert_eq!(
            (sent.len(), sent[0].state),
            (1, MessageState::Taken),
            "after {polls} polls"
        );
        world.alice.inbox().refresh().await.unwrap();
        let hers = world.alice.consents().get(&agreement).await.unwrap();
        assert_eq!(
            hers.summary.state,
            ConsentState::WithdrawalAcknowledged,
            "after {polls} polls"
        );
        if stopped.is_some() {
            assert!(polls > 3, "it has moments to be stopped at");
            break;
        }
    }
}

#[tokio::test]
async fn k4_a_withdrawal_is_acknowledged_and_ends_every_use() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.clock.forward(60);
    world.alice.consents().withdraw(&agreement).await.unwrap();

    // Before the clinic has heard of it, its way is cut already.
    let report = world.deliver(&agreement).await;
    assert_eq!(report.state, MessageState::NotTaken);
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(
        events,
        [
            OrgEvent::NotTaken {
                agreement: agreement.clone(),
                number: report.number,
                kind: "delivery".into(),
            },
            OrgEvent::Withdrawn {
                agreement: agreement.clone(),
                at: NOW + 60,
            }
        ]
    );
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    let ended = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(ended.summary.state, OrgAgreementState::Withdrawn);
    assert_eq!(ended.summary.acknowledged_at, Some(NOW + 60));
    // The offer said that nothing is kept.
    assert_eq!(ended.received, []);
    assert_eq!(
        code(world.clinic.deliveries().deliver(&agreement, vaccination()).await),
        "ConsentWithdrawn"
    );

    world.alice.inbox().refresh().await.unwrap();
    let hers = world.alice.consents().get(&agreement).await.unwrap();
    assert_eq!(hers.summary.state, ConsentState::WithdrawalAcknowledged);
    assert_eq!(hers.summary.acknowledged_at, Some(NOW + 60));
    let vaccinations = Filter::of_schema(VACCINATION);
    assert_eq!(world.alice.records().list(vaccinations).await.unwrap(), []);
}

#[tokio::test]
async fn k4_words_after_a_withdrawal_wait_apart() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.consents().withdraw(&agreement).await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let report = world.clinic.deliveries().note(&agreement, "Goodbye").await.unwrap();
    assert_eq!(report.state, MessageState::Taken);
    world.alice.inbox().refresh().await.unwrap();
    let waiting = world.alice.inbox().list().await.unwrap();
    assert_eq!(waiting[0].text.as_deref(), Some("Goodbye"));
    assert!(waiting[0].outside_agreement);
}

#[tokio::test]
async fn k4_what_must_be_kept_after_a_withdrawal_stays() {
    let world = World::new().await;
    let spec = RequestSpec {
        use_id: "records".into(),
        ..request()
    };
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    let agreement = world.answer(&hosted).await;
    world.clinic.requests().collect(&hosted.id, 0).await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let ended = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(ended.received.len(), 2);
}

#[tokio::test]
async fn k4_alice_withdraws_before_the_clinic_has_collected_her_first_answer() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let agreement = world.answer(&hosted).await;
    world.alice.consents().withdraw(&agreement).await.unwrap();
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert!(!answer.receipt_sent);
    world.clinic.inbox().refresh().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    // She has both: the receipt of what she agreed to, and the acknowledgement that it is over.
    let hers = world.alice.consents().get(&agreement).await.unwrap();
    assert_eq!(hers.summary.state, ConsentState::WithdrawalAcknowledged);
    assert!(hers.receipt.is_some());
    let messages = world.clinic.agreements().get(&agreement).await.unwrap().messages;
    let last: Vec<_> = messages
        .iter()
        .map(|message| (message.kind.as_str(), message.state))
        .collect();
    assert_eq!(last[0], ("receipt", MessageState::SentAgain));
    assert!(
        last[1..].iter().all(|(_, state)| *state == MessageState::Taken),
        "{last:?}"
    );
}

#[tokio::test]
async fn k4_what_was_refused_is_sent_again_however_the_sending_was_stopped() {
    let world = World::new().await;
    for polls in 1.. {
        let hosted = world.clinic.requests().create(request()).await.unwrap();
        let agreement = world.answer(&hosted).await;
        world.alice.consents().withdraw(&agreement).await.unwrap();
        let stopped = cut_after(polls, world.clinic.requests().collect(&hosted.id, 0)).await;
        world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
        world.clinic.inbox().refresh().await.unwrap();
        world.alice.inbox().refresh().await.unwrap();
        let hers = world.alice.consents().get(&agreement).await.unwrap();
        assert_eq!(
            (hers.receipt.is_some(), hers.summary.state),
            (true, ConsentState::WithdrawalAcknowledged),
            "after {polls} polls"
        );
        if stopped.is_some() {
            assert!(polls > 3, "it has moments to be stopped at");
            break;
        }
    }
}

#[tokio::test]
async fn k4_a_withdrawal_that_comes_before_its_agreement_waits_for_it() {
    let world = World::new().await;
    let standing = world.agree().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let second = world.answer(&hosted).await;
    world.alice.consents().withdraw(&second).await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(
        events,
        [OrgEvent::Withdrawn {
            agreement: second.clone(),
            at: NOW
        }]
    );
    assert_eq!(
        code(world.clinic.deliveries().deliver(&second, vaccination()).await),
        "ConsentWithdrawn"
    );
    world.alice.inbox().refresh().await.unwrap();
    let hers = world.alice.consents().get(&second).await.unwrap();
    assert_eq!(hers.summary.state, ConsentState::WithdrawalAcknowledged);
    // The other agreement with her is untouched.
    let report = world.deliver(&standing).await;
    assert_eq!(report.state, MessageState::Taken);
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Delivered { .. }]),
        "{events:?}"
    );
}

#[tokio::test]
async fn k1_several_withdrawals_at_once_are_each_acknowledged() {
    let world = World::new().await;
    let agreements = [world.agree().await, world.agree().await, world.agree().await];
    let relationships: std::collections::BTreeSet<String> = world
        .clinic
        .agreements()
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|agreement| agreement.relationship)
        .collect();
    assert_eq!(relationships.len(), 1, "one person, one relationship");
    world.alice.inbox().refresh().await.unwrap();
    for agreement in &agreements {
        world.alice.consents().withdraw(agreement).await.unwrap();
    }
    let events = world.clinic.inbox().refresh().await.unwrap();
    let withdrawn = events
        .iter()
        .filter(|event| matches!(event, OrgEvent::Withdrawn { .. }));
    assert_eq!(withdrawn.count(), 3, "{events:?}");
    world.alice.inbox().refresh().await.unwrap();
    for agreement in &agreements {
        let hers = world.alice.consents().get(agreement).await.unwrap();
        assert_eq!(hers.summary.state, ConsentState::WithdrawalAcknowledged);
    }
}
