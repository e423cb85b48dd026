//! JSON bodies of requests and replies. Unknown members are passed over, so that either side may be the newer one.

use serde::{Deserialize, Serialize};

use crate::{
    BlobId, DeviceId, Digest, ErrorCode, Limits, MailboxId, Nonce, Opaque, Origin, PublicKey, Signature, Token, VaultId,
};

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $kind,)*
            }
        )*
    };
}

bodies! {
    /// `POST /v1/vaults`: creates a vault with its first device.
    CreateVault {
        /// The vault's id.
        vault: VaultId,
        /// The first device's id.
        device: DeviceId,
        /// The first device's public key.
        key: PublicKey,
        /// By that key, over [`crate::statement::create_vault`].
        signature: Signature,
        /// The operator's invitation, where the relay asks for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invite: Option<String>,
    }

    /// A nonce for one login.
    NonceIssued {
        /// The nonce.
        nonce: Nonce,
        /// When it expires by the relay's clock, Unix seconds; signed with the login.
        expires: i64,
    }

    /// `POST /v1/vaults/{vault}/login`.
    LoginRequest {
        /// Who logs in.
        device: DeviceId,
        /// The nonce issued.
        nonce: Nonce,
        /// The nonce's expiry, Unix seconds.
        expires: i64,
        /// By the device's key, over [`crate::statement::login`].
        signature: Signature,
    }

    /// `POST /v1/recovery/{locator}/login`.
    RecoveryLogin {
        /// The nonce issued.
        nonce: Nonce,
        /// The nonce's expiry, Unix seconds.
        expires: i64,
        /// By the login key, over [`crate::statement::recovery_login`].
        signature: Signature,
    }

    /// A login's outcome.
    Session {
        /// The bearer token of what was logged in to.
        token: Token,
        /// When it expires, Unix seconds.
        expires: i64,
    }

    /// `PUT /v1/vaults/{vault}/devices/{device}`.
    RegisterDevice {
        /// The device's public key.
        key: PublicKey,
    }

    /// A device that can log in.
    DeviceEntry {
        /// The device's id.
        device: DeviceId,
        /// The device's public key.
        key: PublicKey,
    }

    /// `GET /v1/vaults/{vault}/devices`, ordered by id.
    DeviceList {
        /// All devices of the vault.
        devices: Vec<DeviceEntry>,
    }

    /// A blob of a vault.
    BlobEntry {
        /// The blob's id.
        id: BlobId,
        /// Its size in bytes.
        size: u64,
    }

    /// `GET /v1/vaults/{vault}/blobs`: one page, ordered by id.
    BlobList {
        /// The page's blobs.
        blobs: Vec<BlobEntry>,
        /// Give it as `after` for the next page; none on the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<BlobId>,
    }

    /// `POST /v1/vaults/{vault}/logs/{device}/{index}`.
    LogAppended {
        /// The index of the next entry.
        next: u64,
    }

    /// `PUT /v1/recovery/{locator}`.
    StoreRecovery {
        /// The public key whose holder may read: the recovery code's login key.
        key: PublicKey,
        /// The wrapped root key and what goes with it.
        blob: Opaque,
    }

    /// `GET /v1/recovery/{locator}`.
    RecoveryBlob {
        /// What [`StoreRecovery`] stored.
        blob: Opaque,
    }

    /// `POST /v1/mailboxes`.
    CreateMailbox {
        /// The mailbox's id.
        mailbox: MailboxId,
        /// Of the token that sends.
        send_token_hash: Digest,
        /// Of the token that receives and governs.
        receive_token_hash: Digest,
    }

    /// `POST /v1/mailboxes/{mailbox}/messages`.
    MessageAccepted {
        /// The message's number: one more than the one before it, from 1.
        number: u64,
    }

    /// `PUT /v1/mailboxes/{mailbox}/send-token`.
    ReplaceSendToken {
        /// Of the only token that sends from now on.
        send_token_hash: Digest,
    }

    /// `PUT /v1/mailboxes/{mailbox}/push`.
    RegisterPush {
        /// Where the push service is told (RFC 8030): an https address of a service that the relay's operator allows.
        endpoint: String,
    }

    /// `PUT /v1/slots/{slot}`.
    OpenSlot {
        /// The signed request, a compact JWS.
        request: String,
        /// Of the token that collects the answer and closes the slot.
        owner_token_hash: Digest,
        /// When the slot expires, Unix seconds.
        expires: i64,
    }

    /// `GET /v1/about`.
    About {
        /// Who runs the relay, in their own words.
        operator: String,
        /// Where its data rests: ISO 3166-1 alpha-2.
        country: String,
        /// The relay's version.
        version: String,
        /// The origin that logins sign.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        origin: Origin,
        /// What it accepts.
        limits: Limits,
    }

    /// The body of every reply of 400 or more.
    ErrorBody {
        /// What went wrong.
        code: ErrorCode,
        /// With `Conflict` on a log: the index that the next entry takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<u64>,
    }
}
