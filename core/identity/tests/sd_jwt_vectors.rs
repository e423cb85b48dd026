//! Vectors: the examples of RFC 9901 and of SD-JWT VC, a peer's credentials, and our own as they were frozen.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_crypto::jws;
use kist_crypto::testing::SeededRandom;
use kist_identity::sd_jwt::{SdJwt, process};
use kist_identity::*;
use serde_json::{Map, Value, json};

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap()
}

fn processed(sd_jwt: &SdJwt, issuer_jwk: &Value) -> Map<String, Value> {
    let jwt = jws::parse(sd_jwt.issuer_jwt()).unwrap();
    jwt.verify(&public_key(issuer_jwk)).unwrap();
    process(serde_json::from_slice(&jwt.payload).unwrap(), sd_jwt.disclosures())
        .unwrap()
        .claims
}

#[test]
fn rfc_9901_examples_are_read_as_the_standard_says() {
    let vectors = vectors("sd-jwt/rfc9901");
    assert_eq!(vectors.len(), 13);
    for (name, vector) in vectors {
        let issuance = SdJwt::parse(text(&vector, "issuance")).unwrap();
        let all = processed(&issuance, &vector["issuer_jwk"]);
        for (claim, value) in vector["claims"].as_object().unwrap() {
            assert_eq!(all.get(claim), Some(value), "{name}: {claim}");
        }
        let presentation = SdJwt::parse(text(&vector, "presentation")).unwrap();
        assert_eq!(
            Value::Object(processed(&presentation, &vector["issuer_jwk"])),
            vector["verified"],
            "{name}"
        );
        assert_eq!(presentation.to_string(), text(&vector, "presentation"), "{name}");
        assert_eq!(
            presentation.key_binding().is_some(),
            !vector["key_binding"].is_null(),
            "{name}"
        );
        if let Some(binding) = presentation.key_binding() {
            let binding = jws::parse(binding).unwrap();
            binding.verify(&public_key(&all["cnf"]["jwk"])).unwrap();
            let payload: Value = serde_json::from_slice(&binding.payload).unwrap();
            assert_eq!(payload["sd_hash"], presentation.sd_hash().as_str(), "{name}");
        }
    }
}

/// Verifies a vector's issuance and presentation as SD-JWT VC from end to end.
fn verify_vector(name: &str, vector: &Value) {
    let trust = OneIssuer(public_key(&vector["issuer_jwk"]));
    let presentation = text(vector, "presentation");
    let transaction_data: Vec<String> =
        serde_json::from_value(vector.get("transaction_data").cloned().unwrap_or(json!([]))).unwrap();
    let binding = &vector["key_binding"];
    let expected = Expected {
        nonce: binding["nonce"].as_str().unwrap_or_default(),
        audience: binding["aud"].as_str().unwrap_or_default(),
        transaction_data: &transaction_data,
        max_age: MAX_AGE,
        require_holder_binding: !binding.is_null(),
    };
    let made_at = presentation
        .rsplit_once('~')
        .unwrap()
        .1
        .split('.')
        .nth(1)
        .map_or(NOW, |payload| {
            let payload: Value = serde_json::from_slice(&kist_crypto::from_base64url(payload).unwrap()).unwrap();
            payload["iat"].as_i64().unwrap()
        });

    let credential = Credential::parse_and_verify(text(vector, "issuance"), &trust, made_at)
        .unwrap()
        .0;
    assert_eq!(credential.compact(), text(vector, "issuance"), "{name}");
    let verified = verify_presentation(presentation, &expected, &trust, made_at).unwrap();
    assert_eq!(Value::Object(verified.claims().clone()), vector["verified"], "{name}");

    let wrong = OneIssuer(key(99).public());
    let result = verify_presentation(presentation, &expected, &wrong, made_at);
    if !credential.is_self_asserted() {
        assert_eq!(result.unwrap_err(), Error::SignatureInvalid, "{name}");
    }
}

#[test]
fn sd_jwt_vc_examples_verify() {
    let vectors = vectors("sd-jwt/sd-jwt-vc");
    assert_eq!(vectors.len(), 3);
    for (name, vector) in vectors {
        verify_vector(&name, &vector);
    }
}

#[test]
fn credentials_and_presentations_of_a_peer_verify() {
    verify_vector("peer-npm", &vector("sd-jwt", "peer-npm"));
}

/// What `kist.json` and `kist-self-asserted.json` hold; peers verify them (tests/interop/sd-jwt).
fn frozen(draft: CredentialDraft, issuer: &kist_crypto::es256::SigningKey) -> Value {
    let issuance = draft.prepare(&mut SeededRandom::new(3)).unwrap().sign(issuer);
    let trust = OneIssuer(issuer.public());
    let (credential, _) = Credential::parse_and_verify(&issuance, &trust, NOW).unwrap();
    let chosen = paths(&[
        json!(["over_18"]),
        json!(["address", "locality"]),
        json!(["nationalities", 1]),
    ]);
    let transaction_data = ["eyJ0eXBlIjoiZXhhbXBsZSIsImNyZWRlbnRpYWxfaWRzIjpbInBlcnNvbiJdfQ".to_owned()];
    let binding = KeyBinding {
        transaction_data: &transaction_data,
        ..binding()
    };
    let presentation = UnsignedPresentation::prepare(&credential, &chosen, &binding)
        .unwrap()
        .sign(&key(2));
    let expected = Expected {
        transaction_data: &transaction_data,
        ..expected()
    };
    let verified = verify_presentation(&presentation, &expected, &trust, NOW).unwrap();
    json!({
        "issuer_jwk": issuer.public().jwk(),
        "claims": person(),
        "issuance": issuance,
        "presentation": presentation,
        "transaction_data": transaction_data,
        "key_binding": { "nonce": NONCE, "aud": AUDIENCE, "iat": NOW },
        "verified": verified.claims(),
    })
}

#[test]
fn our_format_stays_what_it_was() {
    let issued = frozen(draft(&key(2)), &key(1));
    let own = frozen(
        CredentialDraft {
            issued_by: IssuedBy::Holder,
            ..draft(&key(2))
        },
        &key(2),
    );
    assert_eq!(issued, vector("sd-jwt", "kist"));
    assert_eq!(own, vector("sd-jwt", "kist-self-asserted"));
    verify_vector("kist", &issued);
    verify_vector("kist-self-asserted", &own);
}
