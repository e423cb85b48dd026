//! Why a request fails, and the reply that says so.

use std::error::Error as StdError;
use std::io;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kist_wire::{Digest, ErrorBody, ErrorCode};

/// Why a request fails.
#[derive(Debug)]
pub(crate) enum Failure {
    /// For the reason that the code names.
    Refused(ErrorCode),
    /// The log's index is taken or lies ahead.
    LogTaken { next: u64 },
    /// The head isn't the expected one.
    HeadMoved { current: Option<Digest> },
    /// The address asks too fast.
    RateLimited { seconds: u64 },
    /// The range lies outside a blob of this size.
    Range { size: u64 },
    /// The storage failed; the cause goes to the log, not to the client.
    Storage(Box<dyn StdError + Send + Sync>),
}

impl Failure {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(code) => *code,
            Self::LogTaken { .. } => ErrorCode::Conflict,
            Self::HeadMoved { .. } => ErrorCode::HeadMoved,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Range { .. } => ErrorCode::RangeNotSatisfiable,
            Self::Storage(_) => ErrorCode::Internal,
        }
    }

    /// The header that goes with the reply, if any.
    fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::HeadMoved { current: Some(tag) } => Some((header::ETAG, format!("\"{tag}\""))),
            Self::RateLimited { seconds } => Some((header::RETRY_AFTER, seconds.to_string())),
            Self::Range { size } => Some((header::CONTENT_RANGE, format!("bytes */{size}"))),
            // RFC 9110, section 11.6.1: a 401 names the scheme.
            other if other.code().status() == 401 => Some((header::WWW_AUTHENTICATE, "Bearer".into())),
            _ => None,
        }
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull.into(),
            _ => Self::Storage(Box::new(error)),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => ErrorCode::StorageFull.into(),
            _ => Self::Storage(Box::new(error)),
        }
    }
}

/// For what the relay itself wrote: an id in the database that is none.
impl From<kist_wire::Error> for Failure {
    fn from(error: kist_wire::Error) -> Self {
        Self::Storage(Box::new(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::Storage(cause) = &self {
            tracing::error!(%cause, "storage failed");
        }
        let code = self.code();
        let next = match self {
            Self::LogTaken { next } => Some(next),
            _ => None,
        };
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ErrorBody { code, next })).into_response();
        if let Some((name, value)) = self.header()
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
