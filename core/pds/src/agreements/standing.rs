//! What stands still although it was agreed: one consent or everything that the person paused, and the relationships of
//! organisations that their framework doesn't vouch for any more.
//!
//! Kept in one collection, `standing`: `everything`, `consent/` with a consent's name and `connection/` with a
//! relationship's are the person's, `relationship/` with a relationship's name is the framework's, and `framework/` with its
//! label says until when its newest list can be gone by. [`super::Kept::check_use`] asks here.

use std::collections::BTreeMap;

use kist_consent::Party;
use kist_consent::history::Event;
use kist_trust::{NOBODY, Status, TrustList};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::RELATIONSHIPS;
use crate::home::{Home, from_json, let_go, to_json};
use crate::{Error, Result, history};

const COLLECTION: &str = "standing";
const EVERYTHING: &str = "everything";
const CONSENT: &str = "consent/";
const RELATIONSHIP: &str = "relationship/";
const CONNECTION: &str = "connection/";
const FRAMEWORK: &str = "framework/";

/// Where an organisation stands in a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It may ask, deliver and issue.
    Active,
    /// It may not, for now.
    Suspended,
    /// It may not, and will not again.
    Expelled,
    /// The framework doesn't name it.
    Unlisted,
}

impl MemberState {
    /// Its word, as in the reasons for which an organisation isn't trusted.
    pub(crate) fn word(self) -> &'static str {
        match self {
            MemberState::Active => "Active",
            MemberState::Suspended => "Suspended",
            MemberState::Expelled => "Expelled",
            MemberState::Unlisted => "NotListed",
        }
    }
}

impl From<Option<Status>> for MemberState {
    fn from(status: Option<Status>) -> Self {
        match status {
            Some(Status::Active) => MemberState::Active,
            Some(Status::Suspended) => MemberState::Suspended,
            Some(Status::Expelled) => MemberState::Expelled,
            None => MemberState::Unlisted,
        }
    }
}

/// Why a consent stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Pause {
    /// The person paused this consent.
    Person {
        /// When, Unix seconds.
        since: i64,
    },
    /// The person paused everything.
    Everything {
        /// When, Unix seconds.
        since: i64,
    },
    /// The framework that vouched for the organisation doesn't any more.
    Framework {
        /// Where the organisation stands there.
        state: MemberState,
        /// Since when, Unix seconds.
        since: i64,
    },
}

/// A pause of the person's.
#[derive(Serialize, Deserialize)]
struct Paused {
    since: i64,
}

/// Where an organisation stands in its framework, unless it is active.
#[derive(Serialize, Deserialize)]
struct ByFramework {
    state: MemberState,
    since: i64,
}

/// A framework's newest list: nobody is vouched for after this, Unix seconds.
#[derive(Serialize, Deserialize)]
struct Listed {
    usable_until: i64,
}

/// Everything that stands still, read at once.
pub(crate) struct Standing(BTreeMap<String, Vec<u8>>);

impl Standing {
    /// Within a transaction.
    pub(crate) fn of(changes: &Transaction<'_>) -> Result<Self> {
        Ok(Standing(changes.all_kept(COLLECTION)?.into_iter().collect()))
    }

    /// As it was last stored.
    pub(crate) fn read(home: &Home) -> Result<Self> {
        Ok(Standing(home.vault.all_kept(COLLECTION)?.into_iter().collect()))
    }

    /// Since when everything is paused.
    pub(crate) fn everything(&self) -> Result<Option<i64>> {
        self.since(EVERYTHING)
    }

    /// Why a consent of a relationship stands still; none where it doesn't. What the framework says comes first: no word
    /// of the person lifts it.
    pub(crate) fn pause(&self, relationship: &str, consent: &str) -> Result<Option<Pause>> {
        if let Some(bytes) = self.0.get(&format!("{RELATIONSHIP}{relationship}")) {
            let ByFramework { state, since } = from_json(bytes)?;
            return Ok(Some(Pause::Framework { state, since }));
        }
        if let Some(since) = self.everything()? {
            return Ok(Some(Pause::Everything { since }));
        }
        let by_itself = self.since(&format!("{CONSENT}{consent}"))?;
        let with_others = self.since(&format!("{CONNECTION}{relationship}"))?;
        Ok(by_itself.or(with_others).map(|since| Pause::Person { since }))
    }

    /// That the framework of a relationship has published a list that isn't too old: whoever keeps newer ones from the phone
    /// keeps an expulsion from it too.
    ///
    /// Errors: `TrustListExpired`.
    pub(crate) fn check_list(&self, changes: &Transaction<'_>, relationship: &str, now: i64) -> Result<()> {
        let Some(bytes) = changes.kept(RELATIONSHIPS, relationship)? else {
            return Ok(());
        };
        let Some(anchor) = from_json::<Whose>(&bytes)?.anchor else {
            return Ok(());
        };
        let listed = self.0.get(&format!("{FRAMEWORK}{anchor}"));
        match listed.map(|bytes| from_json::<Listed>(bytes)).transpose()? {
            Some(Listed { usable_until }) if now > usable_until => {
                Err(kist_trust::Error::TrustListExpired { expired: usable_until }.into())
            }
            _ => Ok(()),
        }
    }

    fn since(&self, key: &str) -> Result<Option<i64>> {
        let paused = self.0.get(key).map(|bytes| from_json::<Paused>(bytes)).transpose()?;
        Ok(paused.map(|paused| paused.since))
    }
}

impl Pause {
    /// The error of whoever would use what stands still.
    pub(crate) fn error(self) -> Error {
        match self {
            Pause::Person { since } => Error::new("ConsentPaused").with("at", since),
            Pause::Everything { since } => Error::new("ConsentPaused").with("at", since).with("what", "everything"),
            Pause::Framework { state, .. } => Error::new("OrganisationNotTrusted").with("reason", state.word()),
        }
    }
}

/// Errors: `ConsentPaused` where the person paused everything.
pub(crate) fn check_everything(changes: &Transaction<'_>) -> Result<()> {
    match Standing::of(changes)?.everything()? {
        Some(since) => Err(Pause::Everything { since }.error()),
        None => Ok(()),
    }
}

/// Pauses everything, or lets it go on. Gives whether that changed anything.
pub(crate) fn set_everything(changes: &Transaction<'_>, since: Option<i64>) -> Result<bool> {
    set(changes, EVERYTHING, since)
}

/// Pauses one consent, or lets it go on. Gives whether that changed anything.
pub(crate) fn set_consent(changes: &Transaction<'_>, consent: &str, since: Option<i64>) -> Result<bool> {
    set(changes, &format!("{CONSENT}{consent}"), since)
}

/// What takes a consent's place is paused where that was.
pub(crate) fn hand_over(changes: &Transaction<'_>, replaced: &str, by: &str) -> Result<()> {
    if let Some(bytes) = changes.kept(COLLECTION, &format!("{CONSENT}{replaced}"))? {
        set_consent(changes, by, Some(from_json::<Paused>(&bytes)?.since))?;
        set_consent(changes, replaced, None)?;
    }
    Ok(())
}

/// Pauses everything in a connection, or lets it go on.
pub(crate) fn set_connection(changes: &Transaction<'_>, relationship: &str, since: Option<i64>) -> Result<()> {
    set(changes, &format!("{CONNECTION}{relationship}"), since).map(drop)
}

/// Pauses, or lets go on. Gives whether that changed anything.
fn set(changes: &Transaction<'_>, key: &str, since: Option<i64>) -> Result<bool> {
    let is_paused = changes.kept(COLLECTION, key)?.is_some();
    match since {
        Some(since) if !is_paused => changes.keep(COLLECTION, key, &to_json(&Paused { since })?)?,
        None if is_paused => changes.forget(COLLECTION, key)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Follows a framework's newest list: what was agreed with an organisation that it doesn't vouch for stands still, and goes
/// on when it does again. Without a list, the framework isn't believed any more. The history tells of each that changed.
pub(crate) fn follow(home: &Home, changes: &Transaction<'_>, framework: &str, list: Option<&TrustList>) -> Result<()> {
    let (now, key) = (home.platform.now(), format!("{FRAMEWORK}{framework}"));
    match list.map(TrustList::usable_until) {
        Some(usable_until) => changes.keep(COLLECTION, &key, &to_json(&Listed { usable_until })?)?,
        None => let_go(changes, COLLECTION, &key)?,
    }
    for (relationship, organisation) in under(changes, |anchor| anchor == framework)? {
        let entry = list.and_then(|list| list.entry(&organisation.id));
        let found = ByFramework {
            state: MemberState::from(entry.map(|entry| entry.status)),
            since: entry.map_or(now, |entry| entry.since),
        };
        stand(home, changes, &relationship, organisation, framework, &found)?;
    }
    Ok(())
}

/// Follows the developer's mode: outside it, what was agreed with those for whom nobody vouches stands still.
pub(crate) fn follow_developer(home: &Home, changes: &Transaction<'_>, on: bool) -> Result<()> {
    for (relationship, organisation) in under(changes, |anchor| anchor.starts_with(NOBODY))? {
        let found = ByFramework {
            state: if on { MemberState::Active } else { MemberState::Unlisted },
            since: home.platform.now(),
        };
        stand(home, changes, &relationship, organisation, "", &found)?;
    }
    Ok(())
}

fn stand(
    home: &Home,
    changes: &Transaction<'_>,
    relationship: &str,
    organisation: Party,
    framework: &str,
    found: &ByFramework,
) -> Result<()> {
    let key = format!("{RELATIONSHIP}{relationship}");
    let known = changes.kept(COLLECTION, &key)?;
    let known = known.map(|bytes| from_json::<ByFramework>(&bytes)).transpose()?;
    if known.map_or(MemberState::Active, |known| known.state) == found.state {
        return Ok(());
    }
    match found.state {
        MemberState::Active => changes.forget(COLLECTION, &key)?,
        _ => changes.keep(COLLECTION, &key, &to_json(found)?)?,
    }
    let event = Event::OrganisationStanding {
        organisation,
        framework: framework.to_owned(),
        state: found.state.word().to_owned(),
    };
    history::append(changes, event, home.platform.now_ms())
}

/// With whom a relationship is. Those of an organisation's store have another shape, and none of these.
#[derive(Deserialize)]
struct Whose {
    organisation_id: Option<String>,
    organisation: Option<String>,
    anchor: Option<String>,
}

/// The relationships that began under one of these anchors, each with its organisation. An organisation's own store has none.
fn under(changes: &Transaction<'_>, is_meant: impl Fn(&str) -> bool) -> Result<Vec<(String, Party)>> {
    let mut found = Vec::new();
    for (name, bytes) in changes.all_kept(RELATIONSHIPS)? {
        let whose: Whose = from_json(&bytes)?;
        if let (Some(id), Some(organisation), Some(anchor)) = (whose.organisation_id, whose.organisation, whose.anchor)
            && is_meant(&anchor)
        {
            let party = Party { id, name: organisation };
            found.push((name, party));
        }
    }
    Ok(found)
}
