//! How a framework stands, and what its operator has to do next; its root and its registrar, changed.

use std::sync::Arc;

use serde_json::Value;

use super::{Framework, TermsNotice};
use crate::error::Result;
use crate::{CancelHandle, json, task};

/// How a framework stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FrameworkStatus {
    /// Its root.
    pub root: CertificateStatus,
    /// Its registrar's certificate.
    pub registrar: CertificateStatus,
    /// When the root before this one retires, Unix seconds.
    pub old_root_retires: Option<i64>,
    /// The terms in force.
    pub terms: Option<TermsNotice>,
    /// Where its directory of organisations lies.
    pub directory: Option<String>,
    /// The list that was published last.
    pub list: Option<ListStatus>,
    /// Whether something was changed since, that counts for others with the next list.
    pub unpublished_changes: bool,
    /// What the operator has to know or to do, most urgent first.
    pub notices: Vec<FrameworkNotice>,
}

/// A certificate of the framework's own.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CertificateStatus {
    /// SHA-256, base64url.
    pub sha256: String,
    /// Its last second, Unix time.
    pub not_after: i64,
}

/// A list that was published.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ListStatus {
    /// Its sequence number.
    pub sequence: u64,
    /// When it was issued, Unix seconds.
    pub issued: i64,
    /// When the next one is due, Unix seconds.
    pub next_update: i64,
}

/// Something that the operator has to know or to do.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FrameworkNotice {
    /// Its code: `ListOverdue`, `ListNeverPublished`, `UnpublishedChanges`, `ListDue`, `RootExpires`, `RegistrarExpires`,
    /// `MemberOnOldRoot`, `MemberExpires`, `MemberOnOldTerms`, `SupplierNotActive` or one that this build doesn't know.
    pub code: String,
    /// The member that it is about, by its stable id.
    pub organisation_id: Option<String>,
    /// The member's supplier that it is about, by its stable id.
    pub supplier: Option<String>,
    /// When, Unix seconds.
    pub at: Option<i64>,
}

#[uniffi::export]
impl Framework {
    /// How the framework stands, and what has to be done next.
    pub async fn status(&self, cancel: Arc<CancelHandle>) -> Result<FrameworkStatus> {
        let store = self.store.get()?;
        task::run(&cancel, async move { FrameworkStatus::of(store.status().await?) }).await
    }

    /// Renews an active member's certificate and registration for a year with the content that they have, as is due after a
    /// change of root. Gives the admission, JSON.
    ///
    /// Errors: `NotFound`, `StatusChangeRefused`.
    pub async fn renew(&self, organisation_id: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let store = self.store.get()?;
        task::run(
            &cancel,
            async move { json::text(&store.renew(&organisation_id).await?) },
        )
        .await
    }

    /// Replaces the root, and certifies the registrar anew. What the old root signed is believed for `retire_days` yet; its key
    /// is deleted. Counts with the next list; then [`Framework::renew`] every member.
    ///
    /// Errors: `Malformed` where two earlier roots have still to be known.
    pub async fn rotate_root(&self, retire_days: u16, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.rotate_root(retire_days).await?) }).await
    }

    /// Gives the registrar another key and certificate. The one before counts until it ends.
    pub async fn rotate_registrar(&self, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.rotate_registrar().await?) }).await
    }
}

impl FrameworkStatus {
    fn of(status: kist_pds::FrameworkStatus) -> Result<Self> {
        let notices = status.notices.iter().map(FrameworkNotice::of);
        Ok(FrameworkStatus {
            notices: notices.collect::<Result<_>>()?,
            root: CertificateStatus {
                sha256: status.root.sha256,
                not_after: status.root.not_after,
            },
            registrar: CertificateStatus {
                sha256: status.registrar.sha256,
                not_after: status.registrar.not_after,
            },
            old_root_retires: status.old_root_retires,
            terms: status.terms.map(TermsNotice::from),
            directory: status.directory,
            list: status.list.map(|list| ListStatus {
                sequence: list.sequence,
                issued: list.issued,
                next_update: list.next_update,
            }),
            unpublished_changes: status.unpublished_changes,
        })
    }
}

impl FrameworkNotice {
    fn of(notice: &kist_pds::Notice) -> Result<Self> {
        let details: Value = json::reshape(notice)?;
        let text = |member: &str| details[member].as_str().map(str::to_owned);
        Ok(FrameworkNotice {
            code: notice.code().to_owned(),
            organisation_id: text("organisation_id"),
            supplier: text("supplier"),
            at: details["at"].as_i64(),
        })
    }
}
