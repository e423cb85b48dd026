//! Attached files: streamed between the platform's disk and the store.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::progress::told;
use crate::records::file_id;
use crate::{CancelHandle, Person, ProgressListener, Record, task};

#[uniffi::export]
impl Person {
    /// Takes in the file at `path` as a document. The media type follows from the name where none is given. Cancelled,
    /// it keeps nothing.
    ///
    /// Errors: `NotFound`, `StorageFull`, `Storage`.
    pub async fn attach_file(
        &self,
        path: String,
        media_type: Option<String>,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Record> {
        let (files, path) = (self.store.get()?.files(), PathBuf::from(path));
        task::run(&cancel, async move {
            Record::of(files.attach(&path, media_type, told(listener)).await?)
        })
        .await
    }

    /// Takes in bytes as a document.
    pub async fn attach_bytes(
        &self,
        name: String,
        media_type: Option<String>,
        bytes: Vec<u8>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Record> {
        let files = self.store.get()?.files();
        task::run(&cancel, async move {
            Record::of(files.attach_bytes(&name, media_type, bytes).await?)
        })
        .await
    }

    /// Writes a file to disk: whole and verified, or not at all.
    ///
    /// Errors: `NotFound`, `Corrupt` for a damaged chunk, `StorageFull`, `Storage`.
    pub async fn save_file(
        &self,
        id: String,
        path: String,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<()> {
        let (files, id, path) = (self.store.get()?.files(), file_id(&id)?, PathBuf::from(path));
        task::run(&cancel, async move { Ok(files.save(id, &path, told(listener)).await?) }).await
    }

    /// A small file's bytes. `TooLarge` above 16 MiB: save it instead.
    pub async fn read_file(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<u8>> {
        let (files, id) = (self.store.get()?.files(), file_id(&id)?);
        task::run(&cancel, async move { Ok(files.read(id).await?) }).await
    }
}
