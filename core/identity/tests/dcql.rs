//! DCQL: the standard's examples and our own cases, on which npm `dcql` agrees but where a case says otherwise.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::*;
use kist_identity::dcql::*;
use kist_identity::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

struct Held {
    name: String,
    format: Format,
    types: Vec<String>,
    claims: Map<String, Value>,
    authorities: Vec<Authority>,
    holder_binding: bool,
}

impl Held {
    fn new(name: &str, value: &Value) -> Self {
        let format = match value["format"].as_str().unwrap() {
            "dc+sd-jwt" => Format::SdJwtVc,
            "mso_mdoc" => Format::Mdoc,
            other => Format::Other(other.to_owned()),
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let authority = |value: &Value| Authority {
            kind: text(&value["type"]),
            value: text(&value["value"]),
        };
        Held {
            name: name.to_owned(),
            format,
            types: value["types"].as_array().unwrap().iter().map(text).collect(),
            claims: object(value["claims"].clone()),
            authorities: value.get("authority").map(authority).into_iter().collect(),
            holder_binding: value["holder_binding"].as_bool().unwrap_or(true),
        }
    }

    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            format: self.format.clone(),
            types: self.types.iter().map(String::as_str).collect(),
            claims: &self.claims,
            authorities: &self.authorities,
            holder_binding: self.holder_binding,
        }
    }
}

fn sorted(paths: impl IntoIterator<Item = Value>) -> Vec<String> {
    let mut paths: Vec<_> = paths.into_iter().map(|path| path.to_string()).collect();
    paths.sort();
    paths
}

#[test]
fn cases_are_answered_with_exactly_the_claims_asked() {
    let cases = vector("dcql", "cases");
    let examples = vectors("dcql/openid4vp");
    assert_eq!(examples.len(), 7);
    for case in cases["cases"].as_array().unwrap() {
        let name = &case["name"];
        let query = match case["file"].as_str() {
            Some(file) => &examples.iter().find(|(example, _)| example == file).unwrap().1,
            None => &case["query"],
        };
        let query = Query::parse(&query.to_string()).unwrap();
        assert_eq!(Query::from_value(&query.to_value()).unwrap(), query, "{name}");

        let names = case["credentials"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap());
        let held: Vec<_> = names.map(|name| Held::new(name, &cases["credentials"][name])).collect();
        let candidates: Vec<_> = held.iter().map(Held::candidate).collect();
        let matches = query.evaluate(&candidates);
        assert_eq!(matches.satisfiable, case["satisfiable"].as_bool().unwrap(), "{name}");
        for found in &matches.credentials {
            let expected = case["matches"][&found.id].as_array().unwrap();
            assert_eq!(found.candidates.len(), expected.len(), "{name}: {}", found.id);
            for (found, expected) in found.candidates.iter().zip(expected) {
                assert_eq!(
                    held[found.candidate].name,
                    expected["credential"].as_str().unwrap(),
                    "{name}"
                );
                assert_eq!(json!(found.claim_set), expected["claim_set"], "{name}");
                let paths = found.paths().into_iter().map(|path| json!(path));
                assert_eq!(
                    sorted(paths),
                    sorted(expected["paths"].as_array().unwrap().iter().cloned()),
                    "{name}"
                );
            }
        }
        let sets = matches
            .sets
            .iter()
            .map(|set| set.options.iter().map(|option| option.satisfiable).collect());
        let sets: Vec<Vec<bool>> = sets.collect();
        assert_eq!(json!(sets), case.get("sets").cloned().unwrap_or(json!([])), "{name}");
    }
}

#[test]
fn queries_that_break_a_rule_are_refused() {
    for case in vector("dcql", "cases")["invalid"].as_array().unwrap() {
        let result = Query::from_value(&case["query"]);
        assert_eq!(
            result.map_err(|error| error.code()),
            Err("Malformed"),
            "{}",
            case["name"]
        );
    }
}

fn query(claims: &[Value]) -> Value {
    json!({ "credentials": [{ "id": "person", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": claims }] })
}

#[test]
fn a31_queries_above_a_bound_are_refused() {
    let too_large = |value: Value| {
        assert_eq!(Query::from_value(&value).unwrap_err().code(), "TooLarge");
    };
    too_large(query(&vec![json!({ "path": ["a"] }); MAX_CLAIMS + 1]));
    too_large(query(&[json!({ "path": vec!["a"; MAX_PATH + 1] })]));
    too_large(query(&[json!({ "path": ["a".repeat(MAX_TEXT + 1)] })]));
    too_large(query(&[json!({ "path": ["a"], "values": vec![1; MAX_LIST + 1] })]));
    let mut many = query(&[json!({ "path": ["a"] })]);
    many["credentials"] = json!(vec![many["credentials"][0].clone(); MAX_CREDENTIALS + 1]);
    too_large(many);
    let long = query(&vec![
        json!({ "path": vec!["a".repeat(MAX_TEXT); MAX_PATH] });
        MAX_CLAIMS
    ])
    .to_string();
    assert_eq!(Query::parse(&long).unwrap_err().code(), "TooLarge");
    assert_eq!(Query::parse(&"[".repeat(100_000)).unwrap_err().code(), "Malformed");
}

#[test]
fn i2_over_18_is_answered_without_the_birth_date() {
    let query = Query::from_value(&json!({ "credentials": [{
        "id": "person", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "claims": [{ "id": "age", "path": ["over_18"], "values": [true] }, { "id": "birth", "path": ["birthdate"] }],
        "claim_sets": [["age"], ["birth"]],
    }] }))
    .unwrap();
    let credential = credential();
    let matches = query.evaluate(&[credential.candidate()]);
    let found = &matches.credentials[0].candidates[0];
    let presentation = UnsignedPresentation::prepare(&credential, &found.paths(), &binding())
        .unwrap()
        .sign(&key(2));
    let verified = verify(&presentation).unwrap();
    assert_eq!(verified.claims().get("over_18"), Some(&json!(true)));
    assert_eq!(verified.claims().get("birthdate"), None);
    query
        .check_answer(&BTreeMap::from([("person", vec![verified.candidate()])]))
        .unwrap();
}

#[test]
fn a_verifier_takes_only_what_answers_its_query() {
    let asked = Query::from_value(&query(&[
        json!({ "path": ["given_name"] }),
        json!({ "path": ["over_18"] }),
    ]))
    .unwrap();
    let full = verify(&present(&[json!(["given_name"]), json!(["over_18"])])).unwrap();
    let partial = verify(&present(&[json!(["given_name"])])).unwrap();
    let check = |answer: &[(&'static str, Vec<Candidate<'_>>)]| asked.check_answer(&answer.iter().cloned().collect());
    let refused = Err(Error::QueryNotSatisfied);
    assert_eq!(check(&[("person", vec![full.candidate()])]), Ok(()));
    assert_eq!(check(&[("person", vec![partial.candidate()])]), refused);
    assert_eq!(check(&[("person", vec![full.candidate(), full.candidate()])]), refused);
    assert_eq!(check(&[("person", vec![])]), refused);
    assert_eq!(check(&[("other", vec![full.candidate()])]), refused);
    assert_eq!(check(&[]), refused);

    let unbound = present_unbound(&credential(), &paths(&[json!(["given_name"]), json!(["over_18"])])).unwrap();
    let unbound = verify_unbound(&unbound).unwrap();
    assert_eq!(check(&[("person", vec![unbound.candidate()])]), refused);
}

#[test]
fn an_element_asked_by_its_place_is_an_answer_without_those_before_it() {
    let asked = Query::from_value(&query(&[
        json!({ "path": ["nationalities", 1], "values": ["IT", "FR"] }),
    ]))
    .unwrap();
    let credential = credential();
    let matches = asked.evaluate(&[credential.candidate()]);
    let chosen = matches.credentials[0].candidates[0].paths();
    let shown = UnsignedPresentation::prepare(&credential, &chosen, &binding())
        .unwrap()
        .sign(&key(2));
    let verified = verify(&shown).unwrap();
    assert_eq!(verified.claims()["nationalities"], json!(["IT"]));
    asked
        .check_answer(&BTreeMap::from([("person", vec![verified.candidate()])]))
        .unwrap();
    let other = verify(&present(&[json!(["nationalities", 0])])).unwrap();
    assert!(
        asked
            .check_answer(&BTreeMap::from([("person", vec![other.candidate()])]))
            .is_err()
    );
}

#[test]
fn a_type_by_another_name_is_found() {
    let issued = draft(&key(2))
        .prepare(&mut kist_crypto::testing::SeededRandom::new(3))
        .unwrap();
    let input = String::from_utf8(issued.signing_input().to_vec()).unwrap();
    let payload = kist_crypto::from_base64url(input.split_once('.').unwrap().1).unwrap();
    let mut payload: Value = serde_json::from_slice(&payload).unwrap();
    payload["vct"] = json!("urn:example:person:special");
    payload["aka_vcts"] = json!([VCT]);
    let header = object(json!({ "typ": "dc+sd-jwt", "x5c": ["MAA="] }));
    let jwt = kist_crypto::jws::Unsigned::new(header, payload.to_string().as_bytes()).sign(&key(1));
    let credential = Credential::parse(&format!("{jwt}~")).unwrap();
    struct Allows(&'static [&'static str]);
    impl IssuerTrust for Allows {
        fn issuer_key(&self, evidence: &IssuerEvidence<'_>, _: i64) -> Result<TrustedIssuer> {
            match evidence.types.iter().all(|name| self.0.contains(name)) {
                true => Ok(TrustedIssuer {
                    id: "org-1".into(),
                    name: "Registry".into(),
                    key: key(1).public(),
                }),
                false => Err(Error::IssuerNotTrusted {
                    reason: "TypeNotAllowed",
                }),
            }
        }
    }
    credential
        .verify(&Allows(&["urn:example:person:special", VCT]), NOW)
        .unwrap();
    assert!(
        credential
            .verify(&Allows(&["urn:example:person:special"]), NOW)
            .is_err()
    );
    let asked = |vct: &str| {
        let query = json!({ "credentials": [{ "id": "c", "format": "dc+sd-jwt", "meta": { "vct_values": [vct] } }] });
        Query::from_value(&query)
            .unwrap()
            .evaluate(&[credential.candidate()])
            .satisfiable
    };
    assert!(asked("urn:example:person:special") && asked(VCT) && !asked("urn:example:person"));
}

#[test]
fn a_path_selects_no_more_than_its_bound() {
    let claims = object(json!({ "fits": vec![0; MAX_SELECTED], "many": vec![0; MAX_SELECTED + 1] }));
    let select = |name: &str| {
        ClaimPath::from_value(&json!([name, null]))
            .unwrap()
            .select(&claims)
            .len()
    };
    assert_eq!((select("fits"), select("many")), (MAX_SELECTED, 0));
    let nested = object(json!({ "many": vec![vec![0; 100]; 100] }));
    assert!(
        ClaimPath::from_value(&json!(["many", null, null]))
            .unwrap()
            .select(&nested)
            .is_empty()
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "id",
        "path",
        "values",
        "a",
        "c",
        "dc+sd-jwt",
        "credentials",
        "meta",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a31_a_part_of_a_query_replaced_by_anything_never_panics(value in json_value(), place in 0usize..8) {
        let mut query = vector("dcql/openid4vp", "claims_alternatives");
        let pointers = ["", "/credentials", "/credentials/0", "/credentials/0/meta", "/credentials/0/claims",
            "/credentials/0/claims/0", "/credentials/0/claims/0/path", "/credentials/0/claim_sets"];
        *query.pointer_mut(pointers[place]).unwrap() = value;
        if let Ok(query) = Query::from_value(&query) {
            prop_assert_eq!(&Query::from_value(&query.to_value()).unwrap(), &query);
            query.evaluate(&[credential().candidate()]);
        }
    }

    #[test]
    fn what_a_query_selects_is_there(path in prop::collection::vec(prop_oneof![
        Just(json!("address")), Just(json!("degrees")), Just(json!("type")), Just(json!(null)), Just(json!(0)),
    ], 1..4)) {
        let claims = person();
        for found in ClaimPath::from_value(&json!(path)).unwrap().select(&claims) {
            prop_assert!(found.value_in(&claims).is_some());
        }
    }
}
