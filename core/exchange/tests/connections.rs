//! Where the person begins: invitations, hellos and clusters, and what is refused of them.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::Texts;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{base64url, hpke};
use kist_exchange::{
    Cluster, ClusterMember, ClusterName, Error, Hello, InvitationDraft, ReturnAddress, VerifiedCluster,
    VerifiedInvitation,
};
use kist_trust::{Grounds, Mode};
use serde_json::{Value, json};

const DOOR: &str = "ZG9vcmRvb3Jkb29yZG9vcg";

fn receiving() -> hpke::PrivateKey {
    hpke::PrivateKey::generate(&mut SeededRandom::new(40))
}

fn address(mailbox: &str, key: &hpke::PrivateKey) -> ReturnAddress {
    ReturnAddress {
        relay: "https://relay.example".into(),
        mailbox: mailbox.into(),
        send_token: base64url([7; 32]),
        receiving_key: key.public(),
    }
}

fn grounds(world: &World) -> Grounds<'_> {
    Grounds {
        anchors: &world.anchors,
        lists: &world.lists,
        mode: Mode::Strict,
    }
}

fn cluster_name() -> ClusterName {
    ClusterName {
        lead: "NTRGB-1002".into(),
        id: "islands".into(),
    }
}

/// The clinic's invitation, changed as a test wants it.
fn invite(world: &World, change: impl Fn(&mut InvitationDraft<'_>)) -> String {
    let (uses, clusters) = (vec!["care".to_owned()], vec![cluster_name()]);
    let (door, clinic) = (address(DOOR, &receiving()), &world.clinic);
    let chain = chain(clinic);
    let mut draft = InvitationDraft {
        certificates: &chain,
        registration: &clinic.admitted.registration,
        address: &door,
        uses: &uses,
        clusters: &clusters,
        letter: None,
        issued_at: NOW,
        expires_at: NOW + 3600,
        policy: POLICY,
    };
    change(&mut draft);
    draft.prepare().unwrap().sign(&clinic.key)
}

fn chain(organisation: &Organisation) -> Vec<Vec<u8>> {
    organisation.admitted.chain.clone()
}

fn verify(world: &World, invitation: &str, now: i64) -> Result<VerifiedInvitation, Error> {
    VerifiedInvitation::verify(invitation, None, &grounds(world), now, POLICY)
}

fn hello(invitation: &VerifiedInvitation) -> String {
    let person = key(50);
    let mine = address(
        "bWluZW1pbmVtaW5lbWluZQ",
        &hpke::PrivateKey::generate(&mut SeededRandom::new(51)),
    );
    let hello = Hello::at(
        invitation,
        "care",
        mine,
        person.public(),
        "aGVsbG9oZWxsb2hlbGxvaA".into(),
    )
    .unwrap();
    hello.prepare(NOW).unwrap().sign(&person)
}

fn seal(signed: &str, invitation: &VerifiedInvitation) -> Vec<u8> {
    Hello::seal(signed, invitation.address(), &mut SeededRandom::new(52)).unwrap()
}

fn open(sealed: &[u8], now: i64) -> Result<Hello, Error> {
    Hello::open(sealed, &receiving(), DOOR, now, POLICY)
}

#[test]
fn h2_a_hello_opens_at_its_own_door_and_proves_its_key() {
    let world = World::new();
    let compact = invite(&world, |_| {});
    let invitation = verify(&world, &compact, NOW).unwrap();
    assert!(invitation.is_in(&cluster_name()));
    let sealed = seal(&hello(&invitation), &invitation);
    assert_eq!(sealed.len(), 2048);
    let opened = open(&sealed, NOW + 3600).unwrap();
    assert_eq!(opened.invitation, invitation.hash());
    assert_eq!((opened.intended_use.as_str(), opened.key), ("care", key(50).public()));
    // Another key, another door, another day.
    let other = hpke::PrivateKey::generate(&mut SeededRandom::new(41));
    assert!(Hello::open(&sealed, &other, DOOR, NOW, POLICY).is_err());
    assert!(Hello::open(&sealed, &receiving(), "b3RoZXJvdGhlcm90aGVyb3", NOW, POLICY).is_err());
    assert_eq!(open(&sealed, NOW + 10 * 86_400).unwrap_err(), Error::RequestExpired);
    assert!(matches!(
        open(&sealed, NOW - 3 * 86_400),
        Err(Error::NotYetValid { .. })
    ));
}

#[test]
fn a6_each_changed_byte_of_a_hello_is_noticed() {
    let world = World::new();
    let invitation = verify(&world, &invite(&world, |_| {}), NOW).unwrap();
    let sealed = seal(&hello(&invitation), &invitation);
    for at in (0..sealed.len()).step_by(7) {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open(&changed, NOW).is_err(), "byte {at}");
    }
    // A hello that names a key which didn't sign it.
    let signed = hello(&invitation);
    let (payload, _) = signed.rsplit_once('.').unwrap();
    let forged = format!("{payload}.{}", base64url(key(60).sign(payload.as_bytes())));
    assert_eq!(
        open(&seal(&forged, &invitation), NOW).unwrap_err().code(),
        "SignatureInvalid"
    );
}

#[test]
fn a21_two_hellos_of_one_day_have_the_day_in_common_alone() {
    let world = World::new();
    let invitation = verify(&world, &invite(&world, |_| {}), NOW).unwrap();
    let said =
        |signed: &str| -> Value { serde_json::from_slice(&kist_crypto::jws::parse(signed).unwrap().payload).unwrap() };
    let said = said(&hello(&invitation));
    assert_eq!(said["iat"], json!(NOW - NOW % 86_400));
    let names: Vec<&String> = said.as_object().unwrap().keys().collect();
    assert_eq!(names, ["address", "iat", "invitation", "jti", "key", "use", "version"]);
}

#[test]
fn a18_a22_an_invitation_is_believed_as_a_request_is() {
    let mut world = World::new();
    let good = invite(&world, |_| {});
    let client_id = verify(&world, &good, NOW).unwrap().client_id();
    assert!(VerifiedInvitation::verify(&good, Some(&client_id), &grounds(&world), NOW, POLICY).is_ok());
    let other = format!("x509_hash:{}", base64url([1; 32]));
    let mixed = VerifiedInvitation::verify(&good, Some(&other), &grounds(&world), NOW, POLICY);
    assert_eq!(mixed.unwrap_err().code(), "MixUpRefused");
    let of_shop = chain(&world.shop);
    let shops = invite(&world, |draft| {
        draft.certificates = Box::leak(Box::new(of_shop.clone()))
    });
    assert_eq!(
        verify(&world, &shops, NOW).unwrap_err().code(),
        "OrganisationNotTrusted"
    );
    assert_eq!(verify(&world, &good, NOW + 3601).unwrap_err(), Error::RequestExpired);
    let unknown = vec!["marketing".to_owned()];
    let unregistered = invite(&world, |draft| draft.uses = Box::leak(Box::new(unknown.clone())));
    assert_eq!(verify(&world, &unregistered, NOW).unwrap_err().code(), "Malformed");
    let mut flipped = good.clone().into_bytes();
    let at = good.find('.').unwrap() + 40;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    assert!(verify(&world, &String::from_utf8(flipped).unwrap(), NOW).is_err());
    world.lists.clear();
    assert_eq!(verify(&world, &good, NOW).unwrap_err().code(), "OrganisationNotTrusted");
}

fn cluster(version: u64) -> Cluster {
    let member = |id: &str, role: &str| ClusterMember {
        organisation_id: id.into(),
        role: Texts::new("en", role).unwrap(),
        intended_use: "care".into(),
    };
    Cluster {
        id: "islands".into(),
        version,
        name: Texts::new("en", "Care on the islands").unwrap(),
        members: vec![member("NTRGB-1001", "Clinic"), member("NTRGB-1002", "Shop")],
    }
}

#[test]
fn o4_a_cluster_is_what_its_lead_signed() {
    let world = World::new();
    let lead = &world.shop;
    let stated = |cluster: &Cluster| {
        let unsigned = cluster.prepare(&chain(lead), &lead.admitted.registration, NOW, NOW + 3600);
        unsigned.map(|unsigned| unsigned.sign(&lead.key))
    };
    let statement = stated(&cluster(1)).unwrap();
    let verified = VerifiedCluster::verify(&statement, None, &grounds(&world), NOW).unwrap();
    assert_eq!((verified.name(), &verified.cluster), (cluster_name(), &cluster(1)));
    assert_eq!(
        VerifiedCluster::verify(&statement, None, &grounds(&world), NOW + 3601).unwrap_err(),
        Error::RequestExpired
    );
    // An invitation is no statement, and nobody is in a cluster twice or alone.
    let invitation = invite(&world, |_| {});
    assert!(VerifiedCluster::verify(&invitation, None, &grounds(&world), NOW).is_err());
    let mut twice = cluster(1);
    twice.members[1].organisation_id = "NTRGB-1001".into();
    assert!(stated(&twice).is_err());
    let mut alone = cluster(1);
    alone.members.pop();
    assert!(stated(&alone).is_err());
}

#[test]
fn h2_a_hello_that_another_implementation_made_opens() {
    let vector: Value = serde_json::from_str(include_str!("../../../tests/vectors/connections/hello.json")).unwrap();
    let bytes = |name: &str| kist_crypto::from_base64url(vector[name].as_str().unwrap()).unwrap();
    let secret = kist_crypto::Secret::from_slice(&bytes("receiving_key")).unwrap();
    let key = hpke::PrivateKey::from_secret(secret).unwrap();
    let (mailbox, now) = (vector["mailbox"].as_str().unwrap(), vector["now"].as_i64().unwrap());
    let opened = Hello::open(&bytes("sealed"), &key, mailbox, now, POLICY).unwrap();
    let says = &vector["says"];
    assert_eq!(opened.intended_use, says["use"]);
    assert_eq!(
        (&opened.invitation, &opened.id),
        (&text(&says["invitation"]), &text(&says["jti"]))
    );
    assert_eq!(opened.address.mailbox, says["address"]["mailbox"]);
    assert_eq!(serde_json::to_value(opened.key.jwk()).unwrap(), says["key"]);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
