//! A relay that lies, forgets, forks and forges: what it shows is refused by name, and the store stays as it was.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashSet;

use common::relay::{Fault, Relay, Stored};
use common::{CANARY, NOW, Phone, content, restore_into, three_heads};
use kist_crypto::es256::SigningKey;
use kist_crypto::slots::KdfCost;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{RecoveryCode, RootKey};
use kist_sync::{Device, DeviceList, DeviceRole, Entry, Error, Freshness, Head, LogPosition, Recovered};
use kist_vault::{Filter, Vault};
use kist_wire::{DeviceId, Frame};

const ANY: Freshness = Freshness::AtLeast(0);

/// One with a head that a test writes itself.
fn with_head(phone: &mut Phone, relay: &Relay, change: impl FnOnce(&mut Head, &Phone)) {
    let (root, identity) = (phone.root.clone(), phone.identity);
    let bytes = relay.stored().head.unwrap();
    let mut head = Head::open(&bytes, &phone.vault_id, &root, &identity).unwrap().head;
    change(&mut head, phone);
    let key = phone.key.clone();
    let sealed = head
        .seal(
            &phone.vault_id,
            &phone.device,
            &root,
            &|message| Ok(key.sign(message)),
            &mut phone.rng,
        )
        .unwrap();
    relay.change(|stored| stored.head = Some(sealed));
}

fn log(stored: &mut Stored) -> &mut Vec<Vec<u8>> {
    stored.logs.values_mut().next().unwrap()
}

#[test]
fn a1_an_older_head_is_a_rollback_and_changes_nothing() {
    let (mut phone, relay, seen) = three_heads();
    let (before, state) = (content(&phone.vault), phone.state());
    let mut first = Stored::default();
    for older in [&seen[1], &seen[0], &first] {
        relay.put_back(older.clone());
        phone.note("more", "to back up");
        let Err(common::relay::Failure::Sync(Error::RollbackDetected { known, found })) = phone.backup(&relay) else {
            panic!("an older head was taken");
        };
        assert_eq!(
            (known, found),
            (
                3,
                u64::from(older.head.is_some()) * (1 + u64::from(older.head == seen[1].head))
            )
        );
        assert_eq!(relay.stored().size(), older.size(), "nothing was uploaded over it");
        assert_eq!(phone.state(), state);
    }
    first.head = seen[0].head.clone();
    relay.put_back(first);
    assert_eq!(
        phone.replaced(&relay, Freshness::AtLeast(3)).err().unwrap().code(),
        "RollbackDetected"
    );
    assert_ne!(content(&phone.vault), before, "only the phone's own notes came");
}

#[test]
fn a2_two_branches_are_a_fork_at_the_first_cross_view() {
    let (mut first, relay, _) = three_heads();
    let mut second = first.replaced(&relay, ANY).unwrap();
    let other = relay.forked();
    first.note("on", "one branch");
    first.backup(&relay).unwrap();
    second.note("on", "the other");
    second.backup(&other).unwrap();
    assert_eq!(first.backup_fails(&other), "ForkDetected", "as many heads");
    assert_eq!(second.backup_fails(&relay), "ForkDetected");
    second.note("once", "more");
    second.backup(&other).unwrap();
    assert_eq!(
        first.backup_fails(&other),
        "ForkDetected",
        "more heads, without what the first one put"
    );
    assert_eq!(
        first.backup(&relay).unwrap().bytes_sent,
        0,
        "its own branch still stands"
    );
}

#[test]
fn a2_an_entry_that_this_store_does_not_remember_sending_is_a_fork() {
    // An older copy of the store, or a clone of the device: what it would take for its own is not its content.
    for fault in [None, Some(Fault::ReplyLost)] {
        let (mut phone, relay, _) = three_heads();
        let older = phone.copied();
        phone.note("only", "in the newer store");
        if let Some(fault) = fault {
            relay.fail_at(1, fault); // the entry stands, and no head
        }
        let _ = phone.backup(&relay);
        phone.put_back(older);
        phone.note("only", "in the older store");
        assert_eq!(phone.backup_fails(&relay), "ForkDetected", "{fault:?}");
        assert_eq!(phone.vault.search("newer", &Filter::default(), 9).unwrap().len(), 0);
        assert!(!phone.is_complete());
    }
}

#[test]
fn a3_a_fresh_device_is_told_date_and_device_before_it_goes_on() {
    let (phone, relay, seen) = three_heads();
    relay.put_back(seen[1].clone());
    let vault = tempfile::tempdir().unwrap();
    let vault = Vault::create(vault.path(), &phone.root).unwrap();
    for freshness in [Freshness::Unknown, Freshness::Confirmed(1), Freshness::Confirmed(3)] {
        let refused = restore_into(&vault, &phone.recovered(), &relay, freshness).unwrap_err();
        let common::relay::Failure::Sync(Error::FreshnessUnproven {
            sequence,
            made_at,
            device_name,
        }) = refused
        else {
            panic!("{refused:?}");
        };
        assert_eq!((sequence, made_at, device_name.as_str()), (2, NOW, "first phone"));
        assert_eq!(vault.list(&Filter::default()).unwrap().len(), 0, "nothing was taken in");
    }
    assert_eq!(
        phone.replaced(&relay, Freshness::AtLeast(3)).err().unwrap().code(),
        "RollbackDetected"
    );
    restore_into(&vault, &phone.recovered(), &relay, Freshness::Confirmed(2)).unwrap();
}

#[test]
fn a4_entries_dropped_doubled_reordered_or_cut_are_a_mismatch() {
    let (phone, relay, _) = three_heads();
    let whole = relay.stored();
    let changes: [fn(&mut Vec<Vec<u8>>); 8] = [
        |log| drop(log.remove(0)),
        |log| drop(log.remove(1)),
        |log| drop(log.pop()),
        |log| log.clear(),
        |log| log.insert(1, log[0].clone()),
        |log| log[2] = log[1].clone(),
        |log| log.swap(0, 1),
        |log| log.swap(1, 2),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut stored = whole.clone();
        change(log(&mut stored));
        relay.put_back(stored);
        assert_eq!(phone.restore_fails(&relay), "ManifestMismatch", "change {number}");
    }
    relay.put_back(whole);
    let rewrites: [fn(Vec<Frame>) -> Vec<Frame>; 4] = [
        |frames| frames.into_iter().skip(1).collect(),
        |mut frames| {
            frames.extend_from_within(..1);
            frames.rotate_right(1);
            frames
        },
        |frames| frames.into_iter().rev().collect(),
        // Numbers far past the end, for ever.
        |frames| {
            frames
                .into_iter()
                .map(|frame| Frame {
                    number: frame.number + 100,
                    ..frame
                })
                .collect()
        },
    ];
    for (number, rewrite) in rewrites.iter().enumerate() {
        relay.rewrite_logs(*rewrite);
        assert_eq!(phone.restore_fails(&relay), "ManifestMismatch", "reply {number}");
    }
    // What comes after the end that the head names is nobody's word, and isn't read.
    relay.rewrite_logs(|mut frames| {
        let number = frames.last().map_or(0, |frame| frame.number + 1);
        frames.push(Frame {
            number,
            body: b"junk".to_vec(),
        });
        frames
    });
    assert_eq!(
        content(&phone.replaced(&relay, ANY).unwrap().vault),
        content(&phone.vault)
    );
}

#[test]
fn a4_packs_dropped_cut_exchanged_or_rearranged_are_a_mismatch() {
    let (phone, relay, _) = three_heads();
    let whole = relay.stored();
    let ids: Vec<_> = whole.blobs.keys().copied().collect();
    let blob = &whole.blobs[&ids[0]];
    let half = 1 + (blob.len() - 1) / 2;
    let instead: [Vec<u8>; 5] = [
        Vec::new(),
        blob[..1].to_vec(),
        blob[..blob.len() - 1].to_vec(),
        [&blob[..], &[0]].concat(),
        [&blob[..1], &blob[half..], &blob[1..half]].concat(),
    ];
    for bytes in instead {
        relay.change(|stored| drop(stored.blobs.insert(ids[0], bytes)));
        assert_eq!(phone.restore_fails(&relay), "ManifestMismatch");
    }
    relay.put_back(whole.clone());
    relay.change(|stored| drop(stored.blobs.remove(&ids[1])));
    assert_eq!(phone.restore_fails(&relay), "ManifestMismatch");
    relay.change(|stored| drop(stored.blobs.insert(ids[1], whole.blobs[&ids[2]].clone())));
    assert_eq!(phone.restore_fails(&relay), "ManifestMismatch");
}

#[test]
fn a4_a_head_over_other_packs_or_positions_is_a_mismatch() {
    // No relay can make these; a faulty client could.
    let changes: [fn(&mut Head); 4] = [
        |head| head.manifest[0] ^= 1,
        |head| head.logs.clear(),
        |head| head.logs[0].1.count -= 1,
        |head| head.logs[0].1.last[31] ^= 1,
    ];
    for (number, change) in changes.iter().enumerate() {
        let (mut phone, relay, _) = three_heads();
        with_head(&mut phone, &relay, |head, _| change(head));
        assert_eq!(phone.restore_fails(&relay), "ManifestMismatch", "change {number}");
    }
}

#[test]
fn a5_what_is_sealed_for_one_place_opens_in_no_other() {
    let (phone, relay, seen) = three_heads();
    let (mut stranger, others) = (Phone::new(2), Relay::new());
    stranger.fill();
    stranger.backup(&others).unwrap();
    let (whole, foreign) = (relay.stored(), others.stored());

    relay.change(|stored| stored.head = foreign.head.clone());
    assert_eq!(
        phone.restore_fails(&relay),
        "AuthenticationFailed",
        "another vault's head"
    );
    relay.put_back(whole.clone());
    relay.change(|stored| log(stored)[0] = foreign.logs[&stranger.device][0].clone());
    assert_eq!(
        phone.restore_fails(&relay),
        "AuthenticationFailed",
        "another vault's entry at the same place"
    );
    relay.put_back(whole.clone());
    relay.change(|stored| stored.head = Some(log(stored)[0].clone()));
    assert_eq!(
        phone.restore_fails(&relay),
        "AuthenticationFailed",
        "an entry as a head"
    );
    relay.put_back(whole.clone());
    relay.change(|stored| log(stored)[0] = seen[0].head.clone().unwrap());
    assert!(
        ["AuthenticationFailed", "ManifestMismatch"].contains(&phone.restore_fails(&relay)),
        "a head as an entry"
    );
    // The clear position made to fit: the seal is bound to it.
    relay.put_back(whole);
    relay.change(|stored| {
        let (first, second) = (log(stored)[0].clone(), log(stored)[1].clone());
        log(stored)[0] = [&second[..21], &first[21..61], &second[61..]].concat();
    });
    assert_eq!(phone.restore_fails(&relay), "AuthenticationFailed", "an entry moved");
}

#[test]
fn a6_every_flipped_byte_of_head_entry_and_pack_is_refused() {
    let (mut phone, relay) = (Phone::new(1), Relay::new());
    phone.attach("small.txt", CANARY.as_bytes());
    phone.backup(&relay).unwrap();
    let whole = relay.stored();
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &phone.root).unwrap();
    let recovered = phone.recovered();
    let refused = |what: &str, index: usize, codes: &[&str]| {
        for bit in [0x01, 0x80] {
            relay.put_back(whole.clone());
            relay.change(|stored| {
                let bytes = match what {
                    "head" => stored.head.as_mut().unwrap(),
                    "entry" => &mut log(stored)[0],
                    _ => stored.blobs.values_mut().next().unwrap(),
                };
                bytes[index] ^= bit;
            });
            let error = restore_into(&vault, &recovered, &relay, ANY).unwrap_err();
            assert!(codes.contains(&error.code()), "{what}, byte {index}: {}", error.code());
        }
    };
    let typed = [
        "AuthenticationFailed",
        "DowngradeRefused",
        "UnknownAuthor",
        "ManifestMismatch",
    ];
    for index in 0..whole.head.as_ref().unwrap().len() {
        refused("head", index, &typed);
    }
    for index in 0..whole.logs[&phone.device][0].len() {
        refused("entry", index, &typed);
    }
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 0, "nothing was taken in");
    for index in 0..whole.blobs.values().next().unwrap().len() {
        refused("pack", index, &["ManifestMismatch"]);
    }
}

#[test]
fn a6_every_flipped_byte_of_a_recovery_blob_is_refused() {
    let mut phone = Phone::new(1);
    let blob = phone.recovered().seal(&phone.code, &mut phone.rng);
    for index in 0..blob.len() {
        for bit in 0..8 {
            let mut flipped = blob.clone();
            flipped[index] ^= 1 << bit;
            let code = Recovered::open(&phone.code, &flipped).unwrap_err().code();
            assert!(
                ["AuthenticationFailed", "KeyMismatch", "DowngradeRefused"].contains(&code),
                "{index}: {code}"
            );
        }
    }
    for length in 0..blob.len() {
        assert!(Recovered::open(&phone.code, &blob[..length]).is_err());
    }
    assert!(Recovered::open(&phone.code, &[&blob[..], &[0]].concat()).is_err());
}

#[test]
fn a7_another_wrapped_key_is_a_key_mismatch() {
    let (mut phone, mut rng) = (Phone::new(1), SeededRandom::new(7));
    let evil = Recovered {
        root: RootKey::generate(1, &mut rng),
        ..phone.recovered()
    };
    let other = RecoveryCode::generate(&mut rng);
    let substituted = evil.seal(&other, &mut rng);
    assert_eq!(
        Recovered::open(&phone.code, &substituted).unwrap_err().code(),
        "KeyMismatch"
    );
    // A well-formed code that isn't this person's.
    let blob = phone.recovered().seal(&phone.code, &mut phone.rng);
    assert_eq!(Recovered::open(&other, &blob).unwrap_err().code(), "KeyMismatch");
}

/// `list` with one thing changed in how it is written.
fn forged(list: &DeviceList, change: impl FnOnce(&mut serde_json::Value)) -> DeviceList {
    let mut json = serde_json::to_value(list).unwrap();
    change(&mut json["changes"]);
    serde_json::from_value(json).unwrap()
}

#[test]
fn a8_a_device_list_that_was_meddled_with_is_an_untrusted_key() {
    let (mut phone, relay, _) = three_heads();
    let (list, whole) = (phone.first_list(), relay.stored());
    let evil = SigningKey::generate(&mut SeededRandom::new(66));
    let evil_key = serde_json::to_value(kist_wire::PublicKey::from(evil.public().to_sec1())).unwrap();
    let stranger = Phone::new(2);
    let mut own = DeviceList::begin(
        &phone.vault_id,
        Device::new(phone.device, &evil.public(), DeviceRole::Device, "evil"),
        NOW,
        &|message| Ok(evil.sign(message)),
    )
    .unwrap();
    let device = Device::new([7; 16].into(), &evil.public(), DeviceRole::Device, "evil");
    own.add(&phone.vault_id, device, NOW, phone.device, &|message| {
        Ok(evil.sign(message))
    })
    .unwrap();
    let lists = [
        own,
        stranger.first_list(),
        forged(&list, |changes| changes[0]["device"]["key"] = evil_key.clone()),
        forged(&list, |changes| changes[1]["device"]["key"] = evil_key.clone()),
        forged(&list, |changes| changes[1]["device"]["role"] = "device".into()),
        forged(&list, |changes| changes[1]["device"]["name"] = "other".into()),
        forged(&list, |changes| changes[1]["at"] = 0.into()),
        forged(&list, |changes| changes[0]["action"] = "removed".into()),
        forged(&list, |changes| {
            changes[1]["signature"] = changes[0]["signature"].clone()
        }),
        forged(&list, |changes| changes.as_array_mut().unwrap().swap(0, 1)),
        forged(&list, |changes| drop(changes.as_array_mut().unwrap().remove(0))),
        forged(&list, |changes| changes.as_array_mut().unwrap().clear()),
        forged(&list, |changes| {
            let again = changes[1].clone();
            changes.as_array_mut().unwrap().push(again);
        }),
    ];
    for (number, list) in lists.into_iter().enumerate() {
        relay.put_back(whole.clone());
        with_head(&mut phone, &relay, |head, _| head.devices = list);
        assert_eq!(phone.restore_fails(&relay), "UntrustedKey", "list {number}");
        assert_eq!(phone.backup_fails(&relay), "UntrustedKey", "list {number}");
    }
}

#[test]
fn a9_a_head_that_allows_weak_or_absurd_derivation_is_refused() {
    let costs: [fn(&mut KdfCost); 3] = [
        |cost| cost.memory_kib = 8 << 10,
        |cost| cost.passes = 1,
        |cost| cost.memory_kib = u32::MAX,
    ];
    for change in costs {
        let (mut phone, relay, _) = three_heads();
        with_head(&mut phone, &relay, |head, _| change(&mut head.kdf_floor));
        assert_eq!(phone.restore_fails(&relay), "KdfPolicyViolation");
    }
}

#[test]
fn a10_other_formats_are_refused() {
    let (mut phone, relay, _) = three_heads();
    let whole = relay.stored();
    for version in [0, 2, 255] {
        relay.change(|stored| stored.head.as_mut().unwrap()[0] = version);
        assert_eq!(phone.restore_fails(&relay), "DowngradeRefused");
        relay.put_back(whole.clone());
        relay.change(|stored| log(stored)[1][0] = version);
        assert_eq!(phone.restore_fails(&relay), "DowngradeRefused");
        relay.put_back(whole.clone());
    }
    with_head(&mut phone, &relay, |head, _| head.min_format = 2);
    assert_eq!(
        phone.restore_fails(&relay),
        "DowngradeRefused",
        "it asks for a newer reader"
    );
}

#[test]
fn a11_a_head_or_entry_that_no_device_signed_has_no_author() {
    // Somebody who has got hold of the backup key, and of no device's.
    let (mut phone, relay, _) = three_heads();
    let (root, whole) = (phone.root.clone(), relay.stored());
    let bytes = whole.head.clone().unwrap();
    let head = Head::open(&bytes, &phone.vault_id, &root, &phone.identity)
        .unwrap()
        .head;
    let evil = SigningKey::generate(&mut SeededRandom::new(66));
    let code = phone.code.login_key();
    let unlisted = DeviceId::from([9; 16]);
    let authors = [(phone.device, &evil), (unlisted, &evil), (phone.recovery_device, &code)];
    for (device, key) in authors {
        let sign = |message: &[u8]| Ok(key.sign(message));
        let sealed = head
            .seal(&phone.vault_id, &device, &root, &sign, &mut phone.rng)
            .unwrap();
        relay.change(|stored| stored.head = Some(sealed));
        assert_eq!(phone.restore_fails(&relay), "UnknownAuthor");
        assert_eq!(phone.backup_fails(&relay), "UnknownAuthor");

        relay.put_back(whole.clone());
        let entry = Entry::new(9, &[], Vec::new());
        let sealed = entry
            .seal(
                &phone.vault_id,
                &device,
                LogPosition::START,
                &root,
                &sign,
                &mut phone.rng,
            )
            .unwrap();
        relay.change(|stored| log(stored)[0] = sealed);
        assert_eq!(phone.restore_fails(&relay), "UnknownAuthor");
        relay.put_back(whole.clone());
    }
}

#[test]
fn a14_no_canary_lies_on_the_relay_and_equal_plaintexts_are_not_alike() {
    let (mut alice, mut bob) = (Phone::new(1), Phone::new(2));
    let (first, second) = (Relay::new(), Relay::new());
    for (phone, relay) in [(&mut alice, &first), (&mut bob, &second)] {
        phone.fill();
        phone.backup(relay).unwrap();
    }
    let canaries = [CANARY, "first phone", "large.bin", "corrected", "items", "recovery"];
    for object in first.stored().objects() {
        for canary in canaries {
            assert!(
                !object.windows(canary.len()).any(|window| window == canary.as_bytes()),
                "{canary}"
            );
        }
    }
    // Their envelopes and packs have no twelve bytes in common; what stands before an envelope is who, which and where.
    const WINDOW: usize = 12;
    let sealed = |relay: &Relay| {
        let stored = relay.stored();
        let heads = stored.head.into_iter().map(|head| head[21..].to_vec());
        let entries = stored.logs.into_values().flatten().map(|entry| entry[61..].to_vec());
        heads
            .chain(entries)
            .chain(stored.blobs.into_values())
            .collect::<Vec<_>>()
    };
    let (ours, theirs) = (sealed(&first), sealed(&second));
    let seen: HashSet<&[u8]> = ours.iter().flat_map(|object| object.windows(WINDOW)).collect();
    assert!(
        theirs
            .iter()
            .all(|object| object.windows(WINDOW).all(|window| !seen.contains(window)))
    );
    let ids = |relay: &Relay| relay.stored().blobs.keys().copied().collect::<HashSet<_>>();
    assert!(ids(&first).is_disjoint(&ids(&second)));
}

#[test]
fn a27_an_expelled_device_signs_no_head_also_with_an_older_list() {
    let (mut first, relay, _) = three_heads();
    let mut second = first.replaced(&relay, ANY).unwrap();
    second.backup(&relay).unwrap();
    let before = relay.stored();
    let mut state = second.state();
    let key = second.key.clone();
    state
        .devices
        .remove(&second.vault_id, &first.device, NOW, second.device, &|message| {
            Ok(key.sign(message))
        })
        .unwrap();
    second.keep(&state);
    second.backup(&relay).unwrap();

    // By the list as it is.
    with_head(&mut first, &relay, |head, _| head.sequence += 1);
    assert_eq!(second.backup_fails(&relay), "UnknownAuthor");
    assert_eq!(first.restore_fails(&relay), "UnknownAuthor");
    // By the list as it was, with the relay's help: whoever has seen the newer one is not taken in.
    relay.put_back(before);
    with_head(&mut first, &relay, |head, _| head.sequence += 2);
    assert_eq!(second.backup_fails(&relay), "ForkDetected");
}
