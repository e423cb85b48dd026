//! Backing up: what changed since the last time, and nothing else.

use kist_crypto::slots::KdfCost;
use kist_crypto::{CryptoRng, RootKey, es256, sha256};
use kist_vault::{Change, ChunkId, Vault};

use crate::entry::Entry;
use crate::head::{Head, VerifiedHead};
use crate::pack::{PackBuilder, PackRef, manifest};
use crate::remote::{Append, Progress, Remote, Swap};
use crate::signed::{FORMAT, Signer};
use crate::{BackupState, Error, Result};

/// An entry is closed when its changes have this many bytes or more: half of what a relay takes.
const ENTRY_BYTES: usize = 1 << 20;
/// An entry is closed when the packs that it brings have this many chunks or more, so that an interrupted backup goes on
/// where it was.
const ENTRY_CHUNKS: usize = 256;

/// One device's means of backing up.
pub struct Backup<'a, R> {
    /// The store.
    pub vault: &'a Vault,
    /// The relay.
    pub remote: &'a R,
    /// The current root key.
    pub root: &'a RootKey,
    /// The key that began the device list.
    pub identity: &'a es256::PublicKey,
    /// The name of this device, for whoever restores.
    pub device_name: &'a str,
    /// Signs with this device's key.
    pub sign: Signer<'a>,
    /// Keeps the state, durably when it returns.
    pub save: &'a (dyn Fn(&BackupState) -> Result<()> + Send + Sync),
    /// Told after each blob and each entry.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The sequence of the head that now stands.
    pub sequence: u64,
    /// Bytes that were uploaded.
    pub bytes_sent: u64,
    /// Changes of the store that were not in the backup before.
    pub changes: u64,
}

impl<R: Remote> Backup<'_, R> {
    /// Brings the backup up to date. Dropping the future leaves a state from which the next run goes on.
    ///
    /// Errors: `RollbackDetected`, `ForkDetected`, `HeadMoved`, and the relay's own.
    pub async fn run<G: CryptoRng + Send + ?Sized>(
        &self,
        state: &mut BackupState,
        now: i64,
        rng: &mut G,
    ) -> std::result::Result<BackupReport, R::Error> {
        self.check_head(state).await?;
        let mut report = BackupReport {
            sequence: 0,
            bytes_sent: 0,
            changes: 0,
        };
        while self.upload_changes(state, &mut report, rng).await? {}
        if !state.is_in_head() {
            self.put_head(state, &mut report, now, rng).await?;
        }
        report.sequence = state.sequence();
        Ok(report)
    }

    /// Holds what the relay shows against what this device has seen.
    async fn check_head(&self, state: &mut BackupState) -> std::result::Result<(), R::Error> {
        let shown = self.remote.head().await?;
        let hash = shown.as_ref().map(|bytes| sha256(&[bytes]));
        if hash == state.head.map(|(_, hash)| hash) {
            return Ok(());
        }
        let known = state.sequence();
        let Some(bytes) = shown else {
            return Err(Error::RollbackDetected { known, found: 0 }.into());
        };
        let head = Head::open(&bytes, &state.vault, self.root, self.identity)?;
        let found = head.head.sequence;
        if found < known {
            return Err(Error::RollbackDetected { known, found }.into());
        }
        if found == known {
            return Err(Error::ForkDetected { sequence: found }.into());
        }
        if head.by != state.device {
            return Err(Error::HeadMoved.into());
        }
        self.adopt_own_head(state, head).await
    }

    /// This device put the head and was stopped before it could note that down.
    async fn adopt_own_head(&self, state: &mut BackupState, head: VerifiedHead) -> std::result::Result<(), R::Error> {
        let sequence = head.head.sequence;
        let listed = head.head.log(&state.device);
        self.catch_up(state, Some(listed.count)).await?;
        if state.log != listed {
            return Err(Error::ForkDetected { sequence }.into());
        }
        state.note_head(sequence, head.hash, head.head.made_at);
        Ok((self.save)(state)?)
    }

    /// Takes in entries that this device appended and did not note down, as far as `limit` or the log's end.
    async fn catch_up(&self, state: &mut BackupState, limit: Option<u64>) -> std::result::Result<(), R::Error> {
        while limit.is_none_or(|limit| state.log.count < limit) {
            let frames = self.remote.log(&state.device, state.log.count).await?;
            if frames.is_empty() {
                break;
            }
            for frame in frames {
                if limit.is_some_and(|limit| state.log.count == limit) {
                    break;
                }
                let entry = Entry::open(
                    &frame.body,
                    &state.vault,
                    &state.device,
                    state.log,
                    self.root,
                    &state.devices,
                )?;
                state.adopt(&entry, state.log.after(&frame.body));
            }
        }
        Ok((self.save)(state)?)
    }

    /// Uploads the next changes with the chunks that they need. Gives `false` when there are none left.
    async fn upload_changes<G: CryptoRng + Send + ?Sized>(
        &self,
        state: &mut BackupState,
        report: &mut BackupReport,
        rng: &mut G,
    ) -> std::result::Result<bool, R::Error> {
        let set = self
            .vault
            .changes_after(state.position, ENTRY_BYTES)
            .map_err(Error::from)?;
        if set.changes.is_empty() {
            return Ok(false);
        }
        let mut missing: Vec<ChunkId> = set.changes.iter().flat_map(chunks_of).collect();
        missing.sort();
        missing.dedup();
        missing.retain(|chunk| !state.chunks.contains(chunk));
        while missing.len() > ENTRY_CHUNKS {
            let later = missing.split_off(ENTRY_CHUNKS);
            let packs = self.upload_packs(&missing, report, rng).await?;
            let entry = Entry {
                upto: state.position,
                changes: Vec::new(),
                packs,
            };
            if !self.append(state, entry, report, rng).await? {
                return Ok(true);
            }
            missing = later;
        }
        let packs = self.upload_packs(&missing, report, rng).await?;
        report.changes += set.changes.len() as u64;
        self.append(
            state,
            Entry {
                upto: set.upto,
                changes: set.changes,
                packs,
            },
            report,
            rng,
        )
        .await?;
        Ok(true)
    }

    async fn upload_packs<G: CryptoRng + Send + ?Sized>(
        &self,
        chunks: &[ChunkId],
        report: &mut BackupReport,
        rng: &mut G,
    ) -> std::result::Result<Vec<PackRef>, R::Error> {
        let mut packs = Vec::new();
        let mut builder = PackBuilder::new();
        for (index, chunk) in chunks.iter().enumerate() {
            builder.push(*chunk, &self.vault.sealed_chunk(chunk).map_err(Error::from)?);
            if builder.is_full() || index + 1 == chunks.len() {
                let (pack, bytes) = std::mem::replace(&mut builder, PackBuilder::new()).finish(rng);
                let length = bytes.len() as u64;
                self.remote.put_blob(&pack.blob, bytes).await?;
                packs.push(pack);
                self.sent(report, length);
            }
        }
        Ok(packs)
    }

    /// Appends an entry and notes it down. Gives `false` when other entries of this device stood there, left by a run
    /// that was stopped: they are taken in, and the caller looks anew at what is left to do.
    async fn append<G: CryptoRng + Send + ?Sized>(
        &self,
        state: &mut BackupState,
        entry: Entry,
        report: &mut BackupReport,
        rng: &mut G,
    ) -> std::result::Result<bool, R::Error> {
        let bytes = entry.seal(&state.vault, &state.device, state.log, self.root, self.sign, rng)?;
        let after = state.log.after(&bytes);
        let length = bytes.len() as u64;
        if self.remote.append(state.log.count, bytes).await? == Append::Taken {
            self.catch_up(state, None).await?;
            return Ok(false);
        }
        state.adopt(&entry, after);
        (self.save)(state)?;
        self.sent(report, length);
        Ok(true)
    }

    async fn put_head<G: CryptoRng + Send + ?Sized>(
        &self,
        state: &mut BackupState,
        report: &mut BackupReport,
        now: i64,
        rng: &mut G,
    ) -> std::result::Result<(), R::Error> {
        let previous = state.head.map(|(_, hash)| hash);
        let head = Head {
            sequence: state.sequence() + 1,
            previous: previous.unwrap_or_default(),
            logs: state.logs(),
            manifest: manifest(state.packs.iter().map(|(blob, digest)| (blob, digest))),
            devices: state.devices.clone(),
            min_format: FORMAT,
            kdf_floor: KdfCost::FLOOR,
            made_at: now,
            device_name: self.device_name.to_owned(),
        };
        let bytes = head.seal(&state.vault, &state.device, self.root, self.sign, rng)?;
        let (hash, length) = (sha256(&[&bytes]), bytes.len() as u64);
        if self.remote.swap_head(previous, bytes).await? == Swap::Moved {
            return Err(Error::HeadMoved.into());
        }
        state.note_head(head.sequence, hash, now);
        (self.save)(state)?;
        self.sent(report, length);
        Ok(())
    }

    fn sent(&self, report: &mut BackupReport, bytes: u64) {
        report.bytes_sent += bytes;
        (self.progress)(Progress {
            done: report.bytes_sent,
            total: 0,
        });
    }
}

/// The chunks that a change needs.
fn chunks_of(change: &Change) -> Vec<ChunkId> {
    match change {
        Change::File(manifest) => manifest.chunks.iter().map(|(id, _)| *id).collect(),
        _ => Vec::new(),
    }
}
