//! The history: what happened, oldest first.

use kist_pds::Person;
use serde_json::json;

use crate::failure::Result;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Shows the history, or verifies it.
pub(crate) async fn run(ui: &Ui, person: &Person, verify: bool) -> Result<()> {
    if verify {
        let report = person.history().verify().await?;
        ui.result(&report, |ui| ui.say("history.verified", Parameters::of(&report)));
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
