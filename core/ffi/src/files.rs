//! Attached files: streamed between the platform's disk and the store.

use std::path::PathBuf;
use std::sync::Arc;

use kist_pds::FileMeta;

use crate::error::Result;
use crate::progress::told;
use crate::records::file_id;
use crate::{CancelHandle, Person, ProgressListener, Record, StoredFile, task};

/// What an app says of a file that it attaches.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct FileDetails {
    /// Its media type (RFC 6838); where there is none it is told from the first bytes.
    #[uniffi(default)]
    pub media_type: Option<String>,
    /// Its name, where it isn't that of its path: that of a picked photo, say, which has a path of the system's own.
    #[uniffi(default)]
    pub name: Option<String>,
    /// When it was last changed, Unix milliseconds, where its path doesn't say so.
    #[uniffi(default)]
    pub modified_ms: Option<i64>,
    /// A small picture of it.
    #[uniffi(default)]
    pub thumbnail: Option<Thumbnail>,
}

/// A small picture of a file, which the app makes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Thumbnail {
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// The picture, at most 64 KiB.
    pub bytes: Vec<u8>,
}

/// A file, and the records that have it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FileUse {
    /// The file.
    pub file: StoredFile,
    /// When it was attached, Unix milliseconds.
    pub attached_ms: i64,
    /// The ids of the records that have it in their current revision or an earlier one.
    pub records: Vec<String>,
}

/// What the files of a store take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct FileSpace {
    /// How many files records have.
    pub files: u64,
    /// Their lengths in all, in bytes.
    pub bytes: u64,
    /// What they take on the disk, in bytes: content that several have lies there once.
    pub stored: u64,
}

#[uniffi::export]
impl Person {
    /// Takes in the file at `path` as a document. Cancelled, it keeps nothing.
    ///
    /// Errors: `NotFound`, `Malformed`, `TooLarge` above 4 GiB, `StorageFull`, `Storage`.
    pub async fn attach_file(
        &self,
        path: String,
        details: FileDetails,
        listener: Option<Arc<dyn ProgressListener>>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Record> {
        let (files, path) = (self.store.get()?.files(), PathBuf::from(path));
        task::run(&cancel, async move {
            Record::of(files.attach(&path, details.into(), told(listener)).await?)
        })
        .await
    }

    /// Takes in bytes as a document.
    pub async fn attach_bytes(
        &self,
        bytes: Vec<u8>,
        details: FileDetails,
        cancel: Arc<CancelHandle>,
    ) -> Result<Record> {
        let files = self.store.get()?.files();
        task::run(&cancel, async move {
            Record::of(files.attach_bytes(bytes, details.into()).await?)
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

    /// A small file's bytes. `TooLarge` above 16 MiB: save it instead, or read ranges.
    pub async fn read_file(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Vec<u8>> {
        let (files, id) = (self.store.get()?.files(), file_id(&id)?);
        task::run(&cancel, async move { Ok(files.read(id).await?) }).await
    }

    /// A range of a file: `length` bytes from `offset` on, or as many as there are to its end. Only what they lie in is
    /// read. `TooLarge` for more than 16 MiB at once.
    pub async fn read_file_range(
        &self,
        id: String,
        offset: u64,
        length: u64,
        cancel: Arc<CancelHandle>,
    ) -> Result<Vec<u8>> {
        let (files, id) = (self.store.get()?.files(), file_id(&id)?);
        task::run(&cancel, async move { Ok(files.read_range(id, offset, length).await?) }).await
    }

    /// The small picture of a file, where it has one.
    pub async fn file_thumbnail(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Option<Thumbnail>> {
        let (files, id) = (self.store.get()?.files(), file_id(&id)?);
        task::run(
            &cancel,
            async move { Ok(files.thumbnail(id).await?.map(Thumbnail::from)) },
        )
        .await
    }

    /// Sets the small picture of a file, in place of the one that it has.
    ///
    /// Errors: `NotFound`, `TooLarge` above 64 KiB, `Malformed`.
    pub async fn set_file_thumbnail(&self, id: String, thumbnail: Thumbnail, cancel: Arc<CancelHandle>) -> Result<()> {
        let (files, id) = (self.store.get()?.files(), file_id(&id)?);
        task::run(
            &cancel,
            async move { Ok(files.set_thumbnail(id, thumbnail.into()).await?) },
        )
        .await
    }

    /// Every file with the records that have it, in the order in which they came.
    pub async fn list_files(&self, cancel: Arc<CancelHandle>) -> Result<Vec<FileUse>> {
        let files = self.store.get()?.files();
        task::run(&cancel, async move {
            Ok(files.list().await?.into_iter().map(FileUse::from).collect())
        })
        .await
    }

    /// What all files take.
    pub async fn file_space(&self, cancel: Arc<CancelHandle>) -> Result<FileSpace> {
        let files = self.store.get()?.files();
        task::run(&cancel, async move { Ok(files.space().await?.into()) }).await
    }
}

impl From<FileDetails> for FileMeta {
    fn from(details: FileDetails) -> Self {
        FileMeta {
            name: details.name.unwrap_or_default(),
            media_type: details.media_type,
            modified_ms: details.modified_ms,
            thumbnail: details.thumbnail.map(Into::into),
        }
    }
}

impl From<Thumbnail> for kist_pds::Thumbnail {
    fn from(Thumbnail { media_type, bytes }: Thumbnail) -> Self {
        kist_pds::Thumbnail { media_type, bytes }
    }
}

impl From<kist_pds::Thumbnail> for Thumbnail {
    fn from(kist_pds::Thumbnail { media_type, bytes }: kist_pds::Thumbnail) -> Self {
        Thumbnail { media_type, bytes }
    }
}

impl From<kist_pds::FileUse> for FileUse {
    fn from(used: kist_pds::FileUse) -> Self {
        FileUse {
            file: used.file.into(),
            attached_ms: used.created_ms,
            records: used.records.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<kist_pds::FileSpace> for FileSpace {
    fn from(space: kist_pds::FileSpace) -> Self {
        FileSpace {
            files: space.files,
            bytes: space.bytes,
            stored: space.stored,
        }
    }
}
