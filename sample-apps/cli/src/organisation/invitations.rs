//! Invitations: published ones, and letters with a code.

use std::path::Path;

use kist_pds::{InvitationSpec, Organisation};
use serde_json::json;

use crate::arguments::InviteCommand;
use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::pictures;
use crate::ui::Ui;

/// Runs a command about invitations.
pub(crate) async fn run(ui: &Ui, organisation: &Organisation, command: InviteCommand) -> Result<()> {
    match command {
        InviteCommand::Publish { spec, out } => publish(ui, organisation, &spec, out.as_deref()).await,
        InviteCommand::Letter { spec, qr } => letter(ui, organisation, &spec, qr.as_deref()).await,
        InviteCommand::Link { id, url, qr } => link(ui, organisation, &id, &url, qr.as_deref()).await,
        InviteCommand::List => list(ui, organisation).await,
        InviteCommand::Close { id } => close(ui, organisation, &id).await,
    }
}

async fn publish(ui: &Ui, organisation: &Organisation, spec: &Path, out: Option<&Path>) -> Result<()> {
    let spec: InvitationSpec = input::json(spec)?;
    let made = organisation.invitations().publish(spec).await?;
    if let Some(path) = out {
        input::write(path, format!("{}\n", made.invitation))?;
    }
    ui.result(&made, |ui| {
        if out.is_none() {
            ui.line(&made.invitation);
        }
        let parameters = Parameters::default()
            .with("id", input::short(&made.id))
            .with("expires_at", made.expires_at);
        ui.remark("invite.made", parameters);
    });
    Ok(())
}

async fn letter(ui: &Ui, organisation: &Organisation, spec: &Path, qr: Option<&Path>) -> Result<()> {
    qr.map(pictures::check_name).transpose()?;
    let spec: InvitationSpec = input::json(spec)?;
    let letter = organisation.invitations().letter(spec).await?;
    if let Some(path) = qr {
        pictures::write(path, &pictures::code(&letter.link)?)?;
    }
    ui.result(&letter, |ui| {
        ui.say("invite.letter", Parameters::of(&letter).shortened("id"))
    });
    Ok(())
}

async fn link(ui: &Ui, organisation: &Organisation, given: &str, url: &str, qr: Option<&Path>) -> Result<()> {
    let id = find(organisation, given).await?;
    let link = organisation.invitations().link(&id, url).await?;
    let code = pictures::code(&link)?;
    if let Some(path) = qr {
        pictures::write(path, &code)?;
    }
    ui.result(&json!({ "link": link }), |ui| {
        if qr.is_none() {
            ui.qr(&code);
        }
        ui.line(&link);
    });
    Ok(())
}

async fn list(ui: &Ui, organisation: &Organisation) -> Result<()> {
    let all = organisation.invitations().list().await?;
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("invite.none", Parameters::default());
        }
        for invitation in &all {
            let audience = json!(invitation.audience);
            let audience = audience.as_str().unwrap_or_default();
            let parameters = Parameters::default()
                .with("id", input::short(&invitation.id))
                .with("uses", invitation.uses.join(", "))
                .with("audience", ui.catalogue.word("invitation_audiences", audience))
                .with("expires_at", invitation.expires_at);
            ui.say("invite.line", parameters);
        }
    });
    Ok(())
}

async fn close(ui: &Ui, organisation: &Organisation, given: &str) -> Result<()> {
    let id = find(organisation, given).await?;
    organisation.invitations().close(&id).await?;
    ui.result(&json!({ "closed": id }), |ui| {
        ui.say("invite.closed", Parameters::default().with("id", input::short(&id)));
    });
    Ok(())
}

async fn find(organisation: &Organisation, given: &str) -> Result<String> {
    let all = organisation.invitations().list().await?;
    input::id(given, all.into_iter().map(|invitation| invitation.id))
}
