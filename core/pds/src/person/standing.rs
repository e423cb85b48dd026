//! What stands still although it was agreed: one consent or everything that the person paused, and the relationships of
//! organisations that their framework doesn't vouch for any more.
//!
//! Kept in one collection, `standing`: `everything`, `consent/` with a consent's name and `connection/` with a
//! relationship's are the person's, `relationship/` with a relationship's name is the framework's. [`super::agreements::Kept::check_use`] asks here.

use std::collections::BTreeMap;

use kist_consent::history::Event;
use kist_consent::{Agreement, Party};
use kist_trust::{NOBODY, TrustList};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use super::consents::{self, ConsentSummary, Consents, party};
use super::{agreements, relationships};
use crate::home::{Home, from_json, to_json};
use crate::trust::MemberState;
use crate::{Error, Result, history};

pub(crate) const COLLECTION: &str = "standing";
const EVERYTHING: &str = "everything";
const CONSENT: &str = "consent/";
const RELATIONSHIP: &str = "relationship/";
const CONNECTION: &str = "connection/";

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

impl Consents {
    /// Pauses one consent: until [`Consents::resume`] nothing is given by standing access, and what is delivered waits. The
    /// organisation isn't told. One that is paused already stays so.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired` where there is nothing left to pause.
    pub async fn pause(&self, id: &str) -> Result<ConsentSummary> {
        self.turn(id, true).await
    }

    /// Lets one consent go on. What waited is taken in with the next refresh of the inbox.
    ///
    /// Errors: `NotFound`.
    pub async fn resume(&self, id: &str) -> Result<ConsentSummary> {
        self.turn(id, false).await
    }

    async fn turn(&self, id: &str, pause: bool) -> Result<ConsentSummary> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| turn(home, changes, &id, pause))?;
                consents::read(home, &id)
            })
            .await
    }

    /// Pauses everything, in one act: as [`Consents::pause`] does with every consent that there is or will be, and no
    /// request is answered either.
    pub async fn pause_everything(&self) -> Result<()> {
        self.turn_everything(true).await
    }

    /// Lets everything go on, but for consents that were paused by themselves.
    pub async fn resume_everything(&self) -> Result<()> {
        self.turn_everything(false).await
    }

    /// Since when everything is paused, Unix seconds; none where it isn't.
    pub async fn everything_paused(&self) -> Result<Option<i64>> {
        self.home.blocking(|home| Standing::read(home)?.everything()).await
    }

    async fn turn_everything(&self, pause: bool) -> Result<()> {
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    if !set(changes, EVERYTHING, pause.then(|| home.platform.now()))? {
                        return Ok(());
                    }
                    note(home, changes, None, pause)
                })
            })
            .await
    }
}

fn turn(home: &Home, changes: &Transaction<'_>, id: &str, pause: bool) -> Result<()> {
    let (kept, now) = (agreements::by_id(changes, id)?, home.platform.now());
    if pause {
        kept.check_holds(now)?;
    }
    match set(changes, &format!("{CONSENT}{id}"), pause.then_some(now))? {
        true => note(home, changes, Some(&kept.agreement), pause),
        false => Ok(()),
    }
}

fn note(home: &Home, changes: &Transaction<'_>, agreement: Option<&Agreement>, pause: bool) -> Result<()> {
    let (organisation, agreement) = (agreement.map(party), agreement.map(Agreement::id));
    let event = match pause {
        true => Event::Paused {
            organisation,
            agreement,
        },
        false => Event::Resumed {
            organisation,
            agreement,
        },
    };
    history::append(changes, event, home.platform.now_ms())
}

/// Errors: `ConsentPaused` where the person paused everything.
pub(crate) fn check_everything(home: &Home) -> Result<()> {
    match Standing::read(home)?.everything()? {
        Some(since) => Err(Pause::Everything { since }.error()),
        None => Ok(()),
    }
}

/// Pauses everything in a connection, or lets it go on.
pub(super) fn set_connection(changes: &Transaction<'_>, relationship: &str, since: Option<i64>) -> Result<()> {
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
    let now = home.platform.now();
    for (relationship, organisation) in relationships::under(changes, |anchor| anchor == framework)? {
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
    for (relationship, organisation) in relationships::under(changes, |anchor| anchor.starts_with(NOBODY))? {
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
