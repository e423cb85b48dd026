//! Requests of rights over one's data, and reports to the authority that supervises an organisation.

use kist_pds::{
    CorrectedField, FieldRef, PageWords, Person, Report, RightsDetail, RightsReply, RightsSpec, RightsSummary,
};
use serde_json::{Value, json};

use super::records;
use crate::arguments::{AskArgs, ReportArgs, ReportOut, ReportsArgs, RightsCommand};
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{Parameters, field_name, last_name, word};
use crate::ui::Ui;

/// Runs a command of rights.
pub(crate) async fn run(ui: &Ui, person: &Person, command: RightsCommand) -> Result<()> {
    match command {
        RightsCommand::Ask(arguments) => ask(ui, person, arguments).await,
        RightsCommand::List => list(ui, person).await,
        RightsCommand::Show { id } => show(ui, person, &id).await,
        RightsCommand::Remind { id } => {
            let request = person.rights().remind(&find(person, &id).await?).await?;
            ui.result(&request, |ui| ui.line(&line(ui, &request)));
            Ok(())
        }
        RightsCommand::Refused => refused(ui, person).await,
        RightsCommand::Report(arguments) => report(ui, person, arguments).await,
        RightsCommand::Reports(arguments) => reports(ui, person, arguments).await,
    }
}

async fn ask(ui: &Ui, person: &Person, arguments: AskArgs) -> Result<()> {
    let consent = consent(person, &arguments.consent).await?;
    let given = person.consents().get(&consent).await?.summary.fields;
    let fields = arguments.fields.iter().map(|typed| field(typed, &given));
    let fields = fields.collect::<Result<Vec<_>>>()?;
    let mut corrections = Vec::new();
    for typed in &arguments.corrections {
        let bad = || Failure::own("BadField").with("field", typed);
        let (name, record) = typed.split_once('=').ok_or_else(bad)?;
        corrections.push(CorrectedField {
            field: field(name, &given)?,
            record: records::find(person, record).await?,
        });
    }
    let spec = RightsSpec {
        right: arguments.right.into(),
        consent,
        everything: arguments.everything,
        fields,
        corrections,
        reason: arguments.reason,
    };
    let request = person.rights().ask(spec).await?;
    ui.result(&request, |ui| ui.line(&line(ui, &request)));
    Ok(())
}

/// The field that was given, by its name or as the core writes it.
fn field(typed: &str, given: &[String]) -> Result<FieldRef> {
    let bad = || Failure::own("BadField").with("field", typed);
    let fits = |known: &&String| *known == typed || field_name(known) == typed;
    let (credential, path) = given
        .iter()
        .find(fits)
        .and_then(|known| known.split_once(':'))
        .ok_or_else(bad)?;
    let path: Value = serde_json::from_str(path).map_err(|_| bad())?;
    serde_json::from_value(json!({ "credential": credential, "path": path })).map_err(|_| bad())
}

async fn list(ui: &Ui, person: &Person) -> Result<()> {
    let all = person.rights().list().await?;
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("rights.none", Parameters::default());
        }
        all.iter().for_each(|request| ui.line(&line(ui, request)));
    });
    Ok(())
}

async fn show(ui: &Ui, person: &Person, given: &str) -> Result<()> {
    let detail = person.rights().get(&find(person, given).await?).await?;
    ui.result(&detail, |ui| page(ui, &detail));
    Ok(())
}

fn line(ui: &Ui, request: &RightsSummary) -> String {
    let dates = Parameters::default()
        .with("made_at", request.made_at)
        .with_some("sent_at", request.sent_at)
        .with_some("due_at", request.due_at)
        .with_some("answered_at", request.answered_at);
    let stage = ui.catalogue.sentence("rights_stages", &word(&request.stage), &dates);
    let parameters = Parameters::default()
        .with("id", input::short(&request.id))
        .with("organisation", &request.organisation)
        .with("right", word(&request.right))
        .with("stage", stage);
    ui.text("rights.line", parameters)
}

fn page(ui: &Ui, detail: &RightsDetail) {
    ui.heading(&line(ui, &detail.summary));
    let names = detail
        .summary
        .fields
        .iter()
        .filter_map(|field| last_name(&json!(field)));
    let labels: Vec<String> = names.map(|name| ui.catalogue.word("fields", &name)).collect();
    if !labels.is_empty() {
        let fields = Parameters::default().with("fields", labels.join(", "));
        ui.line(&format!("  {}", ui.text("rights.fields", fields)));
    }
    if let Some(reason) = &detail.reason {
        let reason = Parameters::default().with("text", reason);
        ui.line(&format!("  {}", ui.text("rights.reason", reason)));
    }
    for answer in detail.extension.iter().chain(&detail.answer) {
        ui.line(&format!("  {}", reply(ui, answer)));
    }
    for record in &detail.records {
        let record = Parameters::default().with("id", input::short(record));
        ui.line(&format!("  {}", ui.text("rights.record", record)));
    }
    if let Some(authority) = &detail.authority {
        let authority = Parameters::default()
            .with("authority", &authority.name)
            .with("uri", &authority.uri);
        ui.line(&format!("  {}", ui.text("rights.authority", authority)));
    }
}

/// An answer in a line; both sides read it.
pub(crate) fn reply(ui: &Ui, reply: &RightsReply) -> String {
    let text = match ui.catalogue.choose(&reply.text) {
        "" => None,
        text => Some(text),
    };
    let parameters = Parameters::default()
        .with("answered_at", reply.answered_at)
        .with_some("until_at", reply.until)
        .with_some("reason", reply.ground.map(|ground| word(&ground)))
        .with_some("text", text);
    ui.catalogue.sentence("rights_answers", reply.outcome, &parameters)
}

async fn report(ui: &Ui, person: &Person, arguments: ReportArgs) -> Result<()> {
    let rights = person.rights();
    let report = match (&arguments.consent, &arguments.request) {
        (_, Some(given)) => {
            rights
                .report_request(&request(person, given).await?, arguments.note)
                .await?
        }
        (given, None) => {
            let given = given.as_deref().unwrap_or_default();
            rights.report(&consent(person, given).await?, arguments.note).await?
        }
    };
    write(ui, person, &report.id, &arguments.out).await?;
    ui.result(&report, |ui| {
        ui.line(&report_line(ui, &report));
        ui.remark("reports.next", Parameters::default());
    });
    Ok(())
}

async fn refused(ui: &Ui, person: &Person) -> Result<()> {
    let all = person.requests().refused().await?;
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("refused.none", Parameters::default());
        }
        for request in &all {
            let parameters = Parameters::default()
                .with("id", input::short(&request.id))
                .with("organisation", &request.organisation)
                .with("refused_at", request.refused_at)
                .with("until_at", request.kept_until);
            ui.say(
                if request.over_asking {
                    "refused.too_much"
                } else {
                    "refused.line"
                },
                parameters,
            );
        }
    });
    Ok(())
}

async fn reports(ui: &Ui, person: &Person, arguments: ReportsArgs) -> Result<()> {
    let all = person.rights().reports().await?;
    let Some(given) = &arguments.id else {
        ui.result(&all, |ui| {
            if all.is_empty() {
                ui.remark("reports.none", Parameters::default());
            }
            all.iter().for_each(|report| ui.line(&report_line(ui, report)));
        });
        return Ok(());
    };
    let id = input::id(given, all.iter().map(|report| report.id.clone()))?;
    write(ui, person, &id, &arguments.out).await?;
    if let Some(path) = &arguments.request {
        input::write(path, person.rights().reported_request(&id).await?)?;
    }
    let report = match arguments.sent {
        true => person.rights().report_sent(&id, arguments.note).await?,
        false => all
            .into_iter()
            .find(|report| report.id == id)
            .ok_or_else(|| Failure::own("UnknownId").with("id", given))?,
    };
    ui.result(&report, |ui| ui.line(&report_line(ui, &report)));
    Ok(())
}

async fn write(ui: &Ui, person: &Person, id: &str, out: &ReportOut) -> Result<()> {
    if let Some(path) = &out.page {
        let words = PageWords(ui.catalogue.report_words());
        input::write(path, person.rights().report_page(id, words).await?)?;
    }
    if let Some(path) = &out.document {
        let document = person.rights().report_document(id).await?;
        input::write(path, format!("{document:#}\n"))?;
    }
    Ok(())
}

fn report_line(ui: &Ui, report: &Report) -> String {
    let parameters = Parameters::default()
        .with("id", input::short(&report.id))
        .with("organisation", &report.organisation)
        .with("made_at", report.made_at);
    let line = match &report.authority {
        Some(authority) => {
            let parameters = parameters
                .with("authority", &authority.name)
                .with("uri", &authority.uri);
            ui.text("reports.line", parameters)
        }
        None => ui.text("reports.unaddressed", parameters),
    };
    let Some(sent_at) = report.sent_at else { return line };
    let sent = Parameters::default().with("sent_at", sent_at);
    let sent = match &report.sent_note {
        Some(note) => ui.text("reports.noted", sent.with("note", note)),
        None => ui.text("reports.sent", sent),
    };
    format!("{line}\n  {sent}")
}

async fn find(person: &Person, given: &str) -> Result<String> {
    let all = person.rights().list().await?;
    input::id(given, all.into_iter().map(|request| request.id))
}

async fn consent(person: &Person, given: &str) -> Result<String> {
    let all = person.consents().list().await?;
    input::id(given, all.into_iter().map(|consent| consent.id))
}

/// A request that a report can be about.
async fn request(person: &Person, given: &str) -> Result<String> {
    let requests = person.requests();
    let waiting = requests.pending().await?.into_iter().map(|request| request.id);
    let refused = requests.refused().await?.into_iter().map(|request| request.id);
    input::id(given, waiting.chain(refused))
}
