//! The inbox: what organisations sent, as the person meets it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kist_vault::RecordId;
use serde::{Deserialize, Serialize};

use super::messages::{self, ITEMS};
use super::relationships::{self, Relationship};
use super::{answers, connections, consents, hellos, people, reads, rights_answers, transfers, updates};
use crate::evidence;
use crate::home::Home;
use crate::mail::{self, Arrival};
use crate::{Error, Result};

/// What a refresh of the inbox came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum InboxEvent {
    /// An organisation's receipt came.
    ReceiptStored {
        /// For which consent.
        consent: String,
        /// Whose.
        organisation: String,
    },
    /// A record was delivered, verified, and is in the store.
    Delivered {
        /// Under which consent.
        consent: String,
        /// By whom.
        organisation: String,
        /// The record.
        record: RecordId,
    },
    /// An organisation that the person contacted sent its request, which waits to be decided.
    RequestCame {
        /// Whose.
        organisation: String,
        /// The request.
        request: String,
    },
    /// Another person answered an invitation: both compare the code now.
    PersonAnswered {
        /// Which connection.
        person: String,
        /// What this person calls them.
        name: String,
        /// What both compare.
        check_code: String,
    },
    /// Another person withdrew what they shared; it was deleted here.
    ShareWithdrawn {
        /// Which share.
        share: String,
        /// What this person calls them.
        name: String,
    },
    /// A withdrawal was acknowledged.
    Acknowledged {
        /// Of which consent.
        consent: String,
        /// By whom.
        organisation: String,
    },
    /// An organisation answered a request of rights, or what came with its answer is in the store by now.
    RightsAnswered {
        /// Which request.
        request: String,
        /// Who.
        organisation: String,
        /// What came of it: `done`, `refused` or `extended`.
        outcome: String,
        /// The records that came with it.
        records: Vec<RecordId>,
    },
    /// A narrowing was acknowledged.
    NarrowingAcknowledged {
        /// Of which consent.
        consent: String,
        /// By whom.
        organisation: String,
    },
    /// Something waits to be read.
    Waiting {
        /// The item.
        item: String,
        /// From whom.
        organisation: String,
        /// No agreement covers it.
        outside_agreement: bool,
    },
    /// Something was dropped that nobody vouches for, or that could not be verified.
    Dropped {
        /// In whose mailbox.
        organisation: String,
        /// Why: a code.
        code: String,
    },
    /// A relay lost messages.
    Missing {
        /// From whom.
        organisation: String,
        /// How many.
        count: u64,
    },
    /// An organisation asked to read by standing access, and was answered.
    ReadAnswered {
        /// Under which consent.
        consent: String,
        /// Who asked.
        organisation: String,
        /// The id of its question.
        read: String,
    },
    /// An organisation asked to read what it may not, and was told so.
    ReadRefused {
        /// Under which consent.
        consent: String,
        /// Who asked.
        organisation: String,
        /// The id of its question.
        read: String,
        /// Why: a code.
        code: String,
    },
    /// An organisation has a file that was sent to it.
    FileArrived {
        /// Under which consent.
        consent: String,
        /// Whom it was sent to.
        organisation: String,
        /// The file's name.
        name: String,
    },
    /// A file won't come, or wasn't taken.
    FileRefused {
        /// Under which consent.
        consent: String,
        /// Who sent it, or whom it was sent to.
        organisation: String,
        /// The file's name.
        name: String,
        /// Why: a code.
        code: String,
        /// Which chunk was not what the credential says, counted from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
    },
    /// What goes to or comes from an organisation still waits; the next refresh tries again.
    Unreachable {
        /// Which organisation.
        organisation: String,
        /// Why: a code.
        code: String,
    },
}

/// Something that waits to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxItem {
    /// Its name.
    pub id: String,
    /// From whom.
    pub organisation: String,
    /// Their stable id.
    pub organisation_id: String,
    /// When it came, Unix milliseconds.
    pub received_ms: i64,
    /// What it is: `note`, `delivery` or a kind that this build doesn't know.
    pub kind: String,
    /// Words to read.
    pub text: Option<String>,
    /// No agreement covers it.
    pub outside_agreement: bool,
}

/// The inbox of a store.
#[derive(Clone)]
pub struct Inbox {
    pub(crate) home: Arc<Home>,
}

impl Inbox {
    /// Sends what waits to be sent, and takes in everything that came. Each message is taken in once, however often this
    /// is stopped and run again. A relay that is down keeps nothing from the others: it is an
    /// [`InboxEvent::Unreachable`].
    ///
    /// Errors: the store's own; what had come before stays.
    pub async fn refresh(&self) -> Result<Vec<InboxEvent>> {
        let unsent = answers::send_all(&self.home).await?;
        let unsent_hellos = hellos::send_all(&self.home).await?;
        let mut waiting = consents::settle(&self.home).await?;
        let silent = self.home.blocking(connections::silent).await?;
        let relationships: BTreeMap<String, Relationship> = self
            .home
            .blocking(|home| Ok(home.all_kept(relationships::COLLECTION)?.into_iter().collect()))
            .await?;
        let mut events = self.home.blocking(messages::look_again).await?;
        events.extend(self.home.blocking(rights_answers::look_again).await?);
        let mut down: BTreeMap<String, String> = unsent.into_iter().chain(unsent_hellos).map(reason).collect();
        for (id, Relationship { organisation, .. }) in &relationships {
            if silent.contains(id) {
                continue;
            }
            if let Some(error) = read(&self.home, id, organisation).await? {
                down.extend([reason((organisation.clone(), error))]);
            }
        }
        events.append(&mut untold(&self.home).events());
        events.extend(hellos::fetch(&self.home).await?);
        let (answered, is_told) = self.home.blocking(answer).await?;
        events.extend(answered);
        if is_told {
            waiting = consents::settle(&self.home).await?;
        }
        events.extend(people::refresh(&self.home).await?);
        connections::tidy(&self.home).await?;
        for (id, error) in waiting {
            let organisation = relationships.get(&id).map(|known| known.organisation.clone());
            down.extend(organisation.map(|organisation| reason((organisation, error))));
        }
        self.home.blocking(evidence::sign_if_due).await?;
        let unreachable = |(organisation, code)| InboxEvent::Unreachable { organisation, code };
        events.extend(down.into_iter().map(unreachable));
        Ok(events)
    }

    /// What waits to be read, the newest first.
    pub async fn list(&self) -> Result<Vec<InboxItem>> {
        self.home
            .blocking(|home| {
                let mut items: Vec<InboxItem> = home.all_kept(ITEMS)?.into_iter().map(|(_, item)| item).collect();
                items.sort_by_key(|item| std::cmp::Reverse(item.received_ms));
                Ok(items)
            })
            .await
    }

    /// Takes an item away.
    pub async fn dismiss(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| home.transaction(|changes| messages::dismiss(changes, &id)))
            .await
    }
}

/// Answers what organisations asked, tells them what has changed, and renews keys. Gives whether there is anything to send.
fn answer(home: &Home) -> Result<(Vec<InboxEvent>, bool)> {
    let before = mail::outgoing(home)?;
    let mut events = reads::answer_all(home)?;
    events.extend(transfers::go_on(home)?);
    home.transaction(|changes| updates::tell(home, changes))?;
    relationships::renew_keys(home)?;
    Ok((events, mail::outgoing(home)? > before))
}

/// Reads the mailbox of a relationship in which the organisation was not heard yet: what it is told next depends on which
/// of several answers it collected first, and its receipt says so. A relay that can't be reached changes nothing.
pub(super) async fn listen(home: &Arc<Home>, relationship: &str) -> Result<()> {
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
async fn read(home: &Arc<Home>, relationship: &str, organisation: &str) -> Result<Option<Error>> {
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
struct Untold(Mutex<Vec<InboxEvent>>);

impl Untold {
    fn events(&self) -> MutexGuard<'_, Vec<InboxEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn untold(home: &Home) -> Arc<Untold> {
    home.memory()
}

fn reason((organisation, error): (String, Error)) -> (String, String) {
    (organisation, error.code().to_owned())
}
