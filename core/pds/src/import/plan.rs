//! What an import would take and what not: the preview that a person sees before anything is written.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use kist_vault::schema::{self, Violation};
use kist_vault::{LifeArea, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dates::DateOrder;

/// The most records of one import.
pub const MAX_RECORDS: usize = 100_000;
/// The most things that are named one by one as left out or doubtful; further ones are counted.
pub const MAX_REMARKS: usize = 10_000;
/// The longest name of a field in a remark, in bytes.
const MAX_FIELD_NAME: usize = 200;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).
    VCard,
    /// iCalendar (RFC 5545).
    ICalendar,
    /// Separated values (RFC 4180).
    Csv,
    /// JSON: an object, an array of them, or one a line.
    Json,
    /// FHIR R4 as JSON: a bundle, a resource, or one a line.
    Fhir,
    /// A file that is attached as it is.
    File,
    /// A folder, each file by its kind.
    Folder,
}

impl Format {
    /// A stable name: `vcard`, `icalendar`, `csv`, `json`, `fhir`, `file`, `folder`.
    pub fn code(self) -> &'static str {
        match self {
            Format::VCard => "vcard",
            Format::ICalendar => "icalendar",
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Fhir => "fhir",
            Format::File => "file",
            Format::Folder => "folder",
        }
    }
}

/// Where something stands in what is imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file within an imported folder: its path there, with `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Which card, component, row or object of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// A JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Place {
    pub(super) fn line(line: usize) -> Self {
        Place {
            line: Some(line),
            ..Place::default()
        }
    }

    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    pub(super) fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}

/// Why something is left out, or is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Reason {
    /// No record has a place for it.
    NoPlace,
    /// It can't be read.
    Malformed,
    /// It breaks a rule of the record that it would stand in.
    BreaksRule,
    /// It is larger than what is taken.
    TooLarge,
    /// There are more than are taken.
    TooMany,
    /// It is nested or lies deeper than what is taken.
    TooDeep,
    /// It begins and doesn't end.
    Unfinished,
    /// No column of the file could be given a member of a record.
    NoMapping,
    /// A column that no member was found for.
    ColumnNotMapped,
    /// A row has more values than there are columns.
    ColumnMissing,
    /// Dates could be day first or month first, and nothing says which.
    DateOrderUnknown,
    /// It is about another person than the first.
    OtherPerson,
    /// Its author says that it was entered in error.
    EnteredInError,
    /// A hidden file.
    Hidden,
    /// A symbolic link, which is not followed.
    Link,
    /// Neither a file nor a folder.
    NotAFile,
    /// The disk didn't give it.
    Unreadable,
    /// The text is in no encoding of Unicode, and was read as Latin-1.
    ReadAsLatin1,
    /// Only a part of a date is known, and the member asks for a whole one.
    DatePartial,
}

impl Reason {
    /// A stable code, such as `NoPlace`.
    pub fn code(self) -> String {
        format!("{self:?}")
    }
}

/// Something that is left out, or that is taken and to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Where it stands.
    pub place: Place,
    /// The property, column, member or file that it is about; empty for the whole.
    pub field: String,
    /// Why.
    pub reason: Reason,
}

/// A file that will be attached to a record.
#[derive(Clone, PartialEq, Eq)]
pub enum Attachment {
    /// Carried by what is imported, such as a picture of a card.
    Bytes {
        /// Its name.
        name: String,
        /// What is in it.
        bytes: Arc<[u8]>,
    },
    /// A file on the disk, read when it is taken.
    Path {
        /// Its name.
        name: String,
        /// Where it lies.
        path: PathBuf,
        /// Its size in bytes when it was looked at.
        size: u64,
    },
}

impl Attachment {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Attachment::Bytes { name, .. } | Attachment::Path { name, .. } => name,
        }
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Attachment::Bytes { bytes, .. } => bytes.len() as u64,
            Attachment::Path { size, .. } => *size,
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({} bytes)", self.size())
    }
}

/// What the store has of a record that would be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known {
    /// Nothing.
    #[default]
    New,
    /// It was imported before, or stands there word for word: it isn't taken again.
    There(RecordId),
    /// Another record about the same thing; both are kept, and the person can settle it.
    Similar(RecordId),
}

/// A record that would be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Where it stands in what is imported.
    pub place: Place,
    /// The format that it was read from.
    pub format: Format,
    /// The schema's URI.
    pub schema: String,
    /// The part of life.
    pub area: String,
    /// A few words that name it; empty where nothing in it does.
    pub title: String,
    /// The record's body.
    pub body: Value,
    /// Labels.
    pub tags: Vec<String>,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// What in the body breaks its schema. Unless the person keeps it, such members are left out, or the whole record where
    /// it can't do without them.
    pub violations: Vec<Violation>,
    /// What the store has of it.
    pub known: Known,
}

/// A mapping of a table's columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The schema's URI of the records; `None` where none fits and none was chosen.
    pub schema: Option<String>,
    /// Each column of the header with what it becomes, in order.
    pub columns: Vec<Column>,
    /// How dates are to be read that could be either way.
    pub dates: Option<DateOrder>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// As the header has it.
    pub header: String,
    /// The member that it becomes, as a path such as `given_name` or `phones/0/value`; `None` leaves it out.
    pub member: Option<String>,
}

/// What an import would take and what not.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportPlan {
    /// The format: as asked for, or as found.
    pub format: Format,
    /// The file's or folder's name, where there is one.
    pub name: Option<String>,
    /// The records, in the order of the source.
    pub records: Vec<Planned>,
    /// What isn't taken, and why.
    pub left_out: Vec<Remark>,
    /// What is taken and to be looked at.
    pub warnings: Vec<Remark>,
    /// How many more remarks there are than are listed.
    pub more_remarks: usize,
    /// The columns of a CSV file with what each becomes: to be shown, changed, and given back with the options.
    pub columns: Option<Columns>,
    /// The file itself, where it is kept as a document.
    pub original: Option<Attachment>,
}

/// Collects what a reader finds, within bounds.
pub(super) struct Collector {
    pub(super) plan: ImportPlan,
    pub(super) tags: Vec<String>,
    file: Option<String>,
}

impl Collector {
    pub(super) fn new(format: Format, name: Option<String>) -> Self {
        Collector {
            plan: ImportPlan {
                format,
                name,
                records: Vec::new(),
                left_out: Vec::new(),
                warnings: Vec::new(),
                more_remarks: 0,
                columns: None,
                original: None,
            },
            tags: Vec::new(),
            file: None,
        }
    }

    /// From here on everything stands in this file of a folder, and is read from this format.
    pub(super) fn enter(&mut self, file: String, format: Format) -> Format {
        self.file = Some(file);
        std::mem::replace(&mut self.plan.format, format)
    }

    /// Adds a record; says whether there was room for it.
    pub(super) fn record(&mut self, place: Place, schema: &str, body: Value) -> Option<&mut Planned> {
        if self.plan.records.len() >= MAX_RECORDS {
            self.leave_out(place, "", Reason::TooMany);
            return None;
        }
        let tags = self.tags.clone();
        let place = self.placed(place);
        self.plan.records.push(Planned {
            place,
            format: self.plan.format,
            area: schema::area(schema).unwrap_or(LifeArea::OTHER).to_owned(),
            title: title(schema, &body),
            violations: schema::violations(schema, &body),
            schema: schema.to_owned(),
            body,
            tags,
            attachments: Vec::new(),
            known: Known::New,
        });
        self.plan.records.last_mut()
    }

    pub(super) fn leave_out(&mut self, place: Place, field: &str, reason: Reason) {
        let remark = self.remark(place, field, reason);
        match self.plan.left_out.len() < MAX_REMARKS {
            true => self.plan.left_out.push(remark),
            false => self.plan.more_remarks += 1,
        }
    }

    pub(super) fn warn(&mut self, place: Place, field: &str, reason: Reason) {
        let remark = self.remark(place, field, reason);
        match self.plan.warnings.len() < MAX_REMARKS {
            true => self.plan.warnings.push(remark),
            false => self.plan.more_remarks += 1,
        }
    }

    fn remark(&self, place: Place, field: &str, reason: Reason) -> Remark {
        Remark {
            place: self.placed(place),
            field: shortened(field, MAX_FIELD_NAME).to_owned(),
            reason,
        }
    }

    fn placed(&self, mut place: Place) -> Place {
        place.file = place.file.or_else(|| self.file.clone());
        place
    }
}

/// The beginning of a text, at most so many bytes.
pub(super) fn shortened(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The values of the members that name a record.
fn title(uri: &str, body: &Value) -> String {
    let Some(schema) = schema::schema(uri) else {
        return String::new();
    };
    let members = schema.title_members().into_iter();
    let words: Vec<&str> = members.filter_map(|member| body.get(member)?.as_str()).collect();
    shortened(&words.join(" "), 200).to_owned()
}

/// The body without what breaks the schema; `None` where it still breaks it then. Second: the members that went.
pub(super) fn without_violations(planned: &Planned) -> (Option<Value>, Vec<String>) {
    let mut body = planned.body.clone();
    let mut gone = Vec::new();
    // From the last on, so that the indexes before it stay right.
    for violation in planned.violations.iter().rev() {
        if remove(&mut body, &violation.field) {
            gone.push(violation.field.clone());
        }
    }
    gone.reverse();
    let sound = body.is_object() && schema::violations(&planned.schema, &body).is_empty();
    (sound.then_some(body), gone)
}

fn remove(body: &mut Value, pointer: &str) -> bool {
    let Some((outer, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match body.pointer_mut(outer) {
        Some(Value::Object(members)) => members.remove(&name).is_some(),
        Some(Value::Array(items)) => match name.parse::<usize>() {
            Ok(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
