//! A framework that changes its root, its terms and its members, and the phones that follow.

use std::collections::BTreeMap;

use kist_pds::*;

use crate::world::*;

const LABEL: &str = "Health Framework";
const CLINIC: &str = "NTRGB-16";
const DAY: i64 = 24 * 60 * 60;

async fn asks(world: &World) -> Result<OpenRequest> {
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    world.alice.requests().open(&hosted.uri).await
}

async fn next_list(world: &World) -> AnchorInfo {
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().update_list(LABEL, &bundle.list).await.unwrap()
}

fn draft(version: &str) -> TermsDraft {
    let texts = |english: &str, welsh: &str| {
        BTreeMap::from([
            ("en".to_owned(), english.to_owned()),
            ("cy".to_owned(), welsh.to_owned()),
        ])
    };
    TermsDraft {
        version: version.into(),
        effective: None,
        summary: texts("You decide what you share.", "Chi sy'n penderfynu."),
        text: texts("1. The person decides.", "1. Y person sy'n penderfynu."),
    }
}

#[tokio::test]
async fn t2_phones_and_members_follow_a_change_of_root() {
    let world = World::new().await;
    let before = world.framework.publish(30).await.unwrap();
    world.framework.rotate_root(60).await.unwrap();
    // The clinic has its old certificate still, Alice the old root: both go on through the next list.
    next_list(&world).await;
    asks(&world).await.unwrap();
    // A person who comes new pins the new root, and believes what the old one signed until it retires.
    let bundle = world.framework.publish(30).await.unwrap();
    assert_ne!(bundle.certificate, before.certificate);
    let newcomer = Person::create(
        &world.folder.path().join("newcomer"),
        platform(&world.clock),
        PASSPHRASE,
    )
    .await
    .unwrap();
    newcomer.trust().add_anchor(bundle.clone()).await.unwrap();
    // Alice takes the new file too, and the old one never again.
    world.alice.trust().add_anchor(bundle).await.unwrap();
    let refused = world.alice.trust().add_anchor(before).await;
    assert!(["AlreadyExists", "RollbackDetected"].contains(&code(refused)));

    // After the date the old certificate is over, and the renewed one is not.
    world.clock.forward(61 * DAY);
    next_list(&world).await;
    let refused = asks(&world).await.unwrap_err();
    assert_eq!(refused.code(), "OrganisationNotTrusted");
    let renewed = world.framework.renew(CLINIC).await.unwrap();
    world.clinic.install(renewed).await.unwrap();
    next_list(&world).await;
    asks(&world).await.unwrap();
    let kinds = world.framework.log().await.unwrap();
    assert!(kinds.iter().any(|entry| matches!(entry.act, Act::RootChanged { .. })));
}

#[tokio::test]
async fn t2_another_framework_of_the_same_label_takes_nothing_over() {
    let world = World::new().await;
    let profile = FrameworkProfile {
        label: LABEL.into(),
        legal_name: "Health Framework Ltd".into(),
        organisation_id: "NTRGB-0001".into(),
        country: "GB".into(),
        list_url: None,
    };
    let dir = world.folder.path().join("impostor");
    let impostor = Framework::create(&dir, platform(&world.clock), PASSPHRASE, profile)
        .await
        .unwrap();
    let bundle = impostor.publish(30).await.unwrap();
    let refused = world.alice.trust().add_anchor(bundle.clone()).await;
    assert_eq!(code(refused), "AlreadyExists");
    let refused = world.alice.trust().update_list(LABEL, &bundle.list).await;
    assert_eq!(code(refused), "TrustListNotTrusted");
    asks(&world).await.unwrap();
}

#[tokio::test]
async fn a22_who_is_suspended_or_expelled_is_told_once() {
    let world = World::new().await;
    let trust = world.alice.trust();
    assert_eq!(trust.changes().await.unwrap(), []);
    let note = Some("Complaint 12".to_owned());
    world
        .framework
        .set_status(CLINIC, Status::Suspended, note)
        .await
        .unwrap();
    next_list(&world).await;
    let changes = trust.changes().await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].organisation_id.as_str(), changes[0].from, changes[0].to),
        (CLINIC, MemberState::Active, MemberState::Suspended)
    );
    assert!(changes[0].ends_trust());
    // What went further before she was told is one change; what came back is none.
    world.framework.reinstate(CLINIC).await.unwrap();
    next_list(&world).await;
    assert_eq!(trust.changes().await.unwrap(), []);
    world.framework.suspend(CLINIC).await.unwrap();
    next_list(&world).await;
    let shown = trust.changes().await.unwrap();
    world.framework.expel(CLINIC).await.unwrap();
    next_list(&world).await;
    trust.told(shown).await.unwrap();
    let rest = trust.changes().await.unwrap();
    assert_eq!(
        (rest[0].from, rest[0].to),
        (MemberState::Suspended, MemberState::Expelled)
    );
    trust.told(rest).await.unwrap();
    assert_eq!(trust.changes().await.unwrap(), []);
}

#[tokio::test]
async fn t1_a_list_in_its_grace_is_shown_as_overdue() {
    let world = World::new().await;
    let freshness = async || world.alice.trust().anchors().await.unwrap()[0].freshness;
    assert_eq!(freshness().await, ListFreshness::Current);
    world.clock.forward(31 * DAY);
    assert!(matches!(freshness().await, ListFreshness::Overdue { usable_until } if usable_until > 0));
    asks(&world).await.unwrap();
    world.clock.forward(7 * DAY);
    assert_eq!(freshness().await, ListFreshness::Expired);
}

#[tokio::test]
async fn t1_a_clock_behind_by_a_year_is_told_with_the_date() {
    let world = World::new().await;
    let bundle = world.framework.publish(30).await.unwrap();
    world.clock.forward(-2000);
    let refused = world.alice.trust().update_list(LABEL, &bundle.list).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry()), ("NotYetValid", Retry::Later));
    assert_eq!(refused.parameter("what").unwrap().to_string(), "trust list");
    assert!(refused.parameter("at").is_some());
}

#[tokio::test]
async fn t1_terms_are_accepted_by_both_sides() {
    let world = World::new().await;
    let trust = world.alice.trust();
    assert_eq!(trust.terms(LABEL).await.unwrap(), None);
    let notice = world.framework.publish_terms(draft("2")).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    // By the list alone she knows that there are terms, and can't accept what she hasn't seen.
    trust.update_list(LABEL, &bundle.list).await.unwrap();
    let unseen = trust.terms(LABEL).await.unwrap().unwrap();
    assert_eq!((unseen.version.as_str(), unseen.summary.is_empty()), ("2", true));
    assert_eq!(code(trust.accept_terms(LABEL, &notice.sha256).await), "NotFound");
    trust.add_anchor(bundle).await.unwrap();
    let seen = trust.terms(LABEL).await.unwrap().unwrap();
    assert_eq!(seen.summary.get("cy"), Some("Chi sy'n penderfynu."));
    assert_eq!(seen.accepted_at, None);
    trust.accept_terms(LABEL, &notice.sha256).await.unwrap();
    assert!(trust.terms(LABEL).await.unwrap().unwrap().accepted_at.is_some());
    // The clinic accepts them by its application; one that names others is refused.
    let refused = world
        .framework
        .admit(&world.clinic.apply(application()).await.unwrap())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "AcceptanceMismatch");
    assert_eq!(refused.parameter("current").unwrap().to_string(), "2");
    let accepting = ApplicationSpec {
        terms: notice.terms(),
        ..application()
    };
    let application = world.clinic.apply(accepting).await.unwrap();
    world.framework.admit(&application).await.unwrap();
    // Newer terms are to be accepted anew.
    world.framework.publish_terms(draft("3")).await.unwrap();
    trust
        .add_anchor(world.framework.publish(30).await.unwrap())
        .await
        .unwrap();
    let newer = trust.terms(LABEL).await.unwrap().unwrap();
    assert_eq!((newer.version.as_str(), newer.accepted_at), ("3", None));
}

#[tokio::test]
async fn t2_state_log_and_keys_survive_the_process() {
    let World {
        framework,
        folder,
        clock,
        ..
    } = World::new().await;
    framework.rotate_root(30).await.unwrap();
    framework.rotate_registrar().await.unwrap();
    let status = framework.status().await.unwrap();
    let log = framework.log().await.unwrap();
    assert!(status.unpublished_changes);
    drop(framework);
    let reopened = Framework::open(&folder.path().join("framework"), platform(&clock), PASSPHRASE)
        .await
        .unwrap();
    assert_eq!(reopened.status().await.unwrap(), status);
    assert_eq!(reopened.log().await.unwrap(), log);
    reopened.publish(30).await.unwrap();
    let status = reopened.status().await.unwrap();
    assert!(!status.unpublished_changes);
    assert!(status.notices.iter().any(|notice| notice.code() == "MemberOnOldRoot"));
}
