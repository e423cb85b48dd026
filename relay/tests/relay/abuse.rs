//! A41: oversize and slow bodies, floods, malformed requests.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use futures_util::stream;
use kist_relay::RateLimit;
use kist_wire::{About, BlobId, ErrorCode, MailboxId, Token, path};

use crate::world::{Ask, Reply, World};

#[tokio::test]
async fn a41_an_oversize_body_is_refused_by_its_length_and_by_its_bytes() {
    let world = World::with(|config| {
        config.limits.blob_bytes = 100;
        config.limits.log_entry_bytes = 100;
        config.limits.head_bytes = 100;
    });
    let member = world.member(1).await;
    let pieces = || stream::iter((0..11).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"0123456789"))));
    let places = || {
        [
            world.put(path::blob(&member.vault, &BlobId::from([1; 16]))),
            world.post(path::log_entry(&member.vault, &member.device.id, 0)),
            world.put(path::head(&member.vault)).header("if-none-match", "*"),
        ]
    };
    for ask in places() {
        assert_eq!(
            ask.bearer(&member.token).body(vec![0; 101]).refused().await,
            ErrorCode::TooLarge
        );
    }
    for ask in places() {
        let body = Body::from_stream(pieces());
        assert_eq!(
            ask.bearer(&member.token).body(body).refused().await,
            ErrorCode::TooLarge
        );
    }
    for ask in places() {
        ask.bearer(&member.token).body(vec![0; 100]).await_ok().await;
    }
    let huge = world.post(path::MAILBOXES).body(vec![b' '; 20_000]);
    assert_eq!(huge.refused().await, ErrorCode::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn a41_a_client_that_stops_sending_is_let_go() {
    let world = World::new();
    let member = world.member(1).await;
    let start = tokio::time::Instant::now();
    let silent = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let ask = world
        .put(path::blob(&member.vault, &BlobId::from([1; 16])))
        .bearer(&member.token);
    assert_eq!(ask.body(silent).refused().await, ErrorCode::Timeout);
    assert_eq!(start.elapsed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn a41_a_client_that_trickles_is_let_go() {
    let world = World::new();
    let start = tokio::time::Instant::now();
    let trickle = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
    });
    let ask = world.post(path::MAILBOXES).body(Body::from_stream(trickle));
    assert_eq!(ask.refused().await, ErrorCode::Timeout);
    assert_eq!(start.elapsed().as_secs(), 31);
}

async fn from(ask: Ask<'_>, world: &World, address: &str) -> Reply {
    let mut request = ask.request();
    request
        .extensions_mut()
        .insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
    world.send(request).await
}

const ONE: &str = "192.0.2.1:40000";
const OTHER: &str = "192.0.2.2:40000";

fn limited() -> World {
    World::with(|config| {
        config.rate = Some(RateLimit {
            per_second: 10,
            burst: 40,
        })
    })
}

#[tokio::test]
async fn a41_a_flood_is_slowed_and_others_are_served() {
    let world = limited();
    for _ in 0..40 {
        assert_eq!(from(world.get(path::HEALTH), &world, ONE).await.status, StatusCode::OK);
    }
    let refused = from(world.get(path::HEALTH), &world, ONE).await;
    assert_eq!(refused.refusal().code, ErrorCode::RateLimited);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(
        from(world.get(path::HEALTH), &world, OTHER).await.status,
        StatusCode::OK
    );
    world.clock.forward(1);
    assert_eq!(from(world.get(path::HEALTH), &world, ONE).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a41_guessing_is_dear() {
    let world = limited();
    let guess = |number: u8| {
        world
            .get(path::messages_after(&MailboxId::from([number; 16]), 0, 0))
            .bearer(&Token::from([number; 32]))
    };
    let mut answered = 0;
    while from(guess(answered), &world, ONE).await.status == StatusCode::NOT_FOUND {
        answered += 1;
    }
    assert_eq!(answered, 4);
    assert_eq!(from(guess(0), &world, ONE).await.refusal().code, ErrorCode::RateLimited);
}

#[tokio::test]
async fn a41_behind_a_proxy_the_client_counts_and_a_forged_entry_does_not() {
    let world = World::with(|config| {
        config.rate = Some(RateLimit {
            per_second: 1,
            burst: 1,
        });
        config.forwarded = true;
    });
    let through = |entries: &str| from(world.get(path::HEALTH).header("x-forwarded-for", entries), &world, ONE);
    assert_eq!(through("198.51.100.1").await.status, StatusCode::OK);
    assert_eq!(
        through("203.0.113.9, 198.51.100.1").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(through("198.51.100.2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a31_malformed_requests_are_refused_in_json() {
    let world = World::new();
    let member = world.member(1).await;
    let blob = path::blob(&member.vault, &BlobId::from([1; 16]));
    for (ask, expected) in [
        (world.get("/"), ErrorCode::NotFound),
        (world.get("/v2/vaults"), ErrorCode::NotFound),
        (world.ask(Method::PATCH, path::VAULTS), ErrorCode::MethodNotAllowed),
        (world.get("/v1/slots/short/request"), ErrorCode::InvalidRequest),
        (world.get("/v1/slots/%00%ff/request"), ErrorCode::InvalidRequest),
        (world.post(path::VAULTS).body("{"), ErrorCode::InvalidRequest),
        (world.post(path::VAULTS).body("[[[[[[[["), ErrorCode::InvalidRequest),
        (
            world.get(format!("{}?after=x", path::blobs(&member.vault, None))),
            ErrorCode::InvalidRequest,
        ),
        (
            world.get(blob.clone()).header("authorization", "Bearer nonsense"),
            ErrorCode::Unauthenticated,
        ),
        (
            world.get(blob).header("authorization", "Basic eDp5"),
            ErrorCode::Unauthenticated,
        ),
    ] {
        assert_eq!(ask.refused().await, expected);
    }
}

#[tokio::test]
async fn z7_a_relay_says_who_runs_it_where_and_within_which_limits() {
    let world = World::with(|config| {
        config.operator = "Riverside Trust".into();
        config.country = "GB".into();
        config.limits.blob_bytes = 12_345;
    });
    let about: About = world.get(path::ABOUT).await_ok().await.json();
    assert_eq!(
        (about.operator.as_str(), about.country.as_str()),
        ("Riverside Trust", "GB")
    );
    assert_eq!(about.limits.blob_bytes, 12_345);
    assert_eq!(about.origin, crate::world::origin());
}

#[tokio::test]
async fn health_readiness_and_description() {
    let world = World::new();
    world.get(path::HEALTH).await_ok().await;
    world.get(path::READY).await_ok().await;
    let description: serde_json::Value = world.get(path::OPENAPI).await_ok().await.json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3."));
    assert!(description["components"]["schemas"]["CreateVault"]["properties"]["vault"].is_object());
    world.relay.stop();
    assert_eq!(world.get(path::READY).refused().await, ErrorCode::Unavailable);
    world.get(path::HEALTH).await_ok().await;
}

#[tokio::test]
async fn one_process_serves_a_folder() {
    let world = World::new();
    let Err(error) = kist_relay::Relay::open(world.config.clone()) else {
        panic!("opened twice")
    };
    assert_eq!(error.code(), "DataFolderInUse");
}
