//! The public error: a category, a stable code with typed parameters, and whether trying again can help.
//!
//! Each room has its own errors; they meet here. A code never changes its meaning, and carries no sentence and no
//! personal data: the sentences for people stand in the catalogues of the SDKs and the command line.

mod convert;

use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of thing went wrong: what an app decides its next screen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// What was given can't be used: a mistyped code, a picture without a QR, a form that isn't filled.
    Input,
    /// The store can't be unlocked with this passphrase, code or device.
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
    /// The caller cancelled; nothing is half-done.
    Cancelled,
    /// A defect of ours.
    Internal,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// The same call may succeed later, unchanged.
    Later,
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// A number: of a group, a sequence, a limit, a time in Unix seconds.
    Number(i64),
    /// A word of a fixed vocabulary, a name of a field or an id.
    Word(String),
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Parameter::Number(number) => write!(f, "{number}"),
            Parameter::Word(word) => f.write_str(word),
        }
    }
}

impl From<&str> for Parameter {
    fn from(word: &str) -> Self {
        Parameter::Word(word.to_owned())
    }
}

impl From<String> for Parameter {
    fn from(word: String) -> Self {
        Parameter::Word(word)
    }
}

macro_rules! number_parameter {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Parameter {
            fn from(number: $kind) -> Self {
                Parameter::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
number_parameter!(i64, u64, usize, u32, u8, u16);

/// An error that a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: &'static str,
    parameters: Vec<(&'static str, Parameter)>,
}

impl Error {
    pub(crate) fn new(code: &'static str) -> Self {
        debug_assert!(CODES.iter().any(|known| known.0 == code), "{code} stands in the table");
        Error {
            code,
            parameters: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Parameter>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.entry().0
    }

    /// The category.
    pub fn category(&self) -> Category {
        self.entry().1
    }

    /// Whether trying again can help.
    pub fn retry(&self) -> Retry {
        self.entry().2
    }

    /// What the code is about, by name.
    pub fn parameters(&self) -> &[(&'static str, Parameter)] {
        &self.parameters
    }

    /// One parameter.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn entry(&self) -> (&'static str, Category, Retry) {
        CODES
            .iter()
            .find(|known| known.0 == self.code)
            .copied()
            .unwrap_or(("Internal", Internal, Never))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        for (name, value) in &self.parameters {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

use Category::{Cancelled, Consent, Input, Integrity, Internal, Network, Storage, Trust, Unlock};
use Retry::{Later, Never};

/// Every code that the core gives, with its category and whether to try again.
pub const CODES: &[(&str, Category, Retry)] = &[
    // Input
    ("AddressRefused", Input, Never),
    ("AlreadyAnswered", Input, Never),
    ("AlreadyExists", Input, Never),
    ("DeliveredFiles", Input, Never),
    ("FieldNotOffered", Input, Never),
    ("InUse", Input, Later),
    ("InvalidTransactionData", Input, Never),
    ("LetterCodeMistyped", Input, Never),
    ("Malformed", Input, Never),
    ("NoBackup", Input, Never),
    ("NotARequest", Input, Never),
    ("NotFound", Input, Never),
    ("QueryNotSatisfied", Input, Never),
    ("RecoveryCodeMistyped", Input, Never),
    ("RequestExpired", Input, Never),
    ("NotRememberable", Input, Never),
    ("NothingRemembered", Input, Never),
    ("RecordInvalid", Input, Never),
    ("RequiredFieldMissing", Input, Never),
    ("SchemaInvalid", Input, Never),
    ("StatusChangeRefused", Input, Never),
    ("TooLarge", Input, Never),
    ("TooSoon", Input, Later),
    ("Unsupported", Input, Never),
    // Unlock
    ("KeyMismatch", Unlock, Never),
    ("PlatformKey", Unlock, Later),
    // Trust
    ("AcceptanceMismatch", Trust, Never),
    ("AudienceMismatch", Trust, Never),
    ("CredentialExpired", Trust, Never),
    ("MixUpRefused", Trust, Never),
    ("NotYetValid", Trust, Later),
    ("OrganisationNotTrusted", Trust, Never),
    ("IssuerNotTrusted", Trust, Never),
    ("ReplayRejected", Trust, Never),
    ("WrongPurpose", Trust, Never),
    ("SignatureInvalid", Trust, Never),
    ("TrustListExpired", Trust, Later),
    ("TrustListMissing", Trust, Never),
    ("TrustListNotTrusted", Trust, Never),
    ("UntrustedKey", Trust, Never),
    ("UnknownAuthor", Trust, Never),
    // Consent
    ("ConsentExpired", Consent, Never),
    ("ConsentPaused", Consent, Later),
    ("ConsentWithdrawn", Consent, Never),
    ("KeptBack", Consent, Never),
    ("Declined", Consent, Never),
    ("SessionCodeMissing", Consent, Never),
    ("SessionMismatch", Consent, Never),
    ("BeyondConsent", Consent, Never),
    ("NotCovered", Consent, Never),
    ("RightNotGranted", Consent, Never),
    // Integrity
    ("AuthenticationFailed", Integrity, Never),
    ("Corrupt", Integrity, Never),
    ("DowngradeRefused", Integrity, Never),
    ("ForkDetected", Integrity, Never),
    ("FreshnessUnproven", Integrity, Never),
    ("HistoryBroken", Integrity, Never),
    ("KdfPolicyViolation", Integrity, Never),
    ("ManifestMismatch", Integrity, Never),
    ("RollbackDetected", Integrity, Never),
    // Storage
    ("StorageFull", Storage, Later),
    ("Storage", Storage, Later),
    // Network
    ("DeviceUnknown", Network, Never),
    ("HeadMoved", Network, Later),
    ("NoRelay", Network, Never),
    ("RelayRefused", Network, Never),
    ("Unreachable", Network, Later),
    ("RelayBusy", Network, Later),
    // The rest
    ("Cancelled", Cancelled, Never),
    ("Internal", Internal, Never),
];
