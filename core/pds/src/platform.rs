//! What an app brings: its key store, its protected bytes, its clock, the name of the device.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use kist_crypto::slots::KdfCost;
use kist_crypto::{SecureArea, SmallState};
use kist_exchange::TransportPolicy;

/// Where time comes from: the system, or a test's hand.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, UTC.
    fn now_ms(&self) -> i64;

    /// How far the clock on the wall is ahead of UTC now, in minutes: what quiet hours go by.
    fn offset_minutes(&self) -> i32 {
        0
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// What the platform does for a store. [`Platform::desktop`] serves where there is nothing.
#[derive(Clone)]
pub struct Platform {
    /// The platform's key store, where it has one. Without it, the passphrase alone protects the store.
    pub secure_area: Option<Arc<dyn SecureArea>>,
    /// Bytes that the platform does not let anybody put back, where it has them.
    pub small_state: Option<Arc<dyn SmallState>>,
    /// What the person calls this device.
    pub device_name: String,
    /// The cost of the passphrase slot.
    pub kdf_cost: KdfCost,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// More certificate authorities to believe for TLS, in DER, beside those of the platform.
    pub tls_authorities: Vec<Vec<u8>>,
    /// Which addresses are reached.
    pub transport: TransportPolicy,
}

impl Platform {
    /// A machine without a key store and without protected bytes.
    pub fn desktop(device_name: impl Into<String>) -> Self {
        Platform {
            secure_area: None,
            small_state: None,
            device_name: device_name.into(),
            kdf_cost: KdfCost::STANDARD,
            clock: Arc::new(SystemClock),
            tls_authorities: Vec::new(),
            transport: TransportPolicy::default(),
        }
    }

    /// Also reaches this machine itself over plain HTTP. For demonstrations and tests; a shipped library lacks it.
    #[cfg(feature = "loopback")]
    pub fn allow_loopback(mut self) -> Self {
        self.transport.allow_loopback = true;
        self
    }

    /// Which addresses are reached: never this machine itself where the library was built without `loopback`.
    pub(crate) fn policy(&self) -> TransportPolicy {
        TransportPolicy {
            allow_loopback: cfg!(feature = "loopback") && self.transport.allow_loopback,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now_ms().div_euclid(1000)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Platform({})", self.device_name)
    }
}
