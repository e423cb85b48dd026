//! An organisation that is admitted and means harm: what it sends blocks nothing and leaves nothing behind.

#![allow(clippy::unwrap_used)] // tests

#[allow(dead_code, unreachable_pub)]
#[path = "../../../tests/organisation/world.rs"]
mod world;

use kist_channel::MessageKind;
use kist_consent::{ObjectHash, RightsAnswer, RightsRequest, Signed};
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
        let home = Self::home(world, "clinic");
        let key = home.vault.kept("organisation", "signing-key").unwrap().unwrap();
        Self::with(home, &key)
    }

    /// Alice's store, opened without what keeps a person honest.
    fn person(world: &World) -> Rogue {
        let home = Self::home(world, "alice");
        let (_, relationship) = home.vault.all_kept("relationships").unwrap().remove(0);
        let relationship: Value = serde_json::from_slice(&relationship).unwrap();
        let key = kist_crypto::from_base64url(relationship["key"].as_str().unwrap()).unwrap();
        // Version and id stand before the scalar.
        Self::with(home, &key[17..])
    }

    fn home(world: &World, folder: &str) -> Home {
        let platform = Platform {
            transport: kist_exchange::TransportPolicy { allow_loopback: true },
            clock: Arc::new(Fixed),
            ..Platform::desktop("rogue")
        };
        let unlock = Unlock::Passphrase(PASSPHRASE);
        Home::open(&world.folder.path().join(folder), platform, &unlock).unwrap()
    }

    fn with(home: Home, key: &[u8]) -> Rogue {
        let key = SigningKey::from_secret(&Secret::from_slice(key).unwrap()).unwrap();
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

#[tokio::test]
async fn k6_an_answer_that_is_not_what_was_asked_or_signed_is_dropped_and_the_first_stays() {
    let (world, rogue, agreement) = rogue().await;
    let spec = |right, agreement: &str| serde_json::from_value(json!({"right": right, "consent": agreement})).unwrap();
    let asked = world.alice.rights().ask(spec("eu-gdpr:A15", &agreement)).await.unwrap();
    let sign = |request: &str, outcome: Value, key: &SigningKey| {
        let answer = json!({"request": request, "outcome": outcome, "answered_at": NOW});
        let answer: RightsAnswer = serde_json::from_value(answer).unwrap();
        Signed::prepare(&answer).unwrap().sign(key)
    };
    let body = |answer: String, credentials: &[&str]| {
        serde_json::to_vec(&json!({"answer": answer, "credentials": credentials})).unwrap()
    };
    let done = json!({"kind": "done"});
    let with = |credential: &str| json!({"kind": "done", "credentials": [ObjectHash::of(credential)]});
    let refused = json!({"kind": "refused", "ground": "Excessive", "text": {"en": "No"}});
    let nobody = ObjectHash::of("never asked").to_string();
    let stranger = SigningKey::generate(&mut kist_crypto::OsRandom);
    for (body, code) in [
        (body(sign(&nobody, done.clone(), &rogue.key), &[]), "NotCovered"),
        (body(sign(&asked.id, done.clone(), &stranger), &[]), "SignatureInvalid"),
        (body(sign(&asked.id, done.clone(), &rogue.key), &["x~"]), "Malformed"),
        (body(sign(&asked.id, with("x~"), &rogue.key), &[]), "Malformed"),
        (body(sign(&asked.id, refused.clone(), &rogue.key), &["x~"]), "Malformed"),
    ] {
        rogue.post(MessageKind::RightsAnswer, &body);
        rogue.flush().await;
        let events = world.alice.inbox().refresh().await.unwrap();
        let organisation = "Riverside Clinic".into();
        let code = code.to_owned();
        assert_eq!(events, [kist_pds::InboxEvent::Dropped { organisation, code }]);
        assert_eq!(world.alice.rights().get(&asked.id).await.unwrap().answer, None);
    }
    // It answered, whatever what it sent along is worth; what it says later is too late.
    rogue.post(
        MessageKind::RightsAnswer,
        &body(sign(&asked.id, with("x~"), &rogue.key), &["x~"]),
    );
    rogue.post(
        MessageKind::RightsAnswer,
        &body(sign(&asked.id, refused, &rogue.key), &[]),
    );
    rogue.flush().await;
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(
            events.as_slice(),
            [
                kist_pds::InboxEvent::RightsAnswered { .. },
                kist_pds::InboxEvent::Dropped { .. },
                kist_pds::InboxEvent::Dropped { .. }
            ]
        ),
        "{events:?}"
    );
    let detail = world.alice.rights().get(&asked.id).await.unwrap();
    assert_eq!((detail.answer.unwrap().outcome, detail.records.len()), ("done", 0));
}

#[tokio::test]
async fn k6_a_request_for_somebody_else_or_beyond_measure_is_dropped() {
    let mut world = World::new().await;
    world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let nobody = world.folder.path().join("nobody");
    let nobody = kist_pds::Person::create(&nobody, platform(&world.clock), PASSPHRASE);
    world.alice = nobody.await.unwrap();
    let rogue = Rogue::person(&world);
    let mine = world.clinic.profile().await.unwrap().organisation_id;
    let post = |organisation: &str, right: &str, corrected: Value, made_at: i64, credentials: &[&str]| {
        let request = json!({"organisation": {"id": organisation, "name": "x"}, "right": right,
            "subject": {"kind": "relationship"}, "corrected": corrected, "made_at": made_at});
        let request: RightsRequest = serde_json::from_value(request).unwrap();
        let request = Signed::prepare(&request).unwrap().sign(&rogue.key);
        let body = json!({"request": request, "credentials": credentials});
        rogue.post(MessageKind::Rights, &serde_json::to_vec(&body).unwrap());
    };
    let hash = json!([ObjectHash::of("x~")]);
    post("GB-COH-somebody", "eu-gdpr:A15", json!([]), NOW, &[]);
    post(&mine, "eu-gdpr:A15", json!([]), NOW, &["x~"]);
    post(&mine, "eu-gdpr:A16", hash.clone(), NOW, &[]);
    post(&mine, "eu-gdpr:A16", hash, NOW, &["x~"]);
    rogue.flush().await;
    let events = world.clinic.inbox().refresh().await.unwrap();
    let dropped = events
        .iter()
        .filter(|event| matches!(event, kist_pds::OrgEvent::Dropped { .. }));
    assert_eq!(dropped.count(), 4, "{events:?}");
    assert_eq!(world.clinic.rights().list().await.unwrap(), []);
    for second in 0..70 {
        post(&mine, "eu-gdpr:A15", json!([]), NOW + second, &[]);
    }
    rogue.flush().await;
    world.clinic.inbox().refresh().await.unwrap();
    assert_eq!(world.clinic.rights().list().await.unwrap().len(), 64);
}
