//! What lies on the relay under a recovery code's locator: the wrapped root key, and what a fresh device needs to begin.

use kist_crypto::slots::WrappedRoot;
use kist_crypto::{Context, CryptoRng, RecoveryCode, RootKey, es256};
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::signed::{from_cbor, to_cbor};
use crate::{Error, Result};

const VERSION: u8 = 1;
const PURPOSE: &[u8] = b"kist/2026-11/recovery";

/// What a fresh device learns with the code.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// The root key.
    pub root: RootKey,
    /// The vault that holds the backup.
    pub vault: VaultId,
    /// The id under which the code's login key stands on the device list and at the relay.
    pub recovery_device: DeviceId,
    /// The key that began the device list.
    pub identity: es256::PublicKey,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u8,
    wrapped: WrappedRoot,
    /// An envelope of [`Contents`] under the root's backup key.
    contents: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    vault: VaultId,
    recovery_device: DeviceId,
    identity: kist_wire::PublicKey,
}

const CONTEXT: Context<'static> = Context {
    label: "kist/2026-11/recovery-contents",
    version: VERSION,
    fields: &[],
};

impl Recovered {
    /// The bytes to store under [`RecoveryCode::locator`].
    pub fn seal<R: CryptoRng + ?Sized>(&self, code: &RecoveryCode, rng: &mut R) -> Vec<u8> {
        let contents = Contents {
            vault: self.vault,
            recovery_device: self.recovery_device,
            identity: self.identity.to_sec1().into(),
        };
        to_cbor(&Stored {
            version: VERSION,
            wrapped: WrappedRoot::wrap(&self.root, &code.wrapping_key(), PURPOSE, rng),
            contents: self.root.backup_key().seal(&CONTEXT, &to_cbor(&contents), rng),
        })
    }

    /// Opens what lay there. A code that is well formed and not the right one is `KeyMismatch`.
    pub fn open(code: &RecoveryCode, bytes: &[u8]) -> Result<Self> {
        const WHAT: &str = "recovery blob";
        let stored: Stored = from_cbor(bytes, WHAT)?;
        if stored.version != VERSION {
            return Err(Error::DowngradeRefused { found: stored.version });
        }
        let root = stored
            .wrapped
            .unwrap(&code.wrapping_key(), PURPOSE)
            .map_err(|error| match error {
                kist_crypto::Error::KeyMismatch => Error::KeyMismatch,
                _ => Error::AuthenticationFailed { what: WHAT },
            })?;
        let failed = |_| Error::AuthenticationFailed { what: WHAT };
        let contents = root.backup_key().open(&CONTEXT, &stored.contents).map_err(failed)?;
        let contents: Contents = from_cbor(contents.expose(), WHAT)?;
        let identity = es256::PublicKey::from_sec1(contents.identity.as_bytes()).map_err(failed)?;
        Ok(Recovered {
            root,
            vault: contents.vault,
            recovery_device: contents.recovery_device,
            identity,
        })
    }
}
