//! What can go wrong in this room. A case says which rule was broken, never why in words, and carries no secret.

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the crypto room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Sealed bytes, or what they are bound to, are not what was sealed.
    #[error("sealed bytes do not authenticate")]
    AuthenticationFailed,
    /// The key is well formed and is not the one that the wrapped key commits to: wrong passphrase, code or device.
    #[error("the key does not match its commitment")]
    KeyMismatch,
    /// Argon2id parameters below the floor or above the ceiling; found before anything is derived.
    #[error("key derivation parameters are outside the policy")]
    KdfPolicyViolation,
    /// A format, of this version, that this build does not read.
    #[error("unsupported format version {found}")]
    UnsupportedVersion {
        /// The version byte found.
        found: u8,
    },
    /// A recovery code with a wrong symbol; `group` counts from 1, and is absent when every group is right by itself.
    #[error("recovery code mistyped in group {group:?}")]
    RecoveryCodeMistyped {
        /// The first group whose check symbol does not fit.
        group: Option<u8>,
    },
    /// The code of a letter with a wrong symbol.
    #[error("code mistyped in group {group}")]
    LetterCodeMistyped {
        /// The first group whose check symbol does not fit, counted from 1.
        group: u8,
    },
    /// Bytes that are not the structure they should be.
    #[error("malformed {what}")]
    Malformed {
        /// The structure's name.
        what: &'static str,
    },
    /// Bytes that are no key of the curve.
    #[error("not a valid key")]
    InvalidKey,
    /// A signature that does not verify.
    #[error("signature does not verify")]
    SignatureInvalid,
    /// An algorithm, or a header, that this room refuses.
    #[error("unsupported algorithm")]
    UnsupportedAlgorithm,
    /// Input above its bound; nothing was allocated for it.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// The structure's name.
        what: &'static str,
        /// The bound in bytes.
        limit: usize,
    },
    /// The platform's key store could not do what was asked.
    #[error("platform key {state:?}")]
    PlatformKey {
        /// Why.
        state: PlatformKeyState,
    },
}

/// Why a key of the platform cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformKeyState {
    /// The person has to unlock first; try again after that.
    Locked,
    /// The platform has thrown the key away (new biometrics, screen lock removed); it never comes back.
    Invalidated,
    /// There is no such key, or no key store.
    Unavailable,
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::AuthenticationFailed => "AuthenticationFailed",
            Error::KeyMismatch => "KeyMismatch",
            Error::KdfPolicyViolation => "KdfPolicyViolation",
            Error::UnsupportedVersion { .. } => "UnsupportedVersion",
            Error::RecoveryCodeMistyped { .. } => "RecoveryCodeMistyped",
            Error::LetterCodeMistyped { .. } => "LetterCodeMistyped",
            Error::Malformed { .. } => "Malformed",
            Error::InvalidKey => "InvalidKey",
            Error::SignatureInvalid => "SignatureInvalid",
            Error::UnsupportedAlgorithm => "UnsupportedAlgorithm",
            Error::TooLarge { .. } => "TooLarge",
            Error::PlatformKey { .. } => "PlatformKey",
        }
    }
}
