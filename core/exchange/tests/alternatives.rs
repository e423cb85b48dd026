//! Where the organisation takes one of several things, the person picks, and the answer is one.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_exchange::*;
use kist_identity::dcql::Query;
use serde_json::json;

/// The whole address, or the place alone; in this order.
fn ask(world: &World) -> Asked {
    let part = json!({
        "id": "residence",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [RESIDENCE]},
        "claims": [{"id": "whole", "path": ["address"]}, {"id": "place", "path": ["address", "locality"]}],
        "claim_sets": [["whole"], ["place"]],
    });
    let query = Query::from_value(&json!({"credentials": [part]})).unwrap();
    let unsigned = draft(&world.clinic, &query, None)
        .prepare(&mut *world.rng.borrow_mut())
        .unwrap();
    let (jwt, pending) = unsigned.sign(&world.clinic.key);
    let link = RequestLink::new(pending.client_id(), REQUEST_URI, POLICY).unwrap();
    Asked { jwt, pending, link }
}

#[test]
fn i2_the_option_that_tells_less_is_an_answer_though_the_verifier_would_like_another() {
    let world = World::new();
    let person = Person::new(&world);
    let mut asked = ask(&world);
    let request = verify(&world, &asked).unwrap();
    let place = path(&["address", "locality"]);
    let choice = [("residence", &person.residence, vec![place.clone()])];
    let sealed = person.answer_with(&request, &choice, None).unwrap();
    let answer = asked
        .pending
        .open_answer(&sealed.body, &world, NOW + 3 * MINUTE)
        .unwrap();
    let claims = answer.presentations["residence"][0].claims();
    assert_eq!(place.value_in(claims), Some(&json!("London")));
    assert_eq!(
        path(&["address", "street"]).value_in(claims),
        None,
        "the rest stays at home"
    );
    let neither = [("residence", &person.residence, vec![path(&["since"])])];
    assert_eq!(
        person.answer_with(&request, &neither, None),
        Err(Error::QueryNotSatisfied)
    );
}
