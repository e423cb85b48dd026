//! D2: the fields of a record, each with where its value came from, since when, how fresh it is and what is wrong with it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::marks::{self, Mark, kind};
use super::members::{self, MemberChange};
use super::{Date, derive};
use crate::record::{LifeArea, Provenance, Record, Source};
use crate::records::read;
use crate::schema::{self, Schema, Violation};
use crate::{Error, FileRef, HybridTime, RecordId, Result, Transaction, Vault};

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldView {
    /// The member of the body, as a JSON pointer through objects: an array is one value.
    pub member: String,
    /// Its value.
    pub value: Value,
    /// Where the value came from: of the last revision that says something about it. What the person writes says
    /// something about what it changes; a delivery and an import say all that is in them.
    pub provenance: Provenance,
    /// When the value came to be in the record: milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// When the person last said that it is still right: milliseconds since 1970 UTC.
    pub confirmed_ms: Option<i64>,
    /// Whether it can still be taken to be right.
    pub freshness: Freshness,
    /// What breaks the schema here.
    pub violations: Vec<Violation>,
}

/// Whether a value can still be taken to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "on", rename_all = "snake_case")]
pub enum Freshness {
    /// Nothing speaks against it.
    Fresh,
    /// The person should look at it since this day, as the schema has it.
    Stale(Date),
    /// It is a date to be reminded of that has passed.
    Expired(Date),
}

/// A revision and what it changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// The revision.
    pub revision: Record,
    /// What is other than in the newest revision that it was made from; for the first, all there is.
    pub changes: Vec<MemberChange>,
    /// The part of life in that revision, where it was another.
    pub area_before: Option<LifeArea>,
    /// Labels.
    pub tags: Difference<String>,
    /// Files, as far as they have arrived.
    pub files: Difference<FileRef>,
}

/// What one list has and another has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference<T> {
    /// What is new.
    pub added: Vec<T>,
    /// What is gone.
    pub removed: Vec<T>,
}

impl<T: Clone + PartialEq> Difference<T> {
    fn between(before: &[T], after: &[T]) -> Self {
        let only = |here: &[T], there: &[T]| here.iter().filter(|one| !there.contains(one)).cloned().collect();
        Difference {
            added: only(after, before),
            removed: only(before, after),
        }
    }
}

impl HistoryEntry {
    fn of(revision: &Record, before: Option<&Record>) -> Self {
        let nothing = Value::Null;
        let area_before = before.map(|before| &before.area).filter(|area| **area != revision.area);
        HistoryEntry {
            changes: members::diff(before.map_or(&nothing, |before| &before.body), &revision.body),
            area_before: area_before.cloned(),
            tags: Difference::between(before.map_or(&[][..], |before| &before.tags), &revision.tags),
            files: Difference::between(before.map_or(&[][..], |before| &before.files), &revision.files),
            revision: revision.clone(),
        }
    }
}

/// A confirmation, as its mark keeps it.
#[derive(Serialize, Deserialize)]
struct Confirmed {
    at_ms: i64,
    /// What the person saw.
    revision: HybridTime,
}

/// A record with all that its fields are read from.
pub(crate) struct History {
    revisions: BTreeMap<HybridTime, Record>,
    confirmed: Vec<(String, Confirmed)>,
    schema: Option<Cow<'static, Schema>>,
}

impl History {
    /// `None` where there is no such record.
    pub(crate) fn load(connection: &Connection, id: &RecordId) -> Result<Option<Self>> {
        let revisions: BTreeMap<_, _> = read::revisions(connection, id)?
            .into_iter()
            .map(|revision| (revision.time, revision))
            .collect();
        let Some((_, last)) = revisions.last_key_value() else {
            return Ok(None);
        };
        let schema = schema::find(connection, &last.schema)?;
        let read = |mark: Mark| Some((mark.subject, serde_json::from_str(mark.value.as_deref()?).ok()?));
        let marks = marks::of_record(connection, id)?.into_iter();
        let confirmed = marks
            .filter(|mark| mark.kind == kind::CONFIRMED)
            .filter_map(read)
            .collect();
        Ok(Some(History {
            revisions,
            confirmed,
            schema,
        }))
    }

    pub(crate) fn at(&self, time: HybridTime) -> Option<&Record> {
        self.revisions.get(&time)
    }

    /// The fields of one of the revisions, in the order of their members.
    pub(crate) fn fields(&self, revision: &Record, today: Date) -> Vec<FieldView> {
        let schema = self.schema.as_deref().filter(|schema| schema.uri() == revision.schema);
        let violations = schema.map_or(Vec::new(), |schema| schema.violations(&revision.body));
        let dates = schema.map_or(Vec::new(), |schema| derive::dates(schema, &revision.body));
        members::members(&revision.body)
            .into_iter()
            .map(|(member, value)| {
                let (provenance, since_ms) = self.origin(revision, &member, value);
                let confirmed_ms = self.confirmed(&member, value);
                let date = dates
                    .iter()
                    .find(|(dated, ..)| *dated == member)
                    .map(|(_, date, _)| *date);
                let seen_ms = confirmed_ms.map_or(provenance.collected_ms, |at| at.max(provenance.collected_ms));
                let freshness = match date {
                    Some(date) if date < today => Freshness::Expired(date),
                    _ => freshness(schema, seen_ms, today),
                };
                let is_here = |violation: &&Violation| is_within(&violation.field, &member);
                FieldView {
                    violations: violations.iter().filter(is_here).cloned().collect(),
                    value: value.clone(),
                    member,
                    provenance,
                    since_ms,
                    confirmed_ms,
                    freshness,
                }
            })
            .collect()
    }

    /// Goes back through the revisions that have the value: to the last that says something about it, and to the first.
    fn origin(&self, revision: &Record, member: &str, value: &Value) -> (Provenance, i64) {
        let mut said = None;
        let mut at = revision;
        loop {
            let parents = at.parents.iter().filter_map(|parent| self.revisions.get(parent));
            let before = parents
                .filter(|parent| parent.body.pointer(member) == Some(value))
                .max_by_key(|parent| parent.time);
            let of_its_own = at.origins.get(member);
            if said.is_none()
                && (of_its_own.is_some() || before.is_none() || at.provenance.source != Source::SelfAsserted)
            {
                said = Some(of_its_own.unwrap_or(&at.provenance).clone());
            }
            match before {
                // A parent is older, so this comes to an end.
                Some(before) if before.time < at.time => at = before,
                _ => return (said.unwrap_or_else(|| at.provenance.clone()), at.time.wall_ms()),
            }
        }
    }

    fn confirmed(&self, member: &str, value: &Value) -> Option<i64> {
        let marks = self.confirmed.iter();
        marks
            .filter(|(subject, confirmed)| {
                let seen = self.revisions.get(&confirmed.revision);
                (subject.is_empty() || subject == member)
                    && seen.is_some_and(|seen| seen.body.pointer(member) == Some(value))
            })
            .map(|(_, confirmed)| confirmed.at_ms)
            .max()
    }
}

fn freshness(schema: Option<&Schema>, seen_ms: i64, today: Date) -> Freshness {
    match schema
        .and_then(Schema::fresh_days)
        .map(|days| Date::from_ms(seen_ms).plus_days(days))
    {
        Some(stale) if stale <= today => Freshness::Stale(stale),
        _ => Freshness::Fresh,
    }
}

fn is_within(place: &str, member: &str) -> bool {
    place
        .strip_prefix(member)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Transaction<'_> {
    /// As [`Vault::confirm`].
    pub fn confirm(&self, id: &RecordId, member: Option<&str>) -> Result<()> {
        let record = self.record(id)?.ok_or(Error::NotFound { what: "record" })?;
        if member.is_some_and(|member| member.is_empty() || record.body.pointer(member).is_none()) {
            return Err(Error::NotFound { what: "member" });
        }
        let confirmed = Confirmed {
            at_ms: self.now_ms(),
            revision: record.time,
        };
        self.mark(id, kind::CONFIRMED, member.unwrap_or_default(), None, Some(confirmed))
    }
}

impl Vault {
    /// The fields of a record's current revision, in the order of their members.
    ///
    /// Errors: `NotFound`.
    pub fn fields(&self, id: &RecordId, today: Date) -> Result<Vec<FieldView>> {
        self.snapshot(|sql| {
            let history = History::load(sql, id)?.ok_or(Error::NotFound { what: "record" })?;
            let current = read::current(sql, id)?.ok_or(Error::STORE_CORRUPT)?;
            Ok(history.fields(&current, today))
        })
    }

    /// The person says that a value is still right, or all of the record where no member is named: it is fresh again.
    ///
    /// Errors: `NotFound` for the record and the member, `TooLarge` for the member.
    pub fn confirm(&self, id: &RecordId, member: Option<&str>, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.confirm(id, member))
    }

    /// Everything in a record that breaks its schema: what the person kept all the same, and what came from elsewhere.
    ///
    /// Errors: `NotFound`.
    pub fn violations(&self, id: &RecordId) -> Result<Vec<Violation>> {
        let record = self.record(id)?.ok_or(Error::NotFound { what: "record" })?;
        let schema = self.schema(&record.schema)?;
        Ok(schema.map_or(Vec::new(), |schema| schema.violations(&record.body)))
    }

    /// Every revision of a record with what it changed, oldest first; none where there is no such record.
    pub fn history(&self, id: &RecordId) -> Result<Vec<HistoryEntry>> {
        let revisions = self.revisions(id)?;
        let entry = |revision: &Record| {
            let mut before = revisions.iter().filter(|other| revision.parents.contains(&other.time));
            HistoryEntry::of(revision, before.next_back())
        };
        Ok(revisions.iter().map(entry).collect())
    }

    /// In what members two revisions of a record differ.
    ///
    /// Errors: `NotFound` for either revision.
    pub fn diff(&self, id: &RecordId, before: HybridTime, after: HybridTime) -> Result<Vec<MemberChange>> {
        let revisions = self.revisions(id)?;
        let body = |time| {
            let found = revisions.iter().find(|revision| revision.time == time);
            found
                .map(|found| &found.body)
                .ok_or(Error::NotFound { what: "revision" })
        };
        Ok(members::diff(body(before)?, body(after)?))
    }
}
