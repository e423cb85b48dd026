//! However large the files are, a backup and a restore hold a few packs and an entry.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../../tests/support/held.rs"]
mod held;

use std::fs;
use std::path::PathBuf;

use common::relay::{Failure, LoggedIn, Relay};
use common::{NOW, Phone, noise};
use futures_util::FutureExt as _;
use held::most_held;
use kist_sync::{Append, Backup, Freshness, PACK_BYTES, Remote, Swap, restore};
use kist_vault::Vault;
use kist_wire::{BlobId, DeviceId, Frame};
use tempfile::TempDir;

/// A relay whose blobs lie on the disk.
struct OnDisk {
    rest: LoggedIn,
    folder: PathBuf,
}

impl OnDisk {
    fn path(&self, id: &BlobId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

impl Remote for OnDisk {
    type Error = Failure;

    async fn head(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.rest.head().await
    }

    async fn swap_head(&self, previous: Option<[u8; 32]>, head: Vec<u8>) -> Result<Swap, Failure> {
        self.rest.swap_head(previous, head).await
    }

    async fn append(&self, index: u64, entry: Vec<u8>) -> Result<Append, Failure> {
        self.rest.append(index, entry).await
    }

    async fn log(&self, device: &DeviceId, from: u64) -> Result<Vec<Frame>, Failure> {
        self.rest.log(device, from).await
    }

    async fn put_blob(&self, id: &BlobId, bytes: Vec<u8>) -> Result<(), Failure> {
        fs::write(self.path(id), bytes).unwrap();
        Ok(())
    }

    async fn blob(&self, id: &BlobId) -> Result<Option<Vec<u8>>, Failure> {
        Ok(fs::read(self.path(id)).ok())
    }
}

#[test]
fn z6_memory_does_not_grow_with_the_files() {
    const BOUND: usize = 5 * PACK_BYTES;
    let (mut phone, relay, blobs) = (Phone::new(1), Relay::new(), TempDir::new().unwrap());
    for number in 0..4 {
        phone.attach("large.bin", &noise(number, 32 << 20));
    }
    let remote = |device| OnDisk {
        rest: relay.login(device),
        folder: blobs.path().to_owned(),
    };
    let key = phone.key.clone();
    let backup = Backup {
        vault: &phone.vault,
        remote: &remote(phone.device),
        root: &phone.root,
        identity: &phone.identity,
        device_name: phone.name,
        sign: &|message: &[u8]| Ok(key.sign(message)),
        progress: &|_| {},
    };
    let (held, report) = most_held(|| backup.run(NOW, &mut phone.rng).now_or_never().unwrap().unwrap());
    assert!(report.bytes_sent > 128 << 20);
    assert!(held < BOUND, "{held} bytes held to back up");

    let (folder, recovered) = (TempDir::new().unwrap(), phone.recovered());
    let vault = Vault::create(folder.path(), &phone.root).unwrap();
    let remote = remote(phone.recovery_device);
    let restored = || restore(&remote, &recovered, Freshness::AtLeast(1), &vault, &|_| {}).now_or_never();
    let (held, restored) = most_held(|| restored().unwrap().unwrap());
    assert!(restored.bytes_received > 128 << 20);
    assert!(held < BOUND, "{held} bytes held to restore");
}
