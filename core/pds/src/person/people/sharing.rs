//! Sharing with another person: chosen records, under an agreement with offer, acceptance and receipt as with an
//! organisation, whose parties are named by their keys.
//!
//! The one who shares decides first, and says what it would be (`propose`). The other's phone offers exactly that
//! (`offer`), the first one's accepts and gives the records (`acceptance`), the other's countersigns (`receipt`). Each step
//! is taken at a refresh, so neither phone waits for the other.

use std::sync::Arc;

use kist_channel::{Message, MessageKind};
use kist_consent::history::{DisclosedField, Event};
use kist_consent::{
    Acceptance, Acknowledgement, Agreement, AgreementState, Offer, Receipt, Right, Signed, SignedContent, Texts,
    Withdrawal,
};
use kist_crypto::{OsRandom, Secret, base64url, sha256};
use kist_identity::{
    ClaimPath, Credential, CredentialDraft, IssuedBy, RelationshipKey, SelfAssertedOnly, start_of_day,
};
use kist_vault::{LifeArea, Provenance, RecordDraft, RecordId, Source, Transaction, Verification, schema::Schema};
use serde_json::{Map, Value};

use super::shares::{
    AcceptanceBody, COLLECTION, Part, Proposal, Share, ShareDirection, ShareSpec, ShareState, Stored, key, named, party,
};
use super::{People, Stored as Other};
use crate::agreements::standing::Standing;
use crate::home::{Home, from_json, to_json};
use crate::person::events::InboxEvent;
use crate::person::relationships::settling;
use crate::{Error, Result, credentials, history, mail};

/// The most shares with one person.
const MAX_SHARES: usize = 256;

impl People {
    /// Shares records with somebody. They are given when the other's phone has answered, and as they are then.
    ///
    /// Errors: `NotFound` for a record or a person, or one who has not answered yet; `Malformed`, `TooLarge`.
    pub async fn share(&self, person: &str, spec: ShareSpec) -> Result<Share> {
        let id = person.to_owned();
        let share = self.home.blocking(move |home| propose(home, &id, spec)).await?;
        self.flush().await?;
        Ok(share)
    }

    /// Everything that is shared, either way.
    pub async fn shares(&self) -> Result<Vec<Share>> {
        self.home
            .blocking(|home| {
                let now = home.platform.now();
                let all = home.all_kept::<Stored>(COLLECTION)?.into_iter();
                all.map(|(_, stored)| Ok(stored.clone().share(&super::read(home, &stored.person)?, now)))
                    .collect()
            })
            .await
    }

    /// Withdraws what this person shares. The other's phone lets go of it and says so.
    ///
    /// Errors: `NotFound`, `ConsentWithdrawn` where it was withdrawn before.
    pub async fn withdraw(&self, share: &str) -> Result<Share> {
        let id = share.to_owned();
        let share = self
            .home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let stored = withdraw(home, changes, &id)?;
                    let other = super::by_id(changes, &stored.person)?;
                    Ok(stored.share(&other, home.platform.now()))
                })
            })
            .await?;
        self.flush().await?;
        Ok(share)
    }

    /// Sends what can be sent now; the rest goes with the next refresh.
    async fn flush(&self) -> Result<()> {
        settling::settle(&self.home).await.map(drop)
    }
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "share")
}

/// Stores what is to be shared, and says so to the other.
fn propose(home: &Home, person: &str, spec: ShareSpec) -> Result<Share> {
    let other = super::read(home, person)?;
    other.peer_key()?;
    let mut parts = Vec::new();
    for id in &spec.records {
        let record = home.vault.record(id)?;
        let record = record.ok_or_else(|| Error::new("NotFound").with("what", "record"))?;
        let members = record
            .body
            .as_object()
            .ok_or_else(|| Error::new("Malformed").with("what", "record"))?;
        parts.push(Part {
            schema: record.schema.clone(),
            members: members.keys().cloned().collect(),
        });
    }
    let proposal = Proposal {
        id: base64url(Secret::<16>::generate(&mut OsRandom).expose()),
        purpose: spec.purpose,
        language: spec.language,
        until: spec.until,
        parts,
    };
    proposal.check()?;
    Texts::new(&proposal.language, &proposal.purpose)?;
    let stored = Stored {
        person: person.to_owned(),
        direction: ShareDirection::Given,
        records: spec.records,
        offer: None,
        agreement: None,
        proposal,
    };
    home.transaction(|changes| {
        stored.keep(changes)?;
        post(home, changes, person, "propose", to_json(&stored.proposal)?)
    })?;
    Ok(stored.share(&other, home.platform.now()))
}

fn post(home: &Home, changes: &Transaction<'_>, person: &str, kind: &str, body: Vec<u8>) -> Result<()> {
    let key = super::by_id(changes, person)?.key()?;
    let kind = MessageKind::from(kind.to_owned());
    mail::post(changes, person, &mail::signer(&key), kind, body, home.platform.now())
}

fn sign<T: SignedContent>(content: &T, key: &RelationshipKey) -> Result<Signed<T>> {
    let unsigned = Signed::prepare(content)?;
    let signature = key.sign(unsigned.signing_input());
    Ok(Signed::verify(&unsigned.complete(&signature), &key.public())?)
}

/// Withdraws a share of this person; one that was only proposed is taken back without a word.
fn withdraw(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<Stored> {
    let mut stored: Stored = from_json(&changes.kept(COLLECTION, id)?.ok_or_else(missing)?)?;
    if stored.direction != ShareDirection::Given {
        return Err(missing());
    }
    let Some(agreement) = &mut stored.agreement else {
        changes.forget(COLLECTION, id)?;
        return Ok(stored);
    };
    let now = home.platform.now();
    if let AgreementState::Withdrawn { at, .. } = agreement.state(now) {
        return Err(Error::new("ConsentWithdrawn").with("at", at));
    }
    let other = super::by_id(changes, &stored.person)?;
    let withdrawal = sign(&agreement.withdrawal(now), &other.key()?)?;
    let event = Event::Withdrawn {
        organisation: named(&other)?,
        agreement: agreement.id(),
        withdrawal: withdrawal.hash(),
    };
    let compact = withdrawal.compact().to_owned();
    agreement.withdraw(withdrawal)?;
    stored.keep(changes)?;
    post(home, changes, &stored.person, "withdrawal", compact.into_bytes())?;
    history::append(changes, event, home.platform.now_ms())?;
    Ok(stored)
}

/// Withdraws everything that this person shares with somebody.
pub(super) async fn withdraw_all(home: &Arc<Home>, person: &str) -> Result<()> {
    let person = person.to_owned();
    home.blocking(move |home| {
        home.transaction(|changes| {
            for stored in of(changes, &person)? {
                match withdraw(home, changes, &stored.key()) {
                    Err(error) if !matches!(error.code(), "ConsentWithdrawn" | "NotFound") => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        })
    })
    .await
}

/// Whether a withdrawal of this person has not been acknowledged.
pub(super) async fn is_waiting(home: &Arc<Home>, person: &str) -> Result<bool> {
    let person = person.to_owned();
    home.blocking(move |home| {
        let now = home.platform.now();
        let all = home.transaction(|changes| of(changes, &person))?;
        Ok(all.iter().any(|stored| stored.state(now) == ShareState::Withdrawn))
    })
    .await
}

fn of(changes: &Transaction<'_>, person: &str) -> Result<Vec<Stored>> {
    let mut all = Vec::new();
    for (_, bytes) in changes.all_kept(COLLECTION)? {
        let stored: Stored = from_json(&bytes)?;
        if stored.person == person {
            all.push(stored);
        }
    }
    Ok(all)
}

/// Takes in one message of another person. Nothing that it does stays when it fails.
pub(super) fn take_in(home: &Home, changes: &Transaction<'_>, id: &str, message: Message) -> Result<Vec<InboxEvent>> {
    let incoming = Incoming::of(home, changes, id)?;
    match message.kind.as_str() {
        "propose" => incoming.proposed(&message),
        "offer" => incoming.offered(&message),
        "acceptance" => incoming.accepted(&message),
        "receipt" => incoming.receipt(&message),
        "withdrawal" => incoming.withdrawn(&message),
        "acknowledgement" => incoming.acknowledged(&message),
        "key" => Ok(Vec::new()),
        _ => Err(Error::new("Unsupported").with("what", "message")),
    }
}

/// Gives what was held back while everything was paused, once it isn't.
pub(super) fn go_on(home: &Home, id: &str) -> Result<Vec<InboxEvent>> {
    let held = |stored: &Stored| stored.direction == ShareDirection::Given && stored.offer.is_some();
    let mut events = Vec::new();
    for name in home
        .transaction(|changes| of(changes, id))?
        .iter()
        .filter(|stored| held(stored))
        .map(Stored::key)
    {
        // The person may have taken it back since.
        let again = |changes: &Transaction<'_>| -> Result<Option<Stored>> {
            let stored = changes
                .kept(COLLECTION, &name)?
                .map(|bytes| from_json(&bytes))
                .transpose()?;
            Ok(stored.filter(held))
        };
        let given = home.transaction(|changes| match again(changes)? {
            Some(stored) => Incoming::of(home, changes, id)?.give(stored),
            None => Ok(()),
        });
        match given {
            Err(error) if mail::is_own(&error) => return Err(error),
            // As an offer that can't be accepted when it comes.
            Err(error) => events.push(home.transaction(|changes| {
                if let Some(mut stored) = again(changes)? {
                    stored.offer = None;
                    stored.keep(changes)?;
                }
                Ok(InboxEvent::Dropped {
                    organisation: super::by_id(changes, id)?.name,
                    code: error.code().to_owned(),
                })
            })?),
            Ok(()) => {}
        }
    }
    Ok(events)
}

struct Incoming<'a> {
    home: &'a Home,
    changes: &'a Transaction<'a>,
    id: &'a str,
    other: Other,
}

impl<'a> Incoming<'a> {
    fn of(home: &'a Home, changes: &'a Transaction<'a>, id: &'a str) -> Result<Self> {
        Ok(Incoming {
            home,
            changes,
            id,
            other: super::by_id(changes, id)?,
        })
    }

    /// The other wants to share: this phone offers just that. Nothing has been given yet, and nothing is asked.
    fn proposed(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let proposal: Proposal = serde_json::from_slice(&message.body)?;
        proposal.check()?;
        let all = of(self.changes, self.id)?;
        if all.len() >= MAX_SHARES || all.iter().any(|stored| stored.proposal.id == proposal.id) {
            return Err(Error::new("TooLarge").with("what", "shares").with("limit", MAX_SHARES));
        }
        let key = self.other.key()?;
        let connection = mail::connection(self.changes, self.id)?;
        // Messages go where they went before; the offer names the mailbox as any offer does.
        let reached = kist_consent::Connection {
            relay: connection.own().relay.clone(),
            mailbox: connection.own().mailbox.to_string(),
            send_token: "none".into(),
            receiving_key: "none".into(),
        };
        let offer = sign(&proposal.offer(&key.public(), reached, self.home.platform.now())?, &key)?;
        let compact = offer.compact().to_owned();
        let stored = Stored {
            person: self.id.to_owned(),
            direction: ShareDirection::Received,
            proposal,
            records: Vec::new(),
            offer: Some(offer),
            agreement: None,
        };
        stored.keep(self.changes)?;
        self.post("offer", compact.into_bytes())?;
        Ok(Vec::new())
    }

    /// The other's phone offers what this person decided.
    fn offered(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let peer = self.other.peer_key()?;
        let offer = Signed::<Offer>::verify(text(message)?, &peer)?;
        let mut stored = self.share(&offer.id)?;
        let decided = stored.direction == ShareDirection::Given && stored.agreement.is_none() && stored.offer.is_none();
        if !decided || !stored.proposal.is_offered(&offer, &peer)? {
            return Err(Error::new("NotCovered"));
        }
        stored.offer = Some(offer);
        stored.keep(self.changes)?;
        self.give(stored).map(|()| Vec::new())
    }

    /// Accepts the offer that waits, and gives the records; while everything is paused it waits on.
    fn give(&self, mut stored: Stored) -> Result<()> {
        if Standing::of(self.changes)?.everything()?.is_some() {
            return Ok(());
        }
        let (key, now) = (self.other.key()?, self.home.platform.now());
        let offer = stored.offer.take().ok_or_else(missing)?;
        let fields = stored.proposal.fields()?;
        let acceptance = Acceptance::of(&offer, &fields, &stored.proposal.language, &key.public(), now)?;
        let acceptance = sign(&acceptance, &key)?;
        let compact = acceptance.compact().to_owned();
        let agreement = Agreement::new(offer, acceptance)?;
        // The offer may have come after the end that the person chose, whatever it says of when it was made.
        agreement.check_use(Right::Read, now)?;
        let mut credentials = Vec::new();
        let mut disclosed = Vec::new();
        for (part, record) in stored.proposal.parts.iter().zip(&stored.records) {
            credentials.push(self.credential(part, record, &key, now)?);
            for member in &part.members {
                disclosed.push(DisclosedField {
                    credential_type: part.schema.clone(),
                    path: ClaimPath::names([member.as_str()])?,
                });
            }
        }
        let body = AcceptanceBody {
            acceptance: compact,
            credentials,
        };
        let name = agreement.id();
        stored.agreement = Some(agreement);
        stored.keep(self.changes)?;
        self.post("acceptance", to_json(&body)?)?;
        self.note(Event::Disclosed {
            organisation: named(&self.other)?,
            request: None,
            agreement: Some(name),
            fields: disclosed,
        })
    }

    /// What the person says of themselves: the members that were decided on, as they are now.
    fn credential(&self, part: &Part, record: &RecordId, key: &RelationshipKey, now: i64) -> Result<String> {
        let record = self.changes.record(record)?;
        let record = record.ok_or_else(|| Error::new("NotFound").with("what", "record"))?;
        let members = record.body.as_object().into_iter().flatten();
        let chosen: Map<String, Value> = members
            .filter(|(name, _)| part.members.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let draft = CredentialDraft::new(
            part.schema.as_str(),
            chosen,
            key.public(),
            IssuedBy::Holder,
            start_of_day(now),
        );
        let unsigned = draft.prepare(&mut OsRandom)?;
        let signature = key.sign(unsigned.signing_input());
        Ok(unsigned.complete(&signature))
    }

    /// The other has given: the records are kept, and the receipt goes back.
    fn accepted(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let body: AcceptanceBody = serde_json::from_slice(&message.body)?;
        let (peer, now) = (self.other.peer_key()?, self.home.platform.now());
        let acceptance = Signed::<Acceptance>::verify(&body.acceptance, &peer)?;
        let all = of(self.changes, self.id)?;
        let waits = |stored: &Stored| {
            let offer = stored.offer.as_ref();
            stored.direction == ShareDirection::Received && offer.is_some_and(|offer| offer.hash() == acceptance.offer)
        };
        let mut stored = all.into_iter().find(waits).ok_or_else(|| Error::new("NotCovered"))?;
        let offer = stored.offer.take().ok_or_else(missing)?;
        let mut agreement = Agreement::new(offer, acceptance)?;
        if body.credentials.len() != stored.proposal.parts.len() {
            return Err(Error::new("AcceptanceMismatch"));
        }
        let name = agreement.id();
        let mut events = Vec::new();
        for (part, compact) in stored.proposal.parts.iter().zip(&body.credentials) {
            let (credential, _) = Credential::parse_and_verify(compact, &SelfAssertedOnly, now)?;
            let data = credentials::data_of(credential.claims());
            let beyond = data.keys().any(|member| !part.members.contains(member));
            if credential.holder() != Some(&peer) || credential.vct() != part.schema || beyond {
                return Err(Error::new("BeyondConsent"));
            }
            let key = base64url(sha256(&[credential.compact().as_bytes()]));
            let provenance = Provenance {
                source: Source::Delivered {
                    by: self.other.name.clone(),
                    organisation_id: party(&peer).id,
                    credential: key.clone(),
                },
                verification: Verification::None,
                collected_ms: self.home.platform.now_ms(),
            };
            let schema = self.changes.schema(credential.vct())?;
            let area = schema.as_deref().and_then(Schema::area).unwrap_or(LifeArea::OTHER);
            let draft = RecordDraft::new(credential.vct(), area, Value::Object(data), provenance);
            let record = self.changes.put(draft, &mut OsRandom)?;
            stored.records.push(record.id);
            self.note(Event::Delivered {
                organisation: named(&self.other)?,
                agreement: Some(name),
                credential_type: part.schema.clone(),
                credential: key,
            })?;
            events.push(InboxEvent::Delivered {
                consent: stored.key(),
                organisation: self.other.name.clone(),
                record: record.id,
            });
        }
        let receipt = Receipt::of(
            agreement.offer(),
            agreement.acceptance(),
            &base64url(Secret::<16>::generate(&mut OsRandom).expose()),
            now,
        )?;
        let receipt = sign(&receipt, &self.other.key()?)?;
        let compact = receipt.compact().to_owned();
        agreement.countersign(receipt)?;
        stored.agreement = Some(agreement);
        stored.keep(self.changes)?;
        self.post("receipt", compact.into_bytes())?;
        Ok(events)
    }

    fn receipt(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let receipt = Signed::<Receipt>::verify(text(message)?, &self.other.peer_key()?)?;
        let hash = receipt.hash();
        for mut stored in of(self.changes, self.id)? {
            let given = stored.direction == ShareDirection::Given;
            let Some(agreement) = stored.agreement.as_mut().filter(|_| given) else {
                continue;
            };
            if agreement.receipt().is_some() || agreement.countersign(receipt.clone()).is_err() {
                continue;
            }
            let event = Event::ReceiptStored {
                organisation: named(&self.other)?,
                agreement: agreement.id(),
                receipt: hash,
            };
            stored.keep(self.changes)?;
            self.note(event)?;
            return Ok(vec![InboxEvent::ReceiptStored {
                consent: stored.key(),
                organisation: self.other.name.clone(),
            }]);
        }
        Err(Error::new("NotCovered"))
    }

    /// The other withdraws: what came is deleted, and this phone says so.
    fn withdrawn(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let withdrawal = Signed::<Withdrawal>::verify(text(message)?, &self.other.peer_key()?)?;
        for mut stored in of(self.changes, self.id)? {
            let received = stored.direction == ShareDirection::Received;
            let Some(agreement) = stored.agreement.as_mut().filter(|_| received) else {
                continue;
            };
            if agreement.withdraw(withdrawal.clone()).is_err() {
                continue;
            }
            let acknowledgement = agreement
                .acknowledgement(self.home.platform.now())
                .ok_or_else(missing)?;
            let acknowledgement = sign(&acknowledgement, &self.other.key()?)?;
            let compact = acknowledgement.compact().to_owned();
            agreement.acknowledge(acknowledgement)?;
            for record in std::mem::take(&mut stored.records) {
                match self.changes.delete(&record) {
                    // The person deleted it before.
                    Err(kist_vault::Error::NotFound { .. }) => {}
                    deleted => deleted?,
                }
            }
            stored.keep(self.changes)?;
            self.post("acknowledgement", compact.into_bytes())?;
            return Ok(vec![InboxEvent::ShareWithdrawn {
                share: stored.key(),
                name: self.other.name.clone(),
            }]);
        }
        Err(Error::new("NotCovered"))
    }

    fn acknowledged(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let signed = Signed::<Acknowledgement>::verify(text(message)?, &self.other.peer_key()?)?;
        let hash = signed.hash();
        for mut stored in of(self.changes, self.id)? {
            let given = stored.direction == ShareDirection::Given;
            let Some(agreement) = stored.agreement.as_mut().filter(|_| given) else {
                continue;
            };
            if agreement.acknowledge(signed.clone()).is_err() {
                continue;
            }
            let event = Event::WithdrawalAcknowledged {
                organisation: named(&self.other)?,
                agreement: agreement.id(),
                acknowledgement: hash,
            };
            stored.keep(self.changes)?;
            self.note(event)?;
            return Ok(vec![InboxEvent::Acknowledged {
                consent: stored.key(),
                organisation: self.other.name.clone(),
            }]);
        }
        Err(Error::new("NotCovered"))
    }

    fn share(&self, proposal: &str) -> Result<Stored> {
        let bytes = self.changes.kept(COLLECTION, &key(self.id, proposal))?;
        from_json(&bytes.ok_or_else(|| Error::new("NotCovered"))?)
    }

    fn post(&self, kind: &str, body: Vec<u8>) -> Result<()> {
        post(self.home, self.changes, self.id, kind, body)
    }

    fn note(&self, event: Event) -> Result<()> {
        history::append(self.changes, event, self.home.platform.now_ms())
    }
}

fn text(message: &Message) -> Result<&str> {
    std::str::from_utf8(&message.body).map_err(|_| Error::new("Malformed").with("what", "message"))
}
