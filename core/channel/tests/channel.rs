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
        Opened::Duplicate => panic!("a duplicate"),
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
}
