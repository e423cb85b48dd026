//! The schemas in the program, each read when it is first asked for.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use kist_crypto::sha256;
use serde_json::Value;

use super::Schema;

/// A schema in the program.
struct Entry {
    text: &'static str,
    read: OnceLock<Schema>,
}

/// The schemas of core/vault/schemas by the names of their files, which are the names in their URIs.
macro_rules! library {
    ($($name:literal)*) => {
        const SOURCES: &[(&str, &str)] = &[$((
            concat!("urn:kist:schema:", $name, ":1"),
            include_str!(concat!("../../schemas/", $name, ".json")),
        )),*];
    };
}

library! {
    "accessibility-need" "activity" "activity-goal" "address" "advance-decision" "allergy" "appliance" "appointment"
    "background-check" "bank-account" "benefit-award" "benefit-claim" "birth" "booking" "broadband" "care-arrangement"
    "care-needs" "care-plan" "child" "citizenship" "communication-preference" "concession" "condition" "connection"
    "contact" "council-tax" "course" "dentist" "device" "dietary-preference" "disability" "document" "domain"
    "driving-licence" "email" "emergency-contact" "equality" "event" "eye-prescription" "family-history"
    "family-member" "funeral-wishes" "gender" "gp-registration" "home-check" "identity-card" "insurance-policy"
    "interest" "job" "job-application" "language" "loan" "loyalty-card" "medical-device" "medication" "membership"
    "meter-reading" "mood" "mortgage" "mot" "name" "national-insurance" "nhs-number" "note" "observation"
    "online-account" "organ-donation" "parking-permit" "partnership" "passport" "payment-card" "payslip" "pension"
    "pet" "phone" "power-of-attorney" "procedure" "professional-registration" "property" "purchase" "qualification"
    "residence-permit" "school-place" "self-employment" "size" "skill" "sleep" "subscription" "task" "tax-code"
    "tax-reference" "tax-return" "tenancy" "travel-pass" "trip" "tv-licence" "utility-account" "vaccination" "vehicle"
    "vehicle-service" "vehicle-tax" "visa" "volunteering" "voter-registration" "web-profile" "will"
}

static LIBRARY: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let entry = |&(uri, text): &(&'static str, &'static str)| {
        let read = OnceLock::new();
        (uri, Entry { text, read })
    };
    SOURCES.iter().map(entry).collect()
});

/// The URIs of the schemas in the program, by name.
pub fn known() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(uri, _)| *uri)
}

/// A schema of the program; `None` where it is not known here.
pub fn schema(uri: &str) -> Option<&'static Schema> {
    let entry = LIBRARY.get(uri)?;
    #[allow(clippy::expect_used)]
    let read = || Schema::read(entry.text).expect("the schemas are in the program");
    Some(entry.read.get_or_init(read))
}

/// A schema of the program as JSON Schema; `None` where it is not known here.
pub fn get(uri: &str) -> Option<&'static Value> {
    schema(uri).map(Schema::json)
}

/// The SHA-256 of all schemas in the program: other where what is derived from them can be other.
pub(crate) fn fingerprint() -> &'static [u8; 32] {
    static FINGERPRINT: LazyLock<[u8; 32]> = LazyLock::new(|| {
        let texts: Vec<&[u8]> = SOURCES.iter().map(|(_, text)| text.as_bytes()).collect();
        sha256(&texts)
    });
    &FINGERPRINT
}
