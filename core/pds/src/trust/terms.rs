//! A framework's terms: shown as its newest list has them, and accepted by the owner of the store.

use kist_trust::{Anchor, Localised, SignedTerms, TermsNotice, TrustList};
use kist_vault::Transaction;
use serde::Serialize;

use super::anchors::{Accepted, COLLECTION, Stored, anchor, held, not_found, stored};
use crate::Result;
use crate::home::{Home, from_json, to_json};

/// The terms of a framework that is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TermsInfo {
    /// Their version.
    pub version: String,
    /// SHA-256 of what the framework signed of them, base64url.
    pub sha256: String,
    /// From when on they hold, Unix seconds.
    pub effective: i64,
    /// What they come to in plain words, by language; empty where the terms themselves have not come yet.
    pub summary: Localised,
    /// The terms, by language.
    pub text: Localised,
    /// When the owner of the store accepted them, Unix seconds.
    pub accepted_at: Option<i64>,
}

/// The terms of a framework, as its newest list has them; `None` where it has published none.
pub(super) fn read(home: &Home, label: &str) -> Result<Option<TermsInfo>> {
    let stored = stored(home, label)?.ok_or_else(|| not_found("anchor"))?;
    let anchor = anchor(&stored.bundle)?;
    let list = held(home, &stored, &anchor);
    let notice = list.as_ref().and_then(|list| list.terms.clone());
    Ok(notice.map(|notice| shown(home, &stored, &anchor, list.as_ref(), notice)))
}

fn shown(home: &Home, stored: &Stored, anchor: &Anchor, list: Option<&TrustList>, notice: TermsNotice) -> TermsInfo {
    let signed = stored.bundle.terms.as_deref();
    let signed = signed.and_then(|terms| SignedTerms::verify(terms, anchor, list, home.platform.now()).ok());
    let content = signed.filter(|terms| terms.sha256 == notice.sha256);
    let (summary, text) = content.map_or_else(Default::default, |terms| (terms.content.summary, terms.content.text));
    let accepted = stored
        .accepted
        .as_ref()
        .filter(|accepted| accepted.sha256 == notice.sha256);
    TermsInfo {
        accepted_at: accepted.map(|accepted| accepted.at),
        version: notice.version,
        sha256: notice.sha256,
        effective: notice.effective,
        summary,
        text,
    }
}

/// Notes that the terms of this hash were accepted.
pub(super) fn accept(changes: &Transaction<'_>, label: &str, sha256: &str, at: i64) -> Result<()> {
    let bytes = changes.kept(COLLECTION, label)?.ok_or_else(|| not_found("anchor"))?;
    let mut stored: Stored = from_json(&bytes)?;
    stored.accepted = Some(Accepted {
        sha256: sha256.to_owned(),
        at,
    });
    Ok(changes.keep(COLLECTION, label, &to_json(&stored)?)?)
}
