//! What is read from files and from the command line: JSON, ids, fields as they are typed.

use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use kist_pds::{OrganisationTerms, SchemaInfo};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::{Failure, Result};

/// The largest file that is read whole, in bytes.
const MAX_FILE: u64 = 64 << 20;
/// The shortest part of an id that names it.
const MIN_ID: usize = 4;

/// A file's bytes; `-` is standard input.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().take(MAX_FILE).read_to_end(&mut bytes),
        false => std::fs::File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Failure::unreadable(path, &error))?;
    Ok(bytes)
}

/// A file's text.
pub(crate) fn text(path: &Path) -> Result<String> {
    String::from_utf8(bytes(path)?).map_err(|_| bad_json(path, "UTF-8"))
}

/// A file's JSON, as what it is to be.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&bytes(path)?).map_err(|error| bad_json(path, &error.to_string()))
}

/// A file's JSON in which `terms` may name a document beside it, instead of its digest.
pub(crate) fn json_with_terms<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let mut value: Value = json(path)?;
    if let Some(terms) = value.get_mut("terms").and_then(Value::as_object_mut)
        && let Some(Value::String(document)) = terms.remove("document")
    {
        let beside = path.parent().unwrap_or(Path::new(".")).join(document);
        let digest = OrganisationTerms::of_document("", "", &bytes(&beside)?).sha256;
        terms.insert("sha256".to_owned(), digest.into());
    }
    serde_json::from_value(value).map_err(|error| bad_json(path, &error.to_string()))
}

fn bad_json(path: &Path, problem: &str) -> Failure {
    Failure::own("BadJson")
        .with("path", path.display().to_string())
        .with("problem", problem)
}

/// Writes a file whole.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, contents).map_err(|error| Failure::unwritable(path, &error))
}

/// Writes a file that is this user's alone.
pub(crate) fn write_private(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(contents.as_ref()));
    written.map_err(|error| Failure::unwritable(path, &error))
}

/// The one id that `given` is, begins or ends.
pub(crate) fn id<T: ToString>(given: &str, all: impl IntoIterator<Item = T>) -> Result<T> {
    let wanted = given.trim_start_matches('…').trim_end_matches('…');
    let mut found = Vec::new();
    for known in all {
        let text = known.to_string();
        if text == wanted {
            return Ok(known);
        }
        if wanted.len() >= MIN_ID && (text.starts_with(wanted) || text.ends_with(wanted)) {
            found.push(known);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Failure::own("AmbiguousId").with("id", wanted)),
        (None, _) => Err(Failure::own("UnknownId").with("id", wanted)),
    }
}

/// A short name for an id, which [`id`] takes.
pub(crate) fn short(id: &impl ToString) -> String {
    let id = id.to_string();
    // Longer where it would look like an option.
    let mut start = id.len().saturating_sub(8);
    while start > 0 && (!id.is_char_boundary(start) || id[start..].starts_with('-')) {
        start -= 1;
    }
    id[start..].to_owned()
}

/// When a day begins, or one so many days later, in the place of who typed it: Unix milliseconds.
pub(crate) fn day_begins(typed: &str, later: i64) -> Result<i64> {
    let bad = || Failure::own("BadDate").with("date", typed);
    let day = day::<Date>(typed)?;
    let day = day.checked_add(later.days()).map_err(|_| bad())?;
    let begins = day
        .at(0, 0, 0, 0)
        .to_zoned_datetime(TimeZone::system())
        .map_err(|_| bad())?;
    Ok(begins.timestamp().as_millisecond())
}

/// How many days it is until a day; 0 where it has passed.
pub(crate) fn days_ahead(typed: &str) -> Result<u32> {
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let ahead = today.until(day::<Date>(typed)?).map(|span| span.get_days());
    Ok(u32::try_from(ahead.unwrap_or(0)).unwrap_or(0))
}

/// A day of the calendar.
pub(crate) fn day<T: FromStr>(typed: &str) -> Result<T> {
    typed.parse().map_err(|_| Failure::own("BadDate").with("date", typed))
}

/// The URI of a kind of record: a short name of Kist's own, or any URI.
pub(crate) fn schema_uri(name: &str) -> String {
    match name.contains(':') {
        true => name.to_owned(),
        false => format!("urn:kist:schema:{name}:1"),
    }
}

/// The URI of a kind of record, where a short name has to be one of those that are known.
pub(crate) fn known_schema(name: &str, known: &[SchemaInfo]) -> Result<String> {
    let uri = schema_uri(name);
    match name.contains(':') || known.iter().any(|schema| schema.uri == uri) {
        true => Ok(uri),
        false => Err(Failure::own("UnknownSchema").with("name", name)),
    }
}

/// Sets fields as they are typed: `name=text`, `name.inner=text`, `name:=JSON`. A text becomes a number or a truth value
/// where the schema asks for one.
pub(crate) fn set_fields(body: &mut Map<String, Value>, schema: &Value, typed: &[String]) -> Result<()> {
    for field in typed {
        let bad = || Failure::own("BadField").with("field", field);
        let (name, value) = field.split_once('=').ok_or_else(bad)?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => (name, serde_json::from_str(value).map_err(|_| bad())?),
            None => (name, typed_value(property(schema, name), value)),
        };
        set(body, name, value).ok_or_else(bad)?;
    }
    Ok(())
}

/// A value of the type that a schema's property asks for, where the text is one.
pub(crate) fn typed_value(property: &Value, text: &str) -> Value {
    let number = matches!(property["type"].as_str(), Some("integer" | "number"));
    let truth = property["type"].as_str() == Some("boolean");
    match serde_json::from_str(text) {
        Ok(value @ Value::Number(_)) if number => value,
        Ok(value @ Value::Bool(_)) if truth => value,
        _ => text.into(),
    }
}

fn property<'a>(schema: &'a Value, name: &str) -> &'a Value {
    name.split('.').fold(schema, |schema, name| &schema["properties"][name])
}

fn set(body: &mut Map<String, Value>, path: &str, value: Value) -> Option<()> {
    let (outer, name) = path.rsplit_once('.').map_or(("", path), |(outer, name)| (outer, name));
    let mut at = body;
    for member in outer.split('.').filter(|_| !outer.is_empty()) {
        let inner = at.entry(member).or_insert_with(|| Value::Object(Map::new()));
        at = inner.as_object_mut()?;
    }
    if name.is_empty() {
        return None;
    }
    at.insert(name.to_owned(), value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_take_the_types_that_the_schema_asks_for() {
        let schema = json!({ "properties": { "dose": { "type": "integer" }, "lot": { "type": "string" } } });
        let typed = ["dose=2", "lot=0042", "site.side=left", "seen:=[true]"].map(str::to_owned);
        let mut body = Map::new();
        set_fields(&mut body, &schema, &typed).expect("fields");
        let expected = json!({ "dose": 2, "lot": "0042", "site": { "side": "left" }, "seen": [true] });
        assert_eq!(Value::Object(body), expected);
    }

    #[test]
    fn a_field_that_is_none_is_named() {
        for typed in ["dose", "=2", "a:={", "lot.inner=1"] {
            let mut body = json!({ "lot": "x" }).as_object().cloned().unwrap_or_default();
            let failure = set_fields(&mut body, &Value::Null, &[typed.to_owned()]).expect_err(typed);
            assert_eq!(failure.code(), "BadField");
        }
    }

    #[test]
    fn an_id_is_named_by_its_beginning_or_end_if_that_is_one_alone() {
        let all = ["0199aaaa-bbbb", "0199cccc-dddd"];
        assert_eq!(id("dddd", all).expect("one"), all[1]);
        assert_eq!(id("0199aaaa", all).expect("one"), all[0]);
        assert_eq!(id("0199", all).expect_err("two").code(), "AmbiguousId");
        assert_eq!(id("bb", all).expect_err("too short").code(), "UnknownId");
    }
}
