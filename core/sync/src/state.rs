//! What a device remembers of its backup between runs. It holds no secret, and lies in the store, in collections that stay
//! on the device: a step of the backup is noted with one transaction of the store.

use kist_vault::{Transaction, Vault};
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::devices::DeviceList;
use crate::encoding::{from_cbor, hash, to_cbor};
use crate::entry::{Entry, LogPosition};
use crate::head::{Head, VerifiedHead};
use crate::pack::manifest;
use crate::{Error, Result};

const VERSION: u8 = 1;
const COLLECTION: &str = "local/backup";
const KEY: &str = "state";
/// Attempts that are remembered: as many requests may still be under way when the next run begins. Older ones are
/// forgotten.
const ATTEMPTS: usize = 32;

/// The state of one device's backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupState {
    version: u8,
    /// The vault on the relay.
    pub vault: VaultId,
    /// This device.
    pub device: DeviceId,
    /// The devices of the vault.
    pub devices: DeviceList,
    /// The last head seen.
    head: Option<SeenHead>,
    /// How far the log of this device has come.
    pub(crate) log: LogPosition,
    /// How far the logs of other devices have come, by the last head seen.
    other_logs: Vec<(DeviceId, LogPosition)>,
    /// The position in the store's change log up to which this device's log holds its changes.
    pub(crate) position: u64,
    /// Entries that were sent to follow `log`, whose reply was never seen.
    entries_sent: Vec<Sent>,
    /// Heads that were sent to follow `head`, whose reply was never seen.
    heads_sent: Vec<Sent>,
    /// The manifest of all packs that entries name; `None` where a pack came since it was computed.
    manifest: Option<Hash>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Hash(#[serde(with = "hash")] [u8; 32]);

/// A head that stood on the relay, and what it says of this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct SeenHead {
    sequence: u64,
    #[serde(with = "hash")]
    hash: [u8; 32],
    made_at: i64,
    /// How many changes its device list has.
    devices: usize,
    /// This device's log.
    log: LogPosition,
    /// The position in the store's change log up to which it holds this device's changes.
    position: u64,
}

/// Something sent to the relay, noted before it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    /// SHA-256 of its bytes.
    #[serde(with = "hash")]
    hash: [u8; 32],
    /// Up to which position in the store's change log it brings this device's changes.
    position: u64,
}

fn note(attempts: &mut Vec<Sent>, sent: Sent) {
    if attempts.len() == ATTEMPTS {
        attempts.remove(0);
    }
    attempts.push(sent);
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
            log: LogPosition::START,
            other_logs: Vec::new(),
            position: 0,
            entries_sent: Vec::new(),
            heads_sent: Vec::new(),
            manifest: Some(Hash(manifest([]))),
        }
    }

    /// The state of a new device whose store, at `position` of its own change log, holds what `head` says.
    pub(crate) fn restored(vault: VaultId, device: DeviceId, head: VerifiedHead, position: u64) -> Self {
        let VerifiedHead { head, hash, .. } = head;
        let mut state = BackupState::new(vault, device, head.devices);
        state.head = Some(SeenHead {
            sequence: head.sequence,
            hash,
            made_at: head.made_at,
            devices: state.devices.changes().len(),
            log: LogPosition::START,
            position,
        });
        state.other_logs = head.logs;
        state.position = position;
        state.manifest = Some(Hash(head.manifest));
        state
    }

    /// The state that a store holds; `None` where backup was never set up.
    pub fn load(store: &Vault) -> Result<Option<Self>> {
        let bytes = store.kept(COLLECTION, KEY)?;
        bytes.map(|bytes| Self::from_bytes(&bytes)).transpose()
    }

    /// Keeps the state in the store.
    pub fn keep(&self, transaction: &Transaction<'_>) -> Result<()> {
        Ok(transaction.keep(COLLECTION, KEY, &self.to_bytes())?)
    }

    fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads what [`BackupState::keep`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let state: BackupState = from_cbor(bytes, "backup state")?;
        if state.version != VERSION {
            return Err(Error::DowngradeRefused { found: state.version });
        }
        Ok(state)
    }

    /// The sequence of the last head seen; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.head.map_or(0, |head| head.sequence)
    }

    /// When the last head seen was made, Unix seconds, by its device's clock.
    pub fn backed_up_at(&self) -> Option<i64> {
        self.head.map(|head| head.made_at)
    }

    /// Whether a head that stood on the relay holds everything that the store does. What was only uploaded does not count.
    pub fn is_complete(&self, store: &Vault) -> Result<bool> {
        let last = store.last_position()?;
        Ok(self.is_in_head() && self.head.is_some_and(|head| head.position >= last))
    }

    /// The hash of the last head seen.
    pub(crate) fn head_hash(&self) -> Option<[u8; 32]> {
        self.head.map(|head| head.hash)
    }

    /// Whether the head says all that this device has uploaded.
    pub(crate) fn is_in_head(&self) -> bool {
        self.head
            .is_some_and(|head| head.log == self.log && head.devices == self.devices.changes().len())
    }

    /// How far every log has come.
    pub(crate) fn logs(&self) -> Vec<(DeviceId, LogPosition)> {
        let own = (self.device, self.log);
        self.other_logs.iter().copied().chain([own]).collect()
    }

    /// The manifest, where it is known without looking at every pack.
    pub(crate) fn manifest(&self) -> Option<[u8; 32]> {
        self.manifest.map(|Hash(manifest)| manifest)
    }

    pub(crate) fn set_manifest(&mut self, manifest: [u8; 32]) {
        self.manifest = Some(Hash(manifest));
    }

    /// Notes that an entry is being sent.
    pub(crate) fn sending_entry(&mut self, hash: [u8; 32], position: u64) {
        note(&mut self.entries_sent, Sent { hash, position });
    }

    /// Whether this device sent an entry of this hash to where its log ends.
    pub(crate) fn sent_entry(&self, hash: &[u8; 32]) -> bool {
        self.entries_sent.iter().any(|sent| sent.hash == *hash)
    }

    /// Takes in an entry that stands in this device's log.
    pub(crate) fn adopt(&mut self, entry: &Entry, after: LogPosition) {
        self.log = after;
        self.position = self.position.max(entry.upto);
        self.entries_sent.clear();
        if !entry.packs.is_empty() {
            self.manifest = None;
        }
    }

    /// Notes that a head is being sent that says all that this device has uploaded.
    pub(crate) fn sending_head(&mut self, hash: [u8; 32]) {
        let position = self.position;
        note(&mut self.heads_sent, Sent { hash, position });
    }

    /// Judges a head that is not the last one seen: one that this device sent is taken in.
    ///
    /// Errors: `RollbackDetected`, `ForkDetected`, and `HeadMoved` where another device went on from the last one seen.
    pub(crate) fn see(&mut self, seen: &VerifiedHead) -> Result<()> {
        let (known, found) = (self.sequence(), seen.head.sequence);
        if found < known {
            return Err(Error::RollbackDetected { known, found });
        }
        if let Some(sent) = self.heads_sent.iter().find(|sent| sent.hash == seen.hash) {
            self.head = Some(SeenHead {
                sequence: found,
                hash: seen.hash,
                made_at: seen.head.made_at,
                devices: seen.head.devices.changes().len(),
                log: seen.head.log(&self.device),
                position: sent.position,
            });
            self.heads_sent.clear();
            return Ok(());
        }
        if found > known && seen.by != self.device && self.is_followed_by(&seen.head) {
            return Err(Error::HeadMoved);
        }
        Err(Error::ForkDetected { sequence: found })
    }

    /// Whether a later head can have been made by somebody who knew the last one seen: nothing that it said is gone.
    fn is_followed_by(&self, later: &Head) -> bool {
        let Some(head) = self.head else { return true };
        let known = self.devices.changes().get(..head.devices).unwrap_or_default();
        let mut logs = self.other_logs.iter().copied().chain([(self.device, head.log)]);
        later.devices.extends(known)
            && logs.all(|(device, at)| {
                let later = later.log(&device);
                later.count > at.count || later == at
            })
    }
}
