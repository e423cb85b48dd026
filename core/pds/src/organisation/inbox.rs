//! Messages of people: read from each mailbox, and taken in by what they are.

use std::sync::Arc;

use kist_channel::{Message, MessageKind};
use kist_vault::Transaction;

use super::events::{self, OrgEvent};
use super::invitations::hellos;
use super::outgoing::Sender;
use super::profile::signing_key;
use super::requests::OrgRequests;
use super::{amendments, reads, relationships, rights, transfers, withdrawals};
use crate::bodies::NoteBody;
use crate::home::Home;
use crate::mail::{self, Arrival};
use crate::{Error, Result};

/// The inbox of a store.
#[derive(Clone)]
pub struct OrgInbox {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

impl OrgInbox {
    /// Sends what waits to be sent, takes in everything that came, and acknowledges withdrawals. Each message is taken in
    /// once, however often this is stopped and run again; each event is kept until it is told, once. Of two refreshes at
    /// once, one waits for the other.
    ///
    /// Errors: `Unreachable`, `RelayBusy` where no mailbox at all could be read.
    pub async fn refresh(&self) -> Result<Vec<OrgEvent>> {
        let _alone = self.home.refresh.lock().await;
        self.sender.give_up().await?;
        self.sender.send().await?;
        let names = self.home.blocking(relationships::names).await?;
        let (mut read, mut unread) = (0, None);
        for name in names {
            let arrivals = mail::receive(&self.home, &name, take_in).await?;
            match arrivals.last() {
                Some(Arrival::Stopped(error)) => unread = Some(error.clone()),
                _ => read += 1,
            }
            let noted = move |home: &Home| {
                note_arrivals(home, &name, arrivals)?;
                renew_key(home, &name)
            };
            self.home.blocking(noted).await?;
        }
        self.home.blocking(transfers::go_on).await?;
        let requests = OrgRequests {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        };
        hellos::take_all(&self.home, &requests).await?;
        self.sender.send().await?;
        match unread {
            Some(error) if read == 0 => Err(error),
            _ => self.home.blocking(events::drain).await,
        }
    }
}

/// Posts a new receiving key where the one in use has served long enough.
fn renew_key(home: &Home, name: &str) -> Result<()> {
    let now = home.platform.now();
    if mail::read_connection(home, name)?.wants_new_key(now) {
        let key = signing_key(home)?;
        home.transaction(|changes| mail::renew_key(changes, name, &|input| key.sign(input), now))?;
    }
    Ok(())
}

/// Tells of what came that was no message to take in, and of what stopped the reading.
fn note_arrivals(home: &Home, name: &str, arrivals: Vec<Arrival<()>>) -> Result<()> {
    home.transaction(|changes| {
        for arrival in arrivals {
            let relationship = name.to_owned();
            let event = match arrival {
                Arrival::Event(()) => continue,
                Arrival::Missing(count) => OrgEvent::Missing { relationship, count },
                Arrival::Dropped(code) => OrgEvent::Dropped {
                    relationship,
                    code: code.to_owned(),
                },
                Arrival::Stopped(error) => OrgEvent::Unread {
                    relationship,
                    code: error.code().to_owned(),
                },
            };
            events::tell(changes, &event)?;
        }
        Ok(())
    })
}

/// Takes in one message of a relationship. What a message says wrongly is an error that drops it, and undoes all of it.
fn take_in(home: &Home, changes: &Transaction<'_>, relationship: &str, message: Message) -> Result<()> {
    match message.kind {
        MessageKind::Withdrawal => withdrawals::take(home, changes, relationship, &message.body),
        MessageKind::Amendment => amendments::take(home, changes, relationship, &message.body),
        MessageKind::Note => {
            let NoteBody { text } = serde_json::from_slice::<NoteBody>(&message.body)?.check()?;
            let relationship = relationship.to_owned();
            events::tell(changes, &OrgEvent::Note { relationship, text })
        }
        MessageKind::Rights => rights::take(home, changes, relationship, &message.body),
        MessageKind::Update | MessageKind::Answer => reads::take_shown(home, changes, relationship, &message),
        MessageKind::File => transfers::take_in(home, changes, relationship, &message),
        MessageKind::Key => Ok(()),
        _ => Err(Error::new("Unsupported").with("what", "message")),
    }
}
