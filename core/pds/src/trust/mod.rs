//! Whom a store believes: the frameworks' anchors that its owner added, and the newest list of each.

mod anchors;
mod changes;
pub(crate) mod issuers;
mod terms;

use std::sync::Arc;

use kist_consent::history::Event;
use kist_trust::Mode;

use self::anchors::{COLLECTION, DEVELOPER, MODE, Stored, accept, all, anchor, held, info, mode, not_found, stored};
use crate::agreements::standing;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, history, http};

pub use self::anchors::{AnchorBundle, AnchorInfo, ListFreshness};
pub(crate) use self::anchors::{Trusted, directories, trusted};
pub use self::changes::OrganisationChange;
pub use self::terms::TermsInfo;

/// The largest list that is fetched, in bytes.
const MAX_LIST: usize = 1 << 20;

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
                        changes::note(changes, &label, change)?;
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
        self.home.blocking(changes::untold).await
    }

    /// Notes that the person was told of these changes. One that has gone further since stays to be told.
    pub async fn told(&self, told: Vec<OrganisationChange>) -> Result<()> {
        self.home
            .blocking(move |home| home.transaction(|changes| changes::told(changes, &told)))
            .await
    }

    /// The terms of a framework that is believed, as its newest list has them; `None` where it has published none.
    ///
    /// Errors: `NotFound`.
    pub async fn terms(&self, label: &str) -> Result<Option<TermsInfo>> {
        let label = label.to_owned();
        self.home.blocking(move |home| terms::read(home, &label)).await
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
            .blocking(move |home| home.transaction(|changes| terms::accept(changes, &label, &sha256, at)))
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
