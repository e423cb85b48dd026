//! Peers: npm `@openid4vc/openid4vp` reads what this room writes, and this room reads what it answers
//! (tests/interop/openid4vp).
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_crypto::Secret;
use kist_crypto::es256::SigningKey;
use kist_exchange::{Ask, PendingRequest, query};
use kist_identity::Issuer;
use serde_json::{Value, json};

const KIST: &str = include_str!("../../../tests/vectors/openid4vp/kist.json");
const PEER: &str = include_str!("../../../tests/vectors/openid4vp/peer-npm.json");
/// Peers read the clock; these requests are open for long.
const OPEN_UNTIL: i64 = NOW + 3600 * 24 * 3600;

fn asked(world: &World, asks: &[Ask], agreement: bool) -> Asked {
    let mut offered = offer(&world.clinic, asks);
    offered.expires_at = OPEN_UNTIL;
    let offer = agreement.then(|| sign_offer(&offered, &world.clinic.key));
    let query = query(asks, agreement).unwrap();
    let mut draft = draft(&world.clinic, &query, offer.as_ref());
    draft.expires_at = OPEN_UNTIL;
    let (jwt, pending) = draft
        .prepare(&mut *world.rng.borrow_mut())
        .unwrap()
        .sign(&world.clinic.key);
    let link = kist_exchange::RequestLink::new(pending.client_id(), REQUEST_URI, POLICY).unwrap();
    Asked { jwt, pending, link }
}

fn encryption_key(pending: &PendingRequest) -> Value {
    let key = SigningKey::from_secret(&Secret::from_slice(&pending.to_bytes().expose()[1..33]).unwrap()).unwrap();
    private_jwk(&key, Some(&key.public().thumbprint()))
}

/// The same handshakes, byte for byte, in every run.
fn handshakes() -> (World, Asked, Value) {
    let world = World::new();
    let plain = asked(&world, &asks()[..1], false);
    let agreement = asked(&world, &asks(), true);
    let person = Person::new(&world);
    let answer = person.answer(&verify(&world, &agreement).unwrap()).unwrap();
    let vector = json!({
        "plain": {
            "link": plain.link.to_uri(),
            "request": plain.jwt,
            "credential": person.person.compact(),
            "holder_key": private_jwk(&person.relationship, None),
        },
        "agreement": {
            "link": agreement.link.to_uri(),
            "request": agreement.jwt,
            "encryption_key": encryption_key(&agreement.pending),
            "answer": answer.body,
        },
    });
    (world, plain, vector)
}

/// `kist.json` is what this writes; the peer verifies it.
#[test]
fn what_peers_read_is_what_this_room_writes() {
    let (_, _, vector) = handshakes();
    assert_eq!(vector, serde_json::from_str::<Value>(KIST).unwrap(), "{vector:#}");
}

/// Another wallet answers a request without an agreement.
#[test]
fn i3_another_wallets_answer_is_opened() {
    let (world, mut plain, _) = handshakes();
    let peer: Value = serde_json::from_str(PEER).unwrap();
    let answer = plain
        .pending
        .open_answer(peer["answer"].as_str().unwrap(), &world, NOW + MINUTE)
        .unwrap();
    let given = &answer.presentations["person"][0];
    assert_eq!(*given.issuer(), Issuer::SelfAsserted);
    assert_eq!(given.claims()["given_name"], "Ada");
    assert!(!given.claims().contains_key("family_name"));
}
