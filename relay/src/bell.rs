//! Wakes those who wait for a message or an answer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// A fixed number of bells, shared by all ids: who is woken by another's news looks and waits on. So nothing has to be
/// made for an id, or cleared away.
pub(crate) struct Bells(Vec<Arc<Notify>>);

const BELLS: usize = 256;

impl Bells {
    pub(crate) fn new() -> Self {
        Self((0..BELLS).map(|_| Arc::default()).collect())
    }

    /// Wakes all who listen for `id`.
    pub(crate) fn ring(&self, id: &[u8]) {
        if let Some(bell) = self.bell(id) {
            bell.notify_waiters();
        }
    }

    /// What completes at the next ring after this call. Listen first, then look, then wait: so no news is missed.
    pub(crate) async fn listen(&self, id: &[u8]) -> std::pin::Pin<Box<OwnedNotified>> {
        let bell = self.bell(id).cloned().unwrap_or_default();
        let mut listening = Box::pin(bell.notified_owned());
        listening.as_mut().enable();
        listening
    }

    fn bell(&self, id: &[u8]) -> Option<&Arc<Notify>> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        self.0.get(hasher.finish() as usize % BELLS)
    }
}
