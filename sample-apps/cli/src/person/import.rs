//! Import: files and folders of other programs, shown before they are taken.

use std::collections::BTreeMap;
use std::path::Path;

use kist_pds::import::{Place, Reason, Remark};
use kist_pds::{
    CardOwner, Column, DateOrder, Format, ImportPlan, ImportReport, ImportSource, Known, Person, ReadOptions, Selection,
};
use serde_json::{Value, json};

use crate::arguments::{ImportArgs, ImportDates, ImportFormat};
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::Parameters;
use crate::progress::Bar;
use crate::ui::Ui;

/// The most records whose files are told.
const MAX_TOLD: usize = 1_000;

/// Imports files and folders, one after the other, or only shows what would be taken.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ImportArgs) -> Result<()> {
    let options = options(&arguments)?;
    let mut done = Done::default();
    for path in &arguments.files {
        let plan = person.import().plan(source(path)?, options.clone()).await?;
        match arguments.dry_run {
            true => done.planned(ui, &plan, arguments.keep_anyway),
            false => {
                let bar = Bar::new(ui, "progress.import");
                let selection = Selection {
                    again: arguments.again,
                    keep_violations: arguments.keep_anyway,
                    ..Selection::default()
                };
                let report = person.import().take(plan, selection, bar.report()).await?;
                drop(bar);
                done.taken(person, report).await?;
            }
        }
    }
    ui.result(&done.json(arguments.dry_run), |ui| done.show(ui, arguments.dry_run));
    Ok(())
}

fn options(arguments: &ImportArgs) -> Result<ReadOptions> {
    let format = arguments.format.map(|format| match format {
        ImportFormat::Vcard => Format::VCard,
        ImportFormat::Icalendar => Format::ICalendar,
        ImportFormat::Csv => Format::Csv,
        ImportFormat::Json => Format::Json,
        ImportFormat::Fhir => Format::Fhir,
        ImportFormat::File => Format::File,
    });
    let owner = if arguments.mine {
        CardOwner::Mine
    } else {
        CardOwner::Contact
    };
    let column = |map: &String| {
        let bad = || Failure::own("BadField").with("field", map);
        let (header, member) = map.rsplit_once('=').ok_or_else(bad)?;
        Ok(Column {
            header: header.to_owned(),
            member: Some(member.to_owned()).filter(|member| !member.is_empty()),
        })
    };
    Ok(ReadOptions {
        format: if arguments.attach { Some(Format::File) } else { format },
        schema: arguments.schema.as_deref().map(input::schema_uri),
        owner,
        columns: arguments.maps.iter().map(column).collect::<Result<_>>()?,
        dates: arguments.dates.map(|dates| match dates {
            ImportDates::DayFirst => DateOrder::DayFirst,
            ImportDates::MonthFirst => DateOrder::MonthFirst,
        }),
        remembered: Vec::new(),
        tags: arguments.tags.clone(),
        keep_original: arguments.keep_original,
    })
}

fn source(path: &Path) -> Result<ImportSource> {
    if path == Path::new("-") {
        return Ok(ImportSource::Bytes {
            name: None,
            bytes: input::bytes(path)?,
        });
    }
    // The core says that a file is missing; only here its path is known.
    let there = std::fs::metadata(path);
    there.map_err(|error| Failure::unreadable(path, &error))?;
    Ok(ImportSource::Path(path.to_owned()))
}

/// What became of all files.
#[derive(Default)]
struct Done {
    added: Vec<String>,
    planned: Vec<Value>,
    /// The titles of records about the same thing as one that is here.
    similar: Vec<String>,
    columns: Vec<Column>,
    files: Vec<kist_pds::FileRef>,
    known: usize,
    left_out: Vec<Remark>,
    warnings: Vec<Remark>,
    more: usize,
}

impl Done {
    fn planned(&mut self, ui: &Ui, plan: &ImportPlan, keep_anyway: bool) {
        for planned in &plan.records {
            match planned.known {
                Known::There(_) => self.known += 1,
                Known::Similar(_) => self.similar.push(planned.title.clone()),
                Known::New => {}
            }
            if !matches!(planned.known, Known::There(_)) && ui.is_json() {
                self.planned.push(json!({
                    "place": planned.place,
                    "schema": planned.schema,
                    "title": planned.title,
                    "body": planned.body,
                    "files": planned.attachments.iter().map(|file| file.name()).collect::<Vec<_>>(),
                }));
            } else if !matches!(planned.known, Known::There(_)) {
                self.planned.push(planned.title.clone().into());
            }
            let remarks = if keep_anyway {
                &mut self.warnings
            } else {
                &mut self.left_out
            };
            remarks.extend(planned.violations.iter().map(|violation| Remark {
                place: planned.place.clone(),
                field: violation.field.trim_start_matches('/').to_owned(),
                reason: Reason::BreaksRule,
            }));
        }
        self.columns
            .extend(plan.columns.iter().flat_map(|columns| columns.columns.clone()));
        self.left_out.extend(plan.left_out.iter().cloned());
        self.warnings.extend(plan.warnings.iter().cloned());
        self.more += plan.more_remarks;
    }

    async fn taken(&mut self, person: &Person, report: ImportReport) -> Result<()> {
        if report.with_files > 0 {
            for id in report.added.iter().take(MAX_TOLD) {
                self.files.extend(person.records().get(*id).await?.files);
            }
        }
        self.added.extend(report.added.iter().map(ToString::to_string));
        self.known += report.already_there;
        self.left_out.extend(report.left_out);
        self.warnings.extend(report.warnings);
        self.more += report.more_remarks;
        Ok(())
    }

    fn json(&self, dry_run: bool) -> Value {
        let mut json = json!({
            "already_there": self.known,
            "left_out": self.left_out,
            "warnings": self.warnings,
            "more_remarks": self.more,
        });
        match dry_run {
            true => {
                json["planned"] = self.planned.clone().into();
                json["columns"] = json!(self.columns);
            }
            false => {
                json["added"] = json!(self.added);
                json["files"] = json!(self.files);
            }
        }
        json
    }

    fn show(&self, ui: &Ui, dry_run: bool) {
        if dry_run {
            for column in &self.columns {
                if let Some(member) = &column.member {
                    let parameters = Parameters::default()
                        .with("column", &column.header)
                        .with("member", member);
                    ui.say("import.column", parameters);
                }
            }
            for title in self
                .planned
                .iter()
                .filter_map(Value::as_str)
                .filter(|title| !title.is_empty())
            {
                ui.line(title);
            }
            let counts = Parameters::default()
                .with("records", self.planned.len())
                .with("known", self.known);
            ui.say("import.plan", counts);
        } else {
            for file in &self.files {
                let parameters = Parameters::default().with("name", &file.name).with("bytes", file.size);
                ui.say("import.attached", parameters);
            }
            ui.say("import.done", Parameters::default().with("records", self.added.len()));
            if self.known > 0 {
                ui.say("import.known", Parameters::default().with("count", self.known));
            }
        }
        for title in self.similar.iter().filter(|title| !title.is_empty()) {
            ui.remark("import.similar", Parameters::default().with("title", title));
        }
        remarks(ui, ["import.left_out", "import.left_out_often"], &self.left_out);
        remarks(ui, ["import.warning", "import.warning_often"], &self.warnings);
        if self.more > 0 {
            ui.remark("import.more", Parameters::default().with("count", self.more));
        }
    }
}

/// Says remarks, those of one field and reason in one line, with the place of the first: by the second key where there are
/// several.
fn remarks(ui: &Ui, [once, often]: [&str; 2], remarks: &[Remark]) {
    let mut groups: BTreeMap<(&str, Reason), (usize, &Place)> = BTreeMap::new();
    for remark in remarks {
        let whole = remark.field.is_empty();
        let name = if whole {
            remark.place.file.as_deref().unwrap_or_default()
        } else {
            &remark.field
        };
        groups.entry((name, remark.reason)).or_insert((0, &remark.place)).0 += 1;
    }
    for ((name, reason), (count, at)) in groups {
        let name = if name.is_empty() {
            ui.text("import.whole", Parameters::default())
        } else {
            name.to_owned()
        };
        let why = ui.catalogue.word("import_reasons", &reason.code());
        let parameters = Parameters::default()
            .with("name", name)
            .with("place", place(ui, at))
            .with("why", why)
            .with("count", count);
        ui.remark(if count > 1 { often } else { once }, parameters);
    }
}

/// Where something stands, in words.
fn place(ui: &Ui, place: &Place) -> String {
    let line = place
        .line
        .map(|line| ui.text("import.line", Parameters::default().with("line", line)));
    let index = place.index.filter(|_| line.is_none() && place.pointer.is_none());
    let index = index.map(|index| ui.text("import.index", Parameters::default().with("index", index)));
    let parts = [place.file.clone(), line, place.pointer.clone(), index];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => ui.text("import.whole", Parameters::default()),
        false => parts.join(", "),
    }
}
