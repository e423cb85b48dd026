//! Two sides of a connection: in order, once, sealed to the newest key, and nothing accepted that the other side
//! did not write.
#![allow(clippy::unwrap_used)]

use kist_channel::{Address, Connection, Error, MAX_BODY, MessageKind, Opened, OwnMailbox};
use kist_crypto::testing::SeededRandom;
use kist_crypto::{CryptoRng, es256, hpke};
use kist_wire::{MailboxId, Token};
use proptest::prelude::*;

struct Side {
    key: es256::SigningKey,
    connection: Connection,
}

fn mailbox(seed: u8) -> OwnMailbox {
    let relay = "https://relay.example".to_owned();
    OwnMailbox {
        relay,
        mailbox: MailboxId::from([seed; 16]),
        receive_token: Token::from([seed; 32]),
    }
}

fn pair() -> (Side, Side) {
    let rng = &mut SeededRandom::new(7);
    let (one, two) = (es256::SigningKey::generate(rng), es256::SigningKey::generate(rng));
    let mut person = Connection::new(mailbox(1), two.public(), hpke::PrivateKey::generate(rng));
    let mut organisation = Connection::new(mailbox(2), one.public(), hpke::PrivateKey::generate(rng));
    person.set_peer(organisation.own_address(Token::from([4; 32]))).unwrap();
    organisation.set_peer(person.own_address(Token::from([3; 32]))).unwrap();
    (
        Side {
            key: one,
            connection: person,
        },
        Side {
            key: two,
            connection: organisation,
        },
    )
}

fn send(side: &mut Side, kind: MessageKind, body: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Vec<u8> {
    let draft = side.connection.draft(kind, body.to_vec(), 1_800_000_000, rng).unwrap();
    let signature = side.key.sign(&draft.signing_input());
    side.connection.finish(draft, &signature, rng)
}

fn receive(side: &mut Side, sealed: &[u8]) -> (u64, Vec<u8>, u64) {
    match side.connection.open(sealed).unwrap() {
        Opened::Message { message, missing } => (message.number, message.body, missing),
        other => panic!("{other:?}"),
    }
}

#[test]
fn c1_messages_go_both_ways_in_order_and_once() {
    let (mut person, mut clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let first = send(&mut clinic, MessageKind::Delivery, b"one", rng);
    let second = send(&mut clinic, MessageKind::Delivery, b"two", rng);
    assert_eq!(receive(&mut person, &first), (1, b"one".to_vec(), 0));
    assert_eq!(receive(&mut person, &second), (2, b"two".to_vec(), 0));
    assert_eq!(person.connection.open(&second).unwrap(), Opened::Duplicate);
    let answer = send(&mut person, MessageKind::Withdrawal, b"three", rng);
    assert_eq!(receive(&mut clinic, &answer), (1, b"three".to_vec(), 0));
    assert_eq!(clinic.connection.sent(), (2, 2), "the answer says what was received");
}

#[test]
fn c2_a_message_that_a_relay_dropped_is_counted() {
    let (mut person, mut clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let first = send(&mut clinic, MessageKind::Note, b"1", rng);
    send(&mut clinic, MessageKind::Note, b"2", rng);
    let third = send(&mut clinic, MessageKind::Note, b"3", rng);
    receive(&mut person, &first);
    assert_eq!(receive(&mut person, &third), (3, b"3".to_vec(), 1));
}

#[test]
fn c2_a_message_that_others_come_before_waits_for_them() {
    let (mut person, mut clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let sealed: Vec<Vec<u8>> = (0..4)
        .map(|n| send(&mut clinic, MessageKind::Note, &[n], rng))
        .collect();
    receive(&mut person, &sealed[0]);
    let before = person.connection.clone();
    assert_eq!(
        person.connection.open_in_order(&sealed[3]).unwrap(),
        Opened::Early { missing: 2 }
    );
    assert_eq!(person.connection, before, "nothing has changed");
    for number in [1, 2, 3] {
        let opened = person.connection.open_in_order(&sealed[number]).unwrap();
        assert!(matches!(opened, Opened::Message { missing: 0, .. }), "{number}");
    }
}

#[test]
fn c2_what_a_relay_kept_back_is_taken_when_it_comes_and_turns_no_key_back() {
    let (mut person, mut clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let first = send(&mut clinic, MessageKind::Note, b"1", rng);
    let kept_back = send(&mut clinic, MessageKind::Note, b"2", rng);
    receive(&mut person, &first);
    let up = send(&mut person, MessageKind::Note, b"up", rng);
    receive(&mut clinic, &up);
    let third = send(&mut clinic, MessageKind::Note, b"3", rng);
    assert_eq!(receive(&mut person, &third), (3, b"3".to_vec(), 1));
    person.connection = Connection::from_bytes(&person.connection.to_bytes()).unwrap();
    let (peer, thief) = (person.connection.peer().cloned(), person.connection.clone());
    assert_eq!(receive(&mut person, &kept_back), (2, b"2".to_vec(), 0));
    assert_eq!(
        person.connection.peer().cloned(),
        peer,
        "an older key replaces no newer one"
    );
    assert_eq!(person.connection.received(), 3);
    // The key that it was sealed to is gone now, since nothing is missing any more.
    assert_eq!(person.connection.open(&first).unwrap_err(), Error::AuthenticationFailed);
    assert!(thief.clone().open(&first).is_ok(), "it was there until then");
}

#[test]
fn a_side_that_only_listens_renews_its_key() {
    let (mut person, mut clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let (now, day) = (1_800_000_000, 86_400);
    assert!(
        !person.connection.wants_new_key(now + 365 * day),
        "nothing came under it"
    );
    let sealed = send(&mut clinic, MessageKind::Note, b"x", rng);
    receive(&mut person, &sealed);
    assert!(!person.connection.wants_new_key(now + day - 1));
    assert!(person.connection.wants_new_key(now + day));
    let stolen = person.connection.clone();
    let key = send(&mut person, MessageKind::Key, b"", rng);
    receive(&mut clinic, &key);
    assert!(!person.connection.wants_new_key(now + 365 * day), "it was offered");
    assert!(
        !clinic.connection.wants_new_key(now + 365 * day),
        "keys alone wear nothing out"
    );
    let sealed = send(&mut clinic, MessageKind::Note, b"new", rng);
    assert_eq!(stolen.clone().open(&sealed).unwrap_err(), Error::AuthenticationFailed);
    receive(&mut person, &sealed);
    for _ in 1..64 {
        assert!(!person.connection.wants_new_key(now));
        let sealed = send(&mut clinic, MessageKind::Note, b"x", rng);
        receive(&mut person, &sealed);
    }
    assert!(person.connection.wants_new_key(now));
}

#[test]
fn a_used_key_opens_nothing_new() {
    let (mut person, mut clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let stolen = person.connection.clone();
    let old = send(&mut clinic, MessageKind::Note, b"old", rng);
    receive(&mut person, &old);
    let up = send(&mut person, MessageKind::Note, b"up", rng);
    receive(&mut clinic, &up);
    let new = send(&mut clinic, MessageKind::Note, b"new", rng);
    assert_eq!(stolen.clone().open(&new).unwrap_err(), Error::AuthenticationFailed);
    receive(&mut person, &new);
    let again = person.connection.open(&old);
    assert_eq!(
        again.unwrap_err(),
        Error::AuthenticationFailed,
        "the key of the first message is deleted"
    );
}

#[test]
fn a8_a_message_by_another_author_is_refused() {
    let (mut person, clinic) = pair();
    let rng = &mut SeededRandom::new(1);
    let mut forger = Side {
        key: es256::SigningKey::generate(rng),
        connection: clinic.connection,
    };
    let forged = send(&mut forger, MessageKind::Delivery, b"forged", rng);
    let before = person.connection.clone();
    assert_eq!(person.connection.open(&forged).unwrap_err(), Error::UnknownAuthor);
    assert_eq!(person.connection, before);
}

#[test]
fn a5_a_message_for_one_mailbox_opens_in_no_other() {
    let (person, mut clinic) = pair();
    let sealed = send(&mut clinic, MessageKind::Note, b"x", &mut SeededRandom::new(1));
    let text = String::from_utf8(person.connection.to_bytes()).unwrap();
    let moved = text.replace(
        &MailboxId::from([1; 16]).to_string(),
        &MailboxId::from([9; 16]).to_string(),
    );
    let mut moved = Connection::from_bytes(moved.as_bytes()).unwrap();
    assert_eq!(moved.open(&sealed).unwrap_err(), Error::AuthenticationFailed);
}

#[test]
fn a6_every_flipped_byte_is_refused_and_changes_nothing() {
    let (mut person, mut clinic) = pair();
    let sealed = send(&mut clinic, MessageKind::Note, b"x", &mut SeededRandom::new(1));
    let before = person.connection.clone();
    for position in 0..sealed.len() {
        let mut broken = sealed.clone();
        broken[position] ^= 1;
        assert!(person.connection.open(&broken).is_err(), "byte {position}");
    }
    assert_eq!(person.connection, before);
    receive(&mut person, &sealed);
}

#[test]
fn sizes_come_in_few_buckets() {
    let rng = &mut SeededRandom::new(1);
    for (length, bucket) in [
        (0, 1024),
        (700, 1024),
        (900, 2048),
        (100_000, 131_072),
        (MAX_BODY, 262_144),
    ] {
        let (mut person, mut clinic) = pair();
        let sealed = send(&mut clinic, MessageKind::Note, &vec![7; length], rng);
        assert_eq!(sealed.len(), bucket);
        assert_eq!(receive(&mut person, &sealed).1.len(), length);
    }
    let (_, clinic) = pair();
    let draft = clinic
        .connection
        .draft(MessageKind::Note, vec![0; MAX_BODY + 1], 0, rng);
    assert_eq!(draft.unwrap_err(), Error::TooLarge { limit: MAX_BODY });
}

#[test]
fn without_an_address_nothing_is_sent() {
    let rng = &mut SeededRandom::new(1);
    let key = es256::SigningKey::generate(rng).public();
    let mut connection = Connection::new(mailbox(1), key, hpke::PrivateKey::generate(rng));
    assert_eq!(
        connection.draft(MessageKind::Note, vec![], 0, rng).unwrap_err(),
        Error::NoAddress
    );
    let bad = Address {
        relay: "not an origin".into(),
        mailbox: MailboxId::from([1; 16]),
        send_token: Token::from([1; 32]),
        receiving_key: "AAAA".into(),
    };
    assert_eq!(connection.set_peer(bad).unwrap_err().code(), "Malformed");
    assert!(connection.peer().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever order the two sides write in, and however far each lags in reading, everything arrives once, in order,
    /// over a store and a load at each step.
    #[test]
    fn c2_any_interleaving_arrives(steps in proptest::collection::vec((any::<bool>(), any::<bool>()), 1..40)) {
        let (mut person, mut clinic) = pair();
        let rng = &mut SeededRandom::new(3);
        let (mut to_person, mut to_clinic) = (Vec::new(), Vec::new());
        let (mut sent, mut got) = ([0u64; 2], [0u64; 2]);
        for (by_person, sends) in steps {
            let (side, inbox, outbox, me) = if by_person {
                (&mut person, &mut to_person, &mut to_clinic, 0)
            } else {
                (&mut clinic, &mut to_clinic, &mut to_person, 1)
            };
            if sends {
                sent[me] += 1;
                outbox.push(send(side, MessageKind::Other("x".into()), &sent[me].to_be_bytes(), rng));
            } else if !inbox.is_empty() {
                let sealed: Vec<u8> = inbox.remove(0);
                got[me] += 1;
                prop_assert_eq!(receive(side, &sealed), (got[me], got[me].to_be_bytes().to_vec(), 0));
            }
            side.connection = Connection::from_bytes(&side.connection.to_bytes()).unwrap();
        }
    }

    /// Whatever is lost, doubled and reordered in the mailboxes: what is read to a mailbox's end comes once, and in order;
    /// what one side was robbed of at any moment opens nothing any more after the second exchange; and no key that a side
    /// has used up opens anything.
    #[test]
    fn c2_a_stolen_key_heals_and_an_old_one_opens_nothing(
        steps in proptest::collection::vec((any::<bool>(), 0u8..8, any::<u64>()), 1..60),
        theft in 0usize..60,
    ) {
        let (mut person, mut clinic) = pair();
        let rng = &mut SeededRandom::new(3);
        let (mut to_person, mut to_clinic): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
        let mut got = [Vec::new(), Vec::new()];
        let mut used_up: Vec<Connection> = Vec::new();
        let mut stolen: Option<Connection> = None;
        for (at, (by_person, act, dice)) in steps.into_iter().enumerate() {
            if at == theft {
                stolen = Some(person.connection.clone());
            }
            let (side, inbox, outbox, me) = if by_person {
                (&mut person, &mut to_person, &mut to_clinic, 0)
            } else {
                (&mut clinic, &mut to_clinic, &mut to_person, 1)
            };
            match act {
                0..4 => outbox.push(send(side, MessageKind::Note, b"x", rng)),
                4 if !inbox.is_empty() => drop(inbox.remove(dice as usize % inbox.len())),
                5 if !inbox.is_empty() => {
                    let again = inbox[dice as usize % inbox.len()].clone();
                    inbox.push(again);
                }
                6 if inbox.len() > 1 => {
                    let (one, other) = (dice as usize % inbox.len(), (dice >> 32) as usize % inbox.len());
                    inbox.swap(one, other);
                }
                _ => {
                    let before = side.connection.clone();
                    read_to_the_end(side, inbox, &mut got[me]);
                    if me == 0 && before.to_bytes() != side.connection.to_bytes() {
                        used_up.push(before);
                    }
                }
            }
            side.connection = Connection::from_bytes(&side.connection.to_bytes()).unwrap();
        }
        for numbers in &got {
            prop_assert!(numbers.is_sorted_by(|one, other| one < other), "{numbers:?}");
        }
        // Two exchanges, in which nothing is lost.
        for _ in 0..2 {
            for _ in 0..2 {
                to_clinic.push(send(&mut person, MessageKind::Note, b"x", rng));
                read_to_the_end(&mut clinic, &mut to_clinic, &mut got[1]);
                to_person.push(send(&mut clinic, MessageKind::Note, b"x", rng));
                read_to_the_end(&mut person, &mut to_person, &mut got[0]);
            }
        }
        let new = send(&mut clinic, MessageKind::Note, b"new", rng);
        for thief in stolen.into_iter().chain(used_up) {
            prop_assert_eq!(thief.clone().open(&new).unwrap_err(), Error::AuthenticationFailed);
        }
        prop_assert!(person.connection.open_in_order(&new).is_ok());
    }
}

/// Reads a mailbox as `pds` does: in order as far as there is an order, then over what is missing.
fn read_to_the_end(side: &mut Side, inbox: &mut Vec<Vec<u8>>, got: &mut Vec<u64>) {
    loop {
        let (mut progress, mut nearest) = (false, None);
        inbox.retain(|sealed| match side.connection.open_in_order(sealed) {
            Ok(Opened::Message { message, .. }) => {
                got.push(message.number);
                progress = true;
                false
            }
            Ok(Opened::Early { missing }) => {
                nearest = nearest.min(Some(missing)).or(Some(missing));
                true
            }
            _ => false,
        });
        if progress {
            continue;
        }
        let Some(nearest) = nearest else { return };
        let is_nearest = |side: &mut Side, sealed: &Vec<u8>| {
            side.connection.open_in_order(sealed) == Ok(Opened::Early { missing: nearest })
        };
        let at = inbox.iter().position(|sealed| is_nearest(side, sealed)).unwrap();
        let (number, ..) = receive(side, &inbox.remove(at));
        got.push(number);
    }
}
