//! Minimal disclosure: what tells less, what the organisation takes in its place, what is new, what is sensitive.
#![allow(clippy::unwrap_used)]

mod common;

use common::store::*;
use common::*;
use kist_consent::evaluation::*;
use kist_consent::history::{DisclosedField, Event, Head, HistoryEntry};
use kist_consent::*;
use kist_identity::dcql::Query;
use kist_trust::TrustedParty;
use serde_json::{Value, json};

const PID: &str = "urn:eudi:pid:de:1";
const PASSPORT: &str = "urn:kist:vct:passport:1";

/// What a council might have issued.
fn credentials() -> Store {
    let pid = json!({
        "family_name": "Rendall", "birthdate": "1990-01-02", "age_over_18": true,
        "age_equal_or_over": {"18": true, "21": true}, "age_in_years": 36, "diagnosis": "asthma", "member": "0017",
    });
    let passport = json!({"number": "925076473", "nationality": "GB"});
    Store(vec![held("pid", PID, pid), held("passport", PASSPORT, passport)])
}

/// The clinic, having registered everything there is.
fn party_of_everything() -> TrustedParty {
    let mut party = party();
    let claims = |names: &[&str]| names.iter().map(|name| vec![json!(name)]).collect();
    let pid = claims(&[
        "family_name",
        "birthdate",
        "age_over_18",
        "age_equal_or_over",
        "age_in_years",
        "diagnosis",
        "member",
    ]);
    let uses = &mut party.registration.intended_uses[0].credentials;
    for (vct, claims) in [(PID, pid), (PASSPORT, claims(&["number", "nationality"]))] {
        uses.push(kist_trust::CredentialUse {
            vct: vct.to_owned(),
            claims,
        });
    }
    party
}

fn claim(id: &str, path: Value) -> Value {
    json!({"id": id, "path": path})
}

fn part(id: &str, vct: &str, claims: &[Value], sets: Value) -> Value {
    let mut part = json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, "claims": claims});
    if sets != Value::Null {
        part["claim_sets"] = sets;
    }
    part
}

fn ask(query: Value, store: &Store) -> Evaluation {
    let query = Query::from_value(&query).unwrap();
    let request = RequestFacts {
        connection: None,
        ..facts(&query, None)
    };
    evaluate(&request, &party_of_everything(), store, &SharedBefore::default(), NOW)
}

/// The birth date, or that the person is 18, in that order.
fn birth_or_age() -> Value {
    let claims = [
        claim("birth", json!(["birthdate"])),
        claim("adult", json!(["age_equal_or_over", "18"])),
    ];
    json!({"credentials": [part("person", PID, &claims, json!([["birth"], ["adult"]]))]})
}

#[test]
fn i2_over_18_goes_in_place_of_the_birth_date_where_the_organisation_takes_it() {
    let evaluation = ask(birth_or_age(), &credentials());
    let [birth, adult] = &evaluation.fields[..] else {
        panic!("two fields")
    };
    assert_eq!(birth.instead, [field("person", &["age_equal_or_over", "18"])]);
    assert_eq!(adult.instead, []);
    assert!(!birth.required && !adult.required, "there is an answer without either");
    assert!(!birth.chosen_by_default && adult.chosen_by_default);
    assert!(!birth.matches.is_empty(), "the person may choose it all the same");
    let [alternatives] = &evaluation.alternatives[..] else {
        panic!("one choice")
    };
    assert!(alternatives.required);
    assert_eq!(alternatives.options[0].less, [1]);
    assert_eq!(alternatives.options[1].less, [0; 0]);
    assert_eq!(evaluation.default_choice(), alternatives.options[1].fields);
    assert!(
        !evaluation
            .warnings
            .iter()
            .any(|warning| warning.code() == "LessWouldDo")
    );
}

#[test]
fn i2_of_options_that_tell_equally_much_the_verifiers_first_goes() {
    let claims = [
        claim("name", json!(["family_name"])),
        claim("member", json!(["member"])),
    ];
    let evaluation = ask(
        json!({"credentials": [part("person", PID, &claims, json!([["member"], ["name"]]))]}),
        &credentials(),
    );
    assert_eq!(evaluation.default_choice(), [field("person", &["member"])]);
}

#[test]
fn i2_an_option_that_is_within_another_tells_less() {
    let claims = [
        claim("name", json!(["family_name"])),
        claim("member", json!(["member"])),
    ];
    let sets = json!([["name", "member"], ["name"]]);
    let evaluation = ask(
        json!({"credentials": [part("person", PID, &claims, sets)]}),
        &credentials(),
    );
    assert_eq!(evaluation.default_choice(), [field("person", &["family_name"])]);
    let required: Vec<bool> = evaluation.fields.iter().map(|field| field.required).collect();
    assert_eq!(required, [true, false], "the name is in every option");
}

#[test]
fn i2_what_is_not_held_is_no_option() {
    let mut store = credentials();
    store.0[0].claims.remove("age_equal_or_over");
    let evaluation = ask(birth_or_age(), &store);
    let [alternatives] = &evaluation.alternatives[..] else {
        panic!("one choice")
    };
    assert_eq!(
        [alternatives.options[0].available, alternatives.options[1].available],
        [true, false]
    );
    assert_eq!(evaluation.default_choice(), [field("person", &["birthdate"])]);
    assert!(evaluation.fields[1].missing && evaluation.fields[0].instead.is_empty());
}

#[test]
fn i2_a_nationality_goes_in_place_of_a_document() {
    let passport = part(
        "passport",
        PASSPORT,
        &[claim("n", json!(["number"])), claim("c", json!(["nationality"]))],
        Value::Null,
    );
    let nationality = part(
        "nationality",
        PASSPORT,
        &[claim("c", json!(["nationality"]))],
        Value::Null,
    );
    let query = json!({
        "credentials": [passport, nationality],
        "credential_sets": [{"options": [["passport"], ["nationality"]]}],
    });
    let evaluation = ask(query, &credentials());
    let [alternatives] = &evaluation.alternatives[..] else {
        panic!("one choice")
    };
    assert_eq!(alternatives.credential, None);
    assert_eq!(alternatives.options[0].less, [1]);
    assert_eq!(evaluation.default_choice(), [field("nationality", &["nationality"])]);
    assert!(evaluation.answerable);
}

#[test]
fn a19_an_option_that_was_never_registered_does_not_go_by_default() {
    let claims = [
        claim("gender", json!(["gender"])),
        claim("name", json!(["family_name"])),
    ];
    let mut store = credentials();
    store.0[0].claims.insert("gender".to_owned(), json!("f"));
    let evaluation = ask(
        json!({"credentials": [part("person", PID, &claims, json!([["gender"], ["name"]]))]}),
        &store,
    );
    assert_eq!(evaluation.default_choice(), [field("person", &["family_name"])]);
}

#[test]
fn i2_it_is_said_where_less_is_at_hand_and_not_taken() {
    let evaluation = ask(
        json!({"credentials": [part("person", PID, &[claim("b", json!(["birthdate"]))], Value::Null)]}),
        &credentials(),
    );
    let instead = evaluation.warnings.iter().find_map(|warning| match warning {
        Warning::LessWouldDo { fields, instead } => Some((fields.clone(), instead.clone())),
        _ => None,
    });
    let (fields, instead) = instead.unwrap();
    assert_eq!(fields, [field("person", &["birthdate"])]);
    let paths: Vec<String> = instead.iter().map(|less| less.path.to_string()).collect();
    let expected = [
        r#"["age_equal_or_over","18"]"#,
        r#"["age_equal_or_over","21"]"#,
        r#"["age_in_years"]"#,
        r#"["age_over_18"]"#,
    ];
    assert_eq!(paths, expected);
    assert!(evaluation.fields[0].chosen_by_default, "it is required all the same");
}

#[test]
fn i2_a_value_that_is_asked_for_is_said() {
    let adult = json!({"path": ["age_over_18"], "values": [true]});
    let evaluation = ask(
        json!({"credentials": [part("person", PID, &[adult], Value::Null)]}),
        &credentials(),
    );
    assert_eq!(evaluation.fields[0].values, [json!(true)]);
}

#[test]
fn k3_sensitive_fields_and_those_that_the_schema_says_link_are_named() {
    let claims = [claim("d", json!(["diagnosis"])), claim("m", json!(["member"]))];
    let evaluation = ask(
        json!({"credentials": [part("person", PID, &claims, Value::Null)]}),
        &credentials(),
    );
    let [diagnosis, member] = &evaluation.fields[..] else {
        panic!("two fields")
    };
    assert!(diagnosis.sensitive && !member.sensitive);
    assert_eq!((diagnosis.linking, member.linking), (None, Some(Linking::ByItself)));
    let named = |code: &str| {
        evaluation
            .warnings
            .iter()
            .find(|warning| warning.code() == code)
            .cloned()
    };
    assert_eq!(
        named("SensitiveFields"),
        Some(Warning::SensitiveFields {
            fields: vec![field("person", &["diagnosis"])]
        })
    );
    let links = vec![field("person", &["member"])];
    assert_eq!(named("LinksYou"), Some(Warning::LinksYou { fields: links.clone() }));
    assert_eq!(evaluation.linking(&links), links, "also when the person has chosen");
}

/// A history in which the clinic was given a name and a birth date for `intended_use`.
fn agreed_before(intended_use: &str) -> Vec<HistoryEntry> {
    let organisation = Party {
        id: "gb-ods-r1v3r".to_owned(),
        name: "Riverside Clinic".to_owned(),
    };
    let fields: Vec<DisclosedField> = ["name", "birth_date"]
        .map(|name| DisclosedField {
            credential_type: PERSON.to_owned(),
            path: path(&[name]),
        })
        .to_vec();
    let agreement = accept(&offer()).id();
    let request = "request-1".to_owned();
    let events = [
        Event::RequestSeen {
            organisation: organisation.clone(),
            request: request.clone(),
            offer: None,
            fields: fields.clone(),
        },
        Event::Agreed {
            organisation: organisation.clone(),
            request: request.clone(),
            agreement,
            intended_use: Some(intended_use.to_owned()),
            replaces: None,
        },
        Event::Disclosed {
            organisation,
            request: Some(request),
            agreement: Some(agreement),
            fields,
        },
    ];
    let mut head = Head::empty();
    let append = |event| {
        let entry = head.append(event, NOW * 1000).unwrap();
        head = entry.head();
        entry
    };
    events.into_iter().map(append).collect()
}

#[test]
fn a19_more_than_last_time_is_flagged_and_off() {
    let evaluated = |history: &[HistoryEntry], organisation: &str| {
        let shared = SharedBefore::from_history(history, organisation);
        evaluate_with(&clinics_query(), Some(&offer()), &alices(), &shared)
    };
    let again = evaluated(&agreed_before("registration"), "gb-ods-r1v3r");
    let new: Vec<bool> = again
        .fields
        .iter()
        .map(|field| field.over_asking == [OverAsking::MoreThanLastTime])
        .collect();
    assert_eq!(new, [false, false, true, true], "address and telephone are new");
    assert_eq!(
        again.default_choice(),
        [field("person", &["name"]), field("person", &["birth_date"])]
    );
    let fields = vec![field("person", &["address"]), field("phone", &["phone_number"])];
    assert!(again.warnings.contains(&Warning::MoreThanLastTime { fields }));
    assert!(again.fields[2].required, "it is off, and still said to be required");
    for first in [
        evaluated(&agreed_before("newsletter"), "gb-ods-r1v3r"),
        evaluated(&agreed_before("registration"), "gb-other"),
    ] {
        assert_eq!(
            first.default_choice(),
            required(),
            "another purpose or another organisation is no last time"
        );
    }
}

#[test]
fn a19_an_unknown_purpose_or_an_empty_registration_shares_nothing() {
    let unknown = Offer {
        intended_use: "research".to_owned(),
        ..offer()
    };
    let evaluation = evaluate_with(&clinics_query(), Some(&unknown), &alices(), &SharedBefore::default());
    assert_eq!(evaluation.default_choice(), []);
    let warned = |evaluation: &Evaluation, code: &str| evaluation.warnings.iter().any(|warning| warning.code() == code);
    assert!(warned(&evaluation, "PurposeNotRegistered") && warned(&evaluation, "OverAsking"));

    let mut empty = party();
    empty.registration.intended_uses.clear();
    for offer in [None, Some(&offer())] {
        let query = clinics_query();
        let evaluation = evaluate(&facts(&query, offer), &empty, &alices(), &SharedBefore::default(), NOW);
        assert_eq!(evaluation.default_choice(), []);
        let flagged = |field: &FieldEvaluation| field.over_asking == [OverAsking::NotRegistered];
        assert!(evaluation.fields.iter().all(flagged));
    }
}

#[test]
fn a31_options_beyond_counting_are_not_compared_and_every_field_is_shown() {
    let claims: Vec<Value> = (0..64)
        .map(|place| claim(&format!("c{place}"), json!(["family_name"])))
        .collect();
    let ids: Vec<String> = (0..64).map(|place| format!("c{place}")).collect();
    let query = json!({"credentials": [part("person", PID, &claims, json!(vec![ids; 16]))]});
    let evaluation = ask(query, &credentials());
    assert_eq!(evaluation.alternatives, []);
    assert_eq!(evaluation.fields.len(), 64, "every field is shown");
}
