//! Backing up: what changed since the last time, and nothing else.
//!
//! Each step is noted in the store: what is sent, before it is sent, by its hash; what was acknowledged, after. So a run
//! that was stopped anywhere is gone on with, and what stands on the relay is taken for this store's only where this store
//! remembers that it sent it: an older copy of the store, or a clone of it, finds a fork.

use futures_util::stream::{FuturesUnordered, StreamExt};
use kist_crypto::slots::KdfCost;
use kist_crypto::{CryptoRng, RootKey, SealingKey, es256, sha256};
use kist_vault::{Change, ChangeSet, ChunkId, Error as VaultError, Part, Vault};

use crate::devices::short_name;
use crate::entry::Entry;
use crate::head::Head;
use crate::index::{self, Index};
use crate::pack::{PackBuilder, PackRef};
use crate::remote::{Append, Progress, Remote, Swap};
use crate::signed::{FORMAT, Signer};
use crate::{BackupState, Error, Result};

/// An entry is closed when its changes have this many bytes or more: a quarter of what a relay takes.
const ENTRY_BYTES: usize = 1 << 20;
/// A change that is larger than this, encoded, is divided over several entries.
const PART_BYTES: usize = 2 << 20;
/// Chunks that the packs of one entry have, at most, where there is more than one pack: over 1 MiB of an entry.
const ENTRY_CHUNKS: usize = 32 << 10;
/// Packs that are under way at once, which bounds the memory: one is prepared while others travel.
const UNDER_WAY: usize = 3;

/// One device's means of backing up.
pub struct Backup<'a, R> {
    /// The store, which also keeps the state. One run at a time may use it.
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
    /// Told after each pack, entry and head.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The sequence of the head that now stands.
    pub sequence: u64,
    /// Bytes of packs, entries and heads that were uploaded.
    pub bytes_sent: u64,
    /// Changes of the store that were not in the backup before.
    pub changes: u64,
}

impl<R: Remote> Backup<'_, R> {
    /// Brings the backup up to date, as the store is when it begins. Dropping the future leaves a state from which the
    /// next run goes on.
    ///
    /// Errors: `NoBackup` where the store holds no state, `RollbackDetected`, `ForkDetected`, `HeadMoved`,
    /// `ManifestMismatch` where the relay has lost what it took, and the relay's own.
    pub async fn run<G: CryptoRng + Send + ?Sized>(
        &self,
        now: i64,
        rng: &mut G,
    ) -> std::result::Result<BackupReport, R::Error> {
        let state = BackupState::load(self.vault)?.ok_or(Error::NoBackup)?;
        let mut run = Run {
            with: self,
            state,
            index: None,
            now,
            rng,
            bytes_sent: 0,
            bytes_left: 0,
            changes: 0,
        };
        run.check_head().await?;
        while run.upload_changes().await? {}
        if !run.state.is_in_head() {
            run.put_head().await?;
        }
        Ok(BackupReport {
            sequence: run.state.sequence(),
            bytes_sent: run.bytes_sent,
            changes: run.changes,
        })
    }
}

struct Run<'a, R, G: ?Sized> {
    with: &'a Backup<'a, R>,
    state: BackupState,
    /// Read when it is first needed.
    index: Option<Index>,
    now: i64,
    rng: &'a mut G,
    bytes_sent: u64,
    /// Bytes of chunks that are still to be uploaded, as far as is known now.
    bytes_left: u64,
    changes: u64,
}

impl<R: Remote, G: CryptoRng + Send + ?Sized> Run<'_, R, G> {
    /// Holds what the relay shows against what this device has seen.
    async fn check_head(&mut self) -> std::result::Result<(), R::Error> {
        let Some(bytes) = self.with.remote.head().await? else {
            return match self.state.sequence() {
                0 => Ok(()),
                known => Err(Error::RollbackDetected { known, found: 0 }.into()),
            };
        };
        if self.state.head_hash() == Some(sha256(&[&bytes])) {
            return Ok(());
        }
        let head = Head::open(&bytes, &self.state.vault, self.with.root, self.with.identity)?;
        self.state.see(&head)?;
        Ok(self.save(&[], false)?)
    }

    /// Uploads the next changes with the chunks that they need. Gives `false` when none are left.
    async fn upload_changes(&mut self) -> std::result::Result<bool, R::Error> {
        let set = self.next_changes()?;
        if set.changes.is_empty() {
            return Ok(false);
        }
        if !self.upload_chunks(&set).await? {
            return Ok(true);
        }
        let mut packs = self.unnamed_packs();
        while packs.len() < self.index.as_ref().map_or(0, Index::unnamed_count) {
            if !self.append(&Entry::new(self.state.position, &[], packs)).await? {
                return Ok(true);
            }
            packs = self.unnamed_packs();
        }
        let entry = Entry::new(set.upto, &set.changes, packs);
        for entry in entry.divided(PART_BYTES, self.state.position) {
            if !self.append(&entry).await? {
                return Ok(true);
            }
        }
        self.changes += set.changes.len() as u64;
        Ok(set.more)
    }

    fn next_changes(&self) -> Result<ChangeSet> {
        Ok(self.with.vault.changes_after(self.state.position, ENTRY_BYTES)?)
    }

    fn unnamed_packs(&self) -> Vec<PackRef> {
        self.index
            .as_ref()
            .map_or_else(Vec::new, |index| index.unnamed(ENTRY_CHUNKS))
    }

    /// The index, read from the store if it wasn't.
    fn index(&mut self) -> Result<&mut Index> {
        match &mut self.index {
            Some(index) => Ok(index),
            none => Ok(none.insert(Index::load(self.with.vault)?)),
        }
    }

    /// Uploads the chunks of a set's files that are not on the relay. Gives `false` where one of them is not in the store
    /// any more because its file was deleted meanwhile: the changes are other ones then.
    async fn upload_chunks(&mut self, set: &ChangeSet) -> std::result::Result<bool, R::Error> {
        let mut wanted = chunks_of(&set.changes).peekable();
        if wanted.peek().is_none() {
            return Ok(true);
        }
        let index = self.index()?;
        let mut seen = std::collections::HashSet::new();
        let missing: Vec<(ChunkId, u32)> = wanted
            .filter(|(chunk, _)| !index.has(chunk) && seen.insert(*chunk))
            .collect();
        self.bytes_left = missing
            .iter()
            .map(|(_, size)| u64::from(*size) + SealingKey::OVERHEAD as u64)
            .sum();
        let mut missing = missing.into_iter().map(|(chunk, _)| chunk);
        let remote = self.with.remote;
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < UNDER_WAY {
                let (pack, bytes) = match next_pack(self.with.vault, &mut missing, self.bytes_left) {
                    Ok(Some(next)) => next,
                    Ok(None) => break,
                    Err(Error::Vault(VaultError::Corrupt { part: Part::Chunk })) if self.next_changes()? != *set => {
                        return Ok(false);
                    }
                    Err(error) => return Err(error.into()),
                };
                under_way.push(async move {
                    remote.put_blob(&pack.blob(), bytes).await?;
                    Ok::<_, R::Error>(pack)
                });
            }
            let Some(pack) = under_way.next().await.transpose()? else {
                return Ok(true);
            };
            self.save(std::slice::from_ref(&pack), false)?;
            self.bytes_left = self.bytes_left.saturating_sub(pack.size());
            self.sent(pack.size());
            self.index()?.uploaded(pack);
        }
    }

    /// Appends an entry. Gives `false` when another entry of this device stood there, sent by a run that was stopped: it is
    /// taken in, and the caller looks anew at what is left to do.
    async fn append(&mut self, entry: &Entry) -> std::result::Result<bool, R::Error> {
        let BackupState {
            vault, device, log: at, ..
        } = self.state;
        let bytes = entry.seal(&vault, &device, at, self.with.root, self.with.sign, self.rng)?;
        let (after, length) = (at.after(&bytes), bytes.len() as u64);
        self.state.sending_entry(after.last, entry.upto);
        self.save(&[], false)?;
        if self.with.remote.append(at.count, bytes).await? == Append::Taken {
            self.adopt_entry_sent_before().await?;
            return Ok(false);
        }
        self.adopt(entry, after)?;
        self.sent(length);
        Ok(true)
    }

    async fn adopt_entry_sent_before(&mut self) -> std::result::Result<(), R::Error> {
        let (device, at) = (self.state.device, self.state.log);
        let frames = self.with.remote.log(&device, at.count).await?;
        let frame = frames.first().filter(|frame| frame.number == at.count);
        let bytes = &frame.ok_or(Error::ManifestMismatch { what: "log" })?.body;
        let after = at.after(bytes);
        if !self.state.sent_entry(&after.last) {
            let sequence = self.state.sequence();
            return Err(Error::ForkDetected { sequence }.into());
        }
        let (vault, devices) = (&self.state.vault, &self.state.devices);
        let entry = Entry::open(bytes, vault, &device, at, self.with.root, devices)?;
        Ok(self.adopt(&entry, after)?)
    }

    /// Takes in an entry that stands on the relay.
    fn adopt(&mut self, entry: &Entry, after: crate::LogPosition) -> Result<()> {
        self.state.adopt(entry, after);
        if let Some(index) = &mut self.index {
            index.named(&entry.packs);
        }
        self.save(&entry.packs, true)
    }

    /// Puts a head over everything that was uploaded, and looks whether it stands.
    async fn put_head(&mut self) -> std::result::Result<(), R::Error> {
        let manifest = match self.state.manifest() {
            Some(manifest) => manifest,
            None => self.index()?.manifest(),
        };
        self.state.set_manifest(manifest);
        let (state, previous) = (&self.state, self.state.head_hash());
        let head = Head {
            sequence: state.sequence() + 1,
            previous: previous.unwrap_or_default(),
            logs: state.logs(),
            manifest,
            devices: state.devices.clone(),
            min_format: FORMAT,
            kdf_floor: KdfCost::FLOOR,
            made_at: self.now,
            device_name: short_name(self.with.device_name),
        };
        let bytes = head.seal(&state.vault, &state.device, self.with.root, self.with.sign, self.rng)?;
        let length = bytes.len() as u64;
        self.state.sending_head(sha256(&[&bytes]));
        self.save(&[], false)?;
        let swap = self.with.remote.swap_head(previous, bytes).await?;
        self.check_head().await?;
        if swap == Swap::Moved {
            return Err(Error::HeadMoved.into());
        }
        if !self.state.is_in_head() {
            return Err(Error::ManifestMismatch { what: "head" }.into());
        }
        self.sent(length);
        Ok(())
    }

    /// Keeps the state, and packs with it.
    fn save(&self, packs: &[PackRef], named: bool) -> Result<()> {
        self.with
            .vault
            .transaction(self.now.saturating_mul(1000), |transaction| {
                self.state.keep(transaction)?;
                packs.iter().try_for_each(|pack| index::keep(transaction, pack, named))
            })
    }

    fn sent(&mut self, bytes: u64) {
        self.bytes_sent += bytes;
        (self.with.progress)(Progress {
            done: self.bytes_sent,
            total: self.bytes_sent + self.bytes_left,
        });
    }
}

/// Fills a pack with the next chunks, which have at most `left` bytes in all; `None` when there are none.
fn next_pack(
    vault: &Vault,
    chunks: &mut impl Iterator<Item = ChunkId>,
    left: u64,
) -> Result<Option<(PackRef, Vec<u8>)>> {
    let mut builder = PackBuilder::new(left);
    while !builder.is_full()
        && let Some(chunk) = chunks.next()
    {
        builder.push(chunk, &vault.sealed_chunk(&chunk)?);
    }
    Ok((!builder.is_empty()).then(|| builder.finish()))
}

/// The chunks that changes need, with the lengths of their plaintexts.
fn chunks_of(changes: &[Change]) -> impl Iterator<Item = (ChunkId, u32)> {
    changes.iter().flat_map(|change| match change {
        Change::File(manifest) => manifest.chunks.clone(),
        _ => Vec::new(),
    })
}
