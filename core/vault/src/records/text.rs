//! What search finds a record by.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use crate::changes::Revision;
use crate::{Result, schema};

/// The most text of one record that is indexed, in bytes.
const MAX_TEXT: usize = 256 << 10;
/// A word longer than this, in bytes, is an encoding, a token or an image, and no word.
const MAX_WORD: usize = 256;

/// Lets search find a record by its title, the values in its body, its tags, its files' names and who delivered it.
pub(crate) fn index(connection: &Connection, record: i64, revision: &Revision, body: &Value) -> Result<()> {
    let mut text = String::new();
    collect(body, &mut text);
    let mut labels = String::new();
    revision.tags.iter().for_each(|tag| push(&mut labels, tag));
    push(&mut labels, revision.area.as_str());
    if let crate::Source::Delivered { by, .. } = &revision.provenance.source {
        push(&mut labels, by);
    }
    let mut name = connection.prepare_cached("SELECT name FROM files WHERE id = ?1")?;
    for file in &revision.files {
        if let Some(name) = name.query_row([file], |row| row.get::<_, String>(0)).optional()? {
            push(&mut labels, &name);
        }
    }
    connection
        .prepare_cached("INSERT INTO search (rowid, title, text, labels) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![record, schema::title(&revision.schema, body), text, labels])?;
    Ok(())
}

/// Lets search find a record no more.
pub(crate) fn unindex(connection: &Connection, record: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
        .execute([record])?;
    Ok(())
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => push(text, string),
        Value::Number(number) => push(text, &number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(members) => members.values().for_each(|member| collect(member, text)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Adds the words of `more`. Control characters go, since they mark the places found in a snippet.
fn push(text: &mut String, more: &str) {
    for word in more.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() || word.len() > MAX_WORD || text.len() + word.len() > MAX_TEXT {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
}
