//! Consents that are narrowed, renewed, found and changed several at once.

use kist_pds::*;

use crate::world::*;

const PHONE_FIELD: &str = r#"phone:["phone_number"]"#;

/// Alice gives everything that the clinic asks for, the telephone number too.
async fn agree_to_all(world: &World, spec: RequestSpec) -> String {
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    let asked = world.alice.requests().open(&hosted.uri).await.unwrap();
    let fields = asked.evaluation.fields.iter().filter_map(|field| field.field());
    let optional: Vec<FieldRef> = fields.filter(|field| field.credential == "phone").collect();
    let decision = optional.iter().fold(Decision::required(&asked), |decision, field| {
        decision.and(&asked, field)
    });
    let consent = world
        .alice
        .requests()
        .answer(&asked.id, decision)
        .await
        .unwrap()
        .unwrap();
    world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    world.alice.inbox().refresh().await.unwrap();
    consent.id
}

fn without_phone() -> Narrowing {
    Narrowing {
        fields: vec![PHONE_FIELD.into()],
        ends_at: None,
    }
}

async fn hers(world: &World, consent: &str) -> ConsentDetail {
    world.alice.consents().get(consent).await.unwrap()
}

fn kinds(items: &[HistoryItem]) -> Vec<String> {
    let kind = |item: &HistoryItem| {
        serde_json::to_value(&item.event).unwrap()["type"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    items.iter().map(kind).collect()
}

#[tokio::test]
async fn k1_a_narrowed_consent_gives_less_on_both_sides_and_is_acknowledged() {
    let world = World::new().await;
    let agreement = agree_to_all(&world, request()).await;
    assert_eq!(
        world.clinic.agreements().get(&agreement).await.unwrap().received.len(),
        3
    );
    world.clock.forward(60);
    let narrowed = world
        .alice
        .consents()
        .narrow(&agreement, without_phone())
        .await
        .unwrap();
    assert_eq!(narrowed.fields.len(), 2);
    assert_eq!(narrowed.state, ConsentState::InForce);
    assert_eq!(hers(&world, &agreement).await.narrowings[0].acknowledged_at, None);

    let events = world.clinic.inbox().refresh().await.unwrap();
    let told = OrgEvent::Amended {
        agreement: agreement.clone(),
        fields: vec![PHONE_FIELD.into()],
        ends_at: None,
        at: NOW + 60,
    };
    assert_eq!(events, [told]);
    let theirs = world.clinic.agreements().get(&agreement).await.unwrap();
    assert_eq!((theirs.summary.fields.len(), theirs.received.len()), (2, 2));
    assert!(
        !serde_json::to_string(&theirs).unwrap().contains("7700 900123"),
        "the clinic let go of it"
    );

    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::NarrowingAcknowledged { .. }]),
        "{events:?}"
    );
    let detail = hers(&world, &agreement).await;
    assert_eq!(detail.narrowings[0].fields, [PHONE_FIELD]);
    assert_eq!(detail.narrowings[0].acknowledged_at, Some(NOW + 60));
    let history = kinds(&world.alice.history().entries().await.unwrap());
    assert!(
        history.ends_with(&["Amended".to_owned(), "AmendmentAcknowledged".to_owned()]),
        "{history:?}"
    );
    // Deliveries go on.
    world.deliver(&agreement).await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a20_nothing_is_delivered_after_the_earlier_end_that_the_person_set() {
    let world = World::new().await;
    let agreement = agree_to_all(&world, request()).await;
    let sooner = Narrowing {
        fields: Vec::new(),
        ends_at: Some(NOW + 3600),
    };
    let narrowed = world.alice.consents().narrow(&agreement, sooner).await.unwrap();
    assert_eq!((narrowed.expires_at, narrowed.expires_soon), (Some(NOW + 3600), true));
    world.clinic.inbox().refresh().await.unwrap();
    world.deliver(&agreement).await;
    world.clock.forward(3600);
    let refused = world.clinic.deliveries().deliver(&agreement, vaccination()).await;
    assert_eq!(code(refused), "ConsentExpired");
    assert_eq!(hers(&world, &agreement).await.summary.state, ConsentState::Expired);
    // What came too late to be taken in before the end waits apart.
    world.alice.inbox().refresh().await.unwrap();
    assert!(world.alice.inbox().list().await.unwrap()[0].outside_agreement);
}

#[tokio::test]
async fn k1_what_is_required_or_not_given_is_not_taken_out() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let narrow = async |field: &str| {
        let narrowing = Narrowing {
            fields: vec![field.into()],
            ends_at: None,
        };
        code(world.alice.consents().narrow(&agreement, narrowing).await)
    };
    assert_eq!(narrow(r#"name:["given_name"]"#).await, "RequiredFieldMissing");
    assert_eq!(narrow(PHONE_FIELD).await, "FieldNotOffered");
    assert_eq!(
        code(world.alice.consents().narrow(&agreement, Narrowing::default()).await),
        "Malformed"
    );
    world.alice.consents().withdraw(&agreement).await.unwrap();
    assert_eq!(narrow(r#"name:["given_name"]"#).await, "ConsentWithdrawn");
    assert_eq!(world.alice.consents().get(&agreement).await.unwrap().narrowings, []);
}

#[tokio::test]
async fn k1_narrowing_before_the_clinic_has_collected_the_answer_waits_for_it() {
    let world = World::new().await;
    world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let asked = world.alice.requests().open(&hosted.uri).await.unwrap();
    let phone = asked.evaluation.fields.iter().filter_map(|field| field.field());
    let phone = phone.into_iter().find(|field| field.credential == "phone").unwrap();
    let decision = Decision::required(&asked).and(&asked, &phone);
    let consent = world
        .alice
        .requests()
        .answer(&asked.id, decision)
        .await
        .unwrap()
        .unwrap()
        .id;
    world.alice.consents().narrow(&consent, without_phone()).await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    let theirs = world.clinic.agreements().get(&consent).await.unwrap();
    assert_eq!(theirs.received.len(), 2);
    world.alice.inbox().refresh().await.unwrap();
    assert_eq!(hers(&world, &consent).await.narrowings[0].acknowledged_at, Some(NOW));
}

#[tokio::test]
async fn k1_taking_in_an_amendment_may_be_stopped_at_any_moment() {
    let world = World::new().await;
    for polls in 1.. {
        let agreement = agree_to_all(&world, request()).await;
        world
            .alice
            .consents()
            .narrow(&agreement, without_phone())
            .await
            .unwrap();
        let stopped = cut_after(polls, world.clinic.inbox().refresh()).await;
        world.clinic.inbox().refresh().await.unwrap();
        let theirs = world.clinic.agreements().get(&agreement).await.unwrap();
        let sent = theirs.messages.iter().filter(|message| message.kind == "amended");
        assert_eq!((theirs.received.len(), sent.count()), (2, 1), "after {polls} polls");
        world.alice.inbox().refresh().await.unwrap();
        assert!(hers(&world, &agreement).await.narrowings[0].acknowledged_at.is_some());
        if stopped.is_some() {
            assert!(polls > 3, "it has moments to be stopped at");
            break;
        }
    }
}

#[tokio::test]
async fn k1_a_renewal_is_marked_and_ends_the_consent_whose_place_it_takes() {
    let world = World::new().await;
    let short = RequestSpec {
        validity: Validity::Until { at: NOW + 20 * 86_400 },
        ..request()
    };
    let old = agree_to_all(&world, short).await;
    assert!(hers(&world, &old).await.summary.expires_soon);
    let renewal = RequestSpec {
        replaces: Some(old.clone()),
        ..request()
    };
    let hosted = world.clinic.requests().create(renewal).await.unwrap();
    let asked = world.alice.requests().open(&hosted.uri).await.unwrap();
    assert_eq!(
        hers(&world, &old).await.summary.renewal.as_deref(),
        Some(asked.id.as_str())
    );
    let new = world.answer(&hosted).await;
    let replaced = hers(&world, &old).await.summary;
    assert_eq!(
        (replaced.state, replaced.replaced_by),
        (ConsentState::Replaced, Some(new.clone()))
    );
    assert_eq!(hers(&world, &new).await.summary.replaces, Some(old.clone()));

    world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let events = world.clinic.inbox().refresh().await.unwrap();
    let told = OrgEvent::Replaced {
        agreement: old.clone(),
        by: new.clone(),
    };
    assert_eq!(events, [told]);
    let theirs = world.clinic.agreements().get(&old).await.unwrap();
    assert_eq!(
        (theirs.summary.state, theirs.received.len()),
        (OrgAgreementState::Replaced, 0)
    );
    assert_eq!(
        code(world.clinic.deliveries().deliver(&old, vaccination()).await),
        "ConsentExpired"
    );
    world.deliver(&new).await;
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.last(), Some(InboxEvent::Delivered { consent, .. }) if *consent == new),
        "{events:?}"
    );
}

#[tokio::test]
async fn k1_nothing_of_a_consent_is_kept_when_another_takes_its_place() {
    let world = World::new().await;
    let old = agree_to_all(&world, request()).await;
    let letter = FileMeta::named("letter.txt");
    let letter = world
        .alice
        .files()
        .attach_bytes(b"words".to_vec(), letter)
        .await
        .unwrap();
    world.alice.files().send(&old, letter.files[0].id).await.unwrap();
    let records = world.alice.records();
    let phone = records.list(Filter::of_schema(PHONE)).await.unwrap().remove(0);
    records.delete(phone.id).await.unwrap();
    let mut came = false;
    for _ in 0..10 {
        world.alice.inbox().refresh().await.unwrap();
        let events = world.clinic.inbox().refresh().await.unwrap();
        came |= events
            .iter()
            .any(|event| matches!(event, OrgEvent::FileReceived { .. }));
    }
    let theirs = world.clinic.agreements().get(&old).await.unwrap();
    assert_eq!((came, theirs.gone.len()), (true, 1));

    let renewal = RequestSpec {
        replaces: Some(old.clone()),
        ..request()
    };
    let hosted = world.clinic.requests().create(renewal).await.unwrap();
    world.answer(&hosted).await;
    world.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    let theirs = world.clinic.agreements().get(&old).await.unwrap();
    assert_eq!(theirs.summary.state, OrgAgreementState::Replaced);
    assert_eq!((theirs.received, theirs.gone), (Vec::new(), Vec::new()));
    let transfer = world.clinic.files().transfers().await.unwrap().remove(0);
    let saved = world.folder.path().join("saved");
    assert_eq!(code(world.clinic.files().save(&transfer.id, &saved).await), "NotFound");
}

#[tokio::test]
async fn k1_who_has_my_telephone_number_is_answered_and_taken_back_in_one_act() {
    let world = World::new().await;
    let (all, few) = (
        agree_to_all(&world, request()).await,
        agree_to_all(&world, request()).await,
    );
    world.alice.consents().narrow(&few, without_phone()).await.unwrap();
    let find = async |filter: ConsentFilter| {
        let found = world.alice.consents().find(filter).await.unwrap();
        found.into_iter().map(|consent| consent.id).collect::<Vec<_>>()
    };
    let by_claim = ConsentFilter {
        claim: Some(vec!["phone_number".into()]),
        ..ConsentFilter::default()
    };
    assert_eq!(find(by_claim.clone()).await, [all.as_str()]);
    let by_type = ConsentFilter {
        credential_type: Some(PHONE.into()),
        ..ConsentFilter::default()
    };
    assert_eq!(find(by_type).await, [all.as_str()]);
    let by_name = ConsentFilter {
        organisation: Some("riverside".into()),
        states: vec![ConsentState::InForce],
        ..ConsentFilter::default()
    };
    let ids = find(by_name).await;
    assert_eq!(ids.len(), 2);
    let given = hers(&world, &all).await.summary.given;
    let area = given.into_iter().find(|given| given.field == PHONE_FIELD).unwrap().area;
    let by_area = ConsentFilter {
        area,
        ..ConsentFilter::default()
    };
    assert!(find(by_area).await.contains(&all));
    let elsewhere = ConsentFilter {
        area: Some("finance".into()),
        ..ConsentFilter::default()
    };
    assert_eq!(find(elsewhere).await, [] as [String; 0]);

    let wanted = [all.clone(), "nothing".to_owned(), few.clone()];
    let outcomes = world
        .alice
        .consents()
        .apply(&wanted, &ConsentAct::Withdraw)
        .await
        .unwrap();
    let errors: Vec<_> = outcomes.iter().map(|outcome| outcome.error.as_deref()).collect();
    assert_eq!(errors, [None, Some("NotFound"), None]);
    let held: Vec<bool> = world
        .alice
        .consents()
        .list()
        .await
        .unwrap()
        .iter()
        .map(|one| one.state.holds())
        .collect();
    assert_eq!(held, [false, false]);
}

#[tokio::test]
async fn o5_what_answers_saved_in_typing_is_counted() {
    let world = World::new().await;
    assert_eq!(
        world.alice.consents().effort_saved().await.unwrap(),
        EffortSaved::default()
    );
    agree_to_all(&world, request()).await;
    // Alice, 1990-04-01, +44 7700 900123.
    let saved = EffortSaved {
        fields: 3,
        keystrokes: 5 + 10 + 15,
        seconds: 16,
    };
    assert_eq!(world.alice.consents().effort_saved().await.unwrap(), saved);
}
