//! Import: files and folders of other programs, read into a preview, and taken as the person chooses.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kist_pds::{ImportSource, Known, ReadOptions, Selection};

use crate::error::{ErrorParameter, Result};
use crate::progress::told;
use crate::{CancelHandle, KistError, Person, ProgressListener, json, task};

/// Whose a vCard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum CardOwner {
    /// The person's own: name, birth date, addresses and so on become records of their own.
    Mine,
    /// Somebody else's: one contact.
    Contact,
}

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ImportFormat {
    /// vCard 2.1, 3.0 and 4.0.
    VCard,
    /// iCalendar.
    ICalendar,
    /// A table of separated values.
    Csv,
    /// JSON: an object, an array of them, or one a line.
    Json,
    /// FHIR R4 as JSON.
    Fhir,
    /// A file that is attached as it is.
    File,
    /// A folder, each file by its kind.
    Folder,
}

/// Whether `03/04/2026` is in April or in March.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ImportDateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// A column of a table, with what it becomes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ImportColumn {
    /// As the table's header has it.
    pub header: String,
    /// The member that it becomes, as a path such as `phones/0/value`; none leaves it out.
    pub member: Option<String>,
}

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ImportHow {
    /// The format; found by the content where it isn't given.
    #[uniffi(default = None)]
    pub format: Option<ImportFormat>,
    /// The schema's URI of JSON objects and of a table's rows.
    #[uniffi(default = None)]
    pub schema: Option<String>,
    /// The vCards are the person's own.
    #[uniffi(default = false)]
    pub mine: bool,
    /// What columns become in place of what is found.
    #[uniffi(default = [])]
    pub columns: Vec<ImportColumn>,
    /// How to read dates that could be either way.
    #[uniffi(default = None)]
    pub dates: Option<ImportDateOrder>,
    /// Labels for every record.
    #[uniffi(default = [])]
    pub tags: Vec<String>,
    /// Keep the file itself too, as a document.
    #[uniffi(default = false)]
    pub keep_original: bool,
}

/// Something that is left out, or that is taken and to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ImportRemark {
    /// The file within an imported folder.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// Which card, component, row or object of the file, from 1.
    pub index: Option<u64>,
    /// A JSON pointer.
    pub pointer: Option<String>,
    /// The property, column or member; empty for the whole.
    pub field: String,
    /// Why: a code that the catalogues have a sentence for.
    pub reason: String,
}

/// A record that would be taken.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PlannedRecord {
    /// The file within an imported folder.
    pub file: Option<String>,
    /// Its first line in the file, from 1.
    pub line: Option<u64>,
    /// The schema's URI.
    pub schema: String,
    /// A few words that name it.
    pub title: String,
    /// The body, as JSON.
    pub body: String,
    /// The names of the files that go with it.
    pub files: Vec<String>,
    /// The members that break its schema, as JSON pointers: they are left out.
    pub violations: Vec<String>,
    /// The record that it is already, and so isn't taken again.
    pub already: Option<String>,
    /// A record about the same thing; both are kept.
    pub similar: Option<String>,
}

/// What an import would take and what not.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ImportPlan {
    /// The format that was found or asked for.
    pub format: ImportFormat,
    /// The records in order; the selection names them by their place here.
    pub records: Vec<PlannedRecord>,
    /// What isn't taken, and why.
    pub left_out: Vec<ImportRemark>,
    /// What is taken and to be looked at.
    pub warnings: Vec<ImportRemark>,
    /// How many more remarks there are.
    pub more_remarks: u64,
    /// A table's columns with what they become.
    pub columns: Vec<ImportColumn>,
}

/// What an import took, and what it didn't.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ImportReport {
    /// The records that were added.
    pub added: Vec<String>,
    /// How many records the store had already.
    pub already_there: u64,
    /// What was left out, and why.
    pub left_out: Vec<ImportRemark>,
    /// What was taken and is to be looked at.
    pub warnings: Vec<ImportRemark>,
    /// How many more remarks there are.
    pub more_remarks: u64,
}

/// An import that was read and waits for the person's choice.
#[derive(uniffi::Object)]
pub struct ImportPreview {
    import: kist_pds::Import,
    plan: Mutex<Option<kist_pds::ImportPlan>>,
}

#[uniffi::export]
impl ImportPreview {
    /// What would be taken and what not. `NotFound` once it was taken.
    pub fn plan(&self) -> Result<ImportPlan> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        shown(plan.as_ref().ok_or_else(taken)?)
    }

    /// Takes the records but for those at these places of the plan; with `again` those too that are there already. Cancelled,
    /// the batch under way is rolled back; importing the same source again takes what is missing.
    ///
    /// Errors: `NotFound` once it was taken, or for a file that is gone; `Cancelled`, `StorageFull`, `Storage`.
    pub async fn take(
        &self,
        without: Vec<u64>,
        again: bool,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<ImportReport> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (import, plan) = (self.import.clone(), plan.ok_or_else(taken)?);
        let without = without.into_iter().filter_map(|at| usize::try_from(at).ok()).collect();
        let selection = Selection {
            without,
            again,
            ..Selection::default()
        };
        task::run(&cancel, async move {
            Ok(import.take(plan, selection, told(listener)).await?.into())
        })
        .await
    }
}

fn taken() -> KistError {
    KistError::of("NotFound", vec![ErrorParameter::word("what", "import")])
}

#[uniffi::export]
impl Person {
    /// Reads the file or folder at `path`; nothing is written until the preview is taken.
    ///
    /// Errors: `NotFound`, `TooLarge`, `Storage`.
    pub async fn preview_import(
        &self,
        path: String,
        how: ImportHow,
        cancel: Arc<CancelHandle>,
    ) -> Result<Arc<ImportPreview>> {
        preview(
            self.store.get()?.import(),
            ImportSource::Path(PathBuf::from(path)),
            how.into(),
            &cancel,
        )
        .await
    }

    /// Reads bytes that the app has, with their file's name.
    pub async fn preview_import_of_bytes(
        &self,
        name: Option<String>,
        bytes: Vec<u8>,
        how: ImportHow,
        cancel: Arc<CancelHandle>,
    ) -> Result<Arc<ImportPreview>> {
        preview(
            self.store.get()?.import(),
            ImportSource::Bytes { name, bytes },
            how.into(),
            &cancel,
        )
        .await
    }

    /// Imports a file of vCards at once: what the store doesn't have yet.
    pub async fn import_vcard(
        &self,
        bytes: Vec<u8>,
        owner: CardOwner,
        cancel: Arc<CancelHandle>,
    ) -> Result<ImportReport> {
        let options = ReadOptions {
            format: Some(kist_pds::Format::VCard),
            owner: match owner {
                CardOwner::Mine => kist_pds::CardOwner::Mine,
                CardOwner::Contact => kist_pds::CardOwner::Contact,
            },
            ..ReadOptions::default()
        };
        all(self.store.get()?.import(), bytes, options, &cancel).await
    }

    /// Imports a JSON object, an array of them, or one a line, each a record of `schema`, at once.
    pub async fn import_json(
        &self,
        bytes: Vec<u8>,
        schema: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<ImportReport> {
        let options = ReadOptions {
            format: Some(kist_pds::Format::Json),
            schema,
            ..ReadOptions::default()
        };
        all(self.store.get()?.import(), bytes, options, &cancel).await
    }
}

async fn preview(
    import: kist_pds::Import,
    source: ImportSource,
    options: ReadOptions,
    cancel: &CancelHandle,
) -> Result<Arc<ImportPreview>> {
    task::run(cancel, async move {
        let plan = Mutex::new(Some(import.plan(source, options).await?));
        Ok(Arc::new(ImportPreview { import, plan }))
    })
    .await
}

async fn all(
    import: kist_pds::Import,
    bytes: Vec<u8>,
    options: ReadOptions,
    cancel: &CancelHandle,
) -> Result<ImportReport> {
    let source = ImportSource::Bytes { name: None, bytes };
    task::run(cancel, async move { Ok(import.all(source, options).await?.into()) }).await
}

fn shown(plan: &kist_pds::ImportPlan) -> Result<ImportPlan> {
    let records = plan.records.iter().map(|planned| {
        Ok(PlannedRecord {
            file: planned.place.file.clone(),
            line: planned.place.line.map(|line| line as u64),
            schema: planned.schema.clone(),
            title: planned.title.clone(),
            body: json::text(&planned.body)?,
            files: planned.attachments.iter().map(|file| file.name().to_owned()).collect(),
            violations: planned
                .violations
                .iter()
                .map(|violation| violation.field.clone())
                .collect(),
            already: match planned.known {
                Known::There(id) => Some(id.to_string()),
                _ => None,
            },
            similar: match planned.known {
                Known::Similar(id) => Some(id.to_string()),
                _ => None,
            },
        })
    });
    let columns = plan.columns.iter().flat_map(|columns| &columns.columns);
    Ok(ImportPlan {
        format: plan.format.into(),
        records: records.collect::<Result<_>>()?,
        left_out: remarks(&plan.left_out),
        warnings: remarks(&plan.warnings),
        more_remarks: plan.more_remarks as u64,
        columns: columns
            .map(|column| ImportColumn {
                header: column.header.clone(),
                member: column.member.clone(),
            })
            .collect(),
    })
}

fn remarks(remarks: &[kist_pds::import::Remark]) -> Vec<ImportRemark> {
    let remark = |remark: &kist_pds::import::Remark| ImportRemark {
        file: remark.place.file.clone(),
        line: remark.place.line.map(|line| line as u64),
        index: remark.place.index.map(|index| index as u64),
        pointer: remark.place.pointer.clone(),
        field: remark.field.clone(),
        reason: remark.reason.code(),
    };
    remarks.iter().map(remark).collect()
}

impl From<kist_pds::ImportReport> for ImportReport {
    fn from(report: kist_pds::ImportReport) -> Self {
        ImportReport {
            added: report.added.iter().map(ToString::to_string).collect(),
            already_there: report.already_there as u64,
            left_out: remarks(&report.left_out),
            warnings: remarks(&report.warnings),
            more_remarks: report.more_remarks as u64,
        }
    }
}

impl From<kist_pds::Format> for ImportFormat {
    fn from(format: kist_pds::Format) -> Self {
        use kist_pds::Format as F;
        match format {
            F::VCard => ImportFormat::VCard,
            F::ICalendar => ImportFormat::ICalendar,
            F::Csv => ImportFormat::Csv,
            F::Json => ImportFormat::Json,
            F::Fhir => ImportFormat::Fhir,
            F::File => ImportFormat::File,
            F::Folder => ImportFormat::Folder,
        }
    }
}

impl From<ImportFormat> for kist_pds::Format {
    fn from(format: ImportFormat) -> Self {
        use kist_pds::Format as F;
        match format {
            ImportFormat::VCard => F::VCard,
            ImportFormat::ICalendar => F::ICalendar,
            ImportFormat::Csv => F::Csv,
            ImportFormat::Json => F::Json,
            ImportFormat::Fhir => F::Fhir,
            ImportFormat::File => F::File,
            ImportFormat::Folder => F::Folder,
        }
    }
}

impl From<ImportHow> for ReadOptions {
    fn from(how: ImportHow) -> Self {
        let columns = how.columns.into_iter().map(|column| kist_pds::Column {
            header: column.header,
            member: column.member,
        });
        ReadOptions {
            format: how.format.map(Into::into),
            schema: how.schema,
            owner: match how.mine {
                true => kist_pds::CardOwner::Mine,
                false => kist_pds::CardOwner::Contact,
            },
            columns: columns.collect(),
            dates: how.dates.map(|dates| match dates {
                ImportDateOrder::DayFirst => kist_pds::DateOrder::DayFirst,
                ImportDateOrder::MonthFirst => kist_pds::DateOrder::MonthFirst,
            }),
            remembered: Vec::new(),
            tags: how.tags,
            keep_original: how.keep_original,
        }
    }
}
