//! What schemas say of the claims that a request asks for: the program's schemas and the person's own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kist_consent::evaluation::FieldMarks;
use kist_identity::{ClaimPath, PathElement};
use kist_vault::schema::Schema;
use serde_json::Value;

use crate::Result;
use crate::home::Home;

/// The schemas of the types that one request asks for.
pub(super) struct Marks(BTreeMap<String, Cow<'static, Schema>>);

impl Marks {
    pub(super) fn of_types(home: &Home, types: &[&str]) -> Result<Marks> {
        let mut schemas = BTreeMap::new();
        for vct in types {
            if let Some(schema) = home.vault.schema(vct)? {
                schemas.insert((*vct).to_owned(), schema);
            }
        }
        Ok(Marks(schemas))
    }

    /// The marks of a claim: those of what holds it, of itself, and of all that is within it. Of no claim, those of the
    /// whole type.
    pub(super) fn of(&self, vct: &str, path: Option<&ClaimPath>) -> FieldMarks {
        let Some(schema) = self.0.get(vct) else {
            return FieldMarks::default();
        };
        let mut place = Some(schema.json());
        let mut marks = FieldMarks::default();
        add(&mut marks, schema.json());
        for element in path.map_or(&[][..], ClaimPath::elements) {
            place = place.and_then(|place| below(place, element));
            if let Some(place) = place {
                add(&mut marks, place);
            }
        }
        if let (Some(_), Some(place)) = (path, place) {
            within(&mut marks, place);
        }
        marks
    }
}

fn below<'a>(schema: &'a Value, element: &PathElement) -> Option<&'a Value> {
    match element {
        PathElement::Name(name) => schema.get("properties")?.get(name),
        PathElement::Index(_) | PathElement::All => schema.get("items"),
    }
}

fn add(marks: &mut FieldMarks, schema: &Value) {
    marks.sensitive |= schema["x-kist-sensitive"] == true;
    marks.links |= schema["x-kist-links"] == true;
}

/// Schemas are bounded in depth, those of the person's own too.
fn within(marks: &mut FieldMarks, schema: &Value) {
    let members = schema.get("properties").and_then(Value::as_object);
    let members = members.into_iter().flat_map(|members| members.values());
    for inner in members.chain(schema.get("items")) {
        add(marks, inner);
        within(marks, inner);
    }
}
