//! How a key gets from [`super::open`] to the VFS: by the calling thread, for the length of the call. It is in no
//! name, no URI and no table of the process; a file that is opened without one is refused.

use std::cell::RefCell;

use kist_crypto::SealingKey;

/// Why a store was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The store key is not the one of this store.
    KeyMismatch,
    /// The header is damaged, or the file is no store.
    Corrupt,
    /// A format that this build does not read.
    UnsupportedVersion {
        /// The version found.
        found: u32,
    },
}

/// What is handed over to the next database that this thread opens.
#[derive(Clone)]
pub(super) enum Intent {
    /// Make a store of this id in a file that is empty.
    Create {
        /// The new store's id.
        store: [u8; 16],
        /// The key that is to wrap its page key.
        store_key: SealingKey,
    },
    /// Open a store.
    Open {
        /// The key that wraps its page key.
        store_key: SealingKey,
    },
}

#[derive(Default)]
struct Handover {
    intent: Option<Intent>,
    refusal: Option<Refusal>,
}

thread_local! {
    static HANDOVER: RefCell<Handover> = RefCell::default();
}

/// Runs `open`, during which the VFS can take `intent`. Also gives why the VFS refused.
pub(super) fn during<T>(intent: Intent, open: impl FnOnce() -> T) -> (T, Option<Refusal>) {
    HANDOVER.set(Handover {
        intent: Some(intent),
        refusal: None,
    });
    let result = open();
    (result, HANDOVER.take().refusal)
}

/// Takes what was handed over, once.
pub(super) fn take() -> Option<Intent> {
    HANDOVER.with_borrow_mut(|handover| handover.intent.take())
}

/// Tells the caller of [`during`] why its store was refused.
pub(super) fn refuse(refusal: Refusal) {
    HANDOVER.with_borrow_mut(|handover| handover.refusal = Some(refusal));
}
