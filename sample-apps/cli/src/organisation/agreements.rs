//! Agreements with people: what was received, what is delivered, what comes back.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kist_pds::{DeliveryReport, DeliverySpec, OrgAgreement, OrgAgreementSummary, Organisation};
use serde_json::{Map, Value, json};

use super::requests;
use crate::arguments::DeliverArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Lists agreements, or shows one.
pub(crate) async fn show(ui: &Ui, organisation: &Organisation, given: Option<String>) -> Result<()> {
    let Some(given) = given else {
        let all = organisation.agreements().list().await?;
        ui.result(&all, |ui| {
            if all.is_empty() {
                ui.remark("agreements.none", Parameters::default());
            }
            all.iter().for_each(|agreement| ui.line(&line(ui, agreement)));
        });
        return Ok(());
    };
    let agreement = organisation
        .agreements()
        .get(&find(organisation, &given).await?)
        .await?;
    ui.result(&agreement, |ui| page(ui, &agreement));
    Ok(())
}

fn line(ui: &Ui, agreement: &OrgAgreementSummary) -> String {
    let state = json!(agreement.state);
    let dates = Parameters::default()
        .with("agreed_at", agreement.agreed_at)
        .with_some("expires_at", agreement.expires_at)
        .with_some("withdrawn_at", agreement.withdrawn_at)
        .with_some("acknowledged_at", agreement.acknowledged_at);
    let state = ui
        .catalogue
        .sentence("agreement_states", state.as_str().unwrap_or_default(), &dates);
    let names = agreement
        .fields
        .iter()
        .filter_map(|field| parameters::last_name(&json!(field)));
    let labels: Vec<String> = names.map(|name| ui.catalogue.word("fields", &name)).collect();
    let parameters = Parameters::default()
        .with("id", input::short(&agreement.id))
        .with("use", &agreement.use_id)
        .with("fields", labels.join(", "))
        .with("state", state);
    ui.text("agreements.line", parameters)
}

fn page(ui: &Ui, agreement: &OrgAgreement) {
    ui.heading(&line(ui, &agreement.summary));
    requests::fields(ui, &agreement.received);
    for gone in &agreement.gone {
        let name = parameters::last_name(&json!(gone.field)).unwrap_or_default();
        let parameters = Parameters::default()
            .with("field", ui.catalogue.word("fields", &name))
            .with("as_of_at", gone.as_of);
        ui.line(&format!("  {}", ui.text("agreements.gone", parameters)));
    }
    for message in &agreement.messages {
        let state = json!(message.state);
        let parameters = Parameters::default()
            .with("number", message.number)
            .with("kind", &message.kind)
            .with("posted_at", message.posted_at)
            .with(
                "status",
                ui.catalogue.word("message_states", state.as_str().unwrap_or_default()),
            );
        ui.line(&format!("  {}", ui.text("agreements.message", parameters)));
    }
}

/// Delivers signed data.
pub(crate) async fn deliver(ui: &Ui, organisation: &Organisation, arguments: DeliverArgs) -> Result<()> {
    let id = find(organisation, &arguments.agreement).await?;
    let Some(schema) = &arguments.schema else {
        return super::transfers::deliver(
            ui,
            organisation,
            &id,
            arguments.file.as_deref().unwrap_or(Path::new("")),
        )
        .await;
    };
    let mut claims: Map<String, Value> = match &arguments.from {
        Some(file) => input::json(file)?,
        None => Map::new(),
    };
    input::set_fields(&mut claims, &Value::Null, &arguments.fields)?;
    let expires_at = arguments.valid_until.as_deref().map(last_second).transpose()?;
    let spec = DeliverySpec {
        schema: input::schema_uri(schema),
        claims,
        expires_at,
    };
    let report = organisation.deliveries().deliver(&id, spec).await?;
    sent(ui, &report);
    Ok(())
}

/// Sends words.
pub(crate) async fn note(ui: &Ui, organisation: &Organisation, given: &str, text: &str) -> Result<()> {
    let id = find(organisation, given).await?;
    let report = organisation.deliveries().note(&id, text).await?;
    sent(ui, &report);
    Ok(())
}

fn sent(ui: &Ui, report: &DeliveryReport) {
    ui.result(report, |ui| {
        let state = json!(report.state);
        let state = ui.catalogue.word("message_states", state.as_str().unwrap_or_default());
        ui.say(
            "deliver.done",
            Parameters::default()
                .with("number", report.number)
                .with("status", state),
        );
    });
}

/// Sends what waits, takes in what came.
pub(crate) async fn refresh(ui: &Ui, organisation: &Organisation) -> Result<()> {
    let events = organisation.inbox().refresh().await?;
    ui.result(&json!({ "events": events }), |ui| {
        if events.is_empty() {
            ui.remark("refresh.none", Parameters::default());
        }
        for event in &events {
            let parameters = Parameters::of(event);
            let kind = parameters.text("event").unwrap_or_default();
            let parameters = parameters
                .shortened("agreement")
                .shortened("relationship")
                .shortened("request")
                .shortened("transfer")
                .shortened("read");
            ui.line(&ui.catalogue.sentence("org_events", &kind, &parameters));
        }
    });
    Ok(())
}

/// The last second of a day, UTC.
pub(super) fn last_second(day: &str) -> Result<i64> {
    let bad = || Failure::own("BadDate").with("date", day);
    let day: Date = day.parse().map_err(|_| bad())?;
    let end = day
        .at(23, 59, 59, 0)
        .to_zoned_datetime(TimeZone::UTC)
        .map_err(|_| bad())?;
    Ok(end.timestamp().as_second())
}

pub(super) async fn find(organisation: &Organisation, given: &str) -> Result<String> {
    let all = organisation.agreements().list().await?;
    input::id(given, all.into_iter().map(|agreement| agreement.id))
}
