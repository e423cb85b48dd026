//! Running the core's work for a caller in another language: on the core's own threads, and cancellable.
//!
//! The two platforms cancel differently. A cancelled Kotlin coroutine drops the Rust future; a cancelled Swift Task
//! leaves it running. So work stops on either: when its future is dropped, or when its [`CancelHandle`] is cancelled.

use std::future::Future;
use std::sync::{Arc, LazyLock};

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::KistError;

/// The core's threads. `None` where the system gives no thread; each call then fails with `Internal`.
static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("kist")
        .enable_all()
        .build()
        .ok()
});

/// Cancels the calls that it was given to; for one that has ended it does nothing.
#[derive(uniffi::Object)]
pub struct CancelHandle {
    cancelled: watch::Sender<bool>,
}

#[uniffi::export]
impl CancelHandle {
    /// Makes a handle that nobody has cancelled.
    #[uniffi::constructor]
    pub fn new() -> Result<Arc<Self>, KistError> {
        Ok(Arc::new(Self {
            cancelled: watch::Sender::new(false),
        }))
    }

    /// Cancels, now and for calls yet to come.
    pub fn cancel(&self) -> Result<(), KistError> {
        self.cancelled.send_replace(true);
        Ok(())
    }
}

/// Aborts its task when dropped.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs `work` on the core's threads until it ends, is cancelled through `cancel`, or its caller goes away.
///
/// When this returns, nothing of `work` runs any more; work that ended before the cancellation reached it is reported
/// as ended. When the caller goes away, work stops at its next await, which nobody waits for.
///
/// # Errors
/// What `work` fails with; [`KistError::Cancelled`]; [`KistError::Internal`] when it panicked.
pub(crate) async fn run<T: Send + 'static>(
    cancel: &CancelHandle,
    work: impl Future<Output = Result<T, KistError>> + Send + 'static,
) -> Result<T, KistError> {
    let mut cancelled = cancel.cancelled.subscribe();
    if *cancelled.borrow_and_update() {
        return Err(KistError::Cancelled);
    }
    let runtime = RUNTIME.as_ref().ok_or(KistError::Internal)?;
    let mut task = AbortOnDrop(runtime.spawn(work));
    let ended = tokio::select! {
        biased;
        ended = &mut task.0 => ended,
        _ = cancelled.changed() => {
            task.0.abort();
            (&mut task.0).await
        }
    };
    ended.unwrap_or_else(|error| {
        Err(if error.is_cancelled() {
            KistError::Cancelled
        } else {
            KistError::Internal
        })
    })
}
