//! The history: whatever was changed, cut or moved is found, and where.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::history::{DisclosedField, Event, ExportKind, Head, HistoryEntry, MAX_ENTRY, read};
use kist_consent::{Error, ObjectHash, Party};
use proptest::prelude::*;

fn clinic_party() -> Party {
    Party {
        id: "gb-ods-r1v3r".to_owned(),
        name: "Riverside Clinic".to_owned(),
    }
}

fn name() -> DisclosedField {
    DisclosedField {
        credential_type: PERSON.to_owned(),
        path: path(&["name"]),
    }
}

/// One of each kind of event.
fn events() -> Vec<Event> {
    let organisation = clinic_party();
    let hash = ObjectHash::of("anything");
    let request = "request-1".to_owned();
    vec![
        Event::RequestSeen {
            organisation: organisation.clone(),
            request: request.clone(),
            offer: Some(hash),
            fields: vec![name()],
        },
        Event::Refused {
            organisation: organisation.clone(),
            request: request.clone(),
        },
        Event::Agreed {
            organisation: organisation.clone(),
            request: request.clone(),
            agreement: hash,
            replaces: None,
            intended_use: Some("registration".to_owned()),
        },
        Event::Disclosed {
            organisation: organisation.clone(),
            request: Some(request),
            agreement: Some(hash),
            fields: vec![name()],
        },
        Event::ReceiptStored {
            organisation: organisation.clone(),
            agreement: hash,
            receipt: hash,
        },
        Event::Delivered {
            organisation: organisation.clone(),
            agreement: Some(hash),
            credential_type: "urn:kist:vct:vaccination:1".to_owned(),
            credential: "c-1".to_owned(),
        },
        Event::MessageReceived {
            organisation: organisation.clone(),
            kind: "Note".to_owned(),
            number: 3,
        },
        Event::Withdrawn {
            organisation: organisation.clone(),
            agreement: hash,
            withdrawal: hash,
        },
        Event::WithdrawalAcknowledged {
            organisation,
            agreement: hash,
            acknowledgement: hash,
        },
        Event::Restored {
            backup: 12,
            freshness_proven: false,
        },
        Event::Exported {
            kind: ExportKind::Everything,
        },
    ]
}

fn write(events: Vec<Event>) -> (Vec<Vec<u8>>, Head) {
    let mut head = Head::empty();
    let mut entries = Vec::new();
    for (event, minute) in events.into_iter().zip(0..) {
        let entry = head.append(event, (NOW + 60 * minute) * 1000).unwrap();
        head = entry.head();
        entries.push(entry.to_bytes().unwrap());
    }
    (entries, head)
}

fn read_all(entries: &[Vec<u8>], head: &Head) -> kist_consent::Result<Vec<HistoryEntry>> {
    read(entries.iter().map(Vec::as_slice), head)
}

fn broken(sequence: usize) -> Error {
    Error::HistoryBroken {
        sequence: sequence as u64,
    }
}

#[test]
fn k5_the_person_reads_who_asked_and_what_was_shown_refusals_included() {
    let (entries, head) = write(events());
    let read = read_all(&entries, &head).unwrap();
    assert_eq!(
        read.iter().map(|entry| entry.event.clone()).collect::<Vec<_>>(),
        events()
    );
    assert_eq!(
        read.iter().map(|entry| entry.sequence).collect::<Vec<_>>(),
        (1..=11).collect::<Vec<_>>()
    );
    assert!(
        read.iter().any(
            |entry| matches!(&entry.event, Event::Refused { organisation, .. } if *organisation == clinic_party())
        )
    );
    assert_eq!(read[3].time_ms, (NOW + 180) * 1000);
}

#[test]
fn k5_an_empty_history_is_whole_and_one_that_should_not_be_empty_is_broken() {
    assert_eq!(read_all(&[], &Head::empty()), Ok(Vec::new()));
    let (_, head) = write(events());
    assert_eq!(read_all(&[], &head), Err(broken(1)));
}

#[test]
fn k5_an_entry_cut_out_cut_off_moved_or_added_is_located() {
    let (entries, head) = write(events());
    let count = entries.len();
    for place in 0..count {
        let mut without = entries.clone();
        without.remove(place);
        assert_eq!(read_all(&without, &head), Err(broken(place + 1)), "without {place}");
        assert_eq!(
            read_all(&entries[..place], &head),
            Err(broken(place + 1)),
            "cut off at {place}"
        );
        let mut doubled = entries.clone();
        doubled.insert(place, entries[place].clone());
        assert_eq!(read_all(&doubled, &head), Err(broken(place + 2)), "doubled {place}");
        if place + 1 < count {
            let mut swapped = entries.clone();
            swapped.swap(place, place + 1);
            assert_eq!(read_all(&swapped, &head), Err(broken(place + 1)), "swapped {place}");
        }
    }
    let more = head
        .append(
            Event::Exported {
                kind: ExportKind::Records,
            },
            0,
        )
        .unwrap()
        .to_bytes()
        .unwrap();
    let longer: Vec<_> = entries.into_iter().chain([more]).collect();
    assert_eq!(read_all(&longer, &head), Err(broken(count + 1)));
}

#[test]
fn k5_an_end_made_anew_with_hashes_that_fit_is_shown_by_the_head() {
    let (entries, head) = write(events());
    let mut others = events();
    others.truncate(3);
    others.resize(
        events().len(),
        Event::Exported {
            kind: ExportKind::Evidence,
        },
    );
    let (forged, _) = write(others);
    assert_eq!(read_all(&forged, &head), Err(broken(entries.len())));
}

#[test]
fn a31_an_entry_beyond_its_bound_is_refused() {
    let event = Event::MessageReceived {
        organisation: clinic_party(),
        kind: "x".repeat(MAX_ENTRY),
        number: 1,
    };
    assert_eq!(Head::empty().append(event, 0).unwrap_err().code(), "TooLarge");
}

proptest! {
    #[test]
    fn k5_a_byte_changed_anywhere_is_found_at_its_entry(entry in 0usize..11, at in any::<prop::sample::Index>(), change in 1u8..) {
        let (mut entries, head) = write(events());
        let place = at.index(entries[entry].len());
        entries[entry][place] ^= change;
        prop_assert_eq!(read_all(&entries, &head), Err(broken(entry + 1)));
    }

    #[test]
    fn k5_entries_survive_their_bytes(name in "\\PC{1,40}", number in 0u64..1 << 53, time_ms in -(1i64 << 53) + 1..1 << 53) {
        let organisation = Party { id: name.clone(), name };
        let event = Event::MessageReceived { organisation, kind: "Note".to_owned(), number };
        let entry = Head::empty().append(event, time_ms).unwrap();
        prop_assert_eq!(HistoryEntry::from_bytes(&entry.to_bytes().unwrap()).unwrap(), entry);
    }

    #[test]
    fn a31_any_bytes_are_no_entry_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(HistoryEntry::from_bytes(&bytes).is_err());
    }
}
