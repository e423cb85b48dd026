//! The API's handlers, a file for each kind of thing. They read a request, ask the storage and word the reply.

pub(crate) mod about;
pub(crate) mod blobs;
pub(crate) mod devices;
pub(crate) mod heads;
pub(crate) mod logs;
pub(crate) mod mailboxes;
pub(crate) mod recovery;
pub(crate) mod slots;
pub(crate) mod vaults;

use std::time::Duration;

use axum::http::{HeaderName, StatusCode, header};
use kist_wire::FrameWriter;

use crate::store::Done;

/// 201 for what came to be now, 200 for what was there before.
fn status_of(done: Done) -> StatusCode {
    match done {
        Done::Now => StatusCode::CREATED,
        Done::Before => StatusCode::OK,
    }
}

/// A body of frames.
fn frames(frames: FrameWriter) -> ([(HeaderName, &'static str); 1], Vec<u8>) {
    ([(header::CONTENT_TYPE, kist_wire::header::FRAMES)], frames.finish())
}

/// How long a reader waits: what it asks for, within the limit.
fn waiting(asked: Option<u64>, limit: u64) -> Duration {
    Duration::from_secs(asked.unwrap_or(0).min(limit))
}
