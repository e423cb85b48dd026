//! Everything out, so that the person can leave: one state of the vault, item by item.

use std::ops::ControlFlow;

use crate::files::{self, FileReader};
use crate::record::Record;
use crate::records::read;
use crate::{Error, Result, Vault, kept};

/// An item of an export.
pub enum ExportItem {
    /// A record with all its revisions, oldest first.
    Record {
        /// The current revision.
        current: Box<Record>,
        /// All of them.
        revisions: Vec<Record>,
    },
    /// A file; each comes once, after the records.
    File(Box<FileReader>),
    /// A kept item of a collection that the caller asked for.
    Kept {
        /// Its collection.
        collection: String,
        /// Its key.
        key: String,
        /// Its value.
        value: Vec<u8>,
    },
}

impl Vault {
    /// Hands out every record, every file of a record and the kept items of these collections, all of one moment,
    /// while others may go on writing. `visit` can stop it (`Cancelled`), also by an error of its own.
    ///
    /// A file whose record is deleted meanwhile fails when it is read.
    pub fn export<E: From<Error>>(
        &self,
        collections: &[&str],
        mut visit: impl FnMut(ExportItem) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let mut connection = self.connect()?;
        let state = connection.transaction().map_err(Error::from)?;
        let mut hand_out = |item| match visit(item)? {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(E::from(Error::Cancelled)),
        };
        for id in read::ids(&state)? {
            let current = Box::new(read::current(&state, &id)?.ok_or(Error::STORE_CORRUPT)?);
            hand_out(ExportItem::Record {
                current,
                revisions: read::revisions(&state, &id)?,
            })?;
        }
        let chunks = self.chunk_store()?;
        for file in files::table::bound(&state)? {
            let found = files::table::file_ref(&state, file)?;
            let reader = FileReader::new(chunks.clone(), found, files::table::chunks_of(&state, file)?);
            hand_out(ExportItem::File(Box::new(reader)))?;
        }
        for collection in collections {
            for (key, value) in kept::all(&state, collection)? {
                hand_out(ExportItem::Kept {
                    collection: (*collection).to_owned(),
                    key,
                    value,
                })?;
            }
        }
        Ok(())
    }
}
