//! The API's OpenAPI description, made from the handlers and the types of `kist-wire`.

use std::collections::BTreeMap;

use axum::Json;
use kist_wire::ErrorBody;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema as _};

use crate::api::{about, blobs, devices, heads, logs, mailboxes, recovery, slots, vaults};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kist relay",
        description = "Keeps ciphertext for people and organisations, and can read none of it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        about::health, about::ready, about::about, openapi,
        vaults::create, vaults::delete, vaults::nonce, vaults::login,
        devices::list, devices::put, devices::delete,
        blobs::list, blobs::put, blobs::get, blobs::head, blobs::delete,
        logs::append, logs::read, heads::get, heads::put,
        recovery::put, recovery::get, recovery::delete, recovery::nonce, recovery::login,
        mailboxes::create, mailboxes::delete, mailboxes::send, mailboxes::read, mailboxes::acknowledge,
        mailboxes::events, mailboxes::replace_send_token, mailboxes::remove_send_token, mailboxes::register_push, mailboxes::remove_push,
        slots::open, slots::close, slots::request, slots::answer, slots::collect,
    ),
    components(schemas(ErrorBody)),
    modifiers(&Tokens),
    tags(
        (name = "relay", description = "The relay itself"),
        (name = "vault", description = "A person's backup: blobs, logs, a head"),
        (name = "recovery", description = "What the recovery code opens"),
        (name = "mailbox", description = "Messages: one token sends, another receives"),
        (name = "slot", description = "A handshake: one request, one answer"),
    )
)]
struct Description;

/// The API's description, as `/openapi.json` serves it.
pub fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "relay", responses((status = 200, body = Object)))]
pub(crate) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(description())
}

/// The bearer tokens, by what they open.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for name in ["session", "recoverySession", "sendToken", "receiveToken", "ownerToken"] {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        }
    }
}

/// Every reply of 400 or more.
pub(crate) struct Refusal;

impl IntoResponses for Refusal {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let schema = RefOr::Ref(Ref::from_schema_name(ErrorBody::name()));
        let response = ResponseBuilder::new()
            .description("Refused; `code` says why, and belongs to one status")
            .content("application/json", Content::new(Some(schema)))
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}
