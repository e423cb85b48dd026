//! How long parts of this crate's work take, for benches. Behind the feature `bench`.

mod line;

use std::time::Duration;

use crate::{Person, Result, person};

pub use line::Line;

/// How long it takes to verify a request that was opened (signatures, certificate path, registration, list), and then to
/// weigh it: what is held, the history, the evaluation, the person's rules.
///
/// Errors: as [`crate::Requests::get`].
pub async fn request(person: &Person, id: &str) -> Result<[Duration; 2]> {
    let id = id.to_owned();
    person.home.blocking(move |home| person::timed(home, &id)).await
}
