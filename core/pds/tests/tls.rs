//! C1, over TLS: a relay behind a certificate of an authority that the test makes, believed by those who are told of it.

#![allow(clippy::unwrap_used)] // tests

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use kist_pds::*;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use world::*;

#[allow(dead_code, unreachable_pub)]
#[path = "organisation/world.rs"]
mod world;

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// An authority, and a certificate of it for `localhost`.
fn certificates(folder: &Path) {
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(
        folder,
        &format!("{new} -x509 -days 2 -subj /CN=Authority -keyout ca.key -out ca.pem"),
    );
    openssl(
        folder,
        &format!("{new} -subj /CN=Relay -keyout relay.key -out relay.csr"),
    );
    let extensions = "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n";
    fs::write(folder.join("extensions"), extensions).unwrap();
    let signed = "x509 -req -in relay.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions";
    openssl(folder, &format!("{signed} -outform DER -out relay.der"));
    openssl(folder, "x509 -in ca.pem -outform DER -out ca.der");
    openssl(
        folder,
        "pkcs8 -topk8 -nocrypt -in relay.key -outform DER -out relay.key.der",
    );
}

/// A relay whose one way in ends TLS. Gives its port.
async fn relay(folder: &Path) -> u16 {
    let outside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, target) = (outside.local_addr().unwrap().port(), inside.local_addr().unwrap());
    let origin = format!("https://localhost:{port}").parse().unwrap();
    let config = kist_relay::Config::new(folder.join("relay"), origin);
    let relay = kist_relay::Relay::open(config).unwrap();
    tokio::spawn(kist_relay::serve(inside, relay, std::future::pending()));

    let read = |name| fs::read(folder.join(name)).unwrap();
    let key = PrivatePkcs8KeyDer::from(read("relay.key.der"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(read("relay.der"))], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    tokio::spawn(async move {
        loop {
            let (client, _) = outside.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that doesn't believe the certificate goes away.
                let Ok(mut client) = acceptor.accept(client).await else {
                    return;
                };
                let mut relay = TcpStream::connect(target).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut relay).await;
            });
        }
    });
    port
}

struct Parties {
    folder: TempDir,
    relay: String,
    authority: Vec<u8>,
}

impl Parties {
    async fn new() -> Parties {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let port = relay(folder.path()).await;
        Parties {
            relay: format!("https://localhost:{port}"),
            authority: fs::read(folder.path().join("ca.der")).unwrap(),
            folder,
        }
    }

    fn platform(&self) -> Platform {
        Platform {
            kdf_cost: KdfCost::FLOOR,
            tls_authorities: vec![self.authority.clone()],
            ..Platform::desktop("Alice's phone").allow_loopback()
        }
    }

    fn dir(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    async fn clinic(&self) -> (Organisation, AnchorBundle) {
        let operator = FrameworkProfile {
            label: "Health Framework".into(),
            legal_name: "Framework Operator Ltd".into(),
            organisation_id: "NTRGB-0001".into(),
            country: "GB".into(),
            list_url: None,
        };
        let framework = Framework::create(&self.dir("framework"), self.platform(), PASSPHRASE, operator)
            .await
            .unwrap();
        let profile = profile("Riverside Clinic");
        let clinic = Organisation::create(&self.dir("clinic"), self.platform(), PASSPHRASE, profile)
            .await
            .unwrap();
        let admission = framework
            .admit(&clinic.apply(application()).await.unwrap())
            .await
            .unwrap();
        clinic.install(admission).await.unwrap();
        clinic.set_relay(&self.relay).await.unwrap();
        (clinic, framework.publish(30).await.unwrap())
    }

    async fn person(&self, name: &str, platform: Platform, anchor: &AnchorBundle) -> Person {
        let person = Person::create(&self.dir(name), platform, PASSPHRASE).await.unwrap();
        person.set_relay(&self.relay).await.unwrap();
        person.trust().add_anchor(anchor.clone()).await.unwrap();
        for (schema, body) in [
            (NAME, serde_json::json!({"given_name": "Alice"})),
            (BIRTH, serde_json::json!({"birthdate": "1990-04-01"})),
        ] {
            person.records().add_self_asserted(schema, body).await.unwrap();
        }
        person
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c1_request_delivery_withdrawal_backup_and_restore_go_over_tls() {
    let parties = Parties::new().await;
    let (clinic, anchor) = parties.clinic().await;
    let alice = parties.person("alice", parties.platform(), &anchor).await;

    let hosted = clinic.requests().create(request()).await.unwrap();
    let open = alice.requests().open(&hosted.uri).await.unwrap();
    let consent = alice
        .requests()
        .answer(&open.id, Decision::required(&open))
        .await
        .unwrap();
    let agreement = consent.unwrap().id;
    assert!(clinic.requests().collect(&hosted.id, 0).await.unwrap().is_some());
    clinic.deliveries().deliver(&agreement, vaccination()).await.unwrap();
    let events = alice.inbox().refresh().await.unwrap();
    assert!(matches!(
        events.as_slice(),
        [InboxEvent::ReceiptStored { .. }, InboxEvent::Delivered { .. }]
    ));
    alice.consents().withdraw(&agreement).await.unwrap();
    clinic.inbox().refresh().await.unwrap();
    alice.inbox().refresh().await.unwrap();
    let state = alice.consents().get(&agreement).await.unwrap().summary.state;
    assert_eq!(state, ConsentState::WithdrawalAcknowledged);

    let kit = alice.backup().set_up(&parties.relay).await.unwrap();
    let made = alice.backup().run(no_progress()).await.unwrap();
    let records = alice.records().list(Filter::default()).await.unwrap().len() as u64;
    alice.close().await.unwrap();
    let input = RecoveryInput {
        code: kit.uri,
        relay: None,
    };
    let (_alice, report) = Person::restore(
        &parties.dir("new phone"),
        parties.platform(),
        &input,
        PASSPHRASE,
        Freshness::Confirmed(made.sequence),
        no_progress(),
    )
    .await
    .unwrap();
    assert_eq!(report.records, records);
}

#[tokio::test(flavor = "multi_thread")]
async fn c1_a_relay_whose_certificate_is_not_believed_is_not_spoken_to() {
    let parties = Parties::new().await;
    let (clinic, anchor) = parties.clinic().await;
    let hosted = clinic.requests().create(request()).await.unwrap();
    let stranger = Platform {
        tls_authorities: Vec::new(),
        ..parties.platform()
    };
    let stranger = parties.person("stranger", stranger, &anchor).await;
    assert_eq!(code(stranger.requests().open(&hosted.uri).await), "Unreachable");

    // The certificate is for another name.
    let alice = parties.person("alice", parties.platform(), &anchor).await;
    let by_address = hosted.uri.replace("localhost", "127.0.0.1");
    assert_eq!(code(alice.requests().open(&by_address).await), "Unreachable");
    let other = parties.relay.replace("localhost", "127.0.0.1");
    assert_eq!(code(alice.backup().set_up(&other).await), "Unreachable");
    alice.requests().open(&hosted.uri).await.unwrap();
}
