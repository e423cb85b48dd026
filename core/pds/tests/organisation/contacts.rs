//! The person begins: a directory, a link, a letter; what the organisation learns by it; and the end of a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kist_pds::*;

use crate::site::Site;
use crate::world::*;

/// What the clinic invites to.
fn invitation(days: u32) -> InvitationSpec {
    InvitationSpec {
        requests: vec![request()],
        days,
        clusters: Vec::new(),
    }
}

fn contact(introduction: Introduction) -> Contact {
    match introduction {
        Introduction::Contacts { contacts } => contacts.into_iter().next().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn knocks(events: &[OrgEvent]) -> usize {
    let knocked = |event: &&OrgEvent| matches!(event, OrgEvent::Knocked { .. });
    events.iter().filter(knocked).count()
}

impl World {
    /// The clinic publishes, and Alice has it from a directory.
    async fn published(&self) -> Contact {
        let published = self.clinic.invitations().publish(invitation(30)).await.unwrap();
        let directory = Directory::of(vec!["no invitation".into(), published.invitation]);
        let text = serde_json::to_string(&directory).unwrap();
        contact(self.alice.connections().introduce(&text).await.unwrap())
    }

    /// Alice's refresh, which brings one request. Gives its name.
    async fn request_came(&self) -> String {
        let events = self.alice.inbox().refresh().await.unwrap();
        match events.as_slice() {
            [InboxEvent::RequestCame { organisation, request }] => {
                assert_eq!(organisation, "Riverside Clinic");
                request.clone()
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn h2_a_person_finds_an_organisation_and_gets_its_request_in_a_connection_of_their_own() {
    let world = World::new().await;
    let found = world.published().await;
    assert_eq!((found.organisation.as_str(), found.uses.len()), ("Riverside Clinic", 1));
    let listed = world.alice.connections().contacts().await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&found));

    let opened = world.alice.connections().open(&found.id, "care").await.unwrap();
    assert_eq!(opened.state, ConnectionState::Waiting);
    assert_eq!(opened.opened_by, ConnectionOrigin::Person);
    assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), 1);

    let id = world.request_came().await;
    let request = world.alice.requests().get(&id).await.unwrap();
    let decision = Decision::required(&request);
    let consent = world.alice.requests().answer(&id, decision).await.unwrap().unwrap();
    let hosted = world.clinic.requests().list().await.unwrap();
    let answer = world
        .clinic
        .requests()
        .collect(&hosted[0].id, 0)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.agreement.as_ref(), Some(&consent.id));

    // One relationship, one connection, and mail goes both ways in it.
    world.deliver(&consent.id).await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 2);
    let listed = world.alice.connections().list().await.unwrap();
    assert_eq!((listed.len(), listed[0].id.as_str()), (1, opened.id.as_str()));
    assert_eq!(listed[0].state, ConnectionState::Open);
    assert_eq!(listed[0].agreements[0].id, consent.id);
    let withdrawn = world.alice.consents().withdraw(&consent.id).await.unwrap();
    assert_eq!(withdrawn.state, ConsentState::Withdrawn);
    world.clinic.inbox().refresh().await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Acknowledged { .. }]),
        "{events:?}"
    );
}

#[tokio::test]
async fn h2_a_hello_counts_once_and_survives_a_relay_that_is_off() {
    let mut world = World::new().await;
    let found = world.published().await;
    // Someone else's relay: Alice's own takes her mailbox while the clinic's is off.
    let hers = RunningRelay::start(world.folder.path().join("hers"), world.clock.clone()).await;
    world.alice.set_relay(&hers.url).await.unwrap();
    world.relay.stop().await;
    let opened = world.alice.connections().open(&found.id, "care").await.unwrap();
    assert_eq!(opened.state, ConnectionState::Waiting);
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Unreachable { .. }]),
        "{events:?}"
    );
    world.relay.start_again().await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
    for expected in [1, 0, 0] {
        assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), expected);
    }
    world.request_came().await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
    assert_eq!(world.clinic.requests().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn h2_taking_a_hello_in_may_be_stopped_at_any_moment() {
    let world = World::new().await;
    let found = world.published().await;
    for polls in 1.. {
        world.alice.connections().open(&found.id, "care").await.unwrap();
        let stopped = cut_after(polls * 3, world.clinic.inbox().refresh()).await;
        world.clinic.inbox().refresh().await.unwrap();
        let events = world.alice.inbox().refresh().await.unwrap();
        let came = |event: &InboxEvent| matches!(event, InboxEvent::RequestCame { .. });
        assert_eq!(events.iter().filter(|event| came(event)).count(), 1, "{events:?}");
        if stopped.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a21_a_hello_names_nobody_and_two_organisations_find_nothing_in_common() {
    let world = World::new().await;
    let dir = world.folder.path().join("council");
    let council = admitted(&world.framework, &dir, &world.clock, "Orkney Council of Islands").await;
    council.set_relay(&world.relay.url).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world
        .alice
        .trust()
        .update_list("Health Framework", &bundle.list)
        .await
        .unwrap();
    let mut knocked = Vec::new();
    for organisation in [&world.clinic, &council] {
        let published = organisation.invitations().publish(invitation(30)).await.unwrap();
        let found = contact(
            world
                .alice
                .connections()
                .introduce(&published.invitation)
                .await
                .unwrap(),
        );
        world.alice.connections().open(&found.id, "care").await.unwrap();
        knocked.push(organisation.inbox().refresh().await.unwrap());
    }
    let relationship = |events: &[OrgEvent]| match events {
        [OrgEvent::Knocked { relationship, .. }] => relationship.clone(),
        other => panic!("{other:?}"),
    };
    assert_ne!(relationship(&knocked[0]), relationship(&knocked[1]));
    let told = format!("{knocked:?}");
    assert!(!told.contains("Alice") && !told.contains("Archer"), "{told}");
    assert_eq!(world.alice.connections().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn h2_a_letter_serves_once_and_its_code_is_checked_group_by_group() {
    let world = World::new().await;
    let letter = world.clinic.invitations().letter(invitation(14)).await.unwrap();
    let connections = world.alice.connections();
    let mut wrong = letter.code.clone().into_bytes();
    wrong[0] = if wrong[0] == b'7' { b'8' } else { b'7' };
    let wrong = String::from_utf8(wrong).unwrap();
    let error = connections.redeem(&wrong, &letter.relay).await.unwrap_err();
    assert_eq!(
        (error.code(), error.parameter("group")),
        ("LetterCodeMistyped", Some(&1_u8.into()))
    );

    let found = contact(
        connections
            .redeem(&letter.code.to_lowercase(), &letter.relay)
            .await
            .unwrap(),
    );
    assert!(found.by_letter);
    connections.open(&found.id, "care").await.unwrap();
    assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), 1);
    world.request_came().await;
    // Whoever finds the letter after that finds nothing.
    assert!(matches!(
        code(connections.redeem(&letter.code, &letter.relay).await),
        "NotFound" | "RequestExpired"
    ));
    let listed = world.clinic.invitations().list().await.unwrap();
    assert_eq!(listed[0].audience, InvitationAudience::LetterUsed);
}

#[tokio::test]
async fn h2_two_who_have_the_letter_are_not_both_let_in() {
    let world = World::new().await;
    let letter = world.clinic.invitations().letter(invitation(14)).await.unwrap();
    let mallory = Person::create(&world.folder.path().join("mallory"), platform(&world.clock), PASSPHRASE)
        .await
        .unwrap();
    mallory.set_relay(&world.relay.url).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    mallory.trust().add_anchor(bundle).await.unwrap();
    for person in [&world.alice, &mallory] {
        let found = contact(person.connections().introduce(&letter.link).await.unwrap());
        person.connections().open(&found.id, "care").await.unwrap();
    }
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(knocks(&events), 1);
    let dropped = |event: &OrgEvent| matches!(event, OrgEvent::Dropped { code, .. } if code == "ReplayRejected");
    assert!(events.iter().any(dropped), "{events:?}");
    world.request_came().await;
    assert_eq!(mallory.inbox().refresh().await.unwrap(), []);
}

#[tokio::test]
async fn h2_a_letter_is_over_after_its_days_or_when_it_is_taken_back() {
    let world = World::new().await;
    let connections = world.alice.connections();
    let letter = world.clinic.invitations().letter(invitation(2)).await.unwrap();
    world.clinic.invitations().close(&letter.id).await.unwrap();
    assert!(connections.redeem(&letter.code, &letter.relay).await.is_err());
    let letter = world.clinic.invitations().letter(invitation(2)).await.unwrap();
    world.clock.forward(3 * 86_400);
    assert!(matches!(
        code(connections.redeem(&letter.code, &letter.relay).await),
        "NotFound" | "RequestExpired"
    ));
    assert_eq!(
        code(world.clinic.invitations().letter(invitation(61)).await),
        "Malformed"
    );
}

#[tokio::test]
async fn a29_a_link_that_connects_is_no_request_and_a_request_connects_nobody() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    assert_eq!(
        code(world.alice.connections().introduce(&hosted.uri).await),
        "WrongPurpose"
    );
    let letter = world.clinic.invitations().letter(invitation(2)).await.unwrap();
    assert_eq!(code(world.alice.requests().open(&letter.link).await), "WrongPurpose");
    assert_eq!(
        code(world.alice.connections().introduce("https://example.org/").await),
        "NotARequest"
    );
    assert_eq!(world.alice.history().entries().await.unwrap(), []);
}

#[tokio::test]
async fn a22_who_was_expelled_can_no_longer_be_contacted() {
    let world = World::new().await;
    let found = world.published().await;
    world.framework.expel("NTRGB-16").await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world
        .alice
        .trust()
        .update_list("Health Framework", &bundle.list)
        .await
        .unwrap();
    assert_eq!(world.alice.connections().contacts().await.unwrap(), []);
    assert_eq!(
        code(world.alice.connections().open(&found.id, "care").await),
        "OrganisationNotTrusted"
    );
}

#[tokio::test]
async fn a18_an_invitation_under_another_ones_link_is_a_mix_up() {
    let world = World::new().await;
    let published = world.clinic.invitations().publish(invitation(30)).await.unwrap();
    let site = Site::with(published.invitation).await;
    let link = world.clinic.invitations().link(&published.id, &site.url).await.unwrap();
    contact(world.alice.connections().introduce(&link).await.unwrap());
    let mut other = link.clone();
    let at = other.find("x509_hash%3A").unwrap() + 13;
    let swapped = if other.as_bytes()[at] == b'A' { "B" } else { "A" };
    other.replace_range(at..=at, swapped);
    assert_eq!(code(world.alice.connections().introduce(&other).await), "MixUpRefused");
}

#[tokio::test]
async fn a31_whatever_lies_in_a_door_is_dropped_and_keeps_nobody_out() {
    let world = World::new().await;
    let found = world.published().await;
    let invitation = world.clinic.invitations().list().await.unwrap();
    let payload = invitation[0].invitation.split('.').nth(1).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&base64url_bytes(payload)).unwrap();
    let (mailbox, token) = (
        payload["mailbox"].as_str().unwrap(),
        payload["send_token"].as_str().unwrap(),
    );
    for number in 0..100_u8 {
        let sent = reqwest::Client::new()
            .post(format!("{}/v1/mailboxes/{mailbox}/messages", world.relay.url))
            .bearer_auth(token)
            .header("idempotency-key", format!("{}{number:02}AA", "A".repeat(39)))
            .body(vec![number; 2048])
            .send();
        sent.await.unwrap();
    }
    world.alice.connections().open(&found.id, "care").await.unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(knocks(&events), 1, "{events:?}");
    // One word for all of it.
    assert!(events.len() <= 3, "{events:?}");
}

#[tokio::test]
async fn a31_a_use_that_is_no_longer_registered_keeps_nobody_out() {
    let world = World::new().await;
    let records = RequestSpec {
        use_id: "records".into(),
        ..request()
    };
    let both = InvitationSpec {
        requests: vec![request(), records],
        ..invitation(30)
    };
    let published = world.clinic.invitations().publish(both).await.unwrap();
    let connections = world.alice.connections();
    let found = contact(connections.introduce(&published.invitation).await.unwrap());
    let mut narrower = application();
    narrower.intended_uses.retain(|intended| intended.id == "care");
    let application = world.clinic.apply(narrower).await.unwrap();
    let admission = world.framework.admit(&application).await.unwrap();
    world.clinic.install(admission).await.unwrap();

    // The invitation was signed before, so that a phone knocks for it in good faith.
    connections.open(&found.id, "records").await.unwrap();
    connections.open(&found.id, "care").await.unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(knocks(&events), 1, "{events:?}");
    let dropped = |event: &OrgEvent| matches!(event, OrgEvent::Dropped { code, .. } if code == "NotFound");
    assert!(events.iter().any(dropped), "{events:?}");
}

#[tokio::test]
async fn h2_who_knocks_while_the_admission_has_run_out_waits_for_its_renewal() {
    let world = World::new().await;
    world.clock.forward(364 * 86_400);
    let bundle = world.framework.publish(30).await.unwrap();
    let trust = world.alice.trust();
    trust.update_list("Health Framework", &bundle.list).await.unwrap();
    let found = world.published().await;
    world.alice.connections().open(&found.id, "care").await.unwrap();
    world.clock.forward(2 * 86_400);
    let events = world.clinic.inbox().refresh().await.unwrap();
    let waits = |event: &OrgEvent| matches!(event, OrgEvent::Unread { code, .. } if code == "OrganisationNotTrusted");
    assert!(events.iter().all(waits) && events.len() == 1, "{events:?}");

    let renewed = world.framework.renew("NTRGB-16").await.unwrap();
    world.clinic.install(renewed).await.unwrap();
    assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), 1);
}

/// Somebody who knocks at the clinic, and whose relay from then on takes a minute for each request and answers nothing. Gives
/// how often it was asked.
async fn knock_and_stall(world: &World, invitation: &str, name: &str) -> Arc<AtomicUsize> {
    let mut relay = RunningRelay::start(
        world.folder.path().join(format!("relay of {name}")),
        world.clock.clone(),
    )
    .await;
    let mallory = Person::create(&world.folder.path().join(name), platform(&world.clock), PASSPHRASE)
        .await
        .unwrap();
    mallory.set_relay(&relay.url).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    mallory.trust().add_anchor(bundle).await.unwrap();
    let found = contact(mallory.connections().introduce(invitation).await.unwrap());
    mallory.connections().open(&found.id, "care").await.unwrap();
    relay.stop().await;
    let (asked, clock) = (Arc::new(AtomicUsize::new(0)), world.clock.clone());
    let count = Arc::clone(&asked);
    answer_at(&relay.url, move || {
        count.fetch_add(1, Ordering::SeqCst);
        clock.forward(60);
        String::new()
    })
    .await;
    asked
}

#[tokio::test]
async fn a41_relays_that_never_answer_hold_up_nobody_else_and_are_asked_less_and_less() {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    let day = RequestSpec {
        request_seconds: 86_400,
        ..request()
    };
    let invited = InvitationSpec {
        requests: vec![day],
        ..invitation(30)
    };
    let published = world.clinic.invitations().publish(invited).await.unwrap();
    let stalling = [
        knock_and_stall(&world, &published.invitation, "mallory").await,
        knock_and_stall(&world, &published.invitation, "trudy").await,
    ];
    let asked = || stalling.iter().map(|asked| asked.load(Ordering::SeqCst)).sum::<usize>();

    // One of them is enough for one sending, and whoever is known to answer has their turn whatever the order.
    assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), 2);
    assert_eq!(asked(), 1);
    for expected in [2, 2] {
        assert_eq!(world.deliver(&agreement).await.state, MessageState::Taken);
        assert_eq!(asked(), expected);
    }
    world.restart_clinic().await;
    assert_eq!(world.deliver(&agreement).await.state, MessageState::Taken);
    assert_eq!(asked(), 2);

    // Each has another turn after ten minutes, the next after twenty.
    for (minutes, expected) in [(10, 4), (10, 4), (10, 6)] {
        world.clock.forward(minutes * 60);
        for _ in 0..2 {
            assert_eq!(world.deliver(&agreement).await.state, MessageState::Taken);
        }
        assert_eq!(asked(), expected);
    }

    // With the requests their messages are over.
    world.clock.forward(86_400);
    for _ in 0..2 {
        assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    }
    assert_eq!(asked(), 6);
}

#[tokio::test]
async fn h2_whose_relay_was_off_until_the_request_was_over_knocks_again_and_is_answered() {
    let world = World::new().await;
    let mut hers = RunningRelay::start(world.folder.path().join("hers"), world.clock.clone()).await;
    world.alice.set_relay(&hers.url).await.unwrap();
    let found = world.published().await;
    let connections = world.alice.connections();
    connections.open(&found.id, "care").await.unwrap();
    hers.stop().await;
    assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), 1);
    world.clock.forward(601);
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    hers.start_again().await;
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);

    connections.open(&found.id, "care").await.unwrap();
    assert_eq!(knocks(&world.clinic.inbox().refresh().await.unwrap()), 1);
    let id = world.request_came().await;
    let asked = world.alice.requests().get(&id).await.unwrap();
    let consent = world.alice.requests().answer(&id, Decision::required(&asked)).await;
    let consent = consent.unwrap().unwrap().id;
    let hosted = world.clinic.requests().list().await.unwrap();
    world
        .clinic
        .requests()
        .collect(&hosted[0].id, 0)
        .await
        .unwrap()
        .unwrap();
    // What she says reaches the clinic, and what it says reaches her.
    world.alice.consents().withdraw(&consent).await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let hers = world.alice.consents().get(&consent).await.unwrap();
    assert_eq!(hers.summary.state, ConsentState::WithdrawalAcknowledged);
}

fn base64url_bytes(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[tokio::test]
async fn h2_a_paused_connection_is_left_alone_and_goes_on_where_it_was() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let connections = world.alice.connections();
    let id = connections.list().await.unwrap()[0].id.clone();
    assert_eq!(connections.pause(&id).await.unwrap().state, ConnectionState::Paused);
    world.deliver(&agreement).await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
    assert_eq!(connections.resume(&id).await.unwrap().state, ConnectionState::Open);
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Delivered { .. }]),
        "{events:?}"
    );
}

#[tokio::test]
async fn h2_ending_a_connection_withdraws_what_stands_and_closes_the_mailbox() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let connections = world.alice.connections();
    let id = connections.list().await.unwrap()[0].id.clone();
    let ended = connections.end(&id).await.unwrap();
    assert_eq!(ended.state, ConnectionState::Ended);
    assert_eq!(ended.agreements[0].state, ConsentState::Withdrawn);
    world.clinic.inbox().refresh().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let consent = world.alice.consents().get(&agreement).await.unwrap();
    assert_eq!(consent.summary.state, ConsentState::WithdrawalAcknowledged);
    // Nobody is at home there any more: words of the clinic aren't taken.
    world.clinic.deliveries().note(&agreement, "hello?").await.unwrap();
    let states = world.clinic.agreements().get(&agreement).await.unwrap().messages;
    assert_eq!(states.last().unwrap().state, MessageState::NotTaken);
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);

    // The next time it is another key and another address.
    world.agree().await;
    let listed = connections.list().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(code(connections.pause(&id).await), "NotFound");
}
