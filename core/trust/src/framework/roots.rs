//! A framework's root and registrar, and how they are replaced.
//!
//! A root is replaced as RFC 9810, section 4.4 has it: the old root's key signs the new one (`NewWithOld`), so that phones
//! which pin the old root follow, and the new root's key signs the old one until it retires (`OldWithNew`), so that what
//! the old root signed is believed until then and no longer.

use kist_crypto::es256::PublicKey;
use kist_crypto::{CryptoRng, base64url};
use serde::{Deserialize, Serialize};

use super::Act;
use super::state::{FrameworkState, validity};
use crate::certificate::{self, Issuer, Unsigned, Validity};
use crate::encoding::der_base64;
use crate::lote::MAX_LINKS;
use crate::{Certificate, Error, Result};

/// A root under another root's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    #[serde(with = "der_base64")]
    pub(super) der: Vec<u8>,
    pub(super) not_after: i64,
    /// Whether the newer root is vouched for by the older one.
    pub(super) forward: bool,
}

/// A change of root that waits for the signatures of both roots.
#[derive(Debug, Clone)]
pub struct Rotation {
    new_key: PublicKey,
    root: Unsigned,
    new_with_old: Unsigned,
    old_with_new: Unsigned,
    registrar: Unsigned,
    retires: i64,
    at: i64,
}

/// The new root's signatures of a [`Rotation`].
#[derive(Debug, Clone, Copy)]
pub struct NewRootSignatures {
    /// Of its own certificate.
    pub root: [u8; 64],
    /// Of the old root's certificate.
    pub old_with_new: [u8; 64],
    /// Of the registrar's certificate.
    pub registrar: [u8; 64],
}

impl Rotation {
    /// What the old root's key signs: the new root.
    pub fn new_with_old_to_sign(&self) -> &[u8] {
        self.new_with_old.to_sign()
    }

    /// What the new root's key signs: its own certificate.
    pub fn root_to_sign(&self) -> &[u8] {
        self.root.to_sign()
    }

    /// What the new root's key signs: the old root, until it retires.
    pub fn old_with_new_to_sign(&self) -> &[u8] {
        self.old_with_new.to_sign()
    }

    /// What the new root's key signs: the registrar's certificate.
    pub fn registrar_to_sign(&self) -> &[u8] {
        self.registrar.to_sign()
    }
}

/// A new certificate of the registrar that waits for the root's signature.
#[derive(Debug, Clone)]
pub struct RegistrarChange {
    certificate: Unsigned,
    at: i64,
}

impl RegistrarChange {
    /// What the root's key signs.
    pub fn to_sign(&self) -> &[u8] {
        self.certificate.to_sign()
    }
}

impl FrameworkState {
    /// Prepares to replace the root by that of `new_key`, from `now` (Unix seconds) on; the registrar is certified anew
    /// under `registrar_key`.
    ///
    /// Errors: `Malformed` where both roots would have one key, or where there are as many older roots already as phones
    /// hold.
    pub fn rotate_root<R: CryptoRng + ?Sized>(
        &self,
        new_key: &PublicKey,
        registrar_key: &PublicKey,
        lifetimes: RootLifetimes,
        now: i64,
        rng: &mut R,
    ) -> Result<Rotation> {
        let old = Certificate::from_der(&self.root)?;
        if old.key() == *new_key || self.links_after(now).len() + 2 > MAX_LINKS {
            return Err(Error::Malformed { what: "root" });
        }
        let by = |key| Issuer {
            subject: &self.operator,
            key,
        };
        let new_validity = validity(now, lifetimes.root);
        let retires = now.saturating_add(i64::from(lifetimes.retires_in)).min(old.not_after());
        let until = |not_after: i64| Validity {
            not_after: not_after.min(new_validity.not_after),
            ..new_validity
        };
        let registrar = until(now.saturating_add(i64::from(lifetimes.registrar)));
        Ok(Rotation {
            new_key: *new_key,
            root: certificate::root(&self.operator, new_key, new_validity, rng)?,
            new_with_old: certificate::link(&by(&old.key()), new_key, until(old.not_after()), rng)?,
            old_with_new: certificate::link(&by(new_key), &old.key(), until(retires), rng)?,
            registrar: certificate::registrar(&by(new_key), registrar_key, registrar, rng)?,
            retires,
            at: now,
        })
    }

    /// Completes a change of root. It counts for others with the next list.
    pub fn complete_rotation(
        &mut self,
        rotation: Rotation,
        new_with_old: &[u8; 64],
        new: &NewRootSignatures,
    ) -> Result<()> {
        let old_key = Certificate::from_der(&self.root)?.key();
        let root = rotation.root.complete(&new.root, &rotation.new_key)?;
        let forward = rotation.new_with_old.complete(new_with_old, &old_key)?;
        let back = rotation.old_with_new.complete(&new.old_with_new, &rotation.new_key)?;
        let registrar = rotation.registrar.complete(&new.registrar, &rotation.new_key)?;
        let act = Act::RootChanged {
            root: base64url(root.sha256()),
            retires: rotation.retires,
        };
        self.log(act, rotation.at)?;
        self.links = self.links_after(rotation.at);
        for (link, forward) in [(back, false), (forward, true)] {
            let der = link.der().to_vec();
            let not_after = link.not_after();
            self.links.insert(
                0,
                Link {
                    der,
                    not_after,
                    forward,
                },
            );
        }
        self.root = root.der().to_vec();
        self.registrar = registrar.der().to_vec();
        Ok(())
    }

    /// Prepares another certificate of the registrar, for `lifetime` seconds from `now` and never beyond the root's
    /// validity. What the key before signed counts until the certificate before ends.
    pub fn change_registrar<R: CryptoRng + ?Sized>(
        &self,
        key: &PublicKey,
        lifetime: u32,
        now: i64,
        rng: &mut R,
    ) -> Result<RegistrarChange> {
        let root = Certificate::from_der(&self.root)?;
        let mut validity = validity(now, lifetime);
        validity.not_after = validity.not_after.min(root.not_after());
        let issuer = Issuer {
            subject: &self.operator,
            key: &root.key(),
        };
        Ok(RegistrarChange {
            certificate: certificate::registrar(&issuer, key, validity, rng)?,
            at: now,
        })
    }

    /// Completes a change of the registrar's certificate.
    pub fn complete_registrar(&mut self, change: RegistrarChange, root_signature: &[u8; 64]) -> Result<()> {
        let root_key = Certificate::from_der(&self.root)?.key();
        let certificate = change.certificate.complete(root_signature, &root_key)?;
        let act = Act::RegistrarChanged {
            certificate: base64url(certificate.sha256()),
        };
        self.log(act, change.at)?;
        self.registrar = certificate.der().to_vec();
        Ok(())
    }

    /// When the root before this one retires, in Unix seconds, where it has not yet.
    pub fn retires(&self, now: i64) -> Option<i64> {
        let back = self.links.iter().filter(|link| !link.forward && link.not_after >= now);
        back.map(|link| link.not_after).max()
    }

    /// The links that still say something, newest first.
    pub(super) fn links_after(&self, now: i64) -> Vec<Link> {
        let current = self.links.iter().filter(|link| link.not_after >= now);
        current.cloned().collect()
    }

    /// A certificate with what leads phones that pin an older root to the one in force.
    pub(super) fn chain_of(&self, leaf: &[u8], now: i64) -> Vec<Vec<u8>> {
        let forward = self.links_after(now).into_iter().filter(|link| link.forward);
        [leaf.to_vec()]
            .into_iter()
            .chain(forward.map(|link| link.der))
            .collect()
    }
}

/// How long a new root and what hangs on it last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootLifetimes {
    /// The new root.
    pub root: u32,
    /// The registrar's certificate.
    pub registrar: u32,
    /// The old root, until it retires.
    pub retires_in: u32,
}
