//! What is made of an organisation's messages: receipts, deliveries, acknowledgements and words. What no agreement covers
//! waits apart, unopened.

use kist_channel::{Address, Message, MessageKind};
use kist_consent::history::Event;
use kist_consent::{Acknowledgement, ObjectHash, Party, Receipt, Right, Signed};
use kist_crypto::{OsRandom, base64url};
use kist_identity::{Credential, Issuer};
use kist_vault::{LifeArea, Provenance, RecordDraft, RecordId, Source, Transaction, Verification, schema::Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agreements::{self, Kept};
use crate::bodies::{DeliveryBody, NoteBody};
use crate::credentials::{self, CREDENTIALS};
use crate::home::{Home, from_json, let_go, to_json};
use crate::mail;
use crate::person::consents;
use crate::person::contacts::hellos;
use crate::person::events::InboxEvent;
use crate::person::relationships::{self, Relationship, address};
use crate::person::standing_access::reads;
use crate::person::transfers;
use crate::trust::issuers::Issuers;
use crate::{Error, Parameter, Result, history};

/// Items that wait to be read.
pub(in crate::person) const ITEMS: &str = "inbox";
/// Deliveries that an agreement covers and that wait for a newer trust list, or for a consent to go on, by item.
const HELD: &str = "held-deliveries";
/// The most items of one organisation that wait; more are dropped.
const MAX_WAITING: usize = 100;
/// The most credentials in one delivery.
const MAX_CREDENTIALS: usize = 64;
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

#[derive(Serialize, Deserialize)]
struct HeldDelivery {
    relationship: String,
    body: DeliveryBody,
}

/// Takes in one message of a relationship. Nothing that it does stays when it fails.
pub(in crate::person) fn take_in(
    home: &Home,
    changes: &Transaction<'_>,
    id: &str,
    message: Message,
) -> Result<Vec<InboxEvent>> {
    let incoming = Incoming::of(home, changes, id)?;
    match &message.kind {
        MessageKind::Receipt => incoming.receipt(&message),
        MessageKind::Delivery => incoming.delivery(&message),
        MessageKind::Acknowledgement => incoming.acknowledgement(&message),
        MessageKind::RightsAnswer => incoming.rights_answer(&message),
        MessageKind::Read => reads::take_in(home, changes, id, &message).map(|()| Vec::new()),
        MessageKind::File => transfers::take_in(home, changes, id, &message),
        MessageKind::Key => Ok(Vec::new()),
        MessageKind::Request if hellos::take_in(home, changes, id, &message)? => Ok(Vec::new()),
        MessageKind::Amended => consents::acknowledged(home, changes, id, &message),
        _ => incoming.words(&message),
    }
}

/// Takes in deliveries that waited for a newer trust list where there is one now, or for a consent that goes on.
pub(in crate::person) fn look_again(home: &Home) -> Result<Vec<InboxEvent>> {
    let mut events = Vec::new();
    for (item, held) in home.all_kept::<HeldDelivery>(HELD)? {
        let HeldDelivery { relationship, body } = held;
        let again = home.transaction(|changes| {
            let taken = Incoming::of(home, changes, &relationship)?.deliver(&body)?;
            dismiss(changes, &item)?;
            // Without an agreement by now: it was never opened, and there is nothing left to wait for.
            taken.ok_or_else(|| Error::new("NotCovered"))
        });
        match again {
            Ok(taken) => events.extend(taken),
            Err(error) if waits(&error) => {}
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(error) => {
                home.transaction(|changes| dismiss(changes, &item))?;
                events.push(InboxEvent::Dropped {
                    organisation: relationships::read(home, &relationship)?.organisation,
                    code: error.code().to_owned(),
                });
            }
        }
    }
    Ok(events)
}

/// Takes an item away.
pub(in crate::person) fn dismiss(changes: &Transaction<'_>, item: &str) -> Result<()> {
    let_go(changes, HELD, item)?;
    let_go(changes, ITEMS, item)
}

/// A relationship that a message came in.
pub(in crate::person) struct Incoming<'a> {
    pub(in crate::person) home: &'a Home,
    pub(in crate::person) changes: &'a Transaction<'a>,
    pub(in crate::person) id: &'a str,
    pub(in crate::person) relationship: Relationship,
}

impl<'a> Incoming<'a> {
    pub(in crate::person) fn of(home: &'a Home, changes: &'a Transaction<'a>, id: &'a str) -> Result<Self> {
        Ok(Incoming {
            home,
            changes,
            id,
            relationship: relationships::by_id(changes, id)?,
        })
    }

    /// A receipt verifies with the key that signed the offer. An organisation whose key was renewed between the two is not
    /// recognised here, though its certificate would vouch for it: the trust room would have to say so.
    fn receipt(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let agreements = self.agreements()?;
        let is_met = agreements.iter().any(|kept| kept.agreement.receipt().is_some());
        for mut kept in agreements {
            let Ok(receipt) = Signed::<Receipt>::verify(text(message)?, kept.agreement.offer().key()) else {
                continue;
            };
            let hash = receipt.hash();
            let is_first = kept.agreement.receipt().is_none();
            if kept.agreement.countersign(receipt).is_err() {
                continue;
            }
            if !is_first {
                return Ok(Vec::new());
            }
            kept.keep(self.changes)?;
            if !is_met {
                self.meet(&kept)?;
            }
            let organisation = agreements::party(&kept.agreement);
            self.note(Event::ReceiptStored {
                organisation: organisation.clone(),
                agreement: kept.agreement.id(),
                receipt: hash,
            })?;
            return Ok(vec![InboxEvent::ReceiptStored {
                consent: kept.id(),
                organisation: organisation.name,
            }]);
        }
        Err(Error::new("NotCovered"))
    }

    /// The first receipt of a relationship says which offer the organisation met the person by: it reads that offer's
    /// mailbox. The key to seal to is the one that its message has just named.
    fn meet(&self, kept: &Kept) -> Result<()> {
        let mut connection = mail::connection(self.changes, self.id)?;
        let offered = address(&kept.agreement.offer().connection, self.home.platform.transport)?;
        let Some(peer) = connection
            .peer()
            .filter(|peer| peer.mailbox != offered.mailbox)
            .cloned()
        else {
            return Ok(());
        };
        connection.set_peer(Address {
            receiving_key: peer.receiving_key,
            ..offered
        })?;
        mail::keep_connection(self.changes, self.id, &connection)
    }

    fn acknowledgement(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        for mut kept in self.agreements()? {
            let Ok(signed) = Signed::<Acknowledgement>::verify(text(message)?, kept.agreement.offer().key()) else {
                continue;
            };
            let hash = signed.hash();
            let is_first = kept.agreement.signed_acknowledgement().is_none();
            if kept.agreement.acknowledge(signed).is_err() {
                continue;
            }
            if !is_first {
                return Ok(Vec::new());
            }
            kept.keep(self.changes)?;
            let organisation = agreements::party(&kept.agreement);
            self.note(Event::WithdrawalAcknowledged {
                organisation: organisation.clone(),
                agreement: kept.agreement.id(),
                acknowledgement: hash,
            })?;
            return Ok(vec![InboxEvent::Acknowledged {
                consent: kept.id(),
                organisation: organisation.name,
            }]);
        }
        Err(Error::new("NotCovered"))
    }

    /// A delivery is taken in when its agreement gives the right to it and every credential verifies. One that can't be
    /// decided for want of a newer trust list waits for it, and one whose consent stands still until it goes on; one that no
    /// agreement covers waits apart.
    fn delivery(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let body: DeliveryBody = serde_json::from_slice(&message.body)?;
        match self.deliver(&body) {
            Ok(Some(events)) => Ok(events),
            Ok(None) => self.wait(message, None, true).map(|(_, event)| vec![event]),
            Err(error) if waits(&error) => {
                let (item, event) = self.wait(message, None, false).map_err(|full| stay(&error, full))?;
                let relationship = self.id.to_owned();
                let held = HeldDelivery { relationship, body };
                self.changes.keep(HELD, &item, &to_json(&held)?)?;
                Ok(vec![event])
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps what is delivered; `None` where no agreement covers it.
    fn deliver(&self, body: &DeliveryBody) -> Result<Option<Vec<InboxEvent>>> {
        let now = self.home.platform.now();
        let named = self.agreements()?.into_iter().find(|kept| kept.id() == body.agreement);
        let Some(kept) = named else { return Ok(None) };
        match kept.check_use(self.changes, Right::Deliver, now) {
            Ok(()) => {}
            Err(error) if is_not_now(&error) => return Err(error),
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(_) => return Ok(None),
        }
        if body.credentials.is_empty() || body.credentials.len() > MAX_CREDENTIALS {
            return Err(Error::new("Malformed").with("what", "delivery"));
        }
        let (issuers, holder) = (Issuers::of(self.home)?, self.relationship.key()?.public());
        let mut verified = Vec::new();
        for compact in &body.credentials {
            let (credential, issuer) = Credential::parse_and_verify(compact, &issuers, now)?;
            if credential.holder() != Some(&holder) {
                return Err(Error::new("SignatureInvalid"));
            }
            verified.push((credential, issuer));
        }
        let mut events = Vec::new();
        for (credential, issuer) in &verified {
            let record = self.keep_credential(
                agreements::party(&kept.agreement),
                Some(kept.agreement.id()),
                credential,
                issuer,
            )?;
            events.extend(record.map(|record| InboxEvent::Delivered {
                consent: kept.id(),
                organisation: self.relationship.organisation.clone(),
                record,
            }));
        }
        Ok(Some(events))
    }

    /// Keeps the credential as it was signed, and a record of its claims that can be read and searched. `None` where it is
    /// there already.
    pub(in crate::person) fn keep_credential(
        &self,
        organisation: Party,
        agreement: Option<ObjectHash>,
        credential: &Credential,
        issuer: &Issuer,
    ) -> Result<Option<RecordId>> {
        let Issuer::Organisation { id, name } = issuer else {
            return Err(Error::new("IssuerNotTrusted"));
        };
        let key = credentials::key(credential);
        if self.changes.kept(CREDENTIALS, &key)?.is_some() {
            return Ok(None);
        }
        self.changes.keep(CREDENTIALS, &key, &credential.to_bytes())?;
        let provenance = Provenance {
            source: Source::Delivered {
                by: name.clone(),
                organisation_id: id.clone(),
                credential: key.clone(),
            },
            verification: Verification::Signature { issuer: name.clone() },
            collected_ms: self.home.platform.now_ms(),
        };
        let schema = self.changes.schema(credential.vct())?;
        let area = schema.as_deref().and_then(Schema::area).unwrap_or(LifeArea::OTHER);
        let body = Value::Object(credentials::data_of(credential.claims()));
        let draft = RecordDraft::new(credential.vct(), area, body, provenance);
        let record = self.changes.put(draft, &mut OsRandom)?;
        self.note(Event::Delivered {
            organisation,
            agreement,
            credential_type: credential.vct().to_owned(),
            credential: key,
        })?;
        Ok(Some(record.id))
    }

    /// Words, and kinds of message that this build doesn't know.
    fn words(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let text = match message.kind {
            MessageKind::Note => Some(serde_json::from_slice::<NoteBody>(&message.body)?.check()?.text),
            _ => None,
        };
        let outside = !self.has_agreement()?;
        self.wait(message, text, outside).map(|(_, event)| vec![event])
    }

    /// Puts an item into the inbox; gives its name.
    fn wait(&self, message: &Message, text: Option<String>, outside_agreement: bool) -> Result<(String, InboxEvent)> {
        let Relationship {
            organisation,
            organisation_id,
            ..
        } = &self.relationship;
        let mut waiting = 0;
        for (_, bytes) in self.changes.all_kept(ITEMS)? {
            let item: InboxItem = from_json(&bytes)?;
            waiting += usize::from(item.organisation_id == *organisation_id);
        }
        if waiting >= MAX_WAITING {
            return Err(Error::new("TooLarge").with("what", "inbox").with("limit", MAX_WAITING));
        }
        let item = InboxItem {
            id: base64url(kist_crypto::Secret::<16>::generate(&mut OsRandom).expose()),
            organisation: organisation.clone(),
            organisation_id: organisation_id.clone(),
            received_ms: self.home.platform.now_ms(),
            kind: message.kind.as_str().to_owned(),
            text,
            outside_agreement,
        };
        self.changes.keep(ITEMS, &item.id, &to_json(&item)?)?;
        self.note(Event::MessageReceived {
            organisation: Party {
                id: item.organisation_id,
                name: item.organisation.clone(),
            },
            kind: item.kind,
            number: message.number,
        })?;
        let event = InboxEvent::Waiting {
            item: item.id.clone(),
            organisation: item.organisation,
            outside_agreement,
        };
        Ok((item.id, event))
    }

    /// Whether an agreement of this relationship still gives the right to deliver.
    fn has_agreement(&self) -> Result<bool> {
        let now = self.home.platform.now();
        let stands = |kept: &Kept| match kept.check_use(self.changes, Right::Deliver, now) {
            Err(error) => error.code() == "TrustListExpired",
            Ok(()) => true,
        };
        Ok(self.agreements()?.iter().any(stands))
    }

    fn agreements(&self) -> Result<Vec<Kept>> {
        agreements::of_relationship(self.changes, self.id)
    }

    pub(in crate::person) fn note(&self, event: Event) -> Result<()> {
        history::append(self.changes, event, self.home.platform.now_ms())
    }
}

/// Whether a delivery that can't be taken in now may be later.
fn waits(error: &Error) -> bool {
    waits_for_list(error) || stands_still(error)
}

/// Whether an agreement covers a delivery, and yet it can't be taken in now.
fn is_not_now(error: &Error) -> bool {
    matches!(
        error.code(),
        "ConsentPaused" | "OrganisationNotTrusted" | "TrustListExpired"
    )
}

/// Whether this comes of a consent that stands still. An organisation that was expelled doesn't come back: there is nothing
/// to wait for.
fn stands_still(error: &Error) -> bool {
    let expelled = Parameter::from("Expelled");
    match error.code() {
        "ConsentPaused" | "TrustListExpired" => true,
        "OrganisationNotTrusted" => error.parameter("reason") != Some(&expelled),
        _ => false,
    }
}

/// What becomes of a delivery that waits when the inbox is full: where its consent stands still it stays with the relay, so
/// that a pause loses nothing, and else it is dropped.
fn stay(why: &Error, full: Error) -> Error {
    match stands_still(why) && full.code() == "TooLarge" {
        true => Error::new("ConsentPaused"),
        false => full,
    }
}

/// Whether a newer trust list may let in what this one could not decide.
pub(in crate::person) fn waits_for_list(error: &Error) -> bool {
    let expired = Parameter::from("TrustListExpired");
    error.code() == "IssuerNotTrusted" && error.parameter("reason") == Some(&expired)
}

fn text(message: &Message) -> Result<&str> {
    std::str::from_utf8(&message.body).map_err(|_| Error::new("Malformed").with("what", "message"))
}

#[cfg(test)]
#[path = "messages_test.rs"]
mod messages_test;
