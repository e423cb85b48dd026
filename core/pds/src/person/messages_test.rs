//! An organisation that is admitted and means harm: what it sends blocks nothing and leaves nothing behind.

#![allow(clippy::unwrap_used)] // tests

#[allow(dead_code, unreachable_pub)]
#[path = "../../tests/organisation/world.rs"]
mod world;

use kist_channel::MessageKind;
use kist_crypto::Secret;
use kist_crypto::es256::SigningKey;
use serde_json::{Value, json};

use crate::home::{Home, Unlock};
use crate::{mail, platform::Platform};
use std::sync::Arc;
use world::*;

/// The clinic's store, opened without what keeps an organisation honest.
struct Rogue {
    home: Arc<Home>,
    key: SigningKey,
    relationship: String,
}

impl Rogue {
    fn open(world: &World) -> Rogue {
        let platform = Platform {
            transport: kist_exchange::TransportPolicy { allow_loopback: true },
            clock: Arc::new(Fixed),
            ..Platform::desktop("rogue")
        };
        let unlock = Unlock::Passphrase(PASSPHRASE);
        let home = Home::open(&world.folder.path().join("clinic"), platform, &unlock).unwrap();
        let key = home.vault.kept("organisation", "signing-key").unwrap().unwrap();
        let key = SigningKey::from_secret(&Secret::from_slice(&key).unwrap()).unwrap();
        let (relationship, _) = home.vault.all_kept(mail::CONNECTIONS).unwrap().remove(0);
        Rogue {
            home: Arc::new(home),
            key,
            relationship,
        }
    }

    fn post(&self, kind: MessageKind, body: &[u8]) {
        let sign = |input: &[u8]| self.key.sign(input);
        self.home
            .transaction(|changes| mail::post(changes, &self.relationship, &sign, kind, body.to_vec(), NOW))
            .unwrap();
    }

    async fn flush(&self) {
        let flushed = mail::flush(&self.home).await.unwrap();
        assert!(flushed.refused.is_empty() && flushed.waiting.is_empty());
    }
}

struct Fixed;

impl crate::Clock for Fixed {
    fn now_ms(&self) -> i64 {
        NOW * 1000
    }
}

async fn rogue() -> (World, Rogue, String) {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let nobody = world.folder.path().join("nobody");
    let nobody = kist_pds::Organisation::create(&nobody, platform(&world.clock), PASSPHRASE, profile("nobody"));
    world.clinic = nobody.await.unwrap();
    let rogue = Rogue::open(&world);
    (world, rogue, agreement)
}

#[tokio::test]
async fn c2_messages_that_cannot_be_taken_in_are_dropped_and_block_no_later_one() {
    let (world, rogue, agreement) = rogue().await;
    let before = world.alice.history().entries().await.unwrap();
    let body = |value: Value| serde_json::to_vec(&value).unwrap();
    rogue.post(MessageKind::Receipt, b"no receipt");
    rogue.post(MessageKind::Receipt, &[0xff; 40]);
    rogue.post(MessageKind::Acknowledgement, b"of nothing");
    rogue.post(MessageKind::Delivery, b"{");
    rogue.post(
        MessageKind::Delivery,
        &body(json!({"agreement": agreement, "credentials": []})),
    );
    rogue.post(
        MessageKind::Delivery,
        &body(json!({"agreement": agreement, "credentials": ["x~"]})),
    );
    rogue.post(MessageKind::Note, b"\"words\"");
    rogue.post(MessageKind::Note, &body(json!({"text": "x".repeat(20_000)})));
    rogue.post(MessageKind::Note, &body(json!({"text": "The last one"})));
    rogue.flush().await;
    let events = world.alice.inbox().refresh().await.unwrap();
    let dropped = |event: &&kist_pds::InboxEvent| matches!(event, kist_pds::InboxEvent::Dropped { .. });
    assert_eq!(events.iter().filter(dropped).count(), 8, "{events:?}");
    assert!(matches!(events.last(), Some(kist_pds::InboxEvent::Waiting { .. })));
    let items = world.alice.inbox().list().await.unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].text.as_deref(), Some("The last one"));
    // Nothing of the others stayed, and nothing comes twice.
    assert_eq!(world.alice.history().entries().await.unwrap().len(), before.len() + 1);
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
}

#[tokio::test]
async fn c2_one_organisation_cannot_fill_the_inbox() {
    let (world, rogue, _) = rogue().await;
    for _ in 0..105 {
        rogue.post(MessageKind::Other("advertisement".into()), b"buy");
    }
    rogue.flush().await;
    let events = world.alice.inbox().refresh().await.unwrap();
    let refused = kist_pds::InboxEvent::Dropped {
        organisation: "Riverside Clinic".into(),
        code: "TooLarge".into(),
    };
    assert_eq!(events.iter().filter(|event| **event == refused).count(), 5);
    let items = world.alice.inbox().list().await.unwrap();
    assert_eq!(items.len(), 100);
    world.alice.inbox().dismiss(&items[0].id).await.unwrap();
    assert_eq!(world.alice.inbox().list().await.unwrap().len(), 99);
}

#[tokio::test]
async fn a20_a_delivery_after_withdrawal_is_not_taken_in_whoever_sends_it() {
    let (world, rogue, agreement) = rogue().await;
    let body = json!({"agreement": agreement, "credentials": ["never opened"]});
    let body = serde_json::to_vec(&body).unwrap();
    // On its way before the withdrawal, read after it.
    rogue.post(MessageKind::Delivery, &body);
    rogue.flush().await;
    world.alice.consents().withdraw(&agreement).await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let [
        kist_pds::InboxEvent::Waiting {
            outside_agreement: true,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    // And from now on its address is closed to it.
    rogue.post(MessageKind::Delivery, &body);
    let flushed = mail::flush(&rogue.home).await.unwrap();
    assert_eq!(flushed.refused.join(" "), rogue.relationship);
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
}
