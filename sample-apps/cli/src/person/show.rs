//! A record, shown: its fields with where each comes from, its versions, what they changed.

use kist_pds::{FieldFreshness, FieldView, HistoryEntry, LifeArea, MemberChange, Person, Record, RecordId, Violation};
use serde_json::{Value, json};

use super::records::{find, page, save_files, source, text_of};
use crate::arguments::ShowArgs;
use crate::columns;
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Shows a record, all its versions, or what they changed.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ShowArgs) -> Result<()> {
    let id = find(person, &arguments.id).await?;
    if arguments.versions {
        let versions = person.records().revisions(id).await?;
        ui.result(&versions, |ui| versions.iter().for_each(|record| page(ui, record)));
        return Ok(());
    }
    if arguments.changes {
        let history = person.records().history(id).await?;
        ui.result(&history, |ui| history.iter().for_each(|entry| show_changes(ui, entry)));
        return Ok(());
    }
    let record = person.records().get(id).await?;
    let saved = match &arguments.save {
        Some(folder) => Some(save_files(ui, person, &record, folder).await?),
        None => None,
    };
    show(ui, person, &record, saved).await
}

async fn show(ui: &Ui, person: &Person, record: &Record, saved: Option<Vec<String>>) -> Result<()> {
    let records = person.records();
    let fields = records.fields(record.id).await?;
    let violations = records.violations(record.id).await?;
    let marks = records.marks(record.id).await?;
    let mut value = json!(record);
    value["fields"] = json!(fields);
    value["violations"] = json!(violations);
    value["marks"] = json!(marks);
    if let Some(saved) = &saved {
        value["saved"] = json!(saved);
    }
    ui.result(&value, |ui| {
        let star = if marks.favourite { "  ★" } else { "" };
        ui.heading(&format!("{}{star}", parameters::kind(&record.schema, ui.catalogue)));
        fields.iter().for_each(|field| show_field(ui, field));
        let within = |violation: &&Violation| fields.iter().any(|field| field.violations.contains(violation));
        for violation in violations.iter().filter(|violation| !within(violation)) {
            show_violation(ui, violation, 2);
        }
        if !marks.note.is_empty() {
            let note = ui.text("show.note", Parameters::default().with("text", &marks.note));
            lines(ui, &note, 2);
        }
        if let Some(since) = marks.trashed_ms {
            let day = parameters::day(since);
            lines(ui, &ui.text("show.trashed", Parameters::default().with("day", day)), 2);
        }
        if let Some(other) = marks.replaced_by {
            let other = Parameters::default().with("id", input::short(&other));
            lines(ui, &ui.text("show.replaced", other), 2);
        }
        foot(ui, record);
        for path in saved.iter().flatten() {
            ui.say("show.saved", Parameters::default().with("path", path));
        }
    });
    Ok(())
}

/// What stands below the fields of a record: its labels, its files, and which version it is.
pub(super) fn foot(ui: &Ui, record: &Record) {
    if !record.tags.is_empty() {
        let tags: Vec<String> = record.tags.iter().map(|tag| format!("#{tag}")).collect();
        lines(ui, &tags.join("  "), 2);
    }
    for file in &record.files {
        let parameters = Parameters::default()
            .with("name", &file.name)
            .with("bytes", file.size)
            .with("digest", file.digest.to_string());
        ui.line(&format!("  {}", ui.text("show.file", parameters)));
    }
    let version = Parameters::default()
        .with("revision", i64::from(record.revision))
        .with("id", record.id.to_string());
    ui.line(&format!("  {}", ui.text("show.version", version)));
}

fn show_field(ui: &Ui, field: &FieldView) {
    let text = format!("{}: {}", label(ui, &field.member), value_text(&field.value));
    lines(ui, &text, 2);
    lines(ui, &origin(ui, field), 6);
    for violation in &field.violations {
        show_violation(ui, violation, 6);
    }
}

/// Shows what breaks the rules of a record's kind.
pub(super) fn show_violation(ui: &Ui, violation: &Violation, indent: usize) {
    lines(ui, &ui.text("show.violation", Parameters::of(violation)), indent);
}

/// Prints a text that is wrapped to the terminal.
pub(super) fn lines(ui: &Ui, text: &str, indent: usize) {
    columns::indented(text, indent).iter().for_each(|line| ui.line(line));
}

/// Where a value comes from, since when, whether that was verified, and how fresh it is.
pub(super) fn origin(ui: &Ui, field: &FieldView) -> String {
    let parameters = Parameters::default()
        .with("source", source(ui, &field.provenance))
        .with("day", parameters::day(field.provenance.collected_ms))
        .with("freshness", freshness(ui, field));
    match Parameters::of(&field.provenance.verification).text("issuer") {
        Some(issuer) => ui.text("field.verified", parameters.with("issuer", issuer)),
        None => ui.text("field.unverified", parameters),
    }
}

fn freshness(ui: &Ui, field: &FieldView) -> String {
    let day = |day: &kist_pds::Date| Parameters::default().with("day", day.to_string());
    match (&field.freshness, field.confirmed_ms) {
        (FieldFreshness::Stale(since), _) => ui.text("fresh.stale", day(since)),
        (FieldFreshness::Expired(on), _) => ui.text("fresh.expired", day(on)),
        (FieldFreshness::Fresh, Some(at)) => {
            let day = Parameters::default().with("day", parameters::day(at));
            ui.text("fresh.confirmed", day)
        }
        (FieldFreshness::Fresh, None) => ui.text("fresh", Parameters::default()),
    }
}

/// What a member is called: the names on the way to it.
pub(super) fn label(ui: &Ui, member: &str) -> String {
    let names = member.split('/').skip(1);
    let names = names.map(|name| ui.catalogue.word("fields", &name.replace("~1", "/").replace("~0", "~")));
    names.collect::<Vec<_>>().join(", ")
}

/// The member that a name names, as it is typed: `name`, `name.inner`, or a JSON pointer.
pub(super) fn member(name: &str) -> String {
    match name.starts_with('/') {
        true => name.to_owned(),
        false => format!("/{}", name.replace('.', "/")),
    }
}

/// A value in one line.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(value_text).collect::<Vec<_>>().join("; "),
        Value::Object(members) => members.values().map(value_text).collect::<Vec<_>>().join(", "),
        value => text_of(value),
    }
}

fn show_changes(ui: &Ui, entry: &HistoryEntry) {
    let parameters = Parameters::default()
        .with("revision", i64::from(entry.revision.revision))
        .with("source", source(ui, &entry.revision.provenance))
        .with("changed_ms", entry.revision.time.wall_ms());
    ui.heading(&ui.text("changes.version", parameters));
    for change in &entry.changes {
        lines(ui, &change_text(ui, change), 2);
    }
    let labels_and_files = labels_and_files(ui, entry);
    labels_and_files.iter().for_each(|change| lines(ui, change, 2));
    if entry.changes.is_empty() && labels_and_files.is_empty() {
        ui.line(&format!("  {}", ui.text("changes.none", Parameters::default())));
    }
}

fn labels_and_files(ui: &Ui, entry: &HistoryEntry) -> Vec<String> {
    let area = |area: &LifeArea| {
        let key = format!("area.{}", area.as_str());
        let word = ui.catalogue.word("archive", &key);
        if word == key { area.as_str().to_owned() } else { word }
    };
    let moved = entry.area_before.iter();
    let mut changes: Vec<String> = moved
        .map(|before| format!("~ {} → {}", area(before), area(&entry.revision.area)))
        .collect();
    changes.extend(entry.tags.added.iter().map(|tag| format!("+ #{tag}")));
    changes.extend(entry.tags.removed.iter().map(|tag| format!("- #{tag}")));
    changes.extend(entry.files.added.iter().map(|file| format!("+ {}", file.name)));
    changes.extend(entry.files.removed.iter().map(|file| format!("- {}", file.name)));
    changes
}

fn change_text(ui: &Ui, change: &MemberChange) -> String {
    let label = label(ui, &change.member);
    match (
        change.before.as_ref().map(value_text),
        change.after.as_ref().map(value_text),
    ) {
        (Some(before), Some(after)) => format!("~ {label}: {before} → {after}"),
        (None, Some(after)) => format!("+ {label}: {after}"),
        (Some(before), None) => format!("- {label}: {before}"),
        (None, None) => label,
    }
}

/// The kind of a record and its title.
pub(super) async fn named(ui: &Ui, person: &Person, id: RecordId) -> Result<String> {
    let record = person.records().get(id).await?;
    Ok(parameters::kind(&record.schema, ui.catalogue))
}
