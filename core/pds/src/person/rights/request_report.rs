//! A report about a request that nothing was agreed on: what was asked, of it what was too much, and that it was signed.

use kist_consent::Party;
use kist_consent::history::HistoryEntry;
use kist_exchange::{CLOCK_SKEW, RequestSignature};
use serde_json::{Value, json};

use super::reports::{Kept, Report, ReportSubject, chain, document};
use crate::Result;
use crate::home::Home;
use crate::person::requests::refused::{Reportable, reportable};

/// Makes the report, from what was verified when the request was opened.
pub(super) fn make(home: &Home, id: &str, note: Option<String>, past: &[HistoryEntry]) -> Result<(Kept, Party)> {
    let (about, now) = (reportable(home, id)?, home.platform.now());
    let stated = &about.stated;
    let organisation = Party {
        id: stated.organisation.id.clone(),
        name: stated.organisation.name.clone(),
    };
    let report = Report::new(
        &organisation,
        ReportSubject::Request(id.to_owned()),
        Some(stated.authority.clone()),
        now,
    );
    let about_it = json!({
        "organisation": stated.organisation,
        "request": request(id, &about, now)?,
        "history": chain(past, &organisation.id),
        "keys": { "request": stated.key },
    });
    let document = document(&report, about_it, note);
    let kept = Kept {
        report,
        document,
        request: Some(about.request),
    };
    Ok((kept, organisation))
}

fn request(id: &str, about: &Reportable, now: i64) -> Result<Value> {
    let stated = &about.stated;
    Ok(json!({
        "id": id,
        "seen_at": stated.seen_at,
        "refused_at": about.refused_at,
        "ends_at": about.expires_at,
        "supplier": stated.supplier,
        "framework": stated.framework,
        "purposes": stated.purposes,
        "fields": stated.fields,
        "offer_hash": stated.offer,
        "signature": RequestSignature::of(&about.request)?,
        "request": opens_nothing(about, now).then_some(&about.request),
    }))
}

/// Whether the request can be shown whole: nobody can answer it any more, and it names no mailbox. An offer's mailbox may be
/// in use, since somebody else may have answered the same request.
fn opens_nothing(about: &Reportable, now: i64) -> bool {
    about.stated.offer.is_none() && now > about.expires_at.saturating_add(CLOCK_SKEW)
}
