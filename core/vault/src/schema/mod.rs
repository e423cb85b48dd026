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

/// The part of life that records of a schema usually belong to; `None` where the schema is not known here.
pub fn area(uri: &str) -> Option<&'static str> {
    schema(uri).and_then(Schema::area)
}

/// Everything in a body that breaks its schema, in the order of the schema's members, at most [`MAX_VIOLATIONS`]; of a
/// schema that is not known here, every body is right.
pub fn violations(uri: &str, body: &Value) -> Vec<Violation> {
    schema(uri).map_or(Vec::new(), |schema| schema.violations(body))
}

/// As [`Schema::key`]; `None` too where the schema is not known here.
pub fn key(uri: &str) -> Option<Vec<&'static str>> {
    schema(uri)?.key()
}

/// As [`Schema::is_sensitive`]; of a schema that is not known here, nothing is known to be.
pub fn sensitive(uri: &str, pointer: &str) -> bool {
    schema(uri).is_some_and(|schema| schema.is_sensitive(pointer))
}

/// As [`Schema::links`].
pub fn links(uri: &str, pointer: &str) -> bool {
    schema(uri).is_some_and(|schema| schema.links(pointer))
}
