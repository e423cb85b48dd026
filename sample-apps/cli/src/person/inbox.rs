//! The inbox: what came, and what waits to be read.

use kist_pds::{InboxItem, Person};
use serde_json::json;

use crate::arguments::InboxArgs;
use crate::failure::Result;
use crate::input;
use crate::parameters::Parameters;
use crate::ui::Ui;

/// Fetches messages and lists what waits.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: InboxArgs) -> Result<()> {
    let inbox = person.inbox();
    if let Some(given) = &arguments.dismiss {
        let all = inbox.list().await?;
        let id = input::id(given, all.into_iter().map(|item| item.id))?;
        inbox.dismiss(&id).await?;
    }
    let events = match arguments.offline || arguments.dismiss.is_some() {
        true => Vec::new(),
        false => inbox.refresh().await?,
    };
    let items = inbox.list().await?;
    ui.result(&json!({ "events": events, "items": items }), |ui| {
        for event in &events {
            let parameters = Parameters::of(event);
            let kind = parameters.text("event").unwrap_or_default();
            let parameters = parameters
                .shortened("record")
                .shortened("item")
                .shortened("consent")
                .shortened("request")
                .shortened("share");
            ui.line(&ui.catalogue.sentence("inbox_events", &kind, &parameters));
        }
        if events.is_empty() && items.is_empty() {
            ui.remark("inbox.empty", Parameters::default());
        }
        items.iter().for_each(|item| show(ui, item));
    });
    Ok(())
}

fn show(ui: &Ui, item: &InboxItem) {
    let parameters = Parameters::of(item).shortened("id");
    let key = if item.outside_agreement {
        "inbox.outside"
    } else {
        "inbox.item"
    };
    ui.say(key, parameters);
    if let Some(text) = &item.text {
        ui.line(&format!("  {}", text.replace('\n', "\n  ")));
    }
}
