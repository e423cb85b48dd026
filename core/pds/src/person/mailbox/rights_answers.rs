//! An organisation's answer to a request of rights, taken in: verified and kept, and what comes with it put into the store
//! as any delivery is.

use std::collections::BTreeSet;

use kist_channel::Message;
use kist_consent::history::Event;
use kist_consent::{ObjectHash, RightsAnswer, RightsOutcome, Signed};
use kist_identity::Credential;
use kist_vault::Transaction;

use super::messages::{Incoming, waits_for_list};
use crate::bodies::RightsAnswerBody;
use crate::home::Home;
use crate::person::events::InboxEvent;
use crate::person::rights::{self, Kept};
use crate::rights::reply;
use crate::trust::issuers::Issuers;
use crate::{Error, Result, mail};

impl Incoming<'_> {
    /// Takes in an answer; the same one again changes nothing. It is kept whatever its credentials are worth: that the
    /// organisation has answered, and what it said, is what the person needs to know.
    pub(in crate::person) fn rights_answer(&self, message: &Message) -> Result<Vec<InboxEvent>> {
        let RightsAnswerBody { answer, credentials } = serde_json::from_slice(&message.body)?;
        let organisation = *mail::connection(self.changes, self.id)?.peer_key();
        let answer = Signed::<RightsAnswer>::verify(&answer, &organisation)?;
        let mut kept = match rights::by_id(self.changes, &answer.request.to_string()) {
            Ok(kept) if kept.relationship == self.id => kept,
            Err(error) if error.code() != "NotFound" => return Err(error),
            _ => return Err(Error::new("NotCovered")),
        };
        check_bound(&answer.outcome, &credentials)?;
        let outcome = reply(&answer).outcome;
        if !kept.case.add(answer)? {
            return Ok(Vec::new());
        }
        kept.waiting = credentials;
        let dropped = self.take_credentials(&mut kept)?;
        kept.keep(self.changes)?;
        let party = rights::party(&kept);
        self.note(Event::RightsAnswered {
            organisation: party.clone(),
            request: kept.id(),
            right: rights::term(kept.case.request().right),
            outcome: outcome.to_owned(),
        })?;
        let mut events = vec![InboxEvent::RightsAnswered {
            request: kept.id(),
            organisation: party.name,
            outcome: outcome.to_owned(),
            records: kept.received,
        }];
        events.extend(dropped);
        Ok(events)
    }

    /// Keeps what can be verified of the credentials that wait; those that a newer trust list may let in wait on. Gives
    /// what is told of those that were let go of.
    fn take_credentials(&self, kept: &mut Kept) -> Result<Vec<InboxEvent>> {
        let mut dropped = Vec::new();
        for compact in std::mem::take(&mut kept.waiting) {
            match self.take_credential(kept, &compact) {
                Ok(()) => {}
                Err(error) if waits_for_list(&error) => kept.waiting.push(compact),
                Err(error) if mail::is_own(&error) => return Err(error),
                Err(error) => dropped.push(InboxEvent::Dropped {
                    organisation: rights::party(kept).name,
                    code: error.code().to_owned(),
                }),
            }
        }
        Ok(dropped)
    }

    fn take_credential(&self, kept: &mut Kept, compact: &str) -> Result<()> {
        let (issuers, now) = (Issuers::of(self.home)?, self.home.platform.now());
        let (credential, issuer) = Credential::parse_and_verify(compact, &issuers, now)?;
        if credential.holder() != Some(&self.relationship.key()?.public()) {
            return Err(Error::new("SignatureInvalid"));
        }
        let record = self.keep_credential(rights::party(kept), kept.agreement(), &credential, &issuer)?;
        kept.received.extend(record);
        Ok(())
    }
}

/// Takes in credentials that waited for a newer trust list, where there is one now.
pub(in crate::person) fn look_again(home: &Home) -> Result<Vec<InboxEvent>> {
    let mut events = Vec::new();
    for (id, kept) in home.all_kept::<Kept>(rights::COLLECTION)? {
        if !kept.waiting.is_empty() {
            events.extend(home.transaction(|changes| take_waiting(home, changes, &id))?);
        }
    }
    Ok(events)
}

/// Reads the request anew: the person may have asked again, or an answer may have come.
fn take_waiting(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<Vec<InboxEvent>> {
    let mut kept = rights::by_id(changes, id)?;
    let known = (kept.received.len(), kept.waiting.len());
    let relationship = kept.relationship.clone();
    let dropped = Incoming::of(home, changes, &relationship)?.take_credentials(&mut kept)?;
    kept.keep(changes)?;
    let mut events = Vec::new();
    if known != (kept.received.len(), kept.waiting.len()) {
        events.push(InboxEvent::RightsAnswered {
            request: kept.id(),
            organisation: rights::party(&kept).name,
            outcome: "done".to_owned(),
            records: kept.received.split_off(known.0),
        });
    }
    events.extend(dropped);
    Ok(events)
}

/// That exactly the credentials that an answer names came along.
fn check_bound(outcome: &RightsOutcome, credentials: &[String]) -> Result<()> {
    let named: BTreeSet<ObjectHash> = match outcome {
        RightsOutcome::Done { credentials, .. } => credentials.iter().copied().collect(),
        RightsOutcome::Refused { .. } | RightsOutcome::Extended { .. } => BTreeSet::new(),
    };
    let came: BTreeSet<ObjectHash> = credentials.iter().map(|compact| ObjectHash::of(compact)).collect();
    match named == came && came.len() == credentials.len() {
        true => Ok(()),
        false => Err(Error::new("Malformed").with("what", "rights answer")),
    }
}
