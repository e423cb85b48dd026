//! What can go wrong between two parties.

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes in the mailbox that none of our receiving keys opens, or that are no message: anybody with the send token
    /// can put such bytes there, so they are dropped and counted.
    #[error("not a message for this connection")]
    AuthenticationFailed,
    /// A message that opens and isn't signed by the other side of this connection.
    #[error("message signed by an unknown author")]
    UnknownAuthor,
    /// A message of a format that this build does not read.
    #[error("unsupported message version {found}")]
    UnsupportedVersion {
        /// The version found.
        found: u8,
    },
    /// A body too large for one message.
    #[error("message body is larger than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// Nothing can be sent: the other side has given no address, or took it back.
    #[error("the other side has no address")]
    NoAddress,
    /// A stored connection or an address that cannot be read.
    #[error("malformed {what}")]
    Malformed {
        /// The structure's name.
        what: &'static str,
    },
}

impl Error {
    /// The stable code that callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Error::AuthenticationFailed => "AuthenticationFailed",
            Error::UnknownAuthor => "UnknownAuthor",
            Error::UnsupportedVersion { .. } => "UnsupportedVersion",
            Error::TooLarge { .. } => "TooLarge",
            Error::NoAddress => "NoAddress",
            Error::Malformed { .. } => "Malformed",
        }
    }
}
