//! The devices that can log in to a vault.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use kist_wire::limits::JSON_BYTES;
use kist_wire::{DeviceId, DeviceList, RegisterDevice, VaultId};

use super::status_of;
use crate::auth::{Bearer, check_key};
use crate::openapi::Refusal;
use crate::request::{At, read_json};
use crate::state::Relay;
use crate::store::Outcome;

/// List the devices' keys, ordered by id.
#[utoipa::path(get, path = "/v1/vaults/{vault}/devices", tag = "vault", params(("vault" = VaultId, Path)),
    security(("session" = [])), responses((status = 200, body = DeviceList), Refusal))]
pub(crate) async fn list(
    State(relay): State<Relay>,
    At(vault): At<VaultId>,
    bearer: Bearer,
) -> Outcome<Json<DeviceList>> {
    bearer.device(&relay, vault).await?;
    let devices = relay.run(move |store, _| store.devices(&vault)).await?;
    Ok(Json(DeviceList { devices }))
}

/// Register a device. The same again is answered with 200; another key for a known id is a conflict.
#[utoipa::path(put, path = "/v1/vaults/{vault}/devices/{device}", tag = "vault",
    params(("vault" = VaultId, Path), ("device" = DeviceId, Path)), request_body = RegisterDevice,
    security(("session" = [])),
    responses((status = 201, description = "Registered"), (status = 200, description = "Was registered before"), Refusal))]
pub(crate) async fn put(
    State(relay): State<Relay>,
    At((vault, device)): At<(VaultId, DeviceId)>,
    bearer: Bearer,
    body: Body,
) -> Outcome<StatusCode> {
    bearer.device(&relay, vault).await?;
    let RegisterDevice { key } = read_json(body, JSON_BYTES).await?;
    check_key(&key)?;
    relay
        .run(move |store, _| store.add_device(&vault, &device, &key))
        .await
        .map(status_of)
}

/// Remove a device: its sessions end at once, its log stays. The last device can't be removed.
#[utoipa::path(delete, path = "/v1/vaults/{vault}/devices/{device}", tag = "vault",
    params(("vault" = VaultId, Path), ("device" = DeviceId, Path)),
    security(("session" = [])), responses((status = 204, description = "Removed"), Refusal))]
pub(crate) async fn delete(
    State(relay): State<Relay>,
    At((vault, device)): At<(VaultId, DeviceId)>,
    bearer: Bearer,
) -> Outcome<StatusCode> {
    bearer.device(&relay, vault).await?;
    relay.run(move |store, _| store.remove_device(&vault, &device)).await?;
    Ok(StatusCode::NO_CONTENT)
}
