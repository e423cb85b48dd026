//! Mailboxes: one token sends, another receives and governs. A token that doesn't fit finds no mailbox.

use kist_wire::{CreateMailbox, Digest, ErrorCode, FrameWriter, IdempotencyKey, MailboxId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::logs::{bounded, frames};
use super::{Done, OrNotFound as _, Outcome, Store, same};

/// Days that a repeated send is recognised, at least.
const REPEAT_DAYS: i64 = 7;
const DAY: i64 = 24 * 60 * 60;

/// Which of a mailbox's tokens is shown.
#[derive(Clone, Copy)]
enum Right {
    Send,
    Receive,
}

impl Store {
    /// Creates a mailbox. The same again is no error, other tokens for a known mailbox a conflict.
    pub(crate) fn create_mailbox(&self, new: &CreateMailbox) -> Outcome<Done> {
        self.write(|db| {
            let created = db.execute(
                "INSERT OR IGNORE INTO mailboxes (mailbox, send_hash, receive_hash) VALUES (?1, ?2, ?3)",
                params![
                    new.mailbox.as_bytes(),
                    new.send_token_hash.as_bytes(),
                    new.receive_token_hash.as_bytes()
                ],
            )?;
            if created == 1 {
                return Ok(Done::Now);
            }
            let same: bool = db.query_row(
                "SELECT send_hash IS ?2 AND receive_hash = ?3 FROM mailboxes WHERE mailbox = ?1",
                params![
                    new.mailbox.as_bytes(),
                    new.send_token_hash.as_bytes(),
                    new.receive_token_hash.as_bytes()
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

    /// Whether the token may send; asked before a message's body is read.
    pub(crate) fn may_send(&self, mailbox: &MailboxId, token: &Digest) -> Outcome<()> {
        self.read(|db| check(db, mailbox, Right::Send, token))
    }

    /// Accepts a message and numbers it. A repeat with the same key and bytes gets the first one's number.
    pub(crate) fn send(
        &self,
        mailbox: &MailboxId,
        token: &Digest,
        (key, body, digest): (&IdempotencyKey, &[u8], &Digest),
        now: i64,
    ) -> Outcome<(u64, Done)> {
        self.write(|db| {
            check(db, mailbox, Right::Send, token)?;
            if let Some(number) = repeated(db, mailbox, key, digest)? {
                return Ok((number, Done::Before));
            }
            let number: u64 = db
                .prepare_cached(
                    "UPDATE mailboxes SET last = last + 1, messages = messages + 1, bytes = bytes + ?2
                     WHERE mailbox = ?1 AND messages < ?3 AND bytes + ?2 <= ?4 RETURNING last",
                )?
                .query_row(
                    params![
                        mailbox.as_bytes(),
                        body.len(),
                        self.limits.mailbox_messages,
                        self.limits.mailbox_bytes
                    ],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or(ErrorCode::QuotaExceeded)?;
            db.prepare_cached("INSERT INTO messages (mailbox, number, body) VALUES (?1, ?2, ?3)")?
                .execute(params![mailbox.as_bytes(), number, body])?;
            db.prepare_cached("INSERT INTO sends (mailbox, key, digest, number, expires) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    mailbox.as_bytes(),
                    key.as_bytes(),
                    digest.as_bytes(),
                    number,
                    forgotten_at(now)
                ])?;
            Ok((number, Done::Now))
        })
    }

    /// Messages numbered above `after`, as frames; as many as a reply holds.
    pub(crate) fn messages(&self, mailbox: &MailboxId, token: &Digest, after: u64) -> Outcome<FrameWriter> {
        self.read(|db| {
            check(db, mailbox, Right::Receive, token)?;
            let mut query = db.prepare_cached(
                "SELECT number, body FROM messages WHERE mailbox = ?1 AND number > ?2 ORDER BY number",
            )?;
            frames(query.query(params![mailbox.as_bytes(), bounded(after)?])?)
        })
    }

    /// Removes messages numbered `through` or less.
    pub(crate) fn acknowledge(&self, mailbox: &MailboxId, token: &Digest, through: u64) -> Outcome<()> {
        self.write(|db| {
            check(db, mailbox, Right::Receive, token)?;
            db.prepare_cached("DELETE FROM messages WHERE mailbox = ?1 AND number <= ?2")?
                .execute(params![mailbox.as_bytes(), bounded(through)?])?;
            db.prepare_cached(
                "UPDATE mailboxes SET (messages, bytes) =
                 (SELECT count(*), coalesce(sum(length(body)), 0) FROM messages WHERE mailbox = ?1) WHERE mailbox = ?1",
            )?
            .execute([mailbox.as_bytes()])?;
            Ok(())
        })
    }

    /// Replaces the token that sends, or takes it away.
    pub(crate) fn set_send_token(&self, mailbox: &MailboxId, token: &Digest, send: Option<&Digest>) -> Outcome<()> {
        self.write(|db| {
            check(db, mailbox, Right::Receive, token)?;
            db.execute(
                "UPDATE mailboxes SET send_hash = ?2 WHERE mailbox = ?1",
                params![mailbox.as_bytes(), send.map(|hash| hash.as_bytes())],
            )?;
            Ok(())
        })
    }

    /// Sets where the push service is told, or takes it away.
    pub(crate) fn set_push(&self, mailbox: &MailboxId, token: &Digest, endpoint: Option<&str>) -> Outcome<()> {
        self.write(|db| {
            check(db, mailbox, Right::Receive, token)?;
            db.execute(
                "UPDATE mailboxes SET push = ?2 WHERE mailbox = ?1",
                params![mailbox.as_bytes(), endpoint],
            )?;
            Ok(())
        })
    }

    /// Where the push service of a mailbox is told, if it has one.
    pub(crate) fn push_endpoint(&self, mailbox: &MailboxId) -> Outcome<Option<String>> {
        self.read(|db| {
            db.prepare_cached("SELECT push FROM mailboxes WHERE mailbox = ?1")?
                .query_row([mailbox.as_bytes()], |row| row.get(0))
                .or_not_found()
        })
    }

    /// Forgets a subscription that is gone, unless there is another by now.
    pub(crate) fn forget_push(&self, mailbox: &MailboxId, endpoint: &str) -> Outcome<()> {
        self.write(|db| {
            db.execute(
                "UPDATE mailboxes SET push = NULL WHERE mailbox = ?1 AND push = ?2",
                params![mailbox.as_bytes(), endpoint],
            )?;
            Ok(())
        })
    }

    /// Removes a mailbox with its messages.
    pub(crate) fn delete_mailbox(&self, mailbox: &MailboxId, token: &Digest) -> Outcome<()> {
        self.write(|db| {
            check(db, mailbox, Right::Receive, token)?;
            db.execute("DELETE FROM mailboxes WHERE mailbox = ?1", [mailbox.as_bytes()])?;
            Ok(())
        })
    }
}

/// When a send is forgotten: at the end of a day, so that the row doesn't tell when the message came.
fn forgotten_at(now: i64) -> i64 {
    now.div_euclid(DAY).saturating_add(REPEAT_DAYS + 1).saturating_mul(DAY)
}

fn check(db: &Connection, mailbox: &MailboxId, right: Right, token: &Digest) -> Outcome<()> {
    let (send, receive): (Option<[u8; 32]>, [u8; 32]) = db
        .prepare_cached("SELECT send_hash, receive_hash FROM mailboxes WHERE mailbox = ?1")?
        .query_row([mailbox.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .or_not_found()?;
    let fits = match right {
        Right::Send => send.is_some_and(|send| same(&send, token)),
        Right::Receive => same(&receive, token),
    };
    if fits { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}

fn repeated(db: &Transaction<'_>, mailbox: &MailboxId, key: &IdempotencyKey, digest: &Digest) -> Outcome<Option<u64>> {
    let found: Option<([u8; 32], u64)> = db
        .prepare_cached("SELECT digest, number FROM sends WHERE mailbox = ?1 AND key = ?2")?
        .query_row([mailbox.as_bytes(), key.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match found {
        Some((first, number)) if same(&first, digest) => Ok(Some(number)),
        Some(_) => Err(ErrorCode::Conflict.into()),
        None => Ok(None),
    }
}
