//! Messages that an organisation owes an answer to: when they left the phone, and asking again.

use std::collections::BTreeMap;

use kist_channel::MessageKind;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::home::Home;
use crate::mail::{self, Departure};
use crate::{Error, Result};

/// An organisation is asked again after a day at the earliest, in seconds: less is pestering, and a program that is on
/// has answered by then.
const ASK_AGAIN_AFTER: i64 = 24 * 60 * 60;

/// A message that is answered some day.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::person) struct Sending {
    /// Its names in the outbox: one for each mailbox where the organisation may read it.
    messages: Vec<String>,
    /// When it was last sent again, Unix seconds.
    pub(in crate::person) reminded_at: Option<i64>,
}

impl Sending {
    /// Seals a message for every mailbox where the organisation may read it, and stores it to be sent.
    pub(in crate::person) fn post(
        home: &Home,
        changes: &Transaction<'_>,
        relationship: &str,
        kind: &MessageKind,
        body: &[u8],
    ) -> Result<Sending> {
        let key = super::by_id(changes, relationship)?.key()?;
        let author = mail::Author {
            relationship,
            sign: &mail::signer(&key),
        };
        let mut messages = Vec::new();
        for address in super::doors(home, changes, relationship)? {
            let body = body.to_vec();
            let name = mail::post_at(changes, &author, address, kind.clone(), body, home.platform.now())?;
            mail::watch(changes, &name)?;
            messages.push(name);
        }
        match messages.is_empty() {
            true => Err(Error::new("NotFound").with("what", "address")),
            false => Ok(Sending {
                messages,
                reminded_at: None,
            }),
        }
    }

    /// Sends the message again, once in a day. One that still waits here isn't doubled.
    ///
    /// Errors: `TooSoon` with the moment from which on it can be.
    pub(in crate::person) fn again(
        &mut self,
        home: &Home,
        changes: &Transaction<'_>,
        relationship: &str,
        kind: &MessageKind,
        body: &[u8],
    ) -> Result<()> {
        let (departures, now) = (
            Departures::of(changes.all_kept(mail::DEPARTURES)?)?,
            home.platform.now(),
        );
        let first = departures.of_sending(self);
        if first == Some(Departure::Waiting) {
            return Ok(());
        }
        let last = self.reminded_at.or(sent_at(first)).unwrap_or(i64::MIN);
        let earliest = last.saturating_add(ASK_AGAIN_AFTER);
        if now < earliest {
            return Err(Error::new("TooSoon").with("at", earliest));
        }
        let again = Sending::post(home, changes, relationship, kind, body)?;
        self.reminded_at = Some(now);
        // What never got through counts from when it does.
        if sent_at(first).is_none() {
            self.messages = again.messages;
        }
        Ok(())
    }
}

/// What became of every message that is watched.
pub(in crate::person) struct Departures(BTreeMap<String, Departure>);

impl Departures {
    pub(in crate::person) fn of(items: Vec<(String, Vec<u8>)>) -> Result<Departures> {
        let read = |(name, bytes): (String, Vec<u8>)| Ok((name, crate::home::from_json(&bytes)?));
        Ok(Departures(items.into_iter().map(read).collect::<Result<_>>()?))
    }

    pub(in crate::person) fn read(home: &Home) -> Result<Departures> {
        Self::of(home.vault.all_kept(mail::DEPARTURES)?)
    }

    /// What became of a message: the earliest moment at which a relay took it, or that it waits, or that none will take
    /// it. `None` where nothing is known.
    pub(in crate::person) fn of_sending(&self, sending: &Sending) -> Option<Departure> {
        sending
            .messages
            .iter()
            .filter_map(|name| self.0.get(name))
            .copied()
            .min()
    }
}

/// When a relay took a message.
pub(in crate::person) fn sent_at(departure: Option<Departure>) -> Option<i64> {
    match departure {
        Some(Departure::Taken { at }) => Some(at),
        _ => None,
    }
}
