//! What lies under a recovery locator: stored by a vault, read by whoever holds the recovery code.

use kist_wire::{Digest, ErrorCode, Locator, StoreRecovery, VaultId};
use rusqlite::{OptionalExtension as _, params};

use super::{Done, OrNotFound as _, Outcome, Store};

impl Store {
    /// Stores or replaces what lies under a locator of this vault.
    pub(crate) fn put_recovery(&self, vault: &VaultId, locator: &Locator, stored: &StoreRecovery) -> Outcome<Done> {
        self.write(|db| {
            let owner: Option<Vec<u8>> = db
                .query_row(
                    "SELECT vault FROM recovery WHERE locator = ?1",
                    [locator.as_bytes()],
                    |row| row.get(0),
                )
                .optional()?;
            match owner {
                Some(owner) if owner != vault.as_bytes() => Err(ErrorCode::NotFound.into()),
                Some(_) => {
                    // A session that an earlier key opened must not read what is meant for another.
                    db.execute(
                        "DELETE FROM recovery_sessions WHERE locator = ?1
                         AND (SELECT key FROM recovery WHERE locator = ?1) <> ?2",
                        params![locator.as_bytes(), stored.key.as_bytes()],
                    )?;
                    db.execute(
                        "UPDATE recovery SET key = ?2, blob = ?3 WHERE locator = ?1",
                        params![locator.as_bytes(), stored.key.as_bytes(), stored.blob.0],
                    )?;
                    Ok(Done::Before)
                }
                None => {
                    let count: u64 = db.query_row(
                        "SELECT count(*) FROM recovery WHERE vault = ?1",
                        [vault.as_bytes()],
                        |row| row.get(0),
                    )?;
                    if count >= self.limits.recovery_blobs {
                        return Err(ErrorCode::QuotaExceeded.into());
                    }
                    db.execute(
                        "INSERT INTO recovery (locator, vault, key, blob) VALUES (?1, ?2, ?3, ?4)",
                        params![
                            locator.as_bytes(),
                            vault.as_bytes(),
                            stored.key.as_bytes(),
                            stored.blob.0
                        ],
                    )?;
                    Ok(Done::Now)
                }
            }
        })
    }

    /// What lies under a locator, for the token of a recovery login to it.
    pub(crate) fn recovery(&self, token: &Digest, locator: &Locator, now: i64) -> Outcome<Vec<u8>> {
        self.read(|db| {
            let of: Vec<u8> = db
                .query_row(
                    "SELECT locator FROM recovery_sessions WHERE hash = ?1 AND expires > ?2",
                    params![token.as_bytes(), now],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or(ErrorCode::Unauthenticated)?;
            if of != locator.as_bytes() {
                return Err(ErrorCode::NotFound.into());
            }
            db.query_row(
                "SELECT blob FROM recovery WHERE locator = ?1",
                [locator.as_bytes()],
                |row| row.get(0),
            )
            .or_not_found()
        })
    }

    /// Removes a locator of this vault.
    pub(crate) fn delete_recovery(&self, vault: &VaultId, locator: &Locator) -> Outcome<()> {
        self.write(|db| {
            let removed = db.execute(
                "DELETE FROM recovery WHERE locator = ?1 AND vault = ?2",
                [locator.as_bytes(), vault.as_bytes()],
            )?;
            if removed == 1 {
                Ok(())
            } else {
                Err(ErrorCode::NotFound.into())
            }
        })
    }
}
