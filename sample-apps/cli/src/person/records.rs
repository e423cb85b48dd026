//! Records: add, list, search, delete.

use std::path::Path;

use kist_pds::{
    Filter, LifeArea, Person, Provenance, Record, RecordDraft, RecordId, RecordSummary, SchemaInfo, Shown, SourceFilter,
};
use serde_json::{Map, Value, json};

use super::show::foot;
use crate::arguments::{AddArgs, FilterArgs, SearchArgs, SourceArg};
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::progress::Bar;
use crate::ui::Ui;

/// Adds a record of the person's own words.
pub(crate) async fn add(ui: &Ui, person: &Person, arguments: AddArgs) -> Result<()> {
    let known = person.records().schemas()?;
    let uri = input::known_schema(&arguments.schema, &known)?;
    let schema = known.iter().find(|schema| schema.uri == uri);
    let body = match (&arguments.from, arguments.fields.is_empty()) {
        (Some(file), _) => input::json(file)?,
        (None, false) => {
            let mut body = Map::new();
            let form = schema.map_or(&Value::Null, |schema| &schema.schema);
            input::set_fields(&mut body, form, &arguments.fields)?;
            remark_unknown(ui, form, &body);
            Value::Object(body)
        }
        (None, true) => ask_fields(ui, schema).await?,
    };
    let draft = RecordDraft {
        tags: arguments.tags,
        keep_violations: arguments.keep_anyway,
        ..draft(&uri, schema, body)
    };
    let record = person.records().add(draft).await?;
    ui.result(&record, |ui| added(ui, &record));
    Ok(())
}

/// A record of the person's own words.
fn draft(uri: &str, schema: Option<&SchemaInfo>, body: Value) -> RecordDraft {
    let area = schema.map_or(LifeArea::OTHER, |schema| schema.area.as_str());
    let now = jiff::Timestamp::now().as_millisecond();
    RecordDraft::new(uri, area, body, Provenance::self_asserted(now))
}

fn added(ui: &Ui, record: &Record) {
    let kind = parameters::kind(&record.schema, ui.catalogue);
    let parameters = Parameters::default()
        .with("kind", kind)
        .with("id", input::short(&record.id));
    ui.say("add.done", parameters);
}

/// Fields that the schema doesn't know are kept; a typing error is worth a word.
fn remark_unknown(ui: &Ui, form: &Value, body: &Map<String, Value>) {
    let Some(properties) = form["properties"].as_object() else {
        return;
    };
    for name in body.keys().filter(|name| !properties.contains_key(*name)) {
        ui.remark("add.unknown_field", Parameters::default().with("field", name));
    }
}

/// Asks for the fields of a kind that is known, one by one.
async fn ask_fields(ui: &Ui, schema: Option<&SchemaInfo>) -> Result<Value> {
    let properties = schema.and_then(|schema| schema.schema["properties"].as_object());
    let (Some(properties), Some(schema), true) = (properties, schema, ui.is_interactive()) else {
        return Err(Failure::own("FieldsNeeded"));
    };
    let required = |name: &String| {
        schema.schema["required"]
            .as_array()
            .is_some_and(|all| all.contains(&json!(name)))
    };
    let mut names: Vec<&String> = properties.keys().collect();
    names.sort_by_key(|name| !required(name));
    ui.remark("add.ask", Parameters::default());
    let mut body = Map::new();
    for name in names {
        let property = &properties[name];
        if matches!(property["type"].as_str(), Some("array" | "object")) {
            continue;
        }
        let key = if required(name) { "add.required" } else { "add.optional" };
        let question = ui.text(
            key,
            Parameters::default().with("field", ui.catalogue.word("fields", name)),
        );
        let Some(answer) = ui.ask(&question).await else { break };
        if !answer.is_empty() {
            body.insert(name.clone(), input::typed_value(property, &answer));
        }
    }
    Ok(Value::Object(body))
}

/// Lists records.
pub(crate) async fn list(ui: &Ui, person: &Person, arguments: FilterArgs) -> Result<()> {
    let records = person.records().list(filter(arguments)?).await?;
    ui.result(&records, |ui| {
        if records.is_empty() {
            ui.remark("list.empty", Parameters::default());
        }
        for record in &records {
            ui.line(&summary(ui, record));
        }
    });
    Ok(())
}

fn filter(arguments: FilterArgs) -> Result<Filter> {
    let begins = |day: &String| input::day_begins(day, 0);
    let ends = |day: &String| input::day_begins(day, 1);
    Ok(Filter {
        schemas: arguments.kinds.iter().map(|kind| input::schema_uri(kind)).collect(),
        area: arguments.area.map(LifeArea::new),
        tag: arguments.tag,
        source: arguments.source.map(|source| match source {
            SourceArg::Own => SourceFilter::SelfAsserted,
            SourceArg::Imported => SourceFilter::Imported,
            SourceArg::Delivered => SourceFilter::Delivered,
        }),
        favourites: arguments.favourites,
        shown: if arguments.trash {
            Shown::Trashed
        } else {
            Shown::InSight
        },
        from_ms: arguments.from.as_ref().map(begins).transpose()?,
        until_ms: arguments.until.as_ref().map(ends).transpose()?,
    })
}

/// A record in a line.
pub(super) fn summary(ui: &Ui, record: &RecordSummary) -> String {
    let kind = parameters::kind(&record.schema, ui.catalogue);
    let from = source(ui, &record.provenance);
    let tags: String = record.tags.iter().map(|tag| format!("  #{tag}")).collect();
    let star = if record.favourite { "  ★" } else { "" };
    format!(
        "{}  {kind}: {} ({from}){tags}{star}",
        input::short(&record.id),
        record.title
    )
}

/// Where a record came from, in words.
pub(super) fn source(ui: &Ui, provenance: &Provenance) -> String {
    let parameters = Parameters::of(&provenance.source);
    let kind = parameters.text("kind").unwrap_or_default();
    ui.catalogue.sentence("sources", &kind, &parameters)
}

/// Searches records.
pub(crate) async fn search(ui: &Ui, person: &Person, arguments: SearchArgs) -> Result<()> {
    let text = arguments.words.join(" ");
    let hits = person
        .records()
        .search(&text, filter(arguments.filter)?, arguments.limit)
        .await?;
    ui.result(&hits, |ui| {
        if hits.is_empty() {
            ui.remark("search.none", Parameters::default());
        }
        for hit in &hits {
            ui.line(&summary(ui, &hit.record));
            let found: String = hit
                .snippet
                .iter()
                .map(|part| {
                    if part.matched {
                        format!("[{}]", part.text)
                    } else {
                        part.text.clone()
                    }
                })
                .collect();
            ui.line(&format!("          {}", found.replace('\n', " ")));
        }
    });
    Ok(())
}

/// Writes a record's files into a folder; gives their paths.
pub(super) async fn save_files(ui: &Ui, person: &Person, record: &Record, folder: &Path) -> Result<Vec<String>> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    let mut saved = Vec::new();
    for file in &record.files {
        // A name that came from elsewhere must not lead out of the folder.
        let name = Path::new(&file.name).file_name();
        let path = folder.join(name.unwrap_or(file.id.to_string().as_ref()));
        let bar = Bar::new(ui, "progress.save");
        person.files().save(file.id, &path, bar.report()).await?;
        saved.push(path.display().to_string());
    }
    Ok(saved)
}

/// A record at one version, with where that version comes from.
pub(super) fn page(ui: &Ui, record: &Record) {
    ui.heading(&parameters::kind(&record.schema, ui.catalogue));
    fields(ui, &record.body, 1);
    let parameters = Parameters::default()
        .with("source", source(ui, &record.provenance))
        .with("collected_ms", record.provenance.collected_ms);
    ui.line(&format!("  {}", ui.text("show.source", parameters)));
    let verification = Parameters::of(&record.provenance.verification);
    let kind = verification.text("kind").unwrap_or_default();
    ui.line(&format!(
        "  {}",
        ui.catalogue.sentence("verifications", &kind, &verification)
    ));
    foot(ui, record);
}

/// The fields of a record, each with its label; what is inside others is indented.
pub(crate) fn fields(ui: &Ui, body: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let Value::Object(members) = body else { return };
    for (name, value) in members {
        let label = ui.catalogue.word("fields", name);
        match value {
            Value::Object(_) => {
                ui.line(&format!("{indent}{label}:"));
                fields(ui, value, depth + 1);
            }
            Value::Array(items) => {
                ui.line(&format!("{indent}{label}:"));
                for item in items {
                    match item {
                        Value::Object(_) => fields(ui, item, depth + 1),
                        item => ui.line(&format!("{indent}  {}", text_of(item))),
                    }
                }
            }
            value => ui.line(&format!("{indent}{label}: {}", text_of(value))),
        }
    }
}

/// A value as it is read.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Deletes a record.
pub(crate) async fn delete(ui: &Ui, person: &Person, given: &str, yes: bool) -> Result<()> {
    let id = find(person, given).await?;
    let record = person.records().get(id).await?;
    let kind = parameters::kind(&record.schema, ui.catalogue);
    let parameters = Parameters::default().with("kind", kind).with("id", input::short(&id));
    if !ui.confirm(yes, "delete.sure", parameters.clone()).await? {
        return Ok(());
    }
    person.records().delete(id).await?;
    ui.result(&json!({ "deleted": id }), |ui| ui.say("delete.done", parameters));
    Ok(())
}

/// The record that a text names.
pub(crate) async fn find(person: &Person, given: &str) -> Result<RecordId> {
    if let Ok(id) = given.parse() {
        return Ok(id);
    }
    let anywhere = Filter {
        shown: Shown::Anywhere,
        ..Filter::default()
    };
    let all = person.records().list(anywhere).await?;
    input::id(given, all.into_iter().map(|record| record.id))
}

/// Lists the kinds of record that are known.
pub(crate) fn schemas(ui: &Ui, person: &Person) -> Result<()> {
    let known = person.records().schemas()?;
    ui.result(&known, |ui| {
        for schema in &known {
            let short = parameters::short_kind(&schema.uri).unwrap_or(&schema.uri);
            ui.heading(&format!("{short} ({})", parameters::kind(&schema.uri, ui.catalogue)));
            for (name, _) in schema.schema["properties"].as_object().into_iter().flatten() {
                ui.line(&format!("  {name}: {}", ui.catalogue.word("fields", name)));
            }
        }
    });
    Ok(())
}
