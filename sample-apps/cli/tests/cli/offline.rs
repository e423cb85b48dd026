//! A store without a network: what goes in comes out, and what is wrong is said with what to do.

use serde_json::{Value, json};

use crate::tool::{Desk, PASSPHRASE, all_bytes};

const CARD: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Morgan\r\nN:Morgan;Alice;;;\r\nBDAY:19840321\r\n\
    TEL;TYPE=cell:+447700900461\r\nX-SHOE-SIZE:39\r\nEND:VCARD\r\n";

fn titles(records: &Value) -> Vec<String> {
    let all = records.as_array().expect("a list").iter();
    all.map(|record| record["title"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn d1_records_are_added_listed_searched_shown_corrected_and_deleted() {
    let desk = Desk::with_store();
    let typed = [
        "add",
        "address",
        "street_address=12 Bute Street",
        "locality=Cardiff",
        "kind=home",
        "--tag",
        "home",
    ];
    let added = desk.json(&typed);
    assert_eq!(
        added["body"],
        json!({ "street_address": "12 Bute Street", "locality": "Cardiff", "kind": "home" })
    );
    assert_eq!(added["provenance"]["source"]["kind"], "self_asserted");
    let id = added["id"].as_str().expect("an id");
    desk.json(&["add", "vaccination", "vaccine=Influenza", "date=2026-10-02", "dose=1"]);

    assert_eq!(desk.json(&["list"]).as_array().map(Vec::len), Some(2));
    assert_eq!(
        titles(&desk.json(&["list", "--schema", "address"])),
        ["12 Bute Street Cardiff"]
    );
    assert_eq!(
        titles(&desk.json(&["list", "--tag", "home"])),
        ["12 Bute Street Cardiff"]
    );
    let hits = desk.json(&["search", "card"]);
    assert_eq!(hits[0]["record"]["id"], id);

    let end = &id[id.len() - 8..];
    let corrected = desk.json(&["correct", end, "postal_code=CF10 5AN", "--remove", "kind"]);
    assert_eq!(
        corrected["body"],
        json!({ "street_address": "12 Bute Street", "locality": "Cardiff", "postal_code": "CF10 5AN" })
    );
    assert_eq!(
        desk.json(&["show", end, "--versions"]).as_array().map(Vec::len),
        Some(2)
    );

    assert_eq!(desk.error(2, &["delete", end])["code"], "ConfirmationNeeded");
    assert_eq!(desk.json(&["delete", end, "--yes"]), json!({ "deleted": id }));
    assert_eq!(desk.error(3, &["show", end])["code"], "UnknownId");
    assert_eq!(desk.json(&["search", "bute"]), json!([]));
}

#[test]
fn d1_a_record_that_does_not_fit_is_refused_with_its_field() {
    let desk = Desk::with_store();
    // An address needs a town.
    let error = desk.error(3, &["add", "address", "street_address=12 Bute Street"]);
    assert_eq!(
        (&error["code"], &error["parameters"]["rule"]),
        (&json!("RecordInvalid"), &json!("Required"))
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.contains("is missing")),
        "{error}"
    );
    assert_eq!(desk.error(3, &["add", "adress", "a=b"])["code"], "UnknownSchema");
    assert_eq!(desk.error(3, &["add", "note", "text"])["code"], "BadField");
    assert_eq!(desk.error(2, &["add", "note"])["code"], "FieldsNeeded");
    let own = desk.json(&["add", "urn:example:boat", "name=Seren", "sails:=[1,2]"]);
    assert_eq!(own["body"], json!({ "name": "Seren", "sails": [1, 2] }));
}

#[test]
fn d1_a_card_records_and_a_file_are_imported_and_the_file_comes_back_byte_for_byte() {
    let desk = Desk::with_store();
    let card = desk.file("me.vcf", CARD);
    let imported = desk.json(&["import", &card, "--mine"]);
    assert_eq!(
        imported["added"].as_array().map(Vec::len),
        Some(3),
        "name, birth, telephone"
    );
    assert_eq!(imported["left_out"][0]["field"], "X-SHOE-SIZE");
    let again = desk.json(&["import", &card, "--mine"]);
    assert_eq!((&again["added"], &again["already_there"]), (&json!([]), &json!(3)));
    let contact = desk.json(&["import", &card, "--contact"]);
    assert_eq!(contact["added"].as_array().map(Vec::len), Some(1));

    let notes = desk.file("notes.json", r#"[{ "text": "Locker 14" }, { "text": "Boiler" }]"#);
    assert_eq!(
        desk.json(&["import", &notes, "--schema", "note"])["added"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );

    let letter: Vec<u8> = (0..300_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let letter_path = desk.file("letter of tenancy.pdf", &letter);
    let attached = desk.json(&["import", &letter_path]);
    assert_eq!(attached["files"][0]["size"], 300_000);
    assert_eq!(
        titles(&desk.json(&["list", "--schema", "document"])),
        ["letter of tenancy.pdf"]
    );
    let id = attached["added"][0].as_str().expect("an id");
    let out = desk.path("out");
    let saved = desk.json(&["show", id, "--save", &out.display().to_string()]);
    let path = saved["saved"][0].as_str().expect("a path");
    assert_eq!(std::fs::read(path).expect("the file"), letter);

    let export = desk.path("export.zip");
    let report = desk.json(&["export", &export.display().to_string()]);
    assert_eq!(
        (&report["contains"]["records"], &report["contains"]["files"]),
        (&json!(7), &json!(1))
    );
    assert!(report["code"].is_string());

    let other = Desk::with_store();
    let taken = other.json(&["import-archive", &export.display().to_string()]);
    assert_eq!(
        (&taken["records"], &taken["files"], &taken["state"]),
        (&json!(7), &json!(1), &json!(false))
    );
    let code = other.file("code.txt", report["code"].as_str().expect("a code"));
    let again = other.json(&["import-archive", &export.display().to_string(), "--code-file", &code]);
    assert_eq!(
        (&again["known"], &again["state"], &again["history"]),
        (&json!(7), &json!(true), &json!(true))
    );
    assert_eq!(other.json(&["history"])[0]["event"]["type"], "Exported");
    assert_eq!(other.json(&["list"]), desk.json(&["list"]));
}

#[test]
fn d1_an_import_is_shown_before_it_is_taken_and_what_is_left_out_is_said_by_line() {
    let desk = Desk::with_store();
    let table = desk.file(
        "jabs.csv",
        "Vaccine,Given on,Dose\nTetanus,2019-03-25,two\nMeasles,2019-03-26,1\n",
    );
    let looked = desk.json(&[
        "import",
        &table,
        "--schema",
        "vaccination",
        "--map",
        "Given on=date",
        "--dry-run",
    ]);
    assert_eq!(
        looked["planned"][0]["body"],
        json!({ "vaccine": "Tetanus", "date": "2019-03-25" })
    );
    let left = json!({ "place": { "line": 2, "index": 1 }, "field": "Dose", "reason": "Malformed" });
    assert_eq!(looked["left_out"], json!([left]));
    assert_eq!(titles(&desk.json(&["list"])), [] as [&str; 0], "nothing was taken");
    let said = |language: &str| {
        let mut command = desk.command(&[
            "import",
            &table,
            "--schema",
            "vaccination",
            "--map",
            "Given on=date",
            "--dry-run",
        ]);
        command.env("KIST_LANG", language);
        crate::tool::Run::of(command.output().expect("the program")).stderr
    };
    assert!(said("en").contains("Dose (line 2): it can't be read"), "{}", said("en"));
    assert!(
        said("cy").contains("Dose (llinell 2): does dim modd ei ddarllen"),
        "{}",
        said("cy")
    );
    let taken = desk.json(&["import", &table, "--schema", "vaccination", "--map", "Given on=date"]);
    assert_eq!(taken["added"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a23_the_store_on_disk_shows_nothing_of_what_is_in_it() {
    let desk = Desk::with_store();
    desk.json(&["add", "note", "title=Quillfeather", "text=Wrenfield"]);
    let path = desk.file("canaryletter.txt", "Canarywood ".repeat(1000));
    desk.json(&["import", &path]);
    let bytes = all_bytes(&desk.path("store"));
    for word in [
        "Quillfeather",
        "Wrenfield",
        "Canarywood",
        "canaryletter",
        PASSPHRASE,
        "SQLite",
    ] {
        let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "{word} lies readable in the store");
    }
}

#[test]
fn a_wrong_passphrase_is_said_in_the_readers_language_and_opens_nothing() {
    let desk = Desk::with_store();
    let wrong = |language: &str| {
        let mut command = desk.command(&["list"]);
        command
            .env("KIST_PASSPHRASE", "chest in the cellar")
            .env("KIST_LANG", language);
        crate::tool::Run::of(command.output().expect("the program"))
    };
    let (english, welsh) = (wrong("en"), wrong("cy"));
    assert_eq!((english.code, welsh.code), (4, 4));
    assert_eq!((english.stdout, welsh.stdout), (String::new(), String::new()));
    assert!(
        english.stderr.contains("passphrase") && english.stderr.contains("try again"),
        "{}",
        english.stderr
    );
    assert!(welsh.stderr.contains("cyfrinymadrodd"), "{}", welsh.stderr);
    assert_eq!(desk.json(&["list"]), json!([]));
}

#[test]
fn a_passphrase_comes_from_a_file_the_environment_or_standard_input_and_can_be_changed() {
    let desk = Desk::with_store();
    let file = desk.file("pass", format!("{PASSPHRASE}\n"));
    let run = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        crate::tool::Run::of(command.env_remove("KIST_PASSPHRASE").output().expect("the program"))
    };
    assert_eq!(run(&["list", "--passphrase-file", &file]).code, 0);
    let missing = run(&["list", "--json"]);
    assert_eq!(
        (missing.code, &missing.document()["error"]["code"]),
        (4, &json!("PassphraseMissing"))
    );

    let new = desk.file("new", "another chest entirely");
    let short = desk.file("short", "chest");
    assert_eq!(
        desk.error(3, &["change-passphrase", "--new-passphrase-file", &short])["code"],
        "PassphraseTooShort"
    );
    desk.json(&["change-passphrase", "--new-passphrase-file", &new]);
    assert_eq!(desk.error(4, &["list"])["code"], "KeyMismatch");
    assert_eq!(run(&["list", "--passphrase-file", &new]).code, 0);
}

#[test]
fn a_store_is_never_overwritten_and_one_that_is_not_there_is_named() {
    let desk = Desk::new();
    let error = desk.error(3, &["list"]);
    assert_eq!(
        (&error["code"], &error["parameters"]["what"]),
        (&json!("NotFound"), &json!("store"))
    );
    assert!(desk.run(&["list"]).stderr.contains("kist init"));
    desk.json(&["init"]);
    assert_eq!(desk.error(3, &["init"])["code"], "AlreadyExists");
}

#[test]
fn z3_a_mistyped_recovery_code_names_the_group_before_anything_is_fetched() {
    let desk = Desk::new();
    let restore = |code: &str| {
        let arguments = ["restore", "--relay", "https://relay.example", "--json"];
        let mut command = desk.command(&arguments);
        crate::tool::Run::of(command.env("KIST_RECOVERY_CODE", code).output().expect("the program"))
    };
    let mistyped = restore("KFJK6-362HJ-FJANX-3N84V-Q3ADQ-Q45ST-PGF4R");
    let error = &mistyped.document()["error"];
    assert_eq!((mistyped.code, &error["code"]), (3, &json!("RecoveryCodeMistyped")));
    assert_eq!(error["parameters"]["group"], 3);
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.contains("Group 3")),
        "{error}"
    );
    let no_code = restore("hello");
    assert_eq!(no_code.document()["error"]["code"], "RecoveryCodeMistyped");
    assert!(!desk.path("store").exists());
}

#[test]
fn h1_a_picture_without_a_request_is_refused() {
    let desk = Desk::with_store();
    let error = desk.error(3, &["scan", &desk.file("empty.png", "no picture")]);
    assert_eq!(error["code"], "BadPicture");
    assert_eq!(
        desk.error(3, &["scan", "https://example.org/menu"])["code"],
        "NotARequest"
    );
    let missing = desk.path("missing.png").display().to_string();
    assert_eq!(desk.error(8, &["scan", &missing])["code"], "FileUnreadable");
    assert_eq!(desk.json(&["scan"]), json!([]));
}

#[test]
fn k5_a_new_history_is_whole_and_an_export_stands_in_it() {
    let desk = Desk::with_store();
    assert_eq!(desk.json(&["history", "--verify"])["entries"], 0);
    desk.json(&["export", &desk.path("export.zip").display().to_string()]);
    assert_eq!(desk.json(&["history"])[0]["event"]["type"], "Exported");
    assert_eq!(desk.json(&["history", "--verify"])["entries"], 1);
}

#[test]
fn a_damaged_store_is_called_damaged_and_said_how_to_mend() {
    let desk = Desk::with_store();
    desk.json(&["add", "note", "text=Locker 14"]);
    let vault = desk.path("store").join("vault").join("store.kist");
    let mut bytes = std::fs::read(&vault).expect("the vault");
    for at in (4096..bytes.len()).step_by(512) {
        bytes[at] ^= 1;
    }
    std::fs::write(&vault, bytes).expect("the vault");
    let error = desk.error(7, &["list"]);
    assert_eq!(error["code"], "Corrupt");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.contains("backup")),
        "{error}"
    );
}

#[test]
fn a_bad_command_is_said_as_json_too() {
    let desk = Desk::new();
    let error = desk.error(2, &["sacn"]);
    assert_eq!(
        (&error["code"], &error["category"], &error["retry"]),
        (&json!("Usage"), &json!("usage"), &json!("never"))
    );
    let help = desk.run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("130  cancelled"));
}

#[test]
fn organisation_and_framework_work_without_a_network() {
    let desk = Desk::new();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/clinic");
    let run = |store: &str, arguments: &[&str]| {
        let mut command = desk.command(&[arguments, &["--json"]].concat());
        let run = crate::tool::Run::of(
            command
                .env("KIST_STORE", desk.path(store))
                .output()
                .expect("the program"),
        );
        assert_eq!(run.code, 0, "{}", run.stdout);
        run.document()
    };
    let path = |name: &str| desk.path(name).display().to_string();
    let founded = [
        "framework",
        "create",
        "--label",
        "Harbour",
        "--legal-name",
        "Harbour Ltd",
    ];
    run(
        "f",
        &[&founded[..], &["--organisation-id", "GB-COH-1", "--country", "GB"]].concat(),
    );
    run("c", &["org", "create", &format!("{samples}/profile.json")]);
    run(
        "c",
        &[
            "org",
            "apply",
            &format!("{samples}/application.json"),
            "--out",
            &path("application"),
        ],
    );
    run(
        "f",
        &[
            "framework",
            "admit",
            &path("application"),
            "--yes",
            "--out",
            &path("admission"),
        ],
    );
    run("c", &["org", "install", &path("admission")]);
    run("f", &["framework", "publish", "--out", &path("anchor")]);
    let anchor = run("c", &["org", "trust", "add", &path("anchor")]);
    assert_eq!(
        (&anchor["label"], &anchor["organisations"]),
        (&json!("Harbour"), &json!(1))
    );
    let reason = ["--reason", "Complaint 12"];
    run(
        "f",
        &[&["framework", "suspend", "GB-COH-01234567"][..], &reason].concat(),
    );
    assert_eq!(run("f", &["framework", "members"])[0]["status"], "suspended");
    run("f", &["framework", "reinstate", "GB-COH-01234567"]);
    std::fs::write(
        desk.path("terms.json"),
        r#"{"version": "2", "summary": {"en": "You decide."}, "text": {"en": "1. The person decides."}}"#,
    )
    .expect("a file");
    run("f", &["framework", "terms", &path("terms.json")]);
    run("f", &["framework", "rotate-root", "--retire-days", "30", "--yes"]);
    run("f", &["framework", "rotate-registrar"]);
    let directory = "https://harbour.example/directory.json";
    run("f", &["framework", "directory-url", directory]);
    let renew = ["framework", "renew", "GB-COH-01234567", "--out", &path("renewed")];
    run("f", &renew);
    run("c", &["org", "install", &path("renewed")]);
    let status = run("f", &["framework", "status"]);
    assert_eq!(status["notices"][0]["code"], "UnpublishedChanges");
    assert_eq!(status["members"][0]["on_current_root"], true);
    assert_eq!(status["directory"], directory);
    run("f", &["framework", "publish", "--out", &path("newer")]);
    let anchor = run("c", &["org", "trust", "update", "Harbour", &path("newer")]);
    assert_eq!(anchor["freshness"]["state"], "current");
    assert_eq!(anchor["directory"], directory);
    run("f", &["framework", "directory-url", "--remove"]);
    assert_eq!(run("f", &["framework", "status"])["directory"], Value::Null);
    let terms = run("c", &["org", "trust", "terms", "Harbour", "--accept"]);
    assert!(terms["accepted_at"].is_number());
    assert_eq!(run("c", &["org", "trust", "changes", "--told"]), json!([]));
    let log = run("f", &["framework", "log"]);
    assert_eq!(
        log[3]["act"],
        json!({"type": "suspended", "organisation": "GB-COH-01234567", "note": "Complaint 12"})
    );
    assert_eq!(run("c", &["org", "agreements"]), json!([]));
}

#[test]
fn t1_the_developers_mode_is_off_until_it_is_switched_on_and_the_history_says_so() {
    let desk = Desk::with_store();
    assert_eq!(desk.json(&["trust", "developer"])["developer_mode"], false);
    assert_eq!(desk.json(&["trust", "developer", "on"])["developer_mode"], true);
    let run = desk.run(&["history"]);
    assert!(
        run.stdout.contains("developer's mode was switched on"),
        "{}",
        run.stdout
    );
    assert_eq!(desk.json(&["trust", "developer", "off"])["developer_mode"], false);
}

#[test]
fn a29_a_code_for_something_else_that_is_scanned_is_named() {
    let desk = Desk::with_store();
    let refused = desk.run(&["scan", "kist-recovery:AAAAA-BBBBB#https://relay.example"]);
    assert!(refused.stderr.contains("recovery kit"), "{}", refused.stderr);
    let device = desk.run(&["scan", "kist-device://AAAAA"]);
    assert!(device.stderr.contains("another device"), "{}", device.stderr);
}
