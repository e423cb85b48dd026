//! Curation: what a person does with records besides writing them: marks, trash.

pub(crate) mod marks;
mod trash;

pub use marks::{MAX_NOTE, Mark, Marks};
pub use trash::TRASH_DAYS;
