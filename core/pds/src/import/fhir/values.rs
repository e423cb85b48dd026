//! The data types of FHIR R4 (section 2.24) as values of records.

use serde_json::Value;

use crate::import::dates;
use crate::import::text::filled;

/// A coded value: in words, and its first code with a system.
pub(super) struct Coded {
    pub(super) words: Option<String>,
    pub(super) code: Option<String>,
    pub(super) system: Option<String>,
}

pub(super) fn coded(concept: &Value) -> Coded {
    let codings = concept["coding"].as_array().map(Vec::as_slice).unwrap_or_default();
    let first = codings.iter().find(|coding| coding["code"].is_string());
    let text = |value: &Value| value.as_str().and_then(filled);
    let display = codings.iter().find_map(|coding| text(&coding["display"]));
    let code = first.and_then(|coding| text(&coding["code"]));
    Coded {
        words: text(&concept["text"]).or(display).or(code.clone()),
        system: first.and_then(|coding| text(&coding["system"])),
        code,
    }
}

/// A coded value in words.
pub(super) fn words(concept: &Value) -> Option<String> {
    coded(concept).words
}

/// Several coded values in words.
pub(super) fn all_words(concepts: &Value) -> Vec<String> {
    concepts.as_array().into_iter().flatten().filter_map(words).collect()
}

/// The notes of a resource (Annotation), one after the other.
pub(super) fn notes(value: &Value) -> Option<String> {
    let notes = value.as_array()?.iter().filter_map(|note| note["text"].as_str());
    let notes: Vec<&str> = notes.collect();
    filled(&notes.join("\n"))
}

/// A date of which the day is known; second, the time with it.
pub(super) fn date(value: &Value) -> Option<(String, Option<String>)> {
    let text = value.as_str()?;
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, time.get(..8).and_then(dates::time)),
        None => (text, None),
    };
    let digits: String = day.chars().filter(|symbol| *symbol != '-').collect();
    Some((dates::basic(&digits)?.to_string(), time))
}

/// Whether only the year or the month of a date is known.
pub(super) fn is_partial(value: &Value) -> bool {
    value.as_str().is_some_and(|text| matches!(text.len(), 4 | 7))
}

/// A quantity: its number and its unit.
pub(super) fn quantity(value: &Value) -> (Option<Value>, Option<String>) {
    let unit = value["unit"].as_str().or(value["code"].as_str()).and_then(filled);
    let number = Some(value["value"].clone()).filter(Value::is_number);
    (number, unit)
}

/// A number with its unit, with a sign such as `<` before it.
pub(super) fn quantity_words(value: &Value) -> Option<String> {
    let (number, unit) = quantity(value);
    let sign = value["comparator"].as_str().unwrap_or_default();
    Some(
        format!("{sign}{} {}", number?, unit.unwrap_or_default())
            .trim()
            .to_owned(),
    )
}

/// A person's name in one line.
pub(super) fn human_name(name: &Value) -> Option<String> {
    if let Some(text) = name["text"].as_str().and_then(filled) {
        return Some(text);
    }
    let mut parts: Vec<&str> = strings(&name["prefix"]);
    parts.extend(strings(&name["given"]));
    parts.extend(name["family"].as_str());
    parts.extend(strings(&name["suffix"]));
    filled(&parts.join(" "))
}

pub(super) fn strings(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// What a resource is called: a name, a title, or its code in words.
pub(super) fn name_of(resource: &Value) -> Option<String> {
    let plain = || {
        ["name", "title", "description"]
            .into_iter()
            .find_map(|member| resource[member].as_str().and_then(filled))
    };
    let human = || human_name(resource["name"].as_array()?.first()?);
    let coded = || {
        ["code", "type"]
            .into_iter()
            .find_map(|member| words(&resource[member]).or_else(|| words(&resource[member][0])))
    };
    plain().or_else(human).or_else(coded)
}
