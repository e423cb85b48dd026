//! What an operator sets.

use std::path::PathBuf;
use std::time::Duration;

use kist_wire::{Limits, Origin};

/// The configuration of a relay.
#[derive(Clone)]
pub struct Config {
    /// The folder that holds everything; created where there is none.
    pub data: PathBuf,
    /// The origin under which clients reach the relay: logins sign it.
    pub origin: Origin,
    /// Who runs the relay, as `/v1/about` says it.
    pub operator: String,
    /// Where the data rests, ISO 3166-1 alpha-2.
    pub country: String,
    /// What the relay accepts.
    pub limits: Limits,
    /// How fast one address may ask; `None` is without bound, for benchmarks.
    pub rate: Option<RateLimit>,
    /// Asked of whoever creates a vault, when set.
    pub invite: Option<String>,
    /// Which push services are told that something has come; `None` for none.
    pub push: Option<Push>,
    /// Whether the client's address is the last of `X-Forwarded-For`, which the operator's proxy sets.
    pub forwarded: bool,
}

impl Config {
    /// A configuration with the usual limits.
    pub fn new(data: impl Into<PathBuf>, origin: Origin) -> Self {
        Self {
            data: data.into(),
            origin,
            operator: String::new(),
            country: String::new(),
            limits: Limits::default(),
            rate: Some(RateLimit::default()),
            invite: None,
            push: None,
            forwarded: false,
        }
    }
}

/// A token bucket for each client address. A request takes one token; creating a vault, mailbox or slot, and guessing
/// wrong, take ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Tokens that come back in a second, at least 1.
    pub per_second: u32,
    /// Tokens that a bucket holds.
    pub burst: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            per_second: 50,
            burst: 1000,
        }
    }
}

/// How push services are told. Whom the relay calls is for its operator to say: subscriptions come from anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Their hosts, such as `ntfy.example`; `*` is any host with a name.
    pub hosts: Vec<String>,
    /// A mailbox's service is told once in this time, at most.
    pub interval: Duration,
    /// Also services on this machine, over plain HTTP: for demonstrations and tests.
    pub allow_loopback: bool,
}
