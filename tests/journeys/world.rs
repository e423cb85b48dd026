//! What journeys share: a relay, a framework, a clinic that it admitted, and Alice.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kist_pds::{
    Application, CardOwner, Clock, Framework, FrameworkProfile, HostedRequest, ImportSource, KdfCost, Organisation,
    OrganisationProfile, OrganisationTerms, Person, Platform, ReadOptions, RequestSpec,
};
use kist_relay::{Config, Relay, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
pub(crate) const NAME: &str = "urn:kist:schema:name:1";
pub(crate) const BIRTH: &str = "urn:kist:schema:birth:1";
pub(crate) const ADDRESS: &str = "urn:kist:schema:address:1";
pub(crate) const PHONE: &str = "urn:kist:schema:phone:1";
pub(crate) const VACCINATION: &str = "urn:kist:schema:vaccination:1";
/// Words of Alice's data that nobody but she and the clinic may see.
pub(crate) const CANARIES: [&str; 5] = [
    "Canarywood",
    "Wrenfield Lane",
    "07700 900461",
    "1984-03-21",
    "Comirnaty-QX7",
];

const CARD: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Canarywood\r\nN:Canarywood;Alice;;;\r\nBDAY:19840321\r\n\
    TEL;TYPE=cell:07700 900461\r\nEND:VCARD\r\n";

/// A clock that a test moves by hand. It starts at the machine's time, which the relay goes by.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        kist_pds::SystemClock.now_ms() + self.0.load(Ordering::SeqCst)
    }
}

/// A relay that runs until it is stopped.
pub(crate) struct RunningRelay {
    pub(crate) url: String,
    address: SocketAddr,
    data: PathBuf,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl RunningRelay {
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_at(data, "127.0.0.1:0".parse().unwrap()).await
    }

    async fn start_at(data: &Path, address: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener: TcpListener = socket.listen(128).unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let relay = Relay::open(Config::new(data, url.parse().unwrap())).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, relay, async move {
            let _ = stopped.await;
        }));
        RunningRelay {
            url,
            address,
            data: data.to_owned(),
            stop,
            task,
        }
    }

    pub(crate) async fn stop(self) -> StoppedRelay {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
        StoppedRelay {
            address: self.address,
            data: self.data,
        }
    }
}

/// A relay that was stopped and can be started where it was.
pub(crate) struct StoppedRelay {
    address: SocketAddr,
    pub(crate) data: PathBuf,
}

impl StoppedRelay {
    pub(crate) async fn start(self) -> RunningRelay {
        RunningRelay::start_at(&self.data, self.address).await
    }
}

/// Everyone and everything of a journey.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) relay: RunningRelay,
    pub(crate) framework: Framework,
    pub(crate) clinic: Organisation,
    pub(crate) alice: Person,
}

pub(crate) fn platform(clock: &Arc<HandClock>, device: &str) -> Platform {
    let mut platform = Platform::desktop(device).allow_loopback();
    platform.kdf_cost = KdfCost::FLOOR;
    platform.clock = Arc::clone(clock) as Arc<dyn Clock>;
    platform
}

impl World {
    pub(crate) async fn new() -> World {
        let dir = TempDir::new().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(0)));
        let relay = RunningRelay::start(&dir.path().join("relay")).await;
        let framework = framework(dir.path(), &clock).await;
        let clinic = clinic(dir.path(), &clock, &relay.url).await;
        let application = clinic
            .apply(serde_json::from_value(application()).unwrap())
            .await
            .unwrap();
        let read: Application = Framework::read_application(&application).unwrap();
        assert_eq!(read.organisation.legal_name, "Riverside Clinic");
        clinic
            .install(framework.admit(&application).await.unwrap())
            .await
            .unwrap();
        let alice = Person::create(&dir.path().join("alice"), platform(&clock, "Alice's phone"), PASSPHRASE)
            .await
            .unwrap();
        alice.set_relay(&relay.url).await.unwrap();
        alice
            .trust()
            .add_anchor(framework.publish(30).await.unwrap())
            .await
            .unwrap();
        World {
            dir,
            clock,
            relay,
            framework,
            clinic,
            alice,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn platform(&self, device: &str) -> Platform {
        platform(&self.clock, device)
    }

    /// Alice's own data: a vCard and an address that she types.
    pub(crate) async fn fill(&self) {
        let report = self.alice.import().all(own_card(CARD), mine()).await.unwrap();
        assert_eq!(report.added.len(), 3, "name, birth date, telephone number");
        let address =
            json!({ "street_address": "12 Wrenfield Lane", "locality": "Edinburgh", "postal_code": "EH6 6AB" });
        self.alice.records().add_self_asserted(ADDRESS, address).await.unwrap();
    }

    pub(crate) async fn request(&self) -> HostedRequest {
        self.clinic.requests().create(visit()).await.unwrap()
    }

    /// Alice answers a request with what it needs and no more; the clinic collects. Gives the agreement's name.
    pub(crate) async fn agree(&self) -> String {
        let request = self.request().await;
        let open = self.alice.requests().open(&request.uri).await.unwrap();
        let decision = kist_pds::Decision::required(&open);
        self.alice.requests().answer(&open.id, decision).await.unwrap().unwrap();
        let answer = self.clinic.requests().collect(&request.id, 5).await.unwrap().unwrap();
        answer.agreement.unwrap()
    }
}

async fn framework(dir: &Path, clock: &Arc<HandClock>) -> Framework {
    let profile = FrameworkProfile {
        label: "Harbour Trust".into(),
        legal_name: "Harbour Trust Framework Ltd".into(),
        organisation_id: "GB-COH-09876543".into(),
        country: "GB".into(),
        list_url: None,
    };
    Framework::create(&dir.join("framework"), platform(clock, "operator"), PASSPHRASE, profile)
        .await
        .unwrap()
}

async fn clinic(dir: &Path, clock: &Arc<HandClock>, relay: &str) -> Organisation {
    let profile = OrganisationProfile {
        legal_name: "Riverside Clinic".into(),
        organisation_id: "GB-COH-01234567".into(),
        country: "GB".into(),
        address: "1 River Street, Edinburgh EH1 1AA".into(),
        contact: "mailto:data@riverside.example".into(),
        privacy_notice: "https://riverside.example/privacy".into(),
        terms: OrganisationTerms::of_document("https://riverside.example/terms", "1", b"the terms"),
        storage: vec!["GB".into()],
    };
    let clinic = Organisation::create(&dir.join("clinic"), platform(clock, "clinic"), PASSPHRASE, profile)
        .await
        .unwrap();
    clinic.set_relay(relay).await.unwrap();
    clinic
}

fn application() -> Value {
    json!({
        "contacts": ["mailto:data@riverside.example"],
        "supervisory_authority": { "name": "Information Commissioner's Office", "uri": "https://ico.example" },
        "intended_uses": [{
            "intended_use_id": "visit",
            "purpose": [{ "lang": "en", "value": "To register you for your visit and send you your results" },
                        { "lang": "cy", "value": "I'ch cofrestru ar gyfer eich ymweliad ac anfon eich canlyniadau atoch" }],
            "purpose_code": "dpv:ServiceProvision",
            "legal_basis": "eu-gdpr:A9-2-a",
            "credentials": [
                { "vct": NAME, "claims": [["given_name"], ["family_name"]] },
                { "vct": BIRTH, "claims": [["birthdate"]] },
                { "vct": ADDRESS, "claims": [["street_address"], ["locality"], ["postal_code"]] },
                { "vct": PHONE, "claims": [["phone_number"]] }
            ],
            "retention": "P2Y",
            "kept_after_withdrawal": [{ "lang": "en", "value": "The record of your treatment, as the law asks" }]
        }],
        "issues": [VACCINATION],
        "terms": { "version": "1", "sha256": OrganisationTerms::of_document("https://x.example", "1", b"terms").sha256 }
    })
}

/// Name, birth date and address, which the clinic needs, and a telephone number, which it would like.
pub(crate) fn visit() -> RequestSpec {
    let part = |id: &str, schema: &str, claims: &[&str], required: bool| {
        json!({ "id": id, "schema": schema, "claims": claims.iter().map(|claim| [claim]).collect::<Vec<_>>(),
                "required": required })
    };
    serde_json::from_value(json!({
        "use_id": "visit",
        "fields": [
            part("name", NAME, &["given_name", "family_name"], true),
            part("birth", BIRTH, &["birthdate"], true),
            part("address", ADDRESS, &["street_address", "locality", "postal_code"], true),
            part("phone", PHONE, &["phone_number"], false),
        ],
        "validity": { "kind": "standing" },
        "rights": { "read": true, "deliver": true, "update": false },
        "request_seconds": 600,
        "language": "en",
    }))
    .unwrap()
}

pub(crate) fn vaccination() -> kist_pds::DeliverySpec {
    serde_json::from_value(json!({
        "schema": VACCINATION,
        "claims": { "vaccine": "Comirnaty-QX7", "date": "2026-11-20", "performer": "Riverside Clinic" },
    }))
    .unwrap()
}

/// Every file below a folder, with its bytes.
pub(crate) fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// Fails where any of Alice's words lies in a file below a folder.
pub(crate) fn assert_nothing_readable(dir: &Path) {
    let all = files(dir);
    assert!(!all.is_empty());
    for (path, bytes) in all {
        for canary in CANARIES {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} lies readable in {}", path.display());
        }
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A card, as bytes that an app has.
pub(crate) fn own_card(card: &str) -> ImportSource {
    ImportSource::Bytes {
        name: None,
        bytes: card.as_bytes().to_vec(),
    }
}

/// The card is the person's own.
pub(crate) fn mine() -> ReadOptions {
    ReadOptions {
        owner: CardOwner::Mine,
        ..ReadOptions::default()
    }
}
