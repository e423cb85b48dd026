//! Creation, login, devices, deletion.

use axum::http::StatusCode;
use kist_wire::{DeviceEntry, DeviceList, ErrorCode, RegisterDevice, Session, Token, VaultId, path};

use crate::world::{Device, World, origin};

#[tokio::test]
async fn a_device_logs_in_and_lists_its_vaults_devices() {
    let world = World::new();
    let member = world.member(1).await;
    let list: DeviceList = world
        .get(path::devices(&member.vault))
        .bearer(&member.token)
        .await_ok()
        .await
        .json();
    assert_eq!(
        list.devices,
        [DeviceEntry {
            device: member.device.id,
            key: member.device.public()
        }]
    );
}

#[tokio::test]
async fn creating_again_is_no_error_and_another_device_cannot_take_the_id() {
    let world = World::new();
    let member = world.member(1).await;
    let again = member.device.create(&origin(), member.vault);
    assert_eq!(
        world.post(path::VAULTS).json(&again).call().await.status,
        StatusCode::OK
    );
    let other = Device::new(2).create(&origin(), member.vault);
    assert_eq!(
        world.post(path::VAULTS).json(&other).refused().await,
        ErrorCode::Conflict
    );
}

#[tokio::test]
async fn a_vault_is_created_only_by_who_holds_the_key() {
    let world = World::new();
    let mut stolen = Device::new(1).create(&origin(), VaultId::from([1; 16]));
    stolen.key = Device::new(2).public();
    assert_eq!(
        world.post(path::VAULTS).json(&stolen).refused().await,
        ErrorCode::LoginRefused
    );
    stolen.key = [4; 65].into();
    assert_eq!(
        world.post(path::VAULTS).json(&stolen).refused().await,
        ErrorCode::InvalidRequest
    );
}

#[tokio::test]
async fn an_invitation_is_asked_for_where_the_operator_wants_one() {
    let world = World::with(|config| config.invite = Some("come in".into()));
    let mut new = Device::new(1).create(&origin(), VaultId::from([1; 16]));
    assert_eq!(
        world.post(path::VAULTS).json(&new).refused().await,
        ErrorCode::InviteRequired
    );
    new.invite = Some("let me in".into());
    assert_eq!(
        world.post(path::VAULTS).json(&new).refused().await,
        ErrorCode::InviteRequired
    );
    new.invite = Some("come in".into());
    assert_eq!(
        world.post(path::VAULTS).json(&new).call().await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a16_a_login_nonce_serves_once() {
    let world = World::new();
    let member = world.member(1).await;
    let nonce = world.nonce(path::vault_nonce(&member.vault)).await;
    let login = member.device.login(&origin(), member.vault, &nonce);
    world
        .post(path::vault_login(&member.vault))
        .json(&login)
        .await_ok()
        .await;
    assert_eq!(
        world
            .post(path::vault_login(&member.vault))
            .json(&login)
            .refused()
            .await,
        ErrorCode::LoginRefused
    );
}

#[tokio::test]
async fn a_login_expires_with_its_nonce() {
    let world = World::new();
    let member = world.member(1).await;
    let nonce = world.nonce(path::vault_nonce(&member.vault)).await;
    let login = member.device.login(&origin(), member.vault, &nonce);
    world.clock.forward(120);
    assert_eq!(
        world
            .post(path::vault_login(&member.vault))
            .json(&login)
            .refused()
            .await,
        ErrorCode::LoginRefused
    );

    // Nor does a client lengthen it by signing a later time.
    let mut nonce = world.nonce(path::vault_nonce(&member.vault)).await;
    nonce.expires += 1000;
    let login = member.device.login(&origin(), member.vault, &nonce);
    assert_eq!(
        world
            .post(path::vault_login(&member.vault))
            .json(&login)
            .refused()
            .await,
        ErrorCode::LoginRefused
    );
}

#[tokio::test]
async fn a17_a_login_signed_for_another_relay_is_refused() {
    let world = World::new();
    let member = world.member(1).await;
    let nonce = world.nonce(path::vault_nonce(&member.vault)).await;
    let elsewhere = "https://other.example".parse().unwrap();
    let login = member.device.login(&elsewhere, member.vault, &nonce);
    assert_eq!(
        world
            .post(path::vault_login(&member.vault))
            .json(&login)
            .refused()
            .await,
        ErrorCode::LoginRefused
    );
    let new = Device::new(2).create(&elsewhere, VaultId::from([2; 16]));
    assert_eq!(
        world.post(path::VAULTS).json(&new).refused().await,
        ErrorCode::LoginRefused
    );
}

#[tokio::test]
async fn a_login_for_one_vault_opens_no_other() {
    let world = World::new();
    let (one, two) = (world.member(1).await, world.member(2).await);
    // One's nonce and signature at two's door, and one's nonce signed for two's vault.
    let nonce = world.nonce(path::vault_nonce(&one.vault)).await;
    for login in [
        one.device.login(&origin(), one.vault, &nonce),
        two.device.login(&origin(), two.vault, &nonce),
    ] {
        assert_eq!(
            world.post(path::vault_login(&two.vault)).json(&login).refused().await,
            ErrorCode::LoginRefused
        );
    }
}

#[tokio::test]
async fn a_session_ends_after_an_hour() {
    let world = World::new();
    let member = world.member(1).await;
    let nonce = world.nonce(path::vault_nonce(&member.vault)).await;
    let login = member.device.login(&origin(), member.vault, &nonce);
    let session: Session = world
        .post(path::vault_login(&member.vault))
        .json(&login)
        .await_ok()
        .await
        .json();
    world.clock.forward(3599);
    world
        .get(path::devices(&member.vault))
        .bearer(&session.token)
        .await_ok()
        .await;
    world.clock.forward(1);
    let refused = world
        .get(path::devices(&member.vault))
        .bearer(&session.token)
        .call()
        .await;
    assert_eq!(refused.refusal().code, ErrorCode::Unauthenticated);
    assert_eq!(refused.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a41_another_vaults_token_finds_nothing() {
    let world = World::new();
    let (one, two) = (world.member(1).await, world.member(2).await);
    let blob = kist_wire::BlobId::from([7; 16]);
    world
        .put(path::blob(&one.vault, &blob))
        .bearer(&one.token)
        .body("x")
        .await_ok()
        .await;
    for ask in [
        world.get(path::blob(&one.vault, &blob)),
        world.put(path::blob(&one.vault, &blob)).body("y"),
        world.delete(path::blob(&one.vault, &blob)),
        world.get(path::blobs(&one.vault, None)),
        world.get(path::head(&one.vault)),
        world.put(path::head(&one.vault)).header("if-none-match", "*").body("h"),
        world.get(path::log(&one.vault, &one.device.id, 0)),
        world.post(path::log_entry(&one.vault, &one.device.id, 0)).body("e"),
        world.get(path::devices(&one.vault)),
        world
            .put(path::device(&one.vault, &two.device.id))
            .json(&RegisterDevice {
                key: two.device.public(),
            }),
        world.delete(path::device(&one.vault, &one.device.id)),
        world.delete(path::vault(&one.vault)),
    ] {
        assert_eq!(ask.bearer(&two.token).refused().await, ErrorCode::NotFound);
    }
    assert_eq!(
        world.get(path::head(&one.vault)).refused().await,
        ErrorCode::Unauthenticated
    );
    let guessed = Token::from([9; 32]);
    assert_eq!(
        world.get(path::head(&one.vault)).bearer(&guessed).refused().await,
        ErrorCode::Unauthenticated
    );
}

#[tokio::test]
async fn a27_an_expelled_devices_sessions_end_at_once() {
    let world = World::new();
    let member = world.member(1).await;
    let phone = Device::new(2);
    let place = path::device(&member.vault, &phone.id);
    let register = RegisterDevice { key: phone.public() };
    assert_eq!(
        world
            .put(place.clone())
            .bearer(&member.token)
            .json(&register)
            .call()
            .await
            .status,
        StatusCode::CREATED
    );
    assert_eq!(
        world
            .put(place.clone())
            .bearer(&member.token)
            .json(&register)
            .call()
            .await
            .status,
        StatusCode::OK
    );
    let token = world.login(member.vault, &phone).await;

    world.delete(place.clone()).bearer(&member.token).await_ok().await;
    assert_eq!(
        world.get(path::devices(&member.vault)).bearer(&token).refused().await,
        ErrorCode::Unauthenticated
    );
    let nonce = world.nonce(path::vault_nonce(&member.vault)).await;
    let login = phone.login(&origin(), member.vault, &nonce);
    assert_eq!(
        world
            .post(path::vault_login(&member.vault))
            .json(&login)
            .refused()
            .await,
        ErrorCode::LoginRefused
    );
    assert_eq!(
        world.delete(place).bearer(&member.token).refused().await,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn a8_a_devices_key_is_never_replaced() {
    let world = World::new();
    let member = world.member(1).await;
    let other = RegisterDevice {
        key: Device::new(2).public(),
    };
    let place = path::device(&member.vault, &member.device.id);
    assert_eq!(
        world.put(place).bearer(&member.token).json(&other).refused().await,
        ErrorCode::Conflict
    );
}

#[tokio::test]
async fn the_last_device_stays_and_their_number_is_bounded() {
    let world = World::with(|config| config.limits.devices = 2);
    let member = world.member(1).await;
    let own = path::device(&member.vault, &member.device.id);
    assert_eq!(
        world.delete(own).bearer(&member.token).refused().await,
        ErrorCode::Conflict
    );
    for (number, expected) in [(2, StatusCode::CREATED), (3, StatusCode::INSUFFICIENT_STORAGE)] {
        let device = Device::new(number);
        let ask = world.put(path::device(&member.vault, &device.id)).bearer(&member.token);
        assert_eq!(
            ask.json(&RegisterDevice { key: device.public() }).call().await.status,
            expected
        );
    }
}

#[tokio::test]
async fn a_deleted_vault_is_gone_with_its_files() {
    let world = World::new();
    let member = world.member(1).await;
    let blob = kist_wire::BlobId::from([7; 16]);
    world
        .put(path::blob(&member.vault, &blob))
        .bearer(&member.token)
        .body("sealed")
        .await_ok()
        .await;
    world
        .delete(path::vault(&member.vault))
        .bearer(&member.token)
        .await_ok()
        .await;
    assert_eq!(
        world
            .get(path::devices(&member.vault))
            .bearer(&member.token)
            .refused()
            .await,
        ErrorCode::Unauthenticated
    );
    assert_eq!(
        world.post(path::vault_nonce(&member.vault)).refused().await,
        ErrorCode::NotFound
    );
    assert_eq!(std::fs::read_dir(world.folder.path().join("blobs")).unwrap().count(), 0);
    world.member(1).await; // the id is free again
}
