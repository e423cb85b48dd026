//! What a text has of bundles and resources, with the line of each: an entry that is malformed takes no other with it.

use serde_json::{Value, json};

use super::super::json::{self, Part};
use super::super::plan::{Collector, Place};

/// A bundle or a resource.
pub(super) struct Document {
    pub(super) place: Place,
    pub(super) value: Value,
    /// The lines of a bundle's entries. One that can't be read is null in the bundle, and its line is where it breaks.
    lines: Vec<usize>,
}

impl Document {
    /// Where the resource of a bundle's entry stands.
    pub(super) fn place_of(&self, entry: usize) -> Place {
        Place {
            pointer: Some(format!("/entry/{entry}/resource")),
            line: self.lines.get(entry).copied().or(self.place.line),
            index: Some(entry + 1),
            ..Place::default()
        }
    }
}

/// The bundles and resources of a text; what can't be read is left out by its line.
pub(super) fn documents(text: &str, found: &mut Collector) -> Vec<Document> {
    let mut documents = Vec::new();
    for (index, part) in json::parts(text).iter().enumerate() {
        let place = Place::line(part.line).at_index(index + 1);
        let entries = json::items_of(part, "entry");
        match json::value(part) {
            Ok(value) => documents.push(Document {
                place,
                value,
                lines: entries.iter().map(|entry| entry.line).collect(),
            }),
            Err((line, reason)) if entries.is_empty() => found.leave_out(place.at_line(line), "", reason),
            Err(_) => documents.push(from_entries(place, &entries)),
        }
    }
    documents
}

/// A bundle of those entries that can be read.
fn from_entries(place: Place, entries: &[Part<'_>]) -> Document {
    let read = entries.iter().map(|entry| match json::value(entry) {
        Ok(value) => (value, entry.line),
        Err((line, _)) => (Value::Null, line),
    });
    let (entries, lines): (Vec<Value>, Vec<usize>) = read.unzip();
    let value = json!({ "resourceType": "Bundle", "entry": entries });
    Document { place, value, lines }
}
