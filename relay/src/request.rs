//! Reading a request: ids of the path, queries, bodies within their limits, and not too slowly.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use futures_util::StreamExt as _;
use kist_wire::ErrorCode;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::store::Outcome;

/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(15);
/// How long any body may take, beside what its size asks for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The slowest client that can still send the largest body, in bytes a second.
const SLOWEST: u64 = 16 * 1024;

/// Ids of the path. A malformed one is an invalid request.
pub(crate) struct At<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(ids)| Self(ids))
            .map_err(|_| ErrorCode::InvalidRequest.into())
    }
}

/// The query.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::from_request_parts(parts, state).await;
        query
            .map(|Query(asked)| Self(asked))
            .map_err(|_| ErrorCode::InvalidRequest.into())
    }
}

/// A body, read piece by piece.
pub(crate) struct BodyReader {
    body: axum::body::BodyDataStream,
    least: u64,
    room: u64,
    deadline: Instant,
}

impl BodyReader {
    /// Refuses at once what says that it is larger than `limit`.
    pub(crate) fn new(body: Body, limit: u64) -> Outcome<Self> {
        let least = body.size_hint().lower();
        if least > limit {
            return Err(ErrorCode::TooLarge.into());
        }
        let deadline = Instant::now() + PATIENCE + Duration::from_secs(limit / SLOWEST);
        Ok(Self {
            body: body.into_data_stream(),
            least,
            room: limit,
            deadline,
        })
    }

    /// The least that the body says it will bring.
    pub(crate) fn least(&self) -> u64 {
        self.least
    }

    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self) -> Outcome<Option<Bytes>> {
        let next = timeout_at(self.deadline, timeout(PAUSE, self.body.next())).await;
        let piece = match next {
            Ok(Ok(Some(piece))) => piece.map_err(|_| ErrorCode::InvalidRequest)?,
            Ok(Ok(None)) => return Ok(None),
            _ => return Err(ErrorCode::Timeout.into()),
        };
        self.room = self.room.checked_sub(piece.len() as u64).ok_or(ErrorCode::TooLarge)?;
        Ok(Some(piece))
    }
}

/// A whole body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: u64) -> Outcome<Vec<u8>> {
    let mut reader = BodyReader::new(body, limit)?;
    let mut bytes = Vec::new();
    while let Some(piece) = reader.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// A JSON body of at most `limit` bytes.
pub(crate) async fn read_json<T: DeserializeOwned>(body: Body, limit: u64) -> Outcome<T> {
    let bytes = read_body(body, limit).await?;
    serde_json::from_slice(&bytes).map_err(|_| ErrorCode::InvalidRequest.into())
}
