//! What a recovery code opens. A vault stores it; to read it takes the code's login key, so a locator alone yields nothing.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use kist_wire::limits::JSON_BYTES;
use kist_wire::{
    ErrorCode, Locator, NonceIssued, Opaque, RecoveryBlob, RecoveryLogin, Session, StoreRecovery, statement,
};

use super::status_of;
use super::vaults::{SESSION_SECONDS, issue_nonce};
use crate::auth::{Bearer, check_key, digest, new_token, verify};
use crate::openapi::Refusal;
use crate::request::{At, read_json};
use crate::state::Relay;
use crate::store::{NonceUse, Outcome, Subject};

/// Store or replace what lies under a locator, as a device logged in to a vault. Another vault's locator isn't found.
#[utoipa::path(put, path = "/v1/recovery/{locator}", tag = "recovery", params(("locator" = Locator, Path)),
    request_body = StoreRecovery, security(("session" = [])),
    responses((status = 201, description = "Stored"), (status = 200, description = "Replaced"), Refusal))]
pub(crate) async fn put(
    State(relay): State<Relay>,
    At(locator): At<Locator>,
    bearer: Bearer,
    body: Body,
) -> Outcome<StatusCode> {
    let vault = relay.run(move |store, now| store.session_vault(&bearer.0, now)).await?;
    let limit = relay.config().limits.recovery_bytes;
    // base64url takes four characters for three bytes.
    let stored: StoreRecovery = read_json(body, JSON_BYTES + limit.saturating_mul(4).div_ceil(3)).await?;
    if stored.blob.0.len() as u64 > limit {
        return Err(ErrorCode::TooLarge.into());
    }
    check_key(&stored.key)?;
    relay
        .run(move |store, _| store.put_recovery(&vault, &locator, &stored))
        .await
        .map(status_of)
}

/// Issue a nonce for one login.
#[utoipa::path(post, path = "/v1/recovery/{locator}/nonce", tag = "recovery", params(("locator" = Locator, Path)),
    responses((status = 200, body = NonceIssued), Refusal))]
pub(crate) async fn nonce(State(relay): State<Relay>, At(locator): At<Locator>) -> Outcome<Json<NonceIssued>> {
    issue_nonce(&relay, Subject::Recovery(locator)).await
}

/// Prove to hold the recovery code: its login key signs relay, locator, expiry and nonce.
#[utoipa::path(post, path = "/v1/recovery/{locator}/login", tag = "recovery", params(("locator" = Locator, Path)),
    request_body = RecoveryLogin, responses((status = 200, body = Session), Refusal))]
pub(crate) async fn login(State(relay): State<Relay>, At(locator): At<Locator>, body: Body) -> Outcome<Json<Session>> {
    let RecoveryLogin {
        nonce,
        expires,
        signature,
    } = read_json(body, JSON_BYTES).await?;
    let key = relay
        .run(move |store, _| store.recovery_key(&locator))
        .await?
        .ok_or(ErrorCode::LoginRefused)?;
    let signed = statement::recovery_login(&relay.config().origin, &locator, expires, &nonce);
    verify(&key, &signed, &signature)?;
    let token = new_token()?;
    let hash = digest(token.expose());
    let session_expires = relay
        .run(move |store, now| {
            let session_expires = now.saturating_add(SESSION_SECONDS);
            let nonce = NonceUse { nonce, expires, now };
            store
                .open_recovery_session((&locator, &key), &nonce, &hash, session_expires)
                .map(|()| session_expires)
        })
        .await?;
    Ok(Json(Session {
        token,
        expires: session_expires,
    }))
}

/// Read what lies under the locator.
#[utoipa::path(get, path = "/v1/recovery/{locator}", tag = "recovery", params(("locator" = Locator, Path)),
    security(("recoverySession" = [])), responses((status = 200, body = RecoveryBlob), Refusal))]
pub(crate) async fn get(
    State(relay): State<Relay>,
    At(locator): At<Locator>,
    bearer: Bearer,
) -> Outcome<Json<RecoveryBlob>> {
    let blob = relay
        .run(move |store, now| store.recovery(&bearer.0, &locator, now))
        .await?;
    Ok(Json(RecoveryBlob { blob: Opaque(blob) }))
}

/// Remove a locator, as a device logged in to the vault that stored it.
#[utoipa::path(delete, path = "/v1/recovery/{locator}", tag = "recovery", params(("locator" = Locator, Path)),
    security(("session" = [])), responses((status = 204, description = "Removed"), Refusal))]
pub(crate) async fn delete(
    State(relay): State<Relay>,
    At(locator): At<Locator>,
    bearer: Bearer,
) -> Outcome<StatusCode> {
    relay
        .run(move |store, now| {
            let vault = store.session_vault(&bearer.0, now)?;
            store.delete_recovery(&vault, &locator)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
