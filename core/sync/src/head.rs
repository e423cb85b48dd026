//! The signed head: what the backup as a whole is, at one moment. The relay sees opaque bytes and swaps them by hash.

use kist_crypto::slots::KdfCost;
use kist_crypto::{CryptoRng, RootKey, es256, sha256};
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::devices::DeviceList;
use crate::encoding::{from_cbor, hash, to_cbor};
use crate::entry::LogPosition;
use crate::signed::{FORMAT, Place, Signer};
use crate::{Error, Result};

/// What a head says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Counts from 1.
    pub sequence: u64,
    /// SHA-256 of the head before it; zeros for the first.
    #[serde(with = "hash")]
    pub previous: [u8; 32],
    /// How far each device's log has come.
    pub logs: Vec<(DeviceId, LogPosition)>,
    /// Over all packs in use; see [`crate::pack::manifest`].
    #[serde(with = "hash")]
    pub manifest: [u8; 32],
    /// The devices of the vault.
    pub devices: DeviceList,
    /// The oldest format that a reader may accept.
    pub min_format: u8,
    /// The least cost that a passphrase slot of this vault may have.
    pub kdf_floor: KdfCost,
    /// When it was made, Unix seconds, by its device's clock.
    pub made_at: i64,
    /// The name of the device that made it.
    pub device_name: String,
}

/// A head that was verified, and the hash of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedHead {
    /// What it says.
    pub head: Head,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// The device that signed it.
    pub by: DeviceId,
}

fn place<'a>(vault: &'a VaultId) -> Place<'a> {
    Place {
        what: "head",
        label: "kist/2026-11/head",
        signature_label: "kist/2026-11/head-signature",
        vault,
        position: &[],
    }
}

impl Head {
    /// Seals and signs the head.
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        vault: &VaultId,
        device: &DeviceId,
        root: &RootKey,
        sign: Signer<'_>,
        rng: &mut R,
    ) -> Result<Vec<u8>> {
        place(vault).seal(&to_cbor(self), root, device, sign, rng)
    }

    /// Opens a head and verifies everything that it says of itself: format, policy, device list and author.
    ///
    /// Errors: `AuthenticationFailed`, `DowngradeRefused`, `KdfPolicyViolation`, `UntrustedKey`, `UnknownAuthor`.
    pub fn open(bytes: &[u8], vault: &VaultId, root: &RootKey, identity: &es256::PublicKey) -> Result<VerifiedHead> {
        let opened = place(vault).open(bytes, root)?;
        let head: Head = from_cbor(&opened.plain, "head")?;
        if head.min_format > FORMAT {
            return Err(Error::DowngradeRefused { found: head.min_format });
        }
        head.kdf_floor.check().map_err(|_| Error::KdfPolicyViolation)?;
        head.devices.verify(vault, identity)?;
        let author = head.devices.head_key(&opened.device);
        author
            .filter(|key| opened.signed_by(key))
            .ok_or(Error::UnknownAuthor { what: "head" })?;
        Ok(VerifiedHead {
            head,
            hash: sha256(&[bytes]),
            by: opened.device,
        })
    }

    /// How far a device's log has come.
    pub fn log(&self, device: &DeviceId) -> LogPosition {
        self.logs
            .iter()
            .find(|(id, _)| id == device)
            .map_or(LogPosition::START, |(_, position)| *position)
    }
}
