//! The evaluation of a request: everything that a person needs to know before they decide, as codes and parameters.
//!
//! [`evaluate`] is a pure function: the same request, registration, store, history and time give the same evaluation, in
//! the same order. It decides nothing; it says what is asked beyond what was registered, what would answer, where that
//! comes from, and what follows from giving it. No sentence is in it.

mod alternatives;
mod candidates;
mod evaluate;
mod less;
mod linking;

use std::collections::BTreeMap;
use std::fmt;

use kist_identity::ClaimPath;
use kist_trust::AnchorKind;
use serde::Serialize;
use serde_json::Value;

pub use alternatives::{AlternativeOption, Alternatives};
pub use candidates::{Candidates, FieldMarks, Freshness, HeldCredential, Provenance, SharedBefore};
pub use evaluate::{RequestFacts, evaluate};
pub use linking::Linking;

use crate::history::DisclosedField;
use crate::rules::Verdict;
use crate::{FieldRef, Party, Rights, Terms, Validity};

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Who asks, and for whom.
    pub asker: Asker,
    /// Why: the purpose of the offer, or without an offer each registered purpose under which something of it may be
    /// asked.
    pub purposes: Vec<StatedPurpose>,
    /// The agreement that is offered; none for a single sharing.
    pub agreement: Option<OfferedTerms>,
    /// What is asked, in the request's order. The return address, which an agreement needs, is not among them.
    pub fields: Vec<FieldEvaluation>,
    /// Where the organisation takes one of several things.
    pub alternatives: Vec<Alternatives>,
    /// Whether everything that the request needs can be given from what there is.
    pub answerable: bool,
    /// What to point out, in the order of [`Warning`].
    pub warnings: Vec<Warning>,
    /// What the person's rules come to; [`Verdict::Ask`] until [`Rules::judge`](crate::rules::Rules::judge) has said.
    pub verdict: Verdict,
}

/// Who asks, as far as it was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asker {
    /// The organisation whose request it is, by the names that the framework verified.
    pub organisation: Party,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The supplier that asks in its name, where one does. The framework vouches for both, and the organisation for what
    /// the supplier asks: "X for Y". The answer opens to the organisation alone.
    pub supplier: Option<Party>,
    /// How it was verified.
    pub verified: Verified,
    /// Where a person reaches it: URIs.
    pub contacts: Vec<String>,
    /// Who supervises it: name and URI.
    pub supervisory_authority: (String, String),
}

/// How an organisation was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(tag = "code")]
pub enum Verified {
    /// Certificate, list and registration lead to this anchor.
    Framework {
        /// The anchor's label.
        anchor: String,
        /// What the anchor is the root of.
        kind: AnchorKind,
        /// Since when it has been an active member, Unix seconds.
        active_since: i64,
    },
    /// Nobody vouches for it; only in a developer's mode. [`Warning::NobodyVouches`] goes with it.
    Nobody {
        /// Why, as the trust room's code.
        reason: &'static str,
    },
}

/// One purpose with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatedPurpose {
    /// The intended use of the registration.
    pub intended_use: String,
    /// The purpose as a term of DPV.
    pub code: String,
    /// In words, by language.
    pub text: BTreeMap<String, String>,
    /// The legal basis as a term of DPV.
    pub legal_basis: String,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What is kept after a withdrawal; empty for nothing.
    pub kept_after_withdrawal: Vec<Kept>,
}

/// Something that is kept after a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What and why, by language.
    pub text: BTreeMap<String, String>,
    /// How long, ISO 8601, where the organisation says so.
    pub period: Option<String>,
}

/// The terms of an agreement that a person weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferedTerms {
    /// What the organisation may do.
    pub rights: Rights,
    /// How long.
    pub validity: Validity,
    /// Who else receives the data.
    pub recipients: Vec<Party>,
    /// The countries where it is stored, ISO 3166-1 alpha-2.
    pub storage: Vec<String>,
    /// The privacy notice's address.
    pub privacy_notice: String,
    /// The terms.
    pub terms: Terms,
    /// Where the person can also withdraw.
    pub withdrawal_uri: Option<String>,
    /// The last second at which it can be accepted, Unix time.
    pub expires_at: i64,
}

/// One field that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldEvaluation {
    /// The credential query's id.
    pub credential: String,
    /// The types of credential that would answer.
    pub types: Vec<String>,
    /// The claim; none where a credential is asked for of which nothing can be kept back.
    pub path: Option<ClaimPath>,
    /// Whether the organisation says that there is no answer without it.
    pub required: bool,
    /// Why this field, by language, where the offer says so.
    pub purpose: Option<BTreeMap<String, String>>,
    /// The values of which it must have one; empty where any will do.
    pub values: Vec<Value>,
    /// What it goes beyond; empty where it was registered for this purpose, and asked before if anything was.
    pub over_asking: Vec<OverAsking>,
    /// What would answer: not expired first, then the newest.
    pub matches: Vec<FieldMatch>,
    /// Whether no held credential of these types has the claim at all.
    pub missing: bool,
    /// When it was last shown to this organisation, Unix milliseconds.
    pub shared_before_ms: Option<i64>,
    /// Whether two organisations that have it can find out that they know the same person.
    pub linking: Option<Linking>,
    /// Whether it is, or has within it, what its schema marks as of the special categories of GDPR, article 9.
    pub sensitive: bool,
    /// Fields of this request that tell less, can be given, and that the organisation takes in its place.
    pub instead: Vec<FieldRef>,
    /// The person's rule that keeps it back: an answer with it is refused.
    pub withheld_by: Option<String>,
    /// Whether it is chosen unless the person says otherwise: only what is registered and there, and either required or of
    /// the default option where one of several is.
    pub chosen_by_default: bool,
}

/// One value that would answer.
#[derive(Clone, PartialEq, Serialize)]
pub struct FieldMatch {
    /// The held credential, by the id that the [`Candidates`] gave it.
    pub candidate: String,
    /// What would be shown: each claim and its value.
    pub values: Vec<(ClaimPath, Value)>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// How old it is.
    pub freshness: Freshness,
}

impl fmt::Debug for FieldMatch {
    /// Without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "FieldMatch({}, {:?}, {:?}, …)",
            self.candidate, self.provenance, self.freshness
        )
    }
}

/// In what way a field is asked beyond what was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum OverAsking {
    /// The organisation registered it for no purpose.
    NotRegistered,
    /// It registered it, and for another purpose than the one it states: by its own word it doesn't need it for this one.
    NotForThisPurpose,
    /// It may ask for it, and never did for this purpose, in no request that the person agreed to.
    MoreThanLastTime,
}

impl OverAsking {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            OverAsking::NotRegistered => "NotRegistered",
            OverAsking::NotForThisPurpose => "NotForThisPurpose",
            OverAsking::MoreThanLastTime => "MoreThanLastTime",
        }
    }
}

/// Something to point out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(tag = "code")]
pub enum Warning {
    /// No framework vouches for it: who it is, and what it registered, is by its own word.
    NobodyVouches {
        /// Why, as the trust room's code.
        reason: &'static str,
    },
    /// The list that vouches for it should have been followed by a newer one.
    TrustListOverdue {
        /// When that was due, Unix seconds.
        due_at: i64,
        /// Until when the list is used all the same, Unix seconds.
        until_at: i64,
    },
    /// It asks for fields that it didn't register for this purpose.
    OverAsking {
        /// Which.
        fields: Vec<FieldRef>,
    },
    /// It asks for more than it did for this purpose when the person agreed before.
    MoreThanLastTime {
        /// Which.
        fields: Vec<FieldRef>,
    },
    /// It states an intended use that it never registered.
    PurposeNotRegistered {
        /// The use.
        intended_use: String,
    },
    /// The purpose is not the registered one, in code or in words.
    PurposeDiffers {
        /// The registered code.
        registered: String,
        /// The code of the offer.
        offered: String,
    },
    /// The legal basis is not the registered one.
    LegalBasisDiffers {
        /// The registered term.
        registered: String,
        /// The term of the offer.
        offered: String,
    },
    /// The data is to be kept for another time than was registered.
    RetentionDiffers {
        /// The registered period.
        registered: String,
        /// The period of the offer.
        offered: String,
    },
    /// Something is to be kept after withdrawal that was not registered in these words.
    KeptAfterWithdrawalNotRegistered,
    /// Fields by which the person can be recognised elsewhere.
    LinksYou {
        /// Which.
        fields: Vec<FieldRef>,
    },
    /// Fields of the special categories of GDPR, article 9: health, beliefs, origin and the like.
    SensitiveFields {
        /// Which.
        fields: Vec<FieldRef>,
    },
    /// Something that tells less is at hand, and the organisation doesn't take it.
    LessWouldDo {
        /// The field that is asked, alone.
        fields: Vec<FieldRef>,
        /// What tells less, and is held.
        instead: Vec<DisclosedField>,
    },
    /// Nothing that is held answers this part, which is required.
    NothingToAnswer {
        /// The credential query's id.
        credential: String,
    },
    /// All that would answer this part has expired.
    OnlyExpired {
        /// The credential query's id.
        credential: String,
    },
}

impl Warning {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Warning::NobodyVouches { .. } => "NobodyVouches",
            Warning::TrustListOverdue { .. } => "TrustListOverdue",
            Warning::OverAsking { .. } => "OverAsking",
            Warning::MoreThanLastTime { .. } => "MoreThanLastTime",
            Warning::PurposeNotRegistered { .. } => "PurposeNotRegistered",
            Warning::PurposeDiffers { .. } => "PurposeDiffers",
            Warning::LegalBasisDiffers { .. } => "LegalBasisDiffers",
            Warning::RetentionDiffers { .. } => "RetentionDiffers",
            Warning::KeptAfterWithdrawalNotRegistered => "KeptAfterWithdrawalNotRegistered",
            Warning::LinksYou { .. } => "LinksYou",
            Warning::SensitiveFields { .. } => "SensitiveFields",
            Warning::LessWouldDo { .. } => "LessWouldDo",
            Warning::NothingToAnswer { .. } => "NothingToAnswer",
            Warning::OnlyExpired { .. } => "OnlyExpired",
        }
    }
}

impl FieldEvaluation {
    /// The field's name in an offer; none where it is a whole credential.
    pub fn field(&self) -> Option<FieldRef> {
        let path = self.path.clone()?;
        Some(FieldRef {
            credential: self.credential.clone(),
            path,
        })
    }
}

impl Evaluation {
    /// The field of this name.
    pub fn field(&self, name: &FieldRef) -> Option<&FieldEvaluation> {
        let is_named =
            |field: &&FieldEvaluation| field.credential == name.credential && field.path.as_ref() == Some(&name.path);
        self.fields.iter().find(is_named)
    }

    /// What is given unless the person says otherwise: what is required and was registered, nothing optional, nothing
    /// over-asked; where the organisation takes one of several things, one of them.
    pub fn default_choice(&self) -> Vec<FieldRef> {
        self.fields
            .iter()
            .filter(|field| field.chosen_by_default)
            .filter_map(FieldEvaluation::field)
            .collect()
    }

    /// Those of the `chosen` fields by which two organisations that have them can find out that they know the same person:
    /// what the consent has to say before they go.
    pub fn linking(&self, chosen: &[FieldRef]) -> Vec<FieldRef> {
        let by_itself = |wanted: &FieldRef| {
            let field = self.field(wanted);
            field.is_some_and(|field| field.linking == Some(Linking::ByItself))
        };
        let links = linking::among(chosen.iter().map(|field| (&field.path, by_itself(field))));
        chosen
            .iter()
            .zip(links)
            .filter(|(_, link)| link.is_some())
            .map(|(field, _)| field.clone())
            .collect()
    }
}
