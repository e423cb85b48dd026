//! Import: what comes from a file or a folder of another program, in two steps.
//!
//! [`read`] makes an [`ImportPlan`] and touches no store: the records with where each stands, and what is left out and why.
//! [`Import::plan`] does the same and marks what the store has already. [`Import::take`] puts what the person chose into the
//! store. docs/formats/import.md has the tables of what becomes what.

mod calendar;
mod columns;
mod contacts;
mod content_line;
mod csv;
mod dates;
mod detect;
mod fhir;
#[cfg(test)]
mod fhir_test;
mod folder;
mod journal;
mod json;
mod known;
mod plan;
mod take;
#[cfg(test)]
mod take_test;
#[cfg(test)]
mod tests;
mod text;
mod vcard;

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use kist_vault::schema;
use serde_json::json;

use crate::blocking::stop_on_drop;
use crate::home::Home;
use crate::{Error, Person, ProgressFn, Result, disk};

pub use contacts::CardOwner;
pub use dates::DateOrder;
pub use plan::{
    Attachment, Column, Columns, Format, ImportPlan, Known, MAX_RECORDS, MAX_REMARKS, Place, Planned, Reason, Remark,
};
pub use take::{ImportReport, Selection};

use plan::Collector;

/// The largest file that is read into records, in bytes. Larger ones can be attached as they are.
pub const MAX_SOURCE: u64 = 64 << 20;
/// The longest name of a file that is kept, in bytes.
const MAX_NAME: usize = 255;

/// What is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportSource {
    /// Bytes that the app has, with the name of their file.
    Bytes {
        /// The file's name, where it has one.
        name: Option<String>,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// A file or a folder on the disk.
    Path(PathBuf),
}

/// How to import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    /// The format; found by the content where it isn't given.
    pub format: Option<Format>,
    /// The schema's URI of JSON objects and rows; [`Format::ICalendar`] takes that of an appointment in place of events.
    pub schema: Option<String>,
    /// Whose vCards are.
    pub owner: CardOwner,
    /// What columns become in place of what is found, by their headers; `None` leaves a column out.
    pub columns: Vec<Column>,
    /// How to read dates that could be day first or month first.
    pub dates: Option<DateOrder>,
    /// Mappings that were used before: that of the same header is used again.
    pub remembered: Vec<Columns>,
    /// Labels for every record.
    pub tags: Vec<String>,
    /// Keep the file itself too, as a document.
    pub keep_original: bool,
}

/// Imports into a store.
#[derive(Clone)]
pub struct Import {
    pub(crate) home: Arc<Home>,
}

impl Person {
    /// What comes from files and folders of other programs.
    pub fn import(&self) -> Import {
        Import {
            home: Arc::clone(&self.home),
        }
    }
}

impl Import {
    /// Reads a source as [`read`] does, uses the mapping again that a table with the same header had, and marks what the
    /// store has already. Nothing is written.
    ///
    /// Errors: as [`read`], and those of reading the store.
    pub async fn plan(&self, source: ImportSource, mut options: ReadOptions) -> Result<ImportPlan> {
        self.home
            .blocking(move |home| {
                options.remembered.extend(journal::mappings(home)?);
                let mut plan = read(&source, &options)?;
                known::mark(home, &mut plan)?;
                Ok(plan)
            })
            .await
    }

    /// Reads a source and takes all that the store doesn't have yet.
    ///
    /// Errors: as [`Import::plan`] and [`Import::take`].
    pub async fn all(&self, source: ImportSource, options: ReadOptions) -> Result<ImportReport> {
        let plan = self.plan(source, options).await?;
        self.take(plan, Selection::default(), crate::no_progress()).await
    }

    /// Takes what was chosen of a plan. Records go in by batches of a thousand, each whole with its files; an import of
    /// one batch happens as a whole or not at all. Dropping the future stops it between two batches, or rolls back the one
    /// under way; importing the same source again takes what is missing, and nothing twice.
    ///
    /// `progress` gets the bytes of bodies and files so far, and of all.
    ///
    /// Errors: `Cancelled`, `StorageFull`, `Storage`, `NotFound` for a file that is gone from the disk.
    pub async fn take(&self, plan: ImportPlan, selection: Selection, progress: ProgressFn) -> Result<ImportReport> {
        let (_guard, stopped) = stop_on_drop();
        self.home
            .blocking(move |home| take::take(home, plan, &selection, &progress, &stopped))
            .await
    }
}

/// Reads a source into a plan. No store is touched, and nothing in the source makes it fail but its size: what can't be
/// read is left out and named.
///
/// Errors: `NotFound`, `Storage` for what the disk doesn't give, `TooLarge` for a file above [`MAX_SOURCE`] that is not to be
/// attached as it is.
pub fn read(source: &ImportSource, options: &ReadOptions) -> Result<ImportPlan> {
    match source {
        ImportSource::Bytes { name, bytes } => {
            check_size(bytes.len() as u64)?;
            let name = name.as_deref().map(|name| plan::shortened(name, MAX_NAME).to_owned());
            let format = chosen(options, bytes, name.as_deref());
            let original = original(options, name.clone(), || Attachment::Bytes {
                name: name.clone().unwrap_or_default(),
                bytes: Arc::from(bytes.as_slice()),
            });
            let mut found = Collector::new(format, name.clone());
            found.tags.clone_from(&options.tags);
            match format {
                Format::File | Format::Folder => {
                    let file = Attachment::Bytes {
                        name: name.unwrap_or_default(),
                        bytes: Arc::from(bytes.as_slice()),
                    };
                    document(file, Place::default(), &mut found);
                }
                _ => bytes_as(format, bytes, options, &mut found),
            }
            found.plan.original = original;
            Ok(found.plan)
        }
        ImportSource::Path(path) => {
            let metadata = std::fs::metadata(path).map_err(|error| disk::from_io(&error))?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.map(|name| plan::shortened(&name, MAX_NAME).to_owned());
            if metadata.is_dir() {
                let mut found = Collector::new(Format::Folder, name);
                found.tags.clone_from(&options.tags);
                folder::take(path, options, &mut found);
                return Ok(found.plan);
            }
            if !metadata.is_file() {
                return Err(Error::new("Malformed").with("what", "file"));
            }
            let file = Attachment::Path {
                name: name.clone().unwrap_or_default(),
                path: path.clone(),
                size: metadata.len(),
            };
            let head = folder::head(path).map_err(|error| disk::from_io(&error))?;
            let format = chosen(options, &head, name.as_deref());
            let mut found = Collector::new(format, name.clone());
            found.tags.clone_from(&options.tags);
            if matches!(format, Format::File | Format::Folder) {
                document(file, Place::default(), &mut found);
                return Ok(found.plan);
            }
            check_size(metadata.len())?;
            let mut bytes = Vec::new();
            let opened = File::open(path).and_then(|file| file.take(MAX_SOURCE + 1).read_to_end(&mut bytes));
            opened.map_err(|error| disk::from_io(&error))?;
            check_size(bytes.len() as u64)?;
            bytes_as(format, &bytes, options, &mut found);
            found.plan.original = original(options, name, || file);
            Ok(found.plan)
        }
    }
}

fn chosen(options: &ReadOptions, head: &[u8], name: Option<&str>) -> Format {
    options.format.unwrap_or_else(|| detect::format(head, name))
}

fn original(options: &ReadOptions, name: Option<String>, file: impl FnOnce() -> Attachment) -> Option<Attachment> {
    (options.keep_original && name.is_some()).then(file)
}

fn check_size(size: u64) -> Result<()> {
    match size > MAX_SOURCE {
        true => Err(Error::new("TooLarge").with("what", "file").with("limit", MAX_SOURCE)),
        false => Ok(()),
    }
}

/// Adds what a file of this format has.
fn bytes_as(format: Format, bytes: &[u8], options: &ReadOptions, found: &mut Collector) {
    let text = text::decode(bytes, found);
    match format {
        Format::VCard => {
            for card in vcard::cards(&text, found) {
                contacts::take(&card, options.owner, found);
            }
        }
        Format::ICalendar => calendar::take(&text, options.schema.as_deref(), found),
        Format::Csv => table(&text, options, found),
        Format::Fhir => fhir::take(&text, found),
        Format::Json => {
            for (place, value) in json::values(&text, found) {
                json::take(place, value, options.schema.as_deref(), found);
            }
        }
        Format::File | Format::Folder => {}
    }
}

fn table(text: &str, options: &ReadOptions, found: &mut Collector) {
    let rows = csv::rows(text, None, found);
    let Some(header) = rows.first().map(|row| row.values.as_slice()) else {
        return;
    };
    let same = |known: &&Columns| known.columns.iter().map(|column| &column.header).eq(header);
    let remembered = options.remembered.iter().find(same);
    let remembered = remembered.filter(|known| options.schema.is_none() || options.schema == known.schema);
    let mut columns = match remembered {
        Some(known) => known.clone(),
        None => columns::suggest(header, options.schema.as_deref()),
    };
    columns.dates = options.dates.or(columns.dates);
    for chosen in &options.columns {
        if let Some(column) = columns.columns.iter_mut().find(|column| column.header == chosen.header) {
            column.member.clone_from(&chosen.member);
        }
    }
    if columns.columns.iter().all(|column| column.member.is_none()) {
        found.leave_out(Place::line(1), "", Reason::NoMapping);
        found.plan.columns = Some(columns);
        return;
    }
    columns::take(&rows, columns, found);
}

/// Adds a file as a document, attached as it is.
fn document(file: Attachment, place: Place, found: &mut Collector) {
    let title = if file.name().is_empty() { "file" } else { file.name() };
    if let Some(planned) = found.record(place, schema::DOCUMENT, json!({ "title": title })) {
        planned.format = Format::File;
        planned.attachments = vec![file];
    }
}
