//! As much of JSON Schema 2020-12 as docs/schemas uses. A keyword that it doesn't know fails the test, so that nothing in
//! a schema is passed over.

use serde_json::Value;

/// Where `value` breaks `schema`, each as `pointer: keyword`.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut check = Check {
        root: schema,
        found: Vec::new(),
    };
    check.value(schema, value, "");
    check.found
}

struct Check<'a> {
    root: &'a Value,
    found: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, at: &str) {
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            if !self.holds(schema, keyword, rule, value, at) {
                self.found.push(format!("{at}: {keyword}"));
            }
        }
    }

    fn holds(&mut self, schema: &Value, keyword: &str, rule: &Value, value: &Value, at: &str) -> bool {
        let characters = value.as_str().map(|text| text.chars().count() as u64);
        let elements = value.as_array().map(|elements| elements.len() as u64);
        let bound = || rule.as_u64().expect("a number");
        match keyword {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = rule
                    .as_str()
                    .and_then(|text| text.strip_prefix('#'))
                    .expect("a local reference");
                let definition = self.root.pointer(pointer).expect("a definition").clone();
                self.value(&definition, value, at);
                true
            }
            "type" => match rule.as_str().expect("a type") {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                other => panic!("unknown type {other}"),
            },
            "const" => value == rule,
            "enum" => rule.as_array().expect("values").contains(value),
            "minLength" => characters.is_none_or(|length| length >= bound()),
            "maxLength" => characters.is_none_or(|length| length <= bound()),
            "minItems" => elements.is_none_or(|length| length >= bound()),
            "maxItems" => elements.is_none_or(|length| length <= bound()),
            "format" => {
                assert_eq!(rule, "date-time", "unknown format");
                value
                    .as_str()
                    .is_none_or(|text| text.parse::<jiff::Timestamp>().is_ok())
            }
            "required" => {
                let mut names = rule
                    .as_array()
                    .expect("names")
                    .iter()
                    .map(|name| name.as_str().expect("a name"));
                value
                    .as_object()
                    .is_none_or(|members| names.all(|name| members.contains_key(name)))
            }
            "properties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = rule.get(name) {
                        self.value(schema, member, &format!("{at}/{name}"));
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(rule, &Value::Bool(false), "only false is known");
                let known = schema.get("properties").and_then(Value::as_object).expect("properties");
                value
                    .as_object()
                    .is_none_or(|members| members.keys().all(|name| known.contains_key(name)))
            }
            "items" => {
                for (place, element) in value.as_array().into_iter().flatten().enumerate() {
                    self.value(rule, element, &format!("{at}/{place}"));
                }
                true
            }
            "oneOf" => {
                let fits = |schema: &&Value| {
                    let mut check = Check {
                        root: self.root,
                        found: Vec::new(),
                    };
                    check.value(schema, value, at);
                    check.found.is_empty()
                };
                rule.as_array().expect("schemas").iter().filter(fits).count() == 1
            }
            other => panic!("unknown keyword {other}"),
        }
    }
}
