//! The terms of a framework, as its operator publishes them.

use std::collections::HashMap;
use std::sync::Arc;

use super::Framework;
use crate::error::Result;
use crate::{CancelHandle, task};

/// Terms that an operator is about to publish.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TermsDraft {
    /// Their version, as people say it: `2`, `2026-11`.
    pub version: String,
    /// What they come to, in plain words, by language.
    pub summary: HashMap<String, String>,
    /// The terms, by the same languages.
    pub text: HashMap<String, String>,
    /// From when on they hold, Unix seconds; at once where none is given.
    #[uniffi(default)]
    pub effective: Option<i64>,
}

/// What applicants name of the terms that they accept.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TermsNotice {
    /// Their version.
    pub version: String,
    /// SHA-256 of what was signed of them, base64url.
    pub sha256: String,
    /// From when on they hold, Unix seconds.
    pub effective: i64,
}

#[uniffi::export]
impl Framework {
    /// Publishes terms, with the next list. Applicants have to accept them from now on.
    ///
    /// Errors: `Malformed` where a language lacks its summary or its text, or the version is the one in force; `TooLarge`.
    pub async fn publish_terms(&self, draft: TermsDraft, cancel: Arc<CancelHandle>) -> Result<TermsNotice> {
        let store = self.store.get()?;
        let draft = kist_pds::TermsDraft {
            version: draft.version,
            effective: draft.effective,
            summary: draft.summary.into_iter().collect(),
            text: draft.text.into_iter().collect(),
        };
        task::run(&cancel, async move { Ok(store.publish_terms(draft).await?.into()) }).await
    }
}

impl From<kist_pds::TermsNotice> for TermsNotice {
    fn from(notice: kist_pds::TermsNotice) -> Self {
        TermsNotice {
            version: notice.version,
            sha256: notice.sha256,
            effective: notice.effective,
        }
    }
}
