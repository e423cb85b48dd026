//! The bridge to Kotlin and Swift: the one crate that names UniFFI.
//!
//! Every exported function returns a `Result`: a panic in one that can't fail would end a Swift program.
#![allow(unsafe_code)] // what UniFFI's macros expand to

mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub use task::CancelHandle;

uniffi::setup_scaffolding!("kist");

/// What can go wrong, as the platform sees it.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[non_exhaustive]
pub enum KistError {
    /// The caller cancelled the work.
    #[error("cancelled")]
    Cancelled,
    /// The platform's key refused, or isn't there.
    #[error("platform key unavailable: {status}")]
    PlatformKeyUnavailable {
        /// The platform's own status number.
        status: i32,
    },
    /// A callback of the platform threw something that isn't a `KistError`, or the core panicked.
    #[error("internal")]
    Internal,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KistError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Internal
    }
}

/// How far long work has come.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct WorkProgress {
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

/// Told of progress, on a thread of the core.
#[uniffi::export(with_foreign)]
pub trait ProgressListener: Send + Sync {
    /// Called after each step.
    fn progressed(&self, progress: WorkProgress) -> Result<(), KistError>;
}

/// A key that the platform holds.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait PlatformKey: Send + Sync {
    /// Unwraps `sealed`.
    async fn unwrap_key(&self, sealed: Vec<u8>) -> Result<Vec<u8>, KistError>;
}

/// Proves the bridge: replaced by the real interface.
#[derive(uniffi::Object)]
pub struct Probe {
    key: Arc<dyn PlatformKey>,
    dropped: Arc<AtomicU32>,
}

/// Counts when it is dropped.
struct CountDrop(Arc<AtomicU32>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[uniffi::export]
impl Probe {
    /// Makes a probe over the platform's `key`.
    #[uniffi::constructor]
    pub fn new(key: Arc<dyn PlatformKey>) -> Result<Arc<Self>, KistError> {
        Ok(Arc::new(Self {
            key,
            dropped: Arc::default(),
        }))
    }

    /// Unwraps `sealed` by the platform's key, telling `listener`.
    pub async fn unwrap_key(
        &self,
        sealed: Vec<u8>,
        listener: Arc<dyn ProgressListener>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Vec<u8>, KistError> {
        let key = Arc::clone(&self.key);
        task::run(&cancel, async move {
            listener.progressed(WorkProgress { done: 1, total: 2 })?;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            let opened = key.unwrap_key(sealed).await?;
            listener.progressed(WorkProgress { done: 2, total: 2 })?;
            Ok(opened)
        })
        .await
    }

    /// Never ends by itself.
    pub async fn wait(&self, listener: Arc<dyn ProgressListener>, cancel: Arc<CancelHandle>) -> Result<(), KistError> {
        let guard = CountDrop(Arc::clone(&self.dropped));
        task::run(&cancel, async move {
            let _guard = guard;
            listener.progressed(WorkProgress { done: 0, total: 1 })?;
            std::future::pending::<()>().await;
            Ok(())
        })
        .await
    }

    /// Panics, on purpose.
    pub async fn panics(&self, cancel: Arc<CancelHandle>) -> Result<(), KistError> {
        task::run(&cancel, async { panic!("asked to") }).await
    }

    /// How many times the work of [`Probe::wait`] was dropped.
    pub fn dropped(&self) -> Result<u32, KistError> {
        Ok(self.dropped.load(Ordering::SeqCst))
    }
}
