//! What the platform does for us: keys that it guards, and a few bytes that it does not let anybody put back.

use std::sync::Mutex;

use crate::root::derive;
use crate::{Context, OsRandom, Result, SealingKey, Secret, SecretBytes, es256};

/// The platform's key store (Secure Enclave, StrongBox, TPM).
///
/// Implementations must be callable from any thread and must never panic: a foreign failure becomes
/// [`crate::Error::PlatformKey`].
pub trait SecureArea: Send + Sync {
    /// Seals at most 1 KiB so that only this device opens it. The output is opaque.
    fn seal(&self, secret: &[u8]) -> Result<Vec<u8>>;

    /// Opens what [`SecureArea::seal`] gave on this device. May ask the person for their presence.
    fn open(&self, sealed: &[u8]) -> Result<SecretBytes>;

    /// The public key of the signing key `name`, which is made on first use and never leaves the device.
    fn signing_key(&self, name: &str) -> Result<es256::PublicKey>;

    /// Signs `message` (hashed with SHA-256 by the key store) with the key `name`: ES256 as `r ‖ s`, 64 bytes.
    fn sign(&self, name: &str, message: &[u8]) -> Result<[u8; 64]>;
}

/// A few bytes that the platform protects from being put back to an older value: the highest head seen, the store's
/// generation, a count of tries. At most 64 bytes.
pub trait SmallState: Send + Sync {
    /// What was last written, or `None` on a new device.
    fn read(&self) -> Result<Option<Vec<u8>>>;

    /// Replaces it, durably when this returns.
    fn write(&self, state: &[u8]) -> Result<()>;
}

/// A [`SecureArea`] in software, for tests and for desktops without a key store. Whoever has its secret has its keys.
#[derive(Debug)]
pub struct SoftwareSecureArea {
    secret: Secret<32>,
}

impl SoftwareSecureArea {
    const SEAL: Context<'static> = Context {
        label: "kist/2026-11/software-area",
        version: 1,
        fields: &[],
    };

    /// An area whose keys all follow from `secret`, so that it needs no state of its own.
    pub fn new(secret: Secret<32>) -> Self {
        SoftwareSecureArea { secret }
    }

    fn sealing_key(&self) -> SealingKey {
        SealingKey::new(derive(self.secret.expose(), "kist/2026-11/software-area/seal"))
    }

    fn key(&self, name: &str) -> es256::SigningKey {
        es256::SigningKey::derive(self.secret.expose(), &format!("kist/2026-11/software-area/sign/{name}"))
    }
}

impl SecureArea for SoftwareSecureArea {
    fn seal(&self, secret: &[u8]) -> Result<Vec<u8>> {
        Ok(self.sealing_key().seal(&Self::SEAL, secret, &mut OsRandom))
    }

    fn open(&self, sealed: &[u8]) -> Result<SecretBytes> {
        self.sealing_key().open(&Self::SEAL, sealed)
    }

    fn signing_key(&self, name: &str) -> Result<es256::PublicKey> {
        Ok(self.key(name).public())
    }

    fn sign(&self, name: &str, message: &[u8]) -> Result<[u8; 64]> {
        Ok(self.key(name).sign(message))
    }
}

/// A [`SmallState`] that lasts as long as the process: it guarantees nothing, and serves tests.
#[derive(Debug, Default)]
pub struct MemorySmallState(Mutex<Option<Vec<u8>>>);

impl SmallState for MemorySmallState {
    fn read(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone())
    }

    fn write(&self, state: &[u8]) -> Result<()> {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(state.to_vec());
        Ok(())
    }
}
