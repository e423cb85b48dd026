//! A root is replaced: phones that pin the old one follow, phones that pin the new one believe what the old one signed until
//! it retires, and nobody else takes over.

#![allow(clippy::unwrap_used)]

mod support;

use std::process::Command;

use kist_crypto::es256::SigningKey;
use kist_trust::framework::{Admitted, NewRootSignatures, RootLifetimes};
use kist_trust::{Anchor, Certificate, Error, Reason, TrustList, verify_organisation};
use support::*;

const MONTH: u32 = 30 * 86_400;

fn list(world: &mut World, anchor: &Anchor, now: i64) -> kist_trust::Result<TrustList> {
    TrustList::verify(&world.publish(now), anchor, None, GRACE, now)
}

fn asks(admitted: &Admitted, list: &TrustList, anchor: &Anchor, now: i64) -> Result<(), Error> {
    let (lists, anchors) = ([list.clone()], [anchor.clone()]);
    verify_organisation(&admitted.chain, &admitted.registration, &lists, &anchors, now).map(|_| ())
}

#[test]
fn t2_phones_that_pin_the_old_root_follow_to_the_new_one() {
    let (mut world, clinic) = World::with_clinic(1);
    let old = world.anchor();
    world.rotate(NOW + DAY, MONTH);
    let now = NOW + 2 * DAY;
    let by_old = list(&mut world, &old, now).unwrap();
    assert_eq!(by_old.successor(), Some(world.anchor().certificate.as_slice()));
    // What the old root signed and what the new one signs is believed under the old one and under the new one.
    let renewed = world.renew(CLINIC, now);
    let new = world.anchor();
    for anchor in [&old, &new] {
        let list = list(&mut world, anchor, now).unwrap();
        assert_eq!(
            asks(&clinic.admitted, &list, anchor, now),
            Err(Reason::RegistrationSuperseded.into())
        );
        let mixed = Admitted {
            registration: renewed.registration.clone(),
            ..clinic.admitted.clone()
        };
        assert_eq!(asks(&mixed, &list, anchor, now), Ok(()));
        assert_eq!(asks(&renewed, &list, anchor, now), Ok(()));
    }
    assert_eq!(list(&mut world, &new, now).unwrap().successor(), None);
}

#[test]
fn t2_the_old_root_retires_on_its_date() {
    let (mut world, clinic) = World::with_clinic(1);
    world.rotate(NOW + DAY, MONTH);
    let (new, retires) = (world.anchor(), NOW + DAY + i64::from(MONTH));
    assert_eq!(world.state.retires(NOW + DAY), Some(retires));
    let before = list(&mut world, &new, retires).unwrap();
    assert_eq!(asks(&clinic.admitted, &before, &new, retires), Ok(()));
    // Neither a phone that keeps the list it had nor one that has the next believes it a second later.
    let after = retires + 1;
    let next = list(&mut world, &new, after).unwrap();
    for list in [&before, &next] {
        let verdict = asks(&clinic.admitted, list, &new, after).unwrap_err();
        assert_eq!(verdict.code(), "OrganisationNotTrusted");
        assert!(
            matches!(
                verdict,
                Error::OrganisationNotTrusted {
                    reason: Reason::CertificateExpired | Reason::ChainBroken
                }
            ),
            "{verdict:?}"
        );
    }
    let renewed = world.renew(CLINIC, after);
    let list = list(&mut world, &new, after).unwrap();
    assert_eq!(asks(&renewed, &list, &new, after), Ok(()));
    assert_eq!(world.state.retires(after), None);
}

#[test]
fn t2_a_phone_that_slept_through_two_changes_follows_still() {
    let (mut world, _) = World::with_clinic(1);
    let first = world.anchor();
    world.rotate(NOW + DAY, MONTH);
    let second = world.anchor();
    let later = NOW + DAY + 2 * i64::from(MONTH);
    world.rotate(later, MONTH);
    let third = world.anchor();
    for anchor in [&first, &second] {
        let list = list(&mut world, anchor, later).unwrap();
        assert_eq!(list.successor(), Some(third.certificate.as_slice()));
    }
    let renewed = world.renew(CLINIC, later);
    for anchor in [&first, &second, &third] {
        let list = list(&mut world, anchor, later).unwrap();
        assert_eq!(asks(&renewed, &list, anchor, later), Ok(()));
    }
}

#[test]
fn a22_another_root_of_the_same_name_takes_nothing_over() {
    let (world, _) = World::with_clinic(1);
    let mut stranger = World::new(2);
    stranger.rotate(NOW, MONTH);
    let verdict = list(&mut stranger, &world.anchor(), NOW);
    assert_eq!(
        verdict,
        Err(Error::TrustListNotTrusted {
            reason: Reason::ChainBroken
        })
    );
}

#[test]
fn a22_the_registrar_cannot_name_another_root() {
    // The registrar's key is at work every day and may be stolen: it signs a list that names a root of the thief's.
    let (mut world, _) = World::with_clinic(1);
    let thief = World::new(2);
    let parsed = kist_crypto::jws::parse(&world.publish(NOW)).unwrap();
    let mut payload: serde_json::Value = serde_json::from_slice(&parsed.payload).unwrap();
    let theirs = serde_json::to_value(thief.anchor()).unwrap()["certificate"].clone();
    payload["LoTE"]["ListAndSchemeInformation"]["SchemeExtensions"][0]["Root"] = theirs;
    let forged = kist_crypto::jws::Unsigned::new(parsed.header, payload.to_string().as_bytes()).sign(&world.registrar);
    let list = TrustList::verify(&forged, &world.anchor(), None, GRACE, NOW).unwrap();
    assert_eq!(list.successor(), None);
}

#[test]
fn t2_a_rotation_needs_both_roots() {
    let (mut world, _) = World::with_clinic(1);
    let (root, registrar) = (
        SigningKey::generate(&mut world.rng),
        SigningKey::generate(&mut world.rng),
    );
    let lifetimes = RootLifetimes {
        root: YEAR,
        registrar: YEAR,
        retires_in: MONTH,
    };
    let same = world.state.rotate_root(
        &world.root.public(),
        &registrar.public(),
        lifetimes,
        NOW,
        &mut world.rng,
    );
    assert_eq!(same.map(|_| ()), Err(Error::Malformed { what: "root" }));
    let rotation = world
        .state
        .rotate_root(&root.public(), &registrar.public(), lifetimes, NOW, &mut world.rng)
        .unwrap();
    let new = NewRootSignatures {
        root: root.sign(rotation.root_to_sign()),
        old_with_new: root.sign(rotation.old_with_new_to_sign()),
        registrar: root.sign(rotation.registrar_to_sign()),
    };
    let forged = root.sign(rotation.new_with_old_to_sign());
    let before = world.state.clone();
    let completed = world.state.complete_rotation(rotation, &forged, &new);
    assert_eq!(completed, Err(Error::SignatureInvalid));
    assert_eq!(world.state, before);
}

#[test]
fn t2_the_registrar_gets_another_key() {
    let (mut world, clinic) = World::with_clinic(1);
    let (key, anchor) = (SigningKey::generate(&mut world.rng), world.anchor());
    let change = world
        .state
        .change_registrar(&key.public(), YEAR, NOW + DAY, &mut world.rng)
        .unwrap();
    let signature = world.root.sign(change.to_sign());
    world.state.complete_registrar(change, &signature).unwrap();
    world.registrar = key;
    // What the key before signed counts still.
    let list = list(&mut world, &anchor, NOW + DAY).unwrap();
    assert_eq!(asks(&clinic.admitted, &list, &anchor, NOW + DAY), Ok(()));
}

#[test]
fn t2_openssl_follows_the_links_too() {
    let mut world = World::with_clinic(1).0;
    let old = world.anchor();
    world.rotate(NOW, MONTH);
    let admitted = world.renew(CLINIC, NOW);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, ders: &[Vec<u8>]| {
        let path = folder.path().join(name);
        std::fs::write(&path, ders.iter().map(|der| pem(der)).collect::<String>()).unwrap();
        path
    };
    let verdict = Command::new("openssl")
        .args(["verify", "-x509_strict", "-attime", &NOW.to_string(), "-CAfile"])
        .arg(file("old.pem", std::slice::from_ref(&old.certificate)))
        .arg("-untrusted")
        .arg(file("chain.pem", &admitted.chain))
        .arg(file("leaf.pem", &admitted.chain[..1]))
        .output()
        .unwrap();
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stderr));
    let link = Certificate::from_der(&admitted.chain[1]).unwrap();
    assert_eq!(link.key(), world.root.public());
}
