//! Blobs, whole and in part, and the vault's quota.

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};
use futures_util::stream;
use kist_wire::{BlobEntry, BlobId, BlobList, ErrorCode, path};

use crate::world::{Member, World};

fn blob(number: u8) -> BlobId {
    BlobId::from([number; 16])
}

async fn put(world: &World, member: &Member, id: BlobId, body: impl Into<Body>) -> StatusCode {
    world
        .put(path::blob(&member.vault, &id))
        .bearer(&member.token)
        .body(body)
        .call()
        .await
        .status
}

#[tokio::test]
async fn a_blob_is_created_once() {
    let world = World::new();
    let member = world.member(1).await;
    assert_eq!(put(&world, &member, blob(1), "sealed").await, StatusCode::CREATED);
    assert_eq!(put(&world, &member, blob(1), "sealed").await, StatusCode::OK);
    for other in ["SEALED", "seale", "sealed.", ""] {
        assert_eq!(put(&world, &member, blob(1), other).await, StatusCode::CONFLICT);
    }
    let reply = world
        .get(path::blob(&member.vault, &blob(1)))
        .bearer(&member.token)
        .await_ok()
        .await;
    assert_eq!(
        (reply.body.as_slice(), reply.header("content-length")),
        (&b"sealed"[..], "6")
    );
    assert_eq!(
        std::fs::read_dir(world.folder.path().join("blobs")).unwrap().count(),
        1,
        "refused uploads leave nothing"
    );
}

#[tokio::test]
async fn uploads_of_one_id_at_once_leave_one_blob() {
    let world = World::new();
    let member = world.member(1).await;
    let (a, b, c) = tokio::join!(
        put(&world, &member, blob(1), "a"),
        put(&world, &member, blob(1), "b"),
        put(&world, &member, blob(1), "c")
    );
    let created = [a, b, c]
        .into_iter()
        .filter(|status| *status == StatusCode::CREATED)
        .count();
    let conflicts = [a, b, c]
        .into_iter()
        .filter(|status| *status == StatusCode::CONFLICT)
        .count();
    assert_eq!((created, conflicts), (1, 2));
}

#[tokio::test]
async fn a_large_blob_comes_back_byte_for_byte_and_in_ranges() {
    let world = World::new();
    let member = world.member(1).await;
    let bytes: Vec<u8> = (0..3_500_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    // In uneven pieces and without a length, as a stream sends it.
    let pieces: Vec<_> = bytes
        .chunks(70_001)
        .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
        .collect();
    assert_eq!(
        put(&world, &member, blob(1), Body::from_stream(stream::iter(pieces))).await,
        StatusCode::CREATED
    );

    let place = path::blob(&member.vault, &blob(1));
    let whole = world.get(place.clone()).bearer(&member.token).await_ok().await;
    assert!(whole.body == bytes);
    for (range, expected) in [
        ("bytes=0-9", 0..10),
        ("bytes=1048575-2097153", 1_048_575..2_097_154),
        ("bytes=-5", 3_499_995..3_500_000),
    ] {
        let part = world
            .get(place.clone())
            .bearer(&member.token)
            .header("range", range)
            .call()
            .await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(
            part.header("content-range"),
            format!("bytes {}-{}/3500000", expected.start, expected.end - 1)
        );
        assert!(part.body == bytes[expected]);
    }
    let beyond = world
        .get(place.clone())
        .bearer(&member.token)
        .header("range", "bytes=3500000-")
        .call()
        .await;
    assert_eq!(beyond.refusal().code, ErrorCode::RangeNotSatisfiable);
    assert_eq!(beyond.header("content-range"), "bytes */3500000");
    let head = world.ask(Method::HEAD, place).bearer(&member.token).call().await;
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (StatusCode::OK, "3500000", 0)
    );
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let world = World::new();
    let member = world.member(1).await;
    assert_eq!(put(&world, &member, blob(1), "").await, StatusCode::CREATED);
    let reply = world
        .get(path::blob(&member.vault, &blob(1)))
        .bearer(&member.token)
        .await_ok()
        .await;
    assert!(reply.body.is_empty());
}

#[tokio::test]
async fn blobs_are_listed_in_order_and_in_pages() {
    let world = World::new();
    let member = world.member(1).await;
    for number in [3, 1, 2] {
        put(&world, &member, blob(number), vec![0; usize::from(number)]).await;
    }
    let list: BlobList = world
        .get(path::blobs(&member.vault, None))
        .bearer(&member.token)
        .await_ok()
        .await
        .json();
    let expected = [1, 2, 3].map(|number| BlobEntry {
        id: blob(number),
        size: u64::from(number),
    });
    assert_eq!(
        list,
        BlobList {
            blobs: expected.to_vec(),
            next: None
        }
    );
    let rest: BlobList = world
        .get(path::blobs(&member.vault, Some(&blob(2))))
        .bearer(&member.token)
        .await_ok()
        .await
        .json();
    assert_eq!(rest.blobs, expected[2..]);
}

#[tokio::test]
async fn a_deleted_blob_is_gone_and_its_room_is_free() {
    let world = World::with(|config| config.limits.vault_bytes = 10);
    let member = world.member(1).await;
    assert_eq!(put(&world, &member, blob(1), "123456").await, StatusCode::CREATED);
    assert_eq!(
        put(&world, &member, blob(2), "12345").await,
        StatusCode::INSUFFICIENT_STORAGE
    );
    assert_eq!(
        put(&world, &member, blob(1), "123456").await,
        StatusCode::OK,
        "a repeat takes no room"
    );
    let unsized_body = Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"12345"))]));
    assert_eq!(
        put(&world, &member, blob(2), unsized_body).await,
        StatusCode::INSUFFICIENT_STORAGE
    );

    let place = path::blob(&member.vault, &blob(1));
    world.delete(place.clone()).bearer(&member.token).await_ok().await;
    assert_eq!(
        world.get(place.clone()).bearer(&member.token).refused().await,
        ErrorCode::NotFound
    );
    assert_eq!(
        world.delete(place).bearer(&member.token).refused().await,
        ErrorCode::NotFound
    );
    assert_eq!(put(&world, &member, blob(2), "1234567890").await, StatusCode::CREATED);
    assert_eq!(std::fs::read_dir(world.folder.path().join("blobs")).unwrap().count(), 1);
}

#[tokio::test]
async fn a40_an_upload_cut_off_leaves_nothing() {
    let world = World::new();
    let member = world.member(1).await;
    let cut = stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))]);
    assert_eq!(
        put(&world, &member, blob(1), Body::from_stream(cut)).await,
        StatusCode::BAD_REQUEST
    );
    let place = path::blob(&member.vault, &blob(1));
    assert_eq!(
        world.get(place).bearer(&member.token).refused().await,
        ErrorCode::NotFound
    );
    assert_eq!(std::fs::read_dir(world.folder.path().join("blobs")).unwrap().count(), 0);
}

#[tokio::test]
async fn a40_files_without_a_row_are_swept_when_the_folder_is_opened() {
    let world = World::new();
    let member = world.member(1).await;
    put(&world, &member, blob(1), "kept").await;
    let stray = world
        .folder
        .path()
        .join("blobs")
        .join("00112233445566778899aabbccddeeff");
    std::fs::write(&stray, "half").unwrap();
    let world = world.reopen();
    assert!(!stray.exists());
    let reply = world
        .get(path::blob(&member.vault, &blob(1)))
        .bearer(&member.token)
        .await_ok()
        .await;
    assert_eq!(reply.body, b"kept");
}
