//! A store made anew in the place of an old one: every page sealed under a new page key.

use std::ops::ControlFlow;
use std::path::Path;

use kist_crypto::SealingKey;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::folder::with_suffix;
use super::{Error, Result, Vfs, store_id};

/// Pages that are copied between two calls of `progress`.
const STEP: i32 = 256;

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Pages copied.
    pub(crate) done: u64,
    /// Pages that there are.
    pub(crate) total: u64,
}

impl Vfs {
    /// Copies the store at `path` into a new file, page by page, and puts that in its place. No connection to it may be
    /// open. The store keeps its id; `store_key` wraps the new page key, and it alone opens the store then.
    pub(super) fn reseal(
        self,
        path: &Path,
        store_key: &SealingKey,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<()> {
        let fresh = self.clear_fresh(path)?;
        let copied = self.copy_into(&fresh, path, store_key, progress);
        if copied.is_err() {
            // What stays is removed before the next attempt, and at the next opening.
            let _ = self.clear_fresh(path);
        }
        copied?;
        Ok(self.folder.rename(&fresh, path)?)
    }

    fn copy_into(
        self,
        fresh: &Path,
        path: &Path,
        store_key: &SealingKey,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<()> {
        let source = self.open(path, store_key)?;
        let mut target = self.connect_fresh(fresh, store_id(&source)?, store_key)?;
        // Nothing in it is worth rolling back to. The last step syncs what was written.
        target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON")?;
        copy(&source, &mut target, progress)?;
        target.close().map_err(|(_, error)| error)?;
        // The last connection folds its log in and removes it.
        source.close().map_err(|(_, error)| error)?;
        if self.folder.exists(&with_suffix(path, "-wal")) {
            return Err(Error::InUse);
        }
        Ok(())
    }
}

fn copy(
    source: &Connection,
    target: &mut Connection,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    let backup = Backup::new(source, target)?;
    loop {
        let step = backup.step(STEP)?;
        let pages = |count: i32| u64::try_from(count).unwrap_or(0);
        let state = backup.progress();
        let total = pages(state.pagecount);
        let done = total.saturating_sub(pages(state.remaining));
        if progress(Progress { done, total }).is_break() {
            return Err(Error::Cancelled);
        }
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(Error::InUse),
        }
    }
}
