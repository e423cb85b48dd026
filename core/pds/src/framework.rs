//! The operator of a trust framework: founds it, admits organisations, publishes the list.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::es256::SigningKey;
use kist_crypto::{OsRandom, Secret};
use kist_trust::framework::{
    Admitted, Application, FrameworkState, FrameworkStatus, LogEntry, NewRootSignatures, RootLifetimes,
};
use kist_trust::{AnchorKind, FrameworkTerms, Localised, Status, Subject, TermsNotice};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::home::{Home, Unlock, from_json, to_json};
use crate::trust::AnchorBundle;
use crate::{Error, Platform, Result, blocking};

const COLLECTION: &str = "framework";
/// The operator's log, by number.
const LOG: &str = "framework-log";
const STATE: &str = "state";
const ROOT_KEY: &str = "root-key";
const REGISTRAR_KEY: &str = "registrar-key";
const PROFILE: &str = "profile";
const YEAR: u32 = 365 * 24 * 60 * 60;
/// How long the registrar is certified anew.
const REGISTRAR_LIFETIME: u32 = 3 * YEAR;
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

/// Terms that an operator is about to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsDraft {
    /// Their version, as people say it: `2`, `2026-11`.
    pub version: String,
    /// From when on they hold, Unix seconds; at once, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<i64>,
    /// What they come to, in plain words, by language.
    pub summary: BTreeMap<String, String>,
    /// The terms, by the same languages.
    pub text: BTreeMap<String, String>,
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
        blocking::run(move || {
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
            let mut state = founding.complete(&signatures.0, &signatures.1)?;
            let profile = to_json(&profile)?;
            new.vault.transaction(new.platform.now_ms(), |t| -> Result<()> {
                t.keep(COLLECTION, ROOT_KEY, root.to_secret().expose())?;
                t.keep(COLLECTION, REGISTRAR_KEY, registrar.to_secret().expose())?;
                t.keep(COLLECTION, PROFILE, &profile)?;
                keep_state(t, &mut state)
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
        blocking::run(move || {
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
        self.change(move |acting| {
            let admission = acting
                .state
                .admit(&application, acting.now, ADMISSION_LIFETIME, &mut OsRandom)?;
            acting.admit(admission)
        })
        .await
    }

    /// Renews an active member's certificate and registration for a year with the content that they have, as is due after
    /// a change of root.
    ///
    /// Errors: `NotFound`, `StatusChangeRefused`.
    pub async fn renew(&self, organisation_id: &str) -> Result<Admission> {
        let id = organisation_id.to_owned();
        self.change(move |acting| {
            let admission = acting.state.renew(&id, acting.now, ADMISSION_LIFETIME, &mut OsRandom)?;
            acting.admit(admission)
        })
        .await
    }

    /// Suspends a member, with the next list.
    pub async fn suspend(&self, organisation_id: &str) -> Result<()> {
        self.set_status(organisation_id, Status::Suspended, None).await
    }

    /// Makes a suspended member active again, with the next list.
    pub async fn reinstate(&self, organisation_id: &str) -> Result<()> {
        self.set_status(organisation_id, Status::Active, None).await
    }

    /// Expels a member for good, with the next list.
    pub async fn expel(&self, organisation_id: &str) -> Result<()> {
        self.set_status(organisation_id, Status::Expelled, None).await
    }

    /// Changes where a member stands, with the next list; `note` says why, in the operator's log.
    ///
    /// Errors: `NotFound`, `StatusChangeRefused`, `TooLarge` for a note of more than 1 KiB.
    pub async fn set_status(&self, organisation_id: &str, to: Status, note: Option<String>) -> Result<()> {
        let id = organisation_id.to_owned();
        self.change(move |acting| {
            let (state, note, now) = (&mut acting.state, note.as_deref(), acting.now);
            Ok(match to {
                Status::Active => state.reinstate(&id, note, now),
                Status::Suspended => state.suspend(&id, note, now),
                Status::Expelled => state.expel(&id, note, now),
            }?)
        })
        .await
    }

    /// Replaces the root, and certifies the registrar anew. What the old root signed is believed for `retire_days` yet;
    /// its key is deleted. Counts with the next list; then [`Framework::renew`] every member.
    ///
    /// Errors: `Malformed` where two earlier roots have still to be known.
    pub async fn rotate_root(&self, retire_days: u16) -> Result<()> {
        self.change(move |acting| {
            let new_root = SigningKey::generate(&mut OsRandom);
            let registrar = SigningKey::generate(&mut OsRandom);
            let lifetimes = RootLifetimes {
                root: ROOT_LIFETIME,
                registrar: REGISTRAR_LIFETIME,
                retires_in: u32::from(retire_days) * DAY,
            };
            let (new, registrar_key) = (new_root.public(), registrar.public());
            let rotation = acting
                .state
                .rotate_root(&new, &registrar_key, lifetimes, acting.now, &mut OsRandom)?;
            let old = acting.root.sign(rotation.new_with_old_to_sign());
            let signatures = NewRootSignatures {
                root: new_root.sign(rotation.root_to_sign()),
                old_with_new: new_root.sign(rotation.old_with_new_to_sign()),
                registrar: new_root.sign(rotation.registrar_to_sign()),
            };
            acting.state.complete_rotation(rotation, &old, &signatures)?;
            (acting.root, acting.registrar) = (new_root, registrar);
            Ok(())
        })
        .await
    }

    /// Gives the registrar another key and certificate. The one before counts until it ends.
    pub async fn rotate_registrar(&self) -> Result<()> {
        self.change(move |acting| {
            let registrar = SigningKey::generate(&mut OsRandom);
            let change =
                acting
                    .state
                    .change_registrar(&registrar.public(), REGISTRAR_LIFETIME, acting.now, &mut OsRandom)?;
            let signature = acting.root.sign(change.to_sign());
            acting.state.complete_registrar(change, &signature)?;
            acting.registrar = registrar;
            Ok(())
        })
        .await
    }

    /// Says where the framework's directory of organisations lies, with the next list, so that phones find it by themselves;
    /// `None` takes that back.
    ///
    /// Errors: `AddressRefused` for an address that no phone would ask.
    pub async fn set_directory(&self, url: Option<&str>) -> Result<()> {
        if let Some(url) = url {
            self.home.mail.check(url)?;
        }
        let url = url.map(str::to_owned);
        self.change(move |acting| Ok(acting.state.set_directory(url.as_deref(), acting.now)?))
            .await
    }

    /// Publishes terms, with the next list. Applicants have to accept them from now on.
    ///
    /// Errors: `Malformed` where a language lacks its summary or its text, or the version is the one in force; `TooLarge`.
    pub async fn publish_terms(&self, draft: TermsDraft) -> Result<TermsNotice> {
        self.change(move |acting| {
            let terms = FrameworkTerms {
                terms_version: draft.version,
                effective: draft.effective.unwrap_or(acting.now),
                summary: Localised(draft.summary),
                text: Localised(draft.text),
                replaces: None,
            };
            let publication = acting.state.publish_terms(terms, acting.now)?;
            let signature = acting.registrar.sign(publication.to_sign());
            acting.state.complete_terms(publication, &signature)?;
            acting.state.terms().cloned().ok_or_else(missing)
        })
        .await
    }

    /// How the framework stands: certificates, members, lists, and what has to be done next.
    pub async fn status(&self) -> Result<FrameworkStatus> {
        self.home
            .blocking(|home| Ok(state(home)?.status(home.platform.now())?))
            .await
    }

    /// What the operator did, first entry first, verified against the state.
    ///
    /// Errors: `HistoryBroken` with the first entry that was changed.
    pub async fn log(&self) -> Result<Vec<LogEntry>> {
        self.home
            .blocking(|home| {
                let entries = home.vault.all_kept(LOG)?;
                let stored = entries.iter().map(|(_, bytes)| bytes.as_slice());
                Ok(LogEntry::read_all(stored, state(home)?.log_head())?)
            })
            .await
    }

    /// Publishes the next list; its successor is due within `valid_days`.
    pub async fn publish(&self, valid_days: u16) -> Result<AnchorBundle> {
        let (list, certificate, terms) = self
            .change(move |acting| {
                let publication = acting.state.publish(acting.now, u32::from(valid_days) * DAY)?;
                let signature = acting.registrar.sign(publication.to_sign());
                let list = acting.state.complete_publication(publication, &signature)?;
                let terms = acting.state.terms_statement().map(str::to_owned);
                Ok((list, acting.state.anchor("").certificate, terms))
            })
            .await?;
        let profile: FrameworkProfile = self.home.blocking(|home| read(home, PROFILE)).await?;
        let certificate = BASE64_STANDARD.encode(certificate);
        Ok(AnchorBundle {
            kist_anchor: 1,
            label: profile.label,
            kind: AnchorKind::Framework,
            certificate,
            list,
            list_url: profile.list_url,
            terms,
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

    /// Changes the state and stores it, with the log and the keys that were changed, before anything of the change is given
    /// out.
    async fn change<T, F>(&self, act: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Acting) -> Result<T> + Send + 'static,
    {
        self.home
            .blocking(move |home| {
                let (root, registrar) = (key(home, ROOT_KEY)?, key(home, REGISTRAR_KEY)?);
                let before = (root.public(), registrar.public());
                home.transaction(|changes| {
                    let state = changes.kept(COLLECTION, STATE)?.ok_or_else(missing)?;
                    let mut acting = Acting {
                        state: FrameworkState::from_json(&state)?,
                        root,
                        registrar,
                        now: home.platform.now(),
                    };
                    let outcome = act(&mut acting)?;
                    keep_state(changes, &mut acting.state)?;
                    if before.0 != acting.root.public() {
                        changes.keep(COLLECTION, ROOT_KEY, acting.root.to_secret().expose())?;
                    }
                    if before.1 != acting.registrar.public() {
                        changes.keep(COLLECTION, REGISTRAR_KEY, acting.registrar.to_secret().expose())?;
                    }
                    Ok(outcome)
                })
            })
            .await
    }
}

/// The operator at work: the state and the keys that sign for it.
struct Acting {
    state: FrameworkState,
    root: SigningKey,
    registrar: SigningKey,
    now: i64,
}

impl Acting {
    fn admit(&mut self, admission: kist_trust::framework::Admission) -> Result<Admission> {
        let certificate = self.root.sign(admission.certificate_to_sign());
        let registration = self.registrar.sign(admission.registration_to_sign());
        let Admitted { chain, registration } = self.state.complete_admission(admission, &certificate, &registration)?;
        Ok(Admission {
            kist_admission: 1,
            chain: chain.iter().map(|der| BASE64_STANDARD.encode(der)).collect(),
            registration,
        })
    }
}

/// Keeps the state with what its log has gained.
fn keep_state(changes: &Transaction<'_>, state: &mut FrameworkState) -> Result<()> {
    for entry in state.take_log() {
        changes.keep(LOG, &format!("{:020}", entry.sequence), &entry.to_bytes()?)?;
    }
    Ok(changes.keep(COLLECTION, STATE, &state.to_json()?)?)
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
