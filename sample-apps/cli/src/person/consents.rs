//! Consents: what was agreed with whom, and its end.

use std::path::Path;

use kist_pds::{
    ConsentAct, ConsentDetail, ConsentFilter, ConsentOutcome, ConsentSummary, FileMeta, Narrowing, PageWords, Person,
    no_progress,
};
use serde_json::json;

use super::scan;
use crate::arguments::{ConsentFilterArgs, ConsentsArgs, ConsentsCommand, NarrowArgs};
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::transfers;
use crate::ui::Ui;

/// Lists consents, shows one, or changes some.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ConsentsArgs) -> Result<()> {
    if let Some(act) = arguments.act {
        return change(ui, person, act).await;
    }
    if arguments.effort {
        let saved = person.consents().effort_saved().await?;
        let minutes = saved.seconds.div_ceil(60);
        ui.result(&saved, |ui| {
            ui.say("consents.effort", Parameters::of(&saved).with("minutes", minutes));
        });
        return Ok(());
    }
    if arguments.reads {
        let all = person.consents().list().await?;
        let id = arguments.id.as_deref();
        let id = id.map(|given| input::id(given, all.into_iter().map(|consent| consent.id)));
        return reads(ui, person, id.transpose()?).await;
    }
    let Some(given) = &arguments.id else {
        let found = person.consents().find(filter(&arguments.filter)?).await?;
        let everything = person.consents().everything_paused().await?;
        ui.result(&found, |ui| {
            if let Some(since) = everything {
                ui.remark(
                    "consents.everything_paused",
                    Parameters::default().with("paused_at", since),
                );
            }
            if found.is_empty() {
                ui.remark("consents.none", Parameters::default());
            }
            found.iter().for_each(|consent| ui.line(&line(ui, consent)));
        });
        return Ok(());
    };
    let all = person.consents().list().await?;
    let id = input::id(given, all.into_iter().map(|consent| consent.id))?;
    let detail = person.consents().get(&id).await?;
    if let Some(path) = &arguments.receipt {
        let missing = || Failure::own("UnknownId").with("id", given);
        let receipt = detail.receipt.as_ref().ok_or_else(missing)?;
        input::write(path, format!("{:#}\n", json!(receipt)))?;
    }
    if let Some(path) = &arguments.page {
        let mut words = ui.catalogue.receipt_words();
        let spans = [detail.retention.as_str()].map(|iso| (format!("period.{iso}"), scan::period(ui, iso)));
        words.extend(spans);
        input::write(path, person.consents().receipt_page(&id, PageWords(words)).await?)?;
    }
    if let Some(path) = &arguments.proof {
        input::write_private(path, person.consents().proof(&id).await?)?;
    }
    ui.result(&detail, |ui| show(ui, &detail));
    Ok(())
}

/// Lists what organisations asked by standing access.
async fn reads(ui: &Ui, person: &Person, consent: Option<String>) -> Result<()> {
    let all = person.consents().reads(consent.as_deref()).await?;
    ui.result(&all, |ui| {
        if all.is_empty() {
            ui.remark("reads.none", Parameters::default());
        }
        for read in &all {
            let parameters = Parameters::default()
                .with("who", &read.organisation)
                .with("asked_at", read.asked_at);
            ui.line(&parameters::read_line(ui, parameters, &read.fields, &json!(read.state)));
        }
    });
    Ok(())
}

/// Sends a file under a consent, and keeps a copy of it as a document.
pub(crate) async fn send_file(ui: &Ui, person: &Person, given: &str, path: &Path) -> Result<()> {
    let all = person.consents().list().await?;
    let id = input::id(given, all.into_iter().map(|consent| consent.id))?;
    let record = person.files().attach(path, FileMeta::default(), no_progress()).await?;
    let missing = || Failure::own("UnknownId").with("id", given);
    let file = record.files.first().ok_or_else(missing)?.id;
    let transfer = person.files().send(&id, file).await?;
    transfers::begun(ui, &transfer);
    Ok(())
}

fn filter(typed: &ConsentFilterArgs) -> Result<ConsentFilter> {
    let claim = typed
        .field
        .as_ref()
        .map(|path| path.split('.').map(str::to_owned).collect());
    let states = typed.states.iter().map(|state| json!(state.replace('-', "_")));
    let ends_before = typed
        .ends_before
        .as_deref()
        .map(|day| input::day_begins(day, 0))
        .transpose()?;
    Ok(ConsentFilter {
        organisation: typed.organisation.clone(),
        area: typed.area.clone(),
        credential_type: typed.kind.as_deref().map(input::schema_uri),
        claim,
        states: states.filter_map(|state| serde_json::from_value(state).ok()).collect(),
        ends_before: ends_before.map(|ms| ms.div_euclid(1000)),
    })
}

/// Does the same with several consents, or with everything.
async fn change(ui: &Ui, person: &Person, act: ConsentsCommand) -> Result<()> {
    let (typed, act) = match act {
        ConsentsCommand::Pause(arguments) if arguments.everything => {
            person.consents().pause_everything().await?;
            ui.result(&json!({ "paused": true }), |ui| {
                ui.say("consents.paused", Parameters::default());
            });
            return Ok(());
        }
        ConsentsCommand::Resume(arguments) if arguments.everything => {
            person.consents().resume_everything().await?;
            ui.result(&json!({ "paused": false }), |ui| {
                ui.say("consents.resumed", Parameters::default());
            });
            return Ok(());
        }
        ConsentsCommand::Pause(arguments) => (arguments.ids, ConsentAct::Pause),
        ConsentsCommand::Resume(arguments) => (arguments.ids, ConsentAct::Resume),
        ConsentsCommand::Withdraw { ids } => (ids, ConsentAct::Withdraw),
        ConsentsCommand::Narrow(arguments) => return narrow(ui, person, arguments).await,
    };
    let all = person.consents().list().await?;
    let known = || all.iter().map(|consent| consent.id.clone());
    let ids = typed.iter().map(|given| input::id(given, known()));
    let ids: Vec<String> = ids.collect::<Result<_>>()?;
    report(ui, &all, &person.consents().apply(&ids, &act).await?);
    Ok(())
}

/// Takes the fields of these names out of each consent that gives them.
async fn narrow(ui: &Ui, person: &Person, arguments: NarrowArgs) -> Result<()> {
    let all = person.consents().list().await?;
    // The day that is named is the last one.
    let until = arguments.until.as_deref().map(|day| input::day_begins(day, 1));
    let ends_at = until.transpose()?.map(|ms| ms.div_euclid(1000));
    let mut outcomes = Vec::new();
    for given in &arguments.ids {
        let id = input::id(given, all.iter().map(|consent| consent.id.clone()))?;
        let given = all
            .iter()
            .filter(|known| known.id == id)
            .flat_map(|known| &known.fields);
        let named = |field: &&String| arguments.without.contains(&parameters::field_name(field));
        let mut fields: Vec<String> = given.filter(named).cloned().collect();
        if fields.is_empty() {
            // As they were typed: the error says that they aren't there.
            fields.extend(arguments.without.iter().cloned());
        }
        let act = ConsentAct::Narrow(Narrowing { fields, ends_at });
        outcomes.extend(person.consents().apply(&[id], &act).await?);
    }
    report(ui, &all, &outcomes);
    Ok(())
}

/// Says what came of it for each consent.
fn report(ui: &Ui, all: &[ConsentSummary], outcomes: &[ConsentOutcome]) {
    ui.result(&outcomes, |ui| {
        for outcome in outcomes {
            if let Some(consent) = &outcome.consent {
                ui.line(&line(ui, consent));
            }
            if let Some(code) = &outcome.error {
                let named = all.iter().find(|known| known.id == outcome.id);
                let parameters = Parameters::default()
                    .with("id", input::short(&outcome.id))
                    .with("organisation", named.map_or("", |known| known.organisation.as_str()))
                    .with("why", ui.catalogue.sentence("errors", code, &Parameters::default()));
                ui.say("consents.not_done", parameters);
            }
        }
    });
}

/// Withdraws a consent, or asks again for the acknowledgement.
pub(crate) async fn withdraw(ui: &Ui, person: &Person, given: &str, remind: bool) -> Result<()> {
    let all = person.consents().list().await?;
    let id = input::id(given, all.into_iter().map(|consent| consent.id))?;
    let consent = match remind {
        true => person.consents().remind(&id).await?,
        false => person.consents().withdraw(&id).await?,
    };
    ui.result(&consent, |ui| ui.line(&line(ui, &consent)));
    Ok(())
}

/// A consent in a line.
pub(crate) fn line(ui: &Ui, consent: &ConsentSummary) -> String {
    let state = json!(consent.state);
    let by = Parameters::of(&consent.paused).text("by");
    let parameters = Parameters::default()
        .with_some("by", by)
        .with_some("expires_soon", consent.expires_soon.then_some("true"))
        .with("agreed_at", consent.agreed_at)
        .with_some("expires_at", consent.expires_at)
        .with_some("withdrawn_at", consent.withdrawn_at)
        .with_some("acknowledged_at", consent.acknowledged_at)
        .with_some(
            "progress",
            consent.withdrawal.map(|progress| parameters::word(&progress.state)),
        )
        .with_some("sent_at", consent.withdrawal.and_then(|progress| progress.sent_at))
        .with_some(
            "silent_at",
            consent.withdrawal.and_then(|progress| progress.silent_since),
        );
    let state = ui
        .catalogue
        .sentence("consent_states", state.as_str().unwrap_or_default(), &parameters);
    let parameters = Parameters::default()
        .with("id", input::short(&consent.id))
        .with("organisation", &consent.organisation)
        .with("fields", fields(ui, &consent.fields))
        .with("state", state);
    ui.text("consents.line", parameters)
}

/// Labels of fields that the core names `query:["path"]`.
fn fields(ui: &Ui, names: &[String]) -> String {
    let label = |name: &String| ui.catalogue.word("fields", &parameters::field_name(name));
    names.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn show(ui: &Ui, detail: &ConsentDetail) {
    ui.heading(&line(ui, &detail.summary));
    let purpose = Parameters::default().with("purpose", ui.catalogue.choose(&detail.summary.purpose));
    ui.line(&format!("  {}", ui.text("scan.why", purpose)));
    let basis = json!(detail.legal_basis);
    let basis = Parameters::default()
        .with(
            "basis",
            ui.catalogue.word("legal_bases", basis.as_str().unwrap_or_default()),
        )
        .with("retention", scan::period(ui, &detail.retention));
    ui.line(&format!("  {}", ui.text("scan.basis", basis)));
    let rights = Parameters::default().with("rights", scan::rights(ui, &detail.rights));
    ui.line(&format!("  {}", ui.text("consents.rights", rights)));
    for kept in &detail.kept_after_withdrawal {
        let kept = Parameters::default().with("kept", ui.catalogue.choose(kept));
        ui.line(&format!("  {}", ui.text("scan.kept", kept)));
    }
    let notice = Parameters::default().with("notice", &detail.privacy_notice);
    ui.line(&format!("  {}", ui.text("consents.notice", notice)));
    for narrowing in &detail.narrowings {
        let parameters = Parameters::default()
            .with("narrowed_at", narrowing.narrowed_at)
            .with("fields", fields(ui, &narrowing.fields))
            .with_some("acknowledged_at", narrowing.acknowledged_at);
        let key = match narrowing.acknowledged_at {
            Some(_) => "consents.narrowed_acknowledged",
            None => "consents.narrowed",
        };
        ui.line(&format!("  {}", ui.text(key, parameters)));
    }
    if let Some(request) = &detail.summary.renewal {
        let request = Parameters::default().with("id", input::short(request));
        ui.line(&format!("  {}", ui.text("consents.renewal", request)));
    }
    let receipt = if detail.receipt.is_some() {
        "consents.receipt"
    } else {
        "consents.no_receipt"
    };
    ui.line(&format!("  {}", ui.text(receipt, Parameters::default())));
}
