//! The public Rust API: a person's and an organisation's side, and a framework operator's, over every room of the core.
//!
//! [`Person`], [`Organisation`] and [`Framework`] each open a folder and hand out few sub-clients. This crate drives the
//! protocols: it is where the disk, the network and the clock are reached. Dropping a future cancels what it does, with
//! nothing half-written. Nothing here says a sentence to a person: an [`Error`] is a code with parameters.

mod disk;
mod error;
mod framework;
mod home;
mod http;
mod platform;
mod relay;
mod trust;

pub use error::{CODES, Category, Error, Parameter, Result, Retry};
pub use framework::{Admission, Framework, FrameworkProfile, MemberInfo};
pub use platform::{Clock, Platform, SystemClock};
pub use trust::{AnchorBundle, AnchorInfo, Trust};

/// Runs what blocks away from the threads that wait for the network, before there is a store to do it on.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Error::new("Internal")))
}
