//! A device's append-only log.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kist_wire::{DeviceId, ErrorCode, LogAppended, VaultId};
use serde::Deserialize;

use super::{frames, status_of};
use crate::auth::Bearer;
use crate::openapi::Refusal;
use crate::request::{Asked, At, read_body};
use crate::state::Relay;
use crate::store::Outcome;

/// From which entry on.
#[derive(Deserialize)]
pub(crate) struct From {
    from: Option<u64>,
}

/// Append an entry to the caller's own log, at the next free index, counted from 0. The same bytes at a taken index are
/// answered with 200; others are a conflict whose `next` names the free index.
#[utoipa::path(post, path = "/v1/vaults/{vault}/logs/{device}/{index}", tag = "vault",
    params(("vault" = VaultId, Path), ("device" = DeviceId, Path), ("index" = u64, Path)),
    request_body(content = [u8], content_type = "application/octet-stream"), security(("session" = [])),
    responses((status = 201, body = LogAppended), (status = 200, body = LogAppended), Refusal))]
pub(crate) async fn append(
    State(relay): State<Relay>,
    At((vault, device, index)): At<(VaultId, DeviceId, u64)>,
    bearer: Bearer,
    body: Body,
) -> Outcome<(StatusCode, Json<LogAppended>)> {
    if bearer.device(&relay, vault).await? != device {
        return Err(ErrorCode::Forbidden.into());
    }
    let body = read_body(body, relay.config().limits.log_entry_bytes).await?;
    let done = relay
        .run(move |store, _| store.append(&vault, &device, index, &body))
        .await?;
    // The index was accepted, so it is far from the largest number.
    Ok((
        status_of(done),
        Json(LogAppended {
            next: index.saturating_add(1),
        }),
    ))
}

/// Read a device's log as frames, from an index on; ask again from the last index plus one until no frame comes.
#[utoipa::path(get, path = "/v1/vaults/{vault}/logs/{device}", tag = "vault",
    params(("vault" = VaultId, Path), ("device" = DeviceId, Path), ("from" = Option<u64>, Query)),
    security(("session" = [])),
    responses((status = 200, body = [u8], content_type = "application/vnd.kist.frames"), Refusal))]
pub(crate) async fn read(
    State(relay): State<Relay>,
    At((vault, device)): At<(VaultId, DeviceId)>,
    Asked(from): Asked<From>,
    bearer: Bearer,
) -> Outcome<impl IntoResponse> {
    bearer.device(&relay, vault).await?;
    relay
        .run(move |store, _| store.log(&vault, &device, from.from.unwrap_or(0)))
        .await
        .map(frames)
}
