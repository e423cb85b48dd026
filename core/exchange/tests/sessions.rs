//! A request of a session: the answer is given out to who began it, and to nobody else (A28).
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_exchange::*;

const RETURN: &str = "https://clinic.example/back?lang=en";

/// The clinic asks for a session; Alice answers. Gives what opens the answer, the answer, and what Alice brings back.
fn answered(world: &World, session: &Session) -> (PendingRequest, String, SessionCode) {
    let offer = sign_offer(&offer(&world.clinic, &asks()), &world.clinic.key);
    let query = query(&asks(), true).unwrap();
    let draft = RequestDraft {
        session: Some(session),
        ..draft(&world.clinic, &query, Some(&offer))
    };
    let (jwt, pending) = draft
        .prepare(&mut *world.rng.borrow_mut())
        .unwrap()
        .sign(&world.clinic.key);
    let link = RequestLink::new(pending.client_id(), REQUEST_URI, POLICY).unwrap();
    let request = verify(
        world,
        &Asked {
            jwt,
            pending: pending.clone(),
            link,
        },
    );
    let request = request.unwrap();
    assert_eq!(
        request.session(),
        Some(session),
        "the phone is told before the person decides"
    );
    let sealed = Person::new(world).answer(&request).unwrap();
    (pending, sealed.body, sealed.session.unwrap())
}

fn digits(code: &SessionCode) -> String {
    match code {
        SessionCode::Type { code } => code.clone(),
        SessionCode::Open { .. } => panic!("digits to type"),
    }
}

/// Another code than this one.
fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

#[test]
fn a28_across_devices_nothing_is_given_out_without_the_code_that_the_phone_shows() {
    let world = World::new();
    let (mut pending, body, code) = answered(&world, &Session::AcrossDevices);
    let code = digits(&code);
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()));
    let missing = pending.open_answer(&body, &world, NOW + 3 * MINUTE).unwrap_err();
    assert_eq!(missing, Error::SessionCodeMissing);
    let refused = pending.open_answer_in_session(&body, &wrong(&code), &world, NOW + 3 * MINUTE);
    assert_eq!(refused.unwrap_err(), Error::SessionMismatch { left: 4 });
    // The count is kept with the request.
    let mut pending = PendingRequest::from_bytes(pending.to_bytes().expose()).unwrap();
    let answer = pending
        .open_answer_in_session(&body, &code, &world, NOW + 3 * MINUTE)
        .unwrap();
    assert!(answer.agreement.is_some());
    let again = pending.open_answer_in_session(&body, &code, &world, NOW + 3 * MINUTE);
    assert_eq!(again.unwrap_err(), Error::ReplayRejected);
}

#[test]
fn a28_five_wrong_codes_end_the_request() {
    let world = World::new();
    let (mut pending, body, code) = answered(&world, &Session::AcrossDevices);
    let code = digits(&code);
    for left in (0..5).rev() {
        let refused = pending.open_answer_in_session(&body, &wrong(&code), &world, NOW + 3 * MINUTE);
        assert_eq!(refused.unwrap_err(), Error::SessionMismatch { left });
    }
    let late = pending.open_answer_in_session(&body, &code, &world, NOW + 3 * MINUTE);
    assert_eq!(late.unwrap_err(), Error::ReplayRejected);
    // A forged answer costs no try: it isn't Alice's.
    let (mut pending, ..) = answered(&world, &Session::AcrossDevices);
    for _ in 0..9 {
        let forged = pending.open_answer_in_session("response=a.b.c.d.e", &code, &world, NOW + 3 * MINUTE);
        assert_ne!(forged.unwrap_err().code(), "SessionMismatch");
    }
}

#[test]
fn a28_on_one_device_the_browser_brings_the_response_code_back() {
    let world = World::new();
    let session = Session::SameDevice {
        return_uri: RETURN.into(),
    };
    let (mut pending, body, code) = answered(&world, &session);
    let SessionCode::Open { uri } = &code else {
        panic!("an address")
    };
    let code = uri.strip_prefix(&format!("{RETURN}&response_code=")).unwrap();
    assert_eq!(code.len(), 43, "nobody guesses it");
    let refused = pending.open_answer_in_session(&body, "guess", &world, NOW + 3 * MINUTE);
    assert_eq!(refused.unwrap_err(), Error::SessionMismatch { left: 4 });
    assert!(
        pending
            .open_answer_in_session(&body, code, &world, NOW + 3 * MINUTE)
            .is_ok()
    );
}

#[test]
fn a28_an_answer_without_a_code_is_given_out_to_nobody() {
    let world = World::new();
    let (mut pending, body, code) = answered(&world, &Session::AcrossDevices);
    // What a wallet sends that knows nothing of sessions.
    let key = kist_crypto::Secret::from_slice(&pending.to_bytes().expose()[1..33]).unwrap();
    let key = kist_crypto::es256::SigningKey::from_secret(&key).unwrap();
    let (_, plain) = kist_crypto::jwe::decrypt(&key, body.strip_prefix("response=").unwrap()).unwrap();
    let mut response: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(plain.expose()).unwrap();
    assert_eq!(response.remove("kist_session_code").unwrap(), digits(&code));
    let parameters = kist_crypto::jwe::Parameters {
        enc: kist_crypto::jwe::ContentEncryption::A128GCM,
        kid: None,
        apu: b"",
        apv: b"",
    };
    let plain = serde_json::Value::Object(response).to_string();
    let mut random = kist_crypto::testing::SeededRandom::new(9);
    let jwe = kist_crypto::jwe::encrypt(&key.public(), &parameters, plain.as_bytes(), &mut random);
    for code in ["", &digits(&code)] {
        let refused = pending.open_answer_in_session(&format!("response={jwe}"), code, &world, NOW + 3 * MINUTE);
        assert_eq!(refused.unwrap_err().code(), "SessionMismatch");
    }
}

#[test]
fn a28_a_session_comes_back_to_no_private_or_plain_address() {
    let world = World::new();
    let query = query(&asks(), false).unwrap();
    for return_uri in [
        "http://clinic.example/back",
        "https://10.0.0.1/back",
        "javascript:alert(1)",
    ] {
        let session = Session::SameDevice {
            return_uri: return_uri.into(),
        };
        let draft = RequestDraft {
            session: Some(&session),
            ..draft(&world.clinic, &query, None)
        };
        let refused = draft.prepare(&mut *world.rng.borrow_mut()).unwrap_err();
        assert_eq!(refused, Error::AddressRefused, "{return_uri}");
    }
}
