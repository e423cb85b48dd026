//! What the relay says of itself.

use axum::Json;
use axum::extract::State;
use kist_wire::{About, ErrorCode};

use crate::openapi::Refusal;
use crate::state::Relay;
use crate::store::Outcome;

/// The process lives.
#[utoipa::path(get, path = "/health", tag = "relay", responses((status = 200, description = "It does")))]
pub(crate) async fn health() {}

/// The relay can serve: its storage answers, and it isn't stopping.
#[utoipa::path(get, path = "/ready", tag = "relay", responses((status = 200, description = "It can"), Refusal))]
pub(crate) async fn ready(State(relay): State<Relay>) -> Outcome<()> {
    if relay.is_stopping() {
        return Err(ErrorCode::Unavailable.into());
    }
    relay
        .run(|store, _| store.check())
        .await
        .map_err(|_| ErrorCode::Unavailable.into())
}

/// Who runs the relay, where its data rests, and what it accepts.
#[utoipa::path(get, path = "/v1/about", tag = "relay", responses((status = 200, body = About)))]
pub(crate) async fn about(State(relay): State<Relay>) -> Json<About> {
    let config = relay.config();
    Json(About {
        operator: config.operator.clone(),
        country: config.country.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        origin: config.origin.clone(),
        limits: config.limits.clone(),
    })
}
