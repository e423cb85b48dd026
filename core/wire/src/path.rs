//! The API's paths: templates as the relay routes them, and builders that fill them in.
//!
//! A value in a path or query is base64url or a decimal number, so nothing needs escaping.

use crate::{BlobId, DeviceId, Locator, MailboxId, SlotId, VaultId};

/// The process lives.
pub const HEALTH: &str = "/health";
/// The relay can serve: its storage answers, and it isn't stopping.
pub const READY: &str = "/ready";
/// The API's OpenAPI description.
pub const OPENAPI: &str = "/openapi.json";
/// Operator, country, version, limits.
pub const ABOUT: &str = "/v1/about";

/// POST creates a vault.
pub const VAULTS: &str = "/v1/vaults";
/// DELETE removes a vault with all it holds.
pub const VAULT: &str = "/v1/vaults/{vault}";
/// POST issues a nonce for a login.
pub const VAULT_NONCE: &str = "/v1/vaults/{vault}/nonce";
/// POST logs a device in.
pub const VAULT_LOGIN: &str = "/v1/vaults/{vault}/login";
/// GET lists blobs.
pub const BLOBS: &str = "/v1/vaults/{vault}/blobs";
/// PUT, GET, HEAD, DELETE of one blob.
pub const BLOB: &str = "/v1/vaults/{vault}/blobs/{blob}";
/// GET reads a device's log.
pub const LOG: &str = "/v1/vaults/{vault}/logs/{device}";
/// POST appends to a device's log.
pub const LOG_ENTRY: &str = "/v1/vaults/{vault}/logs/{device}/{index}";
/// GET and PUT of the head.
pub const HEAD: &str = "/v1/vaults/{vault}/head";
/// GET lists the devices' keys.
pub const DEVICES: &str = "/v1/vaults/{vault}/devices";
/// PUT and DELETE of one device's key.
pub const DEVICE: &str = "/v1/vaults/{vault}/devices/{device}";

/// PUT, GET, DELETE of what lies under a recovery locator.
pub const RECOVERY: &str = "/v1/recovery/{locator}";
/// POST issues a nonce for a recovery login.
pub const RECOVERY_NONCE: &str = "/v1/recovery/{locator}/nonce";
/// POST proves that the caller holds the recovery code.
pub const RECOVERY_LOGIN: &str = "/v1/recovery/{locator}/login";

/// POST creates a mailbox.
pub const MAILBOXES: &str = "/v1/mailboxes";
/// DELETE removes a mailbox.
pub const MAILBOX: &str = "/v1/mailboxes/{mailbox}";
/// POST sends, GET reads, DELETE acknowledges.
pub const MESSAGES: &str = "/v1/mailboxes/{mailbox}/messages";
/// GET streams messages as server-sent events.
pub const EVENTS: &str = "/v1/mailboxes/{mailbox}/events";
/// PUT replaces the send token, DELETE takes it away.
pub const SEND_TOKEN: &str = "/v1/mailboxes/{mailbox}/send-token";
/// The subscription of a push service that is told when a message arrives.
pub const PUSH: &str = "/v1/mailboxes/{mailbox}/push";

/// PUT opens a slot, DELETE closes it.
pub const SLOT: &str = "/v1/slots/{slot}";
/// GET fetches the request.
pub const SLOT_REQUEST: &str = "/v1/slots/{slot}/request";
/// POST answers, GET collects the answer.
pub const SLOT_RESPONSE: &str = "/v1/slots/{slot}/response";

/// [`VAULT`]
pub fn vault(vault: &VaultId) -> String {
    format!("/v1/vaults/{vault}")
}

/// [`VAULT_NONCE`]
pub fn vault_nonce(vault: &VaultId) -> String {
    format!("/v1/vaults/{vault}/nonce")
}

/// [`VAULT_LOGIN`]
pub fn vault_login(vault: &VaultId) -> String {
    format!("/v1/vaults/{vault}/login")
}

/// A page of [`BLOBS`]: those whose ids follow `after`, by order of bytes.
pub fn blobs(vault: &VaultId, after: Option<&BlobId>) -> String {
    match after {
        Some(after) => format!("/v1/vaults/{vault}/blobs?after={after}"),
        None => format!("/v1/vaults/{vault}/blobs"),
    }
}

/// [`BLOB`]
pub fn blob(vault: &VaultId, blob: &BlobId) -> String {
    format!("/v1/vaults/{vault}/blobs/{blob}")
}

/// [`LOG`]: entries whose index is `from` or more.
pub fn log(vault: &VaultId, device: &DeviceId, from: u64) -> String {
    format!("/v1/vaults/{vault}/logs/{device}?from={from}")
}

/// [`LOG_ENTRY`]
pub fn log_entry(vault: &VaultId, device: &DeviceId, index: u64) -> String {
    format!("/v1/vaults/{vault}/logs/{device}/{index}")
}

/// [`HEAD`]
pub fn head(vault: &VaultId) -> String {
    format!("/v1/vaults/{vault}/head")
}

/// [`DEVICES`]
pub fn devices(vault: &VaultId) -> String {
    format!("/v1/vaults/{vault}/devices")
}

/// [`DEVICE`]
pub fn device(vault: &VaultId, device: &DeviceId) -> String {
    format!("/v1/vaults/{vault}/devices/{device}")
}

/// [`RECOVERY`]
pub fn recovery(locator: &Locator) -> String {
    format!("/v1/recovery/{locator}")
}

/// [`RECOVERY_NONCE`]
pub fn recovery_nonce(locator: &Locator) -> String {
    format!("/v1/recovery/{locator}/nonce")
}

/// [`RECOVERY_LOGIN`]
pub fn recovery_login(locator: &Locator) -> String {
    format!("/v1/recovery/{locator}/login")
}

/// [`MAILBOX`]
pub fn mailbox(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}")
}

/// [`MESSAGES`], to send to.
pub fn messages(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}/messages")
}

/// [`MESSAGES`], to read: those numbered above `after`; with none there, the reply waits up to `wait` seconds.
pub fn messages_after(mailbox: &MailboxId, after: u64, wait: u64) -> String {
    format!("/v1/mailboxes/{mailbox}/messages?after={after}&wait={wait}")
}

/// [`MESSAGES`], to acknowledge: those numbered `through` or less are removed.
pub fn messages_through(mailbox: &MailboxId, through: u64) -> String {
    format!("/v1/mailboxes/{mailbox}/messages?through={through}")
}

/// [`EVENTS`]: messages numbered above `after`, as they come.
pub fn events(mailbox: &MailboxId, after: u64) -> String {
    format!("/v1/mailboxes/{mailbox}/events?after={after}")
}

/// [`SEND_TOKEN`]
pub fn send_token(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}/send-token")
}

/// [`PUSH`]
pub fn push(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}/push")
}

/// [`SLOT`]
pub fn slot(slot: &SlotId) -> String {
    format!("/v1/slots/{slot}")
}

/// [`SLOT_REQUEST`]
pub fn slot_request(slot: &SlotId) -> String {
    format!("/v1/slots/{slot}/request")
}

/// [`SLOT_RESPONSE`], to answer.
pub fn slot_response(slot: &SlotId) -> String {
    format!("/v1/slots/{slot}/response")
}

/// [`SLOT_RESPONSE`], to collect: with no answer there, the reply waits up to `wait` seconds.
pub fn slot_response_wait(slot: &SlotId, wait: u64) -> String {
    format!("/v1/slots/{slot}/response?wait={wait}")
}
