//! Requests, and what their answers lead to.

use kist_pds::*;
use serde_json::{Value, json};

use crate::world::*;

fn values(fields: &[ReceivedField]) -> Vec<(&str, &Value)> {
    let mut all: Vec<_> = fields
        .iter()
        .map(|received| (received.field.credential.as_str(), &received.value))
        .collect();
    all.sort_by_key(|(name, _)| *name);
    all
}

#[tokio::test]
async fn h1_the_clinic_gets_what_alice_chose_and_who_signed_each() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    assert!(hosted.uri.starts_with("openid4vp://"));
    assert_eq!(hosted.expires_at, NOW + 600);
    assert_eq!(world.clinic.requests().collect(&hosted.id, 0).await.unwrap(), None);

    let consent = world.answer(&hosted).await;
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert_eq!(answer.agreement.as_deref(), Some(consent.as_str()));
    assert_eq!(
        values(&answer.fields),
        [("birth", &json!("1990-04-01")), ("name", &json!("Alice"))]
    );
    assert!(
        answer
            .fields
            .iter()
            .all(|field| field.issuer == FieldIssuer::SelfAsserted)
    );
    assert!(answer.receipt_sent);

    let agreement = world.clinic.agreements().get(&consent).await.unwrap();
    assert_eq!(agreement.summary.state, OrgAgreementState::InForce);
    assert_eq!(agreement.summary.fields.len(), 2);
    assert_eq!(agreement.received, answer.fields);
    let listed = world.clinic.requests().list().await.unwrap();
    assert_eq!(listed[0].state, HostedRequestState::Answered);
    assert_eq!(listed[0].agreement.as_ref(), Some(&consent));

    // Alice has the same receipt.
    world.alice.inbox().refresh().await.unwrap();
    let hers = world.alice.consents().get(&consent).await.unwrap();
    assert_eq!(hers.summary.state, ConsentState::InForce);
    assert_eq!(hers.receipt, agreement.receipt);
}

#[tokio::test]
async fn h1_an_answer_is_taken_once_however_often_it_is_collected() {
    let mut world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    world.answer(&hosted).await;
    // The process ends between the answer's coming and its being collected, and again after that.
    world.restart_clinic().await;
    let first = world.clinic.requests().collect(&hosted.id, 0).await.unwrap();
    world.restart_clinic().await;
    assert_eq!(world.clinic.requests().collect(&hosted.id, 0).await.unwrap(), first);
    assert_eq!(world.clinic.agreements().list().await.unwrap().len(), 1);
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 1);
    // The slot is closed: nobody fetches the request again.
    assert_eq!(code(world.alice.requests().open(&hosted.uri).await), "RequestExpired");

    world.clinic.requests().close(&hosted.id).await.unwrap();
    assert_eq!(code(world.clinic.requests().collect(&hosted.id, 0).await), "NotFound");
    assert_eq!(world.clinic.agreements().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn h1_two_that_collect_at_once_make_one_agreement() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    world.answer(&hosted).await;
    let requests = world.clinic.requests();
    let (one, other) = tokio::join!(requests.collect(&hosted.id, 0), requests.collect(&hosted.id, 0));
    // The slower one may find the slot closed; it never takes the answer a second time.
    let taken: Vec<_> = [one, other]
        .into_iter()
        .filter_map(|answer| answer.ok().flatten())
        .collect();
    assert!(!taken.is_empty());
    assert_eq!(world.clinic.agreements().list().await.unwrap().len(), 1);
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 1);
}

#[tokio::test]
async fn h1_collecting_may_be_stopped_at_any_moment() {
    let world = World::new().await;
    for polls in 1.. {
        let hosted = world.clinic.requests().create(request()).await.unwrap();
        let consent = world.answer(&hosted).await;
        let stopped = cut_after(polls, world.clinic.requests().collect(&hosted.id, 0)).await;
        let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
        assert_eq!(answer.agreement, Some(consent.clone()), "after {polls} polls");
        assert!(answer.receipt_sent, "after {polls} polls");
        assert_eq!(values(&answer.fields).len(), 2);
        let events = world.alice.inbox().refresh().await.unwrap();
        assert!(
            matches!(events.as_slice(), [InboxEvent::ReceiptStored { consent: one, .. }] if *one == consent),
            "after {polls} polls: {events:?}"
        );
        assert_eq!(world.clinic.agreements().list().await.unwrap().len(), polls);
        if stopped.is_some() {
            assert!(polls > 3, "it has moments to be stopped at");
            break;
        }
    }
}

#[tokio::test]
async fn a31_an_answer_that_is_none_leaves_the_request_as_it_was() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let slot = format!("{}/v1/slots/{}/response", world.relay.url, hosted.id);
    let forged = reqwest::Client::new()
        .post(slot)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("response=no.answer.at.all.")
        .send();
    assert!(forged.await.unwrap().status().is_success());
    for _ in 0..2 {
        assert_eq!(code(world.clinic.requests().collect(&hosted.id, 0).await), "Malformed");
    }
    assert_eq!(
        world.clinic.requests().list().await.unwrap()[0].state,
        HostedRequestState::Open
    );
    assert_eq!(world.clinic.agreements().list().await.unwrap(), []);
}

#[tokio::test]
async fn h1_collecting_waits_for_the_answer() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let requests = world.clinic.requests();
    let (collected, _) = tokio::join!(requests.collect(&hosted.id, 30), world.answer(&hosted));
    assert!(collected.unwrap().is_some());
}

#[tokio::test]
async fn h1_a_single_sharing_makes_no_agreement() {
    let mut world = World::new().await;
    let spec = RequestSpec {
        plain: true,
        ..request()
    };
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    let seen = world.alice.requests().open(&hosted.uri).await.unwrap();
    let decision = Decision::required(&seen);
    assert_eq!(world.alice.requests().answer(&seen.id, decision).await.unwrap(), None);
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert_eq!(answer.agreement, None);
    assert_eq!(answer.fields.len(), 2);
    world.restart_clinic().await;
    let again = world.clinic.requests().collect(&hosted.id, 0).await.unwrap();
    assert_eq!(again, Some(answer));
    assert_eq!(world.clinic.agreements().list().await.unwrap(), []);
}

#[tokio::test]
async fn h1_a_request_past_its_time_is_over() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    world.clock.forward(661);
    assert_eq!(code(world.alice.requests().open(&hosted.uri).await), "RequestExpired");
    assert_eq!(
        code(world.clinic.requests().collect(&hosted.id, 0).await),
        "RequestExpired"
    );
    let listed = world.clinic.requests().list().await.unwrap();
    assert_eq!(listed[0].state, HostedRequestState::Expired);
    world.clinic.requests().close(&hosted.id).await.unwrap();
    assert_eq!(world.clinic.requests().list().await.unwrap(), []);
}

#[tokio::test]
async fn h1_an_answer_of_the_last_second_can_be_collected() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    world.clock.forward(599);
    world.answer(&hosted).await;
    world.clock.forward(30);
    assert!(world.clinic.requests().collect(&hosted.id, 0).await.unwrap().is_some());
}

#[tokio::test]
async fn h1_a_request_that_cannot_stand_is_refused_before_the_relay_hears_of_it() {
    let world = World::new().await;
    let create = async |change: &dyn Fn(&mut RequestSpec)| {
        let mut spec = request();
        change(&mut spec);
        code(world.clinic.requests().create(spec).await)
    };
    assert_eq!(create(&|spec| spec.use_id = "marketing".into()).await, "NotFound");
    assert_eq!(create(&|spec| spec.request_seconds = 0).await, "Malformed");
    assert_eq!(create(&|spec| spec.request_seconds = 700_000).await, "TooLarge");
    assert_eq!(create(&|spec| spec.fields[0].claims.clear()).await, "Malformed");
    assert_eq!(
        create(&|spec| spec.fields[0].id = "connection".into()).await,
        "Malformed"
    );
    assert_eq!(create(&|spec| spec.language = "cy".into()).await, "Malformed");
    assert_eq!(world.clinic.requests().list().await.unwrap(), []);
}
