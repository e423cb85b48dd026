//! What a device remembers of its backup between runs. It holds no secret; losing it costs a full comparison, never data.

use std::collections::BTreeSet;

use kist_vault::ChunkId;
use kist_wire::{BlobId, DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::devices::DeviceList;
use crate::entry::{Entry, LogPosition};
use crate::signed::{from_cbor, to_cbor};
use crate::{Error, Result};

const VERSION: u8 = 1;

/// The state of one device's backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackupState {
    version: u8,
    /// The vault on the relay.
    pub vault: VaultId,
    /// This device.
    pub device: DeviceId,
    /// The devices of the vault.
    pub devices: DeviceList,
    /// Sequence and hash of the last head seen.
    pub head: Option<(u64, [u8; 32])>,
    /// When this device last put a head, Unix seconds.
    pub backed_up_at: Option<i64>,
    /// How far the log of this device has come.
    pub(crate) log: LogPosition,
    /// How far the logs of other devices have come, by the last head seen.
    pub(crate) other_logs: Vec<(DeviceId, LogPosition)>,
    /// The position in the store's change log up to which this device's log holds its changes.
    pub(crate) position: u64,
    /// What of the above the head already says.
    in_head: Option<(LogPosition, usize)>,
    pub(crate) packs: Vec<(BlobId, [u8; 32])>,
    pub(crate) chunks: BTreeSet<ChunkId>,
}

impl BackupState {
    /// Before the first backup.
    pub fn new(vault: VaultId, device: DeviceId, devices: DeviceList) -> Self {
        BackupState {
            version: VERSION,
            vault,
            device,
            devices,
            head: None,
            backed_up_at: None,
            log: LogPosition::START,
            other_logs: Vec::new(),
            position: 0,
            in_head: None,
            packs: Vec::new(),
            chunks: BTreeSet::new(),
        }
    }

    /// Takes in an entry that stands in this device's log.
    pub(crate) fn adopt(&mut self, entry: &Entry, after: LogPosition) {
        self.log = after;
        self.position = self.position.max(entry.upto);
        for pack in &entry.packs {
            self.packs.push((pack.blob, pack.digest));
            self.chunks.extend(pack.chunks.iter().map(|(id, _)| *id));
        }
    }

    /// The sequence of the last head seen; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.head.map_or(0, |(sequence, _)| sequence)
    }

    /// The position in the store's change log up to which everything is in this device's log.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the head says all that this device has uploaded.
    pub(crate) fn is_in_head(&self) -> bool {
        self.in_head == Some((self.log, self.devices.changes().len()))
    }

    /// Notes that this device's head stands.
    pub(crate) fn note_head(&mut self, sequence: u64, hash: [u8; 32], made_at: i64) {
        self.head = Some((sequence, hash));
        self.backed_up_at = Some(made_at);
        self.in_head = Some((self.log, self.devices.changes().len()));
    }

    /// How far every log has come.
    pub(crate) fn logs(&self) -> Vec<(DeviceId, LogPosition)> {
        let mut logs = self.other_logs.clone();
        logs.push((self.device, self.log));
        logs
    }

    /// The bytes to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads what [`BackupState::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let state: BackupState = from_cbor(bytes, "backup state")?;
        if state.version != VERSION {
            return Err(Error::DowngradeRefused { found: state.version });
        }
        Ok(state)
    }
}
