//! Narrowing a consent: fields are taken out of it, or it ends earlier, by an amendment that the person signs and the
//! organisation acknowledges.

use kist_channel::{Message, MessageKind};
use kist_consent::history::Event;
use kist_consent::{Amendment, AmendmentAcknowledgement, FieldRef, Signed};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::{ConsentSummary, Consents, read};
use crate::agreements;
use crate::home::Home;
use crate::person::events::InboxEvent;
use crate::person::relationships::recall;
use crate::person::relationships::sending::Sending;
use crate::person::relationships::{self, settling};
use crate::person::requests::unsent;
use crate::{Error, Result, history};

/// What is taken out of a consent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// Fields, by their names in the consent: `query:["path"]`.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The first second at which it holds no more, Unix time; none leaves the end as it is.
    #[serde(default)]
    pub ends_at: Option<i64>,
}

impl Consents {
    /// Narrows a consent. It holds at once: what was taken out is given no more. The organisation is told now, or with the
    /// next refresh of the inbox, and acknowledges.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`; `FieldNotOffered` for a field that isn't in it;
    /// `RequiredFieldMissing` for one without which there is no agreement: withdraw instead; `Malformed` where nothing is
    /// narrower, or the end isn't earlier; `InUse` while the answer that gives the fields waits to be sent: withdraw, or
    /// send it first.
    pub async fn narrow(&self, id: &str, narrowing: Narrowing) -> Result<ConsentSummary> {
        let (id, name) = (id.to_owned(), id.to_owned());
        self.home
            .blocking(move |home| home.transaction(|changes| narrow(home, changes, &id, &narrowing)))
            .await?;
        // It holds, whatever becomes of this: the next refresh says what fails.
        let _ = settling::settle(&self.home).await;
        self.home.blocking(move |home| read(home, &name)).await
    }
}

/// Signs and stores the amendment, and the message that tells of it.
fn narrow(home: &Home, changes: &Transaction<'_>, id: &str, narrowing: &Narrowing) -> Result<()> {
    let (now, mut kept) = (home.platform.now(), agreements::by_id(changes, id)?);
    kept.check_holds(now)?;
    if unsent::agreements(changes)?.contains(id) {
        return Err(Error::new("InUse"));
    }
    let removed = fields(&kept.agreement.fields(), &narrowing.fields)?;
    let amendment = kept.agreement.amendment(&removed, narrowing.ends_at, now)?;
    let key = relationships::by_id(changes, &kept.relationship)?.key()?;
    let unsigned = Signed::<Amendment>::prepare(&amendment)?;
    let signature = key.sign(unsigned.signing_input());
    let amendment = Signed::<Amendment>::verify(&unsigned.complete(&signature), &key.public())?;
    let event = Event::Amended {
        organisation: agreements::party(&kept.agreement),
        agreement: kept.agreement.id(),
        amendment: amendment.hash(),
        fields: amendment.removed.clone(),
        ends_at: amendment.ends_at,
    };
    let body = amendment.compact().as_bytes().to_vec();
    kept.agreement.amend(amendment)?;
    kept.keep(changes)?;
    recall::call_back(home, changes)?;
    Sending::post(home, changes, &kept.relationship, &MessageKind::Amendment, &body)?;
    history::append(changes, event, home.platform.now_ms())
}

/// The fields of these names.
fn fields(all: &[FieldRef], names: &[String]) -> Result<Vec<FieldRef>> {
    let found = names.iter().map(|name| {
        let field = all.iter().find(|field| field.to_string() == *name).cloned();
        field.ok_or_else(|| Error::new("FieldNotOffered").with("field", name.as_str()))
    });
    found.collect()
}

/// Takes in the organisation's acknowledgement of an amendment.
pub(in crate::person) fn acknowledged(
    home: &Home,
    changes: &Transaction<'_>,
    relationship: &str,
    message: &Message,
) -> Result<Vec<InboxEvent>> {
    let text = std::str::from_utf8(&message.body).map_err(|_| Error::new("Malformed").with("what", "message"))?;
    for mut kept in agreements::of_relationship(changes, relationship)? {
        let Ok(signed) = Signed::<AmendmentAcknowledgement>::verify(text, kept.agreement.offer().key()) else {
            continue;
        };
        let before = kept.agreement.clone();
        let acknowledgement = signed.hash();
        if kept.agreement.acknowledge_amendment(signed).is_err() {
            continue;
        }
        if kept.agreement == before {
            return Ok(Vec::new());
        }
        kept.keep(changes)?;
        let organisation = agreements::party(&kept.agreement);
        let event = InboxEvent::NarrowingAcknowledged {
            consent: kept.id(),
            organisation: organisation.name.clone(),
        };
        let entry = Event::AmendmentAcknowledged {
            organisation,
            agreement: kept.agreement.id(),
            acknowledgement,
        };
        history::append(changes, entry, home.platform.now_ms())?;
        return Ok(vec![event]);
    }
    Err(Error::new("NotCovered"))
}
