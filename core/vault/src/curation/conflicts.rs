//! D2: records that say the same thing twice, or different things about the same; and revisions that devices wrote apart.
//!
//! What a record is about is the key of its schema (`x-kist-key`). Keys are kept in a table, so that nothing is searched.

use std::collections::{BTreeMap, HashSet};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::fields::{FieldView, History};
use super::marks::{self, kind};
use super::{Date, derive};
use crate::record::{Provenance, Record};
use crate::records::read;
use crate::{Error, FileRef, HybridTime, RecordId, Result, Vault, schema};

/// The most records that are settled in one go.
pub const MAX_SIDES: usize = 128;

/// A question to the person: which of these is right?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// What they have to do with each other.
    pub kind: ConflictKind,
    /// Their schema.
    pub schema: String,
    /// What there is to choose from, oldest first: at least two.
    pub sides: Vec<Side>,
}

/// What the sides of a [`Conflict`] have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// Records that say the same, but for case and spaces.
    Duplicates,
    /// Records about the same thing that say different things.
    Differing,
    /// Revisions of one record, written on devices in ignorance of each other.
    Versions,
}

/// One of the sides of a [`Conflict`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The record, and the revision that was looked at.
    #[serde(flatten)]
    pub id: SideId,
    /// The record's title there.
    pub title: String,
    /// Where that revision came from.
    pub provenance: Provenance,
    /// The labels that it has there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The files that it has there, as far as they have arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
}

/// A record at a revision that no other replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SideId {
    /// The record.
    pub record: RecordId,
    /// The revision's time.
    pub time: HybridTime,
}

/// A member, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedMember {
    /// The member, as a JSON pointer.
    pub member: String,
    /// It says the same on all sides, but for case and spaces.
    pub same: bool,
    /// The field on each side, in the order of the sides; `None` where it is missing.
    pub fields: Vec<Option<FieldView>>,
}

/// A record in sight with a key.
struct Compared {
    schema: String,
    content: String,
    side: Side,
}

impl Compared {
    fn id(&self) -> RecordId {
        self.side.id.record
    }
}

impl Vault {
    /// Everything that the person could settle: conflicts between records, then between revisions. What they said to be
    /// right on both sides is left out, until one of them says something else.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        self.snapshot(|sql| {
            let mut found = Vec::new();
            for key in shared_keys(sql)? {
                let records = of_key(sql, &key)?;
                if is_open(sql, &records)? {
                    found.extend(conflict(records));
                }
            }
            found.extend(between_versions(sql)?);
            Ok(found)
        })
    }

    /// What stands on these sides, member by member, in the order of the members.
    ///
    /// Errors: `NotFound` where a side is no record or revision, `TooLarge` above [`MAX_SIDES`].
    pub fn compare(&self, sides: &[SideId], today: Date) -> Result<Vec<ComparedMember>> {
        check_count(sides)?;
        self.snapshot(|sql| {
            let mut rows: BTreeMap<String, Vec<Option<FieldView>>> = BTreeMap::new();
            for (index, side) in sides.iter().enumerate() {
                let history = History::load(sql, &side.record)?.ok_or(Error::NotFound { what: "record" })?;
                let revision = history.at(side.time).ok_or(Error::NotFound { what: "revision" })?;
                for field in history.fields(revision, today) {
                    let row = rows
                        .entry(field.member.clone())
                        .or_insert_with(|| vec![None; sides.len()]);
                    if let Some(place) = row.get_mut(index) {
                        *place = Some(field);
                    }
                }
            }
            Ok(rows
                .into_iter()
                .map(|(member, fields)| compared(member, fields))
                .collect())
        })
    }
}

fn compared(member: String, fields: Vec<Option<FieldView>>) -> ComparedMember {
    let folded: Vec<_> = fields
        .iter()
        .map(|field| field.as_ref().map(|field| derive::folded(&field.value)))
        .collect();
    ComparedMember {
        same: folded.windows(2).all(|pair| matches!(pair, [a, b] if a == b)),
        member,
        fields,
    }
}

pub(super) fn check_count(sides: &[SideId]) -> Result<()> {
    if sides.len() > MAX_SIDES {
        return Err(Error::TooLarge {
            what: "sides",
            limit: MAX_SIDES,
        });
    }
    Ok(())
}

fn shared_keys(connection: &Connection) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(
        "SELECT k.key FROM record_keys k JOIN records r ON r.seq = k.record
         WHERE r.hidden = 0 GROUP BY k.key HAVING count(*) > 1",
    )?;
    let keys = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(keys)
}

fn of_key(connection: &Connection, key: &[u8]) -> Result<Vec<Compared>> {
    let mut statement = connection.prepare_cached(
        "SELECT r.id, v.time, v.title, v.provenance, v.schema, lower(hex(k.content)), v.tags, v.seq
         FROM record_keys k JOIN records r ON r.seq = k.record JOIN revisions v ON v.record = r.seq AND v.state = 2
         WHERE k.key = ?1 AND r.hidden = 0 ORDER BY v.time",
    )?;
    let mut rows = statement.query([key])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Compared {
            side: Side {
                id: SideId {
                    record: row.get(0)?,
                    time: row.get(1)?,
                },
                title: row.get(2)?,
                provenance: read::json(row, 3)?,
                tags: read::json(row, 6)?,
                files: read::file_refs(connection, row.get(7)?)?,
            },
            schema: row.get(4)?,
            content: row.get(5)?,
        });
    }
    Ok(found)
}

/// Whether there are two of these records that the person has not said to be right both.
fn is_open(connection: &Connection, records: &[Compared]) -> Result<bool> {
    if records.len() > MAX_SIDES {
        return Ok(true); // Nobody can have settled so many.
    }
    let contents: BTreeMap<RecordId, &str> = records.iter().map(|one| (one.id(), &*one.content)).collect();
    let mut settled = HashSet::new();
    for one in records {
        for mark in marks::of_record(connection, &one.id())? {
            let said: Option<[String; 2]> = mark.value.and_then(|value| serde_json::from_str(&value).ok());
            if let (kind::BOTH_RIGHT, Some(other), Some([here, there])) = (&*mark.kind, mark.other, said)
                && one.content == here
                && contents.get(&other).is_some_and(|content| *content == there)
            {
                settled.insert((one.id(), other));
            }
        }
    }
    let pairs = records.len() * (records.len() - 1) / 2;
    Ok(settled.len() < pairs)
}

/// The key and content that a record in sight is compared by, in hexadecimal; `None` where it is not compared.
pub(super) fn key_and_content(connection: &Connection, id: &RecordId) -> Result<Option<(String, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT hex(k.key), lower(hex(k.content)) FROM record_keys k JOIN records r ON r.seq = k.record WHERE r.id = ?1",
    )?;
    let mut rows = statement.query([id])?;
    rows.next()?
        .map_or(Ok(None), |row| Ok(Some((row.get(0)?, row.get(1)?))))
}

fn conflict(records: Vec<Compared>) -> Option<Conflict> {
    let first = records.first()?;
    let same = records.iter().all(|one| one.content == first.content);
    Some(Conflict {
        kind: if same {
            ConflictKind::Duplicates
        } else {
            ConflictKind::Differing
        },
        schema: first.schema.clone(),
        sides: records.into_iter().map(|one| one.side).collect(),
    })
}

fn between_versions(connection: &Connection) -> Result<Vec<Conflict>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT r.id FROM revisions v JOIN records r ON r.seq = v.record WHERE v.state = 1 AND r.hidden = 0",
    )?;
    let ids: Vec<RecordId> = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::new();
    for id in ids {
        let versions = read::versions(connection, &id)?;
        let schema = versions.last().map_or("", |version| &version.schema).to_owned();
        let known = schema::find(connection, &schema)?;
        let side = |version: &Record| Side {
            id: SideId {
                record: id,
                time: version.time,
            },
            title: schema::title(known.as_deref(), &version.body),
            provenance: version.provenance.clone(),
            tags: version.tags.clone(),
            files: version.files.clone(),
        };
        found.push(Conflict {
            kind: ConflictKind::Versions,
            sides: versions.iter().map(side).collect(),
            schema,
        });
    }
    Ok(found)
}
