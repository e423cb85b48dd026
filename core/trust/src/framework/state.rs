//! What an operator keeps, and what it does: found, admit, suspend, reinstate, expel, publish.

use std::collections::BTreeMap;

use kist_crypto::es256::PublicKey;
use kist_crypto::{CryptoRng, jws, sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Application;
use crate::certificate::{self, Issuer, Unsigned, Validity};
use crate::encoding::der_base64;
use crate::lote::{self, Lote};
use crate::registration::{MAX_REGISTRATION, Versioned};
use crate::{Anchor, Certificate, Entry, Error, Registration, Result, Status, Subject, signed};

const VERSION: u64 = 1;
const MALFORMED: Error = Error::Malformed {
    what: "framework state",
};
/// By how many seconds certificates begin before they are issued, for phones whose clocks are behind.
const BACKDATED: i64 = 3600;

/// A framework: its certificates, its members, and how many lists it has published. Holds no key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkState {
    operator: Subject,
    #[serde(with = "der_base64")]
    root: Vec<u8>,
    #[serde(with = "der_base64")]
    registrar: Vec<u8>,
    sequence: u64,
    members: BTreeMap<String, Member>,
}

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

/// A new framework that waits for the root's signatures.
#[derive(Debug, Clone)]
pub struct Founding {
    operator: Subject,
    root_key: PublicKey,
    root: Unsigned,
    registrar: Unsigned,
}

impl Founding {
    /// What the root key signs first: its own certificate.
    pub fn root_to_sign(&self) -> &[u8] {
        self.root.to_sign()
    }

    /// What the root key signs second: the registrar's certificate.
    pub fn registrar_to_sign(&self) -> &[u8] {
        self.registrar.to_sign()
    }

    /// The framework, without members.
    pub fn complete(self, root_signature: &[u8; 64], registrar_signature: &[u8; 64]) -> Result<FrameworkState> {
        let root = self.root.complete(root_signature, &self.root_key)?;
        let registrar = self.registrar.complete(registrar_signature, &self.root_key)?;
        Ok(FrameworkState {
            operator: self.operator,
            root: root.der().to_vec(),
            registrar: registrar.der().to_vec(),
            sequence: 0,
            members: BTreeMap::new(),
        })
    }
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

/// A list that waits for the registrar's signature.
#[derive(Debug, Clone)]
pub struct Publication {
    statement: jws::Unsigned,
    sequence: u64,
}

impl Publication {
    /// What the registrar's key signs.
    pub fn to_sign(&self) -> &[u8] {
        self.statement.signing_input()
    }
}

impl FrameworkState {
    /// A new framework of `operator`, whose root and registrar are valid for `lifetime` seconds from `now`.
    pub fn found<R: CryptoRng + ?Sized>(
        operator: Subject,
        root_key: &PublicKey,
        registrar_key: &PublicKey,
        now: i64,
        lifetime: u32,
        rng: &mut R,
    ) -> Result<Founding> {
        let validity = validity(now, lifetime);
        let issuer = Issuer {
            subject: &operator,
            key: root_key,
        };
        let root = certificate::root(&operator, root_key, validity, rng)?;
        let registrar = certificate::registrar(&issuer, registrar_key, validity, rng)?;
        Ok(Founding {
            root,
            registrar,
            operator,
            root_key: *root_key,
        })
    }

    /// Reads what [`FrameworkState::to_json`] wrote.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let value: Value = serde_json::from_slice(json).map_err(|_| MALFORMED)?;
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => serde_json::from_value(value).map_err(|_| MALFORMED),
            Some(found) => Err(Error::UnsupportedVersion { found }),
            None => Err(MALFORMED),
        }
    }

    /// The state as JSON, for the operator's disk.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(&Versioned::new(VERSION, self)).map_err(|_| MALFORMED)
    }

    /// The root, to be pinned under `label`.
    pub fn anchor(&self, label: impl Into<String>) -> Anchor {
        Anchor {
            label: label.into(),
            certificate: self.root.clone(),
        }
    }

    /// Who operates it.
    pub fn operator(&self) -> &Subject {
        &self.operator
    }

    /// The sequence number of the list published last; 0 where there is none.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Its members by organisation id, whatever their status.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.members
    }

    /// Prepares to admit an applicant, or to renew a member's certificate and registration, for `lifetime` seconds from
    /// `now`, and never beyond the root's validity. Refused for a member that is suspended or expelled.
    pub fn admit<R: CryptoRng + ?Sized>(
        &self,
        application: &Application,
        now: i64,
        lifetime: u32,
        rng: &mut R,
    ) -> Result<Admission> {
        let organisation = &application.organisation;
        self.check_admissible(&organisation.organisation_id)?;
        let root = Certificate::from_der(&self.root)?;
        let mut validity = validity(now, lifetime);
        validity.not_after = validity.not_after.min(root.not_after());
        let issuer = Issuer {
            subject: &self.operator,
            key: &root.key(),
        };
        let key = application.public_key()?;
        let dns_name = application.dns_name.as_deref();
        let certificate = certificate::access(&issuer, organisation, dns_name, &key, validity, rng)?;
        let registration = Registration {
            organisation_id: organisation.organisation_id.clone(),
            legal_name: organisation.legal_name.clone(),
            country: organisation.country.clone(),
            contacts: application.contacts.clone(),
            supervisory_authority: application.supervisory_authority.clone(),
            privacy_policy: application.privacy_policy.clone(),
            intended_uses: application.intended_uses.clone(),
            terms: application.terms.clone(),
            issued: now,
            expires: validity.not_after,
        };
        Ok(Admission {
            certificate,
            statement: registration.unsigned(&self.registrar)?,
            registration,
            issues: application.issues.clone(),
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
            chain: vec![certificate.der().to_vec()],
            registration,
        })
    }

    /// Suspends an active member.
    pub fn suspend(&mut self, organisation_id: &str, now: i64) -> Result<()> {
        self.change_status(organisation_id, Status::Suspended, now)
    }

    /// Makes a suspended member active again.
    pub fn reinstate(&mut self, organisation_id: &str, now: i64) -> Result<()> {
        self.change_status(organisation_id, Status::Active, now)
    }

    /// Expels a member, for good.
    pub fn expel(&mut self, organisation_id: &str, now: i64) -> Result<()> {
        self.change_status(organisation_id, Status::Expelled, now)
    }

    /// Prepares the next list; the one after it is due within `lifetime` seconds from `now`.
    pub fn publish(&self, now: i64, lifetime: u32) -> Result<Publication> {
        let sequence = self.sequence.checked_add(1).ok_or(MALFORMED)?;
        let list = Lote {
            sequence,
            issued: now,
            next_update: now.saturating_add(i64::from(lifetime)),
            operator: self.operator.legal_name.clone(),
            country: self.operator.country.clone(),
            entries: self.members.values().map(|member| member.entry(now)).collect(),
        };
        Ok(Publication {
            statement: signed::unsigned(lote::TYP, &self.registrar, &list.write()?)?,
            sequence,
        })
    }

    /// Completes a list: a compact JWS, to be put where phones fetch it. `TooLarge` where phones would not read it.
    pub fn complete_publication(&mut self, publication: Publication, signature: &[u8; 64]) -> Result<String> {
        let list = self.complete_statement(publication.statement, signature)?;
        check_size(&list, "trust list", jws::MAX_JWS)?;
        self.sequence = publication.sequence.max(self.sequence);
        Ok(list)
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

    fn change_status(&mut self, organisation_id: &str, to: Status, now: i64) -> Result<()> {
        let member = self.members.get_mut(organisation_id).ok_or(Error::NotAMember)?;
        let from = member.status;
        if from == Status::Expelled || from == to {
            return Err(Error::StatusChangeRefused { from, to });
        }
        member.status = to;
        member.since = now;
        Ok(())
    }

    fn complete_statement(&self, statement: jws::Unsigned, signature: &[u8; 64]) -> Result<String> {
        let registrar = Certificate::from_der(&self.registrar)?.key();
        registrar
            .verify(statement.signing_input(), signature)
            .map_err(|_| Error::SignatureInvalid)?;
        Ok(statement.complete(signature))
    }
}

impl Member {
    fn entry(&self, now: i64) -> Entry {
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

fn check_size(compact: &str, what: &'static str, limit: usize) -> Result<()> {
    if compact.len() > limit {
        return Err(Error::TooLarge { what, limit });
    }
    Ok(())
}

fn validity(now: i64, lifetime: u32) -> Validity {
    Validity {
        not_before: now.saturating_sub(BACKDATED),
        not_after: now.saturating_add(i64::from(lifetime)),
    }
}
