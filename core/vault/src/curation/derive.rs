//! What current revisions are found by: keys to compare them by, dates to remind of. All of it follows from the bodies
//! and the annotations of their schemas, and is made anew where a build knows other schemas.

use kist_crypto::sha256;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::Date;
use crate::records::{read, text};
use crate::schema::{self, Schema};
use crate::{Error, Result};

/// The records whose titles are looked at between two writings of them.
const PORTION: i64 = 256;

/// What a record is about and what it says, in 16 bytes each: prefixes of SHA-256.
struct Keys {
    key: [u8; 16],
    content: [u8; 16],
}

/// Writes what a new record is found by; `record` is its `seq`.
pub(crate) fn insert(connection: &Connection, record: i64, uri: &str, body: &Value) -> Result<()> {
    let Some(schema) = schema::find(connection, uri)? else {
        return Ok(());
    };
    if let Some(keys) = keys(&schema, body) {
        connection
            .prepare_cached("INSERT INTO record_keys (record, key, content) VALUES (?1, ?2, ?3)")?
            .execute(params![record, keys.key, keys.content])?;
    }
    for (member, date, days) in dates(&schema, body) {
        connection
            .prepare_cached("INSERT INTO record_dates (record, member, date, remind) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                record,
                member,
                date.to_string(),
                date.minus_days(days).to_string()
            ])?;
    }
    Ok(())
}

/// Writes what a record is found by whose current revision is another now.
pub(crate) fn replace(connection: &Connection, record: i64, uri: &str, body: &Value) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM record_keys WHERE record = ?1")?
        .execute([record])?;
    connection
        .prepare_cached("DELETE FROM record_dates WHERE record = ?1")?
        .execute([record])?;
    insert(connection, record, uri, body)
}

/// Whether the store was derived with the schemas of this build.
pub(crate) fn is_up_to_date(connection: &Connection) -> Result<bool> {
    let with: Vec<u8> = connection.query_row("SELECT derived_with FROM store", [], |row| row.get(0))?;
    Ok(with == schema::fingerprint())
}

/// Makes everything anew, titles too, with the schemas of this build, in the memory of a few records.
pub(crate) fn again(connection: &Connection) -> Result<()> {
    connection.execute_batch("DELETE FROM record_keys; DELETE FROM record_dates;")?;
    let mut last = 0;
    while let Some(upto) = portion(connection, last)? {
        last = upto;
    }
    connection.execute("UPDATE store SET derived_with = ?1", [schema::fingerprint()])?;
    Ok(())
}

/// Derives some of the records whose current revisions come after `last`; gives the last of them.
fn portion(connection: &Connection, last: i64) -> Result<Option<i64>> {
    let mut upto = None;
    let mut renamed = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT seq, record, schema, title, body FROM revisions WHERE seq > ?1 AND state = 2 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = statement.query([last, PORTION])?;
    while let Some(row) = rows.next()? {
        upto = Some(row.get(0)?);
        let uri: String = row.get(2)?;
        let Some(schema) = schema::find(connection, &uri)? else {
            continue;
        };
        let body = row.get_ref(4)?.as_str().map_err(|_| Error::STORE_CORRUPT)?;
        let body: Value = serde_json::from_str(body).map_err(|_| Error::STORE_CORRUPT)?;
        insert(connection, row.get(1)?, &uri, &body)?;
        let title = schema::title(Some(&schema), &body);
        if title != row.get::<_, String>(3)? {
            renamed.push((row.get(0)?, row.get(1)?, title));
        }
    }
    renamed
        .into_iter()
        .try_for_each(|(seq, record, title)| rename(connection, seq, record, &title))?;
    Ok(upto)
}

fn rename(connection: &Connection, seq: i64, record: i64, title: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE revisions SET title = ?2 WHERE seq = ?1")?
        .execute(params![seq, title])?;
    let revision = read::revision(connection, seq)?;
    let body = serde_json::from_str(&revision.body).map_err(|_| Error::STORE_CORRUPT)?;
    text::unindex(connection, record)?;
    text::index(connection, record, &revision, &body)
}

/// `None` where such records are never compared.
///
/// A member of the key that is missing counts as empty if the schema lists its values, as it does for a kind. A body
/// with none of the others is compared with those alone that say the same.
fn keys(schema: &Schema, body: &Value) -> Option<Keys> {
    let members = schema.key()?;
    let content = digest(&[schema.uri(), &folded(body).to_string()]);
    let listed = |member: &&str| schema.json()["properties"][*member].get("enum").is_some();
    let values: Vec<Value> = members
        .iter()
        .map(|member| body.get(*member).map_or(Value::Null, folded))
        .collect();
    let comparable = members.is_empty() || values.iter().any(|value| !is_empty(value)) || members.iter().any(listed);
    let key = if comparable {
        digest(&[schema.uri(), "key", &Value::Array(values).to_string()])
    } else {
        content
    };
    Some(Keys { key, content })
}

fn digest(parts: &[&str]) -> [u8; 16] {
    let bytes: Vec<&[u8]> = parts.iter().flat_map(|part| [part.as_bytes(), &[0]]).collect();
    let [digest, _] = *sha256(&bytes).as_chunks().0 else {
        unreachable!("32 bytes are twice 16");
    };
    digest
}

/// A value as it is compared: text trimmed, in lower case and with single spaces, numbers by their value, without what
/// is empty.
pub(crate) fn folded(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            Value::String(words.join(" ").to_lowercase())
        }
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                Value::from(float as i64)
            }
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(folded).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), folded(member)))
            .filter(|(_, member)| !is_empty(member))
            .collect(),
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The dates in a body to remind of: the member as a JSON pointer, the day, and how many days before it.
pub(crate) fn dates(schema: &Schema, body: &Value) -> Vec<(String, Date, u32)> {
    let reminders = schema.reminders().into_iter();
    reminders
        .filter_map(|(member, days)| {
            let date = Date::in_text(body.get(member)?.as_str()?)?;
            Some((format!("/{}", member.replace('~', "~0").replace('/', "~1")), date, days))
        })
        .collect()
}
