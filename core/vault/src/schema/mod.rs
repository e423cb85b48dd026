//! The starter schemas: what the usual records look like. A record may be of any other schema, and is then taken as is.
//!
//! They are JSON Schemas (2020-12) in core/vault/schemas, embedded here, with two members of our own: `x-kist-area`, the
//! part of life that fits, and `x-kist-title`, the members whose values name a record in a list.

mod validate;

use std::sync::OnceLock;

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

/// Every starter schema with its text.
const SOURCES: [(&str, &str); 10] = [
    (NAME, include_str!("../../schemas/name.json")),
    (BIRTH, include_str!("../../schemas/birth.json")),
    (ADDRESS, include_str!("../../schemas/address.json")),
    (PHONE, include_str!("../../schemas/phone.json")),
    (EMAIL, include_str!("../../schemas/email.json")),
    (CONTACT, include_str!("../../schemas/contact.json")),
    (DOCUMENT, include_str!("../../schemas/document.json")),
    (VACCINATION, include_str!("../../schemas/vaccination.json")),
    (NOTE, include_str!("../../schemas/note.json")),
    (CONNECTION, include_str!("../../schemas/connection.json")),
];

/// The longest title, in characters.
const MAX_TITLE: usize = 120;

/// The URIs of the schemas that are known here.
pub fn known() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(uri, _)| *uri)
}

/// A schema, as JSON Schema; `None` where it is not known here.
pub fn get(uri: &str) -> Option<&'static Value> {
    static PARSED: OnceLock<Vec<Value>> = OnceLock::new();
    let index = SOURCES.iter().position(|(known, _)| *known == uri)?;
    #[allow(clippy::expect_used)]
    let parse = |(_, text): &(&str, &str)| serde_json::from_str(text).expect("the schemas are in the program");
    PARSED.get_or_init(|| SOURCES.iter().map(parse).collect()).get(index)
}

/// The part of life that records of a schema usually belong to; `None` where the schema is not known here.
pub fn area(uri: &str) -> Option<&'static str> {
    get(uri)?["x-kist-area"].as_str()
}

/// Checks a body against its schema; of a schema that is not known here, every body is right.
///
/// Errors: `RecordInvalid` with the first place that is wrong.
pub fn validate(uri: &str, body: &Value) -> Result<()> {
    get(uri).map_or(Ok(()), |schema| validate::check(schema, body))
}

/// A few words that name a record: by its schema, else by the members that usually name things, else its first text.
pub(crate) fn title(uri: &str, body: &Value) -> String {
    let named = |names: &[&str]| -> Vec<String> {
        names
            .iter()
            .filter_map(|name| body.get(name)?.as_str())
            .map(one_line)
            .filter(|text| !text.is_empty())
            .collect()
    };
    let hints: Vec<&str> = get(uri)
        .and_then(|schema| schema["x-kist-title"].as_array())
        .map_or(vec![], |hints| hints.iter().filter_map(Value::as_str).collect());
    let by_schema = named(&hints);
    if !by_schema.is_empty() {
        return shorten(&by_schema.join(" "));
    }
    let usual = named(&["title", "name", "full_name", "label", "subject"]);
    let first = || body.as_object()?.values().find_map(Value::as_str).map(one_line);
    shorten(&usual.into_iter().next().or_else(first).unwrap_or_default())
}

fn one_line(text: &str) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    words.take(MAX_TITLE).collect::<Vec<_>>().join(" ")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_TITLE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
