//! Push, which is optional and carries no content: a relay tells a push service that something has come, and the app that
//! it wakes refreshes the inbox. Without it, opening the app or a refresh in the background delivers everything.

use std::sync::Arc;

use kist_channel::OwnMailbox;
use kist_crypto::{base64url, sha256};
use serde::{Deserialize, Serialize};

use super::contacts::notes;
use crate::home::{Home, let_go, to_json};
use crate::relay::Relay;
use crate::{Result, mail};

const COLLECTION: &str = "local/push";

/// Where the platform's push service gives out subscriptions: UnifiedPush, WebPush, or whatever an app brings.
pub trait Push: Send + Sync {
    /// The https address of a subscription for `instance`, to which a POST wakes the app (RFC 8030); none where there is no
    /// push now. Each mailbox is an instance of its own, and its address should be too: a relay that is given one address for
    /// two mailboxes knows that they are one person's.
    fn endpoint(&self, instance: &str) -> Option<String>;
}

/// What became of the mailboxes' subscriptions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PushReport {
    /// Mailboxes whose relay tells the push service.
    pub registered: u64,
    /// Mailboxes without push: their relay tells no push services, or not this one. They are read at each refresh as ever.
    pub without: u64,
    /// Mailboxes whose relay could not be reached now.
    pub unreachable: u64,
}

#[derive(Serialize, Deserialize)]
struct Registered {
    endpoint: String,
}

/// The push subscriptions of a store.
#[derive(Clone)]
pub struct PushSubscriptions {
    pub(crate) home: Arc<Home>,
}

impl PushSubscriptions {
    /// Registers each mailbox's subscription with its relay, where it isn't yet, and takes away those that `push` no longer
    /// has. To be called after connections were opened, and when the platform's push service says that addresses changed.
    ///
    /// Errors: the store's own.
    pub async fn register(&self, push: &dyn Push) -> Result<PushReport> {
        let mut report = PushReport::default();
        for (id, own) in self.home.blocking(mailboxes).await? {
            let endpoint = push.endpoint(&instance(&id));
            let counter = match self.set(&id, &own, endpoint).await {
                Ok(true) => &mut report.registered,
                Ok(false) => &mut report.without,
                Err(error) if mail::is_own(&error) => return Err(error),
                Err(error) if mail::may_pass(&error) => &mut report.unreachable,
                Err(_) => &mut report.without,
            };
            *counter += 1;
        }
        Ok(report)
    }

    /// Gives whether the relay tells the push service from now on.
    async fn set(&self, id: &str, own: &OwnMailbox, endpoint: Option<String>) -> Result<bool> {
        let key = id.to_owned();
        let known: Option<Registered> = self.home.blocking(move |home| home.kept(COLLECTION, &key)).await?;
        if known.as_ref().map(|known| &known.endpoint) == endpoint.as_ref() {
            return Ok(known.is_some());
        }
        let relay = Relay::new(self.home.mail.clone(), &own.relay)?;
        relay
            .set_push(&own.mailbox, &own.receive_token, endpoint.as_deref())
            .await?;
        let (key, is_set) = (id.to_owned(), endpoint.is_some());
        self.home
            .blocking(move |home| {
                home.transaction(|changes| match endpoint {
                    Some(endpoint) => Ok(changes.keep(COLLECTION, &key, &to_json(&Registered { endpoint })?)?),
                    None => let_go(changes, COLLECTION, &key),
                })
            })
            .await?;
        Ok(is_set)
    }
}

/// A name for the platform that tells nothing of the relationship.
fn instance(id: &str) -> String {
    base64url(&sha256(&[b"kist push ", id.as_bytes()])[..16])
}

/// The mailboxes that are read.
fn mailboxes(home: &Home) -> Result<Vec<(String, OwnMailbox)>> {
    let silent = notes::silent(home)?;
    let mut all = Vec::new();
    for (id, _) in home.vault.all_kept(mail::CONNECTIONS)? {
        if !silent.contains(&id) {
            let own = mail::read_connection(home, &id)?.own().clone();
            all.push((id, own));
        }
    }
    Ok(all)
}
