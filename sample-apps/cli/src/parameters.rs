//! What fills the placeholders of sentences: values by name, shown as the reader's language and place show them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kist_pds::FieldRef;
use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::ui::Ui;

/// Parameters whose values are words of a fixed vocabulary, which the section `words` translates.
const VOCABULARIES: [&str; 9] = ["what", "part", "reason", "state", "rule", "right", "from", "to", "kind"];

/// Parameters by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Parameters(Vec<(String, Parameter)>);

/// A parameter's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Parameter {
    /// A number; in a name that ends with `at` Unix seconds, with `_ms` Unix milliseconds, one that begins with `bytes` a size.
    Number(i64),
    /// A word, a name or an id.
    Text(String),
    /// Fields of a request, each its query's id and its path.
    Fields(Vec<String>),
    /// A text in several languages.
    Texts(BTreeMap<String, String>),
}

impl Parameters {
    /// With one more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Parameter>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// With one more, where there is a value.
    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<Parameter>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With the text of this name said another way.
    pub(crate) fn mapped(mut self, name: &str, say: impl Fn(&str) -> String) -> Self {
        for (known, value) in &mut self.0 {
            if let (true, Parameter::Text(text)) = (known == name, &mut *value) {
                *text = say(text);
            }
        }
        self
    }

    /// With an id of this name made short.
    pub(crate) fn shortened(self, name: &str) -> Self {
        self.mapped(name, |id| crate::input::short(&id))
    }

    /// The text of this name.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find_map(|(known, value)| match value {
            Parameter::Text(text) if known == name => Some(text.clone()),
            _ => None,
        })
    }

    /// Each with its name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The members of a JSON object: what the core gives with a code. Parties are called by their names, fields by their
    /// claims.
    pub(crate) fn of(value: &impl serde::Serialize) -> Self {
        let Ok(Value::Object(members)) = serde_json::to_value(value) else {
            return Parameters::default();
        };
        let members = members
            .into_iter()
            .filter_map(|(name, value)| Some((name, of_json(value)?)));
        Parameters(members.collect())
    }
}

/// A line about a question by standing access: what was asked, and where it stands.
pub(crate) fn read_line(ui: &Ui, parameters: Parameters, fields: &[FieldRef], state: &Value) -> String {
    let known = Parameters::of(state);
    let kind = known.text("kind").unwrap_or_default();
    let status = ui.catalogue.sentence("read_states", &kind, &known);
    let parameters = parameters.with("status", status);
    if fields.is_empty() {
        return ui.text("reads.all", parameters);
    }
    let names = fields.iter().filter_map(|field| last_name(&json!(field)));
    ui.text(
        "reads.line",
        parameters.with("fields", Parameter::Fields(names.collect())),
    )
}

fn of_json(value: Value) -> Option<Parameter> {
    match value {
        Value::Number(number) => number.as_i64().map(Parameter::Number),
        Value::String(text) => Some(Parameter::Text(text)),
        Value::Bool(flag) => Some(Parameter::Text(flag.to_string())),
        Value::Object(mut members) => match members.remove("name") {
            Some(Value::String(name)) => Some(Parameter::Text(name)),
            _ => Some(Parameter::Texts(
                members
                    .into_iter()
                    .filter_map(|(tag, text)| Some((tag, text.as_str()?.to_owned())))
                    .collect(),
            )),
        },
        Value::Array(items) => Some(Parameter::Fields(items.iter().filter_map(last_name).collect())),
        Value::Null => None,
    }
}

/// The name of a field: the last name of its path.
pub(crate) fn last_name(field: &Value) -> Option<String> {
    let path = field.get("path").unwrap_or(field);
    match path {
        Value::Array(elements) => elements.iter().rev().find_map(Value::as_str).map(str::to_owned),
        Value::String(name) => Some(name.clone()),
        _ => None,
    }
}

/// The name of a field as the core writes it in a text: `query:["path"]`, or a JSON pointer.
pub(crate) fn field_name(text: &str) -> String {
    let path = text
        .split_once(':')
        .and_then(|(_, path)| serde_json::from_str(path).ok());
    let pointed = || {
        text.strip_prefix('/')
            .and_then(|path| path.rsplit('/').next())
            .map(str::to_owned)
    };
    path.and_then(|path| last_name(&path))
        .or_else(pointed)
        .unwrap_or_else(|| text.to_owned())
}

impl Parameter {
    /// As it stands in a catalogue's key.
    pub(crate) fn raw(&self) -> String {
        match self {
            Parameter::Number(number) => number.to_string(),
            Parameter::Text(text) => text.clone(),
            Parameter::Fields(_) | Parameter::Texts(_) => String::new(),
        }
    }

    /// As it is shown in a sentence.
    pub(crate) fn shown(&self, name: &str, catalogue: &Catalogue) -> String {
        match self {
            Parameter::Number(seconds) if name == "at" || name.ends_with("_at") => moment(seconds.saturating_mul(1000)),
            Parameter::Number(ms) if name.ends_with("_ms") => moment(*ms),
            Parameter::Number(bytes) if name.starts_with("bytes") => size(*bytes),
            Parameter::Number(number) => number.to_string(),
            Parameter::Text(word) if VOCABULARIES.contains(&name) => catalogue.word("words", word),
            Parameter::Text(uri) if name.ends_with("schema") || name == "credential_type" => kind(uri, catalogue),
            Parameter::Text(field) if name == "field" => catalogue.word("fields", &field_name(field)),
            Parameter::Text(text) => text.clone(),
            Parameter::Fields(names) => {
                let labels: Vec<String> = names.iter().map(|name| catalogue.word("fields", name)).collect();
                labels.join(", ")
            }
            Parameter::Texts(texts) => catalogue.choose(texts).to_owned(),
        }
    }
}

/// A moment in the reader's time zone, to the minute.
pub(crate) fn moment(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time
            .to_zoned_datetime(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        Err(_) => unix_ms.to_string(),
    }
}

/// The word for a variant of an enum that is one.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A day in the reader's time zone.
pub(crate) fn day(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time.to_zoned_datetime(TimeZone::system()).date().to_string(),
        Err(_) => unix_ms.to_string(),
    }
}

/// A size in bytes, as people say it.
pub(crate) fn size(bytes: i64) -> String {
    indicatif::BinaryBytes(bytes.unsigned_abs()).to_string()
}

/// A kind of record by its name, where it is one that Kist knows.
pub(crate) fn kind(uri: &str, catalogue: &Catalogue) -> String {
    match short_kind(uri) {
        Some(short) => catalogue.word("kinds", short),
        None => uri.to_owned(),
    }
}

/// The short name of a schema of Kist's own.
pub(crate) fn short_kind(uri: &str) -> Option<&str> {
    let (short, version) = uri.strip_prefix("urn:kist:schema:")?.split_once(':')?;
    (version == "1").then_some(short)
}

impl From<i64> for Parameter {
    fn from(number: i64) -> Self {
        Parameter::Number(number)
    }
}

impl From<u64> for Parameter {
    fn from(number: u64) -> Self {
        Parameter::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i32> for Parameter {
    fn from(number: i32) -> Self {
        Parameter::Number(number.into())
    }
}

impl From<usize> for Parameter {
    fn from(number: usize) -> Self {
        Parameter::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Parameter::Text(text.to_owned())
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Parameter::Text(text)
    }
}

impl From<&String> for Parameter {
    fn from(text: &String) -> Self {
        Parameter::Text(text.clone())
    }
}

impl From<&kist_pds::Parameter> for Parameter {
    fn from(parameter: &kist_pds::Parameter) -> Self {
        match parameter {
            kist_pds::Parameter::Number(number) => Parameter::Number(*number),
            kist_pds::Parameter::Word(word) => Parameter::Text(word.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_called_by_the_last_name_of_its_path() {
        assert_eq!(field_name(r#"birth:["birthdate"]"#), "birthdate");
        assert_eq!(field_name("/addresses/0/locality"), "locality");
        assert_eq!(field_name("locality"), "locality");
        assert_eq!(field_name("a:=b"), "a:=b");
    }
}
