//! Backup: set-up with the recovery kit, runs, status, rehearsal, devices.

use std::path::Path;

use kist_pds::{Person, RecoveryKit};
use serde_json::json;

use crate::Context;
use crate::arguments::{BackupCommand, SetupArgs};
use crate::failure::Result;
use crate::parameters::Parameters;
use crate::progress::Bar;
use crate::{input, kit, pictures};

/// Runs a command of the backup.
pub(crate) async fn run(context: &Context, person: &Person, command: BackupCommand) -> Result<()> {
    let (ui, backup) = (&context.ui, person.backup());
    match command {
        BackupCommand::Setup(arguments) => return setup(context, person, arguments).await,
        BackupCommand::Run => {
            let bar = Bar::new(ui, "progress.backup");
            let report = backup.run(bar.report()).await?;
            drop(bar);
            let (sequence, sent, changes) = (report.sequence, report.bytes_sent, report.changes);
            let report = json!({ "sequence": sequence, "bytes_sent": sent, "changes": changes });
            ui.result(&report, |ui| ui.say("backup.done", Parameters::of(&report)));
        }
        BackupCommand::Status => {
            let status = backup.status().await?;
            let state = match (&status.relay, status.last_backup_at, status.pending_changes) {
                (None, ..) => "backup.none",
                (_, None, _) => "backup.never",
                (.., true) => "backup.pending",
                (.., false) => "backup.current",
            };
            ui.result(&status, |ui| ui.say(state, Parameters::of(&status)));
        }
        BackupCommand::Rehearse => {
            let bar = Bar::new(ui, "progress.rehearse");
            let report = backup.rehearse(bar.report()).await?;
            drop(bar);
            ui.result(&report, |ui| ui.say("backup.rehearsed", Parameters::of(&report)));
        }
        BackupCommand::Devices => {
            let devices = backup.devices().await?;
            ui.result(&devices, |ui| {
                for device in &devices {
                    let key = if device.this {
                        "backup.this_device"
                    } else {
                        "backup.device"
                    };
                    ui.say(key, Parameters::of(device).shortened("id"));
                }
            });
        }
    }
    Ok(())
}

async fn setup(context: &Context, person: &Person, arguments: SetupArgs) -> Result<()> {
    arguments.kit.as_deref().map(kit::check_name).transpose()?;
    arguments.qr.as_deref().map(pictures::check_name).transpose()?;
    // What can't be written is found out before there is a code to lose.
    let files: Vec<&Path> = [&arguments.kit, &arguments.qr]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    for file in &files {
        input::write_private(file, "")?;
    }
    let relay = match arguments.relay {
        Some(relay) => relay,
        None => person.relay().await?.unwrap_or_default(),
    };
    let kit = person.backup().set_up(&relay).await?;
    // The code is shown once, whatever becomes of the files.
    let written = write(context, &kit, &arguments.kit, &arguments.qr);
    let shown = json!({ "code": kit.code, "relay": kit.relay, "uri": kit.uri, "written": files });
    context.ui.result(&shown, |ui| {
        ui.heading(&ui.text("kit.title", Parameters::default()));
        ui.say("kit.explanation", Parameters::default());
        ui.line("");
        ui.heading(&format!("    {}", kit.code));
        ui.line(&format!("    {}", kit.relay));
        ui.line("");
        ui.say("kit.keep", Parameters::default());
        for file in &files {
            ui.say(
                "kit.written",
                Parameters::default().with("path", file.display().to_string()),
            );
        }
        ui.remark("kit.next", Parameters::default());
    });
    written
}

fn write(
    context: &Context,
    kit: &RecoveryKit,
    page: &Option<std::path::PathBuf>,
    qr: &Option<std::path::PathBuf>,
) -> Result<()> {
    let now = jiff::Timestamp::now().as_millisecond();
    if let Some(path) = page {
        input::write_private(path, kit::page(&context.ui, kit, now, path)?)?;
    }
    if let Some(path) = qr {
        pictures::write(path, &pictures::code(&kit.uri)?)?;
    }
    Ok(())
}
