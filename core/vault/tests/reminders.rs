//! D5: the person is reminded of what expires and falls due.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW};
use kist_vault::{Correction, Date, Error, Provenance, RecordDraft, RecordId, Reminder, Vault, schema};
use serde_json::json;

const DAY: i64 = 24 * 3600 * 1000;

fn day(days: i64) -> Date {
    Date::from_ms(NOW + days * DAY)
}

fn permit(vault: &Vault, home: &mut Home, title: &str, expires: Date) -> RecordId {
    let body = json!({"title": title, "expires": expires.to_string()});
    let draft = RecordDraft::new(schema::DOCUMENT, "identity", body, Provenance::self_asserted(NOW));
    vault.put(draft, NOW, &mut home.rng).unwrap().id
}

fn due(vault: &Vault, days: i64) -> Vec<Reminder> {
    vault.reminders(day(days), day(days)).unwrap()
}

#[test]
fn d5_what_expires_is_told_in_time_first_due_first() {
    let mut home = Home::new();
    let vault = home.create();
    let late = permit(&vault, &mut home, "late", day(100));
    let soon = permit(&vault, &mut home, "soon", day(40));
    permit(&vault, &mut home, "long past", day(-400));
    assert_eq!(due(&vault, 9), []);
    let found = due(&vault, 10);
    let expected = Reminder {
        record: soon,
        schema: schema::DOCUMENT.into(),
        title: "soon".into(),
        member: "/expires".into(),
        date: day(40),
        due: day(10),
        passed: false,
    };
    assert_eq!(found, [expected]);
    let ahead = vault.reminders(day(41), day(200)).unwrap();
    let told: Vec<_> = ahead
        .iter()
        .map(|reminder| (reminder.record, reminder.passed))
        .collect();
    assert_eq!(told, [(soon, true), (late, false)]);
    vault.trash(&soon, NOW).unwrap();
    assert_eq!(due(&vault, 10), [], "nobody is reminded of what is in the trash");
}

#[test]
fn d5_a_reminder_is_put_off_or_ended_until_the_date_changes() {
    let mut home = Home::new();
    let vault = home.create();
    let id = permit(&vault, &mut home, "permit", day(40));
    vault.snooze(&id, "/expires", day(30), NOW).unwrap();
    assert_eq!(due(&vault, 29), []);
    assert_eq!(due(&vault, 30)[0].due, day(30));
    vault.dismiss(&id, "/expires", NOW + 1).unwrap();
    assert_eq!(due(&vault, 40), []);
    let other = home.second().create();
    other
        .apply(&vault.changes_after(0, usize::MAX).unwrap().changes)
        .unwrap();
    assert_eq!(due(&other, 40), [], "on every device");

    let body = json!({"title": "permit", "expires": day(60).to_string()});
    let renewed = Correction::new(body, Provenance::self_asserted(NOW));
    vault.correct(&id, renewed, NOW + 2).unwrap();
    assert_eq!(
        (due(&vault, 29), due(&vault, 30).len()),
        (vec![], 1),
        "of the new date again"
    );
    assert_eq!(vault.dismiss(&id, "/title", NOW), Err(Error::NotFound { what: "date" }));
    vault.delete(&id, NOW + 3).unwrap();
    assert_eq!(due(&vault, 60), []);
}
