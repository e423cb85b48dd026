//! What can go wrong in this room. A case says which rule was broken, and carries no personal data.

use crate::Status;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the trust room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An organisation, or its certificate, that is not believed.
    #[error("organisation not trusted: {reason:?}")]
    OrganisationNotTrusted {
        /// The first rule that it broke.
        reason: Reason,
    },
    /// The organisation that a supplier says to act for: it is not believed, or does not let the supplier act.
    #[error("organisation that a supplier acts for not trusted: {reason:?}")]
    PrincipalNotTrusted {
        /// The first rule that was broken.
        reason: Reason,
    },
    /// A list that the anchor's registrar did not sign as it should be signed.
    #[error("trust list not trusted: {reason:?}")]
    TrustListNotTrusted {
        /// The first rule that its signer broke.
        reason: Reason,
    },
    /// A list older than one that was seen before.
    #[error("trust list {found} is older than list {seen}")]
    RollbackDetected {
        /// The highest sequence number seen before.
        seen: u64,
        /// The sequence number found.
        found: u64,
    },
    /// Another list of the same number than one that was seen before: two were signed, and one of them is for somebody else.
    #[error("another trust list {sequence} was seen before")]
    ForkDetected {
        /// The sequence number of both.
        sequence: u64,
    },
    /// The list's next update is due and the grace period is over; fetch a newer one.
    #[error("trust list expired at {expired}")]
    TrustListExpired {
        /// When it became unusable, in Unix seconds.
        expired: i64,
    },
    /// A list from the future: the clock is behind, or the operator's is ahead.
    #[error("trust list issued at {issued}, which is to come")]
    TrustListNotYetValid {
        /// When it says that it was issued, in Unix seconds.
        issued: i64,
    },
    /// A format, of this version, that this build does not read.
    #[error("unsupported format version {found}")]
    UnsupportedVersion {
        /// The version found.
        found: u64,
    },
    /// Something that is not the structure it should be, or a value that the structure has no room for.
    #[error("malformed {what}")]
    Malformed {
        /// The structure's name.
        what: &'static str,
    },
    /// Input above its bound; nothing was allocated for it.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// The structure's name.
        what: &'static str,
        /// The bound in bytes, or in elements where it is a list.
        limit: usize,
    },
    /// A signature that is not by the key it has to be by.
    #[error("signature does not verify")]
    SignatureInvalid,
    /// The applicant accepted other terms than those in force.
    #[error("terms {found} were accepted, and {current} are in force")]
    TermsNotAccepted {
        /// The version in force.
        current: String,
        /// The version that was accepted.
        found: String,
    },
    /// The operator's log is not what it was: an entry was changed, left out or put elsewhere.
    #[error("the operator's log is broken at entry {sequence}")]
    LogBroken {
        /// The first entry that doesn't follow from those before it.
        sequence: u64,
    },
    /// The operator named an organisation that was never admitted.
    #[error("not a member of the framework")]
    NotAMember,
    /// The operator asked for a change of status that there is not: an expelled organisation stays expelled.
    #[error("status cannot change from {from:?} to {to:?}")]
    StatusChangeRefused {
        /// The status it has.
        from: Status,
        /// The status asked for.
        to: Status,
    },
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::OrganisationNotTrusted { .. } => "OrganisationNotTrusted",
            Error::PrincipalNotTrusted { .. } => "PrincipalNotTrusted",
            Error::TrustListNotTrusted { .. } => "TrustListNotTrusted",
            Error::RollbackDetected { .. } => "RollbackDetected",
            Error::ForkDetected { .. } => "ForkDetected",
            Error::TrustListExpired { .. } => "TrustListExpired",
            Error::TrustListNotYetValid { .. } => "TrustListNotYetValid",
            Error::UnsupportedVersion { .. } => "UnsupportedVersion",
            Error::Malformed { .. } => "Malformed",
            Error::TooLarge { .. } => "TooLarge",
            Error::SignatureInvalid => "SignatureInvalid",
            Error::TermsNotAccepted { .. } => "TermsNotAccepted",
            Error::LogBroken { .. } => "LogBroken",
            Error::NotAMember => "NotAMember",
            Error::StatusChangeRefused { .. } => "StatusChangeRefused",
        }
    }
}

/// Why an organisation, or a signer, is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A certificate is not strict DER of X.509 version 3, is too large, or lacks what its profile needs.
    CertificateMalformed,
    /// A certificate has a critical extension, a form of name constraint, an algorithm or a key that is not understood.
    CertificateUnsupported,
    /// A certificate of the path is past its validity.
    CertificateExpired,
    /// A certificate of the path is not valid yet.
    CertificateNotYetValid,
    /// Names or signatures do not lead from the anchor to the leaf.
    ChainBroken,
    /// More authorities stand between the anchor and the leaf than one of them allows.
    PathTooLong,
    /// A certificate has a name that an authority above it may not certify.
    NameNotPermitted,
    /// No pinned anchor stands above the path.
    UnknownAnchor,
    /// A certificate is used for what it is not for: a leaf as an authority, an authority as a leaf, another key usage.
    WrongUsage,
    /// What was signed is of another kind than what was asked for.
    WrongType,
    /// It is signed with another algorithm than ES256.
    AlgorithmRefused,
    /// Nobody has signed it.
    Unsigned,
    /// No list of the certificate's anchor names the organisation.
    NotListed,
    /// The list names the organisation, with other certificates.
    CertificateNotListed,
    /// The organisation is suspended.
    Suspended,
    /// The organisation was expelled.
    Expelled,
    /// The registration is no registration, or not signed by the registrar of the certificate's anchor.
    RegistrationInvalid,
    /// The registration is of another organisation than the certificate.
    RegistrationMismatch,
    /// The registration is past its validity, or not valid yet.
    RegistrationExpired,
    /// The list knows a newer registration.
    RegistrationSuperseded,
    /// The organisation that a supplier says to act for does not name it.
    NotASupplier,
    /// The supplier's mandate is over, or has not begun.
    MandateExpired,
    /// The supplier may act for the organisation, and not for this use.
    NotInMandate,
    /// The organisation may not issue credentials of this type.
    MayNotIssue,
    /// The signature is not by the certificate's key.
    SignatureInvalid,
}

impl Reason {
    /// The stable code that callers match on.
    pub fn code(self) -> &'static str {
        match self {
            Reason::CertificateMalformed => "CertificateMalformed",
            Reason::CertificateUnsupported => "CertificateUnsupported",
            Reason::CertificateExpired => "CertificateExpired",
            Reason::CertificateNotYetValid => "CertificateNotYetValid",
            Reason::ChainBroken => "ChainBroken",
            Reason::PathTooLong => "PathTooLong",
            Reason::NameNotPermitted => "NameNotPermitted",
            Reason::UnknownAnchor => "UnknownAnchor",
            Reason::WrongUsage => "WrongUsage",
            Reason::WrongType => "WrongType",
            Reason::AlgorithmRefused => "AlgorithmRefused",
            Reason::Unsigned => "Unsigned",
            Reason::NotListed => "NotListed",
            Reason::CertificateNotListed => "CertificateNotListed",
            Reason::Suspended => "Suspended",
            Reason::Expelled => "Expelled",
            Reason::RegistrationInvalid => "RegistrationInvalid",
            Reason::RegistrationMismatch => "RegistrationMismatch",
            Reason::RegistrationExpired => "RegistrationExpired",
            Reason::RegistrationSuperseded => "RegistrationSuperseded",
            Reason::NotASupplier => "NotASupplier",
            Reason::MandateExpired => "MandateExpired",
            Reason::NotInMandate => "NotInMandate",
            Reason::MayNotIssue => "MayNotIssue",
            Reason::SignatureInvalid => "SignatureInvalid",
        }
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Error::OrganisationNotTrusted { reason }
    }
}
