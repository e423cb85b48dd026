//! Two people: an invitation, a code that both compare, records that are shared and withdrawn, and who stands between them.

use kist_pds::*;
use serde_json::json;

use crate::world::*;

const DAY: i64 = 24 * 60 * 60;

struct Two {
    world: World,
    bob: Person,
    /// Bob on Alice's phone, and Alice on Bob's.
    bob_id: String,
    alice_id: String,
}

async fn bob(world: &World) -> Person {
    let bob = Person::create(&world.folder.path().join("bob"), platform(&world.clock), PASSPHRASE)
        .await
        .unwrap();
    bob.set_relay(&world.relay.url).await.unwrap();
    bob
}

impl Two {
    async fn new() -> Two {
        let world = World::new().await;
        let bob = bob(&world).await;
        let invited = world.alice.people().invite("Bob").await.unwrap();
        let alice = bob.people().accept(&invited.link, "Alice from work").await.unwrap();
        let events = world.alice.inbox().refresh().await.unwrap();
        assert!(
            matches!(events.as_slice(), [InboxEvent::PersonAnswered { .. }]),
            "{events:?}"
        );
        Two {
            world,
            bob,
            bob_id: invited.id,
            alice_id: alice.id,
        }
    }

    fn hers(&self) -> People {
        self.world.alice.people()
    }

    fn his(&self) -> People {
        self.bob.people()
    }

    /// Both phones look, until neither has anything more to say.
    async fn settle(&self) {
        for _ in 0..4 {
            self.bob.inbox().refresh().await.unwrap();
            self.world.alice.inbox().refresh().await.unwrap();
        }
    }

    /// Alice shares her telephone number.
    async fn share(&self) -> Share {
        self.share_until(None).await
    }

    async fn share_until(&self, until: Option<i64>) -> Share {
        let records = self.world.alice.records().list(Filter::default()).await.unwrap();
        let phone = records.iter().find(|record| record.schema == PHONE).unwrap();
        let spec = ShareSpec {
            records: vec![phone.id],
            purpose: "So that you can call me".into(),
            language: "en".into(),
            until,
        };
        self.hers().share(&self.bob_id, spec).await.unwrap()
    }
}

async fn phones(person: &Person) -> Vec<RecordSummary> {
    let mut records = person.records().list(Filter::default()).await.unwrap();
    records.retain(|record| record.schema == PHONE);
    records
}

#[tokio::test]
async fn c3_two_people_connect_and_compare_one_code_under_names_of_their_own() {
    let two = Two::new().await;
    let (bob, alice) = (
        two.hers().get(&two.bob_id).await.unwrap(),
        two.his().get(&two.alice_id).await.unwrap(),
    );
    assert_eq!((bob.name.as_str(), alice.name.as_str()), ("Bob", "Alice from work"));
    assert_eq!(bob.check_code, alice.check_code);
    assert_eq!(bob.check_code.as_ref().unwrap().len(), 29);
    assert!(!bob.verified && !alice.verified);
    assert!(two.hers().set_verified(&two.bob_id, true).await.unwrap().verified);
    // What one of them says is theirs alone.
    assert!(!two.his().get(&two.alice_id).await.unwrap().verified);
}

#[tokio::test]
async fn c3_records_are_shared_under_an_agreement_that_both_signed() {
    let two = Two::new().await;
    let share = two.share().await;
    assert_eq!(
        (share.state, share.direction),
        (ShareState::Proposed, ShareDirection::Given)
    );
    assert!(phones(&two.bob).await.is_empty());
    two.settle().await;
    let hers = two.hers().shares().await.unwrap();
    let his = two.his().shares().await.unwrap();
    assert_eq!(
        (hers[0].state, his[0].state),
        (ShareState::InForce, ShareState::InForce)
    );
    assert_eq!(hers[0].receipt, his[0].receipt);
    assert!(hers[0].receipt.is_some());
    assert_eq!(
        (his[0].purpose.as_str(), his[0].direction),
        ("So that you can call me", ShareDirection::Received)
    );
    assert!(
        !hers[0].verified && !his[0].verified,
        "every listing says that nobody compared"
    );
    let came = two.bob.records().get(his[0].records[0]).await.unwrap();
    assert_eq!(came.body, json!({"phone_number": "+44 7700 900123"}));
    assert!(matches!(&came.provenance.source, Source::Delivered { by, .. } if by == "Alice from work"));
    // Nothing else came, and nobody's name went with it.
    assert_eq!(two.bob.records().list(Filter::default()).await.unwrap().len(), 1);
    let receipt = json!(his[0].receipt).to_string();
    assert!(!receipt.contains("Alice") && !receipt.contains("\"Bob\""), "{receipt}");
}

#[tokio::test]
async fn c3_a_withdrawal_takes_the_record_away_and_is_acknowledged() {
    let two = Two::new().await;
    let share = two.share().await;
    two.settle().await;
    let withdrawn = two.hers().withdraw(&share.id).await.unwrap();
    assert_eq!(withdrawn.state, ShareState::Withdrawn);
    let events = two.bob.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::ShareWithdrawn { .. }]),
        "{events:?}"
    );
    assert!(phones(&two.bob).await.is_empty());
    two.settle().await;
    assert_eq!(
        two.hers().shares().await.unwrap()[0].state,
        ShareState::WithdrawalAcknowledged
    );
    assert_eq!(code(two.hers().withdraw(&share.id).await), "ConsentWithdrawn");
    // Hers is still hers.
    assert_eq!(phones(&two.world.alice).await.len(), 1);
}

#[tokio::test]
async fn c3_what_is_taken_back_before_it_was_given_never_leaves() {
    let two = Two::new().await;
    let share = two.share().await;
    two.hers().withdraw(&share.id).await.unwrap();
    two.settle().await;
    assert!(phones(&two.bob).await.is_empty());
    assert_eq!(two.hers().shares().await.unwrap(), []);
}

#[tokio::test]
async fn c3_what_others_share_hides_nothing_that_the_person_can_answer_with() {
    let two = Two::new().await;
    for _ in 0..2 {
        let mut records = Vec::new();
        for number in 0..32 {
            let body = json!({"phone_number": format!("+44 7700 9{number:05}")});
            records.push(two.bob.records().add_self_asserted(PHONE, body).await.unwrap().id);
        }
        let spec = ShareSpec {
            records,
            purpose: "All of my numbers".into(),
            language: "en".into(),
            until: None,
        };
        two.his().share(&two.alice_id, spec).await.unwrap();
    }
    two.settle().await;
    assert_eq!(phones(&two.world.alice).await.len(), 65);
    let phone = RequestSpec {
        fields: vec![field("phone", PHONE, "phone_number", true)],
        ..request()
    };
    let hosted = two.world.clinic.requests().create(phone).await.unwrap();
    two.world.answer(&hosted).await;
    let answer = two
        .world
        .clinic
        .requests()
        .collect(&hosted.id, 0)
        .await
        .unwrap()
        .unwrap();
    let agreement = two
        .world
        .clinic
        .agreements()
        .get(&answer.agreement.unwrap())
        .await
        .unwrap();
    assert_eq!(agreement.received[0].value, json!("+44 7700 900123"));
}

#[tokio::test]
async fn k10_what_was_decided_waits_while_everything_is_paused_and_is_given_afterwards() {
    let two = Two::new().await;
    two.share().await;
    two.world.alice.consents().pause_everything().await.unwrap();
    two.settle().await;
    assert!(phones(&two.bob).await.is_empty());
    assert_eq!(two.hers().shares().await.unwrap()[0].state, ShareState::Proposed);
    two.world.alice.consents().resume_everything().await.unwrap();
    two.settle().await;
    assert_eq!(phones(&two.bob).await.len(), 1);
    assert_eq!(two.hers().shares().await.unwrap()[0].state, ShareState::InForce);
}

#[tokio::test]
async fn k10_what_is_taken_back_during_the_pause_never_leaves() {
    let two = Two::new().await;
    let share = two.share().await;
    two.world.alice.consents().pause_everything().await.unwrap();
    two.settle().await;
    two.hers().withdraw(&share.id).await.unwrap();
    two.world.alice.consents().resume_everything().await.unwrap();
    two.settle().await;
    assert!(phones(&two.bob).await.is_empty());
    assert_eq!(two.hers().shares().await.unwrap(), []);
}

#[tokio::test]
async fn a20_nothing_is_given_after_the_end_that_was_chosen() {
    let two = Two::new().await;
    two.share_until(Some(NOW + DAY)).await;
    // His phone offers in time, and hers hears of it too late.
    two.bob.inbox().refresh().await.unwrap();
    two.world.clock.forward(DAY);
    let events = two.world.alice.inbox().refresh().await.unwrap();
    let expired = |event: &InboxEvent| matches!(event, InboxEvent::Dropped { code, .. } if code == "ConsentExpired");
    assert!(matches!(events.as_slice(), [event] if expired(event)), "{events:?}");
    two.settle().await;
    assert!(phones(&two.bob).await.is_empty());
}

#[tokio::test]
async fn a20_a_pause_that_outlasts_the_end_gives_nothing() {
    let two = Two::new().await;
    two.share_until(Some(NOW + DAY)).await;
    two.world.alice.consents().pause_everything().await.unwrap();
    two.settle().await;
    two.world.clock.forward(DAY);
    two.world.alice.consents().resume_everything().await.unwrap();
    let events = two.world.alice.inbox().refresh().await.unwrap();
    let expired = |event: &InboxEvent| matches!(event, InboxEvent::Dropped { code, .. } if code == "ConsentExpired");
    assert!(matches!(events.as_slice(), [event] if expired(event)), "{events:?}");
    two.settle().await;
    assert!(phones(&two.bob).await.is_empty());
}

#[tokio::test]
async fn c3_an_invitation_serves_once_and_only_as_one() {
    let world = World::new().await;
    let bob = bob(&world).await;
    let invited = world.alice.people().invite("Bob").await.unwrap();
    bob.people().accept(&invited.link, "Alice").await.unwrap();
    assert_eq!(code(bob.people().accept(&invited.link, "Alice").await), "AlreadyExists");
    assert_eq!(
        code(world.alice.people().accept(&invited.link, "Me").await),
        "AlreadyExists"
    );
    assert_eq!(code(world.alice.requests().open(&invited.link).await), "WrongPurpose");
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    assert_eq!(code(bob.people().accept(&hosted.uri, "Clinic").await), "WrongPurpose");
    let mallory = Person::create(&world.folder.path().join("mallory"), platform(&world.clock), PASSPHRASE)
        .await
        .unwrap();
    mallory.set_relay(&world.relay.url).await.unwrap();
    mallory.people().accept(&invited.link, "Alice").await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let answered = |event: &&InboxEvent| matches!(event, InboxEvent::PersonAnswered { .. });
    assert_eq!(events.iter().filter(answered).count(), 1, "{events:?}");
    assert_eq!(world.alice.people().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a30_who_stands_between_two_people_cannot_show_both_the_same_code() {
    let world = World::new().await;
    let bob = bob(&world).await;
    let mallory = Person::create(&world.folder.path().join("mallory"), platform(&world.clock), PASSPHRASE)
        .await
        .unwrap();
    mallory.set_relay(&world.relay.url).await.unwrap();
    // Mallory answers Alice's invitation, and shows Bob one of her own in its place.
    let hers = world.alice.people().invite("Bob").await.unwrap();
    mallory.people().accept(&hers.link, "Alice").await.unwrap();
    let false_one = mallory.people().invite("Bob").await.unwrap();
    let alice = bob.people().accept(&false_one.link, "Alice").await.unwrap();
    mallory.inbox().refresh().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let on_hers = world.alice.people().get(&hers.id).await.unwrap().check_code;
    let on_his = bob.people().get(&alice.id).await.unwrap().check_code;
    assert!(on_hers.is_some() && on_his.is_some());
    assert_ne!(on_hers, on_his);
    // Nor does a link of Alice's with another mailbox or key in it.
    let (before, key) = hers.link.split_once("receiving_key=").unwrap();
    let (_, other) = false_one.link.split_once("receiving_key=").unwrap();
    let swapped = format!(
        "{before}receiving_key={}&{}",
        other.split('&').next().unwrap(),
        key.split_once('&').unwrap().1
    );
    let swapped = bob.people().accept(&swapped, "Alice").await.unwrap();
    assert_ne!(bob.people().get(&swapped.id).await.unwrap().check_code, on_hers);
}

#[tokio::test]
async fn c3_a_relay_that_is_off_loses_nothing_between_two_people() {
    let mut two = Two::new().await;
    two.world.relay.stop().await;
    let share = two.share().await;
    let events = two.world.alice.inbox().refresh().await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, InboxEvent::Unreachable { .. })),
        "{events:?}"
    );
    two.world.relay.start_again().await;
    two.settle().await;
    assert_eq!(two.hers().shares().await.unwrap()[0].state, ShareState::InForce);
    assert_eq!(two.hers().shares().await.unwrap()[0].id, share.id);
}

#[tokio::test]
async fn c3_ending_a_connection_withdraws_what_is_shared_in_it() {
    let two = Two::new().await;
    two.share().await;
    two.settle().await;
    let ended = two.hers().end(&two.bob_id).await.unwrap();
    assert_eq!(ended.state, PersonState::Ended);
    two.settle().await;
    assert!(phones(&two.bob).await.is_empty());
    assert_eq!(
        two.hers().shares().await.unwrap()[0].state,
        ShareState::WithdrawalAcknowledged
    );
}
