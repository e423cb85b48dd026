//! What the relay's API carries: paths, bodies and the statements that a login signs. Ciphertext is opaque bytes here.
//!
//! The client (`kist-channel`, `kist-sync`, `kist-pds`) and the relay both build on these types, so a path, a body or a
//! limit is written down once. The crate does no I/O, and neither hashes nor signs: where the protocol asks for a digest
//! or a signature, the caller brings it. `docs/formats/relay-api.md` describes the whole API.
//!
//! Numbers of entries and messages are `u64`, times are `i64` Unix seconds UTC, sizes are bytes.

mod bodies;
mod error;
pub mod form;
mod frames;
pub mod header;
pub mod limits;
mod origin;
pub mod path;
pub mod statement;
mod values;

pub use bodies::{
    About, BlobEntry, BlobList, CreateMailbox, CreateVault, DeviceEntry, DeviceList, ErrorBody, LogAppended,
    LoginRequest, MessageAccepted, NonceIssued, OpenSlot, RecoveryBlob, RecoveryLogin, RegisterDevice, RegisterPush,
    ReplaceSendToken, Session, StoreRecovery,
};
pub use error::{Error, ErrorCode, Result};
pub use frames::{FRAMES_VERSION, Frame, FrameWriter, decode_frames};
pub use limits::Limits;
pub use origin::Origin;
pub use values::{
    BlobId, DeviceId, Digest, IdempotencyKey, Locator, MailboxId, Nonce, Opaque, PublicKey, Signature, SlotId, Token,
    VaultId,
};
