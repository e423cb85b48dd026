//! The framework operator's commands.

use std::path::{Path, PathBuf};

use kist_pds::{Admission, Application, Directory, Framework, FrameworkProfile, Status};
use serde_json::{Value, json};

use crate::Context;
use crate::arguments::{AdmitArgs, FoundArgs, FrameworkCommand, MemberArgs, PublishArgs, RenewArgs, RotateArgs};
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
        FrameworkCommand::Renew(arguments) => renew(ui, &framework, arguments).await?,
        FrameworkCommand::Suspend(member) => change(ui, &framework, member, Status::Suspended).await?,
        FrameworkCommand::Reinstate(member) => change(ui, &framework, member, Status::Active).await?,
        FrameworkCommand::Expel(member) => change(ui, &framework, member, Status::Expelled).await?,
        FrameworkCommand::Members => members(ui, &framework).await?,
        FrameworkCommand::Status => status(ui, &framework).await?,
        FrameworkCommand::Log => log(ui, &framework).await?,
        FrameworkCommand::Terms { file } => terms(ui, &framework, &file).await?,
        FrameworkCommand::RotateRoot(arguments) => rotate_root(ui, &framework, arguments).await?,
        FrameworkCommand::RotateRegistrar => {
            framework.rotate_registrar().await?;
            done(ui, "framework.registrar_changed");
        }
        FrameworkCommand::Directory { invitations, out } => directory(ui, &invitations, &out)?,
        FrameworkCommand::DirectoryUrl(arguments) => {
            framework.set_directory(arguments.url.as_deref()).await?;
            done(ui, "framework.directory_changed");
        }
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
    let admitted = json!({ "organisation": application.organisation });
    hand_out(ui, &admission, arguments.out.as_deref(), admitted, |ui| {
        ui.say("framework.admitted", name);
    })
}

async fn renew(ui: &Ui, framework: &Framework, arguments: RenewArgs) -> Result<()> {
    let id = arguments.organisation_id;
    let admission = framework.renew(&id).await?;
    let renewed = json!({ "organisation_id": id });
    hand_out(ui, &admission, arguments.out.as_deref(), renewed, |ui| {
        ui.say("framework.renewed", Parameters::default().with("organisation", id));
    })
}

/// Writes what a member installs: into a file and says so, or to standard output.
fn hand_out(
    ui: &Ui,
    admission: &Admission,
    out: Option<&Path>,
    mut result: Value,
    say: impl FnOnce(&Ui),
) -> Result<()> {
    match out {
        Some(path) => {
            input::write(path, format!("{:#}\n", json!(admission)))?;
            result["written"] = json!(path);
            ui.result(&result, say);
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

async fn change(ui: &Ui, framework: &Framework, member: MemberArgs, to: Status) -> Result<()> {
    let (id, status) = (member.organisation_id, state(to));
    framework.set_status(&id, to, member.reason).await?;
    let parameters = Parameters::default()
        .with("organisation", &id)
        .with("status", ui.catalogue.word("member_states", status));
    ui.result(&json!({ "organisation_id": id, "status": status }), |ui| {
        ui.say("framework.changed", parameters);
        ui.remark("framework.publish_next", Parameters::default());
    });
    Ok(())
}

fn state(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Suspended => "suspended",
        Status::Expelled => "expelled",
    }
}

/// Says that something was done that counts with the next list.
fn done(ui: &Ui, key: &str) {
    ui.result(&json!({ "done": true }), |ui| {
        ui.line(&ui.text(key, Parameters::default()));
        ui.remark("framework.publish_next", Parameters::default());
    });
}

async fn rotate_root(ui: &Ui, framework: &Framework, arguments: RotateArgs) -> Result<()> {
    let days = Parameters::default().with("days", i64::from(arguments.retire_days));
    if !ui.confirm(arguments.yes, "framework.sure_root", days).await? {
        return Ok(());
    }
    framework.rotate_root(arguments.retire_days).await?;
    done(ui, "framework.root_changed");
    Ok(())
}

async fn terms(ui: &Ui, framework: &Framework, file: &Path) -> Result<()> {
    let notice = framework.publish_terms(input::json(file)?).await?;
    ui.result(&notice, |ui| {
        let parameters = Parameters::default()
            .with("version", &notice.version)
            .with("hash", &notice.sha256);
        ui.say("framework.terms", parameters);
        ui.remark("framework.publish_next", Parameters::default());
    });
    Ok(())
}

async fn status(ui: &Ui, framework: &Framework) -> Result<()> {
    let status = framework.status().await?;
    ui.result(&status, |ui| {
        ui.heading(&ui.text("framework.operator", Parameters::of(&status.operator)));
        if let Some(list) = &status.list {
            let list = Parameters::of(list)
                .with("issued_at", list.issued)
                .with("next_at", list.next_update);
            ui.say("framework.list", list);
        }
        let certificates = Parameters::default()
            .with("root_at", status.root.not_after)
            .with("registrar_at", status.registrar.not_after);
        ui.say("framework.certificates", certificates);
        if let Some(at) = status.old_root_retires {
            ui.say("framework.old_root", Parameters::default().with("at", at));
        }
        if let Some(terms) = &status.terms {
            let terms = Parameters::default()
                .with("version", &terms.version)
                .with("hash", &terms.sha256);
            ui.say("framework.terms", terms);
        }
        if let Some(url) = &status.directory {
            ui.say("framework.directory_url", Parameters::default().with("url", url));
        }
        for member in &status.members {
            let parameters = Parameters::default()
                .with("organisation", &member.legal_name)
                .with("id", &member.organisation_id)
                .with("status", ui.catalogue.word("member_states", state(member.status)))
                .with("since_at", member.since)
                .with("until_at", member.registration_expires);
            ui.say("framework.member_until", parameters);
        }
        for notice in &status.notices {
            let said = ui.catalogue.sentence("notices", notice.code(), &Parameters::of(notice));
            ui.line(&format!("! {said}"));
        }
    });
    Ok(())
}

async fn log(ui: &Ui, framework: &Framework) -> Result<()> {
    let entries = framework.log().await?;
    ui.result(&entries, |ui| {
        for entry in &entries {
            let parameters = Parameters::of(&entry.act);
            let kind = parameters.text("type").unwrap_or_default();
            let act = ui.catalogue.sentence("acts", &kind, &parameters);
            let at = parameters::moment(entry.at.saturating_mul(1000));
            ui.line(&format!("{:>4}  {at}  {act}", entry.sequence));
        }
    });
    Ok(())
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

/// Puts organisations' invitations into one file.
fn directory(ui: &Ui, invitations: &[PathBuf], out: &Path) -> Result<()> {
    let invitations = invitations.iter().map(|path| Ok(input::text(path)?.trim().to_owned()));
    let directory = Directory::of(invitations.collect::<Result<_>>()?);
    input::write(out, json!(directory).to_string())?;
    let (path, count) = (out.display().to_string(), directory.invitations.len());
    ui.result(&json!({ "written": path, "count": count }), |ui| {
        let parameters = Parameters::default().with("path", path.clone()).with("count", count);
        ui.say("framework.directory", parameters);
    });
    Ok(())
}
