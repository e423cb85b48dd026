//! What was agreed, as it crosses the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, Person, json, task};

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ConsentState {
    /// The person has agreed; the answer hasn't left yet.
    AwaitingSend,
    /// The answer has left; the organisation's receipt hasn't come.
    AwaitingReceipt,
    /// Both sides have signed.
    InForce,
    /// It stands still: nothing may be used until it goes on.
    Paused,
    /// It came to its end.
    Expired,
    /// Another consent took its place.
    Replaced,
    /// The person withdrew; the organisation is silent so far.
    Withdrawn,
    /// The person withdrew, and the organisation has acknowledged it.
    WithdrawalAcknowledged,
}

/// A consent in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsentSummary {
    /// Its id.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// Why, by language.
    pub purpose: HashMap<String, String>,
    /// The fields that were given.
    pub fields: Vec<String>,
    /// Where it stands.
    pub state: ConsentState,
    /// When it was agreed, Unix seconds.
    pub agreed_at: i64,
    /// When it ends by itself, Unix seconds; none where only a withdrawal ends it.
    pub expires_at: Option<i64>,
    /// When it was withdrawn, Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// When the withdrawal was acknowledged, Unix seconds.
    pub acknowledged_at: Option<i64>,
}

/// What an organisation may do, each apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Rights {
    /// Read what was given.
    pub read: bool,
    /// Deliver records.
    pub deliver: bool,
    /// Be told of changes.
    pub update: bool,
}

/// A consent with everything that was agreed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsentDetail {
    /// As in the list.
    pub summary: ConsentSummary,
    /// By what right, as the term of DPV.
    pub legal_basis: String,
    /// What the organisation may do.
    pub rights: Rights,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What is kept after a withdrawal, by language.
    pub kept_after_withdrawal: Vec<HashMap<String, String>>,
    /// Where the organisation's privacy notice stands.
    pub privacy_notice: String,
    /// The organisation's receipt: a JSON-LD document.
    pub receipt: Option<String>,
}

#[uniffi::export]
impl Person {
    /// Every consent, to every organisation, the newest first.
    pub async fn list_consents(&self, cancel: Arc<CancelHandle>) -> Result<Vec<ConsentSummary>> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            Ok(consents.list().await?.into_iter().map(ConsentSummary::from).collect())
        })
        .await
    }

    /// One consent with everything that was agreed.
    pub async fn consent(&self, id: String, cancel: Arc<CancelHandle>) -> Result<ConsentDetail> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move { ConsentDetail::of(consents.get(&id).await?) }).await
    }

    /// Withdraws. It holds at once; telling the organisation is tried now and at every refresh of the inbox.
    ///
    /// Errors: `NotFound`, `ConsentWithdrawn` when it was withdrawn before.
    pub async fn withdraw_consent(&self, id: String, cancel: Arc<CancelHandle>) -> Result<ConsentSummary> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move { Ok(consents.withdraw(&id).await?.into()) }).await
    }
}

impl From<kist_pds::ConsentSummary> for ConsentSummary {
    fn from(consent: kist_pds::ConsentSummary) -> Self {
        use kist_pds::ConsentState as S;
        ConsentSummary {
            id: consent.id,
            organisation: consent.organisation,
            organisation_id: consent.organisation_id,
            purpose: consent.purpose.into_iter().collect(),
            fields: consent.fields,
            state: match consent.state {
                S::AwaitingSend => ConsentState::AwaitingSend,
                S::AwaitingReceipt => ConsentState::AwaitingReceipt,
                S::InForce => ConsentState::InForce,
                S::Paused => ConsentState::Paused,
                S::Expired => ConsentState::Expired,
                S::Replaced => ConsentState::Replaced,
                S::Withdrawn => ConsentState::Withdrawn,
                S::WithdrawalAcknowledged => ConsentState::WithdrawalAcknowledged,
            },
            agreed_at: consent.agreed_at,
            expires_at: consent.expires_at,
            withdrawn_at: consent.withdrawn_at,
            acknowledged_at: consent.acknowledged_at,
        }
    }
}

impl ConsentDetail {
    fn of(detail: kist_pds::ConsentDetail) -> Result<Self> {
        let kept = detail.kept_after_withdrawal.into_iter();
        Ok(ConsentDetail {
            summary: detail.summary.into(),
            legal_basis: detail.legal_basis.term().to_owned(),
            rights: detail.rights.into(),
            retention: detail.retention,
            kept_after_withdrawal: kept.map(|texts| texts.into_iter().collect()).collect(),
            privacy_notice: detail.privacy_notice,
            receipt: detail.receipt.as_ref().map(json::text).transpose()?,
        })
    }
}

impl From<kist_pds::Rights> for Rights {
    fn from(rights: kist_pds::Rights) -> Self {
        Rights {
            read: rights.read,
            deliver: rights.deliver,
            update: rights.update,
        }
    }
}

impl From<Rights> for kist_pds::Rights {
    fn from(rights: Rights) -> Self {
        kist_pds::Rights {
            read: rights.read,
            deliver: rights.deliver,
            update: rights.update,
        }
    }
}
