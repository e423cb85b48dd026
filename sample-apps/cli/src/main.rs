//! `kist`: the personal data store on the command line.

mod arguments;
mod catalogue;
mod columns;
mod failure;
mod framework;
mod input;
mod kit;
mod organisation;
mod parameters;
mod person;
mod pictures;
mod place;
mod progress;
mod secrets;
mod transfers;
mod trust;
mod ui;
mod verify;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use kist_pds::Platform;

use arguments::{Arguments, Command};
use failure::{Failure, Result};
use secrets::Secrets;
use ui::Ui;

/// What every command works with.
pub(crate) struct Context {
    /// Where it prints and asks.
    pub(crate) ui: Ui,
    /// What it may open the store with.
    pub(crate) secrets: Secrets,
    /// The store's folder.
    pub(crate) store: std::path::PathBuf,
    /// What this machine gives the store.
    pub(crate) platform: Platform,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let ui = Ui::new(&arguments.global);
    match run(ui, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// What clap says of wrong arguments, or the help that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let ui = Ui::unconfigured();
    if asked_for || !ui.is_json() {
        // Where nobody reads the help, there is nobody to tell.
        let _ = error.print();
        return ExitCode::from(if asked_for { 0 } else { 2 });
    }
    let said = error.to_string();
    let problem = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let failure = Failure::own("Usage").with("problem", problem);
    ui.failure(&failure);
    ExitCode::from(failure.exit_code())
}

fn run(ui: Ui, Arguments { global, command }: Arguments) -> Result<()> {
    let context = Context {
        ui,
        secrets: Secrets::gather(&ui, &global, &command)?,
        store: place::store(&global, command.role()),
        platform: place::platform(&global),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unreadable(&context.store, &error))?;
    runtime.block_on(async {
        tokio::select! {
            done = dispatch(&context, command) => done,
            // The command's future is dropped, which the core takes for its cancellation.
            _ = tokio::signal::ctrl_c() => Err(Failure::Cancelled),
        }
    })
}

async fn dispatch(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Org(command) => organisation::run(context, command).await,
        Command::Framework(command) => framework::run(context, command).await,
        Command::VerifyEvidence { file } => verify::evidence(&context.ui, &file),
        Command::VerifyReceipt(arguments) => verify::receipt(&context.ui, arguments),
        command => person::run(context, command).await,
    }
}
