//! The formats, pinned: tests/vectors/trust/formats.json has what a framework of fixed keys signs.

#![allow(clippy::unwrap_used)]

mod support;

use kist_trust::framework::Application;
use kist_trust::{Anchor, TrustList, verify_organisation};
use serde_json::{Value, json};
use support::*;

fn made() -> Value {
    let (mut world, clinic) = World::with_clinic(7);
    json!({
        "now": NOW,
        "anchor": world.anchor(),
        "chain": clinic.admitted.chain.iter().map(|der| pem(der)).collect::<Vec<_>>(),
        "registration": clinic.admitted.registration,
        "application": application(&clinic.key).unsigned().unwrap().sign(&clinic.key),
        "list": world.publish(NOW),
    })
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/trust/formats.json");

fn stored() -> Value {
    serde_json::from_slice(&std::fs::read(PATH).unwrap()).unwrap()
}

#[test]
fn t1_stored_formats_are_read() {
    let stored = stored();
    let text = |name: &str| stored[name].as_str().unwrap().to_owned();
    let anchor: Anchor = serde_json::from_value(stored["anchor"].clone()).unwrap();
    let list = TrustList::verify(&text("list"), &anchor, None, GRACE, NOW).unwrap();
    assert_eq!((list.sequence, list.operator.as_str()), (1, "Test framework"));
    let body: String = stored["chain"][0]
        .as_str()
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    use base64::Engine as _;
    let chain = [base64::prelude::BASE64_STANDARD.decode(body).unwrap()];
    let party = verify_organisation(&chain, &text("registration"), &[list], &[anchor], NOW).unwrap();
    assert_eq!(party.legal_name, "Riverside Clinic");
    let application = Application::verify(&text("application")).unwrap();
    assert_eq!(application.organisation.organisation_id, CLINIC);
}

/// Written anew after a change of format by `KIST_BLESS=1 cargo test -p kist-trust --test formats`.
#[test]
fn t2_what_is_written_is_what_was_written() {
    let made = made();
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(PATH, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    assert_eq!(made, stored());
}
