//! The members of a framework: admitted, renewed, suspended, reinstated, expelled.

use kist_crypto::es256::PublicKey;
use kist_crypto::{CryptoRng, base64url, jws, sha256};
use serde::{Deserialize, Serialize};

use super::log::MAX_NOTE;
use super::state::{check_size, validity};
use super::{Act, Application, FrameworkState};
use crate::certificate::{self, Issuer, Unsigned};
use crate::encoding::der_base64;
use crate::registration::MAX_REGISTRATION;
use crate::{Certificate, Entry, Error, Registration, Result, Status, Subject};

/// An organisation that was admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// What it registered last.
    pub registration: Registration,
    /// Where it stands.
    pub status: Status,
    /// Since when, in Unix seconds.
    pub since: i64,
    /// The types (`vct`) of the credentials that it may issue.
    pub issues: Vec<String>,
    certificates: Vec<AccessCertificate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AccessCertificate {
    #[serde(with = "der_base64")]
    der: Vec<u8>,
    not_after: i64,
}

/// An admission that waits for its two signatures.
#[derive(Debug, Clone)]
pub struct Admission {
    certificate: Unsigned,
    statement: jws::Unsigned,
    registration: Registration,
    issues: Vec<String>,
}

impl Admission {
    /// What the root key signs: the access certificate.
    pub fn certificate_to_sign(&self) -> &[u8] {
        self.certificate.to_sign()
    }

    /// What the registrar's key signs: the registration.
    pub fn registration_to_sign(&self) -> &[u8] {
        self.statement.signing_input()
    }
}

/// What an admitted organisation is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Its certificates in DER, leaf first, without the anchor: what goes into `x5c`.
    pub chain: Vec<Vec<u8>>,
    /// Its registration, a compact JWS: what goes into `verifier_info`.
    pub registration: String,
}

/// What is certified and registered.
struct Admissible<'a> {
    registration: Registration,
    key: &'a PublicKey,
    dns_name: Option<&'a str>,
    issues: Vec<String>,
}

impl FrameworkState {
    /// Prepares to admit an applicant, or to renew a member's certificate and registration by a new application, for
    /// `lifetime` seconds from `now`, and never beyond the root's and the registrar's validity.
    ///
    /// Errors: `StatusChangeRefused` for a member that is suspended or expelled, `TermsNotAccepted` where other terms are
    /// in force than the applicant accepted, `Malformed` with the member that is.
    pub fn admit<R: CryptoRng + ?Sized>(
        &self,
        application: &Application,
        now: i64,
        lifetime: u32,
        rng: &mut R,
    ) -> Result<Admission> {
        if let Some(terms) = self.terms().filter(|terms| terms.terms() != application.terms) {
            return Err(Error::TermsNotAccepted {
                current: terms.version.clone(),
                found: application.terms.version.clone(),
            });
        }
        let organisation = &application.organisation;
        let admissible = Admissible {
            registration: Registration {
                organisation_id: organisation.organisation_id.clone(),
                legal_name: organisation.legal_name.clone(),
                country: organisation.country.clone(),
                contacts: application.contacts.clone(),
                supervisory_authority: application.supervisory_authority.clone(),
                privacy_policy: application.privacy_policy.clone(),
                intended_uses: application.intended_uses.clone(),
                suppliers: application.suppliers.clone(),
                terms: application.terms.clone(),
                issued: now,
                expires: now,
            },
            key: &application.public_key()?,
            dns_name: application.dns_name.as_deref(),
            issues: application.issues.clone(),
        };
        self.prepare(admissible, lifetime, rng)
    }

    /// Prepares to renew a member's certificate and registration with the same key and content, as after a change of root.
    ///
    /// Errors: `NotAMember`, `StatusChangeRefused`.
    pub fn renew<R: CryptoRng + ?Sized>(
        &self,
        organisation_id: &str,
        now: i64,
        lifetime: u32,
        rng: &mut R,
    ) -> Result<Admission> {
        let member = self.members.get(organisation_id).ok_or(Error::NotAMember)?;
        let newest = member.newest_certificate()?.ok_or(Error::NotAMember)?;
        let admissible = Admissible {
            registration: Registration {
                issued: now,
                ..member.registration.clone()
            },
            key: &newest.key(),
            dns_name: newest.dns_names().first().map(String::as_str),
            issues: member.issues.clone(),
        };
        self.prepare(admissible, lifetime, rng)
    }

    fn prepare<R: CryptoRng + ?Sized>(
        &self,
        admissible: Admissible<'_>,
        lifetime: u32,
        rng: &mut R,
    ) -> Result<Admission> {
        let mut registration = admissible.registration;
        self.check_admissible(&registration.organisation_id)?;
        let (root, registrar) = (
            Certificate::from_der(&self.root)?,
            Certificate::from_der(&self.registrar)?,
        );
        let now = registration.issued;
        let mut validity = validity(now, lifetime);
        validity.not_after = validity.not_after.min(root.not_after()).min(registrar.not_after());
        registration.expires = validity.not_after;
        let issuer = Issuer {
            subject: &self.operator,
            key: &root.key(),
        };
        let subject = Subject {
            legal_name: registration.legal_name.clone(),
            organisation_id: registration.organisation_id.clone(),
            country: registration.country.clone(),
        };
        let certificate = certificate::access(&issuer, &subject, admissible.dns_name, admissible.key, validity, rng)?;
        Ok(Admission {
            certificate,
            statement: registration.unsigned(&self.chain_of(&self.registrar, now))?,
            registration,
            issues: admissible.issues,
        })
    }

    /// Completes an admission. It counts for others once it is published. `TooLarge` where phones would not read it.
    pub fn complete_admission(
        &mut self,
        admission: Admission,
        root_signature: &[u8; 64],
        registrar_signature: &[u8; 64],
    ) -> Result<Admitted> {
        let id = admission.registration.organisation_id.clone();
        self.check_admissible(&id)?;
        let root_key = Certificate::from_der(&self.root)?.key();
        let certificate = admission.certificate.complete(root_signature, &root_key)?;
        let registration = self.complete_statement(admission.statement, registrar_signature)?;
        check_size(&registration, "registration", MAX_REGISTRATION)?;
        let now = admission.registration.issued;
        let act = Act::Admitted {
            organisation: id.clone(),
            certificate: base64url(certificate.sha256()),
            registration: base64url(sha256(&[registration.as_bytes()])),
        };
        self.log(act, now)?;
        let mut member = self.members.remove(&id).unwrap_or_else(|| Member {
            registration: admission.registration.clone(),
            status: Status::Active,
            since: now,
            issues: Vec::new(),
            certificates: Vec::new(),
        });
        member.registration = admission.registration;
        member.issues = admission.issues;
        member.certificates.retain(|certificate| certificate.not_after >= now);
        member.certificates.push(AccessCertificate {
            der: certificate.der().to_vec(),
            not_after: certificate.not_after(),
        });
        self.members.insert(id, member);
        Ok(Admitted {
            chain: self.chain_of(certificate.der(), now),
            registration,
        })
    }

    /// Suspends an active member. `note` says why, in the operator's log.
    pub fn suspend(&mut self, organisation_id: &str, note: Option<&str>, now: i64) -> Result<()> {
        self.change_status(organisation_id, Status::Suspended, note, now)
    }

    /// Makes a suspended member active again. `note` says why, in the operator's log.
    pub fn reinstate(&mut self, organisation_id: &str, note: Option<&str>, now: i64) -> Result<()> {
        self.change_status(organisation_id, Status::Active, note, now)
    }

    /// Expels a member, for good. `note` says why, in the operator's log.
    pub fn expel(&mut self, organisation_id: &str, note: Option<&str>, now: i64) -> Result<()> {
        self.change_status(organisation_id, Status::Expelled, note, now)
    }

    fn change_status(&mut self, organisation_id: &str, to: Status, note: Option<&str>, now: i64) -> Result<()> {
        let from = self.members.get(organisation_id).ok_or(Error::NotAMember)?.status;
        if from == Status::Expelled || from == to {
            return Err(Error::StatusChangeRefused { from, to });
        }
        if note.is_some_and(|note| note.len() > MAX_NOTE) {
            return Err(Error::TooLarge {
                what: "note",
                limit: MAX_NOTE,
            });
        }
        let (organisation, note) = (organisation_id.to_owned(), note.map(str::to_owned));
        let act = match to {
            Status::Active => Act::Reinstated { organisation, note },
            Status::Suspended => Act::Suspended { organisation, note },
            Status::Expelled => Act::Expelled { organisation, note },
        };
        self.log(act, now)?;
        if let Some(member) = self.members.get_mut(organisation_id) {
            member.status = to;
            member.since = now;
        }
        Ok(())
    }

    fn check_admissible(&self, organisation_id: &str) -> Result<()> {
        match self.members.get(organisation_id).map(|member| member.status) {
            None | Some(Status::Active) => Ok(()),
            Some(from) => Err(Error::StatusChangeRefused {
                from,
                to: Status::Active,
            }),
        }
    }
}

impl Member {
    /// The access certificate that it was given last.
    pub(super) fn newest_certificate(&self) -> Result<Option<Certificate>> {
        let newest = self.certificates.last();
        newest.map(|newest| Certificate::from_der(&newest.der)).transpose()
    }

    pub(super) fn entry(&self, now: i64) -> Entry {
        let current = self
            .certificates
            .iter()
            .filter(|certificate| certificate.not_after >= now);
        Entry {
            organisation_id: self.registration.organisation_id.clone(),
            legal_name: self.registration.legal_name.clone(),
            contacts: self.registration.contacts.clone(),
            status: self.status,
            since: self.since,
            registered: self.registration.issued,
            certificates: current.map(|certificate| sha256(&[&certificate.der])).collect(),
            issues: self.issues.clone(),
        }
    }
}
