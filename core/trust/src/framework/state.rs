//! What an operator keeps: the framework's certificates, its members, its terms, and what was published.

use std::collections::BTreeMap;

use kist_crypto::es256::PublicKey;
use kist_crypto::{CryptoRng, base64url, jws};
use serde::{Deserialize, Serialize};

use super::roots::Link;
use super::{Act, ListStatus, LogEntry, LogHead, Member};
use crate::certificate::{self, Issuer, Unsigned, Validity};
use crate::encoding::der_base64;
use crate::lote::{self, Lote};
use crate::registration::{Versioned, check_version};
use crate::{Anchor, AnchorKind, Certificate, Error, FrameworkTerms, Result, Subject, TermsNotice, json, signed};

const VERSION: u64 = 1;
const MALFORMED: Error = Error::Malformed {
    what: "framework state",
};
/// By how many seconds certificates begin before they are issued, for phones whose clocks are behind.
const BACKDATED: i64 = 3600;

/// A framework: its certificates, its members, its terms, and how many lists it has published. Holds no key.
///
/// Each change adds to the operator's log: keep what [`FrameworkState::take_log`] gives together with the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkState {
    pub(super) operator: Subject,
    #[serde(with = "der_base64")]
    pub(super) root: Vec<u8>,
    #[serde(with = "der_base64")]
    pub(super) registrar: Vec<u8>,
    /// Newest first.
    #[serde(default)]
    pub(super) links: Vec<Link>,
    sequence: u64,
    #[serde(default)]
    published: Option<ListStatus>,
    /// Whether something that counts with the next list was changed since.
    #[serde(default)]
    changed: bool,
    #[serde(default)]
    terms: Option<KeptTerms>,
    /// Where the framework's directory lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    pub(super) members: BTreeMap<String, Member>,
    #[serde(default)]
    log_head: LogHead,
    #[serde(skip)]
    pending: Vec<LogEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptTerms {
    notice: TermsNotice,
    statement: String,
}

/// A new framework that waits for the root's signatures.
#[derive(Debug, Clone)]
pub struct Founding {
    operator: Subject,
    root_key: PublicKey,
    root: Unsigned,
    registrar: Unsigned,
    at: i64,
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
        let mut state = FrameworkState {
            operator: self.operator,
            root: root.der().to_vec(),
            registrar: registrar.der().to_vec(),
            links: Vec::new(),
            sequence: 0,
            published: None,
            changed: false,
            terms: None,
            directory: None,
            members: BTreeMap::new(),
            log_head: LogHead::default(),
            pending: Vec::new(),
        };
        let root = base64url(root.sha256());
        state.log(Act::Founded { root }, self.at)?;
        Ok(state)
    }
}

/// A list that waits for the registrar's signature.
#[derive(Debug, Clone)]
pub struct Publication {
    statement: jws::Unsigned,
    list: ListStatus,
    sha256: String,
}

impl Publication {
    /// What the registrar's key signs.
    pub fn to_sign(&self) -> &[u8] {
        self.statement.signing_input()
    }
}

/// Terms that wait for the registrar's signature.
#[derive(Debug, Clone)]
pub struct TermsPublication {
    statement: jws::Unsigned,
    notice: TermsNotice,
    at: i64,
}

impl TermsPublication {
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
            at: now,
        })
    }

    /// Reads what [`FrameworkState::to_json`] wrote.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let value = json::read(bytes).ok_or(MALFORMED)?;
        check_version(&value, VERSION, MALFORMED)?;
        serde_json::from_value(value).map_err(|_| MALFORMED)
    }

    /// The state as JSON, for the operator's disk.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(&Versioned::new(VERSION, self)).map_err(|_| MALFORMED)
    }

    /// The entries that the operator's log has gained since it was asked last, to be kept with the state.
    pub fn take_log(&mut self) -> Vec<LogEntry> {
        std::mem::take(&mut self.pending)
    }

    /// Where the operator's log stands.
    pub fn log_head(&self) -> &LogHead {
        &self.log_head
    }

    /// The root, to be pinned under `label`.
    pub fn anchor(&self, label: impl Into<String>) -> Anchor {
        Anchor {
            label: label.into(),
            kind: AnchorKind::Framework,
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

    /// The list published last.
    pub fn published(&self) -> Option<&ListStatus> {
        self.published.as_ref()
    }

    /// Whether something that counts with the next list was changed since the last.
    pub fn has_unpublished_changes(&self) -> bool {
        self.changed
    }

    /// Its members by organisation id, whatever their status.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.members
    }

    /// The terms that were published last.
    pub fn terms(&self) -> Option<&TermsNotice> {
        self.terms.as_ref().map(|terms| &terms.notice)
    }

    /// The terms that were published last, as they were signed: a compact JWS.
    pub fn terms_statement(&self) -> Option<&str> {
        self.terms.as_ref().map(|terms| terms.statement.as_str())
    }

    /// Where the framework's directory of organisations lies.
    pub fn directory(&self) -> Option<&str> {
        self.directory.as_deref()
    }

    /// Says where the framework's directory of organisations lies, with the next list; `None` takes that back. `Malformed`
    /// for what is no address of the web.
    pub fn set_directory(&mut self, url: Option<&str>, now: i64) -> Result<()> {
        if url.is_some_and(|url| !lote::is_address(url)) {
            return Err(Error::Malformed { what: "directory" });
        }
        if self.directory.as_deref() == url {
            return Ok(());
        }
        let url = url.map(str::to_owned);
        self.log(Act::DirectoryChanged { url: url.clone() }, now)?;
        self.directory = url;
        Ok(())
    }

    /// Prepares to publish terms. They replace those in force, which `replaces` names from here on.
    pub fn publish_terms(&self, mut terms: FrameworkTerms, now: i64) -> Result<TermsPublication> {
        let notice = self.terms();
        if notice.is_some_and(|notice| notice.version == terms.terms_version) {
            return Err(Error::Malformed { what: "terms_version" });
        }
        terms.replaces = notice.map(|notice| notice.sha256.clone());
        let (statement, sha256) = terms.unsigned(&self.chain_of(&self.registrar, now))?;
        Ok(TermsPublication {
            statement,
            notice: TermsNotice {
                version: terms.terms_version,
                sha256: base64url(sha256),
                effective: terms.effective,
            },
            at: now,
        })
    }

    /// Completes the publication of terms: a compact JWS. They count for others with the next list, and applicants have to
    /// accept them from now on.
    pub fn complete_terms(&mut self, publication: TermsPublication, signature: &[u8; 64]) -> Result<String> {
        let statement = self.complete_statement(publication.statement, signature)?;
        let act = Act::TermsPublished {
            version: publication.notice.version.clone(),
            terms: publication.notice.sha256.clone(),
        };
        self.log(act, publication.at)?;
        self.terms = Some(KeptTerms {
            notice: publication.notice,
            statement: statement.clone(),
        });
        Ok(statement)
    }

    /// Prepares the next list; the one after it is due within `lifetime` seconds from `now`.
    pub fn publish(&self, now: i64, lifetime: u32) -> Result<Publication> {
        let sequence = self.sequence.checked_add(1).ok_or(MALFORMED)?;
        let next_update = now.saturating_add(i64::from(lifetime));
        let list = Lote {
            sequence,
            issued: now,
            next_update,
            operator: self.operator.legal_name.clone(),
            country: self.operator.country.clone(),
            root: Some(self.root.clone()),
            links: self.links_after(now).into_iter().map(|link| link.der).collect(),
            terms: self.terms().cloned(),
            log_head: self.log_head.bytes(),
            directory: self.directory.clone(),
            entries: self.members.values().map(|member| member.entry(now)).collect(),
        };
        let (statement, sha256) = signed::unsigned(lote::TYP, &self.chain_of(&self.registrar, now), &list.write()?)?;
        Ok(Publication {
            statement,
            sha256: base64url(sha256),
            list: ListStatus {
                sequence,
                issued: now,
                next_update,
            },
        })
    }

    /// Completes a list: a compact JWS, to be put where phones fetch it. `TooLarge` where phones would not read it.
    pub fn complete_publication(&mut self, publication: Publication, signature: &[u8; 64]) -> Result<String> {
        let statement = self.complete_statement(publication.statement, signature)?;
        check_size(&statement, "trust list", jws::MAX_JWS)?;
        let list = publication.list;
        let act = Act::Published {
            sequence: list.sequence,
            list: publication.sha256,
        };
        self.log(act, list.issued)?;
        self.changed = false;
        self.sequence = list.sequence.max(self.sequence);
        self.published = Some(list);
        Ok(statement)
    }

    /// Notes in the log what was done, before it is.
    pub(super) fn log(&mut self, act: Act, at: i64) -> Result<()> {
        let (entry, head) = self.log_head.append(act, at)?;
        self.log_head = head;
        self.pending.push(entry);
        self.changed = true;
        Ok(())
    }

    /// A statement of the registrar's.
    pub(super) fn complete_statement(&self, statement: jws::Unsigned, signature: &[u8; 64]) -> Result<String> {
        let registrar = Certificate::from_der(&self.registrar)?.key();
        registrar
            .verify(statement.signing_input(), signature)
            .map_err(|_| Error::SignatureInvalid)?;
        Ok(statement.complete(signature))
    }
}

pub(super) fn check_size(compact: &str, what: &'static str, limit: usize) -> Result<()> {
    if compact.len() > limit {
        return Err(Error::TooLarge { what, limit });
    }
    Ok(())
}

pub(super) fn validity(now: i64, lifetime: u32) -> Validity {
    Validity {
        not_before: now.saturating_sub(BACKDATED),
        not_after: now.saturating_add(i64::from(lifetime)),
    }
}
