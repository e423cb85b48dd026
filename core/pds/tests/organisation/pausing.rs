//! Consents that stand still: by the person's word, or by the framework's.

use kist_pds::*;

use crate::world::*;

async fn vaccinations(world: &World) -> usize {
    let all = world
        .alice
        .records()
        .list(Filter::of_schema(VACCINATION))
        .await
        .unwrap();
    all.len()
}

async fn refreshed(world: &World) -> Vec<InboxEvent> {
    world.alice.inbox().refresh().await.unwrap()
}

async fn state(world: &World, consent: &str) -> ConsentState {
    world.alice.consents().get(consent).await.unwrap().summary.state
}

fn held(events: &[InboxEvent]) -> bool {
    let waits = |event: &InboxEvent| {
        matches!(
            event,
            InboxEvent::Waiting {
                outside_agreement: false,
                ..
            }
        )
    };
    matches!(events, [one] if waits(one))
}

#[tokio::test]
async fn k1_a_delivery_under_a_paused_consent_waits_and_is_taken_in_when_it_goes_on() {
    let world = World::new().await;
    let (paused, other) = (world.agree().await, world.agree().await);
    refreshed(&world).await;
    let consent = world.alice.consents().pause(&paused).await.unwrap();
    assert_eq!(consent.state, ConsentState::Paused);
    assert_eq!(consent.paused, Some(Pause::Person { since: NOW }));
    assert_eq!(state(&world, &other).await, ConsentState::InForce);

    world.deliver(&paused).await;
    assert!(held(&refreshed(&world).await));
    assert_eq!(vaccinations(&world).await, 0);
    assert_eq!(refreshed(&world).await, [], "it is told once");
    world.deliver(&other).await;
    assert!(matches!(
        refreshed(&world).await.as_slice(),
        [InboxEvent::Delivered { .. }]
    ));

    world.alice.consents().resume(&paused).await.unwrap();
    assert!(
        matches!(refreshed(&world).await.as_slice(), [InboxEvent::Delivered { consent, .. }] if *consent == paused)
    );
    assert_eq!(vaccinations(&world).await, 2);
    assert_eq!(world.alice.inbox().list().await.unwrap(), []);
}

#[tokio::test]
async fn k10_everything_is_paused_in_one_act_and_nothing_is_given_meanwhile() {
    let world = World::new().await;
    let agreement = world.agree().await;
    refreshed(&world).await;
    world.alice.consents().pause_everything().await.unwrap();
    assert_eq!(state(&world, &agreement).await, ConsentState::Paused);
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let asked = world.alice.requests().open(&hosted.uri).await.unwrap();
    let answered = world
        .alice
        .requests()
        .answer(&asked.id, Decision::required(&asked))
        .await;
    assert_eq!(code(answered), "ConsentPaused");
    assert_eq!(world.clinic.requests().collect(&hosted.id, 0).await.unwrap(), None);
    world.deliver(&agreement).await;
    assert!(held(&refreshed(&world).await));

    // What was paused by itself stays paused when everything goes on.
    world.alice.consents().pause(&agreement).await.unwrap();
    world.alice.consents().resume_everything().await.unwrap();
    assert_eq!(world.alice.consents().everything_paused().await.unwrap(), None);
    assert_eq!(refreshed(&world).await, []);
    world.alice.consents().resume(&agreement).await.unwrap();
    assert_eq!(refreshed(&world).await.len(), 1);
    world.answer(&hosted).await;
    let kinds: Vec<String> = world
        .alice
        .history()
        .entries()
        .await
        .unwrap()
        .iter()
        .map(kind)
        .collect();
    let turned: Vec<&String> = kinds
        .iter()
        .filter(|kind| *kind == "Paused" || *kind == "Resumed")
        .collect();
    assert_eq!(turned, ["Paused", "Paused", "Resumed", "Resumed"]);
}

fn kind(item: &HistoryItem) -> String {
    serde_json::to_value(&item.event).unwrap()["type"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn k1_what_comes_while_a_consent_is_paused_for_long_stays_with_the_relay() {
    let world = World::new().await;
    let agreement = world.agree().await;
    refreshed(&world).await;
    world.alice.consents().pause(&agreement).await.unwrap();
    for _ in 0..102 {
        world.deliver(&agreement).await;
    }
    let events = refreshed(&world).await;
    let waiting = events
        .iter()
        .filter(|event| matches!(event, InboxEvent::Waiting { .. }));
    assert_eq!(waiting.count(), 100);
    assert!(
        matches!(events.last(), Some(InboxEvent::Unreachable { code, .. }) if code == "ConsentPaused"),
        "{events:?}"
    );
    world.alice.consents().resume(&agreement).await.unwrap();
    refreshed(&world).await;
    refreshed(&world).await;
    assert_eq!(vaccinations(&world).await, 102);
}

#[tokio::test]
async fn k1_what_is_over_is_not_paused() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.consents().pause(&agreement).await.unwrap();
    let withdrawn = world.alice.consents().withdraw(&agreement).await.unwrap();
    assert_eq!((withdrawn.state, withdrawn.paused), (ConsentState::Withdrawn, None));
    assert_eq!(code(world.alice.consents().pause(&agreement).await), "ConsentWithdrawn");
    assert_eq!(code(world.alice.consents().pause("nothing").await), "NotFound");
}

#[tokio::test]
async fn a22_agreements_with_a_suspended_organisation_stand_still_until_it_is_reinstated() {
    let world = World::new().await;
    let agreement = world.agree().await;
    refreshed(&world).await;
    let member = world.framework.members().await.unwrap()[0].organisation_id.clone();
    world.framework.suspend(&member).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
    let consent = world.alice.consents().get(&agreement).await.unwrap().summary;
    assert_eq!(consent.state, ConsentState::Paused);
    assert!(
        matches!(
            consent.paused,
            Some(Pause::Framework {
                state: MemberState::Suspended,
                ..
            })
        ),
        "{consent:?}"
    );
    // No word of hers lifts it.
    world.alice.consents().resume(&agreement).await.unwrap();
    assert_eq!(state(&world, &agreement).await, ConsentState::Paused);
    world.deliver(&agreement).await;
    assert!(held(&refreshed(&world).await));

    world.framework.reinstate(&member).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
    assert_eq!(state(&world, &agreement).await, ConsentState::InForce);
    assert!(matches!(
        refreshed(&world).await.as_slice(),
        [InboxEvent::Delivered { .. }]
    ));
    let standing = world.alice.history().entries().await.unwrap();
    let standing: Vec<_> = standing
        .iter()
        .filter(|item| kind(item) == "OrganisationStanding")
        .collect();
    assert_eq!(standing.len(), 2);
}
