//! Backup, restore and recovery: sealed change sets in a signed log, packs of sealed chunks, signed heads.
//!
//! What the relay holds is opaque to it. [`Backup`] brings what changed; [`restore`] verifies everything before a store
//! opens; [`Recovered`] is what a recovery code leads to. The relay itself is reached through [`Remote`], which pds
//! implements over HTTP. Formats: `docs/formats/backup.md`.

mod backup;
mod devices;
mod encoding;
mod entry;
mod error;
mod head;
mod index;
mod pack;
mod recovery;
mod remote;
mod restore;
mod signed;
mod state;

pub use backup::{Backup, BackupReport};
pub use devices::{Device, DeviceAction, DeviceChange, DeviceList, DeviceRole, MAX_CHANGES, MAX_DEVICE_NAME};
pub use entry::{Entry, LogPosition};
pub use error::{Error, Result};
pub use head::{Head, VerifiedHead};
pub use pack::{PACK_BYTES, PackRef, manifest};
pub use recovery::Recovered;
pub use remote::{Append, Progress, Remote, Swap};
pub use restore::{Freshness, Restored, restore};
pub use signed::{FORMAT, Signer};
pub use state::BackupState;
