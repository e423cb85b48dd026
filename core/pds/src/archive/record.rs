//! A record's entry: JSON with its marks and all its revisions, oldest first.
//!
//! It is read as a stream, revision by revision, since there is no bound to how many there are; each takes as much as a
//! budget lets it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Read};

use kist_vault::{Digest, FileId, FileMeta, HybridTime, LifeArea, MAX_BODY, Mark, Provenance, RecordId, Revision};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{Error, Result};

/// The version of this form.
pub(super) const VERSION: u64 = 1;
/// The most text that one revision, and what stands before the first, may take, in bytes.
const MAX_TEXT: usize = 4 * MAX_BODY;
/// Up to this size, as compact JSON, a revision is indented.
const MAX_INDENTED: usize = 16 << 10;

/// A revision as an archive has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RevisionEntry {
    /// Counts from 1 along the chain.
    pub(super) revision: u32,
    /// Its hybrid time, in hexadecimal digits.
    pub(super) time: HybridTime,
    /// The wall clock of that time, to be read.
    #[serde(default)]
    pub(super) written_at: String,
    /// The revisions that it was made from.
    pub(super) parents: Vec<HybridTime>,
    pub(super) schema: String,
    pub(super) area: LifeArea,
    pub(super) tags: Vec<String>,
    pub(super) provenance: Provenance,
    pub(super) body: Value,
    /// Its files, in order.
    pub(super) files: Vec<FileEntry>,
    /// Where members come from that have a source of their own, by their JSON pointers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) origins: BTreeMap<String, Provenance>,
}

/// A mark on a record, such as that it is a favourite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MarkEntry {
    pub(super) kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) subject: String,
    /// Another record that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) other: Option<RecordId>,
    pub(super) value: Value,
    pub(super) time: HybridTime,
}

impl MarkEntry {
    /// A mark that was not taken back.
    pub(super) fn of(mark: Mark) -> Result<Self> {
        Ok(MarkEntry {
            kind: mark.kind,
            subject: mark.subject,
            other: mark.other,
            value: serde_json::from_str(mark.value.as_deref().unwrap_or("null"))?,
            time: mark.time,
        })
    }

    pub(super) fn into_mark(self, id: RecordId) -> Mark {
        Mark {
            id,
            kind: self.kind,
            subject: self.subject,
            other: self.other,
            value: Some(self.value.to_string()),
            time: self.time,
        }
    }
}

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub(super) id: FileId,
    /// What is known of it; nothing where it had not arrived from another device.
    #[serde(flatten)]
    pub(super) about: Option<FileAbout>,
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FileAbout {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    pub(super) sha256: Digest,
    pub(super) created_ms: i64,
    /// When it was last changed before it was attached, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) modified_ms: Option<i64>,
    /// Its entry in the archive.
    pub(super) entry: String,
    /// Its small picture, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) thumbnail: Option<ThumbnailAbout>,
}

/// What is known of a file's small picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ThumbnailAbout {
    pub(super) media_type: String,
    /// When it was set.
    pub(super) time: HybridTime,
    /// Its entry in the archive.
    pub(super) entry: String,
}

impl FileAbout {
    /// What the vault is told of the file when it is taken in.
    pub(super) fn meta(&self) -> FileMeta {
        FileMeta {
            name: self.name.clone(),
            media_type: Some(self.media_type.clone()),
            modified_ms: self.modified_ms,
            thumbnail: None,
        }
    }
}

impl RevisionEntry {
    /// The text of a revision, to stand in the array.
    pub(super) fn to_json(&self) -> Result<Vec<u8>> {
        let compact = serde_json::to_vec(self)?;
        if compact.len() > MAX_INDENTED {
            return Ok(compact);
        }
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// The revision of a record that this is.
    pub(super) fn into_revision(self, id: RecordId, created_ms: i64) -> Revision {
        Revision {
            id,
            created_ms,
            revision: self.revision,
            time: self.time,
            parents: self.parents,
            schema: self.schema,
            area: self.area,
            tags: self.tags,
            provenance: self.provenance,
            body: self.body.to_string(),
            files: self.files.into_iter().map(|file| file.id).collect(),
            origins: self.origins,
        }
    }
}

/// A part of a record's entry.
pub(super) enum Part {
    /// The marks, which stand before the revisions.
    Marks(Vec<MarkEntry>),
    Revision(Box<RevisionEntry>),
}

/// What stands before all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) id: RecordId,
    pub(super) created_ms: i64,
}

/// Reads a record's entry and hands out its parts. To the end of the entry, and nothing after it.
///
/// Errors: `Malformed`, `DowngradeRefused`; those of `visit`; an error of the reader as [`Error::from`] has it.
pub(super) fn read(entry: impl Read, mut visit: impl FnMut(Heading, Part) -> Result<()>) -> Result<Heading> {
    let budget = Cell::new(MAX_TEXT);
    let mut failed = None;
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(Metered { entry, budget: &budget }));
    let read = RecordSeed {
        budget: &budget,
        visit: &mut visit,
        failed: &mut failed,
    }
    .deserialize(&mut json)
    .and_then(|heading| json.end().map(|()| heading));
    match (read, failed) {
        (_, Some(error)) => Err(error),
        (Ok(heading), None) => Ok(heading),
        (Err(error), None) => match error.io_error_kind() {
            Some(kind) => Err(io::Error::from(kind).into()),
            None => Err(malformed()),
        },
    }
}

fn malformed() -> Error {
    Error::new("Malformed").with("what", "record")
}

/// Gives out no more than the budget, which is filled up for every revision.
struct Metered<'a, R> {
    entry: R,
    budget: &'a Cell<usize>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.entry.read(out)?;
        match self.budget.get().checked_sub(count) {
            Some(left) => self.budget.set(left),
            None => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(count)
    }
}

struct RecordSeed<'a, F> {
    budget: &'a Cell<usize>,
    visit: &'a mut F,
    failed: &'a mut Option<Error>,
}

impl<'de, F: FnMut(Heading, Part) -> Result<()>> DeserializeSeed<'de> for RecordSeed<'_, F> {
    type Value = Heading;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Heading, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Heading, Part) -> Result<()>> Visitor<'de> for RecordSeed<'_, F> {
    type Value = Heading;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Heading, A::Error> {
        let (mut version, mut id, mut created_ms, mut heading) = (None, None, None, None);
        while let Some(member) = map.next_key::<String>()? {
            match member.as_str() {
                "kist_record" => version = Some(map.next_value::<u64>()?),
                "id" => id = Some(map.next_value()?),
                "created_ms" => created_ms = Some(map.next_value()?),
                "marks" | "revisions" => {
                    let (Some(VERSION), Some(id), Some(created_ms), None) = (version, id, created_ms, heading) else {
                        return Err(A::Error::custom("what has to stand before marks and revisions"));
                    };
                    let this = Heading { id, created_ms };
                    if member == "marks" {
                        let marks = map.next_value::<Vec<MarkEntry>>()?;
                        (self.visit)(this, Part::Marks(marks)).map_err(|error| {
                            *self.failed = Some(error);
                            A::Error::custom("given up")
                        })?;
                        continue;
                    }
                    map.next_value_seed(RevisionsSeed {
                        heading: this,
                        budget: self.budget,
                        visit: &mut *self.visit,
                        failed: &mut *self.failed,
                    })?;
                    heading = Some(this);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        heading.ok_or_else(|| A::Error::missing_field("revisions"))
    }
}

struct RevisionsSeed<'a, F> {
    heading: Heading,
    budget: &'a Cell<usize>,
    visit: &'a mut F,
    failed: &'a mut Option<Error>,
}

impl<'de, F: FnMut(Heading, Part) -> Result<()>> DeserializeSeed<'de> for RevisionsSeed<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Heading, Part) -> Result<()>> Visitor<'de> for RevisionsSeed<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("revisions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> std::result::Result<(), A::Error> {
        let mut count = 0_u64;
        self.budget.set(MAX_TEXT);
        while let Some(revision) = all.next_element::<RevisionEntry>()? {
            count += 1;
            self.budget.set(MAX_TEXT);
            if let Err(error) = (self.visit)(self.heading, Part::Revision(Box::new(revision))) {
                *self.failed = Some(error);
                return Err(A::Error::custom("given up"));
            }
        }
        if count == 0 {
            return Err(A::Error::custom("no revision"));
        }
        Ok(())
    }
}
