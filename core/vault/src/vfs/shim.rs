//! Our VFS as SQLite sees it: the tables of C functions. What they do is in [`super::pages`] and [`super::log`]; what
//! is not about the bytes of a file goes on to the VFS below.
#![allow(unsafe_code)] // SQLite's VFS is a C interface.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::Arc;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::below::{BelowFile, BelowVfs};
use super::code::{Code, IoResult};
use super::handover;
use super::journal::JournalFile;
use super::log::LogFile;
use super::pages::{KeyChange, OpenStore, PageFile};

/// Control of our own: writes the store's id to a `[u8; 16]`.
pub(super) const CONTROL_STORE_ID: c_int = 0x4B53_5401;
/// Control of our own: changes the store key by a `KeyChange`.
pub(super) const CONTROL_CHANGE_KEY: c_int = 0x4B53_5402;

/// A file as SQLite holds it.
#[repr(C)]
struct ShimFile {
    base: sqlite3_file,
    /// Comes from a box; null only when the file did not open.
    file: *mut SealedFile,
}

/// What a file of this VFS can be.
#[allow(clippy::large_enum_variant)] // Each is in a box of its own.
enum SealedFile {
    Pages(PageFile),
    Log(LogFile),
    Journal(JournalFile),
}

impl SealedFile {
    fn below(&mut self) -> &mut BelowFile {
        match self {
            SealedFile::Pages(file) => file.below(),
            SealedFile::Log(file) => file.below(),
            SealedFile::Journal(file) => file.below(),
        }
    }
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2, // Not 3: pages in mapped memory would be ciphertext.
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Registers our VFS under `name` over the one named `below`, or over the platform's. It stays until the process ends.
pub(super) fn register(name: &'static CStr, below: Option<&CStr>) -> IoResult<()> {
    let below = BelowVfs::find(below)?;
    let vfs = Box::leak(Box::new(sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<ShimFile>() as c_int,
        mxPathname: below.table().mxPathname,
        pNext: ptr::null_mut(),
        zName: name.as_ptr(),
        pAppData: below.as_ptr().cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: Some(dl_open),
        xDlError: Some(dl_error),
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(get_last_error),
        xCurrentTimeInt64: Some(current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }));
    // SAFETY: the table lives as long as the process, and so does its name.
    Code::check(unsafe { ffi::sqlite3_vfs_register(vfs, 0) })
}

/// The VFS below `vfs`.
///
/// # Safety
/// `vfs` is one that [`register`] made.
unsafe fn below(vfs: *mut sqlite3_vfs) -> *mut sqlite3_vfs {
    // SAFETY: as the caller promises.
    unsafe { (*vfs).pAppData.cast() }
}

/// The file that SQLite means.
///
/// # Safety
/// `file` was opened by [`open`], and no other reference to it is alive: SQLite uses a connection's files one call at a
/// time.
unsafe fn sealed<'a>(file: *mut sqlite3_file) -> &'a mut SealedFile {
    // SAFETY: as the caller promises; an open file's pointer comes from a box.
    unsafe { &mut *(*file.cast::<ShimFile>()).file }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a writable file of our size; without methods it counts as not open.
    unsafe { (*file).pMethods = ptr::null() };
    // SAFETY: SQLite's own name and our own VFS.
    match unsafe { open_sealed(vfs, name, flags) } {
        Ok((sealed, opened)) => {
            let shim = ShimFile {
                base: sqlite3_file { pMethods: &METHODS },
                file: Box::into_raw(Box::new(sealed)),
            };
            // SAFETY: as above; `out_flags` is null or writable.
            unsafe {
                file.cast::<ShimFile>().write(shim);
                if let Some(out) = out_flags.as_mut() {
                    *out = opened;
                }
            }
            ffi::SQLITE_OK
        }
        Err(Code(code)) => code,
    }
}

/// Opens a database for which this thread was handed a key, or the log or rollback journal of one that is open.
/// Temporary files are kept in memory by every connection that [`super::open`] gives, and refused here; super-journals
/// too, which nothing needs: without a key no second database is attached.
///
/// # Safety
/// `vfs` and `name` are SQLite's arguments of `xOpen`.
unsafe fn open_sealed(vfs: *mut sqlite3_vfs, name: *const c_char, flags: c_int) -> IoResult<(SealedFile, c_int)> {
    if name.is_null() {
        return Err(Code::CANT_OPEN);
    }
    // SAFETY: `register` put it there.
    let below = unsafe { BelowVfs::from_ptr(below(vfs)) }.ok_or(Code::CANT_OPEN)?;
    if flags & ffi::SQLITE_OPEN_MAIN_DB != 0 {
        let intent = handover::take().ok_or(Code::CANT_OPEN)?;
        // SAFETY: SQLite's name.
        let (file, opened) = unsafe { below.open(name, flags) }?;
        let pages = PageFile::new(file, intent)?.map_err(|refusal| {
            handover::refuse(refusal);
            Code::CANT_OPEN
        })?;
        return Ok((SealedFile::Pages(pages), opened));
    }
    if flags & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL) != 0 {
        // SAFETY: SQLite's name of a log or a journal.
        let store = unsafe { store_of(name) }.ok_or(Code::CANT_OPEN)?;
        // SAFETY: SQLite's name.
        let (file, opened) = unsafe { below.open(name, flags) }?;
        let sealed = if flags & ffi::SQLITE_OPEN_WAL != 0 {
            SealedFile::Log(LogFile::new(file, store))
        } else {
            SealedFile::Journal(JournalFile::new(file, store)?)
        };
        return Ok((sealed, opened));
    }
    Err(Code::CANT_OPEN)
}

/// The store whose log or journal this is.
///
/// # Safety
/// `name` is what SQLite gives to `xOpen` for a log or a journal.
unsafe fn store_of(name: *const c_char) -> Option<Arc<OpenStore>> {
    // SAFETY: SQLite documents this call for the names of logs and journals. The database is open, and not in use by another call.
    unsafe {
        let database = ffi::sqlite3_database_file_object(name);
        if database.is_null() || !ptr::eq((*database).pMethods, &METHODS) {
            return None;
        }
        match sealed(database) {
            SealedFile::Pages(pages) => Some(Arc::clone(pages.store())),
            SealedFile::Log(_) | SealedFile::Journal(_) => None,
        }
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let shim = file.cast::<ShimFile>();
    // SAFETY: the file is open and its pointer comes from a box; it is not used after.
    unsafe {
        drop(Box::from_raw((*shim).file));
        (*shim).file = ptr::null_mut();
        (*shim).base.pMethods = ptr::null();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, buffer: *mut c_void, length: c_int, offset: i64) -> c_int {
    let (Ok(length), Ok(offset)) = (usize::try_from(length), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: SQLite's buffer is writable for its length; what was there before is bytes of SQLite's own.
    let buffer = unsafe { slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    // SAFETY: an open file.
    Code::of(match unsafe { sealed(file) } {
        SealedFile::Pages(pages) => pages.read(buffer, offset),
        SealedFile::Log(log) => log.read(buffer, offset),
        SealedFile::Journal(journal) => journal.read(buffer, offset),
    })
}

unsafe extern "C" fn write(file: *mut sqlite3_file, bytes: *const c_void, length: c_int, offset: i64) -> c_int {
    let (Ok(length), Ok(offset)) = (usize::try_from(length), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite's bytes are readable for their length.
    let bytes = unsafe { slice::from_raw_parts(bytes.cast::<u8>(), length) };
    // SAFETY: an open file.
    Code::of(match unsafe { sealed(file) } {
        SealedFile::Pages(pages) => pages.write(bytes, offset),
        SealedFile::Log(log) => log.write(bytes, offset),
        SealedFile::Journal(journal) => journal.write(bytes, offset),
    })
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    let Ok(size) = u64::try_from(size) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    // SAFETY: an open file.
    Code::of(match unsafe { sealed(file) } {
        SealedFile::Pages(pages) => pages.truncate(size),
        SealedFile::Log(log) => log.truncate(size),
        SealedFile::Journal(journal) => journal.truncate(size),
    })
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: an open file.
    Code::of(unsafe { sealed(file) }.below().sync(flags))
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: an open file.
    let result = match unsafe { sealed(file) } {
        SealedFile::Pages(pages) => pages.size(),
        SealedFile::Log(log) => log.size(),
        SealedFile::Journal(journal) => Ok(journal.size()),
    };
    Code::of(result.and_then(|bytes| {
        let bytes = i64::try_from(bytes).map_err(|_| Code::READ)?;
        // SAFETY: SQLite's pointer is writable.
        unsafe { *size = bytes };
        Ok(())
    }))
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: an open file.
    let sealed = unsafe { sealed(file) };
    match (operation, &mut *sealed) {
        // Growing in chunks would leave bytes that are not sealed; mapping would show ciphertext.
        (ffi::SQLITE_FCNTL_SIZE_HINT | ffi::SQLITE_FCNTL_CHUNK_SIZE, _) => ffi::SQLITE_OK,
        (ffi::SQLITE_FCNTL_MMAP_SIZE, _) => {
            // SAFETY: SQLite documents an `i64` here.
            unsafe { *argument.cast::<i64>() = 0 };
            ffi::SQLITE_OK
        }
        (ffi::SQLITE_FCNTL_CKPT_START | ffi::SQLITE_FCNTL_CKPT_DONE, SealedFile::Pages(pages)) => {
            pages.store().set_checkpoint(operation == ffi::SQLITE_FCNTL_CKPT_START);
            ffi::SQLITE_OK
        }
        (CONTROL_STORE_ID, SealedFile::Pages(pages)) => {
            // SAFETY: `super::store_id` gives a `[u8; 16]`.
            unsafe { *argument.cast::<[u8; 16]>() = pages.store().id };
            ffi::SQLITE_OK
        }
        (CONTROL_CHANGE_KEY, SealedFile::Pages(pages)) => {
            // SAFETY: `super::change_key` gives a `KeyChange`.
            Code::of(pages.change_key(unsafe { &*argument.cast::<KeyChange>() }))
        }
        // SAFETY: SQLite's own operation and argument.
        _ => unsafe { sealed.below().control(operation, argument) },
    }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: an open file.
    let below = unsafe { sealed(file) }.below();
    let capabilities = match below.methods().and_then(|methods| methods.xDeviceCharacteristics) {
        // SAFETY: the file below is open.
        Some(ask) => unsafe { ask(below.as_ptr()) },
        None => 0,
    };
    // Without power-safe overwriting SQLite would write frames in parts. Atomic writes and reads below a page are what
    // sealing takes away.
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | (capabilities & ffi::SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN)
}

/// Functions of a file that go on to the file below as they are.
macro_rules! forward_to_file {
    ($($name:ident($method:ident $(, $argument:ident: $kind:ty)*), or $otherwise:expr;)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $argument: $kind)*) -> c_int {
            // SAFETY: an open file.
            let below = unsafe { sealed(file) }.below();
            match below.methods().and_then(|methods| methods.$method) {
                // SAFETY: SQLite's own arguments, for the file that they are about.
                Some(function) => unsafe { function(below.as_ptr() $(, $argument)*) },
                None => $otherwise,
            }
        }
    )*};
}

forward_to_file! {
    lock(xLock, level: c_int), or ffi::SQLITE_IOERR_LOCK;
    unlock(xUnlock, level: c_int), or ffi::SQLITE_IOERR_UNLOCK;
    check_reserved_lock(xCheckReservedLock, out: *mut c_int), or ffi::SQLITE_IOERR_CHECKRESERVEDLOCK;
    sector_size(xSectorSize), or 0;
    shm_map(xShmMap, region: c_int, size: c_int, extend: c_int, out: *mut *mut c_void), or ffi::SQLITE_IOERR_SHMMAP;
    shm_lock(xShmLock, offset: c_int, count: c_int, flags: c_int), or ffi::SQLITE_IOERR_SHMLOCK;
    shm_unmap(xShmUnmap, delete: c_int), or ffi::SQLITE_OK;
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: an open file.
    let below = unsafe { sealed(file) }.below();
    if let Some(barrier) = below.methods().and_then(|methods| methods.xShmBarrier) {
        // SAFETY: the file below is open.
        unsafe { barrier(below.as_ptr()) };
    }
}

/// Functions of the VFS that go on to the VFS below as they are.
macro_rules! forward_to_vfs {
    ($($name:ident($method:ident $(, $argument:ident: $kind:ty)*), or $otherwise:expr;)*) => {$(
        unsafe extern "C" fn $name(vfs: *mut sqlite3_vfs $(, $argument: $kind)*) -> c_int {
            // SAFETY: our own VFS and SQLite's arguments.
            unsafe {
                let below = below(vfs);
                match (*below).$method {
                    Some(function) => function(below $(, $argument)*),
                    None => $otherwise,
                }
            }
        }
    )*};
}

forward_to_vfs! {
    access(xAccess, name: *const c_char, flags: c_int, out: *mut c_int), or ffi::SQLITE_IOERR_ACCESS;
    delete(xDelete, name: *const c_char, sync_directory: c_int), or ffi::SQLITE_IOERR_DELETE;
    full_pathname(xFullPathname, name: *const c_char, size: c_int, out: *mut c_char), or ffi::SQLITE_CANTOPEN;
    randomness(xRandomness, size: c_int, out: *mut c_char), or 0;
    sleep(xSleep, microseconds: c_int), or 0;
    current_time(xCurrentTime, out: *mut f64), or ffi::SQLITE_ERROR;
    get_last_error(xGetLastError, size: c_int, out: *mut c_char), or 0;
    current_time_int64(xCurrentTimeInt64, out: *mut i64), or ffi::SQLITE_ERROR;
}

/// Extensions are code from outside; a store loads none.
unsafe extern "C" fn dl_open(_: *mut sqlite3_vfs, _: *const c_char) -> *mut c_void {
    ptr::null_mut()
}

unsafe extern "C" fn dl_error(_: *mut sqlite3_vfs, size: c_int, out: *mut c_char) {
    if size > 0 {
        // SAFETY: SQLite's buffer has room for `size` bytes.
        unsafe { *out = 0 };
    }
}
