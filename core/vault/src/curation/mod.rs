//! Curation: what a person does with records besides writing them. Marks and the trash; fields with where they come
//! from; duplicates and conflicts; reminders; forms that are filled from the store.

mod conflicts;
mod date;
pub(crate) mod derive;
mod edit;
mod fields;
mod forms;
pub(crate) mod marks;
mod members;
mod reminders;
mod settle;
mod trash;

pub use conflicts::{ComparedMember, Conflict, ConflictKind, MAX_SIDES, Side, SideId};
pub use date::Date;
pub use fields::{Difference, FieldView, Freshness, HistoryEntry};
pub use forms::{Candidate, FilledField, FilledForm, Form, FormField, MAX_FORM_FIELDS, Want};
pub use marks::{MAX_NOTE, Mark, Marks};
pub use members::MemberChange;
pub use reminders::Reminder;
pub use settle::Settlement;
pub use trash::TRASH_DAYS;
