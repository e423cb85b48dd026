//! The standards' own vectors: ECDSA and DER by Wycheproof, HPKE by RFC 9180, RFC 6979, JWK thumbprints by RFC 7638.
#![allow(clippy::unwrap_used)]

use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{Jwk, Secret, hpke};
use wycheproof::TestResult;
use wycheproof::ecdsa::{TestName, TestSet};

fn bytes(hex: &serde_json::Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

fn ecdsa_set(name: TestName, verify: impl Fn(&PublicKey, &[u8], &[u8]) -> bool) {
    let mut valid = 0;
    for group in TestSet::load(name).unwrap().test_groups {
        let key = PublicKey::from_sec1(&group.key.key).unwrap();
        for test in group.tests {
            let accepted = verify(&key, &test.msg, &test.sig);
            match test.result {
                TestResult::Valid => assert!(accepted, "{name:?} {}", test.tc_id),
                TestResult::Invalid => assert!(!accepted, "{name:?} {}: {}", test.tc_id, test.comment),
                TestResult::Acceptable => {}
            }
            valid += usize::from(accepted);
        }
    }
    assert!(valid > 100, "the set has many valid signatures");
}

#[test]
fn wycheproof_ecdsa_fixed_size() {
    ecdsa_set(TestName::EcdsaSecp256r1Sha256P1363, |key, msg, sig| {
        key.verify(msg, sig).is_ok()
    });
}

#[test]
fn wycheproof_ecdsa_der() {
    ecdsa_set(TestName::EcdsaSecp256r1Sha256, |key, msg, sig| {
        key.verify_der(msg, sig).is_ok()
    });
}

#[test]
fn rfc_6979_a_2_5_signature_of_sample() {
    let secret = bytes(&"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721".into());
    let key = SigningKey::from_secret(&Secret::from_slice(&secret).unwrap()).unwrap();
    let expected = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                    F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    assert_eq!(key.sign(b"sample").to_vec(), bytes(&expected.into()));
    key.public().verify(b"sample", &key.sign(b"sample")).unwrap();
    let der = kist_crypto::es256::signature_to_der(&key.sign(b"sample")).unwrap();
    key.public().verify_der(b"sample", &der).unwrap();
}

#[test]
fn rfc_9180_base_mode_opens_the_published_ciphertexts() {
    let file = include_str!("../../../tests/vectors/hpke/base-p256-sha256-chacha20poly1305.json");
    let vectors: Vec<serde_json::Value> = serde_json::from_str(file).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let key = hpke::PrivateKey::from_secret(Secret::from_slice(&bytes(&vector["skRm"])).unwrap()).unwrap();
        assert_eq!(key.public().to_bytes().to_vec(), bytes(&vector["pkRm"]));
        let sealed = [bytes(&vector["enc"]), bytes(&vector["ct"])].concat();
        let opened = hpke::open(&key, &bytes(&vector["info"]), &bytes(&vector["aad"]), &sealed).unwrap();
        assert_eq!(opened.expose(), bytes(&vector["pt"]));
    }
}

#[test]
fn a_key_is_the_same_as_point_jwk_and_spki() {
    let key = SigningKey::generate(&mut kist_crypto::testing::SeededRandom::new(1)).public();
    assert_eq!(PublicKey::from_jwk(&key.jwk()).unwrap(), key);
    assert_eq!(PublicKey::from_spki_der(&key.to_spki_der()).unwrap(), key);
    let off_curve = Jwk {
        y: key.jwk().x,
        ..key.jwk()
    };
    assert!(PublicKey::from_jwk(&off_curve).is_err());
}
