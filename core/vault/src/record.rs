//! What a record is: a body under a schema, where it came from, and its place in a chain of revisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{FileId, FileRef, HybridTime, RecordId};

/// The largest body, as JSON text, in bytes. Larger things are files.
pub const MAX_BODY: usize = 1 << 20;
/// The most tags of a record, and files of a revision.
pub const MAX_LABELS: usize = 256;
/// The longest schema URI, area and tag, in bytes.
pub const MAX_NAME: usize = 512;

/// A part of life, such as `health`: a short name of the app's choice; each published schema names its usual one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LifeArea(String);

impl LifeArea {
    /// What fits nowhere else.
    pub const OTHER: &'static str = "other";

    /// An area by its name.
    pub fn new(name: impl Into<String>) -> Self {
        LifeArea(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a record came from, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Who gave it.
    pub source: Source,
    /// How it was verified.
    pub verification: Verification,
    /// When it was taken in: milliseconds since 1970 UTC. How fresh the record is.
    pub collected_ms: i64,
}

/// Who gave a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// The person typed it.
    SelfAsserted,
    /// It was read from a file or another program.
    Imported {
        /// The format or program: `vcard`, `json`, `file`.
        from: String,
    },
    /// An organisation sent it.
    Delivered {
        /// The organisation's legal name.
        by: String,
        /// Its id in the trust framework.
        organisation_id: String,
        /// The key of the kept credential that proves it.
        credential: String,
    },
}

/// How a record was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verification {
    /// Not at all.
    None,
    /// An issuer's signature over it was checked.
    Signature {
        /// The issuer's legal name.
        issuer: String,
    },
}

impl Provenance {
    /// Typed by the person at `now_ms`.
    pub fn self_asserted(now_ms: i64) -> Self {
        Provenance {
            source: Source::SelfAsserted,
            verification: Verification::None,
            collected_ms: now_ms,
        }
    }

    /// Read at `now_ms` from a file of this format, or from this program.
    pub fn imported(from: impl Into<String>, now_ms: i64) -> Self {
        Provenance {
            source: Source::Imported { from: from.into() },
            verification: Verification::None,
            collected_ms: now_ms,
        }
    }
}

/// A record to be put.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDraft {
    /// The schema's URI; any, known here or not.
    pub schema: String,
    /// A JSON object.
    pub body: Value,
    /// Where it came from.
    pub provenance: Provenance,
    /// The part of life.
    pub area: LifeArea,
    /// The person's own labels.
    pub tags: Vec<String>,
    /// Files that were attached before, in order.
    pub files: Vec<FileId>,
    /// The person keeps the body although it breaks its schema; else it is refused.
    pub keep_violations: bool,
}

impl RecordDraft {
    /// A draft without tags and files.
    pub fn new(schema: impl Into<String>, area: impl Into<String>, body: Value, provenance: Provenance) -> Self {
        RecordDraft {
            schema: schema.into(),
            body,
            provenance,
            area: LifeArea::new(area),
            tags: Vec::new(),
            files: Vec::new(),
            keep_violations: false,
        }
    }
}

/// A new revision of a record. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// The new body, whole.
    pub body: Value,
    /// Where the new body came from.
    pub provenance: Provenance,
    /// Another part of life.
    pub area: Option<LifeArea>,
    /// Other tags.
    pub tags: Option<Vec<String>>,
    /// Other files.
    pub files: Option<Vec<FileId>>,
    /// The person has seen all [`crate::Vault::versions`], and this replaces them; else it replaces the current one,
    /// and a conflict stays.
    pub settles: bool,
    /// As [`RecordDraft::keep_violations`].
    pub keep_violations: bool,
    /// Where members come from that have another source than the revision, as when they are taken from another record;
    /// by their JSON pointers, at most [`MAX_LABELS`].
    pub origins: BTreeMap<String, Provenance>,
}

impl Correction {
    /// Replaces the body alone.
    pub fn new(body: Value, provenance: Provenance) -> Self {
        Correction {
            body,
            provenance,
            area: None,
            tags: None,
            files: None,
            settles: false,
            keep_violations: false,
            origins: BTreeMap::new(),
        }
    }
}

/// What the person changes about a record by hand. What is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// The new body, whole: the person's own word.
    pub body: Option<Value>,
    /// Another part of life.
    pub area: Option<LifeArea>,
    /// Other labels.
    pub tags: Option<Vec<String>>,
    /// Files that the record has from now on, behind those that it has.
    pub attach: Vec<FileId>,
    /// Files that it has no more. Earlier revisions keep them.
    pub detach: Vec<FileId>,
    /// As [`RecordDraft::keep_violations`].
    pub keep_violations: bool,
}

impl Edit {
    /// Another body, and nothing else.
    pub fn of_body(body: Value) -> Self {
        Edit {
            body: Some(body),
            ..Edit::default()
        }
    }
}

/// A record at one of its revisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// The schema's URI.
    pub schema: String,
    /// A JSON object, as it was put, unknown members included.
    pub body: Value,
    /// Where it came from.
    pub provenance: Provenance,
    /// The part of life.
    pub area: LifeArea,
    /// The person's own labels.
    pub tags: Vec<String>,
    /// Counts from 1 along the chain of revisions.
    pub revision: u32,
    /// When this revision was written.
    pub time: HybridTime,
    /// The revisions that this one was made from: none for the first, more than one where it settles a conflict.
    pub parents: Vec<HybridTime>,
    /// When the record was first put: milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Files, in order. A file that has not arrived yet from another device is left out.
    pub files: Vec<FileRef>,
    /// Members of this revision with a source of their own, by their JSON pointers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub origins: BTreeMap<String, Provenance>,
    /// Two devices wrote revisions in ignorance of each other; this is one of them. [`crate::Vault::versions`] has all.
    pub conflict: bool,
    /// The person wants it at hand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub favourite: bool,
    /// It is in the trash.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trashed: bool,
    /// The person chose another record in place of it: [`crate::Vault::marks`] says which.
    #[serde(default, skip_serializing_if = "is_false")]
    pub replaced: bool,
}

/// What a record's current revision says and where that comes from, without what else is known of the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The record's id.
    pub id: RecordId,
    /// When the revision was written.
    pub time: HybridTime,
    /// The schema's URI.
    pub schema: String,
    /// Where it came from.
    pub provenance: Provenance,
    /// The content, a JSON object.
    pub body: Value,
}

/// What a list shows of a record's current revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordSummary {
    /// Its id.
    pub id: RecordId,
    /// The schema's URI.
    pub schema: String,
    /// A few words that name it, taken from its body; empty where nothing there does.
    pub title: String,
    /// Where it came from.
    pub provenance: Provenance,
    /// The part of life.
    pub area: LifeArea,
    /// The person's own labels.
    pub tags: Vec<String>,
    /// Counts from 1 along the chain of revisions.
    pub revision: u32,
    /// When the current revision was written.
    pub time: HybridTime,
    /// When the record was first put: milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// See [`Record::conflict`].
    pub conflict: bool,
    /// The person wants it at hand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub favourite: bool,
    /// It is in the trash.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trashed: bool,
    /// The person chose another record in place of it: [`crate::Vault::marks`] says which.
    #[serde(default, skip_serializing_if = "is_false")]
    pub replaced: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Which records to list or search; what is not given lets any through, but for those that are out of sight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one of these schemas; none for any.
    pub schemas: Vec<String>,
    /// Of this part of life.
    pub area: Option<LifeArea>,
    /// With this tag.
    pub tag: Option<String>,
    /// From such a source.
    pub source: Option<SourceFilter>,
    /// Only favourites.
    pub favourites: bool,
    /// In sight, or where else.
    pub shown: Shown,
    /// Whose current revision was written then or later: milliseconds since 1970 UTC.
    pub from_ms: Option<i64>,
    /// Whose current revision was written before then: milliseconds since 1970 UTC.
    pub until_ms: Option<i64>,
}

impl Filter {
    /// All records of one schema that are in sight.
    pub fn of_schema(schema: impl Into<String>) -> Self {
        Filter {
            schemas: vec![schema.into()],
            ..Filter::default()
        }
    }
}

/// Where the records are that a [`Filter`] lets through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// In sight: neither in the trash nor replaced by another record.
    #[default]
    InSight,
    /// In the trash.
    Trashed,
    /// Replaced by another record.
    Replaced,
    /// Anywhere.
    Anywhere,
}

/// Which sources a [`Filter`] lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceFilter {
    /// Typed by the person.
    SelfAsserted,
    /// Imported from anywhere.
    Imported,
    /// Delivered by any organisation.
    Delivered,
    /// Delivered by the organisation with this id.
    DeliveredBy(String),
}

impl Source {
    /// The number that the store keeps for it, which [`SourceFilter::parts`] matches.
    pub(crate) fn number(&self) -> u8 {
        match self {
            Source::SelfAsserted => 0,
            Source::Imported { .. } => 1,
            Source::Delivered { .. } => 2,
        }
    }

    pub(crate) fn organisation(&self) -> Option<&str> {
        match self {
            Source::Delivered { organisation_id, .. } => Some(organisation_id),
            _ => None,
        }
    }
}

impl SourceFilter {
    pub(crate) fn parts(&self) -> (u8, Option<&str>) {
        match self {
            SourceFilter::SelfAsserted => (0, None),
            SourceFilter::Imported => (1, None),
            SourceFilter::Delivered => (2, None),
            SourceFilter::DeliveredBy(organisation) => (2, Some(organisation)),
        }
    }
}
