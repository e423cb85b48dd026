//! What can go wrong between a store and its backup.

use kist_vault::Error as VaultError;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of backup, restore and recovery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The relay shows an older head than this device has seen. Local state is untouched.
    #[error("head {found} is older than {known}")]
    RollbackDetected {
        /// The sequence that this device knows.
        known: u64,
        /// The sequence shown.
        found: u64,
    },
    /// The relay shows a head, or an entry of this device, that doesn't follow from what this device has seen: the relay
    /// shows another branch, or this store is an older copy of the one that wrote it.
    #[error("head {sequence} is of another branch")]
    ForkDetected {
        /// The sequence shown.
        sequence: u64,
    },
    /// Entries or packs are missing, doubled, reordered or cut against what the head says.
    #[error("{what} is not what the head says")]
    ManifestMismatch {
        /// What: `log`, `entry`, `pack`, `manifest` or `head`.
        what: &'static str,
    },
    /// Something that no device of this vault signed.
    #[error("{what} is signed by no device of this vault")]
    UnknownAuthor {
        /// What: `head` or `entry`.
        what: &'static str,
    },
    /// A device list that doesn't begin with the vault's identity key, or has a change that may not follow those before
    /// it or that nobody on it signed.
    #[error("the device list has a change that no listed device signed")]
    UntrustedKey,
    /// More than a head has room for.
    #[error("{what} has more than {limit}")]
    TooLarge {
        /// What: `device list`.
        what: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// Bytes that do not open under the vault's key.
    #[error("{what} does not authenticate")]
    AuthenticationFailed {
        /// What it was.
        what: &'static str,
    },
    /// A well-formed recovery code that is not this vault's.
    #[error("the recovery code does not match")]
    KeyMismatch,
    /// A format older than the head allows, or newer than this build reads.
    #[error("format {found} is refused")]
    DowngradeRefused {
        /// The version found.
        found: u8,
    },
    /// The head names a weaker key derivation than the policy's floor.
    #[error("key derivation floor below the policy")]
    KdfPolicyViolation,
    /// A fresh device cannot know whether there is a newer backup than the one shown: the person looks at date and
    /// device, and confirms.
    #[error("freshness of head {sequence} is unproven")]
    FreshnessUnproven {
        /// The head's sequence.
        sequence: u64,
        /// When it was made, Unix seconds, by its device's clock.
        made_at: i64,
        /// The name of the device that made it.
        device_name: String,
    },
    /// There is no backup under this vault.
    #[error("there is no backup")]
    NoBackup,
    /// Another device has moved the head: what this device uploaded stays in its log, and no head names it.
    #[error("the head has moved")]
    HeadMoved,
    /// The device's own key could not sign.
    #[error("the device key cannot sign: {0}")]
    DeviceKey(#[source] kist_crypto::Error),
    /// The store refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::RollbackDetected { .. } => "RollbackDetected",
            Error::ForkDetected { .. } => "ForkDetected",
            Error::ManifestMismatch { .. } => "ManifestMismatch",
            Error::UnknownAuthor { .. } => "UnknownAuthor",
            Error::UntrustedKey => "UntrustedKey",
            Error::TooLarge { .. } => "TooLarge",
            Error::AuthenticationFailed { .. } => "AuthenticationFailed",
            Error::KeyMismatch => "KeyMismatch",
            Error::DowngradeRefused { .. } => "DowngradeRefused",
            Error::KdfPolicyViolation => "KdfPolicyViolation",
            Error::FreshnessUnproven { .. } => "FreshnessUnproven",
            Error::NoBackup => "NoBackup",
            Error::HeadMoved => "HeadMoved",
            Error::DeviceKey(error) => error.code(),
            Error::Vault(error) => error.code(),
        }
    }
}
