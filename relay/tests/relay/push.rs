//! Push without content: a real server hears that something has come, and nothing else.

use std::time::Duration;

use axum::http::StatusCode;
use kist_relay::Push;
use kist_wire::{CreateMailbox, IdempotencyKey, MailboxId, RegisterPush, Token, header, path};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::world::{World, digest};

/// A push service on this machine. Gives its address, and each request as it came.
async fn service(status: &'static str) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/up/secret", listener.local_addr().unwrap());
    let (send, receive) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 8192];
            let length = stream.read(&mut bytes).await.unwrap_or(0);
            let _ = send.send(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    (address, receive)
}

fn with_push(interval: Duration) -> World {
    World::with(|config| {
        config.push = Some(Push {
            hosts: Vec::new(),
            interval,
            allow_loopback: true,
        });
    })
}

const MAILBOX: [u8; 16] = [9; 16];

fn tokens() -> (Token, Token) {
    (Token::from([1; 32]), Token::from([2; 32]))
}

async fn mailbox(world: &World, endpoint: &str) -> MailboxId {
    let mailbox = MailboxId::from(MAILBOX);
    let (send, receive) = tokens();
    let new = CreateMailbox {
        mailbox,
        send_token_hash: digest(send.expose()),
        receive_token_hash: digest(receive.expose()),
    };
    let made = world.post(path::MAILBOXES).json(&new).call().await;
    assert_eq!(made.status, StatusCode::CREATED);
    let endpoint = endpoint.to_owned();
    let registered = world
        .put(path::push(&mailbox))
        .bearer(&receive)
        .json(&RegisterPush { endpoint });
    assert_eq!(registered.call().await.status, StatusCode::NO_CONTENT);
    mailbox
}

async fn message(world: &World, mailbox: &MailboxId, number: u8) {
    let sent = world
        .post(path::messages(mailbox))
        .bearer(&tokens().0)
        .header(header::IDEMPOTENCY_KEY, IdempotencyKey::from([number; 16]))
        .body(format!("sealed words {number}").into_bytes())
        .call()
        .await;
    assert_eq!(sent.status, StatusCode::CREATED);
}

async fn next(heard: &mut mpsc::UnboundedReceiver<String>) -> Option<String> {
    timeout(Duration::from_secs(20), heard.recv()).await.ok().flatten()
}

#[tokio::test]
async fn c1_a_push_says_that_something_came_and_nothing_else() {
    let world = with_push(Duration::from_secs(3600));
    let (address, mut heard) = service("201 Created").await;
    let mailbox = mailbox(&world, &address).await;
    message(&world, &mailbox, 1).await;
    let word = next(&mut heard).await.unwrap();
    let (head, body) = word.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /up/secret HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("ttl: 86400"), "{head}");
    assert_eq!(body, "");
    let id = mailbox.to_string();
    assert!(!word.contains(&id) && !word.contains("sealed"), "{word}");
}

#[tokio::test]
async fn c1_many_messages_are_one_word_and_one_more_when_the_interval_is_over() {
    let world = with_push(Duration::from_secs(5));
    let (address, mut heard) = service("200 OK").await;
    let mailbox = mailbox(&world, &address).await;
    for number in 1..=5 {
        message(&world, &mailbox, number).await;
    }
    assert!(next(&mut heard).await.is_some());
    assert!(next(&mut heard).await.is_some());
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn c1_a_push_service_that_is_down_holds_no_message_up() {
    let world = with_push(Duration::from_secs(3600));
    // Nobody accepts there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/up", listener.local_addr().unwrap());
    let mailbox = mailbox(&world, &address).await;
    for number in 1..=5 {
        message(&world, &mailbox, number).await;
    }
    let read = world
        .get(path::messages_after(&mailbox, 0, 0))
        .bearer(&tokens().1)
        .call()
        .await;
    assert_eq!(kist_wire::decode_frames(&read.body).unwrap().len(), 5);
}

#[tokio::test]
async fn c1_a_subscription_that_is_gone_is_forgotten() {
    let world = with_push(Duration::from_millis(50));
    let (address, mut heard) = service("410 Gone").await;
    let mailbox = mailbox(&world, &address).await;
    message(&world, &mailbox, 1).await;
    assert!(next(&mut heard).await.is_some());
    let stored = || {
        let db = rusqlite::Connection::open(world.folder.path().join("relay.db")).unwrap();
        db.query_row("SELECT push FROM mailboxes", [], |row| row.get::<_, Option<String>>(0))
            .unwrap()
    };
    let forgotten = timeout(Duration::from_secs(20), async {
        while stored().is_some() {
            tokio::task::yield_now().await;
        }
    });
    assert!(forgotten.await.is_ok());
}

#[tokio::test]
async fn c1_a_relay_without_push_says_so_and_delivers() {
    let world = World::new();
    let (send, receive) = tokens();
    let mailbox = MailboxId::from(MAILBOX);
    let new = CreateMailbox {
        mailbox,
        send_token_hash: digest(send.expose()),
        receive_token_hash: digest(receive.expose()),
    };
    world.post(path::MAILBOXES).json(&new).call().await;
    let endpoint = RegisterPush {
        endpoint: "https://push.example/up".into(),
    };
    let refused = world
        .put(path::push(&mailbox))
        .bearer(&receive)
        .json(&endpoint)
        .call()
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    message(&world, &mailbox, 1).await;
}

#[tokio::test]
async fn c1_only_the_mailboxs_owner_registers_and_removal_takes_the_address_along() {
    let world = with_push(Duration::from_secs(3600));
    let (address, mut heard) = service("201 Created").await;
    let mailbox = mailbox(&world, &address).await;
    let body = RegisterPush {
        endpoint: address.clone(),
    };
    let by_sender = world
        .put(path::push(&mailbox))
        .bearer(&tokens().0)
        .json(&body)
        .call()
        .await;
    assert_eq!(by_sender.status, StatusCode::NOT_FOUND);
    let private = RegisterPush {
        endpoint: "https://10.0.0.1/up".into(),
    };
    let private = world
        .put(path::push(&mailbox))
        .bearer(&tokens().1)
        .json(&private)
        .call()
        .await;
    assert_eq!(private.status, StatusCode::BAD_REQUEST);
    let removed = world.delete(path::push(&mailbox)).bearer(&tokens().1).call().await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    message(&world, &mailbox, 1).await;
    assert!(heard.try_recv().is_err());
    world
        .put(path::push(&mailbox))
        .bearer(&tokens().1)
        .json(&body)
        .call()
        .await;
    world.delete(path::mailbox(&mailbox)).bearer(&tokens().1).call().await;
    let db = rusqlite::Connection::open(world.folder.path().join("relay.db")).unwrap();
    let left: i64 = db
        .query_row("SELECT count(*) FROM mailboxes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}
