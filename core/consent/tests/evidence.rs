//! Checkpoints and evidence: a history that others can be shown, and that can't be made anew unnoticed.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::history::*;
use kist_consent::*;
use kist_crypto::es256::SigningKey;
use proptest::prelude::*;

fn clinic_party() -> Party {
    Party {
        id: "gb-ods-r1v3r".to_owned(),
        name: "Riverside Clinic".to_owned(),
    }
}

/// The history of an agreement from its making to its withdrawal, with some refusals before.
fn history(agreement: &Agreement, refusals: usize) -> Vec<HistoryEntry> {
    let refused = |number| Event::Refused {
        organisation: clinic_party(),
        request: format!("request-{number}"),
    };
    let mut events: Vec<Event> = (0..refusals).map(refused).collect();
    events.push(Event::Agreed {
        organisation: clinic_party(),
        request: "request".to_owned(),
        agreement: agreement.id(),
        replaces: None,
        intended_use: None,
    });
    events.extend(agreement.receipt().map(|receipt| Event::ReceiptStored {
        organisation: clinic_party(),
        agreement: agreement.id(),
        receipt: receipt.hash(),
    }));
    let mut head = Head::empty();
    let entries = events.into_iter().zip(0..).map(|(event, minute)| {
        let entry = head.append(event, (NOW + 60 * minute) * 1000).unwrap();
        head = entry.head();
        entry
    });
    entries.collect()
}

fn checkpoint(entries: &[HistoryEntry], key: &SigningKey) -> Signed<Checkpoint> {
    let last = entries.last().unwrap();
    let content = Checkpoint {
        sequence: last.sequence,
        hash: last.hash,
        key: key.public().jwk(),
        signed_at: NOW + 3600,
    };
    signed(&content, key)
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn k5_evidence_is_verified_by_anyone_and_says_what_happened() {
    let agreement = in_force(&offer());
    let entries = history(&agreement, 2);
    let written = Evidence::write(&entries, &checkpoint(&entries, &alice()), vec![agreement.clone()]).unwrap();
    let read = Evidence::read(&written).unwrap();
    assert_eq!((read.entries, read.agreements), (entries, vec![agreement]));
    assert_eq!(read.checkpoint.key(), &alice().public());
}

#[test]
fn k5_a_checkpoint_is_signed_by_the_key_that_it_names() {
    let entries = history(&in_force(&offer()), 0);
    let own = checkpoint(&entries, &alice());
    assert_eq!(Signed::<Checkpoint>::verify_by_own_key(own.compact()).unwrap(), own);
    let by_another = Signed::prepare(own.content()).unwrap().sign(&stranger());
    assert_eq!(
        code(Signed::<Checkpoint>::verify_by_own_key(&by_another)),
        "SignatureInvalid"
    );
}

#[test]
fn k5_a_history_made_anew_is_found_by_its_checkpoints_and_located() {
    let agreement = in_force(&offer());
    let entries = history(&agreement, 9);
    let marks = [checkpoint(&entries[..4], &alice()), checkpoint(&entries[..8], &alice())];
    check_checkpoints(&entries, &marks).unwrap();
    // Every hash fits again, from the sixth entry on.
    let mut forged = entries[..5].to_vec();
    for number in 5..entries.len() {
        let event = Event::Refused {
            organisation: clinic_party(),
            request: format!("forged-{number}"),
        };
        forged.push(forged.last().unwrap().head().append(event, NOW * 1000).unwrap());
    }
    assert_eq!(
        check_checkpoints(&forged, &marks),
        Err(Error::HistoryBroken { sequence: 5 })
    );
    // Cut off before a checkpoint.
    assert_eq!(
        check_checkpoints(&entries[..7], &marks),
        Err(Error::HistoryBroken { sequence: 5 })
    );
    assert_eq!(
        check_checkpoints(&entries[..2], &marks),
        Err(Error::HistoryBroken { sequence: 1 })
    );
}

#[test]
fn k5_an_agreement_or_a_receipt_that_the_history_does_not_name_is_no_part_of_its_evidence() {
    let agreement = in_force(&offer());
    let entries = history(&agreement, 1);
    let signature = checkpoint(&entries, &alice());
    let other = accept(&Offer {
        id: "b3RoZXI".to_owned(),
        ..offer()
    });
    assert_eq!(code(Evidence::write(&entries, &signature, vec![other])), "HashMismatch");
    let before = &entries[..2];
    let signature = checkpoint(before, &alice());
    assert_eq!(
        code(Evidence::write(before, &signature, vec![agreement.clone()])),
        "HashMismatch",
        "no receipt yet"
    );
    let mut withdrawn = agreement;
    withdrawn
        .withdraw(signed(&withdrawn.withdrawal(NOW), &alice()))
        .unwrap();
    let signature = checkpoint(&entries, &alice());
    assert_eq!(
        code(Evidence::write(&entries, &signature, vec![withdrawn])),
        "HashMismatch"
    );
}

#[test]
fn k5_entries_cut_moved_or_left_out_of_evidence_are_located() {
    let agreement = in_force(&offer());
    let entries = history(&agreement, 6);
    let written = Evidence::write(&entries, &checkpoint(&entries, &alice()), vec![agreement]).unwrap();
    let change = |change: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let mut value: serde_json::Value = serde_json::from_slice(&written).unwrap();
        change(value["entries"].as_array_mut().unwrap());
        Evidence::read(&serde_json::to_vec(&value).unwrap())
    };
    let broken = |sequence| Err(Error::HistoryBroken { sequence });
    assert_eq!(change(&|entries| drop(entries.pop())), broken(8));
    assert_eq!(change(&|entries| drop(entries.remove(2))), broken(3));
    assert_eq!(change(&|entries| entries.swap(3, 4)), broken(4));
    assert_eq!(change(&|entries| entries.truncate(0)), broken(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A byte changed anywhere in evidence is found, or changes nothing of what it says.
    #[test]
    fn k5_a_byte_of_evidence_changed_anywhere_is_found(at in any::<prop::sample::Index>(), refusals in 0_usize..4) {
        let agreement = in_force(&offer());
        let entries = history(&agreement, refusals);
        let written = Evidence::write(&entries, &checkpoint(&entries, &alice()), vec![agreement]).unwrap();
        let mut changed = written.clone();
        let place = at.index(changed.len());
        changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
        if let Ok(read) = Evidence::read(&changed) {
            prop_assert_eq!(read, Evidence::read(&written).unwrap());
        }
    }
}
