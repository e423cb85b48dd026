//! Backing up and restoring over a relay that does as it should, or that is cut off at any moment.

#![allow(clippy::unwrap_used)]

mod common;

use common::relay::{FAULTS, Fault, Relay};
use common::{CANARY, NOW, NOW_MS, Phone, content, noise, note};
use kist_sync::Freshness;
use kist_vault::{MAX_KEPT, RecordId};

const ANY: Freshness = Freshness::AtLeast(0);

#[test]
fn z3_what_is_restored_is_what_was_backed_up() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    phone.fill();
    assert!(!phone.is_complete());
    let report = phone.backup(&relay).unwrap();
    assert_eq!(report.sequence, 1);
    assert!(phone.is_complete());
    assert_eq!(report.bytes_sent, relay.stored().size() as u64);

    let second = phone.replaced(&relay, ANY).unwrap();
    assert_eq!(content(&second.vault), content(&phone.vault));
    assert_eq!(second.vault.kept("local/items", "c").unwrap(), None);
    assert!(second.vault.missing_chunks().unwrap().is_empty());
    assert_eq!(
        second.vault.search("corrected", &Default::default(), 9).unwrap().len(),
        1
    );
}

#[test]
fn z3_an_empty_store_is_backed_up_and_restored_too() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    assert_eq!(phone.backup(&relay).unwrap().sequence, 1);
    let second = phone.replaced(&relay, ANY).unwrap();
    assert_eq!(content(&second.vault), content(&phone.vault));
}

#[test]
fn z6_nothing_changed_is_one_request() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    phone.fill();
    phone.backup(&relay).unwrap();
    let (before, calls) = (relay.stored().head, relay.calls());
    let report = phone.backup(&relay).unwrap();
    assert_eq!((report.sequence, report.bytes_sent, report.changes), (1, 0, 0));
    assert_eq!(relay.calls() - calls, 1);
    assert_eq!(relay.stored().head, before);
}

#[test]
fn z6_a_change_sends_about_its_own_size() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    let many: Vec<_> = (0..2000).map(|n| note(&n.to_string(), &"x".repeat(1000))).collect();
    let ids: Vec<RecordId> = phone
        .vault
        .put_many(many, NOW_MS, &mut phone.rng)
        .unwrap()
        .iter()
        .map(|record| record.id)
        .collect();
    let mut large = noise(3, 6 << 20);
    phone.attach("large.bin", &large);
    phone.backup(&relay).unwrap();

    for id in ids.iter().step_by(100) {
        phone.correct(id, &"y".repeat(1000));
    }
    let sent = phone.backup(&relay).unwrap().bytes_sent;
    assert!(sent <= 4 * 20 * 1000, "{sent} bytes for twenty records of 1 KB");

    // The file grows in its middle; what it shares with its earlier version isn't sent again.
    large.splice(3 << 20..3 << 20, noise(4, 300_000));
    phone.attach("large.bin", &large);
    let sent = phone.backup(&relay).unwrap().bytes_sent;
    assert!(sent <= 4 * 300_000 + (1 << 20), "{sent} bytes for 300,000");
    assert_eq!(
        content(&phone.replaced(&relay, ANY).unwrap().vault),
        content(&phone.vault)
    );
}

#[test]
fn z6_files_that_two_records_have_are_sent_once() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    let bytes = noise(5, 2 << 20);
    phone.attach("one.bin", &bytes);
    phone.attach("again.bin", &bytes);
    let first = phone.backup(&relay).unwrap().bytes_sent;
    assert!(first < 3 << 20);
    phone.attach("and again.bin", &bytes);
    assert!(phone.backup(&relay).unwrap().bytes_sent < 20_000);
}

/// Has a backup fail at each of its calls in each way, goes on, and holds what then lies on the relay to `judge`.
fn interrupted(phone: &mut Phone, judge: impl Fn(&mut Phone, &Relay, &Relay, Fault)) {
    let start = phone.copied();
    let whole = Relay::new();
    phone.backup(&whole).unwrap();
    let wanted = content(&phone.vault);
    for call in 0..whole.calls() {
        for fault in FAULTS {
            let folder = tempfile::tempdir().unwrap();
            common::copy(start.path(), folder.path());
            phone.put_back(folder);
            let relay = Relay::new();
            relay.fail_at(call, fault);
            match phone.try_backup(&relay) {
                None => assert!(matches!(fault, Fault::Hangs | Fault::HappensThenHangs)),
                Some(stopped) => assert_eq!(stopped.unwrap_err().code(), "Down"),
            }
            // A head that stands with its reply lost is found at the next run; before it, nobody may rely on it.
            assert!(!phone.is_complete(), "call {call}, {fault:?}");
            let report = phone.backup(&relay).unwrap();
            assert_eq!(report.sequence, 1, "call {call}, {fault:?}");
            assert!(phone.is_complete());
            let second = phone.replaced(&relay, ANY).unwrap();
            assert_eq!(content(&second.vault), wanted, "call {call}, {fault:?}");
            judge(phone, &relay, &whole, fault);
        }
    }
}

#[test]
fn z6_a_backup_cut_off_at_any_call_goes_on_where_it_was() {
    let mut phone = Phone::new(1);
    phone.fill();
    phone.attach("larger.bin", &noise(6, 10 << 20));
    interrupted(&mut phone, |phone, relay, whole, fault| {
        let (found, wanted) = (relay.stored(), whole.stored());
        assert_eq!(found.blobs.len(), wanted.blobs.len(), "no pack twice: {fault:?}");
        assert_eq!(found.logs[&phone.device].len(), wanted.logs[&phone.device].len());
    });
}

#[test]
fn z6_a_change_larger_than_an_entry_survives_being_cut_off() {
    let mut phone = Phone::new(1);
    phone.vault.keep("items", "before", b"1", NOW_MS).unwrap();
    phone.vault.keep("items", "large", &noise(7, MAX_KEPT), NOW_MS).unwrap();
    phone.vault.keep("items", "after", b"2", NOW_MS).unwrap();
    interrupted(&mut phone, |phone, relay, _, _| {
        let log = &relay.stored().logs[&phone.device];
        let limit = kist_wire::limits::LOG_ENTRY_BYTES as usize;
        assert!(log.iter().all(|entry| entry.len() < limit));
    });
}

#[test]
fn z6_what_changes_after_a_backup_was_cut_off_is_in_the_next() {
    let mut phone = Phone::new(1);
    let relay = Relay::new();
    phone.fill();
    let (record, file) = phone.attach("large.bin", &noise(8, 17 << 20));
    relay.fail_at(2, Fault::ReplyLost);
    phone.backup(&relay).unwrap_err();
    // What was half uploaded goes, and something else comes.
    phone.vault.delete(&record, NOW_MS).unwrap();
    assert!(phone.vault.file(&file).unwrap().is_none());
    phone.note("later", "than that");
    phone.backup(&relay).unwrap();
    assert_eq!(
        content(&phone.replaced(&relay, ANY).unwrap().vault),
        content(&phone.vault)
    );
}

#[test]
fn z3_a_restored_phone_goes_on_backing_up_without_sending_all_again() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    phone.fill();
    phone.backup(&relay).unwrap();
    let mut second = phone.replaced(&relay, ANY).unwrap();
    assert!(!second.is_complete(), "no head has the new phone yet");
    let large = noise(1, 1_500_000);
    second.attach("the same again.bin", &large);
    let report = second.backup(&relay).unwrap();
    assert_eq!(report.sequence, 2);
    assert!(
        report.bytes_sent < 20_000,
        "its chunks lie there: {}",
        report.bytes_sent
    );
    let names: Vec<String> = second
        .state()
        .devices
        .all_active()
        .iter()
        .map(|d| d.name.clone())
        .collect();
    assert_eq!(names, ["first phone", "recovery", "second phone"]);

    let third = second.replaced(&relay, Freshness::AtLeast(2)).unwrap();
    assert_eq!(content(&third.vault), content(&second.vault));
}

#[test]
fn d1_what_is_deleted_stays_deleted_after_a_restore() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    phone.fill();
    let (record, _) = phone.attach("secret.bin", &noise(9, 400_000));
    phone.backup(&relay).unwrap();
    phone.vault.delete(&record, NOW_MS).unwrap();
    phone.backup(&relay).unwrap();
    let second = phone.replaced(&relay, ANY).unwrap();
    assert_eq!(content(&second.vault), content(&phone.vault));
    assert!(second.vault.record(&record).unwrap().is_none());
}

#[test]
fn z3_a_recovery_code_gives_what_a_fresh_phone_needs_to_begin() {
    let mut phone = Phone::new(1);
    let blob = phone.recovered().seal(&phone.code, &mut phone.rng);
    let typed: kist_crypto::RecoveryCode = phone.code.reveal().to_lowercase().parse().unwrap();
    let recovered = kist_sync::Recovered::open(&typed, &blob).unwrap();
    assert_eq!(recovered.vault, phone.vault_id);
    assert_eq!(recovered.identity, phone.identity);
    assert_eq!(recovered.root.secret(), phone.root.secret());
    assert!(!format!("{recovered:?}").contains(&format!("{:?}", phone.root.secret().expose())));
}

#[test]
fn z3_without_a_head_there_is_no_backup() {
    let (phone, relay) = (Phone::new(1), Relay::new());
    assert_eq!(phone.restore_fails(&relay), "NoBackup");
}

#[test]
fn z1_the_state_is_of_no_use_to_who_reads_it() {
    let mut phone = Phone::new(1);
    phone.fill();
    let relay = Relay::new();
    phone.backup(&relay).unwrap();
    let state = phone.state();
    assert_eq!(state.backed_up_at(), Some(NOW));
    for (_, kept) in phone.vault.all_kept("local/backup").unwrap() {
        for secret in [
            CANARY.as_bytes(),
            phone.root.secret().expose(),
            phone.key.to_secret().expose(),
        ] {
            assert!(!kept.windows(secret.len()).any(|window| window == secret));
        }
    }
}
