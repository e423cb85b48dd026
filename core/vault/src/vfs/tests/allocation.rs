//! a35: each of SQLite's allocations fails in turn. The caller gets a clean error, and the same work succeeds on the same
//! connection afterwards. Rust's own allocations are not among them: where one fails, the process ends.
#![allow(unsafe_code)] // SQLite's allocator is a C interface.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

use rusqlite::{ErrorCode, ffi};

use super::faults::Trial;
use super::process;
use super::workload::Journal;

type Allocate = unsafe extern "C" fn(c_int) -> *mut c_void;
type Reallocate = unsafe extern "C" fn(*mut c_void, c_int) -> *mut c_void;

/// SQLite's own.
static ALLOCATOR: OnceLock<(Allocate, Reallocate)> = OnceLock::new();

thread_local! {
    /// How many allocations still succeed; `None` for all.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Whether the allocation that is being made fails. The next ones succeed.
fn fails() -> bool {
    let left = LEFT.get();
    LEFT.set(left.and_then(|left| left.checked_sub(1)));
    left == Some(0)
}

unsafe extern "C" fn allocate(size: c_int) -> *mut c_void {
    match ALLOCATOR.get() {
        // SAFETY: SQLite's own argument.
        Some((allocate, _)) if !fails() => unsafe { allocate(size) },
        _ => ptr::null_mut(),
    }
}

unsafe extern "C" fn reallocate(old: *mut c_void, size: c_int) -> *mut c_void {
    match ALLOCATOR.get() {
        // SAFETY: SQLite's own arguments.
        Some((_, reallocate)) if !fails() => unsafe { reallocate(old, size) },
        _ => ptr::null_mut(),
    }
}

/// Puts our allocator before SQLite's.
fn install() {
    let mut methods = MaybeUninit::<ffi::sqlite3_mem_methods>::zeroed();
    // SAFETY: SQLite is not initialised yet in this process, and each operation gets what SQLite documents for it. The
    // methods are plain pointers, for which zeros are valid.
    unsafe {
        let code = ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, methods.as_mut_ptr());
        assert_eq!(code, ffi::SQLITE_OK);
        let mut methods = methods.assume_init();
        let own = (methods.xMalloc.unwrap(), methods.xRealloc.unwrap());
        assert!(ALLOCATOR.set(own).is_ok());
        methods.xMalloc = Some(allocate);
        methods.xRealloc = Some(reallocate);
        let code = ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, ptr::from_mut(&mut methods));
        assert_eq!(code, ffi::SQLITE_OK);
        // Small allocations come to us too.
        let none: c_int = 0;
        let code = ffi::sqlite3_config(ffi::SQLITE_CONFIG_LOOKASIDE, none, none);
        assert_eq!(code, ffi::SQLITE_OK);
    }
}

#[test]
fn a35_a_failed_allocation_is_an_error_and_the_retry_works() {
    process::of_its_own(
        "vfs::tests::allocation::a35_a_failed_allocation_is_an_error_and_the_retry_works",
        || {
            install();
            let step = if std::env::var_os("KIST_LONG").is_some() { 1 } else { 11 };
            for journal in [Journal::Wal, Journal::Delete] {
                fail_at_every_allocation(journal, step);
            }
        },
    );
}

/// Lets each allocation in turn fail, or one in `step`.
fn fail_at_every_allocation(journal: Journal, step: usize) {
    let trial = Trial::new(journal, 1);
    let mut failed = 0;
    for after in (0..).step_by(step) {
        let mut reached = true;
        trial.survive(
            &format!("{journal:?}, allocation {after}"),
            &[ErrorCode::OutOfMemory],
            || LEFT.set(Some(after)),
            || reached = LEFT.replace(None).is_none(),
        );
        if !reached {
            break;
        }
        failed += 1;
    }
    println!("{journal:?} journal: {failed} allocations failed, one in {step}");
    assert!(failed * step > 1000);
}
