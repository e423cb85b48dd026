//! The history: what happened, oldest first.

use kist_pds::Person;
use serde_json::json;

use crate::arguments::HistoryArgs;
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Shows the history, verifies or signs it, or writes it as evidence.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: HistoryArgs) -> Result<()> {
    if arguments.verify {
        let report = person.history().verify().await?;
        ui.result(&report, |ui| {
            ui.say("history.verified", Parameters::of(&report));
            if let Some(checkpoint) = &report.checkpoint {
                ui.say("history.signed", Parameters::of(checkpoint));
            }
        });
        return Ok(());
    }
    if arguments.sign {
        let checkpoint = person.history().checkpoint().await?;
        ui.result(&checkpoint, |ui| ui.say("history.signed", Parameters::of(&checkpoint)));
        return Ok(());
    }
    if let Some(path) = &arguments.evidence {
        let all = person.consents().list().await?;
        let known = || all.iter().map(|consent| consent.id.clone());
        let named = arguments.consents.iter().map(|given| input::id(given, known()));
        let evidence = person.history().evidence(named.collect::<Result<_>>()?).await?;
        input::write_private(path, evidence)?;
        let path = path.display().to_string();
        ui.result(&json!({ "path": path }), |ui| {
            ui.say("history.evidence", Parameters::default().with("path", path.clone()));
        });
        return Ok(());
    }
    let entries = person.history().entries().await?;
    ui.result(&entries, |ui| {
        if entries.is_empty() {
            ui.remark("history.empty", Parameters::default());
        }
        for entry in &entries {
            let parameters = Parameters::of(&json!(entry.event)).shortened("agreement");
            let kind = parameters.text("type").unwrap_or_default();
            let sentence = ui.catalogue.sentence("history", &kind, &parameters);
            ui.line(&format!(
                "{:>4}  {}  {sentence}",
                entry.sequence,
                parameters::moment(entry.time_ms)
            ));
        }
    });
    Ok(())
}
