//! Requests to people, and the answers.

use std::path::{Path, PathBuf};

use kist_pds::{HostedRequest, Organisation, ReceivedAnswer, ReceivedField, RequestSpec};
use serde_json::json;

use crate::arguments::{CollectArgs, RequestArgs};
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::person::text_of;
use crate::pictures;
use crate::ui::Ui;

/// Makes a request and shows its QR code.
pub(crate) async fn create(ui: &Ui, organisation: &Organisation, arguments: RequestArgs) -> Result<()> {
    arguments.qr.as_deref().map(pictures::check_name).transpose()?;
    let spec: RequestSpec = input::json(&arguments.spec)?;
    let hosted = organisation.requests().create(spec).await?;
    show_made(ui, &hosted, arguments.qr.as_deref())
}

/// Shows a request that was made: its QR code on the screen, or in a file.
pub(crate) fn show_made(ui: &Ui, hosted: &HostedRequest, file: Option<&Path>) -> Result<()> {
    let code = pictures::code(&hosted.uri)?;
    if let Some(path) = file {
        pictures::write(path, &code)?;
    }
    ui.result(hosted, |ui| {
        if file.is_none() {
            ui.qr(&code);
        }
        ui.line(&hosted.uri);
        ui.say("request.made", Parameters::of(hosted).shortened("id"));
    });
    Ok(())
}

/// Lists requests.
pub(crate) async fn list(ui: &Ui, organisation: &Organisation) -> Result<()> {
    let requests = organisation.requests().list().await?;
    ui.result(&requests, |ui| {
        if requests.is_empty() {
            ui.remark("request.none", Parameters::default());
        }
        for request in &requests {
            let state = json!(request.state);
            let state = ui.catalogue.word("request_states", state.as_str().unwrap_or_default());
            let parameters = Parameters::default()
                .with("id", input::short(&request.id))
                .with("use", request.organisation.as_ref().unwrap_or(&request.use_id))
                .with("created_at", request.created_at)
                .with("status", state);
            ui.say("request.line", parameters);
        }
    });
    Ok(())
}

/// Shows a request's QR code again.
pub(crate) async fn qr(ui: &Ui, organisation: &Organisation, given: &str, file: Option<PathBuf>) -> Result<()> {
    let id = find(organisation, given).await?;
    let all = organisation.requests().list().await?;
    let Some(request) = all.into_iter().find(|request| request.id == id) else {
        return Ok(());
    };
    let code = pictures::code(&request.uri)?;
    if let Some(path) = &file {
        pictures::write(path, &code)?;
    }
    ui.result(&request, |ui| {
        if file.is_none() {
            ui.qr(&code);
        }
        ui.line(&request.uri);
    });
    Ok(())
}

/// Fetches the answer and shows what was received, and who signed each field.
pub(crate) async fn collect(ui: &Ui, organisation: &Organisation, arguments: CollectArgs) -> Result<()> {
    let id = find(organisation, &arguments.id).await?;
    let requests = organisation.requests();
    let answer = match &arguments.code {
        Some(code) => requests.collect_in_session(&id, arguments.wait, code).await?,
        None => requests.collect(&id, arguments.wait).await?,
    };
    show_answer(ui, answer.as_ref());
    Ok(())
}

/// Shows an answer, if there is one.
pub(crate) fn show_answer(ui: &Ui, answer: Option<&ReceivedAnswer>) {
    ui.result(&json!({ "answer": answer }), |ui| match answer {
        Some(answer) => show(ui, answer),
        None => ui.say("collect.none", Parameters::default()),
    });
}

fn show(ui: &Ui, answer: &ReceivedAnswer) {
    match &answer.agreement {
        Some(agreement) => ui.say(
            "collect.agreed",
            Parameters::default().with("id", input::short(agreement)),
        ),
        None => ui.say("collect.shared", Parameters::default()),
    }
    fields(ui, &answer.fields);
    let receipt = if answer.receipt_sent {
        "collect.receipt_sent"
    } else {
        "collect.receipt_waits"
    };
    if answer.agreement.is_some() {
        ui.say(receipt, Parameters::default());
    }
}

/// What was received, and who signed it.
pub(crate) fn fields(ui: &Ui, fields: &[ReceivedField]) {
    for field in fields {
        let issuer = Parameters::of(&field.issuer);
        let kind = issuer.text("kind").unwrap_or_default();
        let issuer = ui.catalogue.sentence("received_issuers", &kind, &issuer);
        let name = parameters::last_name(&json!(field.field)).unwrap_or_default();
        let label = ui.catalogue.word("fields", &name);
        ui.line(&format!("  {label}: {} ({issuer})", text_of(&field.value)));
    }
}

/// Takes a request back.
pub(crate) async fn close(ui: &Ui, organisation: &Organisation, given: &str) -> Result<()> {
    let id = find(organisation, given).await?;
    organisation.requests().close(&id).await?;
    ui.result(&json!({ "closed": id }), |ui| {
        ui.say("request.closed", Parameters::default().with("id", input::short(&id)));
    });
    Ok(())
}

/// The one request whose id is given in part.
pub(crate) async fn find(organisation: &Organisation, given: &str) -> Result<String> {
    let all = organisation.requests().list().await?;
    input::id(given, all.into_iter().map(|request| request.id))
}
