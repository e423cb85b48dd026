//! Handshake slots: who has the link fetches the request and answers once; the owner collects and closes.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kist_wire::header::{FORM, REQUEST_OBJECT};
use kist_wire::limits::JSON_BYTES;
use kist_wire::{ErrorCode, OpenSlot, SlotId};
use serde::Deserialize;

use super::{status_of, waiting};
use crate::auth::Bearer;
use crate::openapi::Refusal;
use crate::request::{Asked, At, read_body, read_json};
use crate::state::Relay;
use crate::store::{Outcome, Store};

/// How long to wait for the answer.
#[derive(Deserialize)]
pub(crate) struct Collecting {
    wait: Option<u64>,
}

/// Open a slot. The same again is answered with 200.
#[utoipa::path(put, path = "/v1/slots/{slot}", tag = "slot", params(("slot" = SlotId, Path)), request_body = OpenSlot,
    responses((status = 201, description = "Opened"), (status = 200, description = "Was opened before"), Refusal))]
pub(crate) async fn open(State(relay): State<Relay>, At(slot): At<SlotId>, body: Body) -> Outcome<StatusCode> {
    let limits = &relay.config().limits;
    let new: OpenSlot = read_json(body, JSON_BYTES + limits.slot_request_bytes).await?;
    if new.request.len() as u64 > limits.slot_request_bytes {
        return Err(ErrorCode::TooLarge.into());
    }
    let latest = relay.now().saturating_add_unsigned(limits.slot_seconds);
    if new.expires <= relay.now() || new.expires > latest {
        return Err(ErrorCode::InvalidRequest.into());
    }
    relay
        .run(move |store, _| store.open_slot(&slot, &new))
        .await
        .map(status_of)
}

/// Close a slot: request and answer are removed. This is how its owner acknowledges the answer.
#[utoipa::path(delete, path = "/v1/slots/{slot}", tag = "slot", params(("slot" = SlotId, Path)),
    security(("ownerToken" = [])), responses((status = 204, description = "Closed"), Refusal))]
pub(crate) async fn close(
    State(relay): State<Relay>,
    At(slot): At<SlotId>,
    Bearer(token): Bearer,
) -> Outcome<StatusCode> {
    relay.run(move |store, _| store.close_slot(&slot, &token)).await?;
    relay.ring(slot.as_bytes());
    Ok(StatusCode::NO_CONTENT)
}

/// Fetch the signed request (OpenID4VP 1.0, `request_uri`).
#[utoipa::path(get, path = "/v1/slots/{slot}/request", tag = "slot", params(("slot" = SlotId, Path)),
    responses((status = 200, body = String, content_type = "application/oauth-authz-req+jwt"), Refusal))]
pub(crate) async fn request(State(relay): State<Relay>, At(slot): At<SlotId>) -> Outcome<impl IntoResponse> {
    let request = relay.run(move |store, now| store.slot_request(&slot, now)).await?;
    Ok(([(header::CONTENT_TYPE, REQUEST_OBJECT)], request))
}

/// Answer the request (OpenID4VP 1.0, `direct_post.jwt`): a form, kept as it came. The same bytes again are no error,
/// another answer is refused.
#[utoipa::path(post, path = "/v1/slots/{slot}/response", tag = "slot", params(("slot" = SlotId, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = Object, description = "An empty object"), Refusal))]
pub(crate) async fn answer(
    State(relay): State<Relay>,
    At(slot): At<SlotId>,
    headers: HeaderMap,
    body: Body,
) -> Outcome<impl IntoResponse> {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(FORM) {
        return Err(ErrorCode::InvalidRequest.into());
    }
    relay.run(move |store, now| store.slot_is_open(&slot, now)).await?;
    let answer = read_body(body, relay.config().limits.slot_response_bytes).await?;
    if answer.is_empty() {
        return Err(ErrorCode::InvalidRequest.into());
    }
    relay
        .run(move |store, now| store.answer_slot(&slot, &answer, now))
        .await?;
    relay.ring(slot.as_bytes());
    Ok(([(header::CONTENT_TYPE, "application/json")], "{}"))
}

/// Collect the answer: the form as it was posted. With none there, the reply waits up to `wait` seconds and is then 204.
#[utoipa::path(get, path = "/v1/slots/{slot}/response", tag = "slot",
    params(("slot" = SlotId, Path), ("wait" = Option<u64>, Query)), security(("ownerToken" = [])),
    responses(
        (status = 200, body = String, content_type = "application/x-www-form-urlencoded"),
        (status = 204, description = "No answer yet"), Refusal))]
pub(crate) async fn collect(
    State(relay): State<Relay>,
    At(slot): At<SlotId>,
    Asked(collecting): Asked<Collecting>,
    Bearer(token): Bearer,
) -> Outcome<Response> {
    let wait = waiting(collecting.wait, relay.config().limits.wait_seconds);
    let look = move |store: &Store, now| store.slot_answer(&slot, &token, now);
    match relay.wait_for(slot.as_bytes(), wait, look).await? {
        Some(answer) => Ok(([(header::CONTENT_TYPE, FORM)], answer).into_response()),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
