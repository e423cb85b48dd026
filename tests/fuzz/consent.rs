//! What narrows an agreement and what proves it, mutated.

use std::sync::OnceLock;

use kist_consent::history::{Checkpoint, Evidence};
use kist_consent::{Agreement, Amendment, Signed};
use kist_crypto::jws;
use serde_json::{Map, Value};

use crate::targets::{key, text};

fn amendment_vectors() -> &'static Value {
    static VECTORS: OnceLock<Value> = OnceLock::new();
    VECTORS.get_or_init(|| serde_json::from_str(include_str!("../vectors/consent/amendment.json")).unwrap())
}

/// Payloads, and the agreement that they narrow.
pub(crate) fn amendment_seeds() -> Vec<Vec<u8>> {
    let vectors = amendment_vectors();
    let payload = |name: &str| vectors[name]["payload"].as_str().unwrap().as_bytes().to_vec();
    let kept = vectors["kept"].to_string().into_bytes();
    vec![payload("amendment"), payload("acknowledgement"), kept]
}

/// Mutated payloads are signed, so that what stands behind the signature is reached too.
pub(crate) fn amendment(bytes: &[u8]) {
    let header = Map::from_iter([("typ".to_owned(), Value::from("kist-amendment+jwt"))]);
    let compact = jws::Unsigned::new(header, bytes).sign(key());
    if let Ok(amendment) = Signed::<Amendment>::verify(&compact, &key().public()) {
        let mut agreement: Agreement = serde_json::from_value(amendment_vectors()["kept"].clone()).unwrap();
        assert!(agreement.amend(amendment).is_err(), "another key narrows nothing");
    }
    let _ = serde_json::from_slice::<Agreement>(bytes);
}

pub(crate) fn evidence_seeds() -> Vec<Vec<u8>> {
    let evidence: Value = serde_json::from_str(include_str!("../vectors/consent/evidence.json")).unwrap();
    let checkpoint = evidence["checkpoint"].as_str().unwrap().as_bytes().to_vec();
    vec![evidence.to_string().into_bytes(), checkpoint]
}

pub(crate) fn evidence(bytes: &[u8]) {
    let _ = Evidence::read(bytes);
    let _ = Signed::<Checkpoint>::verify_by_own_key(&text(bytes));
    let _ = kist_pds::verify_receipt(bytes, Some(bytes));
}
