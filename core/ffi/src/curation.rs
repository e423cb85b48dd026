//! What the person does with records besides writing them, as it crosses the bridge: fields with their sources, marks, the
//! trash, conflicts, reminders. Days are texts as `2027-03-31`; values are texts of JSON.

use std::sync::Arc;

use crate::error::Result;
use crate::records::record_id;
use crate::{CancelHandle, KistError, Person, Provenance, Record, RecordSummary, StoredFile, json, task};

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldDetail {
    /// The member of the body, as a JSON pointer through objects: an array is one value.
    pub member: String,
    /// Its value.
    pub value: String,
    /// Where the value came from.
    pub provenance: Provenance,
    /// When the value came to be in the record, Unix milliseconds.
    pub since_ms: i64,
    /// When the person last said that it is still right, Unix milliseconds.
    pub confirmed_ms: Option<i64>,
    /// Whether it can still be taken to be right.
    pub freshness: FieldFreshness,
    /// What breaks the schema here.
    pub violations: Vec<Violation>,
}

/// Whether a value can still be taken to be right.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum FieldFreshness {
    /// Nothing speaks against it.
    Fresh,
    /// The person should confirm it.
    Stale {
        /// Since that day.
        since: String,
    },
    /// It is a date to be reminded of that has passed.
    Expired {
        /// The date.
        on: String,
    },
}

/// A place in a body that breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Violation {
    /// The place, as a JSON pointer; empty for the whole body.
    pub field: String,
    /// The rule: `Type`, `Required`, `Enum`, `Length`, `Range`, `Count`, `Format`.
    pub rule: String,
}

/// The marks on a record.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Marks {
    /// The person wants it at hand.
    pub favourite: bool,
    /// The person's note; empty where there is none.
    pub note: String,
    /// In the trash since then, Unix milliseconds.
    pub trashed_ms: Option<i64>,
    /// The record that the person chose in place of this one.
    pub replaced_by: Option<String>,
}

/// A revision and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordChange {
    /// The revision.
    pub revision: Record,
    /// What is other than in the revision that it was made from; for the first, all there is.
    pub changes: Vec<MemberChange>,
    /// The part of life before, where it was another.
    pub area_before: Option<String>,
    /// Labels that are new.
    pub tags_added: Vec<String>,
    /// Labels that are gone.
    pub tags_removed: Vec<String>,
    /// Files that are new.
    pub files_added: Vec<StoredFile>,
    /// Files that are gone.
    pub files_removed: Vec<StoredFile>,
}

/// A member in which two revisions differ.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MemberChange {
    /// The member, as a JSON pointer.
    pub member: String,
    /// Its value before; none where it was added.
    pub before: Option<String>,
    /// Its value after; none where it was removed.
    pub after: Option<String>,
}

/// A question to the person: which of these is right?
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Conflict {
    /// What they have to do with each other.
    pub kind: ConflictKind,
    /// Their schema.
    pub schema: String,
    /// What there is to choose from, oldest first: at least two.
    pub sides: Vec<ConflictSide>,
    /// What stands on the sides, member by member.
    pub members: Vec<ComparedMember>,
}

/// What the sides of a [`Conflict`] have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ConflictKind {
    /// Records that say the same, but for case and spaces.
    Duplicates,
    /// Records about the same thing that say different things.
    Differing,
    /// Revisions of one record, written on devices in ignorance of each other.
    Versions,
}

/// One of the sides of a [`Conflict`].
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictSide {
    /// What names it in a [`Settlement`].
    pub id: SideId,
    /// The record's title there.
    pub title: String,
    /// Where that revision came from.
    pub provenance: Provenance,
    /// The labels that it has there.
    pub tags: Vec<String>,
    /// The files that it has there.
    pub files: Vec<StoredFile>,
}

/// A record at one of its revisions.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SideId {
    /// The record.
    pub record: String,
    /// The revision: a name to be handed back as it is.
    pub revision: String,
}

/// A member, side by side.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ComparedMember {
    /// The member, as a JSON pointer.
    pub member: String,
    /// It says the same on all sides, but for case and spaces.
    pub same: bool,
    /// The field on each side, in the order of the sides; none where it is missing.
    pub fields: Vec<Option<FieldDetail>>,
}

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Settlement {
    /// This side is right: the others are replaced by it.
    Take {
        /// The side.
        side: SideId,
    },
    /// This side is right, with some members as they are on other sides; the others are replaced by it.
    Merge {
        /// The side that the rest comes from.
        into: SideId,
        /// The members of other sides.
        members: Vec<MemberChoice>,
    },
    /// All are right, as records of their own: nothing is asked until one of them says something else.
    AllRight,
}

/// A member as it is on one of the sides.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MemberChoice {
    /// The member, as a JSON pointer.
    pub member: String,
    /// The side that it is taken from. One that is missing there is removed.
    pub side: SideId,
}

/// Something that expires or falls due.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Reminder {
    /// The record.
    pub record: String,
    /// Its schema.
    pub schema: String,
    /// Its title.
    pub title: String,
    /// The member with the date, as a JSON pointer.
    pub member: String,
    /// The date.
    pub date: String,
    /// From which day on to remind.
    pub due: String,
    /// The date has passed.
    pub passed: bool,
}

/// A record with a value that the person should confirm.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StaleRecord {
    /// The record.
    pub record: RecordSummary,
    /// Since that day.
    pub since: String,
}

#[uniffi::export]
impl Person {
    /// The fields of a record, each with its source, date, verification, freshness and what breaks its schema.
    pub async fn record_fields(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<FieldDetail>> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move {
            records.fields(id).await?.into_iter().map(FieldDetail::of).collect()
        })
        .await
    }

    /// Everything in a record that breaks its schema: what the person kept all the same, and what came from elsewhere.
    pub async fn record_violations(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<Violation>> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move {
            Ok(records.violations(id).await?.into_iter().map(Violation::from).collect())
        })
        .await
    }

    /// Every revision of a record with what it changed, oldest first.
    pub async fn record_changes(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<RecordChange>> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move {
            records.history(id).await?.into_iter().map(RecordChange::of).collect()
        })
        .await
    }

    /// The marks on a record.
    pub async fn record_marks(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Marks> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.marks(id).await?.into()) }).await
    }

    /// Makes a record a favourite, or no longer one.
    pub async fn set_favourite(&self, id: String, favourite: bool, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.set_favourite(id, favourite).await?) }).await
    }

    /// Sets the person's note on a record; an empty one removes it. `TooLarge` above 16 KiB.
    pub async fn set_note(&self, id: String, note: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.set_note(id, &note).await?) }).await
    }

    /// The person says that a member is still right, or the whole record where none is named.
    pub async fn confirm_record(&self, id: String, member: Option<String>, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.confirm(id, member).await?) }).await
    }

    /// Records with a value that the person should confirm; the longest first.
    pub async fn stale_records(&self, limit: u32, cancel: Arc<CancelHandle>) -> Result<Vec<StaleRecord>> {
        let (records, limit) = (self.store.get()?.records(), limit as usize);
        task::run(&cancel, async move {
            let stale = records
                .stale(limit)
                .await?
                .into_iter()
                .map(|(record, since)| StaleRecord {
                    record: record.into(),
                    since: since.to_string(),
                });
            Ok(stale.collect())
        })
        .await
    }

    /// Puts a record into the trash: lists and searches leave it out until it is restored.
    pub async fn trash_record(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.trash(id).await?) }).await
    }

    /// Brings a record back that is in the trash, or replaced by another.
    pub async fn restore_record(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.restore(id).await?) }).await
    }

    /// Deletes for good what is in the trash, or what has been there for so many days; gives how many records that were.
    pub async fn empty_trash(&self, older_than_days: Option<u32>, cancel: Arc<CancelHandle>) -> Result<u64> {
        let records = self.store.get()?.records();
        task::run(&cancel, async move {
            let deleted = match older_than_days {
                Some(days) => records.purge_trash(days).await?,
                None => records.empty_trash().await?,
            };
            Ok(deleted as u64)
        })
        .await
    }

    /// Everything that the person could settle, laid side by side.
    pub async fn conflicts(&self, cancel: Arc<CancelHandle>) -> Result<Vec<Conflict>> {
        let records = self.store.get()?.records();
        task::run(&cancel, async move {
            let mut laid = Vec::new();
            for conflict in records.conflicts().await? {
                let sides = conflict.sides.iter().map(|side| side.id).collect();
                let members = records.compare(sides).await?;
                laid.push(Conflict::of(conflict, members)?);
            }
            Ok(laid)
        })
        .await
    }

    /// Settles a conflict as the person chose; `sides` are all of it. What was not chosen stays: out of sight, to be
    /// restored, or in the history.
    ///
    /// Errors: `NotFound` where a side is not what it was when the person looked, `Malformed`.
    pub async fn settle(&self, sides: Vec<SideId>, choice: Settlement, cancel: Arc<CancelHandle>) -> Result<()> {
        let records = self.store.get()?.records();
        let sides = sides.iter().map(SideId::to_core).collect::<Result<Vec<_>>>()?;
        let choice = choice.into_core()?;
        task::run(&cancel, async move { Ok(records.settle(sides, choice).await?) }).await
    }

    /// Puts off a reminder until a day.
    pub async fn snooze_reminder(
        &self,
        id: String,
        member: String,
        until: String,
        cancel: Arc<CancelHandle>,
    ) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        let until = until.parse().map_err(|_| KistError::malformed("date"))?;
        task::run(&cancel, async move { Ok(records.snooze(id, &member, until).await?) }).await
    }

    /// Ends a reminder, until there is another date in the record.
    pub async fn dismiss_reminder(&self, id: String, member: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let (records, id) = (self.store.get()?.records(), record_id(&id)?);
        task::run(&cancel, async move { Ok(records.dismiss(id, &member).await?) }).await
    }
}

impl FieldDetail {
    pub(crate) fn of(field: kist_pds::FieldView) -> Result<Self> {
        Ok(FieldDetail {
            value: json::text(&field.value)?,
            member: field.member,
            provenance: field.provenance.into(),
            since_ms: field.since_ms,
            confirmed_ms: field.confirmed_ms,
            freshness: match field.freshness {
                kist_pds::FieldFreshness::Fresh => FieldFreshness::Fresh,
                kist_pds::FieldFreshness::Stale(since) => FieldFreshness::Stale {
                    since: since.to_string(),
                },
                kist_pds::FieldFreshness::Expired(on) => FieldFreshness::Expired { on: on.to_string() },
            },
            violations: field.violations.into_iter().map(Violation::from).collect(),
        })
    }
}

impl From<kist_pds::Violation> for Violation {
    fn from(violation: kist_pds::Violation) -> Self {
        Violation {
            field: violation.field,
            rule: format!("{:?}", violation.rule),
        }
    }
}

impl From<kist_pds::Marks> for Marks {
    fn from(marks: kist_pds::Marks) -> Self {
        Marks {
            favourite: marks.favourite,
            note: marks.note,
            trashed_ms: marks.trashed_ms,
            replaced_by: marks.replaced_by.map(|id| id.to_string()),
        }
    }
}

impl RecordChange {
    fn of(entry: kist_pds::HistoryEntry) -> Result<Self> {
        let value = |value: Option<serde_json::Value>| value.map(|value| json::text(&value)).transpose();
        let change = |change: kist_pds::MemberChange| {
            Ok(MemberChange {
                member: change.member,
                before: value(change.before)?,
                after: value(change.after)?,
            })
        };
        let files = |files: Vec<kist_pds::FileRef>| files.into_iter().map(StoredFile::from).collect();
        Ok(RecordChange {
            revision: Record::of(entry.revision)?,
            changes: entry.changes.into_iter().map(change).collect::<Result<_>>()?,
            area_before: entry.area_before.map(|area| area.as_str().to_owned()),
            tags_added: entry.tags.added,
            tags_removed: entry.tags.removed,
            files_added: files(entry.files.added),
            files_removed: files(entry.files.removed),
        })
    }
}

impl Conflict {
    fn of(conflict: kist_pds::Conflict, members: Vec<kist_pds::ComparedMember>) -> Result<Self> {
        let side = |side: kist_pds::Side| ConflictSide {
            id: SideId {
                record: side.id.record.to_string(),
                revision: side.id.time.to_string(),
            },
            title: side.title,
            provenance: side.provenance.into(),
            tags: side.tags,
            files: side.files.into_iter().map(StoredFile::from).collect(),
        };
        let member = |member: kist_pds::ComparedMember| {
            let fields = member.fields.into_iter();
            Ok(ComparedMember {
                member: member.member,
                same: member.same,
                fields: fields
                    .map(|field| field.map(FieldDetail::of).transpose())
                    .collect::<Result<_>>()?,
            })
        };
        Ok(Conflict {
            kind: match conflict.kind {
                kist_pds::ConflictKind::Duplicates => ConflictKind::Duplicates,
                kist_pds::ConflictKind::Differing => ConflictKind::Differing,
                kist_pds::ConflictKind::Versions => ConflictKind::Versions,
            },
            schema: conflict.schema,
            sides: conflict.sides.into_iter().map(side).collect(),
            members: members.into_iter().map(member).collect::<Result<_>>()?,
        })
    }
}

impl SideId {
    fn to_core(&self) -> Result<kist_pds::SideId> {
        let time = self.revision.parse().map_err(|_| KistError::malformed("revision"))?;
        Ok(kist_pds::SideId {
            record: record_id(&self.record)?,
            time,
        })
    }
}

impl Settlement {
    fn into_core(self) -> Result<kist_pds::Settlement> {
        Ok(match self {
            Settlement::Take { side } => kist_pds::Settlement::Take(side.to_core()?),
            Settlement::Merge { into, members } => kist_pds::Settlement::Merge {
                into: into.to_core()?,
                members: members
                    .into_iter()
                    .map(|choice| Ok((choice.member, choice.side.to_core()?)))
                    .collect::<Result<_>>()?,
            },
            Settlement::AllRight => kist_pds::Settlement::AllRight,
        })
    }
}

impl From<kist_pds::Reminder> for Reminder {
    fn from(reminder: kist_pds::Reminder) -> Self {
        Reminder {
            record: reminder.record.to_string(),
            schema: reminder.schema,
            title: reminder.title,
            member: reminder.member,
            date: reminder.date.to_string(),
            due: reminder.due.to_string(),
            passed: reminder.passed,
        }
    }
}
