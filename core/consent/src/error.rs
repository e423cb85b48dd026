//! What can go wrong in this room. A case names the rule that was broken; none carries a value or a sentence.

use crate::{FieldRef, Right};

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the consent room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The person has withdrawn; nothing may be used under this agreement any more.
    #[error("consent was withdrawn at {at}")]
    ConsentWithdrawn {
        /// When, Unix seconds.
        at: i64,
    },
    /// The agreement has come to its end.
    #[error("consent ended at {at}")]
    ConsentExpired {
        /// When, Unix seconds.
        at: i64,
    },
    /// The agreement never gave this right.
    #[error("the agreement gives no right to {right:?}")]
    RightNotGranted {
        /// The right.
        right: Right,
    },
    /// An offer that was accepted after it had lapsed, or before it was made.
    #[error("the offer was open until {at}")]
    OfferExpired {
        /// When it lapsed, Unix seconds.
        at: i64,
    },
    /// Without this field there is no agreement, and it was not chosen.
    #[error("a required field is missing: {field}")]
    RequiredFieldMissing {
        /// The field.
        field: FieldRef,
    },
    /// A chosen field that the offer does not ask for.
    #[error("a field was not offered: {field}")]
    FieldNotOffered {
        /// The field.
        field: FieldRef,
    },
    /// An answer that can't be given again without the person: more was asked than was registered or asked before, or a
    /// field was not of the request.
    #[error("this answer can't be remembered")]
    NotRememberable,
    /// One object does not belong to the one before it: another hash, or other contents than follow from it.
    #[error("{what} does not belong to the object before it")]
    HashMismatch {
        /// The later object.
        what: &'static str,
    },
    /// Signed by another key than the one that has to sign it.
    #[error("{what} is signed by another party's key")]
    UntrustedKey {
        /// The object.
        what: &'static str,
    },
    /// The history was changed, shortened or put in another order; everything before this entry is whole.
    #[error("history is broken at entry {sequence}")]
    HistoryBroken {
        /// The first entry that is not what was written; entries count from 1.
        sequence: u64,
    },
    /// Input that is not the structure it should be, or not in its canonical form.
    #[error("malformed {what}")]
    Malformed {
        /// The structure's name.
        what: &'static str,
    },
    /// Input above its bound.
    #[error("{what} is above its limit of {limit}")]
    TooLarge {
        /// The structure's name.
        what: &'static str,
        /// The bound: bytes or items, as the structure counts.
        limit: usize,
    },
    /// A format of this version that this build does not read.
    #[error("unsupported version {found} of {what}")]
    UnsupportedVersion {
        /// The structure's name.
        what: &'static str,
        /// The version found.
        found: u64,
    },
    /// An error of the crypto room: a signature that does not verify, a JWS that is none.
    #[error(transparent)]
    Crypto(#[from] kist_crypto::Error),
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::ConsentWithdrawn { .. } => "ConsentWithdrawn",
            Error::ConsentExpired { .. } => "ConsentExpired",
            Error::RightNotGranted { .. } => "RightNotGranted",
            Error::OfferExpired { .. } => "OfferExpired",
            Error::RequiredFieldMissing { .. } => "RequiredFieldMissing",
            Error::FieldNotOffered { .. } => "FieldNotOffered",
            Error::NotRememberable => "NotRememberable",
            Error::HashMismatch { .. } => "HashMismatch",
            Error::UntrustedKey { .. } => "UntrustedKey",
            Error::HistoryBroken { .. } => "HistoryBroken",
            Error::Malformed { .. } => "Malformed",
            Error::TooLarge { .. } => "TooLarge",
            Error::UnsupportedVersion { .. } => "UnsupportedVersion",
            Error::Crypto(error) => error.code(),
        }
    }
}
