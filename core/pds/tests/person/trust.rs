//! Whom Alice believes, and until when.

use kist_pds::*;

use crate::network::{Fake, reply};
use crate::world::*;

const LABEL: &str = "Health Framework";
const CLINIC: &str = "NTRGB-16";

async fn framework(world: &World, name: &str, label: &str) -> Framework {
    let profile = FrameworkProfile {
        label: label.into(),
        legal_name: format!("{name} Ltd"),
        organisation_id: "NTRGB-0002".into(),
        country: "GB".into(),
        list_url: None,
    };
    let dir = world.folder.path().join(name);
    Framework::create(&dir, platform(&world.clock), PASSPHRASE, profile)
        .await
        .unwrap()
}

/// An organisation of that framework, on the world's relay.
async fn member(world: &World, framework: &Framework, dir: &str, name: &str) -> Organisation {
    let member = admitted(framework, &world.folder.path().join(dir), &world.clock, name).await;
    member.set_relay(&world.relay.url).await.unwrap();
    member
}

async fn agree(world: &World, organisation: &Organisation) -> String {
    let hosted = organisation.requests().create(request()).await.unwrap();
    world.answer(&hosted).await;
    let answer = organisation.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    answer.agreement.unwrap()
}

async fn open(world: &World, organisation: &Organisation) -> Result<OpenRequest> {
    let hosted = organisation.requests().create(request()).await.unwrap();
    world.alice.requests().open(&hosted.uri).await
}

#[tokio::test]
async fn t1_an_expired_list_refuses_its_own_organisations_and_nobody_elses() {
    let world = World::new().await;
    let arts = framework(&world, "arts", "Arts Framework").await;
    let theatre = member(&world, &arts, "theatre", "Harbour Theatre").await;
    world
        .alice
        .trust()
        .add_anchor(arts.publish(1).await.unwrap())
        .await
        .unwrap();
    let with_theatre = agree(&world, &theatre).await;
    world.alice.inbox().refresh().await.unwrap();

    // The next list was due after a day; a week's grace is over too.
    world.clock.forward(9 * 24 * 60 * 60);
    let refused = open(&world, &theatre).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry()), ("TrustListExpired", Retry::Later));
    open(&world, &world.clinic).await.unwrap();
    assert_eq!(world.alice.requests().pending().await.unwrap().len(), 1);
    let anchors = world.alice.trust().anchors().await.unwrap();
    assert_eq!(anchors.len(), 2);
    assert!(
        anchors
            .iter()
            .all(|anchor| anchor.organisations == 1 && anchor.next_update > 0)
    );

    // What the theatre delivers waits for the next list, and blocks nothing.
    theatre
        .deliveries()
        .deliver(&with_theatre, vaccination())
        .await
        .unwrap();
    theatre.deliveries().note(&with_theatre, "See you there").await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    let waits = |event: &InboxEvent| {
        matches!(
            event,
            InboxEvent::Waiting {
                outside_agreement: false,
                ..
            }
        )
    };
    assert!(events.len() == 2 && events.iter().all(waits), "{events:?}");
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
    let list = arts.publish(30).await.unwrap().list;
    world.alice.trust().update_list("Arts Framework", &list).await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Delivered { .. }]),
        "{events:?}"
    );
    let items = world.alice.inbox().list().await.unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].kind, "note");
    assert_eq!(world.alice.inbox().refresh().await.unwrap(), []);
}

#[tokio::test]
async fn a22_the_next_list_ends_what_an_expelled_organisation_may_do() {
    let world = World::new().await;
    let agreement = world.agree().await;
    let pending = open(&world, &world.clinic).await.unwrap();
    let next_list = async || {
        let list = world.framework.publish(30).await.unwrap().list;
        world.alice.trust().update_list(LABEL, &list).await.unwrap();
    };
    let reason = async || {
        let refused = open(&world, &world.clinic).await.unwrap_err();
        assert_eq!(refused.code(), "OrganisationNotTrusted");
        refused.parameter("reason").unwrap().to_string()
    };
    world.framework.suspend(CLINIC).await.unwrap();
    next_list().await;
    assert_eq!(reason().await, "Suspended");
    assert_eq!(world.alice.requests().pending().await.unwrap(), []);
    let answer = world
        .alice
        .requests()
        .answer(&pending.id, Decision::required(&pending))
        .await;
    assert_eq!(code(answer), "OrganisationNotTrusted");

    world.framework.reinstate(CLINIC).await.unwrap();
    next_list().await;
    assert_eq!(world.alice.requests().pending().await.unwrap().len(), 1);

    world.framework.expel(CLINIC).await.unwrap();
    next_list().await;
    assert_eq!(reason().await, "Expelled");
    // It can still be refused, and withdrawn from; what it delivers is dropped.
    world.alice.requests().refuse(&pending.id).await.unwrap();
    world.deliver(&agreement).await;
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.last(), Some(InboxEvent::Dropped { code, .. }) if code == "OrganisationNotTrusted"),
        "{events:?}"
    );
    let withdrawn = world.alice.consents().withdraw(&agreement).await.unwrap();
    assert_eq!(withdrawn.state, ConsentState::Withdrawn);
}

#[tokio::test]
async fn t1_nobody_is_believed_but_the_pinned_roots_and_their_newest_lists() {
    let world = World::new().await;
    let trust = world.alice.trust();
    let old = world.framework.publish(30).await.unwrap();
    let new = world.framework.publish(30).await.unwrap();
    trust.update_list(LABEL, &new.list).await.unwrap();
    let refused = trust.update_list(LABEL, &old.list).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.category()),
        ("RollbackDetected", Category::Integrity)
    );
    assert_eq!(code(trust.add_anchor(old).await), "RollbackDetected");

    let impostor = framework(&world, "impostor", LABEL).await;
    let bundle = impostor.publish(30).await.unwrap();
    assert_eq!(code(trust.add_anchor(bundle.clone()).await), "AlreadyExists");
    assert_eq!(
        code(trust.update_list(LABEL, &bundle.list).await),
        "TrustListNotTrusted"
    );
    let certificate = AnchorBundle {
        certificate: "bm8gY2VydGlmaWNhdGU=".into(),
        label: "Other".into(),
        ..bundle
    };
    let refused = trust.add_anchor(certificate).await.unwrap_err();
    assert!(
        ["Malformed", "OrganisationNotTrusted"].contains(&refused.code()),
        "{refused}"
    );
    assert_eq!(code(trust.update_list("Unknown", &new.list).await), "NotFound");
    assert_eq!(code(trust.refresh(LABEL).await), "NotFound");
    assert_eq!(trust.anchors().await.unwrap().len(), 1);

    let unknown = member(&world, &impostor, "unknown", "Unlisted Clinic").await;
    let refused = open(&world, &unknown).await.unwrap_err();
    assert_eq!(refused.code(), "OrganisationNotTrusted");
    open(&world, &world.clinic).await.unwrap();

    trust.remove_anchor(LABEL).await.unwrap();
    assert_eq!(code(open(&world, &world.clinic).await), "TrustListMissing");
    assert_eq!(code(trust.remove_anchor(LABEL).await), "NotFound");
}

#[tokio::test]
async fn a22_what_changed_while_a_framework_was_not_believed_counts_when_it_is_again() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let stands = async || world.alice.consents().get(&agreement).await.unwrap().summary.paused;
    let believe = async || {
        let bundle = world.framework.publish(30).await.unwrap();
        world.alice.trust().add_anchor(bundle).await.unwrap();
    };
    let state = async || match stands().await {
        Some(Pause::Framework { state, .. }) => Some(state),
        None => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(state().await, None);
    world.alice.trust().remove_anchor(LABEL).await.unwrap();
    assert_eq!(state().await, Some(MemberState::Unlisted));
    world.framework.suspend(CLINIC).await.unwrap();
    believe().await;
    assert_eq!(state().await, Some(MemberState::Suspended));
    world.framework.reinstate(CLINIC).await.unwrap();
    believe().await;
    assert_eq!(state().await, None);
    world.framework.expel(CLINIC).await.unwrap();
    believe().await;
    assert_eq!(state().await, Some(MemberState::Expelled));
    let history = world.alice.history().entries().await.unwrap();
    let told = history.iter().filter(|item| {
        let event = serde_json::to_value(&item.event).unwrap();
        event["type"] == "OrganisationStanding"
    });
    assert_eq!(told.count(), 4);
}

#[tokio::test]
async fn t1_a_list_is_fetched_where_it_is_published_and_serves_offline_for_its_grace_with_a_warning() {
    let world = World::new().await;
    let trust = world.alice.trust();
    let listed = |list: &str| reply("200 OK", "content-type: application/jwt\r\n", list);
    let first = world.framework.publish(1).await.unwrap();
    let next = world.framework.publish(1).await.unwrap();
    let server = Fake::new(listed(&next.list)).await;
    let address = server.address.clone();
    let bundle = AnchorBundle {
        list_url: Some(format!("http://{address}/list")),
        ..first.clone()
    };
    trust.add_anchor(bundle).await.unwrap();
    let info = trust.refresh(LABEL).await.unwrap();
    assert_eq!(info.freshness, ListFreshness::Current);
    server.stop().await;

    // An older one in its place is refused, and the newer one stays.
    let server = Fake::at(&address, listed(&first.list)).await;
    assert_eq!(code(trust.refresh(LABEL).await), "RollbackDetected");
    assert_eq!(trust.anchors().await.unwrap()[0].list_sequence, info.list_sequence);
    server.stop().await;

    // Nobody serves it: the list is used on, and says that it is overdue.
    assert_eq!(code(trust.refresh(LABEL).await), "Unreachable");
    world.clock.forward(2 * 24 * 60 * 60);
    let seen = open(&world, &world.clinic).await.unwrap();
    assert_eq!(seen.evaluation.warnings[0].code(), "TrustListOverdue");
    world.clock.forward(7 * 24 * 60 * 60);
    assert_eq!(code(open(&world, &world.clinic).await), "TrustListExpired");
}

#[tokio::test]
async fn i3_the_same_id_in_another_framework_is_another_organisation() {
    let world = World::new().await;
    world.agree().await;
    let other = framework(&world, "other", "Other Framework").await;
    let namesake = member(&world, &other, "namesake", "Riverside Clinic").await;
    world
        .alice
        .trust()
        .add_anchor(other.publish(30).await.unwrap())
        .await
        .unwrap();
    agree(&world, &namesake).await;
    let relationship = async |organisation: &Organisation| {
        let agreements = organisation.agreements().list().await.unwrap();
        agreements[0].relationship.clone()
    };
    assert_ne!(relationship(&world.clinic).await, relationship(&namesake).await);
    assert_eq!(world.alice.consents().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn t2_two_admissions_at_once_are_both_kept() {
    let world = World::new().await;
    let mut applications = Vec::new();
    for name in ["One Surgery", "Another Surgery"] {
        let dir = world.folder.path().join(name);
        let applicant = Organisation::create(&dir, platform(&world.clock), PASSPHRASE, profile(name))
            .await
            .unwrap();
        applications.push(applicant.apply(application()).await.unwrap());
    }
    let (one, other) = tokio::join!(
        world.framework.admit(&applications[0]),
        world.framework.admit(&applications[1])
    );
    one.unwrap();
    other.unwrap();
    assert_eq!(world.framework.members().await.unwrap().len(), 3);
}
