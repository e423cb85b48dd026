//! Files to people and from them.

use std::path::Path;

use kist_pds::{Organisation, TransferDirection};
use serde_json::json;

use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::transfers;
use crate::ui::Ui;

/// Delivers a file.
pub(crate) async fn deliver(ui: &Ui, organisation: &Organisation, agreement: &str, file: &Path) -> Result<()> {
    let transfer = organisation.files().deliver(agreement, file).await?;
    transfers::begun(ui, &transfer);
    Ok(())
}

/// Lists transfers.
pub(crate) async fn list(ui: &Ui, organisation: &Organisation) -> Result<()> {
    transfers::list(ui, &organisation.files().transfers().await?);
    Ok(())
}

/// Writes a file that came to disk.
pub(crate) async fn save(ui: &Ui, organisation: &Organisation, given: &str, to: &Path) -> Result<()> {
    let all = organisation.files().transfers().await?.into_iter();
    let came = all.filter(|transfer| transfer.direction == TransferDirection::Receiving);
    let id = input::id(given, came.map(|transfer| transfer.id))?;
    organisation.files().save(&id, to).await?;
    let path = to.display().to_string();
    ui.result(&json!({ "written": to }), |ui| {
        ui.say("transfers.saved", Parameters::default().with("path", path));
    });
    Ok(())
}
