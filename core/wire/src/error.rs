//! Errors: what a caller of this crate gets, and the codes that the relay answers with.

use serde::{Deserialize, Serialize};

/// The result of this crate's parsers.
pub type Result<T> = std::result::Result<T, Error>;

/// What can be wrong with bytes or text that came over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value isn't written as its format asks: an id, token, key, origin or list of frames.
    #[error("malformed {what}")]
    Malformed {
        /// The kind of value, for example `"MailboxId"`.
        what: &'static str,
    },
    /// A list of frames begins with a version that this crate doesn't know.
    #[error("unsupported version {found}")]
    UnsupportedVersion {
        /// The version byte found.
        found: u8,
    },
}

impl Error {
    /// A stable code for callers in other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "Malformed",
            Self::UnsupportedVersion { .. } => "UnsupportedVersion",
        }
    }
}

/// Why the relay refused a request: the `code` of its error body. Each belongs to one HTTP status.
///
/// New codes may come; a client that meets one reads [`ErrorCode::Unknown`] and goes by the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: a path, query, header or body isn't what the endpoint takes.
    InvalidRequest,
    /// 401: no bearer token, or a session that is unknown, expired or ended. Log in and try again.
    Unauthenticated,
    /// 401: the login's nonce is unknown, used or expired, or its signature doesn't verify.
    LoginRefused,
    /// 403: this relay creates vaults by invitation only, and the invitation is missing or wrong.
    InviteRequired,
    /// 403: the session may not do this: a device appends to its own log only.
    Forbidden,
    /// 404: no such thing, or not for the token shown; the relay doesn't say which.
    NotFound,
    /// 405: the path is known, the method isn't.
    MethodNotAllowed,
    /// 408: the request's body came too slowly.
    Timeout,
    /// 409: the id is taken by other content. For a log, `next` names the index that is free.
    Conflict,
    /// 409: the slot has been answered with another response.
    AlreadyAnswered,
    /// 410: the slot has expired, or its owner has closed it.
    Expired,
    /// 412: the head is no longer the one that `If-Match` or `If-None-Match` names. Fetch it, rebase, try again.
    HeadMoved,
    /// 413: the body is larger than the limit for this endpoint.
    TooLarge,
    /// 416: the range lies outside the blob.
    RangeNotSatisfiable,
    /// 428: a head is only put with `If-Match` or `If-None-Match`.
    PreconditionRequired,
    /// 429: too many requests from this address; wait as long as `Retry-After` says.
    RateLimited,
    /// 500: the relay failed. Nothing was acknowledged; the request may be tried again.
    Internal,
    /// 503: the relay is stopping or not ready yet.
    Unavailable,
    /// 507: the vault or mailbox is full.
    QuotaExceeded,
    /// 507: the relay itself has no space left.
    StorageFull,
    /// A code that this version doesn't know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The HTTP status that goes with the code.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Unauthenticated | Self::LoginRefused => 401,
            Self::InviteRequired | Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Timeout => 408,
            Self::Conflict | Self::AlreadyAnswered => 409,
            Self::Expired => 410,
            Self::HeadMoved => 412,
            Self::TooLarge => 413,
            Self::RangeNotSatisfiable => 416,
            Self::PreconditionRequired => 428,
            Self::RateLimited => 429,
            Self::Internal | Self::Unknown => 500,
            Self::Unavailable => 503,
            Self::QuotaExceeded | Self::StorageFull => 507,
        }
    }

    /// Whether the same request can succeed later, unchanged.
    pub fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::RateLimited | Self::Internal | Self::Unavailable | Self::StorageFull | Self::Unknown
        )
    }
}
