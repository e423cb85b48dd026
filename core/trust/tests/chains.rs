//! Path validation on chains that OpenSSL made (tests/vectors/trust), and OpenSSL's verdict on ours.

mod support;

use std::path::Path;
use std::process::Command;

use kist_trust::Usage::{self, Credentials, Registrar, Requests};
use kist_trust::{Anchor, AnchorKind, Error, Reason, ValidatedLeaf, validate_path};
use support::*;

fn anchor(name: &str) -> Anchor {
    Anchor {
        label: name.into(),
        kind: AnchorKind::Framework,
        certificate: chain(name).remove(0),
    }
}

fn validate(name: &str, usage: Usage) -> Result<ValidatedLeaf, Reason> {
    validate_path(&chain(name), &[anchor("anchor")], usage, NOW).map_err(|error| match error {
        Error::OrganisationNotTrusted { reason } => reason,
        other => panic!("{name}: {other}"),
    })
}

#[test]
fn t1_chains_that_openssl_made_are_accepted() {
    for name in [
        "good",
        "good-any-usage",
        "good-unknown-optional",
        "good-middle",
        "good-two-middles",
        "good-self-issued",
    ] {
        let leaf = validate(name, Requests).unwrap_or_else(|reason| panic!("{name}: {reason:?}"));
        assert_eq!(leaf.subject.legal_name, "Riverside Clinic", "{name}");
        assert_eq!(leaf.subject.organisation_id, "NTRGB-12345678", "{name}");
        assert_eq!(leaf.subject.country, "GB", "{name}");
        assert_eq!(leaf.anchor_label, "anchor", "{name}");
        assert!(validate(name, Credentials).is_ok(), "{name}");
    }
    assert_eq!(validate("good", Requests).unwrap().dns_names, ["clinic.example"]);
}

#[test]
fn t1_a_chain_may_carry_its_anchor() {
    let mut with_anchor = chain("good-middle");
    with_anchor.push(chain("anchor").remove(0));
    assert!(validate_path(&with_anchor, &[anchor("anchor")], Requests, NOW).is_ok());
}

#[test]
fn a22_chains_that_openssl_made_are_refused_with_the_reason() {
    for (name, reason) in [
        ("expired", Reason::CertificateExpired),
        ("expired-middle", Reason::CertificateExpired),
        ("not-yet-valid", Reason::CertificateNotYetValid),
        ("unknown-anchor", Reason::UnknownAnchor),
        ("middle-missing", Reason::UnknownAnchor),
        ("impostor", Reason::ChainBroken),
        ("expired-root", Reason::ChainBroken),
        ("wrong-middle", Reason::ChainBroken),
        ("wrong-order", Reason::ChainBroken),
        ("path-too-long", Reason::PathTooLong),
        ("issuer-no-authority", Reason::WrongUsage),
        ("issuer-no-constraints", Reason::WrongUsage),
        ("issuer-no-key-usage", Reason::WrongUsage),
        ("issuer-no-cert-sign", Reason::WrongUsage),
        ("issuer-for-other-usage", Reason::WrongUsage),
        ("leaf-as-issuer", Reason::WrongUsage),
        ("leaf-authority", Reason::WrongUsage),
        ("leaf-key-agreement", Reason::WrongUsage),
        ("leaf-without-key-usage", Reason::WrongUsage),
        ("leaf-server-only", Reason::WrongUsage),
        ("unknown-critical", Reason::CertificateUnsupported),
        ("critical-policy", Reason::CertificateUnsupported),
        ("name-constraints", Reason::NameNotPermitted),
        ("rsa-key", Reason::CertificateUnsupported),
        ("p384-key", Reason::CertificateUnsupported),
        ("sha384", Reason::CertificateUnsupported),
        ("no-id", Reason::CertificateMalformed),
        ("two-names", Reason::CertificateMalformed),
    ] {
        assert_eq!(validate(name, Requests).map(|_| ()), Err(reason), "{name}");
    }
}

#[test]
fn a22_an_organisations_certificate_never_speaks_for_the_registrar() {
    for name in ["good", "good-any-usage"] {
        assert_eq!(validate(name, Registrar).map(|_| ()), Err(Reason::WrongUsage), "{name}");
    }
}

#[test]
fn a22_an_expired_anchor_vouches_for_nobody() {
    let verdict = |anchors: &[Anchor]| validate_path(&chain("expired-root"), anchors, Requests, NOW).map(|_| ());
    let expired = Reason::CertificateExpired;
    assert_eq!(verdict(&[anchor("old-root")]), Err(expired.into()));
    // One of the same name beside it changes nothing, in either order.
    assert!(verdict(&[anchor("anchor"), anchor("old-root")]).is_err());
    assert!(verdict(&[anchor("old-root"), anchor("anchor")]).is_err());
    let before = validate_path(
        &chain("expired-root"),
        &[anchor("anchor"), anchor("old-root")],
        Requests,
        NOW - 150 * DAY,
    );
    assert_eq!(before.unwrap().anchor_label, "old-root");
}

#[test]
fn a22_validity_includes_its_first_and_last_second() {
    // 1 January 2026 and 1 January 2036, midnight.
    let (first, last) = (1_767_225_600, 2_082_758_400);
    let at = |now| validate_path(&chain("good"), &[anchor("anchor")], Requests, now).map(|_| ());
    assert!(at(first).is_ok() && at(last).is_ok());
    assert_eq!(at(first - 1), Err(Reason::CertificateNotYetValid.into()));
    assert_eq!(at(last + 1), Err(Reason::CertificateExpired.into()));
}

#[test]
fn a22_empty_and_endless_chains_are_refused() {
    let anchors = [anchor("anchor")];
    let broken = Err(Reason::ChainBroken.into());
    assert_eq!(validate_path(&[], &anchors, Requests, NOW).map(|_| ()), broken);
    assert_eq!(
        validate_path(&chain("anchor"), &anchors, Requests, NOW).map(|_| ()),
        broken
    );
    let endless = vec![chain("good").remove(0); 1000];
    assert_eq!(validate_path(&endless, &anchors, Requests, NOW).map(|_| ()), broken);
    assert_eq!(
        validate_path(&chain("good"), &[], Requests, NOW).map(|_| ()),
        Err(Reason::UnknownAnchor.into())
    );
}

#[test]
fn t2_openssl_accepts_our_certificates() {
    let (world, clinic) = World::with_clinic(1);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, der: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem(der)).unwrap();
        path
    };
    let root = file("root.pem", &world.anchor().certificate);
    let leaf = file("leaf.pem", &clinic.admitted.chain[0]);
    let registrar = file("registrar.pem", &registrar_der(&clinic.admitted.registration));
    let verify = |certificate: &Path, now: i64| {
        Command::new("openssl")
            .args([
                "verify",
                "-x509_strict",
                "-check_ss_sig",
                "-attime",
                &now.to_string(),
                "-CAfile",
            ])
            .args([&root, certificate])
            .output()
            .unwrap()
    };
    for certificate in [&root, &leaf, &registrar] {
        let verdict = verify(certificate, NOW);
        assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stderr));
    }
    assert!(!verify(&leaf, NOW + 2 * i64::from(YEAR)).status.success());

    let text = Command::new("openssl")
        .args(["x509", "-noout", "-text", "-in"])
        .arg(&leaf)
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    for shown in [
        "Subject: C = GB, O = Riverside Clinic, organizationIdentifier = NTRGB-12345678, CN = Riverside Clinic",
        "1.0.18013.5.1.6, 1.3.6.1.5.5.7.3.36",
        "DNS:clinic.example",
        "Digital Signature",
        "X509v3 Authority Key Identifier",
    ] {
        assert!(text.contains(shown), "{shown} not in {text}");
    }
}
