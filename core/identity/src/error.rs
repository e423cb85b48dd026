//! What can go wrong in this room. A case names the rule that was broken and carries no personal data.

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the identity room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Input that is not the structure it should be.
    #[error("malformed {what}")]
    Malformed {
        /// The structure's name.
        what: &'static str,
    },
    /// Input above its bound; nothing was allocated for it.
    #[error("{what} is above its limit of {limit}")]
    TooLarge {
        /// The structure's name.
        what: &'static str,
        /// The bound: bytes, items or levels, as the structure counts.
        limit: usize,
    },
    /// A signature or hash algorithm other than ES256 and SHA-256.
    #[error("unsupported algorithm")]
    UnsupportedAlgorithm,
    /// A disclosure that no digest refers to (RFC 9901, section 7.1, step 5).
    #[error("a disclosure is not referred to by the credential")]
    UnknownDisclosure,
    /// A digest, or a disclosure, that occurs twice (RFC 9901, section 7.1, step 4).
    #[error("a digest occurs more than once")]
    DuplicateDigest,
    /// The credential is not signed by its issuer's key.
    #[error("issuer's signature does not verify")]
    SignatureInvalid,
    /// The issuer is not one that may issue this credential.
    #[error("issuer is not trusted: {reason}")]
    IssuerNotTrusted {
        /// A stable CamelCase code, chosen by the [`crate::IssuerTrust`] that was asked.
        reason: &'static str,
    },
    /// The credential's `exp` has passed.
    #[error("credential expired at {at}")]
    CredentialExpired {
        /// The expiry, Unix seconds.
        at: i64,
    },
    /// The credential's `nbf` or `iat` lies in the future.
    #[error("credential is not valid before {at}")]
    NotYetValid {
        /// The first valid second, Unix time.
        at: i64,
    },
    /// A presentation without proof that its sender holds the key, or a credential that names no key.
    #[error("holder binding is missing")]
    HolderBindingMissing,
    /// A proof of the holder's key that does not hold.
    #[error("holder binding is invalid: {fault:?}")]
    HolderBindingInvalid {
        /// What is wrong with it.
        fault: BindingFault,
    },
    /// A presentation that was made for another verifier.
    #[error("presentation is meant for another verifier")]
    AudienceMismatch,
    /// A presentation that was made for another request.
    #[error("presentation is meant for another request")]
    NonceMismatch,
    /// A presentation that is not bound to exactly the transaction data that was asked.
    #[error("presentation is not bound to the transaction data")]
    TransactionDataMismatch,
    /// A claim path that selects nothing in the credential.
    #[error("the credential has no such claim")]
    ClaimNotFound,
    /// An answer that does not satisfy the query it answers.
    #[error("the query is not satisfied")]
    QueryNotSatisfied,
}

/// What is wrong with a key binding JWT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingFault {
    /// Its header or payload is not that of a key binding JWT.
    Form,
    /// It is not signed by the key in the credential's `cnf`.
    Signature,
    /// It was made too long ago, or in the future.
    Time,
    /// Its `sd_hash` is of other bytes: disclosures were added, removed or changed.
    Hash,
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Malformed { .. } => "Malformed",
            Error::TooLarge { .. } => "TooLarge",
            Error::UnsupportedAlgorithm => "UnsupportedAlgorithm",
            Error::UnknownDisclosure => "UnknownDisclosure",
            Error::DuplicateDigest => "DuplicateDigest",
            Error::SignatureInvalid => "SignatureInvalid",
            Error::IssuerNotTrusted { .. } => "IssuerNotTrusted",
            Error::CredentialExpired { .. } => "CredentialExpired",
            Error::NotYetValid { .. } => "NotYetValid",
            Error::HolderBindingMissing => "HolderBindingMissing",
            Error::HolderBindingInvalid { .. } => "HolderBindingInvalid",
            Error::AudienceMismatch => "AudienceMismatch",
            Error::NonceMismatch => "NonceMismatch",
            Error::TransactionDataMismatch => "TransactionDataMismatch",
            Error::ClaimNotFound => "ClaimNotFound",
            Error::QueryNotSatisfied => "QueryNotSatisfied",
        }
    }
}

impl From<kist_crypto::Error> for Error {
    fn from(error: kist_crypto::Error) -> Self {
        match error {
            kist_crypto::Error::Malformed { what } => Error::Malformed { what },
            kist_crypto::Error::TooLarge { what, limit } => Error::TooLarge { what, limit },
            kist_crypto::Error::UnsupportedAlgorithm => Error::UnsupportedAlgorithm,
            kist_crypto::Error::SignatureInvalid => Error::SignatureInvalid,
            _ => Error::Malformed { what: "key" },
        }
    }
}
