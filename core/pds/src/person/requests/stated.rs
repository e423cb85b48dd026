//! What a request came to when it was opened, kept beside it: what a report tells on, also when the organisation isn't
//! believed any more.

use std::collections::BTreeMap;

use kist_consent::evaluation::{FieldEvaluation, OverAsking, StatedPurpose, Verified};
use kist_consent::{Evaluation, ObjectHash, Party, Signed};
use kist_crypto::Jwk;
use kist_exchange::VerifiedRequest;
use kist_trust::Authority;
use serde::{Deserialize, Serialize};

/// What was verified, and what was asked.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct Stated {
    pub(in crate::person) organisation: Asking,
    /// The supplier that asked in its name.
    pub(in crate::person) supplier: Option<Party>,
    /// The framework that vouched for them, by its label; none where nobody did.
    pub(in crate::person) framework: Option<String>,
    pub(in crate::person) authority: Authority,
    pub(in crate::person) purposes: Vec<Purpose>,
    pub(in crate::person) fields: Vec<AskedField>,
    /// The offer's hash, where an agreement was offered.
    pub(in crate::person) offer: Option<ObjectHash>,
    /// The key that signed the request.
    pub(in crate::person) key: Jwk,
    /// When it was opened first, Unix seconds.
    pub(in crate::person) seen_at: i64,
}

/// Whose request it is, as registered.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct Asking {
    pub(in crate::person) id: String,
    pub(in crate::person) name: String,
    pub(in crate::person) contact: Vec<String>,
    pub(in crate::person) country: String,
}

/// A purpose, and by what right.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct Purpose {
    intended_use: String,
    code: String,
    purpose: BTreeMap<String, String>,
    legal_basis: String,
    retention: String,
}

/// One thing that was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct AskedField {
    field: String,
    types: Vec<String>,
    required: bool,
    /// In what way it was asked beyond what was registered: codes.
    pub(in crate::person) over_asking: Vec<String>,
}

impl Stated {
    pub(super) fn of(verified: &VerifiedRequest, evaluation: &Evaluation, now: i64) -> Stated {
        let (party, asker) = (verified.party(), &evaluation.asker);
        Stated {
            organisation: Asking {
                id: asker.organisation.id.clone(),
                name: asker.organisation.name.clone(),
                contact: asker.contacts.clone(),
                country: asker.country.clone(),
            },
            supplier: asker.supplier.clone(),
            framework: match &asker.verified {
                Verified::Framework { anchor, .. } => Some(anchor.clone()),
                _ => None,
            },
            authority: party.registration.supervisory_authority.clone(),
            purposes: evaluation.purposes.iter().map(Purpose::of).collect(),
            fields: evaluation.fields.iter().map(AskedField::of).collect(),
            offer: verified.offer().map(Signed::hash),
            key: verified.supplier().unwrap_or(party).key.jwk(),
            seen_at: now,
        }
    }

    /// Whether anything was asked beyond what was registered.
    pub(in crate::person) fn is_over_asking(&self) -> bool {
        let beyond = |code: &String| code != OverAsking::MoreThanLastTime.code();
        self.fields.iter().any(|field| field.over_asking.iter().any(beyond))
    }
}

impl Purpose {
    fn of(stated: &StatedPurpose) -> Purpose {
        Purpose {
            intended_use: stated.intended_use.clone(),
            code: stated.code.clone(),
            purpose: stated.text.clone(),
            legal_basis: stated.legal_basis.clone(),
            retention: stated.retention.clone(),
        }
    }
}

impl AskedField {
    fn of(asked: &FieldEvaluation) -> AskedField {
        let whole = || asked.credential.clone();
        AskedField {
            field: asked.field().map_or_else(whole, |field| field.to_string()),
            types: asked.types.clone(),
            required: asked.required,
            over_asking: asked.over_asking.iter().map(|over| over.code().to_owned()).collect(),
        }
    }
}
