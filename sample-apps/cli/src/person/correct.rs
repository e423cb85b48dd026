//! Correcting a record: its fields, its labels and its files.

use kist_pds::{Edit, FileId, FileMeta, LifeArea, Person, Record};
use serde_json::Value;

use super::records::{find, page};
use crate::arguments::CorrectArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::progress::Bar;
use crate::ui::Ui;

/// Corrects a record, all in one new version.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: CorrectArgs) -> Result<()> {
    let id = find(person, &arguments.id).await?;
    let current = person.records().get(id).await?;
    let edit = Edit {
        body: body(person, &current, &arguments)?,
        area: arguments.area.as_deref().map(LifeArea::new),
        tags: tags(&current, &arguments)?,
        attach: Vec::new(),
        detach: files(&current, &arguments.detach)?,
        keep_violations: arguments.keep_anyway,
    };
    let mut documents = Vec::new();
    let corrected = write(ui, person, &current, edit, &arguments, &mut documents).await;
    // A file comes in as a document of its own: the record has it now, or nothing shall.
    for document in documents {
        person.records().delete(document.id).await?;
    }
    let record = corrected?;
    ui.result(&record, |ui| page(ui, &record));
    Ok(())
}

async fn write(
    ui: &Ui,
    person: &Person,
    current: &Record,
    mut edit: Edit,
    arguments: &CorrectArgs,
    documents: &mut Vec<Record>,
) -> Result<Record> {
    for path in &arguments.attach {
        let bar = Bar::new(ui, "progress.import");
        let document = person.files().attach(path, FileMeta::default(), bar.report()).await?;
        edit.attach.extend(document.files.iter().map(|file| file.id));
        documents.push(document);
    }
    Ok(person.records().edit(current.id, edit).await?)
}

/// The new body; `None` where no field was named.
fn body(person: &Person, current: &Record, arguments: &CorrectArgs) -> Result<Option<Value>> {
    if let Some(file) = &arguments.from {
        return input::json(file).map(Some);
    }
    if arguments.fields.is_empty() && arguments.remove.is_empty() {
        return Ok(None);
    }
    let known = person.records().schemas()?;
    let schema = known.iter().find(|schema| schema.uri == current.schema);
    let form = schema.map_or(&Value::Null, |schema| &schema.schema);
    let mut body = current.body.as_object().cloned().unwrap_or_default();
    for name in &arguments.remove {
        let missing = || Failure::own("BadField").with("field", name);
        body.remove(name).ok_or_else(missing)?;
    }
    input::set_fields(&mut body, form, &arguments.fields)?;
    Ok(Some(Value::Object(body)))
}

/// The labels that it is to have; `None` where none was named.
fn tags(current: &Record, arguments: &CorrectArgs) -> Result<Option<Vec<String>>> {
    if arguments.tags.is_empty() && arguments.untag.is_empty() {
        return Ok(None);
    }
    let mut tags = current.tags.clone();
    for tag in &arguments.untag {
        let place = tags.iter().position(|known| known == tag);
        tags.remove(place.ok_or_else(|| Failure::own("UnknownId").with("id", tag))?);
    }
    for tag in &arguments.tags {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    Ok(Some(tags))
}

/// The files of a record with these names.
fn files(current: &Record, names: &[String]) -> Result<Vec<FileId>> {
    let named = |name: &String| {
        let file = current.files.iter().find(|file| file.name == *name);
        Ok(file.ok_or_else(|| Failure::own("UnknownId").with("id", name))?.id)
    };
    names.iter().map(named).collect()
}
