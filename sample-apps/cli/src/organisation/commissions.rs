//! A supplier that asks for an organisation: cards, commissions, and the answers that are carried.

use std::path::Path;

use kist_pds::{CarriedAnswer, Commission, Organisation, SupplierCard};
use serde::Serialize;
use serde_json::json;

use super::requests;
use crate::arguments::{CarriedArgs, CarryArgs, CommissionArgs};
use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::ui::Ui;

/// Writes what organisations need to know of this one to have it ask for them.
pub(crate) async fn card(ui: &Ui, organisation: &Organisation, out: Option<&Path>) -> Result<()> {
    write(ui, &organisation.supplier_card().await?, out)
}

/// Orders a request that a supplier makes.
pub(crate) async fn order(ui: &Ui, organisation: &Organisation, arguments: CommissionArgs) -> Result<()> {
    let card: SupplierCard = input::json(&arguments.supplier)?;
    let spec = input::json(&arguments.spec)?;
    let commission = organisation.requests().commission(spec, card).await?;
    write(ui, &commission, arguments.out.as_deref())
}

/// Makes a request that an organisation ordered, and shows its QR code.
pub(crate) async fn carry(ui: &Ui, organisation: &Organisation, arguments: CarryArgs) -> Result<()> {
    let commission: Commission = input::json(&arguments.commission)?;
    let hosted = organisation.requests().carry(commission).await?;
    requests::show_made(ui, &hosted, arguments.qr.as_deref())
}

/// Fetches the answer to a request that was carried: sealed to the organisation.
pub(crate) async fn fetch(ui: &Ui, organisation: &Organisation, arguments: CarriedArgs) -> Result<()> {
    let id = requests::find(organisation, &arguments.id).await?;
    match organisation.requests().carried(&id, arguments.wait).await? {
        Some(answer) => write(ui, &answer, arguments.out.as_deref()),
        None => {
            ui.result(&json!({ "answer": null }), |ui| {
                ui.say("collect.none", Parameters::default());
            });
            Ok(())
        }
    }
}

/// Opens an answer that a supplier brought.
pub(crate) async fn open(ui: &Ui, organisation: &Organisation, file: &Path) -> Result<()> {
    let carried: CarriedAnswer = input::json(file)?;
    let answer = organisation.requests().open_carried(carried).await?;
    requests::show_answer(ui, answer.as_ref());
    Ok(())
}

/// Hands out JSON: into a file, or as it is.
fn write<T: Serialize>(ui: &Ui, content: &T, out: Option<&Path>) -> Result<()> {
    let Some(path) = out else {
        ui.result(content, |ui| ui.line(&format!("{:#}", json!(content))));
        return Ok(());
    };
    input::write(path, format!("{:#}\n", json!(content)))?;
    let parameters = Parameters::default().with("path", path.display().to_string());
    ui.result(&json!({ "written": path }), |ui| {
        ui.say("commission.written", parameters)
    });
    Ok(())
}
