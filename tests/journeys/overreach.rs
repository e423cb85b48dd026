//! An organisation that asks for too much: the phone says so before anything is given; what was given is followed to a
//! report; the framework suspends it, lets it back, and in the end expels it.

use std::collections::BTreeMap;

use kist_pds::{
    ConsentState, DataRight, Decision, Due, InboxEvent, OrgEvent, OrgRightsState, Organisation, Person, RefusalGround,
    RightsSpec, RightsStage,
};
use serde_json::json;

use crate::town::{Asks, DAY, Town, request};
use crate::world::{ADDRESS, BIRTH, NAME, PHONE};

const HARBOUR: &str = "Harbour Trust";
const REGISTERED: Asks = Asks {
    purpose: "To lend you a car",
    required: &[(NAME, &["given_name", "family_name"])],
    update: false,
};
const WANTED: Asks = Asks {
    purpose: "To lend you a car",
    required: &[
        (NAME, &["given_name", "family_name"]),
        (BIRTH, &["birthdate"]),
        (PHONE, &["phone_number"]),
    ],
    update: false,
};

#[tokio::test(flavor = "multi_thread")]
async fn j_an_organisation_that_asks_for_too_much_is_reported_suspended_and_expelled() {
    let town = Town::new().await;
    let lender = town.organisation("lender", "Greedy Cars", 55, &REGISTERED).await;
    let clinic = town.organisation("clinic", "Riverside Clinic", 22, &REGISTERED).await;
    let alice = town
        .person(
            "alice",
            vec![
                (NAME, json!({ "given_name": "Alice", "family_name": "Canarywood" })),
                (BIRTH, json!({ "birthdate": "1984-03-21" })),
                (
                    ADDRESS,
                    json!({ "street_address": "12 Wrenfield Lane", "locality": "Edinburgh" }),
                ),
                (PHONE, json!({ "phone_number": "07700 900461" })),
            ],
        )
        .await;
    let fair = town.agree(&lender, &alice, &REGISTERED).await;
    let with_clinic = town.agree(&clinic, &alice, &REGISTERED).await;

    asks_for_too_much(&lender, &alice).await;
    let request = refuses_to_erase(&town, &lender, &alice, &fair).await;
    reports(&town, &alice, &fair, &request).await;
    is_suspended_and_back(&town, &lender, &alice, &fair, &with_clinic).await;
    is_expelled(&town, &lender, &alice, &fair, &with_clinic).await;
}

/// A request for more than is registered names each field that is too much, and nothing of it is given. It can be reported.
async fn asks_for_too_much(lender: &Organisation, alice: &Person) {
    let greedy = lender.requests().create(request(&WANTED)).await.unwrap();
    let open = alice.requests().open(&greedy.uri).await.unwrap();
    let too_much = open
        .evaluation
        .fields
        .iter()
        .filter(|field| !field.over_asking.is_empty());
    assert_eq!(too_much.count(), 2, "birth date and telephone number");
    alice.requests().refuse(&open.id).await.unwrap();
    assert_eq!(
        lender.requests().collect(&greedy.id, 0).await.unwrap(),
        None,
        "it hears nothing"
    );

    let refused = alice.requests().refused().await.unwrap();
    assert_eq!((refused.len(), refused[0].over_asking), (1, true));
    assert_eq!(refused[0].authority.uri, "https://ico.example");
    let report = alice.rights().report_request(&open.id, None).await.unwrap();
    let document = alice.rights().report_document(&report.id).await.unwrap();
    let asked = document["request"]["fields"].as_array().unwrap();
    let beyond = asked.iter().filter(|field| field["over_asking"] != json!([]));
    assert_eq!(beyond.count(), 2, "birth date and telephone number");
    assert!(document["request"]["signature"]["digest"].is_string());
    assert!(!document.to_string().contains("Canarywood"), "nothing of hers");
}

/// Alice leaves, and asks for erasure. The lender acknowledges nothing for weeks, then refuses on a thin ground.
async fn refuses_to_erase(town: &Town, lender: &Organisation, alice: &Person, fair: &str) -> String {
    alice.consents().withdraw(fair).await.unwrap();
    let spec = RightsSpec {
        right: DataRight::Erasure,
        consent: fair.to_owned(),
        everything: false,
        fields: Vec::new(),
        corrections: Vec::new(),
        reason: Some("I have left".into()),
    };
    let asked = alice.rights().ask(spec).await.unwrap();
    town.clock.forward(36 * DAY);
    let due = alice.reminders().list(0).await.unwrap();
    let silent = due.iter().any(|due| matches!(due, Due::SilentWithdrawal { .. }));
    let overdue = due.iter().any(|due| matches!(due, Due::OverdueRights { .. }));
    assert!(silent && overdue, "{due:?}");
    alice.consents().remind(fair).await.unwrap();
    alice.rights().remind(&asked.id).await.unwrap();
    let events = lender.inbox().refresh().await.unwrap();
    let withdrawn = events
        .iter()
        .filter(|event| matches!(event, OrgEvent::Withdrawn { .. }));
    let requested = events
        .iter()
        .filter(|event| matches!(event, OrgEvent::RightsRequested { .. }));
    assert_eq!(
        (withdrawn.count(), requested.count()),
        (1, 1),
        "reminders make nothing twice: {events:?}"
    );
    let queue = lender.rights().list().await.unwrap();
    assert_eq!(
        queue[0].state,
        OrgRightsState::Open,
        "its own month counts from when it looked, a week at the most before"
    );
    let words = BTreeMap::from([("en".to_owned(), "You may come back".to_owned())]);
    lender
        .rights()
        .refuse(&asked.id, RefusalGround::ConditionsNotMet, words)
        .await
        .unwrap();
    alice.inbox().refresh().await.unwrap();
    let detail = alice.rights().get(&asked.id).await.unwrap();
    assert_eq!(detail.summary.stage, RightsStage::Answered);
    assert_eq!(detail.answer.unwrap().ground, Some(RefusalGround::ConditionsNotMet));
    assert_eq!(detail.authority.unwrap().name, "Information Commissioner's Office");
    asked.id
}

/// The report has it all: when she left, how long nothing came, the refusal. She sends it herself.
async fn reports(town: &Town, alice: &Person, fair: &str, request: &str) {
    let report = alice.rights().report(fair, None).await.unwrap();
    let document = alice.rights().report_document(&report.id).await.unwrap();
    assert_eq!(document["authority"]["uri"], "https://ico.example");
    assert_eq!(document["rights"][0]["id"], json!(request));
    assert!(document["rights"][0]["answer"].is_string() && document["withdrawal"]["acknowledgement"].is_string());
    town.clock.forward(DAY);
    let sent = alice
        .rights()
        .report_sent(&report.id, Some("by post".into()))
        .await
        .unwrap();
    assert!(sent.sent_at > Some(sent.made_at));
}

/// A22: from the next list on its consents stand still and its requests are refused; reinstated, they go on.
async fn is_suspended_and_back(town: &Town, lender: &Organisation, alice: &Person, fair: &str, with_clinic: &str) {
    let again = lender.requests().create(request(&REGISTERED)).await.unwrap();
    let open = alice.requests().open(&again.uri).await.unwrap();
    let consent = alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap()
        .unwrap();
    lender.requests().collect(&again.id, 0).await.unwrap();
    alice.inbox().refresh().await.unwrap();
    assert_eq!(state(alice, &consent.id).await, ConsentState::InForce);

    town.framework.suspend("GB-COH-00000055").await.unwrap();
    new_list(town, alice).await;
    assert_eq!(state(alice, &consent.id).await, ConsentState::Paused);
    assert_eq!(state(alice, with_clinic).await, ConsentState::InForce, "nobody else's");
    assert_eq!(
        state(alice, fair).await,
        ConsentState::WithdrawalAcknowledged,
        "what ended has ended"
    );
    let asks = lender.requests().create(request(&REGISTERED)).await.unwrap();
    assert_eq!(
        alice.requests().open(&asks.uri).await.unwrap_err().code(),
        "OrganisationNotTrusted"
    );

    town.framework.reinstate("GB-COH-00000055").await.unwrap();
    new_list(town, alice).await;
    assert_eq!(state(alice, &consent.id).await, ConsentState::InForce);
}

/// Expelled: nothing of it comes in, and still Alice can leave, and it can still say that it heard.
async fn is_expelled(town: &Town, lender: &Organisation, alice: &Person, fair: &str, with_clinic: &str) {
    town.framework.expel("GB-COH-00000055").await.unwrap();
    new_list(town, alice).await;
    let all = alice.consents().list().await.unwrap();
    let standing = all
        .into_iter()
        .find(|consent| consent.id != fair && consent.id != with_clinic)
        .unwrap();
    assert_eq!(standing.state, ConsentState::Paused);
    alice.consents().withdraw(&standing.id).await.unwrap();
    let events = lender.inbox().refresh().await.unwrap();
    assert!(
        events.iter().any(|event| matches!(event, OrgEvent::Withdrawn { .. })),
        "{events:?}"
    );
    let events = alice.inbox().refresh().await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, InboxEvent::Acknowledged { .. })),
        "{events:?}"
    );
    assert_eq!(state(alice, &standing.id).await, ConsentState::WithdrawalAcknowledged);
    assert_eq!(state(alice, with_clinic).await, ConsentState::InForce);
    alice.history().verify().await.unwrap();
}

async fn state(alice: &Person, consent: &str) -> ConsentState {
    alice.consents().get(consent).await.unwrap().summary.state
}

/// The operator publishes, and Alice's phone takes the list in.
async fn new_list(town: &Town, alice: &Person) {
    town.clock.forward(60);
    let bundle = town.framework.publish(90).await.unwrap();
    alice.trust().update_list(HARBOUR, &bundle.list).await.unwrap();
    alice.inbox().refresh().await.unwrap();
}
