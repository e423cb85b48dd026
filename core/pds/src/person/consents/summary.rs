//! Consents as they are shown, in a list and whole.

use std::collections::BTreeMap;

use kist_consent::{Amended, LegalBasis, Rights};
use kist_identity::ClaimPath;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agreements::Kept;
use crate::agreements::standing::Pause;

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// The person has agreed; the answer has not left yet.
    AwaitingSend,
    /// The answer has left; the organisation's receipt has not come.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentSummary {
    /// Its name.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// Why, by language.
    pub purpose: BTreeMap<String, String>,
    /// The fields that were given and not taken out since.
    pub fields: Vec<String>,
    /// The same, each with what it is.
    pub given: Vec<GivenField>,
    /// The types of the credentials that carried them.
    pub types: Vec<String>,
    /// The parts of life that those belong to.
    pub areas: Vec<String>,
    /// Where it stands.
    pub state: ConsentState,
    /// Why it stands still, where it does and isn't over.
    pub paused: Option<Pause>,
    /// When it was agreed, Unix seconds.
    pub agreed_at: i64,
    /// When it ends by itself, Unix seconds; none where only a withdrawal ends it.
    pub expires_at: Option<i64>,
    /// It ends within 30 days.
    pub expires_soon: bool,
    /// When it was withdrawn, Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// When the withdrawal was acknowledged, Unix seconds.
    pub acknowledged_at: Option<i64>,
    /// How far the withdrawal has come, where there is one.
    pub withdrawal: Option<WithdrawalProgress>,
    /// The consent whose place it took.
    pub replaces: Option<String>,
    /// The consent that took its place.
    pub replaced_by: Option<String>,
    /// The request that waits for the person and would renew it.
    pub renewal: Option<String>,
}

/// A consent with everything that was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentDetail {
    /// As in the list.
    pub summary: ConsentSummary,
    /// By what right, as the term of DPV.
    pub legal_basis: LegalBasis,
    /// What the organisation may do.
    pub rights: Rights,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What is kept after a withdrawal, by language.
    pub kept_after_withdrawal: Vec<BTreeMap<String, String>>,
    /// Where the organisation's privacy notice stands.
    pub privacy_notice: String,
    /// How it was narrowed, oldest first.
    pub narrowings: Vec<NarrowingInfo>,
    /// The organisation's receipt: a JSON-LD document.
    pub receipt: Option<Map<String, Value>>,
}

/// One field that a consent gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenField {
    /// Its name in the agreement: `query:["path"]`.
    pub field: String,
    /// The type of the credential that carried it; none where that isn't known any more.
    pub credential_type: Option<String>,
    /// The part of life that the type belongs to.
    pub area: Option<String>,
    /// Where in the credential.
    pub path: ClaimPath,
    /// Whether there is no agreement without it.
    pub required: bool,
}

/// A narrowing as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// Where a withdrawal stands. It holds in each of these states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// How far a withdrawal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

impl ConsentState {
    /// Whether something may still be used under it, now or when it goes on.
    pub fn holds(self) -> bool {
        match self {
            ConsentState::AwaitingSend
            | ConsentState::AwaitingReceipt
            | ConsentState::InForce
            | ConsentState::Paused => true,
            ConsentState::Expired
            | ConsentState::Replaced
            | ConsentState::Withdrawn
            | ConsentState::WithdrawalAcknowledged => false,
        }
    }
}

impl ConsentDetail {
    pub(super) fn of(kept: &Kept, summary: ConsentSummary) -> Self {
        let offer = kept.agreement.offer();
        let kept_after = offer.kept_after_withdrawal.iter();
        let mut narrowings: Vec<NarrowingInfo> = kept.agreement.amendments().map(narrowing).collect();
        narrowings.sort_by_key(|narrowing| narrowing.narrowed_at);
        ConsentDetail {
            summary,
            legal_basis: offer.legal_basis,
            rights: offer.rights,
            retention: offer.retention.as_str().to_owned(),
            kept_after_withdrawal: kept_after.map(|kept| texts(&kept.text)).collect(),
            privacy_notice: offer.privacy_notice.clone(),
            narrowings,
            receipt: kept.agreement.receipt().map(|receipt| receipt.document().clone()),
        }
    }
}

fn narrowing(amended: &Amended) -> NarrowingInfo {
    let Amended {
        amendment,
        acknowledgement,
    } = amended;
    NarrowingInfo {
        fields: amendment.removed.iter().map(ToString::to_string).collect(),
        ends_at: amendment.ends_at,
        narrowed_at: amendment.amended_at,
        acknowledged_at: acknowledgement.as_ref().map(|signed| signed.acknowledged_at),
    }
}

pub(super) fn texts(texts: &kist_consent::Texts) -> BTreeMap<String, String> {
    texts
        .iter()
        .map(|(language, text)| (language.to_owned(), text.to_owned()))
        .collect()
}
