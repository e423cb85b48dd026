//! Clusters that the organisation leads.

use std::path::Path;

use kist_pds::{Cluster, Organisation};
use serde_json::json;

use crate::arguments::ClusterCommand;
use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::pictures;
use crate::ui::Ui;

/// Runs a command about clusters.
pub(crate) async fn run(ui: &Ui, organisation: &Organisation, command: ClusterCommand) -> Result<()> {
    match command {
        ClusterCommand::State { spec, days, out } => state(ui, organisation, &spec, days, out.as_deref()).await,
        ClusterCommand::List => list(ui, organisation).await,
        ClusterCommand::Link { url, qr } => link(ui, organisation, &url, qr.as_deref()).await,
    }
}

async fn state(ui: &Ui, organisation: &Organisation, spec: &Path, days: u32, out: Option<&Path>) -> Result<()> {
    let cluster: Cluster = input::json(spec)?;
    let stated = organisation.clusters().state(cluster, days).await?;
    if let Some(path) = out {
        input::write(path, format!("{}\n", stated.statement))?;
    }
    ui.result(&stated, |ui| {
        if out.is_none() {
            ui.line(&stated.statement);
        }
        line(ui, &stated.cluster, stated.expires_at);
    });
    Ok(())
}

async fn list(ui: &Ui, organisation: &Organisation) -> Result<()> {
    let all = organisation.clusters().list().await?;
    ui.result(&all, |ui| {
        all.iter()
            .for_each(|stated| line(ui, &stated.cluster, stated.expires_at));
    });
    Ok(())
}

fn line(ui: &Ui, cluster: &Cluster, expires_at: i64) {
    let parameters = Parameters::default()
        .with("id", &cluster.id)
        .with("version", cluster.version as i64)
        .with("count", cluster.members.len())
        .with("expires_at", expires_at);
    ui.say("clusters.stated", parameters);
}

async fn link(ui: &Ui, organisation: &Organisation, url: &str, qr: Option<&Path>) -> Result<()> {
    let link = organisation.clusters().link(url).await?;
    let code = pictures::code(&link)?;
    if let Some(path) = qr {
        pictures::write(path, &code)?;
    }
    ui.result(&json!({ "link": link }), |ui| {
        if qr.is_none() {
            ui.qr(&code);
        }
        ui.line(&link);
    });
    Ok(())
}
