//! JSON: an object, an array of objects, or one object a line; of a schema that is asked for, or that each names itself.
//!
//! A text is cut into its objects first, so that one that is malformed takes no other with it.

use serde_json::Value;

use super::columns::ANY;
use super::plan::{Collector, Place, Reason};

/// The largest object, in bytes.
pub(super) const MAX_OBJECT: usize = 16 << 20;

/// A part of a text that should be one JSON value.
pub(super) struct Part<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
}

/// Cuts a text into its values: the items of an outermost array, else the values one after the other. A part ends where its
/// brackets do, or at the end of the line where a line is a value of its own.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let trimmed = text.trim_start();
    let lines_before = text.len() - trimmed.len();
    let line = 1 + text.get(..lines_before).unwrap_or_default().matches('\n').count();
    let array = trimmed.starts_with('[');
    let inner = trimmed.strip_prefix('[').unwrap_or(trimmed);
    let mut parts = Vec::new();
    let mut scan = Scan::default();
    let (mut start, mut start_line, mut line) = (0, line, line);
    let mut ended = false;
    for (at, byte) in inner.bytes().enumerate() {
        let outside = scan.depth == 0 && !scan.string;
        let boundary = match byte {
            b',' => outside && array,
            b']' => outside && array,
            b'\n' => outside && !array,
            _ => false,
        };
        if boundary {
            push(&mut parts, inner, start..at, start_line);
            start = at + 1;
            start_line = line + usize::from(byte == b'\n');
        }
        if boundary && byte == b']' {
            ended = true;
            break;
        }
        line += usize::from(byte == b'\n');
        if !boundary {
            scan.see(byte);
        }
    }
    if !ended {
        push(&mut parts, inner, start..inner.len(), start_line);
    }
    parts
}

fn push<'a>(parts: &mut Vec<Part<'a>>, text: &'a str, range: std::ops::Range<usize>, line: usize) {
    let part = text.get(range).unwrap_or_default();
    let trimmed = part.trim_start();
    let before = part.get(..part.len() - trimmed.len()).unwrap_or_default();
    if !trimmed.trim_end().is_empty() {
        parts.push(Part {
            line: line + before.matches('\n').count(),
            text: trimmed.trim_end(),
        });
    }
}

/// Where in JSON a byte stands.
#[derive(Default)]
struct Scan {
    depth: usize,
    string: bool,
    escaped: bool,
}

impl Scan {
    fn see(&mut self, byte: u8) {
        if self.string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                // No string of JSON has a line's end in it: one that isn't closed ends there, so that the rest is read.
                b'"' | b'\n' => self.string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => (self.string, self.escaped) = (true, false),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// Cuts the array that is this member of an object into its items, whatever is wrong with the object. Empty where there is no
/// such array.
pub(super) fn items_of<'a>(object: &Part<'a>, member: &str) -> Vec<Part<'a>> {
    let mut scan = Scan::default();
    for (at, byte) in object.text.bytes().enumerate() {
        if byte == b'"' && scan.depth == 1 && !scan.string {
            let array = object.text.get(at..).and_then(|rest| array_named(rest, member));
            if let Some(array) = array {
                let before = object.text.len() - array.len();
                let lines = object.text.get(..before).unwrap_or_default().matches('\n').count();
                let mut items = parts(array);
                items.iter_mut().for_each(|item| item.line += object.line - 1 + lines);
                return items;
            }
        }
        scan.see(byte);
    }
    Vec::new()
}

/// The array whose name begins the text.
fn array_named<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.strip_prefix('"')?.strip_prefix(name)?.strip_prefix('"')?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    value.starts_with('[').then_some(value)
}

/// A part as a value; else the line where it breaks, and why it is none.
pub(super) fn value(part: &Part<'_>) -> Result<Value, (usize, Reason)> {
    if part.text.len() > MAX_OBJECT {
        return Err((part.line, Reason::TooLarge));
    }
    serde_json::from_str(part.text).map_err(|error| {
        let line = part.line + error.line().saturating_sub(1);
        let reason = if error.is_eof() {
            Reason::Unfinished
        } else {
            Reason::Malformed
        };
        (line, reason)
    })
}

/// Reads each part; what can't be read is left out by its line.
pub(super) fn values(text: &str, found: &mut Collector) -> Vec<(Place, Value)> {
    let mut values = Vec::new();
    for (index, part) in parts(text).iter().enumerate() {
        let place = Place::line(part.line).at_index(index + 1);
        match value(part) {
            Ok(value) => values.push((place, value)),
            Err((line, reason)) => found.leave_out(place.at_line(line), "", reason),
        }
    }
    values
}

/// Adds an object as a record: of the schema asked for, else of the one that it names with its body beside, as Kist lists
/// and exports records.
pub(super) fn take(place: Place, value: Value, schema: Option<&str>, found: &mut Collector) {
    let Value::Object(mut members) = value else {
        found.leave_out(place, "", Reason::Malformed);
        return;
    };
    let named = members
        .get("schema")
        .and_then(Value::as_str)
        .filter(|uri| uri.contains(':'))
        .map(str::to_owned);
    match (schema, named, members.get("body").is_some_and(Value::is_object)) {
        (None, Some(named), true) => {
            let body = members.remove("body").unwrap_or_default();
            let tags = members.remove("tags");
            let area = members.remove("area");
            if let Some(planned) = found.record(place, &named, body) {
                let tags = tags.and_then(|tags| serde_json::from_value::<Vec<String>>(tags).ok());
                planned.tags.extend(tags.unwrap_or_default());
                if let Some(area) = area.as_ref().and_then(Value::as_str).filter(|area| !area.is_empty()) {
                    planned.area = area.to_owned();
                }
            }
        }
        _ => drop(found.record(place, schema.unwrap_or(ANY), Value::Object(members))),
    }
}

/// Whether an object says of itself what it is: a record of Kist's, with its schema.
pub(super) fn names_its_schema(value: &Value) -> bool {
    value["schema"].as_str().is_some_and(|uri| uri.contains(':')) && value["body"].is_object()
}
