//! The inbox: what organisations sent, as the person meets it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::contacts::{hellos, notes};
use super::events::InboxEvent;
use super::mailbox::messages::{self, ITEMS};
use super::mailbox::{self, InboxItem, rights_answers};
use super::relationships::{self, Relationship, settling};
use super::requests::unsent;
use super::standing_access::{reads, updates};
use super::{connections, people, transfers};
use crate::home::Home;
use crate::{Error, Result, evidence, mail};

/// The inbox of a store.
#[derive(Clone)]
pub struct Inbox {
    pub(crate) home: Arc<Home>,
}

impl Inbox {
    /// Sends what waits to be sent, and takes in everything that came. Each message is taken in once, however often this
    /// is stopped and run again. A relay that is down keeps nothing from the others: it is an
    /// [`InboxEvent::Unreachable`]. Of two refreshes at once, one waits for the other.
    ///
    /// Errors: the store's own; what had come before stays.
    pub async fn refresh(&self) -> Result<Vec<InboxEvent>> {
        let _alone = self.home.refresh.lock().await;
        let unsent = unsent::send_all(&self.home).await?;
        let unsent_hellos = hellos::send_all(&self.home).await?;
        let mut waiting = settling::settle(&self.home).await?;
        let silent = self.home.blocking(notes::silent).await?;
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
            if let Some(error) = mailbox::read(&self.home, id, organisation).await? {
                down.extend([reason((organisation.clone(), error))]);
            }
        }
        events.append(&mut mailbox::untold(&self.home).events());
        events.extend(hellos::fetch(&self.home).await?);
        let (answered, is_told) = self.home.blocking(answer).await?;
        events.extend(answered);
        if is_told {
            waiting = settling::settle(&self.home).await?;
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
    events.extend(home.transaction(|changes| {
        let unreachable = updates::look_after(home, changes)?;
        updates::tell(home, changes)?;
        Ok(unreachable)
    })?);
    relationships::renew_keys(home)?;
    Ok((events, mail::outgoing(home)? > before))
}

fn reason((organisation, error): (String, Error)) -> (String, String) {
    (organisation, error.code().to_owned())
}
