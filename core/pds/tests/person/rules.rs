//! The person's own rules, followed where a request is looked at and where it is answered.

use kist_pds::*;
use serde_json::{Value, json};

use crate::world::*;

/// The clinic asks; Alice looks.
async fn asked(world: &World, spec: RequestSpec) -> (HostedRequest, OpenRequest) {
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    let open = world.alice.requests().open(&hosted.uri).await.unwrap();
    (hosted, open)
}

fn never(schema: &str) -> PersonRule {
    PersonRule::Never {
        organisation: None,
        what: Pattern {
            credential_type: Some(schema.into()),
            path: None,
        },
    }
}

async fn events(world: &World) -> Vec<Value> {
    let entries = world.alice.history().entries().await.unwrap();
    entries.iter().map(|item| json!(item.event)).collect()
}

#[tokio::test]
async fn k3_a_remembered_answer_goes_when_the_app_says_so_and_stands_in_the_history() {
    let world = World::new().await;
    let requests = world.alice.requests();
    let (_, first) = asked(&world, request()).await;
    let decision = Decision {
        language: Some("en".into()),
        remember_until: Some(NOW + 86_400),
        ..Decision::required(&first)
    };
    requests.answer(&first.id, decision).await.unwrap();
    assert_eq!(world.alice.rules().list().await.unwrap().rules.len(), 1);

    let (hosted, second) = asked(&world, request()).await;
    assert_eq!(second.evaluation.verdict.code(), "Remembered");
    assert!(
        world.clinic.requests().collect(&hosted.id, 0).await.unwrap().is_none(),
        "nothing goes by itself"
    );
    requests.answer_remembered(&second.id).await.unwrap().unwrap();
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert_eq!(answer.fields.len(), 2, "name and birth date, as before");
    let decided: Vec<Value> = events(&world).await;
    let decided = decided.iter().filter(|event| event["type"] == "DecidedByRule");
    assert_eq!(
        decided.map(|event| event["request"].clone()).collect::<Vec<_>>(),
        [json!(second.id)]
    );

    let mut more = request();
    more.fields[2].required = true;
    let (_, third) = asked(&world, more).await;
    assert_eq!(third.evaluation.verdict, Verdict::Ask);
    assert_eq!(code(requests.answer_remembered(&third.id).await), "NothingRemembered");
    world.clock.forward(86_400 - 300);
    let (_, fourth) = asked(&world, request()).await;
    assert_eq!(
        requests.get(&fourth.id).await.unwrap().evaluation.verdict.code(),
        "Remembered"
    );
    world.clock.forward(300);
    assert_eq!(requests.get(&fourth.id).await.unwrap().evaluation.verdict.code(), "Ask");
}

#[tokio::test]
async fn k3_what_a_rule_keeps_back_does_not_leave_whatever_the_app_decides() {
    let world = World::new().await;
    let (_, free) = asked(&world, request()).await;
    let kept = world.alice.rules().add(never(BIRTH)).await.unwrap();
    let open = world.alice.requests().get(&free.id).await.unwrap();
    assert_eq!(open.evaluation.verdict.code(), "Refuse");
    assert_eq!(Decision::required(&open).fields.len(), 1);
    let before = events(&world).await.len();
    let refused = world.alice.requests().answer(&free.id, Decision::required(&free)).await;
    assert_eq!(code(refused), "KeptBack");
    assert_eq!(events(&world).await.len(), before);
    assert_eq!(world.alice.consents().list().await.unwrap(), []);

    world.alice.rules().remove(&kept.id).await.unwrap();
    assert_eq!(code(world.alice.rules().remove(&kept.id).await), "NotFound");
    world
        .alice
        .requests()
        .answer(&free.id, Decision::required(&free))
        .await
        .unwrap();
}

#[tokio::test]
async fn k3_requests_wait_in_quiet_hours() {
    let world = World::new().await;
    let minute = u16::try_from(NOW.rem_euclid(86_400) / 60).unwrap();
    let hours = QuietHours {
        from: minute,
        until: minute + 5,
    };
    world.alice.rules().add(PersonRule::QuietHours(hours)).await.unwrap();
    let (_, open) = asked(&world, request()).await;
    assert_eq!(open.evaluation.verdict, Verdict::AskLater { until: NOW + 300 });
    world.clock.forward(300);
    let pending = world.alice.requests().pending().await.unwrap();
    assert_eq!(pending[0].evaluation.verdict, Verdict::Ask);
}

#[tokio::test]
async fn k3_a_profile_gives_what_it_names_of_what_is_asked() {
    let world = World::new().await;
    let telephone = Pattern {
        credential_type: Some(PHONE.into()),
        path: None,
    };
    let profile = PersonRule::Profile {
        name: "clinics".into(),
        fields: vec![telephone],
    };
    world.alice.rules().add(profile.clone()).await.unwrap();
    assert_eq!(code(world.alice.rules().add(profile).await), "Malformed");
    let (hosted, open) = asked(&world, request()).await;
    let requests = world.alice.requests();
    assert_eq!(code(requests.by_profile(&open, "holidays").await), "NotFound");
    let decision = requests.by_profile(&open, "clinics").await.unwrap();
    requests.answer(&open.id, decision).await.unwrap();
    let answer = world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    assert_eq!(answer.fields.len(), 3);
}

#[tokio::test]
async fn k3_an_answer_beyond_the_registration_or_without_agreement_is_not_remembered() {
    let world = World::new().await;
    let mut wide = request();
    wide.fields.push(field("surname", NAME, "family_name", false));
    for spec in [
        wide,
        RequestSpec {
            plain: true,
            ..request()
        },
    ] {
        let (_, open) = asked(&world, spec).await;
        let decision = Decision {
            remember_until: Some(NOW + 86_400),
            ..Decision::required(&open)
        };
        assert_eq!(
            code(world.alice.requests().answer(&open.id, decision).await),
            "NotRememberable"
        );
        assert_eq!(
            world.alice.requests().pending().await.unwrap().len(),
            1,
            "it waits as before"
        );
        world.alice.requests().refuse(&open.id).await.unwrap();
    }
    assert_eq!(world.alice.rules().list().await.unwrap(), RuleList::default());
}

#[tokio::test]
async fn a19_what_was_not_asked_last_time_is_flagged_and_off() {
    let world = World::new().await;
    let mut less = request();
    less.fields.truncate(1);
    let (_, first) = asked(&world, less).await;
    world
        .alice
        .requests()
        .answer(&first.id, Decision::required(&first))
        .await
        .unwrap();
    let (_, second) = asked(&world, request()).await;
    let more = |open: &OpenRequest| -> Vec<String> {
        let fields = open
            .evaluation
            .fields
            .iter()
            .filter(|field| !field.over_asking.is_empty());
        fields.map(|field| field.credential.clone()).collect()
    };
    assert_eq!(more(&second), ["birth", "phone"]);
    assert_eq!(Decision::required(&second).fields.len(), 1);
    let records = RequestSpec {
        use_id: "records".into(),
        ..request()
    };
    let (_, other) = asked(&world, records).await;
    assert_eq!(more(&other), [""; 0], "another purpose has no last time");
}

#[tokio::test]
async fn k3_what_a_schema_marks_is_said() {
    let world = World::new().await;
    let (_, open) = asked(&world, request()).await;
    let phone = &open.evaluation.fields[2];
    assert!(phone.linking.is_some() && !phone.sensitive);
    let condition = "urn:kist:schema:condition:1";
    let spec = RequestSpec {
        fields: vec![field("condition", condition, "name", true)],
        plain: true,
        ..request()
    };
    let (_, open) = asked(&world, spec).await;
    assert!(open.evaluation.fields[0].sensitive);
}

#[tokio::test]
async fn k10_while_everything_is_paused_a_request_says_so_and_no_answer_leaves() {
    let world = World::new().await;
    let (_, open) = asked(&world, request()).await;
    world.alice.consents().pause_everything().await.unwrap();
    let paused = world.alice.requests().get(&open.id).await.unwrap();
    assert_eq!(paused.evaluation.verdict, Verdict::Paused);
    let answered = world.alice.requests().answer(&open.id, Decision::required(&open)).await;
    assert_eq!(code(answered), "ConsentPaused");
    world.alice.consents().resume_everything().await.unwrap();
    let resumed = world.alice.requests().get(&open.id).await.unwrap();
    assert_eq!(resumed.evaluation.verdict, Verdict::Ask);
}
