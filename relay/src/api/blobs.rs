//! Blobs: created once, read whole or in part, deleted. Neither way is a blob ever whole in memory.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use kist_wire::header::OCTET_STREAM;
use kist_wire::limits::PAGE_BLOBS;
use kist_wire::{BlobId, BlobList, ErrorCode, VaultId};
use serde::Deserialize;

use super::status_of;
use crate::auth::Bearer;
use crate::failure::Failure;
use crate::openapi::Refusal;
use crate::request::{Asked, At, BodyReader};
use crate::state::Relay;
use crate::store::{Incoming, Outcome};

/// Bytes written to or read from a file at a time.
const PIECE: usize = 1024 * 1024;

/// Which page of blobs.
#[derive(Deserialize)]
pub(crate) struct Page {
    after: Option<BlobId>,
}

/// List blobs with their sizes, a page at a time.
#[utoipa::path(get, path = "/v1/vaults/{vault}/blobs", tag = "vault",
    params(("vault" = VaultId, Path), ("after" = Option<BlobId>, Query, description = "`next` of the page before")),
    security(("session" = [])), responses((status = 200, body = BlobList), Refusal))]
pub(crate) async fn list(
    State(relay): State<Relay>,
    At(vault): At<VaultId>,
    Asked(page): Asked<Page>,
    bearer: Bearer,
) -> Outcome<Json<BlobList>> {
    bearer.device(&relay, vault).await?;
    relay
        .run(move |store, _| store.blobs(&vault, page.after.as_ref(), PAGE_BLOBS))
        .await
        .map(Json)
}

/// Create a blob. The same bytes again are answered with 200; other bytes under the same id are a conflict.
#[utoipa::path(put, path = "/v1/vaults/{vault}/blobs/{blob}", tag = "vault",
    params(("vault" = VaultId, Path), ("blob" = BlobId, Path)),
    request_body(content = [u8], content_type = "application/octet-stream"), security(("session" = [])),
    responses((status = 201, description = "Stored"), (status = 200, description = "Was stored before"), Refusal))]
pub(crate) async fn put(
    State(relay): State<Relay>,
    At((vault, blob)): At<(VaultId, BlobId)>,
    bearer: Bearer,
    body: Body,
) -> Outcome<StatusCode> {
    bearer.device(&relay, vault).await?;
    let reader = BodyReader::new(body, relay.config().limits.blob_bytes)?;
    let least = reader.least();
    let incoming = relay
        .run(move |store, _| {
            // A repeated upload takes no room, so the limit holds when the blob is entered; this spares the transfer.
            if least > store.room(&vault)? && store.blob_size(&vault, &blob).is_err() {
                return Err(ErrorCode::QuotaExceeded.into());
            }
            Ok(store.files().create()?)
        })
        .await?;
    let incoming = receive(&relay, reader, incoming).await?;
    relay
        .run(move |store, _| store.put_blob(&vault, &blob, incoming))
        .await
        .map(status_of)
}

async fn receive(relay: &Relay, mut reader: BodyReader, mut incoming: Incoming) -> Outcome<Incoming> {
    let mut waiting: Vec<Bytes> = Vec::new();
    let mut length = 0;
    loop {
        let piece = reader.next().await?;
        let last = piece.is_none();
        if let Some(piece) = piece {
            length += piece.len();
            waiting.push(piece);
        }
        if last || length >= PIECE {
            let pieces = std::mem::take(&mut waiting);
            length = 0;
            incoming = relay
                .run(move |_, _| {
                    for piece in &pieces {
                        incoming.write(piece)?;
                    }
                    Ok(incoming)
                })
                .await?;
        }
        if last {
            return Ok(incoming);
        }
    }
}

/// Read a blob, whole or one range of it (RFC 9110, section 14).
#[utoipa::path(get, path = "/v1/vaults/{vault}/blobs/{blob}", tag = "vault",
    params(("vault" = VaultId, Path), ("blob" = BlobId, Path), ("range" = Option<String>, Header)),
    security(("session" = [])),
    responses(
        (status = 200, body = [u8], content_type = "application/octet-stream"),
        (status = 206, body = [u8], content_type = "application/octet-stream"), Refusal))]
pub(crate) async fn get(
    State(relay): State<Relay>,
    At((vault, blob)): At<(VaultId, BlobId)>,
    bearer: Bearer,
    headers: HeaderMap,
) -> Outcome<Response> {
    bearer.device(&relay, vault).await?;
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(Range::parse);
    relay
        .run(move |store, _| {
            let (mut file, size) = store.open_blob(&vault, &blob)?;
            let Some(asked) = asked else {
                return Ok((StatusCode::OK, described(size), contents(file, size)).into_response());
            };
            let (start, length) = asked.within(size).ok_or(Failure::Range { size })?;
            file.seek(SeekFrom::Start(start))?;
            let place = format!("bytes {start}-{}/{size}", start + length - 1);
            let part = [(header::CONTENT_RANGE, place)];
            Ok((
                StatusCode::PARTIAL_CONTENT,
                described(length),
                part,
                contents(file, length),
            )
                .into_response())
        })
        .await
}

/// A blob's size, as `Content-Length`.
#[utoipa::path(head, path = "/v1/vaults/{vault}/blobs/{blob}", tag = "vault",
    params(("vault" = VaultId, Path), ("blob" = BlobId, Path)), security(("session" = [])),
    responses((status = 200, description = "It is there"), Refusal))]
pub(crate) async fn head(
    State(relay): State<Relay>,
    At((vault, blob)): At<(VaultId, BlobId)>,
    bearer: Bearer,
) -> Outcome<Response> {
    bearer.device(&relay, vault).await?;
    let size = relay.run(move |store, _| store.blob_size(&vault, &blob)).await?;
    Ok((described(size), Body::empty()).into_response())
}

/// Delete a blob.
#[utoipa::path(delete, path = "/v1/vaults/{vault}/blobs/{blob}", tag = "vault",
    params(("vault" = VaultId, Path), ("blob" = BlobId, Path)), security(("session" = [])),
    responses((status = 204, description = "Deleted"), Refusal))]
pub(crate) async fn delete(
    State(relay): State<Relay>,
    At((vault, blob)): At<(VaultId, BlobId)>,
    bearer: Bearer,
) -> Outcome<StatusCode> {
    bearer.device(&relay, vault).await?;
    relay.run(move |store, _| store.delete_blob(&vault, &blob)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn described(length: u64) -> [(HeaderName, String); 3] {
    [
        (header::CONTENT_TYPE, OCTET_STREAM.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ]
}

/// The next `length` bytes of a file, read piece by piece as the client takes them.
fn contents(file: File, length: u64) -> Body {
    Body::from_stream(stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; left.min(PIECE as u64) as usize];
            file.read_exact(&mut piece)?;
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        let left = left - piece.len() as u64;
        Ok::<_, std::io::Error>(Some((Bytes::from(piece), (file, left))))
    }))
}

/// One range of bytes. Several, or another unit, are passed over, as RFC 9110 allows: the reply is the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    From { start: u64, end: Option<u64> },
    Last { length: u64 },
}

impl Range {
    fn parse(value: &str) -> Option<Self> {
        let (start, end) = value.strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| text.parse().ok())?
        };
        match (start.is_empty(), end.is_empty()) {
            (true, _) => Some(Self::Last { length: number(end)? }),
            (false, true) => Some(Self::From {
                start: number(start)?,
                end: None,
            }),
            (false, false) => {
                let (start, end) = (number(start)?, number(end)?);
                (start <= end).then_some(Self::From { start, end: Some(end) })
            }
        }
    }

    /// Start and length within a blob of `size` bytes, unless nothing of it is there.
    fn within(self, size: u64) -> Option<(u64, u64)> {
        let (start, end) = match self {
            Self::From { start, end } => (start, end.map_or(size, |end| size.min(end.saturating_add(1)))),
            Self::Last { length } => (size.saturating_sub(length), size),
        };
        (start < end).then(|| (start, end - start))
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn ranges_of_ten_bytes() {
        let range = |text: &str| Range::parse(text).map(|range| range.within(10));
        assert_eq!(range("bytes=0-0"), Some(Some((0, 1))));
        assert_eq!(range("bytes=3-"), Some(Some((3, 7))));
        assert_eq!(range("bytes=3-100"), Some(Some((3, 7))));
        assert_eq!(range("bytes=-4"), Some(Some((6, 4))));
        assert_eq!(range("bytes=-100"), Some(Some((0, 10))));
        assert_eq!(range("bytes=0-18446744073709551615"), Some(Some((0, 10))));
        assert_eq!(range("bytes=10-"), Some(None));
        assert_eq!(range("bytes=-0"), Some(None));
        for other in [
            "bytes=4-3",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=0-1,3-4",
            "lines=0-1",
            "",
        ] {
            assert_eq!(range(other), None, "{other}");
        }
    }
}
