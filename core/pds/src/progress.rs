//! How far long work has come.

use std::sync::Arc;

pub use kist_sync::Progress;

/// Told of progress, from any thread, often. It must not block.
pub type ProgressFn = Arc<dyn Fn(Progress) + Send + Sync>;

/// Tells nobody.
pub fn no_progress() -> ProgressFn {
    Arc::new(|_| {})
}
