//! Consents: what was agreed with whom, and its end.

use std::path::Path;

use kist_pds::{ConsentDetail, ConsentSummary, FileMeta, Person, no_progress};
use serde_json::json;

use super::scan;
use crate::arguments::ConsentsArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::transfers;
use crate::ui::Ui;

/// Lists consents, or shows one.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ConsentsArgs) -> Result<()> {
    let all = person.consents().list().await?;
    if arguments.reads {
        let id = arguments.id.as_deref();
        let id = id.map(|given| input::id(given, all.into_iter().map(|consent| consent.id)));
        return reads(ui, person, id.transpose()?).await;
    }
    let Some(given) = &arguments.id else {
        ui.result(&all, |ui| {
            if all.is_empty() {
                ui.remark("consents.none", Parameters::default());
            }
            all.iter().for_each(|consent| ui.line(&line(ui, consent)));
        });
        return Ok(());
    };
    let id = input::id(given, all.into_iter().map(|consent| consent.id))?;
    let detail = person.consents().get(&id).await?;
    if let Some(path) = &arguments.receipt {
        let missing = || Failure::own("UnknownId").with("id", given);
        let receipt = detail.receipt.as_ref().ok_or_else(missing)?;
        input::write(path, format!("{:#}\n", json!(receipt)))?;
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
    let receipt = if detail.receipt.is_some() {
        "consents.receipt"
    } else {
        "consents.no_receipt"
    };
    ui.line(&format!("  {}", ui.text(receipt, Parameters::default())));
}
