//! What a head and a log entry share: sealed under the backup key, then signed by a device.
//!
//! `u8 version ‖ device (16) ‖ u32 generation ‖ position ‖ signature (64) ‖ envelope`. The signature covers the place that
//! the envelope belongs to, the device, the generation and the envelope's SHA-256. A head has no position; an entry's is
//! its index and the hash of the entry before, in clear so that one in the wrong place is told from one that was altered.

use kist_crypto::{Context, CryptoRng, RootKey, es256, sha256};
use kist_wire::{DeviceId, VaultId};

use crate::{Error, Result};

/// The version of heads and entries that this build writes, and the oldest that it reads.
pub const FORMAT: u8 = 1;
const DEVICE: usize = 16;

/// Signs with the device's key, which may live in the platform's key store: message in, `r ‖ s` out.
pub type Signer<'a> = &'a (dyn Fn(&[u8]) -> kist_crypto::Result<[u8; 64]> + Send + Sync);

/// The 16 bytes of a device's id, which is how it stands in objects.
pub(crate) fn device_bytes(device: &DeviceId) -> Result<&[u8; DEVICE]> {
    device.as_bytes().try_into().map_err(|_| Error::UntrustedKey)
}

/// Where a sealed and signed object belongs.
pub(crate) struct Place<'a> {
    /// What it is, for errors.
    pub(crate) what: &'static str,
    /// The label of its envelope.
    pub(crate) label: &'static str,
    /// The label of its signature.
    pub(crate) signature_label: &'static str,
    pub(crate) vault: &'a VaultId,
    /// Says which one it is among its like; of fixed length.
    pub(crate) position: &'a [u8],
}

impl Place<'_> {
    fn context<T>(&self, device: &DeviceId, generation: u32, f: impl FnOnce(&Context<'_>) -> T) -> T {
        f(&Context {
            label: self.label,
            version: FORMAT,
            fields: &[
                self.vault.as_bytes(),
                device.as_bytes(),
                &generation.to_be_bytes(),
                self.position,
            ],
        })
    }

    fn signing_input(&self, device: &DeviceId, generation: u32, envelope: &[u8]) -> Vec<u8> {
        Context {
            label: self.signature_label,
            version: FORMAT,
            fields: &[
                self.vault.as_bytes(),
                device.as_bytes(),
                &generation.to_be_bytes(),
                self.position,
                &sha256(&[envelope]),
            ],
        }
        .encode()
    }

    pub(crate) fn seal<R: CryptoRng + ?Sized>(
        &self,
        plain: &[u8],
        root: &RootKey,
        device: &DeviceId,
        sign: Signer<'_>,
        rng: &mut R,
    ) -> Result<Vec<u8>> {
        let (id, generation) = (device_bytes(device)?, root.generation());
        let envelope = self.context(device, generation, |context| {
            root.backup_key().seal(context, plain, rng)
        });
        let signature = sign(&self.signing_input(device, generation, &envelope)).map_err(Error::DeviceKey)?;
        let parts: [&[u8]; 6] = [
            &[FORMAT],
            id,
            &generation.to_be_bytes(),
            self.position,
            &signature,
            &envelope,
        ];
        Ok(parts.concat())
    }

    /// Opens, without judging the author: a head carries the list that says who may sign it.
    pub(crate) fn open(&self, bytes: &[u8], root: &RootKey) -> Result<Unverified> {
        let failed = || Error::AuthenticationFailed { what: self.what };
        let (&version, rest) = bytes.split_first().ok_or_else(failed)?;
        if version != FORMAT {
            return Err(Error::DowngradeRefused { found: version });
        }
        let (device, rest) = rest.split_first_chunk::<DEVICE>().ok_or_else(failed)?;
        let (generation, rest) = rest.split_first_chunk::<4>().ok_or_else(failed)?;
        let (position, rest) = rest.split_at_checked(self.position.len()).ok_or_else(failed)?;
        let (signature, envelope) = rest.split_first_chunk::<64>().ok_or_else(failed)?;
        let (device, generation) = (DeviceId::from(*device), u32::from_be_bytes(*generation));
        if position != self.position {
            return Err(Error::ManifestMismatch { what: self.what });
        }
        if generation != root.generation() {
            return Err(failed());
        }
        let plain = self
            .context(&device, generation, |context| root.backup_key().open(context, envelope))
            .map_err(|_| failed())?;
        Ok(Unverified {
            device,
            plain: plain.into_plain(),
            signing_input: self.signing_input(&device, generation, envelope),
            signature: *signature,
        })
    }
}

/// An object that opened; its author is still to be verified.
pub(crate) struct Unverified {
    pub(crate) device: DeviceId,
    pub(crate) plain: Vec<u8>,
    signing_input: Vec<u8>,
    signature: [u8; 64],
}

impl Unverified {
    pub(crate) fn signed_by(&self, key: &es256::PublicKey) -> bool {
        key.verify(&self.signing_input, &self.signature).is_ok()
    }
}
