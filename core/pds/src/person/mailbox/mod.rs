//! The mailboxes of the person's relationships: they are read here, and what comes is taken in by what it is.

pub(in crate::person) mod messages;
pub(in crate::person) mod rights_answers;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::events::InboxEvent;
use super::relationships;
use crate::home::Home;
use crate::mail::{self, Arrival};
use crate::{Error, Result};

pub use self::messages::InboxItem;

/// Reads the mailbox of a relationship in which the organisation was not heard yet: what it is told next depends on which
/// of several answers it collected first, and its receipt says so. A relay that can't be reached changes nothing.
pub(in crate::person) async fn listen(home: &Arc<Home>, relationship: &str) -> Result<()> {
    let name = relationship.to_owned();
    let known = home.blocking(move |home| {
        let heard = mail::read_connection(home, &name)?.received() > 0;
        Ok((heard, relationships::read(home, &name)?.organisation))
    });
    match known.await? {
        (true, _) => Ok(()),
        (false, organisation) => read(home, relationship, &organisation).await.map(drop),
    }
}

/// Reads what waits in one relationship, for the next refresh to tell; gives what stopped it, if anything did.
pub(in crate::person) async fn read(home: &Arc<Home>, relationship: &str, organisation: &str) -> Result<Option<Error>> {
    let (mut stopped, untold) = (None, untold(home));
    for arrival in mail::receive(home, relationship, messages::take_in).await? {
        let organisation = organisation.to_owned();
        match arrival {
            Arrival::Event(taken) => untold.events().extend(taken),
            Arrival::Missing(count) => untold.events().push(InboxEvent::Missing { organisation, count }),
            Arrival::Dropped(code) => untold.events().push(InboxEvent::Dropped {
                organisation,
                code: code.to_owned(),
            }),
            Arrival::Stopped(error) => stopped = Some(error),
        }
    }
    Ok(stopped)
}

/// What came and no refresh has told of yet.
#[derive(Default)]
pub(in crate::person) struct Untold(Mutex<Vec<InboxEvent>>);

impl Untold {
    pub(in crate::person) fn events(&self) -> MutexGuard<'_, Vec<InboxEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(in crate::person) fn untold(home: &Home) -> Arc<Untold> {
    home.memory()
}
