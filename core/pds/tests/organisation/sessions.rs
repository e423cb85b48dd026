//! What begins in a session of a browser ends there (A28); a code for one thing isn't taken for another (A29).

use kist_pds::*;

use crate::world::{code as code_of, *};

fn across_devices() -> RequestSpec {
    RequestSpec {
        session: SessionSpec::AcrossDevices,
        ..request()
    }
}

/// What Alice's phone shows after she has answered.
async fn brought(world: &World, hosted: &HostedRequest) -> SessionCode {
    let request = world.alice.requests().open(&hosted.uri).await.unwrap();
    assert!(request.session.is_some());
    assert_eq!(world.alice.requests().session_code(&request.id).await.unwrap(), None);
    let decision = Decision::required(&request);
    world.alice.requests().answer(&request.id, decision).await.unwrap();
    world.alice.requests().session_code(&request.id).await.unwrap().unwrap()
}

fn digits(code: SessionCode) -> String {
    match code {
        SessionCode::Type { code } => code,
        SessionCode::Open { .. } => panic!("digits to type"),
    }
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a28_across_devices_the_answer_is_given_out_where_the_six_digits_are_typed() {
    let mut world = World::new().await;
    let hosted = world.clinic.requests().create(across_devices()).await.unwrap();
    let code = digits(brought(&world, &hosted).await);
    assert_eq!(
        code_of(world.clinic.requests().collect(&hosted.id, 0).await),
        "SessionCodeMissing"
    );
    assert_eq!(world.clinic.agreements().list().await.unwrap(), []);
    let refused = world
        .clinic
        .requests()
        .collect_in_session(&hosted.id, 0, &wrong(&code))
        .await;
    assert_eq!(refused.unwrap_err().parameter("left"), Some(&4_u8.into()));
    // Another process counts on.
    world.restart_clinic().await;
    let refused = world
        .clinic
        .requests()
        .collect_in_session(&hosted.id, 0, &wrong(&code))
        .await;
    assert_eq!(refused.unwrap_err().parameter("left"), Some(&3_u8.into()));
    let answer = world.clinic.requests().collect_in_session(&hosted.id, 0, &code).await;
    assert_eq!(answer.unwrap().unwrap().fields.len(), 2);
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a28_five_wrong_codes_end_the_session_and_its_answer_is_given_out_to_nobody() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(across_devices()).await.unwrap();
    let code = digits(brought(&world, &hosted).await);
    for left in (0..SESSION_TRIES).rev() {
        let refused = world
            .clinic
            .requests()
            .collect_in_session(&hosted.id, 0, &wrong(&code))
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "SessionMismatch");
        assert_eq!(refused.parameter("left"), Some(&left.into()));
    }
    let late = world.clinic.requests().collect_in_session(&hosted.id, 0, &code).await;
    assert_eq!(code_of(late), "SessionMismatch");
    let listed = world.clinic.requests().list().await.unwrap();
    assert_eq!(listed[0].state, HostedRequestState::Expired);
    assert_eq!(world.clinic.agreements().list().await.unwrap(), []);
    // The slot is gone with it.
    assert_eq!(
        code_of(world.alice.requests().open(&hosted.uri).await),
        "RequestExpired"
    );
}

#[tokio::test]
async fn a28_on_the_same_device_the_browser_brings_the_response_code_back() {
    let world = World::new().await;
    let spec = RequestSpec {
        session: SessionSpec::SameDevice {
            return_uri: "https://clinic.example/back".into(),
        },
        ..request()
    };
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    let SessionCode::Open { uri } = brought(&world, &hosted).await else {
        panic!("an address to open")
    };
    let code = uri.strip_prefix("https://clinic.example/back?response_code=").unwrap();
    // An attacker who began the session, and shows Alice its link, has no code.
    let attacker = world
        .clinic
        .requests()
        .collect_in_session(&hosted.id, 0, "000000")
        .await;
    assert_eq!(code_of(attacker), "SessionMismatch");
    let answer = world.clinic.requests().collect_in_session(&hosted.id, 0, code).await;
    assert!(answer.unwrap().is_some());
}

#[tokio::test]
async fn a28_a_code_is_kept_no_longer_than_its_request() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(across_devices()).await.unwrap();
    let request = world.alice.requests().open(&hosted.uri).await.unwrap();
    brought(&world, &hosted).await;
    world.clock.forward(601);
    assert_eq!(world.alice.requests().session_code(&request.id).await.unwrap(), None);
}

#[tokio::test]
async fn a29_a_code_for_something_else_is_named_and_nothing_is_given() {
    let world = World::new().await;
    let what = |outcome: Error| {
        assert_eq!(outcome.code(), "WrongPurpose");
        outcome.parameter("what").unwrap().to_string()
    };
    for (text, purpose) in [
        ("kist-recovery:AAAAA-BBBBB#https://relay.example", "recovery kit"),
        ("KIST-RECOVERY:AAAAA-BBBBB", "recovery kit"),
        ("kist-device:abc", "device linking"),
        ("kist-connect://relay.example/abc", "connection"),
        ("kist-whatever:1", "other purpose"),
    ] {
        assert_eq!(what(world.alice.requests().open(text).await.unwrap_err()), purpose);
    }
    // The other way round: a request dressed as a recovery kit.
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let input = RecoveryInput {
        code: hosted.uri.clone(),
        relay: Some(world.relay.url.clone()),
    };
    let dir = world.folder.path().join("new");
    let restored = Person::restore(
        &dir,
        platform(&world.clock),
        &input,
        PASSPHRASE,
        Freshness::Unknown,
        no_progress(),
    );
    assert_eq!(what(restored.await.map(|_| ()).unwrap_err()), "request");
    assert!(!Person::exists(&dir));
    // A picture of one is named too.
    let picture = qr::draw("kist-recovery:AAAAA-BBBBB").unwrap().to_luma(4);
    let read = Requests::read_qr(&picture.pixels, picture.side, picture.side).unwrap();
    assert_eq!(
        what(world.alice.requests().open(&read).await.unwrap_err()),
        "recovery kit"
    );
}
