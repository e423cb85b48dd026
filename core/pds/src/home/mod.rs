//! The folder of a store: `keyring.json` (the slots) and `vault/`.
//!
//! The keyring is written last when a store is made or restored: without it there is no store. While it is made, the
//! folder has a file `unfinished`, so that the next attempt clears what an interrupted one left, and nothing else that
//! happens to be there. Persons, organisations and operators have the same folder.

mod memory;

use std::any::Any;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use kist_crypto::slots::Slot;
use kist_crypto::{OsRandom, RootKey, Secret, base64url, from_base64url};
use kist_vault::{Transaction, Vault};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::memory::Memory;
use crate::http::Http;
use crate::{Error, Platform, Result, blocking, disk};

const KEYRING: &str = "keyring.json";
const VAULT: &str = "vault";
const UNFINISHED: &str = "unfinished";
const KEYRING_VERSION: u8 = 1;

/// The slots of a store. Not secret; a passphrase slot must not leave the device all the same.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyring {
    version: u8,
    /// Random, base64url of 16 bytes: what every slot is bound to.
    id: String,
    slots: Vec<Slot>,
}

impl Keyring {
    fn id(&self) -> Result<[u8; 16]> {
        let bytes = from_base64url(&self.id).map_err(|_| corrupt_keyring())?;
        bytes.try_into().map_err(|_| corrupt_keyring())
    }
}

fn corrupt_keyring() -> Error {
    Error::new("Corrupt").with("part", "keyring")
}

/// An open store with everything that reaches the disk or the network for it.
pub(crate) struct Home {
    dir: PathBuf,
    pub(crate) platform: Platform,
    pub(crate) vault: Vault,
    pub(crate) root: RootKey,
    keyring: Mutex<Keyring>,
    /// Held by whoever empties the outbox or closes a mailbox: both keep an order.
    pub(crate) outbox: tokio::sync::Mutex<()>,
    /// Held while the inbox is refreshed: what two refreshes find at the same time, both would take in and tell of.
    pub(crate) refresh: tokio::sync::Mutex<()>,
    memory: Memory,
    /// For mailboxes, slots and documents.
    pub(crate) mail: Http,
    /// For the vault on the relay alone.
    pub(crate) backup: Http,
}

/// How a store is unlocked.
pub(crate) enum Unlock<'a> {
    Passphrase(&'a str),
    Device,
}

impl Home {
    /// Whether there is a store in the folder.
    pub(crate) fn exists(dir: &Path) -> bool {
        dir.join(KEYRING).exists()
    }

    /// Makes a store with a fresh root key.
    pub(crate) fn create(dir: &Path, platform: Platform, passphrase: &str) -> Result<Home> {
        Self::begin(dir, platform, RootKey::generate(1, &mut OsRandom))?.commit(passphrase)
    }

    /// Makes an empty vault under a root key; there is no store until [`Uncommitted::commit`].
    ///
    /// Errors: `AlreadyExists` for a store, and for a vault whose keyring is gone: it is not ours to delete.
    pub(crate) fn begin(dir: &Path, platform: Platform, root: RootKey) -> Result<Uncommitted> {
        if Self::exists(dir) {
            return Err(Error::new("AlreadyExists"));
        }
        let (vault_dir, unfinished) = (dir.join(VAULT), dir.join(UNFINISHED));
        fs::create_dir_all(dir).map_err(|error| disk::from_io(&error))?;
        if vault_dir.exists() {
            if !unfinished.exists() {
                return Err(Error::new("AlreadyExists"));
            }
            fs::remove_dir_all(&vault_dir).map_err(|error| disk::from_io(&error))?;
        }
        disk::replace(&unfinished, b"")?;
        let vault = Vault::create(&vault_dir, &root)?;
        Ok(Uncommitted {
            dir: dir.to_owned(),
            platform,
            root,
            vault,
        })
    }

    /// Opens a store.
    ///
    /// Errors: `NotFound`, `KeyMismatch`, `PlatformKey`, `KdfPolicyViolation`, `Corrupt`, `InUse`, `RollbackDetected`.
    pub(crate) fn open(dir: &Path, platform: Platform, unlock: &Unlock<'_>) -> Result<Home> {
        let keyring = disk::read(&dir.join(KEYRING))?.ok_or_else(|| Error::new("NotFound").with("what", "store"))?;
        let keyring: Keyring = serde_json::from_slice(&keyring).map_err(|_| corrupt_keyring())?;
        if keyring.version != KEYRING_VERSION {
            return Err(Error::new("DowngradeRefused").with("found", keyring.version));
        }
        let root = unlock_root(&keyring, &platform, unlock)?;
        let known = known_generation(&platform)?;
        let vault = Vault::open_not_before(&dir.join(VAULT), &root, known).map_err(damaged)?;
        Self::assemble(dir.to_owned(), platform, root, vault, keyring)
    }

    fn assemble(dir: PathBuf, mut platform: Platform, root: RootKey, vault: Vault, keyring: Keyring) -> Result<Home> {
        platform.transport = platform.policy();
        let (mail, backup) = (Http::new(&platform)?, Http::new(&platform)?);
        Ok(Home {
            dir,
            platform,
            vault,
            root,
            keyring: Mutex::new(keyring),
            outbox: tokio::sync::Mutex::new(()),
            refresh: tokio::sync::Mutex::new(()),
            memory: Memory::default(),
            mail,
            backup,
        })
    }

    /// Runs what touches the disk away from the threads that wait for the network.
    pub(crate) async fn blocking<T, F>(self: &Arc<Self>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Home) -> Result<T> + Send + 'static,
    {
        let home = Arc::clone(self);
        blocking::run(move || work(&home)).await
    }

    /// Adds a slot that the platform's key store opens by itself.
    pub(crate) fn enable_device_unlock(&self) -> Result<()> {
        let area = self.platform.secure_area.as_deref();
        let area = area.ok_or_else(|| Error::new("PlatformKey").with("state", "Unavailable"))?;
        let mut keyring = self.keyring();
        let mut changed = keyring.clone();
        changed.slots.retain(|slot| !matches!(slot, Slot::Device { .. }));
        changed
            .slots
            .push(Slot::device(&self.root, area, &keyring.id()?, &mut OsRandom)?);
        write_keyring(&self.dir, &changed)?;
        *keyring = changed;
        Ok(())
    }

    /// Makes an assembled store real, under its first passphrase.
    pub(crate) fn commit(&self, passphrase: &str) -> Result<()> {
        self.note_generation()?;
        self.change_passphrase(passphrase)?;
        // A store with a keyring is a store, so that a mark that stays changes nothing.
        let _ = fs::remove_file(self.dir.join(UNFINISHED));
        Ok(())
    }

    /// A folder beside the vault for work that is thrown away.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Replaces the passphrase.
    pub(crate) fn change_passphrase(&self, passphrase: &str) -> Result<()> {
        let mut keyring = self.keyring();
        let mut changed = keyring.clone();
        changed.slots.retain(|slot| !matches!(slot, Slot::Passphrase { .. }));
        changed
            .slots
            .push(passphrase_slot(&self.platform, &self.root, passphrase, &keyring.id()?)?);
        write_keyring(&self.dir, &changed)?;
        *keyring = changed;
        Ok(())
    }

    /// What a room keeps in memory while the store is open, by its type: the same for all who ask.
    pub(crate) fn memory<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.memory.of()
    }

    fn keyring(&self) -> MutexGuard<'_, Keyring> {
        self.keyring.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Keeps an item of ours in the vault.
    pub(crate) fn keep(&self, collection: &str, key: &str, value: &[u8]) -> Result<()> {
        Ok(self.vault.keep(collection, key, value, self.platform.now_ms())?)
    }

    /// Reads a kept item that is JSON.
    pub(crate) fn kept<T: DeserializeOwned>(&self, collection: &str, key: &str) -> Result<Option<T>> {
        self.vault
            .kept(collection, key)?
            .map(|bytes| from_json(&bytes))
            .transpose()
    }

    /// Reads a whole collection of JSON items, ordered by key.
    pub(crate) fn all_kept<T: DeserializeOwned>(&self, collection: &str) -> Result<Vec<(String, T)>> {
        let items = self.vault.all_kept(collection)?;
        items
            .into_iter()
            .map(|(key, bytes)| Ok((key, from_json(&bytes)?)))
            .collect()
    }

    /// Makes several changes together, now.
    pub(crate) fn transaction<T>(&self, changes: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.vault.transaction(self.platform.now_ms(), changes)
    }

    /// Notes the store's generation where the platform protects it: an older copy of the store is refused from now on.
    pub(crate) fn note_generation(&self) -> Result<()> {
        match &self.platform.small_state {
            Some(state) => Ok(state.write(&self.vault.generation()?.to_be_bytes())?),
            None => Ok(()),
        }
    }
}

/// The generation that the platform protects; 0 where it protects none.
fn known_generation(platform: &Platform) -> Result<u64> {
    let Some(state) = &platform.small_state else {
        return Ok(0);
    };
    let Some(bytes) = state.read()? else { return Ok(0) };
    bytes
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|_| Error::new("Corrupt").with("part", "state"))
}

/// A vault that is being filled; without [`Uncommitted::commit`] the next attempt clears it.
pub(crate) struct Uncommitted {
    dir: PathBuf,
    pub(crate) platform: Platform,
    pub(crate) root: RootKey,
    pub(crate) vault: Vault,
}

impl Uncommitted {
    /// Makes the store real, under a passphrase of this device.
    pub(crate) fn commit(self, passphrase: &str) -> Result<Home> {
        let home = self.assemble()?;
        home.commit(passphrase)?;
        Ok(home)
    }

    /// The store before it is one: for what has to be in it from the start. [`Home::commit`] makes it real.
    pub(crate) fn assemble(self) -> Result<Home> {
        let id = *Secret::<16>::generate(&mut OsRandom).expose();
        let keyring = Keyring {
            version: KEYRING_VERSION,
            id: base64url(id),
            slots: Vec::new(),
        };
        Home::assemble(self.dir, self.platform, self.root, self.vault, keyring)
    }
}

fn write_keyring(dir: &Path, keyring: &Keyring) -> Result<()> {
    let bytes = serde_json::to_vec_pretty(keyring).map_err(|_| Error::new("Internal"))?;
    disk::replace(&dir.join(KEYRING), &bytes)
}

fn passphrase_slot(platform: &Platform, root: &RootKey, passphrase: &str, id: &[u8; 16]) -> Result<Slot> {
    let area = platform.secure_area.as_deref();
    Ok(Slot::passphrase(
        root,
        passphrase,
        platform.kdf_cost,
        area,
        id,
        &mut OsRandom,
    )?)
}

/// Tries the slots of the kind asked for. A store has at most one of each, and always one for a passphrase.
fn unlock_root(keyring: &Keyring, platform: &Platform, unlock: &Unlock<'_>) -> Result<RootKey> {
    let id = keyring.id()?;
    let area = platform.secure_area.as_deref();
    let opened = keyring.slots.iter().find_map(|slot| match unlock {
        Unlock::Passphrase(passphrase) => slot.open_with_passphrase(passphrase, area, &id),
        Unlock::Device => slot.open_with_device(area?, &id),
    });
    let missing = || match unlock {
        Unlock::Passphrase(_) => corrupt_keyring(),
        Unlock::Device => Error::new("PlatformKey").with("state", "Unavailable"),
    };
    use kist_crypto::Error as E;
    opened.ok_or_else(missing)?.map_err(|error| match error {
        E::KeyMismatch | E::KdfPolicyViolation | E::PlatformKey { .. } => error.into(),
        _ => corrupt_keyring(),
    })
}

/// A slot has given the root key and the key is the one committed to: a vault that it doesn't open is damaged.
fn damaged(error: kist_vault::Error) -> Error {
    match error {
        kist_vault::Error::KeyMismatch | kist_vault::Error::NotFound { .. } => {
            Error::new("Corrupt").with("part", "store")
        }
        error => error.into(),
    }
}

/// Forgets a kept item, if it is there.
pub(crate) fn let_go(changes: &Transaction<'_>, collection: &str, key: &str) -> Result<()> {
    match changes.forget(collection, key) {
        Err(kist_vault::Error::NotFound { .. }) => Ok(()),
        forgotten => Ok(forgotten?),
    }
}

/// JSON of ours, for the vault.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|_| Error::new("Internal"))
}

/// JSON of ours, from the vault.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|_| Error::new("Corrupt").with("part", "item"))
}
