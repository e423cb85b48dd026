//! The organisation's side, against a relay and a person: what a handshake leads to, however it is interrupted.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)] // tests

mod believing;
mod clusters;
mod contacts;
mod deliveries;
mod directories;
mod evidence;
mod files;
mod handshake;
mod membership;
mod narrowing;
mod pausing;
mod push;
mod recalled;
mod request_reports;
mod rights;
mod sessions;
mod silence;
mod site;
mod standing;
mod suppliers;
mod withdrawals;
mod world;
