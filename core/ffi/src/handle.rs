//! An open store as another language holds it: it can be closed while calls still run, and calls after that are refused.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::KistError;
use crate::error::{ErrorParameter, Result};

/// A store until it is closed.
pub(crate) struct Handle<T>(Mutex<Option<T>>);

impl<T: Clone> Handle<T> {
    pub(crate) fn new(store: T) -> Self {
        Handle(Mutex::new(Some(store)))
    }

    /// The store; `NotFound` once it was closed.
    pub(crate) fn get(&self) -> Result<T> {
        let closed = || KistError::of("NotFound", vec![ErrorParameter::word("what", "store")]);
        self.lock().clone().ok_or_else(closed)
    }

    /// Takes the store away; nothing where it was closed before.
    pub(crate) fn take(&self) -> Option<T> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
