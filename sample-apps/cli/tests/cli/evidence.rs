//! Pausing, and what is shown to others: a history as evidence, a receipt that is verified without a store.

use crate::tool::{Desk, PASSPHRASE};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/consent");

fn vectors(name: &str) -> serde_json::Value {
    let text = std::fs::read(format!("{VECTORS}/{name}")).expect("the vectors");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn k5_a_history_is_signed_exported_and_verified_without_a_store() {
    let desk = Desk::with_store();
    assert_eq!(desk.error(3, &["history", "--sign"])["code"], "NotFound");
    assert_eq!(desk.json(&["consents", "pause", "--everything"])["paused"], true);
    assert!(desk.run(&["consents"]).stderr.contains("Everything is paused"));
    desk.json(&["consents", "resume", "--everything"]);
    let signed = desk.json(&["history", "--sign"]);
    assert_eq!(signed["sequence"], 2);
    let verified = desk.json(&["history", "--verify"]);
    assert_eq!(verified["checkpoint"]["key"], signed["key"]);
    let path = desk.path("evidence.json").display().to_string();
    desk.json(&["history", "--evidence", &path]);

    let stranger = Desk::new();
    let mut command = stranger.command(&["verify-evidence", &path]);
    let shown = crate::tool::Run::of(command.env_remove("KIST_PASSPHRASE").output().expect("the program"));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(
        shown.stdout.contains("The history is whole: 3 entries"),
        "{}",
        shown.stdout
    );
    let text = std::fs::read_to_string(&path).expect("the evidence");
    let changed = stranger.file("changed.json", text.replacen("Resumed", "Paused", 1));
    let error = stranger.error(7, &["verify-evidence", &changed]);
    assert_eq!(
        (&error["code"], &error["parameters"]["sequence"]),
        (&"HistoryBroken".into(), &2.into())
    );
    assert!(!text.contains(PASSPHRASE));
}

#[test]
fn k5_a_receipt_is_verified_from_one_file_or_from_its_parts() {
    let desk = Desk::new();
    let all = vectors("agreement.json");
    let whole = desk.file("proof.json", all["kept"].to_string());
    let proven = desk.json(&["verify-receipt", &whole]);
    assert_eq!(proven["organisation"], "Riverside Clinic");
    let part = |name: &str| desk.file(name, all[name]["jws"].as_str().expect("a JWS"));
    let (receipt, acceptance, offer) = (part("receipt"), part("acceptance"), part("offer"));
    let key = desk.file("key.json", all["offer"]["key"].to_string());
    let parts = [
        "verify-receipt",
        &receipt,
        "--acceptance",
        &acceptance,
        "--offer",
        &offer,
        "--key",
    ];
    let proven_by_parts = desk.json(&[&parts[..], &[&key]].concat());
    assert_eq!(proven_by_parts["id"], proven["id"]);
    let other = desk.file("other.json", all["acceptance"]["key"].to_string());
    assert_eq!(
        desk.error(5, &["verify-receipt", &whole, "--key", &other])["code"],
        "UntrustedKey"
    );
    assert_eq!(
        desk.error(5, &[&parts[..], &[&other]].concat())["code"],
        "SignatureInvalid"
    );
    assert_eq!(desk.error(3, &["verify-receipt", &other])["code"], "Malformed");
    let said = desk.run(&["verify-receipt", &whole]);
    assert!(said.stdout.contains("The receipt is valid"), "{}", said.stdout);
    assert!(said.stdout.contains("withdrawn at"), "{}", said.stdout);
}

#[test]
fn k1_consents_are_filtered_and_changed_by_what_was_typed() {
    let desk = Desk::with_store();
    let filters = [
        "consents",
        "--organisation",
        "clinic",
        "--area",
        "health",
        "--kind",
        "address",
        "--field",
        "address.locality",
        "--state",
        "in-force",
        "--state",
        "paused",
        "--ends-before",
        "2027-01-01",
    ];
    assert_eq!(desk.json(&filters), serde_json::json!([]));
    assert_eq!(desk.json(&["consents", "--effort"])["fields"], 0);
    assert_eq!(desk.error(2, &["consents", "--state", "odd"])["code"], "Usage");
    assert_eq!(desk.error(2, &["consents", "pause"])["code"], "Usage");
    assert_eq!(
        desk.error(3, &["consents", "narrow", "abcd", "--without", "phone_number"])["code"],
        "UnknownId"
    );
    assert_eq!(desk.error(3, &["consents", "--ends-before", "soon"])["code"], "BadDate");
}
