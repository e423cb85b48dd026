//! Connections: whom the person can contact, with whom they stand in contact, and the end of it.

use std::path::Path;

use kist_pds::{ConnectionSummary, Contact, Introduction, Person, Requests};
use serde_json::json;

use super::consents;
use crate::arguments::{ConnectArgs, ConnectionsArgs};
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::Parameters;
use crate::pictures;
use crate::ui::Ui;

/// Lists who can be contacted, takes what the person was handed, or contacts an organisation.
pub(crate) async fn connect(ui: &Ui, person: &Person, arguments: ConnectArgs) -> Result<()> {
    let connections = person.connections();
    if let Some(url) = &arguments.directory {
        connections.fetch_directory(url).await?;
    }
    if arguments.update {
        connections.refresh_directories().await?;
    }
    let Some(given) = &arguments.with else {
        return list(ui, &connections.contacts().await?);
    };
    let contacts = match introduce(person, given, arguments.relay.as_deref()).await? {
        None => vec![find(&connections.contacts().await?, given)?],
        Some(Introduction::Contacts { contacts }) => contacts,
        Some(introduction) => {
            let key = match &introduction {
                Introduction::Cluster { statement } => {
                    person.clusters().add(statement).await?;
                    "connect.cluster"
                }
                _ => "connect.person",
            };
            ui.result(&introduction, |ui| ui.say(key, Parameters::default()));
            return Ok(());
        }
    };
    let (Some(wanted), [contact]) = (&arguments.intended_use, contacts.as_slice()) else {
        return list(ui, &contacts);
    };
    let connection = connections.open(&contact.id, wanted).await?;
    ui.result(&connection, |ui| {
        ui.say(
            "connect.opened",
            Parameters::default().with("organisation", &connection.with),
        );
    });
    Ok(())
}

/// What was handed over; none where it is the name of an organisation that is known.
async fn introduce(person: &Person, given: &str, relay: Option<&str>) -> Result<Option<Introduction>> {
    let connections = person.connections();
    let path = Path::new(given);
    if given.contains("://") {
        return Ok(Some(connections.introduce(given).await?));
    }
    if path.exists() {
        let text = match pictures::extension(path).as_str() {
            "png" | "jpg" | "jpeg" => {
                let (luma, width, height) = pictures::luma(path)?;
                Requests::read_qr(&luma, width, height)?
            }
            _ => input::text(path)?,
        };
        return Ok(Some(connections.introduce(&text).await?));
    }
    let looks_like_code = given.len() >= 20
        && given
            .chars()
            .all(|symbol| symbol.is_ascii_alphanumeric() || "- ".contains(symbol));
    let known = find(&connections.contacts().await?, given).is_ok();
    if known || !looks_like_code {
        return Ok(None);
    }
    let relay = match relay {
        Some(relay) => relay.to_owned(),
        None => person.relay().await?.ok_or_else(|| Failure::own("RelayNeeded"))?,
    };
    Ok(Some(connections.redeem(given, &relay).await?))
}

/// By the organisation's id or name, or by the invitation's.
fn find(contacts: &[Contact], given: &str) -> Result<Contact> {
    let named =
        |contact: &&Contact| contact.organisation_id == given || contact.organisation.eq_ignore_ascii_case(given);
    if let Some(contact) = contacts.iter().find(named) {
        return Ok(contact.clone());
    }
    let id = input::id(given, contacts.iter().map(|contact| contact.id.clone()))?;
    let found = contacts.iter().find(|contact| contact.id == id);
    found
        .cloned()
        .ok_or_else(|| Failure::own("UnknownId").with("id", given))
}

fn list(ui: &Ui, contacts: &[Contact]) -> Result<()> {
    ui.result(&contacts, |ui| {
        if contacts.is_empty() {
            ui.remark("connect.none", Parameters::default());
        }
        for contact in contacts {
            ui.say("connect.contact", Parameters::of(contact).shortened("id"));
            for offered in &contact.uses {
                let purpose = Parameters::default()
                    .with("use", &offered.id)
                    .with("purpose", ui.catalogue.choose(&offered.purpose.0));
                ui.say("connect.use", purpose);
            }
        }
        let uses = contacts.iter().flat_map(|contact| &contact.uses);
        let uses: Vec<&str> = uses.map(|offered| offered.id.as_str()).collect();
        if let [_] = contacts {
            ui.remark("connect.which", Parameters::default().with("uses", uses.join(", ")));
        }
    });
    Ok(())
}

/// Lists connections, shows one, pauses, resumes or ends it.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ConnectionsArgs) -> Result<()> {
    let connections = person.connections();
    let all = connections.list().await?;
    let Some(given) = &arguments.id else {
        ui.result(&all, |ui| {
            if all.is_empty() {
                ui.remark("connections.none", Parameters::default());
            }
            all.iter().for_each(|connection| show(ui, connection));
        });
        return Ok(());
    };
    let id = input::id(given, all.iter().map(|connection| connection.id.clone()))?;
    let connection = if arguments.pause {
        connections.pause(&id).await?
    } else if arguments.resume {
        connections.resume(&id).await?
    } else if arguments.end {
        let with = all.iter().find(|connection| connection.id == id);
        let with = Parameters::default().with("with", with.map_or("", |connection| connection.with.as_str()));
        if !ui.confirm(arguments.yes, "connections.end", with).await? {
            return Ok(());
        }
        connections.end(&id).await?
    } else {
        connections.get(&id).await?
    };
    ui.result(&connection, |ui| show(ui, &connection));
    Ok(())
}

fn show(ui: &Ui, connection: &ConnectionSummary) {
    let word = |section: &str, value: serde_json::Value| ui.catalogue.word(section, value.as_str().unwrap_or_default());
    let parameters = Parameters::default()
        .with("id", input::short(&connection.id))
        .with("with", &connection.with)
        .with("status", word("connection_states", json!(connection.state)))
        .with("origin", word("connection_origins", json!(connection.opened_by)))
        .with("since_at", connection.since);
    ui.say("connections.line", parameters);
    for agreement in &connection.agreements {
        ui.line(&format!("    {}", consents::line(ui, agreement)));
    }
}
