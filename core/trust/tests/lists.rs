//! Signed lists, and what the operator can and cannot do.

#![allow(clippy::unwrap_used)]

mod support;

use kist_crypto::es256::SigningKey;
use kist_crypto::jws;
use kist_trust::framework::{Act, Application, FrameworkState};
use kist_trust::{Error, Reason, Seen, Status, TrustList, verify_organisation};
use serde_json::{Value, json};
use support::*;

#[test]
fn t2_the_operator_admits_suspends_reinstates_expels_and_publishes() {
    let (mut world, _) = World::with_clinic(1);
    let status = |world: &mut World, now| {
        world.list(now)[0]
            .entry(CLINIC)
            .map(|entry| (entry.status, entry.since))
    };
    assert_eq!(status(&mut world, NOW), Some((Status::Active, NOW)));
    world.state.suspend(CLINIC, None, NOW + 1).unwrap();
    assert_eq!(status(&mut world, NOW + 1), Some((Status::Suspended, NOW + 1)));
    world.state.reinstate(CLINIC, None, NOW + 2).unwrap();
    assert_eq!(status(&mut world, NOW + 2), Some((Status::Active, NOW + 2)));
    world.state.expel(CLINIC, None, NOW + 3).unwrap();
    assert_eq!(status(&mut world, NOW + 3), Some((Status::Expelled, NOW + 3)));
    assert_eq!(world.state.sequence(), 4);
}

#[test]
fn t2_an_expelled_organisation_stays_expelled() {
    let (mut world, clinic) = World::with_clinic(1);
    world.state.expel(CLINIC, None, NOW).unwrap();
    let refused = Err(Error::StatusChangeRefused {
        from: Status::Expelled,
        to: Status::Active,
    });
    assert_eq!(world.state.reinstate(CLINIC, None, NOW), refused);
    let admission = world.state.admit(&application(&clinic.key), NOW, YEAR, &mut world.rng);
    assert_eq!(admission.map(|_| ()), refused);
    assert_eq!(world.state.suspend("NTRGB-0", None, NOW), Err(Error::NotAMember));
}

#[test]
fn t2_an_admission_begun_before_an_expulsion_is_not_completed_after_it() {
    let (mut world, clinic) = World::with_clinic(1);
    let admission = world
        .state
        .admit(&application(&clinic.key), NOW, YEAR, &mut world.rng)
        .unwrap();
    let certificate = world.root.sign(admission.certificate_to_sign());
    let registration = world.registrar.sign(admission.registration_to_sign());
    world.state.expel(CLINIC, None, NOW).unwrap();
    let completed = world.state.complete_admission(admission, &certificate, &registration);
    assert_eq!(completed.unwrap_err().code(), "StatusChangeRefused");
}

#[test]
fn t2_a_signature_of_the_wrong_key_completes_nothing() {
    let (mut world, clinic) = World::with_clinic(1);
    let publication = world.state.publish(NOW, WEEK).unwrap();
    let forged = world.root.sign(publication.to_sign());
    assert_eq!(
        world.state.complete_publication(publication, &forged),
        Err(Error::SignatureInvalid)
    );
    assert_eq!(world.state.sequence(), 0);

    let admission = world
        .state
        .admit(&application(&clinic.key), NOW, YEAR, &mut world.rng)
        .unwrap();
    let certificate = clinic.key.sign(admission.certificate_to_sign());
    let registration = world.registrar.sign(admission.registration_to_sign());
    let before = world.state.clone();
    let completed = world.state.complete_admission(admission, &certificate, &registration);
    assert_eq!(completed, Err(Error::SignatureInvalid));
    assert_eq!(world.state, before);
}

#[test]
fn t2_the_state_survives_its_file() {
    let (mut world, _) = World::with_clinic(1);
    world.publish(NOW);
    world.state.take_log();
    let json = world.state.to_json().unwrap();
    assert_eq!(FrameworkState::from_json(&json), Ok(world.state.clone()));
    let text = String::from_utf8(json).unwrap();
    let newer = text.replacen("\"version\": 1", "\"version\": 2", 1);
    let found = FrameworkState::from_json(newer.as_bytes());
    assert_eq!(found, Err(Error::UnsupportedVersion { found: 2 }));
    assert_eq!(FrameworkState::from_json(b"{}").unwrap_err().code(), "Malformed");
}

#[test]
fn t2_expired_certificates_leave_the_list_and_renewed_ones_join_it() {
    let (mut world, clinic) = World::with_clinic(1);
    let renewed = NOW + 300 * DAY;
    world.admit(&application(&clinic.key), renewed);
    assert_eq!(world.list(renewed)[0].entry(CLINIC).unwrap().certificates.len(), 2);
    let entry = world.list(NOW + 400 * DAY)[0].entry(CLINIC).unwrap().clone();
    assert_eq!(entry.certificates.len(), 1);
    assert_eq!(entry.since, NOW);
}

#[test]
fn t2_no_certificate_outlives_the_root() {
    let mut world = World::new(1);
    let key = SigningKey::generate(&mut world.rng);
    let now = NOW + 10 * i64::from(YEAR) - DAY;
    let admitted = world.admit(&application(&key), now);
    let leaf = kist_trust::Certificate::from_der(&admitted.chain[0]).unwrap();
    let root = kist_trust::Certificate::from_der(&world.anchor().certificate).unwrap();
    assert_eq!(leaf.not_after(), root.not_after());
}

#[test]
fn t2_what_a_certificate_has_no_room_for_is_refused() {
    let mut world = World::new(1);
    let key = SigningKey::generate(&mut world.rng);
    let refused = |change: &dyn Fn(&mut Application)| {
        let mut application = application(&key);
        change(&mut application);
        let mut rng = kist_crypto::testing::SeededRandom::new(9);
        world
            .state
            .admit(&application, NOW, YEAR, &mut rng)
            .map(|_| ())
            .unwrap_err()
            .code()
    };
    let changes: [&dyn Fn(&mut Application); 9] = [
        &|application| application.organisation.country = "gb".into(),
        &|application| application.organisation.country = "GBR".into(),
        &|application| application.organisation.legal_name = String::new(),
        &|application| application.organisation.legal_name = "x".repeat(65),
        &|application| application.organisation.legal_name = "Bank\nof Somewhere".into(),
        &|application| application.organisation.organisation_id = String::new(),
        &|application| application.dns_name = Some("clinic..example".into()),
        &|application| application.dns_name = Some("https://clinic.example".into()),
        &|application| application.intended_uses.push(application.intended_uses[0].clone()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_eq!(refused(change), "Malformed", "change {number}");
    }
}

#[test]
fn a1_an_older_list_is_a_rollback() {
    let (mut world, _) = World::with_clinic(1);
    let (first, second) = (world.publish(NOW), world.publish(NOW));
    let verify = |list: &str, seen: Option<u64>| {
        let seen = seen.map(|sequence| Seen { sequence, sha256: None });
        TrustList::verify(list, &world.anchor(), seen, GRACE, NOW).map(|list| list.sequence)
    };
    assert_eq!(verify(&second, Some(1)), Ok(2));
    assert_eq!(verify(&second, Some(2)), Ok(2));
    assert_eq!(
        verify(&first, Some(2)),
        Err(Error::RollbackDetected { seen: 2, found: 1 })
    );
}

#[test]
fn t1_an_expired_list_decides_nothing_beyond_its_grace() {
    let (mut world, clinic) = World::with_clinic(1);
    let list = world.publish(NOW);
    let due = NOW + i64::from(WEEK);
    let verify = |grace, now| TrustList::verify(&list, &world.anchor(), None, grace, now);
    assert!(verify(0, due).is_ok());
    assert_eq!(verify(0, due + 1), Err(Error::TrustListExpired { expired: due }));
    assert!(verify(3600, due + 3600).is_ok());
    let expired = Error::TrustListExpired { expired: due + 3600 };
    assert_eq!(verify(3600, due + 3601), Err(expired.clone()));
    // Nor does one that was verified when it was fresh.
    let held = [verify(3600, NOW).unwrap()];
    let admitted = &clinic.admitted;
    let decide = |now| verify_organisation(&admitted.chain, &admitted.registration, &held, &world.anchors(), now);
    assert!(decide(due).is_ok());
    assert_eq!(decide(due + 3601), Err(expired));
}

#[test]
fn t1_a_list_from_the_future_is_refused() {
    let (mut world, _) = World::with_clinic(1);
    let list = world.publish(NOW + 3600);
    let verdict = TrustList::verify(&list, &world.anchor(), None, GRACE, NOW);
    assert_eq!(verdict, Err(Error::TrustListNotYetValid { issued: NOW + 3600 }));
}

#[test]
fn t1_only_the_anchors_registrar_signs_lists() {
    let (mut world, clinic) = World::with_clinic(1);
    let list = world.publish(NOW);
    let verify = |list: &str| TrustList::verify(list, &world.anchor(), None, GRACE, NOW).map(|_| ());
    let not_trusted = |reason| Err(Error::TrustListNotTrusted { reason });
    // Another framework's.
    let (mut other, _) = World::with_clinic(2);
    assert_eq!(verify(&other.publish(NOW)), not_trusted(Reason::ChainBroken));
    // An organisation's, under its own certificate; and the registrar's certificate over another's signature.
    let parsed = jws::parse(&list).unwrap();
    let mut header = parsed.header.clone();
    assert_eq!(
        verify(&jws::Unsigned::new(header.clone(), &parsed.payload).sign(&clinic.key)),
        not_trusted(Reason::SignatureInvalid)
    );
    use base64::Engine as _;
    let leaf = base64::prelude::BASE64_STANDARD.encode(&clinic.admitted.chain[0]);
    header.insert("x5c".into(), vec![leaf].into());
    assert_eq!(
        verify(&jws::Unsigned::new(header, &parsed.payload).sign(&clinic.key)),
        not_trusted(Reason::WrongUsage)
    );
    // A registration is no list.
    assert_eq!(verify(&clinic.admitted.registration), not_trusted(Reason::WrongType));
}

#[test]
fn t1_a_list_that_names_an_organisation_twice_or_is_of_another_version_is_refused() {
    let (mut world, _) = World::with_clinic(1);
    let parsed = jws::parse(&world.publish(NOW)).unwrap();
    let payload: Value = serde_json::from_slice(&parsed.payload).unwrap();
    let verify = |payload: &Value| {
        let list = jws::Unsigned::new(parsed.header.clone(), payload.to_string().as_bytes()).sign(&world.registrar);
        TrustList::verify(&list, &world.anchor(), None, GRACE, NOW).map(|_| ())
    };
    assert_eq!(verify(&payload), Ok(()));
    let malformed = Err(Error::Malformed { what: "trust list" });
    let mut twice = payload.clone();
    let entry = twice["LoTE"]["TrustedEntitiesList"][0].clone();
    twice["LoTE"]["TrustedEntitiesList"].as_array_mut().unwrap().push(entry);
    assert_eq!(verify(&twice), malformed);
    let mut newer = payload.clone();
    newer["LoTE"]["ListAndSchemeInformation"]["LoTEVersionIdentifier"] = 2.into();
    assert_eq!(verify(&newer), Err(Error::UnsupportedVersion { found: 2 }));
    let mut other = payload.clone();
    other["LoTE"]["ListAndSchemeInformation"]["LoTEType"] = "urn:example:other".into();
    assert_eq!(verify(&other), malformed);
    assert_eq!(verify(&Value::Null), malformed);
    let mut odd = payload;
    odd["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"][0]["ServiceInformation"]["ServiceStatus"] =
        "urn:kist:status:unheard".into();
    assert_eq!(verify(&odd), malformed);
}

/// What a list says.
fn payload_of(compact: &str) -> Value {
    serde_json::from_slice(&jws::parse(compact).unwrap().payload).unwrap()
}

const DIRECTORY: &str = "https://framework.example/directory.json";
const EXTENSION: &str = "/LoTE/ListAndSchemeInformation/SchemeExtensions/0";

#[test]
fn h2_a_list_says_where_the_directory_lies_until_the_operator_takes_that_back() {
    let (mut world, _) = World::with_clinic(1);
    let directory = |world: &mut World, now| world.list(now).remove(0).directory;
    assert_eq!(directory(&mut world, NOW), None);
    world.state.set_directory(Some(DIRECTORY), NOW + 1).unwrap();
    assert!(world.state.has_unpublished_changes());
    assert_eq!(directory(&mut world, NOW + 1).as_deref(), Some(DIRECTORY));
    let kept = FrameworkState::from_json(&world.state.to_json().unwrap()).unwrap();
    assert_eq!(kept.directory(), Some(DIRECTORY));
    // The same again changes nothing that would have to be published.
    world.state.set_directory(Some(DIRECTORY), NOW + 2).unwrap();
    assert!(!world.state.has_unpublished_changes());
    world.state.set_directory(None, NOW + 3).unwrap();
    assert_eq!(directory(&mut world, NOW + 3), None);
    let acts: Vec<Act> = world.state.take_log().into_iter().map(|entry| entry.act).collect();
    let changed = |url: Option<&str>| Act::DirectoryChanged {
        url: url.map(str::to_owned),
    };
    for act in [changed(Some(DIRECTORY)), changed(None)] {
        assert_eq!(acts.iter().filter(|known| **known == act).count(), 1, "{act:?}");
    }
}

#[test]
fn h2_a_framework_without_a_directory_writes_its_list_and_its_file_as_before() {
    let (mut world, _) = World::with_clinic(1);
    let extension = payload_of(&world.publish(NOW)).pointer(EXTENSION).unwrap().clone();
    let members: Vec<&String> = extension.as_object().unwrap().keys().collect();
    assert_eq!(members, ["ExtensionType", "LogHead", "Root"]);
    let file = String::from_utf8(world.state.to_json().unwrap()).unwrap();
    assert!(!file.contains("directory"));
}

#[test]
fn h2_a_list_whose_directory_has_no_address_is_refused() {
    let (mut world, _) = World::with_clinic(1);
    world.state.set_directory(Some(DIRECTORY), NOW).unwrap();
    let compact = world.publish(NOW);
    let (header, payload) = (jws::parse(&compact).unwrap().header, payload_of(&compact));
    let verify = |points: Value| {
        let mut changed = payload.clone();
        changed.pointer_mut(EXTENSION).unwrap()["ServiceSupplyPoints"] = points;
        let list = jws::Unsigned::new(header.clone(), changed.to_string().as_bytes()).sign(&world.registrar);
        TrustList::verify(&list, &world.anchor(), None, GRACE, NOW).map(|list| list.directory)
    };
    let point = |uri: &str| json!({ "ServiceType": "urn:kist:service:directory", "uriValue": uri });
    let longest = format!("https://framework.example/{}", "a".repeat(2048 - 26));
    let no_address = [
        "",
        "https://",
        "framework.example/directory.json",
        "ftp://framework.example/",
        "javascript://framework.example/",
        "https://framework.example/a b",
        "https://framework.example/\n",
        "https://framework.example/\u{202e}",
        "https://framework.example\\@other.example/",
        &format!("{longest}a"),
    ];
    let malformed = Err(Error::Malformed { what: "trust list" });
    for uri in no_address {
        assert_eq!(verify(json!([point(uri)])), malformed, "{uri}");
        let mut state = world.state.clone();
        let refused = Err(Error::Malformed { what: "directory" });
        assert_eq!(state.set_directory(Some(uri), NOW), refused, "{uri}");
        assert_eq!(state, world.state);
    }
    assert_eq!(verify(json!([point(&longest)])), Ok(Some(longest.clone())));
    assert_eq!(verify(json!([point(DIRECTORY), point(DIRECTORY)])), malformed);
    assert_eq!(verify(json!(DIRECTORY)), malformed);
    assert_eq!(
        verify(json!([{ "ServiceType": "urn:kist:service:directory" }])),
        malformed
    );
    // Other services are passed over.
    let other = json!({ "ServiceType": "urn:example:other", "uriValue": "whatever" });
    let untyped = json!({ "uriValue": "https://framework.example/" });
    assert_eq!(verify(json!([other, untyped])), Ok(None));
    assert_eq!(verify(json!([other, point(DIRECTORY)])), Ok(Some(DIRECTORY.into())));
}
