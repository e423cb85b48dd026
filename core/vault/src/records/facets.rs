//! How many records in sight there are of each part of life, schema, tag and source.
//!
//! The search index has all of these as words, each with the records that have it, in a few pages: they are counted there, and
//! no record is read but one for each value, which tells what a word stands for, and those that are out of sight.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension};

use super::parts::{self, Part, Table};
use super::{read, text};
use crate::record::{Filter, LifeArea, RecordSummary, Source};
use crate::{Error, Result};

/// What a [`Filter`] can ask for, each with how many records in sight there are of it: the most first, then by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Parts of life.
    pub areas: Vec<(LifeArea, u64)>,
    /// Schemas, by their URIs.
    pub schemas: Vec<(String, u64)>,
    /// The person's own labels.
    pub tags: Vec<(String, u64)>,
    /// Organisations that delivered.
    pub organisations: Vec<OrganisationFacet>,
    /// How many records the person typed.
    pub self_asserted: u64,
    /// How many records were imported.
    pub imported: u64,
}

/// An organisation, with how many records in sight it delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFacet {
    /// Its id in the trust framework.
    pub id: String,
    /// Its legal name, as in one of these records.
    pub name: String,
    /// How many records there are.
    pub records: u64,
}

/// Counts the records in sight. The connection is a reader's in a transaction, so that all is of one state.
pub(crate) fn count(connection: &Connection) -> Result<Facets> {
    // A reader may not make even a table that is in memory and shows what is there.
    connection.execute_batch("PRAGMA query_only = OFF")?;
    let tally = tally(connection);
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(tally?.into_facets())
}

fn tally(connection: &Connection) -> Result<Tally> {
    let mut tally = Tally::default();
    // The newest first: what an organisation is called now is what its newest records say.
    for part in parts::newest_first(connection, &Filter::default())? {
        for (word, records) in words(connection, part)? {
            tally.add(connection, part, &word, records)?;
        }
    }
    for record in read::hidden(connection)? {
        tally.take_away(&read::current_summary(connection, record)?.ok_or(Error::STORE_CORRUPT)?);
    }
    Ok(tally)
}

/// The facets of a part, each with the number of its records.
fn words(connection: &Connection, part: Part) -> Result<Vec<(String, u64)>> {
    let (first, end) = text::facet_range();
    let table = Table::Search(part);
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, {table}, row)"
    ))?;
    let words = connection
        .prepare("SELECT term, doc FROM temp.words WHERE term >= ?1 AND term < ?2")?
        .query_map([first, end], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    connection.execute_batch("DROP TABLE temp.words")?;
    Ok(words)
}

/// A kind of facet and one of its values.
type Value = (char, String);

#[derive(Default)]
struct Tally {
    counts: BTreeMap<Value, u64>,
    /// What words stand for.
    values: HashMap<String, Value>,
    /// What organisations are called, by their ids.
    names: HashMap<String, String>,
}

impl Tally {
    fn add(&mut self, connection: &Connection, part: Part, word: &str, records: u64) -> Result<()> {
        if !self.values.contains_key(word) {
            self.learn(&example(connection, part, word)?);
        }
        let value = self.values.get(word).ok_or(Error::STORE_CORRUPT)?;
        *self.counts.entry(value.clone()).or_default() += records;
        Ok(())
    }

    /// Learns what the words of a record stand for.
    fn learn(&mut self, record: &RecordSummary) {
        if let Source::Delivered {
            by, organisation_id, ..
        } = &record.provenance.source
        {
            self.names.entry(organisation_id.clone()).or_insert_with(|| by.clone());
        }
        for (kind, value) in values(record) {
            self.values.insert(text::facet(kind, &value), (kind, value));
        }
    }

    fn take_away(&mut self, record: &RecordSummary) {
        for value in values(record) {
            if let Some(count) = self.counts.get_mut(&value) {
                *count = count.saturating_sub(1);
            }
        }
    }

    fn into_facets(mut self) -> Facets {
        let mut facets = Facets::default();
        let mut counted: Vec<_> = self.counts.into_iter().filter(|(_, records)| *records > 0).collect();
        counted.sort_by(|(a, in_a), (b, in_b)| in_b.cmp(in_a).then_with(|| a.cmp(b)));
        for ((kind, value), records) in counted {
            match (kind, &*value) {
                (text::AREA, _) => facets.areas.push((LifeArea::new(value), records)),
                (text::SCHEMA, _) => facets.schemas.push((value, records)),
                (text::TAG, _) => facets.tags.push((value, records)),
                (text::ORGANISATION, _) => facets.organisations.push(OrganisationFacet {
                    name: self.names.remove(&value).unwrap_or_default(),
                    id: value,
                    records,
                }),
                (_, "0") => facets.self_asserted = records,
                (_, "1") => facets.imported = records,
                _ => {}
            }
        }
        facets
    }
}

/// The facets of a record; a tag that it has twice is one.
fn values(record: &RecordSummary) -> BTreeSet<Value> {
    text::facets(&record.schema, &record.area, &record.provenance.source, &record.tags)
        .map(|(kind, value)| (kind, value.into_owned()))
        .collect()
}

/// The newest record of a part with this word.
fn example(connection: &Connection, part: Part, word: &str) -> Result<RecordSummary> {
    let table = Table::Search(part);
    let record: Option<i64> = connection
        .prepare_cached(&format!(
            "SELECT rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT 1"
        ))?
        .query_row([format!("\"{word}\"")], |row| row.get(0))
        .optional()?;
    let record = record.ok_or(Error::STORE_CORRUPT)?;
    read::current_summary(connection, record)?.ok_or(Error::STORE_CORRUPT)
}
