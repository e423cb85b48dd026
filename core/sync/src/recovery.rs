//! What lies on the relay under a recovery code's locator: the wrapped root key, and what a fresh device needs to begin.

use kist_crypto::slots::WrappedRoot;
use kist_crypto::{Context, CryptoRng, RecoveryCode, RootKey, es256};
use kist_wire::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::encoding::{Bytes, from_cbor, to_cbor};
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
#[serde(deny_unknown_fields)]
struct Stored {
    version: u8,
    wrapped: WrappedRoot,
    /// An envelope of [`Contents`] under the root's backup key.
    contents: Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    vault: VaultId,
    recovery_device: DeviceId,
    identity: kist_wire::PublicKey,
}

/// Binds the contents to the code, so that those of another code for the same store are not taken for them.
fn in_context<T>(code: &RecoveryCode, f: impl FnOnce(&Context<'_>) -> T) -> T {
    f(&Context {
        label: "kist/2026-11/recovery-contents",
        version: VERSION,
        fields: &[&code.locator()],
    })
}

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
            contents: Bytes(in_context(code, |context| {
                self.root.backup_key().seal(context, &to_cbor(&contents), rng)
            })),
        })
    }

    /// Opens what lay there.
    ///
    /// Errors: `KeyMismatch` for a code that is well formed and not the right one, `AuthenticationFailed`, `DowngradeRefused`.
    pub fn open(code: &RecoveryCode, bytes: &[u8]) -> Result<Self> {
        const WHAT: &str = "recovery blob";
        let stored: Stored = from_cbor(bytes, WHAT)?;
        if stored.version != VERSION {
            return Err(Error::DowngradeRefused { found: stored.version });
        }
        // The same in another spelling of CBOR is nothing that a client wrote.
        if to_cbor(&stored) != bytes {
            return Err(Error::AuthenticationFailed { what: WHAT });
        }
        let root = stored
            .wrapped
            .unwrap(&code.wrapping_key(), PURPOSE)
            .map_err(|error| match error {
                kist_crypto::Error::KeyMismatch => Error::KeyMismatch,
                _ => Error::AuthenticationFailed { what: WHAT },
            })?;
        let failed = |_| Error::AuthenticationFailed { what: WHAT };
        let contents = in_context(code, |context| root.backup_key().open(context, &stored.contents.0));
        let contents = contents.map_err(failed)?;
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
