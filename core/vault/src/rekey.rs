//! Another root key for an open vault, and another page key for a closed one.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::PoisonError;

use kist_crypto::RootKey;
use kist_crypto::page::PAGE;

use crate::files::ChunkKeys;
use crate::vault::{STORE, lock};
use crate::{Error, Result, Vault, vfs};

impl Vault {
    /// Replaces the root key by the next one, while the vault stays open: `new` opens it from now on, and the one before
    /// no longer does. `keep` is called between: it must make `new` durable wherever the caller keeps root keys (slots),
    /// before it returns. Its error stops the change, and the root key before goes on.
    ///
    /// Whenever it is cut off, the root key that the caller kept last opens the vault: until `keep` is called the one
    /// before does, and from then on both do until this returns. To go on, call it again with the same key, or open the
    /// vault with the new one.
    ///
    /// What is written from now on only the new key gives: file chunks get new keys too. Those of the one before stay, as
    /// an item that reaches the person's other devices, so that every file stays readable. The pages of the database
    /// stay as they are: who had the root key before *and* a copy of the store's header can go on reading copies of
    /// the store, until [`Vault::reseal`].
    ///
    /// Errors: `Malformed` for a generation that is not above the one before; `DiskFull`, `Io`.
    pub fn rekey<T, E: From<Error>>(&self, new: &RootKey, keep: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let _one_at_a_time = self.rekeying.lock().unwrap_or_else(PoisonError::into_inner);
        let (held, added) = (self.store_key().clone(), new.store_key());
        let keys = self.chunk_store()?.keys();
        if keys.are_of(new) {
            // It was cut off after `keep`, or there is nothing to do.
        } else if new.generation() > keys.generation() {
            self.transaction(0, |changes| keys.keep_current(changes))?;
        } else {
            let what = "root key generation";
            return Err(Error::Malformed { what }.into());
        }
        vfs::add_key(&self.write_lock(), &held, &added).map_err(Error::from)?;

        let kept = keep()?;

        let keys = ChunkKeys::load(new, &self.write_lock())?;
        self.chunk_store()?.set_keys(keys);
        *self.store_key() = added.clone();
        vfs::settle_key(&self.write_lock(), &added).map_err(Error::from)?;
        Ok(kept)
    }

    /// Seals the database of a closed vault anew, in a new file that takes the place of the old: another page key, other
    /// nonces. Copies of the old file, and root keys that once opened it, are of no use for what is written from then
    /// on. Chunks of files stay as they are. It needs room for a second database.
    ///
    /// `progress` gets the bytes sealed and the bytes in all, and can stop it. Whenever it is cut off the vault is the old
    /// one or the new one, whole; to go on, call it again.
    ///
    /// Errors: as [`Vault::open`]; `Cancelled`.
    pub fn reseal(folder: &Path, root: &RootKey, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> Result<()> {
        let store = folder.join(STORE);
        if !store.is_file() {
            return Err(Error::NotFound { what: "vault" });
        }
        let _held = lock(folder)?;
        let bytes = |pages: u64| pages.saturating_mul(PAGE as u64);
        let mut progress = |at: vfs::Progress| progress(bytes(at.done), bytes(at.total));
        Ok(vfs::reseal(&store, &root.store_key(), &mut progress)?)
    }
}
