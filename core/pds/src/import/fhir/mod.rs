//! FHIR R4 as JSON: a bundle, one resource, or one resource a line (the bulk format).
//!
//! What has a schema of Kist's becomes a record of it. Every other resource, and one that its schema doesn't hold (a
//! vaccination that wasn't given, a measurement without a day), is kept whole as a record whose schema is the URI of FHIR's
//! own definition, so that nothing is lost. docs/formats/import.md has the tables.

mod bundle;
mod clinical;
mod patient;
mod values;

use std::collections::HashMap;

use kist_vault::schema;
use serde_json::Value;

use super::plan::{Collector, Place, Reason};
use bundle::Document;

/// The most resources of a bundle.
pub(super) const MAX_RESOURCES: usize = 100_000;
/// What the URI of a FHIR type begins with (FHIR R4, section 5.1.4).
const DEFINITION: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Whether a value is a resource of FHIR.
pub(super) fn is_resource(value: &Value) -> bool {
    let kind = value["resourceType"].as_str().unwrap_or_default();
    kind.starts_with(|symbol: char| symbol.is_ascii_uppercase())
        && kind.len() <= 64
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A resource with where it stands.
struct Resource<'a> {
    place: Place,
    value: &'a Value,
}

/// A resource among all that are imported.
struct Reader<'a> {
    value: &'a Value,
    known: &'a Known<'a>,
}

/// Every resource of what is imported, for references.
struct Known<'a> {
    by_address: HashMap<String, &'a Value>,
    /// The id of the person that all is about: the first patient.
    person: Option<String>,
}

/// Adds the records of a text's bundles and resources.
pub(super) fn take(text: &str, found: &mut Collector) {
    let documents = bundle::documents(text, found);
    let mut resources = Vec::new();
    let mut addresses = Vec::new();
    for document in &documents {
        let (place, value) = (&document.place, &document.value);
        match value["resourceType"].as_str() {
            Some("Bundle") => entries(document, &mut resources, &mut addresses, found),
            Some(_) if is_resource(value) => {
                if let Some(id) = value["id"].as_str() {
                    let kind = value["resourceType"].as_str().unwrap_or_default();
                    addresses.push((format!("{kind}/{id}"), value));
                }
                resources.push(Resource {
                    place: place.clone(),
                    value,
                });
            }
            _ => found.leave_out(place.clone(), "resourceType", Reason::Malformed),
        }
    }
    let patients = resources
        .iter()
        .filter(|resource| resource.value["resourceType"] == "Patient");
    let person = patients.map(|patient| address_of(patient.value, &addresses)).next();
    let known = Known {
        by_address: addresses.into_iter().collect(),
        person: person.flatten(),
    };
    for resource in &resources {
        take_resource(resource, &known, found);
    }
}

/// The entries of a bundle, with their addresses.
fn entries<'a>(
    bundle: &'a Document,
    resources: &mut Vec<Resource<'a>>,
    addresses: &mut Vec<(String, &'a Value)>,
    found: &mut Collector,
) {
    let entries = bundle.value["entry"].as_array().into_iter().flatten();
    for (index, entry) in entries.enumerate() {
        let at = bundle.place_of(index);
        if resources.len() >= MAX_RESOURCES {
            found.leave_out(at, "", Reason::TooMany);
            return;
        }
        let resource = &entry["resource"];
        if !is_resource(resource) {
            let field = if entry.is_null() { "" } else { "resourceType" };
            found.leave_out(at, field, Reason::Malformed);
            continue;
        }
        if let Some(address) = entry["fullUrl"].as_str() {
            addresses.push((address.to_owned(), resource));
        }
        if let (Some(kind), Some(id)) = (resource["resourceType"].as_str(), resource["id"].as_str()) {
            addresses.push((format!("{kind}/{id}"), resource));
        }
        resources.push(Resource {
            place: at,
            value: resource,
        });
    }
}

/// The id by which others refer to a patient: any of its addresses leads to the same resource.
fn address_of(value: &Value, addresses: &[(String, &Value)]) -> Option<String> {
    let mut own = addresses.iter().filter(|(_, known)| std::ptr::eq(*known, value));
    own.next().map(|(address, _)| address.clone())
}

fn take_resource(resource: &Resource<'_>, known: &Known<'_>, found: &mut Collector) {
    let (place, value) = (resource.place.clone(), resource.value);
    let reader = Reader { value, known };
    let kind = value["resourceType"].as_str().unwrap_or_default();
    if kind == "OperationOutcome" {
        found.leave_out(place, kind, Reason::NoPlace);
        return;
    }
    if reader.is_about_another() {
        found.leave_out(place, kind, Reason::OtherPerson);
        return;
    }
    let wrong =
        value["status"] == "entered-in-error" || reader.status("verificationStatus") == Some("entered-in-error");
    if wrong {
        found.leave_out(place, kind, Reason::EnteredInError);
        return;
    }
    if kind == "Patient" {
        match known.person.as_deref().and_then(|person| known.by_address.get(person)) {
            Some(person) if !std::ptr::eq(*person, value) => found.leave_out(place, kind, Reason::OtherPerson),
            _ => patient::take(&reader, &place, found),
        }
        return;
    }
    let mapped = match kind {
        "Immunization" => clinical::immunization(&reader),
        "AllergyIntolerance" => clinical::allergy(&reader),
        "MedicationStatement" | "MedicationRequest" => clinical::medication(&reader),
        "Condition" => clinical::condition(&reader),
        "Observation" => clinical::observation(&reader),
        "Procedure" => clinical::procedure(&reader),
        _ => None,
    };
    match mapped.filter(|mapped| schema::violations(mapped.schema, &mapped.body).is_empty()) {
        Some(mapped) => {
            for member in reader.unread(mapped.read) {
                let at = Place {
                    pointer: Some(format!("{}/{member}", place.pointer.clone().unwrap_or_default())),
                    ..place.clone()
                };
                found.leave_out(at, &format!("{kind}.{member}"), Reason::NoPlace);
            }
            for member in mapped.partial {
                found.warn(place.clone(), &format!("{kind}.{member}"), Reason::DatePartial);
            }
            found.record(place, mapped.schema, mapped.body);
        }
        None => whole(place, kind, value, found),
    }
}

/// Keeps a resource as it is.
fn whole(place: Place, kind: &str, value: &Value, found: &mut Collector) {
    const ADMINISTRATIVE: [&str; 9] = [
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Location",
        "HealthcareService",
        "Provenance",
        "Device",
        "Endpoint",
        "Binary",
    ];
    let area = if ADMINISTRATIVE.contains(&kind) {
        "other"
    } else {
        "health"
    };
    let title = values::name_of(value);
    if let Some(planned) = found.record(place, &format!("{DEFINITION}{kind}"), value.clone()) {
        area.clone_into(&mut planned.area);
        planned.title = title.unwrap_or_else(|| kind.to_owned());
    }
}

/// A resource as a record of a schema.
struct Mapped {
    schema: &'static str,
    body: Value,
    /// The members that were read.
    read: &'static [&'static str],
    /// The members that hold a date of which only a part is known.
    partial: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// Members that say nothing about anybody, or only what is known.
    const SILENT: [&'static str; 12] = [
        "resourceType",
        "id",
        "meta",
        "text",
        "language",
        "implicitRules",
        "contained",
        "subject",
        "patient",
        "status",
        "verificationStatus",
        "identifier",
    ];

    /// The members that were not read.
    fn unread(&self, read: &[&str]) -> Vec<&'a str> {
        let members = self.value.as_object().into_iter().flatten();
        let names = members.map(|(name, _)| name.as_str());
        names
            .filter(|name| !read.contains(name) && !Self::SILENT.contains(name) && !name.starts_with('_'))
            .collect()
    }

    /// Whether the subject is known to be another than the person.
    fn is_about_another(&self) -> bool {
        let subject = ["subject", "patient"]
            .into_iter()
            .find_map(|name| self.value[name]["reference"].as_str());
        let (Some(subject), Some(person)) = (subject, &self.known.person) else {
            return false;
        };
        let person = self.known.by_address.get(person);
        match (self.known.by_address.get(subject), person) {
            (Some(subject), Some(person)) => subject["resourceType"] == "Patient" && !std::ptr::eq(*subject, *person),
            _ => false,
        }
    }

    /// What a reference leads to, in the bundle or contained.
    fn resolve(&self, reference: &Value) -> Option<&'a Value> {
        let address = reference["reference"].as_str()?;
        match address.strip_prefix('#') {
            Some(id) => {
                let mut contained = self.value["contained"].as_array()?.iter();
                contained.find(|resource| resource["id"] == id)
            }
            None => self.known.by_address.get(address).copied(),
        }
    }

    /// Whom or what a reference names.
    fn referred(&self, reference: &Value) -> Option<String> {
        let display = reference["display"].as_str().map(str::to_owned);
        display.or_else(|| values::name_of(self.resolve(reference)?))
    }

    /// The code of a status that is a coded value.
    fn status(&self, member: &str) -> Option<&'a str> {
        self.value[member]["coding"][0]["code"].as_str()
    }
}
