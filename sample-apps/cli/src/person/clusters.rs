//! Clusters: organisations that serve the same people together, decided on in one place.

use std::collections::BTreeMap;

use kist_pds::{ClusterMemberView, ClusterView, Decision, Person};
use serde_json::json;

use super::{consents, scan};
use crate::arguments::ClustersArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::Parameters;
use crate::ui::Ui;

/// Lists clusters, shows one, contacts its members, decides, or withdraws.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ClustersArgs) -> Result<()> {
    let clusters = person.clusters();
    if let Some(path) = &arguments.add {
        let added = clusters.add(&input::text(path)?).await?;
        ui.result(&added, |ui| show(ui, &added));
        return Ok(());
    }
    let all = clusters.list().await?;
    let Some(given) = &arguments.id else {
        ui.result(&all, |ui| {
            if all.is_empty() {
                ui.remark("clusters.none", Parameters::default());
            }
            all.iter().for_each(|cluster| head(ui, cluster));
        });
        return Ok(());
    };
    let id = input::id(given, all.iter().map(|cluster| cluster.id.clone()))?;
    let cluster = if arguments.open {
        clusters.open(&id).await?
    } else if arguments.yes {
        let cluster = clusters.get(&id).await?;
        clusters.decide(&id, decide(ui, &cluster, &arguments)?).await?
    } else if arguments.withdraw {
        let all = || arguments.members.iter().map(|member| Some(member.as_str()));
        let chosen: Vec<Option<&str>> = match arguments.members.is_empty() {
            true => vec![None],
            false => all().collect(),
        };
        for member in chosen {
            clusters.withdraw(&id, member).await?;
        }
        clusters.get(&id).await?
    } else {
        clusters.get(&id).await?
    };
    ui.result(&cluster, |ui| show(ui, &cluster));
    Ok(())
}

/// What each member requires, for all members or those that were named, and the optional parts that were named.
fn decide(ui: &Ui, cluster: &ClusterView, arguments: &ClustersArgs) -> Result<BTreeMap<String, Decision>> {
    let chosen = |member: &&ClusterMemberView| {
        arguments.members.is_empty() || arguments.members.contains(&member.organisation_id)
    };
    let mut decisions = BTreeMap::new();
    for member in cluster.members.iter().filter(chosen) {
        let Some(request) = &member.request else { continue };
        let mut decision = Decision::required(request);
        let parts = arguments.give.iter().filter_map(|part| part.split_once('='));
        for (_, part) in parts.filter(|(organisation, _)| *organisation == member.organisation_id) {
            let fields = request.evaluation.fields.iter();
            let named: Vec<_> = fields
                .filter(|field| field.credential == part)
                .filter_map(|field| field.field())
                .collect();
            if named.is_empty() {
                return Err(Failure::own("BadField").with("field", part));
            }
            decision = named
                .iter()
                .fold(decision, |decision, field| decision.and(request, field));
        }
        decision.language = Some(ui.catalogue.tag().to_owned());
        decisions.insert(member.organisation_id.clone(), decision);
    }
    Ok(decisions)
}

fn head(ui: &Ui, cluster: &ClusterView) {
    let parameters = Parameters::default()
        .with("id", input::short(&cluster.id))
        .with("name", ui.catalogue.choose(&cluster.name))
        .with("lead", &cluster.lead)
        .with("version", cluster.version as i64);
    ui.heading(&ui.text("clusters.line", parameters));
    for member in &cluster.members {
        let standing = json!(member.standing);
        let parameters = Parameters::default()
            .with(
                "organisation",
                member.organisation.as_ref().unwrap_or(&member.organisation_id),
            )
            .with("organisation_id", &member.organisation_id)
            .with("role", ui.catalogue.choose(&member.role))
            .with(
                "standing",
                ui.catalogue
                    .word("member_standings", standing.as_str().unwrap_or_default()),
            );
        let key = if member.is_new {
            "clusters.new"
        } else {
            "clusters.member"
        };
        ui.say(key, parameters);
    }
}

fn show(ui: &Ui, cluster: &ClusterView) {
    head(ui, cluster);
    for request in cluster.members.iter().filter_map(|member| member.request.as_ref()) {
        ui.line("");
        scan::show(ui, request);
    }
    for consent in &cluster.left {
        ui.say("clusters.left", Parameters::default());
        ui.line(&format!("    {}", consents::line(ui, consent)));
    }
}
