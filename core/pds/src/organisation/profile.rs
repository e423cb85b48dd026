//! Who an organisation is: what it says of itself, the key that it signs with, and the relay that it set.

use kist_consent::{ObjectHash, Signed, SignedContent};
use kist_crypto::es256::SigningKey;
use kist_crypto::{OsRandom, Secret, base64url, sha256};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::home::{Home, to_json};
use crate::relay::Relay;
use crate::{Error, Result};

/// What there is one of in a store.
pub(super) const COLLECTION: &str = "organisation";
const PROFILE: &str = "profile";
const KEY: &str = "signing-key";
const RELAY: &str = "relay";

/// Who an organisation is, and what its offers say of how it treats data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationProfile {
    /// The legal name.
    pub legal_name: String,
    /// The registration number, such as `GB-COH-01234567`.
    pub organisation_id: String,
    /// The country whose law applies: ISO 3166-1 alpha-2.
    pub country: String,
    /// Where it is reached by post.
    pub address: String,
    /// Where a person asks about their data: a mail address, a telephone number or a URL.
    pub contact: String,
    /// The privacy notice: an https address.
    pub privacy_notice: String,
    /// The terms that people accept.
    pub terms: OrganisationTerms,
    /// The countries where data is stored, ISO 3166-1 alpha-2; at least one.
    pub storage: Vec<String>,
}

/// The terms that people accept: where they stand, and what exactly they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationTerms {
    /// An https address.
    pub uri: String,
    /// Their version, in the organisation's own counting.
    pub version: String,
    /// SHA-256 of the document's bytes, base64url.
    pub sha256: String,
}

impl OrganisationTerms {
    /// The terms that stand in `document`.
    pub fn of_document(uri: &str, version: &str, document: &[u8]) -> Self {
        OrganisationTerms {
            uri: uri.to_owned(),
            version: version.to_owned(),
            sha256: ObjectHash::from_bytes(sha256(&[document])).to_string(),
        }
    }
}

impl OrganisationProfile {
    /// That offers can be made of it; the rest of an offer's rules hold when one is made.
    pub(super) fn check(&self) -> Result<()> {
        let word = |text: &String| !text.trim().is_empty();
        let country = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        let https = |text: &String| text.starts_with("https://");
        let rules = [
            ("legal_name", word(&self.legal_name)),
            ("organisation_id", word(&self.organisation_id)),
            ("country", country(&self.country)),
            ("address", word(&self.address)),
            ("contact", word(&self.contact)),
            ("privacy_notice", https(&self.privacy_notice)),
            (
                "terms",
                https(&self.terms.uri) && ObjectHash::parse(&self.terms.sha256).is_ok(),
            ),
            ("storage", !self.storage.is_empty() && self.storage.iter().all(country)),
        ];
        match rules.into_iter().find(|(_, holds)| !holds) {
            Some((part, _)) => Err(Error::new("Malformed").with("what", part)),
            None => Ok(()),
        }
    }
}

/// Keeps who a new organisation is, with the key that it signs with.
pub(super) fn begin(changes: &Transaction<'_>, profile: &[u8], key: &SigningKey) -> kist_vault::Result<()> {
    changes.keep(COLLECTION, KEY, key.to_secret().expose())?;
    changes.keep(COLLECTION, PROFILE, profile)
}

/// The relay that was set, where one is.
pub(super) fn relay(home: &Home) -> Result<Option<String>> {
    home.kept(COLLECTION, RELAY)
}

/// Sets the relay for what is made from now on.
pub(super) fn set_relay(home: &Home, relay: &str) -> Result<()> {
    let origin = Relay::new(home.mail.clone(), relay)?.origin().to_string();
    home.keep(COLLECTION, RELAY, &to_json(&origin)?)
}

/// Who the organisation says it is.
pub(super) fn profile(home: &Home) -> Result<OrganisationProfile> {
    let profile = home.kept(COLLECTION, PROFILE)?;
    profile.ok_or_else(|| Error::new("NotFound").with("what", "organisation"))
}

/// The key that signs requests, offers, receipts, credentials and messages.
/// The key that the organisation signs with.
pub(super) fn signing_key(home: &Home) -> Result<SigningKey> {
    let bytes = home.vault.kept(COLLECTION, KEY)?;
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "organisation"))?;
    let secret = Secret::from_slice(&bytes).ok_or_else(|| Error::new("Corrupt").with("part", KEY))?;
    Ok(SigningKey::from_secret(&secret)?)
}

/// Signs an object of the consent room.
/// Signs with the organisation's key.
pub(super) fn sign<T: SignedContent>(content: &T, key: &SigningKey) -> Result<Signed<T>> {
    let compact = Signed::prepare(content)?.sign(key);
    Ok(Signed::verify(&compact, &key.public())?)
}

/// A name that nobody can guess: base64url of 16 random bytes.
/// A fresh name.
pub(super) fn random_name() -> String {
    base64url(Secret::<16>::generate(&mut OsRandom).expose())
}
