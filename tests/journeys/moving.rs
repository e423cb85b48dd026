//! J3: Alice moves. She changes her address once; three organisations that may read it have it, one of which was switched
//! off meanwhile, and one that may not hears nothing.

use kist_pds::{Filter, OrgEvent, Organisation, Person};
use serde_json::{Value, json};

use crate::town::{Asks, DAY, Town, platform};
use crate::world::{ADDRESS, NAME, PASSPHRASE};

const READS_THE_ADDRESS: Asks = Asks {
    purpose: "To write to you",
    required: &[(NAME, &["family_name"]), (ADDRESS, &["street_address", "locality"])],
    update: true,
};
const READS_THE_NAME: Asks = Asks {
    purpose: "To greet you",
    required: &[(NAME, &["given_name"])],
    update: true,
};

#[tokio::test(flavor = "multi_thread")]
async fn j3_an_address_changed_once_is_known_to_three_one_of_which_was_switched_off() {
    let town = Town::new().await;
    let council = town
        .organisation("council", "Orkney Council", 11, &READS_THE_ADDRESS)
        .await;
    let bank = town.organisation("bank", "Harbour Bank", 22, &READS_THE_ADDRESS).await;
    let clinic = town
        .organisation("clinic", "Riverside Clinic", 33, &READS_THE_ADDRESS)
        .await;
    let library = town.organisation("library", "Town Library", 44, &READS_THE_NAME).await;
    let alice = town
        .person(
            "alice",
            vec![
                (NAME, json!({ "given_name": "Alice", "family_name": "Canarywood" })),
                (
                    ADDRESS,
                    json!({ "street_address": "12 Wrenfield Lane", "locality": "Edinburgh" }),
                ),
            ],
        )
        .await;
    let mut agreements = Vec::new();
    for organisation in [&council, &bank, &clinic] {
        agreements.push(town.agree(organisation, &alice, &READS_THE_ADDRESS).await);
    }
    town.agree(&library, &alice, &READS_THE_NAME).await;

    // The clinic's machine is off.
    clinic.close().await.unwrap();
    town.clock.forward(3 * DAY);
    moves(&alice).await;

    for (organisation, agreement) in [(&council, &agreements[0]), (&bank, &agreements[1])] {
        assert_eq!(hears(organisation).await, 1);
        assert_eq!(street(organisation, agreement).await, json!("3 Castle Street"));
    }
    assert_eq!(hears(&library).await, 0, "an address is not what it reads");

    town.clock.forward(20 * DAY);
    let clinic = Organisation::open(&town.path("clinic"), platform(&town.clock), PASSPHRASE)
        .await
        .unwrap();
    assert_eq!(
        street(&clinic, &agreements[2]).await,
        json!("12 Wrenfield Lane"),
        "as it was"
    );
    assert_eq!(hears(&clinic).await, 1);
    assert_eq!(street(&clinic, &agreements[2]).await, json!("3 Castle Street"));

    // Alice sees to whom it went, each once.
    let history = alice.history().entries().await.unwrap();
    let told = history
        .iter()
        .filter(|entry| json!(entry.event)["type"] == "UpdateSent");
    let names: Vec<Value> = told
        .map(|entry| json!(entry.event)["organisation"]["name"].clone())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(
        ["Orkney Council", "Harbour Bank", "Riverside Clinic"]
            .iter()
            .all(|name| names.contains(&json!(name)))
    );
    alice.history().verify().await.unwrap();
}

/// One correction of one record.
async fn moves(alice: &Person) {
    let addresses = alice.records().list(Filter::of_schema(ADDRESS)).await.unwrap();
    let body = json!({ "street_address": "3 Castle Street", "locality": "Stromness" });
    alice.records().correct(addresses[0].id, body).await.unwrap();
    alice.inbox().refresh().await.unwrap();
}

/// How many changes an organisation hears of.
async fn hears(organisation: &Organisation) -> usize {
    let events = organisation.inbox().refresh().await.unwrap();
    events
        .iter()
        .filter(|event| matches!(event, OrgEvent::Updated { .. }))
        .count()
}

async fn street(organisation: &Organisation, agreement: &str) -> Value {
    let received = organisation.agreements().get(agreement).await.unwrap().received;
    let street = received
        .into_iter()
        .find(|field| field.field.path.to_string().contains("street_address"));
    street.unwrap().value
}
