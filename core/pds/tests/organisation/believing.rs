//! Whom both sides believe, and for what (T1).

use kist_pds::*;
use serde_json::json;

use crate::world::{code as code_of, *};

#[tokio::test]
async fn t1_which_kinds_an_organisation_may_issue_the_phone_takes_from_the_list() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    // The clinic believes no framework here, so nothing keeps it from trying.
    let diploma = DeliverySpec {
        schema: "urn:example:diploma:1".into(),
        claims: object(json!({ "degree": "Doctor" })),
        expires_at: None,
    };
    world.clinic.deliveries().deliver(&agreement, diploma).await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let [InboxEvent::Dropped { code, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(code, "IssuerNotTrusted");
    let diplomas = Filter::of_schema("urn:example:diploma:1");
    assert_eq!(world.alice.records().list(diplomas).await.unwrap(), []);
}

#[tokio::test]
async fn t1_which_kinds_an_organisation_may_issue_the_other_side_takes_from_the_list() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    world.deliver(&agreement).await;
    world.alice.inbox().refresh().await.unwrap();
    let believe = async || {
        let bundle = world.framework.publish(30).await.unwrap();
        world.clinic.trust().add_anchor(bundle).await.unwrap();
    };
    let shown = async || {
        let spec = RequestSpec {
            fields: vec![field("vaccination", VACCINATION, "vaccine", true)],
            ..request()
        };
        let hosted = world.clinic.requests().create(spec).await.unwrap();
        let seen = world.alice.requests().open(&hosted.uri).await.unwrap();
        let asked = seen.evaluation.fields[0].field().unwrap();
        let decision = Decision::default().and(&seen, &asked);
        world.alice.requests().answer(&seen.id, decision).await.unwrap();
        world.clinic.requests().collect(&hosted.id, 0).await
    };
    believe().await;
    let answer = shown().await.unwrap().unwrap();
    assert!(matches!(&answer.fields[0].issuer, FieldIssuer::Organisation { name, .. } if name == "Riverside Clinic"));

    // From the next list on, the framework doesn't let it issue vaccinations. Alice has the older list yet.
    let without = ApplicationSpec {
        issues: Vec::new(),
        ..application()
    };
    let applied = world.clinic.apply(without).await.unwrap();
    world.framework.admit(&applied).await.unwrap();
    believe().await;
    let refused = shown().await.unwrap_err();
    assert_eq!(refused.code(), "IssuerNotTrusted");
    assert_eq!(refused.parameter("reason"), Some(&"MayNotIssue".into()));
}

#[tokio::test]
async fn t1_an_evaluation_says_which_anchor_vouches_and_what_it_is_the_root_of() {
    let world = World::new().await;
    for (label, kind) in [
        ("European Trusted List", AnchorKind::EuropeanList),
        ("National Register", AnchorKind::NationalRegister),
        ("Health Framework", AnchorKind::Framework),
    ] {
        let dir = world.folder.path().join(label);
        let person = Person::create(&dir, platform(&world.clock), PASSPHRASE).await.unwrap();
        let bundle = world.framework.publish(30).await.unwrap();
        let bundle = AnchorBundle {
            label: label.into(),
            kind,
            ..bundle
        };
        person.trust().add_anchor(bundle).await.unwrap();
        assert_eq!(person.trust().anchors().await.unwrap()[0].kind, kind);
        let hosted = world.clinic.requests().create(request()).await.unwrap();
        let seen = person.requests().open(&hosted.uri).await.unwrap();
        let verified = serde_json::to_value(&seen.evaluation.asker.verified).unwrap();
        assert_eq!(verified["code"], "Framework");
        assert_eq!(verified["anchor"], label);
        assert_eq!(verified["kind"], json!(kind));
    }
}

#[tokio::test]
async fn t1_a_developers_mode_shows_who_is_unlisted_and_says_so_everywhere() {
    let world = World::new().await;
    let requests = world.alice.requests();
    let dir = world.folder.path().join("elsewhere");
    let profile = FrameworkProfile {
        label: "Elsewhere".into(),
        legal_name: "Elsewhere Ltd".into(),
        organisation_id: "NTRGB-0002".into(),
        country: "GB".into(),
        list_url: None,
    };
    let elsewhere = Framework::create(&dir, platform(&world.clock), PASSPHRASE, profile)
        .await
        .unwrap();
    let dir = world.folder.path().join("stranger");
    let stranger = admitted(&elsewhere, &dir, &world.clock, "Riverside Clinic").await;
    stranger.set_relay(&world.relay.url).await.unwrap();
    let hosted = stranger.requests().create(request()).await.unwrap();

    // Off by default.
    assert!(!world.alice.trust().developer_mode().await.unwrap());
    let refused = requests.open(&hosted.uri).await.unwrap_err();
    assert_eq!(refused.code(), "OrganisationNotTrusted");
    assert_eq!(refused.parameter("reason"), Some(&"UnknownAnchor".into()));

    world.agree().await;
    world.alice.trust().set_developer_mode(true).await.unwrap();
    let seen = requests.open(&hosted.uri).await.unwrap();
    let evaluation = serde_json::to_value(&seen.evaluation).unwrap();
    assert_eq!(evaluation["asker"]["verified"]["code"], "Nobody");
    assert_eq!(seen.evaluation.warnings[0].code(), "NobodyVouches");
    let kinds = async || {
        let history = world.alice.history().entries().await.unwrap();
        let kind = |item: &HistoryItem| serde_json::to_value(&item.event).unwrap()["type"].clone();
        history.iter().rev().take(3).map(kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, ["NobodyVouched", "RequestSeen", "DeveloperMode"]);
    // It has the clinic's name and number, and isn't taken for the clinic: the relationship is another one.
    let decision = Decision::required(&seen);
    let consent = requests.answer(&seen.id, decision).await.unwrap().unwrap();
    let all = world.alice.consents().list().await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(code_of(world.clinic.agreements().get(&consent.id).await), "NotFound");

    // Who is known to be wrong is refused all the same.
    let clinics = world.clinic.requests().create(request()).await.unwrap();
    world.framework.suspend("NTRGB-16").await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
    let refused = requests.open(&clinics.uri).await.unwrap_err();
    assert_eq!(refused.parameter("reason"), Some(&"Suspended".into()));

    // Off again: what waits is refused again.
    let another = stranger.requests().create(request()).await.unwrap();
    requests.open(&another.uri).await.unwrap();
    world.alice.trust().set_developer_mode(false).await.unwrap();
    assert_eq!(requests.pending().await.unwrap(), []);
    let stranger = world.alice.consents().get(&consent.id).await.unwrap().summary;
    assert_eq!(stranger.state, ConsentState::Paused);
    let label = AnchorBundle {
        label: "nobody:x".into(),
        ..world.framework.publish(30).await.unwrap()
    };
    assert_eq!(code_of(world.alice.trust().add_anchor(label).await), "Malformed");
    assert_eq!(code_of(requests.open(&another.uri).await), "OrganisationNotTrusted");
}
