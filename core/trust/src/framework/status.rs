//! How a framework stands: what its operator looks at, and what has to be done next.

use kist_crypto::base64url;
use serde::{Deserialize, Serialize};

use super::state::FrameworkState;
use super::{LogHead, Member};
use crate::{Certificate, Result, Status, Subject, TermsNotice};

/// How many seconds before a list is due the operator is reminded.
const LIST_NOTICE: i64 = 3 * 86_400;
/// How many seconds before a member's certificate or registration ends the operator is reminded.
const MEMBER_NOTICE: i64 = 30 * 86_400;
/// How many seconds before a root or a registrar's certificate ends the operator is reminded: the members' ones can't last
/// longer than that any more.
const ROOT_NOTICE: i64 = 366 * 86_400;

/// How a framework stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameworkStatus {
    /// Who operates it.
    pub operator: Subject,
    /// Its root.
    pub root: CertificateStatus,
    /// Its registrar's certificate.
    pub registrar: CertificateStatus,
    /// When the root before this one retires, in Unix seconds.
    pub old_root_retires: Option<i64>,
    /// The terms in force.
    pub terms: Option<TermsNotice>,
    /// Where its directory of organisations lies.
    pub directory: Option<String>,
    /// The list that was published last.
    pub list: Option<ListStatus>,
    /// Whether something was changed since, that counts for others with the next list.
    pub unpublished_changes: bool,
    /// Its members by id.
    pub members: Vec<MemberStatus>,
    /// Where the operator's log stands.
    pub log: LogHead,
    /// What the operator has to know or to do, most urgent first.
    pub notices: Vec<Notice>,
}

/// A certificate of the framework's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateStatus {
    /// SHA-256, base64url.
    pub sha256: String,
    /// Its last second, in Unix seconds.
    pub not_after: i64,
}

/// A list that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListStatus {
    /// Its sequence number.
    pub sequence: u64,
    /// When it was issued, in Unix seconds.
    pub issued: i64,
    /// When the next one is due, in Unix seconds.
    pub next_update: i64,
}

/// A member, as its operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberStatus {
    /// Its id.
    pub organisation_id: String,
    /// Its legal name.
    pub legal_name: String,
    /// Where it stands.
    pub status: Status,
    /// Since when, in Unix seconds.
    pub since: i64,
    /// When its newest certificate ends, in Unix seconds.
    pub certificate_expires: Option<i64>,
    /// When its registration ends, in Unix seconds.
    pub registration_expires: i64,
    /// Whether its newest certificate is of the root in force.
    pub on_current_root: bool,
    /// The version of the terms that it accepted.
    pub terms_version: String,
    /// The credential types that it may issue.
    pub issues: Vec<String>,
    /// Who may act for it, by id.
    pub suppliers: Vec<String>,
}

/// Something that the operator has to know or to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code")]
#[non_exhaustive]
pub enum Notice {
    /// The next list was due: phones go on for their grace and then refuse everybody.
    ListOverdue {
        /// When it was due, in Unix seconds.
        at: i64,
    },
    /// No list was published yet: nobody is believed.
    ListNeverPublished,
    /// Changes count for nobody until the next list.
    UnpublishedChanges,
    /// The next list is due soon.
    ListDue {
        /// When, in Unix seconds.
        at: i64,
    },
    /// The root ends within a year, and with it all that it signs.
    RootExpires {
        /// When, in Unix seconds.
        at: i64,
    },
    /// The registrar's certificate ends within a year.
    RegistrarExpires {
        /// When, in Unix seconds.
        at: i64,
    },
    /// A member's certificate is of the root that retires: it has to be renewed before.
    MemberOnOldRoot {
        /// Its id.
        organisation_id: String,
        /// When the root retires, in Unix seconds.
        at: i64,
    },
    /// A member's certificate or registration ends soon, or has ended.
    MemberExpires {
        /// Its id.
        organisation_id: String,
        /// When, in Unix seconds.
        at: i64,
    },
    /// A member accepted an earlier version of the terms.
    MemberOnOldTerms {
        /// Its id.
        organisation_id: String,
    },
    /// A member names a supplier that is no active member: nothing that it asks is believed.
    SupplierNotActive {
        /// The member's id.
        organisation_id: String,
        /// The supplier's.
        supplier: String,
    },
}

impl Notice {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Notice::ListOverdue { .. } => "ListOverdue",
            Notice::ListNeverPublished => "ListNeverPublished",
            Notice::UnpublishedChanges => "UnpublishedChanges",
            Notice::ListDue { .. } => "ListDue",
            Notice::RootExpires { .. } => "RootExpires",
            Notice::RegistrarExpires { .. } => "RegistrarExpires",
            Notice::MemberOnOldRoot { .. } => "MemberOnOldRoot",
            Notice::MemberExpires { .. } => "MemberExpires",
            Notice::MemberOnOldTerms { .. } => "MemberOnOldTerms",
            Notice::SupplierNotActive { .. } => "SupplierNotActive",
        }
    }
}

impl FrameworkState {
    /// How it stands at `now` (Unix seconds).
    pub fn status(&self, now: i64) -> Result<FrameworkStatus> {
        let (root, registrar) = (
            Certificate::from_der(&self.root)?,
            Certificate::from_der(&self.registrar)?,
        );
        let members = self.members().values();
        let members = members
            .map(|member| MemberStatus::of(member, &root))
            .collect::<Result<Vec<_>>>()?;
        let mut status = FrameworkStatus {
            operator: self.operator().clone(),
            root: CertificateStatus::of(&root),
            registrar: CertificateStatus::of(&registrar),
            old_root_retires: self.retires(now),
            terms: self.terms().cloned(),
            directory: self.directory().map(str::to_owned),
            list: self.published().cloned(),
            unpublished_changes: self.has_unpublished_changes(),
            members,
            log: self.log_head().clone(),
            notices: Vec::new(),
        };
        status.notices = self.notices(&status, now);
        Ok(status)
    }

    fn notices(&self, status: &FrameworkStatus, now: i64) -> Vec<Notice> {
        let mut notices = Vec::new();
        match &status.list {
            None => notices.push(Notice::ListNeverPublished),
            Some(list) if list.next_update < now => notices.push(Notice::ListOverdue { at: list.next_update }),
            Some(list) if list.next_update - LIST_NOTICE < now => {
                notices.push(Notice::ListDue { at: list.next_update })
            }
            Some(_) => {}
        }
        if status.unpublished_changes && status.list.is_some() {
            notices.push(Notice::UnpublishedChanges);
        }
        if status.root.not_after - ROOT_NOTICE < now {
            notices.push(Notice::RootExpires {
                at: status.root.not_after,
            });
        }
        if status.registrar.not_after - ROOT_NOTICE < now {
            notices.push(Notice::RegistrarExpires {
                at: status.registrar.not_after,
            });
        }
        let active = status.members.iter().filter(|member| member.status == Status::Active);
        active.for_each(|member| member.notices(status, now, &mut notices));
        notices
    }
}

impl CertificateStatus {
    fn of(certificate: &Certificate) -> Self {
        CertificateStatus {
            sha256: base64url(certificate.sha256()),
            not_after: certificate.not_after(),
        }
    }
}

impl MemberStatus {
    fn of(member: &Member, root: &Certificate) -> Result<Self> {
        let newest = member.newest_certificate()?;
        let suppliers = member.registration.suppliers.iter();
        Ok(MemberStatus {
            organisation_id: member.registration.organisation_id.clone(),
            legal_name: member.registration.legal_name.clone(),
            status: member.status,
            since: member.since,
            certificate_expires: newest.as_ref().map(Certificate::not_after),
            registration_expires: member.registration.expires,
            on_current_root: newest.is_some_and(|newest| newest.is_signed_by(root)),
            terms_version: member.registration.terms.version.clone(),
            issues: member.issues.clone(),
            suppliers: suppliers.map(|supplier| supplier.organisation_id.clone()).collect(),
        })
    }

    fn notices(&self, status: &FrameworkStatus, now: i64, notices: &mut Vec<Notice>) {
        let id = || self.organisation_id.clone();
        if let Some(at) = status.old_root_retires.filter(|_| !self.on_current_root) {
            notices.push(Notice::MemberOnOldRoot {
                organisation_id: id(),
                at,
            });
        }
        let certificate = self.certificate_expires.unwrap_or(i64::MIN);
        let at = certificate.min(self.registration_expires);
        if at.saturating_sub(MEMBER_NOTICE) < now {
            notices.push(Notice::MemberExpires {
                organisation_id: id(),
                at,
            });
        }
        if status
            .terms
            .as_ref()
            .is_some_and(|terms| terms.version != self.terms_version)
        {
            notices.push(Notice::MemberOnOldTerms { organisation_id: id() });
        }
        let active = |supplier: &String| {
            let mut members = status.members.iter();
            members.any(|member| member.organisation_id == *supplier && member.status == Status::Active)
        };
        for supplier in self.suppliers.iter().filter(|supplier| !active(supplier)) {
            notices.push(Notice::SupplierNotActive {
                organisation_id: id(),
                supplier: supplier.clone(),
            });
        }
    }
}
