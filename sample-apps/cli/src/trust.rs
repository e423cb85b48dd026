//! Frameworks: whom a store believes. The same for a person and an organisation.

use kist_pds::{AnchorBundle, AnchorInfo, Trust};
use serde_json::json;

use crate::arguments::TrustCommand;
use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::ui::Ui;

/// Runs a command about frameworks.
pub(crate) async fn run(ui: &Ui, trust: &Trust, command: TrustCommand) -> Result<()> {
    match command {
        TrustCommand::Add { file } => {
            let anchor = trust.add_anchor(input::json(&file)?).await?;
            ui.result(&anchor, |ui| show(ui, &anchor));
        }
        TrustCommand::List => {
            let anchors = trust.anchors().await?;
            ui.result(&anchors, |ui| {
                if anchors.is_empty() {
                    ui.remark("trust.none", Parameters::default());
                }
                anchors.iter().for_each(|anchor| show(ui, anchor));
            });
        }
        TrustCommand::Update { label, file } => {
            let anchor = match file {
                Some(file) => {
                    let bundle: AnchorBundle = input::json(&file)?;
                    trust.update_list(&label, &bundle.list).await?
                }
                None => trust.refresh(&label).await?,
            };
            ui.result(&anchor, |ui| show(ui, &anchor));
        }
        TrustCommand::Remove { label } => {
            trust.remove_anchor(&label).await?;
            ui.result(&json!({ "removed": label }), |ui| {
                ui.say("trust.removed", Parameters::default().with("label", &label));
            });
        }
    }
    Ok(())
}

fn show(ui: &Ui, anchor: &AnchorInfo) {
    ui.say(
        "trust.anchor",
        Parameters::of(anchor).with("next_at", anchor.next_update),
    );
}
