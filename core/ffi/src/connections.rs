//! Connections with organisations, as they cross the bridge: whom a person can contact, and with whom they stand in contact.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, ConsentSummary, Person, task};

/// An organisation that can be contacted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Contact {
    /// The invitation's id.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The framework that vouches for it, by its anchor's label.
    pub framework: String,
    /// What it can be asked for.
    pub uses: Vec<ContactUse>,
    /// Whether it came by a letter: it serves once.
    pub by_letter: bool,
    /// The last second at which it may be contacted so, Unix seconds.
    pub expires_at: i64,
}

/// Something that an organisation can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ContactUse {
    /// The intended use of its registration, by id.
    pub id: String,
    /// What it is for, by language, as registered.
    pub purpose: HashMap<String, String>,
}

/// What a link, a file or a letter was found to be.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Introduction {
    /// Organisations that can be contacted now.
    Contacts {
        /// Each.
        contacts: Vec<Contact>,
    },
    /// The statement of organisations that serve the same people together.
    Cluster {
        /// The statement, a compact JWS.
        statement: String,
    },
    /// Another person's invitation, for [`Person::accept_person`].
    Person {
        /// The link.
        link: String,
    },
}

/// A connection with an organisation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConnectionSummary {
    /// Its id.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// The framework that vouches for it, by its anchor's label.
    pub framework: String,
    /// Since when, Unix seconds.
    pub since: i64,
    /// Whether the person opened it, and not the organisation by a request.
    pub opened_here: bool,
    /// Where it stands.
    pub state: ConnectionState,
    /// What was agreed in it, the newest first.
    pub consents: Vec<ConsentSummary>,
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ConnectionState {
    /// The person knocked, and wasn't answered yet.
    Waiting,
    /// Messages go both ways.
    Open,
    /// The person paused it: what comes waits with the relay, and nothing is given.
    Paused,
    /// The person ended it, with everything that was agreed.
    Ended,
}

/// What to do with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ConnectionAct {
    /// Leave its mailbox alone, and give nothing in it. What was agreed stays agreed.
    Pause,
    /// Go on.
    Resume,
    /// Withdraw everything that stands, and close its mailbox as soon as that was acknowledged.
    End,
}

#[uniffi::export]
impl Person {
    /// Takes a link, an invitation or a directory, as text, and says what it was; or a letter's code with the relay that
    /// stands beside it. Nobody is contacted by it.
    ///
    /// Errors: `WrongPurpose` for the link of a request; `NotARequest`, `Malformed`; `OrganisationNotTrusted`,
    /// `MixUpRefused`, `RequestExpired`; `LetterCodeMistyped` with the group; `NotFound` for a letter that was used …
    pub async fn introduce(
        &self,
        given: String,
        relay: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Introduction> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move {
            Ok(match relay {
                Some(relay) => connections.redeem(&given, &relay).await?,
                None => connections.introduce(&given).await?,
            }
            .into())
        })
        .await
    }

    /// The organisations that can be contacted now, by name.
    pub async fn contacts(&self, cancel: Arc<CancelHandle>) -> Result<Vec<Contact>> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move {
            Ok(connections.contacts().await?.into_iter().map(Contact::from).collect())
        })
        .await
    }

    /// Fetches a directory of organisations, and remembers where it lies. What isn't believed is passed over; its
    /// clusters are taken too.
    ///
    /// Errors: `AddressRefused`, `Unreachable`, `NotFound`, `Malformed`, `DowngradeRefused`, `TooLarge`.
    pub async fn fetch_directory(&self, url: String, cancel: Arc<CancelHandle>) -> Result<Vec<Contact>> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move {
            let found = connections.fetch_directory(&url).await?;
            Ok(found.into_iter().map(Contact::from).collect())
        })
        .await
    }

    /// Fetches the directories that the lists of the frameworks name now, and those that were fetched before.
    ///
    /// Errors: as [`Person::fetch_directory`], of one that couldn't be had; the others were fetched all the same.
    pub async fn refresh_directories(&self, cancel: Arc<CancelHandle>) -> Result<()> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move { Ok(connections.refresh_directories().await?) }).await
    }

    /// Asks an organisation for its request for one intended use. It learns an address and a key of this relationship
    /// alone, and nothing of who asks. Its request comes with a later refresh of the inbox.
    ///
    /// Errors: `NotFound`, `Malformed` for a use that isn't offered, `OrganisationNotTrusted`, `RequestExpired`,
    /// `Unreachable` where no mailbox could be made.
    pub async fn open_connection(
        &self,
        contact: String,
        intended_use: String,
        cancel: Arc<CancelHandle>,
    ) -> Result<ConnectionSummary> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move {
            Ok(connections.open(&contact, &intended_use).await?.into())
        })
        .await
    }

    /// Every connection with an organisation, the newest first.
    pub async fn connections(&self, cancel: Arc<CancelHandle>) -> Result<Vec<ConnectionSummary>> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move {
            let all = connections.list().await?;
            Ok(all.into_iter().map(ConnectionSummary::from).collect())
        })
        .await
    }

    /// Pauses a connection, goes on with it, or ends it.
    ///
    /// Errors: `NotFound`.
    pub async fn change_connection(
        &self,
        id: String,
        act: ConnectionAct,
        cancel: Arc<CancelHandle>,
    ) -> Result<ConnectionSummary> {
        let connections = self.store.get()?.connections();
        task::run(&cancel, async move {
            Ok(match act {
                ConnectionAct::Pause => connections.pause(&id).await?,
                ConnectionAct::Resume => connections.resume(&id).await?,
                ConnectionAct::End => connections.end(&id).await?,
            }
            .into())
        })
        .await
    }
}

impl From<kist_pds::Introduction> for Introduction {
    fn from(introduction: kist_pds::Introduction) -> Self {
        use kist_pds::Introduction as I;
        match introduction {
            I::Contacts { contacts } => Self::Contacts {
                contacts: contacts.into_iter().map(Contact::from).collect(),
            },
            I::Cluster { statement } => Self::Cluster { statement },
            I::Person { link } => Self::Person { link },
        }
    }
}

impl From<kist_pds::Contact> for Contact {
    fn from(contact: kist_pds::Contact) -> Self {
        let offered = |offered: kist_pds::ContactUse| ContactUse {
            id: offered.id,
            purpose: offered.purpose.0.into_iter().collect(),
        };
        Contact {
            id: contact.id,
            organisation: contact.organisation,
            organisation_id: contact.organisation_id,
            country: contact.country,
            framework: contact.framework,
            uses: contact.uses.into_iter().map(offered).collect(),
            by_letter: contact.by_letter,
            expires_at: contact.expires_at,
        }
    }
}

impl From<kist_pds::ConnectionSummary> for ConnectionSummary {
    fn from(connection: kist_pds::ConnectionSummary) -> Self {
        use kist_pds::ConnectionState as S;
        ConnectionSummary {
            id: connection.id,
            organisation: connection.with,
            organisation_id: connection.organisation_id,
            framework: connection.framework,
            since: connection.since,
            opened_here: connection.opened_by == kist_pds::ConnectionOrigin::Person,
            state: match connection.state {
                S::Waiting => ConnectionState::Waiting,
                S::Open => ConnectionState::Open,
                S::Paused => ConnectionState::Paused,
                S::Ended => ConnectionState::Ended,
            },
            consents: connection.agreements.into_iter().map(ConsentSummary::from).collect(),
        }
    }
}
