//! RFC 9901's rules: what is concealed comes back, and nothing else does.
#![allow(clippy::unwrap_used)]

mod common;

use common::{key, object};
use kist_crypto::testing::SeededRandom;
use kist_identity::sd_jwt::*;
use kist_identity::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn random() -> SeededRandom {
    SeededRandom::new(11)
}

fn member(name: &str, value: Value, seed: u64) -> Disclosure {
    Disclosure::member(name, value, &mut SeededRandom::new(seed)).unwrap()
}

fn element(value: Value, seed: u64) -> Disclosure {
    Disclosure::element(value, &mut SeededRandom::new(seed))
}

fn processed(payload: Value, disclosures: &[Disclosure]) -> Result<Value> {
    process(object(payload), disclosures).map(|processed| Value::Object(processed.claims))
}

const MALFORMED: &str = "Malformed";

fn code(payload: Value, disclosures: &[Disclosure]) -> &'static str {
    processed(payload, disclosures).unwrap_err().code()
}

#[test]
fn disclosures_inside_disclosures_are_opened() {
    let inner = member("locality", json!("London"), 1);
    let outer = member("address", json!({ "_sd": [inner.digest()], "country": "GB" }), 2);
    let payload = json!({ "_sd": [outer.digest()], "_sd_alg": "sha-256" });
    let both = processed(payload.clone(), &[inner.clone(), outer.clone()]);
    assert_eq!(
        both,
        Ok(json!({ "address": { "country": "GB", "locality": "London" } }))
    );
    assert_eq!(
        processed(payload.clone(), &[outer]),
        Ok(json!({ "address": { "country": "GB" } }))
    );
    assert_eq!(processed(payload.clone(), &[]), Ok(json!({})));
    assert_eq!(processed(payload, &[inner]), Err(Error::UnknownDisclosure));
}

#[test]
fn elements_that_are_not_disclosed_leave_no_gap() {
    let (first, second) = (element(json!("GB"), 1), element(json!({ "a": 1 }), 2));
    let payload =
        json!({ "list": [{ "...": first.digest() }, "open", { "...": second.digest() }, { "...": "decoy" }] });
    assert_eq!(processed(payload.clone(), &[]), Ok(json!({ "list": ["open"] })));
    let claims = process(object(payload), &[second]).unwrap();
    assert_eq!(Value::Object(claims.claims), json!({ "list": ["open", { "a": 1 }] }));
    assert_eq!(claims.nodes[0].path.to_string(), r#"["list",1]"#);
}

#[test]
fn a_disclosure_that_nothing_refers_to_is_refused() {
    let (known, unknown) = (member("a", json!(1), 1), member("b", json!(2), 2));
    let payload = json!({ "_sd": [known.digest()] });
    assert_eq!(processed(payload, &[known, unknown]), Err(Error::UnknownDisclosure));
}

#[test]
fn a_digest_that_occurs_twice_is_refused() {
    let one = member("a", json!(1), 1);
    let twice = Err(Error::DuplicateDigest);
    assert_eq!(
        processed(
            json!({ "_sd": [one.digest(), one.digest()] }),
            std::slice::from_ref(&one)
        ),
        twice
    );
    assert_eq!(processed(json!({ "_sd": ["decoy", "decoy"] }), &[]), twice);
    assert_eq!(
        processed(json!({ "_sd": [one.digest()], "b": { "_sd": [one.digest()] } }), &[]),
        twice
    );
    assert_eq!(
        processed(json!({ "_sd": ["decoy"], "list": [{ "...": "decoy" }] }), &[]),
        twice
    );
    assert_eq!(
        processed(json!({ "_sd": [one.digest()] }), &[one.clone(), one.clone()]),
        twice
    );
    let holds_itself_twice = member("b", json!({ "_sd": [one.digest()] }), 2);
    let payload = json!({ "_sd": [one.digest(), holds_itself_twice.digest()] });
    assert_eq!(processed(payload, &[one, holds_itself_twice]), twice);
}

#[test]
fn a_disclosure_in_the_wrong_place_is_refused() {
    let (member, element) = (member("a", json!(1), 1), element(json!(1), 2));
    assert_eq!(
        code(
            json!({ "list": [{ "...": member.digest() }] }),
            std::slice::from_ref(&member)
        ),
        MALFORMED
    );
    assert_eq!(code(json!({ "_sd": [element.digest()] }), &[element]), MALFORMED);
    assert_eq!(
        code(
            json!({ "_sd": [member.digest()], "a": 2 }),
            std::slice::from_ref(&member)
        ),
        MALFORMED
    );
    let again = common_name(&member);
    assert_eq!(
        code(json!({ "_sd": [member.digest(), again.digest()] }), &[member, again]),
        MALFORMED
    );
}

/// Another disclosure of a claim of the same name.
fn common_name(disclosure: &Disclosure) -> Disclosure {
    let Content::Member { name, .. } = disclosure.content() else {
        panic!("not a member")
    };
    member(name, json!("other"), 77)
}

#[test]
fn reserved_names_are_never_claims() {
    for name in ["_sd", "...", "_sd_alg"] {
        assert!(Disclosure::member(name, json!(1), &mut random()).is_err());
        let encoded = kist_crypto::base64url(json!(["salt", name, 1]).to_string());
        assert!(Disclosure::parse(&encoded).is_err());
        let claims = object(json!({ "a": { name: 1 } }));
        assert!(conceal(claims, &Disclosable::Everything, 0, &mut random()).is_err());
    }
    for payload in [
        json!({ "...": "digest" }),
        json!({ "a": { "...": "digest" } }),
        json!({ "a": [{ "...": "digest", "b": 1 }] }),
        json!({ "a": [{ "...": 1 }] }),
        json!({ "a": { "_sd_alg": "sha-256" } }),
        json!({ "_sd": "digest" }),
        json!({ "_sd": [1] }),
    ] {
        assert_eq!(code(payload.clone(), &[]), MALFORMED, "{payload}");
    }
    assert_eq!(code(json!({ "_sd_alg": "sha-384" }), &[]), "UnsupportedAlgorithm");
    assert_eq!(code(json!({ "_sd_alg": 1 }), &[]), "UnsupportedAlgorithm");
}

#[test]
fn what_is_no_disclosure_is_refused() {
    for array in [
        json!([]),
        json!(["s"]),
        json!(["s", "a", 1, 2]),
        json!([1, "a", 1]),
        json!(["s", 1, 1]),
        json!({}),
    ] {
        assert!(
            Disclosure::parse(&kist_crypto::base64url(array.to_string())).is_err(),
            "{array}"
        );
    }
    let good = member("a", json!(1), 1);
    assert_eq!(Disclosure::parse(good.encoded()).unwrap(), good);
    for bad in [
        "",
        "=",
        "!",
        &format!("{}=", good.encoded()),
        &format!(" {}", good.encoded()),
    ] {
        assert!(Disclosure::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_no_sd_jwt_is_refused() {
    for text in ["", "jwt", "jwt~~", "jwt~!~", "~~~"] {
        assert!(SdJwt::parse(text).is_err(), "{text}");
    }
    assert!(SdJwt::parse("jwt~").unwrap().disclosures().is_empty());
    assert_eq!(SdJwt::parse("jwt~binding").unwrap().key_binding(), Some("binding"));
}

#[test]
fn a31_sizes_are_bounded() {
    let too_large = |result: Result<SdJwt>| assert_eq!(result.unwrap_err().code(), "TooLarge");
    too_large(SdJwt::parse(&"a".repeat(MAX_SD_JWT + 1)));
    too_large(SdJwt::parse(&"~".repeat(MAX_DISCLOSURES + 2)));
    let long = Disclosure::member(&"a".repeat(MAX_NAME + 1), json!(1), &mut random());
    assert_eq!(long.unwrap_err().code(), "TooLarge");
    let many = object(json!({ "list": vec![0; MAX_DISCLOSURES + 1] }));
    let result = conceal(many, &Disclosable::Everything, 0, &mut random());
    assert_eq!(result.unwrap_err().code(), "TooLarge");
}

#[test]
fn a31_levels_are_bounded() {
    let nested = |levels: usize| (1..levels).fold(json!(1), |value, _| json!([value]));
    let open = |levels| object(json!({ "a": nested(levels) }));
    assert!(process(open(MAX_PATH), &[]).is_ok());
    assert_eq!(
        process(open(MAX_PATH + 1), &[]).map(drop).unwrap_err().code(),
        "TooLarge"
    );
    let concealed = |levels| conceal(open(levels), &Disclosable::Everything, 0, &mut random());
    assert_eq!(concealed(MAX_PATH + 1).unwrap_err().code(), "TooLarge");
    let Concealed { payload, disclosures } = concealed(MAX_PATH).unwrap();
    assert_eq!(process(payload, &disclosures).unwrap().claims, open(MAX_PATH));

    let mut disclosure = member("a", json!(1), 0);
    let mut all = vec![disclosure.clone()];
    for seed in 1..=MAX_PATH as u64 {
        disclosure = member("a", json!({ "_sd": [disclosure.digest()] }), seed);
        all.push(disclosure.clone());
    }
    assert_eq!(code(json!({ "_sd": [disclosure.digest()] }), &all), "TooLarge");
}

#[test]
fn decoys_hide_how_many_claims_there_are() {
    let claims = object(json!({ "a": 1, "list": [1, 2] }));
    let Concealed { payload, disclosures } =
        conceal(claims.clone(), &Disclosable::Everything, 5, &mut random()).unwrap();
    assert_eq!(payload["_sd"].as_array().unwrap().len(), 2 + 5);
    let list = disclosures.iter().find_map(|disclosure| match disclosure.content() {
        Content::Member { name, value } if name == "list" => value.as_array(),
        _ => None,
    });
    assert_eq!(list.unwrap().len(), 2 + 5);
    assert_eq!(process(payload, &disclosures).unwrap().claims, claims);
    let nothing = conceal(
        object(json!({ "empty": {} })),
        &Disclosable::Only(vec![]),
        5,
        &mut random(),
    )
    .unwrap();
    assert_eq!(Value::Object(nothing.payload), json!({ "empty": {} }));
}

#[test]
fn i2_what_is_concealed_as_a_whole_does_not_show_in_the_payload() {
    let claims = object(json!({ "address": { "locality": "London" } }));
    let whole = Disclosable::Only(vec![ClaimPath::top("address")]);
    let concealed = conceal(claims.clone(), &whole, 0, &mut random()).unwrap();
    assert_eq!(concealed.disclosures.len(), 1);
    assert!(!Value::Object(concealed.payload).to_string().contains("London"));
    let part = Disclosable::Only(vec![ClaimPath::names(["address", "locality"]).unwrap()]);
    let concealed = conceal(claims.clone(), &part, 0, &mut random()).unwrap();
    assert!(concealed.payload["address"]["_sd"].is_array());
    let absent = Disclosable::Only(vec![ClaimPath::top("email")]);
    assert_eq!(
        conceal(claims, &absent, 0, &mut random()).unwrap_err(),
        Error::ClaimNotFound
    );
}

#[test]
fn salts_are_128_bits_and_never_the_same() {
    let claims = object(json!({ "a": 1, "b": 1, "list": [1, 1] }));
    let concealed = conceal(claims, &Disclosable::Everything, 0, &mut random()).unwrap();
    let mut salts: Vec<String> = Vec::new();
    for disclosure in &concealed.disclosures {
        let array = kist_crypto::from_base64url(disclosure.encoded()).unwrap();
        let array: Vec<Value> = serde_json::from_slice(&array).unwrap();
        assert_eq!(
            kist_crypto::from_base64url(array[0].as_str().unwrap()).unwrap().len(),
            16
        );
        salts.push(array[0].as_str().unwrap().to_owned());
    }
    salts.sort();
    salts.dedup();
    assert_eq!(salts.len(), concealed.disclosures.len());
}

/// Any name but those that stand for digests.
fn claim_name() -> impl Strategy<Value = String> {
    ".{0,12}".prop_filter("reserved", |name| !["_sd", "...", "_sd_alg"].contains(&name.as_str()))
}

fn claim_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no such number", |n| n.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(claim_name(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn disclosable() -> impl Strategy<Value = Disclosable> {
    prop_oneof![Just(Disclosable::Everything), Just(Disclosable::TopLevel)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_concealed_and_comes_back(
        claims in prop::collection::btree_map("[a-z]{1,8}", claim_value(), 0..6),
        disclosable in disclosable(), decoys in 0usize..3, seed: u64,
    ) {
        let claims = claims.into_iter().collect::<serde_json::Map<_, _>>();
        let Concealed { payload, disclosures } =
            conceal(claims.clone(), &disclosable, decoys, &mut SeededRandom::new(seed)).unwrap();
        let compact = SdJwt::new("jwt".into(), disclosures).to_string();
        let parsed = SdJwt::parse(&compact).unwrap();
        prop_assert_eq!(parsed.to_string(), compact);
        let processed = process(payload, parsed.disclosures()).unwrap();
        prop_assert_eq!(processed.nodes.len(), parsed.disclosures().len());
        for node in &processed.nodes {
            let shown = parsed.disclosures()[node.disclosure].content();
            prop_assert!(node.path.value_in(&processed.claims).is_some());
            if let Content::Member { name, .. } = shown {
                prop_assert_eq!(node.path.elements().last(), Some(&PathElement::Name(name.clone())));
            }
        }
        prop_assert_eq!(processed.claims, claims);
    }

    #[test]
    fn i2_of_any_credential_only_the_chosen_claim_is_shown(
        claims in prop::collection::btree_map("x[a-z]{1,8}", claim_value(), 1..6), seed: u64, pick: prop::sample::Index,
    ) {
        let (issuer, holder) = (key(1), key(2));
        let claims: serde_json::Map<_, _> = claims.into_iter().collect();
        let issued_by = IssuedBy::Certificates(vec![vec![0x30, 0]]);
        let draft = CredentialDraft::new("urn:x", claims.clone(), holder.public(), issued_by, 0);
        let compact = draft.prepare(&mut SeededRandom::new(seed)).unwrap().sign(&issuer);
        let credential = Credential::parse(&compact).unwrap();
        let nodes: Vec<_> = credential.disclosable().cloned().collect();
        let chosen = pick.get(&nodes).clone();
        let shown = present_unbound(&credential, std::slice::from_ref(&chosen)).unwrap();
        let shown = Credential::parse(&shown).unwrap();
        for node in &nodes {
            let needed = node.contains(&chosen) || chosen.contains(node);
            let disclosure = credential_disclosure(&credential, node);
            prop_assert_eq!(shown.compact().contains(&disclosure), needed, "{}", node);
        }
    }

    #[test]
    fn a31_any_text_is_read_without_panic(text in ".{0,200}") {
        let _ = SdJwt::parse(&text);
        let _ = Credential::parse(&text);
        let _ = Disclosure::parse(&text);
    }

    #[test]
    fn a31_any_payload_is_processed_without_panic(
        payload in prop::collection::btree_map("_sd|\\.\\.\\.|_sd_alg|[a-b]", claim_value(), 0..6),
        values in prop::collection::vec(claim_value(), 0..4),
    ) {
        let disclosures: Vec<_> = values.into_iter().map(|value| element(value, 5)).collect();
        let _ = process(payload.into_iter().collect(), &disclosures);
    }
}

/// The encoded disclosure that opens the claim at `path`.
fn credential_disclosure(credential: &Credential, path: &ClaimPath) -> String {
    let place = credential.disclosable().position(|node| node == path).unwrap();
    let parsed = SdJwt::parse(&credential.compact()).unwrap();
    let payload = kist_crypto::jws::parse(parsed.issuer_jwt()).unwrap().payload;
    let processed = process(serde_json::from_slice(&payload).unwrap(), parsed.disclosures()).unwrap();
    parsed.disclosures()[processed.nodes[place].disclosure]
        .encoded()
        .to_owned()
}
