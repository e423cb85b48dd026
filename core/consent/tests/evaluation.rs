//! Evaluations: what a person is told before they decide.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::store::*;
use common::*;
use kist_consent::evaluation::*;
use kist_consent::history::{DisclosedField, Event, Head};
use kist_consent::*;
use kist_identity::Issuer;
use kist_identity::dcql::Query;
use kist_trust::{Reason, TrustedParty};
use serde_json::{Value, json};

fn codes(evaluation: &Evaluation) -> Vec<&'static str> {
    evaluation.warnings.iter().map(Warning::code).collect()
}

#[test]
fn k3_the_person_learns_who_asks_why_and_what_stays() {
    let evaluation = clinics();
    let asker = &evaluation.asker;
    assert_eq!(asker.organisation.name, "Riverside Clinic");
    assert_eq!(asker.supplier, None);
    let Verified::Framework { anchor, .. } = &asker.verified else {
        panic!("verified by the framework")
    };
    assert_eq!(anchor, "Orkney framework");
    assert_eq!(asker.supervisory_authority.0, "ICO");
    let [purpose] = &evaluation.purposes[..] else {
        panic!("one purpose")
    };
    assert_eq!(purpose.text["cy"], "I'ch cofrestru fel claf");
    assert_eq!(
        (purpose.legal_basis.as_str(), purpose.retention.as_str()),
        ("eu-gdpr:A6-1-e", "P8Y")
    );
    assert_eq!(purpose.kept_after_withdrawal[0].period.as_deref(), Some("P8Y"));
    let terms = evaluation.agreement.unwrap();
    assert!(terms.rights.deliver && !terms.rights.update);
    assert_eq!(terms.recipients[0].name, "Harbour Laboratory");
}

#[test]
fn k3_fields_are_the_persons_data_and_not_the_return_address() {
    let names: Vec<String> = clinics()
        .fields
        .iter()
        .filter_map(|field| Some(field.field()?.to_string()))
        .collect();
    let expected = [
        r#"person:["name"]"#,
        r#"person:["birth_date"]"#,
        r#"person:["address"]"#,
        r#"phone:["phone_number"]"#,
    ];
    assert_eq!(names, expected);
    assert!(clinics().answerable, "the return address is made when it is needed");
}

#[test]
fn k3_nothing_optional_is_chosen_by_default() {
    let evaluation = clinics();
    assert_eq!(evaluation.default_choice(), required());
    let phone = &evaluation.fields[3];
    assert!(!phone.required && !phone.chosen_by_default && !phone.matches.is_empty());
}

#[test]
fn k3_a_request_within_its_registration_has_no_warning_but_that_it_links() {
    assert_eq!(codes(&clinics()), ["LinksYou"]);
}

#[test]
fn a19_what_was_never_registered_is_flagged_and_off() {
    let parts: [(&str, &str, &[&str]); 1] = [("person", PERSON, &["name", "nationality"])];
    let mut store = alices();
    store.0[0].claims.insert("nationality".to_owned(), json!("GB"));
    let evaluation = evaluate_with(&query(&parts, &[]), Some(&offer()), &store, &SharedBefore::default());
    let [name, nationality] = &evaluation.fields[..] else {
        panic!("two fields")
    };
    assert_eq!(name.over_asking, []);
    assert!(name.chosen_by_default);
    assert_eq!(nationality.over_asking, [OverAsking::NotRegistered]);
    assert!(nationality.required && !nationality.matches.is_empty() && !nationality.chosen_by_default);
    let fields = vec![field("person", &["nationality"])];
    assert!(evaluation.warnings.contains(&Warning::OverAsking { fields }));
}

#[test]
fn a19_what_was_registered_for_another_purpose_is_flagged_and_off() {
    let parts: [(&str, &str, &[&str]); 1] = [("mail", CONTACT, &["email"])];
    let query = query(&parts, &[]);
    let evaluate = |offer: &Offer| evaluate_with(&query, Some(offer), &alices(), &SharedBefore::default());
    let asked = evaluate(&offer());
    assert_eq!(asked.fields[0].over_asking, [OverAsking::NotForThisPurpose]);
    assert!(!asked.fields[0].chosen_by_default);
    let newsletter = Offer {
        intended_use: "newsletter".to_owned(),
        ..offer()
    };
    assert_eq!(evaluate(&newsletter).fields[0].over_asking, []);
}

#[test]
fn a19_a_part_of_what_was_registered_is_no_over_asking_and_the_whole_of_a_part_is() {
    let ask = |path: Value| {
        let part = json!({"id": "person", "format": "dc+sd-jwt", "meta": {"vct_values": [PERSON]}, "claims": [{"path": path}]});
        let query = Query::from_value(&json!({"credentials": [part]})).unwrap();
        evaluate_with(&query, Some(&offer()), &alices(), &SharedBefore::default()).fields[0]
            .over_asking
            .clone()
    };
    assert_eq!(ask(json!(["address", "street"])), []);
    assert_eq!(ask(json!(["address"])), []);
    assert_eq!(ask(json!(["addresses", null])), [OverAsking::NotRegistered]);
}

#[test]
fn k3_terms_beyond_the_registration_are_named() {
    let with = |change: &dyn Fn(&mut Offer)| {
        let mut offer = offer();
        change(&mut offer);
        let mut codes = codes(&evaluate_with(
            &clinics_query(),
            Some(&offer),
            &alices(),
            &SharedBefore::default(),
        ));
        codes.retain(|code| *code != "LinksYou");
        codes
    };
    assert_eq!(
        with(&|o| o.purpose.code = "dpv:Marketing".to_owned()),
        ["PurposeDiffers"]
    );
    assert_eq!(
        with(&|o| o.purpose.text = Texts::new("en", "For your own good").unwrap()),
        ["PurposeDiffers"]
    );
    assert_eq!(
        with(&|o| o.legal_basis = LegalBasis::LegitimateInterests),
        ["LegalBasisDiffers"]
    );
    assert_eq!(
        with(&|o| o.retention = Period::parse("P99Y").unwrap()),
        ["RetentionDiffers"]
    );
    let everything = Texts::new("en", "Everything").unwrap();
    assert_eq!(
        with(&|o| o.kept_after_withdrawal[0].text = everything.clone()),
        ["KeptAfterWithdrawalNotRegistered"]
    );
    assert_eq!(
        with(&|o| o.kept_after_withdrawal.clear()),
        [""; 0],
        "less is no warning"
    );
    assert_eq!(
        with(&|o| o.intended_use = "research".to_owned()),
        ["OverAsking", "PurposeNotRegistered"]
    );
}

#[test]
fn t3_a_supplier_is_shown_beside_the_organisation_that_it_asks_for() {
    let (query, offer, desk) = (clinics_query(), offer(), party());
    let desk = TrustedParty {
        organisation_id: "gb-desk".to_owned(),
        legal_name: "Desk Services".to_owned(),
        ..desk
    };
    let request = RequestFacts {
        supplier: Some(&desk),
        ..facts(&query, Some(&offer))
    };
    let evaluation = evaluate(&request, &party(), &alices(), &SharedBefore::default(), NOW);
    assert_eq!(evaluation.asker.organisation.name, "Riverside Clinic");
    assert_eq!(evaluation.asker.supplier.unwrap().name, "Desk Services");
}

#[test]
fn t1_what_nobody_vouches_for_and_a_list_that_is_overdue_are_said_first() {
    let (query, offer) = (clinics_query(), offer());
    let request = RequestFacts {
        unverified: Some(Reason::NotListed),
        ..facts(&query, Some(&offer))
    };
    let evaluation = evaluate(&request, &party(), &alices(), &SharedBefore::default(), NOW);
    assert_eq!(evaluation.asker.verified, Verified::Nobody { reason: "NotListed" });
    assert_eq!(codes(&evaluation)[0], "NobodyVouches");

    let (due, usable_until) = (NOW - 1, NOW + 1);
    let party = TrustedParty {
        freshness: kist_trust::Freshness::Overdue { due, usable_until },
        ..party()
    };
    let facts = facts(&query, Some(&offer));
    let evaluation = evaluate(&facts, &party, &alices(), &SharedBefore::default(), NOW);
    let overdue = Warning::TrustListOverdue {
        due_at: due,
        until_at: usable_until,
    };
    assert_eq!(evaluation.warnings[0], overdue);
}

#[test]
fn d2_matches_say_where_they_come_from_and_how_old_they_are() {
    let mut store = alices();
    let council = Issuer::Organisation {
        id: "gb-ork".to_owned(),
        name: "Orkney Islands Council".to_owned(),
    };
    let delivered = |id, days: i64, expires_at| Held {
        id,
        provenance: Provenance {
            issuer: council.clone(),
            as_of: NOW - days * 86_400,
            expires_at,
        },
        ..store.0[0].clone()
    };
    let (newer, expired) = (
        delivered("person-2", 2, Some(NOW + 1)),
        delivered("person-3", 1, Some(NOW)),
    );
    store.0.extend([expired, newer]);
    let evaluation = evaluate_with(&clinics_query(), Some(&offer()), &store, &SharedBefore::default());
    let name = &evaluation.fields[0];
    let order: Vec<_> = name.matches.iter().map(|found| found.candidate.as_str()).collect();
    assert_eq!(
        order,
        ["person-2", "person-1", "person-3"],
        "not expired first, then the newest"
    );
    assert_eq!(name.matches[0].provenance.issuer, council);
    assert_eq!(
        name.matches[0].freshness,
        Freshness {
            age_days: 2,
            expired: false
        }
    );
    assert_eq!(name.matches[1].provenance.issuer, Issuer::SelfAsserted);
    assert!(name.matches[2].freshness.expired);
    assert_eq!(name.matches[0].values, [(path(&["name"]), json!("Alice Rendall"))]);
}

#[test]
fn k3_what_is_missing_or_expired_is_said() {
    let mut store = alices();
    store.0[0].claims.remove("birth_date");
    store.0[1].provenance.expires_at = Some(NOW - 1);
    let evaluation = evaluate_with(&clinics_query(), Some(&offer()), &store, &SharedBefore::default());
    assert!(!evaluation.answerable);
    let missing: Vec<bool> = evaluation.fields.iter().map(|field| field.missing).collect();
    assert_eq!(missing, [false, true, false, false]);
    let nothing = Warning::NothingToAnswer {
        credential: "person".to_owned(),
    };
    assert!(evaluation.warnings.contains(&nothing));
    assert!(evaluation.warnings.contains(&Warning::OnlyExpired {
        credential: "phone".to_owned()
    }));
    assert_eq!(evaluation.default_choice(), []);
}

#[test]
fn i3_fields_that_link_a_person_are_named() {
    let evaluation = clinics();
    let links: Vec<_> = evaluation
        .fields
        .iter()
        .map(|field| field.linking.map(Linking::code))
        .collect();
    let together = Some("LinksYouTogether");
    assert_eq!(links, [together, together, together, Some("LinksYou")]);
    let [name, born, phone] = [
        field("person", &["name"]),
        field("person", &["birth_date"]),
        field("phone", &["phone_number"]),
    ];
    assert_eq!(
        evaluation.linking(std::slice::from_ref(&name)),
        [],
        "a name without a birth date"
    );
    assert_eq!(evaluation.linking(std::slice::from_ref(&born)), []);
    assert_eq!(evaluation.linking(&[name.clone(), born.clone()]), [name.clone(), born]);
    assert_eq!(evaluation.linking(&[name, phone.clone()]), [phone]);
    let deeper = field("person", &["address", "postal_code"]);
    assert_eq!(
        evaluation
            .linking(&[deeper, field("id", &["Health-Number", "value"])])
            .len(),
        1
    );
}

#[test]
fn k3_what_this_organisation_saw_before_is_told_from_the_history() {
    let disclosed = |organisation: &str, claim: &str| Event::Disclosed {
        organisation: Party {
            id: organisation.to_owned(),
            name: "An organisation".to_owned(),
        },
        request: None,
        agreement: None,
        fields: vec![DisclosedField {
            credential_type: PERSON.to_owned(),
            path: path(&[claim]),
        }],
    };
    let mut head = Head::empty();
    let mut history = Vec::new();
    let events = [
        ("gb-ods-r1v3r", "name"),
        ("gb-ods-r1v3r", "name"),
        ("gb-other", "birth_date"),
    ];
    for ((organisation, claim), time) in events.into_iter().zip([100, 200, 300]) {
        let entry = head.append(disclosed(organisation, claim), time).unwrap();
        head = entry.head();
        history.push(entry);
    }
    let shared = SharedBefore::from_history(&history, "gb-ods-r1v3r");
    let evaluation = evaluate_with(&clinics_query(), Some(&offer()), &alices(), &shared);
    let before: Vec<_> = evaluation.fields.iter().map(|field| field.shared_before_ms).collect();
    assert_eq!(before, [Some(200), None, None, None]);
}

#[test]
fn k3_a_single_sharing_shows_the_registered_purposes_that_fit() {
    let parts: [(&str, &str, &[&str]); 1] = [("mail", CONTACT, &["email"])];
    let evaluation = evaluate_with(&query(&parts, &[]), None, &alices(), &SharedBefore::default());
    assert_eq!(evaluation.agreement, None);
    let uses: Vec<_> = evaluation
        .purposes
        .iter()
        .map(|purpose| purpose.intended_use.as_str())
        .collect();
    assert_eq!(uses, ["newsletter"]);
    assert_eq!(evaluation.fields[0].over_asking, []);
    assert!(evaluation.fields[0].required);
}

#[test]
fn k3_a_credential_of_another_format_is_over_asked_and_unanswerable() {
    let part = json!({"id": "ldp", "format": "ldp_vc", "meta": {}});
    let query = Query::from_value(&json!({"credentials": [part]})).unwrap();
    let evaluation = evaluate_with(&query, None, &alices(), &SharedBefore::default());
    assert!(!evaluation.answerable);
    assert_eq!(evaluation.fields[0].over_asking, [OverAsking::NotRegistered]);
    assert_eq!(evaluation.fields[0].path, None);
}

#[test]
fn the_same_facts_give_the_same_evaluation_and_print_no_value() {
    let evaluation = clinics();
    assert_eq!(evaluation, clinics());
    let printed = format!("{evaluation:?}");
    for value in ["Alice", "1990", "Shore", "1856"] {
        assert!(!printed.contains(value), "{value}");
    }
}

#[test]
fn u1_a_purpose_of_one_field_comes_in_every_language() {
    let mut offer = offer();
    offer.fields[3].purpose = Some(Texts::new("en", "To remind you").unwrap());
    let evaluation = evaluate_with(&clinics_query(), Some(&offer), &alices(), &SharedBefore::default());
    let expected = BTreeMap::from([("en".to_owned(), "To remind you".to_owned())]);
    assert_eq!(evaluation.fields[3].purpose, Some(expected));
}
