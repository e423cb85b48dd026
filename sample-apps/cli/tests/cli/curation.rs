//! What a person does with records besides writing them: sources shown, conflicts settled, the trash, reminders, forms.

use serde_json::{Value, json};

use crate::tool::Desk;

/// The id of a record that is added.
fn added(desk: &Desk, arguments: &[&str]) -> String {
    let record = desk.json(&[&["add"], arguments].concat());
    record["id"].as_str().expect("an id").to_owned()
}

fn two_homes(desk: &Desk) -> [String; 2] {
    let bute = [
        "address",
        "street_address=12 Bute Street",
        "locality=Cardiff",
        "kind=home",
    ];
    let castle = [
        "address",
        "street_address=3 Castle Street",
        "locality=Cardiff",
        "postal_code=CF10 1BT",
        "kind=home",
    ];
    [added(desk, &bute), added(desk, &castle)]
}

fn ids(records: &Value) -> Vec<&str> {
    let all = records.as_array().expect("a list").iter();
    all.filter_map(|record| record["id"].as_str()).collect()
}

fn assert_fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn d2_a_record_shows_each_field_with_its_source_and_what_is_wrong_with_it() {
    let desk = Desk::with_store();
    let refused = desk.error(3, &["add", "address", "street_address=12 Bute Street"]);
    assert_eq!(refused["code"], "RecordInvalid");
    let id = added(&desk, &["address", "street_address=12 Bute Street", "--keep-anyway"]);

    let shown = desk.json(&["show", &id]);
    assert_eq!(shown["fields"][0]["member"], "/street_address");
    assert_eq!(shown["fields"][0]["provenance"]["source"]["kind"], "self_asserted");
    assert_eq!(shown["fields"][0]["freshness"]["kind"], "fresh");
    assert_eq!(
        shown["violations"],
        json!([{ "field": "/locality", "rule": "Required" }])
    );
    let page = desk.run(&["show", &id]).stdout;
    assert!(page.contains("Street: 12 Bute Street"), "{page}");
    assert!(
        page.contains("written by you") && page.contains("not verified"),
        "{page}"
    );
    assert!(page.contains("Town or city is missing"), "{page}");
    assert_fits(&page);

    desk.json(&["confirm", &id, "street_address"]);
    assert!(desk.run(&["show", &id]).stdout.contains("confirmed by you on"));
    assert_eq!(desk.error(3, &["confirm", &id, "colour"])["code"], "NotFound");
}

#[test]
fn d2_what_each_version_changed_is_shown() {
    let desk = Desk::with_store();
    let [id, _] = two_homes(&desk);
    desk.json(&["correct", &id, "street_address=14 Bute Street", "--remove", "kind"]);

    let history = desk.json(&["show", &id, "--changes"]);
    assert_eq!(history.as_array().map(Vec::len), Some(2));
    assert_eq!(
        history[1]["changes"],
        json!([
            { "member": "/kind", "before": "home", "after": null },
            { "member": "/street_address", "before": "12 Bute Street", "after": "14 Bute Street" },
        ])
    );
    let shown = desk.run(&["show", &id, "--changes"]).stdout;
    assert!(shown.contains("~ Street: 12 Bute Street → 14 Bute Street"), "{shown}");
    assert!(shown.contains("- Kind: home"), "{shown}");
}

#[test]
fn d1_labels_and_files_of_a_record_are_changed_with_its_fields() {
    let desk = Desk::with_store();
    let [id, _] = two_homes(&desk);
    let [lease, photo] = ["lease.pdf", "photo.png"].map(|name| desk.file(name, name));
    desk.json(&[
        "correct", &id, "--tag", "family", "--attach", &lease, "--attach", &photo,
    ]);
    let corrected = desk.json(&[
        "correct",
        &id,
        "street_address=14 Bute Street",
        "--area",
        "home",
        "--tag",
        "old",
        "--untag",
        "family",
        "--detach",
        "photo.png",
    ]);
    assert_eq!(
        (&corrected["tags"], &corrected["area"]),
        (&json!(["old"]), &json!("home"))
    );
    assert_eq!(corrected["files"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        desk.json(&["list"]).as_array().map(Vec::len),
        Some(2),
        "a file is no record of its own"
    );

    let shown = desk.run(&["show", &id, "--changes"]).stdout;
    for line in [
        "~ Street: 12 Bute Street → 14 Bute Street",
        "~ Identity → Home",
        "+ #old",
        "- #family",
        "- photo.png",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(desk.run(&["show", &id]).stdout.contains("#old"));
    assert_eq!(
        desk.error(3, &["correct", &id, "--detach", "photo.png"])["code"],
        "UnknownId"
    );
    assert_eq!(
        desk.error(3, &["correct", &id, "--untag", "family"])["code"],
        "UnknownId"
    );
}

#[test]
fn d2_two_addresses_are_laid_side_by_side_and_settled_member_by_member() {
    let desk = Desk::with_store();
    let [bute, castle] = two_homes(&desk);
    let found = desk.json(&["duplicates"]);
    assert_eq!(found[0]["kind"], "differing");
    assert_eq!(found[0]["sides"][0]["record"], bute.as_str());
    assert_eq!(found[0]["sides"][1]["record"], castle.as_str());
    let postcode = found[0]["members"].as_array().expect("members").iter();
    let postcode = postcode.clone().find(|member| member["member"] == "/postal_code");
    assert_eq!(postcode.expect("the postcode")["fields"][0], Value::Null);
    let shown = desk.run(&["duplicates"]).stdout;
    let row = shown.lines().find(|line| line.contains("Bute")).expect("a row");
    assert!(
        row.starts_with("≠ Street") && row.contains("3 Castle Street"),
        "{shown}"
    );
    assert_fits(&shown);

    assert_eq!(
        desk.error(3, &["duplicates", &bute, "--take", "7"])["code"],
        "UnknownId"
    );
    desk.json(&["duplicates", &bute, "--take", "1", "--with", "postal_code=2"]);
    assert_eq!(desk.json(&["duplicates"]), json!([]));
    assert_eq!(ids(&desk.json(&["list"])), [bute.as_str()]);
    assert_eq!(desk.json(&["show", &bute])["body"]["postal_code"], "CF10 1BT");

    // What was not chosen is not lost.
    assert_eq!(desk.json(&["show", &castle])["marks"]["replaced_by"], bute.as_str());
    desk.json(&["trash", "--restore", &castle]);
    assert_eq!(desk.json(&["list"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn d2_what_is_right_both_times_is_not_asked_again() {
    let desk = Desk::with_store();
    let [bute, castle] = two_homes(&desk);
    assert_eq!(desk.error(2, &["duplicates", "--both-right"])["code"], "Usage");
    desk.json(&["duplicates", &castle, "--both-right"]);
    assert_eq!(desk.json(&["duplicates"]), json!([]));
    assert_eq!(desk.json(&["list"]).as_array().map(Vec::len), Some(2));
    assert_eq!(
        desk.error(3, &["duplicates", &bute, "--take", &bute])["code"],
        "UnknownId"
    );
}

#[test]
fn d5_favourites_notes_and_the_trash() {
    let desk = Desk::with_store();
    let [bute, castle] = two_homes(&desk);
    desk.json(&["mark", &bute, "--favourite", "--note", "the one with the blue door"]);
    assert_eq!(ids(&desk.json(&["list", "--favourites"])), [bute.as_str()]);
    let page = desk.run(&["show", &bute]).stdout;
    assert!(
        page.contains('★') && page.contains("the one with the blue door"),
        "{page}"
    );
    desk.json(&["mark", &bute, "--no-favourite", "--note", ""]);
    assert_eq!(desk.json(&["list", "--favourites"]), json!([]));
    assert_eq!(desk.error(2, &["mark", &bute])["code"], "Usage");

    desk.json(&["trash", &bute, &castle]);
    assert_eq!(desk.json(&["list"]), json!([]));
    assert_eq!(desk.json(&["search", "street"]), json!([]));
    assert_eq!(desk.json(&["trash"]).as_array().map(Vec::len), Some(2));
    assert_eq!(desk.json(&["trash", "--restore", &bute]), json!({ "restored": [bute] }));
    assert_eq!(ids(&desk.json(&["list"])), [bute.as_str()]);
    assert_eq!(ids(&desk.json(&["list", "--trash"])), [castle.as_str()]);

    assert_eq!(desk.error(2, &["trash", "--empty"])["code"], "ConfirmationNeeded");
    let none = desk.json(&["trash", "--empty", "--older-than", "30", "--yes"]);
    assert_eq!(none, json!({ "deleted": 0 }));
    assert_eq!(desk.json(&["trash", "--empty", "--yes"]), json!({ "deleted": 1 }));
    assert_eq!(desk.error(3, &["show", &castle])["code"], "NotFound");
}

#[test]
fn d5_lists_and_searches_are_filtered_by_kinds_and_days() {
    let desk = Desk::with_store();
    two_homes(&desk);
    added(&desk, &["note", "text=Cardiff is wet"]);
    added(&desk, &["email", "email=alice@example.org"]);

    let two_kinds = desk.json(&["list", "--kind", "note", "--kind", "email"]);
    assert_eq!(two_kinds.as_array().map(Vec::len), Some(2));
    let found = desk.json(&["search", "cardiff", "--kind", "note"]);
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(desk.json(&["list", "--until", "2020-01-01"]), json!([]));
    assert_eq!(
        desk.json(&["list", "--from", "2020-01-01"]).as_array().map(Vec::len),
        Some(4)
    );
    assert_eq!(desk.error(3, &["list", "--from", "tomorrow"])["code"], "BadDate");
}

#[test]
fn d5_what_expires_is_reminded_of_put_off_and_ended() {
    let desk = Desk::with_store();
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let expires = today
        .checked_add(jiff::Span::new().days(60))
        .expect("a day")
        .to_string();
    let id = added(
        &desk,
        &[
            "passport",
            "number=123456789",
            "country=GB",
            &format!("expires={expires}"),
        ],
    );

    let due = desk.json(&["reminders"]);
    assert_eq!((&due[0]["record"], &due[0]["date"]), (&json!(id), &json!(expires)));
    let shown = desk.run(&["reminders"]).stdout;
    assert!(shown.contains(&expires) && shown.contains("Valid until"), "{shown}");

    desk.json(&["reminders", "--snooze", &id, "--until", &expires]);
    assert_eq!(desk.json(&["reminders"]), json!([]));
    let later = desk.json(&["reminders", "--until", &expires]);
    assert_eq!(later[0]["due"], expires.as_str());
    desk.json(&["reminders", "--dismiss", &id]);
    assert_eq!(desk.json(&["reminders", "--until", &expires]), json!([]));
    assert_eq!(desk.error(3, &["reminders", "--dismiss", &id])["code"], "NoReminder");
    assert_eq!(desk.json(&["reminders", "--stale"]), json!([]));
}

#[test]
fn o5_a_form_is_filled_from_the_store_and_says_what_that_saved() {
    let desk = Desk::with_store();
    added(&desk, &["name", "given_name=Alice", "family_name=Morgan"]);
    two_homes(&desk);
    let fields = json!({ "fields": [
        { "name": "given_name", "required": true, "wants": "oidc:given_name" },
        { "name": "street", "required": true, "wants": "urn:kist:schema:address:1#/street_address" },
        { "name": "postcode", "wants": "urn:kist:schema:address:1#/postal_code" },
        { "name": "email", "required": true, "wants": "oidc:email" },
    ]});
    let form = desk.file("form.json", fields.to_string());

    let filled = desk.json(&["fill", &form]);
    assert_eq!(filled["fields"][0]["value"]["field"]["value"], "Alice");
    // Street and postcode are of one record: no address is mixed from two.
    assert_eq!(filled["fields"][1]["value"]["field"]["value"], "3 Castle Street");
    assert_eq!(filled["fields"][2]["value"]["field"]["value"], "CF10 1BT");
    assert_eq!(filled["missing"], json!(["email"]));
    assert_eq!(
        (&filled["filled"], &filled["keystrokes"]),
        (&json!(3), &json!(5 + 15 + 8))
    );
    let shown = desk.run(&["fill", &form]).stdout;
    assert!(
        shown.contains("3 of 4 fields needed no typing, 28 keystrokes saved."),
        "{shown}"
    );
    assert!(shown.contains("Other values to choose from: 1"), "{shown}");
    assert_fits(&shown);

    let answers = desk.file("answers.json", json!({ "email": "alice@example.org" }).to_string());
    let kept = desk.json(&["fill", &form, "--keep", &answers]);
    assert_eq!(kept["written"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.json(&["fill", &form])["missing"], json!([]));
}
