//! What goes wrong on the way: each a typed error, and nothing lost.

use kist_pds::{ConsentState, Decision, Person, Requests, Retry};

use crate::world::{PASSPHRASE, World, visit};

#[tokio::test(flavor = "multi_thread")]
async fn a22_a_suspended_or_expelled_clinic_is_refused_with_the_next_list() {
    let world = World::new().await;
    world.fill().await;
    let request = world.request().await;
    for (act, reason) in [("suspend", "Suspended"), ("expel", "Expelled")] {
        match act {
            "suspend" => world.framework.suspend("GB-COH-01234567").await.unwrap(),
            _ => world.framework.expel("GB-COH-01234567").await.unwrap(),
        }
        let bundle = world.framework.publish(30).await.unwrap();
        world
            .alice
            .trust()
            .update_list("Harbour Trust", &bundle.list)
            .await
            .unwrap();
        let refused = world.alice.requests().open(&request.uri).await.unwrap_err();
        assert_eq!(refused.code(), "OrganisationNotTrusted");
        assert_eq!(refused.parameter("reason").unwrap().to_string(), reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t1_an_older_list_is_refused_and_the_newer_one_stays() {
    let world = World::new().await;
    let older = world.framework.publish(30).await.unwrap();
    let newer = world.framework.publish(30).await.unwrap();
    let trust = world.alice.trust();
    trust.update_list("Harbour Trust", &newer.list).await.unwrap();
    let refused = trust.update_list("Harbour Trust", &older.list).await.unwrap_err();
    assert_eq!(refused.code(), "RollbackDetected");
    assert_eq!(trust.anchors().await.unwrap()[0].list_sequence, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn t1_without_a_framework_nobody_may_ask() {
    let world = World::new().await;
    let stranger = Person::create(&world.path("stranger"), world.platform("phone"), PASSPHRASE)
        .await
        .unwrap();
    let request = world.request().await;
    assert_eq!(
        stranger.requests().open(&request.uri).await.unwrap_err().code(),
        "TrustListMissing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_request_is_answered_once() {
    let world = World::new().await;
    world.fill().await;
    let request = world.request().await;
    let open = world.alice.requests().open(&request.uri).await.unwrap();
    world
        .alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap();
    let twin = Person::create(&world.path("twin"), world.platform("phone"), PASSPHRASE)
        .await
        .unwrap();
    twin.set_relay(&world.relay.url).await.unwrap();
    twin.trust()
        .add_anchor(world.framework.publish(30).await.unwrap())
        .await
        .unwrap();
    let card = "BEGIN:VCARD\nVERSION:4.0\nFN:T Win\nN:Win;T;;;\nBDAY:19900101\nADR:;;1 Row;Leith;;E1;\nEND:VCARD\n";
    twin.import()
        .all(crate::world::own_card(card), crate::world::mine())
        .await
        .unwrap();
    let seen = twin.requests().open(&request.uri).await;
    if let Ok(seen) = seen {
        let refused = twin
            .requests()
            .answer(&seen.id, Decision::required(&seen))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), "ReplayRejected");
    }
    let answer = world.clinic.requests().collect(&request.id, 5).await.unwrap().unwrap();
    assert!(
        serde_json::to_string(&answer.fields).unwrap().contains("Canarywood"),
        "the first answer counts"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn h1_an_expired_request_ends_clean() {
    let world = World::new().await;
    world.fill().await;
    let request = world.request().await;
    let open = world.alice.requests().open(&request.uri).await.unwrap();
    world.clock.forward(3600);
    let refused = world
        .alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "RequestExpired");
    assert!(world.alice.requests().pending().await.unwrap().is_empty());
    assert!(world.alice.consents().list().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn h1_a_refusal_stands_in_the_history_and_sends_nothing() {
    let world = World::new().await;
    world.fill().await;
    let request = world.request().await;
    let open = world.alice.requests().open(&request.uri).await.unwrap();
    world.alice.requests().refuse(&open.id).await.unwrap();
    assert_eq!(
        world.alice.history().verify().await.unwrap().entries,
        2,
        "seen, refused"
    );
    assert!(world.clinic.requests().collect(&request.id, 0).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn k2_an_answer_without_a_required_field_never_leaves() {
    let world = World::new().await;
    world.fill().await;
    let request = world.request().await;
    let open = world.alice.requests().open(&request.uri).await.unwrap();
    let mut decision = Decision::required(&open);
    decision.fields.retain(|choice| choice.field.credential != "address");
    let refused = world.alice.requests().answer(&open.id, decision).await.unwrap_err();
    assert_eq!(refused.code(), "RequiredFieldMissing");
    assert!(world.alice.consents().list().await.unwrap().is_empty());
    assert!(world.clinic.requests().collect(&request.id, 0).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a19_what_was_not_registered_is_marked_and_off() {
    let world = World::new().await;
    world.fill().await;
    let mut spec = visit();
    let email = serde_json::json!({ "id": "email", "schema": "urn:kist:schema:email:1", "claims": [["email"]],
                                    "required": false });
    spec.fields.push(serde_json::from_value(email).unwrap());
    let request = world.clinic.requests().create(spec).await.unwrap();
    let open = world.alice.requests().open(&request.uri).await.unwrap();
    let field = open
        .evaluation
        .fields
        .iter()
        .find(|field| field.credential == "email")
        .unwrap();
    assert!(!field.over_asking.is_empty() && !field.chosen_by_default);
}

#[tokio::test(flavor = "multi_thread")]
async fn c2_an_answer_given_while_the_relay_is_down_is_sent_later() {
    let world = World::new().await;
    world.fill().await;
    world.agree().await;
    let request = world.request().await;
    let open = world.alice.requests().open(&request.uri).await.unwrap();
    let World {
        dir,
        relay,
        clinic,
        alice,
        ..
    } = world;
    let stopped = relay.stop().await;
    let consent = alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(consent.state, ConsentState::AwaitingSend);
    let down = alice.backup().set_up("http://127.0.0.1:9").await.unwrap_err();
    assert_eq!((down.code(), down.retry()), ("Unreachable", Retry::Later));
    let _relay = stopped.start().await;
    alice.requests().resume().await.unwrap();
    assert!(clinic.requests().collect(&request.id, 5).await.unwrap().is_some());
    drop(dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn a31_what_is_no_request_is_named_so() {
    let world = World::new().await;
    for text in ["", "hello", "https://example.org/", "mailto:a@b.example"] {
        assert_eq!(
            world.alice.requests().open(text).await.unwrap_err().code(),
            "NotARequest",
            "{text:?}"
        );
    }
    let picture = kist_pds::qr::draw("just words").unwrap().to_luma(3);
    let refused = Requests::read_qr(&picture.pixels, picture.side, picture.side).unwrap_err();
    assert_eq!(refused.code(), "NotARequest");
    let private = world.alice.backup().set_up("https://10.0.0.1").await.unwrap_err();
    assert_eq!(private.code(), "AddressRefused");
}

#[tokio::test(flavor = "multi_thread")]
async fn z2_a_wrong_passphrase_opens_nothing_and_harms_nothing() {
    let world = World::new().await;
    world.fill().await;
    let path = world.path("alice");
    let platform = || crate::world::platform(&world.clock, "phone");
    let again = Person::create(&path, platform(), PASSPHRASE).await.err().unwrap();
    assert_eq!(again.code(), "AlreadyExists");
    let World { alice, clock, dir, .. } = world;
    let platform = || crate::world::platform(&clock, "phone");
    alice.close().await.unwrap();
    let wrong = Person::open(&path, platform(), "wrong").await.err().unwrap();
    assert_eq!(wrong.code(), "KeyMismatch");
    let opened = Person::open(&path, platform(), PASSPHRASE).await.unwrap();
    assert_eq!(
        opened.records().list(kist_pds::Filter::default()).await.unwrap().len(),
        4
    );
    drop(dir);
}
