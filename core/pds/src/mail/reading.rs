//! Sealed messages into the store: opened in order, and handed over in the transaction that also stores the connection.

use std::sync::Arc;

use kist_channel::{Message, Opened};
use kist_vault::Transaction;
use kist_wire::{Frame, limits};

use super::{connection, is_own, keep_connection, read_connection};
use crate::home::Home;
use crate::relay::Relay;
use crate::{Error, Result};

/// How far the mailbox of a relationship was read, by the relay's numbers.
const READ_TO: &str = "local/read-to";
/// What reading a mailbox came to.
pub(crate) enum Arrival<T> {
    /// What the owner made of a message.
    Event(T),
    /// Bytes that are no message of this connection, or a message that can't be taken in: dropped, with the reason's code.
    Dropped(&'static str),
    /// Messages that a relay lost.
    Missing(u64),
    /// The relay could not be read any further: what still waits there comes another time.
    Stopped(Error),
}

/// Replies that are read from one mailbox at a time, at most; the rest is for the next time.
const MAX_REPLIES: usize = 64;

/// Reads what waits for one relationship.
///
/// `handle` runs in the transaction that also stores the connection, so that a message is taken in once, or not at all.
/// When it fails because of the message, all that it did is undone and the message is dropped, so that it blocks no
/// later one; when the store fails, or with `ConsentPaused`, the message stays with the relay.
///
/// Errors: the store's own. A relay that fails is an [`Arrival::Stopped`], so that it keeps nobody from reading others.
pub(crate) async fn receive<T, F>(home: &Arc<Home>, relationship: &str, handle: F) -> Result<Vec<Arrival<T>>>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let mut arrivals = Vec::new();
    match read_mailbox(home, relationship, &Arc::new(handle), &mut arrivals).await {
        Err(error) if is_own(&error) => Err(error),
        Err(error) => {
            arrivals.push(Arrival::Stopped(error));
            Ok(arrivals)
        }
        Ok(()) => Ok(arrivals),
    }
}

async fn read_mailbox<T, F>(
    home: &Arc<Home>,
    relationship: &str,
    handle: &Arc<F>,
    arrivals: &mut Vec<Arrival<T>>,
) -> Result<()>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let name = relationship.to_owned();
    let own = home
        .blocking(move |home| Ok(read_connection(home, &name)?.own().clone()))
        .await?;
    let relay = Relay::new(home.mail.clone(), &own.relay)?;
    let (mut after, mut early, mut forgotten) = (0, Vec::new(), 0);
    for _ in 0..MAX_REPLIES {
        let frames = relay.messages(&own.mailbox, &own.receive_token, after).await?;
        let is_end = frames.is_empty();
        for frame in &frames {
            if frame.number <= after {
                return Err(Error::new("Malformed").with("what", "frames"));
            }
            after = frame.number;
        }
        early.extend(frames);
        early = take_in(home, relationship, early, false, handle, arrivals).await?;
        // What others come before waits for them to the mailbox's end, as far as there is room for it.
        if is_end || held(&early) > MAX_HELD {
            early = take_in(home, relationship, early, true, handle, arrivals).await?;
        }
        let through = early.iter().map(|frame| frame.number - 1).min().unwrap_or(after);
        if through > forgotten {
            relay.acknowledge(&own.mailbox, &own.receive_token, through).await?;
            forgotten = through;
        }
        if is_end {
            break;
        }
    }
    Ok(())
}

/// The most bytes of messages that wait for others before them; then those others are missing.
const MAX_HELD: usize = limits::REPLY_BYTES as usize;

fn held(frames: &[Frame]) -> usize {
    frames.iter().map(|frame| frame.body.len()).sum()
}

/// Opens sealed messages in order and hands them over; gives those that others come before. With `over_gaps` what comes
/// before isn't waited for.
///
/// All are taken in by one transaction. Where one of them makes that fail, each is taken in by its own, so that it alone is
/// passed over.
pub(super) async fn take_in<T, F>(
    home: &Arc<Home>,
    relationship: &str,
    frames: Vec<Frame>,
    over_gaps: bool,
    handle: &Arc<F>,
    arrivals: &mut Vec<Arrival<T>>,
) -> Result<Vec<Frame>>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    if frames.len() > 1 {
        let reading = Reading {
            relationship: relationship.to_owned(),
            over_gaps,
            handle: Some(Arc::clone(handle)),
        };
        let all = frames.clone();
        let together = home.blocking(move |home| home.transaction(|changes| reading.run(home, changes, all)));
        match together.await {
            Err(error) if !is_own(&error) => {}
            taken => {
                let Taken { arrived, early } = taken?;
                arrivals.extend(arrived);
                return Ok(early);
            }
        }
    }
    let mut left = frames;
    while !left.is_empty() {
        let (before, mut early) = (left.len(), Vec::new());
        for frame in left {
            early.extend(take_in_one(home, relationship, frame, false, handle, arrivals).await?);
        }
        left = early;
        if left.len() == before && over_gaps {
            let first = left.remove(0);
            take_in_one(home, relationship, first, true, handle, arrivals).await?;
        } else if left.len() == before {
            break;
        }
    }
    Ok(left)
}

/// As [`take_in`], for one message; gives it back where others come before.
async fn take_in_one<T, F>(
    home: &Arc<Home>,
    relationship: &str,
    frame: Frame,
    over_gaps: bool,
    handle: &Arc<F>,
    arrivals: &mut Vec<Arrival<T>>,
) -> Result<Vec<Frame>>
where
    T: Send + 'static,
    F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T> + Send + Sync + 'static,
{
    let mut handle = Some(Arc::clone(handle));
    loop {
        let reading = Reading {
            relationship: relationship.to_owned(),
            over_gaps,
            handle: handle.clone(),
        };
        let one = vec![frame.clone()];
        let taken = home.blocking(move |home| home.transaction(|changes| reading.run(home, changes, one)));
        match taken.await {
            Ok(Taken { arrived, early }) => {
                arrivals.extend(arrived);
                return Ok(early);
            }
            // It stays with the relay, and what follows it too: the order is kept.
            Err(error) if error.code() == "ConsentPaused" => return Err(error),
            // It is counted as received, and nothing else.
            Err(error) if !is_own(&error) && handle.is_some() => {
                handle = None;
                arrivals.push(Arrival::Dropped(error.code()));
            }
            Err(error) => return Err(error),
        }
    }
}

/// What became of some sealed messages.
struct Taken<T> {
    arrived: Vec<Arrival<T>>,
    /// Those that others come before.
    early: Vec<Frame>,
}

/// A reading of sealed messages, within one transaction.
struct Reading<F> {
    relationship: String,
    over_gaps: bool,
    /// What makes something of a message; none where it is passed over.
    handle: Option<Arc<F>>,
}

impl<F> Reading<F> {
    fn run<T>(&self, home: &Home, changes: &Transaction<'_>, frames: Vec<Frame>) -> Result<Taken<T>>
    where
        F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T>,
    {
        let read_to = read_to(changes, &self.relationship)?;
        let newest = frames.iter().map(|frame| frame.number).max().unwrap_or(0);
        let (mut arrived, mut early) = (Vec::new(), frames);
        loop {
            let (mut progress, mut nearest) = (false, None::<(u64, usize)>);
            for frame in std::mem::take(&mut early) {
                match self.open(changes, &frame.body, false)? {
                    Unsealed::Message(message, _) => {
                        progress = true;
                        arrived.extend(self.hand_over(home, changes, message)?);
                    }
                    Unsealed::Early(missing) => {
                        let place = early.len();
                        nearest = Some(nearest.map_or((missing, place), |known| known.min((missing, place))));
                        early.push(frame);
                    }
                    // What was read before and forgotten by no relay: its key may be gone by now.
                    Unsealed::Refused(_) if frame.number <= read_to => {}
                    Unsealed::Refused(code) => arrived.push(Arrival::Dropped(code)),
                    Unsealed::Duplicate => {}
                }
            }
            match nearest {
                Some(_) if progress => {}
                Some((_, place)) if self.over_gaps => {
                    let frame = early.remove(place);
                    if let Unsealed::Message(message, missing) = self.open(changes, &frame.body, true)? {
                        arrived.push(Arrival::Missing(missing));
                        arrived.extend(self.hand_over(home, changes, message)?);
                    }
                }
                _ => break,
            }
        }
        if newest > read_to && early.is_empty() {
            changes.keep(READ_TO, &self.relationship, &newest.to_be_bytes())?;
        }
        Ok(Taken { arrived, early })
    }

    fn hand_over<T>(&self, home: &Home, changes: &Transaction<'_>, message: Message) -> Result<Option<Arrival<T>>>
    where
        F: Fn(&Home, &Transaction<'_>, &str, Message) -> Result<T>,
    {
        let handle = self.handle.as_ref();
        let taken = handle.map(|handle| handle(home, changes, &self.relationship, message));
        Ok(taken.transpose()?.map(Arrival::Event))
    }

    fn open(&self, changes: &Transaction<'_>, sealed: &[u8], over_gap: bool) -> Result<Unsealed> {
        let mut connection = connection(changes, &self.relationship)?;
        let opened = match over_gap {
            true => connection.open(sealed),
            false => connection.open_in_order(sealed),
        };
        Ok(match opened {
            Ok(Opened::Message { message, missing }) => {
                keep_connection(changes, &self.relationship, &connection)?;
                Unsealed::Message(message, missing)
            }
            Ok(Opened::Early { missing }) => Unsealed::Early(missing),
            Ok(Opened::Duplicate) => Unsealed::Duplicate,
            Err(error) => Unsealed::Refused(error.code()),
        })
    }
}

/// What sealed bytes turned out to be.
enum Unsealed {
    Message(Message, u64),
    Early(u64),
    Duplicate,
    Refused(&'static str),
}

fn read_to(changes: &Transaction<'_>, relationship: &str) -> Result<u64> {
    let bytes = changes.kept(READ_TO, relationship)?.unwrap_or_default();
    Ok(bytes.try_into().map_or(0, u64::from_be_bytes))
}
