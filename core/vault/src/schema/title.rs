//! What a record is called in a list.

use serde_json::Value;

use super::Schema;

/// The longest title, in characters.
const MAX_TITLE: usize = 120;

/// A few words that name a record: by its schema, else by the members that usually name things, else its first text.
pub(crate) fn title(schema: Option<&Schema>, body: &Value) -> String {
    let named = |names: &[&str]| -> Vec<String> {
        names
            .iter()
            .filter_map(|name| body.get(name)?.as_str())
            .map(one_line)
            .filter(|text| !text.is_empty())
            .collect()
    };
    let by_schema = schema.map_or(Vec::new(), |schema| named(&schema.title_members()));
    if !by_schema.is_empty() {
        return shorten(&by_schema.join(" "));
    }
    let usual = named(&["title", "name", "full_name", "label", "subject"]);
    let first = || body.as_object()?.values().find_map(Value::as_str).map(one_line);
    shorten(&usual.into_iter().next().or_else(first).unwrap_or_default())
}

fn one_line(text: &str) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    words.take(MAX_TITLE).collect::<Vec<_>>().join(" ")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_TITLE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
