//! What rooms keep in memory while a store is open. The home keeps it for them without knowing what it is.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Of each type one value, made when it is first asked for.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Memory {
    pub(super) fn of<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default());
        // It stands under its own type, so that it is always of it.
        Arc::clone(value).downcast().unwrap_or_default()
    }
}
