//! What a person sees of their consents: each with where it stands, what of theirs is in it, and what would renew it.

use std::collections::{BTreeMap, BTreeSet};

use kist_consent::history::{DisclosedField, Event, HistoryEntry};
use kist_consent::{AgreementState, FieldRef, ObjectHash};
use kist_vault::{LifeArea, Transaction, schema::Schema};

use super::summary::{ConsentState, ConsentSummary, GivenField, texts};
use crate::agreements::standing::Standing;
use crate::agreements::{self, Kept};
use crate::home::Home;
use crate::person::requests::{self, unsent};
use crate::{Result, history};

/// A consent is about to end when less than this is left of it, in seconds: 30 days.
const SOON: i64 = 30 * 24 * 60 * 60;

/// What summaries are made with, read once.
pub(super) struct Overview<'a> {
    changes: &'a Transaction<'a>,
    now: i64,
    unsent: BTreeSet<String>,
    standing: Standing,
    /// Requests that wait for the person, by the agreement that they would replace.
    renewals: BTreeMap<String, String>,
    /// Of agreements that were made before types were kept with them.
    disclosed: BTreeMap<ObjectHash, Vec<DisclosedField>>,
}

impl<'a> Overview<'a> {
    pub(super) fn of(home: &Home, changes: &'a Transaction<'a>) -> Result<Self> {
        let now = home.platform.now();
        Ok(Overview {
            changes,
            now,
            unsent: unsent::agreements(changes)?,
            standing: Standing::of(changes)?,
            renewals: requests::renewals(changes, now)?,
            disclosed: BTreeMap::new(),
        })
    }

    /// Every consent, the newest first.
    pub(super) fn list(&mut self) -> Result<Vec<ConsentSummary>> {
        let kept = agreements::all_within(self.changes)?;
        if kept.iter().any(|kept| kept.types.is_empty()) {
            self.disclosed = disclosed(self.changes)?;
        }
        let mut all: Vec<ConsentSummary> = kept.iter().map(|kept| self.summary(kept)).collect::<Result<_>>()?;
        all.sort_by(|one, other| other.agreed_at.cmp(&one.agreed_at).then(one.id.cmp(&other.id)));
        Ok(all)
    }

    /// A consent by its name.
    pub(super) fn consent(&mut self, id: &str) -> Result<(Kept, ConsentSummary)> {
        let kept = agreements::by_id(self.changes, id)?;
        if kept.types.is_empty() {
            self.disclosed = disclosed(self.changes)?;
        }
        let summary = self.summary(&kept)?;
        Ok((kept, summary))
    }

    fn summary(&self, kept: &Kept) -> Result<ConsentSummary> {
        let (agreement, id) = (&kept.agreement, kept.id());
        let offer = agreement.offer();
        let (state, is_over) = self.state(kept);
        let paused = match is_over {
            true => None,
            false => self.standing.pause(&kept.relationship, &id)?,
        };
        let expires_at = agreement.ends_at();
        let given = self.given(kept)?;
        let once = |all: BTreeSet<&String>| all.into_iter().cloned().collect::<Vec<_>>();
        Ok(ConsentSummary {
            organisation: offer.organisation.name.clone(),
            organisation_id: offer.organisation.id.clone(),
            purpose: texts(&offer.purpose.text),
            fields: given.iter().map(|given| given.field.clone()).collect(),
            types: once(
                given
                    .iter()
                    .filter_map(|given| given.credential_type.as_ref())
                    .collect(),
            ),
            areas: once(given.iter().filter_map(|given| given.area.as_ref()).collect()),
            given,
            state: match state {
                ConsentState::InForce | ConsentState::AwaitingReceipt if paused.is_some() => ConsentState::Paused,
                state => state,
            },
            paused,
            agreed_at: agreement.acceptance().accepted_at,
            expires_at,
            expires_soon: !is_over && expires_at.is_some_and(|at| at.saturating_sub(self.now) < SOON),
            withdrawn_at: agreement.signed_withdrawal().map(|withdrawal| withdrawal.withdrawn_at),
            acknowledged_at: agreement.signed_acknowledgement().map(|signed| signed.acknowledged_at),
            replaces: offer.replaces.map(|hash| hash.to_string()),
            replaced_by: match agreement.state(self.now) {
                AgreementState::Replaced { by, .. } => Some(by.to_string()),
                _ => None,
            },
            renewal: self.renewals.get(&id).cloned(),
            withdrawal: None,
            id,
        })
    }

    /// Where a consent stands, pauses apart, and whether it is over.
    fn state(&self, kept: &Kept) -> (ConsentState, bool) {
        match kept.agreement.state(self.now) {
            AgreementState::Withdrawn {
                acknowledged_at: Some(_),
                ..
            } => (ConsentState::WithdrawalAcknowledged, true),
            AgreementState::Withdrawn { .. } => (ConsentState::Withdrawn, true),
            AgreementState::Replaced { .. } => (ConsentState::Replaced, true),
            AgreementState::Expired { .. } if self.unsent.contains(&kept.id()) => (ConsentState::AwaitingSend, true),
            AgreementState::Expired { .. } => (ConsentState::Expired, true),
            _ if self.unsent.contains(&kept.id()) => (ConsentState::AwaitingSend, false),
            AgreementState::InForce => (ConsentState::InForce, false),
            _ => (ConsentState::AwaitingReceipt, false),
        }
    }

    fn given(&self, kept: &Kept) -> Result<Vec<GivenField>> {
        let mut given = Vec::new();
        for field in kept.agreement.fields() {
            let credential_type = self.credential_type(kept, &field);
            let area = match &credential_type {
                Some(uri) => self
                    .changes
                    .schema(uri)?
                    .as_deref()
                    .and_then(Schema::area)
                    .unwrap_or(LifeArea::OTHER)
                    .to_owned()
                    .into(),
                None => None,
            };
            let offered = kept.agreement.offer().field(&field);
            given.push(GivenField {
                field: field.to_string(),
                credential_type,
                area,
                required: offered.is_some_and(|offered| offered.required),
                path: field.path,
            });
        }
        Ok(given)
    }

    fn credential_type(&self, kept: &Kept, field: &FieldRef) -> Option<String> {
        if let Some(known) = kept.types.get(&field.credential) {
            return Some(known.clone());
        }
        let disclosed = self.disclosed.get(&kept.agreement.id())?;
        let same = disclosed.iter().find(|disclosed| disclosed.path == field.path)?;
        Some(same.credential_type.clone())
    }
}

/// What was given under each agreement, as the history has it.
fn disclosed(changes: &Transaction<'_>) -> Result<BTreeMap<ObjectHash, Vec<DisclosedField>>> {
    let mut all = BTreeMap::new();
    for (_, bytes) in changes.all_kept(history::ENTRIES)? {
        if let Event::Disclosed {
            agreement: Some(agreement),
            fields,
            ..
        } = HistoryEntry::from_bytes(&bytes)?.event
        {
            all.insert(agreement, fields);
        }
    }
    Ok(all)
}
