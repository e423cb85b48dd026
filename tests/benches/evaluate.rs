//! What a request comes to: 50 fields of ten types, on a store of 10,000 records with a history of 500 entries and three
//! rules, after an earlier agreement with the organisation that asks.
//!
//! `evaluate_ms` goes from a verified request to the evaluation that the rules have judged, with all that is read from the
//! sealed store for it; `evaluate_p95_ms` is its 95th percentile. `verify_ms` is what comes before: list, certificates and
//! signatures of request, registration and offer. There is no peer.
#![allow(clippy::unwrap_used)]

mod table;

use std::path::Path;

use kist_pds::{
    ApplicationSpec, Decision, FieldSpec, Framework, FrameworkProfile, LifeArea, Organisation, OrganisationProfile,
    OrganisationTerms, Pattern, Person, PersonRule, Platform, Provenance, QuietHours, RecordDraft, RequestSpec, Rights,
    SessionSpec, Validity,
};
use kist_relay::{Config, Relay, serve};
use serde_json::{Map, Value, json};
use table::{Measure, report};

const RUNS: usize = 200;
const RECORDS: usize = 10_000;
/// Requests that were opened and refused before: two entries each.
const REFUSED: usize = 250;
const PASSPHRASE: &str = "correct horse battery staple";
/// Schema, how many records there are of it, and the five fields that are asked.
const ASKED: [(&str, usize, [&str; 5]); 10] = [
    (
        "name",
        2,
        [
            "given_name",
            "middle_name",
            "family_name",
            "nickname",
            "honorific_prefix",
        ],
    ),
    (
        "address",
        6,
        ["street_address", "locality", "region", "postal_code", "country"],
    ),
    (
        "passport",
        2,
        ["number", "country", "issuer", "full_name", "nationality"],
    ),
    (
        "driving-licence",
        1,
        ["number", "country", "issuer", "issued", "expires"],
    ),
    (
        "bank-account",
        4,
        ["provider", "name", "sort_code", "number", "currency"],
    ),
    ("membership", 20, ["organisation", "number", "kind", "role", "since"]),
    ("vaccination", 25, ["vaccine", "date", "lot", "site", "performer"]),
    ("trip", 40, ["title", "destination", "since", "until", "note"]),
    ("purchase", 2_000, ["title", "provider", "date", "reference", "note"]),
    ("observation", 5_000, ["name", "date", "unit", "range", "performer"]),
];

fn uri(schema: &str) -> String {
    format!("urn:kist:schema:{schema}:1")
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::TempDir::new().unwrap();
    let [evaluating, verifying] = runtime.block_on(measured(dir.path()));
    let measure = |name, runs: &[f64]| {
        let mut measure = Measure::new(name, "ms", None);
        measure.runs.extend(runs.iter().map(|run| (*run, None)));
        measure
    };
    let measures = [
        measure("evaluate_ms", &evaluating),
        measure("evaluate_p95_ms", &[percentile(evaluating.clone(), 95)]),
        measure("verify_ms", &verifying),
    ];
    let compared = format!(
        "{} fields of {} types on a store of {RECORDS} records; {RUNS} runs, medians.",
        ASKED.len() * 5,
        ASKED.len()
    );
    report("evaluate", &compared, &measures);
}

fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() * percent / 100]
}

/// Milliseconds of each run: to evaluate, and before that to verify.
async fn measured(dir: &Path) -> [Vec<f64>; 2] {
    let relay = relay(&dir.join("relay")).await;
    let (council, alice) = parties(dir, &relay).await;
    fill(&alice).await;
    let open = async || {
        let request = council.requests().create(request()).await.unwrap();
        alice.requests().open(&request.uri).await.unwrap()
    };
    for _ in 0..REFUSED {
        let refused = open().await;
        alice.requests().refuse(&refused.id).await.unwrap();
    }
    let agreed = open().await;
    alice
        .requests()
        .answer(&agreed.id, Decision::required(&agreed))
        .await
        .unwrap();
    rule(&alice).await;
    let asked = open().await;
    let evaluation = alice.requests().get(&asked.id).await.unwrap().evaluation;
    assert_eq!(evaluation.fields.len(), ASKED.len() * 5);
    assert!(
        evaluation
            .fields
            .iter()
            .all(|field| !field.matches.is_empty() && field.over_asking.is_empty())
    );
    let (mut evaluating, mut verifying) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let [verify, evaluate] = kist_pds::bench::request(&alice, &asked.id).await.unwrap();
        verifying.push(verify.as_secs_f64() * 1000.0);
        evaluating.push(evaluate.as_secs_f64() * 1000.0);
    }
    [evaluating, verifying]
}

async fn relay(data: &Path) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = Config {
        rate: None,
        ..Config::new(data, url.parse().unwrap())
    };
    tokio::spawn(serve(listener, Relay::open(config).unwrap(), std::future::pending()));
    url
}

/// A council that is admitted, and Alice, who believes the framework.
async fn parties(dir: &Path, relay: &str) -> (Organisation, Person) {
    let platform = || Platform::desktop("bench").allow_loopback();
    let profile = FrameworkProfile {
        label: "Harbour Trust".into(),
        legal_name: "Harbour Trust Framework Ltd".into(),
        organisation_id: "GB-COH-09876543".into(),
        country: "GB".into(),
        list_url: None,
    };
    let framework = Framework::create(&dir.join("framework"), platform(), PASSPHRASE, profile)
        .await
        .unwrap();
    let profile = OrganisationProfile {
        legal_name: "Orkney Islands Council".into(),
        organisation_id: "GB-COH-01234567".into(),
        country: "GB".into(),
        address: "School Place, Kirkwall".into(),
        contact: "mailto:data@council.example".into(),
        privacy_notice: "https://council.example/privacy".into(),
        terms: OrganisationTerms::of_document("https://council.example/terms", "1", b"the terms"),
        storage: vec!["GB".into()],
    };
    let council = Organisation::create(&dir.join("council"), platform(), PASSPHRASE, profile)
        .await
        .unwrap();
    council.set_relay(relay).await.unwrap();
    let application = council.apply(application()).await.unwrap();
    council
        .install(framework.admit(&application).await.unwrap())
        .await
        .unwrap();
    let alice = Person::create(&dir.join("alice"), platform(), PASSPHRASE)
        .await
        .unwrap();
    alice.set_relay(relay).await.unwrap();
    alice
        .trust()
        .add_anchor(framework.publish(30).await.unwrap())
        .await
        .unwrap();
    (council, alice)
}

fn application() -> ApplicationSpec {
    let credential = |(schema, _, claims): &(&str, usize, [&str; 5])| json!({ "vct": uri(schema), "claims": claims.map(|claim| [claim]) });
    serde_json::from_value(json!({
        "contacts": ["mailto:data@council.example"],
        "supervisory_authority": { "name": "Information Commissioner's Office", "uri": "https://ico.example" },
        "intended_uses": [{
            "intended_use_id": "care",
            "purpose": [{ "lang": "en", "value": "To arrange your care" }],
            "purpose_code": "dpv:ServiceProvision",
            "legal_basis": "eu-gdpr:A9-2-a",
            "credentials": ASKED.iter().map(credential).collect::<Vec<_>>(),
            "retention": "P2Y"
        }],
        "issues": [],
        "terms": { "version": "1", "sha256": OrganisationTerms::of_document("https://x.example", "1", b"terms").sha256 }
    }))
    .unwrap()
}

fn request() -> RequestSpec {
    let part = |(schema, _, claims): &(&str, usize, [&str; 5])| FieldSpec {
        id: (*schema).to_owned(),
        schema: uri(schema),
        claims: claims.map(|claim| vec![claim.to_owned()]).to_vec(),
        required: true,
    };
    RequestSpec {
        use_id: "care".into(),
        fields: ASKED.iter().map(part).collect(),
        validity: Validity::Standing,
        rights: Rights {
            read: true,
            deliver: false,
            update: false,
        },
        request_seconds: 3_600,
        language: "en".into(),
        replaces: None,
        plain: false,
        session: SessionSpec::None,
    }
}

/// The records that are asked for, and tasks for the rest, in an order that mixes them.
async fn fill(alice: &Person) {
    let mut left: Vec<(&str, usize, Vec<&str>)> = ASKED
        .map(|(schema, count, claims)| (schema, count, claims.to_vec()))
        .to_vec();
    let tasks = RECORDS - left.iter().map(|(_, count, _)| count).sum::<usize>();
    left.push(("task", tasks, vec!["title", "description", "due"]));
    let mut drafts = Vec::new();
    for round in 0.. {
        let before = drafts.len();
        for (schema, count, claims) in &left {
            if round < *count {
                drafts.push(draft(schema, claims, round));
            }
        }
        if drafts.len() == before {
            break;
        }
    }
    for drafts in drafts.chunks(1_000) {
        alice.records().add_many(drafts.to_vec()).await.unwrap();
    }
}

fn draft(schema: &str, claims: &[&str], round: usize) -> RecordDraft {
    let value = |claim: &&str| match *claim {
        "date" | "since" | "until" | "issued" | "expires" | "due" => "2026-11-23".to_owned(),
        "country" | "nationality" => "GB".to_owned(),
        "currency" => "GBP".to_owned(),
        "sort_code" => "12-34-56".to_owned(),
        claim => format!("{claim} {round}"),
    };
    let members: Map<String, Value> = claims
        .iter()
        .map(|claim| ((*claim).to_owned(), value(claim).into()))
        .collect();
    let provenance = Provenance::self_asserted(1_795_435_200_000);
    RecordDraft::new(
        uri(schema).as_str(),
        LifeArea::OTHER,
        Value::Object(members),
        provenance,
    )
}

/// Rules that are there and change nothing.
async fn rule(alice: &Person) {
    let what = Pattern {
        credential_type: Some(uri("diary")),
        path: None,
    };
    let rules = [
        PersonRule::Never {
            organisation: None,
            what: what.clone(),
        },
        PersonRule::QuietHours(QuietHours {
            from: 1_380,
            until: 420,
        }),
        PersonRule::Profile {
            name: "care".into(),
            fields: vec![what],
        },
    ];
    for rule in rules {
        alice.rules().add(rule).await.unwrap();
    }
}
