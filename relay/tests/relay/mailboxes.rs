//! Mailboxes: sending, waiting, acknowledging, and the two tokens.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::StreamExt as _;
use kist_wire::{
    CreateMailbox, ErrorCode, Frame, IdempotencyKey, MailboxId, MessageAccepted, ReplaceSendToken, Token,
    decode_frames, header, path,
};
use tower::ServiceExt as _;

use crate::world::{Reply, World, hash};

struct Mailbox<'a> {
    world: &'a World,
    id: MailboxId,
    send: Token,
    receive: Token,
}

impl<'a> Mailbox<'a> {
    fn new(world: &'a World, number: u8) -> Self {
        let token = |offset: u8| Token::from([number + offset; 32]);
        Self {
            world,
            id: MailboxId::from([number; 16]),
            send: token(100),
            receive: token(50),
        }
    }

    async fn created(world: &'a World, number: u8) -> Self {
        let mailbox = Self::new(world, number);
        assert_eq!(mailbox.create().await.status, StatusCode::CREATED);
        mailbox
    }

    async fn create(&self) -> Reply {
        let new = CreateMailbox {
            mailbox: self.id,
            send_token_hash: hash(&self.send),
            receive_token_hash: hash(&self.receive),
        };
        self.world.post(path::MAILBOXES).json(&new).call().await
    }

    /// Sends with a key made of `key`.
    async fn send_as(&self, token: &Token, key: u8, body: &str) -> Reply {
        let ask = self
            .world
            .post(path::messages(&self.id))
            .bearer(token)
            .body(body.to_owned());
        ask.header(header::IDEMPOTENCY_KEY, IdempotencyKey::from([key; 16]))
            .call()
            .await
    }

    async fn send(&self, key: u8, body: &str) -> u64 {
        let reply = self.send_as(&self.send, key, body).await;
        assert!(reply.status.is_success(), "{}", reply.status);
        reply.json::<MessageAccepted>().number
    }

    async fn read(&self, after: u64, wait: u64) -> Vec<Frame> {
        let ask = self
            .world
            .get(path::messages_after(&self.id, after, wait))
            .bearer(&self.receive);
        decode_frames(&ask.await_ok().await.body).unwrap()
    }

    async fn acknowledge(&self, through: u64) {
        self.world
            .delete(path::messages_through(&self.id, through))
            .bearer(&self.receive)
            .await_ok()
            .await;
    }
}

fn frame(number: u64, body: &str) -> Frame {
    Frame {
        number,
        body: body.into(),
    }
}

#[tokio::test]
async fn c2_messages_come_in_order_numbered_from_one() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    for (key, body) in [(1, "one"), (2, "two"), (3, "three")] {
        assert_eq!(mailbox.send(key, body).await, u64::from(key));
    }
    assert_eq!(
        mailbox.read(0, 0).await,
        [frame(1, "one"), frame(2, "two"), frame(3, "three")]
    );
    assert_eq!(mailbox.read(2, 0).await, [frame(3, "three")]);
}

#[tokio::test]
async fn c2_what_is_acknowledged_is_gone_and_numbers_go_on() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    for key in 1..=3 {
        mailbox.send(key, "body").await;
    }
    mailbox.acknowledge(2).await;
    assert_eq!(mailbox.read(0, 0).await, [frame(3, "body")]);
    mailbox.acknowledge(2).await;
    mailbox.acknowledge(1000).await;
    assert!(mailbox.read(0, 0).await.is_empty());
    assert_eq!(mailbox.send(4, "next").await, 4);
}

#[tokio::test]
async fn c2_a_repeated_send_is_one_message() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    assert_eq!(
        mailbox.send_as(&mailbox.send, 1, "one").await.status,
        StatusCode::CREATED
    );
    let again = mailbox.send_as(&mailbox.send, 1, "one").await;
    assert_eq!(
        (again.status, again.json::<MessageAccepted>().number),
        (StatusCode::OK, 1)
    );
    mailbox.acknowledge(1).await;
    assert_eq!(mailbox.send(1, "one").await, 1, "also after it was collected");
    assert!(mailbox.read(0, 0).await.is_empty());
    assert_eq!(
        mailbox.send_as(&mailbox.send, 1, "other").await.refusal().code,
        ErrorCode::Conflict
    );
    assert_eq!(
        mailbox.send(2, "one").await,
        2,
        "the same bytes under another key are another message"
    );

    let keyless = world.post(path::messages(&mailbox.id)).bearer(&mailbox.send).body("x");
    assert_eq!(keyless.refused().await, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn c2_a_repeat_is_recognised_for_seven_days_and_then_forgotten() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    mailbox.send(1, "one").await;
    for (days, number) in [(7, 1), (1, 2)] {
        world.clock.forward(days * 24 * 60 * 60);
        world.relay.purge().await;
        assert_eq!(mailbox.send(1, "one").await, number);
    }
}

#[tokio::test]
async fn c2_nothing_is_lost_when_the_relay_restarts() {
    let world = World::new();
    let (id, receive) = {
        let mailbox = Mailbox::created(&world, 1).await;
        mailbox.send(1, "one").await;
        mailbox.send(2, "two").await;
        mailbox.acknowledge(1).await;
        (mailbox.id, mailbox.receive.clone())
    };
    let world = world.reopen();
    let mailbox = Mailbox {
        receive,
        id,
        ..Mailbox::new(&world, 1)
    };
    assert_eq!(mailbox.read(0, 0).await, [frame(2, "two")]);
    assert_eq!(mailbox.send(1, "one").await, 1);
    assert_eq!(mailbox.send(3, "three").await, 3);
}

#[tokio::test(start_paused = true)]
async fn c2_a_waiting_reader_has_a_message_when_it_comes() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    let start = tokio::time::Instant::now();
    let later = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        mailbox.send(1, "now").await
    };
    let (read, _) = tokio::join!(mailbox.read(0, 30), later);
    assert_eq!(read, [frame(1, "now")]);
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_time_at_the_limit_and_at_a_stop() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    for (wait, seconds) in [(5, 5), (1_000_000, 30)] {
        let start = tokio::time::Instant::now();
        assert!(mailbox.read(0, wait).await.is_empty());
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
    let start = tokio::time::Instant::now();
    let stop = async { world.relay.stop() };
    let (read, ()) = tokio::join!(mailbox.read(0, 30), stop);
    assert!(read.is_empty());
    assert_eq!(start.elapsed().as_secs(), 0);
}

#[tokio::test]
async fn c2_events_stream_messages_and_resume() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    mailbox.send(1, "one").await;
    mailbox.send(2, "two").await;
    let ask = world
        .get(path::events(&mailbox.id, 0))
        .bearer(&mailbox.receive)
        .header(header::LAST_EVENT_ID, 1);
    let response = world.app.clone().oneshot(ask.request()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.into_body().into_data_stream();
    assert_eq!(events.next().await.unwrap().unwrap(), "id: 2\ndata: dHdv\n\n");
    let (event, _) = tokio::join!(events.next(), mailbox.send(3, "three"));
    assert_eq!(event.unwrap().unwrap(), "id: 3\ndata: dGhyZWU\n\n");
    let (end, ()) = tokio::join!(events.next(), async { world.relay.stop() });
    assert!(end.is_none(), "the stream ends when the relay stops");
}

#[tokio::test]
async fn z1_each_token_does_its_own_thing_and_no_other() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    let stranger = Token::from([9; 32]);
    assert_eq!(
        mailbox.send_as(&mailbox.receive, 1, "x").await.refusal().code,
        ErrorCode::NotFound
    );
    assert_eq!(
        mailbox.send_as(&stranger, 1, "x").await.refusal().code,
        ErrorCode::NotFound
    );
    for token in [&mailbox.send, &stranger] {
        let replace = ReplaceSendToken {
            send_token_hash: hash(&stranger),
        };
        for ask in [
            world.get(path::messages_after(&mailbox.id, 0, 0)),
            world.get(path::events(&mailbox.id, 0)),
            world.delete(path::messages_through(&mailbox.id, 1)),
            world.put(path::send_token(&mailbox.id)).json(&replace),
            world.delete(path::send_token(&mailbox.id)),
            world.delete(path::mailbox(&mailbox.id)),
        ] {
            assert_eq!(ask.bearer(token).refused().await, ErrorCode::NotFound);
        }
    }
    let nowhere = MailboxId::from([77; 16]);
    let unknown = world.get(path::messages_after(&nowhere, 0, 0)).bearer(&mailbox.receive);
    assert_eq!(unknown.refused().await, ErrorCode::NotFound);
    let bare = world.get(path::messages_after(&mailbox.id, 0, 0));
    assert_eq!(bare.refused().await, ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn k4_a_withdrawn_send_token_is_refused_at_once() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    mailbox.send(1, "before").await;
    let fresh = Token::from([33; 32]);
    let replace = ReplaceSendToken {
        send_token_hash: hash(&fresh),
    };
    world
        .put(path::send_token(&mailbox.id))
        .bearer(&mailbox.receive)
        .json(&replace)
        .await_ok()
        .await;
    assert_eq!(
        mailbox.send_as(&mailbox.send, 2, "after").await.refusal().code,
        ErrorCode::NotFound
    );
    assert_eq!(
        mailbox.send_as(&mailbox.send, 1, "before").await.refusal().code,
        ErrorCode::NotFound
    );
    assert_eq!(
        mailbox
            .send_as(&fresh, 3, "anew")
            .await
            .json::<MessageAccepted>()
            .number,
        2
    );

    world
        .delete(path::send_token(&mailbox.id))
        .bearer(&mailbox.receive)
        .await_ok()
        .await;
    assert_eq!(
        mailbox.send_as(&fresh, 4, "never").await.refusal().code,
        ErrorCode::NotFound
    );
    assert_eq!(
        mailbox.read(0, 0).await,
        [frame(1, "before"), frame(2, "anew")],
        "what came before is still there"
    );
}

#[tokio::test]
async fn a_mailboxs_id_is_taken_once_and_deletion_empties_it() {
    let world = World::new();
    let mailbox = Mailbox::created(&world, 1).await;
    assert_eq!(mailbox.create().await.status, StatusCode::OK);
    let thief = Mailbox {
        send: Token::from([8; 32]),
        ..Mailbox::new(&world, 1)
    };
    assert_eq!(thief.create().await.refusal().code, ErrorCode::Conflict);
    mailbox.send(1, "one").await;
    world
        .delete(path::mailbox(&mailbox.id))
        .bearer(&mailbox.receive)
        .await_ok()
        .await;
    assert_eq!(
        mailbox.send_as(&mailbox.send, 2, "x").await.refusal().code,
        ErrorCode::NotFound
    );
    assert_eq!(mailbox.create().await.status, StatusCode::CREATED);
    assert!(mailbox.read(0, 0).await.is_empty());
}

#[tokio::test]
async fn a41_a_full_mailbox_takes_no_more_until_it_is_emptied() {
    let world = World::with(|config| {
        config.limits.mailbox_messages = 2;
        config.limits.mailbox_bytes = 10;
        config.limits.message_bytes = 8;
    });
    let mailbox = Mailbox::created(&world, 1).await;
    assert_eq!(
        mailbox.send_as(&mailbox.send, 1, "123456789").await.refusal().code,
        ErrorCode::TooLarge
    );
    mailbox.send(2, "12345678").await;
    assert_eq!(
        mailbox.send_as(&mailbox.send, 3, "123").await.refusal().code,
        ErrorCode::QuotaExceeded
    );
    assert_eq!(mailbox.send(4, "12").await, 2, "a refused message takes no number");
    assert_eq!(
        mailbox.send_as(&mailbox.send, 5, "").await.refusal().code,
        ErrorCode::QuotaExceeded
    );
    mailbox.acknowledge(1).await;
    assert_eq!(mailbox.send(6, "12345678").await, 3);
}
