//! Standing access: what people's phones are asked, and what became of it.

use kist_pds::{FieldRef, Organisation};
use serde_json::json;

use super::agreements::find;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Asks a person's phone.
pub(crate) async fn ask(ui: &Ui, organisation: &Organisation, given: &str, names: &[String]) -> Result<()> {
    let id = find(organisation, given).await?;
    let chosen = organisation.agreements().get(&id).await?.summary.fields;
    let mut fields: Vec<FieldRef> = Vec::new();
    for name in names {
        let is_named = |field: &&FieldRef| parameters::last_name(&json!(field)).as_deref() == Some(name);
        let field = chosen.iter().find(is_named);
        fields.push(
            field
                .ok_or_else(|| Failure::own("UnknownField").with("field", name))?
                .clone(),
        );
    }
    let read = organisation.reads().ask(&id, fields).await?;
    ui.result(&read, |ui| {
        ui.say("reads.asked", Parameters::default().with("id", input::short(&read.id)))
    });
    Ok(())
}

/// Lists questions.
pub(crate) async fn list(ui: &Ui, organisation: &Organisation, given: Option<String>) -> Result<()> {
    let agreement = match given {
        Some(given) => Some(find(organisation, &given).await?),
        None => None,
    };
    let all = organisation.reads().list(agreement.as_deref()).await?;
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("reads.none", Parameters::default());
        }
        for read in &all {
            let parameters = Parameters::default()
                .with("who", input::short(&read.agreement))
                .with("asked_at", read.asked_at);
            ui.line(&parameters::read_line(ui, parameters, &read.fields, &json!(read.state)));
        }
    });
    Ok(())
}
