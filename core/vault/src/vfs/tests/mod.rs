//! Tests of the sealed store.

use kist_crypto::{SealingKey, Secret};

mod store;

/// A store key for tests.
fn store_key(byte: u8) -> SealingKey {
    SealingKey::new(Secret::new([byte; 32]))
}
