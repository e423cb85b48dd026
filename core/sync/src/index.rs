//! Which chunks lie on the relay, and in which packs. It is kept in the store, an item a pack, and read only where files
//! are to be backed up.

use std::collections::HashSet;

use kist_vault::{ChunkId, Transaction, Vault};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::encoding::{from_cbor, to_cbor};
use crate::pack::{PackRef, manifest};

const COLLECTION: &str = "local/backup-packs";
const VERSION: u8 = 1;

/// A pack as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u8,
    /// An entry names it. Otherwise it was uploaded, and the next entry will.
    named: bool,
    pack: PackRef,
}

/// What was uploaded.
#[derive(Debug, Default)]
pub(crate) struct Index {
    chunks: HashSet<ChunkId>,
    named: Vec<[u8; 32]>,
    unnamed: Vec<PackRef>,
}

impl Index {
    pub(crate) fn load(store: &Vault) -> Result<Self> {
        let mut index = Index::default();
        for (_, bytes) in store.all_kept(COLLECTION)? {
            let kept: Kept = from_cbor(&bytes, "backup state")?;
            index.add(kept.pack, kept.named);
        }
        Ok(index)
    }

    /// Takes in a pack that was uploaded just now; no entry names it.
    pub(crate) fn uploaded(&mut self, pack: PackRef) {
        self.add(pack, false);
    }

    fn add(&mut self, pack: PackRef, named: bool) {
        self.chunks.extend(pack.chunks.iter().map(|(id, _)| *id));
        if named {
            self.named.push(pack.digest);
        } else {
            self.unnamed.push(pack);
        }
    }

    /// Takes in that an entry names these packs.
    pub(crate) fn named(&mut self, packs: &[PackRef]) {
        let digests: HashSet<[u8; 32]> = packs.iter().map(|pack| pack.digest).collect();
        self.unnamed.retain(|pack| !digests.contains(&pack.digest));
        self.chunks
            .extend(packs.iter().flat_map(|pack| &pack.chunks).map(|(id, _)| *id));
        self.named.extend(digests);
    }

    pub(crate) fn has(&self, chunk: &ChunkId) -> bool {
        self.chunks.contains(chunk)
    }

    /// Packs that no entry names, at least one if there is any, and at most `max_chunks` chunks of them.
    pub(crate) fn unnamed(&self, max_chunks: usize) -> Vec<PackRef> {
        let mut chunks = 0;
        let fitting = self.unnamed.iter().take_while(|pack| {
            let first = chunks == 0;
            chunks += pack.chunks.len();
            first || chunks <= max_chunks
        });
        fitting.cloned().collect()
    }

    /// How many packs no entry names.
    pub(crate) fn unnamed_count(&self) -> usize {
        self.unnamed.len()
    }

    /// The manifest of the packs that entries name.
    pub(crate) fn manifest(&self) -> [u8; 32] {
        manifest(self.named.iter().copied())
    }
}

/// Keeps a pack in the store.
pub(crate) fn keep(transaction: &Transaction<'_>, pack: &PackRef, named: bool) -> Result<()> {
    let kept = Kept {
        version: VERSION,
        named,
        pack: pack.clone(),
    };
    let key: String = pack.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(transaction.keep(COLLECTION, &key, &to_cbor(&kept))?)
}
