//! What a head and a log entry share: sealed under the backup key, then signed by a device.
//!
//! `u8 version ‖ device (16) ‖ u32 generation ‖ signature (64) ‖ envelope`. The signature covers the place that the
//! envelope belongs to, the device, the generation and the envelope's SHA-256.

use kist_crypto::{Context, CryptoRng, RootKey, es256, sha256};
use kist_wire::{DeviceId, VaultId};

use crate::{Error, Result};

/// The version of heads and entries that this build writes, and the oldest that it reads.
pub const FORMAT: u8 = 1;
const DEVICE: usize = 16;

/// Signs with the device's key, which may live in the platform's key store: message in, `r ‖ s` out.
pub type Signer<'a> = &'a (dyn Fn(&[u8]) -> kist_crypto::Result<[u8; 64]> + Send + Sync);

/// Where a sealed and signed object belongs.
pub(crate) struct Place<'a> {
    /// What it is, for errors.
    pub(crate) what: &'static str,
    /// The label of its envelope.
    pub(crate) label: &'static str,
    /// The label of its signature.
    pub(crate) signature_label: &'static str,
    pub(crate) vault: &'a VaultId,
    /// Further fields that say which one it is.
    pub(crate) position: &'a [&'a [u8]],
}

impl Place<'_> {
    fn encode(&self, label: &'static str, more: &[&[u8]]) -> Vec<u8> {
        let mut fields = vec![self.vault.as_bytes()];
        fields.extend_from_slice(self.position);
        fields.extend_from_slice(more);
        Context {
            label,
            version: FORMAT,
            fields: &fields,
        }
        .encode()
    }

    fn context<T>(&self, device: &DeviceId, f: impl FnOnce(&Context<'_>) -> T) -> T {
        let mut fields = vec![self.vault.as_bytes(), device.as_bytes()];
        fields.extend_from_slice(self.position);
        f(&Context {
            label: self.label,
            version: FORMAT,
            fields: &fields,
        })
    }

    fn signing_input(&self, device: &DeviceId, generation: u32, envelope: &[u8]) -> Vec<u8> {
        let more: [&[u8]; 3] = [device.as_bytes(), &generation.to_be_bytes(), &sha256(&[envelope])];
        self.encode(self.signature_label, &more)
    }

    pub(crate) fn seal<R: CryptoRng + ?Sized>(
        &self,
        plain: &[u8],
        root: &RootKey,
        device: &DeviceId,
        sign: Signer<'_>,
        rng: &mut R,
    ) -> Result<Vec<u8>> {
        let envelope = self.context(device, |context| root.backup_key().seal(context, plain, rng));
        let generation = root.generation();
        let signature = sign(&self.signing_input(device, generation, &envelope)).map_err(Error::DeviceKey)?;
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(device.as_bytes());
        bytes.extend_from_slice(&generation.to_be_bytes());
        bytes.extend_from_slice(&signature);
        bytes.extend_from_slice(&envelope);
        Ok(bytes)
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
        let (signature, envelope) = rest.split_first_chunk::<64>().ok_or_else(failed)?;
        let (device, generation) = (DeviceId::from(*device), u32::from_be_bytes(*generation));
        if generation != root.generation() {
            return Err(failed());
        }
        let plain = self
            .context(&device, |context| root.backup_key().open(context, envelope))
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

pub(crate) fn to_cbor<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    #[allow(clippy::expect_used)]
    ciborium::into_writer(value, &mut bytes).expect("a vector takes every byte");
    bytes
}

/// Reads CBOR that was authenticated before; its size is bounded by the bytes given.
pub(crate) fn from_cbor<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T> {
    ciborium::from_reader(bytes).map_err(|_| Error::AuthenticationFailed { what })
}
