//! Other people: invitations, the code that both compare, and what is shared.

use std::path::{Path, PathBuf};

use kist_pds::{KnownPerson, Person, Requests, Share, ShareSpec};
use serde_json::json;

use super::records;
use crate::arguments::PeopleCommand;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::pictures;
use crate::ui::Ui;

/// Runs a command about other people.
pub(crate) async fn run(ui: &Ui, person: &Person, command: PeopleCommand) -> Result<()> {
    let people = person.people();
    match command {
        PeopleCommand::Invite { name, qr } => invite(ui, person, &name, qr).await,
        PeopleCommand::Accept { link, name } => {
            let link = read_link(&link)?;
            let known = people.accept(&link, &name).await?;
            ui.result(&known, |ui| show(ui, &known));
            Ok(())
        }
        PeopleCommand::List => {
            let all = people.list().await?;
            ui.result(&all, |ui| {
                if all.is_empty() {
                    ui.remark("people.none", Parameters::default());
                }
                all.iter().for_each(|known| show(ui, known));
            });
            Ok(())
        }
        PeopleCommand::Compare { id, different } => {
            let id = find(person, &id).await?;
            let known = people.set_verified(&id, !different).await?;
            ui.result(&known, |ui| show(ui, &known));
            Ok(())
        }
        PeopleCommand::Rename { id, name } => {
            let id = find(person, &id).await?;
            let known = people.rename(&id, &name).await?;
            ui.result(&known, |ui| show(ui, &known));
            Ok(())
        }
        PeopleCommand::End { id } => {
            let id = find(person, &id).await?;
            let known = people.end(&id).await?;
            ui.result(&known, |ui| show(ui, &known));
            Ok(())
        }
        PeopleCommand::Share { id, records, purpose } => share(ui, person, &id, &records, &purpose.join(" ")).await,
        PeopleCommand::Shares => {
            let all = people.shares().await?;
            ui.result(&all, |ui| {
                if all.is_empty() {
                    ui.remark("people.no_shares", Parameters::default());
                }
                all.iter().for_each(|share| line(ui, share));
            });
            Ok(())
        }
        PeopleCommand::Withdraw { id } => {
            let all = people.shares().await?;
            let id = input::id(&id, all.into_iter().map(|share| share.id))?;
            let share = people.withdraw(&id).await?;
            ui.result(&share, |ui| line(ui, &share));
            Ok(())
        }
    }
}

async fn invite(ui: &Ui, person: &Person, name: &str, qr: Option<PathBuf>) -> Result<()> {
    qr.as_deref().map(pictures::check_name).transpose()?;
    let invited = person.people().invite(name).await?;
    let code = pictures::code(&invited.link)?;
    if let Some(path) = &qr {
        pictures::write(path, &code)?;
    }
    ui.result(&invited, |ui| {
        if qr.is_none() {
            ui.qr(&code);
        }
        ui.line(&invited.link);
        ui.remark("people.invited", Parameters::default().with("name", name));
    });
    Ok(())
}

/// A link, or a picture with one.
fn read_link(given: &str) -> Result<String> {
    if given.contains("://") {
        return Ok(given.to_owned());
    }
    let (luma, width, height) = pictures::luma(Path::new(given))?;
    Ok(Requests::read_qr(&luma, width, height)?)
}

async fn share(ui: &Ui, person: &Person, given: &str, named: &[String], purpose: &str) -> Result<()> {
    let id = find(person, given).await?;
    let mut chosen = Vec::new();
    for record in named {
        chosen.push(records::find(person, record).await?);
    }
    let spec = ShareSpec {
        records: chosen,
        purpose: purpose.to_owned(),
        language: ui.catalogue.tag().to_owned(),
        until: None,
    };
    let share = person.people().share(&id, spec).await?;
    ui.result(&share, |ui| line(ui, &share));
    Ok(())
}

async fn find(person: &Person, given: &str) -> Result<String> {
    let all = person.people().list().await?;
    let mut named = all.iter().filter(|known| known.name.eq_ignore_ascii_case(given));
    match (named.next(), named.next()) {
        (Some(known), None) => Ok(known.id.clone()),
        (Some(_), Some(_)) => Err(Failure::own("AmbiguousId").with("id", given)),
        _ => input::id(given, all.iter().map(|known| known.id.clone())),
    }
}

/// Whether the keys were compared, in words.
fn compared(ui: &Ui, verified: bool) -> String {
    let key = if verified {
        "people.compared"
    } else {
        "people.not_compared"
    };
    ui.text(key, Parameters::default())
}

fn show(ui: &Ui, known: &KnownPerson) {
    let state = json!(known.state);
    let parameters = Parameters::default()
        .with("id", input::short(&known.id))
        .with("name", &known.name)
        .with(
            "status",
            ui.catalogue.word("person_states", state.as_str().unwrap_or_default()),
        )
        .with("compared", compared(ui, known.verified));
    ui.say("people.line", parameters);
    if let Some(code) = known.check_code.as_ref().filter(|_| !known.verified) {
        ui.say("people.code", Parameters::default().with("code", code));
    }
}

fn line(ui: &Ui, share: &Share) {
    let word = |section: &str, value: serde_json::Value| ui.catalogue.word(section, value.as_str().unwrap_or_default());
    let fields = share
        .fields
        .iter()
        .map(|name| ui.catalogue.word("fields", &parameters::field_name(name)));
    let parameters = Parameters::default()
        .with("id", input::short(&share.id))
        .with("name", &share.name)
        .with("compared", compared(ui, share.verified))
        .with("direction", word("share_directions", json!(share.direction)))
        .with("fields", fields.collect::<Vec<_>>().join(", "))
        .with("purpose", &share.purpose)
        .with("status", word("share_states", json!(share.state)));
    ui.say("people.share", parameters);
}
