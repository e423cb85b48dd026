//! Leaving with everything, and coming back.

use std::path::Path;

use kist_pds::{ExportOptions, ImportOptions, PageWords, Person};
use serde_json::json;

use crate::Context;
use crate::arguments::ImportArchiveArgs;
use crate::failure::Result;
use crate::parameters::Parameters;
use crate::progress::Bar;

/// Damaged entries that are named one by one.
const NAMED: usize = 20;

/// Writes everything into a file.
pub(crate) async fn export(context: &Context, person: &Person, file: &Path, without_keys: bool) -> Result<()> {
    let bar = Bar::new(&context.ui, "progress.export");
    let options = ExportOptions {
        words: PageWords(context.ui.catalogue.page_words()),
        sealed_state: !without_keys,
    };
    let report = person.export(file, options, bar.report()).await?;
    drop(bar);
    let file = file.display().to_string();
    let exported = json!({ "file": file, "contains": report, "code": report.code });
    context.ui.result(&exported, |ui| {
        ui.say("export.done", Parameters::of(&report).with("file", file));
        if !report.missing_files.is_empty() {
            let missing = Parameters::default().with("count", report.missing_files.len());
            ui.say("export.missing", missing);
        }
        ui.remark("export.open", Parameters::default());
        if let Some(code) = &report.code {
            ui.say("export.code", Parameters::default().with("code", code.as_str()));
        }
    });
    Ok(())
}

/// Takes an archive in.
pub(crate) async fn import(context: &Context, person: &Person, arguments: ImportArchiveArgs) -> Result<()> {
    let bar = Bar::new(&context.ui, "progress.import_archive");
    let options = ImportOptions {
        code: context.secrets.archive_code.as_ref().map(|code| code.to_string()),
        sound_only: arguments.sound_only,
    };
    let report = person.import_archive(&arguments.file, options, bar.report()).await?;
    drop(bar);
    context.ui.result(&report, |ui| {
        ui.say("import_archive.done", Parameters::of(&report));
        let count = |count: u64| Parameters::default().with("count", count);
        if report.deleted > 0 {
            ui.say("import_archive.deleted", count(report.deleted));
        }
        if report.unproven > 0 {
            ui.say("import_archive.unproven", count(report.unproven));
        }
        match (report.state, report.history) {
            (false, _) => ui.remark("import_archive.no_state", Parameters::default()),
            (true, true) => ui.say("import_archive.state", Parameters::default()),
            (true, false) => ui.say("import_archive.other_history", Parameters::default()),
        }
        for damage in report.damaged.iter().take(NAMED) {
            ui.say("import_archive.damaged", Parameters::of(damage));
        }
        if report.damaged.len() > NAMED {
            ui.say(
                "import_archive.more_damaged",
                count((report.damaged.len() - NAMED) as u64),
            );
        }
    });
    Ok(())
}
