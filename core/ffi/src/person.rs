//! A person's store: made, opened, closed. What is in it is reached by the methods of the other modules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Result;
use crate::handle::Handle;
use crate::{CancelHandle, Platform, task};

/// An open store of a person.
#[derive(uniffi::Object)]
pub struct Person {
    pub(crate) store: Handle<kist_pds::Person>,
}

impl Person {
    pub(crate) fn of(store: kist_pds::Person) -> Arc<Self> {
        Arc::new(Person {
            store: Handle::new(store),
        })
    }
}

/// Whether there is a store in the folder.
#[uniffi::export]
pub fn person_exists(folder: String) -> Result<bool> {
    Ok(kist_pds::Person::exists(Path::new(&folder)))
}

/// Makes a store with a fresh root key, under a passphrase.
///
/// Errors: `AlreadyExists`, `StorageFull`, `Storage`, `PlatformKey`.
#[uniffi::export]
pub async fn create_person(
    folder: String,
    platform: Platform,
    passphrase: String,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Person>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    task::run(&cancel, async move {
        Ok(Person::of(
            kist_pds::Person::create(&folder, platform, &passphrase).await?,
        ))
    })
    .await
}

/// Opens a store with its passphrase.
///
/// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
#[uniffi::export]
pub async fn open_person(
    folder: String,
    platform: Platform,
    passphrase: String,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Person>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    task::run(&cancel, async move {
        Ok(Person::of(
            kist_pds::Person::open(&folder, platform, &passphrase).await?,
        ))
    })
    .await
}

/// Opens a store by the platform's key store; see [`Person::enable_device_unlock`].
///
/// Errors: as [`open_person`], and `PlatformKey`.
#[uniffi::export]
pub async fn open_person_with_device(
    folder: String,
    platform: Platform,
    cancel: Arc<CancelHandle>,
) -> Result<Arc<Person>> {
    let (folder, platform) = (PathBuf::from(folder), platform.into_core()?);
    task::run(&cancel, async move {
        Ok(Person::of(kist_pds::Person::open_with_device(&folder, platform).await?))
    })
    .await
}

#[uniffi::export]
impl Person {
    /// Lets the platform's key store open the store (screen lock, biometrics).
    pub async fn enable_device_unlock(&self, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.enable_device_unlock().await?) }).await
    }

    /// Replaces the passphrase.
    pub async fn change_passphrase(&self, passphrase: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.change_passphrase(&passphrase).await?) }).await
    }

    /// The relay that this person's mailboxes and backup are made on, where one is set.
    pub async fn relay(&self, cancel: Arc<CancelHandle>) -> Result<Option<String>> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.relay().await?) }).await
    }

    /// Sets the relay for what is made from now on. `AddressRefused`.
    pub async fn set_relay(&self, relay: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let store = self.store.get()?;
        task::run(&cancel, async move { Ok(store.set_relay(&relay).await?) }).await
    }

    /// Notes the store's generation where the platform protects it, and lets go of the store: its keys are wiped when the
    /// calls that still run have ended. Calls after this fail with `NotFound`; closing again does nothing.
    pub async fn close_store(&self) -> Result<()> {
        match self.store.take() {
            Some(store) => {
                let cancel = CancelHandle::new()?;
                task::run(&cancel, async move { Ok(store.close().await?) }).await
            }
            None => Ok(()),
        }
    }
}
