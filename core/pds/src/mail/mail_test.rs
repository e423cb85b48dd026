//! Messages and a store that fails: nothing is lost, nothing comes twice.

#![allow(clippy::unwrap_used)] // tests

use std::sync::atomic::{AtomicU32, Ordering};

use kist_channel::{Message, MessageKind};
use kist_crypto::es256::SigningKey;
use kist_wire::Frame;

use super::reading::take_in;
use super::*;
use crate::Platform;

const RELATIONSHIP: &str = "relationship";

/// A store with one connection, and the other side of it.
struct Pair {
    home: Arc<Home>,
    other: Connection,
    key: SigningKey,
    _folder: tempfile::TempDir,
}

fn own(mailbox: u8) -> OwnMailbox {
    OwnMailbox {
        relay: "https://relay.example".into(),
        mailbox: [mailbox; 32].into(),
        receive_token: [mailbox; 32].into(),
    }
}

impl Pair {
    fn new() -> Pair {
        let folder = tempfile::tempdir().unwrap();
        let platform = Platform {
            kdf_cost: crate::KdfCost::FLOOR,
            ..Platform::desktop("test")
        };
        let home = Home::create(folder.path(), platform, "passphrase").unwrap();
        let (key, other_key) = (SigningKey::generate(&mut OsRandom), SigningKey::generate(&mut OsRandom));
        let receiving = hpke::PrivateKey::generate(&mut OsRandom);
        let ours = Connection::new(own(1), other_key.public(), receiving);
        let receiving = hpke::PrivateKey::generate(&mut OsRandom);
        let mut other = Connection::new(own(2), key.public(), receiving);
        other.set_peer(ours.own_address([3; 32].into())).unwrap();
        home.transaction(|changes| keep_connection(changes, RELATIONSHIP, &ours))
            .unwrap();
        Pair {
            home: Arc::new(home),
            other,
            key: other_key,
            _folder: folder,
        }
    }

    fn seal(&mut self, body: &[u8]) -> Vec<u8> {
        let draft = self
            .other
            .draft(MessageKind::Note, body.to_vec(), 0, &mut OsRandom)
            .unwrap();
        let signature = self.key.sign(&draft.signing_input());
        self.other.finish(draft, &signature, &mut OsRandom)
    }

    async fn take<F>(&self, sealed: &[u8], handle: F) -> Result<Vec<Arrival<()>>>
    where
        F: Fn(&Transaction<'_>) -> Result<()> + Send + Sync + 'static,
    {
        let handle = move |_: &Home, changes: &Transaction<'_>, _: &str, _| {
            changes.keep("taken", "message", b"in")?;
            handle(changes)
        };
        let frame = Frame {
            number: 1,
            body: sealed.to_vec(),
        };
        let mut arrivals = Vec::new();
        let left = take_in(
            &self.home,
            RELATIONSHIP,
            vec![frame],
            true,
            &Arc::new(handle),
            &mut arrivals,
        )
        .await?;
        assert_eq!(left, []);
        Ok(arrivals)
    }

    fn state(&self) -> (u64, bool) {
        let received = read_connection(&self.home, RELATIONSHIP).unwrap().received();
        (received, self.home.vault.kept("taken", "message").unwrap().is_some())
    }
}

#[tokio::test]
async fn c2_a_store_that_fails_loses_no_message() {
    let mut pair = Pair::new();
    let sealed = pair.seal(b"words");
    for code in ["Storage", "StorageFull", "Corrupt"] {
        let failed = pair.take(&sealed, move |_| Err(Error::new(code))).await;
        assert_eq!(failed.err().unwrap().code(), code);
        assert_eq!(pair.state(), (0, false));
    }
    let taken = pair.take(&sealed, |_| Ok(())).await.unwrap();
    assert!(matches!(taken.as_slice(), [Arrival::Event(())]));
    assert_eq!(pair.state(), (1, true));
    assert!(pair.take(&sealed, |_| Ok(())).await.unwrap().is_empty());
}

#[tokio::test]
async fn c2_a_message_that_fails_or_breaks_its_reader_is_passed_over_with_all_that_it_did() {
    let mut pair = Pair::new();
    let calls = Arc::new(AtomicU32::new(0));
    let sealed = pair.seal(b"first");
    let taken = pair.take(&sealed, |_| Err(Error::new("Malformed"))).await.unwrap();
    assert!(matches!(taken.as_slice(), [Arrival::Dropped("Malformed")]));
    assert_eq!(pair.state(), (1, false));

    let (sealed, counted) = (pair.seal(b"second"), Arc::clone(&calls));
    let broken = move |_: &Transaction<'_>| -> Result<()> {
        counted.fetch_add(1, Ordering::SeqCst);
        panic!("a reader with a defect")
    };
    let taken = pair.take(&sealed, broken).await.unwrap();
    assert!(matches!(taken.as_slice(), [Arrival::Dropped("Internal")]));
    assert_eq!((pair.state(), calls.load(Ordering::SeqCst)), ((2, false), 1));

    pair.seal(b"lost by a relay");
    let sealed = pair.seal(b"fourth");
    let taken = pair.take(&sealed, |_| Ok(())).await.unwrap();
    assert!(matches!(taken.as_slice(), [Arrival::Missing(1), Arrival::Event(())]));
    assert_eq!(pair.state(), (4, true));
}

#[tokio::test]
async fn c2_bytes_that_are_no_message_change_nothing() {
    let mut pair = Pair::new();
    let mut sealed = pair.seal(b"words");
    *sealed.last_mut().unwrap() ^= 1;
    let taken = pair.take(&sealed, |_| Ok(())).await.unwrap();
    assert!(matches!(taken.as_slice(), [Arrival::Dropped("AuthenticationFailed")]));
    assert_eq!(pair.state(), (0, false));
}

fn frames(sealed: &[(u64, &Vec<u8>)]) -> Vec<Frame> {
    let frame = |(number, body): &(u64, &Vec<u8>)| Frame {
        number: *number,
        body: (*body).clone(),
    };
    sealed.iter().map(frame).collect()
}

#[tokio::test]
async fn c2_what_a_relay_reorders_doubles_and_drops_comes_in_order_and_once() {
    let mut pair = Pair::new();
    let sealed: Vec<Vec<u8>> = (1..=6).map(|number| pair.seal(&[number])).collect();
    let handle = Arc::new(|_: &Home, _: &Transaction<'_>, _: &str, message: Message| Ok(message.number));
    let told = |arrivals: &[Arrival<u64>]| -> Vec<String> {
        let tell = |arrival: &Arrival<u64>| match arrival {
            Arrival::Event(number) => number.to_string(),
            Arrival::Missing(count) => format!("missing {count}"),
            Arrival::Dropped(code) => (*code).to_owned(),
            Arrival::Stopped(_) => "stopped".to_owned(),
        };
        arrivals.iter().map(tell).collect()
    };
    // The third is kept back; others come in another order, one twice.
    let came = frames(&[
        (1, &sealed[1]),
        (2, &sealed[0]),
        (3, &sealed[5]),
        (4, &sealed[0]),
        (5, &sealed[3]),
    ]);
    let mut arrivals = Vec::new();
    let early = take_in(&pair.home, RELATIONSHIP, came, false, &handle, &mut arrivals)
        .await
        .unwrap();
    assert_eq!(
        (told(&arrivals), early.len()),
        (vec!["1".to_owned(), "2".to_owned()], 2)
    );
    let mut arrivals = Vec::new();
    let early = take_in(&pair.home, RELATIONSHIP, early, true, &handle, &mut arrivals)
        .await
        .unwrap();
    assert_eq!(early, []);
    assert_eq!(told(&arrivals), ["missing 1", "4", "missing 1", "6"]);
    // What was missing comes after all, once; and nothing is told of what is sent again.
    let came = frames(&[(6, &sealed[2]), (7, &sealed[4]), (8, &sealed[2]), (9, &sealed[5])]);
    let mut arrivals = Vec::new();
    take_in(&pair.home, RELATIONSHIP, came, true, &handle, &mut arrivals)
        .await
        .unwrap();
    assert_eq!(told(&arrivals), ["3", "5"]);
}

#[test]
fn c2_no_more_waits_to_be_sent_than_a_mailbox_holds() {
    let pair = Pair::new();
    let key = SigningKey::generate(&mut OsRandom);
    let post = |changes: &Transaction<'_>| {
        let sign = |input: &[u8]| key.sign(input);
        post(changes, RELATIONSHIP, &sign, MessageKind::Note, b"words".to_vec(), 0)
    };
    let refused = pair.home.transaction(|changes| {
        let mut connection = connection(changes, RELATIONSHIP)?;
        connection.set_peer(pair.other.own_address([4; 32].into()))?;
        keep_connection(changes, RELATIONSHIP, &connection)?;
        for _ in 0..MAX_OUTGOING {
            post(changes)?;
        }
        Ok(post(changes).map_err(|error| error.code()))
    });
    assert_eq!(refused.unwrap(), Err("TooLarge"));
    // As soon as one has left there is room.
    let sent = pair.home.transaction(|changes| {
        let first = changes.first_kept_key(OUTBOX, "")?.unwrap();
        changes.forget(OUTBOX, &first)?;
        post(changes)
    });
    assert!(sent.is_ok());
}
