//! What search finds a record by: its words, and *facets*, words that no text has, for what a filter asks for.

use std::borrow::Cow;
use std::mem;

use kist_crypto::sha256;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::parts::{Part, Table};
use super::read;
use crate::changes::Revision;
use crate::curation::derive;
use crate::record::{Filter, LifeArea, Source, SourceFilter};
use crate::{Error, Result, schema};

/// The most text of one record that is indexed, in bytes.
const MAX_TEXT: usize = 256 << 10;
/// A word longer than this, in bytes, is an encoding, a token or an image, and no word.
const MAX_WORD: usize = 256;
/// What every facet begins with, and no word of a text or a search: a letter to the tokenizer, in private use.
pub(crate) const MARK: char = '\u{e000}';
/// The kinds of facets: the letter after the mark.
pub(crate) const SCHEMA: char = 's';
pub(crate) const AREA: char = 'a';
pub(crate) const SOURCE: char = 'o';
pub(crate) const ORGANISATION: char = 'd';
pub(crate) const TAG: char = 't';
/// Revisions read at a time when the index is made anew.
const BATCH: i64 = 1_000;

/// Lets search find a record by the values in its body (the title is among them), its tags, its files' names and who delivered it.
pub(crate) fn index(connection: &Connection, record: i64, revision: &Revision, body: &Value) -> Result<()> {
    let mut text = String::new();
    collect(body, &mut text);
    let mut labels = String::new();
    revision.tags.iter().for_each(|tag| push(&mut labels, tag));
    push(&mut labels, revision.area.as_str());
    if let Source::Delivered { by, .. } = &revision.provenance.source {
        push(&mut labels, by);
    }
    let mut name = connection.prepare_cached("SELECT name FROM files WHERE id = ?1")?;
    for file in &revision.files {
        if let Some(name) = name.query_row([file], |row| row.get::<_, String>(0)).optional()? {
            push(&mut labels, &name);
        }
    }
    let mut title = String::new();
    push(
        &mut title,
        &schema::title(schema::find(connection, &revision.schema)?.as_deref(), body),
    );
    let part = Part::of(record);
    part.take_in(connection, revision.time)?;
    let [search, heads] = [Table::Search(part), Table::Heads(part)];
    connection
        .prepare_cached(&format!(
            "INSERT INTO {search} (rowid, text, labels, facets) VALUES (?1, ?2, ?3, ?4)"
        ))?
        .execute(params![record, text, labels, words_of(revision)])?;
    connection
        .prepare_cached(&format!(
            "INSERT INTO {heads} (rowid, title, labels) VALUES (?1, ?2, ?3)"
        ))?
        .execute(params![record, title, labels])?;
    Ok(())
}

/// Lets search find a record no more.
pub(crate) fn unindex(connection: &Connection, record: i64) -> Result<()> {
    let part = Part::of(record);
    for table in [Table::Search(part), Table::Heads(part)] {
        connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?
            .execute([record])?;
    }
    Ok(())
}

/// Makes the index of all current revisions, where there is none.
pub(crate) fn index_all(connection: &Connection) -> Result<()> {
    let mut after = 0;
    loop {
        let current: Vec<(i64, i64)> = connection
            .prepare_cached(
                "SELECT record, seq FROM revisions WHERE state = 2 AND record > ?1 ORDER BY record LIMIT ?2",
            )?
            .query_map([after, BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let Some((last, _)) = current.last() else {
            return Ok(());
        };
        after = *last;
        for (record, seq) in current {
            let revision = read::revision(connection, seq)?;
            let body = serde_json::from_str(&revision.body).map_err(|_| Error::STORE_CORRUPT)?;
            index(connection, record, &revision, &body)?;
        }
    }
}

/// Names the records of a schema anew that came, changed or went, and makes anew what they are compared and reminded by.
pub(crate) fn rename(connection: &Connection, uri: &str) -> Result<()> {
    let schema = schema::find(connection, uri)?;
    let current: Vec<(i64, i64)> = connection
        .prepare_cached("SELECT record, seq FROM revisions WHERE state = 2 AND schema = ?1")?
        .query_map([uri], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (record, seq) in current {
        let revision = read::revision(connection, seq)?;
        let body = serde_json::from_str(&revision.body).map_err(|_| Error::STORE_CORRUPT)?;
        let title = schema::title(schema.as_deref(), &body);
        let changed = connection
            .prepare_cached("UPDATE revisions SET title = ?2 WHERE seq = ?1 AND title <> ?2")?
            .execute(params![seq, title])?;
        if changed > 0 {
            unindex(connection, record)?;
            index(connection, record, &revision, &body)?;
        }
        derive::replace(connection, record, uri, &body)?;
    }
    Ok(())
}

/// The facets of a record, each as its kind and its value.
pub(crate) fn facets<'a>(
    schema: &'a str,
    area: &'a LifeArea,
    source: &'a Source,
    tags: &'a [String],
) -> impl Iterator<Item = (char, Cow<'a, str>)> {
    let one = [
        (SCHEMA, schema.into()),
        (AREA, area.as_str().into()),
        (SOURCE, source.number().to_string().into()),
    ];
    let organisation = source
        .organisation()
        .map(|organisation| (ORGANISATION, organisation.into()));
    let tags = tags.iter().map(|tag| (TAG, tag.into()));
    one.into_iter().chain(organisation).chain(tags)
}

/// The facets of a revision, each as one word.
fn words_of(revision: &Revision) -> String {
    let source = &revision.provenance.source;
    let words: Vec<String> = facets(&revision.schema, &revision.area, source, &revision.tags)
        .map(|(kind, value)| facet(kind, &value))
        .collect();
    words.join(" ")
}

/// Takes from a filter what facets answer, and gives them: of each group a record has at least one. What is left is for
/// SQL.
pub(crate) fn take_facets(filter: &mut Filter) -> Vec<Vec<String>> {
    let source = filter.source.take().map(|source| match source {
        SourceFilter::DeliveredBy(organisation) => facet(ORGANISATION, &organisation),
        source => facet(SOURCE, &source.parts().0.to_string()),
    });
    let groups = [
        mem::take(&mut filter.schemas)
            .iter()
            .map(|schema| facet(SCHEMA, schema))
            .collect(),
        Vec::from_iter(filter.area.take().map(|area| facet(AREA, area.as_str()))),
        Vec::from_iter(filter.tag.take().map(|tag| facet(TAG, &tag))),
        Vec::from_iter(source),
    ];
    groups.into_iter().filter(|group| !group.is_empty()).collect()
}

/// A word for a value of one kind. Hashed, since a value can have several words, and letters that fold into others.
pub(crate) fn facet(kind: char, value: &str) -> String {
    let [a, b, c, d, e, f, g, h, ..] = sha256(&[value.as_bytes()]);
    format!("{MARK}{kind}{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// Where facets stand among the words of the index: from the first on, before the second.
pub(crate) fn facet_range() -> (String, String) {
    (format!("{MARK}a"), format!("{MARK}{{"))
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
    for word in more.split(is_between_words) {
        if word.is_empty() || word.len() > MAX_WORD || text.len() + word.len() > MAX_TEXT {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
}

/// What parts words, in texts and in searches.
pub(crate) fn is_between_words(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == MARK
}
