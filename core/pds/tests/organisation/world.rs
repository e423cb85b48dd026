//! A framework, a clinic that it admitted, Alice, and a relay that they all reach; with a clock that only we move.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;

use kist_pds::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Noon of a day in 2026.
pub const NOW: i64 = 1_795_435_200;
pub const NAME: &str = "urn:kist:schema:name:1";
pub const BIRTH: &str = "urn:kist:schema:birth:1";
pub const PHONE: &str = "urn:kist:schema:phone:1";
pub const VACCINATION: &str = "urn:kist:schema:vaccination:1";
pub const FILE: &str = "urn:kist:schema:file:1";
pub const PASSPHRASE: &str = "a passphrase of some length";

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl kist_relay::Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A relay on this machine that can be stopped and started again.
pub struct RunningRelay {
    pub url: String,
    data: PathBuf,
    clock: TestClock,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl RunningRelay {
    pub async fn start(data: PathBuf, clock: TestClock) -> RunningRelay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut relay = RunningRelay {
            url: format!("http://{}", listener.local_addr().unwrap()),
            data,
            clock,
            running: None,
        };
        relay.serve(listener);
        relay
    }

    fn serve(&mut self, listener: TcpListener) {
        let config = kist_relay::Config {
            rate: None,
            push: Some(kist_relay::Push {
                hosts: Vec::new(),
                interval: std::time::Duration::from_secs(3600),
                allow_loopback: true,
            }),
            ..kist_relay::Config::new(&self.data, self.url.parse().unwrap())
        };
        let relay = kist_relay::Relay::open_with_clock(config, self.clock.clone()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(kist_relay::serve(listener, relay, async {
            let _ = stopped.await;
        }));
        self.running = Some((stop, served));
    }

    pub async fn stop(&mut self) {
        let (stop, served) = self.running.take().unwrap();
        stop.send(()).unwrap();
        served.await.unwrap();
    }

    pub async fn start_again(&mut self) {
        let address = self.url.strip_prefix("http://").unwrap();
        self.serve(TcpListener::bind(address).await.unwrap());
    }
}

/// Answers each request at an address of this machine with what `reply` says, and closes.
pub async fn answer_at(url: &str, mut reply: impl FnMut() -> String + Send + 'static) {
    let listener = TcpListener::bind(url.strip_prefix("http://").unwrap()).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if read_request(&mut stream).await {
                let _ = stream.write_all(reply().as_bytes()).await;
            }
        }
    });
}

/// Whether a whole request came.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    loop {
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if bytes.len() >= head + 4 + length.unwrap_or(0) {
                return true;
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(read) if read > 0 => {}
            _ => return false,
        }
    }
}

pub struct World {
    pub clock: TestClock,
    pub relay: RunningRelay,
    pub framework: Framework,
    pub clinic: Organisation,
    pub alice: Person,
    pub folder: TempDir,
}

impl World {
    /// Everybody is there, the clinic is admitted, and Alice has a name, a birth date and a telephone number.
    pub async fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = TestClock(Arc::new(AtomicI64::new(NOW * 1000)));
        let relay = RunningRelay::start(folder.path().join("relay"), clock.clone()).await;
        let profile = FrameworkProfile {
            label: "Health Framework".into(),
            legal_name: "Framework Operator Ltd".into(),
            organisation_id: "NTRGB-0001".into(),
            country: "GB".into(),
            list_url: None,
        };
        let framework = Framework::create(&folder.path().join("framework"), platform(&clock), PASSPHRASE, profile)
            .await
            .unwrap();
        let clinic = admitted(&framework, &folder.path().join("clinic"), &clock, "Riverside Clinic").await;
        clinic.set_relay(&relay.url).await.unwrap();
        let alice = Person::create(&folder.path().join("alice"), platform(&clock), PASSPHRASE)
            .await
            .unwrap();
        alice.set_relay(&relay.url).await.unwrap();
        alice
            .trust()
            .add_anchor(framework.publish(30).await.unwrap())
            .await
            .unwrap();
        for (schema, body) in [
            (NAME, json!({"given_name": "Alice", "family_name": "Archer"})),
            (BIRTH, json!({"birthdate": "1990-04-01"})),
            (PHONE, json!({"phone_number": "+44 7700 900123"})),
        ] {
            alice.records().add_self_asserted(schema, body).await.unwrap();
        }
        World {
            clock,
            relay,
            framework,
            clinic,
            alice,
            folder,
        }
    }

    /// Alice gives what a request needs, and no more. Gives the consent's name.
    pub async fn answer(&self, hosted: &HostedRequest) -> String {
        let request = self.alice.requests().open(&hosted.uri).await.unwrap();
        let decision = Decision::required(&request);
        let consent = self.alice.requests().answer(&request.id, decision).await.unwrap();
        consent.unwrap().id
    }

    /// The clinic delivers a vaccination under an agreement.
    pub async fn deliver(&self, agreement: &str) -> DeliveryReport {
        self.clinic
            .deliveries()
            .deliver(agreement, vaccination())
            .await
            .unwrap()
    }

    /// The clinic asks, Alice agrees, the clinic has her answer. Gives the agreement's name.
    pub async fn agree(&self) -> String {
        let hosted = self.clinic.requests().create(request()).await.unwrap();
        self.answer(&hosted).await;
        let answer = self.clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
        answer.agreement.unwrap()
    }

    /// Ends the clinic's process, and begins another on its folder.
    pub async fn restart_clinic(&mut self) {
        let dir = self.folder.path().join("clinic");
        let reopened = tempfile::tempdir().unwrap();
        let placeholder = Organisation::create(reopened.path(), platform(&self.clock), PASSPHRASE, profile("x"));
        drop(std::mem::replace(&mut self.clinic, placeholder.await.unwrap()));
        let opened = Organisation::open(&dir, platform(&self.clock), PASSPHRASE).await;
        self.clinic = opened.unwrap();
    }
}

pub fn platform(clock: &TestClock) -> Platform {
    Platform {
        kdf_cost: KdfCost::FLOOR,
        clock: Arc::new(clock.clone()),
        transport: TransportPolicy { allow_loopback: true },
        ..Platform::desktop("test")
    }
}

pub fn profile(name: &str) -> OrganisationProfile {
    OrganisationProfile {
        legal_name: name.into(),
        organisation_id: format!("NTRGB-{}", name.len()),
        country: "GB".into(),
        address: "1 Quay Street, Stromness".into(),
        contact: "mailto:privacy@clinic.example".into(),
        privacy_notice: "https://clinic.example/privacy".into(),
        terms: OrganisationTerms::of_document("https://clinic.example/terms/3", "3", b"the terms"),
        storage: vec!["GB".into()],
    }
}

pub fn application() -> ApplicationSpec {
    let credential = |vct: &str, claim: &str| CredentialUse {
        vct: vct.into(),
        claims: vec![vec![claim.into()]],
    };
    let intended = |id: &str, kept| IntendedUse {
        id: id.into(),
        purpose: Localised::new("en", "To register you as a patient"),
        purpose_code: "dpv:ServiceProvision".into(),
        legal_basis: "eu-gdpr:A6-1-a".into(),
        credentials: vec![
            credential(NAME, "given_name"),
            credential(BIRTH, "birthdate"),
            credential(PHONE, "phone_number"),
        ],
        retention: "P2Y".into(),
        kept_after_withdrawal: kept,
    };
    ApplicationSpec {
        contacts: vec!["mailto:privacy@clinic.example".into()],
        supervisory_authority: Authority {
            name: "ICO".into(),
            uri: "https://ico.example/".into(),
        },
        privacy_policy: Some("https://clinic.example/privacy".into()),
        intended_uses: vec![
            intended("care", Localised::default()),
            intended("records", Localised::new("en", "Your medical record")),
        ],
        issues: vec![VACCINATION.into(), FILE.into()],
        suppliers: Vec::new(),
        terms: FrameworkTerms {
            version: "1".into(),
            sha256: "x".repeat(43),
        },
        dns_name: None,
    }
}

/// An organisation with an installed admission.
pub async fn admitted(framework: &Framework, dir: &Path, clock: &TestClock, name: &str) -> Organisation {
    let organisation = Organisation::create(dir, platform(clock), PASSPHRASE, profile(name))
        .await
        .unwrap();
    let application = organisation.apply(application()).await.unwrap();
    organisation
        .install(framework.admit(&application).await.unwrap())
        .await
        .unwrap();
    organisation
}

pub fn field(id: &str, schema: &str, claim: &str, required: bool) -> FieldSpec {
    FieldSpec {
        id: id.into(),
        schema: schema.into(),
        claims: vec![vec![claim.into()]],
        required,
    }
}

/// Name and birth date required, the telephone number optional; standing, to read and to deliver.
pub fn request() -> RequestSpec {
    RequestSpec {
        use_id: "care".into(),
        fields: vec![
            field("name", NAME, "given_name", true),
            field("birth", BIRTH, "birthdate", true),
            field("phone", PHONE, "phone_number", false),
        ],
        validity: Validity::Standing,
        rights: Rights {
            read: true,
            deliver: true,
            update: false,
        },
        request_seconds: 600,
        language: "en".into(),
        replaces: None,
        plain: false,
        session: SessionSpec::None,
    }
}

pub fn vaccination() -> DeliverySpec {
    DeliverySpec {
        schema: VACCINATION.into(),
        claims: object(json!({"vaccine": "Tetanus toxoid", "date": "2026-11-23"})),
        expires_at: None,
    }
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The code of what must be an error.
pub fn code<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    outcome.unwrap_err().code()
}

/// What a future comes to, unless it is dropped before: after so many polls.
pub async fn cut_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (Box::pin(future), polls);
    std::future::poll_fn(|context| match left {
        0 => Poll::Ready(None),
        _ => {
            left -= 1;
            future.as_mut().poll(context).map(Some)
        }
    })
    .await
}
