//! What can go wrong in this room. A case says which rule was broken, and carries no personal data.

use std::io;

use serde::Serialize;

use crate::schema::Violation;
use crate::vfs;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the vault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The root key is not the one of this vault.
    #[error("the key is not this vault's")]
    KeyMismatch,
    /// Sealed bytes, or the id they came under, are not what was sealed.
    #[error("sealed bytes do not authenticate")]
    AuthenticationFailed,
    /// What is on disk cannot be what the vault wrote: damaged, cut short or missing.
    #[error("{part:?} is damaged or missing")]
    Corrupt {
        /// Where the damage lies.
        part: Part,
    },
    /// The store, or a change, has a format that this build does not read.
    #[error("unsupported format version {found}")]
    UnsupportedVersion {
        /// The version found.
        found: u32,
    },
    /// The store is an older copy: fewer transactions were committed to it than the caller knows of.
    #[error("the store is an older copy")]
    RolledBack {
        /// The generation that the caller knows of.
        known: u64,
        /// The generation found.
        found: u64,
    },
    /// A record's body breaks its schema, or the record breaks a rule of the vault.
    #[error("record invalid in {} places", violations.len())]
    RecordInvalid {
        /// All that is broken, at least one.
        violations: Vec<Violation>,
    },
    /// A schema that somebody else wrote has something that is not checked here, or that is not of its kind.
    #[error("schema invalid at {place:?}")]
    SchemaInvalid {
        /// The place in the schema as a JSON pointer (RFC 6901).
        place: String,
    },
    /// Somebody delivered this record, and its files are what they signed.
    #[error("the files of a delivered record stay as they are")]
    DeliveredFiles,
    /// There is no such thing in this vault, or it was deleted.
    #[error("no such {what}")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
    },
    /// There is a vault in the folder already.
    #[error("there is a vault already")]
    AlreadyExists,
    /// Another process, or another `Vault`, has this vault open.
    #[error("the vault is open elsewhere")]
    InUse,
    /// The caller's progress function asked to stop; nothing was kept.
    #[error("cancelled")]
    Cancelled,
    /// Input above its bound.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The bound: bytes, or a count where `what` is counted.
        limit: usize,
    },
    /// Bytes or text that are not the structure they should be.
    #[error("malformed {what}")]
    Malformed {
        /// The structure's name.
        what: &'static str,
    },
    /// The disk is full; nothing of what was being written was kept, and it can be tried again.
    #[error("the disk is full")]
    DiskFull,
    /// The system could not read or write.
    #[error("input or output failed: {kind:?}")]
    Io {
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// SQLite refused for a reason that is a fault of this crate.
    #[error("database error {code}")]
    Database {
        /// SQLite's extended result code.
        code: i32,
    },
}

/// A part of the vault that can be damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The sealed database.
    Store,
    /// An attached file's chunk.
    Chunk,
    /// An attached file as a whole: its chunks are sound, and are not this file.
    File,
}

/// A rule that a record's body can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Rule {
    /// Another JSON type is asked for.
    Type,
    /// A member must be there.
    Required,
    /// The value is none of those allowed.
    Enum,
    /// Text too short or too long.
    Length,
    /// A number too small or too large.
    Range,
    /// Too few or too many items.
    Count,
    /// Not a date, a time, an address, as the schema asks.
    Format,
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::KeyMismatch => "KeyMismatch",
            Error::AuthenticationFailed => "AuthenticationFailed",
            Error::Corrupt { .. } => "Corrupt",
            Error::UnsupportedVersion { .. } => "UnsupportedVersion",
            Error::RolledBack { .. } => "RolledBack",
            Error::RecordInvalid { .. } => "RecordInvalid",
            Error::SchemaInvalid { .. } => "SchemaInvalid",
            Error::DeliveredFiles => "DeliveredFiles",
            Error::NotFound { .. } => "NotFound",
            Error::AlreadyExists => "AlreadyExists",
            Error::InUse => "InUse",
            Error::Cancelled => "Cancelled",
            Error::TooLarge { .. } => "TooLarge",
            Error::Malformed { .. } => "Malformed",
            Error::DiskFull => "DiskFull",
            Error::Io { .. } => "Io",
            Error::Database { .. } => "Database",
        }
    }

    pub(crate) const STORE_CORRUPT: Error = Error::Corrupt { part: Part::Store };
}

impl From<vfs::Error> for Error {
    fn from(error: vfs::Error) -> Self {
        match error {
            vfs::Error::KeyMismatch => Error::KeyMismatch,
            vfs::Error::Corrupt => Error::STORE_CORRUPT,
            vfs::Error::UnsupportedVersion { found } => Error::UnsupportedVersion { found },
            vfs::Error::AlreadyExists => Error::AlreadyExists,
            vfs::Error::NotFound => Error::NotFound { what: "vault" },
            vfs::Error::InUse => Error::InUse,
            vfs::Error::Cancelled => Error::Cancelled,
            vfs::Error::Sqlite(error) => error.into(),
            vfs::Error::Io(error) => error.into(),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::STORE_CORRUPT,
                ErrorCode::DiskFull => Error::DiskFull,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::InUse,
                ErrorCode::SystemIoFailure => Error::Io {
                    kind: io::ErrorKind::Other,
                },
                _ => Error::Database {
                    code: failure.extended_code,
                },
            },
            // A column that does not hold what this crate writes there.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows => Error::STORE_CORRUPT,
            _ => Error::Database { code: 0 },
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull,
            kind => Error::Io { kind },
        }
    }
}

impl From<kist_crypto::Error> for Error {
    fn from(error: kist_crypto::Error) -> Self {
        match error {
            kist_crypto::Error::UnsupportedVersion { found } => Error::UnsupportedVersion { found: found.into() },
            _ => Error::AuthenticationFailed,
        }
    }
}
