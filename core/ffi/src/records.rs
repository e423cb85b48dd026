//! What the person keeps, as it crosses the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use kist_pds::{Clock as _, LifeArea, RecordDraft, Source, SystemClock, Verification};

use crate::error::Result;
use crate::{CancelHandle, KistError, Person, json, task};

/// A record to be added.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewRecord {
    /// The schema's URI; any, known here or not.
    pub schema: String,
    /// A JSON object.
    pub body: String,
    /// The part of life; the schema's own where none is given.
    #[uniffi(default)]
    pub area: Option<String>,
    /// The person's own labels.
    #[uniffi(default)]
    pub tags: Vec<String>,
    /// Files that were attached before, in order.
    #[uniffi(default)]
    pub files: Vec<String>,
    /// The format or program that it was read from; none where the person typed it.
    #[uniffi(default)]
    pub imported_from: Option<String>,
    /// The person keeps the body although it breaks its schema; else it is refused.
    #[uniffi(default = false)]
    pub keep_violations: bool,
}

/// What the person changes about a record. What is not given stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordEdit {
    /// The new body, a whole JSON object: the person's own word.
    #[uniffi(default)]
    pub body: Option<String>,
    /// Another part of life.
    #[uniffi(default)]
    pub area: Option<String>,
    /// Other labels, in place of those that it has.
    #[uniffi(default)]
    pub tags: Option<Vec<String>>,
    /// Files that were attached before, and that the record has from now on.
    #[uniffi(default)]
    pub attach: Vec<String>,
    /// Files that it has no more; its earlier revisions keep them.
    #[uniffi(default)]
    pub detach: Vec<String>,
    /// The person keeps the body although it breaks its schema; else it is refused.
    #[uniffi(default = false)]
    pub keep_violations: bool,
}

/// Who gave a record, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SourceKind {
    /// The person typed it.
    SelfAsserted,
    /// It was read from a file or another program.
    Imported,
    /// An organisation sent it.
    Delivered,
}

/// Where a record came from, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Provenance {
    /// Who gave it.
    pub source: SourceKind,
    /// The format or program, or the organisation's legal name; none where the person typed it.
    pub from: Option<String>,
    /// The organisation's id in the trust framework.
    pub organisation_id: Option<String>,
    /// The key of the kept credential that proves it.
    pub credential: Option<String>,
    /// The issuer whose signature over it was checked.
    pub verified_by: Option<String>,
    /// When it was taken in, Unix milliseconds.
    pub collected_ms: i64,
}

/// A file that is attached to a record.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StoredFile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// When it was last changed before it was attached, Unix milliseconds, where that is known.
    pub modified_ms: Option<i64>,
    /// There is a small picture of it.
    pub has_thumbnail: bool,
}

/// What a list shows of a record's current revision.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordSummary {
    /// Its id.
    pub id: String,
    /// The schema's URI.
    pub schema: String,
    /// A few words that name it; empty where nothing in its body does.
    pub title: String,
    /// Where it came from.
    pub provenance: Provenance,
    /// The part of life.
    pub area: String,
    /// The person's own labels.
    pub tags: Vec<String>,
    /// Counts from 1 along the chain of revisions.
    pub revision: u32,
    /// When the record was first put, Unix milliseconds.
    pub created_ms: i64,
    /// When this revision was written, Unix milliseconds.
    pub changed_ms: i64,
    /// Two devices wrote revisions in ignorance of each other; this is one of them.
    pub conflict: bool,
    /// The person wants it at hand.
    pub favourite: bool,
    /// It is in the trash.
    pub trashed: bool,
    /// The person chose another record in place of it.
    pub replaced: bool,
}

/// A page of a list of records.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordPage {
    /// The records, the last written first.
    pub records: Vec<RecordSummary>,
    /// What asks for the page after this one; none where this is the last.
    pub next: Option<String>,
}

/// A record at one of its revisions.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// The schema's URI.
    pub schema: String,
    /// A JSON object, as it was put, unknown members included.
    pub body: String,
    /// Where it came from.
    pub provenance: Provenance,
    /// The part of life.
    pub area: String,
    /// The person's own labels.
    pub tags: Vec<String>,
    /// Counts from 1 along the chain of revisions.
    pub revision: u32,
    /// When the record was first put, Unix milliseconds.
    pub created_ms: i64,
    /// When this revision was written, Unix milliseconds.
    pub changed_ms: i64,
    /// Files, in order.
    pub files: Vec<StoredFile>,
    /// Two devices wrote revisions in ignorance of each other; this is one of them.
    pub conflict: bool,
    /// The person wants it at hand.
    pub favourite: bool,
    /// It is in the trash.
    pub trashed: bool,
    /// The person chose another record in place of it.
    pub replaced: bool,
}

/// Which records to list or search; what is not given lets any through, but for those that are out of sight.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct RecordFilter {
    /// Of one of these schemas; none for any.
    #[uniffi(default)]
    pub schemas: Vec<String>,
    /// Of this part of life.
    #[uniffi(default)]
    pub area: Option<String>,
    /// With this tag.
    #[uniffi(default)]
    pub tag: Option<String>,
    /// From such a source.
    #[uniffi(default)]
    pub source: Option<SourceFilter>,
    /// Only favourites.
    #[uniffi(default = false)]
    pub favourites: bool,
    /// Those in sight, where nothing else is said.
    #[uniffi(default)]
    pub place: Option<RecordPlace>,
    /// Whose current revision was written then or later, Unix milliseconds.
    #[uniffi(default)]
    pub from_ms: Option<i64>,
    /// Whose current revision was written before then, Unix milliseconds.
    #[uniffi(default)]
    pub until_ms: Option<i64>,
}

/// Where records are that a [`RecordFilter`] lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum RecordPlace {
    /// In sight: neither in the trash nor replaced by another record.
    InSight,
    /// In the trash.
    Trash,
    /// Replaced by another record.
    Replaced,
    /// Anywhere.
    Anywhere,
}

/// Which sources a [`RecordFilter`] lets through.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum SourceFilter {
    /// Typed by the person.
    SelfAsserted,
    /// Imported from anywhere.
    Imported,
    /// Delivered by any organisation.
    Delivered,
    /// Delivered by one organisation.
    DeliveredBy {
        /// Its id.
        organisation_id: String,
    },
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct SearchHit {
    /// The record.
    pub record: RecordSummary,
    /// The words around the best match; the pieces follow one another.
    pub snippet: Vec<SnippetPart>,
    /// How well it fits: greater is better, comparable within one search.
    pub score: f64,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// It is what was searched for.
    pub matched: bool,
}

/// A type of record that this build knows. Others are taken as they are.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SchemaInfo {
    /// Its URI.
    pub uri: String,
    /// Its name, in English.
    pub title: String,
    /// What it is for, in English.
    pub description: String,
    /// The part of life that such records are put in.
    pub area: String,
    /// The whole JSON Schema, for a form.
    pub schema: String,
}

#[uniffi::export]
impl Person {
    /// Adds records, all or none.
    ///
    /// Errors: `RecordInvalid` with the field and the rule, `Malformed`, `TooLarge`, `StorageFull`.
    pub async fn add_records(&self, drafts: Vec<NewRecord>, cancel: Arc<CancelHandle>) -> Result<Vec<Record>> {
        let records = self.store.get()?.records();
        let known = records.schemas()?.into_iter().map(|schema| (schema.uri, schema.area));
        let areas: HashMap<String, String> = known.collect();
        let now_ms = SystemClock.now_ms();
        let drafts = drafts.into_iter().map(|draft| draft.into_core(&areas, now_ms));
        let drafts = drafts.collect::<Result<Vec<_>>>()?;
        task::run(&cancel, async move {
            let added = records.add_many(drafts).await?;
            added.into_iter().map(Record::of).collect()
        })
        .await
    }

    /// Writes what the person changed about a record as one new revision. Earlier ones are kept; an edit that changes nothing
    /// writes none. A new body is typed by the person; labels and files leave the body and its source as they are.
    ///
    /// Errors: `NotFound`, `RecordInvalid` with the field and the rule, `DeliveredFiles` where somebody delivered the record
    /// and its files would be others than came with it, `Malformed`, `TooLarge`, `StorageFull`.
    pub async fn edit_record(&self, id: String, edit: RecordEdit, cancel: Arc<CancelHandle>) -> Result<Record> {
        let records = self.store.get()?.records();
        let (id, edit) = (record_id(&id)?, edit.into_core()?);
        task::run(&cancel, async move { Record::of(records.edit(id, edit).await?) }).await
    }

    /// A record at its current revision.
    pub async fn record(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Record> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Record::of(records.get(id).await?) }).await
    }

    /// All revisions of a record, oldest first.
    pub async fn record_revisions(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<Record>> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move {
            records.revisions(id).await?.into_iter().map(Record::of).collect()
        })
        .await
    }

    /// Records that the filter lets through, the last written first.
    pub async fn list_records(&self, filter: RecordFilter, cancel: Arc<CancelHandle>) -> Result<Vec<RecordSummary>> {
        let records = self.store.get()?.records();
        task::run(&cancel, async move {
            let listed = records.list(filter.into_core()).await?;
            Ok(listed.into_iter().map(RecordSummary::from).collect())
        })
        .await
    }

    /// One page of [`Person::list_records`], of `limit` records; the first where `page` is none, else the one that a page
    /// before it named as its `next`. Records that are written meanwhile are on a first page that is asked anew.
    pub async fn list_records_page(
        &self,
        filter: RecordFilter,
        page: Option<String>,
        limit: u32,
        cancel: Arc<CancelHandle>,
    ) -> Result<RecordPage> {
        let records = self.store.get()?.records();
        task::run(&cancel, async move {
            let before = page
                .map(|page| page.parse())
                .transpose()
                .map_err(kist_pds::Error::from)?;
            let found = records.list_page(filter.into_core(), before, limit).await?;
            let full = u32::try_from(found.len()).is_ok_and(|found| found == limit);
            let next = found.last().filter(|_| full).map(|last| last.time.to_string());
            Ok(RecordPage {
                records: found.into_iter().map(RecordSummary::from).collect(),
                next,
            })
        })
        .await
    }

    /// Finds records that have every word of `text`, the last as the beginning of a word. Best first.
    pub async fn search_records(
        &self,
        text: String,
        filter: RecordFilter,
        limit: u32,
        cancel: Arc<CancelHandle>,
    ) -> Result<Vec<SearchHit>> {
        let records = self.store.get()?.records();
        task::run(&cancel, async move {
            let hits = records.search(&text, filter.into_core(), limit).await?;
            Ok(hits.into_iter().map(SearchHit::from).collect())
        })
        .await
    }

    /// Deletes a record with all its revisions and its files.
    pub async fn delete_record(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.delete(id).await?) }).await
    }

    /// The types of record that this build knows.
    pub fn schemas(&self) -> Result<Vec<SchemaInfo>> {
        let known = self.store.get()?.records().schemas()?.into_iter();
        known
            .map(|info| {
                Ok(SchemaInfo {
                    schema: json::text(&info.schema)?,
                    uri: info.uri,
                    title: info.title,
                    description: info.description,
                    area: info.area,
                })
            })
            .collect()
    }
}

/// A record's id from its text. One that can't be an id names no record.
pub(crate) fn record_id(text: &str) -> Result<kist_pds::RecordId> {
    text.parse().map_err(|_| KistError::malformed("record id"))
}

/// A file's id from its text.
pub(crate) fn file_id(text: &str) -> Result<kist_pds::FileId> {
    text.parse().map_err(|_| KistError::malformed("file id"))
}

impl NewRecord {
    fn into_core(self, areas: &HashMap<String, String>, now_ms: i64) -> Result<RecordDraft> {
        let provenance = match self.imported_from {
            Some(from) => kist_pds::Provenance::imported(from, now_ms),
            None => kist_pds::Provenance::self_asserted(now_ms),
        };
        let usual = || {
            areas
                .get(&self.schema)
                .map_or(LifeArea::OTHER, String::as_str)
                .to_owned()
        };
        let area = self.area.unwrap_or_else(usual);
        let mut draft = RecordDraft::new(self.schema, area, json::read(&self.body)?, provenance);
        draft.tags = self.tags;
        draft.keep_violations = self.keep_violations;
        draft.files = self.files.iter().map(|id| file_id(id)).collect::<Result<_>>()?;
        Ok(draft)
    }
}

impl RecordEdit {
    fn into_core(self) -> Result<kist_pds::Edit> {
        let files = |ids: Vec<String>| ids.iter().map(|id| file_id(id)).collect::<Result<_>>();
        Ok(kist_pds::Edit {
            body: self.body.map(|body| json::read(&body)).transpose()?,
            area: self.area.map(LifeArea::new),
            tags: self.tags,
            attach: files(self.attach)?,
            detach: files(self.detach)?,
            keep_violations: self.keep_violations,
        })
    }
}

impl RecordFilter {
    fn into_core(self) -> kist_pds::Filter {
        let source = self.source.map(|source| match source {
            SourceFilter::SelfAsserted => kist_pds::SourceFilter::SelfAsserted,
            SourceFilter::Imported => kist_pds::SourceFilter::Imported,
            SourceFilter::Delivered => kist_pds::SourceFilter::Delivered,
            SourceFilter::DeliveredBy { organisation_id } => kist_pds::SourceFilter::DeliveredBy(organisation_id),
        });
        kist_pds::Filter {
            schemas: self.schemas,
            area: self.area.map(LifeArea::new),
            tag: self.tag,
            source,
            favourites: self.favourites,
            shown: match self.place {
                None | Some(RecordPlace::InSight) => kist_pds::Shown::InSight,
                Some(RecordPlace::Trash) => kist_pds::Shown::Trashed,
                Some(RecordPlace::Replaced) => kist_pds::Shown::Replaced,
                Some(RecordPlace::Anywhere) => kist_pds::Shown::Anywhere,
            },
            from_ms: self.from_ms,
            until_ms: self.until_ms,
        }
    }
}

impl Record {
    pub(crate) fn of(record: kist_pds::Record) -> Result<Self> {
        Ok(Record {
            id: record.id.to_string(),
            schema: record.schema,
            body: json::text(&record.body)?,
            provenance: record.provenance.into(),
            area: record.area.as_str().to_owned(),
            tags: record.tags,
            revision: record.revision,
            created_ms: record.created_ms,
            changed_ms: record.time.wall_ms(),
            files: record.files.into_iter().map(StoredFile::from).collect(),
            conflict: record.conflict,
            favourite: record.favourite,
            trashed: record.trashed,
            replaced: record.replaced,
        })
    }
}

impl From<kist_pds::RecordSummary> for RecordSummary {
    fn from(record: kist_pds::RecordSummary) -> Self {
        RecordSummary {
            id: record.id.to_string(),
            schema: record.schema,
            title: record.title,
            provenance: record.provenance.into(),
            area: record.area.as_str().to_owned(),
            tags: record.tags,
            revision: record.revision,
            created_ms: record.created_ms,
            changed_ms: record.time.wall_ms(),
            conflict: record.conflict,
            favourite: record.favourite,
            trashed: record.trashed,
            replaced: record.replaced,
        }
    }
}

impl From<kist_pds::Provenance> for Provenance {
    fn from(provenance: kist_pds::Provenance) -> Self {
        let (source, from, organisation_id, credential) = match provenance.source {
            Source::SelfAsserted => (SourceKind::SelfAsserted, None, None, None),
            Source::Imported { from } => (SourceKind::Imported, Some(from), None, None),
            Source::Delivered {
                by,
                organisation_id,
                credential,
            } => (SourceKind::Delivered, Some(by), Some(organisation_id), Some(credential)),
        };
        let verified_by = match provenance.verification {
            Verification::None => None,
            Verification::Signature { issuer } => Some(issuer),
        };
        Provenance {
            source,
            from,
            organisation_id,
            credential,
            verified_by,
            collected_ms: provenance.collected_ms,
        }
    }
}

impl From<kist_pds::FileRef> for StoredFile {
    fn from(file: kist_pds::FileRef) -> Self {
        StoredFile {
            id: file.id.to_string(),
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            sha256: file.digest.to_string(),
            modified_ms: file.modified_ms,
            has_thumbnail: file.has_thumbnail,
        }
    }
}

impl From<kist_pds::Hit> for SearchHit {
    fn from(hit: kist_pds::Hit) -> Self {
        let part = |part: kist_pds::SnippetPart| SnippetPart {
            text: part.text,
            matched: part.matched,
        };
        SearchHit {
            record: hit.record.into(),
            snippet: hit.snippet.into_iter().map(part).collect(),
            score: hit.score,
        }
    }
}
