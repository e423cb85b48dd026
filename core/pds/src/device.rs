//! This device: the key that speaks for it, and how it reaches the backup that it is a device of.

use std::sync::Arc;

use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{OsRandom, Secret, base64url, from_base64url};
use kist_vault::Transaction;
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::home::{Home, to_json};
use crate::{Error, Result};

/// What belongs to this device alone: it is in no backup.
const COLLECTION: &str = "local/backup";
const SETUP: &str = "setup";
/// The name of the device's key in the platform's key store.
const KEY_NAME: &str = "kist-device";

/// How this device reaches its backup.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) relay: String,
    pub(crate) vault: VaultId,
    pub(crate) device: DeviceId,
    pub(crate) identity: kist_wire::PublicKey,
    /// The device's key, base64url, where the platform has no key store that holds it.
    pub(crate) key: Option<String>,
}

/// Signs with a key that is held elsewhere.
pub(crate) type SharedSigner = Arc<dyn Fn(&[u8]) -> kist_crypto::Result<[u8; 64]> + Send + Sync>;

/// How this device reaches its backup; `None` where none is set up.
pub(crate) fn setup(home: &Home) -> Result<Option<Setup>> {
    home.kept(COLLECTION, SETUP)
}

pub(crate) fn keep(changes: &Transaction<'_>, setup: &Setup) -> Result<()> {
    Ok(changes.keep(COLLECTION, SETUP, &to_json(setup)?)?)
}

/// A device's key: in the platform's key store where there is one, else in the vault.
pub(crate) fn new_device(
    home: &Home,
    relay: &str,
    vault: VaultId,
    device: DeviceId,
    identity: Option<PublicKey>,
) -> Result<(Setup, PublicKey)> {
    let (key, public) = match &home.platform.secure_area {
        Some(area) => (None, area.signing_key(KEY_NAME)?),
        None => {
            let key = SigningKey::generate(&mut OsRandom);
            (Some(base64url(key.to_secret().expose())), key.public())
        }
    };
    let identity = identity.unwrap_or(public).to_sec1().into();
    Ok((
        Setup {
            relay: relay.to_owned(),
            vault,
            device,
            identity,
            key,
        },
        public,
    ))
}

/// Signs with this device's key.
pub(crate) fn signer(home: &Home, setup: &Setup) -> Result<SharedSigner> {
    match (&setup.key, &home.platform.secure_area) {
        (Some(key), _) => {
            let secret =
                Secret::from_slice(&from_base64url(key)?).ok_or_else(|| Error::new("Corrupt").with("part", "item"))?;
            let key = SigningKey::from_secret(&secret)?;
            Ok(Arc::new(move |message| Ok(key.sign(message))))
        }
        (None, Some(area)) => {
            let area = Arc::clone(area);
            Ok(Arc::new(move |message| area.sign(KEY_NAME, message)))
        }
        (None, None) => Err(Error::new("PlatformKey").with("state", "Unavailable")),
    }
}

/// The key that speaks for this device: in the platform's key store where there is one, else the one that the backup was
/// set up with. `None` where there is neither.
pub(crate) fn key(home: &Home) -> Result<Option<(SharedSigner, PublicKey)>> {
    match (setup(home)?, &home.platform.secure_area) {
        (Some(setup), _) if setup.key.is_some() => {
            let secret = Secret::from_slice(&from_base64url(setup.key.as_deref().unwrap_or_default())?);
            let secret = secret.ok_or_else(|| Error::new("Corrupt").with("part", "item"))?;
            let key = SigningKey::from_secret(&secret)?;
            let public = key.public();
            let sign: SharedSigner = Arc::new(move |message| Ok(key.sign(message)));
            Ok(Some((sign, public)))
        }
        (_, Some(area)) => {
            let (area, public) = (Arc::clone(area), area.signing_key(KEY_NAME)?);
            let sign: SharedSigner = Arc::new(move |message| area.sign(KEY_NAME, message));
            Ok(Some((sign, public)))
        }
        _ => Ok(None),
    }
}
