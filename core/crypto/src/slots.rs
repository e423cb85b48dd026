//! Key slots: the root key, wrapped once for each way of unlocking, as LUKS does.
//!
//! Every wrap commits to its key: a wrong passphrase, code or device is `KeyMismatch`, never a wrong root key. A wrap
//! that depends on a passphrase alone must never leave the device.

use argon2::{Algorithm, Argon2, Block, Version};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::root::derive;
use crate::{
    Context, Error, PlatformKeyState, Result, RootKey, SealingKey, Secret, SecureArea, base64url, from_base64url,
};

/// The cost of Argon2id (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfCost {
    /// The least that is ever accepted: 19 MiB, two passes.
    pub const FLOOR: KdfCost = KdfCost {
        memory_kib: 19 << 10,
        passes: 2,
        lanes: 1,
    };
    /// Android and desktops: 64 MiB, three passes.
    pub const STANDARD: KdfCost = KdfCost {
        memory_kib: 64 << 10,
        passes: 3,
        lanes: 1,
    };
    /// iOS, where an app extension may have little memory: 32 MiB, six passes.
    pub const IOS: KdfCost = KdfCost {
        memory_kib: 32 << 10,
        passes: 6,
        lanes: 1,
    };
    /// The most that is ever accepted: 1 GiB, 16 passes.
    pub const CEILING: KdfCost = KdfCost {
        memory_kib: 1 << 20,
        passes: 16,
        lanes: 4,
    };

    /// Refuses a cost outside floor and ceiling, before anything is derived or allocated.
    pub fn check(self) -> Result<()> {
        let within = |value: u32, least: u32, most: u32| (least..=most).contains(&value);
        let fits = within(self.memory_kib, Self::FLOOR.memory_kib, Self::CEILING.memory_kib)
            && within(self.passes, Self::FLOOR.passes, Self::CEILING.passes)
            && within(self.lanes, Self::FLOOR.lanes, Self::CEILING.lanes);
        if fits { Ok(()) } else { Err(Error::KdfPolicyViolation) }
    }
}

/// A key that wraps a root key and nothing else.
#[derive(Debug, Clone)]
pub struct WrappingKey(Secret<32>);

impl WrappingKey {
    /// Takes uniformly random bytes.
    pub fn new(secret: Secret<32>) -> Self {
        WrappingKey(secret)
    }

    fn commitment(&self) -> [u8; 32] {
        *derive(self.0.expose(), "kist/2026-11/wrap/commitment").expose()
    }

    fn sealing_key(&self) -> SealingKey {
        SealingKey::new(derive(self.0.expose(), "kist/2026-11/wrap/seal"))
    }
}

/// A root key, wrapped. `purpose` (which slot, which store) is bound and not contained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedRoot {
    generation: u32,
    /// What only the right wrapping key gives: base64url of 32 bytes.
    commitment: String,
    /// The sealed root key: base64url of an envelope.
    sealed: String,
}

impl WrappedRoot {
    /// Wraps `root`.
    pub fn wrap<R: CryptoRng + ?Sized>(root: &RootKey, key: &WrappingKey, purpose: &[u8], rng: &mut R) -> Self {
        let generation = root.generation();
        let sealed = with_context(purpose, generation, |context| {
            key.sealing_key().seal(context, root.secret().expose(), rng)
        });
        WrappedRoot {
            generation,
            commitment: base64url(key.commitment()),
            sealed: base64url(sealed),
        }
    }

    /// Unwraps. A key that is not the one committed to is `KeyMismatch`; an altered wrap is `AuthenticationFailed`.
    pub fn unwrap(&self, key: &WrappingKey, purpose: &[u8]) -> Result<RootKey> {
        if !bool::from(from_base64url(&self.commitment)?.ct_eq(&key.commitment())) {
            return Err(Error::KeyMismatch);
        }
        let sealed = from_base64url(&self.sealed)?;
        let opened = with_context(purpose, self.generation, |context| {
            key.sealing_key().open(context, &sealed)
        })?;
        let secret = Secret::from_slice(opened.expose()).ok_or(Error::AuthenticationFailed)?;
        Ok(RootKey::from_parts(self.generation, secret))
    }
}

fn with_context<T>(purpose: &[u8], generation: u32, f: impl FnOnce(&Context<'_>) -> T) -> T {
    let fields = [purpose, &generation.to_be_bytes()];
    f(&Context {
        label: "kist/2026-11/wrapped-root",
        version: 1,
        fields: &fields,
    })
}

/// One way of unlocking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Slot {
    /// A passphrase through Argon2id and, where the platform has a key store, a secret that it seals.
    Passphrase {
        /// Salt of Argon2id, base64url of 16 bytes.
        salt: String,
        /// Cost of Argon2id.
        cost: KdfCost,
        /// A random secret sealed by the platform, base64url; absent where the platform has no key store.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        platform_secret: Option<String>,
        /// The root key.
        root: WrappedRoot,
    },
    /// The platform's key store alone (screen lock, biometrics).
    Device {
        /// A random secret sealed by the platform, base64url.
        platform_secret: String,
        /// The root key.
        root: WrappedRoot,
    },
}

impl Slot {
    /// A slot for `passphrase`. With `area`, whoever copies the file still lacks the platform's part.
    pub fn passphrase<R: CryptoRng + ?Sized>(
        root: &RootKey,
        passphrase: &str,
        cost: KdfCost,
        area: Option<&dyn SecureArea>,
        store: &[u8; 16],
        rng: &mut R,
    ) -> Result<Slot> {
        let salt = Secret::<16>::generate(rng);
        let (platform, platform_secret) = match area {
            Some(area) => {
                let secret = Secret::<32>::generate(rng);
                let sealed = area.seal(secret.expose())?;
                (Some(secret), Some(base64url(sealed)))
            }
            None => (None, None),
        };
        let key = passphrase_key(passphrase, salt.expose(), cost, platform.as_ref())?;
        let root = WrappedRoot::wrap(root, &key, &purpose("passphrase", store), rng);
        Ok(Slot::Passphrase {
            salt: base64url(salt.expose()),
            cost,
            platform_secret,
            root,
        })
    }

    /// A slot that the platform's key store opens by itself.
    pub fn device<R: CryptoRng + ?Sized>(
        root: &RootKey,
        area: &dyn SecureArea,
        store: &[u8; 16],
        rng: &mut R,
    ) -> Result<Slot> {
        let secret = Secret::<32>::generate(rng);
        let platform_secret = base64url(area.seal(secret.expose())?);
        let root = WrappedRoot::wrap(root, &WrappingKey::new(secret), &purpose("device", store), rng);
        Ok(Slot::Device { platform_secret, root })
    }

    /// Opens a passphrase slot; `None` when this is a slot of another kind.
    ///
    /// Errors: `KeyMismatch` (wrong passphrase), `KdfPolicyViolation`, `PlatformKey`, `AuthenticationFailed`.
    pub fn open_with_passphrase(
        &self,
        passphrase: &str,
        area: Option<&dyn SecureArea>,
        store: &[u8; 16],
    ) -> Option<Result<RootKey>> {
        let Slot::Passphrase {
            salt,
            cost,
            platform_secret,
            root,
        } = self
        else {
            return None;
        };
        let open = || {
            cost.check()?;
            let salt: [u8; 16] = from_base64url(salt)?
                .try_into()
                .map_err(|_| Error::Malformed { what: "salt" })?;
            let platform = platform_secret
                .as_deref()
                .map(|sealed| platform_part(sealed, area))
                .transpose()?;
            let key = passphrase_key(passphrase, &salt, *cost, platform.as_ref())?;
            root.unwrap(&key, &purpose("passphrase", store))
        };
        Some(open())
    }

    /// Opens a device slot; `None` when this is a slot of another kind.
    pub fn open_with_device(&self, area: &dyn SecureArea, store: &[u8; 16]) -> Option<Result<RootKey>> {
        let Slot::Device { platform_secret, root } = self else {
            return None;
        };
        let open = || {
            let secret = platform_part(platform_secret, Some(area))?;
            root.unwrap(&WrappingKey::new(secret), &purpose("device", store))
        };
        Some(open())
    }
}

fn purpose(kind: &str, store: &[u8; 16]) -> Vec<u8> {
    Context {
        label: "kist/2026-11/slot",
        version: 1,
        fields: &[kind.as_bytes(), store],
    }
    .encode()
}

fn platform_part(sealed: &str, area: Option<&dyn SecureArea>) -> Result<Secret<32>> {
    let area = area.ok_or(Error::PlatformKey {
        state: PlatformKeyState::Unavailable,
    })?;
    let opened = area.open(&from_base64url(sealed)?)?;
    Secret::from_slice(opened.expose()).ok_or(Error::AuthenticationFailed)
}

/// HKDF over Argon2id's output and, where there is one, the platform's secret.
fn passphrase_key(
    passphrase: &str,
    salt: &[u8; 16],
    cost: KdfCost,
    platform: Option<&Secret<32>>,
) -> Result<WrappingKey> {
    cost.check()?;
    let mut input = [0; 64];
    input[..32].copy_from_slice(argon2id(passphrase.as_bytes(), salt, cost)?.expose());
    let length = match platform {
        Some(secret) => {
            input[32..].copy_from_slice(secret.expose());
            64
        }
        None => 32,
    };
    let key = derive(&input[..length], "kist/2026-11/slot/passphrase");
    input.zeroize();
    Ok(WrappingKey::new(key))
}

/// Argon2id, version 1.3, 32 bytes, with its memory wiped.
fn argon2id(password: &[u8], salt: &[u8], cost: KdfCost) -> Result<Secret<32>> {
    let params = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| Error::KdfPolicyViolation)?;
    let mut memory = Vec::new();
    memory
        .try_reserve_exact(params.block_count())
        .map_err(|_| Error::KdfPolicyViolation)?;
    memory.resize(params.block_count(), Block::default());
    let mut out = Secret::new([0; 32]);
    let result = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password,
        salt,
        out.expose_mut(),
        &mut memory,
    );
    memory.zeroize();
    result.map(|()| out).map_err(|_| Error::KdfPolicyViolation)
}
