//! Nonces, and the sessions of vaults and recovery locators. Tokens are stored as their SHA-256 alone.

use kist_wire::{DeviceId, Digest, ErrorCode, Locator, Nonce, PublicKey, VaultId};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{OrNotFound as _, Outcome, Store};

/// What is logged in to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject {
    Vault(VaultId),
    Recovery(Locator),
}

impl Subject {
    fn kind(&self) -> &'static str {
        match self {
            Self::Vault(_) => "vault",
            Self::Recovery(_) => "recovery",
        }
    }

    fn id(&self) -> &[u8] {
        match self {
            Self::Vault(vault) => vault.as_bytes(),
            Self::Recovery(locator) => locator.as_bytes(),
        }
    }
}

impl Store {
    /// Keeps a nonce issued for a subject that exists.
    pub(crate) fn issue_nonce(&self, subject: &Subject, nonce: &Nonce, expires: i64) -> Outcome<()> {
        let exists = match subject {
            Subject::Vault(_) => "SELECT 1 FROM vaults WHERE vault = ?1",
            Subject::Recovery(_) => "SELECT 1 FROM recovery WHERE locator = ?1",
        };
        self.write(|db| {
            db.query_row(exists, [subject.id()], |_| Ok(())).or_not_found()?;
            db.execute(
                "INSERT INTO nonces (nonce, kind, subject, expires) VALUES (?1, ?2, ?3, ?4)",
                params![nonce.as_bytes(), subject.kind(), subject.id(), expires],
            )?;
            Ok(())
        })
    }

    /// The key that a device logs in with.
    pub(crate) fn device_key(&self, vault: &VaultId, device: &DeviceId) -> Outcome<Option<PublicKey>> {
        self.read(|db| {
            let key: Option<[u8; 65]> = db
                .prepare_cached("SELECT key FROM devices WHERE vault = ?1 AND device = ?2")?
                .query_row([vault.as_bytes(), device.as_bytes()], |row| row.get(0))
                .optional()?;
            Ok(key.map(Into::into))
        })
    }

    /// The key that opens a locator.
    pub(crate) fn recovery_key(&self, locator: &Locator) -> Outcome<Option<PublicKey>> {
        self.read(|db| {
            let key: Option<[u8; 65]> = db
                .prepare_cached("SELECT key FROM recovery WHERE locator = ?1")?
                .query_row([locator.as_bytes()], |row| row.get(0))
                .optional()?;
            Ok(key.map(Into::into))
        })
    }

    /// Uses up the nonce of a login whose signature has been verified by `key`, and opens a session.
    pub(crate) fn open_session(
        &self,
        (vault, device, key): (&VaultId, &DeviceId, &PublicKey),
        nonce: &NonceUse,
        token: &Digest,
        expires: i64,
    ) -> Outcome<()> {
        self.write(|db| {
            nonce.take(db, &Subject::Vault(*vault))?;
            // The device may have been expelled while its signature was verified.
            let opened = db.execute(
                "INSERT INTO sessions (hash, vault, device, expires)
                 SELECT ?1, vault, device, ?2 FROM devices WHERE vault = ?3 AND device = ?4 AND key = ?5",
                params![
                    token.as_bytes(),
                    expires,
                    vault.as_bytes(),
                    device.as_bytes(),
                    key.as_bytes()
                ],
            )?;
            if opened == 1 {
                Ok(())
            } else {
                Err(ErrorCode::LoginRefused.into())
            }
        })
    }

    /// The same for a recovery locator.
    pub(crate) fn open_recovery_session(
        &self,
        (locator, key): (&Locator, &PublicKey),
        nonce: &NonceUse,
        token: &Digest,
        expires: i64,
    ) -> Outcome<()> {
        self.write(|db| {
            nonce.take(db, &Subject::Recovery(*locator))?;
            let opened = db.execute(
                "INSERT INTO recovery_sessions (hash, locator, expires)
                 SELECT ?1, locator, ?2 FROM recovery WHERE locator = ?3 AND key = ?4",
                params![token.as_bytes(), expires, locator.as_bytes(), key.as_bytes()],
            )?;
            if opened == 1 {
                Ok(())
            } else {
                Err(ErrorCode::LoginRefused.into())
            }
        })
    }

    /// The device whose session of this vault the token opens.
    ///
    /// Fails with `Unauthenticated` when the token is no session's, with `NotFound` when it is another vault's.
    pub(crate) fn session(&self, token: &Digest, vault: &VaultId, now: i64) -> Outcome<DeviceId> {
        self.read(|db| {
            let (of, device): (Vec<u8>, Vec<u8>) = db
                .prepare_cached("SELECT vault, device FROM sessions WHERE hash = ?1 AND expires > ?2")?
                .query_row(params![token.as_bytes(), now], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(ErrorCode::Unauthenticated)?;
            if of != vault.as_bytes() {
                return Err(ErrorCode::NotFound.into());
            }
            Ok(DeviceId::from_bytes(&device)?)
        })
    }

    /// The vault whose session the token opens.
    pub(crate) fn session_vault(&self, token: &Digest, now: i64) -> Outcome<VaultId> {
        self.read(|db| {
            let vault: Vec<u8> = db
                .prepare_cached("SELECT vault FROM sessions WHERE hash = ?1 AND expires > ?2")?
                .query_row(params![token.as_bytes(), now], |row| row.get(0))
                .optional()?
                .ok_or(ErrorCode::Unauthenticated)?;
            Ok(VaultId::from_bytes(&vault)?)
        })
    }
}

/// A nonce as a login shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NonceUse {
    /// The nonce.
    pub(crate) nonce: Nonce,
    /// The expiry signed.
    pub(crate) expires: i64,
    /// The time of the login.
    pub(crate) now: i64,
}

impl NonceUse {
    /// Removes the nonce if it was issued for `subject` with this expiry and still holds.
    fn take(&self, db: &Transaction<'_>, subject: &Subject) -> Outcome<()> {
        let taken = db.execute(
            "DELETE FROM nonces WHERE nonce = ?1 AND kind = ?2 AND subject = ?3 AND expires = ?4 AND expires > ?5",
            params![
                self.nonce.as_bytes(),
                subject.kind(),
                subject.id(),
                self.expires,
                self.now
            ],
        )?;
        if taken == 1 {
            Ok(())
        } else {
            Err(ErrorCode::LoginRefused.into())
        }
    }
}
