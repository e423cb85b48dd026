//! The zero-knowledge relay: vaults, mailboxes and handshake slots over HTTP.
//!
//! [`Relay::open`] opens the storage, [`app`] gives the router, [`serve`] runs it on a socket until told to stop. The
//! relay keeps ciphertext that it can't read, public keys of devices, and hashes of tokens; it writes no identifier into
//! its logs. `docs/formats/relay-api.md` describes the API, `docs/guide-relay.md` how to run one.

mod api;
mod auth;
mod bell;
mod clock;
mod config;
mod error;
mod failure;
mod openapi;
mod push;
mod rate;
mod request;
mod routes;
mod serve;
mod state;
mod store;

pub use clock::{Clock, SystemClock};
pub use config::{Config, Push, RateLimit};
pub use error::{Error, Result};
pub use openapi::description;
pub use routes::app;
pub use serve::serve;
pub use state::Relay;
