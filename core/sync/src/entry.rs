//! A log entry: a sealed change set, chained to the one before it and signed by its device.

use kist_crypto::{CryptoRng, RootKey, sha256};
use kist_vault::{Change, MAX_CHANGE};
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::devices::DeviceList;
use crate::encoding::{Bytes, from_cbor, hash, to_cbor};
use crate::pack::PackRef;
use crate::signed::{Place, Signer};
use crate::{Error, Result};

/// What an entry carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The position in the writer's own change log up to which its changes are now in the backup.
    pub upto: u64,
    /// Changes of the store, in order, each encoded as the vault does.
    pub(crate) changes: Vec<Bytes>,
    /// A part of a change that is too large for one entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<ChangePart>,
    /// Packs that were uploaded for these changes or for later ones.
    pub packs: Vec<PackRef>,
}

/// A part of an encoded change. Parts follow each other in entries that have nothing else of changes; one at offset 0
/// begins anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePart {
    /// Where in the encoded change these bytes stand.
    offset: u64,
    /// The encoded change's length.
    total: u64,
    bytes: Bytes,
}

/// How far a log has come: what the next entry chains to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPosition {
    /// The count of entries.
    pub count: u64,
    /// SHA-256 of the last entry's bytes; zeros before the first.
    #[serde(with = "hash")]
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

    fn encode(&self) -> Vec<u8> {
        [&self.count.to_be_bytes()[..], &self.last].concat()
    }
}

fn place<'a>(vault: &'a VaultId, position: &'a [u8]) -> Place<'a> {
    Place {
        what: "entry",
        label: "kist/2026-11/log-entry",
        signature_label: "kist/2026-11/log-entry-signature",
        vault,
        position,
    }
}

impl Entry {
    /// An entry of whole changes and packs.
    pub fn new(upto: u64, changes: &[Change], packs: Vec<PackRef>) -> Self {
        Entry {
            upto,
            changes: changes.iter().map(|change| Bytes(change.encode())).collect(),
            part: None,
            packs,
        }
    }

    /// The bytes of its changes.
    pub(crate) fn size(&self) -> usize {
        self.changes.iter().map(|Bytes(change)| change.len()).sum()
    }

    /// The same as several entries, where it has one change of more than `limit` bytes; otherwise itself. The last has
    /// `upto` and the packs; the others say that nothing after `position` is there yet.
    pub(crate) fn divided(mut self, limit: usize, position: u64) -> Vec<Entry> {
        if self.size() <= limit || self.changes.len() != 1 {
            return vec![self];
        }
        let Some(Bytes(change)) = self.changes.pop() else {
            return vec![self];
        };
        let total = change.len() as u64;
        let mut entries: Vec<Entry> = (change.chunks(limit).enumerate())
            .map(|(number, bytes)| Entry {
                upto: position,
                changes: Vec::new(),
                part: Some(ChangePart {
                    offset: (number * limit) as u64,
                    total,
                    bytes: Bytes(bytes.to_vec()),
                }),
                packs: Vec::new(),
            })
            .collect();
        if let Some(last) = entries.last_mut() {
            last.upto = self.upto;
            last.packs = self.packs;
        }
        entries
    }

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
        place(vault, &at.encode()).seal(&to_cbor(self), root, device, sign, rng)
    }

    /// Opens the entry at a place of the log of `device`, which must have signed it.
    ///
    /// Errors: `ManifestMismatch` for one of another place, `UnknownAuthor`, `AuthenticationFailed`, `DowngradeRefused`.
    pub fn open(
        bytes: &[u8],
        vault: &VaultId,
        device: &DeviceId,
        at: LogPosition,
        root: &RootKey,
        devices: &DeviceList,
    ) -> Result<Self> {
        let opened = place(vault, &at.encode()).open(bytes, root)?;
        let key = devices
            .entry_key(device)
            .filter(|key| opened.device == *device && opened.signed_by(key));
        key.ok_or(Error::UnknownAuthor { what: "entry" })?;
        from_cbor(&opened.plain, "entry")
    }
}

/// Puts the changes of one log's entries together again, in order.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    /// The parts so far of a change that is not whole yet; at most [`MAX_CHANGE`] bytes.
    begun: Vec<u8>,
}

impl Assembly {
    /// The whole changes that an entry brings.
    ///
    /// Errors: `ManifestMismatch` for a part that doesn't follow, and the vault's own for what no vault wrote.
    pub(crate) fn take(&mut self, entry: &Entry) -> Result<Vec<Change>> {
        let mut changes: Vec<Change> = (entry.changes.iter())
            .map(|Bytes(change)| Change::decode(change))
            .collect::<std::result::Result<_, _>>()?;
        if let Some(part) = &entry.part {
            changes.extend(self.take_part(part)?);
        }
        Ok(changes)
    }

    fn take_part(&mut self, part: &ChangePart) -> Result<Option<Change>> {
        if part.offset == 0 {
            self.begun.clear();
        }
        let end = self.begun.len() + part.bytes.0.len();
        if part.offset != self.begun.len() as u64 || end as u64 > part.total || end > MAX_CHANGE {
            return Err(Error::ManifestMismatch { what: "entry" });
        }
        self.begun.extend_from_slice(&part.bytes.0);
        if (end as u64) < part.total {
            return Ok(None);
        }
        Ok(Some(Change::decode(&std::mem::take(&mut self.begun))?))
    }
}
