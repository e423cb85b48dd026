//! Membership in a trust framework: the application, and what an admission gives.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::es256::SigningKey;
use kist_crypto::jws;
use kist_trust::certificate::MAX_CHAIN;
use kist_trust::framework::Application;
use kist_trust::{Authority, Certificate, IntendedUse, Reason, Registration, Subject, Supplier};
use serde::{Deserialize, Serialize};

use super::profile::{COLLECTION, profile, signing_key};
use crate::home::{Home, to_json};
use crate::{Admission, Error, Result};

const ADMISSION: &str = "admission";
const ADMISSION_VERSION: u8 = 1;

/// What an organisation applies for, beside who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationSpec {
    /// Where a person reaches it: URIs (`mailto:`, `tel:`, `https:`).
    pub contacts: Vec<String>,
    /// Who supervises how it uses personal data.
    pub supervisory_authority: Authority,
    /// Its privacy policy's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_policy: Option<String>,
    /// What it wants to ask for, and why.
    pub intended_uses: Vec<IntendedUse>,
    /// The types (`vct`) of the credentials that it wants to issue.
    #[serde(default)]
    pub issues: Vec<String>,
    /// Who may ask in its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<Supplier>,
    /// The framework's terms that it accepts.
    pub terms: kist_trust::Terms,
    /// A DNS name for the access certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
}

/// What an admitted organisation asks and issues with.
pub(super) struct Membership {
    pub(super) key: SigningKey,
    /// Access certificate first, DER.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) registration: Registration,
    /// The registration as the framework signed it.
    pub(super) statement: String,
}

impl Membership {
    /// The membership that is installed.
    ///
    /// Errors: `NotFound` before [`crate::Organisation::install`], `OrganisationNotTrusted` once it has run out.
    pub(super) fn of(home: &Home) -> Result<Membership> {
        let admission: Option<Admission> = home.kept(COLLECTION, ADMISSION)?;
        let admission = admission.ok_or_else(|| Error::new("NotFound").with("what", "admission"))?;
        let (membership, leaf) = Self::read(home, &admission)?;
        let now = home.platform.now();
        if leaf.not_after() < now {
            return Err(kist_trust::Error::from(Reason::CertificateExpired).into());
        }
        if membership.registration.expires < now {
            return Err(kist_trust::Error::from(Reason::RegistrationExpired).into());
        }
        Ok(membership)
    }

    /// That an admission is whole and this organisation's own. The framework may have changed what was applied for, so
    /// the registration counts from here on, and not the profile.
    fn read(home: &Home, admission: &Admission) -> Result<(Membership, Certificate)> {
        let malformed = || Error::new("Malformed").with("what", "admission");
        if admission.kist_admission != ADMISSION_VERSION {
            return Err(Error::new("DowngradeRefused").with("found", admission.kist_admission));
        }
        if admission.chain.len() > MAX_CHAIN {
            return Err(malformed());
        }
        let chain = admission.chain.iter().map(|der| BASE64_STANDARD.decode(der));
        let chain: Vec<Vec<u8>> = chain.collect::<std::result::Result<_, _>>().map_err(|_| malformed())?;
        let leaf = Certificate::from_der(chain.first().ok_or_else(malformed)?)?;
        let key = signing_key(home)?;
        if leaf.key() != key.public() {
            return Err(Error::new("UntrustedKey").with("what", "certificate"));
        }
        let payload = jws::parse(&admission.registration)?.payload;
        let registration: Registration = serde_json::from_slice(&payload).map_err(|_| malformed())?;
        let registered = Subject {
            legal_name: registration.legal_name.clone(),
            organisation_id: registration.organisation_id.clone(),
            country: registration.country.clone(),
        };
        if leaf.subject()? != registered {
            return Err(malformed());
        }
        let membership = Membership {
            key,
            chain,
            registration,
            statement: admission.registration.clone(),
        };
        Ok((membership, leaf))
    }

    /// The access certificate as links name it: `x509_hash:…`.
    pub(super) fn client_id(&self) -> Result<String> {
        let leaf = self
            .chain
            .first()
            .ok_or_else(|| Error::new("Corrupt").with("part", "admission"))?;
        Ok(kist_trust::x509_hash(leaf))
    }

    /// The intended use of this id.
    pub(super) fn intended_use(&self, id: &str) -> Result<&IntendedUse> {
        let registered = self.registration.intended_use(id);
        registered.ok_or_else(|| Error::new("NotFound").with("what", "intended use"))
    }
}

/// The application to a framework.
pub(super) fn apply(home: &Home, spec: ApplicationSpec) -> Result<String> {
    let (profile, key) = (profile(home)?, signing_key(home)?);
    let application = Application {
        organisation: Subject {
            legal_name: profile.legal_name,
            organisation_id: profile.organisation_id,
            country: profile.country,
        },
        key: key.public().jwk(),
        dns_name: spec.dns_name,
        contacts: spec.contacts,
        supervisory_authority: spec.supervisory_authority,
        privacy_policy: spec.privacy_policy,
        intended_uses: spec.intended_uses,
        issues: spec.issues,
        suppliers: spec.suppliers,
        terms: spec.terms,
    };
    let compact = application.unsigned()?.sign(&key);
    // What the operator could not read is refused here, where it can be mended.
    Application::verify(&compact)?;
    Ok(compact)
}

/// Keeps an admission that is this organisation's own.
pub(super) fn install(home: &Home, admission: &Admission) -> Result<()> {
    Membership::read(home, admission)?;
    home.keep(COLLECTION, ADMISSION, &to_json(admission)?)
}
