//! Keys, sealed formats and key derivation: the only room of the core that names a cipher, a curve or a hash.
//!
//! Nothing here does I/O. Randomness comes in as a [`CryptoRng`], so that every format can be pinned by a vector.
//! Start at [`RootKey`] (what a store's keys come from), [`slots`] (how it is kept), [`SealingKey`] (how bytes are
//! sealed), [`es256`], [`jws`], [`jwe`] and [`hpke`] (what leaves the phone).

mod context;
mod encoding;
mod envelope;
mod error;
pub mod es256;
mod hash;
pub mod hpke;
pub mod jwe;
pub mod jws;
mod letter;
pub mod page;
mod ports;
mod random;
mod recovery;
mod root;
mod secret;
pub mod slots;
mod symbols;
mod xchacha;

pub use context::Context;
pub use encoding::{base64url, from_base64url};
pub use envelope::SealingKey;
pub use error::{Error, PlatformKeyState, Result};
pub use es256::Jwk;
pub use hash::{MacKey, Sha256Stream, sha256};
pub use letter::LetterCode;
pub use ports::{MemorySmallState, SecureArea, SmallState, SoftwareSecureArea};
pub use rand_core::CryptoRng;
pub use random::{OsRandom, testing};
pub use recovery::RecoveryCode;
pub use root::{Purpose, RootKey};
pub use secret::{Secret, SecretBytes};
