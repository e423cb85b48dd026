//! Certificates and JWTs that nobody would make: refused, and never a panic.

#![allow(clippy::unwrap_used)]

mod support;

use kist_crypto::es256::signature_to_der;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{CryptoRng, base64url, from_base64url};
use kist_trust::framework::Application;
use kist_trust::{Certificate, Error, Reason, Registration, TrustList, Usage, validate_path};
use support::*;

/// The tag, the content and what follows, of the first element of a DER sequence's content.
fn element(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (start, length) = match der[1] {
        short @ ..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
    };
    (der[0], &der[start..start + length], &der[start + length..])
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag, 0x82, (length >> 8) as u8, length as u8];
    if length < 0x80 {
        out = vec![tag, length as u8];
    } else if length < 0x100 {
        out = vec![tag, 0x81, length as u8];
    }
    out.extend_from_slice(content);
    out
}

/// The elements of a constructed value, each with its tag and length.
fn elements(mut content: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    while !content.is_empty() {
        let (tag, inner, rest) = element(content);
        out.push(wrap(tag, inner));
        content = rest;
    }
    out
}

/// The clinic's certificate with its signed part rewritten, and signed by the root again.
fn resigned(change: impl Fn(&mut Vec<Vec<u8>>)) -> (World, Vec<u8>) {
    let (world, clinic) = World::with_clinic(1);
    let parts = elements(element(&clinic.admitted.chain[0]).1);
    let mut tbs = elements(element(&parts[0]).1);
    change(&mut tbs);
    let tbs = wrap(0x30, &tbs.concat());
    let signature = signature_to_der(&world.root.sign(&tbs)).unwrap();
    let signature = wrap(0x03, &[&[0], &signature[..]].concat());
    let certificate = wrap(0x30, &[tbs, parts[1].clone(), signature].concat());
    (world, certificate)
}

/// Rewrites the list of extensions, the last part of what is signed.
fn with_extensions(change: impl Fn(&mut Vec<Vec<u8>>)) -> (World, Vec<u8>) {
    resigned(|tbs| {
        let wrapped = tbs.pop().unwrap();
        let mut list = elements(element(element(&wrapped).1).1);
        change(&mut list);
        tbs.push(wrap(0xa3, &wrap(0x30, &list.concat())));
    })
}

fn verdict((world, certificate): (World, Vec<u8>)) -> Result<(), Error> {
    validate_path(&[certificate], &world.anchors(), Usage::Requests, NOW).map(|_| ())
}

#[test]
fn a22_a_rebuilt_certificate_is_accepted_as_it_was() {
    assert_eq!(verdict(resigned(|_| {})), Ok(()));
    assert_eq!(verdict(with_extensions(|_| {})), Ok(()));
}

#[test]
fn a22_an_extension_that_comes_twice_is_refused() {
    let malformed = Err(Reason::CertificateMalformed.into());
    assert_eq!(verdict(with_extensions(|list| list.push(list[0].clone()))), malformed);
    // One that isn't understood, and wouldn't matter alone: 1.3.6.1.4.1.32473.1, as an example.
    let optional = wrap(
        0x30,
        &[
            &wrap(0x06, &[0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1])[..],
            &wrap(0x04, &[5, 0]),
        ]
        .concat(),
    );
    assert_eq!(verdict(with_extensions(|list| list.push(optional.clone()))), Ok(()));
    assert_eq!(
        verdict(with_extensions(|list| list.extend([optional.clone(), optional.clone()]))),
        malformed
    );
}

#[test]
fn a22_inner_and_outer_algorithm_have_to_agree() {
    // ecdsa-with-SHA256 becomes ecdsa-with-SHA384 in the signed part alone.
    let changed = resigned(|tbs| *tbs[2].last_mut().unwrap() = 3);
    assert_eq!(verdict(changed), Err(Reason::CertificateMalformed.into()));
}

#[test]
fn a22_old_versions_and_loose_encodings_are_refused() {
    let malformed: Result<(), Error> = Err(Reason::CertificateMalformed.into());
    let version_1 = resigned(|tbs| drop(tbs.remove(0)));
    assert_eq!(verdict(version_1), malformed);
    let version_2 = resigned(|tbs| *tbs[0].last_mut().unwrap() = 1);
    assert_eq!(verdict(version_2), malformed);
    // `critical` spelt out as FALSE, which is BER and not DER.
    let spelt_out = with_extensions(|list| {
        let parts = elements(element(&list[1]).1);
        list[1] = wrap(0x30, &[&parts[0][..], &[1, 1, 0], &parts[1]].concat());
    });
    assert_eq!(verdict(spelt_out), malformed);
    let (world, mut trailing) = resigned(|_| {});
    trailing.push(0);
    assert_eq!(verdict((world, trailing)), malformed);
    let huge = Certificate::from_der(&vec![0x30; 1 << 20]).map(|_| ());
    assert_eq!(huge, malformed);
}

fn number(rng: &mut impl CryptoRng) -> usize {
    usize::try_from(rng.next_u32()).unwrap()
}

/// Changes a few bytes, or cuts.
fn mutate(bytes: &[u8], rng: &mut SeededRandom) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut random = || number(rng);
    for _ in 0..1 + random() % 3 {
        let place = random() % out.len();
        match random() % 4 {
            0 => out[place] ^= 1 << (random() % 8),
            1 => out[place] = random() as u8,
            2 => out.insert(place, random() as u8),
            _ => drop(out.remove(place)),
        }
    }
    if random() % 8 == 0 {
        out.truncate(random() % out.len());
    }
    out
}

#[test]
fn a31_mutated_certificates_are_refused_without_a_panic() {
    let mut rng = SeededRandom::new(31);
    let (world, clinic) = World::with_clinic(1);
    let (anchors, original) = (world.anchors(), &clinic.admitted.chain[0]);
    for _ in 0..3000 {
        let mutated = mutate(original, &mut rng);
        if mutated != *original {
            assert!(validate_path(&[mutated], &anchors, Usage::Requests, NOW).is_err());
        }
    }
}

#[test]
fn a31_each_flipped_byte_of_a_certificate_is_noticed() {
    let (world, clinic) = World::with_clinic(1);
    let anchors = world.anchors();
    for place in 0..clinic.admitted.chain[0].len() {
        let mut flipped = clinic.admitted.chain[0].clone();
        flipped[place] ^= 0xff;
        assert!(
            validate_path(&[flipped], &anchors, Usage::Requests, NOW).is_err(),
            "byte {place}"
        );
    }
}

/// A JWS with one of its parts mutated beneath base64url.
fn mutate_jws(compact: &str, rng: &mut SeededRandom) -> String {
    let mut parts: Vec<String> = compact.split('.').map(str::to_owned).collect();
    let chosen = number(rng) % parts.len();
    parts[chosen] = base64url(mutate(&from_base64url(&parts[chosen]).unwrap(), rng));
    parts.join(".")
}

#[test]
fn a31_mutated_jwts_are_refused_without_a_panic() {
    let mut rng = SeededRandom::new(32);
    let (mut world, clinic) = World::with_clinic(1);
    let (list, anchor) = (world.publish(NOW), world.anchor());
    let registration = &clinic.admitted.registration;
    let application = application(&clinic.key).unsigned().unwrap().sign(&clinic.key);
    for _ in 0..1000 {
        let mutated = mutate_jws(&list, &mut rng);
        assert!(mutated == list || TrustList::verify(&mutated, &anchor, None, GRACE, NOW).is_err());
        let mutated = mutate_jws(registration, &mut rng);
        assert!(mutated == *registration || Registration::verify(&mutated, &anchor, NOW).is_err());
        let mutated = mutate_jws(&application, &mut rng);
        assert!(mutated == application || Application::verify(&mutated).is_err());
    }
}

#[test]
fn a31_mutated_content_under_a_valid_signature_never_panics() {
    let mut rng = SeededRandom::new(33);
    let (mut world, clinic) = World::with_clinic(1);
    let (list, anchor) = (world.publish(NOW), world.anchor());
    let (list, registration) = (
        kist_crypto::jws::parse(&list).unwrap(),
        kist_crypto::jws::parse(&clinic.admitted.registration).unwrap(),
    );
    let mut sign = |parsed: &kist_crypto::jws::Parsed| {
        let payload = mutate(&parsed.payload, &mut rng);
        kist_crypto::jws::Unsigned::new(parsed.header.clone(), &payload).sign(&world.registrar)
    };
    let mut refused = 0;
    for _ in 0..500 {
        refused += u32::from(TrustList::verify(&sign(&list), &anchor, None, GRACE, NOW).is_err());
        refused += u32::from(Registration::verify(&sign(&registration), &anchor, NOW).is_err());
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn a31_a_member_that_comes_twice_is_refused() {
    use kist_crypto::jws::{self, Unsigned};
    let (mut world, clinic) = World::with_clinic(1);
    let (list, anchor) = (jws::parse(&world.publish(NOW)).unwrap(), world.anchor());
    let twice = |parsed: &jws::Parsed| {
        let text = String::from_utf8(parsed.payload.clone()).unwrap();
        let doubled = text.replacen('{', "{\"x\":1,\"x\":2,", 1);
        Unsigned::new(parsed.header.clone(), doubled.as_bytes()).sign(&world.registrar)
    };
    let once = |parsed: &jws::Parsed| {
        let text = String::from_utf8(parsed.payload.clone()).unwrap();
        let longer = text.replacen('{', "{\"x\":1,", 1);
        Unsigned::new(parsed.header.clone(), longer.as_bytes()).sign(&world.registrar)
    };
    let read = |list: &str| TrustList::verify(list, &anchor, None, GRACE, NOW).map(|_| ());
    assert_eq!(read(&once(&list)), Ok(()));
    assert_eq!(read(&twice(&list)), Err(Error::Malformed { what: "trust list" }));
    let registration = jws::parse(&clinic.admitted.registration).unwrap();
    assert!(Registration::verify(&once(&registration), &anchor, NOW).is_ok());
    assert_eq!(
        Registration::verify(&twice(&registration), &anchor, NOW),
        Err(Reason::RegistrationInvalid.into())
    );
    // A header that names its key twice, each reader taking another.
    let mut parts: Vec<String> = world.publish(NOW).split('.').map(str::to_owned).collect();
    let header = String::from_utf8(from_base64url(&parts[0]).unwrap()).unwrap();
    parts[0] = base64url(header.replacen('{', "{\"typ\":\"x\",", 1));
    let signed = world.registrar.sign(format!("{}.{}", parts[0], parts[1]).as_bytes());
    let forged = format!("{}.{}.{}", parts[0], parts[1], base64url(signed));
    let refused = Err(Error::TrustListNotTrusted {
        reason: Reason::SignatureInvalid,
    });
    assert_eq!(read(&forged), refused);
}

#[test]
fn a22_another_algorithm_is_refused_as_such() {
    let (mut world, _) = World::with_clinic(1);
    let list = world.publish(NOW);
    let anchor = world.anchor();
    for algorithm in ["none", "HS256", "ES384", "RS256"] {
        let mut parts: Vec<String> = list.split('.').map(str::to_owned).collect();
        let header = String::from_utf8(from_base64url(&parts[0]).unwrap()).unwrap();
        parts[0] = base64url(header.replacen("ES256", algorithm, 1));
        assert_eq!(
            TrustList::verify(&parts.join("."), &anchor, None, GRACE, NOW),
            Err(Error::TrustListNotTrusted {
                reason: Reason::AlgorithmRefused
            }),
            "{algorithm}"
        );
    }
}

#[test]
fn a31_registrations_that_nobody_could_read_to_a_person_are_refused() {
    let (world, clinic) = World::with_clinic(1);
    let parsed = kist_crypto::jws::parse(&clinic.admitted.registration).unwrap();
    let original: serde_json::Value = serde_json::from_slice(&parsed.payload).unwrap();
    let changes: [(&str, serde_json::Value); 14] = [
        ("/country", "gb".into()),
        ("/contacts/0", "not a uri".into()),
        ("/contacts/0", "mailto:a@b.example\u{202e}".into()),
        ("/supervisory_authority/uri", "".into()),
        ("/supervisory_authority/name", "Office\nof".into()),
        ("/intended_uses/0/purpose/0/lang", "a language".into()),
        ("/intended_uses/0/purpose/0/value", "  ".into()),
        ("/intended_uses/0/purpose_code", "anything".into()),
        ("/intended_uses/0/legal_basis", "eu-gdpr:".into()),
        ("/intended_uses/0/retention", "eight years".into()),
        ("/intended_uses/0/retention", "P".into()),
        ("/intended_uses/0/retention", "P1D2Y".into()),
        ("/terms/sha256", "short".into()),
        ("/exp", 0.into()),
    ];
    for (pointer, value) in changes {
        let mut changed = original.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        let text = changed.to_string();
        let compact = kist_crypto::jws::Unsigned::new(parsed.header.clone(), text.as_bytes()).sign(&world.registrar);
        assert_eq!(
            Registration::verify(&compact, &world.anchor(), NOW),
            Err(Reason::RegistrationInvalid.into()),
            "{pointer}"
        );
    }
}

#[test]
fn a31_oversize_input_is_refused_before_it_is_read() {
    let (world, _) = World::with_clinic(1);
    let huge = "a".repeat(2 << 20);
    assert!(TrustList::verify(&huge, &world.anchor(), None, GRACE, NOW).is_err());
    assert!(Registration::verify(&huge, &world.anchor(), NOW).is_err());
    assert_eq!(Application::verify(&huge).unwrap_err().code(), "TooLarge");
}
