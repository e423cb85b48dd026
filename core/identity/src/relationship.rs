//! Relationship keys: one random P-256 key for each relationship, kept in the vault, shared by no two organisations.

use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{CryptoRng, Secret, SecretBytes, base64url};

use crate::{Error, Result};

const VERSION: u8 = 1;
const LENGTH: usize = 1 + 16 + 32;

/// The local name of a relationship: 16 random bytes that never leave the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationshipId([u8; 16]);

impl RelationshipId {
    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        RelationshipId(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Display for RelationshipId {
    /// base64url, 22 characters: the key under which the vault keeps what belongs to the relationship.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base64url(self.0))
    }
}

/// The key of one relationship: it signs self-asserted credentials, key bindings, acceptances and messages. Neither the
/// id nor the key follows from anything, so nothing about them is the same for two organisations.
#[derive(Debug, Clone)]
pub struct RelationshipKey {
    id: RelationshipId,
    key: SigningKey,
}

impl RelationshipKey {
    /// A fresh relationship.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        RelationshipKey {
            id: RelationshipId(id),
            key: SigningKey::generate(rng),
        }
    }

    /// The relationship's local name.
    pub fn id(&self) -> RelationshipId {
        self.id
    }

    /// The public key, which the organisation of this relationship sees, and no other.
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// Signs what a first step prepared: `r ‖ s`.
    pub fn sign(&self, signing_input: &[u8]) -> [u8; 64] {
        self.key.sign(signing_input)
    }

    /// The bytes that the vault keeps: version 1, id (16), scalar (32).
    pub fn to_bytes(&self) -> SecretBytes {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.id.0);
        bytes.extend_from_slice(self.key.to_secret().expose());
        SecretBytes::new(bytes)
    }

    /// From the bytes that the vault kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed {
            what: "relationship key",
        };
        let (&version, rest) = bytes.split_first().ok_or(MALFORMED)?;
        let (id, scalar) = rest.split_at_checked(16).ok_or(MALFORMED)?;
        let secret = Secret::from_slice(scalar).ok_or(MALFORMED)?;
        if version != VERSION {
            return Err(MALFORMED);
        }
        let id = id.try_into().map_err(|_| MALFORMED)?;
        Ok(RelationshipKey {
            id: RelationshipId(id),
            key: SigningKey::from_secret(&secret)?,
        })
    }
}
