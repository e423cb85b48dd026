//! The framework operator's commands.

use kist_pds::{Application, Framework, FrameworkProfile};
use serde_json::json;

use crate::Context;
use crate::arguments::{AdmitArgs, FoundArgs, FrameworkCommand, PublishArgs};
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Runs a command of the operator.
pub(crate) async fn run(context: &Context, command: FrameworkCommand) -> Result<()> {
    if let FrameworkCommand::Create(arguments) = command {
        return create(context, arguments).await;
    }
    let framework = Framework::open(&context.store, context.platform.clone(), &context.secrets.passphrase).await?;
    let ui = &context.ui;
    match command {
        FrameworkCommand::Create(_) => {}
        FrameworkCommand::Admit(arguments) => admit(ui, &framework, arguments).await?,
        FrameworkCommand::Suspend(member) => {
            framework.suspend(&member.organisation_id).await?;
            changed(ui, &member.organisation_id, "suspended");
        }
        FrameworkCommand::Reinstate(member) => {
            framework.reinstate(&member.organisation_id).await?;
            changed(ui, &member.organisation_id, "active");
        }
        FrameworkCommand::Expel(member) => {
            framework.expel(&member.organisation_id).await?;
            changed(ui, &member.organisation_id, "expelled");
        }
        FrameworkCommand::Members => members(ui, &framework).await?,
        FrameworkCommand::Publish(arguments) => publish(ui, &framework, arguments).await?,
    }
    Ok(())
}

async fn create(context: &Context, arguments: FoundArgs) -> Result<()> {
    let profile = FrameworkProfile {
        label: arguments.label,
        legal_name: arguments.legal_name,
        organisation_id: arguments.organisation_id,
        country: arguments.country,
        list_url: arguments.list_url,
    };
    let (label, passphrase) = (profile.label.clone(), &context.secrets.passphrase);
    Framework::create(&context.store, context.platform.clone(), passphrase, profile).await?;
    let store = context.store.display().to_string();
    context.ui.result(&json!({ "store": store, "label": label }), |ui| {
        ui.say(
            "framework.created",
            Parameters::default().with("label", &label).with("store", store.clone()),
        );
    });
    Ok(())
}

async fn admit(ui: &Ui, framework: &Framework, arguments: AdmitArgs) -> Result<()> {
    let text = input::text(&arguments.application)?;
    let application = Framework::read_application(&text)?;
    // The admission itself may go to standard output, to be piped on.
    let shows = arguments.out.is_some() && !ui.is_json();
    if shows || ui.is_interactive() {
        show(ui, &application);
    }
    let name = Parameters::default().with("organisation", &application.organisation.legal_name);
    if !ui.confirm(arguments.yes, "framework.sure", name.clone()).await? {
        return Ok(());
    }
    let admission = framework.admit(&text).await?;
    match &arguments.out {
        Some(path) => {
            input::write(path, format!("{:#}\n", json!(admission)))?;
            let admitted = json!({ "organisation": application.organisation, "written": path });
            ui.result(&admitted, |ui| ui.say("framework.admitted", name));
        }
        None => ui.line(&format!("{:#}", json!(admission))),
    }
    Ok(())
}

/// What an organisation applies for, so that the operator can check it.
fn show(ui: &Ui, application: &Application) {
    let organisation = Parameters::of(&application.organisation);
    ui.heading(&ui.text("framework.applicant", organisation));
    for intended in &application.intended_uses {
        let purpose = Parameters::default()
            .with("purpose", ui.catalogue.choose(&intended.purpose.0))
            .with("basis", ui.catalogue.word("legal_bases", &intended.legal_basis));
        ui.line(&format!("  {}", ui.text("framework.use", purpose)));
        for credential in &intended.credentials {
            let claims = credential
                .claims
                .iter()
                .filter_map(|path| parameters::last_name(&json!(path)));
            let labels: Vec<String> = claims.map(|name| ui.catalogue.word("fields", &name)).collect();
            ui.line(&format!(
                "    {}: {}",
                parameters::kind(&credential.vct, ui.catalogue),
                labels.join(", ")
            ));
        }
    }
    let issues: Vec<String> = application
        .issues
        .iter()
        .map(|uri| parameters::kind(uri, ui.catalogue))
        .collect();
    if !issues.is_empty() {
        let parameters = Parameters::default().with("kinds", issues.join(", "));
        ui.line(&format!("  {}", ui.text("framework.issues", parameters)));
    }
}

fn changed(ui: &Ui, organisation_id: &str, status: &str) {
    let parameters = Parameters::default()
        .with("organisation", organisation_id)
        .with("status", ui.catalogue.word("member_states", status));
    ui.result(&json!({ "organisation_id": organisation_id, "status": status }), |ui| {
        ui.say("framework.changed", parameters);
        ui.remark("framework.publish_next", Parameters::default());
    });
}

async fn members(ui: &Ui, framework: &Framework) -> Result<()> {
    let members = framework.members().await?;
    ui.result(&members, |ui| {
        if members.is_empty() {
            ui.remark("framework.no_members", Parameters::default());
        }
        for member in &members {
            let parameters = Parameters::default()
                .with("organisation", &member.legal_name)
                .with("id", &member.organisation_id)
                .with("status", ui.catalogue.word("member_states", member.status))
                .with("since_at", member.since);
            ui.say("framework.member", parameters);
        }
    });
    Ok(())
}

async fn publish(ui: &Ui, framework: &Framework, arguments: PublishArgs) -> Result<()> {
    let bundle = framework.publish(arguments.valid_days).await?;
    match &arguments.out {
        Some(path) => {
            input::write(path, format!("{:#}\n", json!(bundle)))?;
            let published = json!({ "label": bundle.label, "written": path });
            let parameters = Parameters::default()
                .with("label", &bundle.label)
                .with("path", path.display().to_string());
            ui.result(&published, |ui| ui.say("framework.published", parameters));
        }
        None => ui.line(&format!("{:#}", json!(bundle))),
    }
    Ok(())
}
