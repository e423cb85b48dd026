//! The device list: a chain of changes, each signed by a device that was already on it.
//!
//! The first change is signed by the device that it adds; its key is the vault's identity key. The recovery code stands on
//! the list too, in a role of its own: it can add a new phone when every device is lost, and writes nothing else.

use kist_crypto::{Context, es256, sha256};
use kist_wire::{DeviceId, PublicKey, Signature, VaultId};
use serde::{Deserialize, Serialize};

use crate::encoding::to_cbor;
use crate::signed::{Signer, device_bytes};
use crate::{Error, Result};

/// Changes of a list, at most: as many as a head of 64 KiB holds, with as many logs.
pub const MAX_CHANGES: usize = 128;
/// Bytes of a device's name, at most; longer ones are cut.
pub const MAX_DEVICE_NAME: usize = 64;

/// What an entry of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// A phone or a desktop: it writes entries, heads and changes of the list.
    Device,
    /// The recovery code: it signs changes of the list alone.
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

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id: 16 random bytes, never used for another device.
    pub id: DeviceId,
    /// The key that it signs with.
    pub key: PublicKey,
    /// What it is.
    pub role: DeviceRole,
    /// What the person calls it.
    pub name: String,
}

impl Device {
    /// An entry; a name of more than [`MAX_DEVICE_NAME`] bytes is cut.
    pub fn new(id: DeviceId, key: &es256::PublicKey, role: DeviceRole, name: &str) -> Self {
        Device {
            id,
            key: key.to_sec1().into(),
            role,
            name: short_name(name),
        }
    }

    fn verifying_key(&self) -> Result<es256::PublicKey> {
        es256::PublicKey::from_sec1(self.key.as_bytes()).map_err(|_| Error::UntrustedKey)
    }
}

/// As much of a name as there is room for.
pub(crate) fn short_name(name: &str) -> String {
    name[..name.floor_char_boundary(MAX_DEVICE_NAME)].to_owned()
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
    ///
    /// Errors: `UntrustedKey` where `by` is not on the list or the new id is or was, `TooLarge`, the device key's own.
    pub fn add(&mut self, vault: &VaultId, device: Device, at: i64, by: DeviceId, sign: Signer<'_>) -> Result<()> {
        self.push(vault, device, DeviceAction::Added, at, by, sign)
    }

    /// Removes a device; `by` is on the list and signs.
    ///
    /// Errors: `UntrustedKey` where one of them is not on the list, `TooLarge`, the device key's own.
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
        if self.changes.len() == MAX_CHANGES {
            return Err(Error::TooLarge {
                what: "device list",
                limit: MAX_CHANGES,
            });
        }
        signer_of(&self.changes, &device, action, &by)?;
        let before = self.changes.iter().fold([0; 32], chain);
        let signature = sign(&signing_input(vault, &before, &device, action, at, &by)).map_err(Error::DeviceKey)?;
        self.changes.push(DeviceChange {
            device,
            action,
            at,
            by,
            signature: signature.into(),
        });
        Ok(())
    }

    /// Verifies every change from the vault's identity key on.
    ///
    /// Errors: `UntrustedKey`.
    pub fn verify(&self, vault: &VaultId, identity: &es256::PublicKey) -> Result<()> {
        let first = self.changes.first().ok_or(Error::UntrustedKey)?;
        if self.changes.len() > MAX_CHANGES || first.device.verifying_key()? != *identity {
            return Err(Error::UntrustedKey);
        }
        let mut before = [0; 32];
        for (index, change) in self.changes.iter().enumerate() {
            let DeviceChange {
                device,
                action,
                at,
                by,
                signature,
            } = change;
            let key = signer_of(&self.changes[..index], device, *action, by)?.verifying_key()?;
            key.verify(
                &signing_input(vault, &before, device, *action, *at, by),
                signature.as_bytes(),
            )
            .map_err(|_| Error::UntrustedKey)?;
            before = chain(before, change);
        }
        Ok(())
    }

    /// The changes, oldest first.
    pub fn changes(&self) -> &[DeviceChange] {
        &self.changes
    }

    /// An entry of the list that holds now.
    pub fn active(&self, id: &DeviceId) -> Option<&Device> {
        active(&self.changes, id)
    }

    /// Every entry that holds now.
    pub fn all_active(&self) -> Vec<&Device> {
        let added = self
            .changes
            .iter()
            .filter(|change| change.action == DeviceAction::Added);
        added.filter_map(|change| self.active(&change.device.id)).collect()
    }

    /// The key of a device that may sign a head now.
    pub(crate) fn head_key(&self, id: &DeviceId) -> Option<es256::PublicKey> {
        self.active(id)?;
        self.entry_key(id)
    }

    /// The key of a device that is or was on the list: what it wrote while it was there still counts, and how far that
    /// goes is what a head says.
    pub(crate) fn entry_key(&self, id: &DeviceId) -> Option<es256::PublicKey> {
        let device = &self.changes.iter().find(|change| change.device.id == *id)?.device;
        if device.role != DeviceRole::Device {
            return None;
        }
        device.verifying_key().ok()
    }

    /// Whether this list is `earlier`, or `earlier` with changes after it.
    pub(crate) fn extends(&self, earlier: &[DeviceChange]) -> bool {
        self.changes.starts_with(earlier)
    }
}

fn active<'a>(changes: &'a [DeviceChange], id: &DeviceId) -> Option<&'a Device> {
    let last = changes.iter().rev().find(|change| change.device.id == *id)?;
    (last.action == DeviceAction::Added).then_some(&last.device)
}

/// Who has to have signed a change that follows others; `UntrustedKey` for a change that may not follow them.
fn signer_of<'a>(
    before: &'a [DeviceChange],
    device: &'a Device,
    action: DeviceAction,
    by: &DeviceId,
) -> Result<&'a Device> {
    device_bytes(&device.id)?;
    let known = before.iter().any(|change| change.device.id == device.id);
    let (fits, signer) = match action {
        DeviceAction::Added if before.is_empty() => {
            (*by == device.id && device.role == DeviceRole::Device, Some(device))
        }
        DeviceAction::Added => (!known, active(before, by)),
        DeviceAction::Removed => (active(before, &device.id) == Some(device), active(before, by)),
    };
    signer.filter(|_| fits).ok_or(Error::UntrustedKey)
}

/// The hash that stands for a change and all before it.
fn chain(before: [u8; 32], change: &DeviceChange) -> [u8; 32] {
    sha256(&[&before, &to_cbor(change)])
}

/// Binds a change to the vault, to all changes before it and to its signer.
fn signing_input(
    vault: &VaultId,
    before: &[u8; 32],
    device: &Device,
    action: DeviceAction,
    at: i64,
    by: &DeviceId,
) -> Vec<u8> {
    Context {
        label: "kist/2026-11/device-change",
        version: 1,
        fields: &[vault.as_bytes(), before, &to_cbor(&(device, action, at)), by.as_bytes()],
    }
    .encode()
}
