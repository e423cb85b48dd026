//! Restoring onto a fresh device. The caller gives an empty store in a folder apart, and moves it to its place only when
//! everything has been verified.

use kist_vault::{ChunkId, Vault};
use kist_wire::{BlobId, DeviceId};

use crate::entry::{Entry, LogPosition};
use crate::head::{Head, VerifiedHead};
use crate::pack::{PackRef, manifest};
use crate::remote::{Progress, Remote};
use crate::{BackupState, Error, Recovered, Result};

/// What is known of how new the backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing: the relay could show an old backup. The restore stops with `FreshnessUnproven` and says what it found.
    Unknown,
    /// The person has seen date and device of the head with this sequence, and goes on.
    Confirmed(u64),
    /// This device, or another that can be asked, has seen the head with this sequence.
    AtLeast(u64),
}

/// A store that holds the whole backup, verified.
#[derive(Debug)]
pub struct Restored {
    /// The head that was restored.
    pub head: VerifiedHead,
    /// Bytes that were downloaded.
    pub bytes_received: u64,
    packs: Vec<(BlobId, [u8; 32])>,
    chunks: Vec<ChunkId>,
}

impl Restored {
    /// The state from which the restored device, under its new id, goes on backing up.
    ///
    /// `position` is the store's own position, up to which everything is in the backup.
    pub fn into_state(self, recovered: &Recovered, device: DeviceId, position: u64) -> BackupState {
        let mut state = BackupState::new(recovered.vault, device, self.head.head.devices);
        state.head = Some((self.head.head.sequence, self.head.hash));
        state.backed_up_at = Some(self.head.head.made_at);
        state.other_logs = self.head.head.logs;
        state.position = position;
        state.packs = self.packs;
        state.chunks = self.chunks.into_iter().collect();
        state
    }
}

/// Fetches and verifies the backup, and fills `vault`, which must be empty. After an error, or when the future is
/// dropped, what the store holds is to be thrown away.
///
/// Errors: `NoBackup`, `FreshnessUnproven`, `RollbackDetected`, `ManifestMismatch`, `UnknownAuthor`, `UntrustedKey`,
/// `AuthenticationFailed`, `DowngradeRefused`, `KdfPolicyViolation`, and the relay's own.
pub async fn restore<R: Remote>(
    remote: &R,
    recovered: &Recovered,
    freshness: Freshness,
    vault: &Vault,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> std::result::Result<Restored, R::Error> {
    let bytes = remote.head().await?.ok_or(Error::NoBackup)?;
    let head = Head::open(&bytes, &recovered.vault, &recovered.root, &recovered.identity)?;
    check_freshness(&head.head, freshness)?;
    let mut run = Run {
        remote,
        recovered,
        head: &head,
        vault,
        progress,
        received: 0,
        packs: Vec::new(),
        chunks: Vec::new(),
    };
    for (device, position) in &head.head.logs {
        run.log(device, *position).await?;
    }
    if manifest(run.packs.iter().map(|(blob, digest)| (blob, digest))) != head.head.manifest {
        return Err(Error::ManifestMismatch { what: "manifest" }.into());
    }
    let Run {
        received,
        packs,
        chunks,
        ..
    } = run;
    Ok(Restored {
        head,
        bytes_received: received,
        packs,
        chunks,
    })
}

fn check_freshness(head: &Head, freshness: Freshness) -> Result<()> {
    let found = head.sequence;
    match freshness {
        Freshness::AtLeast(known) if found < known => Err(Error::RollbackDetected { known, found }),
        Freshness::AtLeast(_) => Ok(()),
        Freshness::Confirmed(sequence) if sequence == found => Ok(()),
        Freshness::Confirmed(_) | Freshness::Unknown => Err(Error::FreshnessUnproven {
            sequence: found,
            made_at: head.made_at,
            device_name: head.device_name.clone(),
        }),
    }
}

struct Run<'a, R> {
    remote: &'a R,
    recovered: &'a Recovered,
    head: &'a VerifiedHead,
    vault: &'a Vault,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    received: u64,
    packs: Vec<(BlobId, [u8; 32])>,
    chunks: Vec<ChunkId>,
}

impl<R: Remote> Run<'_, R> {
    /// Reads one device's log from its start to exactly where the head says that it ends.
    async fn log(&mut self, device: &DeviceId, end: LogPosition) -> std::result::Result<(), R::Error> {
        const MISMATCH: Error = Error::ManifestMismatch { what: "log" };
        let mut at = LogPosition::START;
        while at.count < end.count {
            let frames = self.remote.log(device, at.count).await?;
            if frames.is_empty() {
                return Err(MISMATCH.into());
            }
            for frame in frames.into_iter().take_while(|frame| frame.number < end.count) {
                if frame.number != at.count {
                    return Err(MISMATCH.into());
                }
                self.entry(device, at, &frame.body).await?;
                at = at.after(&frame.body);
            }
        }
        if at == end { Ok(()) } else { Err(MISMATCH.into()) }
    }

    async fn entry(&mut self, device: &DeviceId, at: LogPosition, bytes: &[u8]) -> std::result::Result<(), R::Error> {
        let Recovered { vault, root, .. } = self.recovered;
        let entry = Entry::open(bytes, vault, device, at, root, &self.head.head.devices)?;
        self.count(bytes.len());
        self.vault.apply(&entry.changes).map_err(Error::from)?;
        for pack in &entry.packs {
            self.pack(pack).await?;
        }
        Ok(())
    }

    async fn pack(&mut self, pack: &PackRef) -> std::result::Result<(), R::Error> {
        let bytes = self
            .remote
            .blob(&pack.blob)
            .await?
            .ok_or(Error::ManifestMismatch { what: "pack" })?;
        self.count(bytes.len());
        let chunks = pack.split(&bytes)?;
        self.chunks.extend(chunks.iter().map(|(id, _)| *id));
        self.vault.put_sealed_chunks(chunks).map_err(Error::from)?;
        self.packs.push((pack.blob, pack.digest));
        Ok(())
    }

    fn count(&mut self, bytes: usize) {
        self.received += bytes as u64;
        (self.progress)(Progress {
            done: self.received,
            total: 0,
        });
    }
}
