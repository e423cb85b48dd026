//! Files on their way, as both sides are shown them.

use kist_pds::FileTransfer;
use serde_json::json;

use crate::input;
use crate::parameters::Parameters;
use crate::ui::Ui;

/// Says that a file is on its way.
pub(crate) fn begun(ui: &Ui, transfer: &FileTransfer) {
    ui.result(transfer, |ui| {
        let parameters = Parameters::default()
            .with("id", input::short(&transfer.id))
            .with("file", &transfer.name);
        ui.say("transfers.begun", parameters);
    });
}

/// Lists files with what became of them.
pub(crate) fn list(ui: &Ui, transfers: &[FileTransfer]) {
    ui.result(&transfers, |ui| {
        if transfers.is_empty() {
            ui.remark("transfers.none", Parameters::default());
        }
        transfers.iter().for_each(|transfer| ui.line(&line(ui, transfer)));
    });
}

fn line(ui: &Ui, transfer: &FileTransfer) -> String {
    let state = Parameters::of(&transfer.state)
        .with("bytes_done", transfer.done)
        .with("bytes", transfer.size);
    let kind = state.text("kind").unwrap_or_default();
    let direction = json!(transfer.direction);
    let direction = ui
        .catalogue
        .word("transfer_directions", direction.as_str().unwrap_or_default());
    let parameters = Parameters::default()
        .with("id", input::short(&transfer.id))
        .with("file", &transfer.name)
        .with("direction", direction)
        .with("status", ui.catalogue.sentence("transfer_states", &kind, &state));
    ui.text("transfers.line", parameters)
}
