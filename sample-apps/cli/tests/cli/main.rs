//! `kist` as a person meets it: the program itself, without a network.

mod catalogues;
mod curation;
mod evidence;
#[cfg(all(unix, feature = "loopback"))]
mod interruption;
mod offline;
mod rights;
mod rules;
mod tool;
