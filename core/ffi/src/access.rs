//! Standing access and files, the person's side, as they cross the bridge: what organisations asked to read, and files on
//! their way to and fro.

use std::sync::Arc;

use crate::error::Result;
use crate::records::file_id;
use crate::{CancelHandle, Person, task};

/// What became of a question by standing access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ReadState {
    /// The phone hasn't answered yet: it does when the inbox is next refreshed.
    Pending,
    /// It was answered.
    Answered,
    /// The consent didn't allow it, and the organisation was told so.
    Refused,
}

/// What an organisation asked to read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReadInfo {
    /// The id that the organisation gave it.
    pub id: String,
    /// Under which consent.
    pub consent: String,
    /// Who asked.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// What it wants to read; empty for all that was given.
    pub fields: Vec<String>,
    /// When it asked, Unix seconds by its clock: the answer is pending since then.
    pub asked_at: i64,
    /// When the question came here, Unix milliseconds.
    pub received_ms: i64,
    /// What became of it.
    pub state: ReadState,
    /// When it was decided, Unix seconds.
    pub decided_at: Option<i64>,
    /// Why it was refused: a code.
    pub code: Option<String>,
}

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TransferDirection {
    /// From here.
    Sending,
    /// To here.
    Receiving,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TransferState {
    /// It goes on with each refresh of the inbox.
    Underway,
    /// The receiver has the whole file, and found it to be what the credential says.
    Done,
    /// The receiver refused it.
    Refused,
}

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FileTransfer {
    /// Its id.
    pub id: String,
    /// Under which agreement.
    pub agreement: String,
    /// Which way it goes.
    pub direction: TransferDirection,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// The bytes that the receiver is known to have.
    pub done: u64,
    /// How far it is.
    pub state: TransferState,
    /// Why it was refused: a code.
    pub code: Option<String>,
    /// The record that has it; on the receiving side once it is done.
    pub record: Option<String>,
    /// The file in this store, where it is there.
    pub file: Option<String>,
}

#[uniffi::export]
impl Person {
    /// What organisations asked to read by standing access, the newest first: under one consent, or under all.
    pub async fn reads(&self, consent: Option<String>, cancel: Arc<CancelHandle>) -> Result<Vec<ReadInfo>> {
        let consents = self.store.get()?.consents();
        task::run(&cancel, async move {
            let reads = consents.reads(consent.as_deref()).await?;
            Ok(reads.into_iter().map(ReadInfo::from).collect())
        })
        .await
    }

    /// Sends a file of this store to an organisation, under a consent by which it may read. It goes on with each refresh of
    /// the inbox.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `TooLarge` above 100 MiB.
    pub async fn send_file(&self, consent: String, file: String, cancel: Arc<CancelHandle>) -> Result<FileTransfer> {
        let files = self.store.get()?.files();
        let file = file_id(&file)?;
        task::run(&cancel, async move { Ok(files.send(&consent, file).await?.into()) }).await
    }

    /// Files that go to organisations and come from them, with what became of each.
    pub async fn file_transfers(&self, cancel: Arc<CancelHandle>) -> Result<Vec<FileTransfer>> {
        let files = self.store.get()?.files();
        task::run(&cancel, async move {
            Ok(files.transfers().await?.into_iter().map(FileTransfer::from).collect())
        })
        .await
    }
}

impl From<kist_pds::ReadInfo> for ReadInfo {
    fn from(read: kist_pds::ReadInfo) -> Self {
        let (state, decided_at, code) = match read.state {
            kist_pds::ReadState::Pending => (ReadState::Pending, None, None),
            kist_pds::ReadState::Answered { at } => (ReadState::Answered, Some(at), None),
            kist_pds::ReadState::Refused { at, code } => (ReadState::Refused, Some(at), Some(code)),
        };
        ReadInfo {
            id: read.id,
            consent: read.consent,
            organisation: read.organisation,
            organisation_id: read.organisation_id,
            fields: read.fields.iter().map(ToString::to_string).collect(),
            asked_at: read.asked_at,
            received_ms: read.received_ms,
            state,
            decided_at,
            code,
        }
    }
}

impl From<kist_pds::FileTransfer> for FileTransfer {
    fn from(transfer: kist_pds::FileTransfer) -> Self {
        let (state, code) = match transfer.state {
            kist_pds::TransferState::Underway => (TransferState::Underway, None),
            kist_pds::TransferState::Done => (TransferState::Done, None),
            kist_pds::TransferState::Refused { code, .. } => (TransferState::Refused, Some(code)),
        };
        FileTransfer {
            id: transfer.id,
            agreement: transfer.agreement,
            direction: match transfer.direction {
                kist_pds::TransferDirection::Sending => TransferDirection::Sending,
                kist_pds::TransferDirection::Receiving => TransferDirection::Receiving,
            },
            name: transfer.name,
            media_type: transfer.media_type,
            size: transfer.size,
            done: transfer.done,
            state,
            code,
            record: transfer.record.map(|id| id.to_string()),
            file: transfer.file.map(|id| id.to_string()),
        }
    }
}
