//! Data layer: the encrypted store of records, schemas, files, search and change log.
//!
//! A [`Vault`] is a folder: a database of sealed pages, and attached files as sealed chunks. It keeps *records* (data of
//! the person: any JSON under a schema, with provenance and revisions), *files*, and *kept items* of other layers.
//! Everything a vault changes can be taken in by another ([`Vault::changes_after`], [`Vault::apply`]).
//! Times come in as milliseconds since 1970 UTC. docs/formats/vault.md describes what is stored.

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod changes;
mod curation;
mod deferred;
#[cfg(test)]
mod deletion_test;
mod error;
mod files;
mod ids;
mod kept;
mod log;
mod migration;
#[cfg(test)]
mod opening_test;
mod record;
mod records;
mod rekey;
pub mod schema;
mod snapshot;
mod time;
mod transaction;
mod vault;
mod vfs;

pub use changes::{Change, ChangeSet, MAX_CHANGE, MAX_KEPT, Revision, UnknownChange};
pub use curation::{
    Candidate, ComparedMember, Conflict, ConflictKind, Date, Difference, FieldView, FilledField, FilledForm, Form,
    FormField, Freshness, HistoryEntry, MAX_FORM_FIELDS, MAX_NOTE, MAX_SIDES, Mark, Marks, MemberChange, Reminder,
    Settlement, Side, SideId, TRASH_DAYS, Want,
};
pub use error::{Error, Part, Result, Rule};
pub use files::{
    ChunkInfo, FileMeta, FileReader, FileRef, FileSpace, FileUse, MAX_CHUNK, MAX_FILE, MAX_FILE_NAME, MAX_THUMBNAIL,
    Manifest, Thumbnail, detect_media_type,
};
pub use ids::{ChunkId, Digest, FileId, RecordId};
pub use kept::{LOCAL, OWN};
pub use record::{
    Content, Correction, Edit, Filter, LifeArea, MAX_BODY, MAX_LABELS, MAX_NAME, Provenance, Record, RecordDraft,
    RecordSummary, Shown, Source, SourceFilter, Verification,
};
pub use records::facets::{Facets, OrganisationFacet};
pub use records::search::{Hit, SnippetPart};
pub use snapshot::{Counts, Snapshot};
pub use time::HybridTime;
pub use transaction::Transaction;
pub use vault::Vault;
