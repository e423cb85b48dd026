//! What the person decides beforehand.

use kist_pds::{KeptRule, Pattern, Person, PersonRule, QuietHours};
use serde_json::{Value, json};

use crate::arguments::RulesCommand;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters, last_name};
use crate::ui::Ui;

/// Lists rules, adds one, takes one away.
pub(crate) async fn run(ui: &Ui, person: &Person, command: RulesCommand) -> Result<()> {
    let rule = match command {
        RulesCommand::List => return list(ui, person).await,
        RulesCommand::Remove { id } => return remove(ui, person, &id).await,
        RulesCommand::Never { what, organisation } => PersonRule::Never {
            organisation,
            what: what.map_or_else(|| Ok(Pattern::default()), |what| pattern(person, &what))?,
        },
        RulesCommand::Ask { organisation } => PersonRule::AlwaysAsk { organisation },
        RulesCommand::Quiet { from, until } => PersonRule::QuietHours(QuietHours {
            from: minute(&from)?,
            until: minute(&until)?,
        }),
        RulesCommand::Profile { name, fields } => PersonRule::Profile {
            name,
            fields: fields
                .iter()
                .map(|field| pattern(person, field))
                .collect::<Result<_>>()?,
        },
    };
    let kept = person.rules().add(rule).await?;
    ui.result(&kept, |ui| ui.line(&line(ui, &kept)));
    Ok(())
}

async fn list(ui: &Ui, person: &Person) -> Result<()> {
    let list = person.rules().list().await?;
    ui.result(&list, |ui| {
        if list.rules.is_empty() && list.unread.is_empty() {
            ui.remark("rules.none", Parameters::default());
        }
        list.rules.iter().for_each(|kept| ui.line(&line(ui, kept)));
        for id in &list.unread {
            ui.say("rules.unread", Parameters::default().with("id", input::short(id)));
        }
    });
    Ok(())
}

async fn remove(ui: &Ui, person: &Person, given: &str) -> Result<()> {
    let list = person.rules().list().await?;
    let known = list.rules.into_iter().map(|kept| kept.id).chain(list.unread);
    let id = input::id(given, known)?;
    person.rules().remove(&id).await?;
    let parameters = Parameters::default().with("id", input::short(&id));
    ui.result(&json!({ "removed": id }), |ui| ui.say("rules.removed", parameters));
    Ok(())
}

/// A rule in a line.
fn line(ui: &Ui, kept: &KeptRule) -> String {
    let rule = json!(kept.rule);
    let code = rule["kind"].as_str().unwrap_or_default();
    let parameters = Parameters::default()
        .with("id", input::short(&kept.id))
        .with_some("organisation", rule["organisation"].as_str())
        .with("what", named(ui, &rule["what"]))
        .with_some("name", rule["name"].as_str())
        .with("fields", several(ui, &rule["fields"]))
        .with("given", several(ui, &rule["given"]))
        .with("from", time(&rule["from"]))
        .with("to", time(&rule["until"]))
        .with_some("until_at", rule["until"].as_i64());
    ui.catalogue.sentence("rules", code, &parameters)
}

fn several(ui: &Ui, patterns: &Value) -> String {
    let patterns = patterns.as_array().into_iter().flatten();
    patterns
        .map(|pattern| named(ui, pattern))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A pattern in words: a kind, a field of a kind, a field, or everything.
fn named(ui: &Ui, pattern: &Value) -> String {
    let kind = pattern["credential_type"]
        .as_str()
        .map(|uri| parameters::kind(uri, ui.catalogue));
    let field = last_name(&pattern["path"]).map(|name| ui.catalogue.word("fields", &name));
    match (kind, field) {
        (Some(kind), Some(field)) => format!("{kind}: {field}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => ui.text("rules.everything", Parameters::default()),
    }
}

fn time(minute: &Value) -> String {
    let minute = minute.as_u64().unwrap_or_default();
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `HH:MM` as minutes from midnight.
fn minute(typed: &str) -> Result<u16> {
    let parsed = typed.split_once(':').and_then(|(hours, minutes)| {
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    });
    parsed.ok_or_else(|| Failure::own("BadTime").with("time", typed))
}

/// `kind`, `kind.field`, `any.field`; a kind that is a URI has no field after it.
fn pattern(person: &Person, typed: &str) -> Result<Pattern> {
    let (kind, field) = match typed.split_once('.').filter(|_| !typed.contains(':')) {
        Some((kind, field)) => (kind, Some(field)),
        None => (typed, None),
    };
    let credential_type = match (kind, field) {
        ("any", Some(_)) => None,
        _ => Some(input::known_schema(kind, &person.records().schemas()?)?),
    };
    let path = field.map(|field| serde_json::from_value(json!(field.split('.').collect::<Vec<_>>())));
    let bad = |_| Failure::own("BadField").with("field", typed);
    Ok(Pattern {
        credential_type,
        path: path.transpose().map_err(bad)?,
    })
}
