//! Running the core's work for a caller in another language: on the core's own threads, and cancellable.
//!
//! The two platforms cancel differently. A cancelled Kotlin coroutine drops the Rust future; a cancelled Swift Task
//! leaves it running. So work stops on either: when its future is dropped, or when its [`CancelHandle`] is cancelled.

use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError};

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::KistError;

/// The core's threads. `None` where the system gives no thread; each call then fails with `Internal`.
static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    hush_panics();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("kist")
        .enable_all()
        .build()
        .ok()
});

/// Lets a panic say where it happened, and no more: its message could hold what a person keeps.
pub(crate) fn hush_panics() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let (file, line) = panic.location().map_or(("?", 0), |at| (at.file(), at.line()));
            // There is nobody to tell that the complaint could not be written.
            let _ = writeln!(std::io::stderr(), "kist: internal error at {file}:{line}");
        }));
    });
}

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
/// When this returns, `work` is dropped; what it had handed to a thread that may block (reading a file, say) ends at its
/// next step, and keeps nothing. Work that ended before the cancellation reached it is reported as ended. When the caller
/// goes away, work stops at its next await, which nobody waits for.
///
/// # Errors
/// What `work` fails with; [`KistError::Cancelled`]; [`KistError::Internal`] when it panicked.
pub(crate) async fn run<T: Send + 'static>(
    cancel: &CancelHandle,
    work: impl Future<Output = Result<T, KistError>> + Send + 'static,
) -> Result<T, KistError> {
    let done = Arc::new(Mutex::new(None));
    let place = Arc::clone(&done);
    let task = async move {
        let result = work.await;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    };
    drive(cancel, Box::pin(task)).await?;
    let done = done.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.unwrap_or(Err(KistError::Internal))
}

/// [`run`], of one type whatever the work is: the runtime's code for a task is in the library once, not for each call.
async fn drive(cancel: &CancelHandle, work: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), KistError> {
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
    ended.map_err(|error| {
        if error.is_cancelled() {
            KistError::Cancelled
        } else {
            KistError::Internal
        }
    })
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Waker};

    use super::*;
    use crate::error::Result;

    /// Set when it is dropped.
    struct OnDrop(Arc<AtomicBool>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    /// Work that never ends by itself; the first flag says that it has begun, the second that it is gone.
    fn endless() -> (
        impl Future<Output = Result<()>> + Send + 'static,
        watch::Receiver<bool>,
        Arc<AtomicBool>,
    ) {
        let (begun, begins) = watch::channel(false);
        let gone = Arc::new(AtomicBool::new(false));
        let guard = OnDrop(Arc::clone(&gone));
        let work = async move {
            let _guard = guard;
            begun.send_replace(true);
            std::future::pending().await
        };
        (work, begins, gone)
    }

    #[tokio::test]
    async fn u1_a_cancelled_handle_stops_the_work_before_the_call_returns() {
        let (work, mut begins, gone) = endless();
        let handle = CancelHandle::new().expect("a handle");
        let (cancelled, ended) = (Arc::clone(&handle), async { run(&handle, work).await });
        let cancel = async move {
            begins.wait_for(|begun| *begun).await.expect("the work begins");
            cancelled.cancel()
        };
        let (ended, _) = tokio::join!(ended, cancel);
        assert_eq!(ended, Err(KistError::Cancelled));
        assert!(gone.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn u1_a_handle_that_was_cancelled_before_starts_no_work() {
        let (work, begins, _) = endless();
        let handle = CancelHandle::new().expect("a handle");
        handle.cancel().expect("cancelled");
        assert_eq!(run(&handle, work).await, Err(KistError::Cancelled));
        assert!(!*begins.borrow());
    }

    #[tokio::test]
    async fn u1_a_dropped_call_stops_the_work() {
        let (work, mut begins, gone) = endless();
        let handle = CancelHandle::new().expect("a handle");
        {
            let mut call = pin!(run(&handle, work));
            assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            begins.wait_for(|begun| *begun).await.expect("the work begins");
        }
        // The channel closes when the work is dropped.
        assert!(begins.changed().await.is_err());
        assert!(gone.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn u1_a_panic_is_an_error() {
        let handle = CancelHandle::new().expect("a handle");
        assert_eq!(
            run::<()>(&handle, async { panic!("Alice Example") }).await,
            Err(KistError::Internal)
        );
    }

    #[test]
    fn s1_a_panic_says_on_stderr_where_it_was_and_not_what_it_was_about() {
        let panicking = "task::tests::u1_a_panic_is_an_error";
        let this = std::env::current_exe().expect("this test's program");
        let output = Command::new(this)
            .args(["--exact", panicking, "--nocapture"])
            .output()
            .expect("run again");
        assert!(output.status.success());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("kist: internal error at "), "{complaint}");
        assert!(!complaint.contains("Alice"), "{complaint}");
    }
}
