//! What the person brings to the session of a browser that a request of theirs belongs to.

use kist_exchange::SessionCode;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::home::{from_json, to_json};

/// What is to be brought to a session, by request.
pub(super) const SESSIONS: &str = "local/sessions";

/// A code that waits to be brought to the session of a request.
#[derive(Serialize, Deserialize)]
pub(super) struct Bringing {
    pub(super) code: SessionCode,
    /// When the request ends, Unix seconds.
    pub(super) expires_at: i64,
}

/// Keeps a session's code until its request ends; those whose request has ended go.
pub(super) fn bring(changes: &Transaction<'_>, id: &str, bringing: &Bringing, now: i64) -> Result<()> {
    for (other, bytes) in changes.all_kept(SESSIONS)? {
        if from_json::<Bringing>(&bytes)?.expires_at < now {
            changes.forget(SESSIONS, &other)?;
        }
    }
    Ok(changes.keep(SESSIONS, id, &to_json(bringing)?)?)
}
