//! A town: organisations of one framework, people, and a relay. A clock that only the journey moves.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kist_pds::{
    Clock, Decision, Framework, FrameworkProfile, KdfCost, Organisation, OrganisationProfile, OrganisationTerms,
    Person, Platform, RequestSpec,
};
use kist_relay::{Config, Relay, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::world::{ADDRESS, BIRTH, NAME, PASSPHRASE, PHONE, VACCINATION};

/// A morning in November.
pub(crate) const START: i64 = 1_795_424_400;
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// Stands still until it is moved.
#[derive(Clone)]
pub(crate) struct TownClock(Arc<AtomicI64>);

impl TownClock {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TownClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl kist_relay::Clock for TownClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Everything that a journey through the town needs.
pub(crate) struct Town {
    pub(crate) dir: TempDir,
    pub(crate) clock: TownClock,
    pub(crate) relay: String,
    pub(crate) framework: Framework,
}

/// What an organisation asks for under its one intended use.
pub(crate) struct Asks {
    pub(crate) purpose: &'static str,
    pub(crate) required: &'static [(&'static str, &'static [&'static str])],
    pub(crate) update: bool,
}

impl Town {
    pub(crate) async fn new() -> Town {
        let dir = TempDir::new().unwrap();
        let clock = TownClock(Arc::new(AtomicI64::new(START * 1000)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = format!("http://{}", listener.local_addr().unwrap());
        let config = Config {
            rate: None,
            ..Config::new(dir.path().join("relay"), relay.parse().unwrap())
        };
        let opened = Relay::open_with_clock(config, clock.clone()).unwrap();
        tokio::spawn(serve(listener, opened, std::future::pending()));
        let profile = FrameworkProfile {
            label: "Harbour Trust".into(),
            legal_name: "Harbour Trust Framework Ltd".into(),
            organisation_id: "GB-COH-09876543".into(),
            country: "GB".into(),
            list_url: None,
        };
        let place = dir.path().join("framework");
        let framework = Framework::create(&place, platform(&clock), PASSPHRASE, profile)
            .await
            .unwrap();
        Town {
            dir,
            clock,
            relay,
            framework,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// An organisation that the framework admits for what it asks.
    pub(crate) async fn organisation(&self, folder: &str, name: &str, number: u32, asks: &Asks) -> Organisation {
        let profile = OrganisationProfile {
            legal_name: name.into(),
            organisation_id: format!("GB-COH-{number:08}"),
            country: "GB".into(),
            address: "1 Quay Street, Stromness".into(),
            contact: "mailto:data@town.example".into(),
            privacy_notice: "https://town.example/privacy".into(),
            terms: OrganisationTerms::of_document("https://town.example/terms", "1", b"the terms"),
            storage: vec!["GB".into()],
        };
        let place = self.path(folder);
        let organisation = Organisation::create(&place, platform(&self.clock), PASSPHRASE, profile)
            .await
            .unwrap();
        organisation.set_relay(&self.relay).await.unwrap();
        let application = serde_json::from_value(application(asks)).unwrap();
        let application = organisation.apply(application).await.unwrap();
        let admission = self.framework.admit(&application).await.unwrap();
        organisation.install(admission).await.unwrap();
        organisation
    }

    /// A person with their records, who believes the framework as it is now.
    pub(crate) async fn person(&self, folder: &str, records: Vec<(&str, Value)>) -> Person {
        let person = Person::create(&self.path(folder), platform(&self.clock), PASSPHRASE)
            .await
            .unwrap();
        person.set_relay(&self.relay).await.unwrap();
        person
            .trust()
            .add_anchor(self.framework.publish(90).await.unwrap())
            .await
            .unwrap();
        for (schema, body) in records {
            person.records().add_self_asserted(schema, body).await.unwrap();
        }
        person
    }

    /// The organisation asks, the person gives what is required, the receipt comes. A minute passes with each step. Gives
    /// the agreement's name.
    pub(crate) async fn agree(&self, organisation: &Organisation, person: &Person, asks: &Asks) -> String {
        let request = organisation.requests().create(request(asks)).await.unwrap();
        self.clock.forward(61);
        let open = person.requests().open(&request.uri).await.unwrap();
        let consent = person
            .requests()
            .answer(&open.id, Decision::required(&open))
            .await
            .unwrap();
        self.clock.forward(67);
        organisation.requests().collect(&request.id, 0).await.unwrap().unwrap();
        self.clock.forward(71);
        person.inbox().refresh().await.unwrap();
        self.clock.forward(73);
        consent.unwrap().id
    }
}

pub(crate) fn platform(clock: &TownClock) -> Platform {
    let mut platform = Platform::desktop("a machine").allow_loopback();
    platform.kdf_cost = KdfCost::FLOOR;
    platform.clock = Arc::new(clock.clone());
    platform
}

fn application(asks: &Asks) -> Value {
    let credential = |(vct, claims): &(&str, &[&str])| json!({ "vct": vct, "claims": claims.iter().map(|claim| [claim]).collect::<Vec<_>>() });
    json!({
        "contacts": ["mailto:data@town.example"],
        "supervisory_authority": { "name": "Information Commissioner's Office", "uri": "https://ico.example" },
        "intended_uses": [{
            "intended_use_id": "service",
            "purpose": [{ "lang": "en", "value": asks.purpose }],
            "purpose_code": "dpv:ServiceProvision",
            "legal_basis": "eu-gdpr:A6-1-a",
            "credentials": asks.required.iter().map(credential).collect::<Vec<_>>(),
            "retention": "P2Y",
            "kept_after_withdrawal": []
        }],
        "issues": [VACCINATION],
        "terms": { "version": "1", "sha256": OrganisationTerms::of_document("https://x.example", "1", b"terms").sha256 }
    })
}

pub(crate) fn request(asks: &Asks) -> RequestSpec {
    let part = |(schema, claims): &(&str, &[&str])| {
        let id = match *schema {
            NAME => "name",
            BIRTH => "birth",
            ADDRESS => "address",
            PHONE => "phone",
            _ => "other",
        };
        json!({ "id": id, "schema": schema, "claims": claims.iter().map(|claim| [claim]).collect::<Vec<_>>(),
                "required": true })
    };
    serde_json::from_value(json!({
        "use_id": "service",
        "fields": asks.required.iter().map(part).collect::<Vec<_>>(),
        "validity": { "kind": "standing" },
        "rights": { "read": true, "deliver": true, "update": asks.update },
        "request_seconds": 600,
        "language": "en",
    }))
    .unwrap()
}
