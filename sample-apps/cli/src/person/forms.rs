//! Forms filled from the store.

use kist_pds::{FilledField, FilledForm, Form, Person};
use serde_json::json;

use super::show::{lines, origin, value_text};
use crate::arguments::FillArgs;
use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::ui::Ui;

/// Fills a form; keeps what was answered otherwise.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: FillArgs) -> Result<()> {
    let form: Form = input::json(&arguments.form)?;
    if let Some(answers) = &arguments.keep {
        let written = person.records().keep_answers(form, input::json(answers)?).await?;
        let count = Parameters::default().with("count", written.len());
        ui.result(&json!({ "written": written }), |ui| ui.say("fill.kept", count));
        return Ok(());
    }
    let filled = person.records().fill(form).await?;
    ui.result(&filled, |ui| show(ui, &filled));
    Ok(())
}

fn show(ui: &Ui, form: &FilledForm) {
    for field in &form.fields {
        let is_missing = form.missing.contains(&field.name);
        show_field(ui, field, is_missing);
    }
    let parameters = Parameters::default()
        .with("filled", form.filled)
        .with("fields", form.fields.len())
        .with("keystrokes", form.keystrokes);
    ui.say("fill.count", parameters);
}

fn show_field(ui: &Ui, field: &FilledField, is_missing: bool) {
    let label = ui.catalogue.word("fields", &field.name);
    let name = || Parameters::default().with("name", &label);
    match &field.value {
        Some(candidate) => {
            lines(ui, &format!("{label}: {}", value_text(&candidate.field.value)), 2);
            lines(ui, &origin(ui, &candidate.field), 6);
            let others = field.candidates.len().saturating_sub(1);
            if others > 0 {
                lines(
                    ui,
                    &ui.text("fill.others", Parameters::default().with("count", others)),
                    6,
                );
            }
        }
        None if is_missing => lines(ui, &ui.text("fill.missing", name()), 2),
        None => lines(ui, &ui.text("fill.empty", name()), 2),
    }
}
