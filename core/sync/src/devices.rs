//! The device list: a chain of changes, each signed by a device that was already on it.
//!
//! The first change is signed by the device that it adds; its key is the vault's identity key. The recovery code stands on
//! the list too, as an entry of its own role, so that it can add a new phone when every device is lost.

use kist_crypto::{Context, es256, sha256};
use kist_wire::{DeviceId, PublicKey, Signature, VaultId};
use serde::{Deserialize, Serialize};

use crate::signed::{Signer, to_cbor};
use crate::{Error, Result};

/// Changes of a list that are read, at most.
const MAX_CHANGES: usize = 1024;

/// What an entry of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// A phone or a desktop.
    Device,
    /// The recovery code.
    Recovery,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceAction {
    /// The device may write from now on.
    Added,
    /// The device may write no more.
    Removed,
}

/// One entry of the list, as it is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The key that it signs with.
    pub key: PublicKey,
    /// What it is.
    pub role: DeviceRole,
    /// What the person calls it.
    pub name: String,
}

impl Device {
    fn verifying_key(&self) -> Result<es256::PublicKey> {
        es256::PublicKey::from_sec1(self.key.as_bytes()).map_err(|_| Error::UntrustedKey)
    }
}

/// One signed change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceChange {
    /// Whom it is about.
    pub device: Device,
    /// What it does.
    pub action: DeviceAction,
    /// When, Unix seconds, by the signer's clock.
    pub at: i64,
    /// Who signed.
    pub by: DeviceId,
    signature: Signature,
}

/// The devices of a vault, with how they came to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceList {
    changes: Vec<DeviceChange>,
}

impl DeviceList {
    /// A list with its first device, whose key becomes the vault's identity key.
    pub fn begin(vault: &VaultId, first: Device, at: i64, sign: Signer<'_>) -> Result<Self> {
        let mut list = DeviceList { changes: Vec::new() };
        let by = first.id;
        list.push(vault, first, DeviceAction::Added, at, by, sign)?;
        Ok(list)
    }

    /// Adds a device; `by` is on the list and signs.
    pub fn add(&mut self, vault: &VaultId, device: Device, at: i64, by: DeviceId, sign: Signer<'_>) -> Result<()> {
        self.push(vault, device, DeviceAction::Added, at, by, sign)
    }

    /// Removes a device; `by` is on the list and signs.
    pub fn remove(&mut self, vault: &VaultId, id: &DeviceId, at: i64, by: DeviceId, sign: Signer<'_>) -> Result<()> {
        let device = self.active(id).ok_or(Error::UntrustedKey)?.clone();
        self.push(vault, device, DeviceAction::Removed, at, by, sign)
    }

    fn push(
        &mut self,
        vault: &VaultId,
        device: Device,
        action: DeviceAction,
        at: i64,
        by: DeviceId,
        sign: Signer<'_>,
    ) -> Result<()> {
        let input = signing_input(vault, &self.changes, &device, action, at, &by);
        let signature = Signature::from(sign(&input).map_err(Error::DeviceKey)?);
        self.changes.push(DeviceChange {
            device,
            action,
            at,
            by,
            signature,
        });
        Ok(())
    }

    /// Verifies every change from the vault's identity key on.
    pub fn verify(&self, vault: &VaultId, identity: &es256::PublicKey) -> Result<()> {
        let first = self.changes.first().ok_or(Error::UntrustedKey)?;
        if self.changes.len() > MAX_CHANGES || first.by != first.device.id || first.device.verifying_key()? != *identity
        {
            return Err(Error::UntrustedKey);
        }
        for (index, change) in self.changes.iter().enumerate() {
            let before = DeviceList {
                changes: self.changes[..index].to_vec(),
            };
            let signer = if index == 0 {
                Some(&change.device)
            } else {
                before.active(&change.by)
            };
            let key = signer.ok_or(Error::UntrustedKey)?.verifying_key()?;
            let input = signing_input(
                vault,
                &before.changes,
                &change.device,
                change.action,
                change.at,
                &change.by,
            );
            key.verify(&input, change.signature.as_bytes())
                .map_err(|_| Error::UntrustedKey)?;
        }
        Ok(())
    }

    /// The changes, oldest first.
    pub fn changes(&self) -> &[DeviceChange] {
        &self.changes
    }

    /// A device that may write now.
    pub fn active(&self, id: &DeviceId) -> Option<&Device> {
        let last = self.changes.iter().rev().find(|change| change.device.id == *id)?;
        (last.action == DeviceAction::Added).then_some(&last.device)
    }

    /// Every device that may write now.
    pub fn all_active(&self) -> Vec<&Device> {
        let added = self
            .changes
            .iter()
            .filter(|change| change.action == DeviceAction::Added);
        added.filter_map(|change| self.active(&change.device.id)).collect()
    }

    /// The key of a device that is or was on the list: what it wrote while it was there still counts.
    pub(crate) fn key_of(&self, id: &DeviceId) -> Option<es256::PublicKey> {
        self.changes
            .iter()
            .rev()
            .find(|change| change.device.id == *id)?
            .device
            .verifying_key()
            .ok()
    }
}

/// Binds a change to the vault, to all changes before it and to its signer.
fn signing_input(
    vault: &VaultId,
    before: &[DeviceChange],
    device: &Device,
    action: DeviceAction,
    at: i64,
    by: &DeviceId,
) -> Vec<u8> {
    let fields: [&[u8]; 4] = [
        vault.as_bytes(),
        &sha256(&[&to_cbor(&before)]),
        &to_cbor(&(device, action, at)),
        by.as_bytes(),
    ];
    Context {
        label: "kist/2026-11/device-change",
        version: 1,
        fields: &fields,
    }
    .encode()
}
