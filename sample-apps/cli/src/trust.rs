//! Frameworks: whom a store believes. The same for a person and an organisation.

use kist_pds::{AnchorBundle, AnchorInfo, ListFreshness, MemberState, Trust};
use serde_json::json;

use crate::arguments::{Switch, TrustCommand};
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Runs a command about frameworks.
pub(crate) async fn run(ui: &Ui, trust: &Trust, command: TrustCommand) -> Result<()> {
    match command {
        TrustCommand::Add { file } => {
            let anchor = trust.add_anchor(input::json(&file)?).await?;
            ui.result(&anchor, |ui| show(ui, &anchor));
        }
        TrustCommand::List => {
            let anchors = trust.anchors().await?;
            ui.result(&anchors, |ui| {
                if anchors.is_empty() {
                    ui.remark("trust.none", Parameters::default());
                }
                anchors.iter().for_each(|anchor| show(ui, anchor));
            });
        }
        TrustCommand::Update { label, file } => {
            let anchor = match file {
                Some(file) => {
                    let bundle: AnchorBundle = input::json(&file)?;
                    trust.add_anchor(AnchorBundle { label, ..bundle }).await?
                }
                None => trust.refresh(&label).await?,
            };
            ui.result(&anchor, |ui| show(ui, &anchor));
        }
        TrustCommand::Changes { told } => changes(ui, trust, told).await?,
        TrustCommand::Terms { label, accept } => terms(ui, trust, &label, accept).await?,
        TrustCommand::Developer { switch } => developer(ui, trust, switch).await?,
        TrustCommand::Remove { label } => {
            trust.remove_anchor(&label).await?;
            ui.result(&json!({ "removed": label }), |ui| {
                ui.say("trust.removed", Parameters::default().with("label", &label));
            });
        }
    }
    Ok(())
}

async fn developer(ui: &Ui, trust: &Trust, switch: Option<Switch>) -> Result<()> {
    if let Some(switch) = switch {
        trust.set_developer_mode(switch == Switch::On).await?;
    }
    let on = trust.developer_mode().await?;
    let sentence = if on {
        "trust.developer_on"
    } else {
        "trust.developer_off"
    };
    ui.result(&json!({ "developer_mode": on }), |ui| {
        ui.say(sentence, Parameters::default())
    });
    Ok(())
}

async fn changes(ui: &Ui, trust: &Trust, told: bool) -> Result<()> {
    let changes = trust.changes().await?;
    ui.result(&changes, |ui| {
        if changes.is_empty() {
            ui.remark("trust.no_changes", Parameters::default());
        }
        for change in &changes {
            let state = |state: &MemberState| ui.catalogue.word("member_states", parameters::word(state).as_str());
            let parameters = Parameters::default()
                .with("organisation", &change.legal_name)
                .with("label", &change.label)
                .with("before", state(&change.from))
                .with("now", state(&change.to))
                .with("since_at", change.since);
            ui.say("trust.change", parameters);
        }
    });
    if told {
        trust.told(changes).await?;
    }
    Ok(())
}

async fn terms(ui: &Ui, trust: &Trust, label: &str, accept: bool) -> Result<()> {
    let mut terms = trust.terms(label).await?;
    if let Some(known) = terms.as_ref().filter(|_| accept) {
        let hash = known.sha256.clone();
        terms = Some(trust.accept_terms(label, &hash).await?);
    }
    ui.result(&terms, |ui| {
        let Some(terms) = &terms else {
            return ui.remark("trust.no_terms", Parameters::default());
        };
        let parameters = Parameters::default()
            .with("label", label)
            .with("version", &terms.version)
            .with("effective_at", terms.effective);
        ui.say("trust.terms", parameters);
        ui.line(ui.catalogue.choose(&terms.summary.0));
        ui.line(ui.catalogue.choose(&terms.text.0));
        match terms.accepted_at {
            Some(at) => ui.say("trust.terms_accepted", Parameters::default().with("at", at)),
            None => ui.remark("trust.terms_open", Parameters::default().with("label", label)),
        }
    });
    Ok(())
}

fn show(ui: &Ui, anchor: &AnchorInfo) {
    ui.say(
        "trust.anchor",
        Parameters::of(anchor).with("next_at", anchor.next_update),
    );
    match anchor.freshness {
        ListFreshness::Current => {}
        ListFreshness::Overdue { usable_until } => {
            ui.remark("trust.overdue", Parameters::default().with("until_at", usable_until));
        }
        ListFreshness::Expired => ui.remark("trust.expired", Parameters::default().with("label", &anchor.label)),
    }
}
