//! Whether a JSON Schema that somebody else wrote can be one of the vault's.

use serde_json::{Map, Value};

use super::formats;
use super::validate::escaped;
use crate::record::MAX_NAME;
use crate::{Error, Result};

/// The largest schema, as JSON text, in bytes.
pub const MAX_SCHEMA: usize = 64 << 10;
/// How deep members and items may lie in each other.
const MAX_DEPTH: usize = 16;
/// What the URIs of the program's own schemas begin with.
const RESERVED: &str = "urn:kist:schema:";
/// The most days before a date to remind at, and after which to confirm: a hundred years.
const MAX_DAYS: u64 = 36_525;
/// The names of JSON types.
const TYPES: [&str; 7] = ["object", "array", "string", "boolean", "number", "integer", "null"];

/// Refuses what can't be a schema of the person's own: one without a URI and a title, under a URI of ours, not about
/// objects, or that [`check`] refuses.
///
/// Errors: `SchemaInvalid`, `TooLarge`.
pub(super) fn check_own(json: &Value) -> Result<()> {
    if json.to_string().len() > MAX_SCHEMA {
        return Err(Error::TooLarge {
            what: "schema",
            limit: MAX_SCHEMA,
        });
    }
    check(json)?;
    let text = |keyword: &str| json[keyword].as_str().unwrap_or_default();
    let uri = text("$id");
    let is_own = formats::has(uri, "uri") && uri.len() <= MAX_NAME && !uri.starts_with(RESERVED);
    let rules = [
        ("/$id", is_own),
        ("/title", !text("title").trim().is_empty()),
        ("/type", text("type") == "object"),
    ];
    match rules.into_iter().find(|(_, kept)| !kept) {
        Some((place, _)) => Err(invalid(place.to_owned())),
        None => Ok(()),
    }
}

/// Refuses a schema with a keyword that isn't checked, and one whose value is not of its kind.
///
/// Errors: `SchemaInvalid` with such a place.
pub(super) fn check(json: &Value) -> Result<()> {
    check_at(json, "", 0)
}

fn check_at(json: &Value, place: &str, depth: usize) -> Result<()> {
    let Some(keywords) = json.as_object().filter(|_| depth <= MAX_DEPTH) else {
        return Err(invalid(place.to_owned()));
    };
    if let Some((keyword, _)) = keywords.iter().find(|(keyword, value)| {
        let is_sound = is_keyword(keyword, value) || is_annotation(keyword, value, keywords, depth);
        !is_sound
    }) {
        return Err(invalid(format!("{place}/{}", escaped(keyword))));
    }
    for (name, member) in keywords
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        check_at(member, &format!("{place}/properties/{}", escaped(name)), depth + 1)?;
    }
    match keywords.get("items") {
        Some(items) => check_at(items, &format!("{place}/items"), depth + 1),
        None => Ok(()),
    }
}

fn invalid(place: String) -> Error {
    Error::SchemaInvalid { place }
}

/// A keyword of JSON Schema that is checked, or that says nothing about what is valid.
fn is_keyword(keyword: &str, value: &Value) -> bool {
    match keyword {
        "type" => value.as_str().is_some_and(|name| TYPES.contains(&name)),
        "enum" => value.as_array().is_some_and(|values| !values.is_empty()),
        "required" => texts(value).is_some(),
        "properties" => value.is_object(),
        "items" => true,
        "minLength" | "maxLength" | "minItems" | "maxItems" => value.is_u64(),
        "minimum" | "maximum" => value.is_number(),
        "format" | "$schema" | "$id" | "$comment" | "title" | "description" => value.is_string(),
        "examples" => value.is_array(),
        "deprecated" | "readOnly" | "writeOnly" => value.is_boolean(),
        "default" => true,
        _ => false,
    }
}

/// An annotation of docs/schemas/README.md where it may stand, or one of somebody else's.
fn is_annotation(keyword: &str, value: &Value, schema: &Map<String, Value>, depth: usize) -> bool {
    let whole = depth == 0;
    let days = || value.as_u64().is_some_and(|days| days <= MAX_DAYS);
    let members = || {
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_member = |name: &&str| properties.is_some_and(|members| members.contains_key(*name));
        texts(value).is_some_and(|names| names.iter().all(is_member))
    };
    match keyword {
        "x-kist-area" => {
            whole
                && value
                    .as_str()
                    .is_some_and(|area| !area.is_empty() && area.len() <= MAX_NAME)
        }
        "x-kist-title" | "x-kist-order" | "x-kist-key" => whole && members(),
        "x-kist-fresh-days" => whole && days(),
        "x-kist-remind" => depth == 1 && days() && schema.get("format").is_some_and(|format| format == "date"),
        "x-kist-maps" => texts(value).is_some(),
        "x-kist-sensitive" => value.is_boolean(),
        "x-kist-links" => !whole && value.is_boolean(),
        _ => keyword.starts_with("x-") && !keyword.starts_with("x-kist-"),
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema;

    fn song() -> Value {
        json!({
            "$id": "https://choir.example/schemas/song:1",
            "title": "Song",
            "type": "object",
            "x-kist-area": "community",
            "x-kist-title": ["name"],
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "minLength": 1, "x-colour": "red" },
                "first": { "type": "string", "format": "date", "x-kist-remind": 7 },
                "verses": { "type": "array", "items": { "type": "object", "properties": { "a/b": { "enum": [1] } } } },
            },
        })
    }

    /// The place that is refused once the value at a pointer is another; the member is made where it isn't there.
    fn refused(pointer: &str, value: Value) -> String {
        let mut schema = song();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        schema.pointer_mut(parent).unwrap()[name] = value;
        match check_own(&schema) {
            Err(Error::SchemaInvalid { place }) => place,
            other => panic!("{pointer}: {other:?}"),
        }
    }

    #[test]
    fn d4_a_schema_of_somebody_else_is_taken_where_all_of_it_can_be_checked() {
        assert_eq!(check_own(&song()), Ok(()));
        for uri in schema::known() {
            assert_eq!(check(schema::get(uri).unwrap()), Ok(()), "{uri}");
        }
    }

    #[test]
    fn d4_what_can_not_be_checked_is_refused_by_its_place() {
        let same = [
            ("/$id", json!("song")),
            ("/$id", json!("urn:kist:schema:song:1")),
            ("/$id", Value::Null),
            ("/title", json!("  ")),
            ("/type", json!("array")),
            ("/type", json!(["object"])),
            ("/required", json!([1])),
            ("/$ref", json!("https://example.org/")),
            ("/allOf", json!([])),
            ("/x-kist-unheard-of", json!(true)),
            ("/x-kist-title", json!(["melody"])),
            ("/x-kist-fresh-days", json!(-1)),
            ("/x-kist-links", json!(true)),
            ("/properties", json!([])),
            ("/properties/name", json!(true)),
            ("/properties/name/pattern", json!("^a")),
            ("/properties/name/minLength", json!(0.5)),
            ("/properties/name/x-kist-remind", json!(7)),
            ("/properties/verses/items", json!([{}])),
            ("/properties/verses/items/oneOf", json!([])),
        ];
        for (place, value) in same {
            assert_eq!(refused(place, value), place);
        }
        let verse = json!({ "properties": { "a/b": { "not": {} } } });
        assert_eq!(
            refused("/properties/verses/items", verse),
            "/properties/verses/items/properties/a~1b/not"
        );
    }

    #[test]
    fn d4_a_schema_is_bounded_in_size_and_depth() {
        let mut deep = json!({});
        (0..20).for_each(|_| deep = json!({ "items": deep }));
        assert!(refused("/properties/name", deep).starts_with("/properties/name/items/items"));
        let mut large = song();
        large["description"] = "x".repeat(MAX_SCHEMA).into();
        assert_eq!(check_own(&large).unwrap_err().code(), "TooLarge");
    }
}
