//! Vaults: creation, login, deletion.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use kist_wire::limits::JSON_BYTES;
use kist_wire::{CreateVault, ErrorCode, LoginRequest, NonceIssued, Session, VaultId, statement};

use super::status_of;
use crate::auth::{Bearer, check_key, digest, new_nonce, new_token, verify};
use crate::openapi::Refusal;
use crate::request::{At, read_json};
use crate::state::Relay;
use crate::store::{NonceUse, Outcome, Subject};

/// Seconds that a nonce is good for.
pub(super) const NONCE_SECONDS: i64 = 120;
/// Seconds that a session lasts.
pub(super) const SESSION_SECONDS: i64 = 60 * 60;

/// Create a vault with its first device, whose key signs for it. The same again is answered with 200.
#[utoipa::path(post, path = "/v1/vaults", tag = "vault", request_body = CreateVault,
    responses((status = 201, description = "Created"), (status = 200, description = "Was created before"), Refusal))]
pub(crate) async fn create(State(relay): State<Relay>, body: Body) -> Outcome<StatusCode> {
    let new: CreateVault = read_json(body, JSON_BYTES).await?;
    if let Some(expected) = &relay.config().invite {
        // Digests are compared, so that time tells nothing of the invitation.
        let given = new.invite.as_deref().unwrap_or_default();
        if digest(given.as_bytes()) != digest(expected.as_bytes()) {
            return Err(ErrorCode::InviteRequired.into());
        }
    }
    check_key(&new.key)?;
    let signed = statement::create_vault(&relay.config().origin, &new.vault, &new.device, &new.key);
    verify(&new.key, &signed, &new.signature)?;
    relay
        .run(move |store, _| store.create_vault(&new.vault, &new.device, &new.key))
        .await
        .map(status_of)
}

/// Issue a nonce for one login.
#[utoipa::path(post, path = "/v1/vaults/{vault}/nonce", tag = "vault", params(("vault" = VaultId, Path)),
    responses((status = 200, body = NonceIssued), Refusal))]
pub(crate) async fn nonce(State(relay): State<Relay>, At(vault): At<VaultId>) -> Outcome<Json<NonceIssued>> {
    issue_nonce(&relay, Subject::Vault(vault)).await
}

pub(super) async fn issue_nonce(relay: &Relay, subject: Subject) -> Outcome<Json<NonceIssued>> {
    let nonce = new_nonce()?;
    let expires = relay.now().saturating_add(NONCE_SECONDS);
    relay
        .run(move |store, _| store.issue_nonce(&subject, &nonce, expires))
        .await?;
    Ok(Json(NonceIssued { nonce, expires }))
}

/// Log a device in: its key signs relay, vault, device, expiry and nonce.
#[utoipa::path(post, path = "/v1/vaults/{vault}/login", tag = "vault", params(("vault" = VaultId, Path)),
    request_body = LoginRequest, responses((status = 200, body = Session), Refusal))]
pub(crate) async fn login(State(relay): State<Relay>, At(vault): At<VaultId>, body: Body) -> Outcome<Json<Session>> {
    let LoginRequest {
        device,
        nonce,
        expires,
        signature,
    } = read_json(body, JSON_BYTES).await?;
    let key = relay
        .run(move |store, _| store.device_key(&vault, &device))
        .await?
        .ok_or(ErrorCode::LoginRefused)?;
    let signed = statement::login(&relay.config().origin, &vault, &device, expires, &nonce);
    verify(&key, &signed, &signature)?;
    let token = new_token()?;
    let hash = digest(token.expose());
    let session_expires = relay
        .run(move |store, now| {
            let session_expires = now.saturating_add(SESSION_SECONDS);
            let nonce = NonceUse { nonce, expires, now };
            store
                .open_session((&vault, &device, &key), &nonce, &hash, session_expires)
                .map(|()| session_expires)
        })
        .await?;
    Ok(Json(Session {
        token,
        expires: session_expires,
    }))
}

/// Delete a vault with all that it holds.
#[utoipa::path(delete, path = "/v1/vaults/{vault}", tag = "vault", params(("vault" = VaultId, Path)),
    security(("session" = [])), responses((status = 204, description = "Deleted"), Refusal))]
pub(crate) async fn delete(State(relay): State<Relay>, At(vault): At<VaultId>, bearer: Bearer) -> Outcome<StatusCode> {
    bearer.device(&relay, vault).await?;
    relay.run(move |store, _| store.delete_vault(&vault)).await?;
    Ok(StatusCode::NO_CONTENT)
}
