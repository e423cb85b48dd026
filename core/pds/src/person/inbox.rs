//! Messages of organisations: receipts, deliveries, acknowledgements and words. What no agreement covers waits apart.

use std::sync::Arc;

use kist_channel::{Message, MessageKind};
use kist_consent::history::Event;
use kist_consent::{Acknowledgement, Party, Receipt, Right, Signed};
use kist_crypto::{OsRandom, base64url, sha256};
use kist_identity::{Credential, Issuer};
use kist_vault::{LifeArea, Provenance, RecordDraft, RecordId, Source, Transaction, Verification, schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::agreements::{self, Kept};
use super::relationships::{self, Relationship};
use super::{consents, requests};
use crate::home::{Home, to_json};
use crate::issuers::Issuers;
use crate::mail::{self, Arrival};
use crate::{Error, Result, history};

const ITEMS: &str = "inbox";
/// Delivered credentials, by the hash of their compact form.
pub(super) const CREDENTIALS: &str = "credentials";
/// The most items that wait apart for one relationship; more are dropped and counted.
const MAX_WAITING: usize = 100;
/// Claims that say what a credential is and nothing of the person.
const REGISTERED: [&str; 10] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "cnf",
    "vct",
    "status",
    "sub",
    "aka_vcts",
    "vct#integrity",
];

/// A delivery as it is sent.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeliveryBody {
    /// The agreement's name.
    pub(crate) agreement: String,
    /// Credentials, compact.
    pub(crate) credentials: Vec<String>,
}

/// Words as they are sent.
#[derive(Serialize, Deserialize)]
pub(crate) struct NoteBody {
    pub(crate) text: String,
}

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
    /// A withdrawal was acknowledged.
    Acknowledged {
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
    /// is stopped and run again.
    ///
    /// Errors: `Unreachable`, `RelayBusy`; what had come before stays.
    pub async fn refresh(&self) -> Result<Vec<InboxEvent>> {
        requests::send_unsent(&self.home).await?;
        consents::settle(&self.home).await?;
        let all: Vec<(String, Relationship)> = self
            .home
            .blocking(|home| home.all_kept(relationships::COLLECTION))
            .await?;
        let mut events = Vec::new();
        for (id, relationship) in all {
            let organisation = relationship.organisation;
            for arrival in mail::receive(&self.home, &id, take_in).await? {
                events.push(match arrival {
                    Arrival::Event(event) => event,
                    Arrival::Missing(count) => InboxEvent::Missing {
                        organisation: organisation.clone(),
                        count,
                    },
                    Arrival::Dropped(code) => InboxEvent::Dropped {
                        organisation: organisation.clone(),
                        code: code.to_owned(),
                    },
                });
            }
        }
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
            .blocking(move |home| home.transaction(|changes| Ok(changes.forget(ITEMS, &id)?)))
            .await
    }
}

/// Takes in one message of a relationship. What a message says wrongly is dropped with its code; what the store itself
/// can't do is an error, and the message stays with the relay.
fn take_in(home: &Home, changes: &Transaction<'_>, id: &str, message: Message) -> Result<InboxEvent> {
    let relationship = relationships::by_id(changes, id)?;
    let taken = match &message.kind {
        MessageKind::Receipt => receipt(home, changes, id, &message),
        MessageKind::Delivery => delivery(home, changes, id, &relationship, &message),
        MessageKind::Acknowledgement => acknowledgement(home, changes, id, &message),
        _ => wait(home, changes, &relationship, &message),
    };
    match taken {
        Err(error) if matches!(error.category(), crate::Category::Storage | crate::Category::Internal) => Err(error),
        Err(error) => Ok(InboxEvent::Dropped {
            organisation: relationship.organisation,
            code: error.code().to_owned(),
        }),
        Ok(event) => Ok(event),
    }
}

fn receipt(home: &Home, changes: &Transaction<'_>, id: &str, message: &Message) -> Result<InboxEvent> {
    let compact = text(message)?;
    for (agreement, mut kept) in of_relationship(changes, id)? {
        let receipt = Signed::<Receipt>::verify(compact, kept.agreement.offer().key())?;
        let hash = receipt.hash();
        if kept.agreement.countersign(receipt).is_err() {
            continue;
        }
        kept.keep(changes)?;
        let organisation = consents::party(&kept.agreement);
        let event = Event::ReceiptStored {
            organisation: organisation.clone(),
            agreement: kept.agreement.id(),
            receipt: hash,
        };
        history::append(changes, event, home.platform.now_ms())?;
        return Ok(InboxEvent::ReceiptStored {
            consent: agreement,
            organisation: organisation.name,
        });
    }
    Err(Error::new("NotCovered"))
}

fn acknowledgement(home: &Home, changes: &Transaction<'_>, id: &str, message: &Message) -> Result<InboxEvent> {
    let compact = text(message)?;
    for (agreement, mut kept) in of_relationship(changes, id)? {
        let acknowledgement = Signed::<Acknowledgement>::verify(compact, kept.agreement.offer().key())?;
        let hash = acknowledgement.hash();
        if kept.agreement.acknowledge(acknowledgement).is_err() {
            continue;
        }
        kept.keep(changes)?;
        let organisation = consents::party(&kept.agreement);
        let event = Event::WithdrawalAcknowledged {
            organisation: organisation.clone(),
            agreement: kept.agreement.id(),
            acknowledgement: hash,
        };
        history::append(changes, event, home.platform.now_ms())?;
        return Ok(InboxEvent::Acknowledged {
            consent: agreement,
            organisation: organisation.name,
        });
    }
    Err(Error::new("NotCovered"))
}

/// A delivery is taken in when an agreement gives the right to it and every credential verifies; without an agreement it
/// waits apart, unopened.
fn delivery(
    home: &Home,
    changes: &Transaction<'_>,
    id: &str,
    relationship: &Relationship,
    message: &Message,
) -> Result<InboxEvent> {
    let body: DeliveryBody = serde_json::from_slice(&message.body)?;
    let agreements = of_relationship(changes, id)?;
    let covered = agreements.into_iter().find(|(name, _)| *name == body.agreement);
    let Some((name, kept)) = covered else {
        return wait(home, changes, relationship, message);
    };
    if kept.agreement.check_use(Right::Deliver, home.platform.now()).is_err() {
        return wait(home, changes, relationship, message);
    }
    let (issuers, now, holder) = (Issuers::of(home)?, home.platform.now(), relationship.key()?.public());
    let mut verified = Vec::new();
    for compact in &body.credentials {
        let (credential, issuer) = Credential::parse_and_verify(compact, &issuers, now)?;
        if credential.holder() != Some(&holder) {
            return Err(Error::new("SignatureInvalid"));
        }
        verified.push((credential, issuer));
    }
    let mut delivered = None;
    for (credential, issuer) in &verified {
        delivered = Some(keep_credential(home, changes, &kept, credential, issuer)?);
    }
    let record = delivered.ok_or_else(|| Error::new("Malformed").with("what", "delivery"))?;
    Ok(InboxEvent::Delivered {
        consent: name,
        organisation: relationship.organisation.clone(),
        record,
    })
}

/// Keeps the credential as it was signed, and a record of its claims that can be read and searched.
fn keep_credential(
    home: &Home,
    changes: &Transaction<'_>,
    kept: &Kept,
    credential: &Credential,
    issuer: &Issuer,
) -> Result<RecordId> {
    let Issuer::Organisation { id, name } = issuer else {
        return Err(Error::new("IssuerNotTrusted"));
    };
    let key = base64url(sha256(&[credential.compact().as_bytes()]));
    changes.keep(CREDENTIALS, &key, &credential.to_bytes())?;
    let now = home.platform.now_ms();
    let provenance = Provenance {
        source: Source::Delivered {
            by: name.clone(),
            organisation_id: id.clone(),
            credential: key.clone(),
        },
        verification: Verification::Signature { issuer: name.clone() },
        collected_ms: now,
    };
    let area = schema::area(credential.vct()).unwrap_or(LifeArea::OTHER);
    let body = Value::Object(data_of(credential.claims()));
    let record = changes.put(
        RecordDraft::new(credential.vct(), area, body, provenance),
        &mut OsRandom,
    )?;
    let event = Event::Delivered {
        organisation: consents::party(&kept.agreement),
        agreement: Some(kept.agreement.id()),
        credential_type: credential.vct().to_owned(),
        credential: key,
    };
    history::append(changes, event, now)?;
    Ok(record.id)
}

/// The claims about the person.
pub(super) fn data_of(claims: &Map<String, Value>) -> Map<String, Value> {
    let about = |name: &&String| !REGISTERED.contains(&name.as_str());
    claims
        .iter()
        .filter(|(name, _)| about(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn wait(home: &Home, changes: &Transaction<'_>, relationship: &Relationship, message: &Message) -> Result<InboxEvent> {
    let waiting = changes.all_kept(ITEMS)?.len();
    if waiting >= MAX_WAITING {
        return Err(Error::new("TooLarge").with("what", "inbox").with("limit", MAX_WAITING));
    }
    let note: Option<NoteBody> = match message.kind {
        MessageKind::Note => Some(serde_json::from_slice(&message.body)?),
        _ => None,
    };
    let item = InboxItem {
        id: base64url(kist_crypto::Secret::<16>::generate(&mut OsRandom).expose()),
        organisation: relationship.organisation.clone(),
        organisation_id: relationship.organisation_id.clone(),
        received_ms: home.platform.now_ms(),
        kind: message.kind.as_str().to_owned(),
        text: note.map(|note| note.text),
        outside_agreement: !has_agreement(home, changes, relationship)?,
    };
    changes.keep(ITEMS, &item.id, &to_json(&item)?)?;
    let event = Event::MessageReceived {
        organisation: Party {
            id: item.organisation_id.clone(),
            name: item.organisation.clone(),
        },
        kind: item.kind.clone(),
        number: message.number,
    };
    history::append(changes, event, item.received_ms)?;
    Ok(InboxEvent::Waiting {
        item: item.id,
        organisation: item.organisation,
        outside_agreement: item.outside_agreement,
    })
}

/// Whether anything that was agreed with this organisation still stands.
fn has_agreement(home: &Home, changes: &Transaction<'_>, relationship: &Relationship) -> Result<bool> {
    let now = home.platform.now();
    for (_, bytes) in changes.all_kept(agreements::COLLECTION)? {
        let kept: Kept = crate::home::from_json(&bytes)?;
        let stands = kept.agreement.check_use(Right::Deliver, now).is_ok();
        if stands && kept.agreement.offer().organisation.id == relationship.organisation_id {
            return Ok(true);
        }
    }
    Ok(false)
}

fn of_relationship(changes: &Transaction<'_>, relationship: &str) -> Result<Vec<(String, Kept)>> {
    let mut found = Vec::new();
    for (name, bytes) in changes.all_kept(agreements::COLLECTION)? {
        let kept: Kept = crate::home::from_json(&bytes)?;
        if kept.relationship == relationship {
            found.push((name, kept));
        }
    }
    Ok(found)
}

fn text(message: &Message) -> Result<&str> {
    std::str::from_utf8(&message.body).map_err(|_| Error::new("Malformed").with("what", "message"))
}
