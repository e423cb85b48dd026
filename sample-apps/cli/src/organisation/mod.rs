//! An organisation's commands.

mod agreements;
mod clusters;
mod commissions;
mod invitations;
mod reads;
mod requests;
mod rights;
mod transfers;

use std::path::Path;

use kist_pds::{Admission, Organisation, OrganisationProfile};
use serde_json::json;

use crate::Context;
use crate::arguments::{ApplyArgs, OrganisationCommand};
use crate::failure::Result;
use crate::parameters::Parameters;
use crate::{input, person, trust};

/// Runs a command of an organisation.
pub(crate) async fn run(context: &Context, command: OrganisationCommand) -> Result<()> {
    if let OrganisationCommand::Create { profile } = &command {
        return create(context, profile).await;
    }
    let platform = context.platform.clone();
    let organisation = Organisation::open(&context.store, platform, &context.secrets.passphrase).await?;
    let done = with_store(context, &organisation, command).await;
    organisation.close().await?;
    done
}

async fn with_store(context: &Context, organisation: &Organisation, command: OrganisationCommand) -> Result<()> {
    let ui = &context.ui;
    match command {
        // Run before the store is opened.
        OrganisationCommand::Create { .. } => Ok(()),
        OrganisationCommand::Apply(arguments) => apply(context, organisation, arguments).await,
        OrganisationCommand::Install { file } => install(context, organisation, &file).await,
        OrganisationCommand::Relay { url } => relay(context, organisation, url).await,
        OrganisationCommand::Trust(command) => trust::run(ui, &organisation.trust(), command).await,
        OrganisationCommand::Request(arguments) => requests::create(ui, organisation, arguments).await,
        OrganisationCommand::Requests => requests::list(ui, organisation).await,
        OrganisationCommand::Qr { id, qr } => requests::qr(ui, organisation, &id, qr).await,
        OrganisationCommand::Collect(arguments) => requests::collect(ui, organisation, arguments).await,
        OrganisationCommand::Card { out } => commissions::card(ui, organisation, out.as_deref()).await,
        OrganisationCommand::Commission(arguments) => commissions::order(ui, organisation, arguments).await,
        OrganisationCommand::Carry(arguments) => commissions::carry(ui, organisation, arguments).await,
        OrganisationCommand::Carried(arguments) => commissions::fetch(ui, organisation, arguments).await,
        OrganisationCommand::Open { answer } => commissions::open(ui, organisation, &answer).await,
        OrganisationCommand::Close { id } => requests::close(ui, organisation, &id).await,
        OrganisationCommand::Rights(command) => rights::run(ui, organisation, command).await,
        OrganisationCommand::Invite(command) => invitations::run(ui, organisation, command).await,
        OrganisationCommand::Cluster(command) => clusters::run(ui, organisation, command).await,
        OrganisationCommand::Agreements { id } => agreements::show(ui, organisation, id).await,
        OrganisationCommand::Deliver(arguments) => agreements::deliver(ui, organisation, arguments).await,
        OrganisationCommand::Read { agreement, fields } => reads::ask(ui, organisation, &agreement, &fields).await,
        OrganisationCommand::Reads { agreement } => reads::list(ui, organisation, agreement).await,
        OrganisationCommand::Transfers => transfers::list(ui, organisation).await,
        OrganisationCommand::Save { transfer, to } => transfers::save(ui, organisation, &transfer, &to).await,
        OrganisationCommand::Note { agreement, words } => {
            agreements::note(ui, organisation, &agreement, &words.join(" ")).await
        }
        OrganisationCommand::Refresh => agreements::refresh(ui, organisation).await,
    }
}

async fn create(context: &Context, profile: &Path) -> Result<()> {
    let profile: OrganisationProfile = input::json_with_terms(profile)?;
    let (name, passphrase) = (profile.legal_name.clone(), &context.secrets.passphrase);
    let organisation =
        Organisation::create(&context.store, context.platform.clone(), passphrase, profile.clone()).await?;
    organisation.close().await?;
    let store = context.store.display().to_string();
    context.ui.result(&json!({ "store": store, "profile": profile }), |ui| {
        ui.say(
            "org.created",
            Parameters::default()
                .with("organisation", &name)
                .with("store", store.clone()),
        );
        ui.remark("org.next", Parameters::default());
    });
    Ok(())
}

async fn apply(context: &Context, organisation: &Organisation, arguments: ApplyArgs) -> Result<()> {
    let application = organisation.apply(input::json_with_terms(&arguments.spec)?).await?;
    let Some(path) = &arguments.out else {
        context
            .ui
            .result(&json!({ "application": application }), |ui| ui.line(&application));
        return Ok(());
    };
    input::write(path, format!("{application}\n"))?;
    let parameters = Parameters::default().with("path", path.display().to_string());
    context
        .ui
        .result(&json!({ "written": path }), |ui| ui.say("org.applied", parameters));
    Ok(())
}

async fn install(context: &Context, organisation: &Organisation, file: &Path) -> Result<()> {
    let admission: Admission = input::json(file)?;
    organisation.install(admission).await?;
    let profile = organisation.profile().await?;
    let parameters = Parameters::default().with("organisation", &profile.legal_name);
    context
        .ui
        .result(&json!({ "installed": true }), |ui| ui.say("org.installed", parameters));
    Ok(())
}

async fn relay(context: &Context, organisation: &Organisation, url: Option<String>) -> Result<()> {
    if let Some(url) = url {
        organisation.set_relay(&url).await?;
    }
    person::show_relay(context, organisation.relay().await?);
    Ok(())
}
