//! What the tests of this room share: keys, a trusted issuer, a person's credential, vectors.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::path::PathBuf;

use kist_crypto::Jwk;
use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::testing::SeededRandom;
use kist_identity::*;
use serde_json::{Map, Value, json};

/// Noon of a day in 2026.
pub const NOW: i64 = 1_795_435_200;
pub const VCT: &str = "urn:example:person:1";
pub const AUDIENCE: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";
pub const NONCE: &str = "n-0S6_WzA2Mj";

pub fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(seed))
}

/// Trusts one key, whatever the credential says of its issuer.
pub struct OneIssuer(pub PublicKey);

impl IssuerTrust for OneIssuer {
    fn issuer_key(&self, _: &IssuerEvidence<'_>, _: i64) -> Result<TrustedIssuer> {
        Ok(TrustedIssuer {
            id: "org-1".into(),
            name: "Registry".into(),
            key: self.0,
        })
    }
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub fn person() -> Map<String, Value> {
    object(json!({
        "given_name": "Ada",
        "family_name": "Lovelace",
        "birthdate": "1815-12-10",
        "over_18": true,
        "address": { "street_address": "12 St James's Square", "locality": "London", "country": "GB" },
        "nationalities": ["GB", "IT", "FR"],
        "degrees": [{ "type": "BSc", "year": 1835 }, { "type": "MSc", "year": 1837 }],
    }))
}

pub fn draft(holder: &SigningKey) -> CredentialDraft {
    let issued_by = IssuedBy::Certificates(vec![vec![0x30, 0]]);
    let draft = CredentialDraft::new(VCT, person(), holder.public(), issued_by, start_of_day(NOW));
    CredentialDraft {
        expires: Some(end_of_day(NOW + 365 * DAY)),
        decoys: 2,
        ..draft
    }
}

/// A person's credential, issued by `key(1)` to `key(2)`.
pub fn credential() -> Credential {
    let compact = draft(&key(2)).prepare(&mut SeededRandom::new(3)).unwrap().sign(&key(1));
    Credential::parse_and_verify(&compact, &OneIssuer(key(1).public()), NOW)
        .unwrap()
        .0
}

pub fn paths(paths: &[Value]) -> Vec<ClaimPath> {
    paths.iter().map(|path| ClaimPath::from_value(path).unwrap()).collect()
}

pub fn binding() -> KeyBinding<'static> {
    KeyBinding {
        nonce: NONCE,
        audience: AUDIENCE,
        issued_at: NOW,
        transaction_data: &[],
    }
}

pub fn expected() -> Expected<'static> {
    Expected {
        nonce: NONCE,
        audience: AUDIENCE,
        transaction_data: &[],
        max_age: MAX_AGE,
        require_holder_binding: true,
    }
}

/// `credential()` with `chosen` shown to [`AUDIENCE`].
pub fn present(chosen: &[Value]) -> String {
    UnsignedPresentation::prepare(&credential(), &paths(chosen), &binding())
        .unwrap()
        .sign(&key(2))
}

pub fn verify(compact: &str) -> Result<VerifiedPresentation> {
    verify_presentation(compact, &expected(), &OneIssuer(key(1).public()), NOW)
}

/// Verifies what comes without key binding.
pub fn verify_unbound(compact: &str) -> Result<VerifiedPresentation> {
    let expected = Expected {
        require_holder_binding: false,
        ..expected()
    };
    verify_presentation(compact, &expected, &OneIssuer(key(1).public()), NOW)
}

pub fn public_key(jwk: &Value) -> PublicKey {
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    PublicKey::from_jwk(&jwk).unwrap()
}

pub fn vectors(folder: &str) -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (
            path.file_stem().unwrap().to_str().unwrap().to_owned(),
            serde_json::from_str(&text).unwrap(),
        )
    };
    files.into_iter().map(read).collect()
}

pub fn vector(folder: &str, name: &str) -> Value {
    vectors(folder).into_iter().find(|(file, _)| file == name).unwrap().1
}
