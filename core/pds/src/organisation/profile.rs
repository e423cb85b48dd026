//! Who an organisation is, in what it signs to people.

use kist_consent::ObjectHash;
use kist_crypto::sha256;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

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
