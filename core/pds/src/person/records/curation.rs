//! What a person does with records besides writing them: marks, trash, fields with their sources, conflicts, reminders,
//! forms.

use std::collections::BTreeMap;

use kist_crypto::OsRandom;
use kist_vault::schema::{self, Violation};
use kist_vault::{
    ComparedMember, Conflict, Date, FieldView, FilledForm, Form, HistoryEntry, HybridTime, Marks, MemberChange,
    RecordId, RecordSummary, Reminder, Settlement, SideId, Transaction,
};
use serde_json::Value;

use super::{Records, delete};
use crate::Result;
use crate::home::Home;
use crate::person::standing_access::updates;

/// The day that it is for the platform, in UTC.
fn today(home: &Home) -> Date {
    Date::from_ms(home.platform.now_ms())
}

impl Records {
    /// Makes changes, now.
    async fn change<T: Send + 'static>(
        &self,
        changes: impl FnOnce(&Transaction<'_>) -> kist_vault::Result<T> + Send + 'static,
    ) -> Result<T> {
        let work = move |home: &Home| updates::transaction(home, |transaction| Ok(changes(transaction)?));
        self.home.blocking(work).await
    }

    /// The marks on a record; none where there is no such record.
    pub async fn marks(&self, id: RecordId) -> Result<Marks> {
        self.home.blocking(move |home| Ok(home.vault.marks(&id)?)).await
    }

    /// Makes a record a favourite, or no longer one.
    ///
    /// Errors: `NotFound`.
    pub async fn set_favourite(&self, id: RecordId, favourite: bool) -> Result<()> {
        self.change(move |changes| changes.set_favourite(&id, favourite)).await
    }

    /// Sets the person's note on a record; an empty one removes it.
    ///
    /// Errors: `NotFound`, `TooLarge`.
    pub async fn set_note(&self, id: RecordId, note: &str) -> Result<()> {
        let note = note.to_owned();
        self.change(move |changes| changes.set_note(&id, &note)).await
    }

    /// Puts a record into the trash: lists and searches leave it out until it is restored.
    ///
    /// Errors: `NotFound`.
    pub async fn trash(&self, id: RecordId) -> Result<()> {
        self.change(move |changes| changes.trash(&id)).await
    }

    /// Brings a record back that is in the trash, or replaced by another.
    ///
    /// Errors: `NotFound`.
    pub async fn restore(&self, id: RecordId) -> Result<()> {
        self.change(move |changes| changes.restore(&id)).await
    }

    /// Deletes everything in the trash, as [`Records::delete`] does; gives how many records that were.
    pub async fn empty_trash(&self) -> Result<usize> {
        self.delete_trashed(None).await
    }

    /// Deletes what has been in the trash for so many days or longer; [`kist_vault::TRASH_DAYS`] are usual.
    pub async fn purge_trash(&self, days: u32) -> Result<usize> {
        self.delete_trashed(Some(days)).await
    }

    async fn delete_trashed(&self, days: Option<u32>) -> Result<usize> {
        self.home
            .blocking(move |home| {
                let day_ms = 24 * 3600 * 1000;
                let until_ms = days.map_or(i64::MAX, |days| {
                    home.platform.now_ms().saturating_sub(i64::from(days) * day_ms)
                });
                updates::transaction(home, |changes| {
                    let ids = changes.trashed(until_ms)?;
                    for id in &ids {
                        delete(changes, id)?;
                    }
                    Ok(ids.len())
                })
            })
            .await
    }

    /// The fields of a record, each with its source, date, verification and freshness.
    ///
    /// Errors: `NotFound`.
    pub async fn fields(&self, id: RecordId) -> Result<Vec<FieldView>> {
        self.home
            .blocking(move |home| Ok(home.vault.fields(&id, today(home))?))
            .await
    }

    /// The person says that a value is still right, or the whole record where no member is named.
    ///
    /// Errors: `NotFound`.
    pub async fn confirm(&self, id: RecordId, member: Option<String>) -> Result<()> {
        self.change(move |changes| changes.confirm(&id, member.as_deref()))
            .await
    }

    /// Records with a value that the person should confirm, each with the day since when; the longest first.
    pub async fn stale(&self, limit: usize) -> Result<Vec<(RecordSummary, Date)>> {
        self.home
            .blocking(move |home| Ok(home.vault.stale(today(home), limit)?))
            .await
    }

    /// Every revision of a record with what it changed, oldest first.
    pub async fn history(&self, id: RecordId) -> Result<Vec<HistoryEntry>> {
        self.home.blocking(move |home| Ok(home.vault.history(&id)?)).await
    }

    /// In what members two revisions of a record differ.
    ///
    /// Errors: `NotFound`.
    pub async fn diff(&self, id: RecordId, before: HybridTime, after: HybridTime) -> Result<Vec<MemberChange>> {
        self.home
            .blocking(move |home| Ok(home.vault.diff(&id, before, after)?))
            .await
    }

    /// Everything in a body that would break its schema; nothing where the schema is not known here.
    pub fn check(&self, schema: &str, body: &Value) -> Vec<Violation> {
        schema::violations(schema, body)
    }

    /// Everything in a record that breaks its schema: what the person kept all the same, and what came from elsewhere.
    ///
    /// Errors: `NotFound`.
    pub async fn violations(&self, id: RecordId) -> Result<Vec<Violation>> {
        self.home.blocking(move |home| Ok(home.vault.violations(&id)?)).await
    }

    /// Duplicates, differing records about the same thing, and revisions that devices wrote apart: what the person could
    /// settle.
    pub async fn conflicts(&self) -> Result<Vec<Conflict>> {
        self.home.blocking(move |home| Ok(home.vault.conflicts()?)).await
    }

    /// The sides of a conflict, member by member.
    ///
    /// Errors: `NotFound`, `TooLarge`.
    pub async fn compare(&self, sides: Vec<SideId>) -> Result<Vec<ComparedMember>> {
        self.home
            .blocking(move |home| Ok(home.vault.compare(&sides, today(home))?))
            .await
    }

    /// Settles a conflict by the person's choice. Nothing is lost: what is not chosen can be restored.
    ///
    /// Errors: `NotFound` where a side is not what it was when the person looked, `Malformed`.
    pub async fn settle(&self, sides: Vec<SideId>, choice: Settlement) -> Result<()> {
        self.change(move |changes| changes.settle(&sides, &choice)).await
    }

    /// What expires or falls due until so many days from now, the first due first.
    pub async fn reminders(&self, days_ahead: u32) -> Result<Vec<Reminder>> {
        self.home
            .blocking(move |home| {
                let today = today(home);
                Ok(home.vault.reminders(today, today.plus_days(days_ahead))?)
            })
            .await
    }

    /// Puts off a reminder.
    ///
    /// Errors: `NotFound`.
    pub async fn snooze(&self, id: RecordId, member: &str, until: Date) -> Result<()> {
        let member = member.to_owned();
        self.change(move |changes| changes.snooze(&id, &member, until)).await
    }

    /// Ends a reminder, until there is another date in the record.
    ///
    /// Errors: `NotFound`.
    pub async fn dismiss(&self, id: RecordId, member: &str) -> Result<()> {
        let member = member.to_owned();
        self.change(move |changes| changes.dismiss(&id, &member)).await
    }

    /// Fills a form with what the store has, and counts what needed no typing.
    ///
    /// Errors: `TooLarge`.
    pub async fn fill(&self, form: Form) -> Result<FilledForm> {
        self.home
            .blocking(move |home| Ok(home.vault.fill(&form, today(home))?))
            .await
    }

    /// Keeps what the person answered, by the fields' names, where the store does not have it. Gives the records written.
    pub async fn keep_answers(&self, form: Form, answers: BTreeMap<String, Value>) -> Result<Vec<RecordId>> {
        self.change(move |changes| changes.keep_answers(&form, &answers, &mut OsRandom))
            .await
    }
}
