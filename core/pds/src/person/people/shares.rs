//! What two people share: what one proposes, the offer that follows from it word for word, and where it stands.

use kist_consent::{
    Agreement, AgreementState, FieldRef, LegalBasis, ObjectHash, Offer, OfferedField, Organisation, Party, Period,
    Purpose, Rights, Signed, Terms, Texts, Validity,
};
use kist_crypto::es256::PublicKey;
use kist_crypto::sha256;
use kist_identity::{ClaimPath, DAY};
use kist_vault::{RecordId, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Stored as Other;
use crate::home::to_json;
use crate::{Error, Result};

pub(super) const COLLECTION: &str = "shares";
/// The most records that are shared at once.
const MAX_RECORDS: usize = 32;
/// For so many days an offer can be accepted: a phone may be off.
const OFFER_DAYS: i64 = 60;
/// What stands where an organisation would have an address of the web or a country: nothing is there (RFC 2606; ISO 3166-1,
/// user-assigned).
const NOWHERE: &str = "https://person.invalid/";
const NO_COUNTRY: &str = "ZZ";
/// The terms between two people, whose hash stands in each offer.
const TERMS: &str = "Between two people: the one who receives keeps what is shared to themselves, and lets go of it when it is withdrawn.";

/// What to share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareSpec {
    /// The records, each once.
    pub records: Vec<RecordId>,
    /// What for, in the words of the one who shares.
    pub purpose: String,
    /// The language of these words.
    pub language: String,
    /// The first second at which it ends by itself, Unix time; none where only a withdrawal ends it.
    #[serde(default)]
    pub until: Option<i64>,
}

/// Something that is shared, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Its name.
    pub id: String,
    /// With whom, or by whom: the connection.
    pub person: String,
    /// What this person calls them.
    pub name: String,
    /// Whether the other's key was compared.
    pub verified: bool,
    /// Which way.
    pub direction: ShareDirection,
    /// What for.
    pub purpose: String,
    /// The fields.
    pub fields: Vec<String>,
    /// The records: those that are shared, or those that came.
    pub records: Vec<RecordId>,
    /// Where it stands.
    pub state: ShareState,
    /// When it ends by itself, Unix seconds.
    pub until: Option<i64>,
    /// The receipt: a JSON-LD document.
    pub receipt: Option<Map<String, Value>>,
}

/// Which way something is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareDirection {
    /// This person shares.
    Given,
    /// The other shares.
    Received,
}

/// Where something that is shared stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareState {
    /// It was decided; nothing has been given yet.
    Proposed,
    /// It was given; the other's receipt has not come.
    AwaitingReceipt,
    /// Both have signed.
    InForce,
    /// It came to its end.
    Expired,
    /// It was withdrawn; the other is silent so far.
    Withdrawn,
    /// It was withdrawn, and the other has acknowledged it.
    WithdrawalAcknowledged,
}

/// What one says that they will share.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal {
    pub(super) id: String,
    pub(super) purpose: String,
    pub(super) language: String,
    pub(super) until: Option<i64>,
    /// A part a record: its type, and its members.
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) schema: String,
    pub(super) members: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AcceptanceBody {
    pub(super) acceptance: String,
    /// A credential a part, compact, in the proposal's order.
    pub(super) credentials: Vec<String>,
}

/// A share as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) person: String,
    pub(super) direction: ShareDirection,
    pub(super) proposal: Proposal,
    pub(super) records: Vec<RecordId>,
    /// The offer that waits to be accepted, on the side that receives; on the one that gives, while everything is paused.
    pub(super) offer: Option<Signed<Offer>>,
    pub(super) agreement: Option<Agreement>,
}

impl Stored {
    pub(super) fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COLLECTION, &self.key(), &to_json(self)?)?)
    }

    pub(super) fn key(&self) -> String {
        key(&self.person, &self.proposal.id)
    }

    pub(super) fn state(&self, now: i64) -> ShareState {
        match self.agreement.as_ref().map(|agreement| agreement.state(now)) {
            None => ShareState::Proposed,
            Some(AgreementState::Withdrawn {
                acknowledged_at: Some(_),
                ..
            }) => ShareState::WithdrawalAcknowledged,
            Some(AgreementState::Withdrawn { .. }) => ShareState::Withdrawn,
            Some(AgreementState::Expired { .. }) => ShareState::Expired,
            Some(AgreementState::InForce) => ShareState::InForce,
            Some(_) => ShareState::AwaitingReceipt,
        }
    }

    pub(super) fn share(self, other: &Other, now: i64) -> Share {
        let state = self.state(now);
        let receipt = self.agreement.as_ref().and_then(Agreement::receipt);
        let fields = self.proposal.fields();
        Share {
            id: self.key(),
            name: other.name.clone(),
            verified: other.verified,
            direction: self.direction,
            fields: fields.map_or_else(
                |_| Vec::new(),
                |fields| fields.iter().map(ToString::to_string).collect(),
            ),
            state,
            until: self.proposal.until,
            receipt: receipt.map(|receipt| receipt.document().clone()),
            purpose: self.proposal.purpose,
            records: self.records,
            person: self.person,
        }
    }
}

pub(super) fn key(person: &str, proposal: &str) -> String {
    format!("{person}.{proposal}")
}

impl Proposal {
    /// That another's proposal is within its bounds.
    pub(super) fn check(&self) -> Result<()> {
        let malformed = Error::new("Malformed").with("what", "share");
        let members = self.parts.iter().map(|part| part.members.len()).sum::<usize>();
        let named = self
            .parts
            .iter()
            .all(|part| !part.members.is_empty() && !part.schema.is_empty());
        let id = self.id.len() == 22
            && self
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        match id && named && (1..=MAX_RECORDS).contains(&self.parts.len()) && members <= kist_consent::MAX_FIELDS {
            true => Ok(()),
            false => Err(malformed),
        }
    }

    pub(super) fn fields(&self) -> Result<Vec<FieldRef>> {
        let mut fields = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            for member in &part.members {
                fields.push(FieldRef {
                    credential: format!("record{index}"),
                    path: ClaimPath::names([member.as_str()])?,
                });
            }
        }
        Ok(fields)
    }

    /// What the one who receives offers, word for word what was proposed.
    pub(super) fn offer(&self, key: &PublicKey, connection: kist_consent::Connection, now: i64) -> Result<Offer> {
        let party = party(key);
        Ok(Offer {
            id: self.id.clone(),
            organisation: Organisation {
                id: party.id,
                name: party.name,
                address: NOWHERE.into(),
                contact: NOWHERE.into(),
                country: NO_COUNTRY.into(),
            },
            supplier: None,
            intended_use: "person".into(),
            language: self.language.clone(),
            purpose: Purpose {
                code: "dpv:Personal".into(),
                text: Texts::new(&self.language, &self.purpose)?,
            },
            legal_basis: LegalBasis::Consent,
            fields: self
                .fields()?
                .into_iter()
                .map(|field| OfferedField {
                    credential: field.credential,
                    path: field.path,
                    required: true,
                    purpose: None,
                })
                .collect(),
            rights: Rights {
                read: true,
                deliver: false,
                update: false,
            },
            validity: match self.until {
                Some(at) => Validity::Until { at },
                None => Validity::Standing,
            },
            retention: Period::parse("P1D")?,
            kept_after_withdrawal: Vec::new(),
            storage: vec![NO_COUNTRY.into()],
            recipients: Vec::new(),
            privacy_notice: NOWHERE.into(),
            terms: Terms {
                uri: NOWHERE.into(),
                sha256: ObjectHash::from_bytes(sha256(&[TERMS.as_bytes()])),
            },
            withdrawal_uri: None,
            replaces: None,
            connection,
            issued_at: now,
            expires_at: now.saturating_add(OFFER_DAYS * DAY),
        })
    }

    /// That an offer is word for word what was proposed.
    pub(super) fn is_offered(&self, offer: &Offer, key: &PublicKey) -> Result<bool> {
        let expected = self.offer(key, offer.connection.clone(), offer.issued_at)?;
        Ok(*offer == expected)
    }
}

/// A person, by their key: nobody else vouches for who they are.
pub(super) fn party(key: &PublicKey) -> Party {
    let id = format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", key.thumbprint());
    Party { name: id.clone(), id }
}

/// The other, by their key, and by what this person calls them.
pub(super) fn named(other: &Other) -> Result<Party> {
    Ok(Party {
        id: party(&other.peer_key()?).id,
        name: other.name.clone(),
    })
}
