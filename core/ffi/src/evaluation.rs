//! What a request comes to, as it crosses the bridge: codes, facts and values, no sentence.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::error::Result;
use crate::{KistError, RequestVerdict, Rights, json};

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Evaluation {
    /// Who asks, and for whom.
    pub asker: Asker,
    /// Why.
    pub purposes: Vec<StatedPurpose>,
    /// The agreement that is offered; none for a single sharing.
    pub agreement: Option<OfferedTerms>,
    /// What is asked, in the request's order.
    pub fields: Vec<FieldEvaluation>,
    /// Where the organisation takes one of several things.
    pub alternatives: Vec<Alternatives>,
    /// Whether everything that the request needs can be given from what there is.
    pub answerable: bool,
    /// What to point out.
    pub warnings: Vec<RequestWarning>,
    /// What the person's rules come to.
    pub verdict: RequestVerdict,
}

/// One place of a request where the organisation takes one of several things.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Alternatives {
    /// Whether there is no answer without one of them.
    pub required: bool,
    /// The options, the organisation's favourite first. At least two.
    pub options: Vec<AlternativeOption>,
}

/// One of several things that the organisation takes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AlternativeOption {
    /// Its fields, by their ids.
    pub fields: Vec<String>,
    /// Whether all of it can be given from what there is.
    pub available: bool,
    /// The options, by their places, that tell less than this one.
    pub less: Vec<u32>,
    /// Whether it is the one that is given unless the person says otherwise.
    pub by_default: bool,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, uniffi::Record)]
pub struct Party {
    /// Its stable id in the trust framework.
    pub id: String,
    /// Its legal name.
    pub name: String,
}

/// Who asks, as far as it was verified.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Asker {
    /// The organisation that signed the request, by the names that the framework verified.
    pub organisation: Party,
    /// The country of the organisation whose request it is, ISO 3166-1 alpha-2.
    pub country: String,
    /// The organisation whose request it is, where a supplier has signed it; both were verified.
    pub on_behalf_of: Option<Party>,
    /// The label of the framework's anchor by which it was verified; empty where nobody vouches for it, as only a
    /// developer's mode lets through.
    pub framework: String,
    /// Since when it has been an active member, Unix seconds.
    pub active_since: i64,
    /// Where a person reaches it: URIs.
    pub contacts: Vec<String>,
    /// Who supervises it.
    pub supervisory_authority: String,
    /// Where the supervisor is reached.
    pub supervisory_authority_uri: String,
}

/// One purpose with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StatedPurpose {
    /// The intended use of the registration.
    pub intended_use: String,
    /// The purpose as a term of DPV.
    pub code: String,
    /// In words, by language.
    pub text: HashMap<String, String>,
    /// The legal basis as a term of DPV.
    pub legal_basis: String,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What is kept after a withdrawal; empty for nothing.
    pub kept_after_withdrawal: Vec<KeptAfterWithdrawal>,
}

/// Something that is kept after a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KeptAfterWithdrawal {
    /// What and why, by language.
    pub text: HashMap<String, String>,
    /// How long, ISO 8601, where the organisation says so.
    pub period: Option<String>,
}

/// The terms of an agreement that a person weighs.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
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
    /// Where the terms stand.
    pub terms_uri: String,
    /// Where the person can also withdraw.
    pub withdrawal_uri: Option<String>,
    /// The last second at which it can be accepted, Unix time.
    pub expires_at: i64,
}

/// How long an agreement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Validity {
    /// One reading, which is the answer itself.
    Once,
    /// Until a moment.
    Until {
        /// The first second at which it holds no more, Unix time.
        at: i64,
    },
    /// Until it is withdrawn.
    Standing,
}

/// One field that is asked for.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct FieldEvaluation {
    /// Its id, by which a decision names it; none where a whole credential is asked for.
    pub field: Option<String>,
    /// The credential query's id.
    pub credential: String,
    /// The types of credential that would answer.
    pub types: Vec<String>,
    /// The claim's path, a JSON array.
    pub path: Option<String>,
    /// Whether the organisation says that there is no answer without it.
    pub required: bool,
    /// Why this field, by language, where the offer says so.
    pub purpose: Option<HashMap<String, String>>,
    /// The values of which it must have one, as JSON; empty where any will do.
    pub values: Vec<String>,
    /// What it goes beyond, as codes: `NotRegistered`, `NotForThisPurpose`, `MoreThanLastTime`.
    pub over_asking: Vec<String>,
    /// What would answer: not expired first, then the newest.
    pub matches: Vec<FieldMatch>,
    /// Whether nothing that is held has the claim at all.
    pub missing: bool,
    /// When it was last shown to this organisation, Unix milliseconds.
    pub shared_before_ms: Option<i64>,
    /// Whether it lets two organisations find out that they know the same person: `LinksYou`, `LinksYouTogether`.
    pub linking: Option<String>,
    /// Whether it is, or has within it, what belongs to the special categories of GDPR, article 9.
    pub sensitive: bool,
    /// Fields of this request, by their ids, that tell less, can be given, and that the organisation takes in its place.
    pub instead: Vec<String>,
    /// The person's rule that keeps it back: an answer with it is refused.
    pub withheld_by: Option<String>,
    /// Whether it is chosen unless the person says otherwise: only what is required, registered and there.
    pub chosen_by_default: bool,
}

/// One value that would answer.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FieldMatch {
    /// The held credential, by which a decision names it.
    pub candidate: String,
    /// What would be shown.
    pub values: Vec<FieldValue>,
    /// Who vouches for it.
    pub issuer: FieldIssuer,
    /// Since when it is known to be so, Unix seconds.
    pub as_of: i64,
    /// Until when its issuer vouches for it, Unix seconds.
    pub expires_at: Option<i64>,
    /// Whole days since it was known to be so.
    pub age_days: u32,
    /// Whether its issuer no longer vouches for it.
    pub expired: bool,
}

impl std::fmt::Debug for FieldMatch {
    /// Without the values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FieldMatch({}, …)", self.candidate)
    }
}

/// A claim and its value.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldValue {
    /// The claim's path, a JSON array.
    pub path: String,
    /// Its value, as JSON.
    pub value: String,
}

impl std::fmt::Debug for FieldValue {
    /// Without the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FieldValue({}, …)", self.path)
    }
}

/// Who vouches for a value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, uniffi::Enum)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldIssuer {
    /// Nobody but the person.
    SelfAsserted,
    /// An organisation whose signature was verified.
    Organisation {
        /// Its stable id.
        id: String,
        /// Its legal name.
        name: String,
    },
}

/// Something to point out.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestWarning {
    /// What, as a code.
    pub code: String,
    /// The fields that it is about, by their ids.
    pub fields: Vec<String>,
    /// All that is known of it: a JSON object.
    pub details: String,
}

/// How an organisation was verified, as the core's JSON has it.
#[derive(Deserialize)]
#[serde(tag = "code")]
enum Verified {
    Framework {
        anchor: String,
        active_since: i64,
    },
    /// Only in a developer's mode; a warning says it too.
    Nobody {},
}

impl Evaluation {
    pub(crate) fn of(core: kist_pds::Evaluation) -> Result<Self> {
        let asker = core.asker;
        let (anchor, active_since) = match json::reshape(&asker.verified)? {
            Verified::Framework { anchor, active_since } => (anchor, active_since),
            Verified::Nobody {} => (String::new(), 0),
        };
        let (signer, on_behalf_of) = match &asker.supplier {
            Some(supplier) => (supplier, Some(&asker.organisation)),
            None => (&asker.organisation, None),
        };
        let (supervisory_authority, supervisory_authority_uri) = asker.supervisory_authority;
        let asker = Asker {
            organisation: json::reshape(signer)?,
            on_behalf_of: json::reshape(&on_behalf_of)?,
            country: asker.country,
            framework: anchor,
            active_since,
            contacts: asker.contacts,
            supervisory_authority,
            supervisory_authority_uri,
        };
        let purposes = core.purposes.into_iter().map(|purpose| StatedPurpose {
            intended_use: purpose.intended_use,
            code: purpose.code,
            text: purpose.text.into_iter().collect(),
            legal_basis: purpose.legal_basis,
            retention: purpose.retention,
            kept_after_withdrawal: purpose
                .kept_after_withdrawal
                .into_iter()
                .map(|kept| KeptAfterWithdrawal {
                    text: kept.text.into_iter().collect(),
                    period: kept.period,
                })
                .collect(),
        });
        let agreement = core.agreement.map(|terms| {
            Ok::<_, KistError>(OfferedTerms {
                rights: terms.rights.into(),
                validity: terms.validity.into(),
                recipients: json::reshape(&terms.recipients)?,
                storage: terms.storage,
                privacy_notice: terms.privacy_notice,
                terms_uri: terms.terms.uri,
                withdrawal_uri: terms.withdrawal_uri,
                expires_at: terms.expires_at,
            })
        });
        let fields = core.fields.into_iter().map(|field| {
            let matches = field.matches.iter().map(|found| {
                let values = found.values.iter().map(|(path, value)| {
                    Ok(FieldValue {
                        path: path.to_string(),
                        value: json::text(value)?,
                    })
                });
                Ok(FieldMatch {
                    candidate: found.candidate.clone(),
                    values: values.collect::<Result<_>>()?,
                    issuer: json::reshape(&found.provenance.issuer)?,
                    as_of: found.provenance.as_of,
                    expires_at: found.provenance.expires_at,
                    age_days: found.freshness.age_days,
                    expired: found.freshness.expired,
                })
            });
            Ok(FieldEvaluation {
                matches: matches.collect::<Result<_>>()?,
                field: field.field().map(|field| field.to_string()),
                credential: field.credential,
                types: field.types,
                path: field.path.map(|path| path.to_string()),
                required: field.required,
                purpose: field.purpose.map(|texts| texts.into_iter().collect()),
                over_asking: field.over_asking.iter().map(|code| code.code().to_owned()).collect(),
                missing: field.missing,
                shared_before_ms: field.shared_before_ms,
                linking: field.linking.map(|linking| linking.code().to_owned()),
                values: field.values.iter().map(json::text).collect::<Result<_>>()?,
                sensitive: field.sensitive,
                instead: field.instead.iter().map(ToString::to_string).collect(),
                withheld_by: field.withheld_by,
                chosen_by_default: field.chosen_by_default,
            })
        });
        let alternatives = core.alternatives.into_iter().map(|place| Alternatives {
            required: place.required,
            options: place
                .options
                .into_iter()
                .map(|option| AlternativeOption {
                    fields: option.fields.iter().map(ToString::to_string).collect(),
                    available: option.available,
                    less: option.less.into_iter().map(|place| place as u32).collect(),
                    by_default: option.by_default,
                })
                .collect(),
        });
        let warnings = core.warnings.iter().map(|warning| {
            let details: Value = json::reshape(warning)?;
            let fields: Vec<kist_pds::FieldRef> = match details.get("fields") {
                Some(fields) => json::reshape(fields)?,
                None => Vec::new(),
            };
            Ok(RequestWarning {
                code: warning.code().to_owned(),
                fields: fields.iter().map(ToString::to_string).collect(),
                details: json::text(&details)?,
            })
        });
        Ok(Evaluation {
            asker,
            purposes: purposes.collect(),
            agreement: agreement.transpose()?,
            fields: fields.collect::<Result<_>>()?,
            alternatives: alternatives.collect(),
            answerable: core.answerable,
            warnings: warnings.collect::<Result<_>>()?,
            verdict: RequestVerdict::of(core.verdict),
        })
    }
}

impl From<kist_pds::Validity> for Validity {
    fn from(validity: kist_pds::Validity) -> Self {
        match validity {
            kist_pds::Validity::Once => Self::Once,
            kist_pds::Validity::Until { at } => Self::Until { at },
            kist_pds::Validity::Standing => Self::Standing,
        }
    }
}

impl From<Validity> for kist_pds::Validity {
    fn from(validity: Validity) -> Self {
        match validity {
            Validity::Once => Self::Once,
            Validity::Until { at } => Self::Until { at },
            Validity::Standing => Self::Standing,
        }
    }
}

impl From<kist_pds::FieldIssuer> for FieldIssuer {
    fn from(issuer: kist_pds::FieldIssuer) -> Self {
        match issuer {
            kist_pds::FieldIssuer::SelfAsserted => Self::SelfAsserted,
            kist_pds::FieldIssuer::Organisation { id, name } => Self::Organisation { id, name },
        }
    }
}
