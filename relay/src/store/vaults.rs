//! Vaults, their devices and their heads.

use kist_wire::{DeviceEntry, DeviceId, Digest, ErrorCode, PublicKey, VaultId};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Done, OrNotFound as _, Outcome, Store, files};
use crate::failure::Failure;

/// When a head may be replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HeadCondition {
    /// When the vault has none.
    None,
    /// When this is its tag.
    Tag(Digest),
}

impl Store {
    /// Creates a vault with its first device. The same again is no error.
    pub(crate) fn create_vault(&self, vault: &VaultId, device: &DeviceId, key: &PublicKey) -> Outcome<Done> {
        self.write(|db| {
            let created = db.execute("INSERT OR IGNORE INTO vaults (vault) VALUES (?1)", [vault.as_bytes()])?;
            if created == 1 {
                insert_device(db, vault, device, key)?;
                return Ok(Done::Now);
            }
            match device_key(db, vault, device)? {
                Some(known) if known == *key.as_bytes() => Ok(Done::Before),
                _ => Err(ErrorCode::Conflict.into()),
            }
        })
    }

    /// Deletes a vault with all that it holds.
    pub(crate) fn delete_vault(&self, vault: &VaultId) -> Outcome<()> {
        let names = self.write(|db| {
            let names = db
                .prepare_cached("SELECT file FROM blobs WHERE vault = ?1")?
                .query_map([vault.as_bytes()], |row| row.get::<_, files::FileName>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            db.execute("DELETE FROM vaults WHERE vault = ?1", [vault.as_bytes()])?;
            Ok(names)
        })?;
        for name in &names {
            self.files.remove(name);
        }
        Ok(())
    }

    /// All devices of a vault, ordered by id.
    pub(crate) fn devices(&self, vault: &VaultId) -> Outcome<Vec<DeviceEntry>> {
        self.read(|db| {
            let mut query = db.prepare_cached("SELECT device, key FROM devices WHERE vault = ?1 ORDER BY device")?;
            let rows = query.query_map([vault.as_bytes()], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, [u8; 65]>(1)?))
            })?;
            rows.map(|row| {
                let (device, key) = row?;
                Ok(DeviceEntry {
                    device: DeviceId::from_bytes(&device)?,
                    key: key.into(),
                })
            })
            .collect()
        })
    }

    /// Registers a device. The same again is no error, another key for a known device is a conflict.
    pub(crate) fn add_device(&self, vault: &VaultId, device: &DeviceId, key: &PublicKey) -> Outcome<Done> {
        self.write(|db| match device_key(db, vault, device)? {
            Some(known) if known == *key.as_bytes() => Ok(Done::Before),
            Some(_) => Err(ErrorCode::Conflict.into()),
            None if count_devices(db, vault)? >= self.limits.devices => Err(ErrorCode::QuotaExceeded.into()),
            None => insert_device(db, vault, device, key).map(|()| Done::Now),
        })
    }

    /// Removes a device with its sessions; its log stays. The last device stays too, or nobody could log in again.
    pub(crate) fn remove_device(&self, vault: &VaultId, device: &DeviceId) -> Outcome<()> {
        self.write(|db| {
            device_key(db, vault, device)?.ok_or(ErrorCode::NotFound)?;
            if count_devices(db, vault)? == 1 {
                return Err(ErrorCode::Conflict.into());
            }
            db.execute(
                "DELETE FROM devices WHERE vault = ?1 AND device = ?2",
                [vault.as_bytes(), device.as_bytes()],
            )?;
            Ok(())
        })
    }

    /// The vault's head and its tag.
    pub(crate) fn head(&self, vault: &VaultId) -> Outcome<(Vec<u8>, Digest)> {
        self.read(|db| {
            db.prepare_cached("SELECT head, head_tag FROM vaults WHERE vault = ?1 AND head IS NOT NULL")?
                .query_row([vault.as_bytes()], |row| {
                    Ok((row.get(0)?, row.get::<_, [u8; 32]>(1)?.into()))
                })
                .or_not_found()
        })
    }

    /// Swaps the head when `condition` holds; otherwise names the tag in the way.
    pub(crate) fn put_head(&self, vault: &VaultId, condition: HeadCondition, head: &[u8], tag: &Digest) -> Outcome<()> {
        self.write(|db| {
            let current: Option<[u8; 32]> = db
                .prepare_cached("SELECT head_tag FROM vaults WHERE vault = ?1")?
                .query_row([vault.as_bytes()], |row| row.get(0))
                .or_not_found()?;
            let current = current.map(Digest::from);
            let expected = match condition {
                HeadCondition::None => None,
                HeadCondition::Tag(tag) => Some(tag),
            };
            if current != expected {
                return Err(Failure::HeadMoved { current });
            }
            db.prepare_cached("UPDATE vaults SET head = ?2, head_tag = ?3 WHERE vault = ?1")?
                .execute(params![vault.as_bytes(), head, tag.as_bytes()])?;
            Ok(())
        })
    }

    /// Bytes that the vault may still take.
    pub(crate) fn room(&self, vault: &VaultId) -> Outcome<u64> {
        self.read(|db| {
            let used: u64 = db
                .prepare_cached("SELECT bytes FROM vaults WHERE vault = ?1")?
                .query_row([vault.as_bytes()], |row| row.get(0))
                .or_not_found()?;
            Ok(self.limits.vault_bytes.saturating_sub(used))
        })
    }

    /// Counts bytes in, within the writing transaction.
    pub(super) fn take_room(&self, db: &Transaction<'_>, vault: &VaultId, bytes: u64) -> Outcome<()> {
        let used: u64 = db
            .prepare_cached("UPDATE vaults SET bytes = bytes + ?2 WHERE vault = ?1 RETURNING bytes")?
            .query_row(params![vault.as_bytes(), bytes], |row| row.get(0))
            .or_not_found()?;
        if used <= self.limits.vault_bytes {
            Ok(())
        } else {
            Err(ErrorCode::QuotaExceeded.into())
        }
    }
}

fn device_key(db: &Transaction<'_>, vault: &VaultId, device: &DeviceId) -> Outcome<Option<[u8; 65]>> {
    Ok(db
        .prepare_cached("SELECT key FROM devices WHERE vault = ?1 AND device = ?2")?
        .query_row([vault.as_bytes(), device.as_bytes()], |row| row.get(0))
        .optional()?)
}

fn count_devices(db: &Transaction<'_>, vault: &VaultId) -> Outcome<u64> {
    Ok(db.query_row(
        "SELECT count(*) FROM devices WHERE vault = ?1",
        [vault.as_bytes()],
        |row| row.get(0),
    )?)
}

fn insert_device(db: &Transaction<'_>, vault: &VaultId, device: &DeviceId, key: &PublicKey) -> Outcome<()> {
    db.execute(
        "INSERT INTO devices (vault, device, key) VALUES (?1, ?2, ?3)",
        params![vault.as_bytes(), device.as_bytes(), key.as_bytes()],
    )?;
    Ok(())
}
