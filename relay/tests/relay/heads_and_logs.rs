//! Compare-and-swap of heads, append-only logs.

use axum::http::StatusCode;
use kist_wire::{DeviceId, ErrorCode, Frame, LogAppended, RegisterDevice, decode_frames, path};

use crate::world::{Device, Member, Reply, World, digest};

fn tag(head: &str) -> String {
    format!("\"{}\"", digest(head.as_bytes()))
}

async fn swap(world: &World, member: &Member, condition: (&str, &str), head: &str) -> Reply {
    let (name, value) = condition;
    world
        .put(path::head(&member.vault))
        .bearer(&member.token)
        .header(name, value)
        .body(head.to_owned())
        .call()
        .await
}

#[tokio::test]
async fn a_head_is_swapped_and_read_with_its_tag() {
    let world = World::new();
    let member = world.member(1).await;
    assert_eq!(
        world
            .get(path::head(&member.vault))
            .bearer(&member.token)
            .refused()
            .await,
        ErrorCode::NotFound
    );
    let first = swap(&world, &member, ("if-none-match", "*"), "one").await;
    assert_eq!(
        (first.status, first.header("etag")),
        (StatusCode::NO_CONTENT, tag("one").as_str())
    );
    assert_eq!(
        swap(&world, &member, ("if-match", &tag("one")), "two").await.status,
        StatusCode::NO_CONTENT
    );

    let read = world
        .get(path::head(&member.vault))
        .bearer(&member.token)
        .await_ok()
        .await;
    assert_eq!(
        (read.body.as_slice(), read.header("etag")),
        (&b"two"[..], tag("two").as_str())
    );
}

#[tokio::test]
async fn an_unchanged_head_costs_one_small_reply() {
    let world = World::new();
    let member = world.member(1).await;
    swap(&world, &member, ("if-none-match", "*"), "one").await;
    let ask = || world.get(path::head(&member.vault)).bearer(&member.token);
    let same = ask().header("if-none-match", tag("one")).call().await;
    assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(
        ask().header("if-none-match", tag("zero")).call().await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a38_two_commits_on_one_head_one_wins() {
    let world = World::new();
    let member = world.member(1).await;
    swap(&world, &member, ("if-none-match", "*"), "base").await;
    let base = tag("base");
    let (a, b) = tokio::join!(
        swap(&world, &member, ("if-match", &base), "mine"),
        swap(&world, &member, ("if-match", &base), "theirs"),
    );
    let (winner, loser, head) = if a.status == StatusCode::NO_CONTENT {
        (a, b, "mine")
    } else {
        (b, a, "theirs")
    };
    assert_eq!(winner.status, StatusCode::NO_CONTENT);
    assert_eq!(loser.refusal().code, ErrorCode::HeadMoved);
    assert_eq!(
        loser.header("etag"),
        tag(head),
        "the loser is told which head to rebase on"
    );
    assert_eq!(
        swap(&world, &member, ("if-match", &tag(head)), "rebased").await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a38_two_first_heads_one_wins() {
    let world = World::new();
    let member = world.member(1).await;
    let (a, b) = tokio::join!(
        swap(&world, &member, ("if-none-match", "*"), "mine"),
        swap(&world, &member, ("if-none-match", "*"), "theirs"),
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 412]);
}

#[tokio::test]
async fn a_head_needs_a_condition() {
    let world = World::new();
    let member = world.member(1).await;
    let ask = || world.put(path::head(&member.vault)).bearer(&member.token).body("head");
    assert_eq!(ask().refused().await, ErrorCode::PreconditionRequired);
    assert_eq!(ask().header("if-match", "*").refused().await, ErrorCode::InvalidRequest);
    assert_eq!(
        ask().header("if-none-match", tag("x")).refused().await,
        ErrorCode::InvalidRequest
    );
    let both = ask().header("if-none-match", "*").header("if-match", tag("x"));
    assert_eq!(both.refused().await, ErrorCode::InvalidRequest);
    assert_eq!(
        ask().header("if-match", tag("none yet")).refused().await,
        ErrorCode::HeadMoved
    );
}

async fn append(world: &World, member: &Member, index: u64, body: &str) -> Reply {
    let place = path::log_entry(&member.vault, &member.device.id, index);
    world
        .post(place)
        .bearer(&member.token)
        .body(body.to_owned())
        .call()
        .await
}

async fn read(world: &World, member: &Member, device: DeviceId, from: u64) -> Vec<Frame> {
    let reply = world
        .get(path::log(&member.vault, &device, from))
        .bearer(&member.token)
        .await_ok()
        .await;
    decode_frames(&reply.body).unwrap()
}

#[tokio::test]
async fn a_log_grows_at_its_end_only() {
    let world = World::new();
    let member = world.member(1).await;
    for (index, body) in [(0, "zero"), (1, "one"), (2, "two")] {
        let reply = append(&world, &member, index, body).await;
        assert_eq!(
            (reply.status, reply.json::<LogAppended>().next),
            (StatusCode::CREATED, index + 1)
        );
    }
    assert_eq!(append(&world, &member, 1, "one").await.status, StatusCode::OK);
    for (index, body) in [(1, "other"), (4, "gap"), (u64::MAX, "far")] {
        let refusal = append(&world, &member, index, body).await.refusal();
        assert_eq!((refusal.code, refusal.next), (ErrorCode::Conflict, Some(3)));
    }
    let frames = read(&world, &member, member.device.id, 1).await;
    let expected = [(1, "one"), (2, "two")].map(|(number, body)| Frame {
        number,
        body: body.into(),
    });
    assert_eq!(frames, expected);
    assert!(read(&world, &member, member.device.id, 3).await.is_empty());
    let far = path::log(&member.vault, &member.device.id, u64::MAX);
    assert_eq!(
        world.get(far).bearer(&member.token).refused().await,
        ErrorCode::InvalidRequest
    );
}

#[tokio::test]
async fn two_appends_at_one_index_one_wins() {
    let world = World::new();
    let member = world.member(1).await;
    let (a, b) = tokio::join!(append(&world, &member, 0, "a"), append(&world, &member, 0, "b"));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_device_appends_to_its_own_log_and_reads_all() {
    let world = World::new();
    let member = world.member(1).await;
    let phone = Device::new(2);
    let register = RegisterDevice { key: phone.public() };
    world
        .put(path::device(&member.vault, &phone.id))
        .bearer(&member.token)
        .json(&register)
        .await_ok()
        .await;
    let token = world.login(member.vault, &phone).await;
    let others = path::log_entry(&member.vault, &member.device.id, 0);
    assert_eq!(
        world.post(others).bearer(&token).body("x").refused().await,
        ErrorCode::Forbidden
    );
    let own = path::log_entry(&member.vault, &phone.id, 0);
    world.post(own).bearer(&token).body("phone").await_ok().await;
    assert_eq!(read(&world, &member, phone.id, 0).await.len(), 1);
}

#[tokio::test]
async fn a_long_log_comes_in_several_replies() {
    let world = World::with(|config| config.rate = None);
    let member = world.member(1).await;
    let entry = "x".repeat(3 << 20);
    for index in 0..4 {
        assert_eq!(append(&world, &member, index, &entry).await.status, StatusCode::CREATED);
    }
    let first = read(&world, &member, member.device.id, 0).await;
    assert_eq!(first.iter().map(|frame| frame.number).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(read(&world, &member, member.device.id, 2).await.len(), 2);
}

#[tokio::test]
async fn log_entries_count_towards_the_vaults_quota() {
    let world = World::with(|config| config.limits.vault_bytes = 10);
    let member = world.member(1).await;
    assert_eq!(append(&world, &member, 0, "123456").await.status, StatusCode::CREATED);
    assert_eq!(
        append(&world, &member, 1, "12345").await.refusal().code,
        ErrorCode::QuotaExceeded
    );
    assert_eq!(append(&world, &member, 1, "1234").await.status, StatusCode::CREATED);
}
