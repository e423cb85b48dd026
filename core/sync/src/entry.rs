//! A log entry: a sealed change set, chained to the one before it and signed by its device.

use kist_crypto::{CryptoRng, RootKey, sha256};
use kist_vault::Change;
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::devices::DeviceList;
use crate::pack::PackRef;
use crate::signed::{Place, Signer, from_cbor, to_cbor};
use crate::{Error, Result};

/// What an entry carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The position in the writer's own change log up to which its changes are now in the backup.
    pub upto: u64,
    /// Changes of the store, in order.
    pub changes: Vec<Change>,
    /// Packs that were uploaded for it.
    pub packs: Vec<PackRef>,
}

/// How far a log has come: what the next entry chains to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPosition {
    /// The count of entries.
    pub count: u64,
    /// SHA-256 of the last entry's bytes; zeros before the first.
    pub last: [u8; 32],
}

impl LogPosition {
    /// An empty log.
    pub const START: LogPosition = LogPosition {
        count: 0,
        last: [0; 32],
    };

    /// The position after the entry with these bytes.
    pub fn after(self, entry: &[u8]) -> LogPosition {
        LogPosition {
            count: self.count + 1,
            last: sha256(&[entry]),
        }
    }
}

fn with_place<T>(vault: &VaultId, log: &DeviceId, at: LogPosition, f: impl FnOnce(&Place<'_>) -> T) -> T {
    f(&Place {
        what: "entry",
        label: "kist/2026-11/log-entry",
        signature_label: "kist/2026-11/log-entry-signature",
        vault,
        position: &[log.as_bytes(), &at.count.to_be_bytes(), &at.last],
    })
}

impl Entry {
    /// Seals and signs the entry for its place in the device's own log.
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        vault: &VaultId,
        device: &DeviceId,
        at: LogPosition,
        root: &RootKey,
        sign: Signer<'_>,
        rng: &mut R,
    ) -> Result<Vec<u8>> {
        with_place(vault, device, at, |place| {
            place.seal(&to_cbor(self), root, device, sign, rng)
        })
    }

    /// Opens the entry at a place of the log of `device`, which must have signed it.
    pub fn open(
        bytes: &[u8],
        vault: &VaultId,
        device: &DeviceId,
        at: LogPosition,
        root: &RootKey,
        devices: &DeviceList,
    ) -> Result<Self> {
        let opened = with_place(vault, device, at, |place| place.open(bytes, root))?;
        let key = devices
            .key_of(device)
            .filter(|key| opened.device == *device && opened.signed_by(key));
        key.ok_or(Error::UnknownAuthor { what: "entry" })?;
        from_cbor(&opened.plain, "entry")
    }
}
