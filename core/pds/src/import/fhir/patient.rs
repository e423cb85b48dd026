//! A patient (FHIR R4, section 8.1) as the person's own records.

use kist_vault::schema;
use serde_json::{Value, json};

use super::{Reader, values};
use crate::import::contacts::{joined, members, own_address};
use crate::import::plan::{Collector, Place, Reason};
use crate::import::text::filled;

/// The members that are read.
const READ: [&str; 9] = [
    "active",
    "name",
    "telecom",
    "gender",
    "birthDate",
    "address",
    "communication",
    "generalPractitioner",
    "contact",
];

pub(super) fn take(patient: &Reader<'_>, place: &Place, found: &mut Collector) {
    let value = patient.value;
    let at = |member: &str| Place {
        pointer: Some(format!("{}/{member}", place.pointer.clone().unwrap_or_default())),
        ..place.clone()
    };
    let names = value["name"].as_array().map(Vec::as_slice).unwrap_or_default();
    let maiden = names.iter().find(|name| name["use"] == "maiden");
    let current = names.iter().position(|name| name["use"] == "official");
    let current = current.or_else(|| {
        names
            .iter()
            .position(|name| name["use"] != "maiden" && name["use"] != "old")
    });
    for (index, entry) in names.iter().enumerate() {
        if Some(index) == current {
            found.record(at(&format!("name/{index}")), schema::NAME, name(entry));
        } else if entry["use"] != "maiden" {
            found.leave_out(at(&format!("name/{index}")), "Patient.name", Reason::NoPlace);
        }
    }
    match values::date(&value["birthDate"]) {
        Some((date, _)) => {
            let at_birth = maiden.and_then(|name| name["family"].as_str()).map(str::to_owned);
            let body = members([("birthdate", Some(date)), ("name_at_birth", at_birth)]);
            found.record(at("birthDate"), schema::BIRTH, body);
        }
        None if !value["birthDate"].is_null() => {
            found.leave_out(at("birthDate"), "Patient.birthDate", Reason::DatePartial)
        }
        None => {}
    }
    for (index, address) in items(value, "address") {
        found.record(at(&format!("address/{index}")), schema::ADDRESS, postal(address));
    }
    for (index, contact) in items(value, "telecom") {
        telecom(contact, at(&format!("telecom/{index}")), found);
    }
    if let Some(gender) = value["gender"].as_str().filter(|gender| *gender != "unknown") {
        found.record(at("gender"), "urn:kist:schema:gender:1", json!({ "gender": gender }));
    }
    for (index, spoken) in items(value, "communication") {
        let code = values::coded(&spoken["language"]);
        if let Some(code) = code.code.or(code.words) {
            let preferred = spoken["preferred"].as_bool();
            let mut body = json!({ "language": code });
            if let Some(preferred) = preferred {
                body["preferred"] = preferred.into();
            }
            found.record(
                at(&format!("communication/{index}")),
                "urn:kist:schema:language:1",
                body,
            );
        }
    }
    for (index, identifier) in items(value, "identifier") {
        health_number(identifier, at(&format!("identifier/{index}")), found);
    }
    for (index, practice) in items(value, "generalPractitioner") {
        match patient.referred(practice) {
            Some(name) => {
                let body = json!({ "practice": name });
                found.record(
                    at(&format!("generalPractitioner/{index}")),
                    "urn:kist:schema:gp-registration:1",
                    body,
                );
            }
            None => found.leave_out(
                at("generalPractitioner"),
                "Patient.generalPractitioner",
                Reason::NoPlace,
            ),
        }
    }
    for (index, contact) in items(value, "contact") {
        emergency(contact, at(&format!("contact/{index}")), found);
    }
    for member in patient.unread(&READ) {
        found.leave_out(at(member), &format!("Patient.{member}"), Reason::NoPlace);
    }
}

fn items<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    value[member].as_array().into_iter().flatten().enumerate()
}

fn name(entry: &Value) -> Value {
    let mut given = values::strings(&entry["given"]).into_iter();
    let first = given
        .next()
        .and_then(filled)
        .or_else(|| entry["text"].as_str().and_then(filled));
    let middle = filled(&given.collect::<Vec<_>>().join(" "));
    members([
        ("given_name", first),
        ("middle_name", middle),
        ("family_name", entry["family"].as_str().and_then(filled)),
        ("name", values::human_name(entry)),
        ("honorific_prefix", filled(&values::strings(&entry["prefix"]).join(" "))),
        ("honorific_suffix", filled(&values::strings(&entry["suffix"]).join(" "))),
        ("since", values::date(&entry["period"]["start"]).map(|(date, _)| date)),
    ])
}

fn postal(address: &Value) -> Value {
    let text = |member: &str| address[member].as_str().and_then(filled);
    let street = filled(&values::strings(&address["line"]).join(", "));
    let parts = members([
        ("street_address", street.or_else(|| text("text"))),
        ("locality", text("city")),
        ("region", text("state").or_else(|| text("district"))),
        ("postal_code", text("postalCode")),
        ("country", text("country")),
        ("kind", text("use")),
    ]);
    let mut body = own_address(&parts);
    for (member, end) in [("since", "start"), ("until", "end")] {
        if let Some((date, _)) = values::date(&address["period"][end]) {
            body[member] = date.into();
        }
    }
    body
}

fn telecom(contact: &Value, place: Place, found: &mut Collector) {
    let Some(value) = contact["value"].as_str().and_then(filled) else {
        found.leave_out(place, "Patient.telecom", Reason::Malformed);
        return;
    };
    let kind = contact["use"].as_str();
    match contact["system"].as_str() {
        Some("phone" | "sms") => {
            let kind = kind
                .filter(|kind| ["home", "work", "mobile"].contains(kind))
                .map(str::to_owned);
            found.record(
                place,
                schema::PHONE,
                members([("phone_number", Some(value)), ("kind", kind)]),
            );
        }
        Some("email") => {
            let kind = kind.filter(|kind| ["home", "work"].contains(kind)).map(str::to_owned);
            found.record(place, schema::EMAIL, members([("email", Some(value)), ("kind", kind)]));
        }
        Some("url") => drop(found.record(place, "urn:kist:schema:web-profile:1", json!({ "url": value }))),
        _ => found.leave_out(place, "Patient.telecom", Reason::NoPlace),
    }
}

/// Health numbers by their systems (UK Core); other identifiers mean something only where they were given.
fn health_number(identifier: &Value, place: Place, found: &mut Collector) {
    let systems = [
        ("https://fhir.nhs.uk/Id/nhs-number", "nhs"),
        ("https://fhir.nhs.scot/Id/chi-number", "chi"),
        ("urn:oid:2.16.840.1.113883.2.1.3.2.4.16.53", "chi"),
        ("https://fhir.hscni.net/Id/hcn", "hcn"),
    ];
    let system = identifier["system"].as_str().unwrap_or_default();
    let kind = systems.iter().find(|(known, _)| *known == system);
    match (kind, identifier["value"].as_str().and_then(filled)) {
        (Some((_, kind)), Some(number)) => {
            let body = json!({ "number": number, "kind": kind, "code_system": system });
            found.record(place, "urn:kist:schema:nhs-number:1", body);
        }
        _ => found.leave_out(place, "Patient.identifier", Reason::NoPlace),
    }
}

fn emergency(contact: &Value, place: Place, found: &mut Collector) {
    let number = |system: &str| {
        let mut points = contact["telecom"].as_array()?.iter();
        let point = points.find(|point| point["system"] == system)?;
        point["value"].as_str().and_then(filled)
    };
    let body = members([
        ("full_name", values::human_name(&contact["name"])),
        (
            "relationship",
            joined(
                values::all_words(&contact["relationship"])
                    .into_iter()
                    .map(Some)
                    .collect(),
                ", ",
            ),
        ),
        ("phone_number", number("phone")),
        ("email", number("email")),
    ]);
    found.record(place, "urn:kist:schema:emergency-contact:1", body);
}
