//! A backup over a real relay that its caller gives up on, or starts twice, and what it costs when there is nothing to do.

#![allow(clippy::unwrap_used)] // tests

use std::path::Path;
use std::time::Duration;

use kist_crypto::slots::KdfCost;
use kist_relay::{Config, Relay, serve};
use tempfile::TempDir;

use crate::{FileMeta, Filter, Freshness, Person, Platform, RecoveryInput, RecoveryKit, no_progress};

const PASSPHRASE: &str = "correct horse battery staple";

fn platform() -> Platform {
    let mut platform = Platform::desktop("phone").allow_loopback();
    platform.kdf_cost = KdfCost::FLOOR;
    platform
}

async fn relay(data: &Path) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let relay = Relay::open(Config::new(data, url.parse().unwrap())).unwrap();
    tokio::spawn(serve(listener, relay, std::future::pending()));
    url
}

/// A person with files of a few packs, and backup set up.
async fn person(dir: &TempDir) -> (Person, RecoveryKit) {
    let url = relay(&dir.path().join("relay")).await;
    let store = dir.path().join("store");
    let person = Person::create(&store, platform(), PASSPHRASE).await.unwrap();
    for number in 0..5u64 {
        let word = |at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).to_le_bytes();
        let bytes = (0..700_000).flat_map(|at| word(number << 32 | at)).collect();
        let name = format!("{number}.bin");
        person.files().attach_bytes(bytes, FileMeta::named(name)).await.unwrap();
    }
    let kit = person.backup().set_up(&url).await.unwrap();
    (person, kit)
}

async fn restored(dir: &TempDir, kit: &RecoveryKit) -> Vec<String> {
    let input = RecoveryInput {
        code: kit.uri.clone(),
        relay: None,
    };
    let (store, fresh) = (dir.path().join("restored"), Freshness::Confirmed(1));
    let restored = Person::restore(&store, platform(), &input, PASSPHRASE, fresh, no_progress());
    let (person, report) = restored.await.unwrap();
    assert_eq!(report.records, 5);
    titles(&person).await
}

async fn titles(person: &Person) -> Vec<String> {
    let records = person.records().list(Filter::default()).await.unwrap();
    let mut titles: Vec<String> = records.into_iter().map(|record| record.title).collect();
    titles.sort();
    titles
}

#[tokio::test(flavor = "multi_thread")]
async fn z6_a_backup_given_up_at_any_moment_goes_on_where_it_was() {
    let dir = TempDir::new().unwrap();
    let (person, kit) = person(&dir).await;
    for patience in [0, 1, 3, 10, 30, 60] {
        // What it comes to by then depends on the machine; that what follows is whole must not.
        let _ = tokio::time::timeout(Duration::from_millis(patience), person.backup().run(no_progress())).await;
    }
    person.backup().run(no_progress()).await.unwrap();
    assert!(!person.backup().status().await.unwrap().pending_changes);
    assert_eq!(person.backup().run(no_progress()).await.unwrap().bytes_sent, 0);
    assert_eq!(restored(&dir, &kit).await, titles(&person).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn z6_two_backups_at_once_take_turns() {
    let dir = TempDir::new().unwrap();
    let (person, kit) = person(&dir).await;
    let (backup, other) = (person.backup(), person.backup());
    let (one, two) = tokio::join!(backup.run(no_progress()), other.run(no_progress()));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.sequence, two.sequence), (1, 1));
    assert_eq!(one.bytes_sent.min(two.bytes_sent), 0, "the second found nothing to do");
    assert_eq!(restored(&dir, &kit).await, titles(&person).await);
}

#[tokio::test]
async fn z6_a_runtime_of_one_thread_is_enough() {
    let dir = TempDir::new().unwrap();
    let (person, kit) = person(&dir).await;
    assert_eq!(person.backup().run(no_progress()).await.unwrap().sequence, 1);
    assert_eq!(person.backup().rehearse(no_progress()).await.unwrap().records, 5);
    assert_eq!(restored(&dir, &kit).await, titles(&person).await);
}
