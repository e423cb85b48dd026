//! Receipts: evidence that says what was agreed, in the terms of ISO/IEC TS 27560 and DPV, to anyone.
#![allow(clippy::unwrap_used)]

mod common;
mod schema;

use common::*;
use kist_consent::*;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/schemas/receipt.schema.json");

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

/// The payload of a compact JWS, as anyone reads it.
fn payload(compact: &str) -> Value {
    serde_json::from_slice(&kist_crypto::jws::parse(compact).unwrap().payload).unwrap()
}

/// Offers of every shape that a receipt has to tell of.
fn offers() -> Vec<Offer> {
    let rights = Rights {
        read: true,
        deliver: false,
        update: false,
    };
    let supplier = Party {
        id: "gb-co-1".to_owned(),
        name: "Forms Ltd".to_owned(),
    };
    vec![
        offer(),
        Offer {
            validity: Validity::Standing,
            withdrawal_uri: Some("https://riverside.example/stop".to_owned()),
            ..offer()
        },
        Offer {
            validity: Validity::Once,
            rights,
            ..offer()
        },
        Offer {
            replaces: Some(ObjectHash::from_bytes([7; 32])),
            ..offer()
        },
        Offer {
            supplier: Some(supplier),
            kept_after_withdrawal: Vec::new(),
            recipients: Vec::new(),
            ..offer()
        },
    ]
}

#[test]
fn k5_a_receipt_is_what_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for offer in offers() {
        let agreement = in_force(&offer);
        let document = payload(agreement.receipt().unwrap().compact());
        assert_eq!(schema::violations(&schema, &document), Vec::<String>::new());
    }
}

#[test]
fn k5_the_schema_refuses_what_is_no_receipt() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let right = payload(in_force(&offer()).receipt().unwrap().compact());
    let record = "/dpv:hasRecordOfActivity".to_owned();
    let members = |pointer: &str| -> Vec<String> {
        let object = right.pointer(pointer).unwrap().as_object().unwrap();
        object.keys().map(|name| format!("{pointer}/{name}")).collect()
    };
    let all = members("")
        .into_iter()
        .chain(members(&record))
        .chain(members(&format!("{record}/dpv:hasProcess")));
    for pointer in all {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut without = right.clone();
        without
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(name);
        assert!(!schema::violations(&schema, &without).is_empty(), "without {pointer}");
        let mut other = right.clone();
        *other.pointer_mut(&pointer).unwrap() = json!(true);
        assert!(!schema::violations(&schema, &other).is_empty(), "another {pointer}");
    }
}

#[test]
fn k2_a_receipt_tells_every_term_of_the_agreement() {
    let agreement = in_force(&offer());
    let receipt = agreement.receipt().unwrap();
    let record = &receipt.document()["dpv:hasRecordOfActivity"];
    assert_eq!(record["dpv:hasDataController"]["dpv:hasName"], "Riverside Clinic");
    assert_eq!(record["dpv:hasLegalBasis"], "eu-gdpr:A6-1-e");
    assert_eq!(record["dpv:hasJurisdiction"], "loc:GB");
    let process = &record["dpv:hasProcess"];
    assert_eq!(process["dpv:hasPurpose"]["@type"], "dpv:ServiceProvision");
    assert_eq!(
        process["dpv:hasPurpose"]["dct:description"][0],
        json!({"@language": "cy", "@value": "I'ch cofrestru fel claf"})
    );
    let data = process["dpv:hasPersonalData"].as_array().unwrap();
    let names: Vec<_> = data
        .iter()
        .map(|data| data["dct:identifier"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            r#"person:["name"]"#,
            r#"person:["birth_date"]"#,
            r#"person:["address"]"#
        ],
        "and no phone"
    );
    assert_eq!(process["dpv:hasProcessing"], json!(["dpv:Collect", "dpv:Transmit"]));
    assert_eq!(process["dpv:hasRecipient"][0]["dpv:hasName"], "Harbour Laboratory");
    assert_eq!(process["dpv:hasStorageCondition"][1]["dpv:hasDuration"], "P8Y");
    assert_eq!(
        process["dpv:hasStorageCondition"][2]["kist:after"],
        "dpv:ConsentWithdrawn"
    );
    let status = &record["dpv:hasConsentStatus"];
    assert_eq!(status["dpv:isIndicatedAtTime"], "2026-11-23T12:00:00Z");
    assert_eq!(status["dpv:hasDuration"]["dct:valid"], "2027-02-21T12:00:00Z");
    assert_eq!(receipt.issued_at(), NOW + 5);
}

#[test]
fn i3_a_receipt_names_the_person_by_the_key_of_this_relationship_alone() {
    let agreement = in_force(&offer());
    let subject = &agreement.receipt().unwrap().document()["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"]["@id"];
    let thumbprint = alice().public().thumbprint();
    assert_eq!(
        subject,
        &json!(format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{thumbprint}"))
    );
}

#[test]
fn k5_anyone_with_the_organisations_key_verifies_a_receipt() {
    let agreement = in_force(&offer());
    let [offer, acceptance] = [agreement.offer().compact(), agreement.acceptance().compact()];
    let receipt = agreement.receipt().unwrap().compact();
    let verified = verify_receipt(receipt, acceptance, offer, &clinic().public()).unwrap();
    assert_eq!(verified, agreement);
    assert_eq!(
        code(verify_receipt(receipt, acceptance, offer, &stranger().public())),
        "SignatureInvalid"
    );
    assert_eq!(
        code(verify_receipt("", acceptance, offer, &clinic().public())),
        "Malformed"
    );
}

#[test]
fn k5_a_receipt_for_another_agreement_is_no_evidence() {
    let one = in_force(&offer());
    let other = in_force(&Offer {
        id: "another".to_owned(),
        ..offer()
    });
    let receipt = other.receipt().unwrap().compact();
    let mixed = verify_receipt(
        receipt,
        one.acceptance().compact(),
        one.offer().compact(),
        &clinic().public(),
    );
    assert_eq!(code(mixed), "HashMismatch");
}

#[test]
fn k5_a_receipt_that_says_anything_else_is_refused_though_the_organisation_signed_it() {
    let agreement = accept(&offer());
    let right = payload(receipt(&agreement).compact());
    let record = "/dpv:hasRecordOfActivity";
    for (pointer, lie) in [
        (
            format!("{record}/dpv:hasProcess/dpv:hasPurpose/@type"),
            json!("dpv:Marketing"),
        ),
        (
            format!("{record}/dpv:hasProcess/dpv:hasStorageCondition/1/dpv:hasDuration"),
            json!("P99Y"),
        ),
        (format!("{record}/dpv:hasLegalBasis"), json!("eu-gdpr:A6-1-f")),
        (
            format!("{record}/dpv:hasConsentStatus/dpv:isIndicatedAtTime"),
            json!("2020-01-01T00:00:00Z"),
        ),
        ("/kist:offer".to_owned(), json!("A".repeat(43))),
    ] {
        let mut document = right.clone();
        document.as_object_mut().unwrap().remove("version");
        *document.pointer_mut(&pointer).unwrap() = lie;
        let forged: Receipt = serde_json::from_value(document).unwrap();
        let refused = agreement.clone().countersign(signed(&forged, &clinic()));
        assert_eq!(refused, Err(Error::HashMismatch { what: "receipt" }), "{pointer}");
    }
}

#[test]
fn a_receipts_id_is_plain() {
    let agreement = accept(&offer());
    let with_id = |id: &str| Receipt::of(agreement.offer(), agreement.acceptance(), id, NOW);
    for id in ["", "a b", "ü", &"x".repeat(65)] {
        assert_eq!(code(with_id(id)), "Malformed", "{id}");
    }
    assert_eq!(with_id("receipt_1-a").unwrap().id(), "receipt_1-a");
}
