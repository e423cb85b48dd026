//! Requests of rights and their answers: as they come, and as somebody would sign them whose key is believed.

use kist_consent::{RightsAnswer, RightsCase, RightsRequest, Signed, SignedContent, answer_due, extended_due};
use kist_crypto::es256::SigningKey;
use kist_crypto::jws;
use kist_crypto::testing::SeededRandom;
use serde_json::{Map, Value};

const VECTORS: &str = include_str!("../vectors/consent/rights.json");

/// Payloads, compact objects, and a case as it is kept.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let objects = ["correction", "access", "extension", "done", "refusal"].map(|name| &vectors[name]);
    let texts = objects.iter().flat_map(|object| [&object["payload"], &object["jws"]]);
    let mut seeds: Vec<Vec<u8>> = texts.map(|text| text.as_str().unwrap().as_bytes().to_vec()).collect();
    seeds.push(serde_json::to_vec(&vectors["kept"]).unwrap());
    seeds
}

pub(crate) fn rights(bytes: &[u8]) {
    let key = SigningKey::generate(&mut SeededRandom::new(1));
    let request = read::<RightsRequest>(&key, bytes);
    let answer = read::<RightsAnswer>(&key, bytes);
    let kept = serde_json::from_slice::<RightsCase>(bytes).ok();
    let moment = bytes
        .iter()
        .fold(0i64, |moment, byte| moment.wrapping_mul(251) ^ i64::from(*byte));
    let _ = (answer_due(moment), extended_due(moment));
    for mut case in request.map(RightsCase::new).into_iter().chain(kept) {
        if let Some(answer) = &answer {
            let _ = case.add(answer.clone());
        }
        let _ = case.state(moment, moment);
    }
}

/// The bytes as a compact object, or else signed as a payload.
fn read<T: SignedContent>(key: &SigningKey, bytes: &[u8]) -> Option<Signed<T>> {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(signed) = Signed::verify(&text, &key.public()) {
        return Some(signed);
    }
    let header = Map::from_iter([("typ".to_owned(), Value::from(T::TYPE))]);
    Signed::verify(&jws::Unsigned::new(header, bytes).sign(key), &key.public()).ok()
}
