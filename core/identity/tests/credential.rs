//! Credentials: who issued them, when they are valid, what they may hold.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_crypto::jws;
use kist_crypto::testing::SeededRandom;
use kist_identity::*;
use serde_json::{Map, Value, json};

fn signed(header: Value, payload: Value) -> String {
    jws::Unsigned::new(object(header), payload.to_string().as_bytes()).sign(&key(1)) + "~"
}

fn parse_and_verify(compact: &str) -> Result<Credential> {
    Credential::parse_and_verify(compact, &OneIssuer(key(1).public()), NOW).map(|(credential, _)| credential)
}

fn payload_with(name: &str, value: Value) -> Value {
    let mut payload = json!({ "vct": VCT, "iss": "https://issuer.example" });
    payload[name] = value;
    payload
}

#[test]
fn a_credential_comes_back_from_the_vault() {
    let credential = credential();
    let kept = Credential::from_bytes(&credential.to_bytes()).unwrap();
    assert_eq!(kept.compact(), credential.compact());
    assert_eq!(kept.claims(), credential.claims());
    assert_eq!(kept.vct(), VCT);
    assert_eq!(kept.holder(), Some(&key(2).public()));
    assert_eq!(kept.issued_at(), Some(start_of_day(NOW)));
    assert_eq!(kept.certificates(), [vec![0x30, 0]]);
    for (name, value) in person() {
        assert_eq!(kept.claims().get(&name), Some(&value));
    }
    let mut unknown = credential.to_bytes();
    unknown[0] = 2;
    assert!(Credential::from_bytes(&unknown).is_err());
    assert!(Credential::from_bytes(&[]).is_err());
}

#[test]
fn a_relationship_key_comes_back_from_the_vault() {
    let relationship = RelationshipKey::generate(&mut SeededRandom::new(7));
    let bytes = relationship.to_bytes();
    let kept = RelationshipKey::from_bytes(bytes.expose()).unwrap();
    assert_eq!((kept.id(), kept.public()), (relationship.id(), relationship.public()));
    assert_eq!(kept.sign(b"message"), relationship.sign(b"message"));
    assert!(RelationshipKey::from_bytes(&bytes.expose()[1..]).is_err());
    assert!(RelationshipKey::from_bytes(&[1; 49 - 1]).is_err());
    let zero = [&[1][..], &[0; 48]].concat();
    assert!(RelationshipKey::from_bytes(&zero).is_err(), "zero is no key");
}

#[test]
fn a_self_asserted_credential_is_known_as_such() {
    let own = CredentialDraft {
        issued_by: IssuedBy::Holder,
        ..draft(&key(2))
    };
    let compact = own.clone().prepare(&mut SeededRandom::new(3)).unwrap().sign(&key(2));
    let (credential, issuer) = Credential::parse_and_verify(&compact, &SelfAssertedOnly, NOW).unwrap();
    assert_eq!(issuer, Issuer::SelfAsserted);
    assert!(credential.is_self_asserted());

    let forged = own.prepare(&mut SeededRandom::new(3)).unwrap().sign(&key(9));
    let result = Credential::parse_and_verify(&forged, &SelfAssertedOnly, NOW);
    assert_eq!(result.unwrap_err(), Error::SignatureInvalid);

    let of_nobody = signed(json!({ "typ": "dc+sd-jwt" }), json!({ "vct": VCT }));
    let result = Credential::parse_and_verify(&of_nobody, &SelfAssertedOnly, NOW);
    assert_eq!(result.unwrap_err(), Error::IssuerNotTrusted { reason: "NoIssuer" });
}

#[test]
fn what_a_holder_signed_for_another_purpose_is_no_credential() {
    let presentation = present(&[]);
    let key_binding = presentation.rsplit_once('~').unwrap().1;
    assert_eq!(
        Credential::parse(&format!("{key_binding}~")).unwrap_err().code(),
        "Malformed"
    );
}

#[test]
fn an_issuer_that_is_not_trusted_is_refused() {
    let result = Credential::parse_and_verify(&credential().compact(), &SelfAssertedOnly, NOW);
    assert_eq!(result.unwrap_err().code(), "IssuerNotTrusted");
    let result = Credential::parse_and_verify(&credential().compact(), &OneIssuer(key(9).public()), NOW);
    assert_eq!(result.unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn the_issuers_evidence_is_what_the_credential_shows() {
    struct Looks;
    impl IssuerTrust for Looks {
        fn issuer_key(&self, evidence: &IssuerEvidence<'_>, now: i64) -> Result<TrustedIssuer> {
            assert_eq!(evidence.certificates, [vec![0x30, 0]]);
            assert_eq!((evidence.types.as_slice(), now), (&[VCT][..], NOW));
            assert_eq!(
                (evidence.iss, evidence.header["typ"].as_str()),
                (None, Some("dc+sd-jwt"))
            );
            Err(Error::IssuerNotTrusted { reason: "Suspended" })
        }
    }
    let result = credential().verify(&Looks, NOW);
    assert_eq!(result, Err(Error::IssuerNotTrusted { reason: "Suspended" }));
}

#[test]
fn a31_a_time_that_no_calendar_has_is_no_time() {
    for time in [-1, 253_402_300_800, i64::MAX, i64::MIN] {
        let draft = CredentialDraft {
            not_before: Some(time),
            ..draft(&key(2))
        };
        let compact = draft.prepare(&mut SeededRandom::new(3)).unwrap().sign(&key(1));
        let refused = Credential::parse(&compact).unwrap_err();
        assert_eq!(refused, Error::Malformed { what: "time" }, "{time}");
    }
}

#[test]
fn a_credential_is_valid_between_its_times() {
    let trust = OneIssuer(key(1).public());
    let (from, until) = (NOW, NOW + DAY);
    let draft = CredentialDraft {
        not_before: Some(from),
        expires: Some(until),
        ..draft(&key(2))
    };
    let compact = draft.prepare(&mut SeededRandom::new(3)).unwrap().sign(&key(1));
    let credential = Credential::parse(&compact).unwrap();
    let at = |now| credential.verify(&trust, now).map(drop);
    assert_eq!(at(from - CLOCK_SKEW), Ok(()));
    assert_eq!(at(from - CLOCK_SKEW - 1), Err(Error::NotYetValid { at: from }));
    assert_eq!(at(until + CLOCK_SKEW - 1), Ok(()));
    assert_eq!(at(until + CLOCK_SKEW), Err(Error::CredentialExpired { at: until }));
    assert_eq!(at(i64::MAX), Err(Error::CredentialExpired { at: until }));
    assert_eq!(at(i64::MIN), Err(Error::NotYetValid { at: from }));
    assert_eq!(credential.expires(), Some(until));
}

#[test]
fn what_is_no_credential_is_refused() {
    let header = json!({ "typ": "dc+sd-jwt" });
    parse_and_verify(&signed(header.clone(), payload_with("exp", json!(NOW + 1.5 as i64)))).unwrap();
    parse_and_verify(&signed(header.clone(), payload_with("exp", json!(1.9e9)))).unwrap();
    let malformed = [
        ("vct", json!(1)),
        ("vct", Value::Null),
        ("iss", json!(["https://issuer.example"])),
        ("exp", json!("tomorrow")),
        ("exp", json!(1e300)),
        ("nbf", json!({})),
        ("cnf", json!({ "kid": "1" })),
        ("cnf", json!("key")),
        (
            "cnf",
            json!({ "jwk": { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" } }),
        ),
        ("aka_vcts", json!([])),
        ("aka_vcts", json!([1])),
        ("_sd", json!("digest")),
        ("_sd", json!([1])),
    ];
    for (name, value) in malformed {
        let result = parse_and_verify(&signed(header.clone(), payload_with(name, value.clone())));
        assert_eq!(result.unwrap_err().code(), "Malformed", "{name}: {value}");
    }
    for typ in [json!("JWT"), json!("vc+sd-jwt"), Value::Null, json!(1)] {
        let result = parse_and_verify(&signed(json!({ "typ": typ }), payload_with("exp", json!(NOW + 1))));
        assert_eq!(result.unwrap_err().code(), "Malformed", "typ {typ}");
    }
    let other_hash = signed(header.clone(), payload_with("_sd_alg", json!("sha-512")));
    assert_eq!(parse_and_verify(&other_hash).unwrap_err(), Error::UnsupportedAlgorithm);
    for x5c in [json!([]), json!("MAA="), json!(["not base64!"]), json!([1])] {
        let header = json!({ "typ": "dc+sd-jwt", "x5c": x5c });
        assert_eq!(
            parse_and_verify(&signed(header, payload_with("exp", json!(NOW))))
                .unwrap_err()
                .code(),
            "Malformed"
        );
    }
    let long = json!({ "typ": "dc+sd-jwt", "x5c": vec!["MAA="; 9] });
    assert_eq!(
        parse_and_verify(&signed(long, payload_with("exp", json!(NOW))))
            .unwrap_err()
            .code(),
        "TooLarge"
    );
}

#[test]
fn a_credential_that_was_shown_to_somebody_is_not_taken_as_issued() {
    assert_eq!(Credential::parse(&present(&[])).unwrap_err().code(), "Malformed");
}

#[test]
fn registered_claims_are_never_concealed() {
    use kist_identity::sd_jwt::Disclosure;
    for (name, value) in [
        ("exp", json!(NOW + DAY)),
        ("cnf", json!({})),
        ("iss", json!("x")),
        ("status", json!({})),
    ] {
        let hidden = Disclosure::member(name, value.clone(), &mut SeededRandom::new(5)).unwrap();
        let payload = json!({ "vct": VCT, "_sd": [hidden.digest()] });
        let compact = signed(json!({ "typ": "dc+sd-jwt" }), payload) + hidden.encoded() + "~";
        assert_eq!(parse_and_verify(&compact).unwrap_err().code(), "Malformed", "{name}");

        let claims = Map::from_iter([(name.to_owned(), value)]);
        let draft = CredentialDraft {
            claims,
            ..draft(&key(2))
        };
        assert_eq!(
            draft.prepare(&mut SeededRandom::new(3)).unwrap_err().code(),
            "Malformed",
            "{name}"
        );
    }
    let inside = Disclosure::member("status_list", json!({}), &mut SeededRandom::new(5)).unwrap();
    let payload = json!({ "vct": VCT, "iss": "x", "status": { "_sd": [inside.digest()] } });
    let compact = signed(json!({ "typ": "dc+sd-jwt" }), payload) + inside.encoded() + "~";
    assert_eq!(parse_and_verify(&compact).unwrap_err().code(), "Malformed");

    let issued_at = Disclosure::member("iat", json!(NOW), &mut SeededRandom::new(5)).unwrap();
    let payload = json!({ "vct": VCT, "iss": "x", "_sd": [issued_at.digest()] });
    let compact = signed(json!({ "typ": "dc+sd-jwt" }), payload) + issued_at.encoded() + "~";
    assert_eq!(parse_and_verify(&compact).unwrap().issued_at(), Some(NOW));
}

#[test]
fn an_issuer_chooses_what_can_be_kept_back() {
    let disclosable = Disclosable::Only(paths(&[json!(["address", "locality"]), json!(["nationalities", null])]));
    let draft = CredentialDraft {
        disclosable,
        ..draft(&key(2))
    };
    let compact = draft.prepare(&mut SeededRandom::new(3)).unwrap().sign(&key(1));
    let credential = parse_and_verify(&compact).unwrap();
    let mut disclosable: Vec<_> = credential.disclosable().map(ToString::to_string).collect();
    disclosable.sort();
    let expected = [
        r#"["address","locality"]"#,
        r#"["nationalities",0]"#,
        r#"["nationalities",1]"#,
        r#"["nationalities",2]"#,
    ];
    assert_eq!(disclosable, expected);
}

#[test]
fn debug_output_tells_nothing_of_the_person() {
    let credential = credential();
    let verified = verify(&present(&[json!(["given_name"])])).unwrap();
    let relationship = RelationshipKey::generate(&mut SeededRandom::new(7));
    let text = format!("{credential:?} {verified:?} {relationship:?}");
    assert!(!text.contains("Ada") && !text.contains("Lovelace"));
}
