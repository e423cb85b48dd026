//! K4: a withdrawal as the person follows it: waiting, sent, met with silence, acknowledged.

use kist_pds::*;

use crate::world::*;

const DAY: i64 = 24 * 60 * 60;

async fn progress(world: &World, consent: &str) -> WithdrawalProgress {
    let consent = world.alice.consents().get(consent).await.unwrap();
    consent.summary.withdrawal.unwrap()
}

#[tokio::test]
async fn k4_a_withdrawal_is_sent_then_silent_then_acknowledged() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    assert_eq!(
        world.alice.consents().get(&agreement).await.unwrap().summary.withdrawal,
        None
    );
    let withdrawn = world.alice.consents().withdraw(&agreement).await.unwrap();
    let sent = WithdrawalProgress {
        state: WithdrawalState::Sent,
        sent_at: Some(NOW),
        silent_since: None,
        reminded_at: None,
    };
    assert_eq!(withdrawn.withdrawal, Some(sent));
    assert_eq!(world.alice.reminders().list(0).await.unwrap(), []);

    world.clock.forward(7 * DAY);
    let silent = progress(&world, &agreement).await;
    assert_eq!(
        (silent.state, silent.silent_since),
        (WithdrawalState::Silent, Some(NOW))
    );
    let due = world.alice.reminders().list(0).await.unwrap();
    let expected = Due::SilentWithdrawal {
        consent: agreement.clone(),
        organisation: "Riverside Clinic".into(),
        silent_since: NOW,
        reminded_at: None,
    };
    assert_eq!(due, [expected]);

    // The clinic wakes up.
    world.clinic.inbox().refresh().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let acknowledged = progress(&world, &agreement).await;
    assert_eq!(acknowledged.state, WithdrawalState::Acknowledged);
    assert_eq!((acknowledged.sent_at, acknowledged.silent_since), (Some(NOW), None));
    assert_eq!(world.alice.reminders().list(0).await.unwrap(), []);
}

#[tokio::test]
async fn k4_a_withdrawal_waits_for_the_network_and_counts_from_when_it_left() {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.relay.stop().await;
    let withdrawn = world.alice.consents().withdraw(&agreement).await.unwrap();
    assert_eq!(withdrawn.state, ConsentState::Withdrawn, "it holds all the same");
    assert_eq!(withdrawn.withdrawal.unwrap().state, WithdrawalState::Waiting);
    world.clock.forward(10 * DAY);
    assert_eq!(progress(&world, &agreement).await.state, WithdrawalState::Waiting);
    // What still waits here isn't doubled.
    let reminded = world.alice.consents().remind(&agreement).await.unwrap();
    assert_eq!(reminded.withdrawal.unwrap().reminded_at, None);
    world.relay.start_again().await;
    world.alice.inbox().refresh().await.unwrap();
    let sent = progress(&world, &agreement).await;
    assert_eq!(
        (sent.state, sent.sent_at),
        (WithdrawalState::Sent, Some(NOW + 10 * DAY))
    );
    let events = world.clinic.inbox().refresh().await.unwrap();
    let heard = events
        .iter()
        .filter(|event| matches!(event, OrgEvent::Withdrawn { .. }));
    assert_eq!(heard.count(), 1);
}

#[tokio::test]
async fn k4_a_silent_organisation_is_reminded_once_a_day_and_acknowledges_as_the_first_time() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let other = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    assert_eq!(code(world.alice.consents().remind(&agreement).await), "NotFound");
    world.alice.consents().withdraw(&agreement).await.unwrap();
    let early = world.alice.consents().remind(&agreement).await.unwrap_err();
    assert_eq!(early.code(), "TooSoon");
    assert_eq!(early.parameter("at"), Some(&Parameter::Number(NOW + DAY)));

    world.clock.forward(8 * DAY);
    let reminded = world.alice.consents().remind(&agreement).await.unwrap();
    let progress = reminded.withdrawal.unwrap();
    assert_eq!(progress.state, WithdrawalState::Silent);
    assert_eq!(
        (progress.sent_at, progress.reminded_at),
        (Some(NOW), Some(NOW + 8 * DAY))
    );
    assert_eq!(code(world.alice.consents().remind(&agreement).await), "TooSoon");

    // Between the two, another withdrawal replaced the token: the reminder doesn't bring the old one back.
    world.clock.forward(DAY);
    world.alice.consents().withdraw(&other).await.unwrap();
    world.alice.consents().remind(&agreement).await.unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    let heard = events
        .iter()
        .filter(|event| matches!(event, OrgEvent::Withdrawn { .. }));
    assert_eq!(heard.count(), 2, "one event for each withdrawal: {events:?}");
    let events = world.alice.inbox().refresh().await.unwrap();
    let acknowledged = events
        .iter()
        .filter(|event| matches!(event, InboxEvent::Acknowledged { .. }));
    assert_eq!(acknowledged.count(), 2, "{events:?}");
    let ended = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(ended.summary.acknowledged_at, Some(NOW + 9 * DAY));

    // It has answered: there is nothing to ask for.
    world.clock.forward(30 * DAY);
    let again = world.alice.consents().remind(&agreement).await.unwrap();
    assert_eq!(again.withdrawal.unwrap().reminded_at, Some(NOW + 9 * DAY));
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
}
