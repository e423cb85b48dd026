//! K6: requests of rights from the phone to the organisation's queue and back, with their deadlines, and reports.

use std::collections::BTreeMap;

use kist_pds::*;
use serde_json::{Value, json};

use crate::world::*;

const DAY: i64 = 24 * 60 * 60;
/// World begins on Monday 23 November 2026, at noon.
const DUE: i64 = 1_798_070_399; // Wednesday 23 December, 23:59:59
const LATEST: i64 = 1_803_427_199; // Tuesday 23 February, 23:59:59

fn asks(right: DataRight, consent: &str) -> RightsSpec {
    RightsSpec {
        right,
        consent: consent.to_owned(),
        everything: false,
        fields: Vec::new(),
        corrections: Vec::new(),
        reason: None,
    }
}

fn words(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), text.to_owned())])
}

fn given(id: &str, claim: &str) -> FieldRef {
    serde_json::from_value(json!({ "credential": id, "path": [claim] })).unwrap()
}

async fn queue(world: &World) -> Vec<OrgRightsRequest> {
    world.clinic.inbox().refresh().await.unwrap();
    world.clinic.rights().list().await.unwrap()
}

#[tokio::test]
async fn k6_a_copy_of_the_data_is_asked_for_after_a_withdrawal_and_lands_in_the_store() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    let asked = world
        .alice
        .rights()
        .ask(asks(DataRight::Access, &agreement))
        .await
        .unwrap();
    assert_eq!(
        (asked.stage, asked.sent_at, asked.due_at),
        (RightsStage::Sent, Some(NOW), Some(DUE))
    );

    let events = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        events.contains(&OrgEvent::RightsRequested {
            request: asked.id.clone(),
            relationship: world.clinic.agreements().list().await.unwrap()[0].relationship.clone(),
            right: DataRight::Access,
            due_at: DUE,
        }),
        "{events:?}"
    );
    let queue = queue(&world).await;
    assert_eq!(
        (queue[0].state, queue[0].due_at, queue[0].agreement.as_deref()),
        (OrgRightsState::Open, DUE, Some(agreement.as_str()))
    );
    let fulfilment = RightsFulfilment {
        deliver: vec![vaccination()],
        text: words("This is all that we have"),
    };
    let answered = world.clinic.rights().answer(&asked.id, fulfilment).await.unwrap();
    assert_eq!(answered.state, OrgRightsState::Answered);

    let events = world.alice.inbox().refresh().await.unwrap();
    let came = events.iter().find_map(|event| match event {
        InboxEvent::RightsAnswered {
            request,
            outcome,
            records,
            ..
        } if *request == asked.id => Some((outcome.as_str(), records.clone())),
        _ => None,
    });
    let (outcome, records) = came.unwrap();
    assert_eq!((outcome, records.len()), ("done", 1));
    let record = world.alice.records().get(records[0]).await.unwrap();
    assert_eq!(record.body["vaccine"], "Tetanus toxoid");
    assert!(matches!(&record.provenance.source, Source::Delivered { by, .. } if by == "Riverside Clinic"));
    assert!(
        matches!(&record.provenance.verification, Verification::Signature { issuer } if issuer == "Riverside Clinic")
    );
    let detail = world.alice.rights().get(&asked.id).await.unwrap();
    assert_eq!(detail.summary.stage, RightsStage::Answered);
    assert_eq!(detail.answer.unwrap().text, words("This is all that we have"));
    assert_eq!((detail.records, detail.waiting), (records, 0));

    let history = world.alice.history().entries().await.unwrap();
    let kinds: Vec<String> = history
        .iter()
        .map(|entry| json!(entry.event)["type"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds.contains(&"RightsRequested".to_owned()) && kinds.contains(&"RightsAnswered".to_owned()));
    world.alice.history().verify().await.unwrap();
}

#[tokio::test]
async fn k6_a_correction_carries_the_corrected_field_alone_and_replaces_what_the_clinic_has() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let body = json!({"given_name": "Alys", "family_name": "Archer"});
    let record = world.alice.records().add_self_asserted(NAME, body).await.unwrap();
    let correction = RightsSpec {
        corrections: vec![CorrectedField {
            field: given("name", "given_name"),
            record: record.id,
        }],
        ..asks(DataRight::Rectification, &agreement)
    };
    let asked = world.alice.rights().ask(correction).await.unwrap();
    let [request] = &queue(&world).await[..] else { panic!() };
    assert_eq!(request.fields, [given("name", "given_name")]);
    let [corrected] = &request.corrected[..] else { panic!() };
    assert_eq!(
        (&corrected.value, &corrected.issuer),
        (&json!("Alys"), &FieldIssuer::SelfAsserted)
    );
    let kept = serde_json::to_string(&request).unwrap();
    assert!(!kept.contains("Archer"), "the family name stays: {kept}");
    let before = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(before.received[0].value, json!("Alice"), "until the clinic has looked");

    world
        .clinic
        .rights()
        .answer(&asked.id, RightsFulfilment::default())
        .await
        .unwrap();
    let after = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!(after.received[0].value, json!("Alys"));
    assert_eq!(after.received[1], before.received[1]);
    // That the new name went to the clinic stands in the history, as every disclosure does.
    let history = json!(world.alice.history().entries().await.unwrap()).to_string();
    assert_eq!(history.matches("\"Disclosed\"").count(), 2);
}

#[tokio::test]
async fn k6_an_erasure_is_refused_with_its_ground_or_erases() {
    let world = World::new().await;
    let spec = RequestSpec {
        use_id: "records".into(),
        ..request()
    };
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    let agreement = world.answer(&hosted).await;
    world.clinic.requests().collect(&hosted.id, 0).await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    let whole = world
        .alice
        .rights()
        .ask(asks(DataRight::Erasure, &agreement))
        .await
        .unwrap();
    world.clock.forward(1);
    let birth = RightsSpec {
        fields: vec![given("birth", "birthdate")],
        reason: Some("You don't need it any more".into()),
        ..asks(DataRight::Erasure, &agreement)
    };
    let birth = world.alice.rights().ask(birth).await.unwrap();
    assert_eq!(queue(&world).await.len(), 2);
    let clinic = world.clinic.rights();
    assert_eq!(
        clinic.get(&birth.id).await.unwrap().reason.as_deref(),
        Some("You don't need it any more")
    );

    let ground = RefusalGround::LegalObligation;
    let text = words("The Records Act asks us to keep your record");
    clinic.refuse(&whole.id, ground, text.clone()).await.unwrap();
    clinic.answer(&birth.id, RightsFulfilment::default()).await.unwrap();
    let kept = world.clinic.agreements().get(&agreement).await.unwrap().received;
    assert_eq!(
        kept.iter().map(|field| field.field.clone()).collect::<Vec<_>>(),
        [given("name", "given_name")]
    );

    world.alice.inbox().refresh().await.unwrap();
    let answer = world.alice.rights().get(&whole.id).await.unwrap().answer.unwrap();
    assert_eq!(
        (answer.outcome, answer.ground, answer.text),
        ("refused", Some(ground), text)
    );
    let answer = world.alice.rights().get(&birth.id).await.unwrap().answer.unwrap();
    assert_eq!(answer.outcome, "done");
}

#[tokio::test]
async fn k6_more_time_is_asked_for_in_time_and_then_it_is_overdue() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let everything = RightsSpec {
        everything: true,
        ..asks(DataRight::Access, &agreement)
    };
    let asked = world.alice.rights().ask(everything).await.unwrap();
    assert_eq!(asked.consent, None);
    queue(&world).await;
    world.clock.forward(20 * DAY);
    let clinic = world.clinic.rights();
    let extended = clinic.extend(&asked.id, None, words("We are few")).await.unwrap();
    assert_eq!((extended.state, extended.due_at), (OrgRightsState::Extended, LATEST));
    world.alice.inbox().refresh().await.unwrap();
    let alices = world.alice.rights().get(&asked.id).await.unwrap();
    assert_eq!(
        (alices.summary.stage, alices.summary.due_at),
        (RightsStage::Extended, Some(LATEST))
    );
    assert_eq!(alices.extension.unwrap().text, words("We are few"));

    world.clock.forward(80 * DAY);
    let [overdue] = &world.alice.rights().list().await.unwrap()[..] else {
        panic!()
    };
    assert_eq!(overdue.stage, RightsStage::Overdue);
    let due = world.alice.reminders().list(0).await.unwrap();
    assert!(
        matches!(&due[..], [Due::OverdueRights { due_at: LATEST, .. }]),
        "{due:?}"
    );
    let reminded = world.alice.rights().remind(&asked.id).await.unwrap();
    assert_eq!(reminded.reminded_at, Some(NOW + 100 * DAY));
    assert_eq!(code(world.alice.rights().remind(&asked.id).await), "TooSoon");
    let [request] = &queue(&world).await[..] else {
        panic!("the reminder is no second request")
    };
    assert_eq!(request.state, OrgRightsState::Overdue);
    clinic.answer(&asked.id, RightsFulfilment::default()).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let [answered] = &world.alice.rights().list().await.unwrap()[..] else {
        panic!()
    };
    assert_eq!(answered.stage, RightsStage::Answered);
    assert_eq!(world.alice.reminders().list(0).await.unwrap(), []);
}

#[tokio::test]
async fn k6_a_request_is_answered_once_and_again_when_it_is_asked_again() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let asked = world
        .alice
        .rights()
        .ask(asks(DataRight::Objection, &agreement))
        .await
        .unwrap();
    queue(&world).await;
    let clinic = world.clinic.rights();
    let first = clinic
        .refuse(&asked.id, RefusalGround::ConditionsNotMet, words("No"))
        .await
        .unwrap();
    world.clock.forward(60);
    let again = clinic
        .refuse(&asked.id, RefusalGround::Excessive, words("No, again"))
        .await
        .unwrap();
    assert_eq!(again.answer, first.answer, "answered once");
    let other = clinic.answer(&asked.id, RightsFulfilment::default()).await;
    assert_eq!(code(other), "AlreadyAnswered");
    let late = clinic.extend(&asked.id, None, words("Later")).await;
    assert_eq!(code(late), "AlreadyAnswered");
    let sent = |messages: Vec<SentMessage>| messages.iter().filter(|sent| sent.kind == "rights-answer").count();
    assert_eq!(
        sent(world.clinic.agreements().get(&agreement).await.unwrap().messages),
        1
    );

    // Her phone hasn't read it yet, and asks again: the same answer comes a second time and changes nothing.
    world.clock.forward(2 * DAY);
    world.alice.rights().remind(&asked.id).await.unwrap();
    assert_eq!(queue(&world).await.len(), 1);
    assert_eq!(
        sent(world.clinic.agreements().get(&agreement).await.unwrap().messages),
        2
    );
    let events = world.alice.inbox().refresh().await.unwrap();
    let told = events
        .iter()
        .filter(|event| matches!(event, InboxEvent::RightsAnswered { .. }));
    assert_eq!(told.count(), 1, "{events:?}");
}

#[tokio::test]
async fn k6_a_request_waits_for_the_network_and_its_month_begins_when_it_leaves() {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    world.relay.stop().await;
    let asked = world
        .alice
        .rights()
        .ask(asks(DataRight::Restriction, &agreement))
        .await
        .unwrap();
    assert_eq!((asked.stage, asked.due_at), (RightsStage::Waiting, None));
    world.clock.forward(40 * DAY);
    world.relay.start_again().await;
    world.alice.inbox().refresh().await.unwrap();
    let [sent] = &world.alice.rights().list().await.unwrap()[..] else {
        panic!()
    };
    assert_eq!((sent.stage, sent.sent_at), (RightsStage::Sent, Some(NOW + 40 * DAY)));
    // The clinic's time doesn't begin before it could know either.
    let [request] = &queue(&world).await[..] else { panic!() };
    assert_eq!(
        (request.state, Some(request.due_at)),
        (OrgRightsState::Open, sent.due_at)
    );
}

#[tokio::test]
async fn k6_taking_in_a_request_and_its_answer_may_be_stopped_at_any_moment() {
    let world = World::new().await;
    let agreement = world.agree().await;
    for polls in 1.. {
        world.clock.forward(1);
        let asked = world
            .alice
            .rights()
            .ask(asks(DataRight::Portability, &agreement))
            .await
            .unwrap();
        let stopped = cut_after(polls, world.clinic.inbox().refresh()).await.is_none();
        world.clinic.inbox().refresh().await.unwrap();
        let fulfilment = || RightsFulfilment {
            deliver: vec![vaccination()],
            text: BTreeMap::new(),
        };
        let cut = cut_after(polls, world.clinic.rights().answer(&asked.id, fulfilment()))
            .await
            .is_none();
        world.clinic.rights().answer(&asked.id, fulfilment()).await.unwrap();
        let broken = cut_after(polls, world.alice.inbox().refresh()).await.is_none();
        world.alice.inbox().refresh().await.unwrap();
        let detail = world.alice.rights().get(&asked.id).await.unwrap();
        assert_eq!(detail.summary.stage, RightsStage::Answered, "after {polls} polls");
        assert_eq!(detail.records.len(), 1, "after {polls} polls");
        if !stopped && !cut && !broken {
            assert!(polls > 3, "it has moments to be stopped at");
            break;
        }
    }
    let vaccinations = world
        .alice
        .records()
        .list(Filter::of_schema(VACCINATION))
        .await
        .unwrap();
    assert_eq!(vaccinations.len(), world.alice.rights().list().await.unwrap().len());
}

#[tokio::test]
async fn k6_a_request_asks_for_nothing_that_was_never_given() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let rights = world.alice.rights();
    let phone = RightsSpec {
        fields: vec![given("phone", "phone_number")],
        ..asks(DataRight::Erasure, &agreement)
    };
    assert_eq!(code(rights.ask(phone).await), "FieldNotOffered");
    assert_eq!(
        code(rights.ask(asks(DataRight::Rectification, &agreement)).await),
        "Malformed"
    );
    assert_eq!(code(rights.ask(asks(DataRight::Access, "nothing")).await), "NotFound");
    let both = RightsSpec {
        everything: true,
        fields: vec![given("name", "given_name")],
        ..asks(DataRight::Access, &agreement)
    };
    assert_eq!(code(rights.ask(both).await), "Malformed");
    assert_eq!(rights.list().await.unwrap(), []);
    assert_eq!(queue(&world).await, []);
}

#[tokio::test]
async fn k6_a_report_tells_the_authority_what_happened_and_gives_no_key_away() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.alice.consents().withdraw(&agreement).await.unwrap();
    let asked = world
        .alice
        .rights()
        .ask(asks(DataRight::Erasure, &agreement))
        .await
        .unwrap();
    world.clock.forward(40 * DAY);
    let rights = world.alice.rights();
    let head = world.alice.history().verify().await.unwrap();
    let report = rights
        .report(&agreement, Some("They never answered <b>".into()))
        .await
        .unwrap();
    assert_eq!(
        report.authority.as_ref().map(|authority| authority.uri.as_str()),
        Some("https://ico.example/")
    );
    assert_eq!(report.sent_at, None, "nothing is sent by itself");

    let document = rights.report_document(&report.id).await.unwrap();
    assert_eq!(document["organisation"]["name"], "Riverside Clinic");
    assert_eq!(document["agreement"]["id"], json!(agreement));
    assert_eq!(document["withdrawal"]["silent_since"], json!(NOW));
    assert_eq!(
        (&document["rights"][0]["id"], &document["rights"][0]["stage"]),
        (&json!(asked.id), &json!("overdue"))
    );
    assert_eq!(
        (&document["history"]["hash"], &document["history"]["sequence"]),
        (&json!(head.head), &json!(head.entries))
    );
    let text = document.to_string();
    assert!(document["agreement"]["receipt"].is_string() && !text.contains("send_token"));
    assert!(
        !text.contains("Archer") && !text.contains("1990-04-01"),
        "no value of hers"
    );

    let page = rights.report_page(&report.id, PageWords::default()).await.unwrap();
    for said in [
        "ICO",
        "https://ico.example/",
        "Riverside Clinic",
        &agreement,
        "2026-12-23 23:59 UTC",
        &head.head,
        "&lt;b&gt;",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let sent = rights
        .report_sent(&report.id, Some("By post, ref 7".into()))
        .await
        .unwrap();
    assert_eq!(
        (sent.sent_at, sent.sent_note.as_deref()),
        (Some(NOW + 40 * DAY), Some("By post, ref 7"))
    );
    assert_eq!(rights.reports().await.unwrap(), [sent]);
    let last: Value = json!(world.alice.history().entries().await.unwrap().last().unwrap().event);
    assert_eq!(
        (&last["type"], &last["right"]),
        (&json!("RightsRequested"), &json!("eu-gdpr:A77"))
    );
}
