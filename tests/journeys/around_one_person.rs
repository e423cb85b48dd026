//! J4: council, clinic and charity around one person. What one knows reaches another through her alone; each sees its own
//! agreement; and two of them that compare everything they hold find nothing in common that Kist put there (A21).

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use kist_crypto::slots::Slot;
use kist_pds::{DataRight, DeliverySpec, Filter, InboxEvent, Organisation, RightsFulfilment, RightsSpec};
use kist_vault::{Change, Vault};
use serde_json::{Value, json};

use crate::town::{Asks, DAY, START, Town};
use crate::world::{ADDRESS, BIRTH, NAME, PASSPHRASE, PHONE, VACCINATION};

const COUNCIL: Asks = Asks {
    purpose: "To help you with your housing",
    required: &[
        (NAME, &["given_name", "family_name"]),
        (ADDRESS, &["street_address", "locality"]),
    ],
    update: true,
};
const CLINIC: Asks = Asks {
    purpose: "To treat you",
    required: &[(NAME, &["given_name", "family_name"]), (BIRTH, &["birthdate"])],
    update: true,
};
const CHARITY: Asks = Asks {
    purpose: "To bring you meals",
    required: &[(NAME, &["given_name", "family_name"]), (VACCINATION, &["vaccine"])],
    update: true,
};

#[tokio::test(flavor = "multi_thread")]
async fn j4_a21_what_one_knows_reaches_another_through_her_alone_and_they_have_nothing_in_common() {
    let town = Town::new().await;
    let council = town.organisation("council", "Orkney Council", 11, &COUNCIL).await;
    let clinic = town.organisation("clinic", "Riverside Clinic", 22, &CLINIC).await;
    let charity = town.organisation("charity", "Harbour Meals", 33, &CHARITY).await;
    // An organisation of the same framework that knows somebody else: what it has too says nothing about Alice.
    let library = town.organisation("library", "Town Library", 44, &COUNCIL).await;
    let hers = vec![
        (NAME, json!({ "given_name": "Alice", "family_name": "Canarywood" })),
        (BIRTH, json!({ "birthdate": "1984-03-21" })),
        (
            ADDRESS,
            json!({ "street_address": "12 Wrenfield Lane", "locality": "Edinburgh" }),
        ),
        (PHONE, json!({ "phone_number": "07700 900461" })),
    ];
    let his = vec![
        (NAME, json!({ "given_name": "Bob", "family_name": "Bramblewick" })),
        (
            ADDRESS,
            json!({ "street_address": "3 Castle Street", "locality": "Cardiff" }),
        ),
    ];
    let alice = town.person("alice", hers).await;
    let bob = town.person("bob", his).await;

    let with_library = town.agree(&library, &bob, &COUNCIL).await;
    let with_council = town.agree(&council, &alice, &COUNCIL).await;
    let with_clinic = town.agree(&clinic, &alice, &CLINIC).await;

    // The clinic gives Alice her vaccination. Its credential is bound to what she is to the clinic, so she tells the
    // charity in her own name; the clinic learns nothing of that.
    clinic
        .deliveries()
        .deliver(&with_clinic, vaccination("Comirnaty-QX7"))
        .await
        .unwrap();
    town.clock.forward(79);
    let events = alice.inbox().refresh().await.unwrap();
    let [InboxEvent::Delivered { record, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    let delivered = alice.records().get(*record).await.unwrap();
    alice
        .records()
        .add_self_asserted(VACCINATION, delivered.body.clone())
        .await
        .unwrap();
    let with_charity = town.agree(&charity, &alice, &CHARITY).await;
    let told = charity.agreements().get(&with_charity).await.unwrap().received;
    assert!(told.iter().any(|field| field.value == json!("Comirnaty-QX7")));
    library
        .deliveries()
        .deliver(&with_library, vaccination("Spikevax"))
        .await
        .unwrap();

    // Each sees its own agreement, and nothing of the others.
    for (organisation, own) in [
        (&council, &with_council),
        (&clinic, &with_clinic),
        (&charity, &with_charity),
    ] {
        let all = organisation.agreements().list().await.unwrap();
        assert_eq!(all.iter().map(|one| &one.id).collect::<Vec<_>>(), [own]);
    }
    let council_knows = held(&town.path("council"));
    for word in [
        "1984-03-21",
        "Comirnaty-QX7",
        "07700 900461",
        "Riverside Clinic",
        "Harbour Meals",
    ] {
        assert!(!council_knows.contains(word), "the council doesn't know {word}");
    }

    // Everything else that leaves a trace: requests of rights with their answers, and the end.
    for (organisation, consent) in [
        (&council, &with_council),
        (&clinic, &with_clinic),
        (&charity, &with_charity),
    ] {
        asks_and_leaves(&town, organisation, &alice, consent).await;
    }
    asks_and_leaves(&town, &library, &bob, &with_library).await;

    let common_to_all = held(&town.path("library"));
    let mut shared_by_her = BTreeSet::new();
    for summary in alice.records().list(Filter::default()).await.unwrap() {
        leaves(&alice.records().get(summary.id).await.unwrap().body, &mut shared_by_her);
    }
    let stores = ["council", "clinic", "charity"].map(|name| (name, held(&town.path(name))));
    assert!(
        stores.iter().all(|(_, store)| store.len() > 100),
        "it is everything that is compared"
    );
    for (index, (name, store)) in stores.iter().enumerate() {
        for (other_name, other) in &stores[index + 1..] {
            let common: Vec<&String> = store
                .intersection(other)
                .filter(|word| !common_to_all.contains(*word) && !shared_by_her.contains(*word))
                .collect();
            assert_eq!(common, [] as [&String; 0], "{name} and {other_name} hold the same");
        }
    }
    // That the comparison would find something: with itself it finds the agreement, the key, the time.
    let own: BTreeSet<&String> = stores[0].1.difference(&common_to_all).collect();
    assert!(own.contains(&with_council) && own.iter().any(|word| is_time(word)));
}

/// Asks for a copy, has it, and withdraws.
async fn asks_and_leaves(town: &Town, organisation: &Organisation, person: &kist_pds::Person, consent: &str) {
    let spec = RightsSpec {
        right: DataRight::Access,
        consent: consent.to_owned(),
        everything: true,
        fields: Vec::new(),
        corrections: Vec::new(),
        reason: None,
    };
    let asked = person.rights().ask(spec).await.unwrap();
    town.clock.forward(83);
    organisation.inbox().refresh().await.unwrap();
    town.clock.forward(89);
    organisation
        .rights()
        .answer(&asked.id, RightsFulfilment::default())
        .await
        .unwrap();
    town.clock.forward(97);
    person.inbox().refresh().await.unwrap();
    person.consents().withdraw(consent).await.unwrap();
    town.clock.forward(101);
    organisation.inbox().refresh().await.unwrap();
    town.clock.forward(103);
    person.inbox().refresh().await.unwrap();
    town.clock.forward(107);
}

fn vaccination(vaccine: &str) -> DeliverySpec {
    let claims = json!({ "vaccine": vaccine, "date": "2026-11-20" });
    serde_json::from_value(json!({ "schema": VACCINATION, "claims": claims })).unwrap()
}

/// Every word and number of a store, whatever it stands in: names and values of kept items, what is inside of JSON, of signed
/// and encoded texts. Words shorter than eight symbols and small numbers tell nobody apart.
fn held(dir: &Path) -> BTreeSet<String> {
    let keyring: Value = serde_json::from_slice(&std::fs::read(dir.join("keyring.json")).unwrap()).unwrap();
    let id: [u8; 16] = BASE64_URL_SAFE_NO_PAD
        .decode(keyring["id"].as_str().unwrap())
        .unwrap()
        .try_into()
        .unwrap();
    let slots: Vec<Slot> = serde_json::from_value(keyring["slots"].clone()).unwrap();
    let root = slots
        .iter()
        .find_map(|slot| slot.open_with_passphrase(PASSPHRASE, None, &id));
    // A copy: the organisation has its store open.
    let copy = tempfile::tempdir().unwrap();
    crate::world::copy(&dir.join("vault"), copy.path());
    let vault = Vault::open(copy.path(), &root.unwrap().unwrap()).unwrap();
    let mut words = BTreeSet::new();
    let read = vault
        .take_snapshot()
        .unwrap()
        .kept(|change| -> Result<_, kist_vault::Error> {
            if let Change::Kept {
                collection, key, value, ..
            } = change
            {
                for bytes in [collection.as_bytes(), key.as_bytes(), &value] {
                    parts(bytes, &mut words);
                }
            }
            Ok(ControlFlow::Continue(()))
        });
    read.unwrap();
    words
}

/// What bytes say: the leaves of JSON, else their text; bytes that are neither are a word by themselves.
fn parts(bytes: &[u8], words: &mut BTreeSet<String>) {
    match (serde_json::from_slice::<Value>(bytes), std::str::from_utf8(bytes)) {
        (Ok(value), _) => leaves(&value, words),
        (_, Ok(text)) => word(text, words),
        _ => word(&BASE64_STANDARD.encode(bytes), words),
    }
}

fn leaves(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            word(name, words);
            leaves(value, words);
        }),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, words)),
        Value::String(text) => word(text, words),
        Value::Number(number) if number.as_i64().is_some_and(|number| number.abs() > 1_000_000) => {
            words.insert(number.to_string());
        }
        _ => {}
    }
}

/// A text, its parts where it is made of several, and what it encodes. A certificate (`x5c`) is one word: cut where its Base64
/// has a `+` or a `/`, it would show by chance what the framework wrote in every certificate alike.
fn word(text: &str, words: &mut BTreeSet<String>) {
    if text.len() < 8 {
        return;
    }
    words.insert(text.to_owned());
    if is_certificate(text) {
        return;
    }
    let is_inside = |symbol: char| !(symbol.is_ascii_alphanumeric() || matches!(symbol, '-' | '_'));
    if text.contains(is_inside) {
        text.split(is_inside).for_each(|part| word(part, words));
        return;
    }
    let decoded = BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| BASE64_STANDARD.decode(text));
    if let Some(value) = decoded
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    {
        leaves(&value, words);
    }
}

/// Whether a text is the Base64 of a DER sequence longer than 255 bytes (X.690, 8.1.3), which of all that is kept only
/// certificates are.
fn is_certificate(text: &str) -> bool {
    BASE64_STANDARD
        .decode(text)
        .is_ok_and(|bytes| bytes.starts_with(&[0x30, 0x82]))
}

/// Whether a word is a moment of this journey.
fn is_time(word: &str) -> bool {
    word.parse::<i64>()
        .is_ok_and(|time| (START..START + 2 * DAY).contains(&time))
}
