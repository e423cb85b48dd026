//! SQLite's result codes, as the files of this VFS return them.

use std::ffi::c_int;

use rusqlite::ffi;

/// A result code that is not `SQLITE_OK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code(pub(super) c_int);

/// What a file operation returns.
pub(super) type IoResult<T> = Result<T, Code>;

impl Code {
    /// Bytes that are not what this store sealed, in this place.
    pub(super) const CORRUPT: Code = Code(ffi::SQLITE_CORRUPT);
    /// A file of a kind that this VFS does not keep, or one without a key.
    pub(super) const CANT_OPEN: Code = Code(ffi::SQLITE_CANTOPEN);
    /// An operation that this VFS does not have.
    pub(super) const NOT_FOUND: Code = Code(ffi::SQLITE_NOTFOUND);
    /// A page beyond the largest store.
    pub(super) const FULL: Code = Code(ffi::SQLITE_FULL);
    /// A store key that has no wrap in the header.
    pub(super) const AUTH: Code = Code(ffi::SQLITE_AUTH);
    /// A read that is neither a page nor a part of the log.
    pub(super) const READ: Code = Code(ffi::SQLITE_IOERR_READ);
    /// A write that is neither a page nor a part of the log, or a page that cannot be sealed.
    pub(super) const WRITE: Code = Code(ffi::SQLITE_IOERR_WRITE);
    /// A read past the end; the buffer is filled up with zeros.
    pub(super) const SHORT_READ: Code = Code(ffi::SQLITE_IOERR_SHORT_READ);

    /// Turns a code that C returned into a result.
    pub(super) fn check(code: c_int) -> IoResult<()> {
        if code == ffi::SQLITE_OK {
            Ok(())
        } else {
            Err(Code(code))
        }
    }

    /// Turns a result into the code that C expects.
    pub(super) fn of(result: IoResult<()>) -> c_int {
        match result {
            Ok(()) => ffi::SQLITE_OK,
            Err(Code(code)) => code,
        }
    }
}
