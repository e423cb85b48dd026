//! D5: what expires or falls due, by the dates that schemas say to remind of.

use std::cmp::Reverse;

use rusqlite::{Connection, named_params};
use serde::{Deserialize, Serialize};

use super::Date;
use super::fields::{Freshness, History};
use super::marks::kind;
use crate::record::{Filter, RecordSummary};
use crate::records::read;
use crate::schema::Schemas;
use crate::{Error, RecordId, Result, Transaction, Vault};

/// So many days after its date nobody is reminded of it any more.
const PAST_DAYS: u32 = 365;

/// Something that expires or falls due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The record.
    pub record: RecordId,
    /// Its schema.
    pub schema: String,
    /// Its title.
    pub title: String,
    /// The member with the date, as a JSON pointer.
    pub member: String,
    /// The date.
    pub date: Date,
    /// From when on to remind: the day that the schema asks for, or the one that the person put it off to.
    pub due: Date,
    /// The date has passed.
    pub passed: bool,
}

/// What the person answered to a reminder, as its mark keeps it.
#[derive(Serialize, Deserialize)]
struct Answer {
    /// Of this date alone.
    date: Date,
    /// Put off until then; `None`: never again.
    until: Option<Date>,
}

/// Reminders due until a day, the first due first.
fn reminders(connection: &Connection, today: Date, until: Date) -> Result<Vec<Reminder>> {
    let mut statement = connection.prepare_cached(
        "SELECT r.id, v.schema, v.title, d.member, d.date, d.remind, m.value
         FROM record_dates d JOIN records r ON r.seq = d.record JOIN revisions v ON v.record = r.seq AND v.state = 2
         LEFT JOIN marks m ON m.record = r.id AND m.kind = :kind AND m.subject = d.member
         WHERE d.remind <= :until AND d.date >= :past AND r.hidden = 0",
    )?;
    let mut rows = statement.query(named_params! {
        ":kind": kind::REMINDER,
        ":until": until.to_string(),
        ":past": today.minus_days(PAST_DAYS).to_string(),
    })?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let date = |column| -> Result<Date> {
            let text = row.get_ref(column)?.as_str().map_err(|_| Error::STORE_CORRUPT)?;
            text.parse().map_err(|_| Error::STORE_CORRUPT)
        };
        let (day, remind) = (date(4)?, date(5)?);
        let answer: Option<String> = row.get(6)?;
        let answer: Option<Answer> = answer.and_then(|answer| serde_json::from_str(&answer).ok());
        let due = match answer.filter(|answer| answer.date == day) {
            None => remind,
            Some(Answer { until: None, .. }) => continue,
            Some(Answer {
                until: Some(put_off), ..
            }) => remind.max(put_off),
        };
        if due <= until {
            found.push(Reminder {
                record: row.get(0)?,
                schema: row.get(1)?,
                title: row.get(2)?,
                member: row.get(3)?,
                date: day,
                due,
                passed: day < today,
            });
        }
    }
    found.sort_by(|a, b| (a.due, a.date, a.record, &a.member).cmp(&(b.due, b.date, b.record, &b.member)));
    Ok(found)
}

impl Transaction<'_> {
    /// As [`Vault::snooze`].
    pub fn snooze(&self, id: &RecordId, member: &str, until: Date) -> Result<()> {
        self.answer(id, member, Some(until))
    }

    /// As [`Vault::dismiss`].
    pub fn dismiss(&self, id: &RecordId, member: &str) -> Result<()> {
        self.answer(id, member, None)
    }

    fn answer(&self, id: &RecordId, member: &str, until: Option<Date>) -> Result<()> {
        let record = self.record(id)?.ok_or(Error::NotFound { what: "record" })?;
        let date = record
            .body
            .pointer(member)
            .and_then(|value| Date::in_text(value.as_str()?));
        let date = date.ok_or(Error::NotFound { what: "date" })?;
        self.mark(id, kind::REMINDER, member, None, Some(Answer { date, until }))
    }
}

impl Vault {
    /// What expires or falls due until a day, the first due first. What passed more than a year before today is left
    /// out, and so is what is out of sight.
    pub fn reminders(&self, today: Date, until: Date) -> Result<Vec<Reminder>> {
        self.read(|sql| reminders(sql, today, until))
    }

    /// Puts off a reminder. With another date in the record, it is due again as the schema has it.
    ///
    /// Errors: `NotFound` for the record, and where the member holds no date.
    pub fn snooze(&self, id: &RecordId, member: &str, until: Date, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.snooze(id, member, until))
    }

    /// Ends a reminder, until there is another date in the record.
    ///
    /// Errors: as [`Vault::snooze`].
    pub fn dismiss(&self, id: &RecordId, member: &str, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.dismiss(id, member))
    }

    /// Records with a value that the person should confirm, each with the day since when; the longest first, at most
    /// `limit`.
    pub fn stale(&self, today: Date, limit: usize) -> Result<Vec<(RecordSummary, Date)>> {
        self.snapshot(|sql| {
            let schemas = Schemas::load(sql)?;
            let ageing = schemas.iter().filter(|schema| schema.fresh_days().is_some());
            let filter = Filter {
                schemas: ageing.map(|schema| schema.uri().to_owned()).collect(),
                ..Filter::default()
            };
            let mut stale = Vec::new();
            for summary in read::list(sql, &filter, None, None)? {
                if let Some(since) = stale_since(sql, &summary.id, today)? {
                    stale.push((summary, since));
                }
            }
            stale.sort_by_key(|(summary, since)| (*since, Reverse(summary.time)));
            stale.truncate(limit);
            Ok(stale)
        })
    }
}

/// Since when a record has a value that is stale.
fn stale_since(connection: &Connection, id: &RecordId, today: Date) -> Result<Option<Date>> {
    let (Some(history), Some(current)) = (History::load(connection, id)?, read::current(connection, id)?) else {
        return Ok(None);
    };
    let fields = history.fields(&current, today).into_iter();
    let stale = fields.filter_map(|field| match field.freshness {
        Freshness::Stale(since) => Some(since),
        _ => None,
    });
    Ok(stale.min())
}
