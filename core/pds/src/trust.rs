//! Whom a store believes: the frameworks' anchors that its owner added, and the newest list of each.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_trust::{Anchor, Certificate, TrustList};
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, http};

const COLLECTION: &str = "anchors";
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
    /// The root certificate: base64 of DER.
    pub certificate: String,
    /// The newest list, a compact JWS.
    pub list: String,
    /// Where newer lists are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_url: Option<String>,
}

/// A framework that is believed. Operator and organisations are empty where the list that is kept can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorInfo {
    /// What it is called.
    pub label: String,
    /// Who operates it.
    pub operator: String,
    /// The sequence number of the list in use.
    pub list_sequence: u64,
    /// When that list's successor is due, Unix seconds.
    pub next_update: i64,
    /// The organisations on the list.
    pub organisations: u64,
}

/// Anchors and lists, read for one decision.
pub(crate) struct Trusted {
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) lists: Vec<TrustList>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    bundle: AnchorBundle,
    sequence: u64,
}

/// The frameworks that a store believes.
#[derive(Clone)]
pub struct Trust {
    pub(crate) home: Arc<Home>,
}

impl Trust {
    /// Believes a framework from now on. Its root is pinned: a bundle with another root under the same label is refused.
    ///
    /// Errors: `AlreadyExists`, `Malformed`, `TrustListNotTrusted`, `TrustListExpired`, `RollbackDetected`.
    pub async fn add_anchor(&self, bundle: AnchorBundle) -> Result<AnchorInfo> {
        let label = bundle.label.clone();
        self.change(label, move |known| match known {
            Some(known) if known.certificate != bundle.certificate => Err(Error::new("AlreadyExists")),
            _ => Ok(bundle),
        })
        .await
    }

    /// Takes a newer list of a framework that is believed.
    pub async fn update_list(&self, label: &str, list: &str) -> Result<AnchorInfo> {
        let list = list.to_owned();
        self.change(label.to_owned(), move |known| match known {
            Some(known) => Ok(AnchorBundle { list, ..known }),
            None => Err(Error::new("NotFound").with("what", "anchor")),
        })
        .await
    }

    /// Verifies what `next` makes of a label's bundle, and keeps it; never a list older than the one that is kept.
    async fn change<F>(&self, label: String, next: F) -> Result<AnchorInfo>
    where
        F: FnOnce(Option<AnchorBundle>) -> Result<AnchorBundle> + Send + 'static,
    {
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let known: Option<Stored> = changes
                        .kept(COLLECTION, &label)?
                        .map(|bytes| from_json(&bytes))
                        .transpose()?;
                    let last_sequence = known.as_ref().map(|known| known.sequence);
                    let stored = accept(home, next(known.map(|known| known.bundle))?, last_sequence)?;
                    changes.keep(COLLECTION, &label, &to_json(&stored)?)?;
                    Ok(info(home, &stored))
                })
            })
            .await
    }

    /// Fetches the newest list from where the framework publishes it.
    pub async fn refresh(&self, label: &str) -> Result<AnchorInfo> {
        let name = label.to_owned();
        let known = self.home.blocking(move |home| stored(home, &name)).await?;
        let url = known.and_then(|known| known.bundle.list_url);
        let url = url.ok_or_else(|| Error::new("NotFound").with("what", "list address"))?;
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

    /// Believes a framework no longer.
    pub async fn remove_anchor(&self, label: &str) -> Result<()> {
        let label = label.to_owned();
        self.home
            .blocking(move |home| home.transaction(|t| Ok(t.forget(COLLECTION, &label)?)))
            .await
    }
}

/// Everything that is believed now. A list that has expired stays in it, so that each decision that depends on it is
/// refused for that reason, and no other; a list that can't be read at all is left out.
///
/// Errors: `TrustListMissing` where no framework is believed.
pub(crate) fn trusted(home: &Home) -> Result<Trusted> {
    let mut trusted = Trusted {
        anchors: Vec::new(),
        lists: Vec::new(),
    };
    for stored in all(home)? {
        let anchor = anchor(&stored.bundle)?;
        trusted.lists.extend(held(home, &stored, &anchor));
        trusted.anchors.push(anchor);
    }
    if trusted.anchors.is_empty() {
        Err(Error::new("TrustListMissing"))
    } else {
        Ok(trusted)
    }
}

fn accept(home: &Home, bundle: AnchorBundle, last_sequence: Option<u64>) -> Result<Stored> {
    if bundle.kist_anchor != BUNDLE_VERSION {
        return Err(Error::new("DowngradeRefused").with("found", bundle.kist_anchor));
    }
    let anchor = anchor(&bundle)?;
    let list = TrustList::verify(&bundle.list, &anchor, last_sequence, GRACE, home.platform.now())?;
    Ok(Stored {
        sequence: list.sequence,
        bundle,
    })
}

/// The list that is kept of an anchor, expired or not: the trust room asks for its age in each decision.
fn held(home: &Home, stored: &Stored, anchor: &Anchor) -> Option<TrustList> {
    let at = |now| TrustList::verify(&stored.bundle.list, anchor, Some(stored.sequence), GRACE, now);
    match at(home.platform.now()) {
        Err(kist_trust::Error::TrustListExpired { expired }) => at(expired).ok(),
        list => list.ok(),
    }
}

fn info(home: &Home, stored: &Stored) -> AnchorInfo {
    let list = anchor(&stored.bundle)
        .ok()
        .and_then(|anchor| held(home, stored, &anchor));
    AnchorInfo {
        label: stored.bundle.label.clone(),
        operator: list.as_ref().map(|list| list.operator.clone()).unwrap_or_default(),
        list_sequence: stored.sequence,
        next_update: list.as_ref().map_or(0, |list| list.next_update),
        organisations: list.map_or(0, |list| list.entries().count() as u64),
    }
}

fn anchor(bundle: &AnchorBundle) -> Result<Anchor> {
    let malformed = |_| Error::new("Malformed").with("what", "certificate");
    let certificate = BASE64_STANDARD.decode(&bundle.certificate).map_err(malformed)?;
    Certificate::from_der(&certificate)?;
    Ok(Anchor {
        label: bundle.label.clone(),
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
