//! A disk in memory, as a VFS for ours to lie over: it can be looked at, written down, cut off and made to fail. One
//! connection at a time, so locks always succeed.
#![allow(unsafe_code)] // SQLite's VFS is a C interface.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::path::Path;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::super::folder::Folder;
use super::super::{Vfs, shim};

const REGION: usize = 32 << 10;

/// The files of a disk, by path.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What happened on a disk, in order.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Create {
        file: String,
    },
    Delete {
        file: String,
    },
    Rename {
        from: String,
        to: String,
    },
    /// Names that were made, changed and removed are durable.
    SyncFolder,
    Write {
        file: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        size: usize,
    },
    Sync {
        file: String,
    },
    /// A note of the test's own, such as a commit that was acknowledged.
    Mark {
        number: usize,
    },
}

/// How a disk fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    /// How many calls still succeed.
    pub(super) after: usize,
    /// Whether only writing calls count and fail.
    pub(super) writes_only: bool,
    /// Whether every call after the first failing one fails too, until the fault is cleared.
    pub(super) lasting: bool,
    /// What a failing call returns.
    pub(super) code: c_int,
}

#[derive(Default)]
struct State {
    files: Files,
    events: Option<Vec<Event>>,
    fault: Option<Fault>,
    failed: bool,
    shared_memory: BTreeMap<String, Vec<Box<[u8; REGION]>>>,
}

/// A disk, and our VFS over it. It lives as long as the process.
#[derive(Clone, Copy)]
pub(super) struct Disk {
    state: &'static Mutex<State>,
    pub(super) vfs: Vfs,
    /// The name of the VFS below ours.
    pub(super) below: &'static CStr,
}

impl Disk {
    /// An empty disk.
    pub(super) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let leak = |name: String| -> &'static CStr { Box::leak(CString::new(name).unwrap().into_boxed_c_str()) };
        let (below, name) = (leak(format!("disk-{number}")), leak(format!("kist-on-disk-{number}")));
        let state: &'static Mutex<State> = Box::leak(Box::default());
        register(below, state);
        shim::register(name, Some(below)).unwrap();
        let folder = Box::leak(Box::new(DiskFolder { state }));
        Disk {
            state,
            vfs: Vfs { name, folder },
            below,
        }
    }

    fn state(&self) -> MutexGuard<'static, State> {
        self.state.lock().unwrap()
    }

    /// The files as they are now.
    pub(super) fn files(&self) -> Files {
        self.state().files.clone()
    }

    /// Puts these files on the disk, and nothing else. No connection may be open.
    pub(super) fn load(&self, files: Files) {
        *self.state() = State {
            files,
            ..State::default()
        };
    }

    /// Begins to write down what happens.
    pub(super) fn record(&self) {
        self.state().events = Some(Vec::new());
    }

    /// Ends that, and gives what happened.
    pub(super) fn recorded(&self) -> Vec<Event> {
        self.state().events.take().unwrap_or_default()
    }

    /// Puts a note between the events.
    pub(super) fn mark(&self, number: usize) {
        self.state().note(Event::Mark { number });
    }

    /// Sets how the disk is to fail, or that it works again.
    pub(super) fn set_fault(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.fault = fault;
        state.failed = false;
    }

    /// Whether a call has failed since the fault was set.
    pub(super) fn has_failed(&self) -> bool {
        self.state().failed
    }
}

struct DiskFolder {
    state: &'static Mutex<State>,
}

impl Folder for DiskFolder {
    fn exists(&self, path: &Path) -> bool {
        self.state.lock().unwrap().files.contains_key(path.to_str().unwrap())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.fails(true).is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = path.to_str().unwrap().to_owned();
        if state.files.remove(&file).is_some() {
            state.note(Event::Delete { file });
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.fails(true).is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let [from, to] = [from, to].map(|path| path.to_str().unwrap().to_owned());
        let content = state.files.remove(&from).ok_or(io::ErrorKind::NotFound)?;
        state.files.insert(to.clone(), content);
        state.note(Event::Rename { from, to });
        if state.fails(true).is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.note(Event::SyncFolder);
        Ok(())
    }
}

impl State {
    fn note(&mut self, event: Event) {
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }

    /// Whether the call that is being made fails, and with what.
    fn fails(&mut self, writes: bool) -> Option<c_int> {
        let fault = self.fault.as_mut()?;
        if fault.writes_only && !writes {
            return None;
        }
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        let code = fault.code;
        if !fault.lasting {
            self.fault = None;
        }
        self.failed = true;
        Some(code)
    }

    fn write(&mut self, file: &str, bytes: &[u8], offset: usize) {
        let content = self.files.entry(file.to_owned()).or_default();
        let end = offset + bytes.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[offset..end].copy_from_slice(bytes);
        self.note(Event::Write {
            file: file.to_owned(),
            offset,
            bytes: bytes.to_vec(),
        });
    }
}

#[repr(C)]
struct DiskFile {
    base: sqlite3_file,
    state: &'static Mutex<State>,
    name: *mut String,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
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

fn register(name: &'static CStr, state: &'static Mutex<State>) {
    // SAFETY: the platform's VFS is a plain table that may be copied.
    let system = unsafe { *ffi::sqlite3_vfs_find(ptr::null()) };
    let vfs = Box::leak(Box::new(sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<DiskFile>() as c_int,
        pNext: ptr::null_mut(),
        zName: name.as_ptr(),
        pAppData: ptr::from_ref(state).cast_mut().cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        ..system
    }));
    // SAFETY: table and name live as long as the process.
    assert_eq!(unsafe { ffi::sqlite3_vfs_register(vfs, 0) }, ffi::SQLITE_OK);
}

/// The disk behind a VFS, and a name.
///
/// # Safety
/// Both are what SQLite gave to a function of this VFS.
unsafe fn disk(vfs: *mut sqlite3_vfs, name: *const c_char) -> (&'static Mutex<State>, String) {
    // SAFETY: `register` put the state there; the name is a C string.
    unsafe {
        let state = &*(*vfs).pAppData.cast::<Mutex<State>>();
        (state, CStr::from_ptr(name).to_str().unwrap().to_owned())
    }
}

/// The state and name behind a file.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn opened<'a>(file: *mut sqlite3_file) -> (MutexGuard<'static, State>, &'a str) {
    // SAFETY: as the caller promises.
    unsafe {
        let file = &*file.cast::<DiskFile>();
        (file.state.lock().unwrap(), &*file.name)
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's arguments.
    let (disk, name) = unsafe { disk(vfs, name) };
    let mut state = disk.lock().unwrap();
    if let Some(code) = state.fails(false) {
        return code;
    }
    if !state.files.contains_key(&name) {
        if flags & ffi::SQLITE_OPEN_CREATE == 0 {
            return ffi::SQLITE_CANTOPEN;
        }
        state.files.insert(name.clone(), Vec::new());
        state.note(Event::Create { file: name.clone() });
    }
    // SAFETY: the caller gives room of our size, and `out` is null or writable.
    unsafe {
        file.cast::<DiskFile>().write(DiskFile {
            base: sqlite3_file { pMethods: &METHODS },
            state: disk,
            name: Box::into_raw(Box::new(name)),
        });
        if let Some(out) = out.as_mut() {
            *out = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the name came from a box, and the file is not used after.
    drop(unsafe { Box::from_raw((*file.cast::<DiskFile>()).name) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, buffer: *mut c_void, length: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite's buffer is writable for its length.
    let buffer = unsafe { slice::from_raw_parts_mut(buffer.cast::<u8>(), length as usize) };
    // SAFETY: an open file.
    let (mut state, name) = unsafe { opened(file) };
    if let Some(code) = state.fails(false) {
        return code;
    }
    let content = state.files.get(name).map_or(&[][..], |bytes| bytes);
    let there = content.get(offset as usize..).unwrap_or_default();
    let count = there.len().min(buffer.len());
    buffer[..count].copy_from_slice(&there[..count]);
    buffer[count..].fill(0);
    if count == buffer.len() {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_IOERR_SHORT_READ
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, bytes: *const c_void, length: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite's bytes are readable for their length.
    let bytes = unsafe { slice::from_raw_parts(bytes.cast::<u8>(), length as usize) };
    // SAFETY: an open file.
    let (mut state, name) = unsafe { opened(file) };
    if let Some(code) = state.fails(true) {
        // A disk that fills up, or fails, can take a part.
        state.write(name, &bytes[..bytes.len() / 2], offset as usize);
        return code;
    }
    state.write(name, bytes, offset as usize);
    ffi::SQLITE_OK
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: an open file.
    let (mut state, name) = unsafe { opened(file) };
    if let Some(code) = state.fails(true) {
        return code;
    }
    let size = size as usize;
    state.files.entry(name.to_owned()).or_default().resize(size, 0);
    state.note(Event::Truncate {
        file: name.to_owned(),
        size,
    });
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file.
    let (mut state, name) = unsafe { opened(file) };
    if let Some(code) = state.fails(true) {
        return code;
    }
    state.note(Event::Sync { file: name.to_owned() });
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: an open file, and a pointer that is writable.
    unsafe {
        let (mut state, name) = opened(file);
        if let Some(code) = state.fails(false) {
            return code;
        }
        *size = state.files.get(name).map_or(0, Vec::len) as i64;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(_: *mut sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite's pointer is writable.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    512
}

unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    assert_eq!(size as usize, REGION);
    // SAFETY: an open file, and a pointer that is writable. The regions are boxed, so they stay where they are.
    unsafe {
        let (mut state, name) = opened(file);
        if let Some(code) = state.fails(false) {
            return code;
        }
        let regions = state.shared_memory.entry(name.to_owned()).or_default();
        while extend != 0 && regions.len() <= region as usize {
            regions.push(Box::new([0; REGION]));
        }
        *out = match regions.get_mut(region as usize) {
            Some(region) => region.as_mut_ptr().cast(),
            None => ptr::null_mut(),
        };
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(_: *mut sqlite3_file, _: c_int, _: c_int, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_barrier(_: *mut sqlite3_file) {}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, _: c_int) -> c_int {
    // The only connection goes: the next one finds no shared memory, whether its file was deleted or not.
    // SAFETY: an open file.
    let (mut state, name) = unsafe { opened(file) };
    state.shared_memory.remove(name);
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite's arguments.
    let (disk, name) = unsafe { disk(vfs, name) };
    let mut state = disk.lock().unwrap();
    if let Some(code) = state.fails(true) {
        return code;
    }
    match state.files.remove(&name) {
        Some(_) => {
            state.note(Event::Delete { file: name });
            if sync_folder != 0 {
                state.note(Event::SyncFolder);
            }
            ffi::SQLITE_OK
        }
        None => ffi::SQLITE_IOERR_DELETE_NOENT,
    }
}

unsafe extern "C" fn access(vfs: *mut sqlite3_vfs, name: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite's arguments; `out` is writable.
    unsafe {
        let (disk, name) = disk(vfs, name);
        let mut state = disk.lock().unwrap();
        if let Some(code) = state.fails(false) {
            return code;
        }
        *out = c_int::from(state.files.contains_key(&name));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_: *mut sqlite3_vfs, name: *const c_char, size: c_int, out: *mut c_char) -> c_int {
    // SAFETY: the name is a C string, and `out` has room for `size` bytes.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes_with_nul();
        if name.len() > size as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len());
    }
    ffi::SQLITE_OK
}
