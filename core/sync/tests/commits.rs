//! What counts as backed up, and what becomes of commits that meet.

#![allow(clippy::unwrap_used)]

mod common;

use common::relay::{Drops, Fault, Relay};
use common::{NOW_MS, Phone, content, noise, three_heads};
use kist_sync::Freshness;

const ANY: Freshness = Freshness::AtLeast(0);

#[test]
fn a15_what_was_acknowledged_and_dropped_is_not_backed_up() {
    // A head that doesn't stand: noticed at once.
    let (mut phone, relay, _) = three_heads();
    phone.note("new", "one");
    relay.drop_what_comes(Drops::Heads);
    assert_eq!(phone.backup_fails(&relay), "ManifestMismatch");
    assert!(!phone.is_complete());
    assert_eq!(phone.state().sequence(), 3);
    relay.drop_what_comes(Drops::Nothing);
    assert_eq!(phone.backup(&relay).unwrap().sequence, 4);
    assert!(phone.is_complete());

    // An entry that doesn't stand: noticed by a restore, and when the next one should follow it.
    phone.note("another", "one");
    relay.drop_what_comes(Drops::Entries);
    phone.backup(&relay).unwrap();
    relay.drop_what_comes(Drops::Nothing);
    assert_eq!(phone.restore_fails(&relay), "ManifestMismatch");
    phone.note("the next", "one");
    assert_eq!(phone.backup_fails(&relay), "ManifestMismatch");
    assert!(!phone.is_complete());

    // A pack that doesn't stand: noticed by a restore, which is what rehearsals are for.
    let (mut phone, relay, _) = three_heads();
    relay.drop_what_comes(Drops::Blobs);
    phone.attach("dropped.bin", &noise(11, 100_000));
    phone.backup(&relay).unwrap();
    assert_eq!(phone.restore_fails(&relay), "ManifestMismatch");
}

#[test]
fn a15_what_was_only_uploaded_is_not_backed_up() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    phone.fill();
    let calls = {
        let mut trial = Phone::new(1);
        trial.fill();
        let relay = Relay::new();
        trial.backup(&relay).unwrap();
        relay.calls()
    };
    relay.fail_at(calls - 2, Fault::Refused); // all but the head
    assert_eq!(phone.backup_fails(&relay), "Down");
    assert!(!phone.is_complete());
    assert_eq!(phone.state().backed_up_at(), None);
}

#[test]
fn a38_of_two_commits_on_one_head_one_wins_and_the_other_loses_nothing() {
    let (mut first, relay, _) = three_heads();
    let mut second = first.replaced(&relay, ANY).unwrap();
    first.note("first", "one");
    second.note("second", "one");
    second.backup(&relay).unwrap();
    let stands = relay.stored().head;
    let before = content(&first.vault);
    assert_eq!(first.backup_fails(&relay), "HeadMoved", "seen before anything is sent");
    assert!(!first.is_complete());
    assert_eq!(content(&first.vault), before);
    assert_eq!(relay.stored().head, stands);
    second.note("third", "one");
    assert_eq!(second.backup(&relay).unwrap().sequence, 5);
    assert_eq!(
        content(&second.replaced(&relay, ANY).unwrap().vault),
        content(&second.vault)
    );
}

#[test]
fn a38_a_head_that_moves_between_look_and_swap_is_not_overwritten() {
    let (mut first, relay, _) = three_heads();
    let mut second = first.replaced(&relay, ANY).unwrap();
    // The first phone looks and appends, and is stopped before it swaps.
    first.note("first", "one");
    relay.fail_at(2, Fault::Refused);
    assert_eq!(first.backup_fails(&relay), "Down");
    second.backup(&relay).unwrap();
    let stands = relay.stored().head;
    assert_eq!(first.backup_fails(&relay), "HeadMoved");
    assert_eq!(relay.stored().head, stands);
    assert!(!first.is_complete());
}

#[test]
fn a26_a_kept_state_of_another_format_is_refused() {
    let phone = Phone::new(1);
    let bytes = phone.vault.kept("local/backup", "state").unwrap().unwrap();
    assert!(kist_sync::BackupState::from_bytes(&bytes).is_ok());
    for length in 0..bytes.len() {
        assert!(kist_sync::BackupState::from_bytes(&bytes[..length]).is_err());
    }
    let mut newer = bytes;
    let version = newer.windows(7).position(|window| window == b"version").unwrap() + 7;
    newer[version] = 2;
    let refused = kist_sync::BackupState::from_bytes(&newer).unwrap_err();
    assert_eq!(refused.code(), "DowngradeRefused");
    phone.vault.keep("local/backup", "state", &newer, NOW_MS).unwrap();
}
