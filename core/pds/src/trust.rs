//! Whom a store believes: the frameworks' anchors that its owner added, and the newest list of each.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_trust::{Anchor, Certificate, TrustList};
use serde::{Deserialize, Serialize};

use crate::home::{Home, to_json};
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

/// A framework that is believed.
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
    /// Errors: `AlreadyExists`, `Malformed`, `OrganisationNotTrusted`, `TrustListExpired`, `RollbackDetected`.
    pub async fn add_anchor(&self, bundle: AnchorBundle) -> Result<AnchorInfo> {
        self.home
            .blocking(move |home| match stored(home, &bundle.label)? {
                Some(known) if known.bundle.certificate != bundle.certificate => Err(Error::new("AlreadyExists")),
                known => accept(home, bundle, known.map(|known| known.sequence)),
            })
            .await
    }

    /// Takes a newer list of a framework that is believed.
    pub async fn update_list(&self, label: &str, list: &str) -> Result<AnchorInfo> {
        let (label, list) = (label.to_owned(), list.to_owned());
        self.home
            .blocking(move |home| {
                let known = stored(home, &label)?.ok_or_else(|| Error::new("NotFound").with("what", "anchor"))?;
                accept(home, AnchorBundle { list, ..known.bundle }, Some(known.sequence))
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
            .blocking(|home| all(home)?.iter().map(|stored| info(home, stored)).collect())
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

/// Everything that is believed now. Lists that can no longer be used are left out, so that whoever depends on them is
/// refused by name.
pub(crate) fn trusted(home: &Home) -> Result<Trusted> {
    let mut trusted = Trusted {
        anchors: Vec::new(),
        lists: Vec::new(),
    };
    for stored in all(home)? {
        let anchor = anchor(&stored.bundle)?;
        match verify(home, &stored.bundle, &anchor, None) {
            Ok(list) => trusted.lists.push(list),
            Err(error) if error.code() == "TrustListExpired" => return Err(error),
            Err(_) => {}
        }
        trusted.anchors.push(anchor);
    }
    if trusted.anchors.is_empty() {
        Err(Error::new("TrustListMissing"))
    } else {
        Ok(trusted)
    }
}

fn accept(home: &Home, bundle: AnchorBundle, last_sequence: Option<u64>) -> Result<AnchorInfo> {
    if bundle.kist_anchor != BUNDLE_VERSION {
        return Err(Error::new("DowngradeRefused").with("found", bundle.kist_anchor));
    }
    let list = verify(home, &bundle, &anchor(&bundle)?, last_sequence)?;
    let stored = Stored {
        sequence: list.sequence,
        bundle,
    };
    home.keep(COLLECTION, &stored.bundle.label, &to_json(&stored)?)?;
    info(home, &stored)
}

fn info(home: &Home, stored: &Stored) -> Result<AnchorInfo> {
    let list = verify(home, &stored.bundle, &anchor(&stored.bundle)?, None);
    let (operator, next_update, organisations) = match list {
        Ok(list) => (list.operator.clone(), list.next_update, list.entries().count() as u64),
        Err(error) if error.code() == "TrustListExpired" => (String::new(), 0, 0),
        Err(error) => return Err(error),
    };
    let label = stored.bundle.label.clone();
    Ok(AnchorInfo {
        label,
        operator,
        list_sequence: stored.sequence,
        next_update,
        organisations,
    })
}

fn verify(home: &Home, bundle: &AnchorBundle, anchor: &Anchor, last_sequence: Option<u64>) -> Result<TrustList> {
    Ok(TrustList::verify(
        &bundle.list,
        anchor,
        last_sequence,
        GRACE,
        home.platform.now(),
    )?)
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
