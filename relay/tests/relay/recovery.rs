//! What a recovery code opens.

use axum::http::StatusCode;
use kist_wire::{
    ErrorCode, Locator, NonceIssued, Opaque, RecoveryBlob, RecoveryLogin, Session, StoreRecovery, path, statement,
};

use crate::world::{Device, Member, World, origin};

fn locator(number: u8) -> Locator {
    Locator::from([number; 32])
}

/// The login key of a recovery code, as a device's key is made.
fn code() -> Device {
    Device::new(42)
}

fn login(code: &Device, locator: Locator, nonce: &NonceIssued) -> RecoveryLogin {
    let signature = code.sign(&statement::recovery_login(
        &origin(),
        &locator,
        nonce.expires,
        &nonce.nonce,
    ));
    RecoveryLogin {
        nonce: nonce.nonce,
        expires: nonce.expires,
        signature,
    }
}

async fn store(world: &World, member: &Member, locator: Locator, code: &Device, blob: &[u8]) -> StatusCode {
    let stored = StoreRecovery {
        key: code.public(),
        blob: Opaque(blob.to_vec()),
    };
    world
        .put(path::recovery(&locator))
        .bearer(&member.token)
        .json(&stored)
        .call()
        .await
        .status
}

#[tokio::test]
async fn z3_the_codes_holder_reads_what_the_vault_stored() {
    let world = World::new();
    let member = world.member(1).await;
    assert_eq!(
        store(&world, &member, locator(1), &code(), b"wrapped").await,
        StatusCode::CREATED
    );
    assert_eq!(
        store(&world, &member, locator(1), &code(), b"wrapped anew").await,
        StatusCode::OK
    );

    let nonce = world.nonce(path::recovery_nonce(&locator(1))).await;
    let ask = world
        .post(path::recovery_login(&locator(1)))
        .json(&login(&code(), locator(1), &nonce));
    let session: Session = ask.await_ok().await.json();
    let read: RecoveryBlob = world
        .get(path::recovery(&locator(1)))
        .bearer(&session.token)
        .await_ok()
        .await
        .json();
    assert_eq!(read.blob.0, b"wrapped anew");
}

#[tokio::test]
async fn z3_a_locator_alone_yields_nothing() {
    let world = World::new();
    let (member, other) = (world.member(1).await, world.member(2).await);
    store(&world, &member, locator(1), &code(), b"wrapped").await;
    let place = path::recovery(&locator(1));
    assert_eq!(world.get(place.clone()).refused().await, ErrorCode::Unauthenticated);
    // Nor do the sessions of vaults read it, the owner's included.
    for token in [&member.token, &other.token] {
        assert_eq!(
            world.get(place.clone()).bearer(token).refused().await,
            ErrorCode::Unauthenticated
        );
    }
    let nonce = world.nonce(path::recovery_nonce(&locator(1))).await;
    let wrong = login(&Device::new(43), locator(1), &nonce);
    assert_eq!(
        world
            .post(path::recovery_login(&locator(1)))
            .json(&wrong)
            .refused()
            .await,
        ErrorCode::LoginRefused
    );
    assert_eq!(
        world.post(path::recovery_nonce(&locator(9))).refused().await,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn a16_a_recovery_nonce_serves_once_and_for_one_locator() {
    let world = World::new();
    let member = world.member(1).await;
    store(&world, &member, locator(1), &code(), b"one").await;
    store(&world, &member, locator(2), &code(), b"two").await;
    let nonce = world.nonce(path::recovery_nonce(&locator(1))).await;
    let elsewhere = world
        .post(path::recovery_login(&locator(2)))
        .json(&login(&code(), locator(2), &nonce));
    assert_eq!(elsewhere.refused().await, ErrorCode::LoginRefused);
    let first = world
        .post(path::recovery_login(&locator(1)))
        .json(&login(&code(), locator(1), &nonce));
    let session: Session = first.await_ok().await.json();
    let again = world
        .post(path::recovery_login(&locator(1)))
        .json(&login(&code(), locator(1), &nonce));
    assert_eq!(again.refused().await, ErrorCode::LoginRefused);
    let other = world.get(path::recovery(&locator(2))).bearer(&session.token);
    assert_eq!(other.refused().await, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_replaced_code_opens_nothing_more() {
    let world = World::new();
    let member = world.member(1).await;
    store(&world, &member, locator(1), &code(), b"one").await;
    let nonce = world.nonce(path::recovery_nonce(&locator(1))).await;
    let ask = world
        .post(path::recovery_login(&locator(1)))
        .json(&login(&code(), locator(1), &nonce));
    let session: Session = ask.await_ok().await.json();
    store(&world, &member, locator(1), &Device::new(43), b"two").await;
    let read = world.get(path::recovery(&locator(1))).bearer(&session.token);
    assert_eq!(read.refused().await, ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn a41_another_vault_neither_replaces_nor_removes_it() {
    let world = World::new();
    let (member, other) = (world.member(1).await, world.member(2).await);
    store(&world, &member, locator(1), &code(), b"wrapped").await;
    assert_eq!(
        store(&world, &other, locator(1), &code(), b"mine").await,
        StatusCode::NOT_FOUND
    );
    let place = path::recovery(&locator(1));
    assert_eq!(
        world.delete(place.clone()).bearer(&other.token).refused().await,
        ErrorCode::NotFound
    );
    world.delete(place.clone()).bearer(&member.token).await_ok().await;
    assert_eq!(
        world.delete(place).bearer(&member.token).refused().await,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn size_and_number_are_bounded_and_deletion_of_the_vault_takes_all() {
    let world = World::with(|config| {
        config.limits.recovery_bytes = 100;
        config.limits.recovery_blobs = 1;
    });
    let member = world.member(1).await;
    assert_eq!(
        store(&world, &member, locator(1), &code(), &[0; 101]).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        store(&world, &member, locator(1), &code(), &[0; 100]).await,
        StatusCode::CREATED
    );
    assert_eq!(
        store(&world, &member, locator(2), &code(), &[0; 1]).await,
        StatusCode::INSUFFICIENT_STORAGE
    );
    world
        .delete(path::vault(&member.vault))
        .bearer(&member.token)
        .await_ok()
        .await;
    assert_eq!(
        world.post(path::recovery_nonce(&locator(1))).refused().await,
        ErrorCode::NotFound
    );
}
