//! What a request asks and offers, from the organisation's words and what it registered.

use kist_channel::Address;
use kist_consent::{
    Connection, FieldRef, KeptAfterWithdrawal, LegalBasis, ObjectHash, Offer, OfferedField, Period, Purpose, Rights,
    Terms, Texts, Validity,
};
use kist_exchange::{Ask, CONNECTION, Session};
use kist_identity::ClaimPath;
use kist_trust::IntendedUse;
use serde::{Deserialize, Serialize};

use super::membership::Membership;
use super::profile::{OrganisationProfile, random_name};
use crate::{Error, Result};

/// How long a request can be answered, at most: a phone that knocked may be off for days.
const REQUEST_SECONDS: u64 = 7 * 24 * 60 * 60;

/// A request to make. Purpose, legal basis, retention and what is kept after a withdrawal come from the registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// The intended use of the registration that it falls under.
    pub use_id: String,
    /// What is asked for.
    pub fields: Vec<FieldSpec>,
    /// How long the agreement holds.
    pub validity: Validity,
    /// What the organisation may do.
    pub rights: Rights,
    /// For how many seconds the request can be answered; a week at most.
    pub request_seconds: i64,
    /// The language that the organisation speaks; the registered purpose has a text in it.
    pub language: String,
    /// The agreement that the new one would take the place of, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// A single sharing that any conforming wallet answers, without an agreement: `validity` and `rights` say nothing then.
    #[serde(default)]
    pub plain: bool,
    /// The session of a browser that the answer is given out to, as a sign-in needs it.
    #[serde(default)]
    pub session: SessionSpec,
}

/// Whether a request belongs to a session of a browser. With one, [`crate::OrgRequests::collect_in_session`] gives the
/// answer out, to the session that brings the person's code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionSpec {
    /// It belongs to none: the answer opens no door.
    #[default]
    None,
    /// The browser is on the phone that answers.
    SameDevice {
        /// Where the phone sends the browser, with `response_code` in the query: https, of the organisation.
        return_uri: String,
    },
    /// The browser is on another device: the person types six digits there.
    AcrossDevices,
}

impl SessionSpec {
    /// The session as the request says it.
    pub(super) fn asked(&self) -> Option<Session> {
        match self {
            SessionSpec::None => None,
            SessionSpec::SameDevice { return_uri } => Some(Session::SameDevice {
                return_uri: return_uri.clone(),
            }),
            SessionSpec::AcrossDevices => Some(Session::AcrossDevices),
        }
    }
}

/// Claims of one credential that are given together or not at all. What a person may leave out is a part of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// A name within the request: letters, digits, `_`, `-`.
    pub id: String,
    /// The type of credential that answers.
    pub schema: String,
    /// The claims, at least one, each a path of names.
    pub claims: Vec<Vec<String>>,
    /// Whether there is no answer without it.
    pub required: bool,
}

impl FieldSpec {
    /// Each claim by its name in offer and agreement.
    pub(super) fn fields(&self) -> Result<Vec<FieldRef>> {
        let claims = self.claims.iter().map(|claim| {
            Ok(FieldRef {
                credential: self.id.clone(),
                path: ClaimPath::names(claim.iter().map(String::as_str))?,
            })
        });
        claims.collect()
    }

    fn ask(&self) -> Result<Ask> {
        // `connection` is the query for the return address.
        if self.claims.is_empty() || self.id == CONNECTION {
            return Err(Error::new("Malformed").with("what", "field"));
        }
        Ok(Ask {
            id: self.id.clone(),
            types: vec![self.schema.clone()],
            claims: self.fields()?.into_iter().map(|field| field.path).collect(),
            required: self.required,
        })
    }
}

impl RequestSpec {
    /// The parts of the query.
    pub(super) fn asks(&self) -> Result<Vec<Ask>> {
        self.fields.iter().map(FieldSpec::ask).collect()
    }

    /// How long the request lives, within what a relay accepts.
    pub(super) fn lifetime(&self) -> Result<i64> {
        match self.request_seconds {
            seconds if seconds <= 0 => Err(Error::new("Malformed").with("what", "request lifetime")),
            seconds if seconds.unsigned_abs() > REQUEST_SECONDS => Err(Error::new("TooLarge")
                .with("what", "request lifetime")
                .with("limit", REQUEST_SECONDS)),
            seconds => Ok(seconds),
        }
    }
}

/// The offer of an agreement. `connection` is where messages about it reach the organisation.
pub(super) fn offer(
    spec: &RequestSpec,
    profile: &OrganisationProfile,
    membership: &Membership,
    connection: Address,
    issued_at: i64,
) -> Result<Offer> {
    let (intended, registration) = (membership.intended_use(&spec.use_id)?, &membership.registration);
    let retention = Period::parse(&intended.retention)?;
    Ok(Offer {
        id: random_name(),
        organisation: kist_consent::Organisation {
            id: registration.organisation_id.clone(),
            name: registration.legal_name.clone(),
            address: profile.address.clone(),
            contact: profile.contact.clone(),
            country: registration.country.clone(),
        },
        supplier: None,
        intended_use: intended.id.clone(),
        language: spec.language.clone(),
        purpose: Purpose {
            code: intended.purpose_code.clone(),
            text: Texts::try_from(intended.purpose.0.clone())?,
        },
        legal_basis: legal_basis(intended)?,
        fields: offered(&spec.fields)?,
        rights: spec.rights,
        validity: spec.validity,
        kept_after_withdrawal: kept(intended, &retention)?,
        retention,
        storage: profile.storage.clone(),
        recipients: Vec::new(),
        privacy_notice: profile.privacy_notice.clone(),
        terms: Terms {
            uri: profile.terms.uri.clone(),
            sha256: ObjectHash::parse(&profile.terms.sha256)?,
        },
        withdrawal_uri: None,
        replaces: spec.replaces.as_deref().map(ObjectHash::parse).transpose()?,
        connection: Connection {
            relay: connection.relay,
            mailbox: connection.mailbox.to_string(),
            send_token: kist_crypto::base64url(connection.send_token.expose()),
            receiving_key: connection.receiving_key,
        },
        issued_at,
        expires_at: issued_at.saturating_add(spec.lifetime()?),
    })
}

fn offered(fields: &[FieldSpec]) -> Result<Vec<OfferedField>> {
    let mut offered = Vec::new();
    for spec in fields {
        offered.extend(spec.fields()?.into_iter().map(|field| OfferedField {
            credential: field.credential,
            path: field.path,
            required: spec.required,
            purpose: None,
        }));
    }
    Ok(offered)
}

fn legal_basis(intended: &IntendedUse) -> Result<LegalBasis> {
    let term = serde_json::Value::from(intended.legal_basis.as_str());
    serde_json::from_value(term).map_err(|_| Error::new("Unsupported").with("what", "legal basis"))
}

/// What is kept after a withdrawal. The registration says no time for it, so that it is kept as long as the rest.
fn kept(intended: &IntendedUse, retention: &Period) -> Result<Vec<KeptAfterWithdrawal>> {
    if intended.kept_after_withdrawal.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![KeptAfterWithdrawal {
        text: Texts::try_from(intended.kept_after_withdrawal.0.clone())?,
        period: retention.clone(),
    }])
}
