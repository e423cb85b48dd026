//! Where randomness comes from: the system's generator, and a seeded one for tests.

use std::convert::Infallible;

use getrandom::SysRng;
use rand_core::{TryCryptoRng, TryRng, UnwrapErr};

/// The operating system's generator. It panics only where the system has none, which no supported platform lacks.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl TryRng for OsRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        UnwrapErr(SysRng).try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        UnwrapErr(SysRng).try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        UnwrapErr(SysRng).try_fill_bytes(bytes)
    }
}

impl TryCryptoRng for OsRandom {}

/// Deterministic randomness, for tests and vectors alone.
pub mod testing {
    use super::*;
    use crate::sha256;

    /// SHA-256 in counter mode over a seed: the same bytes on every machine. Not secret; never use it outside a test.
    #[derive(Debug, Clone)]
    pub struct SeededRandom {
        seed: u64,
        counter: u64,
        block: [u8; 32],
        used: usize,
    }

    impl SeededRandom {
        /// A generator whose whole output follows from `seed`.
        pub fn new(seed: u64) -> Self {
            SeededRandom {
                seed,
                counter: 0,
                block: [0; 32],
                used: 32,
            }
        }

        fn next_byte(&mut self) -> u8 {
            if self.used == self.block.len() {
                self.block = sha256(&[&self.seed.to_be_bytes(), &self.counter.to_be_bytes()]);
                self.counter += 1;
                self.used = 0;
            }
            self.used += 1;
            self.block[self.used - 1]
        }
    }

    impl TryRng for SeededRandom {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            let mut bytes = [0; 4];
            self.try_fill_bytes(&mut bytes)?;
            Ok(u32::from_be_bytes(bytes))
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            let mut bytes = [0; 8];
            self.try_fill_bytes(&mut bytes)?;
            Ok(u64::from_be_bytes(bytes))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.fill_with(|| self.next_byte());
            Ok(())
        }
    }

    impl TryCryptoRng for SeededRandom {}
}
