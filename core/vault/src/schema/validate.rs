//! A validator of the keywords that the starter schemas use (JSON Schema 2020-12), and of no others.

use serde_json::Value;

use crate::error::Rule;
use crate::{Error, Result};

/// The keywords that are checked.
#[cfg(test)]
const CHECKED: [&str; 12] = [
    "type",
    "enum",
    "required",
    "properties",
    "items",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "format",
];

/// Checks a value, and stops at the first place that is wrong.
pub(super) fn check(schema: &Value, value: &Value) -> Result<()> {
    check_at(schema, value, &mut String::new())
}

fn check_at(schema: &Value, value: &Value, path: &mut String) -> Result<()> {
    check_value(schema, value).map_err(|rule| Error::RecordInvalid {
        field: path.clone(),
        rule,
    })?;
    if let (Some(required), Some(members)) = (schema["required"].as_array(), value.as_object()) {
        for name in required.iter().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                return Err(Error::RecordInvalid {
                    field: format!("{path}/{name}"),
                    rule: Rule::Required,
                });
            }
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, schema) in properties {
            if let Some(member) = value.get(name) {
                descend(schema, member, name, path)?;
            }
        }
    }
    if let (Some(schema), Some(items)) = (schema.get("items"), value.as_array()) {
        for (index, item) in items.iter().enumerate() {
            descend(schema, item, &index.to_string(), path)?;
        }
    }
    Ok(())
}

fn descend(schema: &Value, value: &Value, step: &str, path: &mut String) -> Result<()> {
    let length = path.len();
    path.push('/');
    path.push_str(step);
    check_at(schema, value, path)?;
    path.truncate(length);
    Ok(())
}

/// The keywords about a value alone.
fn check_value(schema: &Value, value: &Value) -> Result<(), Rule> {
    if let Some(name) = schema["type"].as_str()
        && !has_type(value, name)
    {
        return Err(Rule::Type);
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        return Err(Rule::Enum);
    }
    if let Some(text) = value.as_str() {
        check_bounds(
            schema,
            "minLength",
            "maxLength",
            text.chars().count() as f64,
            Rule::Length,
        )?;
        if let Some(format) = schema["format"].as_str()
            && !has_format(text, format)
        {
            return Err(Rule::Format);
        }
    }
    if let Some(number) = value.as_f64() {
        check_bounds(schema, "minimum", "maximum", number, Rule::Range)?;
    }
    if let Some(items) = value.as_array() {
        check_bounds(schema, "minItems", "maxItems", items.len() as f64, Rule::Count)?;
    }
    Ok(())
}

fn check_bounds(schema: &Value, least: &str, most: &str, measure: f64, rule: Rule) -> Result<(), Rule> {
    let below = schema[least].as_f64().is_some_and(|least| measure < least);
    let above = schema[most].as_f64().is_some_and(|most| measure > most);
    if below || above { Err(rule) } else { Ok(()) }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "null" => value.is_null(),
        _ => true,
    }
}

fn has_format(text: &str, format: &str) -> bool {
    match format {
        "date" => is_date(text),
        "email" => is_email(text),
        "uri" => is_uri(text),
        _ => true,
    }
}

/// RFC 3339 `full-date`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let number = |part: Option<&str>| {
        part.filter(|p| p.bytes().all(|b| b.is_ascii_digit()))?
            .parse::<u32>()
            .ok()
    };
    let (Some(year), Some(month), Some(day)) = (number(text.get(..4)), number(text.get(5..7)), number(text.get(8..)))
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// A local part and a domain, without spaces: what no server would take is left to servers.
fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

/// A scheme and something behind it (RFC 3986, section 3), without spaces.
fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
            && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::schema;

    /// Every keyword of a schema, at any depth.
    fn keywords(schema: &Value, found: &mut Vec<String>) {
        for (keyword, value) in schema.as_object().unwrap() {
            found.push(keyword.clone());
            match keyword.as_str() {
                "properties" => value
                    .as_object()
                    .unwrap()
                    .values()
                    .for_each(|schema| keywords(schema, found)),
                "items" => keywords(value, found),
                _ => {}
            }
        }
    }

    #[test]
    fn d4_every_schema_is_described_and_uses_only_what_is_checked() {
        for uri in schema::known() {
            let schema = schema::get(uri).unwrap();
            assert_eq!(schema["$id"], uri);
            for member in ["title", "description", "x-kist-area"] {
                assert!(schema[member].is_string(), "{uri} {member}");
            }
            for (name, property) in schema["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{uri} {name}");
            }
            let described = [
                "$schema",
                "$id",
                "title",
                "description",
                "examples",
                "x-kist-area",
                "x-kist-title",
            ];
            let mut found = Vec::new();
            keywords(schema, &mut found);
            for keyword in found {
                assert!(
                    CHECKED.contains(&&*keyword) || described.contains(&&*keyword),
                    "{uri} {keyword}"
                );
            }
        }
    }

    #[test]
    fn d4_every_example_is_valid_and_has_a_title() {
        for uri in schema::known() {
            let examples = schema::get(uri).unwrap()["examples"].as_array().unwrap();
            assert!(!examples.is_empty(), "{uri}");
            for example in examples {
                assert_eq!(check(schema::get(uri).unwrap(), example), Ok(()), "{uri}");
                assert!(!schema::title(uri, example).is_empty(), "{uri}");
            }
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for date in ["2024-02-29", "2000-02-29", "1999-12-31"] {
            assert!(is_date(date), "{date}");
        }
        for date in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-1-01",
            "+024-01-01",
            "2024-01-0é",
        ] {
            assert!(!is_date(date), "{date}");
        }
    }
}
