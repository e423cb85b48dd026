//! Handshake slots: one request, one answer.

use std::time::Duration;

use axum::http::StatusCode;
use kist_wire::{ErrorCode, OpenSlot, SlotId, Token, form, header, path};

use crate::world::{Reply, START, World, hash};

fn id() -> SlotId {
    SlotId::from([5; 16])
}

fn owner() -> Token {
    Token::from([6; 32])
}

fn new(request: &str, seconds: i64) -> OpenSlot {
    OpenSlot {
        request: request.into(),
        owner_token_hash: hash(&owner()),
        expires: START + seconds,
    }
}

async fn opened() -> World {
    let world = World::new();
    let reply = world
        .put(path::slot(&id()))
        .json(&new("signed.request.jws", 600))
        .call()
        .await;
    assert_eq!(reply.status, StatusCode::CREATED);
    world
}

async fn answer(world: &World, response: &str) -> Reply {
    let ask = world
        .post(path::slot_response(&id()))
        .header("content-type", header::FORM);
    ask.body(form::response_form(response)).call().await
}

async fn collect(world: &World, wait: u64) -> Reply {
    world
        .get(path::slot_response_wait(&id(), wait))
        .bearer(&owner())
        .call()
        .await
}

#[tokio::test]
async fn h1_a_request_is_fetched_answered_and_collected() {
    let world = opened().await;
    let request = world.get(path::slot_request(&id())).await_ok().await;
    assert_eq!(request.header("content-type"), header::REQUEST_OBJECT);
    assert_eq!(request.header("cache-control"), "no-store");
    assert_eq!(request.body, b"signed.request.jws");
    assert_eq!(collect(&world, 0).await.status, StatusCode::NO_CONTENT);

    let accepted = answer(&world, "a.jwe").await;
    assert_eq!(
        (accepted.status, accepted.body.as_slice()),
        (StatusCode::OK, &b"{}"[..])
    );
    let collected = collect(&world, 0).await;
    assert_eq!(collected.header("content-type"), header::FORM);
    assert_eq!(form::response_of_form(&collected.body), Some("a.jwe"));
}

#[tokio::test]
async fn h1_a_slot_is_answered_once() {
    let world = opened().await;
    assert_eq!(answer(&world, "first.jwe").await.status, StatusCode::OK);
    assert_eq!(
        answer(&world, "second.jwe").await.refusal().code,
        ErrorCode::AlreadyAnswered
    );
    assert_eq!(
        answer(&world, "first.jwe").await.status,
        StatusCode::OK,
        "the wallet may not have had the reply"
    );
    let request = world.get(path::slot_request(&id()));
    assert_eq!(request.refused().await, ErrorCode::AlreadyAnswered);
    assert_eq!(
        form::response_of_form(&collect(&world, 0).await.body),
        Some("first.jwe")
    );
}

#[tokio::test]
async fn h1_two_answers_at_once_one_counts() {
    let world = opened().await;
    let (a, b) = tokio::join!(answer(&world, "a"), answer(&world, "b"));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn h1_an_expired_slot_is_gone() {
    let world = opened().await;
    world.clock.forward(600);
    for _ in 0..2 {
        assert_eq!(world.get(path::slot_request(&id())).refused().await, ErrorCode::Expired);
        assert_eq!(answer(&world, "late.jwe").await.refusal().code, ErrorCode::Expired);
        assert_eq!(collect(&world, 0).await.refusal().code, ErrorCode::Expired);
        world.relay.purge().await;
    }
    world.clock.forward(24 * 60 * 60);
    world.relay.purge().await;
    assert_eq!(
        world.get(path::slot_request(&id())).refused().await,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn a_collected_slot_is_emptied_by_its_owner_alone() {
    let world = opened().await;
    answer(&world, "a.jwe").await;
    let stranger = Token::from([7; 32]);
    let place = path::slot(&id());
    assert_eq!(
        world.delete(place.clone()).bearer(&stranger).refused().await,
        ErrorCode::NotFound
    );
    let reading = world.get(path::slot_response_wait(&id(), 0));
    assert_eq!(reading.bearer(&stranger).refused().await, ErrorCode::NotFound);
    assert_eq!(
        world.get(path::slot_response_wait(&id(), 0)).refused().await,
        ErrorCode::Unauthenticated
    );

    world.delete(place.clone()).bearer(&owner()).await_ok().await;
    world.delete(place).bearer(&owner()).await_ok().await;
    assert_eq!(collect(&world, 0).await.refusal().code, ErrorCode::Expired);
    assert_eq!(answer(&world, "b.jwe").await.refusal().code, ErrorCode::Expired);
    let reopened = world.put(path::slot(&id())).json(&new("signed.request.jws", 600));
    assert_eq!(reopened.refused().await, ErrorCode::Conflict, "a slot serves once");
}

#[tokio::test(start_paused = true)]
async fn the_owner_waits_for_the_answer() {
    let world = opened().await;
    let start = tokio::time::Instant::now();
    let later = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        answer(&world, "a.jwe").await
    };
    let (collected, _) = tokio::join!(collect(&world, 30), later);
    assert_eq!(collected.status, StatusCode::OK);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test]
async fn opening_again_is_no_error_and_another_request_is_a_conflict() {
    let world = opened().await;
    let ask = |slot: &OpenSlot| world.put(path::slot(&id())).json(slot);
    assert_eq!(ask(&new("signed.request.jws", 600)).call().await.status, StatusCode::OK);
    assert_eq!(ask(&new("another", 600)).refused().await, ErrorCode::Conflict);
    assert_eq!(
        ask(&new("signed.request.jws", 601)).refused().await,
        ErrorCode::Conflict
    );
}

#[tokio::test]
async fn expiry_and_sizes_are_bounded() {
    let world = World::with(|config| {
        config.limits.slot_request_bytes = 10;
        config.limits.slot_response_bytes = 20;
    });
    let ask = |request: &str, seconds| world.put(path::slot(&id())).json(&new(request, seconds));
    const LONGEST: i64 = kist_wire::limits::SLOT_SECONDS as i64;
    for seconds in [0, -1, LONGEST + 1, i64::MAX - START] {
        assert_eq!(ask("r", seconds).refused().await, ErrorCode::InvalidRequest);
    }
    assert_eq!(ask("12345678901", 600).refused().await, ErrorCode::TooLarge);
    ask("1234567890", LONGEST).await_ok().await;
    assert_eq!(answer(&world, "123456789012").await.refusal().code, ErrorCode::TooLarge);
    let plain = world.post(path::slot_response(&id())).body("response=a");
    assert_eq!(plain.refused().await, ErrorCode::InvalidRequest);
    let empty = world
        .post(path::slot_response(&id()))
        .header("content-type", header::FORM);
    assert_eq!(empty.refused().await, ErrorCode::InvalidRequest);
    assert_eq!(answer(&world, "12345678901").await.status, StatusCode::OK);
}
