//! Connections: with whom the person stands in contact, whoever opened it; pausing and ending them in one place.

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_consent::Party;
use kist_consent::history::Event;
use serde::Serialize;

use super::consents::{ConsentSummary, Consents};
use super::contacts::notes::{NOTES, Note, Origin};
use super::contacts::{self, Contact, Introduction, hellos};
use super::relationships::{self, Relationship, recall};
use crate::agreements;
use crate::agreements::standing;
use crate::home::{Home, to_json};
use crate::relay::Relay;
use crate::{Error, Result, history, mail};

/// An ended connection's mailbox stays open for the acknowledgements of withdrawals for so many seconds, at most.
const LAST_WORDS: i64 = 30 * 24 * 60 * 60;

/// A connection in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionSummary {
    /// Its name.
    pub id: String,
    /// With whom: the legal name.
    pub with: String,
    /// Their stable id.
    pub organisation_id: String,
    /// The framework that vouches for them, by its anchor's label.
    pub framework: String,
    /// Since when, Unix seconds.
    pub since: i64,
    /// Who opened it.
    pub opened_by: Origin,
    /// Where it stands.
    pub state: ConnectionState,
    /// What was agreed in it, the newest first.
    pub agreements: Vec<ConsentSummary>,
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// The person knocked, and was not answered yet.
    Waiting,
    /// Messages go both ways.
    Open,
    /// The person paused it: what comes waits with the relay, and nothing is given.
    Paused,
    /// The person ended it, with everything that was agreed.
    Ended,
}

impl ConnectionState {
    fn of(note: &Note) -> ConnectionState {
        match note {
            Note { ended_at: Some(_), .. } => ConnectionState::Ended,
            Note { paused_at: Some(_), .. } => ConnectionState::Paused,
            note if !note.knocked.is_empty() => ConnectionState::Waiting,
            _ => ConnectionState::Open,
        }
    }
}

/// The connections of a store.
#[derive(Clone)]
pub struct Connections {
    pub(crate) home: Arc<Home>,
}

impl Connections {
    /// Takes a `kist-connect` link, an invitation or a directory, as text, and says what it was. Nobody is contacted by it.
    ///
    /// Errors: `WrongPurpose` for the link of a request; `NotARequest`, `Malformed`; `OrganisationNotTrusted`,
    /// `MixUpRefused`, `RequestExpired`; `NotFound` for a letter that was used …
    pub async fn introduce(&self, given: &str) -> Result<Introduction> {
        contacts::introduce(&self.home, given).await
    }

    /// Takes the invitation of a letter: its code, and the relay that stands beside it.
    ///
    /// Errors: `LetterCodeMistyped` with the group; `NotFound` where the code is unknown or was used, `RequestExpired`;
    /// `RelayBusy` after too many tries.
    pub async fn redeem(&self, code: &str, relay: &str) -> Result<Introduction> {
        contacts::redeem(&self.home, code, relay).await
    }

    /// Fetches a directory, keeps what is believed of it, and remembers where it lies.
    pub async fn fetch_directory(&self, url: &str) -> Result<Vec<Contact>> {
        contacts::fetch_directory(&self.home, url).await
    }

    /// Fetches the directories that the lists of the frameworks name now, and those that were fetched before.
    ///
    /// Errors: as [`Connections::fetch_directory`], of one that could not be had; the others were fetched all the same.
    pub async fn refresh_directories(&self) -> Result<()> {
        contacts::refresh_directories(&self.home).await
    }

    /// The organisations that can be contacted now, by name.
    pub async fn contacts(&self) -> Result<Vec<Contact>> {
        self.home.blocking(contacts::all).await
    }

    /// Knocks: asks an organisation for its request for one intended use. It learns an address and a key of this
    /// relationship alone, and nothing of who knocks. Its request comes with a later refresh of the inbox.
    ///
    /// Errors: `NotFound`, `Malformed` for a use that isn't offered, `OrganisationNotTrusted`, `RequestExpired`,
    /// `Unreachable` where no mailbox could be made. A hello that could not leave is sent by the next refresh.
    pub async fn open(&self, contact: &str, intended_use: &str) -> Result<ConnectionSummary> {
        let id = hellos::knock(&self.home, contact, intended_use).await?;
        self.get(&id).await
    }

    /// Every connection, the newest first.
    pub async fn list(&self) -> Result<Vec<ConnectionSummary>> {
        let consents = self.consents().list().await?;
        self.home.blocking(move |home| list(home, consents)).await
    }

    /// One connection.
    ///
    /// Errors: `NotFound`.
    pub async fn get(&self, id: &str) -> Result<ConnectionSummary> {
        let mut all = self.list().await?.into_iter();
        all.find(|connection| connection.id == id).ok_or_else(missing)
    }

    /// Pauses a connection: its mailbox is left alone, so that what comes waits with the relay, and nothing is given in it
    /// until it is resumed. What was agreed stays agreed, and can be withdrawn.
    ///
    /// Errors: `NotFound`.
    pub async fn pause(&self, id: &str) -> Result<ConnectionSummary> {
        self.set(
            id,
            |note, now| note.paused_at = note.paused_at.or(Some(now)),
            |organisation| Event::ConnectionPaused { organisation },
        )
        .await
    }

    /// Goes on with a connection that was paused.
    ///
    /// Errors: `NotFound`.
    pub async fn resume(&self, id: &str) -> Result<ConnectionSummary> {
        self.set(
            id,
            |note, _| note.paused_at = None,
            |organisation| Event::ConnectionResumed { organisation },
        )
        .await
    }

    /// Ends a connection: withdraws everything that stands, and closes its mailbox as soon as the withdrawals were
    /// acknowledged, within 30 days. A new connection with the same organisation begins with another key and address.
    ///
    /// Errors: `NotFound`.
    pub async fn end(&self, id: &str) -> Result<ConnectionSummary> {
        let connection = self.get(id).await?;
        for agreement in connection.agreements.iter().filter(|agreement| agreement.state.holds()) {
            match self.consents().withdraw(&agreement.id).await {
                Err(error) if error.code() != "ConsentWithdrawn" => return Err(error),
                _ => {}
            }
        }
        let ended = self.set(
            id,
            |note, now| note.ended_at = note.ended_at.or(Some(now)),
            |organisation| Event::ConnectionEnded { organisation },
        );
        let ended = ended.await?;
        tidy(&self.home).await?;
        Ok(ended)
    }

    async fn set(&self, id: &str, change: fn(&mut Note, i64), event: fn(Party) -> Event) -> Result<ConnectionSummary> {
        let known = self.get(id).await?;
        if known.state == ConnectionState::Ended {
            return Err(missing());
        }
        let name = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let mut relationship = relationships::by_id(changes, &name)?;
                    let mut note = Note::of(changes, &name)?.unwrap_or_else(|| Note::new(known.since, known.opened_by));
                    change(&mut note, home.platform.now());
                    note.keep(changes, &name)?;
                    standing::set_connection(changes, &name, note.paused_at)?;
                    recall::call_back(home, changes)?;
                    if note.ended_at.is_some() {
                        relationship.ended = true;
                        changes.keep(relationships::COLLECTION, &name, &to_json(&relationship)?)?;
                    }
                    let party = Party {
                        id: relationship.organisation_id,
                        name: relationship.organisation,
                    };
                    history::append(changes, event(party), home.platform.now_ms())
                })
            })
            .await?;
        self.get(id).await
    }

    fn consents(&self) -> Consents {
        Consents {
            home: Arc::clone(&self.home),
        }
    }
}

fn missing() -> Error {
    Error::new("NotFound").with("what", "connection")
}

fn list(home: &Home, consents: Vec<ConsentSummary>) -> Result<Vec<ConnectionSummary>> {
    let notes: BTreeMap<String, Note> = home.all_kept(NOTES)?.into_iter().collect();
    let beneath: BTreeMap<String, String> = agreements::all(home)?
        .into_iter()
        .map(|kept| (kept.id(), kept.relationship))
        .collect();
    let mut all = Vec::new();
    for (id, relationship) in home.all_kept::<Relationship>(relationships::COLLECTION)? {
        let of_this = |consent: &&ConsentSummary| beneath.get(&consent.id) == Some(&id);
        let agreements: Vec<ConsentSummary> = consents.iter().filter(of_this).cloned().collect();
        let first = agreements
            .iter()
            .map(|agreement| agreement.agreed_at)
            .min()
            .unwrap_or(0);
        let note = notes.get(&id).cloned();
        let note = note.unwrap_or_else(|| Note::new(first, Origin::Organisation));
        all.push(ConnectionSummary {
            with: relationship.organisation,
            organisation_id: relationship.organisation_id,
            framework: relationship.anchor,
            since: note.opened_at,
            opened_by: note.opened_by,
            state: ConnectionState::of(&note),
            agreements,
            id,
        });
    }
    all.sort_by(|one, other| (other.since, &one.id).cmp(&(one.since, &other.id)));
    Ok(all)
}

/// Closes the mailboxes of connections that ended and have nothing more to hear. A relay that can't be reached is asked
/// another time.
pub(super) async fn tidy(home: &Arc<Home>) -> Result<()> {
    for id in home.blocking(finished).await? {
        let name = id.clone();
        let own = home
            .blocking(move |home| Ok(mail::read_connection(home, &name)?.own().clone()))
            .await?;
        let relay = Relay::new(home.mail.clone(), &own.relay)?;
        match relay.delete_mailbox(&own.mailbox, &own.receive_token).await {
            Err(error) if error.code() != "NotFound" => continue,
            _ => {}
        }
        home.blocking(move |home| {
            home.transaction(|changes| match Note::of(changes, &id)? {
                Some(note) => Note { closed: true, ..note }.keep(changes, &id),
                None => Ok(()),
            })
        })
        .await?;
    }
    Ok(())
}

/// The connections that ended, whose withdrawals were all acknowledged or have waited long enough.
fn finished(home: &Home) -> Result<Vec<String>> {
    let now = home.platform.now();
    let agreements = agreements::all(home)?;
    let silence = |id: &str| {
        let of_this = agreements.iter().filter(|kept| kept.relationship == id);
        of_this
            .filter(|kept| kept.agreement.signed_withdrawal().is_some())
            .any(|kept| kept.agreement.signed_acknowledgement().is_none())
    };
    let notes = home.all_kept::<Note>(NOTES)?;
    let over = notes.into_iter().filter_map(|(id, note)| {
        let ended_at = note.ended_at.filter(|_| !note.closed)?;
        (!silence(&id) || now > ended_at.saturating_add(LAST_WORDS)).then_some(id)
    });
    Ok(over.collect())
}
