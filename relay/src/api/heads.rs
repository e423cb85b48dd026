//! The head of a vault, swapped by compare-and-swap.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kist_wire::header::OCTET_STREAM;
use kist_wire::{Digest, ErrorCode, VaultId};

use crate::auth::{Bearer, digest};
use crate::openapi::Refusal;
use crate::request::{At, read_body};
use crate::state::Relay;
use crate::store::{HeadCondition, Outcome};

/// Read the head. With `If-None-Match`, a head that the client has is answered with 304.
#[utoipa::path(get, path = "/v1/vaults/{vault}/head", tag = "vault",
    params(("vault" = VaultId, Path), ("if-none-match" = Option<String>, Header)), security(("session" = [])),
    responses(
        (status = 200, body = [u8], content_type = "application/octet-stream",
            headers(("etag" = String, description = "SHA-256 of the head, base64url, quoted"))),
        (status = 304, description = "The client has this head"), Refusal))]
pub(crate) async fn get(
    State(relay): State<Relay>,
    At(vault): At<VaultId>,
    bearer: Bearer,
    headers: HeaderMap,
) -> Outcome<Response> {
    bearer.device(&relay, vault).await?;
    let (head, tag) = relay.run(move |store, _| store.head(&vault)).await?;
    let known = text(&headers, header::IF_NONE_MATCH).and_then(parse_tag);
    if known == Some(tag) {
        return Ok((StatusCode::NOT_MODIFIED, etag(&tag)).into_response());
    }
    Ok((etag(&tag), [(header::CONTENT_TYPE, OCTET_STREAM)], head).into_response())
}

/// Swap the head: `If-Match` names the tag of the one it replaces, `If-None-Match: *` says that it is the first.
#[utoipa::path(put, path = "/v1/vaults/{vault}/head", tag = "vault",
    params(("vault" = VaultId, Path), ("if-match" = Option<String>, Header), ("if-none-match" = Option<String>, Header)),
    request_body(content = [u8], content_type = "application/octet-stream"), security(("session" = [])),
    responses(
        (status = 204, description = "Swapped", headers(("etag" = String, description = "The new head's tag"))), Refusal))]
pub(crate) async fn put(
    State(relay): State<Relay>,
    At(vault): At<VaultId>,
    bearer: Bearer,
    headers: HeaderMap,
    body: Body,
) -> Outcome<impl IntoResponse> {
    bearer.device(&relay, vault).await?;
    let condition = match (text(&headers, header::IF_MATCH), text(&headers, header::IF_NONE_MATCH)) {
        (Some(tag), None) => HeadCondition::Tag(parse_tag(tag).ok_or(ErrorCode::InvalidRequest)?),
        (None, Some("*")) => HeadCondition::None,
        (None, None) => return Err(ErrorCode::PreconditionRequired.into()),
        _ => return Err(ErrorCode::InvalidRequest.into()),
    };
    let head = read_body(body, relay.config().limits.head_bytes).await?;
    let tag = digest(&head);
    relay
        .run(move |store, _| store.put_head(&vault, condition, &head, &tag))
        .await?;
    Ok((StatusCode::NO_CONTENT, etag(&tag)))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn etag(tag: &Digest) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{tag}\""))]
}

fn parse_tag(value: &str) -> Option<Digest> {
    value.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}
