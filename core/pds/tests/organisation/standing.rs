//! Standing access: changes are told when they happen, questions are answered when the phone is next on.

use kist_pds::*;
use serde_json::json;

use crate::world::*;

/// Alice agrees, and both sides have heard of each other.
async fn standing(world: &World) -> String {
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    agreement
}

async fn record(person: &Person, schema: &str) -> RecordId {
    let all = person.records().list(Filter::of_schema(schema)).await.unwrap();
    all.first().unwrap().id
}

async fn received(organisation: &Organisation, agreement: &str, claim: &str) -> Option<ReceivedField> {
    let agreement = organisation.agreements().get(agreement).await.unwrap();
    let is_it = |field: &ReceivedField| field.field.path.to_string() == format!("[\"{claim}\"]");
    agreement.received.into_iter().find(is_it)
}

async fn rename(person: &Person, given: &str) {
    let body = json!({"given_name": given, "family_name": "Archer"});
    let name = record(person, NAME).await;
    person.records().correct(name, body).await.unwrap();
}

fn birth() -> FieldRef {
    serde_json::from_value(json!({"credential": "birth", "path": ["birthdate"]})).unwrap()
}

#[tokio::test]
async fn c4_a_change_is_sealed_when_it_happens_and_sent_when_the_relay_is_there() {
    let mut world = World::new().await;
    let agreement = standing(&world).await;
    world.relay.stop().await;
    rename(&world.alice, "Alys").await;
    // It is in the history of the same moment; nothing else is told.
    let history = world.alice.history().entries().await.unwrap();
    let last = json!(history.last().unwrap().event);
    assert_eq!(last["type"], "UpdateSent");
    assert_eq!(
        last["fields"],
        json!([{"credential_type": NAME, "path": ["given_name"]}])
    );
    world.relay.start_again().await;
    world.alice.inbox().refresh().await.unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    let [
        OrgEvent::Updated {
            fields, gone, as_of, ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((fields.len(), gone.len(), *as_of), (1, 0, NOW - 43_200));
    let name = received(&world.clinic, &agreement, "given_name").await.unwrap();
    assert_eq!((name.value, name.as_of), (json!("Alys"), Some(NOW - 43_200)));
    assert_eq!(name.issuer, FieldIssuer::SelfAsserted);
    // What was not chosen, and what has the same value, is told to nobody.
    let phone = record(&world.alice, PHONE).await;
    let body = json!({"phone_number": "+44 7700 900999"});
    world.alice.records().correct(phone, body).await.unwrap();
    rename(&world.alice, "Alys").await;
    world.alice.inbox().refresh().await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
}

#[tokio::test]
async fn c4_what_is_deleted_is_told_as_gone_and_what_takes_its_place_is_told_too() {
    let world = World::new().await;
    let agreement = standing(&world).await;
    let records = world.alice.records();
    let name = record(&world.alice, NAME).await;
    records.delete(name).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [OrgEvent::Updated { fields, gone, .. }] if fields.is_empty() && gone.len() == 1),
        "{events:?}"
    );
    assert_eq!(received(&world.clinic, &agreement, "given_name").await, None);
    let seen = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(seen.gone.len(), 1);

    world.clock.forward(60);
    let body = json!({"given_name": "Alys", "family_name": "Archer"});
    records.add_self_asserted(NAME, body).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let seen = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(seen.gone, []);
    let name = received(&world.clinic, &agreement, "given_name").await.unwrap();
    assert_eq!(name.value, json!("Alys"));

    // A second name beside it is nothing that she gave.
    let body = json!({"given_name": "Queen of Hearts", "family_name": "Archer"});
    records.add_self_asserted(NAME, body).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
}

#[tokio::test]
async fn c4_a_change_made_before_the_organisation_was_heard_is_told_when_it_is() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    world.answer(&hosted).await;
    rename(&world.alice, "Alys").await;
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let agreement = answer.agreement.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let name = received(&world.clinic, &agreement, "given_name").await.unwrap();
    assert_eq!(name.value, json!("Alys"));
}

#[tokio::test]
async fn c4_a_question_waits_while_the_phone_is_off_is_seen_by_both_and_answered_once() {
    let mut world = World::new().await;
    let agreement = standing(&world).await;
    let asked = world.clinic.reads().ask(&agreement, vec![birth()]).await.unwrap();
    assert_eq!(asked.state, OrgReadState::Pending);
    world.clock.forward(3 * 86_400);
    world.restart_clinic().await;
    let pending = world.clinic.reads().list(Some(&agreement)).await.unwrap();
    assert_eq!((pending[0].asked_at, &pending[0].state), (NOW, &OrgReadState::Pending));

    // The phone is on again, and is stopped at any moment of its refresh.
    for polls in 1.. {
        let done = cut_after(polls, world.alice.inbox().refresh()).await;
        if done.is_some() {
            break;
        }
    }
    world.alice.inbox().refresh().await.unwrap();
    let now = NOW + 3 * 86_400;
    let hers = world.alice.consents().reads(Some(&agreement)).await.unwrap();
    assert_eq!(hers.len(), 1);
    assert_eq!(
        (hers[0].asked_at, &hers[0].state),
        (NOW, &ReadState::Answered { at: now })
    );
    assert_eq!(hers[0].organisation, "Riverside Clinic");
    let history = world.alice.history().entries().await.unwrap();
    let reads = history
        .iter()
        .filter(|item| json!(item.event)["type"] == "ReadAnswered");
    assert_eq!(reads.count(), 1);

    let events = world.clinic.inbox().refresh().await.unwrap();
    let as_of = now - 43_200;
    let answered = OrgEvent::ReadAnswered {
        agreement: agreement.clone(),
        read: asked.id.clone(),
        as_of,
    };
    assert_eq!(events, [answered]);
    let answered = world.clinic.reads().list(None).await.unwrap();
    assert_eq!(answered[0].state, OrgReadState::Answered { at: now, as_of });
    // Only what was asked was shown.
    let birth = received(&world.clinic, &agreement, "birthdate").await.unwrap();
    assert_eq!((birth.value, birth.as_of), (json!("1990-04-01"), Some(as_of)));
    let name = received(&world.clinic, &agreement, "given_name").await.unwrap();
    assert_eq!(name.as_of, None);
}

#[tokio::test]
async fn a20_a_question_is_refused_after_withdrawal_and_expiry_and_beyond_what_was_chosen() {
    let world = World::new().await;
    let agreement = standing(&world).await;
    // What Alice didn't choose isn't asked for: her phone would refuse it too.
    let phone: FieldRef = serde_json::from_value(json!({"credential": "phone", "path": ["phone_number"]})).unwrap();
    let refused = world.clinic.reads().ask(&agreement, vec![phone]).await;
    assert_eq!(code(refused), "FieldNotOffered");

    world.clinic.reads().ask(&agreement, Vec::new()).await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    rename(&world.alice, "Alys").await;
    let events = world.alice.inbox().refresh().await.unwrap();
    let refused = events.iter().find_map(|event| match event {
        InboxEvent::ReadRefused { code, .. } => Some(code.as_str()),
        _ => None,
    });
    assert_eq!(refused, Some("ConsentWithdrawn"));
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, OrgEvent::ReadRefused { code, .. } if code == "ConsentWithdrawn")),
        "{events:?}"
    );
    assert!(!events.iter().any(|event| matches!(event, OrgEvent::Updated { .. })));
    assert_eq!(
        code(world.clinic.reads().ask(&agreement, Vec::new()).await),
        "ConsentWithdrawn"
    );

    let short = RequestSpec {
        validity: Validity::Until { at: NOW + 3600 },
        ..request()
    };
    let hosted = world.clinic.requests().create(short).await.unwrap();
    world.answer(&hosted).await;
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let agreement = answer.agreement.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    world.clinic.reads().ask(&agreement, Vec::new()).await.unwrap();
    world.clock.forward(3600);
    rename(&world.alice, "Alissa").await;
    world.alice.inbox().refresh().await.unwrap();
    let reads = world.alice.consents().reads(Some(&agreement)).await.unwrap();
    let expired = ReadState::Refused {
        at: NOW + 3600,
        code: "ConsentExpired".into(),
    };
    assert_eq!(reads[0].state, expired);
    let events = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, OrgEvent::Updated { .. } | OrgEvent::ReadAnswered { .. })),
        "{events:?}"
    );
}

#[tokio::test]
async fn a21_two_organisations_that_are_told_of_one_change_have_nothing_in_common() {
    let world = World::new().await;
    let dir = world.folder.path().join("council");
    let council = admitted(&world.framework, &dir, &world.clock, "Orkney Council").await;
    council.set_relay(&world.relay.url).await.unwrap();
    let anchor = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(anchor).await.unwrap();
    let clinics = standing(&world).await;
    let hosted = council.requests().create(request()).await.unwrap();
    world.answer(&hosted).await;
    let councils = council.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let councils = councils.agreement.unwrap();
    world.alice.inbox().refresh().await.unwrap();

    world.clock.forward(12_345);
    rename(&world.alice, "Alys").await;
    let history = world.alice.history().entries().await.unwrap();
    let told = history.iter().filter(|item| json!(item.event)["type"] == "UpdateSent");
    assert_eq!(told.count(), 2);
    world.alice.inbox().refresh().await.unwrap();
    for (organisation, agreement) in [(&world.clinic, &clinics), (&council, &councils)] {
        organisation.inbox().refresh().await.unwrap();
        let name = received(organisation, agreement, "given_name").await.unwrap();
        // The day is the same for everybody on it.
        assert_eq!((name.value, name.as_of), (json!("Alys"), Some(NOW - 43_200)));
    }
}

#[tokio::test]
async fn c4_while_it_is_paused_nothing_is_told_and_afterwards_what_is_so_then() {
    let world = World::new().await;
    let agreement = standing(&world).await;
    world.clinic.reads().ask(&agreement, Vec::new()).await.unwrap();
    world.alice.consents().pause(&agreement).await.unwrap();
    rename(&world.alice, "Alys").await;
    rename(&world.alice, "Alissa").await;
    world.alice.inbox().refresh().await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    let reads = world.alice.consents().reads(Some(&agreement)).await.unwrap();
    assert_eq!(reads[0].state, ReadState::Pending);

    world.alice.consents().resume(&agreement).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let name = received(&world.clinic, &agreement, "given_name").await.unwrap();
    assert_eq!(name.value, json!("Alissa"));
    let reads = world.clinic.reads().list(Some(&agreement)).await.unwrap();
    assert!(matches!(reads[0].state, OrgReadState::Answered { .. }));
    // The answer told of the change already.
    let history = world.alice.history().entries().await.unwrap();
    let told = history.iter().filter(|item| json!(item.event)["type"] == "UpdateSent");
    assert_eq!(told.count(), 0);
}

#[tokio::test]
async fn c4_a_change_that_no_relay_takes_is_said_once_and_told_again() {
    let world = World::new().await;
    let (data, away) = (world.folder.path().join("relay-2"), world.folder.path().join("away"));
    let mut theirs = RunningRelay::start(data.clone(), world.clock.clone()).await;
    world.clinic.set_relay(&theirs.url).await.unwrap();
    let agreement = standing(&world).await;
    // Their relay has lost its mailboxes.
    theirs.stop().await;
    std::fs::rename(&data, &away).unwrap();
    theirs.start_again().await;
    rename(&world.alice, "Alys").await;
    let events = world.alice.inbox().refresh().await.unwrap();
    let lost = InboxEvent::Unreachable {
        organisation: "Riverside Clinic".into(),
        code: "NotFound".into(),
    };
    assert_eq!(events, [lost]);
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
    // It is put back.
    theirs.stop().await;
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&away, &data).unwrap();
    theirs.start_again().await;
    world.clock.forward(86_400);
    world.alice.inbox().refresh().await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let name = received(&world.clinic, &agreement, "given_name").await.unwrap();
    assert_eq!(name.value, json!("Alys"));
}
