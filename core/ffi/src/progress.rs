//! Progress, told to the platform.

use std::sync::Arc;

use kist_pds::ProgressFn;

use crate::KistError;

/// How far long work has come.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct WorkProgress {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all; 0 where that isn't known.
    pub total: u64,
}

/// Told of progress, on a thread of the core, often. It must not block; what it throws is let go.
#[uniffi::export(with_foreign)]
pub trait ProgressListener: Send + Sync {
    /// Called after each step.
    fn progressed(&self, progress: WorkProgress) -> Result<(), KistError>;
}

/// The core's callback for a listener, if there is one.
pub(crate) fn told(listener: Option<Arc<dyn ProgressListener>>) -> ProgressFn {
    match listener {
        None => kist_pds::no_progress(),
        Some(listener) => Arc::new(move |at| {
            let progress = WorkProgress {
                done: at.done,
                total: at.total,
            };
            // Work doesn't fail because nobody could be told of it.
            let _ = listener.progressed(progress);
        }),
    }
}
