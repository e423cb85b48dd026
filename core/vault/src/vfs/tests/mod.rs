//! Tests of the sealed store.

use kist_crypto::{SealingKey, Secret};

mod allocation;
mod blobs;
mod committed;
mod deletion;
mod disk;
mod faults;
mod journals;
mod oracle;
mod power_cut;
mod process;
mod replay;
mod reseal;
mod store;
mod tampering;
mod vectors;
mod workload;

/// A store key for tests.
fn store_key(byte: u8) -> SealingKey {
    SealingKey::new(Secret::new([byte; 32]))
}
