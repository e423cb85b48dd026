//! Where the store is, and what this machine gives it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kist_pds::{Clock, Platform, SystemClock};

use crate::arguments::Global;

/// The folder of the store: as given, else a folder of this role in the platform's data folder.
pub(crate) fn store(global: &Global, role: &str) -> PathBuf {
    global
        .store
        .clone()
        .unwrap_or_else(|| data_folder().join("kist").join(role))
}

/// What a desktop has: no key store, no protected bytes. The passphrase alone protects the store.
pub(crate) fn platform(global: &Global) -> Platform {
    let platform = Platform {
        clock: Arc::new(WallClock),
        ..Platform::desktop(global.device_name.clone().unwrap_or_else(machine_name))
    };
    #[cfg(feature = "loopback")]
    if global.allow_loopback {
        return platform.allow_loopback();
    }
    platform
}

/// The system's clock, with the place where the user is.
struct WallClock;

impl Clock for WallClock {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms()
    }

    fn offset_minutes(&self) -> i32 {
        jiff::tz::TimeZone::system().to_offset(jiff::Timestamp::now()).seconds() / 60
    }
}

/// Where programs keep their data for this user.
fn data_folder() -> PathBuf {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let home = || variable("HOME").unwrap_or_default();
    if cfg!(windows) {
        variable("APPDATA").unwrap_or_default()
    } else if cfg!(target_os = "macos") {
        home().join("Library/Application Support")
    } else {
        variable("XDG_DATA_HOME").unwrap_or_else(|| home().join(".local/share"))
    }
}

/// The machine's name, where it is easily had.
fn machine_name() -> String {
    let told = ["HOSTNAME", "COMPUTERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let read = || std::fs::read_to_string(Path::new("/etc/hostname")).ok();
    let name = told.or_else(read).unwrap_or_default();
    match name.trim() {
        "" => "desktop".to_owned(),
        name => name.to_owned(),
    }
}
