//! Every code that the core gives, for an SDK to hold its catalogue against.

use kist_pds::{Category, Retry};

use crate::error::Result;

/// A code with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ErrorCode {
    /// The code.
    pub code: String,
    /// The category of the errors that carry it.
    pub category: ErrorCategory,
    /// The same call may succeed later, unchanged.
    pub retry: bool,
}

/// What kind of thing went wrong: the variants of [`crate::KistError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ErrorCategory {
    /// What was given can't be used.
    Input,
    /// The store can't be unlocked.
    Unlock,
    /// The other party isn't who or what it should be.
    Trust,
    /// The consent given doesn't cover this.
    Consent,
    /// Bytes at rest or on the relay aren't what was stored.
    Integrity,
    /// This machine's disk.
    Storage,
    /// The network or the relay.
    Network,
    /// The caller cancelled.
    Cancelled,
    /// A defect of ours.
    Internal,
}

/// Every code.
#[uniffi::export]
pub fn error_codes() -> Result<Vec<ErrorCode>> {
    let code = |&(code, category, retry): &(&str, Category, Retry)| ErrorCode {
        code: code.to_owned(),
        category: category.into(),
        retry: retry == Retry::Later,
    };
    Ok(kist_pds::CODES.iter().map(code).collect())
}

impl From<Category> for ErrorCategory {
    fn from(category: Category) -> Self {
        match category {
            Category::Input => Self::Input,
            Category::Unlock => Self::Unlock,
            Category::Trust => Self::Trust,
            Category::Consent => Self::Consent,
            Category::Integrity => Self::Integrity,
            Category::Storage => Self::Storage,
            Category::Network => Self::Network,
            Category::Cancelled => Self::Cancelled,
            Category::Internal => Self::Internal,
        }
    }
}
