//! Work that blocks: run away from the threads that wait for the network, and told to stop when nobody waits for it.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::{Error, Result};

/// Runs what blocks away from the threads that wait for the network.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = Arc::new(Mutex::new(None));
    let place = Arc::clone(&done);
    let task = move || {
        let result = work();
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    };
    apart(Box::new(task)).await;
    let done = done.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.unwrap_or_else(|| Err(Error::new("Internal")))
}

/// Of one type, whatever the work is: the runtime's code for a task is in the library once, not for each call. Work that
/// panics leaves nothing where its result should be.
async fn apart(task: Box<dyn FnOnce() + Send>) {
    let _ = tokio::task::spawn_blocking(task).await;
}

/// A guard whose drop tells the blocking work that nobody waits for it any more.
pub(crate) fn stop_on_drop() -> (watch::Sender<()>, watch::Receiver<()>) {
    watch::channel(())
}

/// Whether somebody waits for the work still.
pub(crate) fn keep_going(stopped: &watch::Receiver<()>) -> ControlFlow<()> {
    match stopped.has_changed() {
        Ok(_) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}
