//! Handshake slots: a request fetched by anyone who has its link, answered once, collected by its owner.

use kist_wire::{Digest, ErrorCode, OpenSlot, SlotId};
use rusqlite::{Connection, Transaction, params};

use super::{Done, OrNotFound as _, Outcome, Store, same};

/// Seconds that an expired slot is still told from an unknown one.
const REMEMBERED_SECONDS: i64 = 24 * 60 * 60;

/// A slot that is open: neither expired nor closed.
struct Open {
    owner_hash: [u8; 32],
    request: String,
    answer: Option<Vec<u8>>,
}

impl Store {
    /// Opens a slot. The same again is no error, another request under the same id a conflict.
    pub(crate) fn open_slot(&self, slot: &SlotId, new: &OpenSlot) -> Outcome<Done> {
        self.write(|db| {
            let opened = db.execute(
                "INSERT OR IGNORE INTO slots (slot, owner_hash, expires, request) VALUES (?1, ?2, ?3, ?4)",
                params![
                    slot.as_bytes(),
                    new.owner_token_hash.as_bytes(),
                    new.expires,
                    new.request
                ],
            )?;
            if opened == 1 {
                return Ok(Done::Now);
            }
            let same: bool = db.query_row(
                "SELECT owner_hash = ?2 AND expires = ?3 AND request IS ?4 FROM slots WHERE slot = ?1",
                params![
                    slot.as_bytes(),
                    new.owner_token_hash.as_bytes(),
                    new.expires,
                    new.request
                ],
                |row| row.get(0),
            )?;
            if same {
                Ok(Done::Before)
            } else {
                Err(ErrorCode::Conflict.into())
            }
        })
    }

    /// The request, until it is answered.
    pub(crate) fn slot_request(&self, slot: &SlotId, now: i64) -> Outcome<String> {
        self.read(|db| match open(db, slot, now)? {
            Open { answer: Some(_), .. } => Err(ErrorCode::AlreadyAnswered.into()),
            Open { request, .. } => Ok(request),
        })
    }

    /// Whether the slot is open; asked before an answer's body is read.
    pub(crate) fn slot_is_open(&self, slot: &SlotId, now: i64) -> Outcome<()> {
        self.read(|db| open(db, slot, now).map(|_| ()))
    }

    /// Answers the slot, once. The same bytes again are no error: the wallet may not have had the reply.
    pub(crate) fn answer_slot(&self, slot: &SlotId, answer: &[u8], now: i64) -> Outcome<()> {
        self.write(|db| match open(db, slot, now)?.answer {
            Some(first) if first == answer => Ok(()),
            Some(_) => Err(ErrorCode::AlreadyAnswered.into()),
            None => {
                db.execute(
                    "UPDATE slots SET answer = ?2 WHERE slot = ?1",
                    params![slot.as_bytes(), answer],
                )?;
                Ok(())
            }
        })
    }

    /// The answer, for the owner; none yet is `None`.
    pub(crate) fn slot_answer(&self, slot: &SlotId, token: &Digest, now: i64) -> Outcome<Option<Vec<u8>>> {
        self.read(|db| {
            let open = open(db, slot, now)?;
            if same(&open.owner_hash, token) {
                Ok(open.answer)
            } else {
                Err(ErrorCode::NotFound.into())
            }
        })
    }

    /// Removes request and answer, for the owner. Closing a closed slot is no error.
    pub(crate) fn close_slot(&self, slot: &SlotId, token: &Digest) -> Outcome<()> {
        self.write(|db| {
            let closed = db.execute(
                "UPDATE slots SET request = NULL, answer = NULL WHERE slot = ?1 AND owner_hash = ?2",
                params![slot.as_bytes(), token.as_bytes()],
            )?;
            if closed == 1 {
                Ok(())
            } else {
                Err(ErrorCode::NotFound.into())
            }
        })
    }
}

/// Empties slots that have expired, and forgets those that expired long ago.
pub(super) fn purge(db: &Transaction<'_>, now: i64) -> Outcome<()> {
    db.execute(
        "UPDATE slots SET request = NULL, answer = NULL WHERE expires <= ?1 AND request IS NOT NULL",
        [now],
    )?;
    db.execute(
        "DELETE FROM slots WHERE expires <= ?1",
        [now.saturating_sub(REMEMBERED_SECONDS)],
    )?;
    Ok(())
}

fn open(db: &Connection, slot: &SlotId, now: i64) -> Outcome<Open> {
    let (expires, open) = db
        .prepare_cached("SELECT owner_hash, expires, request, answer FROM slots WHERE slot = ?1")?
        .query_row([slot.as_bytes()], |row| {
            let open = match row.get(2)? {
                Some(request) => Some(Open {
                    owner_hash: row.get(0)?,
                    request,
                    answer: row.get(3)?,
                }),
                None => None,
            };
            Ok((row.get::<_, i64>(1)?, open))
        })
        .or_not_found()?;
    open.filter(|_| expires > now).ok_or_else(|| ErrorCode::Expired.into())
}
