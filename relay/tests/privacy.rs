//! Z1: what the operator can see of tokens and ids. A program of its own with one test: what a thread logs is captured
//! reliably only while no other thread logs elsewhere.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "relay/world.rs"]
#[allow(dead_code, unreachable_pub)] // shared with the other tests
mod world;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use kist_wire::{
    BlobId, CreateMailbox, IdempotencyKey, Locator, MailboxId, Opaque, OpenSlot, RecoveryLogin, Session, SlotId,
    StoreRecovery, Token, header, path, statement,
};

use world::{Device, START, World, hash, origin};

/// Everything that a busy day brings, and the secrets and ids that it used.
struct Day {
    tokens: Vec<Token>,
    ids: Vec<String>,
}

async fn a_day(world: &World) -> Day {
    let member = world.member(1).await;
    let blob = BlobId::from([2; 16]);
    world
        .put(path::blob(&member.vault, &blob))
        .bearer(&member.token)
        .body("sealed")
        .await_ok()
        .await;
    world
        .get(path::blob(&member.vault, &blob))
        .bearer(&member.token)
        .await_ok()
        .await;
    world
        .post(path::log_entry(&member.vault, &member.device.id, 0))
        .bearer(&member.token)
        .body("e")
        .await_ok()
        .await;

    let (locator, code) = (Locator::from([3; 32]), Device::new(4));
    let stored = StoreRecovery {
        key: code.public(),
        blob: Opaque(b"wrapped".to_vec()),
    };
    world
        .put(path::recovery(&locator))
        .bearer(&member.token)
        .json(&stored)
        .await_ok()
        .await;
    let nonce = world.nonce(path::recovery_nonce(&locator)).await;
    let signature = code.sign(&statement::recovery_login(
        &origin(),
        &locator,
        nonce.expires,
        &nonce.nonce,
    ));
    let login = RecoveryLogin {
        nonce: nonce.nonce,
        expires: nonce.expires,
        signature,
    };
    let recovery: Session = world
        .post(path::recovery_login(&locator))
        .json(&login)
        .await_ok()
        .await
        .json();

    let (mailbox, send, receive) = (MailboxId::from([5; 16]), Token::from([6; 32]), Token::from([7; 32]));
    let new = CreateMailbox {
        mailbox,
        send_token_hash: hash(&send),
        receive_token_hash: hash(&receive),
    };
    world.post(path::MAILBOXES).json(&new).await_ok().await;
    let message = world.post(path::messages(&mailbox)).bearer(&send).body("message");
    message
        .header(header::IDEMPOTENCY_KEY, IdempotencyKey::from([8; 16]))
        .await_ok()
        .await;
    world
        .get(path::messages_after(&mailbox, 0, 0))
        .bearer(&receive)
        .await_ok()
        .await;

    let (slot, owner) = (SlotId::from([9; 16]), Token::from([10; 32]));
    let open = OpenSlot {
        request: "request".into(),
        owner_token_hash: hash(&owner),
        expires: START + 600,
    };
    world.put(path::slot(&slot)).json(&open).await_ok().await;
    world
        .get(path::slot_response_wait(&slot, 0))
        .bearer(&owner)
        .await_ok()
        .await;
    world.get("/no/such/place").refused().await;

    Day {
        tokens: vec![member.token, recovery.token, send, receive, owner],
        ids: vec![
            member.vault.to_string(),
            member.device.id.to_string(),
            blob.to_string(),
            locator.to_string(),
            mailbox.to_string(),
            slot.to_string(),
            "/no/such/place".into(),
        ],
    }
}

fn text(token: &Token) -> String {
    token.to_bearer().trim_start_matches("Bearer ").to_owned()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path)
            } else {
                vec![(path.display().to_string(), std::fs::read(&path).unwrap())]
            }
        })
        .collect()
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn z1_no_token_is_in_the_data_folder_and_no_identifier_in_the_log() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let world = World::new();
    let day = {
        let _guard = tracing::subscriber::set_default(subscriber);
        a_day(&world).await
    };

    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains(path::BLOB) && log.contains(path::MESSAGES),
        "requests are logged by their routes"
    );
    for secret in day.ids.iter().cloned().chain(day.tokens.iter().map(text)) {
        assert!(!log.contains(&secret));
    }

    let files = files(world.folder.path());
    // The scan sees what is there: a token's hash, and a message.
    assert!(
        files
            .iter()
            .any(|(_, bytes)| contains(bytes, hash(&day.tokens[2]).as_bytes()))
    );
    assert!(files.iter().any(|(_, bytes)| contains(bytes, b"message")));
    for (name, bytes) in &files {
        for token in &day.tokens {
            assert!(!contains(bytes, token.expose()), "{name}");
            assert!(!contains(bytes, text(token).as_bytes()), "{name}");
        }
    }
}
