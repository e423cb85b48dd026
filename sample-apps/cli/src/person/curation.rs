//! Marks, confirmations, and the trash.

use kist_pds::{Filter, Person, RecordId, Shown};
use serde_json::json;

use super::records::{find, summary};
use super::show::{label, member, named};
use crate::arguments::{ConfirmArgs, MarkArgs, TrashArgs};
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Marks a record as a favourite or not, and sets its note.
pub(crate) async fn mark(ui: &Ui, person: &Person, arguments: MarkArgs) -> Result<()> {
    let id = find(person, &arguments.id).await?;
    let records = person.records();
    if arguments.favourite || arguments.no_favourite {
        records.set_favourite(id, arguments.favourite).await?;
    }
    if let Some(note) = &arguments.note {
        records.set_note(id, note).await?;
    }
    let parameters = about(ui, person, id).await?;
    let marked = json!({ "id": id, "marks": records.marks(id).await? });
    ui.result(&marked, |ui| ui.say("mark.done", parameters));
    Ok(())
}

async fn about(ui: &Ui, person: &Person, id: RecordId) -> Result<Parameters> {
    Ok(Parameters::default()
        .with("kind", named(ui, person, id).await?)
        .with("id", input::short(&id)))
}

/// Confirms a record, or one of its fields.
pub(crate) async fn confirm(ui: &Ui, person: &Person, arguments: ConfirmArgs) -> Result<()> {
    let id = find(person, &arguments.id).await?;
    let member = arguments.field.as_deref().map(member);
    person.records().confirm(id, member.clone()).await?;
    let about = about(ui, person, id).await?;
    let confirmed = json!({ "confirmed": id, "member": member });
    ui.result(&confirmed, |ui| match &member {
        Some(member) => ui.say("confirm.field", about.with("name", label(ui, member))),
        None => ui.say("confirm.done", about),
    });
    Ok(())
}

/// Puts records into the trash, brings them back, lists or empties it.
pub(crate) async fn trash(ui: &Ui, person: &Person, arguments: TrashArgs) -> Result<()> {
    if arguments.empty {
        return empty(ui, person, &arguments).await;
    }
    if !arguments.restore.is_empty() {
        let ids = find_all(person, &arguments.restore).await?;
        for id in &ids {
            person.records().restore(*id).await?;
        }
        let count = Parameters::default().with("count", ids.len());
        ui.result(&json!({ "restored": ids }), |ui| ui.say("trash.restored", count));
        return Ok(());
    }
    if !arguments.ids.is_empty() {
        let ids = find_all(person, &arguments.ids).await?;
        for id in &ids {
            person.records().trash(*id).await?;
        }
        let count = Parameters::default().with("count", ids.len());
        ui.result(&json!({ "trashed": ids }), |ui| {
            ui.say("trash.done", count);
            ui.remark("trash.next", Parameters::default());
        });
        return Ok(());
    }
    list(ui, person).await
}

async fn find_all(person: &Person, given: &[String]) -> Result<Vec<RecordId>> {
    let mut ids = Vec::new();
    for given in given {
        ids.push(find(person, given).await?);
    }
    Ok(ids)
}

async fn list(ui: &Ui, person: &Person) -> Result<()> {
    let filter = Filter {
        shown: Shown::Trashed,
        ..Filter::default()
    };
    let records = person.records().list(filter).await?;
    let mut since = Vec::new();
    for record in &records {
        let marks = person.records().marks(record.id).await?;
        since.push(marks.trashed_ms.map(parameters::day).unwrap_or_default());
    }
    ui.result(&records, |ui| {
        if records.is_empty() {
            ui.remark("trash.nothing", Parameters::default());
        }
        for (record, day) in records.iter().zip(&since) {
            ui.line(&summary(ui, record));
            ui.line(&format!(
                "          {}",
                ui.text("show.trashed", Parameters::default().with("day", day))
            ));
        }
    });
    Ok(())
}

async fn empty(ui: &Ui, person: &Person, arguments: &TrashArgs) -> Result<()> {
    let days = i64::from(arguments.older_than.unwrap_or(0));
    let parameters = Parameters::default().with("days", days);
    if !ui.confirm(arguments.yes, "trash.sure", parameters).await? {
        return Ok(());
    }
    let deleted = match arguments.older_than {
        Some(days) => person.records().purge_trash(days).await?,
        None => person.records().empty_trash().await?,
    };
    let count = Parameters::default().with("count", deleted);
    ui.result(&json!({ "deleted": deleted }), |ui| ui.say("trash.emptied", count));
    Ok(())
}
