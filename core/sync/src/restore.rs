//! Restoring onto a fresh device. The caller gives an empty store in a folder apart, and moves it to its place only when
//! everything has been verified.

use std::pin::Pin;

use futures_util::stream::{FuturesUnordered, StreamExt};
use kist_vault::Vault;
use kist_wire::DeviceId;

use crate::entry::{Assembly, Entry, LogPosition};
use crate::head::{Head, VerifiedHead};
use crate::index;
use crate::pack::{PackRef, manifest};
use crate::remote::{Progress, Remote};
use crate::{BackupState, Error, Recovered, Result};

/// Packs that are under way at once, which bounds the memory: one is taken in while others travel.
const UNDER_WAY: usize = 3;

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
}

impl Restored {
    /// The state from which the restored device, under its new id, goes on backing up.
    ///
    /// `position` is the store's own position, up to which everything is in the backup.
    pub fn into_state(self, recovered: &Recovered, device: DeviceId, position: u64) -> BackupState {
        BackupState::restored(recovered.vault, device, self.head, position)
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
        head,
        vault,
        progress,
        received: 0,
        left: 0,
        packs: Vec::new(),
        under_way: FuturesUnordered::new(),
    };
    for (device, position) in run.head.head.logs.clone() {
        run.log(&device, position).await?;
    }
    run.packs_until(0).await?;
    let Run {
        head, packs, received, ..
    } = run;
    if manifest(packs) != head.head.manifest {
        return Err(Error::ManifestMismatch { what: "manifest" }.into());
    }
    if !vault.missing_chunks().map_err(Error::from)?.is_empty() {
        return Err(Error::ManifestMismatch { what: "pack" }.into());
    }
    Ok(Restored {
        head,
        bytes_received: received,
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

/// A pack on its way.
type Fetch<'a, E> = Pin<Box<dyn Future<Output = std::result::Result<(PackRef, Vec<u8>), E>> + Send + 'a>>;

struct Run<'a, R: Remote> {
    remote: &'a R,
    recovered: &'a Recovered,
    head: VerifiedHead,
    vault: &'a Vault,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    received: u64,
    /// Bytes of packs that are still to come, as far as is known now.
    left: u64,
    packs: Vec<[u8; 32]>,
    under_way: FuturesUnordered<Fetch<'a, R::Error>>,
}

impl<R: Remote> Run<'_, R> {
    /// Reads one device's log from its start to exactly where the head says that it ends.
    async fn log(&mut self, device: &DeviceId, end: LogPosition) -> std::result::Result<(), R::Error> {
        const MISMATCH: Error = Error::ManifestMismatch { what: "log" };
        let mut at = LogPosition::START;
        let mut assembly = Assembly::default();
        while at.count < end.count {
            let frames = self.remote.log(device, at.count).await?;
            if frames.is_empty() {
                return Err(MISMATCH.into());
            }
            for frame in frames {
                if at.count == end.count {
                    break;
                }
                if frame.number != at.count {
                    return Err(MISMATCH.into());
                }
                self.entry(device, at, &frame.body, &mut assembly).await?;
                at = at.after(&frame.body);
            }
        }
        if at == end { Ok(()) } else { Err(MISMATCH.into()) }
    }

    async fn entry(
        &mut self,
        device: &DeviceId,
        at: LogPosition,
        bytes: &[u8],
        assembly: &mut Assembly,
    ) -> std::result::Result<(), R::Error> {
        let Recovered { vault, root, .. } = self.recovered;
        let entry = Entry::open(bytes, vault, device, at, root, &self.head.head.devices)?;
        let changes = assembly.take(&entry)?;
        // With each pack that the restored device need not upload again. Local items need no time.
        self.vault.transaction(0, |transaction| {
            transaction.apply(&changes)?;
            let mut packs = entry.packs.iter();
            packs.try_for_each(|pack| index::keep(transaction, pack, true))
        })?;
        self.left += entry.packs.iter().map(PackRef::size).sum::<u64>();
        self.count(bytes.len());
        for pack in entry.packs {
            self.packs_until(UNDER_WAY - 1).await?;
            self.fetch(pack);
        }
        Ok(())
    }

    fn fetch(&mut self, pack: PackRef) {
        let remote = self.remote;
        self.under_way.push(Box::pin(async move {
            let bytes = remote.blob(&pack.blob()).await?;
            Ok((pack, bytes.ok_or(Error::ManifestMismatch { what: "pack" })?))
        }));
    }

    /// Takes in packs as they come, until no more than `count` are under way.
    async fn packs_until(&mut self, count: usize) -> std::result::Result<(), R::Error> {
        while self.under_way.len() > count
            && let Some((pack, bytes)) = self.under_way.next().await.transpose()?
        {
            self.vault.put_sealed_chunks(pack.split(&bytes)?).map_err(Error::from)?;
            self.packs.push(pack.digest);
            self.left = self.left.saturating_sub(pack.size());
            self.count(bytes.len());
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) {
        self.received += bytes as u64;
        (self.progress)(Progress {
            done: self.received,
            total: self.received + self.left,
        });
    }
}
