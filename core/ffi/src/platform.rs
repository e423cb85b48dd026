//! What an app brings: its key store, its protected bytes, the name of the device.

use std::sync::Arc;

use kist_crypto::es256::PublicKey;
use kist_crypto::{Error as CryptoError, MemorySmallState, PlatformKeyState, Secret, SecretBytes, SoftwareSecureArea};
use kist_pds::{Clock, SystemClock};

use crate::KistError;
use crate::error::Result;

/// What the platform does for a store.
#[derive(Clone, uniffi::Record)]
pub struct Platform {
    /// What the person calls this device.
    pub device_name: String,
    /// The platform's key store. Without it, the passphrase alone protects the store.
    #[uniffi(default)]
    pub secure_area: Option<Arc<dyn SecureArea>>,
    /// Bytes that the platform doesn't let anybody put back.
    #[uniffi(default)]
    pub small_state: Option<Arc<dyn SmallState>>,
    /// The cost of a passphrase; the platform's usual one where none is given.
    #[uniffi(default)]
    pub kdf_cost: Option<KdfCost>,
    /// More certificate authorities to believe for TLS, in DER.
    #[uniffi(default)]
    pub tls_authorities: Vec<Vec<u8>>,
    /// How far the clock on the wall is ahead of UTC, in minutes: what quiet hours go by.
    #[uniffi(default)]
    pub utc_offset_minutes: i32,
    /// Also reaches this machine itself over plain HTTP: for tests, by a library that was built for them. `Unsupported` in
    /// any other.
    #[uniffi(default)]
    pub allow_loopback: bool,
}

/// The cost of Argon2id (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// Why a key of the platform can't be used, or protected bytes can't be reached. What else a port throws counts as
/// [`KeyStoreError::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeyStoreError {
    /// The person has to unlock first; try again after that.
    #[error("Locked")]
    Locked,
    /// The platform has thrown the key away (new biometrics, screen lock removed); it never comes back.
    #[error("Invalidated")]
    Invalidated,
    /// There is no such key, or no key store.
    #[error("Unavailable")]
    Unavailable,
}

/// The platform's key store (Secure Enclave, StrongBox, TPM). Called from threads of the core, any of them; it may block
/// there while it asks the person for their presence.
#[uniffi::export(with_foreign)]
pub trait SecureArea: Send + Sync {
    /// Seals at most 1 KiB so that only this device opens it. The output is opaque.
    fn seal(&self, secret: Vec<u8>) -> Result<Vec<u8>, KeyStoreError>;
    /// Opens what `seal` gave on this device.
    fn open(&self, sealed: Vec<u8>) -> Result<Vec<u8>, KeyStoreError>;
    /// The public key of the P-256 key `name`, which is made on first use and never leaves the device: an uncompressed
    /// SEC 1 point, 65 bytes, `4 ‖ x ‖ y`.
    fn signing_key(&self, name: String) -> Result<Vec<u8>, KeyStoreError>;
    /// Signs `message`, hashed with SHA-256 by the key store, with the key `name`: ES256 as `r ‖ s`, 64 bytes.
    fn sign(&self, name: String, message: Vec<u8>) -> Result<Vec<u8>, KeyStoreError>;
}

/// A few bytes, at most 64, that the platform protects from being put back to an older value. Called as [`SecureArea`] is.
#[uniffi::export(with_foreign)]
pub trait SmallState: Send + Sync {
    /// What was last written; nothing on a new device.
    fn read(&self) -> Result<Option<Vec<u8>>, KeyStoreError>;
    /// Replaces it, durably when this returns.
    fn write(&self, state: Vec<u8>) -> Result<(), KeyStoreError>;
}

/// A [`SecureArea`] in software, for tests and for desktops without a key store: whoever has its secret of 32 bytes has its
/// keys.
#[uniffi::export]
pub fn software_secure_area(secret: Vec<u8>) -> Result<Arc<dyn SecureArea>, KistError> {
    let secret = Secret::from_slice(&secret).ok_or_else(|| KistError::malformed("secret"))?;
    Ok(Arc::new(Software(SoftwareSecureArea::new(secret))))
}

/// A [`SmallState`] that lasts as long as the process: it guarantees nothing, and serves tests.
#[uniffi::export]
pub fn memory_small_state() -> Result<Arc<dyn SmallState>, KistError> {
    Ok(Arc::new(Software(MemorySmallState::default())))
}

impl Platform {
    pub(crate) fn into_core(self) -> Result<kist_pds::Platform> {
        let platform = kist_pds::Platform {
            secure_area: self.secure_area.map(|area| Arc::new(Foreign(area)) as _),
            small_state: self.small_state.map(|state| Arc::new(Foreign(state)) as _),
            kdf_cost: self.kdf_cost.map_or(USUAL_COST, KdfCost::into_core),
            clock: Arc::new(WallClock(self.utc_offset_minutes)),
            tls_authorities: self.tls_authorities,
            ..kist_pds::Platform::desktop(self.device_name)
        };
        if self.allow_loopback {
            loopback(platform)
        } else {
            Ok(platform)
        }
    }
}

/// The system's time, with the clock on the wall so many minutes ahead of UTC.
struct WallClock(i32);

impl Clock for WallClock {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms()
    }

    fn offset_minutes(&self) -> i32 {
        self.0
    }
}

#[cfg(feature = "loopback")]
fn loopback(platform: kist_pds::Platform) -> Result<kist_pds::Platform> {
    Ok(platform.allow_loopback())
}

#[cfg(not(feature = "loopback"))]
fn loopback(_: kist_pds::Platform) -> Result<kist_pds::Platform> {
    use crate::error::ErrorParameter;
    Err(KistError::of(
        "Unsupported",
        vec![ErrorParameter::word("what", "loopback")],
    ))
}

const USUAL_COST: kist_pds::KdfCost = if cfg!(target_os = "ios") {
    kist_pds::KdfCost::IOS
} else {
    kist_pds::KdfCost::STANDARD
};

impl KdfCost {
    fn into_core(self) -> kist_pds::KdfCost {
        kist_pds::KdfCost {
            memory_kib: self.memory_kib,
            passes: self.passes,
            lanes: self.lanes,
        }
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyStoreError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

impl From<KeyStoreError> for CryptoError {
    fn from(error: KeyStoreError) -> Self {
        let state = match error {
            KeyStoreError::Locked => PlatformKeyState::Locked,
            KeyStoreError::Invalidated => PlatformKeyState::Invalidated,
            KeyStoreError::Unavailable => PlatformKeyState::Unavailable,
        };
        CryptoError::PlatformKey { state }
    }
}

impl From<CryptoError> for KeyStoreError {
    fn from(_: CryptoError) -> Self {
        Self::Unavailable
    }
}

/// A port of the platform, as the core calls it. Bytes of a wrong shape are refused here.
struct Foreign<T: ?Sized>(Arc<T>);

impl kist_crypto::SecureArea for Foreign<dyn SecureArea> {
    fn seal(&self, secret: &[u8]) -> kist_crypto::Result<Vec<u8>> {
        Ok(self.0.seal(secret.to_vec())?)
    }

    fn open(&self, sealed: &[u8]) -> kist_crypto::Result<SecretBytes> {
        Ok(SecretBytes::new(self.0.open(sealed.to_vec())?))
    }

    fn signing_key(&self, name: &str) -> kist_crypto::Result<PublicKey> {
        PublicKey::from_sec1(&self.0.signing_key(name.to_owned())?)
    }

    fn sign(&self, name: &str, message: &[u8]) -> kist_crypto::Result<[u8; 64]> {
        let signature = self.0.sign(name.to_owned(), message.to_vec())?;
        let wrong = |_| CryptoError::Malformed {
            what: "platform signature",
        };
        signature.try_into().map_err(wrong)
    }
}

impl kist_crypto::SmallState for Foreign<dyn SmallState> {
    fn read(&self) -> kist_crypto::Result<Option<Vec<u8>>> {
        Ok(self.0.read()?)
    }

    fn write(&self, state: &[u8]) -> kist_crypto::Result<()> {
        Ok(self.0.write(state.to_vec())?)
    }
}

/// The core's own implementation of a port, as the platform holds it.
struct Software<T>(T);

impl SecureArea for Software<SoftwareSecureArea> {
    fn seal(&self, secret: Vec<u8>) -> Result<Vec<u8>, KeyStoreError> {
        Ok(kist_crypto::SecureArea::seal(&self.0, &secret)?)
    }

    fn open(&self, sealed: Vec<u8>) -> Result<Vec<u8>, KeyStoreError> {
        Ok(kist_crypto::SecureArea::open(&self.0, &sealed)?.into_plain())
    }

    fn signing_key(&self, name: String) -> Result<Vec<u8>, KeyStoreError> {
        Ok(kist_crypto::SecureArea::signing_key(&self.0, &name)?.to_sec1().to_vec())
    }

    fn sign(&self, name: String, message: Vec<u8>) -> Result<Vec<u8>, KeyStoreError> {
        Ok(kist_crypto::SecureArea::sign(&self.0, &name, &message)?.to_vec())
    }
}

impl SmallState for Software<MemorySmallState> {
    fn read(&self) -> Result<Option<Vec<u8>>, KeyStoreError> {
        Ok(kist_crypto::SmallState::read(&self.0)?)
    }

    fn write(&self, state: Vec<u8>) -> Result<(), KeyStoreError> {
        Ok(kist_crypto::SmallState::write(&self.0, &state)?)
    }
}
