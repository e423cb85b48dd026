//! Messages and a store that fails: nothing is lost, nothing comes twice.

#![allow(clippy::unwrap_used)] // tests

use std::sync::atomic::{AtomicU32, Ordering};

use kist_channel::MessageKind;
use kist_crypto::es256::SigningKey;

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
        take_in(&self.home, RELATIONSHIP, sealed.to_vec(), &Arc::new(handle)).await
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
