//! What expires or falls due, and what may be out of date.

use kist_pds::{Date, Due, Person, RecordId, Reminder};
use serde_json::json;

use super::records::{find, summary};
use super::show::{label, member};
use crate::arguments::RemindersArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// The most records that are listed for the person to confirm.
const MOST_STALE: usize = 1000;

/// Lists reminders, puts one off, or ends it.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: RemindersArgs) -> Result<()> {
    let until: Option<Date> = arguments.until.as_deref().map(input::day).transpose()?;
    let field = arguments.field.as_deref();
    if arguments.stale {
        return stale(ui, person).await;
    }
    if let (Some(given), Some(until)) = (&arguments.snooze, until) {
        let id = find(person, given).await?;
        for reminder in of_record(person, id, field).await? {
            person.records().snooze(id, &reminder.member, until).await?;
        }
        let put_off = json!({ "snoozed": id, "until": until });
        let parameters = Parameters::default()
            .with("id", input::short(&id))
            .with("day", until.to_string());
        ui.result(&put_off, |ui| ui.say("reminders.snoozed", parameters));
        return Ok(());
    }
    if let Some(given) = &arguments.dismiss {
        let id = find(person, given).await?;
        for reminder in of_record(person, id, field).await? {
            person.records().dismiss(id, &reminder.member).await?;
        }
        let parameters = Parameters::default().with("id", input::short(&id));
        ui.result(&json!({ "dismissed": id }), |ui| {
            ui.say("reminders.dismissed", parameters)
        });
        return Ok(());
    }
    let ahead = arguments.until.as_deref().map_or(Ok(0), input::days_ahead)?;
    list(ui, person.reminders().list(ahead).await?);
    Ok(())
}

/// All reminders of a record, or the one of a field.
async fn of_record(person: &Person, id: RecordId, field: Option<&str>) -> Result<Vec<Reminder>> {
    let wanted = field.map(member);
    let is_wanted =
        |reminder: &Reminder| reminder.record == id && wanted.as_ref().is_none_or(|wanted| *wanted == reminder.member);
    let mut all = person.records().reminders(u32::MAX).await?;
    all.retain(is_wanted);
    match all.is_empty() {
        true => Err(Failure::own("NoReminder").with("id", input::short(&id))),
        false => Ok(all),
    }
}

fn list(ui: &Ui, all: Vec<Due>) {
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("reminders.none", Parameters::default());
        }
        all.iter().for_each(|due| line(ui, due));
    });
}

fn line(ui: &Ui, due: &Due) {
    match due {
        Due::Record(reminder) => {
            let record = parameters::kind(&reminder.schema, ui.catalogue);
            let parameters = Parameters::default()
                .with("id", input::short(&reminder.record))
                .with("day", reminder.date.to_string())
                .with("record", record)
                .with("title", &reminder.title)
                .with("name", label(ui, &reminder.member));
            match reminder.passed {
                true => ui.say("reminders.passed", parameters),
                false => ui.say("reminders.line", parameters),
            }
        }
        Due::SilentWithdrawal {
            consent,
            organisation,
            silent_since,
            ..
        } => {
            let parameters = Parameters::default()
                .with("id", input::short(consent))
                .with("organisation", organisation)
                .with("silent_at", *silent_since);
            ui.say("reminders.silent", parameters);
        }
        Due::OverdueRights {
            request,
            organisation,
            right,
            due_at,
            ..
        } => {
            let parameters = Parameters::default()
                .with("id", input::short(request))
                .with("organisation", organisation)
                .with("right", parameters::word(right))
                .with("due_at", *due_at);
            ui.say("reminders.overdue", parameters);
        }
    }
}

async fn stale(ui: &Ui, person: &Person) -> Result<()> {
    let stale = person.records().stale(MOST_STALE).await?;
    let listed = stale
        .iter()
        .map(|(record, since)| json!({ "record": record, "since": since }));
    ui.result(&listed.collect::<Vec<_>>(), |ui| {
        if stale.is_empty() {
            ui.remark("reminders.fresh", Parameters::default());
        }
        for (record, since) in &stale {
            ui.line(&summary(ui, record));
            let day = Parameters::default().with("day", since.to_string());
            ui.line(&format!("          {}", ui.text("fresh.stale", day)));
        }
        if !stale.is_empty() {
            ui.remark("reminders.confirm", Parameters::default());
        }
    });
    Ok(())
}
