//! What the platform sees of an error: the core's category, code, parameters, and whether to try again.

use kist_pds::{Category, Retry};

/// What failed, by a stable code that is the same in Rust, Kotlin and Swift.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Failure {
    /// The code; the SDKs' catalogues hold the sentence.
    pub code: String,
    /// What the code is about.
    pub parameters: Vec<ErrorParameter>,
    /// The same call may succeed later, unchanged.
    pub retry: bool,
}

/// One parameter of a failure.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ErrorParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: ParameterValue,
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ParameterValue {
    /// Of a group, a sequence, a limit, a time in Unix seconds.
    Number {
        /// The number.
        number: i64,
    },
    /// A word of a fixed vocabulary, a name of a field or an id.
    Word {
        /// The word.
        word: String,
    },
}

/// An error, by its category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KistError {
    /// What was given can't be used: a mistyped code, a picture without a QR, a form that isn't filled.
    #[error("{}", failure.code)]
    Input {
        /// What failed.
        failure: Failure,
    },
    /// The store can't be unlocked with this passphrase, code or device.
    #[error("{}", failure.code)]
    Unlock {
        /// What failed.
        failure: Failure,
    },
    /// The other party isn't who or what it should be.
    #[error("{}", failure.code)]
    Trust {
        /// What failed.
        failure: Failure,
    },
    /// The consent given doesn't cover this.
    #[error("{}", failure.code)]
    Consent {
        /// What failed.
        failure: Failure,
    },
    /// Bytes at rest or on the relay aren't what was stored.
    #[error("{}", failure.code)]
    Integrity {
        /// What failed.
        failure: Failure,
    },
    /// This machine's disk.
    #[error("{}", failure.code)]
    Storage {
        /// What failed.
        failure: Failure,
    },
    /// The network or the relay.
    #[error("{}", failure.code)]
    Network {
        /// What failed.
        failure: Failure,
    },
    /// The caller cancelled; nothing is half-done.
    #[error("Cancelled")]
    Cancelled,
    /// A defect of ours.
    #[error("Internal")]
    Internal,
}

pub(crate) type Result<T, E = KistError> = std::result::Result<T, E>;

impl KistError {
    /// An error of the core's table that arises here. A code that isn't in the table becomes [`KistError::Internal`].
    pub(crate) fn of(code: &'static str, parameters: Vec<ErrorParameter>) -> Self {
        match kist_pds::CODES.iter().find(|known| known.0 == code) {
            Some(&(_, category, retry)) => Self::in_category(category, code, parameters, retry),
            None => Self::Internal,
        }
    }

    /// A text that the caller gave isn't what its name says.
    pub(crate) fn malformed(what: &str) -> Self {
        Self::of("Malformed", vec![ErrorParameter::word("what", what)])
    }

    fn in_category(category: Category, code: &str, parameters: Vec<ErrorParameter>, retry: Retry) -> Self {
        let failure = Failure {
            code: code.to_owned(),
            parameters,
            retry: retry == Retry::Later,
        };
        match category {
            Category::Input => Self::Input { failure },
            Category::Unlock => Self::Unlock { failure },
            Category::Trust => Self::Trust { failure },
            Category::Consent => Self::Consent { failure },
            Category::Integrity => Self::Integrity { failure },
            Category::Storage => Self::Storage { failure },
            Category::Network => Self::Network { failure },
            Category::Cancelled => Self::Cancelled,
            Category::Internal => Self::Internal,
        }
    }
}

impl ErrorParameter {
    pub(crate) fn word(name: &str, word: &str) -> Self {
        ErrorParameter {
            name: name.to_owned(),
            value: ParameterValue::Word { word: word.to_owned() },
        }
    }
}

impl From<kist_pds::Error> for KistError {
    fn from(error: kist_pds::Error) -> Self {
        let parameters = error.parameters().iter().map(|(name, value)| ErrorParameter {
            name: (*name).to_owned(),
            value: match value {
                kist_pds::Parameter::Number(number) => ParameterValue::Number { number: *number },
                kist_pds::Parameter::Word(word) => ParameterValue::Word { word: word.clone() },
            },
        });
        Self::in_category(error.category(), error.code(), parameters.collect(), error.retry())
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KistError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Internal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u1_each_code_of_the_core_crosses_in_its_category() {
        for &(code, category, retry) in kist_pds::CODES {
            let error = KistError::of(code, vec![ErrorParameter::word("what", "store")]);
            assert_eq!(error.to_string(), code);
            let (crossed, failure) = match &error {
                KistError::Input { failure } => (Category::Input, failure),
                KistError::Unlock { failure } => (Category::Unlock, failure),
                KistError::Trust { failure } => (Category::Trust, failure),
                KistError::Consent { failure } => (Category::Consent, failure),
                KistError::Integrity { failure } => (Category::Integrity, failure),
                KistError::Storage { failure } => (Category::Storage, failure),
                KistError::Network { failure } => (Category::Network, failure),
                KistError::Cancelled => {
                    assert_eq!(category, Category::Cancelled);
                    continue;
                }
                KistError::Internal => {
                    assert_eq!(category, Category::Internal);
                    continue;
                }
            };
            assert_eq!(crossed, category);
            assert_eq!(failure.retry, retry == Retry::Later);
            assert_eq!(failure.parameters, [ErrorParameter::word("what", "store")]);
        }
    }
}
