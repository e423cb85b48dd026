//! The person's commands.

mod archive;
mod backup;
mod clusters;
mod conflicts;
mod connections;
mod consents;
mod correct;
mod curation;
mod forms;
mod history;
mod import;
mod inbox;
mod people;
mod records;
mod reminders;
mod restore;
mod rights;
mod rules;
mod scan;
mod show;

use kist_pds::Person;
use serde_json::json;

use crate::Context;
use crate::arguments::Command;
use crate::failure::Result;
use crate::parameters::Parameters;
use crate::{organisation, trust};

pub(crate) use records::text_of;
pub(crate) use rights::reply;

/// Runs a command of the person.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Init { relay } => return init(context, relay).await,
        Command::Restore(arguments) => return restore::run(context, arguments).await,
        Command::Org(command) => return organisation::run(context, command).await,
        Command::Framework(command) => return crate::framework::run(context, command).await,
        _ => {}
    }
    let person = Person::open(&context.store, context.platform.clone(), &context.secrets.passphrase).await?;
    let done = with_store(context, &person, command).await;
    person.close().await?;
    done
}

async fn with_store(context: &Context, person: &Person, command: Command) -> Result<()> {
    let ui = &context.ui;
    match command {
        Command::Add(arguments) => records::add(ui, person, arguments).await,
        Command::Import(arguments) => import::run(ui, person, arguments).await,
        Command::List(filter) => records::list(ui, person, filter).await,
        Command::Search(arguments) => records::search(ui, person, arguments).await,
        Command::Show(arguments) => show::run(ui, person, arguments).await,
        Command::Correct(arguments) => correct::run(ui, person, arguments).await,
        Command::Mark(arguments) => curation::mark(ui, person, arguments).await,
        Command::Confirm(arguments) => curation::confirm(ui, person, arguments).await,
        Command::Trash(arguments) => curation::trash(ui, person, arguments).await,
        Command::Duplicates(arguments) => conflicts::run(ui, person, arguments).await,
        Command::Reminders(arguments) => reminders::run(ui, person, arguments).await,
        Command::Fill(arguments) => forms::run(ui, person, arguments).await,
        Command::Delete { id, yes } => records::delete(ui, person, &id, yes).await,
        Command::Schemas => records::schemas(ui, person),
        Command::Scan(arguments) => scan::run(ui, person, arguments).await,
        Command::Rules(command) => rules::run(ui, person, command).await,
        Command::Connect(arguments) => connections::connect(ui, person, arguments).await,
        Command::Connections(arguments) => connections::run(ui, person, arguments).await,
        Command::Clusters(arguments) => clusters::run(ui, person, arguments).await,
        Command::People(command) => people::run(ui, person, command).await,
        Command::Inbox(arguments) => inbox::run(ui, person, arguments).await,
        Command::Consents(arguments) => consents::run(ui, person, arguments).await,
        Command::SendFile { consent, file } => consents::send_file(ui, person, &consent, &file).await,
        Command::Transfers => {
            crate::transfers::list(ui, &person.files().transfers().await?);
            Ok(())
        }
        Command::Withdraw { id, remind } => consents::withdraw(ui, person, &id, remind).await,
        Command::Rights(command) => rights::run(ui, person, command).await,
        Command::History(arguments) => history::run(ui, person, arguments).await,
        Command::Relay { url } => relay(context, person, url).await,
        Command::Backup(command) => backup::run(context, person, command).await,
        Command::Export { file, without_keys } => archive::export(context, person, &file, without_keys).await,
        Command::ImportArchive(arguments) => archive::import(context, person, arguments).await,
        Command::Trust(command) => trust::run(ui, &person.trust(), command).await,
        Command::ChangePassphrase { .. } => change_passphrase(context, person).await,
        // Run before the store is opened.
        Command::Init { .. }
        | Command::Restore(_)
        | Command::VerifyEvidence { .. }
        | Command::VerifyReceipt(_)
        | Command::Org(_)
        | Command::Framework(_) => Ok(()),
    }
}

async fn init(context: &Context, relay: Option<String>) -> Result<()> {
    let person = Person::create(&context.store, context.platform.clone(), &context.secrets.passphrase).await?;
    if let Some(relay) = &relay {
        person.set_relay(relay).await?;
    }
    let relay = person.relay().await?;
    person.close().await?;
    let store = context.store.display().to_string();
    let made = json!({ "store": store, "relay": relay });
    context.ui.result(&made, |ui| {
        ui.say("init.done", Parameters::default().with("store", store));
        ui.remark("init.next", Parameters::default());
    });
    Ok(())
}

async fn relay(context: &Context, person: &Person, url: Option<String>) -> Result<()> {
    if let Some(url) = url {
        person.set_relay(&url).await?;
    }
    show_relay(context, person.relay().await?);
    Ok(())
}

/// Shows the relay that is set.
pub(crate) fn show_relay(context: &Context, relay: Option<String>) {
    context.ui.result(&json!({ "relay": relay }), |ui| match &relay {
        Some(relay) => ui.say("relay.set", Parameters::default().with("relay", relay)),
        None => ui.say("relay.none", Parameters::default()),
    });
}

async fn change_passphrase(context: &Context, person: &Person) -> Result<()> {
    person.change_passphrase(&context.secrets.new_passphrase).await?;
    context.ui.result(&json!({ "changed": true }), |ui| {
        ui.say("passphrase.changed", Parameters::default());
    });
    Ok(())
}
