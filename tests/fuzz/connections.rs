//! What opens connections: invitations, hellos, clusters, letters and links.

use kist_crypto::es256::SigningKey;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{LetterCode, hpke, jws};
use kist_exchange::{
    ContactLink, Hello, PersonInvitation, RequestLink, ReturnAddress, TransportPolicy, VerifiedCluster,
    VerifiedInvitation,
};
use kist_trust::{Grounds, Mode};
use serde_json::{Map, Value};

const NOW: i64 = 1_795_435_200;
const MAILBOX: &str = "ZG9vcmRvb3Jkb29yZG9vcg";
const POLICY: TransportPolicy = TransportPolicy { allow_loopback: false };
const NOBODY: Grounds<'static> = Grounds {
    anchors: &[],
    lists: &[],
    mode: Mode::Strict,
};

fn key() -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(1))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn signed(typ: &str, payload: &[u8]) -> String {
    let header = Map::from_iter([
        ("typ".to_owned(), Value::from(typ)),
        ("x5c".to_owned(), serde_json::json!(["MA=="])),
    ]);
    jws::Unsigned::new(header, payload).sign(&key())
}

pub(crate) fn payload_seeds() -> Vec<Vec<u8>> {
    let address = serde_json::json!({
        "relay": "https://relay.example", "mailbox": MAILBOX, "send_token": "A".repeat(43),
        "receiving_key": kist_crypto::base64url(receiving().public().to_bytes()),
    });
    let invitation = serde_json::json!({
        "version": 1, "relay": "https://relay.example", "mailbox": MAILBOX, "send_token": "A".repeat(43),
        "receiving_key": address["receiving_key"], "uses": ["care"], "clusters": [{"lead": "NTRGB-1", "id": "islands"}],
        "letter": "secret", "registration": "a.b.c", "iat": NOW, "exp": NOW + 60,
    });
    let hello = serde_json::json!({
        "version": 1, "jti": "aGVsbG8", "invitation": "A".repeat(43), "use": "care", "address": address,
        "key": key().public().jwk(), "iat": NOW,
    });
    let cluster = serde_json::json!({
        "version": 1, "registration": "a.b.c", "iat": NOW, "exp": NOW + 60,
        "cluster": {"id": "islands", "version": 1, "name": {"en": "Care"}, "members": [
            {"organisation_id": "NTRGB-1", "role": {"en": "Clinic"}, "intended_use": "care"},
            {"organisation_id": "NTRGB-2", "role": {"en": "Council"}, "intended_use": "care"}]},
    });
    [invitation, hello, cluster]
        .map(|payload| payload.to_string().into_bytes())
        .to_vec()
}

fn receiving() -> hpke::PrivateKey {
    hpke::PrivateKey::generate(&mut SeededRandom::new(3))
}

pub(crate) fn invitation(bytes: &[u8]) {
    let _ = VerifiedInvitation::verify(&text(bytes), None, &NOBODY, NOW, POLICY);
    let _ = VerifiedInvitation::verify(&signed("kist-invitation+jwt", bytes), None, &NOBODY, NOW, POLICY);
}

pub(crate) fn cluster(bytes: &[u8]) {
    let _ = VerifiedCluster::verify(&text(bytes), None, &NOBODY, NOW);
    let _ = VerifiedCluster::verify(&signed("kist-cluster+jwt", bytes), None, &NOBODY, NOW);
}

/// The bytes as what was sealed, and sealed as what a person signed.
pub(crate) fn hello(bytes: &[u8]) {
    let _ = Hello::open(bytes, &receiving(), MAILBOX, NOW, POLICY);
    let to = ReturnAddress {
        relay: "https://relay.example".into(),
        mailbox: MAILBOX.into(),
        send_token: String::new(),
        receiving_key: receiving().public(),
    };
    for signed in [signed("kist-hello+jwt", bytes), text(bytes)] {
        if let Ok(sealed) = Hello::seal(&signed, &to, &mut SeededRandom::new(4)) {
            let _ = Hello::open(&sealed, &receiving(), MAILBOX, NOW, POLICY);
        }
    }
}

pub(crate) fn letter_code_seeds() -> Vec<Vec<u8>> {
    let code = |seed| LetterCode::generate(&mut SeededRandom::new(seed)).reveal().into_bytes();
    (0..8).map(code).collect()
}

pub(crate) fn letter_code(bytes: &[u8]) {
    let _ = text(bytes).parse::<LetterCode>();
}

pub(crate) fn link_seeds() -> Vec<Vec<u8>> {
    [
        "kist-connect://invitation?client_id=x509_hash%3AAAAA&invitation_uri=https%3A%2F%2Fclinic.example%2Finvitation.jwt",
        "kist-connect://cluster?client_id=x509_hash%3AAAAA&cluster_uri=https%3A%2F%2Fcouncil.example%2Fcluster.jwt",
        "kist-connect://letter?code=00000-00001-00002-00003&relay=https%3A%2F%2Frelay.example",
        "kist-connect://person?key=AAAA",
        "openid4vp://?client_id=x509_hash%3AAAAA&request_uri=https%3A%2F%2Frelay.example%2Fr",
    ]
    .map(|link| link.as_bytes().to_vec())
    .to_vec()
}

pub(crate) fn link(bytes: &[u8]) {
    let _ = PersonInvitation::parse(&text(bytes), POLICY);
    if let Ok(link) = ContactLink::parse(&text(bytes), POLICY) {
        assert!(RequestLink::parse(&link.to_uri(), POLICY).is_err());
    }
}
