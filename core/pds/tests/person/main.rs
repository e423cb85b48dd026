//! The person's side: their store and what is in it, requests that are no good, relays that fail.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)] // tests

mod archive;
mod files;
mod framework;
mod network;
mod people;
mod records;
mod requests;
mod rules;
mod store;
mod trust;
#[allow(dead_code)]
#[path = "../organisation/world.rs"]
mod world;
