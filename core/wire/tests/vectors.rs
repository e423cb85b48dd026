//! The published vectors of `tests/vectors/relay`, and the encodings they share with the sealed formats.
#![allow(clippy::unwrap_used)] // helpers of tests

use kist_wire::{
    DeviceId, Digest, FrameWriter, Locator, Nonce, Origin, PublicKey, Signature, Token, VaultId, decode_frames,
    statement,
};
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/relay/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn typed<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

struct Statements {
    origin: Origin,
    vault: VaultId,
    device: DeviceId,
    nonce: Nonce,
    locator: Locator,
    key: PublicKey,
    expires: i64,
    all: Value,
}

fn statements() -> Statements {
    let all = vectors("statements.json");
    Statements {
        origin: typed(&all["origin"]),
        vault: typed(&all["vault"]),
        device: typed(&all["device"]),
        nonce: typed(&all["nonce"]),
        locator: typed(&all["locator"]),
        key: typed(&all["key"]),
        expires: typed(&all["expires"]),
        all: all["statements"].clone(),
    }
}

#[test]
fn statements_have_the_published_bytes() {
    let s = statements();
    let expected = |name: &str| hex(s.all[name]["bytes"].as_str().unwrap());
    assert_eq!(
        statement::login(&s.origin, &s.vault, &s.device, s.expires, &s.nonce),
        expected("login")
    );
    assert_eq!(
        statement::create_vault(&s.origin, &s.vault, &s.device, &s.key),
        expected("create_vault")
    );
    assert_eq!(
        statement::recovery_login(&s.origin, &s.locator, s.expires, &s.nonce),
        expected("recovery_login")
    );
}

#[test]
fn statements_are_encoded_as_associated_data_is() {
    let s = statements();
    let context = kist_crypto::Context {
        label: statement::RECOVERY_LOGIN,
        version: statement::VERSION,
        fields: &[
            s.origin.as_str().as_bytes(),
            s.locator.as_bytes(),
            &s.expires.to_be_bytes(),
            s.nonce.as_bytes(),
        ],
    };
    assert_eq!(
        context.encode(),
        statement::recovery_login(&s.origin, &s.locator, s.expires, &s.nonce)
    );
}

#[test]
fn signatures_are_the_ones_that_core_makes_and_verifies() {
    let all = vectors("statements.json");
    let secret = kist_crypto::from_base64url(all["secret_key"].as_str().unwrap()).unwrap();
    let key = kist_crypto::es256::SigningKey::from_secret(&kist_crypto::Secret::from_slice(&secret).unwrap()).unwrap();
    assert_eq!(key.public().to_sec1(), *typed::<PublicKey>(&all["key"]).as_bytes());
    for case in all["statements"].as_object().unwrap().values() {
        let bytes = hex(case["bytes"].as_str().unwrap());
        assert_eq!(key.sign(&bytes), *typed::<Signature>(&case["signature"]).as_bytes());
    }
}

#[test]
fn token_and_its_hash() {
    let all = vectors("digests.json");
    let token: Token = typed(&all["token"]);
    assert_eq!(token.to_bearer(), all["bearer"]);
    assert_eq!(Token::from_bearer(all["bearer"].as_str().unwrap()).unwrap(), token);
    assert_eq!(
        kist_crypto::sha256(&[token.expose()]),
        *typed::<Digest>(&all["hash"]).as_bytes()
    );
}

#[test]
fn frames_valid() {
    for case in vectors("frames.json")["valid"].as_array().unwrap() {
        let bytes = hex(case["bytes"].as_str().unwrap());
        let mut writer = FrameWriter::default();
        let decoded = decode_frames(&bytes).unwrap();
        let expected = case["frames"].as_array().unwrap();
        assert_eq!(decoded.len(), expected.len());
        for (frame, expected) in decoded.iter().zip(expected) {
            assert_eq!(expected["number"], frame.number);
            assert_eq!(hex(expected["body"].as_str().unwrap()), frame.body);
            writer.push(frame.number, &frame.body).unwrap();
        }
        assert_eq!(writer.finish(), bytes);
    }
}

#[test]
fn frames_with_one_defect_each() {
    for case in vectors("frames.json")["invalid"].as_array().unwrap() {
        let error = decode_frames(&hex(case["bytes"].as_str().unwrap())).unwrap_err();
        assert_eq!(error.code(), case["error"], "{}", case["defect"]);
    }
}
