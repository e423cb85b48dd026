//! A schema with its annotations read out.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::validate::{self, Violation};
use crate::{Error, Result};

/// The annotation with the members in the order of a form.
const ORDER: &str = "x-kist-order";

/// A JSON Schema (2020-12) with the annotations of docs/schemas/README.md.
///
/// Places in a body are JSON pointers (RFC 6901), such as `/phones/0/value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    json: Value,
}

impl Schema {
    /// A schema from its text. Where it doesn't say the order of its members, that of the text is written into it, since
    /// JSON doesn't keep it.
    pub(super) fn read(text: &str) -> serde_json::Result<Self> {
        let mut json: Value = serde_json::from_str(text)?;
        let InOrder {
            properties: Names(names),
        } = serde_json::from_str(text)?;
        if let Some(schema) = json.as_object_mut() {
            schema.entry(ORDER).or_insert_with(|| names.into());
        }
        Ok(Schema { json })
    }

    /// The whole JSON Schema.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Its URI.
    pub fn uri(&self) -> &str {
        self.text("$id").unwrap_or_default()
    }

    /// What such records are, in English, in a word or a few.
    pub fn title(&self) -> &str {
        self.text("title").unwrap_or_default()
    }

    /// What such records are, in English, in a sentence.
    pub fn description(&self) -> &str {
        self.text("description").unwrap_or_default()
    }

    /// The part of life that such records usually belong to.
    pub fn area(&self) -> Option<&str> {
        self.text("x-kist-area")
    }

    /// The members in the order of a form.
    pub fn members(&self) -> Vec<&str> {
        texts(&self.json, ORDER).unwrap_or_default()
    }

    /// The members that must be there.
    pub fn required(&self) -> Vec<&str> {
        texts(&self.json, "required").unwrap_or_default()
    }

    /// The members whose values name a record in a list.
    pub fn title_members(&self) -> Vec<&str> {
        texts(&self.json, "x-kist-title").unwrap_or_default()
    }

    /// The members that tell what a record is about: two records with equal values there (trimmed, case and spaces
    /// folded) are about the same thing. With no member, a person has one such thing; `None`: such records are never
    /// compared.
    pub fn key(&self) -> Option<Vec<&str>> {
        texts(&self.json, "x-kist-key")
    }

    /// After how many days the person should confirm such a record.
    pub fn fresh_days(&self) -> Option<u32> {
        number(&self.json, "x-kist-fresh-days")
    }

    /// The members that hold a date to be reminded of, each with how many days before it.
    pub fn reminders(&self) -> Vec<(&str, u32)> {
        let members = self.json["properties"].as_object().into_iter().flatten();
        members
            .filter_map(|(name, member)| Some((name.as_str(), number(member, "x-kist-remind")?)))
            .collect()
    }

    /// Terms of other vocabularies for what stands at a place, such as `schema:postalCode` or `fhir:Address.postalCode`;
    /// for the whole record where the pointer is empty.
    pub fn maps(&self, pointer: &str) -> Vec<&str> {
        let place = self.places(pointer).last().flatten();
        place.and_then(|place| texts(place, "x-kist-maps")).unwrap_or_default()
    }

    /// Whether what stands at a place is of the special categories of GDPR, article 9; every place of a schema that is
    /// so as a whole.
    pub fn is_sensitive(&self, pointer: &str) -> bool {
        self.says(pointer, "x-kist-sensitive")
    }

    /// Whether the value at a place tells anybody who the person is, such as a health number or an e-mail address.
    pub fn links(&self, pointer: &str) -> bool {
        self.says(pointer, "x-kist-links")
    }

    /// Everything in a body that breaks this schema; see [`super::violations`].
    pub fn violations(&self, body: &Value) -> Vec<Violation> {
        validate::violations(&self.json, body)
    }

    /// Checks a body.
    ///
    /// Errors: `RecordInvalid` with [`Schema::violations`].
    pub fn validate(&self, body: &Value) -> Result<()> {
        let violations = self.violations(body);
        if violations.is_empty() {
            return Ok(());
        }
        Err(Error::RecordInvalid { violations })
    }

    fn text(&self, keyword: &str) -> Option<&str> {
        self.json.get(keyword)?.as_str()
    }

    /// Whether the schema of a place, or of one that holds it, has this annotation.
    fn says(&self, pointer: &str, annotation: &str) -> bool {
        let mut places = self.places(pointer).flatten();
        places.any(|place| place[annotation] == true)
    }

    /// The schemas of the places from the whole body to the pointer's end; `None`, once, where the schema knows no more.
    fn places(&self, pointer: &str) -> impl Iterator<Item = Option<&Value>> {
        let steps = pointer.split('/').skip(1);
        let below = steps.scan(Some(&self.json), |place, step| {
            *place = member(place.take()?, &step.replace("~1", "/").replace("~0", "~"));
            Some(*place)
        });
        std::iter::once(Some(&self.json)).chain(below)
    }
}

/// The schema of a member, or of an item where the step is an index.
fn member<'a>(schema: &'a Value, step: &str) -> Option<&'a Value> {
    let by_name = schema.get("properties").and_then(|members| members.get(step));
    let is_index = step.bytes().all(|b| b.is_ascii_digit());
    by_name.or_else(|| schema.get("items").filter(|_| is_index))
}

fn texts<'a>(schema: &'a Value, annotation: &str) -> Option<Vec<&'a str>> {
    let list = schema.get(annotation)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).collect())
}

fn number(schema: &Value, annotation: &str) -> Option<u32> {
    u32::try_from(schema.get(annotation)?.as_u64()?).ok()
}

/// A schema read for the order of its members alone.
#[derive(Deserialize)]
struct InOrder {
    #[serde(default)]
    properties: Names,
}

/// The names of an object's members, in their order.
#[derive(Default)]
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names::default())
    }
}

impl<'de> Visitor<'de> for Names {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut members: M) -> Result<Names, M::Error> {
        while let Some((name, IgnoredAny)) = members.next_entry()? {
            self.0.push(name);
        }
        Ok(self)
    }
}
