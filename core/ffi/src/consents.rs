//! What was agreed, as it crosses the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, GivenField, MemberState, NarrowingInfo, Person, json, task};

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
    /// Why it stands still, where it does and isn't over.
    pub paused: Option<Pause>,
    /// How far the withdrawal has come, where there is one.
    pub withdrawal: Option<WithdrawalProgress>,
    /// The fields that are given and weren't taken out, each with what it is.
    pub given: Vec<GivenField>,
    /// The parts of life that those belong to.
    pub areas: Vec<String>,
    /// It ends within 30 days.
    pub expires_soon: bool,
    /// The consent whose place it took.
    pub replaces: Option<String>,
    /// The consent that took its place.
    pub replaced_by: Option<String>,
    /// The request that waits for the person and would renew it.
    pub renewal: Option<String>,
}

/// Why a consent stands still.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Pause {
    /// By whose word.
    pub by: PausedBy,
    /// Since when, Unix seconds.
    pub since: i64,
    /// Where the organisation stands in the framework that paused it.
    pub standing: Option<MemberState>,
}

/// By whose word a consent stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PausedBy {
    /// The person paused this consent.
    Person,
    /// The person paused everything.
    Everything,
    /// The framework that vouched for the organisation doesn't any more.
    Framework,
}

/// How far a withdrawal has come. It holds whatever the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct WithdrawalProgress {
    /// Where it stands.
    pub state: WithdrawalState,
    /// When it left this phone, Unix seconds.
    pub sent_at: Option<i64>,
    /// Since when the organisation is silent, Unix seconds; only while it is.
    pub silent_since: Option<i64>,
    /// When it was last asked again for its acknowledgement, Unix seconds.
    pub reminded_at: Option<i64>,
}

/// Where a withdrawal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum WithdrawalState {
    /// It waits here for the network.
    Waiting,
    /// The organisation's relay has it.
    Sent,
    /// It was sent, and for a week no acknowledgement has come.
    Silent,
    /// No relay will take it: the organisation has given its address up.
    NotTaken,
    /// The organisation has signed that it received it.
    Acknowledged,
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
    /// How it was narrowed, oldest first.
    pub narrowings: Vec<NarrowingInfo>,
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

    /// Asks an organisation again to acknowledge a withdrawal, once in a day at most.
    ///
    /// Errors: `NotFound` where nothing was withdrawn; `TooSoon` with the moment from which on it can be asked.
    pub async fn remind_of_withdrawal(&self, id: String, cancel: Arc<CancelHandle>) -> Result<ConsentSummary> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move { Ok(consents.remind(&id).await?.into()) }).await
    }

    /// Pauses one consent, or lets it go on. While it stands still nothing is given by standing access, and what is
    /// delivered waits; the organisation isn't told.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired` where there is nothing left to pause.
    pub async fn pause_consent(&self, id: String, paused: bool, cancel: Arc<CancelHandle>) -> Result<ConsentSummary> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            Ok(match paused {
                true => consents.pause(&id).await?,
                false => consents.resume(&id).await?,
            }
            .into())
        })
        .await
    }

    /// Pauses everything in one act, or lets everything go on but for consents that were paused by themselves. Meanwhile no
    /// request is answered either.
    pub async fn pause_everything(&self, paused: bool, cancel: Arc<CancelHandle>) -> Result<()> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            match paused {
                true => consents.pause_everything().await?,
                false => consents.resume_everything().await?,
            }
            Ok(())
        })
        .await
    }

    /// Since when everything is paused, Unix seconds; none where it isn't.
    pub async fn everything_paused(&self, cancel: Arc<CancelHandle>) -> Result<Option<i64>> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move { Ok(consents.everything_paused().await?) }).await
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
            paused: consent.paused.map(Pause::from),
            withdrawal: consent.withdrawal.map(WithdrawalProgress::from),
            given: consent.given.into_iter().map(GivenField::from).collect(),
            areas: consent.areas,
            expires_soon: consent.expires_soon,
            replaces: consent.replaces,
            replaced_by: consent.replaced_by,
            renewal: consent.renewal,
        }
    }
}

impl From<kist_pds::Pause> for Pause {
    fn from(pause: kist_pds::Pause) -> Self {
        use kist_pds::Pause as P;
        let (by, since, standing) = match pause {
            P::Person { since } => (PausedBy::Person, since, None),
            P::Everything { since } => (PausedBy::Everything, since, None),
            P::Framework { state, since } => (PausedBy::Framework, since, Some(state.into())),
        };
        Pause { by, since, standing }
    }
}

impl From<kist_pds::WithdrawalProgress> for WithdrawalProgress {
    fn from(progress: kist_pds::WithdrawalProgress) -> Self {
        use kist_pds::WithdrawalState as S;
        WithdrawalProgress {
            state: match progress.state {
                S::Waiting => WithdrawalState::Waiting,
                S::Sent => WithdrawalState::Sent,
                S::Silent => WithdrawalState::Silent,
                S::NotTaken => WithdrawalState::NotTaken,
                S::Acknowledged => WithdrawalState::Acknowledged,
            },
            sent_at: progress.sent_at,
            silent_since: progress.silent_since,
            reminded_at: progress.reminded_at,
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
            narrowings: detail.narrowings.into_iter().map(NarrowingInfo::from).collect(),
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
