//! The router: every route with its handler, and what surrounds them all.

use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use kist_wire::{ErrorCode, path};

use crate::api::{about, blobs, devices, heads, logs, mailboxes, recovery, slots, vaults};
use crate::failure::Failure;
use crate::openapi;
use crate::rate::{self, route_of};
use crate::state::Relay;

/// The relay's router. Serve it with [`crate::serve`], which also tells it clients' addresses, or call it in a test.
pub fn app(relay: Relay) -> Router {
    routes()
        .router
        .fallback(|| async { Failure::from(ErrorCode::NotFound) })
        .method_not_allowed_fallback(|| async { Failure::from(ErrorCode::MethodNotAllowed) })
        .layer(middleware::from_fn_with_state(relay.clone(), rate::limit))
        .layer(middleware::from_fn_with_state(relay.clone(), observe))
        .with_state(relay)
}

/// A router that remembers what it routes, so that a test can hold the API's description to it.
struct Routes {
    router: Router<Relay>,
    list: Vec<(Method, &'static str)>,
}

impl Routes {
    fn on<H, T>(mut self, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Relay>,
        T: 'static,
    {
        // Every method below is one that axum routes.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        self.router = self.router.route(path, on(filter, handler));
        self.list.push((method, path));
        self
    }
}

fn routes() -> Routes {
    Routes {
        router: Router::new(),
        list: Vec::new(),
    }
    .on(Method::GET, path::HEALTH, about::health)
    .on(Method::GET, path::READY, about::ready)
    .on(Method::GET, path::ABOUT, about::about)
    .on(Method::GET, path::OPENAPI, openapi::openapi)
    .on(Method::POST, path::VAULTS, vaults::create)
    .on(Method::DELETE, path::VAULT, vaults::delete)
    .on(Method::POST, path::VAULT_NONCE, vaults::nonce)
    .on(Method::POST, path::VAULT_LOGIN, vaults::login)
    .on(Method::GET, path::DEVICES, devices::list)
    .on(Method::PUT, path::DEVICE, devices::put)
    .on(Method::DELETE, path::DEVICE, devices::delete)
    .on(Method::GET, path::BLOBS, blobs::list)
    .on(Method::PUT, path::BLOB, blobs::put)
    .on(Method::GET, path::BLOB, blobs::get)
    .on(Method::HEAD, path::BLOB, blobs::head)
    .on(Method::DELETE, path::BLOB, blobs::delete)
    .on(Method::POST, path::LOG_ENTRY, logs::append)
    .on(Method::GET, path::LOG, logs::read)
    .on(Method::GET, path::HEAD, heads::get)
    .on(Method::PUT, path::HEAD, heads::put)
    .on(Method::PUT, path::RECOVERY, recovery::put)
    .on(Method::GET, path::RECOVERY, recovery::get)
    .on(Method::DELETE, path::RECOVERY, recovery::delete)
    .on(Method::POST, path::RECOVERY_NONCE, recovery::nonce)
    .on(Method::POST, path::RECOVERY_LOGIN, recovery::login)
    .on(Method::POST, path::MAILBOXES, mailboxes::create)
    .on(Method::DELETE, path::MAILBOX, mailboxes::delete)
    .on(Method::POST, path::MESSAGES, mailboxes::send)
    .on(Method::GET, path::MESSAGES, mailboxes::read)
    .on(Method::DELETE, path::MESSAGES, mailboxes::acknowledge)
    .on(Method::GET, path::EVENTS, mailboxes::events)
    .on(Method::PUT, path::SEND_TOKEN, mailboxes::replace_send_token)
    .on(Method::DELETE, path::SEND_TOKEN, mailboxes::remove_send_token)
    .on(Method::PUT, path::PUSH, mailboxes::register_push)
    .on(Method::DELETE, path::PUSH, mailboxes::remove_push)
    .on(Method::PUT, path::SLOT, slots::open)
    .on(Method::DELETE, path::SLOT, slots::close)
    .on(Method::GET, path::SLOT_REQUEST, slots::request)
    .on(Method::POST, path::SLOT_RESPONSE, slots::answer)
    .on(Method::GET, path::SLOT_RESPONSE, slots::collect)
}

/// Writes one line a request, with nothing in it that names anybody, and keeps replies out of caches.
async fn observe(State(relay): State<Relay>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = route_of(&request);
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if relay.is_stopping() {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let (status, millis) = (response.status().as_u16(), started.elapsed().as_millis());
    tracing::info!(%method, route, status, millis, "request");
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let description = serde_json::to_value(openapi::description()).unwrap();
        let described: BTreeSet<(String, String)> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods.map(move |method| (method.to_uppercase(), path.clone()))
            })
            .collect();
        let routed: BTreeSet<(String, String)> = routes()
            .list
            .into_iter()
            .map(|(method, path)| (method.to_string(), path.to_owned()))
            .collect();
        assert_eq!(routed, described);
    }
}
