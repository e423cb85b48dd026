//! Marks: what the person notes about a record besides its content, such as that it is a favourite.
//!
//! A mark is no revision. It has a kind, a subject within the record, a value and a hybrid time, and of two marks with
//! the same record, kind and subject the later one stays: marks made apart are no conflict. Marks of kinds that this
//! build does not know are kept and travel all the same.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::log::{self, Kind};
use crate::record::MAX_NAME;
use crate::records::read;
use crate::{Error, HybridTime, RecordId, Result, Transaction, Vault};

/// The longest note on a record, in bytes.
pub const MAX_NOTE: usize = 16 << 10;
/// The longest value of a mark, as JSON text, in bytes: a note of which each byte is escaped.
const MAX_VALUE: usize = 6 * MAX_NOTE + 2;
/// The longest name of a kind, in bytes.
const MAX_KIND: usize = 64;

/// The record is in the trash: a bit of `records.hidden`.
pub(crate) const TRASHED: u8 = 1;
/// Another record replaces this one: a bit of `records.hidden`.
pub(crate) const REPLACED: u8 = 2;

/// Kinds of marks: their names in the store and in changes.
pub(crate) mod kind {
    /// `true`.
    pub(crate) const FAVOURITE: &str = "favourite";
    /// Text.
    pub(crate) const NOTE: &str = "note";
    /// Since when: milliseconds since 1970 UTC.
    pub(crate) const TRASHED: &str = "trashed";
    /// `true`; the other record is what replaces this one.
    pub(crate) const REPLACED_BY: &str = "replaced_by";
    /// Of a member, or of the whole: `{"at_ms": …, "revision": time}`: what the person saw, and when.
    pub(crate) const CONFIRMED: &str = "confirmed";
    /// With another record, the greater: the contents of both, in hexadecimal.
    pub(crate) const BOTH_RIGHT: &str = "both_right";
    /// Of a member with a date: `{"date": …, "until": date or null}`.
    pub(crate) const REMINDER: &str = "reminder";
}

/// A mark as it is kept and as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The record.
    pub id: RecordId,
    /// What the mark means.
    pub kind: String,
    /// A member of the record (JSON pointer, RFC 6901), another record's id, or empty for the record as a whole.
    pub subject: String,
    /// Another record that the mark is about.
    pub other: Option<RecordId>,
    /// The text of a JSON value; `None` where the mark was taken back.
    pub value: Option<String>,
    /// When it was made or taken back.
    pub time: HybridTime,
}

/// The marks on a record as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The person wants it at hand.
    pub favourite: bool,
    /// The person's note; empty where there is none.
    pub note: String,
    /// In the trash, since then: milliseconds since 1970 UTC.
    pub trashed_ms: Option<i64>,
    /// The record that the person chose in place of this one, while there is such a record.
    pub replaced_by: Option<RecordId>,
}

impl Mark {
    /// Refuses what no vault wrote.
    pub(crate) fn check(&self) -> Result<()> {
        let value = self.value.as_deref().unwrap_or("null");
        for (what, length, limit) in [
            ("kind of mark", self.kind.len(), MAX_KIND),
            ("subject of a mark", self.subject.len(), MAX_NAME),
            ("value of a mark", value.len(), MAX_VALUE),
        ] {
            if length > limit {
                return Err(Error::TooLarge { what, limit });
            }
        }
        if self.kind.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(value).is_err() {
            return Err(Error::Malformed { what: "mark" });
        }
        Ok(())
    }
}

/// The value of a mark; `None` where it was not made or was taken back, and where another build means something else.
pub(crate) fn value<T: DeserializeOwned>(
    connection: &Connection,
    id: &RecordId,
    kind: &str,
    subject: &str,
) -> Result<Option<T>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT value FROM marks WHERE record = ?1 AND kind = ?2 AND subject = ?3")?
        .query_row(params![id, kind, subject], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Every mark on a record, those too that were taken back, in the order of their kinds and subjects.
pub(crate) fn of_record(connection: &Connection, id: &RecordId) -> Result<Vec<Mark>> {
    let mut statement = connection.prepare_cached(
        "SELECT record, kind, subject, other, value, time FROM marks WHERE record = ?1 ORDER BY kind, subject",
    )?;
    let marks = statement.query_map([id], mark)?.collect::<rusqlite::Result<_>>()?;
    Ok(marks)
}

/// The mark with this `seq`, as it travels.
pub(crate) fn get(connection: &Connection, seq: i64) -> Result<Mark> {
    Ok(connection
        .prepare_cached("SELECT record, kind, subject, other, value, time FROM marks WHERE seq = ?1")?
        .query_row([seq], mark)?)
}

fn mark(row: &Row<'_>) -> rusqlite::Result<Mark> {
    Ok(Mark {
        id: row.get(0)?,
        kind: row.get(1)?,
        subject: row.get(2)?,
        other: row.get(3)?,
        value: row.get(4)?,
        time: row.get(5)?,
    })
}

/// Makes a mark, and gives its `seq`, unless a later one is there or a record it is about was deleted.
pub(crate) fn set(connection: &Connection, mark: &Mark) -> Result<Option<i64>> {
    if read::is_deleted(connection, &mark.id)? {
        return Ok(None);
    }
    // A subject that is a deleted record's leaves nothing to say; one that only led there still counts as the last word.
    if let Some(other) = &mark.other
        && !mark.subject.is_empty()
        && read::is_deleted(connection, other)?
    {
        return Ok(None);
    }
    let mut affected = reach(connection, &mark.id)?;
    let seq: Option<i64> = connection
        .prepare_cached(
            "INSERT INTO marks (record, kind, subject, other, value, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (record, kind, subject) DO UPDATE
             SET other = excluded.other, value = excluded.value, time = excluded.time
             WHERE excluded.time > marks.time RETURNING seq",
        )?
        .query_row(
            params![mark.id, mark.kind, mark.subject, mark.other, mark.value, mark.time],
            |row| row.get(0),
        )
        .optional()?;
    if seq.is_some() {
        affected.extend(reach(connection, &mark.id)?);
        refresh(connection, affected)?;
    }
    Ok(seq)
}

/// A record has come: what was marked before counts now, and what it was to replace is hidden.
pub(crate) fn record_came(connection: &Connection, id: &RecordId) -> Result<()> {
    refresh(connection, reach(connection, id)?)
}

/// A record was deleted: the marks on it go, those too that compare another with it, and what it replaced is back.
pub(crate) fn record_went(connection: &Connection, id: &RecordId) -> Result<()> {
    let affected = reach(connection, id)?;
    const GONE: &str = "record = ?1 OR (other = ?1 AND subject <> '')";
    connection
        .prepare_cached(&format!(
            "DELETE FROM changes WHERE kind = ?2 AND object IN (SELECT seq FROM marks WHERE {GONE})"
        ))?
        .execute(params![id, Kind::Mark as u8])?;
    connection
        .prepare_cached(&format!("DELETE FROM marks WHERE {GONE}"))?
        .execute([id])?;
    refresh(connection, affected)
}

/// The records whose place in lists can hang on this one: itself, those that it replaces, and where it is replaced in
/// a ring those of the ring.
fn reach(connection: &Connection, id: &RecordId) -> Result<Vec<RecordId>> {
    let mut statement =
        connection.prepare_cached("SELECT record FROM marks WHERE other = ?1 AND kind = ?2 AND value IS NOT NULL")?;
    let mut records: Vec<RecordId> = statement
        .query_map(params![id, kind::REPLACED_BY], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    records.push(*id);
    if let Some(ring) = ring(connection, id)? {
        records.extend(ring.into_keys());
    }
    Ok(records)
}

/// The ring of records that a record is in, each replaced by another of them, with the times of these marks; `None`
/// where its replacements lead elsewhere.
fn ring(connection: &Connection, id: &RecordId) -> Result<Option<BTreeMap<RecordId, HybridTime>>> {
    let mut ring = BTreeMap::new();
    let mut at = *id;
    while read::seq(connection, &at)?.is_some() {
        let Some((next, time)) = replacement(connection, &at)? else {
            return Ok(None);
        };
        if ring.insert(at, time).is_some() {
            return Ok(None);
        }
        if next == *id {
            return Ok(Some(ring));
        }
        at = next;
    }
    Ok(None)
}

fn replacement(connection: &Connection, id: &RecordId) -> Result<Option<(RecordId, HybridTime)>> {
    Ok(connection
        .prepare_cached(
            "SELECT other, time FROM marks
             WHERE record = ?1 AND kind = ?2 AND subject = '' AND value IS NOT NULL AND other IS NOT NULL",
        )?
        .query_row(params![id, kind::REPLACED_BY], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// What replaces a record: as marked, while there is that record. Where records replace each other in a ring, as
/// choices made apart can have it, the oldest of these choices does not count, so that one of them stays in sight.
pub(crate) fn replaced_by(connection: &Connection, id: &RecordId) -> Result<Option<RecordId>> {
    let Some((other, time)) = replacement(connection, id)? else {
        return Ok(None);
    };
    if read::seq(connection, &other)?.is_none() {
        return Ok(None);
    }
    let ring = ring(connection, id)?.unwrap_or_default();
    let does_not_count = !ring.is_empty() && ring.values().all(|other| *other >= time);
    Ok((!does_not_count).then_some(other))
}

/// Writes the place in lists of these records, as their marks have it.
fn refresh(connection: &Connection, records: Vec<RecordId>) -> Result<()> {
    for id in records {
        let trashed = value::<i64>(connection, &id, kind::TRASHED, "")?.map_or(0, |_| TRASHED);
        let replaced = replaced_by(connection, &id)?.map_or(0, |_| REPLACED);
        let favourite = value::<bool>(connection, &id, kind::FAVOURITE, "")?.unwrap_or(false);
        connection
            .prepare_cached(
                "UPDATE records SET hidden = ?2, favourite = ?3 WHERE id = ?1 AND (hidden, favourite) <> (?2, ?3)",
            )?
            .execute(params![id, trashed | replaced, favourite])?;
    }
    Ok(())
}

/// The marks on a record as a whole.
pub(crate) fn summary(connection: &Connection, id: &RecordId) -> Result<Marks> {
    Ok(Marks {
        favourite: value(connection, id, kind::FAVOURITE, "")?.unwrap_or(false),
        note: value(connection, id, kind::NOTE, "")?.unwrap_or_default(),
        trashed_ms: value(connection, id, kind::TRASHED, "")?,
        replaced_by: replaced_by(connection, id)?,
    })
}

impl Transaction<'_> {
    /// Makes a mark of this vault, or takes it back where there is no value. What is marked so already stays.
    ///
    /// Errors: `NotFound` where there is no such record, `TooLarge` for the subject or the value.
    pub(crate) fn mark<T: Serialize>(
        &self,
        id: &RecordId,
        kind: &str,
        subject: &str,
        other: Option<RecordId>,
        value: Option<T>,
    ) -> Result<()> {
        let malformed = |_| Error::Malformed { what: "mark" };
        let value = value
            .map(|value| serde_json::to_string(&value))
            .transpose()
            .map_err(malformed)?;
        if read::seq(self.sql(), id)?.is_none() {
            return Err(Error::NotFound { what: "record" });
        }
        let known = of_record(self.sql(), id)?;
        let known = known.iter().find(|mark| mark.kind == kind && mark.subject == subject);
        if known.map_or(value.is_none(), |known| known.value == value && known.other == other) {
            return Ok(());
        }
        let mark = Mark {
            id: *id,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            other,
            value,
            time: self.tick(),
        };
        mark.check()?;
        match set(self.sql(), &mark)? {
            Some(seq) => log::append(self.sql(), Kind::Mark, seq),
            None => Err(Error::NotFound { what: "record" }),
        }
    }

    /// Takes in another vault's mark; gives its `seq` where it counts.
    pub(crate) fn apply_mark(&self, mark: &Mark) -> Result<Option<i64>> {
        mark.check()?;
        let seq = set(self.sql(), mark)?;
        if let Some(seq) = seq {
            log::remove(self.sql(), Kind::Mark, seq)?;
        }
        Ok(seq)
    }

    /// As [`Vault::set_favourite`].
    pub fn set_favourite(&self, id: &RecordId, favourite: bool) -> Result<()> {
        self.mark(id, kind::FAVOURITE, "", None, favourite.then_some(true))
    }

    /// As [`Vault::set_note`].
    pub fn set_note(&self, id: &RecordId, note: &str) -> Result<()> {
        if note.len() > MAX_NOTE {
            return Err(Error::TooLarge {
                what: "note",
                limit: MAX_NOTE,
            });
        }
        self.mark(id, kind::NOTE, "", None, (!note.is_empty()).then_some(note))
    }
}

impl Vault {
    /// The marks on a record; none where there is no such record.
    pub fn marks(&self, id: &RecordId) -> Result<Marks> {
        self.snapshot(|sql| summary(sql, id))
    }

    /// Makes a record a favourite, or no longer one.
    ///
    /// Errors: `NotFound`.
    pub fn set_favourite(&self, id: &RecordId, favourite: bool, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.set_favourite(id, favourite))
    }

    /// Sets the person's note on a record; an empty one removes it.
    ///
    /// Errors: `NotFound`, `TooLarge` above [`MAX_NOTE`].
    pub fn set_note(&self, id: &RecordId, note: &str, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.set_note(id, note))
    }
}
