//! The operator of a trust framework: founds it, admits organisations, publishes the list.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::es256::SigningKey;
use kist_crypto::{OsRandom, Secret};
use kist_trust::framework::{Application, FrameworkState};
use kist_trust::{Status, Subject};
use serde::{Deserialize, Serialize};

use crate::home::{Home, Unlock, from_json, to_json};
use crate::{AnchorBundle, Error, Platform, Result};

const COLLECTION: &str = "framework";
const STATE: &str = "state";
const ROOT_KEY: &str = "root-key";
const REGISTRAR_KEY: &str = "registrar-key";
const PROFILE: &str = "profile";
const YEAR: u32 = 365 * 24 * 60 * 60;
const DAY: u32 = 24 * 60 * 60;
/// How long the root and the registrar are valid.
const ROOT_LIFETIME: u32 = 10 * YEAR;
/// How long an admission is valid before it has to be renewed.
const ADMISSION_LIFETIME: u32 = YEAR;

/// Who operates a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameworkProfile {
    /// What the framework is called on a phone.
    pub label: String,
    /// The operator's legal name.
    pub legal_name: String,
    /// The operator's registration number, such as `GB-COH-01234567`.
    pub organisation_id: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where the list is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_url: Option<String>,
}

/// What an admitted organisation installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// The format: 1.
    pub kist_admission: u8,
    /// Its certificates, base64 of DER, leaf first.
    pub chain: Vec<String>,
    /// Its registration, a compact JWS.
    pub registration: String,
}

/// A member of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberInfo {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// `active`, `suspended` or `expelled`.
    pub status: &'static str,
    /// Since when, Unix seconds.
    pub since: i64,
}

/// A framework, as its operator holds it.
#[derive(Clone)]
pub struct Framework {
    home: Arc<Home>,
}

impl Framework {
    /// Whether there is a framework in the folder.
    pub fn exists(dir: &Path) -> bool {
        Home::exists(dir)
    }

    /// Founds a framework: makes the root's and the registrar's keys and certificates.
    pub async fn create(dir: &Path, platform: Platform, passphrase: &str, profile: FrameworkProfile) -> Result<Self> {
        let (dir, passphrase) = (dir.to_owned(), passphrase.to_owned());
        crate::blocking(move || {
            let new = Home::begin(&dir, platform, kist_crypto::RootKey::generate(1, &mut OsRandom))?;
            let (root, registrar) = (SigningKey::generate(&mut OsRandom), SigningKey::generate(&mut OsRandom));
            let operator = Subject {
                legal_name: profile.legal_name.clone(),
                organisation_id: profile.organisation_id.clone(),
                country: profile.country.clone(),
            };
            let (now, public) = (new.platform.now(), (root.public(), registrar.public()));
            let founding = FrameworkState::found(operator, &public.0, &public.1, now, ROOT_LIFETIME, &mut OsRandom)?;
            let signatures = (
                root.sign(founding.root_to_sign()),
                root.sign(founding.registrar_to_sign()),
            );
            let state = founding.complete(&signatures.0, &signatures.1)?.to_json()?;
            let profile = to_json(&profile)?;
            new.vault.transaction(new.platform.now_ms(), |t| {
                t.keep(COLLECTION, ROOT_KEY, root.to_secret().expose())?;
                t.keep(COLLECTION, REGISTRAR_KEY, registrar.to_secret().expose())?;
                t.keep(COLLECTION, PROFILE, &profile)?;
                t.keep(COLLECTION, STATE, &state)
            })?;
            Ok(Framework {
                home: Arc::new(new.commit(&passphrase)?),
            })
        })
        .await
    }

    /// Opens a framework.
    pub async fn open(dir: &Path, platform: Platform, passphrase: &str) -> Result<Self> {
        let (dir, passphrase) = (dir.to_owned(), passphrase.to_owned());
        crate::blocking(move || {
            let home = Home::open(&dir, platform, &Unlock::Passphrase(&passphrase))?;
            Ok(Framework { home: Arc::new(home) })
        })
        .await
    }

    /// Reads what an organisation applies for, so that the operator can check it, before [`Framework::admit`].
    pub fn read_application(application: &str) -> Result<Application> {
        Ok(Application::verify(application.trim())?)
    }

    /// Admits an applicant, or renews a member's certificate and registration, for a year.
    ///
    /// Errors: `SignatureInvalid`, `Malformed`, `StatusChangeRefused` for a member that is suspended or expelled.
    pub async fn admit(&self, application: &str) -> Result<Admission> {
        let application = Self::read_application(application)?;
        self.change(move |state, root, registrar, now| {
            let admission = state.admit(&application, now, ADMISSION_LIFETIME, &mut OsRandom)?;
            let certificate = root.sign(admission.certificate_to_sign());
            let registration = registrar.sign(admission.registration_to_sign());
            let admitted = state.complete_admission(admission, &certificate, &registration)?;
            let chain = admitted.chain.iter().map(|der| BASE64_STANDARD.encode(der)).collect();
            Ok(Admission {
                kist_admission: 1,
                chain,
                registration: admitted.registration,
            })
        })
        .await
    }

    /// Suspends a member, with the next list.
    pub async fn suspend(&self, organisation_id: &str) -> Result<()> {
        let id = organisation_id.to_owned();
        self.change(move |state, _, _, now| Ok(state.suspend(&id, now)?)).await
    }

    /// Makes a suspended member active again, with the next list.
    pub async fn reinstate(&self, organisation_id: &str) -> Result<()> {
        let id = organisation_id.to_owned();
        self.change(move |state, _, _, now| Ok(state.reinstate(&id, now)?))
            .await
    }

    /// Expels a member for good, with the next list.
    pub async fn expel(&self, organisation_id: &str) -> Result<()> {
        let id = organisation_id.to_owned();
        self.change(move |state, _, _, now| Ok(state.expel(&id, now)?)).await
    }

    /// Publishes the next list; its successor is due within `valid_days`.
    pub async fn publish(&self, valid_days: u16) -> Result<AnchorBundle> {
        let (list, certificate) = self
            .change(move |state, _, registrar, now| {
                let publication = state.publish(now, u32::from(valid_days) * DAY)?;
                let signature = registrar.sign(publication.to_sign());
                let list = state.complete_publication(publication, &signature)?;
                Ok((list, state.anchor("").certificate))
            })
            .await?;
        let profile: FrameworkProfile = self.home.blocking(|home| read(home, PROFILE)).await?;
        let certificate = BASE64_STANDARD.encode(certificate);
        Ok(AnchorBundle {
            kist_anchor: 1,
            label: profile.label,
            certificate,
            list,
            list_url: profile.list_url,
        })
    }

    /// The members, whatever their status.
    pub async fn members(&self) -> Result<Vec<MemberInfo>> {
        self.home
            .blocking(|home| {
                let state = state(home)?;
                let members = state.members().iter().map(|(id, member)| MemberInfo {
                    organisation_id: id.clone(),
                    legal_name: member.registration.legal_name.clone(),
                    status: status_name(member.status),
                    since: member.since,
                });
                Ok(members.collect())
            })
            .await
    }

    /// Changes the state and stores it before anything of the change is given out.
    async fn change<T, F>(&self, act: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut FrameworkState, &SigningKey, &SigningKey, i64) -> Result<T> + Send + 'static,
    {
        self.home
            .blocking(move |home| {
                let (root, registrar) = (key(home, ROOT_KEY)?, key(home, REGISTRAR_KEY)?);
                home.transaction(|changes| {
                    let state = changes.kept(COLLECTION, STATE)?.ok_or_else(missing)?;
                    let mut state = FrameworkState::from_json(&state)?;
                    let outcome = act(&mut state, &root, &registrar, home.platform.now())?;
                    changes.keep(COLLECTION, STATE, &state.to_json()?)?;
                    Ok(outcome)
                })
            })
            .await
    }
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Suspended => "suspended",
        Status::Expelled => "expelled",
    }
}

fn state(home: &Home) -> Result<FrameworkState> {
    Ok(FrameworkState::from_json(&bytes(home, STATE)?)?)
}

fn key(home: &Home, name: &'static str) -> Result<SigningKey> {
    let secret = Secret::from_slice(&bytes(home, name)?).ok_or_else(|| Error::new("Corrupt").with("part", name))?;
    Ok(SigningKey::from_secret(&secret)?)
}

fn read<T: serde::de::DeserializeOwned>(home: &Home, name: &'static str) -> Result<T> {
    from_json(&bytes(home, name)?)
}

fn bytes(home: &Home, name: &'static str) -> Result<Vec<u8>> {
    home.vault.kept(COLLECTION, name)?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "framework")
}
