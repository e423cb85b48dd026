//! Council, clinic and charity around one person: one decision, an agreement for each, and nothing in common between them.

use std::collections::{BTreeMap, BTreeSet};

use kist_pds::*;
use serde_json::Value;

use crate::world::*;

const LABEL: &str = "Health Framework";
const CLINIC: &str = "NTRGB-16";
const COUNCIL: &str = "NTRGB-25";
const CHARITY: &str = "NTRGB-12";

struct Islands {
    world: World,
    council: Organisation,
    charity: Organisation,
    /// The cluster's name on Alice's phone.
    id: String,
}

fn name() -> ClusterName {
    ClusterName {
        lead: COUNCIL.into(),
        id: "islands".into(),
    }
}

fn cluster(version: u64, members: &[&str]) -> Cluster {
    let texts = |text: &str| serde_json::from_value(serde_json::json!({ "en": text })).unwrap();
    let member = |id: &&str| ClusterMember {
        organisation_id: (*id).to_owned(),
        role: texts("Takes part"),
        intended_use: "care".into(),
    };
    Cluster {
        id: "islands".into(),
        version,
        name: texts("Care on the islands"),
        members: members.iter().map(member).collect(),
    }
}

/// What a member asks for: each something else.
fn asks(fields: Vec<FieldSpec>, clusters: Vec<ClusterName>) -> InvitationSpec {
    InvitationSpec {
        requests: vec![RequestSpec { fields, ..request() }],
        days: 30,
        clusters,
    }
}

impl Islands {
    async fn new(members: &[&str]) -> Islands {
        let world = World::new().await;
        let mut others = Vec::new();
        for name in ["Orkney Council of Islands", "Helping Hand"] {
            let dir = world.folder.path().join(name.len().to_string());
            let organisation = admitted(&world.framework, &dir, &world.clock, name).await;
            organisation.set_relay(&world.relay.url).await.unwrap();
            others.push(organisation);
        }
        let (charity, council) = (others.pop().unwrap(), others.pop().unwrap());
        let bundle = world.framework.publish(30).await.unwrap();
        world.alice.trust().update_list(LABEL, &bundle.list).await.unwrap();
        let mut signed = Vec::new();
        for (organisation, fields) in [
            (
                &world.clinic,
                vec![
                    field("name", NAME, "given_name", true),
                    field("birth", BIRTH, "birthdate", true),
                ],
            ),
            (&council, vec![field("name", NAME, "given_name", true)]),
            (&charity, vec![field("phone", PHONE, "phone_number", true)]),
        ] {
            let published = organisation
                .invitations()
                .publish(asks(fields, vec![name()]))
                .await
                .unwrap();
            signed.push(published.invitation);
        }
        signed.push(
            council
                .clusters()
                .state(cluster(1, members), 30)
                .await
                .unwrap()
                .statement,
        );
        let directory = serde_json::to_string(&Directory::of(signed)).unwrap();
        world.alice.connections().introduce(&directory).await.unwrap();
        let id = world.alice.clusters().list().await.unwrap()[0].id.clone();
        Islands {
            world,
            council,
            charity,
            id,
        }
    }

    fn organisations(&self) -> [&Organisation; 3] {
        [&self.world.clinic, &self.council, &self.charity]
    }

    fn clusters(&self) -> Clusters {
        self.world.alice.clusters()
    }

    async fn view(&self) -> ClusterView {
        self.clusters().get(&self.id).await.unwrap()
    }

    /// Every member is contacted, and its request came.
    async fn asked(&self) -> ClusterView {
        self.clusters().open(&self.id).await.unwrap();
        for organisation in self.organisations() {
            organisation.inbox().refresh().await.unwrap();
        }
        self.world.alice.inbox().refresh().await.unwrap();
        self.view().await
    }

    /// Alice gives each member what it requires; each collects.
    async fn agreed(&self) -> ClusterView {
        let view = self.asked().await;
        self.clusters().decide(&self.id, required(&view)).await.unwrap();
        for organisation in self.organisations() {
            for request in organisation.requests().list().await.unwrap() {
                let _ = organisation.requests().collect(&request.id, 0).await;
            }
        }
        self.world.alice.inbox().refresh().await.unwrap();
        self.view().await
    }
}

fn required(view: &ClusterView) -> BTreeMap<String, Decision> {
    let members = view.members.iter().filter_map(|member| {
        let request = member.request.as_ref()?;
        Some((member.organisation_id.clone(), Decision::required(request)))
    });
    members.collect()
}

fn standings(view: &ClusterView) -> Vec<MemberStanding> {
    view.members.iter().map(|member| member.standing).collect()
}

#[tokio::test]
async fn o4_one_decision_makes_an_agreement_for_each_member_with_fields_of_its_own() {
    let islands = Islands::new(&[CLINIC, COUNCIL, CHARITY]).await;
    assert_eq!(standings(&islands.view().await), [MemberStanding::NotAsked; 3]);
    let view = islands.asked().await;
    assert_eq!(standings(&view), [MemberStanding::Ready; 3]);
    let names: Vec<_> = view
        .members
        .iter()
        .map(|member| member.organisation.clone().unwrap())
        .collect();
    assert_eq!(names, ["Riverside Clinic", "Orkney Council of Islands", "Helping Hand"]);

    let view = islands.agreed().await;
    assert_eq!(standings(&view), [MemberStanding::Agreed; 3]);
    assert_eq!(view.decided_version, Some(1));
    for (organisation, expected) in
        islands
            .organisations()
            .into_iter()
            .zip([vec!["birth", "name"], vec!["name"], vec!["phone"]])
    {
        let agreements = organisation.agreements().list().await.unwrap();
        assert_eq!(agreements.len(), 1);
        let received = organisation.agreements().get(&agreements[0].id).await.unwrap().received;
        let mut fields: Vec<_> = received.iter().map(|field| field.field.credential.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, expected);
    }
    assert_eq!(islands.world.alice.consents().list().await.unwrap().len(), 3);
}

#[tokio::test]
async fn o4_a_decision_that_is_stopped_at_any_moment_leaves_no_agreement_that_the_cluster_does_not_know() {
    let islands = Islands::new(&[CLINIC, COUNCIL]).await;
    let decisions = required(&islands.asked().await);
    for polls in 1.. {
        cut_after(polls, islands.clusters().decide(&islands.id, decisions.clone())).await;
        if !islands.world.alice.consents().list().await.unwrap().is_empty() {
            break;
        }
    }
    assert_eq!(standings(&islands.view().await)[0], MemberStanding::Agreed);
    islands.clusters().withdraw(&islands.id, None).await.unwrap();
    assert_eq!(standings(&islands.view().await)[0], MemberStanding::Over);
}

#[tokio::test]
async fn o4_a_later_refusal_leaves_what_was_agreed_to_be_withdrawn() {
    let islands = Islands::new(&[CLINIC, COUNCIL]).await;
    islands.agreed().await;
    // She asks the clinic for another request, says no to that, and the agreement stands.
    let connections = islands.world.alice.connections();
    let mut contacts = connections.contacts().await.unwrap();
    contacts.retain(|contact| contact.organisation_id == CLINIC);
    connections.open(&contacts[0].id, "care").await.unwrap();
    islands.world.clinic.inbox().refresh().await.unwrap();
    islands.world.alice.inbox().refresh().await.unwrap();
    assert_eq!(standings(&islands.view().await)[0], MemberStanding::Ready);
    islands.clusters().decide(&islands.id, BTreeMap::new()).await.unwrap();
    assert_eq!(standings(&islands.view().await), [MemberStanding::Agreed; 2]);
    islands.clusters().withdraw(&islands.id, Some(CLINIC)).await.unwrap();
}

#[tokio::test]
async fn o4_who_is_left_out_of_the_decision_is_refused_and_the_others_are_not() {
    let islands = Islands::new(&[CLINIC, COUNCIL, CHARITY]).await;
    let view = islands.asked().await;
    let mut decisions = required(&view);
    decisions.remove(COUNCIL);
    let view = islands.clusters().decide(&islands.id, decisions).await.unwrap();
    assert_eq!(
        standings(&view),
        [MemberStanding::Agreed, MemberStanding::NotAsked, MemberStanding::Agreed]
    );
    assert!(view.members.iter().all(|member| !member.is_new));
    assert_eq!(
        code(islands.clusters().decide(&islands.id, required_of(COUNCIL)).await),
        "NotFound"
    );
}

fn required_of(member: &str) -> BTreeMap<String, Decision> {
    BTreeMap::from([(member.to_owned(), Decision::default())])
}

#[tokio::test]
async fn o4_one_member_or_all_can_be_withdrawn() {
    let islands = Islands::new(&[CLINIC, COUNCIL, CHARITY]).await;
    islands.agreed().await;
    let view = islands.clusters().withdraw(&islands.id, Some(CHARITY)).await.unwrap();
    assert_eq!(
        standings(&view),
        [MemberStanding::Agreed, MemberStanding::Agreed, MemberStanding::Over]
    );
    let view = islands.clusters().withdraw(&islands.id, None).await.unwrap();
    assert_eq!(standings(&view), [MemberStanding::Over; 3]);
    for organisation in islands.organisations() {
        organisation.inbox().refresh().await.unwrap();
        let agreements = organisation.agreements().list().await.unwrap();
        assert_eq!(agreements[0].state, OrgAgreementState::Withdrawn);
    }
    assert_eq!(code(islands.clusters().withdraw(&islands.id, None).await), "NotFound");
}

#[tokio::test]
async fn o4_a_new_member_needs_a_new_decision() {
    let islands = Islands::new(&[CLINIC, COUNCIL]).await;
    islands.agreed().await;
    let newer = islands
        .council
        .clusters()
        .state(cluster(2, &[CLINIC, COUNCIL, CHARITY]), 30)
        .await
        .unwrap();
    let view = islands.clusters().add(&newer.statement).await.unwrap();
    let new: Vec<bool> = view.members.iter().map(|member| member.is_new).collect();
    assert_eq!(
        (new, view.decided_version, view.version),
        (vec![false, false, true], Some(1), 2)
    );
    // Nobody was told, and nothing was given.
    assert_eq!(islands.charity.inbox().refresh().await.unwrap(), []);
    assert_eq!(islands.world.alice.consents().list().await.unwrap().len(), 2);

    let view = islands.asked().await;
    assert_eq!(
        standings(&view),
        [MemberStanding::Agreed, MemberStanding::Agreed, MemberStanding::Ready]
    );
    let view = islands.clusters().decide(&islands.id, required(&view)).await.unwrap();
    assert_eq!(
        (standings(&view), view.decided_version),
        (vec![MemberStanding::Agreed; 3], Some(2))
    );

    // Who leaves keeps what stands, until it is withdrawn.
    let newest = islands
        .council
        .clusters()
        .state(cluster(3, &[CLINIC, COUNCIL]), 30)
        .await
        .unwrap();
    let view = islands.clusters().add(&newest.statement).await.unwrap();
    assert_eq!((view.members.len(), view.left.len()), (2, 1));
    let view = islands.clusters().withdraw(&islands.id, Some(CHARITY)).await.unwrap();
    assert_eq!(view.left, []);
}

#[tokio::test]
async fn o4_an_older_statement_is_a_rollback_and_another_of_the_same_version_a_fork() {
    let islands = Islands::new(&[CLINIC, COUNCIL]).await;
    let old = islands.council.clusters().list().await.unwrap()[0].statement.clone();
    let state = async |version, members: &[&str]| islands.council.clusters().state(cluster(version, members), 30).await;
    assert_eq!(code(state(1, &[CLINIC, CHARITY]).await), "Malformed");
    let newer = state(2, &[CLINIC, COUNCIL, CHARITY]).await.unwrap();
    islands.clusters().add(&newer.statement).await.unwrap();
    assert_eq!(code(islands.clusters().add(&old).await), "RollbackDetected");
    islands.clusters().add(&newer.statement).await.unwrap();
}

#[tokio::test]
async fn o4_an_organisation_that_does_not_say_that_it_takes_part_is_not_contacted() {
    let world = World::new().await;
    let dir = world.folder.path().join("lead");
    let lead = admitted(&world.framework, &dir, &world.clock, "Orkney Council of Islands").await;
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().update_list(LABEL, &bundle.list).await.unwrap();
    let published = world
        .clinic
        .invitations()
        .publish(asks(request().fields, Vec::new()))
        .await
        .unwrap();
    world
        .alice
        .connections()
        .introduce(&published.invitation)
        .await
        .unwrap();
    let stated = lead.clusters().state(cluster(1, &[CLINIC, COUNCIL]), 30).await.unwrap();
    let view = world.alice.clusters().add(&stated.statement).await.unwrap();
    assert_eq!(
        standings(&view),
        [MemberStanding::NotTakingPart, MemberStanding::NotReachable]
    );
    world.alice.clusters().open(&view.id).await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
}

/// Every text of a value, however deep.
fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => members.values().for_each(|item| texts(item, into)),
        _ => {}
    }
}

#[tokio::test]
async fn a21_members_of_a_cluster_that_compare_all_they_hold_find_nothing_that_kist_added() {
    let islands = Islands::new(&[CLINIC, COUNCIL]).await;
    islands.agreed().await;
    let mut held = Vec::new();
    for organisation in [&islands.world.clinic, &islands.council] {
        let (mut all, agreement) = (
            BTreeSet::new(),
            organisation.agreements().list().await.unwrap().remove(0),
        );
        let detail = organisation.agreements().get(&agreement.id).await.unwrap();
        texts(&serde_json::to_value(&detail).unwrap(), &mut all);
        texts(
            &serde_json::to_value(organisation.requests().list().await.unwrap()).unwrap(),
            &mut all,
        );
        held.push(all);
    }
    let common: BTreeSet<&String> = held[0].intersection(&held[1]).collect();
    // What is long and random, such as ids, keys, hashes and tokens, would be the same only if Kist had made it so.
    let random = |text: &&&String| {
        let symbols = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        text.len() >= 16 && symbols && text.bytes().any(|byte| byte.is_ascii_digit())
    };
    let found: Vec<_> = common.iter().filter(random).collect();
    // The terms are one document in this world.
    let terms = profile("x").terms.sha256;
    let found: Vec<_> = found.into_iter().filter(|text| ***text != terms).collect();
    assert!(found.is_empty(), "{found:?}");
}
