//! The root key, from which every key of a store is derived by a dated label (HKDF-SHA-256, RFC 5869).

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;

use crate::{MacKey, SealingKey, Secret};

/// What a derived key is for. A label never changes its meaning; vectors pin all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Wraps the store's page key.
    Store,
    /// Seals the chunks of files.
    File,
    /// Names the chunks of files.
    ChunkId,
    /// Seeds the boundaries at which files are cut, so that sizes of chunks do not tell a known file.
    ChunkBoundaries,
    /// Seals change sets, manifests and what a head names.
    Backup,
}

impl Purpose {
    /// Every purpose, for vectors.
    pub const ALL: [Purpose; 5] = [
        Purpose::Store,
        Purpose::File,
        Purpose::ChunkId,
        Purpose::ChunkBoundaries,
        Purpose::Backup,
    ];

    /// The label that HKDF gets as `info`.
    pub fn label(self) -> &'static str {
        match self {
            Purpose::Store => "kist/2026-11/store",
            Purpose::File => "kist/2026-11/file",
            Purpose::ChunkId => "kist/2026-11/chunk-id",
            Purpose::ChunkBoundaries => "kist/2026-11/chunk-boundaries",
            Purpose::Backup => "kist/2026-11/backup",
        }
    }
}

/// A generation of a store's root key: 32 random bytes made on the device, only ever kept wrapped in [`crate::slots`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey {
    generation: u32,
    secret: Secret<32>,
}

impl RootKey {
    /// A fresh key of the given generation; a new store starts at 1.
    pub fn generate<R: CryptoRng + ?Sized>(generation: u32, rng: &mut R) -> Self {
        RootKey {
            generation,
            secret: Secret::generate(rng),
        }
    }

    /// The key from its parts, as a slot holds them.
    pub fn from_parts(generation: u32, secret: Secret<32>) -> Self {
        RootKey { generation, secret }
    }

    /// Counts up with each replacement of the key.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The raw secret, for wrapping alone.
    pub fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    /// The key for one purpose.
    pub fn derive(&self, purpose: Purpose) -> Secret<32> {
        derive(self.secret.expose(), purpose.label())
    }

    /// Wraps the store's page key.
    pub fn store_key(&self) -> SealingKey {
        SealingKey::new(self.derive(Purpose::Store))
    }

    /// Seals the chunks of files.
    pub fn file_key(&self) -> SealingKey {
        SealingKey::new(self.derive(Purpose::File))
    }

    /// Names the chunks of files.
    pub fn chunk_id_key(&self) -> MacKey {
        MacKey::new(self.derive(Purpose::ChunkId))
    }

    /// The secret seed of the boundaries at which files are cut.
    pub fn chunk_boundary_seed(&self) -> u64 {
        let secret = self.derive(Purpose::ChunkBoundaries);
        let [a, b, c, d, e, f, g, h, ..] = *secret.expose();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// Seals what goes to the relay.
    pub fn backup_key(&self) -> SealingKey {
        SealingKey::new(self.derive(Purpose::Backup))
    }
}

/// HKDF-SHA-256 without salt, for input that is uniformly random already.
pub(crate) fn derive(input: &[u8], label: &str) -> Secret<32> {
    let mut out = Secret::new([0; 32]);
    #[allow(clippy::expect_used)]
    Hkdf::<Sha256>::new(None, input)
        .expand(label.as_bytes(), out.expose_mut())
        .expect("32 bytes are within HKDF's limit");
    out
}
