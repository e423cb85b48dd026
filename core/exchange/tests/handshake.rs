//! The handshake from QR to verified answer, with real certificates, and what may not happen on the way.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::{AgreementState, FieldRef};
use kist_crypto::jwe;
use kist_exchange::qr;
use kist_exchange::*;
use kist_identity::Issuer;
use serde_json::Value;

/// The plaintext of an answer, as whoever has the request's key would read it.
fn plain(asked: &Asked, answer: &SealedAnswer) -> Value {
    let key = kist_crypto::Secret::from_slice(&asked.pending.to_bytes().expose()[1..33]).unwrap();
    let key = kist_crypto::es256::SigningKey::from_secret(&key).unwrap();
    let (header, plain) = jwe::decrypt(&key, answer.body.strip_prefix("response=").unwrap()).unwrap();
    assert_eq!(header.enc, jwe::ContentEncryption::A256GCM);
    assert_eq!(header.kid, Some(key.public().thumbprint()));
    serde_json::from_slice(plain.expose()).unwrap()
}

#[test]
fn h1_from_a_qr_to_an_agreement() {
    let world = World::new();
    let mut asked = ask_agreement(&world, &world.clinic);
    let picture = qr::draw(&asked.link.to_uri()).unwrap().to_luma(5);

    let texts = qr::read(&picture.pixels, picture.side, picture.side).unwrap();
    let link = RequestLink::parse(&texts[0], POLICY).unwrap();
    assert_eq!(link, asked.link);
    let request = VerifiedRequest::verify(&asked.jwt, &link, &world.trust(), NOW + MINUTE, POLICY).unwrap();
    assert_eq!(request.party().legal_name, "Riverside Clinic");
    assert_eq!(
        request.offer().unwrap().purpose.text.get("en"),
        Some("To register you as a patient")
    );
    assert_eq!(request.query().credentials().len(), 5);

    let person = Person::new(&world);
    let sealed = person.answer(&request).unwrap();
    assert_eq!(sealed.response_uri, RESPONSE_URI);
    let answer = asked
        .pending
        .open_answer(&sealed.body, &world, NOW + 3 * MINUTE)
        .unwrap();

    let residence = &answer.presentations["residence"][0];
    let registry = Issuer::Organisation {
        id: "NTRGB-1003".into(),
        name: "Residents' Registry".into(),
    };
    assert_eq!(*residence.issuer(), registry);
    assert_eq!(residence.holder(), Some(&person.device.public()));
    let given = &answer.presentations["person"][0];
    assert_eq!(*given.issuer(), Issuer::SelfAsserted);
    assert_eq!(given.claims()["given_name"], "Ada");
    assert!(!answer.presentations.contains_key("phone"));

    let agreed = answer.agreement.unwrap();
    assert_eq!(agreed.return_address, return_address());
    assert_eq!(*agreed.agreement.relationship(), person.relationship.public());
    assert_eq!(agreed.agreement.state(NOW + 3 * MINUTE), AgreementState::Accepted);
}

#[test]
fn h1_a_single_sharing_needs_no_agreement() {
    let world = World::new();
    let mut asked = ask_with(&world, &world.clinic, &asks()[..1], None);
    let request = verify(&world, &asked).unwrap();
    assert!(request.offer().is_none());
    let person = Person::new(&world);
    let sealed = person.answer_with(&request, &person.choice()[..1], None).unwrap();
    let answer = asked
        .pending
        .open_answer(&sealed.body, &world, NOW + 3 * MINUTE)
        .unwrap();
    assert!(answer.agreement.is_none());
    assert_eq!(answer.presentations["person"][0].claims()["birthdate"], "1815-12-10");
}

#[test]
fn h1_an_interrupted_handshake_resumes_on_both_sides() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let kept = asked.pending.to_bytes();
    let (jwt, link) = (asked.jwt, asked.link.to_uri());

    let link = RequestLink::parse(&link, POLICY).unwrap();
    let request = VerifiedRequest::verify(&jwt, &link, &world.trust(), NOW + MINUTE, POLICY).unwrap();
    let sealed = Person::new(&world).answer(&request).unwrap();
    let mut pending = PendingRequest::from_bytes(kept.expose()).unwrap();
    assert!(
        pending
            .open_answer(&sealed.body, &world, NOW + 3 * MINUTE)
            .unwrap()
            .agreement
            .is_some()
    );

    let mut pending = PendingRequest::from_bytes(pending.to_bytes().expose()).unwrap();
    assert!(pending.is_answered());
    let again = pending.open_answer(&sealed.body, &world, NOW + 3 * MINUTE);
    assert_eq!(again.unwrap_err(), Error::ReplayRejected);
}

#[test]
fn h1_an_expired_request_is_refused_at_every_step() {
    let world = World::new();
    let mut asked = ask_agreement(&world, &world.clinic);
    let late = NOW + 10 * MINUTE + 1;
    let verified = |now| VerifiedRequest::verify(&asked.jwt, &asked.link, &world.trust(), now, POLICY);
    assert_eq!(verified(late).unwrap_err(), Error::RequestExpired);
    assert_eq!(verified(NOW - 2 * MINUTE).unwrap_err(), Error::NotYetValid { at: NOW });
    let request = verified(NOW).unwrap();
    assert_eq!(request.answer(late).unwrap_err(), Error::RequestExpired);
    let sealed = Person::new(&world).answer(&request).unwrap();
    let opened = asked.pending.open_answer(&sealed.body, &world, late + CLOCK_SKEW);
    assert_eq!(opened.unwrap_err(), Error::RequestExpired);
    assert!(asked.pending.open_answer(&sealed.body, &world, late).is_ok());
}

#[test]
fn a31_a_request_whose_end_no_calendar_has_is_refused() {
    let world = World::new();
    let query = query(&asks(), false).unwrap();
    for (expires_at, refused) in [
        (253_402_300_799, None),
        (253_402_300_800, Some("Malformed")),
        (i64::MAX, Some("Malformed")),
    ] {
        let draft = RequestDraft {
            expires_at,
            ..draft(&world.clinic, &query, None)
        };
        let unsigned = draft.prepare(&mut *world.rng.borrow_mut()).unwrap();
        let (jwt, pending) = unsigned.sign(&world.clinic.key);
        let link = RequestLink::new(pending.client_id(), REQUEST_URI, POLICY).unwrap();
        let verified = VerifiedRequest::verify(&jwt, &link, &world.trust(), NOW, POLICY);
        assert_eq!(verified.err().map(|error| error.code()), refused, "{expires_at}");
    }
}

#[test]
fn h1_the_person_declines_and_nothing_else_is_told() {
    let world = World::new();
    let mut asked = ask_agreement(&world, &world.clinic);
    let request = verify(&world, &asked).unwrap();
    let sealed = request
        .decline(&mut kist_crypto::testing::SeededRandom::new(5))
        .unwrap();
    let members = plain(&asked, &sealed);
    assert_eq!(
        members.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["error", "state"]
    );
    assert_eq!(
        asked
            .pending
            .open_answer(&sealed.body, &world, NOW + MINUTE)
            .unwrap_err(),
        Error::Declined
    );
    let answer = Person::new(&world).answer(&request).unwrap();
    assert_eq!(
        asked
            .pending
            .open_answer(&answer.body, &world, NOW + MINUTE)
            .unwrap_err(),
        Error::ReplayRejected
    );
}

#[test]
fn i2_a19_the_bytes_hold_only_what_was_chosen() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let sealed = Person::new(&world).answer(&verify(&world, &asked).unwrap()).unwrap();
    let response = plain(&asked, &sealed);
    let mut text = String::new();
    for compact in response["vp_token"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|all| all.as_array().unwrap())
    {
        for part in compact.as_str().unwrap().split(['~', '.']) {
            text += &String::from_utf8_lossy(&kist_crypto::from_base64url(part).unwrap_or_default());
        }
    }
    assert!(text.contains("Ada") && text.contains("London"));
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    // Not the values alone: what was not chosen has no presentation at all.
    assert!(response["vp_token"].get("phone").is_none());
}

#[test]
fn a19_an_answer_that_shows_more_than_was_chosen_never_leaves() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let request = verify(&world, &asked).unwrap();
    let person = Person::new(&world);
    let offer = request.offer().unwrap();
    let choice = person.choice();
    let mut wider = person.choice();
    wider[0].2.push(path(&["family_name"]));
    let acceptance = person.accept(offer, &Person::fields(&choice));
    let answered = person.answer_with(&request, &wider, Some(acceptance.clone()));
    assert_eq!(answered.unwrap_err(), Error::BeyondConsent);

    // The residence was not chosen, and is presented all the same.
    let fields: Vec<FieldRef> = Person::fields(&choice)
        .into_iter()
        .filter(|field| field.credential != "residence")
        .collect();
    let answered = person.answer_with(&request, &choice, Some(person.accept(offer, &fields)));
    assert_eq!(answered.unwrap_err(), Error::BeyondConsent);

    // And chosen, and not presented.
    let fewer: Vec<_> = person
        .choice()
        .into_iter()
        .filter(|(id, ..)| *id != "residence")
        .collect();
    let answered = person.answer_with(&request, &fewer, Some(acceptance));
    assert_eq!(
        answered.unwrap_err(),
        Error::AcceptanceMismatch { rule: Binding::Fields }
    );
}

#[test]
fn a19_a_credential_that_can_only_show_more_is_not_shown() {
    let world = World::new();
    let person = Person::new(&world);
    let whole = kist_identity::CredentialDraft {
        disclosable: kist_identity::sd_jwt::Disclosable::TopLevel,
        ..kist_identity::CredentialDraft::new(
            RESIDENCE,
            object(serde_json::json!({"address": {"street": "12 St James's Square", "locality": "London"}})),
            person.device.public(),
            kist_identity::IssuedBy::Certificates(world.registry.admitted.chain.clone()),
            NOW - 1,
        )
    };
    let whole = whole
        .prepare(&mut kist_crypto::testing::SeededRandom::new(6))
        .unwrap()
        .sign(&world.registry.key);
    let whole = kist_identity::Credential::parse(&whole).unwrap();
    let asked = ask_with(&world, &world.clinic, &asks()[3..], None);
    let request = verify(&world, &asked).unwrap();
    let choice = [("residence", &whole, vec![path(&["address", "locality"])])];
    assert_eq!(
        person.answer_with(&request, &choice, None).unwrap_err(),
        Error::BeyondConsent
    );
}

#[test]
fn k2_what_is_required_is_given_or_nothing_is() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let request = verify(&world, &asked).unwrap();
    let person = Person::new(&world);
    for (left_out, expected) in [("address", "QueryNotSatisfied"), ("connection", "QueryNotSatisfied")] {
        let choice: Vec<_> = person.choice().into_iter().filter(|(id, ..)| *id != left_out).collect();
        let acceptance = person.accept(request.offer().unwrap(), &Person::fields(&person.choice()));
        let answered = person.answer_with(&request, &choice, Some(acceptance));
        assert_eq!(answered.unwrap_err().code(), expected, "{left_out}");
    }
    let answered = person.answer_with(&request, &person.choice(), None);
    assert_eq!(
        answered.unwrap_err(),
        Error::AcceptanceMismatch {
            rule: Binding::Presence
        }
    );
    let mut draft = request.answer(NOW).unwrap();
    assert_eq!(
        draft.present("unasked", &person.phone, &[]),
        Err(Error::QueryNotSatisfied)
    );
}

#[test]
fn an_answer_signed_by_another_key_never_leaves() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let request = verify(&world, &asked).unwrap();
    let person = Person::new(&world);
    let mut draft = request.answer(NOW).unwrap();
    draft.present("person", &person.person, &person.choice()[0].2).unwrap();
    let signature = key(99).sign(draft.to_sign().next().unwrap().1);
    let completed = draft.complete(&[signature], &mut kist_crypto::testing::SeededRandom::new(7));
    assert_eq!(completed.unwrap_err().code(), "SignatureInvalid");
}
