//! `kist rules`, without a network.

use serde_json::json;

use crate::tool::Desk;

#[test]
fn k3_rules_are_made_listed_and_taken_away() {
    let desk = Desk::with_store();
    assert_eq!(desk.json(&["rules", "list"]), json!({"rules": [], "unread": []}));
    let never = desk.json(&["rules", "never", "birth.birthdate", "--organisation", "NTRGB-17"]);
    let expected = json!({
        "kind": "never",
        "organisation": "NTRGB-17",
        "what": {"credential_type": "urn:kist:schema:birth:1", "path": ["birthdate"]},
    });
    assert_eq!(never["rule"], expected);
    assert_eq!(
        desk.json(&["rules", "never", "any.birthdate"])["rule"]["what"],
        json!({"path": ["birthdate"]})
    );
    let quiet = desk.json(&["rules", "quiet", "22:00", "07:30"]);
    assert_eq!(
        quiet["rule"],
        json!({"kind": "quiet_hours", "from": 1320, "until": 450})
    );
    desk.json(&["rules", "profile", "clinics", "name", "phone.phone_number"]);
    desk.json(&["rules", "ask"]);
    let listed = desk.run(&["rules", "list"]).stdout;
    for said in ["NTRGB-17", "22:00 to 07:30", "“clinics”", "each time"] {
        assert!(listed.contains(said), "{said}: {listed}");
    }
    assert!(!listed.contains('{'), "{listed}");
    assert_eq!(
        desk.json(&["rules", "remove", never["id"].as_str().unwrap_or_default()])["removed"],
        never["id"]
    );
    let left = desk.json(&["rules", "list"]);
    assert_eq!(left["rules"].as_array().map(Vec::len), Some(4));
}

#[test]
fn k3_rules_that_say_nothing_are_refused() {
    let desk = Desk::with_store();
    assert_eq!(desk.error(3, &["rules", "quiet", "25:00", "07:00"])["code"], "BadTime");
    assert_eq!(
        desk.error(3, &["rules", "quiet", "07:00", "07:00"])["code"],
        "Malformed"
    );
    assert_eq!(
        desk.error(3, &["rules", "never", "unheard-of"])["code"],
        "UnknownSchema"
    );
    assert_eq!(desk.json(&["rules", "list"])["rules"], json!([]));
}
