//! People's requests of rights: the queue, and the answers.

use std::collections::BTreeMap;

use kist_pds::{DeliverySpec, OrgRightsRequest, Organisation, RightsFulfilment};
use serde_json::json;

use super::agreements::last_second;
use super::requests;
use crate::arguments::OrgRightsCommand;
use crate::failure::Result;
use crate::input;
use crate::parameters::{Parameters, last_name, word};
use crate::person::reply;
use crate::ui::Ui;

/// Runs a command of rights.
pub(crate) async fn run(ui: &Ui, organisation: &Organisation, command: OrgRightsCommand) -> Result<()> {
    let rights = organisation.rights();
    let words = |text: String| BTreeMap::from([(ui.catalogue.tag().to_owned(), text)]);
    let request = match command {
        OrgRightsCommand::List => return list(ui, organisation).await,
        OrgRightsCommand::Answer { id, deliver, text } => {
            let mut specs: Vec<DeliverySpec> = Vec::new();
            for file in deliver {
                let spec: DeliverySpec = input::json(&file)?;
                specs.push(DeliverySpec {
                    schema: input::schema_uri(&spec.schema),
                    ..spec
                });
            }
            let fulfilment = RightsFulfilment {
                deliver: specs,
                text: text.map(words).unwrap_or_default(),
            };
            rights.answer(&find(organisation, &id).await?, fulfilment).await?
        }
        OrgRightsCommand::Refuse { id, ground, text } => {
            let id = find(organisation, &id).await?;
            rights.refuse(&id, ground.into(), words(text)).await?
        }
        OrgRightsCommand::Extend { id, text, until } => {
            let until = until.as_deref().map(last_second).transpose()?;
            rights
                .extend(&find(organisation, &id).await?, until, words(text))
                .await?
        }
    };
    ui.result(&request, |ui| show(ui, &request));
    Ok(())
}

async fn list(ui: &Ui, organisation: &Organisation) -> Result<()> {
    let all = organisation.rights().list().await?;
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("org_rights.none", Parameters::default());
        }
        all.iter().for_each(|request| show(ui, request));
    });
    Ok(())
}

fn show(ui: &Ui, request: &OrgRightsRequest) {
    let dates = Parameters::default()
        .with("due_at", request.due_at)
        .with_some("answered_at", request.answer.as_ref().map(|answer| answer.answered_at));
    let state = ui
        .catalogue
        .sentence("org_rights_states", &word(&request.state), &dates);
    let parameters = Parameters::default()
        .with("id", input::short(&request.id))
        .with("right", word(&request.right))
        .with("stage", state);
    match &request.agreement {
        Some(agreement) => ui.say("org_rights.line", parameters.with("agreement", input::short(agreement))),
        None => ui.say("org_rights.everything", parameters),
    }
    let names = request.fields.iter().filter_map(|field| last_name(&json!(field)));
    let labels: Vec<String> = names.map(|name| ui.catalogue.word("fields", &name)).collect();
    if !labels.is_empty() {
        let fields = Parameters::default().with("fields", labels.join(", "));
        ui.line(&format!("  {}", ui.text("rights.fields", fields)));
    }
    if let Some(reason) = &request.reason {
        let reason = Parameters::default().with("text", reason);
        ui.line(&format!("  {}", ui.text("rights.reason", reason)));
    }
    requests::fields(ui, &request.corrected);
    for answer in request.extension.iter().chain(&request.answer) {
        ui.line(&format!("  {}", reply(ui, answer)));
    }
}

async fn find(organisation: &Organisation, given: &str) -> Result<String> {
    let all = organisation.rights().list().await?;
    input::id(given, all.into_iter().map(|request| request.id))
}
