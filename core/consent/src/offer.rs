//! The offer: what an organisation asks a person to agree to, under its signature.

use std::collections::BTreeSet;
use std::fmt;

use kist_identity::ClaimPath;
use serde::{Deserialize, Serialize};

use crate::signed::SignedContent;
use crate::terms::{MAX_LIST, is_country, is_https, is_language, is_purpose, is_time, is_word};
use crate::{
    Error, KeptAfterWithdrawal, LegalBasis, ObjectHash, Organisation, Party, Period, Purpose, Result, Rights, Terms,
    Texts, Validity,
};

/// The most fields of an offer.
pub const MAX_FIELDS: usize = 256;
const MALFORMED: Error = Error::Malformed { what: "offer" };

/// An offer of an agreement. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// A name that the organisation gives it: random, of this relationship alone.
    pub id: String,
    /// The organisation that answers for the data.
    pub organisation: Organisation,
    /// The supplier that asks on its behalf, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Party>,
    /// The intended use of the organisation's registration that this falls under.
    pub intended_use: String,
    /// The language that the organisation speaks by default; the purpose has a text in it.
    pub language: String,
    /// Why.
    pub purpose: Purpose,
    /// By what right.
    pub legal_basis: LegalBasis,
    /// What is asked for, at most [`MAX_FIELDS`], none twice. Empty where the organisation only delivers.
    pub fields: Vec<OfferedField>,
    /// What the organisation may do.
    pub rights: Rights,
    /// How long the agreement holds.
    pub validity: Validity,
    /// How long the data is kept.
    pub retention: Period,
    /// What is kept after a withdrawal, and why; empty for nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_after_withdrawal: Vec<KeptAfterWithdrawal>,
    /// The countries where it is stored, ISO 3166-1 alpha-2; at least one.
    pub storage: Vec<String>,
    /// Who else receives the data; empty for nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Party>,
    /// The privacy notice: an https address.
    pub privacy_notice: String,
    /// The terms.
    pub terms: Terms,
    /// Where the person can withdraw beside the sealed message that always does: an https address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal_uri: Option<String>,
    /// The agreement that this would take the place of, by its name: it ends when this offer is accepted by the person
    /// whom it was made with. Nobody else's acceptance ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ObjectHash>,
    /// Where sealed messages reach the organisation.
    pub connection: Connection,
    /// When the offer was made.
    pub issued_at: i64,
    /// The last second at which it can be accepted.
    pub expires_at: i64,
}

/// One field that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedField {
    /// The id of the credential query of the request.
    pub credential: String,
    /// Where in the credential.
    pub path: ClaimPath,
    /// Whether there is no agreement without it.
    pub required: bool,
    /// Why this field, where the purpose of the whole doesn't say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Texts>,
}

impl OfferedField {
    /// The field's name.
    pub fn field(&self) -> FieldRef {
        FieldRef {
            credential: self.credential.clone(),
            path: self.path.clone(),
        }
    }
}

/// Names one field of an offer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRef {
    /// The id of the credential query.
    pub credential: String,
    /// Where in the credential.
    pub path: ClaimPath,
}

impl fmt::Display for FieldRef {
    /// `credential:["path"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.credential, self.path)
    }
}

impl fmt::Debug for FieldRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldRef({self})")
    }
}

/// Where sealed messages reach the organisation, for this relationship alone. The channel reads the parts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The relay's origin.
    pub relay: String,
    /// The mailbox on it.
    pub mailbox: String,
    /// What allows sending to it.
    pub send_token: String,
    /// The HPKE key that the first message is sealed to: base64url of 65 bytes.
    pub receiving_key: String,
}

impl fmt::Debug for Connection {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({}, …)", self.relay)
    }
}

impl Offer {
    /// The field of this name.
    pub fn field(&self, field: &FieldRef) -> Option<&OfferedField> {
        self.fields
            .iter()
            .find(|offered| offered.credential == field.credential && offered.path == field.path)
    }

    fn parties_are_sound(&self) -> bool {
        let organisation = &self.organisation;
        let words = [
            &organisation.id,
            &organisation.name,
            &organisation.address,
            &organisation.contact,
        ];
        let others = self.recipients.iter().chain(&self.supplier);
        words.into_iter().all(|word| is_word(word))
            && is_country(&organisation.country)
            && others
                .into_iter()
                .all(|party| is_word(&party.id) && is_word(&party.name))
    }

    fn purpose_is_sound(&self) -> bool {
        is_word(&self.intended_use)
            && is_purpose(&self.purpose.code)
            && is_language(&self.language)
            && self.purpose.text.get(&self.language).is_some()
    }

    fn rights_are_sound(&self) -> bool {
        let Rights { read, deliver, update } = self.rights;
        match self.validity {
            Validity::Once => read && !deliver && !update,
            Validity::Until { at } => (read || deliver || update) && is_time(at) && at > self.issued_at,
            Validity::Standing => read || deliver || update,
        }
    }

    fn places_are_sound(&self) -> bool {
        let Connection {
            relay,
            mailbox,
            send_token,
            receiving_key,
        } = &self.connection;
        [relay, mailbox, send_token, receiving_key]
            .into_iter()
            .all(|word| is_word(word))
            && !self.storage.is_empty()
            && self.storage.iter().all(|country| is_country(country))
            && is_https(&self.privacy_notice)
            && is_https(&self.terms.uri)
            && self.withdrawal_uri.as_deref().is_none_or(is_https)
    }
}

impl SignedContent for Offer {
    const TYPE: &'static str = "kist-offer+jwt";
    const NAME: &'static str = "offer";

    fn check(&self) -> Result<()> {
        if self.fields.len() > MAX_FIELDS {
            return Err(Error::TooLarge {
                what: "offer",
                limit: MAX_FIELDS,
            });
        }
        let lists = [
            self.kept_after_withdrawal.len(),
            self.storage.len(),
            self.recipients.len(),
        ];
        if lists.into_iter().any(|length| length > MAX_LIST) {
            return Err(Error::TooLarge {
                what: "offer",
                limit: MAX_LIST,
            });
        }
        let names: BTreeSet<_> = self
            .fields
            .iter()
            .map(|field| (&field.credential, &field.path))
            .collect();
        let times = is_time(self.issued_at) && is_time(self.expires_at) && self.issued_at <= self.expires_at;
        let sound = is_word(&self.id)
            && names.len() == self.fields.len()
            && self.fields.iter().all(|field| is_word(&field.credential))
            && times
            && self.parties_are_sound()
            && self.purpose_is_sound()
            && self.rights_are_sound()
            && self.places_are_sound();
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}
