//! Organisations that can be contacted: invitations from a directory, a link, a file or a letter.
//!
//! An invitation is believed for its signature alone, so that it matters nothing who handed it over; it is verified anew
//! whenever it is read.

pub(in crate::person) mod hellos;
pub(in crate::person) mod notes;
pub(in crate::person) mod statements;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kist_crypto::{LetterCode, from_base64url};
use kist_exchange::{ContactLink, LETTER, MAX_INVITATION, VerifiedInvitation, invitation_hash};
use kist_trust::{Grounds, Localised, Mode};
use kist_wire::{SlotId, path};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::home::{Home, to_json};
use crate::relay::{Relay, fetch_request};
use crate::trust::{directories, trusted};
use crate::{Error, Result, http, mail};

const COLLECTION: &str = "local/contacts";
const SOURCES: &str = "local/directories";
/// The most invitations that are kept, and the largest directory that is read, in bytes.
const MAX_CONTACTS: usize = 10_000;
const MAX_DIRECTORY: usize = 16 << 20;
const DIRECTORY_VERSION: u8 = 1;

/// Many invitations in one file, as a framework's operator hands them out. Each is signed by its organisation, so the file
/// itself is not: whoever serves it can leave somebody out, and can't make anybody up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// The format: 1.
    pub kist_directory: u8,
    /// Invitations, each a compact JWS.
    pub invitations: Vec<String>,
    /// Statements of clusters, each a compact JWS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<String>,
}

impl Directory {
    /// A directory of these invitations and statements of clusters, told apart by what they are.
    pub fn of(signed: Vec<String>) -> Directory {
        let (clusters, invitations) = signed.into_iter().partition(|signed| statements::is_cluster(signed));
        Directory {
            kist_directory: DIRECTORY_VERSION,
            invitations,
            clusters,
        }
    }
}

/// An organisation that can be contacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// The invitation's name.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactUse {
    /// The intended use of its registration, by id.
    pub id: String,
    /// What it is for, by language, as registered.
    pub purpose: Localised,
}

/// An invitation as it is kept.
#[derive(Serialize, Deserialize)]
struct Stored {
    invitation: String,
}

/// What a link or a file was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Introduction {
    /// Organisations that can be contacted now.
    Contacts {
        /// Each.
        contacts: Vec<Contact>,
    },
    /// A cluster's statement: look at it with `clusters()`.
    Cluster {
        /// The statement, a compact JWS.
        statement: String,
    },
    /// Another person's invitation: take it with `people()`.
    Person {
        /// The link.
        link: String,
    },
}

impl Contact {
    fn of(invitation: &VerifiedInvitation) -> Contact {
        let party = invitation.party();
        let uses = invitation.uses().iter().filter_map(|id| {
            let intended = party.registration.intended_use(id)?;
            Some(ContactUse {
                id: id.clone(),
                purpose: intended.purpose.clone(),
            })
        });
        Contact {
            id: invitation.hash().to_owned(),
            organisation: party.legal_name.clone(),
            organisation_id: party.organisation_id.clone(),
            country: party.country.clone(),
            framework: party.anchor_label.clone(),
            uses: uses.collect(),
            by_letter: invitation.letter().is_some(),
            expires_at: invitation.expires_at(),
        }
    }
}

/// Takes what a person was handed: a `kist-connect` link, an invitation, or a directory of them.
pub(in crate::person) async fn introduce(home: &Arc<Home>, given: &str) -> Result<Introduction> {
    let given = given.trim();
    if !given.contains("://") {
        return learn(home, given, None).await;
    }
    match ContactLink::parse(given, home.platform.transport)? {
        ContactLink::Invitation {
            client_id,
            invitation_uri,
        } => {
            let text = fetch(home, &invitation_uri, MAX_INVITATION).await?;
            learn(home, text.trim(), Some(client_id)).await
        }
        ContactLink::Cluster { client_id, cluster_uri } => {
            let statement = fetch(home, &cluster_uri, MAX_INVITATION).await?.trim().to_owned();
            let given = statement.clone();
            home.blocking(move |home| statements::verify(home, &given, Some(&client_id)).map(drop))
                .await?;
            Ok(Introduction::Cluster { statement })
        }
        ContactLink::Letter { code, relay } => redeem(home, &code, &relay).await,
        ContactLink::Person { .. } => Ok(Introduction::Person { link: given.to_owned() }),
    }
}

/// Fetches a directory, and remembers where it lies.
pub(in crate::person) async fn fetch_directory(home: &Arc<Home>, url: &str) -> Result<Vec<Contact>> {
    let found = take_directory(home, url).await?;
    let url = url.to_owned();
    home.blocking(move |home| home.keep(SOURCES, &url, b"{}")).await?;
    Ok(found)
}

/// Fetches every directory, each apart from the others: one that is slow or can't be had holds up none of them. Gives the
/// failure of the first by address, where there is one.
pub(in crate::person) async fn refresh_directories(home: &Arc<Home>) -> Result<()> {
    let mut tasks = JoinSet::new();
    for url in home.blocking(sources).await? {
        let home = Arc::clone(home);
        tasks.spawn(async move {
            let taken = take_directory(&home, &url).await;
            taken.err().map(|error| (url, error))
        });
    }
    let mut failed = BTreeMap::new();
    while let Some(done) = tasks.join_next().await {
        failed.extend(done.map_err(|_| Error::new("Internal"))?);
    }
    failed.pop_first().map_or(Ok(()), |(_, error)| Err(error))
}

/// Where directories lie: those that the person gave, and those that the frameworks' lists name now.
fn sources(home: &Home) -> Result<BTreeSet<String>> {
    let given = home.vault.all_kept(SOURCES)?.into_iter().map(|(url, _)| url);
    Ok(given.chain(directories(home)?).collect())
}

async fn take_directory(home: &Arc<Home>, url: &str) -> Result<Vec<Contact>> {
    let text = fetch(home, url, MAX_DIRECTORY).await?;
    match learn(home, text.trim(), None).await? {
        Introduction::Contacts { contacts } => Ok(contacts),
        _ => Err(Error::new("Malformed").with("what", "directory")),
    }
}

async fn fetch(home: &Arc<Home>, url: &str, limit: usize) -> Result<String> {
    let bytes = http::fetch(&home.mail, url, limit).await?;
    String::from_utf8(bytes).map_err(|_| Error::new("Malformed").with("what", "invitation"))
}

/// Opens a letter's invitation with its code. Nobody is told: that comes with the hello.
///
/// Errors: `LetterCodeMistyped` with the group; `NotFound` and `RequestExpired` for a code that is unknown, used or too old.
pub(in crate::person) async fn redeem(home: &Arc<Home>, code: &str, relay: &str) -> Result<Introduction> {
    let code: LetterCode = code.parse()?;
    let relay = Relay::new(home.mail.clone(), relay)?;
    let slot: SlotId = code.slot().into();
    let sealed = fetch_request(&home.mail, &relay.origin().url(&path::slot_request(&slot))).await;
    let sealed = sealed.map_err(|error| match error.code() {
        "NotFound" => Error::new("NotFound").with("what", "letter"),
        _ => error,
    })?;
    let sealed = from_base64url(&sealed)?;
    let invitation = code.sealing_key().open(&LETTER, &sealed)?;
    let text =
        std::str::from_utf8(invitation.expose()).map_err(|_| Error::new("Malformed").with("what", "invitation"))?;
    learn(home, text, None).await
}

/// Verifies and keeps what was handed over. Of a directory, what is not believed is passed over, and so is an older
/// statement of a cluster than was seen.
async fn learn(home: &Arc<Home>, text: &str, client_id: Option<String>) -> Result<Introduction> {
    let text = text.to_owned();
    home.blocking(move |home| {
        if text.starts_with('{') {
            let directory: Directory = serde_json::from_str(&text)?;
            if directory.kist_directory != DIRECTORY_VERSION {
                return Err(Error::new("DowngradeRefused").with("found", directory.kist_directory));
            }
            let believed = |invitation: &String| verify(home, invitation, None).is_ok();
            let invitations: Vec<String> = directory.invitations.into_iter().filter(believed).collect();
            for statement in &directory.clusters {
                match statements::take(home, statement) {
                    Err(error) if mail::is_own(&error) => return Err(error),
                    _ => {}
                }
            }
            return keep(home, invitations);
        }
        if statements::is_cluster(&text) {
            statements::verify(home, &text, client_id.as_deref())?;
            return Ok(Introduction::Cluster { statement: text });
        }
        verify(home, &text, client_id.as_deref())?;
        keep(home, vec![text])
    })
    .await
}

fn keep(home: &Home, invitations: Vec<String>) -> Result<Introduction> {
    home.transaction(|changes| {
        let known = changes.all_kept(COLLECTION)?.len();
        if known + invitations.len() > MAX_CONTACTS {
            return Err(Error::new("TooLarge")
                .with("what", "directory")
                .with("limit", MAX_CONTACTS));
        }
        for invitation in &invitations {
            let stored = Stored {
                invitation: invitation.clone(),
            };
            changes.keep(COLLECTION, &invitation_hash(invitation), &to_json(&stored)?)?;
        }
        Ok(())
    })?;
    let contacts = invitations.iter().map(|invitation| verify(home, invitation, None));
    let contacts = contacts
        .map(|verified| Ok(Contact::of(&verified?)))
        .collect::<Result<_>>()?;
    Ok(Introduction::Contacts { contacts })
}

/// Everybody who can be contacted now, by name; of an organisation's invitations to everybody the one that holds longest.
/// What is over is cleared away, and what is not believed now is left out.
pub(in crate::person) fn all(home: &Home) -> Result<Vec<Contact>> {
    let mut found: Vec<Contact> = Vec::new();
    for verified in verified(home)? {
        let contact = Contact::of(&verified);
        let same = found.iter_mut().find(|known| {
            (&known.organisation_id, &known.framework) == (&contact.organisation_id, &contact.framework)
                && !known.by_letter
                && !contact.by_letter
        });
        match same {
            Some(known) if known.expires_at < contact.expires_at => *known = contact,
            Some(_) => {}
            None => found.push(contact),
        }
    }
    found.sort_by(|one, other| (&one.organisation, &one.id).cmp(&(&other.organisation, &other.id)));
    Ok(found)
}

/// Every invitation that is kept and believed.
pub(in crate::person) fn verified(home: &Home) -> Result<Vec<VerifiedInvitation>> {
    let mut all = Vec::new();
    for (id, stored) in home.all_kept::<Stored>(COLLECTION)? {
        match verify(home, &stored.invitation, None) {
            Ok(verified) => all.push(verified),
            Err(error) if error.code() == "RequestExpired" => {
                home.transaction(|changes| crate::home::let_go(changes, COLLECTION, &id))?;
            }
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(all)
}

/// One invitation that is kept, as it stands now.
pub(in crate::person) fn by_id(home: &Home, id: &str) -> Result<VerifiedInvitation> {
    let stored: Option<Stored> = home.kept(COLLECTION, id)?;
    let stored = stored.ok_or_else(|| Error::new("NotFound").with("what", "invitation"))?;
    verify(home, &stored.invitation, None)
}

fn verify(home: &Home, invitation: &str, client_id: Option<&str>) -> Result<VerifiedInvitation> {
    let believed = trusted(home)?;
    let grounds = Grounds {
        anchors: &believed.anchors,
        lists: &believed.lists,
        mode: Mode::Strict,
    };
    let (now, policy) = (home.platform.now(), home.platform.transport);
    Ok(VerifiedInvitation::verify(
        invitation, client_id, &grounds, now, policy,
    )?)
}
