//! The VFS below ours, which knows the platform's files and locks, and the files that it opens.
#![allow(unsafe_code)] // It calls through the function pointers of C.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::code::{Code, IoResult};

/// The VFS below.
#[derive(Clone, Copy)]
pub(super) struct BelowVfs(NonNull<sqlite3_vfs>);

/// How far a read got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// The whole buffer is from the file.
    Whole,
    /// The file ended before; the rest is zeros.
    Short,
}

impl BelowVfs {
    /// The VFS of this name, or the platform's default.
    pub(super) fn find(name: Option<&CStr>) -> IoResult<Self> {
        // SAFETY: the name is null or a C string; SQLite initialises itself here when it has not yet.
        let vfs = unsafe { ffi::sqlite3_vfs_find(name.map_or(ptr::null(), CStr::as_ptr)) };
        NonNull::new(vfs).map(BelowVfs).ok_or(Code::NOT_FOUND)
    }

    /// The VFS behind a pointer.
    ///
    /// # Safety
    /// `vfs` is null or comes from [`BelowVfs::as_ptr`].
    pub(super) unsafe fn from_ptr(vfs: *mut sqlite3_vfs) -> Option<Self> {
        NonNull::new(vfs).map(BelowVfs)
    }

    /// The pointer that its functions take.
    pub(super) fn as_ptr(self) -> *mut sqlite3_vfs {
        self.0.as_ptr()
    }

    /// Its table. A VFS is never changed, and never freed while a VFS over it is registered.
    pub(super) fn table(&self) -> &sqlite3_vfs {
        // SAFETY: see above; `find` got the pointer from SQLite's list.
        unsafe { self.0.as_ref() }
    }

    /// Opens a file, and gives the flags that it was opened with.
    ///
    /// # Safety
    /// `name` is the pointer that SQLite gave to `xOpen`: it carries parameters behind the string.
    pub(super) unsafe fn open(self, name: *const c_char, flags: c_int) -> IoResult<(BelowFile, c_int)> {
        let table = self.table();
        let words = usize::try_from(table.szOsFile).unwrap_or(0).div_ceil(8);
        let storage = Box::into_raw(vec![0u64; words].into_boxed_slice());
        let file = BelowFile { storage };
        let mut opened = 0;
        let open = table.xOpen.ok_or(Code::CANT_OPEN)?;
        // SAFETY: the storage has the size the VFS asks for and eight-byte alignment, and stays where it is until the
        // file is closed; the name is as the caller promises.
        Code::check(unsafe { open(self.as_ptr(), name, file.as_ptr(), flags, &mut opened) })?;
        Ok((file, opened))
    }
}

/// A file of the VFS below. It is closed on drop.
pub(super) struct BelowFile {
    /// What the VFS below calls its `sqlite3_file`; C keeps pointers to it, so it never moves.
    storage: *mut [u64],
}

// SAFETY: SQLite itself hands a connection's files from thread to thread, one at a time.
unsafe impl Send for BelowFile {}

impl BelowFile {
    /// The pointer that the functions of the VFS below take.
    pub(super) fn as_ptr(&self) -> *mut sqlite3_file {
        self.storage.cast()
    }

    /// The functions, or `None` for a file that did not open.
    pub(super) fn methods(&self) -> Option<&sqlite3_io_methods> {
        // SAFETY: the storage begins with a `sqlite3_file`, zeroed at first, whose methods are static.
        unsafe { (*self.as_ptr()).pMethods.as_ref() }
    }

    /// Fills `buffer` from `offset`.
    pub(super) fn read(&mut self, buffer: &mut [u8], offset: u64) -> IoResult<Filled> {
        let read = self.methods().and_then(|methods| methods.xRead).ok_or(Code::READ)?;
        let (length, offset) = range(buffer.len(), offset).ok_or(Code::READ)?;
        // SAFETY: the buffer is writable for its length.
        match unsafe { read(self.as_ptr(), buffer.as_mut_ptr().cast(), length, offset) } {
            ffi::SQLITE_OK => Ok(Filled::Whole),
            ffi::SQLITE_IOERR_SHORT_READ => Ok(Filled::Short),
            code => Err(Code(code)),
        }
    }

    /// Writes `bytes` at `offset`.
    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) -> IoResult<()> {
        let write = self.methods().and_then(|methods| methods.xWrite).ok_or(Code::WRITE)?;
        let (length, offset) = range(bytes.len(), offset).ok_or(Code::WRITE)?;
        // SAFETY: the bytes are readable for their length.
        Code::check(unsafe { write(self.as_ptr(), bytes.as_ptr().cast(), length, offset) })
    }

    /// Cuts the file.
    pub(super) fn truncate(&mut self, size: u64) -> IoResult<()> {
        let truncate = self
            .methods()
            .and_then(|methods| methods.xTruncate)
            .ok_or(Code::WRITE)?;
        let (_, size) = range(0, size).ok_or(Code::WRITE)?;
        // SAFETY: the file is open.
        Code::check(unsafe { truncate(self.as_ptr(), size) })
    }

    /// Makes what was written durable; `flags` are SQLite's.
    pub(super) fn sync(&mut self, flags: c_int) -> IoResult<()> {
        let sync = self.methods().and_then(|methods| methods.xSync).ok_or(Code::WRITE)?;
        // SAFETY: the file is open.
        Code::check(unsafe { sync(self.as_ptr(), flags) })
    }

    /// The file's size.
    pub(super) fn size(&mut self) -> IoResult<u64> {
        let file_size = self.methods().and_then(|methods| methods.xFileSize).ok_or(Code::READ)?;
        let mut size = 0;
        // SAFETY: the file is open, and `size` is writable.
        Code::check(unsafe { file_size(self.as_ptr(), &mut size) })?;
        u64::try_from(size).map_err(|_| Code::READ)
    }

    /// Passes a control on.
    ///
    /// # Safety
    /// `argument` is what SQLite documents for `operation`.
    pub(super) unsafe fn control(&mut self, operation: c_int, argument: *mut c_void) -> c_int {
        match self.methods().and_then(|methods| methods.xFileControl) {
            // SAFETY: as the caller promises.
            Some(control) => unsafe { control(self.as_ptr(), operation, argument) },
            None => ffi::SQLITE_NOTFOUND,
        }
    }
}

impl Drop for BelowFile {
    fn drop(&mut self) {
        if let Some(close) = self.methods().and_then(|methods| methods.xClose) {
            // SAFETY: the file is open and is not used after. A failing close leaves nothing to be done.
            unsafe { close(self.as_ptr()) };
        }
        // SAFETY: the storage came from a box, and the file in it is closed.
        drop(unsafe { Box::from_raw(self.storage) });
    }
}

fn range(length: usize, offset: u64) -> Option<(c_int, i64)> {
    Some((c_int::try_from(length).ok()?, i64::try_from(offset).ok()?))
}
