//! The published schemas: what the usual records look like. A record may be of any other schema, and is then taken as is.
//!
//! They are JSON Schemas (2020-12) in core/vault/schemas, embedded here, with annotations of our own (`x-kist-…`) that
//! say what a record is called, when two are about the same thing, what to confirm and to remind of, and what to guard.
//! docs/schemas/README.md lists the schemas and the annotations.

mod check;
mod definition;
mod formats;
mod library;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod library_test;
mod own;
mod title;
mod validate;

pub use check::MAX_SCHEMA;
pub use definition::Schema;
pub(crate) use library::fingerprint;
pub use library::{get, known, schema};
pub use own::{COLLECTION, MAX_OWN, Schemas};
pub(crate) use own::{find, follow, validate_in};
pub(crate) use title::title;
pub use validate::{MAX_VIOLATIONS, Violation};

use serde_json::Value;

use crate::Result;

/// A person's name.
pub const NAME: &str = "urn:kist:schema:name:1";
/// Where and when a person was born.
pub const BIRTH: &str = "urn:kist:schema:birth:1";
/// A postal address.
pub const ADDRESS: &str = "urn:kist:schema:address:1";
/// A telephone number.
pub const PHONE: &str = "urn:kist:schema:phone:1";
/// An e-mail address.
pub const EMAIL: &str = "urn:kist:schema:email:1";
/// Somebody the person knows.
pub const CONTACT: &str = "urn:kist:schema:contact:1";
/// A paper, a letter, a photograph: what an attached file is.
pub const DOCUMENT: &str = "urn:kist:schema:document:1";
/// A vaccination.
pub const VACCINATION: &str = "urn:kist:schema:vaccination:1";
/// A note.
pub const NOTE: &str = "urn:kist:schema:note:1";
/// Where an organisation reaches the person.
pub const CONNECTION: &str = "urn:kist:schema:connection:1";
/// The person's gender.
pub const GENDER: &str = "urn:kist:schema:gender:1";
/// A number by which a health service knows the person.
pub const NHS_NUMBER: &str = "urn:kist:schema:nhs-number:1";
/// The doctor's surgery.
pub const GP_REGISTRATION: &str = "urn:kist:schema:gp-registration:1";
/// Whom to ring when something happens.
pub const EMERGENCY_CONTACT: &str = "urn:kist:schema:emergency-contact:1";
/// A language that the person knows.
pub const LANGUAGE: &str = "urn:kist:schema:language:1";
/// An allergy or intolerance.
pub const ALLERGY: &str = "urn:kist:schema:allergy:1";
/// A medicine that is taken or was.
pub const MEDICATION: &str = "urn:kist:schema:medication:1";
/// A health condition.
pub const CONDITION: &str = "urn:kist:schema:condition:1";
/// A measurement or finding.
pub const OBSERVATION: &str = "urn:kist:schema:observation:1";
/// An operation or treatment.
pub const PROCEDURE: &str = "urn:kist:schema:procedure:1";
/// Something in the calendar.
pub const EVENT: &str = "urn:kist:schema:event:1";
/// A meeting with a doctor, a bank, a teacher.
pub const APPOINTMENT: &str = "urn:kist:schema:appointment:1";
/// Something to do.
pub const TASK: &str = "urn:kist:schema:task:1";

/// The part of life that records of a schema usually belong to; `None` where the schema is not known here.
pub fn area(uri: &str) -> Option<&'static str> {
    schema(uri).and_then(Schema::area)
}

/// Everything in a body that breaks its schema, in the order of the schema's members, at most [`MAX_VIOLATIONS`]; of a
/// schema that is not known here, every body is right.
pub fn violations(uri: &str, body: &Value) -> Vec<Violation> {
    schema(uri).map_or(Vec::new(), |schema| schema.violations(body))
}

/// Checks a body against its schema; of a schema that is not known here, every body is right.
///
/// Errors: as [`Schema::validate`].
pub fn validate(uri: &str, body: &Value) -> Result<()> {
    schema(uri).map_or(Ok(()), |schema| schema.validate(body))
}

/// As [`Schema::key`]; `None` too where the schema is not known here.
pub fn key(uri: &str) -> Option<Vec<&'static str>> {
    schema(uri)?.key()
}

/// As [`Schema::fresh_days`].
pub fn fresh_days(uri: &str) -> Option<u32> {
    schema(uri)?.fresh_days()
}

/// As [`Schema::reminders`].
pub fn reminders(uri: &str) -> Vec<(&'static str, u32)> {
    schema(uri).map_or(Vec::new(), Schema::reminders)
}

/// As [`Schema::maps`].
pub fn maps(uri: &str, pointer: &str) -> Vec<&'static str> {
    schema(uri).map_or(Vec::new(), |schema| schema.maps(pointer))
}

/// As [`Schema::is_sensitive`]; of a schema that is not known here, nothing is known to be.
pub fn sensitive(uri: &str, pointer: &str) -> bool {
    schema(uri).is_some_and(|schema| schema.is_sensitive(pointer))
}

/// As [`Schema::links`].
pub fn links(uri: &str, pointer: &str) -> bool {
    schema(uri).is_some_and(|schema| schema.links(pointer))
}
