//! The dashboard and the proof, as they cross the bridge: consents found by what a person asks about, changed several at
//! once, narrowed; and what stands to others as evidence.

use std::collections::HashMap;
use std::sync::Arc;

use kist_pds::PageWords;

use crate::error::Result;
use crate::{CancelHandle, ConsentState, ConsentSummary, Person, json, task};

/// Which consents to show: those that fit every member that says something.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsentFilter {
    /// With this organisation: its id, or a part of its name.
    #[uniffi(default)]
    pub organisation: Option<String>,
    /// That give something of this part of life.
    #[uniffi(default)]
    pub area: Option<String>,
    /// That give something of a credential of this type.
    #[uniffi(default)]
    pub schema: Option<String>,
    /// That give a claim at this path of names, below it, or around it; empty for any.
    #[uniffi(default)]
    pub claim: Vec<String>,
    /// That stand in one of these states; empty for any.
    #[uniffi(default)]
    pub states: Vec<ConsentState>,
    /// That end by themselves before this moment, Unix seconds, and aren't over yet.
    #[uniffi(default)]
    pub ends_before: Option<i64>,
}

/// One field that a consent gives.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct GivenField {
    /// Its id in the agreement.
    pub field: String,
    /// The type of the credential that carried it; none where that isn't known any more.
    pub schema: Option<String>,
    /// The part of life that the type belongs to.
    pub area: Option<String>,
    /// Whether there is no agreement without it.
    pub required: bool,
}

/// What to take out of a consent.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Narrowing {
    /// Fields, by their ids.
    #[uniffi(default)]
    pub fields: Vec<String>,
    /// The first second at which it holds no more, Unix time; none leaves the end as it is.
    #[uniffi(default)]
    pub ends_at: Option<i64>,
}

/// A narrowing as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NarrowingInfo {
    /// The fields that were taken out.
    pub fields: Vec<String>,
    /// The earlier end, Unix seconds.
    pub ends_at: Option<i64>,
    /// When, Unix seconds.
    pub narrowed_at: i64,
    /// When the organisation acknowledged it; none while it is silent.
    pub acknowledged_at: Option<i64>,
}

/// What to do with several consents.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ConsentAct {
    /// Withdraw.
    Withdraw,
    /// Pause.
    Pause,
    /// Let go on.
    Resume,
    /// Narrow.
    Narrow {
        /// By what.
        narrowing: Narrowing,
    },
}

/// What came of it for one consent.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsentOutcome {
    /// The consent.
    pub id: String,
    /// As it stands now, where it was done.
    pub consent: Option<ConsentSummary>,
    /// Why it wasn't done: a code.
    pub error: Option<String>,
}

/// The typing that answers saved a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct EffortSaved {
    /// Fields that were given without typing them.
    pub fields: u64,
    /// Keystrokes.
    pub keystrokes: u64,
    /// What that takes on a phone, in seconds.
    pub seconds: u64,
}

#[uniffi::export]
impl Person {
    /// The consents that fit a filter, the newest first. "Who has my address?" is one by type, or by claim.
    pub async fn find_consents(&self, filter: ConsentFilter, cancel: Arc<CancelHandle>) -> Result<Vec<ConsentSummary>> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            let found = consents.find(filter.into()).await?;
            Ok(found.into_iter().map(ConsentSummary::from).collect())
        })
        .await
    }

    /// Narrows a consent. It holds at once; the organisation is told, and acknowledges.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`; `FieldNotOffered` for a field that isn't in it;
    /// `RequiredFieldMissing` for one without which there is no agreement; `Malformed` where nothing is narrower; `InUse`
    /// while the answer waits to be sent.
    pub async fn narrow_consent(
        &self,
        id: String,
        narrowing: Narrowing,
        cancel: Arc<CancelHandle>,
    ) -> Result<ConsentSummary> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            Ok(consents.narrow(&id, narrowing.into()).await?.into())
        })
        .await
    }

    /// Does the same with several consents, one after the other. What can't be done with one keeps it from no other.
    pub async fn change_consents(
        &self,
        ids: Vec<String>,
        act: ConsentAct,
        cancel: Arc<CancelHandle>,
    ) -> Result<Vec<ConsentOutcome>> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            let outcomes = consents.apply(&ids, &act.into()).await?;
            Ok(outcomes.into_iter().map(ConsentOutcome::from).collect())
        })
        .await
    }

    /// The typing that answers saved so far.
    pub async fn effort_saved(&self, cancel: Arc<CancelHandle>) -> Result<EffortSaved> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            let saved = consents.effort_saved().await?;
            Ok(EffortSaved {
                fields: saved.fields,
                keystrokes: saved.keystrokes,
                seconds: saved.seconds,
            })
        })
        .await
    }

    /// A receipt as a page of HTML to read and print, in the words of a catalogue by key.
    ///
    /// Errors: `NotFound`, also while the receipt hasn't come.
    pub async fn receipt_page(
        &self,
        id: String,
        words: HashMap<String, String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<String> {
        let consents = self.store.get()?.consents();
        let words = PageWords(words.into_iter().collect());
        task::run(&cancel, async move { Ok(consents.receipt_page(&id, words).await?) }).await
    }

    /// The agreement with everything that was signed, as one JSON document that [`verify_receipt`] reads. It carries the
    /// organisation's address for this relationship.
    pub async fn consent_proof(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<u8>> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move { Ok(consents.proof(&id).await?) }).await
    }

    /// The whole history under a signature, with the agreements that are named, or all of them: JSON that
    /// [`verify_evidence`] reads. That it was exported stands in it.
    ///
    /// Errors: `NotFound`, `HistoryBroken`, `PlatformKey`, `TooLarge`.
    pub async fn evidence(&self, consents: Vec<String>, cancel: Arc<CancelHandle>) -> Result<Vec<u8>> {
        let history = self.store.get()?.history();
        task::run(&cancel, async move { Ok(history.evidence(consents).await?) }).await
    }
}

/// Verifies a receipt with everything that it rests on, with public keys alone: what a proof has. With a `key`, a JWK, the
/// organisation's signatures have to be that key's. Gives what was proven, JSON.
///
/// Errors: `NotFound` where there is no receipt in it; `UntrustedKey` for another key; `AuthenticationFailed`,
/// `SignatureInvalid`, `Malformed` and so on for what doesn't belong together.
#[uniffi::export]
pub fn verify_receipt(proof: Vec<u8>, key: Option<Vec<u8>>) -> Result<String> {
    json::text(&kist_pds::verify_receipt(&proof, key.as_deref())?)
}

/// Verifies a receipt from its parts, each a compact JWS, with the organisation's public key as a JWK. Gives what was proven,
/// JSON.
///
/// Errors: as [`verify_receipt`]; `SignatureInvalid` for another key.
#[uniffi::export]
pub fn verify_receipt_parts(receipt: String, acceptance: String, offer: String, key: Vec<u8>) -> Result<String> {
    json::text(&kist_pds::verify_receipt_parts(&receipt, &acceptance, &offer, &key)?)
}

/// Verifies evidence with nothing but what is in it. Gives what was proven, JSON.
///
/// Errors: `HistoryBroken` with the first entry that was changed, is missing or was moved; `AuthenticationFailed`,
/// `SignatureInvalid`, `UntrustedKey`, `Malformed`, `TooLarge`, `DowngradeRefused`.
#[uniffi::export]
pub fn verify_evidence(evidence: Vec<u8>) -> Result<String> {
    json::text(&kist_pds::verify_evidence(&evidence)?)
}

impl From<ConsentFilter> for kist_pds::ConsentFilter {
    fn from(filter: ConsentFilter) -> Self {
        kist_pds::ConsentFilter {
            organisation: filter.organisation,
            area: filter.area,
            credential_type: filter.schema,
            claim: Some(filter.claim).filter(|claim| !claim.is_empty()),
            states: filter.states.into_iter().map(kist_pds::ConsentState::from).collect(),
            ends_before: filter.ends_before,
        }
    }
}

impl From<ConsentState> for kist_pds::ConsentState {
    fn from(state: ConsentState) -> Self {
        match state {
            ConsentState::AwaitingSend => Self::AwaitingSend,
            ConsentState::AwaitingReceipt => Self::AwaitingReceipt,
            ConsentState::InForce => Self::InForce,
            ConsentState::Paused => Self::Paused,
            ConsentState::Expired => Self::Expired,
            ConsentState::Replaced => Self::Replaced,
            ConsentState::Withdrawn => Self::Withdrawn,
            ConsentState::WithdrawalAcknowledged => Self::WithdrawalAcknowledged,
        }
    }
}

impl From<kist_pds::GivenField> for GivenField {
    fn from(given: kist_pds::GivenField) -> Self {
        GivenField {
            field: given.field,
            schema: given.credential_type,
            area: given.area,
            required: given.required,
        }
    }
}

impl From<Narrowing> for kist_pds::Narrowing {
    fn from(narrowing: Narrowing) -> Self {
        kist_pds::Narrowing {
            fields: narrowing.fields,
            ends_at: narrowing.ends_at,
        }
    }
}

impl From<kist_pds::NarrowingInfo> for NarrowingInfo {
    fn from(narrowing: kist_pds::NarrowingInfo) -> Self {
        NarrowingInfo {
            fields: narrowing.fields,
            ends_at: narrowing.ends_at,
            narrowed_at: narrowing.narrowed_at,
            acknowledged_at: narrowing.acknowledged_at,
        }
    }
}

impl From<ConsentAct> for kist_pds::ConsentAct {
    fn from(act: ConsentAct) -> Self {
        match act {
            ConsentAct::Withdraw => Self::Withdraw,
            ConsentAct::Pause => Self::Pause,
            ConsentAct::Resume => Self::Resume,
            ConsentAct::Narrow { narrowing } => Self::Narrow(narrowing.into()),
        }
    }
}

impl From<kist_pds::ConsentOutcome> for ConsentOutcome {
    fn from(outcome: kist_pds::ConsentOutcome) -> Self {
        ConsentOutcome {
            id: outcome.id,
            consent: outcome.consent.map(ConsentSummary::from),
            error: outcome.error,
        }
    }
}
