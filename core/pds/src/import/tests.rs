//! What readers make of files, by the shapes that programs export.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn plan_of(name: &str, bytes: impl AsRef<[u8]>, options: &ReadOptions) -> ImportPlan {
    let source = ImportSource::Bytes {
        name: Some(name.to_owned()),
        bytes: bytes.as_ref().to_vec(),
    };
    read(&source, options).unwrap()
}

pub(super) fn plan(name: &str, bytes: impl AsRef<[u8]>) -> ImportPlan {
    plan_of(name, bytes, &ReadOptions::default())
}

fn mine() -> ReadOptions {
    ReadOptions {
        owner: CardOwner::Mine,
        ..ReadOptions::default()
    }
}

pub(super) fn bodies<'a>(plan: &'a ImportPlan, kind: &str) -> Vec<&'a Value> {
    let uri = format!("urn:kist:schema:{kind}:1");
    let of_kind = plan.records.iter().filter(|record| record.schema == uri);
    of_kind.map(|record| &record.body).collect()
}

pub(super) fn left(plan: &ImportPlan) -> Vec<(Option<usize>, &str, Reason)> {
    let left = plan.left_out.iter();
    left.map(|remark| (remark.place.line, remark.field.as_str(), remark.reason))
        .collect()
}

pub(super) fn vector(path: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/import");
    std::fs::read(folder.join(path)).unwrap()
}

#[test]
fn d1_a_card_of_an_iphone_is_read_with_its_labels_and_picture() {
    let plan = plan("contacts.vcf", vector("shapes/ios.vcf"));
    let body = &plan.records[0].body;
    assert_eq!(body["full_name"], "Nia Morgan");
    assert_eq!(
        body["phones"],
        json!([{ "value": "+44 29 2018 0002", "kind": "cell" }, { "value": "029 2018 0003", "kind": "school" }])
    );
    assert_eq!(body["birthday"], "--06-12", "the year 1604 is no year");
    assert_eq!(
        body["anniversaries"],
        json!([{ "value": "2011-05-28", "kind": "anniversary" }])
    );
    assert_eq!(body["related"], json!([{ "value": "Tomos Morgan", "kind": "child" }]));
    assert_eq!(
        body["urls"],
        json!([{ "value": "https://nia.example", "kind": "homepage" }])
    );
    assert_eq!(body["addresses"][0]["street_address"], "Flat 2, 12 Harbour, Row");
    assert_eq!(plan.records[0].attachments[0].name(), "photo.jpg");
    assert_eq!(plan.records[1].body["entity"], "organisation");
    assert_eq!(left(&plan), [], "nothing of it is lost");
}

#[test]
fn d1_cards_of_google_outlook_and_nextcloud_are_read() {
    let google = plan("google.vcf", vector("shapes/google.vcf"));
    assert_eq!(google.records[0].tags, ["myContacts", "Plumbers"]);
    assert_eq!(
        google.records[0].body["emails"],
        json!([{ "value": "gareth@example.org", "kind": "work" }])
    );
    let outlook = plan("outlook.vcf", vector("shapes/outlook.vcf"));
    assert_eq!(outlook.records[0].body["full_name"], "Siân Prŷs");
    assert_eq!(
        outlook.records[0].body["note"],
        "Ring first.\r\nThen write.".replace("\r\n", "\n")
    );
    assert_eq!(outlook.warnings, []);
    let nextcloud = plan("nextcloud.vcf", vector("shapes/nextcloud.vcf"));
    assert_eq!(
        nextcloud.records[0].body["messaging"],
        json!([{ "value": "xmpp:huw@example.org", "kind": "home" }])
    );
    assert_eq!(nextcloud.records[0].attachments[0].size(), 5);
    assert_eq!(left(&nextcloud), [(Some(12), "X-SHOE-SIZE", Reason::NoPlace)]);
}

#[test]
fn d1_ones_own_card_becomes_a_record_for_each_part() {
    let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Ó Murchú\r\nN:Ó Murchú;Alice;Marie;Dr;\r\nBDAY:19840321\r\n\
        item1.TEL;TYPE=\"cell,voice\":tel:+44-7700-900123\r\nEMAIL;TYPE=home:alice@example.org\r\n\
        ADR;TYPE=home;LABEL=\"a: b\":;;12 Harbour\\, Row;Edinburgh;;EH6 6AB;United King\r\n dom\r\nORG:Pugh;Boilers\r\n\
        TITLE:Fitter\r\nLANG:cy\r\nGEO:geo:55.9,-3.1\r\nEND:VCARD\r\n";
    let plan = plan_of("me.vcf", card, &mine());
    let name = json!({ "given_name": "Alice", "middle_name": "Marie", "family_name": "Ó Murchú", "name": "Alice Ó Murchú", "honorific_prefix": "Dr" });
    assert_eq!(bodies(&plan, "name"), [&name]);
    assert_eq!(bodies(&plan, "birth"), [&json!({ "birthdate": "1984-03-21" })]);
    assert_eq!(
        bodies(&plan, "phone"),
        [&json!({ "phone_number": "+44-7700-900123", "kind": "mobile" })]
    );
    let address = bodies(&plan, "address")[0];
    assert_eq!(
        (&address["street_address"], &address["kind"]),
        (&json!("12 Harbour, Row"), &json!("home"))
    );
    assert!(address["formatted"].as_str().unwrap().ends_with("United Kingdom"));
    assert_eq!(
        bodies(&plan, "job"),
        [&json!({ "organisation": "Pugh, Boilers", "title": "Fitter" })]
    );
    assert_eq!(left(&plan), [(Some(13), "GEO", Reason::NoPlace)]);
    assert!(plan.records.iter().all(|record| record.violations.is_empty()));
}

#[test]
fn d1_a_card_that_is_broken_takes_no_other_with_it() {
    let text = "BEGIN:VCARD\nVERSION:3.0\nFN:One\nBDAY:soon\nno property at all\nBEGIN:VCARD\nVERSION:3.0\nFN:Two\nEND:VCARD\n\
        BEGIN:VCARD\nFN:Three\n";
    let plan = plan("broken.vcf", text);
    assert_eq!(
        plan.records
            .iter()
            .map(|record| record.title.as_str())
            .collect::<Vec<_>>(),
        ["Two"]
    );
    assert_eq!(
        left(&plan),
        [
            (Some(5), "", Reason::Malformed),
            (Some(1), "VCARD", Reason::Unfinished),
            (Some(10), "VCARD", Reason::Unfinished),
        ]
    );
}

#[test]
fn d1_a_calendar_gives_events_and_tasks_with_their_times_as_they_are_meant() {
    let plan = plan("calendar.ics", vector("shapes/calendar.ics"));
    let events = bodies(&plan, "event");
    assert_eq!(
        events[0],
        &json!({
            "title": "Côr, ymarfer", "date": "2026-12-01", "time": "19:00:00", "end_time": "21:00:00",
            "time_zone": "Europe/London", "location": "Neuadd; Pontcanna", "repeats": "FREQ=WEEKLY;BYDAY=TU",
            "excluded_dates": ["20261229T190000"], "organiser": "Nia Morgan", "attendees": ["huw@example.org"],
            "status": "confirmed", "description": "Bring music.\nAnd water.", "uid": "choir@example.org",
        })
    );
    assert_eq!(
        (&events[1]["date"], &events[1]["end_date"], events[1].get("time")),
        (&json!("2026-12-24"), &json!("2026-12-26"), None)
    );
    assert_eq!(
        (&events[2]["time_zone"], &events[2]["end_time"]),
        (&json!("UTC"), &json!("10:15:00"))
    );
    let tasks = bodies(&plan, "task");
    assert_eq!(
        (&tasks[0]["due"], &tasks[0]["status"], &tasks[0]["priority"]),
        (&json!("2026-12-05"), &json!("started"), &json!(1))
    );
    assert_eq!(bodies(&plan, "note")[0]["text"], "Frost.");
    assert_eq!(
        left(&plan),
        [
            (Some(27), "VALARM", Reason::NoPlace),
            (Some(44), "DTSTART", Reason::Malformed)
        ]
    );
    assert!(
        !plan.records[3].violations.is_empty(),
        "an event without a day breaks its schema"
    );
}

#[test]
fn d1_appointments_are_made_of_events_when_asked_for() {
    let options = ReadOptions {
        schema: Some(calendar::APPOINTMENT.to_owned()),
        ..ReadOptions::default()
    };
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Dentist\nDTSTART;TZID=GMT Standard Time:20261203T093000\nSTATUS:CONFIRMED\nEND:VEVENT\nEND:VCALENDAR\n";
    let body = json!({ "title": "Dentist", "date": "2026-12-03", "time": "09:30:00", "time_zone": "GMT Standard Time", "status": "booked" });
    assert_eq!(bodies(&plan_of("a.ics", text, &options), "appointment"), [&body]);
}

#[test]
fn d1_a_table_is_mapped_by_its_header_and_its_values_get_their_types() {
    let text =
        "\u{feff}Vaccine;Date;Dose;Lot\r\n\"Influenza; split\";02.10.2026;1;FL2291\r\nTetanus;25.03.2019;two;\r\n";
    let plan = plan("jabs.csv", text);
    assert_eq!(
        plan.columns.as_ref().unwrap().schema.as_deref(),
        Some("urn:kist:schema:vaccination:1")
    );
    assert_eq!(
        bodies(&plan, "vaccination"),
        [
            &json!({ "vaccine": "Influenza; split", "date": "2026-10-02", "dose": 1, "lot": "FL2291" }),
            &json!({ "vaccine": "Tetanus", "date": "2019-03-25" }),
        ]
    );
    assert_eq!(left(&plan), [(Some(3), "Dose", Reason::Malformed)]);
    assert_eq!(
        plan.columns.unwrap().dates,
        Some(DateOrder::DayFirst),
        "25.03. shows it"
    );
}

#[test]
fn d1_dates_that_could_be_either_way_are_left_out_until_the_person_says_which() {
    let text = "vaccine,date\nTetanus,03/04/2019\n";
    let unsure = plan("jabs.csv", text);
    assert_eq!(left(&unsure), [(Some(2), "date", Reason::DateOrderUnknown)]);
    for (order, date) in [
        (DateOrder::DayFirst, "2019-04-03"),
        (DateOrder::MonthFirst, "2019-03-04"),
    ] {
        let options = ReadOptions {
            dates: Some(order),
            ..ReadOptions::default()
        };
        assert_eq!(
            bodies(&plan_of("jabs.csv", text, &options), "vaccination")[0]["date"],
            date
        );
    }
}

#[test]
fn d1_address_books_of_google_and_outlook_as_tables_become_contacts() {
    let google = plan("contacts.csv", vector("shapes/google.csv"));
    let body = bodies(&google, "contact")[0];
    assert_eq!(body["full_name"], "Gareth Pugh");
    assert_eq!(
        body["phones"],
        json!([{ "value": "029 2018 0002", "kind": "Work" }, { "value": "07700 900123" }])
    );
    assert_eq!(body["addresses"][0]["locality"], "Cardiff");
    assert_eq!(body["note"], "two\nlines, and \"quotes\"");
    let outlook = plan("contacts.csv", vector("shapes/outlook.csv"));
    assert_eq!(outlook.warnings[0].reason, Reason::ReadAsLatin1);
    assert_eq!(bodies(&outlook, "contact")[0]["given_name"], "Siân");
}

#[test]
fn d1_a_chosen_mapping_is_used_in_place_of_what_is_found() {
    let options = ReadOptions {
        schema: Some("https://example.org/plant".to_owned()),
        columns: vec![
            Column {
                header: "Gattung".into(),
                member: Some("name".into()),
            },
            Column {
                header: "Ort".into(),
                member: None,
            },
        ],
        ..ReadOptions::default()
    };
    let plan = plan_of("plants.csv", "Gattung,Ort,Leaf Size\nRosa,bed,3\n", &options);
    assert_eq!(plan.records[0].body, json!({ "name": "Rosa", "leaf_size": "3" }));
    let again = ReadOptions {
        remembered: vec![plan.columns.unwrap()],
        ..ReadOptions::default()
    };
    let again = plan_of("plants-2.csv", "Gattung,Ort,Leaf Size\nIris,bed,4\n", &again);
    assert_eq!(again.records[0].schema, "https://example.org/plant");
    assert_eq!(again.records[0].body, json!({ "name": "Iris", "leaf_size": "4" }));
}

#[test]
fn d1_a_row_that_is_broken_takes_no_other_with_it() {
    let text = "title,text\nA,one\n\"B,two\nC,three,,more\nD,four\n";
    let plan = plan_of(
        "notes.csv",
        text,
        &ReadOptions {
            schema: Some(schema::NOTE.to_owned()),
            ..ReadOptions::default()
        },
    );
    assert_eq!(
        plan.records
            .iter()
            .map(|record| record.title.as_str())
            .collect::<Vec<_>>(),
        ["A", "C", "D"]
    );
    assert_eq!(
        left(&plan),
        [(Some(3), "", Reason::Unfinished), (Some(4), "4", Reason::ColumnMissing)]
    );
}

#[test]
fn d1_json_in_every_arrangement_is_read_and_what_is_malformed_named_by_its_line() {
    let note = ReadOptions {
        schema: Some(schema::NOTE.to_owned()),
        ..ReadOptions::default()
    };
    for text in [
        "{\"text\":\"a\"}",
        "[{\"text\":\"a\"}]",
        "\u{feff} [\n {\"text\": \"a\"}\n]\n",
        "{\"text\":\"a\"}\n\n",
    ] {
        assert_eq!(
            bodies(&plan_of("x.json", text, &note), "note"),
            [&json!({ "text": "a" })],
            "{text}"
        );
    }
    let broken = "[\n{\"text\":\"a\"},\n{\"text\":oops},\n7,\n{\"text\":\"b\"}\n]";
    let plan = plan_of("x.json", broken, &note);
    assert_eq!(
        plan.records
            .iter()
            .map(|record| record.body["text"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(
        left(&plan),
        [(Some(3), "", Reason::Malformed), (Some(4), "", Reason::Malformed)]
    );
    let lines = "{\"text\":\"a\"}\n{\"text\":\n{\"text\":\"b\"}\n";
    assert!(!plan_of("x.ndjson", lines, &note).left_out.is_empty());
    let own =
        "{\"schema\":\"urn:kist:schema:note:1\",\"area\":\"home\",\"tags\":[\"boiler\"],\"body\":{\"text\":\"a\"}}";
    let own = self::plan("x.json", own);
    assert_eq!(
        (own.records[0].area.as_str(), own.records[0].tags.as_slice()),
        ("home", ["boiler".to_owned()].as_slice())
    );
}

#[test]
fn d1_what_breaks_a_schema_is_shown_and_can_be_left_out_by_itself() {
    let options = ReadOptions {
        schema: Some(schema::ADDRESS.to_owned()),
        ..ReadOptions::default()
    };
    let text = r#"[{"street_address":"1 A","locality":"B","country":"Wales"},{"locality":"C"}]"#;
    let plan = plan_of("x.json", text, &options);
    assert_eq!(plan.records[0].violations[0].field, "/country");
    let (body, gone) = plan::without_violations(&plan.records[0]);
    assert_eq!(
        (body, gone),
        (
            Some(json!({ "street_address": "1 A", "locality": "B" })),
            vec!["/country".to_owned()]
        )
    );
    assert_eq!(
        plan::without_violations(&plan.records[1]).0,
        None,
        "it can't do without a street"
    );
}

#[test]
fn d1_files_that_well_known_libraries_wrote_are_read() {
    let cards = plan("x", vector("vobject/contacts.vcf"));
    assert_eq!(cards.format, Format::VCard, "by its content");
    assert_eq!(cards.records[0].body["full_name"], "Alys Ffransis-Gwyn");
    assert_eq!(
        cards.records[0].body["note"],
        "semi; comma, back\\slash\nand a second line that is long enough to be folded by the library that wrote it"
    );
    assert_eq!(cards.records[0].body["emails"][0]["value"], "alys@example.org");
    let events = plan("x", vector("icalendar/events.ics"));
    let event = bodies(&events, "event")[0];
    assert_eq!(
        (&event["date"], &event["time"], &event["time_zone"]),
        (&json!("2026-12-01"), &json!("19:00:00"), &json!("Europe/London"))
    );
    assert_eq!(event["repeats"], "FREQ=WEEKLY;COUNT=10;BYDAY=TU");
    assert_eq!(bodies(&events, "task")[0]["due"], "2026-12-05");
    let bundle = plan("x", vector("fhir-resources/bundle.json"));
    assert_eq!(bodies(&bundle, "vaccination")[0]["lot"], "FL2291");
    assert_eq!(bodies(&bundle, "observation")[0]["value"], 6.3);
}

#[test]
fn d1_text_in_every_encoding_is_read() {
    let text = "BEGIN:VCARD\nVERSION:3.0\nFN:Siôn\nEND:VCARD\n";
    let utf16 = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect()
    };
    let latin: Vec<u8> = text.chars().map(|symbol| symbol as u8).collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for (bytes, warned) in [
        (text.as_bytes().to_vec(), 0),
        (marked, 0),
        (utf16(u16::to_le_bytes, [0xff, 0xfe]), 0),
        (utf16(u16::to_be_bytes, [0xfe, 0xff]), 0),
        (latin, 1),
    ] {
        let plan = plan("x", &bytes);
        assert_eq!((plan.records[0].title.as_str(), plan.warnings.len()), ("Siôn", warned));
    }
}

#[test]
fn d1_what_is_no_format_is_a_document_and_what_is_too_large_is_refused() {
    let letter = plan("letter.pdf", b"%PDF-1.7 \0\x01");
    assert_eq!(
        (letter.format, letter.records[0].schema.as_str()),
        (Format::File, schema::DOCUMENT)
    );
    assert_eq!(
        letter.records[0].attachments,
        [Attachment::Bytes {
            name: "letter.pdf".into(),
            bytes: Arc::from(&b"%PDF-1.7 \0\x01"[..])
        }]
    );
    let source = ImportSource::Bytes {
        name: None,
        bytes: vec![b'a'; MAX_SOURCE as usize + 1],
    };
    assert_eq!(read(&source, &ReadOptions::default()).unwrap_err().code(), "TooLarge");
}

#[test]
fn d1_a_folder_is_taken_each_file_by_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("people/nia.vcf", "BEGIN:VCARD\nFN:Nia\nX-A:1\nEND:VCARD\n");
    write("letters/2024/council.txt", "Dear");
    write("package.json", "{\"name\":\"not a record\"}");
    write("figures.csv", "q1,q2\n1,2\n");
    write(".secret", "x");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc", folder.path().join("away")).unwrap();
    let plan = read(&ImportSource::Path(folder.path().to_owned()), &ReadOptions::default()).unwrap();
    let taken: Vec<(&str, &str, &[String])> = plan
        .records
        .iter()
        .map(|record| {
            (
                record.place.file.as_deref().unwrap(),
                record.title.as_str(),
                record.tags.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        taken,
        [
            ("figures.csv", "figures.csv", [].as_slice()),
            (
                "letters/2024/council.txt",
                "council.txt",
                ["letters/2024".to_owned()].as_slice()
            ),
            ("package.json", "package.json", [].as_slice()),
            ("people/nia.vcf", "Nia", ["people".to_owned()].as_slice()),
        ]
    );
    let left: Vec<(&str, Reason)> = plan
        .left_out
        .iter()
        .map(|remark| (remark.place.file.as_deref().unwrap(), remark.reason))
        .collect();
    assert!(left.contains(&(".secret", Reason::Hidden)) && left.contains(&("people/nia.vcf", Reason::NoPlace)));
    #[cfg(unix)]
    assert!(left.contains(&("away", Reason::Link)));
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any values, written by the rules of RFC 4180, come back.
    #[test]
    fn d1_a_table_is_read_as_it_was_written(rows in prop::collection::vec(prop::collection::vec("[^\r\0]{1,12}", 3), 1..6)) {
        let text: String = rows.iter().map(|row| row.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(",") + "\r\n").collect();
        let mut found = Collector::new(Format::Csv, None);
        let read: Vec<Vec<String>> = csv::rows(&text, Some(','), &mut found).into_iter().map(|row| row.values).collect();
        prop_assert_eq!(read, rows);
        prop_assert!(found.plan.left_out.is_empty());
    }

    /// Any text stands in a card, and comes back: escaped and folded.
    #[test]
    fn d1_a_note_is_read_as_it_was_written(note in "[^\r\0]{1,300}") {
        prop_assume!(!note.trim().is_empty());
        let escaped = note.replace('\\', "\\\\").replace('\n', "\\n").replace(',', "\\,").replace(';', "\\;");
        let symbols: Vec<char> = escaped.chars().collect();
        let folded = symbols.chunks(30).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("\r\n ");
        let plan = plan("x.vcf", format!("BEGIN:VCARD\r\nFN:x\r\nNOTE:{folded}\r\nEND:VCARD\r\n"));
        prop_assert_eq!(plan.records[0].body["note"].as_str().unwrap(), note.trim());
    }
}
