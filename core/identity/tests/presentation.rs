//! What leaves the phone, and what a verifier makes of it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{from_base64url, jws};
use kist_identity::sd_jwt::SdJwt;
use kist_identity::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every base64url part of a presentation, decoded: what a reader of the wire sees.
fn wire(presentation: &str) -> String {
    let parts = presentation
        .split(['~', '.'])
        .filter_map(|part| from_base64url(part).ok());
    parts
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn i2_only_chosen_claims_are_on_the_wire() {
    let presentation = present(&[json!(["over_18"])]);
    let wire = wire(&presentation);
    assert!(wire.contains("over_18"));
    for kept_back in [
        "\"Ada\"",
        "Lovelace",
        "1815-",
        "given_name",
        "birthdate",
        "London",
        "address",
        "\"IT\"",
        "BSc",
    ] {
        assert!(!wire.contains(kept_back), "{kept_back} is on the wire");
    }
    assert_eq!(SdJwt::parse(&presentation).unwrap().disclosures().len(), 1);

    let verified = verify(&presentation).unwrap();
    assert_eq!(verified.claims().get("over_18"), Some(&json!(true)));
    let names: Vec<_> = verified.claims().keys().map(String::as_str).collect();
    assert_eq!(names, ["cnf", "exp", "iat", "over_18", "vct"]);
    assert_eq!(
        verified.issuer(),
        &Issuer::Organisation {
            id: "org-1".into(),
            name: "Registry".into()
        }
    );
    assert_eq!(verified.holder(), Some(&key(2).public()));
}

#[test]
fn i2_parts_of_objects_and_arrays_are_chosen_alone() {
    let chosen = [
        json!(["address", "locality"]),
        json!(["nationalities", 1]),
        json!(["degrees", null, "type"]),
    ];
    let presentation = present(&chosen);
    let verified = verify(&presentation).unwrap();
    assert_eq!(verified.claims()["address"], json!({ "locality": "London" }));
    assert_eq!(verified.claims()["nationalities"], json!(["IT"]));
    assert_eq!(
        verified.claims()["degrees"],
        json!([{ "type": "BSc" }, { "type": "MSc" }])
    );
    let wire = wire(&presentation);
    for kept_back in ["St James", "\"GB\"", "\"FR\"", "1835", "\"year\""] {
        assert!(!wire.contains(kept_back), "{kept_back} is on the wire");
    }
}

#[test]
fn i2_a_chosen_object_is_shown_with_all_its_parts() {
    let verified = verify(&present(&[json!(["address"]), json!(["degrees", 0])])).unwrap();
    assert_eq!(verified.claims()["address"], person()["address"]);
    assert_eq!(verified.claims()["degrees"], json!([{ "type": "BSc", "year": 1835 }]));
    assert_eq!(verified.claims().get("given_name"), None);
}

#[test]
fn i2_nothing_chosen_shows_nothing() {
    let presentation = present(&[]);
    assert!(SdJwt::parse(&presentation).unwrap().disclosures().is_empty());
    verify(&presentation).unwrap();
}

#[test]
fn a_claim_that_the_credential_lacks_cannot_be_chosen() {
    for path in [
        json!(["email"]),
        json!(["address", "planet"]),
        json!(["nationalities", 3]),
        json!(["given_name", null]),
    ] {
        let result = UnsignedPresentation::prepare(&credential(), &paths(&[path]), &binding());
        assert_eq!(result.unwrap_err(), Error::ClaimNotFound);
    }
}

#[test]
fn a17_a_presentation_forwarded_to_another_organisation_is_refused() {
    let other = Expected {
        audience: "x509_hash:another",
        ..expected()
    };
    let presentation = present(&[json!(["over_18"])]);
    let result = verify_presentation(&presentation, &other, &OneIssuer(key(1).public()), NOW);
    assert_eq!(result.unwrap_err().code(), "AudienceMismatch");
}

#[test]
fn a16_a_presentation_for_another_request_is_refused() {
    let other = Expected {
        nonce: "another",
        ..expected()
    };
    let result = verify_presentation(&present(&[]), &other, &OneIssuer(key(1).public()), NOW);
    assert_eq!(result.unwrap_err(), Error::NonceMismatch);
}

#[test]
fn a6_every_byte_flipped_is_an_error() {
    let presentation = present(&[json!(["over_18"]), json!(["address", "locality"])]);
    verify(&presentation).unwrap();
    for place in 0..presentation.len() {
        for bit in [0x01, 0x02, 0x10, 0x20] {
            let mut bytes = presentation.clone().into_bytes();
            bytes[place] ^= bit;
            let flipped = String::from_utf8(bytes).unwrap();
            assert!(
                verify(&flipped).is_err(),
                "byte {place} with bit {bit:#x} flipped passes"
            );
        }
    }
}

#[test]
fn a6_every_cut_is_an_error() {
    let presentation = present(&[json!(["over_18"])]);
    for end in 0..presentation.len() {
        assert!(verify(&presentation[..end]).is_err(), "cut at {end} passes");
    }
}

#[test]
fn disclosures_added_or_removed_after_signing_are_found() {
    let all = credential();
    let presentation = present(&[json!(["over_18"])]);
    let (without_binding, binding) = presentation.rsplit_once('~').unwrap();
    let jwt = without_binding.split('~').next().unwrap();
    let removed = format!("{jwt}~{binding}");
    let hash = Error::HolderBindingInvalid {
        fault: BindingFault::Hash,
    };
    assert_eq!(verify(&removed).unwrap_err(), hash);

    let compact = all.compact();
    let another = compact
        .split('~')
        .skip(1)
        .find(|part| !part.is_empty() && !without_binding.contains(part))
        .unwrap();
    let added = format!("{without_binding}~{another}~{binding}");
    assert!(matches!(
        verify(&added),
        Err(Error::HolderBindingInvalid { .. } | Error::UnknownDisclosure)
    ));
}

#[test]
fn a_presentation_needs_the_holders_key() {
    let stolen = UnsignedPresentation::prepare(&credential(), &[], &binding())
        .unwrap()
        .sign(&key(9));
    let signature = Error::HolderBindingInvalid {
        fault: BindingFault::Signature,
    };
    assert_eq!(verify(&stolen).unwrap_err(), signature);

    let unbound = present_unbound(&credential(), &paths(&[json!(["over_18"])])).unwrap();
    assert_eq!(verify(&unbound).unwrap_err(), Error::HolderBindingMissing);
    let accepted = verify_unbound(&unbound).unwrap();
    assert_eq!(accepted.holder(), None);
    assert_eq!(accepted.claims()["over_18"], json!(true));
    assert_eq!(
        verify_unbound(&stolen).unwrap_err(),
        signature,
        "a proof that is there must hold"
    );
    assert_eq!(verify_unbound(&present(&[])).unwrap().holder(), Some(&key(2).public()));
}

#[test]
fn a_key_binding_of_the_wrong_form_is_refused() {
    let credential = credential();
    let shown = present_unbound(&credential, &[]).unwrap();
    let sd_hash = SdJwt::parse(&shown).unwrap().sd_hash();
    let good = json!({ "aud": AUDIENCE, "nonce": NONCE, "iat": NOW, "sd_hash": sd_hash });
    let sign = |typ: &str, payload: &Value| {
        let header = Map::from_iter([("typ".to_owned(), Value::from(typ))]);
        shown.clone() + &jws::Unsigned::new(header, payload.to_string().as_bytes()).sign(&key(2))
    };
    verify(&sign("kb+jwt", &good)).unwrap();
    let form = Error::HolderBindingInvalid {
        fault: BindingFault::Form,
    };
    assert_eq!(verify(&sign("JWT", &good)).unwrap_err(), form);
    for claim in ["aud", "nonce", "iat", "sd_hash"] {
        let mut payload = good.clone();
        payload.as_object_mut().unwrap().remove(claim);
        assert_eq!(verify(&sign("kb+jwt", &payload)).unwrap_err(), form, "without {claim}");
    }
    let mut several = good.clone();
    several["aud"] = json!([AUDIENCE, "x509_hash:another"]);
    assert_eq!(verify(&sign("kb+jwt", &several)).unwrap_err(), form);
    let mut expired = good;
    expired["exp"] = json!(NOW - CLOCK_SKEW);
    assert_eq!(
        verify(&sign("kb+jwt", &expired)).unwrap_err(),
        Error::HolderBindingInvalid {
            fault: BindingFault::Time
        }
    );
}

#[test]
fn an_old_or_future_presentation_is_refused() {
    let trust = OneIssuer(key(1).public());
    let presentation = present(&[]);
    let at = |now| verify_presentation(&presentation, &expected(), &trust, now);
    let time = Error::HolderBindingInvalid {
        fault: BindingFault::Time,
    };
    at(NOW + MAX_AGE + CLOCK_SKEW).unwrap();
    at(NOW - CLOCK_SKEW).unwrap();
    assert_eq!(at(NOW + MAX_AGE + CLOCK_SKEW + 1).unwrap_err(), time);
    assert_eq!(at(NOW - CLOCK_SKEW - 1).unwrap_err(), time);
    let patient = Expected {
        max_age: DAY,
        ..expected()
    };
    verify_presentation(&presentation, &patient, &trust, NOW + DAY).unwrap();
}

#[test]
fn a_presentation_is_bound_to_exactly_the_transaction_data() {
    let data = ["b25l".to_owned(), "dHdv".to_owned()];
    let turned = ["dHdv".to_owned(), "b25l".to_owned()];
    let bound = |data: &[String]| {
        let binding = KeyBinding {
            transaction_data: data,
            ..binding()
        };
        UnsignedPresentation::prepare(&credential(), &[], &binding)
            .unwrap()
            .sign(&key(2))
    };
    let verify = |presentation: &str, data: &[String]| {
        let expected = Expected {
            transaction_data: data,
            ..expected()
        };
        verify_presentation(presentation, &expected, &OneIssuer(key(1).public()), NOW).map(drop)
    };
    verify(&bound(&data), &data).unwrap();
    verify(&bound(&data), &turned).unwrap();
    let mismatch = Err(Error::TransactionDataMismatch);
    assert_eq!(verify(&bound(&data), &data[..1]), mismatch);
    assert_eq!(verify(&bound(&data[..1]), &data), mismatch);
    assert_eq!(verify(&bound(&[]), &data), mismatch);
    assert_eq!(verify(&bound(&data), &[]), mismatch);
    let unbound = Expected {
        transaction_data: &data,
        require_holder_binding: false,
        ..expected()
    };
    let shown = present_unbound(&credential(), &[]).unwrap();
    let result = verify_presentation(&shown, &unbound, &OneIssuer(key(1).public()), NOW);
    assert_eq!(result.map(drop), mismatch);
    assert_eq!(verify(&bound(&[data[0].clone(), data[0].clone()]), &data), mismatch);
}

#[test]
fn a21_two_presentations_of_two_copies_share_nothing_but_what_was_chosen() {
    let copy = |seed: u64| {
        let holder = key(100 + seed);
        let compact = draft(&holder)
            .prepare(&mut SeededRandom::new(200 + seed))
            .unwrap()
            .sign(&key(1));
        let credential = Credential::parse(&compact).unwrap();
        let binding = KeyBinding {
            nonce: if seed == 0 { "first" } else { "second" },
            ..binding()
        };
        UnsignedPresentation::prepare(&credential, &paths(&[json!(["over_18"])]), &binding)
            .unwrap()
            .sign(&holder)
    };
    let strings = |presentation: &str| {
        let mut found = Vec::new();
        let jwt = SdJwt::parse(presentation).unwrap();
        let payload: Value = serde_json::from_slice(&jws::parse(jwt.issuer_jwt()).unwrap().payload).unwrap();
        collect(&payload["_sd"], &mut found);
        collect(&payload["cnf"]["jwk"]["x"], &mut found);
        collect(&payload["cnf"]["jwk"]["y"], &mut found);
        found.extend(
            jwt.disclosures()
                .iter()
                .map(|disclosure| disclosure.encoded().to_owned()),
        );
        found.extend(presentation.split(['~', '.']).skip(2).map(str::to_owned));
        found
    };
    let (first, second) = (strings(&copy(0)), strings(&copy(1)));
    let key_binding_header = jws::Unsigned::new(Map::from_iter([("typ".into(), "kb+jwt".into())]), b"");
    let header = String::from_utf8(key_binding_header.signing_input().to_vec())
        .unwrap()
        .replace('.', "");
    let common: Vec<_> = first
        .iter()
        .filter(|text| second.contains(text) && **text != header)
        .collect();
    assert!(common.is_empty(), "in common: {common:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a31_a_presentation_with_a_piece_replaced_is_an_error(
        from in any::<prop::sample::Index>(), length in 0usize..40, piece in "[A-Za-z0-9_~.{}\"-]{0,8}",
    ) {
        let presentation = present(&[json!(["over_18"])]);
        let from = from.index(presentation.len());
        let until = presentation.len().min(from + length);
        let changed = [&presentation[..from], &piece, &presentation[until..]].concat();
        prop_assert_eq!(verify(&changed).is_ok(), changed == presentation);
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        _ => {}
    }
}
