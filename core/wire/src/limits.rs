//! Limits: what a relay accepts unless its operator sets others, published by `/v1/about`.

use serde::{Deserialize, Serialize};

/// Bytes in one MiB.
const MIB: u64 = 1024 * 1024;

/// Bytes of a blob: a pack of 8 MiB with room for its seals.
pub const BLOB_BYTES: u64 = 16 * MIB;
/// Bytes of all blobs and log entries of a vault.
pub const VAULT_BYTES: u64 = 10 * 1024 * MIB;
/// Bytes of one log entry.
pub const LOG_ENTRY_BYTES: u64 = 4 * MIB;
/// Bytes of a head.
pub const HEAD_BYTES: u64 = 64 * 1024;
/// Devices of a vault.
pub const DEVICES: u64 = 64;
/// Bytes of what lies under a recovery locator.
pub const RECOVERY_BYTES: u64 = 64 * 1024;
/// Recovery locators of a vault.
pub const RECOVERY_BLOBS: u64 = 8;
/// Bytes of a message.
pub const MESSAGE_BYTES: u64 = 256 * 1024;
/// Messages that wait in a mailbox.
pub const MAILBOX_MESSAGES: u64 = 1000;
/// Bytes of all messages that wait in a mailbox.
pub const MAILBOX_BYTES: u64 = 64 * MIB;
/// Bytes of a slot's request.
pub const SLOT_REQUEST_BYTES: u64 = 64 * 1024;
/// Bytes of a slot's response.
pub const SLOT_RESPONSE_BYTES: u64 = MIB;
/// Seconds from a slot's creation to its expiry, at most: the life of a letter's invitation.
pub const SLOT_SECONDS: u64 = 60 * 24 * 60 * 60;
/// Seconds that a read of a mailbox or a slot waits for something to come, at most.
pub const WAIT_SECONDS: u64 = 30;

/// Frames in one reply stop before this many bytes, after at least one: what a client must be ready to hold.
pub const REPLY_BYTES: u64 = 8 * MIB;
/// Blobs listed in one page.
pub const PAGE_BLOBS: u64 = 1000;
/// Bytes of any JSON body, beside the slot's request and the recovery blob within it.
pub const JSON_BYTES: u64 = 16 * 1024;

/// The limits in force on a relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Limits {
    /// See [`BLOB_BYTES`].
    pub blob_bytes: u64,
    /// See [`VAULT_BYTES`].
    pub vault_bytes: u64,
    /// See [`LOG_ENTRY_BYTES`].
    pub log_entry_bytes: u64,
    /// See [`HEAD_BYTES`].
    pub head_bytes: u64,
    /// See [`DEVICES`].
    pub devices: u64,
    /// See [`RECOVERY_BYTES`].
    pub recovery_bytes: u64,
    /// See [`RECOVERY_BLOBS`].
    pub recovery_blobs: u64,
    /// See [`MESSAGE_BYTES`].
    pub message_bytes: u64,
    /// See [`MAILBOX_MESSAGES`].
    pub mailbox_messages: u64,
    /// See [`MAILBOX_BYTES`].
    pub mailbox_bytes: u64,
    /// See [`SLOT_REQUEST_BYTES`].
    pub slot_request_bytes: u64,
    /// See [`SLOT_RESPONSE_BYTES`].
    pub slot_response_bytes: u64,
    /// See [`SLOT_SECONDS`].
    pub slot_seconds: u64,
    /// See [`WAIT_SECONDS`].
    pub wait_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            blob_bytes: BLOB_BYTES,
            vault_bytes: VAULT_BYTES,
            log_entry_bytes: LOG_ENTRY_BYTES,
            head_bytes: HEAD_BYTES,
            devices: DEVICES,
            recovery_bytes: RECOVERY_BYTES,
            recovery_blobs: RECOVERY_BLOBS,
            message_bytes: MESSAGE_BYTES,
            mailbox_messages: MAILBOX_MESSAGES,
            mailbox_bytes: MAILBOX_BYTES,
            slot_request_bytes: SLOT_REQUEST_BYTES,
            slot_response_bytes: SLOT_RESPONSE_BYTES,
            slot_seconds: SLOT_SECONDS,
            wait_seconds: WAIT_SECONDS,
        }
    }
}
