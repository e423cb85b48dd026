//! The formats, pinned: tests/vectors/trust/formats.json has what a framework of fixed keys signs.

#![allow(clippy::unwrap_used)]

mod support;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_trust::framework::{Application, LogEntry, LogHead};
use kist_trust::{
    Anchor, Grounds, Mode, Presented, SignedTerms, TrustList, Verdict, verify_organisation, verify_request,
};
use serde_json::{Value, json};
use support::*;

const DIRECTORY: &str = "https://framework.example/directory.json";

/// A framework with terms, a clinic and its supplier; the same after its root has changed; and a list of it that says where
/// the directory lies.
fn made() -> Value {
    let (mut world, clinic, desk) = World::with_supplier(7, mandate());
    let chain = |chain: &[Vec<u8>]| -> Vec<String> { chain.iter().map(|der| BASE64_STANDARD.encode(der)).collect() };
    let application = application(&clinic.key).unsigned().unwrap().sign(&clinic.key);
    let terms = world.publish_terms("1", NOW);
    let (anchor, list) = (world.anchor(), world.publish(NOW));
    world.rotate(NOW + DAY, WEEK);
    let renewed = world.renew(CLINIC, NOW + DAY);
    let rotated = json!({
        "now": NOW + DAY,
        "anchor": world.anchor(),
        "chain": chain(&renewed.chain),
        "registration": renewed.registration,
        "list": world.publish(NOW + DAY),
    });
    let log: Vec<String> = world
        .state
        .take_log()
        .iter()
        .map(|entry| String::from_utf8(entry.to_bytes().unwrap()).unwrap())
        .collect();
    let head = world.state.log_head().clone();
    world.state.set_directory(Some(DIRECTORY), NOW + DAY).unwrap();
    let directory = json!({ "now": NOW + DAY, "list": world.publish(NOW + DAY) });
    json!({
        "now": NOW,
        "anchor": anchor,
        "chain": chain(&clinic.admitted.chain),
        "registration": clinic.admitted.registration,
        "supplier": { "chain": chain(&desk.admitted.chain), "registration": desk.admitted.registration },
        "application": application,
        "terms": terms,
        "list": list,
        "rotated": rotated,
        "log": { "entries": log, "head": head },
        "directory": directory,
    })
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/trust/formats.json");

fn stored() -> Value {
    serde_json::from_slice(&std::fs::read(PATH).unwrap()).unwrap()
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap()
}

fn certificates(of: &Value) -> Vec<Vec<u8>> {
    let chain = of["chain"].as_array().unwrap().iter();
    chain
        .map(|der| BASE64_STANDARD.decode(der.as_str().unwrap()).unwrap())
        .collect()
}

fn anchor(of: &Value) -> Anchor {
    serde_json::from_value(of["anchor"].clone()).unwrap()
}

#[test]
fn t1_stored_formats_are_read() {
    let stored = stored();
    let anchors = [anchor(&stored)];
    let lists = [TrustList::verify(text(&stored, "list"), &anchors[0], None, GRACE, NOW).unwrap()];
    assert_eq!((lists[0].sequence, lists[0].operator.as_str()), (1, "Test framework"));
    let terms = SignedTerms::verify(text(&stored, "terms"), &anchors[0], None, NOW).unwrap();
    assert_eq!(lists[0].terms.as_ref().unwrap().terms(), terms.terms());
    let application = Application::verify(text(&stored, "application")).unwrap();
    assert_eq!(application.organisation.organisation_id, CLINIC);

    let (clinic, desk) = (certificates(&stored), certificates(&stored["supplier"]));
    let grounds = Grounds {
        anchors: &anchors,
        lists: &lists,
        mode: Mode::Strict,
    };
    let sender = Presented {
        chain: &desk,
        registration: text(&stored["supplier"], "registration"),
    };
    let principal = Presented {
        chain: &clinic,
        registration: text(&stored, "registration"),
    };
    let verdict = verify_request(&sender, Some(&principal), &grounds, NOW).unwrap();
    assert!(matches!(verdict, Verdict::Supplier(_)));
    assert_eq!(verdict.organisation().unwrap().legal_name, "Riverside Clinic");
}

#[test]
fn t2_stored_formats_of_a_change_of_root_are_read() {
    let stored = stored();
    let (rotated, now) = (&stored["rotated"], NOW + DAY);
    let (old, new) = (anchor(&stored), anchor(rotated));
    for anchor in [&old, &new] {
        let list = TrustList::verify(text(rotated, "list"), anchor, None, GRACE, now).unwrap();
        let successor = (anchor == &old).then_some(new.certificate.as_slice());
        assert_eq!(list.successor(), successor);
        let (lists, anchors) = ([list], [anchor.clone()]);
        let registration = text(rotated, "registration");
        let party = verify_organisation(&certificates(rotated), registration, &lists, &anchors, now).unwrap();
        assert_eq!(party.legal_name, "Riverside Clinic");
    }
}

#[test]
fn h2_a_stored_list_says_where_the_directory_lies() {
    let stored = stored();
    let verify = |of: &Value, now| TrustList::verify(text(of, "list"), &anchor(&stored["rotated"]), None, GRACE, now);
    let named = verify(&stored["directory"], NOW + DAY).unwrap();
    assert_eq!(named.directory.as_deref(), Some(DIRECTORY));
    assert_eq!(verify(&stored["rotated"], NOW + DAY).unwrap().directory, None);
}

#[test]
fn t2_a_stored_log_is_read() {
    let stored = stored();
    let head: LogHead = serde_json::from_value(stored["log"]["head"].clone()).unwrap();
    let entries = stored["log"]["entries"].as_array().unwrap();
    let bytes = entries.iter().map(|entry| entry.as_str().unwrap().as_bytes());
    assert_eq!(LogEntry::read_all(bytes, &head).unwrap().len(), 9);
}

/// Written anew after a change of format by `KIST_BLESS=1 cargo test -p kist-trust --test formats`.
#[test]
fn t2_what_is_written_is_what_was_written() {
    let made = made();
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(PATH, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let stored = stored();
    for (name, value) in made.as_object().unwrap() {
        assert_eq!(Some(value), stored.get(name), "{name}");
    }
}
