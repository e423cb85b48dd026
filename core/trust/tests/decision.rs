//! Who may ask and who may issue: certificate, list and registration together.

mod support;

use kist_crypto::es256::SigningKey;
use kist_crypto::jws;
use kist_trust::framework::{Admitted, Application};
use kist_trust::{Anchor, Error, Reason, Registration, TrustList, verify_issuer, verify_organisation, x509_hash};
use serde_json::{Value, json};
use support::*;

fn refused(reason: Reason) -> Error {
    Error::OrganisationNotTrusted { reason }
}

#[test]
fn t1_an_admitted_organisation_is_trusted_with_what_it_registered() {
    let (mut world, clinic) = World::with_clinic(1);
    let lists = world.list(NOW);
    let Admitted { chain, registration } = &clinic.admitted;
    let party = verify_organisation(chain, registration, &lists, &world.anchors(), NOW).unwrap();
    assert_eq!(party.legal_name, "Riverside Clinic");
    assert_eq!(party.organisation_id, CLINIC);
    assert_eq!(party.anchor_label, "Test framework");
    assert_eq!(party.key, clinic.key.public());
    assert_eq!(party.dns_names, ["clinic.example"]);
    let intended = party.registration.intended_use("treatment").unwrap();
    assert_eq!(intended.purpose.get("cy"), Some("I'ch trin"));
    assert_eq!(intended.retention, "P8Y");
    let hash = format!("x509_hash:{}", kist_crypto::base64url(party.certificate_sha256));
    assert_eq!(x509_hash(&chain[0]), hash);
}

#[test]
fn t1_each_anchor_vouches_under_its_own_label_and_with_its_own_list() {
    let (mut one, clinic) = World::with_clinic(1);
    let mut two = World::new(2);
    let second = two.state.anchor("Second");
    let other = TrustList::verify(&two.publish(NOW), &second, None, GRACE, NOW).unwrap();
    let Admitted { chain, registration } = &clinic.admitted;
    let both = [second.clone(), one.anchor()];
    let lists = [other.clone(), one.list(NOW).remove(0)];
    let party = verify_organisation(chain, registration, &lists, &both, NOW).unwrap();
    assert_eq!(party.anchor_label, "Test framework");
    // The list of another anchor says nothing about it.
    let verdict = verify_organisation(chain, registration, &[other], &both, NOW);
    assert_eq!(verdict, Err(refused(Reason::NotListed)));
    let verdict = verify_organisation(chain, registration, &lists, &[second], NOW);
    assert_eq!(verdict.unwrap_err().code(), "OrganisationNotTrusted");
}

#[test]
fn a22_an_unlisted_organisation_is_refused() {
    let mut world = World::new(1);
    let lists = world.list(NOW);
    let key = SigningKey::generate(&mut world.rng);
    let Admitted { chain, registration } = world.admit(&application(&key), NOW);
    let verdict = verify_organisation(&chain, &registration, &lists, &world.anchors(), NOW);
    assert_eq!(verdict, Err(refused(Reason::NotListed)));
    let verdict = verify_organisation(&chain, &registration, &[], &world.anchors(), NOW);
    assert_eq!(verdict, Err(refused(Reason::NotListed)));
}

#[test]
fn a22_suspended_and_expelled_organisations_are_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let Admitted { chain, registration } = &clinic.admitted;
    let verdict = |world: &mut World| {
        let (lists, anchors) = (world.list(NOW), world.anchors());
        let asking = verify_organisation(chain, registration, &lists, &anchors, NOW).map(|_| ());
        let issuing = verify_issuer(chain, VACCINATION, &lists, &anchors, NOW).map(|_| ());
        assert_eq!(asking, issuing);
        asking
    };
    world.state.suspend(CLINIC, None, NOW).unwrap();
    assert_eq!(verdict(&mut world), Err(refused(Reason::Suspended)));
    world.state.reinstate(CLINIC, None, NOW).unwrap();
    assert_eq!(verdict(&mut world), Ok(()));
    world.state.expel(CLINIC, None, NOW).unwrap();
    assert_eq!(verdict(&mut world), Err(refused(Reason::Expelled)));
}

#[test]
fn a22_a_certificate_before_or_after_its_time_is_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let Admitted { chain, registration } = &clinic.admitted;
    let later = NOW + i64::from(YEAR) + 1;
    let lists = world.list(later);
    let verdict = |now| verify_organisation(chain, registration, &lists, &world.anchors(), now).map(|_| ());
    assert_eq!(verdict(later), Err(refused(Reason::CertificateExpired)));
    assert_eq!(verdict(NOW - DAY), Err(refused(Reason::CertificateNotYetValid)));
}

#[test]
fn a22_a_broken_chain_and_an_unknown_anchor_are_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let Admitted { chain, registration } = &clinic.admitted;
    let lists = world.list(NOW);
    // The same operator's name over another key.
    let impostor = Anchor {
        label: "Test framework".into(),
        ..World::new(2).anchor()
    };
    let verdict = |anchors: &[Anchor]| verify_organisation(chain, registration, &lists, anchors, NOW).map(|_| ());
    assert_eq!(verdict(&[impostor]), Err(refused(Reason::ChainBroken)));
    assert_eq!(verdict(&[]), Err(refused(Reason::UnknownAnchor)));
}

#[test]
fn a22_a_certificate_that_the_list_does_not_name_is_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let lists = world.list(NOW);
    let renewed = world.admit(&application(&clinic.key), NOW);
    let verdict = |chain: &[Vec<u8>], lists: &[TrustList]| {
        verify_organisation(chain, &renewed.registration, lists, &world.anchors(), NOW).map(|_| ())
    };
    assert_eq!(
        verdict(&renewed.chain, &lists),
        Err(refused(Reason::CertificateNotListed))
    );
    // A renewed registration counts for a phone that has the older list.
    assert_eq!(verdict(&clinic.admitted.chain, &lists), Ok(()));
}

#[test]
fn a22_the_registrars_certificate_does_not_ask() {
    let (mut world, clinic) = World::with_clinic(1);
    let (lists, anchors) = (world.list(NOW), world.anchors());
    let registrar = registrar_der(&clinic.admitted.registration);
    let verdict = verify_organisation(&[registrar], &clinic.admitted.registration, &lists, &anchors, NOW);
    assert_eq!(verdict, Err(refused(Reason::WrongUsage)));
}

#[test]
fn a18_a_registration_of_another_organisation_is_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let key = SigningKey::generate(&mut world.rng);
    let mut other = application(&key);
    other.organisation.organisation_id = "NTRGB-87654321".into();
    let other = world.admit(&other, NOW);
    let lists = world.list(NOW);
    let verdict = verify_organisation(
        &clinic.admitted.chain,
        &other.registration,
        &lists,
        &world.anchors(),
        NOW,
    );
    assert_eq!(verdict, Err(refused(Reason::RegistrationMismatch)));
    let verdict = verify_organisation(
        &other.chain,
        &clinic.admitted.registration,
        &lists,
        &world.anchors(),
        NOW,
    );
    assert_eq!(verdict, Err(refused(Reason::RegistrationMismatch)));
}

#[test]
fn a22_an_older_broader_registration_is_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let mut narrower = application(&clinic.key);
    narrower.intended_uses.clear();
    let renewed = world.admit(&narrower, NOW + DAY);
    let lists = world.list(NOW + DAY);
    let verdict = |registration: &str| {
        verify_organisation(
            &clinic.admitted.chain,
            registration,
            &lists,
            &world.anchors(),
            NOW + DAY,
        )
        .map(|_| ())
    };
    assert_eq!(
        verdict(&clinic.admitted.registration),
        Err(refused(Reason::RegistrationSuperseded))
    );
    assert_eq!(verdict(&renewed.registration), Ok(()));
}

#[test]
fn a22_a_registration_that_the_registrar_did_not_sign_is_refused() {
    let (mut world, clinic) = World::with_clinic(1);
    let (other_framework, other_clinic) = World::with_clinic(2);
    drop(other_framework);
    let lists = world.list(NOW);
    let list = world.publish(NOW);
    let application = application(&clinic.key).unsigned().unwrap().sign(&clinic.key);
    let (head, tail) = clinic
        .admitted
        .registration
        .split_at(clinic.admitted.registration.len() - 10);
    let tampered = format!("{head}{}", tail.chars().rev().collect::<String>());
    for registration in [
        "",
        "a.b.c",
        &application,
        &list,
        &other_clinic.admitted.registration,
        &tampered,
    ] {
        let verdict = verify_organisation(&clinic.admitted.chain, registration, &lists, &world.anchors(), NOW);
        assert_eq!(verdict, Err(refused(Reason::RegistrationInvalid)), "{registration}");
    }
}

#[test]
fn a22_a_registration_before_or_after_its_time_is_refused() {
    let (world, clinic) = World::with_clinic(1);
    let verify = |now| Registration::verify(&clinic.admitted.registration, &world.anchor(), now).map(|_| ());
    assert_eq!(verify(NOW - kist_trust::CLOCK_SKEW), Ok(()));
    assert_eq!(
        verify(NOW - kist_trust::CLOCK_SKEW - 1),
        Err(refused(Reason::RegistrationExpired))
    );
    assert_eq!(verify(NOW + i64::from(YEAR)), Ok(()));
    assert_eq!(
        verify(NOW + i64::from(YEAR) + 1),
        Err(refused(Reason::RegistrationExpired))
    );
}

#[test]
fn t1_a_registration_of_another_version_or_with_a_use_twice_is_refused() {
    let (world, clinic) = World::with_clinic(1);
    let parsed = jws::parse(&clinic.admitted.registration).unwrap();
    let verify = |change: &dyn Fn(&mut Value)| {
        let mut payload: Value = serde_json::from_slice(&parsed.payload).unwrap();
        change(&mut payload);
        let compact = jws::Unsigned::new(parsed.header.clone(), payload.to_string().as_bytes()).sign(&world.registrar);
        Registration::verify(&compact, &world.anchor(), NOW).map(|_| ())
    };
    let invalid = Err(refused(Reason::RegistrationInvalid));
    assert_eq!(verify(&|payload| payload["unheard_of"] = 1.into()), Ok(()));
    assert_eq!(
        verify(&|payload| payload["version"] = 2.into()),
        Err(Error::UnsupportedVersion { found: 2 })
    );
    assert_eq!(verify(&|payload| payload["version"] = Value::Null), invalid);
    assert_eq!(
        verify(&|payload| {
            let first = payload["intended_uses"][0].clone();
            payload["intended_uses"].as_array_mut().unwrap().push(first);
        }),
        invalid
    );
    let claims =
        |claims: Value| verify(&|payload| payload["intended_uses"][0]["credentials"][0]["claims"] = claims.clone());
    assert_eq!(claims(json!([["a", 0, null]])), Ok(()));
    assert_eq!(claims(json!([[]])), invalid);
    assert_eq!(claims(json!([["a", -1]])), invalid);
    assert_eq!(
        verify(&|payload| payload["intended_uses"][0]["purpose"] = json!([])),
        invalid
    );
}

#[test]
fn t2_a_registration_that_phones_would_not_read_is_not_admitted() {
    let mut world = World::new(1);
    let key = SigningKey::generate(&mut world.rng);
    let mut application = application(&key);
    application.contacts = vec!["mailto:x@clinic.example".repeat(4000)];
    let admission = world.state.admit(&application, NOW, YEAR, &mut world.rng).unwrap();
    let certificate = world.root.sign(admission.certificate_to_sign());
    let registration = world.registrar.sign(admission.registration_to_sign());
    let completed = world.state.complete_admission(admission, &certificate, &registration);
    assert_eq!(completed.unwrap_err().code(), "TooLarge");
    assert!(world.state.members().is_empty());
}

#[test]
fn t1_an_organisation_issues_only_what_the_list_says() {
    let (mut world, clinic) = World::with_clinic(1);
    let (lists, anchors) = (world.list(NOW), world.anchors());
    let issuer = verify_issuer(&clinic.admitted.chain, VACCINATION, &lists, &anchors, NOW).unwrap();
    assert_eq!(issuer.legal_name, "Riverside Clinic");
    assert_eq!(issuer.organisation_id, CLINIC);
    assert_eq!(issuer.key, clinic.key.public());
    assert!(lists[0].entry(CLINIC).unwrap().may_issue(VACCINATION));
    let verdict = verify_issuer(&clinic.admitted.chain, PERSON, &lists, &anchors, NOW);
    assert_eq!(verdict, Err(refused(Reason::MayNotIssue)));
}

#[test]
fn k3_what_was_not_registered_is_over_asking() {
    let (world, clinic) = World::with_clinic(1);
    let registration = Registration::verify(&clinic.admitted.registration, &world.anchor(), NOW).unwrap();
    let permits = |path: Value| registration.permits("treatment", PERSON, path.as_array().unwrap());
    assert!(permits(json!([])));
    assert!(permits(json!(["name"])));
    assert!(permits(json!(["name", "given"])));
    assert!(permits(json!(["addresses", null, "locality"])));
    assert!(permits(json!(["addresses", 3, "locality"])));
    assert!(!permits(json!(["birth_date"])));
    assert!(!permits(json!(["addresses"])));
    assert!(!permits(json!(["addresses", "x", "locality"])));
    assert!(!permits(json!(["addresses", 0, "street"])));
    assert!(!registration.permits("treatment", VACCINATION, &[json!("name")]));
    assert!(!registration.permits("research", PERSON, &[json!("name")]));
}

#[test]
fn t2_an_application_proves_its_key() {
    let (_, clinic) = World::with_clinic(1);
    let application = application(&clinic.key);
    let compact = application.unsigned().unwrap().sign(&clinic.key);
    assert_eq!(Application::verify(&compact), Ok(application.clone()));
    let thief = SigningKey::generate(&mut World::new(3).rng);
    let stolen = application.unsigned().unwrap().sign(&thief);
    assert_eq!(Application::verify(&stolen), Err(Error::SignatureInvalid));
}
