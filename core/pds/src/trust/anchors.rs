//! The frameworks that a store believes, as it keeps them: a pinned root with the newest list of each.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::{base64url, from_base64url};
use kist_trust::{
    Anchor, AnchorKind, Certificate, Freshness, Grounds, Mode, NOBODY, Reason, Seen, SignedTerms, TrustList,
};
use serde::{Deserialize, Serialize};

use crate::home::Home;
use crate::{Error, Result};

pub(super) const COLLECTION: &str = "anchors";
const BUNDLE_VERSION: u8 = 1;
/// A phone that was offline goes on with an old list for so many seconds after its next update was due.
const GRACE: u32 = 7 * 24 * 60 * 60;
/// Whether the developer's mode is on, on this device.
pub(super) const MODE: &str = "local/trust-mode";
pub(super) const DEVELOPER: &str = "developer";

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

/// A framework that is believed. Operator, organisations and directory are empty where the list that is kept can't be read.
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
    /// Where the framework's directory of organisations lies, as that list says while it is used.
    pub directory: Option<String>,
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
pub(super) struct Stored {
    pub(super) bundle: AnchorBundle,
    sequence: u64,
    /// SHA-256 of the list's content, base64url.
    #[serde(default)]
    list_sha256: Option<String>,
    #[serde(default)]
    pub(super) accepted: Option<Accepted>,
}

/// Terms that the owner of the store accepted.
#[derive(Serialize, Deserialize)]
pub(super) struct Accepted {
    pub(super) sha256: String,
    pub(super) at: i64,
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
pub(super) fn accept(home: &Home, bundle: AnchorBundle, known: Option<Stored>) -> Result<(Stored, TrustList)> {
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

/// Whether the developer's mode is on.
pub(super) fn mode(home: &Home) -> Result<Mode> {
    let on: Option<bool> = home.kept(MODE, DEVELOPER)?;
    Ok(match on {
        Some(true) => Mode::Developer,
        _ => Mode::Strict,
    })
}

pub(super) fn not_found(what: &'static str) -> Error {
    Error::new("NotFound").with("what", what)
}

/// The list that is kept of an anchor, expired or not: the trust room asks for its age in each decision.
pub(super) fn held(home: &Home, stored: &Stored, anchor: &Anchor) -> Option<TrustList> {
    let at = |now| TrustList::verify(&stored.bundle.list, anchor, Some(stored.seen()), GRACE, now);
    match at(home.platform.now()) {
        Err(kist_trust::Error::TrustListExpired { expired }) => at(expired).ok(),
        list => list.ok(),
    }
}

/// A framework as it is shown.
pub(super) fn info(home: &Home, stored: &Stored) -> AnchorInfo {
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
        organisations: list.as_ref().map_or(0, |list| list.entries().count() as u64),
        directory: freshness.and(list.and_then(|list| list.directory)),
    }
}

/// Where the directories of the frameworks that are believed lie, as their lists say.
pub(crate) fn directories(home: &Home) -> Result<Vec<String>> {
    let all = all(home)?;
    Ok(all.iter().filter_map(|stored| info(home, stored).directory).collect())
}

/// The root that a bundle carries.
pub(super) fn anchor(bundle: &AnchorBundle) -> Result<Anchor> {
    let malformed = |_| Error::new("Malformed").with("what", "certificate");
    let certificate = BASE64_STANDARD.decode(&bundle.certificate).map_err(malformed)?;
    Certificate::from_der(&certificate)?;
    Ok(Anchor {
        label: bundle.label.clone(),
        kind: bundle.kind,
        certificate,
    })
}

pub(super) fn stored(home: &Home, label: &str) -> Result<Option<Stored>> {
    home.kept(COLLECTION, label)
}

pub(super) fn all(home: &Home) -> Result<Vec<Stored>> {
    Ok(home
        .all_kept(COLLECTION)?
        .into_iter()
        .map(|(_, stored)| stored)
        .collect())
}
