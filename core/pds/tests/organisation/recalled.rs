//! What was sealed before the person decided otherwise doesn't leave after it, and what changed is told when it may be.

use kist_pds::*;
use serde_json::{Value, json};

use crate::world::*;

const DAY: i64 = 24 * 60 * 60;

/// Alice agrees, both sides have heard of each other, and an update lies in Alice's outbox while the relay is off.
async fn with_an_update_in_the_outbox() -> (World, String) {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.relay.stop().await;
    rename(&world, "Alys").await;
    (world, agreement)
}

async fn rename(world: &World, given: &str) {
    let names = world.alice.records().list(Filter::of_schema(NAME)).await.unwrap();
    let body = json!({"given_name": given, "family_name": "Archer"});
    world.alice.records().correct(names[0].id, body).await.unwrap();
}

/// Both sides refresh; what the clinic is told.
async fn refreshed(world: &World) -> Vec<OrgEvent> {
    world.alice.inbox().refresh().await.unwrap();
    world.clinic.inbox().refresh().await.unwrap()
}

async fn name_at_clinic(world: &World, agreement: &str) -> Value {
    let agreement = world.clinic.agreements().get(agreement).await.unwrap();
    let is_name = |field: &&ReceivedField| field.field.path.to_string() == "[\"given_name\"]";
    let name = agreement.received.iter().find(is_name);
    name.map_or(Value::Null, |field| field.value.clone())
}

fn is_update(event: &OrgEvent) -> bool {
    matches!(event, OrgEvent::Updated { .. })
}

#[tokio::test]
async fn k4_a20_what_had_not_left_when_a_consent_was_withdrawn_never_leaves() {
    let (mut world, agreement) = with_an_update_in_the_outbox().await;
    world.alice.consents().withdraw(&agreement).await.unwrap();
    world.relay.start_again().await;
    let events = refreshed(&world).await;
    assert!(
        matches!(events[0], OrgEvent::Withdrawn { .. }) && !events.iter().any(is_update),
        "{events:?}"
    );
}

#[tokio::test]
async fn k1_what_had_not_left_when_a_consent_was_paused_is_told_when_it_goes_on() {
    let (mut world, agreement) = with_an_update_in_the_outbox().await;
    world.alice.consents().pause(&agreement).await.unwrap();
    world.relay.start_again().await;
    assert_eq!(refreshed(&world).await, []);
    // It is as it was when the clinic heard of it last, and is told all the same: nobody knows what the clinic knows.
    rename(&world, "Alice").await;
    world.alice.consents().resume(&agreement).await.unwrap();
    assert!(refreshed(&world).await.iter().any(is_update));
    rename(&world, "Alissa").await;
    assert!(refreshed(&world).await.iter().any(is_update));
    assert_eq!(name_at_clinic(&world, &agreement).await, "Alissa");
}

#[tokio::test]
async fn a20_what_had_not_left_when_its_consent_was_over_never_leaves() {
    let (mut world, agreement) = with_an_update_in_the_outbox().await;
    let narrowing = Narrowing {
        fields: Vec::new(),
        ends_at: Some(NOW + DAY),
    };
    world.alice.consents().narrow(&agreement, narrowing).await.unwrap();
    world.clock.forward(2 * DAY);
    world.relay.start_again().await;
    assert!(
        !refreshed(&world).await.iter().any(is_update),
        "it was over before it left"
    );
}

#[tokio::test]
async fn k10_an_answer_that_had_not_left_when_everything_was_paused_waits() {
    let mut world = World::new().await;
    world.agree().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let open = world.alice.requests().open(&hosted.uri).await.unwrap();
    world.relay.stop().await;
    let decision = Decision::required(&open);
    world.alice.requests().answer(&open.id, decision).await.unwrap();
    world.alice.consents().pause_everything().await.unwrap();
    world.relay.start_again().await;
    world.alice.inbox().refresh().await.unwrap();
    world.alice.requests().resume().await.unwrap();
    assert_eq!(world.clinic.requests().collect(&hosted.id, 0).await.unwrap(), None);
    world.alice.consents().resume_everything().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    assert!(world.clinic.requests().collect(&hosted.id, 0).await.unwrap().is_some());
}

#[tokio::test]
async fn d9_a_file_that_had_not_left_when_its_consent_was_paused_stays() {
    let mut world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let files = world.alice.files();
    let record = files
        .attach_bytes(b"about me".to_vec(), FileMeta::named("letter.txt"))
        .await;
    let file = record.unwrap().files[0].id;
    world.relay.stop().await;
    files.send(&agreement, file).await.unwrap();
    world.alice.consents().pause(&agreement).await.unwrap();
    world.relay.start_again().await;
    assert_eq!(refreshed(&world).await, []);
    world.alice.consents().resume(&agreement).await.unwrap();
    refreshed(&world).await;
    assert_eq!(world.clinic.files().transfers().await.unwrap(), []);
    let transfer = files.transfers().await.unwrap().pop().unwrap();
    let refused = matches!(&transfer.state, TransferState::Refused { code, .. } if code == "ConsentPaused");
    assert!(refused, "the person sees that it didn't go: {transfer:?}");
}

#[tokio::test]
async fn a22_a_framework_that_is_not_heard_of_any_more_vouches_for_nobody() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    // 30 days until the list's successor is due, and seven of grace.
    world.clock.forward(36 * DAY);
    rename(&world, "Alys").await;
    assert!(refreshed(&world).await.iter().any(is_update));
    world.clock.forward(2 * DAY);
    world.clinic.reads().ask(&agreement, Vec::new()).await.unwrap();
    rename(&world, "Alissa").await;
    assert_eq!(refreshed(&world).await, []);
    let reads = world.alice.consents().reads(Some(&agreement)).await.unwrap();
    assert_eq!(reads[0].state, ReadState::Pending);

    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
    refreshed(&world).await;
    assert_eq!(name_at_clinic(&world, &agreement).await, "Alissa");
}

#[tokio::test]
async fn k3_what_a_rule_keeps_back_is_not_told_by_standing_access_either() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let rule = PersonRule::Never {
        organisation: None,
        what: Pattern {
            credential_type: Some(NAME.into()),
            path: None,
        },
    };
    let kept = world.alice.rules().add(rule).await.unwrap();
    rename(&world, "Alys").await;
    world.clinic.reads().ask(&agreement, Vec::new()).await.unwrap();
    refreshed(&world).await;
    assert_eq!(name_at_clinic(&world, &agreement).await, "Alice");
    let reads = world.clinic.reads().list(Some(&agreement)).await.unwrap();
    assert!(
        matches!(reads[0].state, OrgReadState::Answered { .. }),
        "with the birth date"
    );
    world.alice.rules().remove(&kept.id).await.unwrap();
    refreshed(&world).await;
    assert_eq!(name_at_clinic(&world, &agreement).await, "Alys");
}

#[tokio::test]
async fn k1_a_rule_answers_nothing_in_a_paused_connection_and_a_renewal_stays_paused() {
    let world = World::new().await;
    let first = world.clinic.requests().create(request()).await.unwrap();
    let open = world.alice.requests().open(&first.uri).await.unwrap();
    let decision = Decision {
        language: Some("en".into()),
        remember_until: Some(NOW + DAY),
        ..Decision::required(&open)
    };
    let requests = world.alice.requests();
    let agreement = requests.answer(&open.id, decision).await.unwrap().unwrap().id;
    world.clinic.requests().collect(&first.id, 0).await.unwrap().unwrap();

    let again = world.clinic.requests().create(request()).await.unwrap();
    let open = requests.open(&again.uri).await.unwrap();
    assert_eq!(open.evaluation.verdict.code(), "Remembered");
    let connection = world.alice.connections().list().await.unwrap().remove(0).id;
    world.alice.connections().pause(&connection).await.unwrap();
    let paused = requests.get(&open.id).await.unwrap();
    assert_eq!(paused.evaluation.verdict, Verdict::Ask);
    assert_eq!(code(requests.answer_remembered(&open.id).await), "NothingRemembered");
    world.alice.connections().resume(&connection).await.unwrap();
    assert_eq!(
        requests.get(&open.id).await.unwrap().evaluation.verdict.code(),
        "Remembered"
    );

    world.alice.consents().pause(&agreement).await.unwrap();
    world.clock.forward(60);
    let renewal = RequestSpec {
        replaces: Some(agreement.clone()),
        ..request()
    };
    let renewal = world.clinic.requests().create(renewal).await.unwrap();
    let renewed = world.answer(&renewal).await;
    // She gave it herself: it goes, and stands still from then on.
    assert!(world.clinic.requests().collect(&renewal.id, 0).await.unwrap().is_some());
    let renewed = world.alice.consents().get(&renewed).await.unwrap().summary;
    assert_eq!(renewed.state, ConsentState::Paused);
}

#[tokio::test]
async fn a21_what_one_organisation_delivered_reaches_another_as_her_own_word() {
    let world = World::new().await;
    let with_clinic = world.agree().await;
    let dir = world.folder.path().join("council");
    let council = Organisation::create(&dir, platform(&world.clock), PASSPHRASE, profile("Orkney Council"));
    let council = council.await.unwrap();
    let mut application = application();
    application.intended_uses[0].credentials.push(CredentialUse {
        vct: VACCINATION.into(),
        claims: vec![vec!["vaccine".into()]],
    });
    let application = council.apply(application).await.unwrap();
    council
        .install(world.framework.admit(&application).await.unwrap())
        .await
        .unwrap();
    council.set_relay(&world.relay.url).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
    let own = world.alice.records();
    own.add_self_asserted(VACCINATION, json!({"vaccine": "Tetanus", "date": "2026-11-23"}))
        .await
        .unwrap();
    let asks = RequestSpec {
        fields: vec![field("vaccination", VACCINATION, "vaccine", true)],
        ..request()
    };
    let hosted = council.requests().create(asks).await.unwrap();
    world.answer(&hosted).await;
    let answer = council.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    world.alice.inbox().refresh().await.unwrap();

    // The clinic says it otherwise; Alice settles on what the clinic says.
    world.deliver(&with_clinic).await;
    world.alice.inbox().refresh().await.unwrap();
    let both = own.list(Filter::of_schema(VACCINATION)).await.unwrap();
    let side = |record: &RecordSummary| SideId {
        record: record.id,
        time: record.time,
    };
    let delivered = |record: &&RecordSummary| matches!(record.provenance.source, Source::Delivered { .. });
    let clinics = side(both.iter().find(delivered).unwrap());
    let sides = both.iter().map(side).collect();
    own.settle(sides, Settlement::Take(clinics)).await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    council.inbox().refresh().await.unwrap();
    let agreement = council.agreements().get(&answer.agreement.unwrap()).await.unwrap();
    assert_eq!(agreement.received[0].value, "Tetanus toxoid");
    assert_eq!(agreement.received[0].issuer, FieldIssuer::SelfAsserted);
}
