//! Whom a store believes: the frameworks' anchors that its owner added, and the newest list of each.

pub(crate) mod issuers;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_consent::history::Event;
use kist_crypto::{base64url, from_base64url};
use kist_trust::{
    Anchor, AnchorKind, Certificate, Freshness, Grounds, Localised, Mode, NOBODY, Reason, Seen, SignedTerms,
    StatusChange, TermsNotice, TrustList,
};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::agreements::standing::{self, MemberState};
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, history, http};

const COLLECTION: &str = "anchors";
/// Organisations that stand elsewhere than before, until the person has been told: by label and id.
const CHANGES: &str = "trust-changes";
/// Whether the developer's mode is on.
const MODE: &str = "local/trust-mode";
const DEVELOPER: &str = "developer";
const BUNDLE_VERSION: u8 = 1;
/// A phone that was offline goes on with an old list for so many seconds after its next update was due.
const GRACE: u32 = 7 * 24 * 60 * 60;
/// The largest list that is fetched, in bytes.
const MAX_LIST: usize = 1 << 20;

/// What a framework's operator hands out: its root and its newest list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorBundle {
    /// The format: 1.
    pub kist_anchor: u8,
    /// What the framework is called.
    pub label: String,
    /// What the root is the root of.
    #[serde(default)]
    pub kind: AnchorKind,
    /// The root certificate: base64 of DER.
    pub certificate: String,
    /// The newest list, a compact JWS.
    pub list: String,
    /// Where newer lists are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_url: Option<String>,
    /// The framework's terms, a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
}

/// A framework that is believed. Operator and organisations are empty where the list that is kept can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorInfo {
    /// What it is called.
    pub label: String,
    /// What it is the root of.
    pub kind: AnchorKind,
    /// Who operates it.
    pub operator: String,
    /// The sequence number of the list in use.
    pub list_sequence: u64,
    /// When that list's successor is due, Unix seconds.
    pub next_update: i64,
    /// How fresh that list is: what a person has to be warned of.
    pub freshness: ListFreshness,
    /// The organisations on the list.
    pub organisations: u64,
}

/// How fresh the list in use is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ListFreshness {
    /// Its successor is not due yet.
    Current,
    /// Its successor was due: it is used for a while yet.
    Overdue {
        /// Until when, Unix seconds.
        usable_until: i64,
    },
    /// It is too old to be used: its organisations are refused.
    Expired,
}

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

/// An organisation that stands elsewhere in its framework than it did: what the person has to be told, since agreements
/// may rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationChange {
    /// The framework.
    pub label: String,
    /// Its id there.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// `active`, `suspended`, `expelled` or `unlisted`: what the person knew.
    pub from: MemberState,
    /// Where it stands now.
    pub to: MemberState,
    /// Since when, Unix seconds.
    pub since: i64,
}

impl OrganisationChange {
    /// Whether what rests on the organisation has to pause.
    pub fn ends_trust(&self) -> bool {
        self.from == MemberState::Active && self.to != MemberState::Active
    }
}

/// Anchors and lists, read for one decision.
pub(crate) struct Trusted {
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) lists: Vec<TrustList>,
    mode: Mode,
}

impl Trusted {
    /// What a request is judged by.
    pub(crate) fn grounds(&self) -> Grounds<'_> {
        Grounds {
            anchors: &self.anchors,
            lists: &self.lists,
            mode: self.mode,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    bundle: AnchorBundle,
    sequence: u64,
    /// SHA-256 of the list's content, base64url.
    #[serde(default)]
    list_sha256: Option<String>,
    #[serde(default)]
    accepted: Option<Accepted>,
}

/// Terms that the owner of the store accepted.
#[derive(Serialize, Deserialize)]
struct Accepted {
    sha256: String,
    at: i64,
}

impl Stored {
    fn seen(&self) -> Seen {
        let sha256 = self.list_sha256.as_deref().and_then(|hash| from_base64url(hash).ok());
        Seen {
            sequence: self.sequence,
            sha256: sha256.and_then(|hash| hash.try_into().ok()),
        }
    }
}

/// The frameworks that a store believes.
#[derive(Clone)]
pub struct Trust {
    pub(crate) home: Arc<Home>,
}

impl Trust {
    /// Believes a framework from now on, or takes what its operator hands out anew. Its root is pinned: a bundle with
    /// another root under the same label is refused, unless the pinned root has handed over to it.
    ///
    /// Errors: `AlreadyExists`, `Malformed`, `TrustListNotTrusted`, `TrustListExpired`, `NotYetValid`, `RollbackDetected`,
    /// `ForkDetected`.
    pub async fn add_anchor(&self, bundle: AnchorBundle) -> Result<AnchorInfo> {
        self.change(bundle.label.clone(), move |_| Ok(bundle)).await
    }

    /// Takes a newer list of a framework that is believed.
    pub async fn update_list(&self, label: &str, list: &str) -> Result<AnchorInfo> {
        let list = list.to_owned();
        self.change(label.to_owned(), move |known| match known {
            Some(known) => Ok(AnchorBundle {
                list,
                ..known.bundle.clone()
            }),
            None => Err(not_found("anchor")),
        })
        .await
    }

    /// Verifies what `next` makes of what is kept under a label, and keeps it; never a list older than the one that is
    /// kept. What the new list changes for organisations is kept until it was told.
    async fn change<F>(&self, label: String, next: F) -> Result<AnchorInfo>
    where
        F: FnOnce(Option<&Stored>) -> Result<AnchorBundle> + Send + 'static,
    {
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let known: Option<Stored> = changes
                        .kept(COLLECTION, &label)?
                        .map(|bytes| from_json(&bytes))
                        .transpose()?;
                    let bundle = next(known.as_ref())?;
                    let before = match &known {
                        Some(known) => held(home, known, &anchor(&known.bundle)?),
                        None => None,
                    };
                    let (stored, list) = accept(home, bundle, known)?;
                    for change in before.map(|before| list.changes_since(&before)).unwrap_or_default() {
                        note(changes, &label, change)?;
                    }
                    standing::follow(home, changes, &label, Some(&list))?;
                    changes.keep(COLLECTION, &label, &to_json(&stored)?)?;
                    Ok(info(home, &stored))
                })
            })
            .await
    }

    /// The organisations that stand elsewhere than the person was last told.
    pub async fn changes(&self) -> Result<Vec<OrganisationChange>> {
        self.home
            .blocking(|home| Ok(home.all_kept(CHANGES)?.into_iter().map(|(_, change)| change).collect()))
            .await
    }

    /// Notes that the person was told of these changes. One that has gone further since stays to be told.
    pub async fn told(&self, told: Vec<OrganisationChange>) -> Result<()> {
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    for change in &told {
                        let key = change_key(&change.label, &change.organisation_id);
                        match kept_change(changes, &key)? {
                            Some(kept) if kept == *change => changes.forget(CHANGES, &key)?,
                            Some(kept) => {
                                let further = OrganisationChange {
                                    from: change.to,
                                    ..kept
                                };
                                changes.keep(CHANGES, &key, &to_json(&further)?)?;
                            }
                            None => {}
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The terms of a framework that is believed, as its newest list has them; `None` where it has published none.
    ///
    /// Errors: `NotFound`.
    pub async fn terms(&self, label: &str) -> Result<Option<TermsInfo>> {
        let label = label.to_owned();
        self.home
            .blocking(move |home| {
                let stored = stored(home, &label)?.ok_or_else(|| not_found("anchor"))?;
                let anchor = anchor(&stored.bundle)?;
                let list = held(home, &stored, &anchor);
                let notice = list.as_ref().and_then(|list| list.terms.clone());
                Ok(notice.map(|notice| terms_info(home, &stored, &anchor, list.as_ref(), notice)))
            })
            .await
    }

    /// Accepts the terms of this hash, which are to be the ones in force and to have been shown.
    ///
    /// Errors: `NotFound` where there are no such terms, or where they have not come yet.
    pub async fn accept_terms(&self, label: &str, sha256: &str) -> Result<TermsInfo> {
        let known = self.terms(label).await?.filter(|terms| terms.sha256 == sha256);
        let mut terms = known
            .filter(|terms| !terms.text.is_empty())
            .ok_or_else(|| not_found("terms"))?;
        let (label, sha256) = (label.to_owned(), sha256.to_owned());
        let at = self.home.platform.now();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let bytes = changes.kept(COLLECTION, &label)?.ok_or_else(|| not_found("anchor"))?;
                    let mut stored: Stored = from_json(&bytes)?;
                    stored.accepted = Some(Accepted { sha256, at });
                    Ok(changes.keep(COLLECTION, &label, &to_json(&stored)?)?)
                })
            })
            .await?;
        terms.accepted_at = Some(at);
        Ok(terms)
    }

    /// Fetches the newest list from where the framework publishes it.
    pub async fn refresh(&self, label: &str) -> Result<AnchorInfo> {
        let name = label.to_owned();
        let known = self.home.blocking(move |home| stored(home, &name)).await?;
        let url = known.and_then(|known| known.bundle.list_url);
        let url = url.ok_or_else(|| not_found("list address"))?;
        let bytes = http::fetch(&self.home.mail, &url, MAX_LIST).await?;
        let list = String::from_utf8(bytes).map_err(|_| Error::new("Malformed").with("what", "trust list"))?;
        self.update_list(label, list.trim()).await
    }

    /// The frameworks that are believed.
    pub async fn anchors(&self) -> Result<Vec<AnchorInfo>> {
        self.home
            .blocking(|home| Ok(all(home)?.iter().map(|stored| info(home, stored)).collect()))
            .await
    }

    /// Whether requests of organisations that no framework vouches for are shown, and said to be such: for who develops an
    /// organisation's side. Off, unless the owner of the store has switched it on; on this device alone.
    pub async fn developer_mode(&self) -> Result<bool> {
        self.home.blocking(|home| Ok(mode(home)? == Mode::Developer)).await
    }

    /// Switches the developer's mode. That it was switched stands in the history.
    pub async fn set_developer_mode(&self, on: bool) -> Result<()> {
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    changes.keep(MODE, DEVELOPER, &to_json(&on)?)?;
                    standing::follow_developer(home, changes, on)?;
                    history::append(changes, Event::DeveloperMode { on }, home.platform.now_ms())
                })
            })
            .await
    }

    /// Believes a framework no longer: what was agreed with its organisations stands still until it is believed again.
    pub async fn remove_anchor(&self, label: &str) -> Result<()> {
        let label = label.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    changes.forget(COLLECTION, &label)?;
                    standing::follow(home, changes, &label, None)
                })
            })
            .await
    }
}

/// Everything that is believed now. A list that has expired stays in it, so that each decision that depends on it is
/// refused for that reason, and no other; a list that can't be read at all is left out.
///
/// Errors: `TrustListMissing` where no framework is believed, but in a developer's mode.
pub(crate) fn trusted(home: &Home) -> Result<Trusted> {
    let mut trusted = Trusted {
        anchors: Vec::new(),
        lists: Vec::new(),
        mode: mode(home)?,
    };
    for stored in all(home)? {
        let anchor = anchor(&stored.bundle)?;
        trusted.lists.extend(held(home, &stored, &anchor));
        trusted.anchors.push(anchor);
    }
    if trusted.anchors.is_empty() && trusted.mode == Mode::Strict {
        Err(Error::new("TrustListMissing"))
    } else {
        Ok(trusted)
    }
}

/// What is kept of a bundle, verified under the root that is pinned. Where that root has handed over, its successor is
/// pinned from then on.
fn accept(home: &Home, bundle: AnchorBundle, known: Option<Stored>) -> Result<(Stored, TrustList)> {
    if bundle.label.starts_with(NOBODY) {
        return Err(Error::new("Malformed").with("what", "label"));
    }
    if bundle.kist_anchor != BUNDLE_VERSION {
        return Err(Error::new("DowngradeRefused").with("found", bundle.kist_anchor));
    }
    let now = home.platform.now();
    let given = anchor(&bundle)?;
    let pinned = match &known {
        Some(known) => anchor(&known.bundle)?,
        None => given.clone(),
    };
    let list = TrustList::verify(&bundle.list, &pinned, known.as_ref().map(Stored::seen), GRACE, now);
    let list = match list {
        Err(kist_trust::Error::TrustListNotTrusted { .. }) if given.certificate != pinned.certificate => {
            return Err(Error::new("AlreadyExists"));
        }
        list => list?,
    };
    let root = list.successor().unwrap_or(&pinned.certificate);
    if given.certificate != pinned.certificate && given.certificate != root {
        return Err(Error::new("AlreadyExists"));
    }
    let terms = match &bundle.terms {
        Some(terms) => is_in_force(terms, &pinned, &list, now)?,
        None => false,
    };
    let stored = Stored {
        sequence: list.sequence,
        list_sha256: Some(base64url(list.sha256)),
        accepted: known.and_then(|known| known.accepted),
        bundle: AnchorBundle {
            kind: pinned.kind,
            certificate: BASE64_STANDARD.encode(root),
            terms: bundle.terms.filter(|_| terms),
            ..bundle
        },
    };
    Ok((stored, list))
}

/// Whether these are the terms that the list names. Ones of another time are let go, ones of somebody else refused.
fn is_in_force(terms: &str, anchor: &Anchor, list: &TrustList, now: i64) -> Result<bool> {
    match SignedTerms::verify(terms, anchor, Some(list), now) {
        Ok(terms) => Ok(list.terms.as_ref().is_some_and(|notice| notice.sha256 == terms.sha256)),
        Err(kist_trust::Error::TrustListNotTrusted {
            reason: Reason::CertificateExpired,
        }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn terms_info(
    home: &Home,
    stored: &Stored,
    anchor: &Anchor,
    list: Option<&TrustList>,
    notice: TermsNotice,
) -> TermsInfo {
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

/// Keeps a change until the person was told of it; one that leads back to what the person knows is none.
fn note(changes: &Transaction<'_>, label: &str, change: StatusChange) -> Result<()> {
    let key = change_key(label, &change.organisation_id);
    let known = kept_change(changes, &key)?;
    let change = OrganisationChange {
        label: label.to_owned(),
        organisation_id: change.organisation_id,
        legal_name: change.legal_name,
        from: known.as_ref().map_or(change.from.into(), |known| known.from),
        to: change.to.into(),
        since: change.since,
    };
    // That an organisation has joined is nothing to be told.
    let matters = change.from != change.to && change.from != MemberState::Unlisted;
    match (matters, known) {
        (true, _) => Ok(changes.keep(CHANGES, &key, &to_json(&change)?)?),
        (false, Some(_)) => Ok(changes.forget(CHANGES, &key)?),
        (false, None) => Ok(()),
    }
}

fn kept_change(changes: &Transaction<'_>, key: &str) -> Result<Option<OrganisationChange>> {
    changes.kept(CHANGES, key)?.map(|bytes| from_json(&bytes)).transpose()
}

fn change_key(label: &str, organisation_id: &str) -> String {
    format!("{label}/{organisation_id}")
}

fn mode(home: &Home) -> Result<Mode> {
    let on: Option<bool> = home.kept(MODE, DEVELOPER)?;
    Ok(match on {
        Some(true) => Mode::Developer,
        _ => Mode::Strict,
    })
}

fn not_found(what: &'static str) -> Error {
    Error::new("NotFound").with("what", what)
}

/// The list that is kept of an anchor, expired or not: the trust room asks for its age in each decision.
fn held(home: &Home, stored: &Stored, anchor: &Anchor) -> Option<TrustList> {
    let at = |now| TrustList::verify(&stored.bundle.list, anchor, Some(stored.seen()), GRACE, now);
    match at(home.platform.now()) {
        Err(kist_trust::Error::TrustListExpired { expired }) => at(expired).ok(),
        list => list.ok(),
    }
}

fn info(home: &Home, stored: &Stored) -> AnchorInfo {
    let list = anchor(&stored.bundle)
        .ok()
        .and_then(|anchor| held(home, stored, &anchor));
    let freshness = list.as_ref().and_then(|list| list.freshness(home.platform.now()).ok());
    AnchorInfo {
        label: stored.bundle.label.clone(),
        kind: stored.bundle.kind,
        operator: list.as_ref().map(|list| list.operator.clone()).unwrap_or_default(),
        list_sequence: stored.sequence,
        next_update: list.as_ref().map_or(0, |list| list.next_update),
        freshness: match freshness {
            Some(Freshness::Current) => ListFreshness::Current,
            Some(Freshness::Overdue { usable_until, .. }) => ListFreshness::Overdue { usable_until },
            None => ListFreshness::Expired,
        },
        organisations: list.map_or(0, |list| list.entries().count() as u64),
    }
}

fn anchor(bundle: &AnchorBundle) -> Result<Anchor> {
    let malformed = |_| Error::new("Malformed").with("what", "certificate");
    let certificate = BASE64_STANDARD.decode(&bundle.certificate).map_err(malformed)?;
    Certificate::from_der(&certificate)?;
    Ok(Anchor {
        label: bundle.label.clone(),
        kind: bundle.kind,
        certificate,
    })
}

fn stored(home: &Home, label: &str) -> Result<Option<Stored>> {
    home.kept(COLLECTION, label)
}

fn all(home: &Home) -> Result<Vec<Stored>> {
    Ok(home
        .all_kept(COLLECTION)?
        .into_iter()
        .map(|(_, stored)| stored)
        .collect())
}
