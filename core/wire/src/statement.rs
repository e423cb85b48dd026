//! The statements that a client signs for the relay, in one byte encoding.
//!
//! `u32be length ‖ label ‖ version ‖ count ‖ (u32be length ‖ field)*`: the same encoding as the associated data of the
//! sealed formats (`docs/formats.md`), so one description and one habit serve both. Version and count are one byte each.
//! Each statement names the relay's origin, so what one relay is shown serves at no other.

use crate::{DeviceId, Locator, Nonce, Origin, PublicKey, VaultId};

/// The version of all statements.
pub const VERSION: u8 = 1;
/// The label of a device's login to a vault.
pub const LOGIN: &str = "kist/2026-11/relay-login";
/// The label of a vault's creation.
pub const CREATE_VAULT: &str = "kist/2026-11/relay-vault";
/// The label of a login to what lies under a recovery locator.
pub const RECOVERY_LOGIN: &str = "kist/2026-11/relay-recovery";

/// What a device signs to log in. Fields: origin, vault, device, expiry (i64be, Unix seconds), nonce.
///
/// `expires` is the expiry that came with the nonce, so the phone's clock doesn't matter.
pub fn login(origin: &Origin, vault: &VaultId, device: &DeviceId, expires: i64, nonce: &Nonce) -> Vec<u8> {
    encode(
        LOGIN,
        &[
            origin.as_str().as_bytes(),
            vault.as_bytes(),
            device.as_bytes(),
            &expires.to_be_bytes(),
            nonce.as_bytes(),
        ],
    )
}

/// What a vault's first device signs, as proof that it holds its key. Fields: origin, vault, device, key.
pub fn create_vault(origin: &Origin, vault: &VaultId, device: &DeviceId, key: &PublicKey) -> Vec<u8> {
    encode(
        CREATE_VAULT,
        &[
            origin.as_str().as_bytes(),
            vault.as_bytes(),
            device.as_bytes(),
            key.as_bytes(),
        ],
    )
}

/// What the login key of a recovery code signs. Fields: origin, locator, expiry (i64be, Unix seconds), nonce.
pub fn recovery_login(origin: &Origin, locator: &Locator, expires: i64, nonce: &Nonce) -> Vec<u8> {
    encode(
        RECOVERY_LOGIN,
        &[
            origin.as_str().as_bytes(),
            locator.as_bytes(),
            &expires.to_be_bytes(),
            nonce.as_bytes(),
        ],
    )
}

/// Labels and fields are this module's own and short, so the casts can't lose anything.
fn encode(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    push(&mut bytes, label.as_bytes());
    bytes.push(VERSION);
    bytes.push(fields.len() as u8);
    for field in fields {
        push(&mut bytes, field);
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend_from_slice(&(field.len() as u32).to_be_bytes());
    bytes.extend_from_slice(field);
}
