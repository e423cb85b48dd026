//! Errors of opening a relay. What a request is refused with is [`kist_wire::ErrorCode`].

use std::io;

/// The result of this crate's public functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a relay can't be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data folder can't be created, read or written.
    #[error("the data folder can't be used")]
    DataFolder(#[source] io::Error),
    /// Another process serves this data folder.
    #[error("the data folder is in use by another process")]
    DataFolderInUse,
    /// The database can't be opened or brought to the present version.
    #[error("the database can't be opened")]
    Database(#[source] rusqlite::Error),
    /// The database doesn't hold what this version wrote.
    #[error("the database is damaged")]
    DataDamaged,
    /// A newer relay has written this data folder.
    #[error("the data folder has version {found}, newer than this relay")]
    DataTooNew {
        /// The version found.
        found: usize,
    },
    /// Push services are to be told, and can't be: most often because the system has no certificate authorities.
    #[error("push services can't be called; are the system's certificate authorities installed?")]
    Push(#[source] reqwest::Error),
}

impl Error {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DataFolder(_) => "DataFolder",
            Self::DataFolderInUse => "DataFolderInUse",
            Self::Database(_) => "Database",
            Self::DataDamaged => "DataDamaged",
            Self::DataTooNew { .. } => "DataTooNew",
            Self::Push(_) => "Push",
        }
    }
}
