//! Health records, whole and with what is broken in them.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::tests::{bodies, left, plan, vector};
use super::*;

#[test]
fn d1_a_health_record_becomes_records_with_codes_and_nothing_of_it_is_lost() {
    let plan = plan("bundle.json", vector("shapes/patient-bundle.json"));
    assert_eq!(plan.format, Format::Fhir);
    assert_eq!(bodies(&plan, "name")[0]["family_name"], "Morgan");
    assert_eq!(
        bodies(&plan, "birth"),
        [&json!({ "birthdate": "1987-03-14", "name_at_birth": "Pugh" })]
    );
    assert_eq!(bodies(&plan, "nhs-number")[0]["number"], "9434765919");
    assert_eq!(bodies(&plan, "emergency-contact")[0]["phone_number"], "029 2018 0004");
    let jab = json!({ "vaccine": "Influenza", "code": "140", "code_system": "http://hl7.org/fhir/sid/cvx", "date": "2026-10-02", "dose": 1, "lot": "FL2291", "performer": "Riverside Clinic" });
    assert_eq!(bodies(&plan, "vaccination"), [&jab]);
    let allergy = bodies(&plan, "allergy")[0];
    assert_eq!(
        (&allergy["reactions"], &allergy["category"], &allergy["severity"]),
        (&json!(["Urticaria"]), &json!("medicine"), &json!("severe"))
    );
    let medicines: Vec<&Value> = bodies(&plan, "medication")
        .iter()
        .map(|body| &body["medicine"])
        .collect();
    assert_eq!(
        medicines,
        [
            &json!("Salbutamol 100 micrograms/dose inhaler"),
            &json!("Ramipril 5 mg")
        ]
    );
    assert_eq!(
        bodies(&plan, "medication")[1]["code"],
        "318857002",
        "of the contained medicine"
    );
    assert_eq!(bodies(&plan, "condition")[0]["status"], "active");
    let pressure = bodies(&plan, "observation")[0];
    assert_eq!(
        pressure["components"][0],
        json!({ "name": "Systolic blood pressure", "code": "8480-6", "code_system": "http://loinc.org", "value": 128, "unit": "mmHg" })
    );
    assert_eq!(bodies(&plan, "observation")[1]["text"], "<5 mg/L");
    let whole: Vec<&str> = plan
        .records
        .iter()
        .filter_map(|record| record.schema.strip_prefix("http://hl7.org/fhir/StructureDefinition/"))
        .collect();
    assert_eq!(
        whole,
        ["Organization", "Immunization", "Encounter"],
        "not given, and of no schema of ours"
    );
    let reasons: Vec<(&str, Reason)> = plan
        .left_out
        .iter()
        .map(|remark| (remark.field.as_str(), remark.reason))
        .collect();
    assert!(reasons.contains(&("Condition", Reason::OtherPerson)));
    assert!(reasons.contains(&("Observation", Reason::EnteredInError)));
    assert!(reasons.contains(&("Condition.encounter", Reason::NoPlace)));
    assert!(plan.records.iter().all(|record| record.violations.is_empty()));
    assert_eq!(plan.warnings[0].reason, Reason::DatePartial);
}

#[test]
fn d1_an_entry_of_a_bundle_that_is_broken_takes_no_other_with_it() {
    let jab = |vaccine: &str, more: &str| {
        format!(
            "{{\"resource\": {{\"resourceType\": \"Immunization\", \"status\": \"completed\",\n\
             \"vaccineCode\": {{\"text\": \"{vaccine}\"}}, \"occurrenceDateTime\": \"2026-10-02\"{more}}}}}"
        )
    };
    let (first, second, third) = (
        jab("Influenza", ""),
        jab("Tetanus", ", oops"),
        jab("Rabies", ", \"isSubpotent\": true"),
    );
    let text = format!("{{\"resourceType\": \"Bundle\", \"entry\": [\n{first},\n{second},\n{third}\n]}}");
    let plan = plan("bundle.json", text);
    let vaccines: Vec<&Value> = bodies(&plan, "vaccination")
        .iter()
        .map(|body| &body["vaccine"])
        .collect();
    assert_eq!(vaccines, ["Influenza", "Rabies"]);
    assert_eq!(
        left(&plan),
        [
            (Some(5), "", Reason::Malformed),
            (Some(6), "Immunization.isSubpotent", Reason::NoPlace)
        ]
    );
    assert_eq!(plan.left_out[0].place.pointer.as_deref(), Some("/entry/1/resource"));
}
