//! Tests of the sealed store.

use kist_crypto::{SealingKey, Secret};

mod disk;
mod power_cut;
mod store;
mod workload;

/// A store key for tests.
fn store_key(byte: u8) -> SealingKey {
    SealingKey::new(Secret::new([byte; 32]))
}
