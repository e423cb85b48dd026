//! A validator of the keywords that the schemas use (JSON Schema 2020-12), and of no others.

use serde::Serialize;
use serde_json::Value;

use super::formats;
use crate::error::Rule;

/// The most violations that are told of one body.
pub const MAX_VIOLATIONS: usize = 64;

/// The keywords that are checked.
#[cfg(test)]
pub(super) const CHECKED: [&str; 12] = [
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

/// A place in a body that breaks the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The place as a JSON pointer (RFC 6901) of names from the schema and of indexes; empty for the whole body.
    pub field: String,
    /// The rule that is broken there.
    pub rule: Rule,
}

/// What in a value breaks a schema, at most [`MAX_VIOLATIONS`].
pub(super) fn violations(schema: &Value, value: &Value) -> Vec<Violation> {
    let mut walk = Walk::default();
    walk.check(schema, value);
    walk.found
}

/// A walk through a schema and a value together. It is as deep as the schema.
#[derive(Default)]
struct Walk {
    path: String,
    found: Vec<Violation>,
}

impl Walk {
    fn check(&mut self, schema: &Value, value: &Value) {
        if let Some(rule) = broken(schema, value) {
            self.tell(rule);
        }
        if let (Some(required), Some(members)) = (schema["required"].as_array(), value.as_object()) {
            let names = required.iter().filter_map(Value::as_str);
            for name in names.filter(|name| !members.contains_key(*name)) {
                self.at(&escaped(name), |walk| walk.tell(Rule::Required));
            }
        }
        if let (Some(properties), Some(members)) = (schema["properties"].as_object(), value.as_object()) {
            for (name, schema) in properties {
                if let Some(member) = members.get(name) {
                    self.at(&escaped(name), |walk| walk.check(schema, member));
                }
            }
        }
        if let (Some(schema), Some(items)) = (schema.get("items"), value.as_array()) {
            for (index, item) in items.iter().enumerate() {
                if self.found.len() == MAX_VIOLATIONS {
                    return;
                }
                self.at(&index.to_string(), |walk| walk.check(schema, item));
            }
        }
    }

    fn at(&mut self, step: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(step);
        check(self);
        self.path.truncate(length);
    }

    fn tell(&mut self, rule: Rule) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation {
                field: self.path.clone(),
                rule,
            });
        }
    }
}

/// A name as a step of a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The rule about a value alone that it breaks.
fn broken(schema: &Value, value: &Value) -> Option<Rule> {
    if schema["type"].as_str().is_some_and(|name| !has_type(value, name)) {
        return Some(Rule::Type);
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|allowed| !allowed.contains(value))
    {
        return Some(Rule::Enum);
    }
    let outside = |least: &str, most: &str, measure: f64| {
        let below = schema[least].as_f64().is_some_and(|least| measure < least);
        below || schema[most].as_f64().is_some_and(|most| measure > most)
    };
    match value {
        Value::String(text) if outside("minLength", "maxLength", text.chars().count() as f64) => Some(Rule::Length),
        Value::String(text) => {
            let format = schema["format"].as_str()?;
            (!formats::has(text, format)).then_some(Rule::Format)
        }
        Value::Number(number) => outside("minimum", "maximum", number.as_f64()?).then_some(Rule::Range),
        Value::Array(items) => outside("minItems", "maxItems", items.len() as f64).then_some(Rule::Count),
        _ => None,
    }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::schema;

    fn told(uri: &str, body: &Value) -> Vec<(String, Rule)> {
        let found = schema::violations(uri, body).into_iter();
        found.map(|violation| (violation.field, violation.rule)).collect()
    }

    #[test]
    fn d4_everything_that_is_wrong_with_a_record_is_told_at_once() {
        let body = json!({
            "country": "Wales",
            "kind": "castle",
            "locality": "",
            "postal_code": 10,
            "since": "2021-02-30",
            "towers": 4,
        });
        let expected = [
            ("/street_address", Rule::Required),
            ("/country", Rule::Length),
            ("/kind", Rule::Enum),
            ("/locality", Rule::Length),
            ("/postal_code", Rule::Type),
            ("/since", Rule::Format),
        ];
        assert_eq!(
            told(schema::ADDRESS, &body),
            expected.map(|(field, rule)| (field.to_owned(), rule))
        );
        let inside = json!({ "full_name": "Gareth", "phones": [{ "value": "1" }, { "kind": "work" }, 7] });
        let expected = [("/phones/1/value", Rule::Required), ("/phones/2", Rule::Type)];
        assert_eq!(
            told(schema::CONTACT, &inside),
            expected.map(|(field, rule)| (field.to_owned(), rule))
        );
    }

    #[test]
    fn d4_a_record_with_endless_faults_is_told_a_bounded_list() {
        let phones: Vec<Value> = (0..10_000).map(|_| json!({})).collect();
        let found = schema::violations(schema::CONTACT, &json!({ "full_name": "Gareth", "phones": phones }));
        assert_eq!(found.len(), MAX_VIOLATIONS);
    }

    #[test]
    fn names_in_a_pointer_are_escaped() {
        let schema = json!({ "required": ["a/b~c"] });
        assert_eq!(violations(&schema, &json!({}))[0].field, "/a~1b~0c");
    }

    /// Any JSON, often with the names that schemas know.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            let names = "given_name|phones|addresses|value|kind|date|code_system|\\PC{0,4}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(names, inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn d4_no_body_brings_the_validator_down(body in any_json()) {
            for uri in schema::known() {
                let found = schema::violations(uri, &body);
                prop_assert!(found.len() <= MAX_VIOLATIONS);
                for violation in found.iter().filter(|violation| violation.rule != Rule::Required) {
                    prop_assert!(body.pointer(&violation.field).is_some(), "{uri} {violation:?}");
                }
            }
        }

        #[test]
        fn d4_no_schema_brings_the_validator_down(schema in any_json(), body in any_json()) {
            prop_assert!(violations(&schema, &body).len() <= MAX_VIOLATIONS);
        }
    }
}
