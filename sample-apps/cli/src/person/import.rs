//! Import: vCards, JSON records, and any other file as it is.

use kist_pds::{CardOwner, FileMeta, ImportReport, Person};
use serde_json::json;

use crate::arguments::ImportArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::Parameters;
use crate::pictures::extension;
use crate::progress::Bar;
use crate::ui::Ui;

/// Imports a file by what its name says it is.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ImportArgs) -> Result<()> {
    let report = match extension(&arguments.file).as_str() {
        "vcf" | "vcard" if !arguments.attach => {
            let whose = if arguments.mine {
                CardOwner::Mine
            } else {
                CardOwner::Contact
            };
            person
                .records()
                .import_vcard(input::bytes(&arguments.file)?, whose)
                .await?
        }
        "json" if !arguments.attach => {
            let schema = arguments.schema.as_deref().map(input::schema_uri);
            person
                .records()
                .import_json(input::bytes(&arguments.file)?, schema)
                .await?
        }
        _ => return attach(ui, person, &arguments).await,
    };
    let ImportReport { added, left_out } = &report;
    let imported = json!({ "added": added, "left_out": left_out, "files": [] });
    ui.result(&imported, |ui| {
        ui.say("import.done", Parameters::default().with("records", added.len()));
        if !left_out.is_empty() {
            ui.remark(
                "import.left_out",
                Parameters::default().with("names", left_out.join(", ")),
            );
        }
    });
    Ok(())
}

async fn attach(ui: &Ui, person: &Person, arguments: &ImportArgs) -> Result<()> {
    // The core says that a file is missing; only here its path is known.
    let there = std::fs::metadata(&arguments.file);
    there.map_err(|error| Failure::unreadable(&arguments.file, &error))?;
    let bar = Bar::new(ui, "progress.attach");
    let record = person
        .files()
        .attach(&arguments.file, FileMeta::default(), bar.report())
        .await?;
    drop(bar);
    let imported = json!({ "added": [record.id], "left_out": [], "files": record.files });
    ui.result(&imported, |ui| {
        for file in &record.files {
            let parameters = Parameters::default()
                .with("name", &file.name)
                .with("bytes", file.size)
                .with("id", input::short(&record.id));
            ui.say("import.attached", parameters);
        }
    });
    Ok(())
}
