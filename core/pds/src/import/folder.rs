//! A folder: each file by its kind. What has records in it is read, everything else attached as a document; the folder that
//! a file lies in becomes a label.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use kist_vault::LifeArea;

use super::plan::{Attachment, Collector, Format, Place, Reason, shortened};
use super::{MAX_SOURCE, ReadOptions, bytes_as, columns, csv, detect, document, fhir, json, text};

/// How deep folders are looked into.
pub(super) const MAX_DEPTH: usize = 16;
/// The most files.
pub(super) const MAX_FILES: usize = 10_000;
/// The longest label that a folder becomes, in bytes.
const MAX_TAG: usize = 200;
/// How much text of a folder's files is read into records, in bytes; files beyond it are attached as they are.
const MAX_READ: u64 = 2 * MAX_SOURCE;

/// What is left to be taken of a folder.
struct Walk<'a> {
    options: &'a ReadOptions,
    files: usize,
    read: u64,
}

/// Adds what a folder has. Hidden files and symbolic links are left out.
pub(super) fn take(folder: &Path, options: &ReadOptions, found: &mut Collector) {
    let mut walk = Walk {
        options,
        files: 0,
        read: 0,
    };
    walk.folder(folder, "", 0, found);
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, below: &str, depth: usize, found: &mut Collector) {
        let listed = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let Ok(mut entries) = listed else {
            found.leave_out(in_folder(below), "", Reason::Unreadable);
            return;
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if below.is_empty() {
                name.clone()
            } else {
                format!("{below}/{name}")
            };
            let at = in_folder(&path);
            // Of the entry itself: a link is not followed.
            let Ok(kind) = entry.file_type() else {
                found.leave_out(at, "", Reason::Unreadable);
                continue;
            };
            if name.starts_with('.') {
                found.leave_out(at, "", Reason::Hidden);
            } else if kind.is_symlink() {
                found.leave_out(at, "", Reason::Link);
            } else if kind.is_dir() && depth >= MAX_DEPTH {
                found.leave_out(at, "", Reason::TooDeep);
            } else if kind.is_dir() {
                self.folder(&entry.path(), &path, depth + 1, found);
            } else if !kind.is_file() {
                found.leave_out(at, "", Reason::NotAFile);
            } else if self.files >= MAX_FILES {
                found.leave_out(at, "", Reason::TooMany);
            } else {
                self.files += 1;
                let tags = found.tags.clone();
                found.tags.extend(
                    Some(below)
                        .filter(|below| !below.is_empty())
                        .map(|below| shortened(below, MAX_TAG).to_owned()),
                );
                self.file(&entry.path(), path, name, found);
                found.tags = tags;
            }
        }
    }

    fn file(&mut self, path: &Path, below: String, name: String, found: &mut Collector) {
        let looked_at = fs::symlink_metadata(path).and_then(|metadata| Ok((metadata.len(), head(path)?)));
        let Ok((size, head)) = looked_at else {
            found.leave_out(in_folder(&below), "", Reason::Unreadable);
            return;
        };
        let format = detect::format(&head, Some(&name));
        let whole = self.read.saturating_add(size);
        let before = found.enter(below.clone(), format);
        let bytes = (format != Format::File && size <= MAX_SOURCE && whole <= MAX_READ).then(|| bytes_of(path));
        match bytes {
            Some(Ok(bytes)) if self.has_records(format, &bytes) => {
                self.read = whole;
                bytes_as(format, &bytes, self.options, found);
            }
            Some(Err(_)) => found.leave_out(in_folder(&below), "", Reason::Unreadable),
            _ => {
                let file = Attachment::Path {
                    name: shortened(&name, super::MAX_NAME).to_owned(),
                    path: path.to_owned(),
                    size,
                };
                document(file, in_folder(&below), found);
                if let Some(planned) = found.plan.records.last_mut() {
                    LifeArea::OTHER.clone_into(&mut planned.area);
                }
            }
        }
        found.enter(below, before);
    }

    /// Whether a file says by itself what its records are; a table or JSON that doesn't is a document.
    fn has_records(&self, format: Format, bytes: &[u8]) -> bool {
        let mut scratch = Collector::new(format, None);
        match format {
            Format::Csv => {
                let text = text::decode(bytes, &mut scratch);
                let rows = csv::rows(&text, None, &mut scratch);
                let header = rows.first().map(|row| row.values.as_slice()).unwrap_or_default();
                let schema = self.options.schema.as_deref();
                rows.len() > 1 && columns::suggest(header, schema).schema.is_some()
            }
            Format::Json if self.options.schema.is_none() => {
                let text = text::decode(bytes, &mut scratch);
                let values = json::values(&text, &mut scratch);
                !values.is_empty() && values.iter().all(|(_, value)| json::names_its_schema(value))
            }
            Format::Fhir => {
                let text = text::decode(bytes, &mut scratch);
                let values = json::values(&text, &mut scratch);
                !values.is_empty() && values.iter().all(|(_, value)| fhir::is_resource(value))
            }
            _ => true,
        }
    }
}

fn in_folder(path: &str) -> Place {
    Place {
        file: Some(path.to_owned()),
        ..Place::default()
    }
}

/// The beginning of a file.
pub(super) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?
        .take(detect::LOOKED_AT as u64)
        .read_to_end(&mut head)?;
    Ok(head)
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_SOURCE).read_to_end(&mut bytes)?;
    Ok(bytes)
}
