//! Requests that are no requests, that are over, that were answered, that ask too much; and what Alice decides.

use kist_pds::*;
use serde_json::json;

use crate::network::{Fake, raw, reply};
use crate::world::*;

/// A request's slot on its relay.
fn slot(world: &World, hosted: &HostedRequest) -> String {
    let slot = hosted
        .uri
        .split("slots%2F")
        .nth(1)
        .unwrap()
        .split("%2F")
        .next()
        .unwrap();
    format!("{}/v1/slots/{slot}", world.relay.url)
}

#[tokio::test]
async fn h1_what_is_no_request_is_said_to_be_none() {
    let world = World::new().await;
    let open = async |text: &str| code(world.alice.requests().open(text).await);
    for text in [
        "",
        "hello",
        "https://example.org/menu",
        "openid4vp://",
        "WIFI:S:clinic;T:WPA;P:secret;;",
        &"x".repeat(100_000),
    ] {
        assert_eq!(open(text).await, "NotARequest", "{text}");
    }
    assert_eq!(open("kist-recovery:AAAAA#https://relay.example").await, "WrongPurpose");
    let client = format!("openid4vp://?client_id=x509_hash%3A{}&request_uri=", "A".repeat(43));
    for address in [
        "https%3A%2F%2F10.0.0.1%2Fx",
        "http%3A%2F%2Frelay.example%2Fx",
        "file%3A%2F%2F%2Fetc%2Fpasswd",
    ] {
        assert_eq!(open(&format!("{client}{address}")).await, "AddressRefused");
    }
    assert_eq!(world.alice.history().entries().await.unwrap(), []);
}

#[tokio::test]
async fn h1_a_picture_gives_its_request_or_says_that_there_is_none() {
    let world = World::new().await;
    let picture = |text: &str| qr::draw(text).unwrap().to_luma(4);
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let image = picture(&hosted.uri);
    let link = Requests::read_qr(&image.pixels, image.side, image.side).unwrap();
    assert_eq!(link, hosted.uri);
    world.alice.requests().open(&link).await.unwrap();

    let menu = picture("https://example.org/menu");
    assert_eq!(
        code(Requests::read_qr(&menu.pixels, menu.side, menu.side)),
        "NotARequest"
    );
    assert_eq!(code(Requests::read_qr(&[255; 10_000], 100, 100)), "NotARequest");
    assert_eq!(code(Requests::read_qr(&[0; 10], 100, 100)), "Malformed");
    // A request that can't be answered is one all the same, and its opening says what is wrong.
    let refused = picture(&hosted.uri.replace("127.0.0.1", "10.0.0.1"));
    let link = Requests::read_qr(&refused.pixels, refused.side, refused.side).unwrap();
    assert_eq!(code(world.alice.requests().open(&link).await), "AddressRefused");
}

#[tokio::test]
async fn h1_a_request_waits_until_it_is_answered_refused_or_over() {
    let world = World::new().await;
    let requests = world.alice.requests();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let hosted = world.clinic.requests().create(request()).await.unwrap();
        ids.push(requests.open(&hosted.uri).await.unwrap().id);
    }
    assert_eq!(requests.pending().await.unwrap().len(), 3);
    requests.refuse(&ids[0]).await.unwrap();
    assert_eq!(code(requests.refuse(&ids[0]).await), "NotFound");
    let open = requests.get(&ids[1]).await.unwrap();
    requests.answer(&ids[1], Decision::required(&open)).await.unwrap();
    assert_eq!(requests.pending().await.unwrap().len(), 1);
    world.clock.forward(601);
    assert_eq!(code(requests.get(&ids[2]).await), "RequestExpired");
    assert_eq!(
        code(requests.answer(&ids[2], Decision::required(&open)).await),
        "RequestExpired"
    );
    assert_eq!(requests.pending().await.unwrap(), []);
    assert_eq!(code(requests.get(&ids[2]).await), "NotFound");

    let history = world.alice.history().entries().await.unwrap();
    let seen = |name: &str| {
        let kind = |item: &HistoryItem| serde_json::to_value(&item.event).unwrap()["type"] == name;
        history.iter().filter(|item| kind(item)).count()
    };
    assert_eq!(
        (seen("RequestSeen"), seen("Refused"), seen("Agreed"), seen("Disclosed")),
        (3, 1, 1, 1)
    );
    assert_eq!(
        world.alice.history().verify().await.unwrap().entries,
        history.len() as u64
    );
}

#[tokio::test]
async fn a16_a_request_that_was_answered_is_not_answered_again() {
    let mut world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let jwt = raw(&format!("{}/request", slot(&world, &hosted)), "GET", "", "").await;
    let (_, jwt) = jwt.split_once("\r\n\r\n").unwrap();
    let open = world.alice.requests().open(&hosted.uri).await.unwrap();
    let requests = world.alice.requests();
    let (one, other) = tokio::join!(
        requests.answer(&open.id, Decision::required(&open)),
        requests.answer(&open.id, Decision::required(&open)),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    assert_eq!(world.alice.consents().list().await.unwrap().len(), 1);
    assert_eq!(code(world.alice.requests().open(&hosted.uri).await), "ReplayRejected");

    // A relay that serves it again, though it was answered.
    world.relay.stop().await;
    let address = world.relay.url.strip_prefix("http://").unwrap();
    let fake = Fake::at(address, reply("200 OK", "", jwt)).await;
    assert_eq!(code(world.alice.requests().open(&hosted.uri).await), "ReplayRejected");
    assert_eq!(fake.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a16_an_answer_opens_its_own_request_once_and_no_other() {
    let mut world = World::new().await;
    world.agree().await;
    let first = world.clinic.requests().create(request()).await.unwrap();
    let second = world.clinic.requests().create(request()).await.unwrap();
    let open = world.alice.requests().open(&first.uri).await.unwrap();
    // A relay that keeps the answer for itself.
    world.relay.stop().await;
    let address = world.relay.url.strip_prefix("http://").unwrap().to_owned();
    let thief = Fake::at(&address, reply("200 OK", "", "{}")).await;
    world
        .alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap();
    let stolen = thief.requests.lock().unwrap()[0].clone();
    thief.stop().await;
    world.relay.start_again().await;
    let (head, body) = stolen.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST ") && body.starts_with("response="));
    assert!(!stolen.contains("Alice") && !stolen.contains("1990-"));

    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let post = async |hosted| raw(&format!("{}/response", slot(&world, hosted)), "POST", form, body).await;
    assert!(post(&second).await.starts_with("HTTP/1.1 200"));
    let collect = async |hosted: &HostedRequest| world.clinic.requests().collect(&hosted.id, 0).await;
    let refused = collect(&second).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Never, "{refused}");
    assert_eq!(world.clinic.agreements().list().await.unwrap().len(), 1);

    assert!(post(&first).await.starts_with("HTTP/1.1 200"));
    assert!(collect(&first).await.unwrap().is_some());
    assert!(!post(&first).await.starts_with("HTTP/1.1 200"));
    assert_eq!(world.clinic.agreements().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn k3_over_asking_is_flagged_field_by_field_and_off_by_default() {
    let world = World::new().await;
    let wide = RequestSpec {
        fields: vec![
            field("name", NAME, "given_name", true),
            field("surname", NAME, "family_name", false),
            field("phone", PHONE, "phone_number", false),
        ],
        ..request()
    };
    let hosted = world.clinic.requests().create(wide).await.unwrap();
    let open = world.alice.requests().open(&hosted.uri).await.unwrap();
    let flagged = |id: &str| {
        let field = open
            .evaluation
            .fields
            .iter()
            .find(|field| field.credential == id)
            .unwrap();
        (!field.over_asking.is_empty(), field.chosen_by_default)
    };
    assert_eq!((flagged("name"), flagged("surname")), ((false, true), (true, false)));
    let consent = world
        .alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(consent.fields.len(), 1);
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert_eq!(answer.fields.len(), 1);
    assert_eq!(answer.fields[0].value, json!("Alice"));
}

#[tokio::test]
async fn k2_a_decision_covers_what_is_required_and_offers_nothing_that_was_not_asked() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let open = world.alice.requests().open(&hosted.uri).await.unwrap();
    let answer = async |decision| code(world.alice.requests().answer(&open.id, decision).await);
    assert_eq!(answer(Decision::default()).await, "RequiredFieldMissing");
    let required = Decision::required(&open);
    assert_eq!(required.fields.len(), 2);
    let mut other = required.clone();
    other.fields[0].field.credential = "bank".into();
    assert!(["FieldNotOffered", "QueryNotSatisfied"].contains(&answer(other).await));
    let mut other = required.clone();
    other.fields[0].candidate = "record:00000000-0000-0000-0000-000000000000".into();
    assert_eq!(answer(other).await, "NotFound");
    assert_eq!(
        answer(Decision {
            fields: vec![required.fields[0].clone()],
            ..Decision::default()
        })
        .await,
        "RequiredFieldMissing"
    );
    assert_eq!(world.alice.consents().list().await.unwrap(), []);
    assert_eq!(world.alice.requests().pending().await.unwrap().len(), 1);

    let phone = open
        .evaluation
        .fields
        .iter()
        .find(|field| field.credential == "phone")
        .unwrap();
    let decision = required.and(&open, &phone.field().unwrap());
    world.alice.requests().answer(&open.id, decision).await.unwrap();
    let received = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert_eq!(received.fields.len(), 3);
}

#[tokio::test]
async fn d1_a_record_that_was_delivered_goes_with_its_credential() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.deliver(&agreement).await;
    world.alice.inbox().refresh().await.unwrap();
    let filter = Filter::of_schema(VACCINATION);
    let record = world.alice.records().list(filter).await.unwrap()[0].id;
    // Corrected by her, it is her own word; the credential goes with the record all the same.
    let corrected = json!({"vaccine": "Tetanus", "date": "2026-11-22"});
    world.alice.records().correct(record, corrected).await.unwrap();
    let folder = world.folder.path();
    let before = world
        .alice
        .export(&folder.join("one"), ExportOptions::default(), no_progress())
        .await
        .unwrap();
    world.alice.records().delete(record).await.unwrap();
    let after = world
        .alice
        .export(&folder.join("two"), ExportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!((before.credentials, after.credentials), (1, 0));
}

#[tokio::test]
async fn k4_a_withdrawal_reaches_whichever_answer_is_collected_first() {
    for withdrawn in [0, 1] {
        let world = World::new().await;
        let mut answered = Vec::new();
        for _ in 0..2 {
            let hosted = world.clinic.requests().create(request()).await.unwrap();
            let consent = world.answer(&hosted).await;
            answered.push((hosted.id, consent));
        }
        // Nobody at the clinic has looked yet, so that Alice can't know by which offer it will meet her.
        let (hosted, consent) = &answered[withdrawn];
        world.alice.consents().withdraw(consent).await.unwrap();
        world.clinic.requests().collect(hosted, 0).await.unwrap().unwrap();
        let heard = world.clinic.inbox().refresh().await.unwrap();
        let withdrawals = heard.iter().filter(|event| matches!(event, OrgEvent::Withdrawn { .. }));
        assert_eq!(withdrawals.count(), 1, "{heard:?}");
        world.alice.inbox().refresh().await.unwrap();
        let state = world.alice.consents().get(consent).await.unwrap().summary.state;
        assert_eq!(state, ConsentState::WithdrawalAcknowledged);
    }
}
