//! Where directories lie: the framework's signed list says it, and the person may add others.

use std::time::Duration;

use kist_pds::*;
use tokio::net::TcpListener;

use crate::site::Site;
use crate::world::*;

const LABEL: &str = "Health Framework";
const COUNCIL: &str = "Orkney Council of Islands";
const DAY: i64 = 24 * 60 * 60;

impl World {
    /// A directory in which these can be contacted.
    async fn directory(&self, members: &[&Organisation]) -> String {
        let mut invitations = Vec::new();
        for member in members {
            let spec = InvitationSpec {
                requests: vec![request()],
                days: 60,
                clusters: Vec::new(),
            };
            invitations.push(member.invitations().publish(spec).await.unwrap().invitation);
        }
        serde_json::to_string(&Directory::of(invitations)).unwrap()
    }

    /// Another member, as the next list has it.
    async fn council(&self) -> Organisation {
        let dir = self.folder.path().join("council");
        let council = admitted(&self.framework, &dir, &self.clock, COUNCIL).await;
        council.set_relay(&self.relay.url).await.unwrap();
        council
    }

    /// The framework says where its directory lies, and Alice has its next list.
    async fn name(&self, url: Option<&str>) -> AnchorInfo {
        self.framework.set_directory(url).await.unwrap();
        let bundle = self.framework.publish(30).await.unwrap();
        self.alice.trust().update_list(LABEL, &bundle.list).await.unwrap()
    }

    /// Whom Alice can contact.
    async fn found(&self) -> Vec<String> {
        let contacts = self.alice.connections().contacts().await.unwrap();
        contacts.into_iter().map(|contact| contact.organisation).collect()
    }

    async fn refresh(&self) -> Result<()> {
        self.alice.connections().refresh_directories().await
    }
}

#[tokio::test]
async fn h2_a_directory_is_found_where_the_list_says_and_left_alone_when_the_list_drops_it() {
    let world = World::new().await;
    let council = world.council().await;
    let site = Site::with(world.directory(&[&world.clinic]).await).await;
    world.refresh().await.unwrap();
    assert!(world.found().await.is_empty());

    let named = world.name(Some(&site.url)).await;
    assert_eq!(named.directory.as_deref(), Some(site.url.as_str()));
    world.refresh().await.unwrap();
    let contacts = world.alice.connections().contacts().await.unwrap();
    let found = contacts
        .iter()
        .map(|contact| (contact.organisation.as_str(), contact.framework.as_str()));
    assert_eq!(found.collect::<Vec<_>>(), [("Riverside Clinic", LABEL)]);

    // What is in it later is found only as long as the list names it.
    site.replace(world.directory(&[&world.clinic, &council]).await);
    assert_eq!(world.name(None).await.directory, None);
    world.refresh().await.unwrap();
    assert_eq!(
        (world.found().await, site.asked()),
        (vec!["Riverside Clinic".to_owned()], 1)
    );
    world.name(Some(&site.url)).await;
    world.refresh().await.unwrap();
    assert_eq!(world.found().await, [COUNCIL, "Riverside Clinic"]);
}

#[tokio::test]
async fn h2_only_lists_that_are_believed_say_where_a_directory_lies() {
    let world = World::new().await;
    let site = Site::with(world.directory(&[&world.clinic]).await).await;
    world.name(Some(&site.url)).await;
    world.clock.forward(38 * DAY);
    let expired = world.alice.trust().anchors().await.unwrap().remove(0);
    assert_eq!((expired.freshness, expired.directory), (ListFreshness::Expired, None));
    world.refresh().await.unwrap();
    assert_eq!(site.asked(), 0);

    world.name(Some(&site.url)).await;
    world.refresh().await.unwrap();
    assert_eq!(site.asked(), 1);
    world.alice.trust().remove_anchor(LABEL).await.unwrap();
    world.refresh().await.unwrap();
    assert_eq!(site.asked(), 1);
}

#[tokio::test]
async fn h2_what_the_person_added_is_asked_beside_what_the_list_names() {
    let world = World::new().await;
    let council = world.council().await;
    let hers = Site::with(world.directory(&[&world.clinic]).await).await;
    let theirs = Site::with(world.directory(&[]).await).await;
    world.name(Some(&theirs.url)).await;
    world.alice.connections().fetch_directory(&hers.url).await.unwrap();
    theirs.replace(world.directory(&[&council]).await);
    world.refresh().await.unwrap();
    assert_eq!(world.found().await, [COUNCIL, "Riverside Clinic"]);
    // Where both are one, it is asked once.
    world.name(Some(&hers.url)).await;
    world.refresh().await.unwrap();
    assert_eq!((hers.asked(), theirs.asked()), (3, 1));
    // What she added stays, whatever the list says.
    world.name(None).await;
    world.refresh().await.unwrap();
    assert_eq!((hers.asked(), theirs.asked()), (4, 1));
}

#[tokio::test]
async fn h2_a_directory_that_cannot_be_had_holds_up_no_other() {
    let world = World::new().await;
    let council = world.council().await;
    let hers = Site::with(world.directory(&[&world.clinic]).await).await;
    world.alice.connections().fetch_directory(&hers.url).await.unwrap();

    // Nobody is there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    world.name(Some(&nowhere)).await;
    hers.replace(world.directory(&[&world.clinic, &council]).await);
    assert_eq!(code(world.refresh().await), "Unreachable");
    assert_eq!(world.found().await, [COUNCIL, "Riverside Clinic"]);

    // What is there is no directory.
    let theirs = Site::with(world.directory(&[]).await).await;
    world.name(Some(&theirs.url)).await;
    hers.replace("<html>".into());
    world.refresh().await.unwrap_err();
    assert_eq!((hers.asked(), theirs.asked()), (3, 1));
}

#[tokio::test]
async fn h2_a_directory_that_keeps_silent_holds_up_no_other() {
    let world = World::new().await;
    let hers = Site::with(world.directory(&[]).await).await;
    world.alice.connections().fetch_directory(&hers.url).await.unwrap();
    // It comes first by address, takes a connection, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world
        .name(Some(&format!("http://{}/", listener.local_addr().unwrap())))
        .await;
    hers.replace(world.directory(&[&world.clinic]).await);
    let connections = world.alice.connections();
    let seen = async {
        let _held = listener.accept().await.unwrap();
        while world.found().await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = connections.refresh_directories() => panic!("nothing was said yet"),
        seen = tokio::time::timeout(Duration::from_secs(40), seen) => seen.unwrap(),
    }
}

#[tokio::test]
async fn a31_no_list_leads_a_phone_to_an_address_that_it_would_not_ask() {
    let world = World::new().await;
    for url in [
        "http://framework.example/",
        "https://192.168.0.1/",
        "https://10.0.0.1/d",
        "ftp://a.example/",
        "here",
    ] {
        assert_eq!(
            code(world.framework.set_directory(Some(url)).await),
            "AddressRefused",
            "{url}"
        );
    }
    // A framework may be laxer than a phone.
    let site = Site::with(world.directory(&[&world.clinic]).await).await;
    world.framework.set_directory(Some(&site.url)).await.unwrap();
    let strict = Platform {
        transport: TransportPolicy::default(),
        ..platform(&world.clock)
    };
    let bob = Person::create(&world.folder.path().join("bob"), strict, PASSPHRASE)
        .await
        .unwrap();
    bob.trust()
        .add_anchor(world.framework.publish(30).await.unwrap())
        .await
        .unwrap();
    assert_eq!(code(bob.connections().refresh_directories().await), "AddressRefused");
    assert_eq!(site.asked(), 0);
}

#[tokio::test]
async fn t2_where_the_directory_lies_stands_in_the_operators_status_and_log() {
    let world = World::new().await;
    let url = "https://framework.example/directory.json";
    world.framework.set_directory(Some(url)).await.unwrap();
    let status = world.framework.status().await.unwrap();
    assert_eq!(
        (status.directory.as_deref(), status.unpublished_changes),
        (Some(url), true)
    );
    let log = world.framework.log().await.unwrap();
    let changed = Act::DirectoryChanged { url: Some(url.into()) };
    assert_eq!(log.last().map(|entry| &entry.act), Some(&changed));
    world.framework.set_directory(None).await.unwrap();
    assert_eq!(world.framework.status().await.unwrap().directory, None);
}
