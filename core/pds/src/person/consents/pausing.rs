//! Pausing: one consent or everything stands still until the person lets it go on.

use kist_consent::Agreement;
use kist_consent::history::Event;
use kist_vault::Transaction;

use super::{ConsentSummary, Consents, read};
use crate::agreements::standing::{self, Standing};
use crate::home::Home;
use crate::person::relationships::recall;
use crate::{Result, agreements, history};

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
                read(home, &id)
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
                    if !standing::set_everything(changes, pause.then(|| home.platform.now()))? {
                        return Ok(());
                    }
                    recall::call_back(home, changes)?;
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
    if !standing::set_consent(changes, id, pause.then_some(now))? {
        return Ok(());
    }
    recall::call_back(home, changes)?;
    note(home, changes, Some(&kept.agreement), pause)
}

fn note(home: &Home, changes: &Transaction<'_>, agreement: Option<&Agreement>, pause: bool) -> Result<()> {
    let (organisation, agreement) = (agreement.map(agreements::party), agreement.map(Agreement::id));
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
