//! What can go wrong in a handshake. A case names the rule that was broken; none carries personal data or a sentence.

use crate::CodePurpose;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the handshake.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text, link or QR that starts no handshake.
    #[error("not an authorisation request")]
    NotARequest,
    /// A code of Kist's that is for something else: whoever showed it as a request is mistaken, or a deceiver.
    #[error("a code for another purpose: {}", found.word())]
    WrongPurpose {
        /// What it is for.
        found: CodePurpose,
    },
    /// A request that is well formed and asks for something outside the profile (docs/formats/handshake.md).
    #[error("unsupported {what}")]
    Unsupported {
        /// The parameter.
        what: &'static str,
    },
    /// A request or an answer that is not the structure it should be.
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
        /// The bound, in the structure's own unit: bytes, pixels, items.
        limit: usize,
    },
    /// An address that is not https, or that names a private network.
    #[error("the address is not allowed")]
    AddressRefused,
    /// One party's identity with another's address or key.
    #[error("parts of two parties mixed up: {part:?}")]
    MixUpRefused {
        /// What does not belong to the party that was shown.
        part: MixUp,
    },
    /// A request past its time, or an answer that came after it.
    #[error("the request has expired")]
    RequestExpired,
    /// A request from the future: one of the two clocks is wrong.
    #[error("the request is not valid before {at}")]
    NotYetValid {
        /// The request's `iat`, Unix seconds.
        at: i64,
    },
    /// Transaction data of a type that this wallet does not know, or that breaks its type's rules
    /// (OpenID4VP 1.0, section 8.5: `invalid_transaction_data`).
    #[error("transaction data is not understood")]
    InvalidTransactionData,
    /// A request that was already answered, or a presentation that was made for another request.
    #[error("the answer was used before, or belongs to another request")]
    ReplayRejected,
    /// A presentation that was made for another organisation.
    #[error("the answer is for another organisation")]
    AudienceMismatch,
    /// The person said no.
    #[error("the person declined")]
    Declined,
    /// The answer is there, and belongs to a session: the code that the person has is still to be brought.
    #[error("the session's code is missing")]
    SessionCodeMissing,
    /// The code that was brought isn't the one that the person has.
    #[error("another code than the person's, {left} tries left")]
    SessionMismatch {
        /// How many more may be tried; with none left, the request is over.
        left: u8,
    },
    /// What was presented does not satisfy the query. Also on the person's side, before anything is sent.
    #[error("the presentations do not satisfy the query")]
    QueryNotSatisfied,
    /// The acceptance, or a self-asserted credential, is not bound to this request and this relationship.
    #[error("the acceptance does not fit the answer: {rule:?}")]
    AcceptanceMismatch {
        /// The binding that is missing.
        rule: Binding,
    },
    /// More was disclosed than the person chose.
    #[error("more is disclosed than was chosen")]
    BeyondConsent,
    /// An error of the crypto room.
    #[error(transparent)]
    Crypto(#[from] kist_crypto::Error),
    /// An error of the identity room: a credential, a presentation, a query.
    #[error(transparent)]
    Identity(kist_identity::Error),
    /// An error of the trust room: the organisation's certificate, registration or listing.
    #[error(transparent)]
    Trust(#[from] kist_trust::Error),
    /// An error of the consent room: the offer or the acceptance.
    #[error(transparent)]
    Consent(#[from] kist_consent::Error),
}

/// What was found to belong to another party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixUp {
    /// The link names one client and the request another.
    ClientId,
    /// The client identifier is not the hash of the certificate that signed.
    Certificate,
    /// The answer would go to another origin than the request came from.
    ResponseUri,
    /// The offer is made by another organisation than the one that asks, or names another supplier.
    Offer,
    /// The request is another one than the organisation lets its supplier make, or another supplier makes it.
    Commission,
}

/// What binds an answer's parts to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// An agreement was offered, and no acceptance came, or the other way round.
    Presence,
    /// The acceptance names another offer.
    Offer,
    /// The acceptance, or a self-asserted credential, is by another key than the connection's.
    RelationshipKey,
    /// A key binding does not carry the transaction data's hash.
    TransactionData,
    /// The fields that were chosen are not the fields that were disclosed.
    Fields,
    /// The acceptance's time is outside the request's life.
    Time,
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::NotARequest => "NotARequest",
            Error::WrongPurpose { .. } => "WrongPurpose",
            Error::Unsupported { .. } => "Unsupported",
            Error::Malformed { .. } => "Malformed",
            Error::TooLarge { .. } => "TooLarge",
            Error::AddressRefused => "AddressRefused",
            Error::MixUpRefused { .. } => "MixUpRefused",
            Error::RequestExpired => "RequestExpired",
            Error::NotYetValid { .. } => "NotYetValid",
            Error::InvalidTransactionData => "InvalidTransactionData",
            Error::ReplayRejected => "ReplayRejected",
            Error::AudienceMismatch => "AudienceMismatch",
            Error::Declined => "Declined",
            Error::SessionCodeMissing => "SessionCodeMissing",
            Error::SessionMismatch { .. } => "SessionMismatch",
            Error::QueryNotSatisfied => "QueryNotSatisfied",
            Error::AcceptanceMismatch { .. } => "AcceptanceMismatch",
            Error::BeyondConsent => "BeyondConsent",
            Error::Crypto(error) => error.code(),
            Error::Identity(error) => error.code(),
            Error::Trust(error) => error.code(),
            Error::Consent(error) => error.code(),
        }
    }
}

impl From<kist_identity::Error> for Error {
    fn from(error: kist_identity::Error) -> Self {
        match error {
            kist_identity::Error::NonceMismatch => Error::ReplayRejected,
            kist_identity::Error::AudienceMismatch => Error::AudienceMismatch,
            kist_identity::Error::QueryNotSatisfied => Error::QueryNotSatisfied,
            kist_identity::Error::TransactionDataMismatch => Error::AcceptanceMismatch {
                rule: Binding::TransactionData,
            },
            other => Error::Identity(other),
        }
    }
}
