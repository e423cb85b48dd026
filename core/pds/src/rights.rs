//! Requests of rights, as both sides show them.

use std::collections::BTreeMap;

use kist_consent::{RefusalGround, RightsAnswer, RightsOutcome};
use serde::Serialize;

/// An organisation's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RightsReply {
    /// `done`, `refused` or `extended`.
    pub outcome: &'static str,
    /// On what ground it refuses.
    pub ground: Option<RefusalGround>,
    /// Until when it needs, Unix seconds.
    pub until: Option<i64>,
    /// Its words, by language.
    pub text: BTreeMap<String, String>,
    /// When, Unix seconds.
    pub answered_at: i64,
}

/// An answer as it is shown.
pub(crate) fn reply(answer: &RightsAnswer) -> RightsReply {
    let (outcome, ground, until, text) = match &answer.outcome {
        RightsOutcome::Done { text, .. } => ("done", None, None, text.clone()),
        RightsOutcome::Refused { ground, text } => ("refused", Some(*ground), None, Some(text.clone())),
        RightsOutcome::Extended { until, text } => ("extended", None, Some(*until), Some(text.clone())),
    };
    RightsReply {
        outcome,
        ground,
        until,
        text: text.map(BTreeMap::from).unwrap_or_default(),
        answered_at: answer.answered_at,
    }
}
